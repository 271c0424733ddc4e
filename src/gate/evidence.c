/* evidence.c - is what the verdict rests on sound? Sources, coverage, seal and clock (rule 1). */
#include "eval.h"
#include "phrases.h"

#include "sql_gen.h"

#include <string.h>

#define MOST_PROBLEMS 8

struct source_row {
    const char *code, *tool, *owner;
    bool        judged, never;
    int32_t     last_day;
};

static const struct db_col source_cols[] = {
    DB_COL(struct source_row, code, DB_TEXT),
    DB_COL(struct source_row, tool, DB_TEXT),
    DB_COL(struct source_row, owner, DB_TEXT),
    DB_COL(struct source_row, judged, DB_BOOL),
    { .name = "last_day",
      .type = DB_DATE,
      .at = offsetof(struct source_row, last_day),
      .nullable = true,
      .is_null_at = offsetof(struct source_row, never) },
    DB_COLS_END,
};

static bool
list_sources(const struct gate_eval *v, struct gate_record *r, struct err *e)
{
    const struct pilot *p = v->pilot;
    void               *rows;
    size_t              n;

    if (!db_query(
            v->db, &sql_gate_list_sources,
            DB_ARGS(db_int8(p->workspace), db_int8(p->id), db_date(p->start), db_date(v->cut)),
            source_cols, sizeof(struct source_row), v->mem, &rows, &n, e))
        return false;
    r->sources = arena_new(v->mem, struct gate_source, n);
    if (!r->sources)
        return err_set(e, ERR_NOMEM, "no memory for %zu sources", n);
    for (size_t i = 0; i < n; i++) {
        const struct source_row *row = (const struct source_row *)rows + i;

        r->sources[i] = (struct gate_source){ .code = row->code,
                                              .tool = row->tool,
                                              .owner = row->owner,
                                              .judged = row->judged,
                                              .heard = !row->never,
                                              .last_day = row->last_day };
    }
    r->sources_n = n;
    return true;
}

/* Periods heard of periods expected, per source, over the complete weeks. */
static bool
cover_sources(const struct gate_eval *v, struct gate_record *r, struct err *e)
{
    const struct kpi_def *def = kpi_find("source_coverage");
    struct kpi_point     *points, sum;
    size_t                n;

    if (!def || !r->sources_n)
        return true;
    if (!kpi_once(v->kpis, def, v->as_of, NULL, &points, &n, e))
        return false;
    for (size_t i = 0; i < r->sources_n; i++) {
        const char *part = arena_printf(v->mem, "source:%s", r->sources[i].code);

        if (!part)
            return err_set(e, ERR_NOMEM, "no memory for %zu sources", r->sources_n);
        sum = kpi_pool(points, n, "*", part, 0);
        r->sources[i].covered = (struct gate_share){ sum.num, sum.den };
    }
    return true;
}

/* --- what is broken ------------------------------------------------------------------- */

static void
problem(struct gate_record *r, struct gate_problem p)
{
    if (r->problems_n < MOST_PROBLEMS)
        r->problems[r->problems_n++] = p;
}

#define PROBLEM(name) ((struct gate_problem){ *PHRASE(BROKEN_##name), *PHRASE(MEND_##name), false })

static bool
is_less(struct gate_share a, struct gate_share b)
{
    return (__int128)a.num * b.den < (__int128)b.num * a.den;
}

/* A source never heard is missing data: the criteria that need it say so, with its owner
 * (rule 4). One that was heard with holes makes figures that cannot be told from low use. */
static void
check_coverage(const struct gate_eval *v, struct gate_record *r)
{
    int64_t                   mark = v->pilot->charter.min_coverage_e4;
    struct gate_problem       p = { .late = gate_is_over(r) };
    struct gate_share         all = { 0, 0 };
    const struct gate_source *weakest = NULL;

    for (size_t i = 0; i < r->sources_n; i++) {
        const struct gate_source *x = &r->sources[i];

        if (!x->heard || x->covered.den <= 0)
            continue; /* nothing was expected of it: cadence none */
        all.num += x->covered.num;
        all.den += x->covered.den;
        if (!weakest || is_less(x->covered, weakest->covered))
            weakest = x;
    }
    if (!weakest || (__int128)all.num * 10000 >= (__int128)mark * all.den)
        return;
    const struct gate_say_arg *args =
        SAY_ARGS(SAY_N('x', all.num), SAY_N('y', all.den), SAY_T('m', gate_say_mark(v->mem, mark)),
                 SAY_S('c', weakest->code), SAY_N('a', weakest->covered.num),
                 SAY_N('b', weakest->covered.den), SAY_T('o', gate_say_owner(weakest->owner)));

    p.text = gate_say(v->mem, PHRASE(BROKEN_COVERAGE), args);
    p.mend = gate_say(v->mem, p.late ? PHRASE(LATE_COVERED) : PHRASE(MEND_COVERAGE), args);
    problem(r, p);
}

static bool
seal_holds(const struct pilot *p)
{
    uint8_t now[32];

    hash_sha256(p->charter_text, strlen(p->charter_text), now);
    return hash_equal(now, p->charter_hash, sizeof now);
}

bool
gate_eval_evidence(const struct gate_eval *v, const struct gate_health *h, usec_t now,
                   struct gate_record *r, struct err *e)
{
    if (!list_sources(v, r, e) || !cover_sources(v, r, e))
        return false;
    r->problems = arena_new(v->mem, struct gate_problem, MOST_PROBLEMS);
    r->problems_n = 0;
    if (!r->problems)
        return err_set(e, ERR_NOMEM, "no memory for the evidence");
    if (v->pilot->draft)
        problem(r, PROBLEM(UNSEALED));
    if (!seal_holds(v->pilot))
        problem(r, PROBLEM(CHARTER));
    if (!v->pilot->draft && now < v->pilot->sealed_at)
        problem(r, PROBLEM(CLOCK));
    if (h->gap)
        problem(r, PROBLEM(GAP));
    if (h->corruption)
        problem(r, PROBLEM(CORRUPTION));
    check_coverage(v, r);
    return true;
}
