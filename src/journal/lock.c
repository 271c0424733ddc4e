/* lock.c - the journal's directory, and the lock file in it: one writer, one UUID.
 *
 * The lock file holds the UUID from the moment the first segment exists. That is how a
 * directory that lost all its segments differs from a new one. Its second line is the epoch, its
 * third the boot of the machine that has it open, or hyphens; each of one length always, so that
 * a full disk takes them.
 */
#include "journal_int.h"

#include "collaudo/crash.h"
#include "collaudo/hash.h"
#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define LOCK "lock"
#define EPOCH_BYTES ((size_t)21) /* twenty digits and the end of the line */
#define BOOT_BYTES ((size_t)37)  /* of the kernel's making, in the form of a UUID */
#define LOCK_BYTES (JOURNAL_UUID_LEN + EPOCH_BYTES + BOOT_BYTES)
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define NOBODY "------------------------------------"

_Static_assert(sizeof NOBODY == BOOT_BYTES, "as long as a boot id");

void
journal_uuid(const struct journal *j, char ret[JOURNAL_UUID_LEN])
{
    char hex[33];

    hash_hex(j->uuid, sizeof j->uuid, hex);
    snprintf(ret, JOURNAL_UUID_LEN, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

/* A new directory must not vanish in a power cut with the journal in it. */
static bool
sync_parent(struct journal *j, struct err *e)
{
    AUTO_FD parent = openat(j->dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (parent < 0 || fsync(parent) != 0)
        return err_errno(e, errno, "cannot sync the directory above %s", j->dir);
    return true;
}

bool
journal_dir_open(struct journal *j, struct err *e)
{
    bool fresh = mkdir(j->dir, 0700) == 0;

    if (!fresh && errno != EEXIST)
        return err_errno(e, errno, "cannot make the journal's directory %s", j->dir);
    j->dirfd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->dirfd < 0)
        return err_errno(e, errno, "cannot open the journal's directory %s", j->dir);
    if (fresh && !sync_parent(j, e))
        return false;
    j->lockfd = openat(j->dirfd, LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (j->lockfd < 0)
        return err_errno(e, errno, "cannot open the lock file of %s", j->dir);
    if (flock(j->lockfd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? err_set(e, ERR_CONFLICT, "another instance uses the journal in %s", j->dir)
                   : err_errno(e, errno, "cannot lock the journal in %s", j->dir);
    return true;
}

/* "01234567-89ab-...\n" */
static bool
parse_uuid(const char *text, uint8_t ret[16])
{
    char hex[33] = "";

    if (sscanf(text, "%8[0-9a-f]-%4[0-9a-f]-%4[0-9a-f]-%4[0-9a-f]-%12[0-9a-f]", hex, hex + 8,
               hex + 12, hex + 16, hex + 20) != 5)
        return false;
    return hash_unhex(hex, ret, 16);
}

/* Of this machine since it was started; NOBODY when the kernel does not say. */
static void
boot_of(char ret[BOOT_BYTES])
{
    AUTO_FD fd = open(BOOT_FILE, O_RDONLY | O_CLOEXEC);

    memcpy(ret, NOBODY, BOOT_BYTES);
    if (fd >= 0 && !journal_pread(fd, ret, BOOT_BYTES - 1, 0))
        memcpy(ret, NOBODY, BOOT_BYTES);
}

bool
journal_lock_read(struct journal *j, struct err *e)
{
    char     boot[BOOT_BYTES], *there;
    char     text[LOCK_BYTES + 1] = "";
    uint64_t epoch;

    if (!journal_pread(j->lockfd, text, LOCK_BYTES, 0) && errno) /* 0: a shorter file */
        return err_errno(e, errno, "cannot read the lock file of %s", j->dir);
    j->identified = j->named = parse_uuid(text, j->uuid);
    if (j->named && sscanf(text + JOURNAL_UUID_LEN, "%20" SCNu64, &epoch) == 1)
        atomic_store(&j->epoch, epoch);
    boot_of(boot);
    there = text + JOURNAL_UUID_LEN + EPOCH_BYTES;
    j->elsewhere = j->named && *there && memcmp(there, boot, BOOT_BYTES - 1) != 0 &&
                   memcmp(there, NOBODY, BOOT_BYTES - 1) != 0;
    if (*text && !j->named) /* a power cut while it was written; the segments know */
        log_line(LOG_WARN, "journal", "the lock file of %s holds no UUID", j->dir);
    return true;
}

static bool
write_lock(struct journal *j, const char *boot, struct err *e)
{
    char text[LOCK_BYTES + 1];

    journal_uuid(j, text);
    snprintf(text + JOURNAL_UUID_LEN - 1, sizeof text - JOURNAL_UUID_LEN + 1,
             "\n%020" PRIu64 "\n%.36s\n", atomic_load(&j->epoch), boot);
    if (!journal_pwrite(j->lockfd, text, LOCK_BYTES, 0) || fsync(j->lockfd) != 0)
        return err_errno(e, errno, "cannot write the lock file of %s", j->dir);
    return true;
}

bool
journal_lock_write(struct journal *j, struct err *e)
{
    char boot[BOOT_BYTES];

    boot_of(boot);
    if (!write_lock(j, boot, e))
        return false;
    CRASH_POINT("journal/named");
    j->named = j->noted = true;
    return true;
}

void
journal_lock_leave(struct journal *j)
{
    struct err e = ERR_INIT;

    if (!j->noted || j->fenced || write_lock(j, NOBODY, &e)) /* fenced: it may be another's now */
        return;
    log_err("journal", &e, "the next start may wait a moment");
}

bool
journal_was_elsewhere(const struct journal *j)
{
    return j->elsewhere;
}

uint64_t
journal_epoch(const struct journal *j)
{
    return atomic_load(&j->epoch);
}

bool
journal_set_epoch(struct journal *j, uint64_t epoch, struct err *e)
{
    uint64_t before = atomic_exchange(&j->epoch, epoch);

    if (!j->named || journal_lock_write(j, e)) /* else the committer writes it with the name */
        return true;
    atomic_store(&j->epoch, before);
    return false;
}
