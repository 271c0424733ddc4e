/* declare.c - one declaration from files to one transaction. See declare.h. */
#include "declare_int.h"

#include "sql_gen.h"

#include <stdio.h>
#include <string.h>

/* --- the plan ------------------------------------------------------------------- */

static void
push(struct declare_job *j, struct declare_item item)
{
    struct declare_plan *p = j->plan;

    if (p->n == j->cap) {
        size_t               cap = j->cap ? j->cap * 2 : 32;
        struct declare_item *v = arena_new(j->mem, struct declare_item, cap);

        if (!v)
            return; /* mem->denied says so at the end */
        if (p->n)
            memcpy(v, p->items, p->n * sizeof *v);
        p->items = v;
        j->cap = cap;
    }
    p->items[p->n++] = item;
    p->changes += item.act == DECLARE_CREATE || item.act == DECLARE_CHANGE;
    p->refused += item.act == DECLARE_REFUSE;
}

void
declare_note(struct declare_job *j, enum declare_act act, const char *kind, const char *name,
             const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const char *text = arena_vprintf(j->mem, fmt, ap);
    va_end(ap);
    push(j, (struct declare_item){
                .act = act, .kind = kind, .name = name, .file = "", .text = text ? text : "" });
}

void
declare_refuse(struct declare_job *j, enum err_code why, const char *kind, const cJSON *at,
               const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const char *text = arena_vprintf(j->mem, fmt, ap);
    va_end(ap);
    push(j, (struct declare_item){ .act = DECLARE_REFUSE,
                                   .why = why,
                                   .kind = kind,
                                   .name = "",
                                   .file = at && conf_file(at) ? conf_file(at) : "",
                                   .line = at ? conf_line(at) : 0,
                                   .text = text ? text : "" });
}

static void
refuse_faults(struct declare_job *j, const struct conf_faults *f)
{
    for (size_t i = 0; i < f->n; i++)
        push(j, (struct declare_item){ .act = DECLARE_REFUSE,
                                       .why = ERR_INVALID,
                                       .kind = "file",
                                       .name = "",
                                       .file = f->v[i].file,
                                       .line = f->v[i].line,
                                       .text = f->v[i].text });
    j->plan->refused += f->more;
}

bool
declare_check(const struct declare_plan *p, struct err *e)
{
    size_t i = 0;

    if (!p->refused)
        return true;
    while (p->items[i].act != DECLARE_REFUSE)
        i++;
    err_set(e, p->items[i].why, "%s", p->items[i].text);
    if (p->refused > 1)
        err_set(e, p->items[i].why, "%s (and %zu more)", p->items[i].text, p->refused - 1);
    if (p->items[i].line)
        err_wrap(e, "%s:%d", p->items[i].file, p->items[i].line);
    return false;
}

const char *
declare_act_name(enum declare_act a)
{
    static const char *const names[] = { [DECLARE_SAME] = "same",
                                         [DECLARE_CREATE] = "create",
                                         [DECLARE_CHANGE] = "change",
                                         [DECLARE_REFUSE] = "refuse" };

    return names[a];
}

/* --- the workspace ---------------------------------------------------------------- */

static bool
make_workspace(struct declare_job *j)
{
    const struct decl_workspace *w = &j->d->workspace;
    const struct db_col cols[] = { { .name = "workspace_id", .type = DB_INT8 }, DB_COLS_END };

    declare_note(j, DECLARE_CREATE, "workspace", w->code, "%s", w->name);
    return db_one(j->db, &sql_pilot_insert_workspace,
                  DB_ARGS(db_text(w->code), db_text(w->name), db_time(j->now)), cols, j->mem,
                  &j->workspace, j->e);
}

static bool
put_workspace(struct declare_job *j)
{
    struct row {
        int64_t     workspace_id;
        const char *name;
    } row = { 0 };
    static const struct db_col   cols[] = { DB_COL(struct row, workspace_id, DB_INT8),
                                            DB_COL(struct row, name, DB_TEXT), DB_COLS_END };
    const struct decl_workspace *w = &j->d->workspace;
    bool named = conf_given(conf_key(&declare_table, "workspace")->sub, w, "name");

    if (!db_one(j->db, &sql_pilot_find_workspace, DB_ARGS(db_text(w->code)), cols, j->mem, &row,
                j->e)) {
        if (j->e->code != ERR_NOT_FOUND)
            return false;
        *j->e = (struct err)ERR_INIT;
        if (!make_workspace(j))
            return false;
    } else {
        bool renamed = named && strcmp(row.name, w->name) != 0;

        j->workspace = row.workspace_id;
        declare_note(j, renamed ? DECLARE_CHANGE : DECLARE_SAME, "workspace", w->code,
                     renamed ? "name" : "%s", "");
        if (renamed && !db_exec(j->db, &sql_pilot_update_workspace,
                                DB_ARGS(db_int8(j->workspace), db_text(w->name)), NULL, j->e))
            return false;
    }
    return db_exec(j->db, &sql_pilot_enter_workspace, DB_ARGS(db_int8(j->workspace)), NULL, j->e);
}

/* --- the whole ----------------------------------------------------------------------- */

/* Under the lock of the pilot, like every marking of days (lock_pilot.sql says why). */
static bool
recount(struct declare_job *j)
{
    int64_t days = 0;

    if (!j->recount)
        return true;
    if (!db_exec(
            j->db, &sql_pilot_mark_pilot_days,
            DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_text(time_zone_name(j->is.zone))),
            &days, j->e))
        return false;
    declare_note(j, DECLARE_CHANGE, "events", "", "%d %s to count again", (int)days,
                 days == 1 ? "day" : "days");
    return true;
}

/* Figures already shown were made of another charter or roster. */
static bool
mark_change(struct declare_job *j)
{
    return !j->plan->changes ||
           db_exec(j->db, &sql_pilot_mark_change, DB_ARGS(db_int8(j->workspace), db_int8(j->pilot)),
                   NULL, j->e);
}

/* In a transaction of its own making: all steps, the plan filled on the way. A step that
 * refuses goes on, so that all refusals are found; what it wrote is rolled back. */
static bool
steps(struct declare_job *j)
{
    bool pilot = j->d->pilot.at.node;

    if (!db_exec(j->db, &sql_pilot_lock_declare, DB_NO_ARGS, NULL, j->e)) {
        if (strcmp(j->e->sqlstate, "55P03") == 0)
            return err_set(j->e, ERR_BUSY, "another declaration is under way: try again");
        return false;
    }
    if (!put_workspace(j) || !declare_put_tools(j))
        return false;
    if (!pilot)
        return true;
    if (!declare_put_pilot(j))
        return false;
    if (!j->pilot) /* refused: there is nothing to hang the rest on */
        return true;
    return declare_put_sources(j) && declare_put_days(j) && declare_put_people(j) &&
           declare_put_notice(j) && recount(j) && mark_change(j);
}

static void
finish_plan(struct declare_job *j)
{
    if (!j->plan->changes && !j->plan->refused)
        declare_note(j, DECLARE_SAME, "plan", "", "nothing to do");
}

/* An orphaned key would be no harm, but a key without a pilot is a riddle. */
static void
take_back_key(struct declare_job *j)
{
    struct err ignored = ERR_INIT;

    if (j->made_key && !vault_destroy(j->vault, j->workspace, j->pilot, &ignored))
        j->made_key = false;
}

static bool
run(struct declare_job *j)
{
    bool ok;

    if (!db_begin_control(j->db, j->e))
        return false;
    ok = steps(j);
    if (ok && j->mem->denied)
        ok = err_set(j->e, ERR_NOMEM, "the declaration needs more memory than it may take");
    if (ok)
        finish_plan(j);
    if (ok && !j->dry && !j->plan->refused) {
        ok = db_commit(j->db, j->e);
        j->plan->applied = ok;
        return ok;
    }
    db_rollback(j->db);
    take_back_key(j);
    return ok;
}

bool
declare_plan(struct db *db, struct vault *vault, const struct conf_text *files, size_t n,
             enum declare_mode mode, usec_t now, struct arena *mem, struct declare_plan *ret,
             struct err *e)
{
    struct declaration  d = { .at = { 0 } };
    struct declare_plan plan = { .pilot = "" };
    struct conf_faults *faults = arena_new(mem, struct conf_faults, 1);
    struct declare_job  j = { .db = db,
                              .vault = vault,
                              .d = &d,
                              .mem = mem,
                              .now = now,
                              .plan = &plan,
                              .e = e,
                              .dry = mode == DECLARE_DRY_RUN };

    if (!faults)
        return err_set(e, ERR_NOMEM, "no memory for a declaration");
    conf_faults_init(faults, mem);
    if (!declare_read(files, n, mem, &d, faults, e))
        return false;
    if (!faults->n) {
        declare_check_all(&d, faults);
        declare_roster(&d, &j.idents, &j.idents_n, faults);
    }
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "the declaration needs more memory than it may take");
    if (d.pilot.id)
        plan.pilot = d.pilot.id;
    refuse_faults(&j, faults);
    if (!faults->n && !run(&j))
        return false;
    hash_wipe(&j.try_key, sizeof j.try_key);
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "the declaration needs more memory than it may take");
    *ret = plan;
    return true;
}
