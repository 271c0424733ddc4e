/* audit.c - the thread that looks whether everything adds up: what the doors took is loaded or
 * waits in the journal, and what was counted as loaded is stored. */
#include "worker_int.h"

#include "collaudo/log.h"

#include "sql_gen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MOST_BYTES ((uint64_t)64 << 20) /* of the journal, read in one look */
#define LOOK_EVERY (USEC_SECOND / 5)    /* is a count of what waits due? */
#define COSTS 100 /* counting stored rows takes at most one part in so many of the time */

struct audit {
    struct worker *w;
    struct db     *db;
    struct arena   mem;
    usec_t         next_rows; /* when stored rows may be counted again */
    uint64_t       seen;      /* records loaded when they were counted last */
    bool           rows_off;  /* and what was found */
    char           rows_why[240];
    char           told[240];
};

struct off_row {
    int64_t workspace_id, source_id, loaded, events, quarantined, refused;
};

static const struct db_col off_cols[] = {
    DB_COL(struct off_row, workspace_id, DB_INT8),
    DB_COL(struct off_row, source_id, DB_INT8),
    DB_COL(struct off_row, loaded, DB_INT8),
    DB_COL(struct off_row, events, DB_INT8),
    DB_COL(struct off_row, quarantined, DB_INT8),
    DB_COL(struct off_row, refused, DB_INT8),
    DB_COLS_END,
};

/* In one statement, so that a batch committed meanwhile is in both counts or in neither. */
static bool
find_off(struct audit *a, struct err *e)
{
    struct db_opts o = { .conninfo = a->w->opts.conninfo,
                         .role = DB_LOADER,
                         .statement_timeout_ms = 300000 };
    void          *rows;
    size_t         n;

    arena_reset(&a->mem);
    if ((!a->db && !db_open(&o, &a->db, e)) || !db_begin_control(a->db, e) ||
        !db_query(a->db, &sql_worker_check_counts, DB_NO_ARGS, off_cols, sizeof(struct off_row),
                  &a->mem, &rows, &n, e) ||
        !db_commit(a->db, e))
        return false;
    a->rows_off = n > 0;
    if (n) {
        const struct off_row *r = rows;

        snprintf(a->rows_why, sizeof a->rows_why,
                 "source %" PRId64 " of workspace %" PRId64 ": %" PRId64
                 " events were loaded, %" PRId64 " are stored; %" PRId64
                 " went to quarantine, %" PRId64 " are there",
                 r->source_id, r->workspace_id, r->loaded, r->events, r->quarantined, r->refused);
    }
    return true;
}

/* Only when something was loaded since, and never so often that it would be felt. */
static void
count_rows(struct audit *a, uint64_t records)
{
    struct err e = ERR_INIT;
    usec_t     begun = time_monotonic();

    if (begun < a->next_rows || (a->seen == records && !a->rows_off))
        return;
    if (find_off(a, &e)) {
        a->seen = records;
    } else { /* the loader says when the database is away */
        db_close(a->db);
        a->db = NULL;
    }
    a->next_rows = begun + (time_monotonic() - begun) * COSTS;
}

static void
look(struct audit *a)
{
    struct worker      *w = a->w;
    char                why[240] = "";
    enum ingest_balance b = w->opts.ledger ? ingest_ledger_check(w->opts.ledger, MOST_BYTES, why)
                                           : INGEST_BALANCE_UNKNOWN;

    pthread_mutex_lock(&w->lock);
    uint64_t records = w->stats.records + 1;
    pthread_mutex_unlock(&w->lock);
    count_rows(a, records);
    if (b != INGEST_BALANCE_OFF)
        snprintf(why, sizeof why, "%s", a->rows_off ? a->rows_why : "");
    pthread_mutex_lock(&w->lock);
    w->stats.audits++;
    /* while it cannot be told, what was found before stands */
    if (b != INGEST_BALANCE_UNKNOWN || a->rows_off || !w->opts.ledger) {
        w->stats.unbalanced = *why;
        memcpy(w->stats.imbalance, why, sizeof why);
    }
    pthread_mutex_unlock(&w->lock);
    if (*why && strcmp(why, a->told) != 0)
        log_line(LOG_ERROR, "worker", "what was taken and what was loaded do not add up: %s", why);
    memcpy(a->told, why, sizeof why);
}

static bool
stops(void *w)
{
    return worker_stopping(w);
}

void *
worker_audit(void *arg)
{
    struct worker *w = arg;
    struct audit   a = { .w = w };
    usec_t         next = time_monotonic() + w->opts.audit_pause;
    usec_t         step = w->opts.audit_pause < LOOK_EVERY ? w->opts.audit_pause : LOOK_EVERY;

    arena_init(&a.mem, 1 << 20);
    while (worker_pause(w, step)) {
        if (w->opts.ledger)
            (void)!ingest_ledger_begin(w->opts.ledger, stops, w);
        if (time_monotonic() < next)
            continue;
        look(&a);
        next = time_monotonic() + w->opts.audit_pause;
    }
    db_close(a.db);
    arena_free(&a.mem);
    return NULL;
}
