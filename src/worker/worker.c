/* worker.c - the two threads, begun, ended, asked and waited for. See worker.h. */
#include "worker_int.h"

#include "collaudo/crash.h"

#include <stdlib.h>
#include <string.h>

bool
worker_stopping(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool stop = w->stop;
    pthread_mutex_unlock(&w->lock);
    return stop;
}

static void
deadline(usec_t from_now, struct timespec *ret)
{
    clock_gettime(CLOCK_MONOTONIC, ret);
    usec_t at = (usec_t)ret->tv_sec * USEC_SECOND + ret->tv_nsec / 1000 + from_now;
    *ret = (struct timespec){ .tv_sec = at / USEC_SECOND, .tv_nsec = (at % USEC_SECOND) * 1000 };
}

bool
worker_pause(struct worker *w, usec_t how_long)
{
    struct timespec until;
    int             rc = 0;

    deadline(how_long, &until);
    pthread_mutex_lock(&w->lock);
    while (!w->stop && !rc)
        rc = pthread_cond_timedwait(&w->changed, &w->lock, &until);
    bool go_on = !w->stop;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

/* --- begin and end ------------------------------------------------------------------ */

/* "01234567-89ab-..." without its hyphens. */
struct hash_id
worker_journal_id(const struct journal *j)
{
    char           uuid[JOURNAL_UUID_LEN], hex[HASH_ID_LEN * 2 + 1];
    size_t         n = 0;
    struct hash_id id;

    journal_uuid(j, uuid);
    for (const char *p = uuid; *p && n < HASH_ID_LEN * 2; p++)
        if (*p != '-')
            hex[n++] = *p;
    hex[n] = 0;
    if (!hash_unhex(hex, &id, sizeof id))
        abort(); /* a journal without a name: a broken promise of ours */
    return id;
}

static struct worker_opts
with_defaults(struct worker_opts o)
{
    o.batch_rows = o.batch_rows ? o.batch_rows : 10000;
    o.batch_bytes = o.batch_bytes ? o.batch_bytes : (size_t)8 << 20;
    o.recent = o.recent ? o.recent : 262144;
    /* All ids of one batch must be remembered at once: repetitions inside it are found by
     * nothing else. A batch has one record more than fills it. */
    if (o.recent < 4 * (o.batch_rows + INGEST_MAX_EVENTS))
        o.recent = 4 * (o.batch_rows + INGEST_MAX_EVENTS);
    o.rollup_pause = o.rollup_pause ? o.rollup_pause : 2 * USEC_SECOND;
    o.audit_pause = o.audit_pause ? o.audit_pause : USEC_MINUTE;
    o.now = o.now ? o.now : time_now;
    return o;
}

static void
discard(struct worker *w)
{
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w->conninfo);
    free(w);
}

static struct worker *
make(const struct worker_opts *o)
{
    struct worker     *w = calloc(1, sizeof *w);
    pthread_condattr_t attr;

    if (!w)
        return NULL;
    w->opts = with_defaults(*o);
    w->opts.conninfo = w->conninfo = strdup(o->conninfo);
    w->journal_id = worker_journal_id(o->journal);
    w->begins = journal_durable(o->journal);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (w->conninfo)
        return w;
    discard(w);
    return NULL;
}

static void
stop_threads(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

bool
worker_start(const struct worker_opts *o, struct worker **ret, struct err *e)
{
    struct worker *w = make(o);
    int            rc;

    if (!w)
        return err_set(e, ERR_NOMEM, "no memory for the clockwork");
    if ((rc = pthread_create(&w->loader, NULL, worker_loader, w))) {
        discard(w);
        return err_errno(e, rc, "cannot start the loader");
    }
    if ((rc = pthread_create(&w->rollup, NULL, worker_rollup, w))) {
        stop_threads(w);
        pthread_join(w->loader, NULL);
        discard(w);
        return err_errno(e, rc, "cannot start the rollup");
    }
    if ((rc = pthread_create(&w->audit, NULL, worker_audit, w))) {
        stop_threads(w);
        pthread_join(w->loader, NULL);
        pthread_join(w->rollup, NULL);
        discard(w);
        return err_errno(e, rc, "cannot start the audit");
    }
    *ret = w;
    return true;
}

void
worker_stop(struct worker *w)
{
    if (!w)
        return;
    stop_threads(w);
    pthread_join(w->loader, NULL);
    pthread_join(w->rollup, NULL);
    pthread_join(w->audit, NULL);
    discard(w);
}

/* --- waiting and asking ------------------------------------------------------------------ */

void
worker_nudge(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->rollup_due = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

bool
worker_settled(struct worker *w, usec_t timeout)
{
    uint64_t        target = journal_durable(w->opts.journal);
    struct timespec until;
    int             rc = 0;

    deadline(timeout, &until);
    pthread_mutex_lock(&w->lock);
    while (!rc && !w->stop && !(w->stats.position_known && w->stats.position >= target))
        rc = pthread_cond_timedwait(&w->changed, &w->lock, &until);
    /* A round that begins from now on, and ends with nothing dirty. */
    uint64_t ticket = ++w->clean_wanted;
    pthread_cond_broadcast(&w->changed);
    while (!rc && !w->stop && w->clean_given < ticket)
        rc = pthread_cond_timedwait(&w->changed, &w->lock, &until);
    bool settled = w->clean_given >= ticket && w->stats.position >= target;
    pthread_mutex_unlock(&w->lock);
    return settled;
}

void
worker_stats(struct worker *w, struct worker_stats *ret)
{
    uint64_t durable = journal_durable(w->opts.journal);
    usec_t   now = w->opts.now();

    pthread_mutex_lock(&w->lock);
    *ret = w->stats;
    usec_t since = w->waiting_since;
    pthread_mutex_unlock(&w->lock);
    ret->backlog = ret->position_known && durable > ret->position ? durable - ret->position : 0;
    if (!w->opts.ledger || !ret->backlog ||
        !ingest_ledger_waiting(w->opts.ledger, &ret->backlog_events))
        ret->backlog_events = 0;
    ret->lag = since && now > since ? now - since : 0;
}

/* --- finding an event in the journal ------------------------------------------------------ */

static bool
holds(const struct journal_record *j, int64_t workspace, int64_t source, struct event_text id,
      usec_t received, bool *ret, struct err *e)
{
    struct ingest_record      r;
    struct ingest_record_item item;

    *ret = false;
    if (!ingest_record_open(j->payload, j->len, &r, e))
        return false;
    if (r.workspace != workspace || (r.kind == INGEST_RECORD_EVENTS && r.received != received))
        return true;
    while (r.left && !*ret) {
        if (!ingest_record_next(&r, &item, e))
            return false;
        *ret = item.kind == INGEST_ITEM_EVENT && item.source == source &&
               item.received == received && item.event.id.n == id.n &&
               memcmp(item.event.id.p, id.p, id.n) == 0;
    }
    return true;
}

bool
worker_find(struct journal *j, int64_t workspace, int64_t source, const char *event_id,
            usec_t received, usec_t patience, uint64_t *ret_position, struct err *e)
{
    usec_t                 until = time_monotonic() + patience;
    struct journal_reader *opened;
    struct journal_record  rec;
    bool                   found = false;

    if (!journal_reader_open(j, journal_first(j), &opened, e))
        return false;
    AUTO(journal_reader) *r = opened;
    while (!found) {
        if (!journal_read(r, &rec, e))
            return false;
        if (!rec.payload)
            return err_set(e, ERR_NOT_FOUND, "the journal no longer keeps this event");
        if (!holds(&rec, workspace, source, event_text(event_id), received, &found, e))
            return false;
        if (!found && time_monotonic() > until)
            return err_set(e, ERR_TIMEOUT, "the journal is too long to look for one event");
    }
    *ret_position = rec.position;
    return true;
}
