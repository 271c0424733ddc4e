/* reader.c - the durable records in order, across segments, while the writer runs.
 *
 * What is below journal_durable() never changes, so nothing here needs the writer's lock
 * but the look into the list of segments. Every record is checked again as it is read.
 */
#include "journal_int.h"

#include "collaudo/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define READ_AHEAD ((size_t)1 << 20)

struct journal_reader {
    struct journal *j;
    uint64_t        position; /* of the next record */
    uint64_t        base;     /* of the open segment */
    int             fd;       /* -1: none is open */
    uint64_t        end;      /* readable to here in this segment, as far as known */
    unsigned char  *buf;
    size_t          cap;
    uint64_t        buf_position; /* what buf[0] is; buf_n bytes of it are there */
    size_t          buf_n;
};

/* --- where a position is ----------------------------------------------------------- */

/* Call with the lock held. */
static uint64_t
first(const struct journal *j)
{
    size_t i = j->dropping ? 1 : 0;

    return i < j->segments_n ? j->segments[i].base : atomic_load(&j->durable);
}

uint64_t
journal_first(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    uint64_t at = first(j);
    pthread_mutex_unlock(&j->lock);
    return at;
}

uint64_t
journal_durable(const struct journal *j)
{
    return atomic_load(&j->durable);
}

static bool
too_old(uint64_t position, uint64_t oldest, struct err *e)
{
    return err_set(e, ERR_CONFLICT,
                   "position %" PRIu64 " is older than the journal keeps: it begins at %" PRIu64,
                   position, oldest);
}

/* The segment that has the position, which is below durable, and its end. */
static bool
locate(struct journal *j, uint64_t position, uint64_t *ret_base, uint64_t *ret_end, struct err *e)
{
    pthread_mutex_lock(&j->lock);
    size_t   low = 0, high = j->segments_n;
    uint64_t oldest = first(j), limit = atomic_load(&j->durable);

    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;

        if (j->segments[mid].base <= position)
            low = mid;
        else
            high = mid;
    }
    if (position >= oldest) {
        *ret_base = j->segments[low].base;
        *ret_end = low + 1 < j->segments_n ? j->segments[low + 1].base : limit;
    }
    pthread_mutex_unlock(&j->lock);
    return position >= oldest ? true : too_old(position, oldest, e);
}

/* --- the reader --------------------------------------------------------------------- */

bool
journal_reader_open(struct journal *j, uint64_t position, struct journal_reader **ret,
                    struct err *e)
{
    uint64_t oldest = journal_first(j), end = journal_durable(j);

    if (position < oldest)
        return too_old(position, oldest, e);
    if (position > end)
        return err_set(e, ERR_CONFLICT,
                       "position %" PRIu64 " is beyond the journal's end %" PRIu64
                       ": one of them is an older copy",
                       position, end);
    struct journal_reader *r = calloc(1, sizeof *r);
    if (!r)
        return err_set(e, ERR_NOMEM, "no memory for a reader");
    *r = (struct journal_reader){ .j = j, .position = position, .fd = -1 };
    *ret = r;
    return true;
}

void
journal_reader_close(struct journal_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    free(r->buf);
    free(r);
}

/* The segment of the current position is open, and r->end is beyond it. */
static bool
enter_segment(struct journal_reader *r, struct err *e)
{
    struct err     why = ERR_INIT;
    struct segment s;
    uint64_t       base, end;
    int            fd;

    if (!locate(r->j, r->position, &base, &end, e))
        return false;
    if (r->fd < 0 || r->base != base) {
        if (!journal_segment_open(r->j, base, O_RDONLY, &fd, &s, &why)) {
            if (!locate(r->j, r->position, &base, &end, e)) /* deleted just now? */
                return false;
            *e = why;
            return false;
        }
        if (r->fd >= 0)
            close(r->fd);
        r->fd = fd;
        r->base = base;
        r->buf_n = 0;
    }
    r->end = end;
    return true;
}

static bool
unreadable(const struct journal_reader *r, const char *why, struct err *e)
{
    return err_set(e, ERR_IO,
                   "segment %016" PRIx64 ".seg, offset %" PRIu64 ": the record at position %" PRIu64
                   " %s",
                   r->base, (uint64_t)SEGMENT_HEAD + (r->position - r->base), r->position, why);
}

static bool
grow(struct journal_reader *r, size_t n, struct err *e)
{
    size_t         cap = n > READ_AHEAD ? n : READ_AHEAD;
    unsigned char *buf = cap > r->cap ? realloc(r->buf, cap) : r->buf;

    if (!buf)
        return err_set(e, ERR_NOMEM, "no memory to read a record of %zu bytes", n);
    if (cap > r->cap)
        r->cap = cap;
    r->buf = buf;
    return true;
}

/* buf[0] is the current position, and at least n bytes are there. n is within r->end. */
static bool
fill(struct journal_reader *r, size_t n, struct err *e)
{
    uint64_t at = r->position - r->buf_position;

    if (r->buf_n && r->position >= r->buf_position && at + n <= r->buf_n)
        return true;
    if (!grow(r, n, e))
        return false;
    uint64_t left = r->end - r->position;
    size_t   want = left < READ_AHEAD ? (size_t)left : READ_AHEAD;
    if (want < n)
        want = n;
    r->buf_n = 0;
    if (!journal_pread(r->fd, r->buf, want, SEGMENT_HEAD + (r->position - r->base)))
        return errno ? err_errno(e, errno, "segment %016" PRIx64 ".seg, position %" PRIu64, r->base,
                                 r->position)
                     : unreadable(r, "is cut off", e);
    r->buf_position = r->position;
    r->buf_n = want;
    return true;
}

static const unsigned char *
here(const struct journal_reader *r)
{
    return r->buf + (r->position - r->buf_position);
}

bool
journal_read(struct journal_reader *r, struct journal_record *ret, struct err *e)
{
    struct record_head h;

    if (r->position >= r->end) {
        if (r->position >= journal_durable(r->j)) {
            *ret = (struct journal_record){ .position = r->position, .after = r->position };
            return true;
        }
        if (!enter_segment(r, e))
            return false;
    }
    if (r->end - r->position < RECORD_HEAD)
        return unreadable(r, "is no record", e);
    if (!fill(r, RECORD_HEAD, e))
        return false;
    memcpy(&h, here(r), sizeof h);
    size_t size = journal_record_size(h.len);
    if (!journal_head_plausible(&h, r->position) || h.kind != RECORD_DATA ||
        size > r->end - r->position)
        return unreadable(r, "is no record", e);
    if (!fill(r, size, e))
        return false;
    if (!journal_record_valid(r->j->seed, here(r), size, r->position, &h))
        return unreadable(r, "is damaged", e);
    *ret = (struct journal_record){ .position = r->position,
                                    .after = r->position + size,
                                    .payload = here(r) + RECORD_HEAD,
                                    .len = h.len };
    r->position += size;
    return true;
}

bool
journal_wait(struct journal *j, uint64_t position, usec_t timeout)
{
    struct timespec until;
    int             rc = 0;

    journal_deadline(timeout, &until);
    pthread_mutex_lock(&j->lock);
    j->waiting++;
    while (atomic_load(&j->durable) <= position && !j->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&j->more, &j->lock, &until);
    j->waiting--;
    pthread_mutex_unlock(&j->lock);
    return journal_durable(j) > position;
}
