/* segment.c - segment files: made, put to use, opened and deleted, each step durable
 * before the next. */
#include "journal_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define CHUNK ((size_t)256 << 10)
#define PACE (SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER)

bool
journal_pwrite(int fd, const void *p, size_t n, uint64_t at)
{
    const char *from = p;

    while (n) {
        ssize_t put = pwrite(fd, from, n, (off_t)at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            errno = put ? errno : ENOSPC;
            return false;
        }
        from += put;
        at += (uint64_t)put;
        n -= (size_t)put;
    }
    return true;
}

bool
journal_pread(int fd, void *p, size_t n, uint64_t at)
{
    char *to = p;

    while (n) {
        ssize_t got = pread(fd, to, n, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got ? errno : 0;
            return false;
        }
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

void
journal_abort(const struct journal *j, const char *what, int no)
{
    struct err e = ERR_INIT;

    (void)err_errno(&e, no, "%s", what);
    log_err("journal", &e,
            "%.200s: what was not synced is not acknowledged; stopping at once, as another try "
            "could succeed without the data",
            j->dir);
    abort();
}

/* Says which fault it is; a full disk is the one that passes by itself. */
static bool
refused(const struct journal *j, int no, const char *what, const char *name, struct err *e)
{
    if (no == ENOSPC || no == EDQUOT || no == EFBIG)
        return err_set(e, ERR_BUSY, "disk full: no room for a journal segment in %.150s", j->dir);
    return err_errno(e, no, "cannot %s %.100s/%s", what, j->dir, name);
}

/* Zeroes are written, not only reserved: writing into reserved blocks changes the file's
 * map, which makes every later fdatasync a commit of the file system's own journal. Each
 * chunk goes to the disk at once, as the committer's syncs would otherwise stand in line
 * behind a whole segment (99th percentile of a record: 0.5 ms instead of 8). */
static bool
zero_fill(int fd, size_t bytes)
{
    static const char zeroes[CHUNK];

    for (size_t at = 0; at < bytes; at += CHUNK) {
        size_t n = bytes - at < CHUNK ? bytes - at : CHUNK;

        if (!journal_pwrite(fd, zeroes, n, at))
            return false;
        (void)sync_file_range(fd, (off_t)at, (off_t)n, PACE);
    }
    return true;
}

/* *step says what was being done when it fails. */
static bool
make(struct journal *j, int fd, const char *tmp, const char *name, size_t bytes, const char **step)
{
    *step = "write";
    if (!zero_fill(fd, bytes))
        return false;
    CRASH_POINT("journal/segment_zeroed");
    *step = "sync";
    if (fsync(fd) != 0)
        return false;
    CRASH_POINT("journal/segment_synced");
    *step = "rename";
    if (renameat(j->dirfd, tmp, j->dirfd, name) != 0)
        return false;
    CRASH_POINT("journal/segment_renamed");
    *step = "sync the directory of";
    if (fsync(j->dirfd) != 0)
        return false;
    CRASH_POINT("journal/segment_dir_synced");
    return true;
}

/* The last opts.min_free bytes are not ours: the database needs some to go on. Looking
 * first also keeps us from filling the disk every second just to find it full. */
static bool
is_room(const struct journal *j, size_t bytes)
{
    struct statvfs st;

    return fstatvfs(j->dirfd, &st) != 0 ||
           (uint64_t)st.f_bavail * st.f_frsize >= j->opts.min_free + bytes;
}

bool
journal_segment_make(struct journal *j, const char *name, size_t bytes, int *ret_fd, struct err *e)
{
    char        tmp[SEGMENT_NAME_LEN];
    const char *step;

    if (!is_room(j, bytes))
        return refused(j, ENOSPC, "make", name, e);

    snprintf(tmp, sizeof tmp, "%s.tmp", name);
    AUTO_FD fd = openat(j->dirfd, tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return refused(j, errno, "make", tmp, e);
    CRASH_POINT("journal/segment_created");
    if (!make(j, fd, tmp, name, bytes, &step)) {
        int no = errno;

        unlinkat(j->dirfd, tmp, 0); /* give the space back; a leftover is removed at open */
        unlinkat(j->dirfd, name, 0);
        return refused(j, no, step, tmp, e);
    }
    *ret_fd = TAKE_FD(fd);
    return true;
}

bool
journal_segment_claim(struct journal *j, int fd, const char *from, const struct segment *s,
                      struct err *e)
{
    unsigned char       block[SEGMENT_HEAD];
    char                name[SEGMENT_NAME_LEN];
    struct segment_head h = {
        .base = s->base, .prev = s->prev, .bytes = s->bytes, .created = s->created
    };

    memcpy(h.uuid, j->uuid, sizeof h.uuid);
    journal_segment_head_make(&h, block);
    journal_segment_name(s->base, name);
    if (!journal_pwrite(fd, block, sizeof block, 0))
        return refused(j, errno, "write the head of", name, e);
    CRASH_POINT("journal/claim_written");
    if (fdatasync(fd) != 0)
        journal_abort(j, "cannot sync the head of a segment", errno);
    CRASH_POINT("journal/claim_synced");
    if (renameat(j->dirfd, from, j->dirfd, name) != 0)
        return refused(j, errno, "name", name, e);
    CRASH_POINT("journal/claim_renamed");
    if (fsync(j->dirfd) != 0)
        journal_abort(j, "cannot sync the directory", errno);
    CRASH_POINT("journal/claim_dir_synced");
    return true;
}

bool
journal_segment_open(struct journal *j, uint64_t base, int flags, int *ret_fd, struct segment *ret,
                     struct err *e)
{
    char                name[SEGMENT_NAME_LEN];
    unsigned char       block[SEGMENT_HEAD];
    struct segment_head h;
    struct stat         st;

    journal_segment_name(base, name);
    AUTO_FD fd = openat(j->dirfd, name, flags | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) != 0)
        return err_errno(e, errno, "cannot open segment %s", name);
    if (!journal_pread(fd, block, sizeof block, 0))
        return errno ? err_errno(e, errno, "cannot read segment %s at offset 0", name)
                     : err_set(e, ERR_IO, "segment %s is cut off: %lld bytes", name,
                               (long long)st.st_size);
    if (!journal_segment_head_read(block, &h))
        return err_set(e, ERR_IO, "segment %s is damaged at offset 0: its head is not valid", name);
    if (!j->identified) {
        memcpy(j->uuid, h.uuid, sizeof j->uuid);
        j->identified = true;
    }
    if (memcmp(h.uuid, j->uuid, sizeof h.uuid) != 0)
        return err_set(e, ERR_CONFLICT, "segment %s belongs to another journal", name);
    if (h.base != base)
        return err_set(e, ERR_IO, "segment %s was renamed: its head says %016llx", name,
                       (unsigned long long)h.base);
    if ((uint64_t)st.st_size != h.bytes)
        return err_set(e, ERR_IO, "segment %s has %lld bytes instead of %llu", name,
                       (long long)st.st_size, (unsigned long long)h.bytes);
    *ret = (struct segment){ .base = base, .prev = h.prev, .bytes = h.bytes, .created = h.created };
    *ret_fd = TAKE_FD(fd);
    return true;
}

/* The directory is synced after each, so that a power cut never leaves a hole: a newer
 * segment gone and an older one still there. */
bool
journal_segment_delete(struct journal *j, uint64_t base, struct err *e)
{
    char name[SEGMENT_NAME_LEN];

    journal_segment_name(base, name);
    if (unlinkat(j->dirfd, name, 0) != 0 && errno != ENOENT)
        return err_errno(e, errno, "cannot delete segment %s", name);
    CRASH_POINT("journal/deleted");
    if (fsync(j->dirfd) != 0)
        return err_errno(e, errno, "cannot sync the directory after deleting segment %s", name);
    CRASH_POINT("journal/delete_dir_synced");
    return true;
}
