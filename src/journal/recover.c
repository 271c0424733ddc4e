/* recover.c - what is in the directory after a stop of any kind, and may we go on?
 *
 * The first invalid record ends a segment. In a segment with a successor that must be
 * exactly where the successor begins. In the last one it is
 *   damage     when something valid behind it was written after it was durable: refuse;
 *   its end    when only zeroes follow: go on in it;
 *   torn       otherwise: a write that a crash cut off, never acknowledged. Go on in a new
 *              segment, as leftovers of the torn group may look like records of ours.
 */
#include "journal_int.h"

#include "collaudo/hash.h"
#include "collaudo/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
close_dir(DIR *d)
{
    closedir(d);
}
AUTO_DEFINE(DIR, close_dir)

typedef unsigned char buffer;

static void
free_buffer(buffer *b)
{
    free(b);
}
AUTO_DEFINE(buffer, free_buffer)

bool
journal_segments_reserve(struct journal *j, struct err *e)
{
    if (j->segments_n == j->segments_cap) {
        size_t          cap = j->segments_cap ? j->segments_cap * 2 : 64;
        struct segment *more = realloc(j->segments, cap * sizeof *more);

        if (!more)
            return err_set(e, ERR_NOMEM, "no memory for the list of segments");
        j->segments = more;
        j->segments_cap = cap;
    }
    return true;
}

static bool
ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);

    return n >= k && strcmp(name + n - k, end) == 0;
}

static DIR *
open_listing(struct journal *j)
{
    int  fd = openat(j->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (!d && fd >= 0)
        close(fd);
    return d;
}

static int
by_base(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;

    return x->base < y->base ? -1 : x->base > y->base;
}

static bool
list_segments(struct journal *j, struct err *e)
{
    AUTO(DIR)     *d = open_listing(j);
    struct segment s = { .base = 0 };

    if (!d)
        return err_errno(e, errno, "cannot list %s", j->dir);
    for (;;) {
        errno = 0;
        const struct dirent *f = readdir(d);
        if (!f && errno)
            return err_errno(e, errno, "cannot list %s", j->dir);
        if (!f)
            break;
        if (!ends_with(f->d_name, ".seg"))
            continue;
        if (!journal_segment_base(f->d_name, &s.base))
            return err_set(e, ERR_IO, "%.60s in %.120s is not a name of a segment", f->d_name,
                           j->dir);
        if (!journal_segments_reserve(j, e))
            return false;
        j->segments[j->segments_n++] = s;
    }
    if (j->segments_n)
        qsort(j->segments, j->segments_n, sizeof *j->segments, by_base);
    return true;
}

/* What a crash left unfinished. Only once nothing else is wrong: a journal that is
 * refused is left as it is. */
static bool
sweep(struct journal *j, struct err *e)
{
    AUTO(DIR) *d = open_listing(j);

    if (!d)
        return err_errno(e, errno, "cannot list %s", j->dir);
    for (const struct dirent *f; (f = readdir(d));)
        if (ends_with(f->d_name, ".tmp") || strcmp(f->d_name, "spare") == 0 ||
            strcmp(f->d_name, "large") == 0)
            if (unlinkat(j->dirfd, f->d_name, 0) != 0)
                return err_errno(e, errno, "cannot remove %.60s from %.100s", f->d_name, j->dir);
    return true;
}

/* Heads and chain: each segment names its predecessor, so one that is missing shows. */
static bool
read_heads(struct journal *j, struct err *e)
{
    usec_t now = j->opts.now();

    for (size_t i = 0; i < j->segments_n; i++) {
        struct segment *s = &j->segments[i];
        int             fd;

        if (!journal_segment_open(j, s->base, O_RDONLY, &fd, s, e))
            return false;
        close(fd);
        if (s->created > now)
            s->created = now; /* the clock was wrong once: do not keep it for ever */
        if (i && s->prev != s[-1].base)
            return err_set(e, ERR_IO,
                           "a segment is missing: %016" PRIx64 ".seg comes after %016" PRIx64
                           ".seg, but the newest before it is %016" PRIx64 ".seg",
                           s->base, s->prev, s[-1].base);
    }
    return true;
}

struct scan {
    uint64_t end;      /* position of the first byte that is no valid record */
    uint64_t group;    /* of the last valid one */
    bool     disorder; /* at `end` stands a valid record that does not belong there */
};

/* The chain of valid records from the base on, at most up to position `limit`. */
static struct scan
scan_records(const struct journal *j, const unsigned char *file, const struct segment *s,
             uint64_t limit)
{
    struct scan        sc = { .end = s->base, .group = s->base };
    struct record_head h;

    while (sc.end < limit && journal_record_valid(j->seed, file + SEGMENT_HEAD + (sc.end - s->base),
                                                  limit - sc.end, sc.end, &h)) {
        if (h.kind != RECORD_DATA)
            break;
        if (h.group != sc.end && (h.group != sc.group || sc.end == s->base)) {
            sc.disorder = true;
            break;
        }
        sc.group = h.group;
        sc.end += journal_record_size(h.len);
    }
    return sc;
}

/* Does anything beyond position `end` prove that the bytes at `end` were durable once? */
static bool
was_durable(const struct journal *j, const unsigned char *file, const struct segment *s,
            uint64_t end)
{
    struct record_head h;

    for (size_t at = SEGMENT_HEAD + (end - s->base); at + RECORD_HEAD <= s->bytes; at += 8) {
        uint64_t position = s->base + (at - SEGMENT_HEAD);

        memcpy(&h, file + at, sizeof h);
        if (h.group > end && journal_head_plausible(&h, position) &&
            journal_record_valid(j->seed, file + at, s->bytes - at, position, &h))
            return true;
    }
    return false;
}

static bool
all_zero(const unsigned char *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static bool
damaged(const struct segment *s, uint64_t at, struct err *e)
{
    return err_set(e, ERR_IO,
                   "segment %016" PRIx64 ".seg is damaged at offset %" PRIu64
                   ": acknowledged data is not readable (the files are left as they are)",
                   s->base, (uint64_t)SEGMENT_HEAD + (at - s->base));
}

/* The last segment's end: decides whether to go on in it, in a new one, or not at all. */
static bool
judge_tail(struct journal *j, const unsigned char *file, const struct segment *s, uint64_t end,
           struct err *e)
{
    size_t             at = SEGMENT_HEAD + (end - s->base);
    struct record_head h;

    if (was_durable(j, file, s, end))
        return damaged(s, end, e);
    if (s->bytes - at < MARK_SIZE) /* there is always room left to say that it goes on elsewhere */
        return err_set(e, ERR_IO, "segment %016" PRIx64 ".seg is fuller than a segment can be",
                       s->base);
    j->marked = true; /* nothing to say yet that is not on the disk */
    if (journal_record_valid(j->seed, file + at, s->bytes - at, end, &h)) {
        if (h.kind == RECORD_SEAL)
            return err_set(e, ERR_IO,
                           "segment %016" PRIx64 ".seg is missing: %016" PRIx64
                           ".seg goes on in it",
                           end, s->base);
        at += MARK_SIZE;
    }
    j->torn = !all_zero(file + at, s->bytes - at);
    if (j->torn)
        log_line(LOG_WARN, "journal",
                 "%.200s: %016" PRIx64 ".seg ends in a torn write at offset %zu; nothing that was "
                 "acknowledged; going on in a new segment",
                 j->dir, s->base, at);
    else
        j->room = s->bytes - MARK_SIZE - (SEGMENT_HEAD + (end - s->base));
    return true;
}

/* After kill -9 the kernel still has what was written and not yet synced, and shows it to
 * us: sync it before it counts. And after an fdatasync that failed, memory may hold what the
 * disk does not: drop it, so that what is read next is what is there. */
static bool
settle(int fd, struct err *e)
{
    if (fdatasync(fd) != 0)
        return err_errno(e, errno, "cannot sync the last segment");
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* not every file system can */
    return true;
}

static bool
check_segment(struct journal *j, const struct segment *s, bool last, buffer *file, struct err *e)
{
    struct segment again;
    struct scan    sc;
    int            opened;

    if (!journal_segment_open(j, s->base, last ? O_RDWR : O_RDONLY, &opened, &again, e))
        return false;
    AUTO_FD fd = opened;
    if (last && !settle(fd, e))
        return false;
    errno = 0;
    if (!journal_pread(fd, file, s->bytes, 0))
        return err_errno(e, errno ? errno : EIO, "cannot read segment %016" PRIx64 ".seg", s->base);
    uint64_t limit = last ? s->base + (s->bytes - SEGMENT_HEAD) : s[1].base;
    if (limit - s->base > s->bytes - SEGMENT_HEAD)
        return damaged(s, s->base, e);
    sc = scan_records(j, file, s, limit);
    if (sc.disorder || (!last && sc.end != limit))
        return damaged(s, sc.end, e);
    if (!last)
        return true;
    if (!judge_tail(j, file, s, sc.end, e))
        return false;
    atomic_store(&j->durable, sc.end);
    j->base = s->base;
    j->fd = TAKE_FD(fd);
    return true;
}

/* Every record of the newest opts.check_bytes; always the whole last segment. */
static bool
check_records(struct journal *j, struct err *e)
{
    size_t   from = j->segments_n - 1;
    uint64_t bytes = j->segments[from].bytes, biggest = bytes;

    while (from && bytes + j->segments[from - 1].bytes <= j->opts.check_bytes) {
        bytes += j->segments[--from].bytes;
        if (j->segments[from].bytes > biggest)
            biggest = j->segments[from].bytes;
    }
    AUTO(buffer) *file = malloc(biggest);
    if (!file)
        return err_set(e, ERR_NOMEM, "no memory to check a segment of %" PRIu64 " bytes", biggest);
    for (size_t i = from; i < j->segments_n; i++)
        if (!check_segment(j, &j->segments[i], i + 1 == j->segments_n, file, e))
            return false;
    return true;
}

static bool
begin_new(struct journal *j, struct err *e)
{
    if (j->identified)
        return err_set(e, ERR_IO, "all segments are missing from %.150s, which had some", j->dir);
    hash_random(j->uuid, sizeof j->uuid);
    j->uuid[6] = (j->uuid[6] & 0x0f) | 0x40; /* RFC 9562, version 4 */
    j->uuid[8] = (j->uuid[8] & 0x3f) | 0x80;
    j->identified = true;
    j->seed = journal_seed(j->uuid);
    return true;
}

bool
journal_recover(struct journal *j, struct err *e)
{
    /* A name that a kill left unsynced may be the one we are about to write behind. */
    if (fsync(j->dirfd) != 0)
        return err_errno(e, errno, "cannot sync %s", j->dir);
    if (!journal_lock_read(j, e) || !list_segments(j, e))
        return false;
    if (!j->segments_n)
        return begin_new(j, e) && sweep(j, e);
    if (!read_heads(j, e))
        return false;
    j->seed = journal_seed(j->uuid);
    if (!check_records(j, e))
        return false;
    if (!j->named && !journal_lock_write(j, e)) {
        log_err("journal", e, "going on without"); /* a full disk; tried again at each segment */
        *e = (struct err)ERR_INIT;
    }
    return sweep(j, e);
}
