/* rollup.c - the thread that has dirty days counted again, source by source. */
#include "worker_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"

#include "sql_gen.h"

#include <string.h>

#define MOST_DAYS 100 /* of one source in one transaction: the loader may wait for it */
#define LOOK_EVERY (30 * USEC_SECOND) /* marks may be made by others */
#define MANY_DAYS 20                  /* counted in one round: the planner must know at once */
#define BUSY_PAUSE 5                  /* times longer between rounds while the loader is behind */
#define MOST_BACKOFF (5 * USEC_SECOND)

struct rollup {
    struct worker *w;
    struct db     *db;
    struct arena   mem;
    size_t         counted; /* days, in this round */
    usec_t         backoff;
    struct err     told;
};

struct dirty_source {
    int64_t workspace_id, source_id, pilot_id; /* pilot_id 0: the source is gone */
};

static const struct db_col source_cols[] = {
    DB_COL(struct dirty_source, workspace_id, DB_INT8),
    DB_COL(struct dirty_source, source_id, DB_INT8),
    DB_COL(struct dirty_source, pilot_id, DB_INT8),
    DB_COLS_END,
};
static const struct db_col pilot_cols[] = { { .name = "pilot_id", .type = DB_INT8 }, DB_COLS_END };
static const struct db_col day_cols[] = { { .name = "day", .type = DB_DATE }, DB_COLS_END };
static const struct db_col dirty_cols[] = { { .name = "dirty", .type = DB_BOOL }, DB_COLS_END };

/* The source behind `after` with dirty days; *ret_any is false when there is none. */
static bool
next_source(struct rollup *r, struct dirty_source after, struct dirty_source *ret, bool *ret_any,
            struct err *e)
{
    void  *rows;
    size_t n;

    arena_reset(&r->mem);
    if (!db_begin_control(r->db, e) ||
        !db_query(r->db, &sql_worker_find_dirty,
                  DB_ARGS(db_int8(after.workspace_id), db_int8(after.source_id)), source_cols,
                  sizeof *ret, &r->mem, &rows, &n, e) ||
        !db_commit(r->db, e))
        return false;
    *ret_any = n > 0;
    if (n)
        *ret = *(const struct dirty_source *)rows;
    return true;
}

/* Some of its days in one transaction: marks off first, then the counting. *ret_n: how many. */
static bool
count_days(struct rollup *r, const struct dirty_source *s, size_t *ret_n, struct err *e)
{
    struct db_arg workspace = db_int8(s->workspace_id), source = db_int8(s->source_id);
    void         *days, *ignored;
    size_t        n;

    arena_reset(&r->mem);
    if (!db_begin_control(r->db, e))
        return false;
    if (s->pilot_id &&
        !db_query(r->db, &sql_worker_lock_pilot, DB_ARGS(workspace, db_int8(s->pilot_id)),
                  pilot_cols, sizeof(int64_t), &r->mem, &ignored, &n, e))
        return false;
    if (!db_query(r->db, &sql_worker_take_dirty, DB_ARGS(workspace, source, db_int8(MOST_DAYS)),
                  day_cols, sizeof(int32_t), &r->mem, &days, &n, e))
        return false;
    CRASH_POINT("worker/rollup_taken");
    if (n && s->pilot_id &&
        !db_exec(r->db, &sql_worker_rollup_days, DB_ARGS(workspace, source, db_dates(days, n)),
                 NULL, e))
        return false;
    CRASH_POINT("worker/rollup_counted");
    if (!db_commit(r->db, e))
        return false;
    CRASH_POINT("worker/rollup_committed");
    *ret_n = n;
    return true;
}

static void
note(struct rollup *r, size_t days, bool failed)
{
    pthread_mutex_lock(&r->w->lock);
    r->w->stats.rollups += days > 0;
    r->w->stats.rollup_days += days;
    r->w->stats.rollup_failures += failed;
    pthread_mutex_unlock(&r->w->lock);
}

/* One source to its end. False: a fault, its marks stay. */
static bool
count_source(struct rollup *r, const struct dirty_source *s, struct err *e)
{
    size_t n = MOST_DAYS;

    while (n == MOST_DAYS && !worker_stopping(r->w)) {
        if (!count_days(r, s, &n, e)) {
            db_rollback(r->db);
            note(r, 0, true);
            return false;
        }
        note(r, n, false);
        r->counted += n;
    }
    return true;
}

/* After an import: plans made for small tables would take seconds. */
static bool
tell_planner(struct rollup *r, struct err *e)
{
    if (r->counted < MANY_DAYS)
        return true;
    arena_reset(&r->mem);
    return db_begin_control(r->db, e) &&
           db_exec(r->db, &sql_worker_rollup_statistics, DB_NO_ARGS, NULL, e) &&
           db_commit(r->db, e);
}

/* Every source once; one that fails does not keep the others waiting. */
static bool
count_all(struct rollup *r, struct err *e)
{
    struct dirty_source s = { 0 };
    struct err          why = ERR_INIT;
    bool                any, ok = true;

    for (;;) {
        if (!next_source(r, s, &s, &any, e))
            return false;
        if (!any || worker_stopping(r->w))
            break;
        if (!count_source(r, &s, &why)) {
            ok = false;
            if (db_is_lost(r->db))
                break;
        }
    }
    if (!ok)
        *e = why;
    return ok;
}

static bool
is_dirty(struct rollup *r, bool *ret, struct err *e)
{
    arena_reset(&r->mem);
    return db_begin_control(r->db, e) &&
           db_one(r->db, &sql_worker_count_dirty, DB_NO_ARGS, dirty_cols, &r->mem, ret, e) &&
           db_commit(r->db, e);
}

static bool
round_of(struct rollup *r, bool *ret_clean, struct err *e)
{
    struct db_opts o = { .conninfo = r->w->opts.conninfo,
                         .role = DB_LOADER,
                         .statement_timeout_ms = 300000 };
    bool           dirty = true;

    if (!r->db && !db_open(&o, &r->db, e))
        return false;
    r->counted = 0;
    if (!count_all(r, e) || !tell_planner(r, e) || !is_dirty(r, &dirty, e))
        return false;
    *ret_clean = !dirty;
    return true;
}

/* Sleeps until there is something to count and enough time has gone by. False: stop. */
static bool
wait_for_work(struct worker *w, usec_t last, uint64_t *ret_ticket)
{
    struct timespec until;
    usec_t          now;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        bool   behind = journal_durable(w->opts.journal) > w->stats.position;
        usec_t pause = w->opts.rollup_pause * (behind ? BUSY_PAUSE : 1);
        bool   waited_for = w->clean_wanted > w->clean_given;

        now = time_monotonic();
        usec_t due = waited_for ? last : last + (w->rollup_due ? pause : LOOK_EVERY);
        if (w->stop || now >= due)
            break;
        clock_gettime(CLOCK_MONOTONIC, &until);
        usec_t at = (usec_t)until.tv_sec * USEC_SECOND + until.tv_nsec / 1000 + (due - now);
        until =
            (struct timespec){ .tv_sec = at / USEC_SECOND, .tv_nsec = (at % USEC_SECOND) * 1000 };
        pthread_cond_timedwait(&w->changed, &w->lock, &until);
    }
    w->rollup_due = false;
    *ret_ticket = w->clean_wanted;
    bool go_on = !w->stop;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void
give_tickets(struct worker *w, uint64_t ticket)
{
    pthread_mutex_lock(&w->lock);
    if (ticket > w->clean_given)
        w->clean_given = ticket;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void
come_again(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->rollup_due = true;
    pthread_mutex_unlock(&w->lock);
    worker_pause(w, USEC_SECOND / 50);
}

static void
fail(struct rollup *r, const struct err *e)
{
    if (strcmp(r->told.text, e->text) != 0)
        log_err("worker", e, "counting waits, and tries again");
    r->told = *e;
    db_close(r->db);
    r->db = NULL;
    r->backoff = r->backoff ? r->backoff * 2 : USEC_SECOND / 4;
    if (r->backoff > MOST_BACKOFF)
        r->backoff = MOST_BACKOFF;
    come_again(r->w);
    worker_pause(r->w, r->backoff);
}

void *
worker_rollup(void *arg)
{
    struct worker *w = arg;
    struct rollup  r = { .w = w };
    usec_t         last = time_monotonic() - LOOK_EVERY; /* the first look comes at once */
    uint64_t       ticket;

    arena_init(&r.mem, (size_t)16 << 20);
    while (wait_for_work(w, last, &ticket)) {
        struct err e = ERR_INIT;
        bool       clean = false;

        if (!round_of(&r, &clean, &e)) {
            fail(&r, &e);
        } else {
            r.backoff = 0;
            r.told.text[0] = 0;
            if (clean)
                give_tickets(w, ticket);
            else
                come_again(w); /* a mark was being set, or was set meanwhile */
        }
        last = time_monotonic();
    }
    db_close(r.db);
    arena_free(&r.mem);
    return NULL;
}
