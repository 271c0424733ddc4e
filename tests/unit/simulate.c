/* simulate.c - the invented pilot: the same bytes from the same seed, a truth that fits the
 * lines a strict reader finds, and a team that behaves as its profile says. */
#include "t.h"

#include "collaudo/calendar.h"
#include "collaudo/event.h"
#include "collaudo/simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena mem;

static const struct simulate_opts usual = {
    .profile = "healthy", .pilot = "prova", .seed = 1, .people = 20, .days = 90
};

static struct simulate_opts
opts(const char *profile, int64_t seed, int32_t people, int32_t days)
{
    struct simulate_opts o = usual;
    struct err           e = ERR_INIT;

    o.profile = profile;
    o.seed = seed;
    o.people = people;
    o.days = days;
    o.start = time_day(2026, 3, 2);
    CHECK(time_zone_find("Europe/Rome", &o.zone, &e));
    return o;
}

/* What a run amounts to. */
struct sum {
    uint8_t      lines[32], yaml[32], truth[32]; /* digests */
    int64_t      n;
    const cJSON *doc; /* the truth */
};

typedef void line_fn(void *ctx, const struct simulate_line *l);

static struct sum
run(const struct simulate_opts *o, line_fn *fn, void *ctx)
{
    struct simulate     *s = NULL;
    struct simulate_line l;
    struct err           e = ERR_INIT;
    struct sum           r = { .n = 0 };
    struct str           text;
    struct hash_id       h = { { 0 } };
    bool                 end = false;
    char                 buf[sizeof h + SIMULATE_MOST_REPLAY];

    if (!CHECK(simulate_new(o, &s, &e))) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    while (CHECK(simulate_next(s, &l, &end, &e)) && !end) {
        r.n++;
        memcpy(buf, &h, sizeof h); /* a chain: one digest for all, in their order */
        h = hash_of(buf, sizeof h + simulate_replay_line(&l, buf + sizeof h));
        if (fn)
            fn(ctx, &l);
    }
    memset(r.lines, 0, sizeof r.lines);
    memcpy(r.lines, &h, sizeof h);
    str_init(&text, &mem);
    simulate_declaration(s, &text);
    hash_sha256(text.p, text.n, r.yaml);
    str_init(&text, &mem);
    simulate_truth(s, &text);
    hash_sha256(text.p, text.n, r.truth);
    CHECK(json_parse(&mem, text.p, text.n, &r.doc, &e));
    simulate_close(s);
    return r;
}

static int64_t
whole(const cJSON *object, const char *name)
{
    int64_t v = INT64_MIN;

    CHECK(json_int(object, name, &v));
    return v;
}

/* --- the same bytes -------------------------------------------------------------------- */

/* From any machine and compiler. They change with the generator, and only then. */
static void
test_same_seed_same_bytes(void)
{
    static const struct {
        const char *profile;
        int64_t     seed;
        int32_t     people, days;
        const char *lines, *yaml, *truth; /* beginnings */
    } row[] = {
        { "healthy", 1, 20, 90, "fea6fd07462e8da0", "96edb9fa4ad67d0b", "31db0f49d8c83762" },
        { "faulty", 42, 300, 40, "2026445955ca7c08", "9ca96822c24e50ed", "20b7d0084e1ff659" },
        { "shelfware", INT64_MAX, 3, 400, "ec23c365ab5ddc11", "8d8b5b2955bb5a55",
          "1cd16b03ad010ed2" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct simulate_opts o = opts(row[i].profile, row[i].seed, row[i].people, row[i].days);
        struct sum           a = run(&o, NULL, NULL), b = run(&o, NULL, NULL);
        char                 hex[17];

        t_row = row[i].profile;
        CHECK(a.n == b.n && memcmp(a.lines, b.lines, 32) == 0);
        CHECK(memcmp(a.yaml, b.yaml, 32) == 0 && memcmp(a.truth, b.truth, 32) == 0);
        hash_hex(a.lines, 8, hex);
        CHECK_S(hex, row[i].lines);
        hash_hex(a.yaml, 8, hex);
        CHECK_S(hex, row[i].yaml);
        hash_hex(a.truth, 8, hex);
        CHECK_S(hex, row[i].truth);
        arena_reset(&mem);
    }
    t_row = NULL;
}

static void
test_seeds_differ(void)
{
    struct simulate_opts o = opts("healthy", 1, 20, 30), p = opts("healthy", 2, 20, 30);
    struct sum           a = run(&o, NULL, NULL), b = run(&p, NULL, NULL);

    CHECK(memcmp(a.lines, b.lines, 32) != 0);
    CHECK(memcmp(a.yaml, b.yaml, 32) != 0);
    CHECK(memcmp(a.truth, b.truth, 32) != 0);
    p = o;
    p.pilot = "altra"; /* the same events under another name */
    b = run(&p, NULL, NULL);
    CHECK(memcmp(a.lines, b.lines, 32) == 0);
}

/* --- a strict reader ---------------------------------------------------------------------- */

struct reader {
    struct arena    sub;
    char          **id; /* "source id" of what was taken */
    struct hash_id *hash;
    size_t          n, cap;
    int64_t         refused[EVENT_DROP_MAX + 1], received[SIMULATE_SOURCES];
    usec_t          last, first;
    int64_t         free_days, work_days, lunch, morning;
    int64_t         shouted, aliased, own_time;
};

static void
keep(struct reader *r, const struct event *ev)
{
    struct str canonical;

    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 1024;
        r->id = realloc(r->id, r->cap * sizeof *r->id);
        r->hash = realloc(r->hash, r->cap * sizeof *r->hash);
    }
    str_init(&canonical, &r->sub);
    event_encode(ev, &canonical);
    r->id[r->n] = malloc(ev->source.n + ev->id.n + 2);
    snprintf(r->id[r->n], ev->source.n + ev->id.n + 2, "%.*s %.*s", (int)ev->source.n, ev->source.p,
             (int)ev->id.n, ev->id.p);
    r->hash[r->n++] = event_hash(canonical.p, canonical.n);
    r->shouted += ev->user.p[0] >= 'A' && ev->user.p[0] <= 'Z';
    r->aliased += !memchr(ev->user.p, '@', ev->user.n) && ev->user.p[0] != 'r';
}

/* When people work, programs and agencies left out. */
static void
note_time(struct reader *r, const struct event *ev)
{
    int                     hour;
    const struct time_zone *rome;
    struct err              e = ERR_INIT;

    if (!memmem(ev->user.p, ev->user.n, "azienda.example", 15) ||
        !time_zone_find("Europe/Rome", &rome, &e))
        return;
    hour = (int)((ev->time + time_offset(rome, ev->time) * USEC_SECOND) / USEC_HOUR % 24);
    *(*calendar_why(time_local_day(rome, ev->time), true, NULL, 0) ? &r->free_days
                                                                   : &r->work_days) += 1;
    r->lunch += hour == 13;
    r->morning += hour == 10;
    CHECK(hour >= 6 && hour <= 22);
}

static bool
read_line(struct reader *r, const struct simulate_line *l, enum event_drop *ret_why)
{
    struct event_defaults d = { .source = event_text(simulate_source(l->source)) };
    struct json_slice    *s;
    size_t                n;
    struct err            e = ERR_INIT;
    const cJSON          *doc;
    struct event          ev;
    struct event_fault    why;

    *ret_why = EVENT_NOT_JSON;
    if (!json_cut(&r->sub, l->p, l->n, JSON_ONE, 1, &s, &n, &e))
        return false;
    *ret_why = EVENT_BAD_UNICODE;
    if (json_policy(s, NULL, NULL) == JSON_BAD_UNICODE)
        return false;
    CHECK(json_parse_slice(&r->sub, s, &doc, &e));
    *ret_why = EVENT_DUPLICATE_KEY;
    if (json_policy(s, doc, NULL) == JSON_DUPLICATE_KEY)
        return false;
    if (!event_read_native(doc, &d, l->received, &r->sub, &ev, &why)) {
        *ret_why = why.why;
        return false;
    }
    *ret_why = EVENT_SOURCE_MISMATCH;
    if (ev.source.n != d.source.n || memcmp(ev.source.p, d.source.p, d.source.n) != 0)
        return false;
    note_time(r, &ev);
    keep(r, &ev);
    return true;
}

static void
take(void *ctx, const struct simulate_line *l)
{
    struct reader  *r = ctx;
    enum event_drop why = EVENT_TAKEN;

    arena_reset(&r->sub);
    r->received[l->source]++;
    if (!read_line(r, l, &why))
        r->refused[why]++;
    CHECK(l->n < SIMULATE_MOST_LINE && !memchr(l->p, '\n', l->n) && l->n > 0);
    CHECK(l->received >= r->last);
    r->last = l->received;
    if (!r->first)
        r->first = l->received;
}

static struct reader *sorting;

static int
by_id(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int    d = strcmp(sorting->id[x], sorting->id[y]);

    return d ? d : (x > y) - (x < y); /* as they arrived */
}

/* Distinct ids, same id with the same content, same id with another. */
static void
match_ids(struct reader *r, int64_t *ret_events, int64_t *ret_same, int64_t *ret_other)
{
    size_t *order = malloc((r->n + 1) * sizeof *order), first = 0;

    for (size_t i = 0; i < r->n; i++)
        order[i] = i;
    sorting = r;
    qsort(order, r->n, sizeof *order, by_id);
    *ret_events = *ret_same = *ret_other = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (i == 0 || strcmp(r->id[order[i]], r->id[order[first]]) != 0) {
            first = i;
            ++*ret_events;
        } else if (memcmp(&r->hash[order[i]], &r->hash[order[first]], sizeof *r->hash) == 0) {
            ++*ret_same;
        } else {
            ++*ret_other;
        }
    }
    free(order);
}

static void
reader_free(struct reader *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->id[i]);
    free(r->id);
    free(r->hash);
    arena_free(&r->sub);
}

/* The truth knows nothing of lines, the reader nothing of the plan: they must agree. */
static void
test_truth_is_what_a_reader_finds(void)
{
    static const char *const profile[] = { "healthy", "shelfware", "mixed", "faulty" };

    for (size_t i = 0; i < 4; i++) {
        struct simulate_opts o = opts(profile[i], 7 + (int64_t)i, 40, 90);
        struct reader        r = { .n = 0 };
        int64_t              events, same, other;

        t_row = profile[i];
        arena_init(&r.sub, (size_t)1 << 26);
        struct sum   a = run(&o, take, &r);
        const cJSON *total = json_get(a.doc, "totals"), *why = json_get(total, "reasons");
        match_ids(&r, &events, &same, &other);
        CHECK_I(a.n, whole(total, "received"));
        CHECK_I(events, whole(total, "loaded"));
        CHECK_I(same, whole(total, "duplicates"));
        CHECK_I(other, whole(why, "id_conflict"));
        for (int d = 1; d <= EVENT_DROP_MAX; d++)
            if (d != EVENT_ID_CONFLICT)
                CHECK_I(r.refused[d],
                        json_get(why, event_drop_name(d)) ? whole(why, event_drop_name(d)) : 0);
        for (int k = 0; k < SIMULATE_SOURCES; k++)
            CHECK_I(r.received[k],
                    whole(json_get(json_get(a.doc, "sources"), simulate_source(k)), "received"));
        CHECK(r.first >= time_day_start(o.zone, o.start));
        CHECK(r.shouted > 0 && r.aliased > 0);
        CHECK(r.free_days * 20 < r.work_days); /* weekends and holidays are quiet */
        CHECK(r.lunch * 2 < r.morning);
        reader_free(&r);
        arena_reset(&mem);
    }
    t_row = NULL;
}

/* --- the truth in itself ---------------------------------------------------------------------- */

static int64_t
sum_of(const cJSON *object)
{
    const cJSON *v;
    int64_t      sum = 0;

    cJSON_ArrayForEach (v, object)
        sum += (int64_t)v->valuedouble;
    return sum;
}

static void
check_source(const cJSON *s)
{
    CHECK_I(whole(s, "received"),
            whole(s, "loaded") + whole(s, "duplicates") + whole(s, "quarantined"));
    CHECK_I(whole(s, "quarantined"), sum_of(json_get(s, "reasons")));
    CHECK_I(whole(s, "loaded"), sum_of(json_get(s, "events_by")));
    CHECK(whole(s, "value_events") < whole(s, "loaded"));
}

static void
check_truth(const cJSON *doc)
{
    static const char *const names[] = { "received", "loaded", "duplicates", "late",
                                         "double_clicks" };
    const cJSON             *s, *w, *total = json_get(doc, "totals");
    int64_t                  seats = whole(doc, "people");

    cJSON_ArrayForEach (s, json_get(doc, "sources"))
        check_source(s);
    check_source(total);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t sum = 0;

        cJSON_ArrayForEach (s, json_get(doc, "sources"))
            sum += whole(s, names[i]);
        CHECK_I(sum, whole(total, names[i]));
        CHECK(sum > 0);
    }
    CHECK_I(sum_of(json_get(doc, "events_by_user")), whole(json_get(total, "events_by"), "people"));
    cJSON_ArrayForEach (w, json_get(doc, "weekly_active")) {
        CHECK(whole(w, "num") <= whole(w, "den"));
        CHECK(whole(w, "den") + whole(w, "excluded") <= seats);
    }
    w = json_get(doc, "sustained_users");
    CHECK_I(whole(w, "den") + whole(w, "excluded"), seats);
    CHECK_I(whole(w, "num"), cJSON_GetArraySize(json_get(doc, "sustained")));
}

static void
test_every_fault_is_there(void)
{
    struct simulate_opts o = opts("healthy", 3, 60, 90);
    struct sum           a = run(&o, NULL, NULL);
    const cJSON         *total = json_get(a.doc, "totals"), *kind;
    int                  kinds = 0;

    check_truth(a.doc);
    CHECK(whole(total, "after_leaving") > 0);
    cJSON_ArrayForEach (kind, json_get(total, "reasons"))
        kinds += kind->valuedouble > 0;
    CHECK_I(kinds, 13); /* twelve that are malformed, and the used id */
    cJSON_ArrayForEach (kind, json_get(total, "events_by"))
        CHECK(kind->valuedouble > 0);
}

/* Quotas, not luck: small teams are as their profile says, whatever the seed. */
static void
test_profiles(void)
{
    static const struct {
        const char *name;
        int64_t     from, below; /* sustained, percent */
    } row[] = {
        { "healthy", 70, 101 }, { "faulty", 70, 101 }, { "mixed", 50, 70 }, { "shelfware", 0, 50 }
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int64_t seed = 1; seed <= 12; seed++) {
            struct simulate_opts o = opts(row[i].name, seed, seed % 2 ? 20 : 40, 90);
            struct sum           a = run(&o, NULL, NULL);
            const cJSON         *s = json_get(a.doc, "sustained_users");
            int64_t              percent = whole(s, "num") * 100 / whole(s, "den");

            t_row = row[i].name;
            check_truth(a.doc);
            CHECK(percent >= row[i].from && percent < row[i].below);
            arena_reset(&mem);
        }
    t_row = NULL;
}

static void
test_shelfware_is_left_after_a_week(void)
{
    struct simulate_opts o = opts("shelfware", 5, 100, 90);
    const cJSON         *doc = run(&o, NULL, NULL).doc, *w = json_get(doc, "weekly_active");
    int64_t              first = whole(json_get(w, "2026-W10"), "num");

    CHECK(first > 60);
    CHECK(whole(json_get(w, "2026-W13"), "num") * 2 < first);
    CHECK(cJSON_GetArraySize(json_get(json_get(doc, "curves"), "week1")) > 30);
    CHECK(!json_get(json_get(doc, "events_by_user"),
                    json_get(json_get(doc, "curves"), "never")->child->valuestring));
}

static void
test_as_many_as_asked(void)
{
    static const int64_t wanted[] = { 30000, 200000, 1000000 };

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct simulate_opts o = opts("healthy", 9, 50, 60);

        o.events = wanted[i];
        struct sum a = run(&o, NULL, NULL);
        check_truth(a.doc);
        CHECK(a.n * 100 > wanted[i] * 97 && a.n * 100 < wanted[i] * 103);
        arena_reset(&mem);
    }
}

/* Windows of every length, from every weekday, over August and the change of clocks. */
static void
test_windows(void)
{
    for (int32_t k = 0; k < 40; k++) {
        struct simulate_opts o = opts("healthy", k, 3 + k, 14 + k * 386 / 39);

        o.start = time_day(2024, 2, 27) + k * 23;
        check_truth(run(&o, NULL, NULL).doc);
        arena_reset(&mem);
    }
}

static void
test_what_cannot_be(void)
{
    static const struct {
        const char *profile, *pilot;
        int32_t     people, days, start;
    } row[] = {
        { "best", "p", 20, 90, 20000 },  { "mixed", "", 20, 90, 20000 },
        { "mixed", "A", 20, 90, 20000 }, { "mixed", "-p", 20, 90, 20000 },
        { "mixed", "p", 2, 90, 20000 },  { "mixed", "p", 19001, 90, 20000 },
        { "mixed", "p", 20, 13, 20000 }, { "mixed", "p", 20, 401, 20000 },
        { "mixed", "p", 20, 90, 99999 }, { "mixed", "p", 20, 90, 0 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct simulate_opts o = opts(row[i].profile, 1, row[i].people, row[i].days);
        struct simulate     *s = NULL;
        struct err           e = ERR_INIT;

        o.pilot = row[i].pilot;
        o.start = row[i].start;
        CHECK(!simulate_new(&o, &s, &e) && !s);
        CHECK_I(e.code, ERR_INVALID);
    }
}

int
main(void)
{
    hash_init();
    arena_init_cjson();
    arena_init(&mem, (size_t)1 << 28);
    T_RUN(test_same_seed_same_bytes);
    T_RUN(test_seeds_differ);
    T_RUN(test_truth_is_what_a_reader_finds);
    T_RUN(test_every_fault_is_there);
    T_RUN(test_profiles);
    T_RUN(test_shelfware_is_left_after_a_week);
    T_RUN(test_as_many_as_asked);
    T_RUN(test_windows);
    T_RUN(test_what_cannot_be);
    arena_free(&mem);
    return t_end();
}
