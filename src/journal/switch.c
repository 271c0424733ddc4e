/* switch.c - the committer's way from one segment to the next, and the marks between. */
#include "journal_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"

#include <string.h>

/* Not synced: what a mark says is already true on the disk. It becomes durable with the
 * next group or when the kernel likes; if it is lost, nothing else is. */
void
journal_mark(struct journal *j, enum record_kind kind)
{
    uint64_t           end = atomic_load(&j->durable);
    struct record_head h = { .position = end, .group = end, .kind = kind };

    j->marked = true;
    if (j->fd < 0)
        return;
    journal_head_make(&h, j->seed);
    if (!journal_pwrite(j->fd, &h, sizeof h, SEGMENT_HEAD + (end - j->base)))
        log_line(LOG_WARN, "journal", "%.200s: cannot leave a mark", j->dir);
}

/* Waits while the keeper is at it. It stays in place until it has its own name, so that
 * the keeper does not put the next one over it. */
static bool
wait_for_spare(struct journal *j, int *ret_fd, struct err *e)
{
    pthread_mutex_lock(&j->lock);
    while (j->spare_state == SPARE_WANTED)
        pthread_cond_wait(&j->spares, &j->lock);
    bool ok = j->spare_state == SPARE_READY;
    if (ok)
        *ret_fd = j->spare;
    else
        *e = j->no_spare;
    pthread_mutex_unlock(&j->lock);
    return ok;
}

/* What the next segment will be: it begins where the last record ended. One that never
 * got a valid record is replaced, under the same name. */
static bool
plan(struct journal *j, size_t bytes, struct segment *ret, struct err *e)
{
    pthread_mutex_lock(&j->lock);
    bool ok = journal_segments_reserve(j, e);
    if (ok) {
        const struct segment *last = j->segments_n ? &j->segments[j->segments_n - 1] : NULL;

        *ret = (struct segment){ .base = atomic_load(&j->durable), .bytes = bytes };
        ret->created = j->opts.now();
        ret->prev = !last ? NO_SEGMENT : last->base == ret->base ? last->prev : last->base;
    }
    pthread_mutex_unlock(&j->lock);
    return ok;
}

static void
install(struct journal *j, int fd, const struct segment *s, bool large, usec_t from)
{
    int      old = j->fd;
    uint64_t old_base = j->base;

    if (old >= 0 && old_base != s->base)
        journal_mark(j, RECORD_SEAL); /* its successor is durable: losing that would show */
    CRASH_POINT("journal/sealed");
    pthread_mutex_lock(&j->lock);
    if (j->segments_n && j->segments[j->segments_n - 1].base == s->base)
        j->segments_n--;
    j->segments[j->segments_n++] = *s;
    j->room = s->bytes - SEGMENT_HEAD - MARK_SIZE;
    if (!large) {
        j->spare = -1;
        j->spare_state = SPARE_WANTED;
        pthread_cond_signal(&j->chores);
    }
    j->sum.switches++;
    j->sum.switch_time += time_monotonic() - from;
    pthread_mutex_unlock(&j->lock);
    j->fd = fd;
    j->base = s->base;
    if (old >= 0)
        close(old);
}

/* A fault that the keeper did not meet and log; each record that comes would repeat it. */
static bool
complain(struct journal *j, const struct err *e)
{
    usec_t now = time_monotonic();

    if (now - j->complained >= USEC_SECOND)
        log_err("journal", e, "%.150s: records are refused", j->dir);
    j->complained = now;
    return false;
}

/* The file that will be it, still under its working name. */
static bool
get_file(struct journal *j, bool large, size_t bytes, int *ret_fd, struct err *e)
{
    if (!large)
        return wait_for_spare(j, ret_fd, e);
    return journal_segment_make(j, "large", bytes, ret_fd, e) || complain(j, e);
}

static bool
begin_segment(struct journal *j, bool large, size_t bytes, struct err *e)
{
    struct segment s;
    usec_t         from = time_monotonic();
    int            fd = -1;

    if (!plan(j, bytes, &s, e))
        return complain(j, e);
    if (!get_file(j, large, bytes, &fd, e))
        return false;
    if (!journal_segment_claim(j, fd, large ? "large" : "spare", &s, e)) {
        if (large) /* the spare stays where it is */
            close(fd);
        return complain(j, e);
    }
    install(j, fd, &s, large, from);
    if (!j->named && !journal_lock_write(j, e)) {
        log_err("journal", e, "going on without"); /* tried again at the next segment */
        *e = (struct err)ERR_INIT;
    }
    return true;
}

bool
journal_make_room(struct journal *j, size_t need, struct err *e)
{
    size_t bytes = (SEGMENT_HEAD + need + MARK_SIZE + 4095) & ~(size_t)4095;
    bool   large = bytes > j->opts.segment_bytes;

    return need <= j->room || begin_segment(j, large, large ? bytes : j->opts.segment_bytes, e);
}
