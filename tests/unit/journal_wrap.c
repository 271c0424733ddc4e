/* journal_wrap.c - see journal_wrap.h. */
#include "journal_wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_STEPS ((int)(sizeof jw->steps / sizeof *jw->steps))

struct jw_shared *jw;

const char *const jw_name[] = { "none",  "openat",   "pread",    "pwrite", "pwritev", "fdatasync",
                                "fsync", "renameat", "unlinkat", "malloc", "calloc",  "realloc" };

void
jw_init(void)
{
    jw = mmap(NULL, sizeof *jw, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jw == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
}

void
jw_plan(enum jw_call c, int nth, int how)
{
    for (int i = 0; i < JW_CALLS; i++)
        atomic_store(&jw->calls[i], 0);
    atomic_store(&jw->hit, false);
    atomic_store(&jw->fail_nth, nth);
    atomic_store(&jw->fail_how, how);
    atomic_store(&jw->fail_call, (int)c);
}

/* What is to happen to this call: an errno, JW_SHORT, or 0 for nothing. */
static int
fails(enum jw_call c)
{
    if (!jw) /* before main() */
        return 0;
    int nth = atomic_fetch_add(&jw->calls[c], 1) + 1;

    if (atomic_load(&jw->fail_call) != (int)c)
        return 0;
    int want = atomic_load(&jw->fail_nth);
    if (want && want != nth)
        return 0;
    atomic_store(&jw->hit, true);
    return atomic_load(&jw->fail_how);
}

static void
note(char what)
{
    if (!jw)
        return;
    int at = atomic_fetch_add(&jw->steps_n, 1);

    if (at >= MOST_STEPS)
        return;
    atomic_store(&jw->steps[at].thread, (unsigned long)pthread_self());
    atomic_store(&jw->steps[at].what, what);
}

void
jw_clear(void)
{
    atomic_store(&jw->steps_n, 0);
}

static int
steps_n(void)
{
    int n = atomic_load(&jw->steps_n);

    return n < MOST_STEPS ? n : MOST_STEPS;
}

const char *
jw_steps(unsigned long thread)
{
    static char text[MOST_STEPS + 1];
    int         k = 0;

    for (int i = 0; i < steps_n(); i++) {
        char what = atomic_load(&jw->steps[i].what);

        if (atomic_load(&jw->steps[i].thread) == thread && what != 'm' && what != '-' &&
            !(what == 'z' && k && text[k - 1] == 'z'))
            text[k++] = what;
    }
    text[k] = 0;
    return text;
}

unsigned long
jw_who(char what)
{
    for (int i = 0; i < steps_n(); i++)
        if (atomic_load(&jw->steps[i].what) == what)
            return atomic_load(&jw->steps[i].thread);
    return 0;
}

#define FAIL_FIRST(c, bad)                                                                         \
    int how = fails(c);                                                                            \
    if (how > 0) {                                                                                 \
        errno = how;                                                                               \
        return bad;                                                                                \
    }

int     __real_openat(int dir, const char *path, int flags, ...);
ssize_t __real_pread(int fd, void *p, size_t n, off_t at);
ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __real_pwritev(int fd, const struct iovec *v, int n, off_t at);
int     __real_fdatasync(int fd);
int     __real_fsync(int fd);
int     __real_renameat(int a, const char *from, int b, const char *to);
int     __real_unlinkat(int dir, const char *path, int flags);
void   *__real_malloc(size_t n);
void   *__real_calloc(size_t n, size_t size);
void   *__real_realloc(void *p, size_t n);
int     __wrap_openat(int dir, const char *path, int flags, ...);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwritev(int fd, const struct iovec *v, int n, off_t at);
int     __wrap_fdatasync(int fd);
int     __wrap_fsync(int fd);
int     __wrap_renameat(int a, const char *from, int b, const char *to);
int     __wrap_unlinkat(int dir, const char *path, int flags);
void   *__wrap_malloc(size_t n);
void   *__wrap_calloc(size_t n, size_t size);
void   *__wrap_realloc(void *p, size_t n);

int
__wrap_openat(int dir, const char *path, int flags, ...)
{
    va_list ap;

    FAIL_FIRST(JW_OPENAT, -1);
    va_start(ap, flags);
    mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    return __real_openat(dir, path, flags, mode);
}

ssize_t
__wrap_pread(int fd, void *p, size_t n, off_t at)
{
    FAIL_FIRST(JW_PREAD, -1);
    return __real_pread(fd, p, how == JW_SHORT && n > 1 ? n / 2 : n, at);
}

ssize_t
__wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
    struct stat st;

    FAIL_FIRST(JW_PWRITE, -1);
    if (how == JW_FULL && fstat(fd, &st) == 0 && at + (off_t)n > st.st_size) {
        errno = ENOSPC;
        return -1;
    }
    bool longer = fstat(fd, &st) == 0 && at + (off_t)n > st.st_size;
    bool head = at == 0 && n == 4096 && *(const char *)p;
    note(n == 32 ? 'm' : n == 95 ? 'l' : head ? 'h' : longer ? 'z' : '-');
    return __real_pwrite(fd, p, how == JW_SHORT && n > 1 ? n / 2 : n, at);
}

ssize_t
__wrap_pwritev(int fd, const struct iovec *v, int n, off_t at)
{
    note('W');
    FAIL_FIRST(JW_PWRITEV, -1);
    if (how == JW_SHORT) /* stops in the middle of a record */
        return __real_pwrite(fd, v->iov_base, v->iov_len / 2 + 1, at);
    ssize_t put = __real_pwritev(fd, v, n, at);
    if (how == JW_LATE) {
        errno = ENOSPC;
        return -1;
    }
    return put;
}

int
__wrap_fdatasync(int fd)
{
    FAIL_FIRST(JW_FDATASYNC, -1);
    int rc = __real_fdatasync(fd);
    atomic_fetch_add(&jw->syncing, 1);
    while (atomic_load(&jw->hold_sync))
        usleep(500);
    atomic_fetch_sub(&jw->syncing, 1);
    note('S');
    return rc;
}

int
__wrap_fsync(int fd)
{
    struct stat st;

    FAIL_FIRST(JW_FSYNC, -1);
    note(fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? 'd' : 'f');
    return __real_fsync(fd);
}

int
__wrap_renameat(int a, const char *from, int b, const char *to)
{
    FAIL_FIRST(JW_RENAMEAT, -1);
    note(strstr(to, ".seg") ? 'n' : 'p');
    return __real_renameat(a, from, b, to);
}

int
__wrap_unlinkat(int dir, const char *path, int flags)
{
    FAIL_FIRST(JW_UNLINKAT, -1);
    note('u');
    return __real_unlinkat(dir, path, flags);
}

void *
__wrap_malloc(size_t n)
{
    FAIL_FIRST(JW_MALLOC, NULL);
    return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    FAIL_FIRST(JW_CALLOC, NULL);
    return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
    FAIL_FIRST(JW_REALLOC, NULL);
    return __real_realloc(p, n);
}
