/* journal.c - opening and closing, what is loaded, figures. See journal.h. */
#include "journal_int.h"

#include "collaudo/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MIB ((size_t)1 << 20)

struct journal_opts
journal_defaults(const char *dir)
{
    return (struct journal_opts){
        .dir = dir,
        .segment_bytes = 16 * MIB,
        .keep = 7 * 24 * USEC_HOUR,
        .max_backlog = (uint64_t)16384 * MIB,
        .min_free = 1024 * MIB,
        .max_queue = 256 * MIB,
        .check_bytes = (uint64_t)2048 * MIB,
        .now = time_now,
    };
}

/* --- open and close ------------------------------------------------------------------ */

static void
init_sync(struct journal *j)
{
    pthread_condattr_t mono;

    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->work, &mono);
    pthread_cond_init(&j->spares, &mono);
    pthread_cond_init(&j->chores, &mono);
    pthread_cond_init(&j->more, &mono);
    pthread_condattr_destroy(&mono);
}

static bool
new_journal(const struct journal_opts *o, struct journal **ret, struct err *e)
{
    if (!o->dir || !*o->dir || !o->now || o->segment_bytes < SEGMENT_LEAST ||
        o->segment_bytes > SEGMENT_MOST || o->keep < 0)
        return err_set(e, ERR_INVALID, "the journal's options are out of range");
    struct journal *j = calloc(1, sizeof *j);
    char           *dir = strdup(o->dir);
    if (!j || !dir) {
        free(j);
        free(dir);
        return err_set(e, ERR_NOMEM, "no memory for a journal");
    }
    j->opts = *o;
    j->opts.dir = j->dir = dir;
    j->opts.segment_bytes = (o->segment_bytes + 4095) & ~(size_t)4095;
    j->dirfd = j->lockfd = j->fd = j->spare = -1;
    j->queue_end = &j->queue;
    j->marked = true;
    j->sum.free_bytes = UINT64_MAX; /* until we know */
    init_sync(j);
    *ret = j;
    return true;
}

/* Signals are for the threads that know what to do with them. */
static bool
start(struct journal *j, struct err *e)
{
    sigset_t all, before;
    int      no;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    no = pthread_create(&j->keeper, NULL, journal_keeper, j);
    j->keeper_runs = no == 0;
    if (!no) {
        no = pthread_create(&j->committer, NULL, journal_committer, j);
        j->committer_runs = no == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return no ? err_errno(e, no, "cannot start the journal's threads") : true;
}

bool
journal_open(const struct journal_opts *opts, struct journal **ret, struct err *e)
{
    struct journal *opened = NULL;
    char            uuid[JOURNAL_UUID_LEN];

    if (!new_journal(opts, &opened, e))
        return false;
    AUTO(journal) *j = opened;
    if (!journal_dir_open(j, e) || !journal_recover(j, e))
        return err_wrap(e, "journal");
    j->opened_at = journal_durable(j);
    journal_free_space(j);
    j->spare_state = SPARE_WANTED;
    if (j->room < j->opts.segment_bytes / 2) /* else the keeper has time for it */
        journal_spare_make(j);
    if (!start(j, e))
        return false;
    journal_uuid(j, uuid);
    log_line(LOG_INFO, "journal", "%.200s: %s, positions %" PRIu64 " to %" PRIu64, j->dir, uuid,
             journal_first(j), j->opened_at);
    *ret = TAKE(j);
    return true;
}

void
journal_stop(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    pthread_cond_signal(&j->work);
    pthread_cond_broadcast(&j->more);
    pthread_mutex_unlock(&j->lock);
    if (j->committer_runs)
        pthread_join(j->committer, NULL);
    j->committer_runs = false;
}

static void
stop_keeper(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    j->keeper_stop = true;
    pthread_cond_signal(&j->chores);
    pthread_mutex_unlock(&j->lock);
    if (j->keeper_runs)
        pthread_join(j->keeper, NULL);
    j->keeper_runs = false;
}

static void
call_waiters(struct waiter *w, bool loaded)
{
    while (w) {
        struct waiter *next = w->next;

        w->fn(w->ctx, loaded);
        free(w);
        w = next;
    }
}

static void
close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void
journal_close(struct journal *j)
{
    if (!j)
        return;
    journal_stop(j);
    stop_keeper(j);
    if (j->fd >= 0 && fdatasync(j->fd) != 0) /* only the mark: all records are durable */
        log_line(LOG_WARN, "journal", "%.200s: the last mark was not synced", j->dir);
    call_waiters(TAKE(j->waiters), false);
    assert(!j->queue);
    journal_lock_leave(j);
    close_fd(j->fd);
    close_fd(j->spare);
    close_fd(j->dirfd);
    close_fd(j->lockfd);
    pthread_cond_destroy(&j->work);
    pthread_cond_destroy(&j->spares);
    pthread_cond_destroy(&j->chores);
    pthread_cond_destroy(&j->more);
    pthread_mutex_destroy(&j->lock);
    free(j->segments);
    free(j->dir);
    free(j);
}

void
journal_fence(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    j->fenced = true;
    pthread_mutex_unlock(&j->lock);
}

/* --- loaded ---------------------------------------------------------------------------- */

/* Takes the waiters out that need no more than `position`. Call with the lock held. */
static struct waiter *
take_waiters(struct journal *j, uint64_t position)
{
    struct waiter *taken = NULL;

    for (struct waiter **at = &j->waiters; *at;) {
        struct waiter *w = *at;

        if (w->after <= position) {
            *at = w->next;
            w->next = taken;
            taken = w;
        } else {
            at = &w->next;
        }
    }
    return taken;
}

void
journal_loaded(struct journal *j, uint64_t position)
{
    pthread_mutex_lock(&j->lock);
    assert(position <= atomic_load(&j->durable));
    bool     back = j->loaded_known && position < j->loaded;
    uint64_t before = j->loaded;

    j->loaded = position;
    j->loaded_known = true;
    struct waiter *taken = take_waiters(j, position);
    if (journal_oldest_is_done(j))
        pthread_cond_signal(&j->chores);
    pthread_mutex_unlock(&j->lock);
    if (back)
        log_line(LOG_WARN, "journal",
                 "%.200s: the database went back from position %" PRIu64 " to %" PRIu64, j->dir,
                 before, position);
    call_waiters(taken, true);
}

bool
journal_when_loaded(struct journal *j, uint64_t after, journal_when *fn, void *ctx, struct err *e)
{
    struct waiter *w = malloc(sizeof *w);

    if (!w)
        return err_set(e, ERR_NOMEM, "no memory to wait for the database");
    *w = (struct waiter){ .fn = fn, .ctx = ctx, .after = after };
    pthread_mutex_lock(&j->lock);
    bool already = j->loaded_known && j->loaded >= after;
    if (!already) {
        w->next = j->waiters;
        j->waiters = w;
    }
    pthread_mutex_unlock(&j->lock);
    if (already)
        call_waiters(w, true);
    return true;
}

/* --- figures ------------------------------------------------------------------------------ */

void
journal_stats(struct journal *j, struct journal_stats *ret)
{
    uint64_t oldest = journal_first(j);

    pthread_mutex_lock(&j->lock);
    *ret = j->sum;
    ret->first = oldest;
    ret->durable = atomic_load(&j->durable);
    ret->loaded_known = j->loaded_known;
    ret->loaded = j->loaded_known ? j->loaded : oldest;
    ret->backlog = ret->durable - ret->loaded;
    ret->queued = j->queued;
    ret->segments = j->segments_n;
    ret->no_segment = j->spare_state == SPARE_FAILED;
    ret->epoch = atomic_load(&j->epoch);
    ret->fenced = j->fenced;
    ret->torn = j->torn;
    pthread_mutex_unlock(&j->lock);
}
