/* house.c - a small house for tests of the way in. See house.h. */
#include "house.h"

#include "t.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char people_sql[] =
    "insert into workspace (workspace_id, code, name, made_at)"
    " overriding system value values (1, 'acme', 'Acme', '2026-01-01');"
    "insert into tool (workspace_id, code, name) values (1, 'suite', 'Suite');"
    "insert into pilot (workspace_id, code, name, state, tz, start_day, end_day, value_like,"
    " charter, charter_hash, sealed_at, made_at, changed_at)"
    " values (1, 'p', 'P', 'sealed', 'Europe/Rome', '2026-03-02', '2026-05-30',"
    " array['contact.%', 'deal.%'], '{}', decode(repeat('00', 32), 'hex'), '2026-01-01',"
    " '2026-01-01', '2026-01-01');"
    "insert into source (workspace_id, pilot_id, tool_id, code, made_at)"
    " select 1, 1, 1, c, '2026-01-01' from unnest(array['crm', 'billing', 'tickets']) as c;";

/* Counting as far as these tests look at it, where the schema does not bring its own. */
static const char rollup_sql[] =
    "do $do$ begin if to_regproc('collaudo.rollup_days') is null then"
    " create function collaudo.rollup_days(w bigint, s bigint, days date[]) returns void"
    " language plpgsql set search_path = collaudo as $f$ begin"
    "  delete from usage_day u where u.workspace_id = w and u.source_id = s and u.day = any(days);"
    "  insert into usage_day (workspace_id, pilot_id, day, source_id, aid, feature, kind, events,"
    "                         value_events)"
    "  select w, p.pilot_id, (e.happened_at at time zone p.tz)::date as d, s, e.aid, e.feature,"
    "         'unknown', count(*), count(*) filter (where e.action like any (p.value_like))"
    "  from event e join source c on c.workspace_id = w and c.source_id = s"
    "  join pilot p on p.workspace_id = w and p.pilot_id = c.pilot_id"
    "  where e.workspace_id = w and e.source_id = s and e.aid is not null"
    "    and (e.happened_at at time zone p.tz)::date = any(days)"
    "  group by p.pilot_id, d, e.aid, e.feature; end $f$;"
    " grant execute on function collaudo.rollup_days to collaudo_loader; end if; end $do$";

static void
must(bool ok, const char *what, const struct err *e)
{
    if (ok)
        return;
    fprintf(stderr, "house: %s: %s\n", what, e->text);
    exit(1);
}

static usec_t
fixed_now(void)
{
    return HOUSE_NOW;
}

static struct house
open_in(struct pg pg, const char *dir)
{
    struct house        h = { .pg = pg, .now = HOUSE_NOW };
    struct err          e = ERR_INIT;
    char                path[96];
    struct journal_opts o;

    snprintf(h.dir, sizeof h.dir, "%s", dir);
    snprintf(path, sizeof path, "%s/journal", dir);
    o = journal_defaults(path);
    o.segment_bytes = 1 << 20;
    o.min_free = 0;
    must(vault_open(dir, &h.vault, &e), "vault", &e);
    must(journal_open(&o, &h.journal, &e), "journal", &e);
    must(worker_introduce(h.pg.conninfo, h.journal, true, HOUSE_NOW, &e), "introduce", &e);
    const struct hash_key *key;
    must(vault_key(h.vault, 1, 1, true, &key, &e), "key", &e);
    h.sources = ingest_sources_new(h.vault);
    must(ingest_sources_load(h.sources, pg_loader(&h.pg), &e), "sources", &e);
    h.ledger = ingest_ledger_new(h.journal);
    h.opts = (struct worker_opts){ .conninfo = NULL,
                                   .ledger = h.ledger,
                                   .journal = h.journal,
                                   .vault = h.vault,
                                   .rollup_pause = USEC_SECOND / 100,
                                   .now = fixed_now };
    arena_init(&h.mem, (size_t)512 << 20);
    return h;
}

struct house
house_make(void)
{
    struct pg pg = pg_fresh();
    char      dir[] = "/tmp/house.XXXXXX";

    pg_sql(&pg, "%s", people_sql);
    pg_sql(&pg, "%s", rollup_sql);
    if (!mkdtemp(dir))
        exit(1);
    return open_in(pg, dir);
}

struct house
house_join(const struct pg *pg, const char *dir)
{
    struct pg copy = *pg;

    copy.app = copy.loader = NULL;
    return open_in(copy, dir);
}

void
house_leave(struct house *h)
{
    house_stop(h);
    ingest_sources_close(h->sources);
    ingest_ledger_close(h->ledger);
    journal_close(h->journal);
    vault_close(h->vault);
    db_close(h->pg.app);
    db_close(h->pg.loader);
    h->pg.app = h->pg.loader = NULL;
    arena_free(&h->mem);
}

void
house_drop(struct house *h)
{
    char cmd[96];

    house_leave(h);
    pg_drop(&h->pg);
    snprintf(cmd, sizeof cmd, "rm -rf %s", h->dir);
    if (system(cmd))
        exit(1);
}

/* --- sending --------------------------------------------------------------------- */

struct waiting {
    pthread_mutex_t             lock;
    pthread_cond_t              cond;
    int                         state; /* 0: waiting, 1: durable, -1: refused */
    struct ingest_ledger       *ledger;
    const struct ingest_intake *in; /* NULL: no request */
};

static void
answered(void *ctx, bool ok, uint64_t after)
{
    struct waiting *w = ctx;

    if (ok && w->in)
        ingest_ledger_take(w->ledger, w->in, after);
    pthread_mutex_lock(&w->lock);
    w->state = ok ? 1 : -1;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

static void
append_bytes(struct house *h, const void *record, size_t n, const struct ingest_intake *in)
{
    struct waiting w = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, h->ledger, in };
    struct err     e = ERR_INIT;

    must(journal_append(h->journal, record, n, answered, &w, &e), "append", &e);
    pthread_mutex_lock(&w.lock);
    while (!w.state)
        pthread_cond_wait(&w.cond, &w.lock);
    pthread_mutex_unlock(&w.lock);
    must(w.state > 0, "the journal refused", &e);
}

void
house_append(struct house *h, const void *record, size_t n)
{
    append_bytes(h, record, n, NULL);
}

static void
append(struct house *h)
{
    h->received += h->in.received;
    h->accepted += h->in.accepted;
    h->rejected += h->in.rejected;
    if (h->in.record)
        append_bytes(h, h->in.record, h->in.record_n, &h->in);
}

static const struct ingest_source *
source_of(struct house *h, const char *name)
{
    const struct ingest_source *s = ingest_sources_named(h->sources, 1, name, strlen(name));
    struct err                  e = ERR_INIT;

    must(s != NULL, name, &e);
    return s;
}

void
house_sendn(struct house *h, const char *source, const void *body, size_t n)
{
    static const struct ingest_form form = { .dialect = INGEST_NATIVE, .cut = JSON_AUTO };
    const struct ingest_source     *s = source_of(h, source);
    struct err                      e = ERR_INIT;

    arena_reset(&h->mem);
    must(ingest_take(s, &form, body, n, h->now, &h->mem, &h->in, &e), "take", &e);
    ingest_sources_put(h->sources, s);
    append(h);
}

void
house_send(struct house *h, const char *source, const char *body)
{
    house_sendn(h, source, body, strlen(body));
}

void
house_beat(struct house *h, const char *source, const char *body)
{
    const struct ingest_source *s = source_of(h, source);
    struct err                  e = ERR_INIT;

    arena_reset(&h->mem);
    must(ingest_heartbeat_take(s, body, strlen(body), h->now, &h->mem, &h->in, &e), "beat", &e);
    ingest_sources_put(h->sources, s);
    append(h);
}

void
house_import(struct house *h, const char *source, bool replay, struct ingest_frames *f)
{
    const struct ingest_source *s = source_of(h, source);
    struct err                  e = ERR_INIT;
    size_t                      n;
    const void                 *body = ingest_frames_body(f, &n);

    arena_reset(&h->mem);
    must(ingest_import_take(s, h->sources, replay, body, n, h->now, &h->mem, &h->in, &e), "import",
         &e);
    ingest_sources_put(h->sources, s);
    append(h);
    ingest_frames_clear(f);
}

char *
house_events(int from, int to, const char *word)
{
    size_t cap = (size_t)(to - from) * 220 + 16, n = 0;
    char  *body = malloc(cap);

    body[n++] = '[';
    for (int i = from; i < to; i++)
        n += (size_t)snprintf(body + n, cap - n,
                              "%s{\"id\":\"e%05d\",\"time\":\"2026-03-%02dT0%d:30:00Z\",\"user\":"
                              "\"U%02d@Azienda.example\",\"action\":\"%s\",\"object_type\":"
                              "\"contact\",\"object_id\":%d}",
                              i == from ? "" : ",", i, 2 + i % 7, i % 10, i % 20, word, i);
    body[n++] = ']';
    body[n] = 0;
    return body;
}

void
house_send_many(struct house *h, const char *source, int from, int to, const char *word)
{
    char *body = house_events(from, to, word);

    house_send(h, source, body);
    free(body);
}

int64_t
house_count(struct house *h, const char *what)
{
    return pg_int(&h->pg, "select count(*) from %s", what);
}

/* --- the worker --------------------------------------------------------------------- */

void
house_start(struct house *h)
{
    struct err e = ERR_INIT;

    h->opts.conninfo = h->pg.conninfo;
    must(worker_start(&h->opts, &h->worker, &e), "worker", &e);
}

void
house_stop(struct house *h)
{
    worker_stop(h->worker);
    h->worker = NULL;
}

void
house_work(struct house *h)
{
    struct err e = ERR_INIT;

    if (!h->worker)
        house_start(h);
    if (worker_settled(h->worker, 60 * USEC_SECOND))
        return;
    struct worker_stats s = house_stats(h);
    err_set(&e, ERR_TIMEOUT, "backlog %llu: %s", (unsigned long long)s.backlog, s.why);
    must(false, "not settled", &e);
}

struct worker_stats
house_stats(struct house *h)
{
    struct worker_stats s;

    worker_stats(h->worker, &s);
    return s;
}

void
house_conserved(struct house *h)
{
    struct worker_stats s = house_stats(h);

    CHECK_I(h->received, h->accepted + h->rejected);
    CHECK_I(s.loaded + s.duplicates + s.conflicts + s.refused + s.reread + s.skipped + s.heartbeats,
            h->accepted);
    CHECK_I(s.quarantined + s.reread_bad + s.skipped_bad, h->rejected);

    /* and by source, against the journal */
    uint64_t waiting = 1;
    char     why[240] = "";
    CHECK(ingest_ledger_begin(h->ledger, NULL, NULL));
    CHECK_I(ingest_ledger_check(h->ledger, UINT64_MAX, why), INGEST_BALANCE_EVEN);
    CHECK_S(why, "");
    CHECK(ingest_ledger_waiting(h->ledger, &waiting));
    CHECK_I(waiting, 0);
}
