/* keeper.c - the second thread: prepares the spare segment ahead of need, deletes what is
 * loaded and old, looks how much disk is left. */
#include "journal_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#define TICK USEC_SECOND
#define DELETE_AGAIN USEC_MINUTE /* after a fault */

void
journal_free_space(struct journal *j)
{
    struct statvfs st;

    if (fstatvfs(j->dirfd, &st) != 0)
        return; /* keep the last figure */
    pthread_mutex_lock(&j->lock);
    j->sum.free_bytes = (uint64_t)st.f_bavail * st.f_frsize;
    pthread_mutex_unlock(&j->lock);
}

void
journal_spare_make(struct journal *j)
{
    struct err e = ERR_INIT;
    int        fd = -1;
    bool       ok = journal_segment_make(j, "spare", j->opts.segment_bytes, &fd, &e);

    pthread_mutex_lock(&j->lock);
    enum spare_state before = j->spare_state;
    j->spare_state = ok ? SPARE_READY : SPARE_FAILED;
    j->spare = fd;
    j->no_spare = e;
    pthread_cond_broadcast(&j->spares);
    pthread_mutex_unlock(&j->lock);
    if (!ok && before != SPARE_FAILED)
        log_err("journal", &e, "records are refused once this segment is full");
    if (ok && before == SPARE_FAILED)
        log_line(LOG_INFO, "journal", "%.200s: there is room for segments again", j->dir);
}

bool
journal_oldest_is_done(const struct journal *j)
{
    if (j->segments_n < 2 || !j->loaded_known)
        return false;
    const struct segment *next = &j->segments[1];

    return j->loaded >= next->base && j->opts.now() - next->created >= j->opts.keep;
}

/* One at a time from the old end, so that what remains has no hole. Readers are told
 * before the file goes. */
static bool
delete_oldest(struct journal *j, bool *ret_more, struct err *e)
{
    pthread_mutex_lock(&j->lock);
    uint64_t base = j->segments_n ? j->segments[0].base : 0;
    j->dropping = journal_oldest_is_done(j);
    *ret_more = j->dropping;
    pthread_mutex_unlock(&j->lock);
    if (!*ret_more)
        return true;

    bool ok = journal_segment_delete(j, base, e);
    pthread_mutex_lock(&j->lock);
    j->dropping = false;
    if (ok) {
        j->segments_n--;
        memmove(j->segments, j->segments + 1, j->segments_n * sizeof *j->segments);
        j->sum.deleted++;
    }
    pthread_mutex_unlock(&j->lock);
    return ok;
}

/* Returns when to look again. */
static usec_t
delete_old(struct journal *j)
{
    struct err e = ERR_INIT;
    bool       more = true;

    while (more)
        if (!delete_oldest(j, &more, &e)) {
            log_err("journal", &e, "%.150s: nothing is deleted for a minute", j->dir);
            return time_monotonic() + DELETE_AGAIN;
        }
    return 0;
}

void
journal_deadline(usec_t from_now, struct timespec *ret)
{
    usec_t most = INT64_MAX - time_monotonic();
    usec_t t = time_monotonic() + (from_now < most - USEC_HOUR ? from_now : most - USEC_HOUR);

    ret->tv_sec = t / USEC_SECOND;
    ret->tv_nsec = (t % USEC_SECOND) * 1000;
}

void *
journal_keeper(void *arg)
{
    struct journal *j = arg;
    usec_t          delete_at = 0, spare_at = 0;
    struct timespec until;

    pthread_mutex_lock(&j->lock);
    while (!j->keeper_stop) {
        enum spare_state spare = j->spare_state;

        pthread_mutex_unlock(&j->lock);
        if (time_monotonic() >= delete_at) /* first: it may give the space for a spare */
            delete_at = delete_old(j);
        if (spare == SPARE_WANTED || (spare == SPARE_FAILED && time_monotonic() >= spare_at)) {
            journal_spare_make(j);
            spare_at = time_monotonic() + TICK;
        }
        journal_free_space(j);
        journal_deadline(TICK, &until);
        pthread_mutex_lock(&j->lock);
        if (!j->keeper_stop && j->spare_state != SPARE_WANTED)
            pthread_cond_timedwait(&j->chores, &j->lock, &until);
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}
