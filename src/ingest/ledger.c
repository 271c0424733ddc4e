/* ledger.c - what was taken, brought and waits, by source. See ingest_ledger.h.
 *
 * `through` is the position behind the last record noted as taken, `loaded` behind the last
 * noted as brought. Each may be ahead of the other: a record is durable, and may be loaded,
 * before its sender is answered. At any instant, for every source:
 *
 *     base + taken - brought = items of the journal in [loaded, through)
 *
 * where items in [through, loaded) count as negative ones, and base is what waited when this
 * reckoning began. */
#include "collaudo/ingest_ledger.h"

#include "collaudo/ingest_record.h"
#include "sources_int.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Since the process started; one per figure of /metrics. */
struct totals {
    uint64_t received, accepted, refused, dropped;                         /* doors */
    uint64_t loaded, duplicates, quarantined, reread, heartbeats, skipped; /* loader */
};

struct line {
    int64_t       workspace, source;
    struct totals sum;
    int64_t       waiting; /* base + taken - brought */
    usec_t        heard;   /* when something was taken last; 0: not yet */
};

/* By workspace and source, in order. */
struct lines {
    struct line *v;
    size_t       n, cap;
};

struct ingest_ledger {
    struct journal *journal;
    pthread_mutex_t lock;
    struct lines    all;
    uint64_t        through, loaded;
    bool            stands;  /* the loader has said where the database is */
    bool            counted; /* base is in `waiting` */
    bool            starved; /* a line found no memory: nothing is known any more */
    unsigned        round;   /* of reckoning: a base that was counted for another is thrown away */
};

struct ingest_ledger *
ingest_ledger_new(struct journal *j)
{
    struct ingest_ledger *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    pthread_mutex_init(&l->lock, NULL);
    l->journal = j;
    l->through = journal_durable(j);
    return l;
}

void
ingest_ledger_close(struct ingest_ledger *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l->all.v);
    free(l);
}

/* --- lines -------------------------------------------------------------------------- */

/* The line of a source, or NULL; *ret_at: where it is or belongs. */
static struct line *
find_line(const struct lines *all, int64_t workspace, int64_t source, size_t *ret_at)
{
    size_t low = 0, high = all->n;

    while (low < high) {
        size_t             mid = low + (high - low) / 2;
        const struct line *x = &all->v[mid];

        *ret_at = mid;
        if (x->workspace == workspace && x->source == source)
            return &all->v[mid];
        if (x->workspace < workspace || (x->workspace == workspace && x->source < source))
            low = mid + 1;
        else
            high = mid;
    }
    *ret_at = low;
    return NULL;
}

/* Made when it is new; NULL: no memory. */
static struct line *
line_of(struct lines *all, int64_t workspace, int64_t source)
{
    size_t       at = 0;
    struct line *there = find_line(all, workspace, source, &at);

    if (there)
        return there;
    if (all->n == all->cap) {
        size_t       cap = all->cap ? all->cap * 2 : 16;
        struct line *v = realloc(all->v, cap * sizeof *v);

        if (!v)
            return NULL;
        all->v = v;
        all->cap = cap;
    }
    memmove(&all->v[at + 1], &all->v[at], (all->n - at) * sizeof *all->v);
    all->n++;
    all->v[at] = (struct line){ .workspace = workspace, .source = source };
    return &all->v[at];
}

/* --- noting ------------------------------------------------------------------------- */

void
ingest_ledger_take(struct ingest_ledger *l, const struct ingest_intake *in, uint64_t after)
{
    usec_t now = time_now();

    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < in->shares_n; i++) {
        const struct ingest_share *s = &in->shares[i];
        struct line               *x = line_of(&l->all, in->workspace, s->source);

        if (!x) {
            l->starved = true;
            continue;
        }
        x->sum.received += s->accepted + s->rejected;
        x->sum.accepted += s->accepted;
        x->sum.refused += s->rejected;
        x->sum.dropped += s->dropped;
        x->waiting += (int64_t)(s->accepted + s->rejected);
        x->heard = now;
    }
    l->through = after;
    pthread_mutex_unlock(&l->lock);
}

void
ingest_ledger_bring(struct ingest_ledger *l, const struct ingest_brought *b, size_t n,
                    uint64_t after)
{
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < n; i++) {
        struct line *x = line_of(&l->all, b[i].workspace, b[i].source);

        if (!x) {
            l->starved = true;
            continue;
        }
        x->sum.loaded += b[i].loaded;
        x->sum.duplicates += b[i].duplicates;
        x->sum.quarantined += b[i].quarantined;
        x->sum.reread += b[i].reread;
        x->sum.heartbeats += b[i].heartbeats;
        x->sum.skipped += b[i].skipped;
        x->waiting -= (int64_t)(b[i].loaded + b[i].duplicates + b[i].quarantined + b[i].reread +
                                b[i].heartbeats + b[i].skipped);
    }
    l->loaded = after;
    pthread_mutex_unlock(&l->lock);
}

void
ingest_ledger_stands(struct ingest_ledger *l, uint64_t position)
{
    pthread_mutex_lock(&l->lock);
    if (!l->stands || l->loaded != position) {
        for (size_t i = 0; i < l->all.n; i++)
            l->all.v[i].waiting = 0;
        l->loaded = position;
        l->stands = true;
        l->counted = false;
        l->round++;
    }
    pthread_mutex_unlock(&l->lock);
}

/* --- counting in the journal ------------------------------------------------------------- */

static bool
count_record(struct lines *all, const struct journal_record *rec, int sign)
{
    struct ingest_record      r;
    struct ingest_record_item item;
    struct err                e = ERR_INIT;

    if (!ingest_record_open(rec->payload, rec->len, &r, &e))
        return false;
    while (r.left) {
        if (!ingest_record_next(&r, &item, &e))
            return false;
        struct line *x = line_of(all, r.workspace, item.source);
        if (!x)
            return false;
        x->waiting += sign;
    }
    return true;
}

/* The items between two positions, added with the sign of their order. */
static bool
count_between(struct journal *j, uint64_t loaded, uint64_t through, bool (*stop)(void *), void *ctx,
              struct lines *all)
{
    uint64_t               from = loaded < through ? loaded : through;
    uint64_t               to = loaded < through ? through : loaded;
    struct journal_reader *opened;
    struct journal_record  rec;
    struct err             e = ERR_INIT;

    if (from == to)
        return true;
    if (!journal_reader_open(j, from, &opened, &e))
        return false;
    AUTO(journal_reader) *r = opened;
    for (uint64_t at = from; at < to; at = rec.after)
        if ((stop && stop(ctx)) || !journal_read(r, &rec, &e) || !rec.payload ||
            !count_record(all, &rec, loaded < through ? 1 : -1))
            return false;
    return true;
}

bool
ingest_ledger_begin(struct ingest_ledger *l, bool (*stop)(void *ctx), void *ctx)
{
    struct lines base = { .n = 0 };

    pthread_mutex_lock(&l->lock);
    uint64_t loaded = l->loaded, through = l->through;
    unsigned round = l->round;
    bool     due = l->stands && !l->counted;
    /* what was noted since it was said where the database stands is in [loaded, through) too */
    for (size_t i = 0; due && i < l->all.n; i++)
        l->all.v[i].waiting = 0;
    pthread_mutex_unlock(&l->lock);
    if (!due)
        return true;
    bool ok = count_between(l->journal, loaded, through, stop, ctx, &base);
    pthread_mutex_lock(&l->lock);
    if (ok && round == l->round) {
        for (size_t i = 0; i < base.n; i++) {
            struct line *x = line_of(&l->all, base.v[i].workspace, base.v[i].source);

            if (x)
                x->waiting += base.v[i].waiting;
            else
                l->starved = true;
        }
        l->counted = true;
    }
    ok = l->counted;
    pthread_mutex_unlock(&l->lock);
    free(base.v);
    return ok;
}

/* --- asking ------------------------------------------------------------------------------ */

bool
ingest_ledger_waiting(struct ingest_ledger *l, uint64_t *ret)
{
    int64_t sum = 0;

    pthread_mutex_lock(&l->lock);
    bool known = l->counted && !l->starved;
    for (size_t i = 0; i < l->all.n; i++)
        sum += l->all.v[i].waiting;
    pthread_mutex_unlock(&l->lock);
    if (known)
        *ret = sum > 0 ? (uint64_t)sum : 0;
    return known;
}

usec_t
ingest_ledger_heard(struct ingest_ledger *l, int64_t workspace, int64_t source)
{
    size_t at = 0;

    pthread_mutex_lock(&l->lock);
    const struct line *x = find_line(&l->all, workspace, source, &at);
    usec_t             heard = x ? x->heard : 0;
    pthread_mutex_unlock(&l->lock);
    return heard;
}

/* A copy of all lines; false: nothing to be had. */
static bool
copy_lines(struct ingest_ledger *l, struct lines *ret, uint64_t *ret_loaded, uint64_t *ret_through,
           bool *ret_known)
{
    struct lines copy = { .n = 0 };

    pthread_mutex_lock(&l->lock);
    if (l->all.n && (copy.v = malloc(l->all.n * sizeof *copy.v))) {
        memcpy(copy.v, l->all.v, l->all.n * sizeof *copy.v);
        copy.n = copy.cap = l->all.n;
    }
    bool ok = copy.n == l->all.n;
    *ret_loaded = l->loaded;
    *ret_through = l->through;
    *ret_known = l->counted && !l->starved;
    pthread_mutex_unlock(&l->lock);
    *ret = copy;
    return ok;
}

/* Every line of `from` in `to` too. */
static bool
line_up(struct lines *to, const struct lines *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (!line_of(to, from->v[i].workspace, from->v[i].source))
            return false;
    return true;
}

static enum ingest_balance
compare(const struct lines *noted, const struct lines *there, char ret_why[240])
{
    for (size_t i = 0; i < noted->n; i++) {
        const struct line *a = &noted->v[i], *b = &there->v[i];

        if (a->waiting == b->waiting)
            continue;
        snprintf(ret_why, 240,
                 "source %" PRId64 " of workspace %" PRId64 ": %" PRId64
                 " items should wait to be loaded, %" PRId64 " do",
                 a->source, a->workspace, a->waiting, b->waiting);
        return INGEST_BALANCE_OFF;
    }
    return INGEST_BALANCE_EVEN;
}

enum ingest_balance
ingest_ledger_check(struct ingest_ledger *l, uint64_t most, char ret_why[240])
{
    struct lines        noted, there = { .n = 0 };
    uint64_t            loaded, through;
    bool                known;
    enum ingest_balance b = INGEST_BALANCE_UNKNOWN;

    if (!copy_lines(l, &noted, &loaded, &through, &known))
        return b;
    uint64_t bytes = loaded < through ? through - loaded : loaded - through;
    if (known && bytes <= most && count_between(l->journal, loaded, through, NULL, NULL, &there) &&
        line_up(&noted, &there) && line_up(&there, &noted))
        b = compare(&noted, &there, ret_why);
    free(noted.v);
    free(there.v);
    return b;
}

/* --- for Prometheus -------------------------------------------------------------------------- */

void
ingest_put_label(struct str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            str_addc(out, '\\');
        if (*text == '\n')
            str_add(out, "\\n");
        else
            str_addc(out, *text);
    }
}

static void
put_source(struct str *out, struct ingest_sources *sources, const struct line *x)
{
    const struct ingest_source *s = ingest_sources_get(sources, x->workspace, x->source);

    str_addf(out, "{workspace=\"%" PRId64 "\",source=\"", x->workspace);
    if (s) {
        ingest_put_label(out, s->name);
    } else {
        str_addc(out, '#');
        str_addi(out, x->source);
    }
    str_add(out, "\"} ");
    ingest_sources_put(sources, s);
}

void
ingest_ledger_metrics(struct ingest_ledger *l, struct ingest_sources *sources, struct str *out)
{
    /* clang-format off */
#define AT(member) offsetof(struct line, sum.member)
    static const struct {
        const char *name, *help;
        size_t      at;
    } rows[] = {
        { "source_received_total",    "events and heartbeats sent, durable", AT(received) },
        { "source_accepted_total",    "of those, accepted",                  AT(accepted) },
        { "source_refused_total",     "of those, to quarantine",             AT(refused) },
        { "properties_dropped_total", "members and properties of accepted events that are not kept",
                                                                             AT(dropped) },
        { "source_loaded_total",      "events stored",                       AT(loaded) },
        { "source_duplicates_total",  "events that were there",              AT(duplicates) },
        { "source_quarantined_total", "stored in quarantine",                AT(quarantined) },
        { "source_reread_total",      "lines imported before",               AT(reread) },
        { "source_heartbeats_total",  "heartbeats loaded",                   AT(heartbeats) },
        { "source_skipped_total",     "left out: the source is gone",        AT(skipped) },
    };
#undef AT
    /* clang-format on */
    struct lines all;
    uint64_t     loaded, through;
    bool         known;

    if (!copy_lines(l, &all, &loaded, &through, &known))
        return;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        str_addf(out, "# HELP collaudo_%s %s\n# TYPE collaudo_%s counter\n", rows[k].name,
                 rows[k].help, rows[k].name);
        for (size_t i = 0; i < all.n; i++) {
            uint64_t v;

            memcpy(&v, (const char *)&all.v[i] + rows[k].at, sizeof v);
            str_addf(out, "collaudo_%s", rows[k].name);
            put_source(out, sources, &all.v[i]);
            str_addf(out, "%" PRIu64 "\n", v);
        }
    }
    if (known) {
        str_add(out, "# HELP collaudo_source_waiting durable and not loaded\n"
                     "# TYPE collaudo_source_waiting gauge\n");
        for (size_t i = 0; i < all.n; i++) {
            str_add(out, "collaudo_source_waiting");
            put_source(out, sources, &all.v[i]);
            str_addf(out, "%" PRId64 "\n", all.v[i].waiting);
        }
    }
    free(all.v);
}
