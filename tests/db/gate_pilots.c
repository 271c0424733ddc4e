/* gate_pilots.c - the two invented pilots from day to day: GO and NO_GO, and the date from which
 * the one could no longer be won, counted by hand. */
#include "t.h"

#include "gate_db.h"

#include "collaudo/json.h"
#include "collaudo/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 8000
#define START "2026-03-02"
#define WEEKS 12 /* complete ones; the 13th ends on a Saturday */
#define SEATS 20
#define OVER "2026-06-02T22:00:00Z" /* late_grace after 30 May */

static const char charter[] =
    "{\"charter\":1,\"criteria\":["
    "{\"floor\":{\"ge_e4\":5000},\"id\":\"sustained\",\"kpi\":\"sustained_users\",\"min_n\":5,"
    "\"min_weeks\":6,\"must\":true,\"owner\":\"Sales\",\"params\":{\"min_active\":6,\"weeks\":8},"
    "\"target\":{\"ge_e4\":7000},\"weight\":3},"
    "{\"id\":\"weekly\",\"kpi\":\"weekly_active\",\"owner\":\"\",\"params\":{\"weeks\":4},"
    "\"target\":{\"ge_e4\":6000},\"weight\":2},"
    "{\"id\":\"kept\",\"kpi\":\"retention\",\"mode\":\"observe\",\"params\":{\"kind\":\"calendar\","
    "\"week\":4},\"target\":{\"ge_e4\":6000}}],"
    "\"late_grace_h\":72,\"privacy\":{\"min_group\":5},"
    "\"score\":{\"conditional_e4\":7000,\"go_e4\":8500,\"min_coverage_e4\":8000}}";

static struct pg    pg;
static struct arena mem;

struct log {
    struct help_event *ev;
    size_t             n;
    struct arena       mem;
    bool               active[SEATS][WEEKS]; /* by hand, from the lines */
};

/* Lines are canonical; the source is the beginning of the id, the seat that of the user. */
static void
take(void *to, const char *line, size_t n)
{
    struct log        *l = to;
    struct help_event *ev = &l->ev[l->n];
    const cJSON       *doc;
    struct err         e = ERR_INIT;
    int                seat = 0;

    if (l->n == MOST || !json_parse(&l->mem, line, n, &doc, &e))
        abort();
    const char *id = json_text(doc, "id"), *user = json_text(doc, "user");
    ev->at = help_time(json_text(doc, "time"));
    snprintf(ev->id, sizeof ev->id, "%s", id);
    snprintf(ev->action, sizeof ev->action, "%s", json_text(doc, "action"));
    ev->source = strncmp(id, "crm", 3) == 0 ? 1 : strncmp(id, "billing", 7) == 0 ? 2 : 3;
    if (sscanf(user, "u%2d@", &seat) != 1)
        seat = 100; /* an agency: no seat */
    ev->account = seat;
    const struct time_zone *rome;
    if (!time_zone_find("Europe/Rome", &rome, &e))
        abort();
    int32_t week = (time_local_day(rome, ev->at) - help_day(START)) / 7;
    if (seat >= 1 && seat <= SEATS && week < WEEKS)
        l->active[seat - 1][week] = true;
    l->n++;
    arena_reset(&l->mem);
}

static void
load(const char *name, struct log *l)
{
    char path[100];

    *l = (struct log){ .ev = calloc(MOST, sizeof *l->ev) };
    arena_init(&l->mem, 1 << 20);
    arena_free(&mem);
    arena_init(&mem, 64 << 20);
    help_pilot(&pg, START, "2026-05-30", "Europe/Rome");
    pg_sql(&pg, "update pilot set value_like = '{%%}';"
                "insert into source (workspace_id, pilot_id, tool_id, code, made_at) values"
                " (1, 1, 1, 'tickets', '2026-01-01');"
                "select t.person(i, case when i < 8 then 'a' else 'b' end)"
                " from generate_series(1, 20) i;"
                "select t.person(100, 'c', 'external', false);"
                "insert into account select 1, 3, aid, pilot_id, person_id, kind from account"
                " where source_id = 1");
    snprintf(path, sizeof path, "tests/data/pilots/%s/clean.ndjson.gz", name);
    help_gz_lines(path, take, l);
    help_copy(&pg, l->ev, l->n);
    pg_sql(&pg, "select t.roll(); delete from dirty_day");
    free(l->ev);
    arena_free(&l->mem);
}

/* After `over` complete weeks: how many can still be active in 6 of the last 8? */
static int
within_reach(const struct log *l, int over)
{
    int people = 0;

    for (int s = 0; s < SEATS; s++) {
        int can = 0;

        for (int w = WEEKS - 8; w < WEEKS; w++)
            can += w >= over || l->active[s][w];
        people += can >= 6;
    }
    return people;
}

/* Every day of a pilot: the flag and its date as counted by hand. */
static void
check_every_day(const struct log *l, const struct pilot *p)
{
    int hopeless = 0;

    while (hopeless <= WEEKS && within_reach(l, hopeless) >= 14)
        hopeless++;
    for (int32_t day = p->start; day < p->end + 4; day++) {
        char               as_of[64], name[TIME_DAY_LEN];
        struct gate_record r;
        /* weeks that were over three days ago; summer time began on 29 March, so noon is safe */
        int settled = (day - 3 - p->start) / 7;

        time_day_name(day, name);
        t_row = name;
        snprintf(as_of, sizeof as_of, "%sT12:00:00Z", name);
        r = gate_db_eval(&pg, p, as_of, &mem);
        settled = settled > WEEKS ? WEEKS : settled;
        CHECK(!r.final);
        CHECK_I((r.criteria[0].flags & GATE_IMPOSSIBLE) != 0, settled >= hopeless);
        CHECK_I(r.answer.verdict, settled >= hopeless ? GATE_NO_GO : GATE_INCONCLUSIVE);
        CHECK_I(r.answer.rule, settled >= hopeless ? 3 : 0);
        if (settled >= hopeless)
            CHECK_I(r.criteria[0].impossible_since, p->start + 7 * hopeless - 1);
        arena_free(&mem);
        arena_init(&mem, 64 << 20);
    }
    t_row = NULL;
}

static void
test_healthy(void)
{
    struct log         l;
    struct pilot       p;
    struct gate_record r;
    struct arena       own;

    arena_init(&own, 1 << 20);
    load("healthy", &l);
    p = gate_db_pilot(&pg, charter, &own);
    r = gate_db_eval(&pg, &p, OVER, &mem);
    CHECK(r.final);
    CHECK_I(r.answer.verdict, GATE_GO);
    CHECK_I(gate_verdict_exit(r.answer.verdict), 0);
    CHECK_S(r.criteria[0].reason.en, "15 of 20 people, target 14");
    CHECK_S(r.criteria[0].reason.it, "15 persone su 20, obiettivo 14");
    CHECK_I(r.criteria[2].line.state, GATE_OBSERVE);
    gate_db_json(&r, &mem);
    check_every_day(&l, &p);
    arena_free(&own);
}

static void
test_shelfware(void)
{
    struct log         l;
    struct pilot       p;
    struct gate_record r;
    struct arena       own;

    arena_init(&own, 1 << 20);
    load("shelfware", &l);
    p = gate_db_pilot(&pg, charter, &own);
    r = gate_db_eval(&pg, &p, OVER, &mem);
    CHECK(r.final);
    CHECK_I(r.answer.verdict, GATE_NO_GO);
    CHECK_I(gate_verdict_exit(r.answer.verdict), 20);
    CHECK_I(r.answer.rule, 3);
    CHECK_S(r.rule.en,
            "Rule 3: “People who keep using the tool” is not met: 4 of 20 people, target "
            "14.");
    CHECK_I(r.criteria[0].shown.num, 4);
    gate_db_json(&r, &mem);
    if (CHECK(r.actions_n >= 1)) {
        CHECK_S(r.actions[0].text.en, "People who keep using the tool: 10 more people active in at "
                                      "least 6 of 8 weeks (owner: Sales).");
    }
    check_every_day(&l, &p);
    arena_free(&own);
}

int
main(void)
{
    arena_init_cjson();
    hash_init();
    arena_init(&mem, 1 << 20);
    pg = pg_fresh();
    T_RUN(test_healthy);
    T_RUN(test_shelfware);
    pg_drop(&pg);
    arena_free(&mem);
    return t_end();
}
