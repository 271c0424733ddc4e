/* pilot.c - pilots as they are stored, and what follows from the clock. See pilot.h. */
#include "pilot_int.h"

#include "sql_gen.h"

#include <string.h>

#define ONBOARDING_DAYS 14
#define NAMES_SHOWN 20

const struct db_col pilot_cols[] = {
    DB_COL(struct pilot_row, pilot_id, DB_INT8),
    DB_COL(struct pilot_row, code, DB_TEXT),
    DB_COL(struct pilot_row, name, DB_TEXT),
    DB_COL(struct pilot_row, workspace_name, DB_TEXT),
    DB_COL(struct pilot_row, state, DB_TEXT),
    DB_COL(struct pilot_row, tz, DB_TEXT),
    DB_COL(struct pilot_row, start_day, DB_DATE),
    DB_COL(struct pilot_row, end_day, DB_DATE),
    DB_COL(struct pilot_row, charter, DB_TEXT),
    DB_COL(struct pilot_row, charter_hash, DB_BYTES),
    DB_COL_NULL(struct pilot_row, sealed_at, DB_TIME),
    DB_COL(struct pilot_row, replay, DB_BOOL),
    DB_COL_NULL(struct pilot_row, replay_as_of, DB_TIME),
    DB_COLS_END,
};

bool
pilot_from_row(int64_t workspace, const struct pilot_row *r, struct arena *mem, struct pilot *ret,
               struct err *e)
{
    struct pilot p = { .workspace = workspace,
                       .id = r->pilot_id,
                       .code = r->code,
                       .name = r->name,
                       .workspace_name = r->workspace_name,
                       .start = r->start_day,
                       .end = r->end_day,
                       .draft = strcmp(r->state, "draft") == 0,
                       .archived = strcmp(r->state, "archived") == 0,
                       .sealed_at = r->sealed_at,
                       .replay = r->replay,
                       .replay_as_of = r->replay_as_of,
                       .charter_text = r->charter };

    if (r->charter_hash.n != sizeof p.charter_hash)
        return err_set(e, ERR_DB, "pilot %s: the hash of the charter is damaged", r->code);
    memcpy(p.charter_hash, r->charter_hash.p, sizeof p.charter_hash);
    if (!time_zone_find(r->tz, &p.zone, e) || !charter_read(r->charter, mem, &p.charter, e))
        return err_wrap(e, "pilot %s", r->code);
    *ret = p;
    return true;
}

/* --- finding ------------------------------------------------------------------- */

struct code_row {
    int64_t     workspace_id, pilot_id;
    const char *code;
};

static const struct db_col code_cols[] = {
    DB_COL(struct code_row, workspace_id, DB_INT8),
    DB_COL(struct code_row, pilot_id, DB_INT8),
    DB_COL(struct code_row, code, DB_TEXT),
    DB_COLS_END,
};

static bool
codes(struct db *db, struct arena *mem, struct code_row **ret, size_t *ret_n, struct err *e)
{
    void *rows;

    if (!db_begin_control(db, e))
        return false;
    if (!db_query(db, &sql_pilot_list_codes, DB_NO_ARGS, code_cols, sizeof(struct code_row), mem,
                  &rows, ret_n, e)) {
        db_rollback(db);
        return false;
    }
    *ret = rows;
    return db_commit(db, e);
}

static bool
get(struct db *db, const struct code_row *c, struct arena *mem, struct pilot *ret, struct err *e)
{
    struct pilot_row row = { 0 };

    if (!db_begin_read(db, c->workspace_id, e))
        return false;
    if (!db_one(db, &sql_pilot_get_pilot, DB_ARGS(db_int8(c->workspace_id), db_text(c->code)),
                pilot_cols, mem, &row, e)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, e) && pilot_from_row(c->workspace_id, &row, mem, ret, e);
}

static bool
not_found(const char *code, const struct code_row *c, size_t n, struct arena *mem, struct err *e)
{
    const char **names = arena_new(mem, const char *, n), *near;

    for (size_t i = 0; names && i < n; i++)
        names[i] = c[i].code;
    near = names ? str_nearest(code, names, n) : NULL;
    if (!n)
        return err_set(e, ERR_NOT_FOUND, "there is no pilot yet: declare one with collaudo apply");
    return err_set(e, ERR_NOT_FOUND, "there is no pilot %s%s%s%s", code,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

bool
pilot_find(struct db *db, const char *code, struct arena *mem, struct pilot *ret, struct err *e)
{
    struct code_row *c = NULL;
    size_t           n = 0;

    if (!codes(db, mem, &c, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(c[i].code, code) == 0)
            return get(db, &c[i], mem, ret, e);
    return not_found(code, c, n, mem, e);
}

bool
pilot_list(struct db *db, struct arena *mem, struct pilot **ret, size_t *ret_n, struct err *e)
{
    struct code_row *c = NULL;
    size_t           n = 0;

    if (!codes(db, mem, &c, &n, e))
        return false;
    struct pilot *all = arena_new(mem, struct pilot, n);
    if (!all)
        return err_set(e, ERR_NOMEM, "no memory for %zu pilots", n);
    for (size_t i = 0; i < n; i++)
        if (!get(db, &c[i], mem, &all[i], e))
            return false;
    *ret = all;
    *ret_n = n;
    return true;
}

struct workspace_row {
    int64_t     workspace_id;
    const char *code;
};

static bool
choose(const struct workspace_row *w, size_t n, const char *code, struct arena *mem, int64_t *ret,
       struct err *e)
{
    struct str names;

    str_init(&names, mem);
    for (size_t i = 0; i < n && i < NAMES_SHOWN; i++)
        str_addf(&names, "%s%s", i ? ", " : "", w[i].code);
    for (size_t i = 0; i < n; i++)
        if (code && strcmp(w[i].code, code) == 0) {
            *ret = w[i].workspace_id;
            return true;
        }
    if (!n)
        return err_set(e, ERR_NOT_FOUND,
                       "there is no workspace yet: declare one with collaudo apply");
    if (code)
        return err_set(e, ERR_NOT_FOUND, "there is no workspace %s; there is %s", code, names.p);
    if (n > 1)
        return err_set(e, ERR_INVALID, "say which workspace: %s", names.p);
    *ret = w[0].workspace_id;
    return true;
}

bool
pilot_workspace(struct db *db, const char *code, struct arena *mem, int64_t *ret, struct err *e)
{
    static const struct db_col cols[] = { DB_COL(struct workspace_row, workspace_id, DB_INT8),
                                          DB_COL(struct workspace_row, code, DB_TEXT),
                                          DB_COLS_END };
    void                      *rows = NULL;
    size_t                     n = 0;

    if (!db_begin_control(db, e))
        return false;
    if (!db_query(db, &sql_pilot_list_workspaces, DB_NO_ARGS, cols, sizeof(struct workspace_row),
                  mem, &rows, &n, e)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, e) && choose(rows, n, code && *code ? code : NULL, mem, ret, e);
}

/* --- the clock -------------------------------------------------------------------- */

usec_t
pilot_frozen_from(const struct pilot *p)
{
    return time_day_start(p->zone, p->end + 1) + p->charter.late_grace_h * USEC_HOUR;
}

enum pilot_state
pilot_state_at(const struct pilot *p, usec_t now)
{
    if (p->archived)
        return PILOT_ARCHIVED;
    if (p->draft)
        return PILOT_DRAFT;
    if (now < time_day_start(p->zone, p->start))
        return PILOT_SEALED;
    if (now < time_day_start(p->zone, p->end + 1))
        return PILOT_RUNNING;
    return now < pilot_frozen_from(p) ? PILOT_READOUT : PILOT_FROZEN;
}

const char *
pilot_state_name(enum pilot_state s)
{
    static const char *const names[] = {
        [PILOT_DRAFT] = "draft",     [PILOT_SEALED] = "sealed", [PILOT_RUNNING] = "running",
        [PILOT_READOUT] = "readout", [PILOT_FROZEN] = "frozen", [PILOT_ARCHIVED] = "archived",
    };

    return names[s];
}

int32_t
pilot_cut(const struct pilot *p, usec_t as_of)
{
    int32_t today = time_local_day(p->zone, as_of);

    return today < p->start ? p->start : today > p->end ? p->end + 1 : today;
}

bool
pilot_week_complete(const struct pilot *p, int32_t monday, int32_t cut)
{
    return monday >= p->start && monday + 7 <= p->end + 1 && monday + 7 <= cut;
}

bool
pilot_week_onboarding(const struct pilot *p, int32_t monday)
{
    return monday >= p->start && monday + 7 <= p->start + ONBOARDING_DAYS;
}
