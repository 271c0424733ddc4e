/* loader.c - the thread that brings the journal into the database.
 *
 * After any error it lets go of connection, reader and memory of ids, and begins again from
 * the position in the database: the only place that knows what is loaded. */
#include "worker_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"

#include "sql_gen.h"

#include <string.h>

#define FIRST_BACKOFF (USEC_SECOND / 10)
#define MOST_BACKOFF (5 * USEC_SECOND)
#define LOOK_EVERY (USEC_SECOND / 4) /* so often an idle loader looks whether it is to stop */

static void
let_go(struct loader *l)
{
    journal_reader_close(l->reader);
    db_close(l->db);
    l->reader = NULL;
    l->db = NULL;
    worker_recent_reset(&l->recent);
}

/* --- starting from the database's word ------------------------------------------------- */

static bool
read_position(struct loader *l, uint64_t *ret, struct err *e)
{
    return db_begin_control(l->db, e) && worker_begin_branch(l, e) &&
           worker_look(l, true, ret, e) && worker_reassert(l, e) && db_commit(l->db, e);
}

/* Nothing comes in: is the database still the one it was, and are we still the one who goes on
 * with the journal? Whoever was replaced must not notice only at its next event. */
static bool
look_again(struct loader *l, struct err *e)
{
    uint64_t position;

    if (time_monotonic() - l->looked < USEC_SECOND)
        return true;
    l->looked = time_monotonic();
    if (!db_begin_control(l->db, e) || !worker_look(l, false, &position, e) || !db_commit(l->db, e))
        return false;
    return (position == l->batch.after && !l->lower) ||
           err_set(e, ERR_CONFLICT, "the journal's position in the database has moved");
}

static void
note_position(struct worker *w, uint64_t position)
{
    pthread_mutex_lock(&w->lock);
    w->stats.position = position;
    w->stats.position_known = true;
    w->stats.fault = WORKER_FINE;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    journal_loaded(w->opts.journal, position);
}

static void
add_outcome(struct ingest_brought *x, enum outcome o)
{
    switch (o) {
    case ROW_LOAD:
        x->loaded++;
        return;
    case ROW_DUPLICATE:
        x->duplicates++;
        return;
    case ROW_CONFLICT:
    case ROW_REFUSED:
    case ROW_BAD:
        x->quarantined++;
        return;
    case ROW_REREAD:
        x->reread++;
        return;
    case ROW_HEARTBEAT:
        x->heartbeats++;
        return;
    case ROW_SKIPPED:
        x->skipped++;
        return;
    }
}

/* What became of the batch, for the ledger. */
static void
bring(struct loader *l)
{
    const struct batch   *b = &l->batch;
    struct ingest_brought of[BATCH_SOURCES];

    if (!l->w->opts.ledger)
        return;
    for (unsigned i = 0; i < b->sources_n; i++)
        of[i] = (struct ingest_brought){ .workspace = b->sources[i].workspace,
                                         .source = b->sources[i].id };
    for (size_t i = 0; i < b->n; i++)
        add_outcome(&of[b->rows[i].source], b->rows[i].outcome);
    ingest_ledger_bring(l->w->opts.ledger, of, b->sources_n, b->after);
}

/* After the commit: the figures, and whoever waits. */
static void
note_loaded(struct loader *l, bool dirty)
{
    struct worker *w = l->w;
    struct batch  *b = &l->batch;
    uint64_t       n[ROW_SKIPPED + 1] = { 0 }, reread_bad = 0, skipped_bad = 0;

    bring(l);
    for (size_t i = 0; i < b->n; i++) {
        bool bad = b->rows[i].item.kind == INGEST_ITEM_QUARANTINE;

        n[b->rows[i].outcome]++;
        reread_bad += bad && b->rows[i].outcome == ROW_REREAD;
        skipped_bad += bad && b->rows[i].outcome == ROW_SKIPPED;
    }
    pthread_mutex_lock(&w->lock);
    w->stats.records += b->records;
    w->stats.loaded += n[ROW_LOAD];
    w->stats.duplicates += n[ROW_DUPLICATE];
    w->stats.quarantined += n[ROW_BAD];
    w->stats.conflicts += n[ROW_CONFLICT];
    w->stats.refused += n[ROW_REFUSED];
    w->stats.reread += n[ROW_REREAD] - reread_bad;
    w->stats.reread_bad += reread_bad;
    w->stats.heartbeats += n[ROW_HEARTBEAT];
    w->stats.skipped += n[ROW_SKIPPED] - skipped_bad;
    w->stats.skipped_bad += skipped_bad;
    w->stats.batches++;
    w->stats.slow += l->slow;
    w->rollup_due |= dirty;
    pthread_mutex_unlock(&w->lock);
    if (n[ROW_REFUSED]) /* what is remembered of them was never stored */
        worker_recent_reset(&l->recent);
    if (n[ROW_SKIPPED])
        log_line(LOG_WARN, "worker", "%llu items of sources that are gone were left out",
                 (unsigned long long)n[ROW_SKIPPED]);
    note_position(w, b->after);
}

static bool
open_reader(struct loader *l, uint64_t position, struct err *e)
{
    l->reading = true;
    return journal_reader_open(l->w->opts.journal, position, &l->reader, e);
}

static bool
start_over(struct loader *l, struct err *e)
{
    struct db_opts o = { .conninfo = l->w->opts.conninfo, .role = DB_LOADER };
    uint64_t       position;

    let_go(l);
    if (!db_open(&o, &l->db, e) || !read_position(l, &position, e) || !open_reader(l, position, e))
        return false;
    if (l->unsure && position == l->batch.after) /* it was committed after all */
        note_loaded(l, true);
    l->unsure = false;
    if (l->w->opts.ledger)
        ingest_ledger_stands(l->w->opts.ledger, position);
    note_position(l->w, position);
    l->batch.after = position;
    return true;
}

/* --- one round ----------------------------------------------------------------------------- */

static bool
round_of(struct loader *l, struct err *e)
{
    struct worker *w = l->w;
    bool           dirty;

    l->reading = false;
    if (!l->db && !start_over(l, e))
        return false;
    if (!l->reader && !open_reader(l, l->batch.after, e))
        return false;
    l->reading = true;
    if (!worker_batch_fill(&l->batch, &w->opts, l->reader, l->batch.after, e))
        return false;
    l->reading = false;
    pthread_mutex_lock(&w->lock);
    w->waiting_since = l->batch.records ? l->batch.received : 0;
    pthread_mutex_unlock(&w->lock);
    if (!l->batch.records) {
        /* a journal that is stopping does not wait: then this is the pause */
        if (!journal_wait(w->opts.journal, l->batch.after, LOOK_EVERY))
            worker_pause(w, USEC_SECOND / 200);
        return look_again(l, e);
    }
    if (!worker_load(l, &dirty, e))
        return false;
    note_loaded(l, dirty);
    if (l->batch.cut) { /* the reader must meet the fault again */
        journal_reader_close(l->reader);
        l->reader = NULL;
    }
    CRASH_POINT("worker/loaded");
    return true;
}

/* A journal that ends too early or begins too late has a gap; what cannot be read or decoded in
 * it is damage; everything else is a database that does not take what is whole. */
static enum worker_fault
fault_of(const struct loader *l, const struct err *e)
{
    if (!l->reading)
        return WORKER_STUCK;
    return e->code == ERR_CONFLICT ? WORKER_GAP : WORKER_DAMAGE;
}

/* Without the server it is only away; anything else needs a person, if it stays. */
static void
note_failure(struct loader *l, const struct err *e)
{
    struct worker *w = l->w;
    bool           away = e->code == ERR_BUSY || e->code == ERR_NOMEM;
    bool           again = strcmp(e->sqlstate, "40001") == 0 || strcmp(e->sqlstate, "40P01") == 0;

    pthread_mutex_lock(&w->lock);
    w->stats.failures++;
    w->stats.fault =
        !away && !again && l->backoff > FIRST_BACKOFF * 4 ? fault_of(l, e) : WORKER_FINE;
    memcpy(w->stats.why, e->text, sizeof w->stats.why);
    pthread_mutex_unlock(&w->lock);
    if (!again && strcmp(l->told.text, e->text) != 0)
        log_err("worker", e, "loading waits, and tries again");
    l->told = *e;
}

void *
worker_loader(void *arg)
{
    struct worker *w = arg;
    struct loader  l = { .w = w };
    struct err     e = ERR_INIT;

    while (!worker_recent_init(&l.recent, w->opts.recent, &e) && worker_pause(w, USEC_SECOND))
        ;
    while (!worker_stopping(w)) {
        e = (struct err)ERR_INIT;
        if (round_of(&l, &e)) {
            if (l.told.code)
                log_line(LOG_INFO, "worker", "loading goes on");
            l.told.code = ERR_NONE;
            l.told.text[0] = 0;
            l.backoff = 0;
            continue;
        }
        if (e.code == ERR_FENCED) {
            worker_fence(&l);
            let_go(&l);
            continue;
        }
        l.backoff = l.backoff ? l.backoff * 2 : FIRST_BACKOFF;
        if (l.backoff > MOST_BACKOFF)
            l.backoff = MOST_BACKOFF;
        note_failure(&l, &e);
        let_go(&l);
        worker_pause(w, l.backoff);
    }
    let_go(&l);
    worker_recent_free(&l.recent);
    worker_batch_free(&l.batch);
    return NULL;
}
