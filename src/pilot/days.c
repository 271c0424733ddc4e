/* days.c - every local day of a pilot's window: is it a working day, and if not, why. */
#include "declare_int.h"

#include "sql_gen.h"

#include <string.h>

struct day_row {
    int32_t     day, week;
    bool        working;
    const char *why;
};

static const struct db_col day_cols[] = {
    DB_COL(struct day_row, day, DB_DATE),
    DB_COL(struct day_row, week, DB_DATE),
    DB_COL(struct day_row, working, DB_BOOL),
    DB_COL(struct day_row, why, DB_TEXT),
    DB_COLS_END,
};

/* What the window is made of, one entry per day. */
struct days {
    int32_t     *day, *week;
    const char **why;
    size_t       n;
};

struct calendar {
    bool                     italy;
    struct calendar_closure *closures;
    size_t                   n;
};

static const struct decl_calendar *
find_calendar(const struct declaration *d, const char *name)
{
    const struct decl_calendar *c = d->calendars.rows;

    for (size_t i = 0; i < d->calendars.n; i++)
        if (strcmp(c[i].name, name) == 0)
            return &c[i];
    return NULL;
}

static void
add_closures(struct calendar *c, const struct decl_calendar *from)
{
    const struct decl_closure *o = from->closures.rows;

    for (size_t i = 0; i < from->closures.n; i++)
        c->closures[c->n++] = (struct calendar_closure){ .first = o[i].day ? o[i].day : o[i].from,
                                                         .last = o[i].day ? o[i].day : o[i].to,
                                                         .name = o[i].name };
}

/* The calendars that the charter names, from the files. False: one of them is in no file. */
static bool
gather(struct declare_job *j, struct calendar *ret, bool *ret_whole)
{
    const cJSON                *doc, *name;
    size_t                      most = 0;
    const struct decl_calendar *c = j->d->calendars.rows;

    if (!json_parse(j->mem, j->is.charter_text, strlen(j->is.charter_text), &doc, j->e))
        return false;
    for (size_t i = 0; i < j->d->calendars.n; i++)
        most += c[i].closures.n;
    *ret = (struct calendar){ .closures = arena_new(j->mem, struct calendar_closure, most) };
    if (!ret->closures)
        return err_set(j->e, ERR_NOMEM, "no memory for closures");
    *ret_whole = true;
    cJSON_ArrayForEach (name, json_at(doc, "/pilot/calendar")) {
        const struct decl_calendar *found = find_calendar(j->d, name->valuestring);

        if (strcmp(name->valuestring, "it") == 0)
            ret->italy = true;
        else if (found)
            add_closures(ret, found);
        else
            *ret_whole = false;
    }
    return true;
}

static bool
compute(struct declare_job *j, const struct calendar *c, struct days *ret)
{
    size_t n = (size_t)(j->is.end - j->is.start + 1);

    *ret = (struct days){ .day = arena_new(j->mem, int32_t, n),
                          .week = arena_new(j->mem, int32_t, n),
                          .why = arena_new(j->mem, const char *, n),
                          .n = n };
    if (!ret->day || !ret->week || !ret->why)
        return err_set(j->e, ERR_NOMEM, "no memory for %zu days", n);
    for (size_t i = 0; i < n; i++) {
        ret->day[i] = j->is.start + (int32_t)i;
        ret->week[i] = time_monday(ret->day[i]);
        ret->why[i] = calendar_why(ret->day[i], c->italy, c->closures, c->n);
    }
    return true;
}

/* How many days differ, and whether one of them has begun. Once sealed the windows are equal. */
static size_t
compare(const struct declare_job *j, const struct days *is, const struct day_row *was, size_t was_n,
        bool *ret_begun)
{
    int32_t today = time_local_day(j->is.zone, j->now);
    size_t  n = 0;

    *ret_begun = false;
    for (size_t i = 0; i < is->n; i++) {
        bool same = i < was_n && was[i].day == is->day[i] && strcmp(was[i].why, is->why[i]) == 0;

        n += !same;
        *ret_begun = *ret_begun || (!same && is->day[i] <= today);
    }
    return n + (was_n > is->n ? was_n - is->n : 0);
}

static bool
write_days(struct declare_job *j, const struct days *d)
{
    return db_exec(j->db, &sql_pilot_delete_days, DB_ARGS(db_int8(j->workspace), db_int8(j->pilot)),
                   NULL, j->e) &&
           db_exec(j->db, &sql_pilot_insert_days,
                   DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_dates(d->day, d->n),
                           db_dates(d->week, d->n), db_texts(d->why, d->n)),
                   NULL, j->e);
}

static size_t
working(const struct days *d)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n; i++)
        n += !*d->why[i];
    return n;
}

static bool
put(struct declare_job *j, const struct days *is)
{
    void  *rows = NULL;
    size_t n = 0, differ;
    bool   begun;

    if (!db_query(j->db, &sql_pilot_list_days, DB_ARGS(db_int8(j->workspace), db_int8(j->pilot)),
                  day_cols, sizeof(struct day_row), j->mem, &rows, &n, j->e))
        return false;
    differ = compare(j, is, rows, n, &begun);
    if (differ && j->frozen) {
        declare_refuse_final(j, "days", NULL, "calendars");
        return true;
    }
    if (differ && j->sealed && begun) {
        declare_refuse(j, ERR_CONFLICT, "days", NULL,
                       "pilot %s is sealed: closures may change only for days that have not begun",
                       j->is.code);
        return true;
    }
    declare_note(j,
                 !n       ? DECLARE_CREATE
                 : differ ? DECLARE_CHANGE
                          : DECLARE_SAME,
                 "days", "", "%zu days, %zu working", is->n, working(is));
    return !differ || write_days(j, is);
}

bool
declare_put_days(struct declare_job *j)
{
    struct calendar c;
    struct days     d;
    bool            whole = false;

    if (!j->d->has_charter && !conf_given(&declare_table, j->d, "calendars"))
        return true; /* the days stay */
    if (!gather(j, &c, &whole))
        return false;
    if (!whole) {
        declare_refuse(j, ERR_INVALID, "days", NULL,
                       "pilot.calendar of %s names a calendar that is in no file", j->is.code);
        return true;
    }
    return compute(j, &c, &d) && put(j, &d);
}
