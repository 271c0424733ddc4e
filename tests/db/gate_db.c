/* gate_db.c - see gate_db.h. */
#include "gate_db.h"

#include "collaudo/json.h"

#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct charter_criterion gate_db_sustained = {
    .id = "sustained",
    .kpi = "sustained_users",
    .params = "{\"min_active\":5,\"weeks\":6}",
    .weeks = 6,
    .target = GATE_DB_MARK(AT_LEAST, 7000),
    .floor = GATE_DB_MARK(AT_LEAST, 5000),
    .must = true,
    .weight = 3,
    .min_n = 5,
    .min_weeks = 6,
    .owner = "",
};

const struct charter_criterion gate_db_weekly = {
    .id = "weekly",
    .kpi = "weekly_active",
    .params = "{}",
    .weeks = 4,
    .target = GATE_DB_MARK(AT_LEAST, 6000),
    .weight = 1,
    .owner = "Sales",
};

void
gate_db_begin(struct pg *pg, int people)
{
    help_pilot(pg, "2026-03-02", "2026-04-26", "Europe/Rome");
    pg_sql(pg,
           "select t.person(i) from generate_series(1, %d) i;"
           "select t.alive(s, '2026-03-02', '2026-04-26') from generate_series(1, 2) s;"
           "update tool set owner = 'IT' where tool_id = 1",
           people);
}

void
gate_db_roll(struct pg *pg)
{
    pg_sql(pg, "select t.roll(); delete from dirty_day");
}

struct pilot
gate_db_with(struct pg *pg, struct arena *mem, struct charter_criterion *c, size_t n)
{
    struct pilot p = gate_db_pilot(pg, NULL, mem);

    p.charter = (struct charter){ .criteria = c,
                                  .criteria_n = n,
                                  .go_e4 = 8500,
                                  .conditional_e4 = 7000,
                                  .min_coverage_e4 = 8000,
                                  .late_grace_h = 72,
                                  .min_group = 5 };
    return p;
}

struct pilot
gate_db_pilot(struct pg *pg, const char *charter, struct arena *mem)
{
    struct pilot p = help_read_pilot(pg);
    struct err   e = ERR_INIT;

    p.code = "p";
    p.name = "P";
    p.workspace_name = "W";
    p.sealed_at = help_time("2026-01-01T00:00:00Z");
    p.charter_text = charter ? charter : "{}";
    hash_sha256(p.charter_text, strlen(p.charter_text), p.charter_hash);
    if (charter && !charter_read(charter, mem, &p.charter, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    return p;
}

struct gate_record
gate_db_eval(struct pg *pg, const struct pilot *p, const char *as_of, struct arena *mem)
{
    struct gate_health health = { 0 };
    struct gate_record r = { 0 };
    struct err         e = ERR_INIT;
    usec_t             t = help_time(as_of);

    if (!gate_evaluate(pg_app(pg), p, t, t, &health, mem, &r, &e)) {
        fprintf(stderr, "as of %s: %s\n", as_of, e.text);
        exit(1);
    }
    return r;
}

void
gate_db_week(struct pg *pg, int week, int first, int last)
{
    pg_sql(pg,
           "select t.act(i, timestamp '2026-03-03 10:00' + %d * interval '7 days')"
           " from generate_series(%d, %d) i",
           week, first, last);
}

const char *
gate_db_json(const struct gate_record *r, struct arena *mem)
{
    struct err   e = ERR_INIT;
    const char  *text = "", *canonical = "";
    size_t       n = 0, cn = 0;
    const cJSON *doc;

    if (CHECK(gate_json(r, mem, &text, &n, &e)) && CHECK(json_parse(mem, text, n, &doc, &e)) &&
        CHECK(json_canonical(mem, doc, &canonical, &cn, &e)))
        CHECK_S(text, canonical);
    return text;
}
