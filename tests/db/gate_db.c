/* gate_db.c - see gate_db.h. */
#include "gate_db.h"

#include "collaudo/json.h"

#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
