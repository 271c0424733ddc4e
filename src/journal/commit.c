/* commit.c - append, and the committer: one write and one sync for all that waits.
 *
 * Groups form by themselves: while one is being synced, the next gathers. Nobody waits
 * for company; a lone record is written at once. Group g+1 is written only when g is
 * durable, so that after a crash at most one group can be torn.
 */
#include "journal_int.h"

#include "collaudo/crash.h"
#include "collaudo/hash.h"
#include "collaudo/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- appending ------------------------------------------------------------------ */

static struct entry *
new_entry(const struct journal *j, const void *payload, size_t len)
{
    size_t        size = journal_record_size(len);
    struct entry *n = malloc(sizeof *n + size);

    if (!n)
        return NULL;
    memset(n->bytes + size - 8, 0, 8); /* the padding; the head is filled by the committer */
    if (len)
        memcpy(n->bytes + RECORD_HEAD, payload, len);
    n->next = NULL;
    n->size = size;
    n->after = 0;
    n->body_crc = hash_crc32c(j->seed, n->bytes + RECORD_HEAD, size - RECORD_HEAD);
    struct record_head h = { .len = (uint32_t)len };
    memcpy(n->bytes, &h, sizeof h);
    return n;
}

static uint64_t
backlog(const struct journal *j)
{
    uint64_t done = j->loaded_known ? j->loaded : j->opened_at;

    return atomic_load(&j->durable) - done + j->queued;
}

/* May one more record come in? With the lock held. */
static bool
admit(struct journal *j, size_t size, struct err *e)
{
    if (j->stopping)
        return err_set(e, ERR_BUSY, "the journal is stopping");
    if (j->fenced)
        return err_set(e, ERR_FENCED,
                       "another instance goes on with the journal of this one, "
                       "which takes no more events: send them there");
    if (j->queued && j->queued + size > j->opts.max_queue)
        return err_set(e, ERR_BUSY, "%zu bytes wait for the disk, which is too slow", j->queued);
    if (backlog(j) >= j->opts.max_backlog)
        return err_set(e, ERR_BUSY, "%" PRIu64 " bytes wait for the database", backlog(j));
    if (j->sum.free_bytes < j->opts.min_free)
        return err_set(e, ERR_BUSY,
                       "disk nearly full: %" PRIu64 " MiB free, of which %" PRIu64 " are kept",
                       j->sum.free_bytes >> 20, j->opts.min_free >> 20);
    if (j->spare_state == SPARE_FAILED && j->queued + size > j->room) {
        *e = j->no_spare;
        e->code = ERR_BUSY;
        return false;
    }
    return true;
}

bool
journal_append(struct journal *j, const void *payload, size_t len, journal_done *done, void *ctx,
               struct err *e)
{
    if (len > JOURNAL_MAX_RECORD)
        return err_set(e, ERR_TOO_LARGE, "a record of %zu bytes, at most %zu", len,
                       JOURNAL_MAX_RECORD);
    struct entry *n = new_entry(j, payload, len);
    if (!n)
        return err_set(e, ERR_NOMEM, "no memory for a record of %zu bytes", len);
    n->done = done;
    n->ctx = ctx;

    pthread_mutex_lock(&j->lock);
    bool ok = admit(j, n->size, e);
    if (ok) {
        *j->queue_end = n;
        j->queue_end = &n->next;
        j->queued += n->size;
        if (j->idle)
            pthread_cond_signal(&j->work);
    } else {
        j->sum.refused++;
    }
    pthread_mutex_unlock(&j->lock);
    if (!ok)
        free(n);
    return ok;
}

/* --- the committer ----------------------------------------------------------------- */

struct group {
    struct entry *first, *last;
    int           n;
    size_t        size;    /* bytes on the disk */
    uint64_t      payload; /* bytes of the callers */
};

/* Takes from the front of the batch what goes into one write. */
static struct group
cut_group(struct journal *j, struct entry **batch, size_t room)
{
    struct group g = { .first = *batch };
    uint64_t     start = atomic_load(&j->durable);

    for (struct entry *n = *batch; n; n = n->next) {
        struct record_head h;

        if (g.n && (g.n == GROUP_RECORDS || g.size + n->size > GROUP_BYTES))
            break;
        if (g.size + n->size > room)
            break;
        memcpy(&h, n->bytes, sizeof h);
        h.position = start + g.size;
        h.group = start;
        h.kind = RECORD_DATA;
        journal_head_make(&h, n->body_crc);
        memcpy(n->bytes, &h, sizeof h);
        j->iov[g.n++] = (struct iovec){ .iov_base = n->bytes, .iov_len = n->size };
        g.size += n->size;
        g.payload += h.len;
        n->after = start + g.size;
        g.last = n;
    }
    *batch = g.last->next;
    g.last->next = NULL;
    return g;
}

/* Calls done for each, in order, and frees them. */
static void
answer(struct entry *n, bool ok)
{
    while (n) {
        struct entry *next = n->next;

        n->done(n->ctx, ok, ok ? n->after : 0);
        free(n);
        n = next;
    }
}

static void
fail(struct journal *j, struct entry *first, int n, size_t size)
{
    pthread_mutex_lock(&j->lock);
    j->queued -= size;
    j->sum.failed += (unsigned)n;
    pthread_mutex_unlock(&j->lock);
    answer(first, false);
}

/* The whole iov[] at the offset, in one write unless the kernel stops short. */
static bool
write_iov(struct journal *j, int n, uint64_t at)
{
    struct iovec *v = j->iov;

    while (n) {
        ssize_t put = pwritev(j->fd, v, n, (off_t)at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            errno = put ? errno : ENOSPC;
            return false;
        }
        at += (uint64_t)put;
        for (; n && (size_t)put >= v->iov_len; v++, n--)
            put -= (ssize_t)v->iov_len;
        if (n) {
            v->iov_base = (char *)v->iov_base + put;
            v->iov_len -= (size_t)put;
        }
    }
    return true;
}

#ifdef CRASH_POINTS
/* The first half of the group, so that a kill at the next point leaves a torn write. */
static void
write_half(const struct journal *j, const struct group *g, uint64_t at)
{
    size_t left = g->size / 2;

    for (const struct entry *n = g->first; n && left; n = n->next) {
        size_t part = n->size < left ? n->size : left;

        if (!journal_pwrite(j->fd, n->bytes, part, at))
            return; /* the real write meets it again */
        at += part;
        left -= part;
    }
}
#endif

/* A write that was refused, though the file is long enough: a quota, a disk that copies on
 * write, a bad block. The group is not acknowledged, so its bytes must not count: a mark
 * over its first head ends the segment before it, and the next group goes elsewhere. */
static void
give_up(struct journal *j, struct group *g, int no)
{
    struct err e = ERR_INIT;

    (void)err_errno(&e, no, "cannot write to a segment");
    log_err("journal", &e, "%.150s: %d records are refused", j->dir, g->n);
    journal_mark(j, RECORD_MARK);
    pthread_mutex_lock(&j->lock);
    j->room = 0;
    pthread_mutex_unlock(&j->lock);
    fail(j, g->first, g->n, g->size);
}

static void
publish(struct journal *j, const struct group *g, usec_t took)
{
    pthread_mutex_lock(&j->lock);
    atomic_store(&j->durable, g->last->after);
    j->queued -= g->size;
    j->room -= g->size;
    j->sum.groups++;
    j->sum.records += (unsigned)g->n;
    j->sum.bytes += g->payload;
    j->sum.sync_time += took;
    if (took > j->sum.sync_longest)
        j->sum.sync_longest = took;
    if (j->waiting)
        pthread_cond_broadcast(&j->more);
    pthread_mutex_unlock(&j->lock);
}

static void
commit(struct journal *j, struct group *g)
{
    uint64_t at = SEGMENT_HEAD + (atomic_load(&j->durable) - j->base);

    CRASH_POINT("journal/before_write");
#ifdef CRASH_POINTS
    write_half(j, g, at);
#endif
    CRASH_POINT("journal/torn_write");
    j->marked = false;
    if (!write_iov(j, g->n, at)) {
        give_up(j, g, errno);
        return;
    }
    CRASH_POINT("journal/after_write");
    usec_t from = time_monotonic();
    if (fdatasync(j->fd) != 0)
        journal_abort(j, "cannot sync a segment", errno);
    CRASH_POINT("journal/after_sync");
    publish(j, g, time_monotonic() - from);
    answer(g->first, true);
    CRASH_POINT("journal/after_ack");
}

static void
commit_batch(struct journal *j, struct entry *batch)
{
    while (batch) {
        struct err e = ERR_INIT;

        if (journal_make_room(j, batch->size, &e)) {
            struct group g = cut_group(j, &batch, j->room);

            commit(j, &g);
        } else {
            struct entry *n = batch;

            batch = n->next;
            n->next = NULL;
            fail(j, n, 1, n->size);
        }
    }
}

/* The next batch; NULL: stop. Before it sleeps it leaves a mark, which proves at the next
 * open that all before it was durable: damage to the last group then shows too. */
static struct entry *
next_batch(struct journal *j)
{
    struct entry *batch;

    pthread_mutex_lock(&j->lock);
    while (!j->queue && !j->stopping) {
        if (!j->marked) {
            pthread_mutex_unlock(&j->lock);
            journal_mark(j, RECORD_MARK);
            CRASH_POINT("journal/marked");
            pthread_mutex_lock(&j->lock);
            continue;
        }
        j->idle = true;
        pthread_cond_wait(&j->work, &j->lock);
        j->idle = false;
    }
    batch = j->queue;
    j->queue = NULL;
    j->queue_end = &j->queue;
    pthread_mutex_unlock(&j->lock);
    return batch;
}

void *
journal_committer(void *arg)
{
    struct journal *j = arg;
    struct entry   *batch;

    while ((batch = next_batch(j)))
        commit_batch(j, batch);
    if (!j->marked)
        journal_mark(j, RECORD_MARK);
    return NULL;
}
