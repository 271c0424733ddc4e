/* seal.c - sealing: the facts are gathered, judged, and the charter and the partition of the
 * roster fixed in one transaction. See seal.h. */
#include "pilot_int.h"
#include "seal_int.h"

#include "sql_gen.h"

#include <string.h>

struct seal {
    struct db              *db;
    const struct seal_opts *o;
    struct arena           *mem;
    struct err             *e;
    struct pilot            p;
    struct seal_facts       f;
    struct seal_team       *teams;
    size_t                  teams_n;
};

/* --- facts ---------------------------------------------------------------------- */

struct cell_row {
    const char *team, *cell;
    int64_t     people, managers;
};

static const struct db_col cell_cols[] = {
    DB_COL(struct cell_row, team, DB_TEXT),
    DB_COL(struct cell_row, cell, DB_TEXT),
    DB_COL(struct cell_row, people, DB_INT8),
    DB_COL(struct cell_row, managers, DB_INT8),
    DB_COLS_END,
};

static bool
gather_people(struct seal *s)
{
    void            *rows = NULL;
    struct cell_row *r;
    size_t           n = 0;

    if (!db_query(s->db, &sql_pilot_list_cells,
                  DB_ARGS(db_int8(s->p.workspace), db_int8(s->p.id), db_date(s->p.start),
                          db_date(s->p.end)),
                  cell_cols, sizeof(struct cell_row), s->mem, &rows, &n, s->e))
        return false;
    r = rows;
    if (!(s->teams = arena_new(s->mem, struct seal_team, n)))
        return err_set(s->e, ERR_NOMEM, "no memory for the teams");
    for (size_t i = 0; i < n; i++) {
        s->f.people += r[i].people;
        s->f.managers += r[i].managers;
        /* ordered by team: the rows of one team follow one another */
        if (!s->teams_n || strcmp(s->teams[s->teams_n - 1].team, r[i].team) != 0)
            s->teams[s->teams_n++].team = r[i].team;
        s->teams[s->teams_n - 1].people += r[i].people;
    }
    return true;
}

struct day_row {
    int32_t day;
    bool    working;
};

static bool
gather_weeks(struct seal *s)
{
    static const struct db_col cols[] = { DB_COL(struct day_row, day, DB_DATE),
                                          DB_COL(struct day_row, working, DB_BOOL), DB_COLS_END };
    void                      *rows = NULL;
    struct day_row            *r;
    size_t                     n = 0;

    if (!db_query(s->db, &sql_pilot_list_days, DB_ARGS(db_int8(s->p.workspace), db_int8(s->p.id)),
                  cols, sizeof(struct day_row), s->mem, &rows, &n, s->e))
        return false;
    r = rows;
    for (size_t i = 0; i < n; i++) {
        bool working = false;

        if (time_weekday(r[i].day) != 1 || !pilot_week_complete(&s->p, r[i].day, s->p.end + 1))
            continue;
        for (size_t k = i; k < i + 7 && k < n; k++)
            working = working || r[k].working;
        s->f.weeks++;
        s->f.judged += !pilot_week_onboarding(&s->p, r[i].day);
        s->f.eligible += !pilot_week_onboarding(&s->p, r[i].day) && working;
    }
    return true;
}

static bool
gather_sources(struct seal *s)
{
    static const struct db_col cols[] = { DB_COL(struct seal_source, code, DB_TEXT),
                                          DB_COL(struct seal_source, live, DB_BOOL),
                                          DB_COL(struct seal_source, types, DB_TEXT), DB_COLS_END };
    void                      *rows = NULL;

    if (!db_query(s->db, &sql_pilot_list_live_sources,
                  DB_ARGS(db_int8(s->p.workspace), db_int8(s->p.id), db_time(s->o->now)), cols,
                  sizeof(struct seal_source), s->mem, &rows, &s->f.sources_n, s->e))
        return false;
    s->f.sources = rows;
    return true;
}

static bool
gather_notice(struct seal *s)
{
    const struct db_col cols[] = { { .name = "version", .type = DB_INT8 }, DB_COLS_END };
    int64_t             version;

    s->f.notice =
        db_one(s->db, &sql_pilot_get_notice, DB_ARGS(db_int8(s->p.workspace), db_int8(s->p.id)),
               cols, s->mem, &version, s->e);
    if (s->f.notice)
        return true;
    if (s->e->code != ERR_NOT_FOUND)
        return false;
    *s->e = (struct err)ERR_INIT;
    return true;
}

/* The pilot again, under the lock: it may have changed since it was found. */
static bool
again(struct seal *s)
{
    struct pilot_row row = { 0 };
    char             when[TIME_DAY_LEN];

    if (!db_exec(s->db, &sql_pilot_lock_declare, DB_NO_ARGS, NULL, s->e) ||
        !db_one(s->db, &sql_pilot_get_pilot, DB_ARGS(db_int8(s->p.workspace), db_text(s->p.code)),
                pilot_cols, s->mem, &row, s->e) ||
        !pilot_from_row(s->p.workspace, &row, s->mem, &s->p, s->e))
        return false;
    if (s->p.draft)
        return true;
    time_day_name(time_local_day(s->p.zone, s->p.sealed_at), when);
    return err_set(s->e, ERR_CONFLICT,
                   "pilot %s is sealed already, since %s: it changes by "
                   "amendment only",
                   s->p.code, when);
}

/* --- the seal ---------------------------------------------------------------------- */

static bool
freeze(struct seal *s, struct seal_report *r)
{
    const char **teams = arena_new(s->mem, const char *, s->teams_n);
    const char **cells = arena_new(s->mem, const char *, s->teams_n);

    seal_cells(s->teams, s->teams_n, s->p.charter.min_group, s->mem, &r->cells, &r->cells_n);
    if (!teams || !cells || s->mem->denied)
        return err_set(s->e, ERR_NOMEM, "no memory for the partition of the roster");
    for (size_t i = 0; i < s->teams_n; i++) {
        teams[i] = s->teams[i].team;
        cells[i] = s->teams[i].cell;
    }
    return db_exec(s->db, &sql_pilot_set_cells,
                   DB_ARGS(db_int8(s->p.workspace), db_int8(s->p.id), db_texts(teams, s->teams_n),
                           db_texts(cells, s->teams_n)),
                   NULL, s->e) &&
           db_exec(s->db, &sql_pilot_seal_pilot,
                   DB_ARGS(db_int8(s->p.workspace), db_int8(s->p.id), db_time(s->o->now),
                           s->o->replay ? db_time(s->o->replay_as_of) : db_null(DB_TIME)),
                   NULL, s->e) &&
           db_exec(s->db, &sql_pilot_mark_change,
                   DB_ARGS(db_int8(s->p.workspace), db_int8(s->p.id)), NULL, s->e);
}

static bool
in_transaction(struct seal *s, struct seal_report *r)
{
    struct seal_texts problems = { .mem = s->mem }, warnings = { .mem = s->mem };

    if (!again(s) || !gather_people(s) || !gather_weeks(s) || !gather_sources(s) ||
        !gather_notice(s))
        return false;
    s->f.p = &s->p;
    s->f.o = s->o;
    seal_judge(&s->f, &problems, &warnings);
    if (s->mem->denied)
        return err_set(s->e, ERR_NOMEM, "no memory to judge the charter");
    *r = (struct seal_report){ .problems = problems.v,
                               .problems_n = problems.n,
                               .warnings = warnings.v,
                               .warnings_n = warnings.n,
                               .people = s->f.people,
                               .managers = s->f.managers,
                               .weeks = s->f.weeks,
                               .judged = s->f.judged };
    memcpy(r->charter_hash, s->p.charter_hash, sizeof r->charter_hash);
    return problems.n || freeze(s, r);
}

bool
pilot_seal(struct db *db, const struct seal_opts *o, struct arena *mem, struct seal_report *ret,
           struct err *e)
{
    struct seal        s = { .db = db, .o = o, .mem = mem, .e = e };
    struct seal_report r = { .sealed = false };

    if (!pilot_find(db, o->pilot, mem, &s.p, e) || !db_begin(db, s.p.workspace, e))
        return false;
    if (!in_transaction(&s, &r)) {
        db_rollback(db);
        return false;
    }
    if (r.problems_n) {
        db_rollback(db);
    } else {
        if (!db_commit(db, e))
            return false;
        r.sealed = true;
    }
    *ret = r;
    return true;
}

bool
seal_check(const struct seal_report *r, struct err *e)
{
    if (!r->problems_n)
        return true;
    if (r->problems_n == 1)
        return err_set(e, ERR_INVALID, "%s", r->problems[0]);
    return err_set(e, ERR_INVALID, "%s (and %zu more)", r->problems[0], r->problems_n - 1);
}
