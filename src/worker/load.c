/* load.c - one batch in one transaction: rows, counts, marks and the journal's position. */
#include "worker_int.h"

#include "collaudo/crash.h"

#include "sql_gen.h"

#include <string.h>

/* --- where the journal stands --------------------------------------------------------- */

/* The position must be where the batch begins: else somebody loaded it meanwhile. */
static bool
lock_journal(struct loader *l, struct err *e)
{
    uint64_t position;

    if (!worker_look(l, true, &position, e) || !worker_reassert(l, e))
        return false;
    return position == l->batch.from ||
           err_set(e, ERR_CONFLICT, "the journal's position in the database has moved");
}

static bool
move_journal(struct loader *l, struct err *e)
{
    int64_t moved;

    if (!db_exec(l->db, &sql_worker_move_journal,
                 DB_ARGS(db_uuid(l->branched ? &l->branch : &l->w->journal_id),
                         db_int8((int64_t)l->batch.from), db_int8((int64_t)l->batch.after),
                         db_time(l->w->opts.now())),
                 &moved, e))
        return false;
    return moved == 1 ||
           err_set(e, ERR_CONFLICT, "the journal's position in the database has moved");
}

/* --- counts and marks -------------------------------------------------------------------- */

/* The columns of a tally, as parameters. */
struct columns {
    int64_t *workspace, *source, *reason, *loaded, *duplicates, *quarantined, *reread;
    int32_t *day;
};

static bool
columns_of(const struct tallies *t, const struct batch *b, struct columns *ret, struct err *e)
{
    struct arena  *mem = t->mem;
    size_t         n = t->n;
    int64_t       *numbers = arena_new(mem, int64_t, n * 7);
    struct columns c = { numbers,         numbers + n,
                         numbers + 2 * n, numbers + 3 * n,
                         numbers + 4 * n, numbers + 5 * n,
                         numbers + 6 * n, arena_new(mem, int32_t, n) };

    if (!numbers || !c.day)
        return err_set(e, ERR_NOMEM, "no memory to count a batch");
    for (size_t i = 0; i < n; i++) {
        const struct tally *x = &t->list[i];

        c.workspace[i] = b->sources[x->source].workspace;
        c.source[i] = b->sources[x->source].id;
        c.day[i] = x->day;
        c.reason[i] = x->reason;
        c.loaded[i] = x->loaded;
        c.duplicates[i] = x->duplicates;
        c.quarantined[i] = x->quarantined;
        c.reread[i] = x->reread;
    }
    *ret = c;
    return true;
}

static bool
count_row(struct tallies *t, const struct batch *b, const struct row *row)
{
    bool bad =
        row->outcome == ROW_BAD || row->outcome == ROW_CONFLICT || row->outcome == ROW_REFUSED;
    int32_t       day = time_local_day(b->sources[row->source].zone, row->item.received);
    struct tally *x =
        worker_tally(t, row->source, day, bad ? (int16_t)row->item.quarantine.why : 0);

    if (!x)
        return false;
    x->loaded += row->outcome == ROW_LOAD;
    x->duplicates += row->outcome == ROW_DUPLICATE;
    x->reread += row->outcome == ROW_REREAD;
    x->quarantined += bad;
    return true;
}

/* What was delivered, by the local day on which it came in; *ret: those days. */
static bool
add_intake(struct loader *l, struct tallies *ret, struct err *e)
{
    struct batch  *b = &l->batch;
    struct tallies t = { .mem = &b->mem };
    struct columns c;

    for (size_t i = 0; i < b->n; i++)
        if (b->rows[i].outcome != ROW_HEARTBEAT && b->rows[i].outcome != ROW_SKIPPED &&
            !count_row(&t, b, &b->rows[i]))
            return err_set(e, ERR_NOMEM, "no memory to count a batch");
    worker_tally_sort(&t, b);
    *ret = t;
    if (!t.n)
        return true;
    if (!columns_of(&t, b, &c, e))
        return false;
    return db_exec(l->db, &sql_worker_add_intake,
                   DB_ARGS(db_int8s(c.workspace, t.n), db_int8s(c.source, t.n),
                           db_dates(c.day, t.n), db_int8s(c.reason, t.n), db_int8s(c.loaded, t.n),
                           db_int8s(c.duplicates, t.n), db_int8s(c.quarantined, t.n),
                           db_int8s(c.reread, t.n)),
                   NULL, e);
}

struct beat {
    int64_t workspace_id, source_id;
    usec_t  hour, received;
};

static const struct db_col beat_cols[] = {
    DB_COL(struct beat, workspace_id, DB_INT8),
    DB_COL(struct beat, source_id, DB_INT8),
    DB_COL(struct beat, hour, DB_TIME),
    DB_COL(struct beat, received, DB_TIME),
    DB_COLS_END,
};

/* A day to be counted again, by something received then: late, it changes no figure. */
static bool
mark(struct tallies *dirty, const struct batch *b, unsigned source, int32_t day, usec_t received)
{
    const struct batch_source *s = &b->sources[source];
    struct tally              *x = worker_tally(dirty, source, day, 0);

    if (x)
        x->loaded += received < s->frozen_from || day > s->end;
    return x != NULL;
}

static bool
mark_hour(struct tallies *dirty, const struct batch *b, const struct beat *x)
{
    for (unsigned i = 0; i < b->sources_n; i++)
        if (b->sources[i].workspace == x->workspace_id && b->sources[i].id == x->source_id)
            return mark(dirty, b, i, time_local_day(b->sources[i].zone, x->hour), x->received);
    return true;
}

/* Hours that were not known to be covered make their day dirty. */
static bool
add_heartbeats(struct loader *l, struct tallies *dirty, struct err *e)
{
    struct batch *b = &l->batch;
    size_t        n = 0;
    void         *fresh;
    int64_t      *numbers = NULL;

    for (size_t i = 0; i < b->n; i++)
        n += b->rows[i].outcome == ROW_HEARTBEAT;
    if (!n)
        return true;
    if (!(numbers = arena_new(&b->mem, int64_t, n * 4)))
        return err_set(e, ERR_NOMEM, "no memory for %zu heartbeats", n);
    size_t m = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (b->rows[i].outcome != ROW_HEARTBEAT)
            continue;
        numbers[m] = b->sources[b->rows[i].source].workspace;
        numbers[n + m] = b->sources[b->rows[i].source].id;
        numbers[2 * n + m] = b->rows[i].item.hour;
        numbers[3 * n + m++] = b->rows[i].item.received;
    }
    if (!db_query(l->db, &sql_worker_insert_heartbeats,
                  DB_ARGS(db_int8s(numbers, n), db_int8s(numbers + n, n),
                          db_int8s(numbers + 2 * n, n), db_int8s(numbers + 3 * n, n)),
                  beat_cols, sizeof(struct beat), &b->mem, &fresh, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!mark_hour(dirty, b, (const struct beat *)fresh + i))
            return err_set(e, ERR_NOMEM, "no memory for %zu heartbeats", n);
    return true;
}

/* Days to be counted again: those on which something stored now happened. */
static bool
mark_days(struct loader *l, struct tallies *dirty, struct err *e)
{
    struct batch  *b = &l->batch;
    struct columns c;

    for (size_t i = 0; i < b->n; i++) {
        const struct row *row = &b->rows[i];

        if (row->outcome == ROW_LOAD &&
            !mark(dirty, b, row->source,
                  time_local_day(b->sources[row->source].zone, row->item.event.time),
                  row->item.received))
            return err_set(e, ERR_NOMEM, "no memory to mark days");
    }
    worker_tally_sort(dirty, b);
    if (!dirty->n)
        return true;
    if (!columns_of(dirty, b, &c, e))
        return false;
    return db_exec(l->db, &sql_worker_mark_dirty,
                   DB_ARGS(db_int8s(c.workspace, dirty->n), db_int8s(c.source, dirty->n),
                           db_dates(c.day, dirty->n), db_int8s(c.loaded, dirty->n)),
                   NULL, e);
}

/* Figures made of what came in on these days have changed. After mark_days(): the rollup takes
 * the rows of dirty_day and pilot_change in this order. */
static bool
mark_changes(struct loader *l, const struct tallies *came, struct err *e)
{
    struct columns c;

    if (!came->n)
        return true;
    return columns_of(came, &l->batch, &c, e) &&
           db_exec(l->db, &sql_worker_mark_changes,
                   DB_ARGS(db_int8s(c.workspace, came->n), db_int8s(c.source, came->n),
                           db_dates(c.day, came->n)),
                   NULL, e);
}

/* --- the transaction ------------------------------------------------------------------------- */

static bool
write_batch(struct loader *l, bool *ret_dirty, struct err *e)
{
    struct tallies dirty = { .mem = &l->batch.mem }, came = { .n = 0 };

    if (!lock_journal(l, e))
        return false;
    CRASH_POINT("worker/locked");
    if (!worker_find_sources(l, e) || !worker_find_lines(l, e) || !worker_find_recent(l, e))
        return false;
    CRASH_POINT("worker/found");
    if (!worker_write_events(l, e))
        return false;
    CRASH_POINT("worker/events");
    if (!worker_write_quarantine(l, e))
        return false;
    CRASH_POINT("worker/quarantine");
    if (!add_intake(l, &came, e) || !add_heartbeats(l, &dirty, e) || !worker_note_heard(l, e))
        return false;
    CRASH_POINT("worker/counted");
    if (!mark_days(l, &dirty, e) || !mark_changes(l, &came, e))
        return false;
    CRASH_POINT("worker/marked");
    *ret_dirty = dirty.n > 0;
    return move_journal(l, e);
}

bool
worker_load(struct loader *l, bool *ret_dirty, struct err *e)
{
    bool dirty = false;

    l->slow = false;
    if (!db_begin_control(l->db, e))
        return false;
    CRASH_POINT("worker/begun");
    if (!write_batch(l, &dirty, e))
        return false;
    CRASH_POINT("worker/moved");
    l->unsure = true;
    if (!db_commit(l->db, e))
        return false;
    l->unsure = false;
    CRASH_POINT("worker/committed");
    *ret_dirty = dirty;
    return true;
}
