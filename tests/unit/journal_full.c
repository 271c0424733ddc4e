/* journal_full.c - a full disk: said at once, nothing lost, and over by itself. */
#include "journal_t.h"
#include "journal_wrap.h"

#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)
#define MOST 9000

/* Appends records of 1,000 bytes until refused; how many are in then. */
static int
fill_up(struct journal *j, struct err *e)
{
    unsigned char    buf[1000] = { 0 };
    struct jt_answer a;
    int              n = 0;

    for (int i = 0; i < 5000; i++) {
        jt_answer_init(&a);
        if (!journal_append(j, buf, sizeof buf, jt_done, &a, e))
            return n;
        while (sem_wait(&a.come) != 0)
            continue;
        n += a.ok;
    }
    t_check(false, __FILE__, __LINE__, "it is refused some day");
    return n;
}

static bool
takes_again(struct journal *j, usec_t patience)
{
    unsigned char buf[1000] = { 0 };

    for (usec_t from = time_monotonic(); time_monotonic() - from < patience; usleep(10000))
        if (jt_append(j, buf, sizeof buf, NULL))
            return true;
    return false;
}

/* The disk is full from `full(true)` to `full(false)`. True when all is as it should be. */
static bool
full_and_back(const char *dir, void (*full)(bool), int least)
{
    struct journal_opts  o = jt_opts(dir, 64 * KIB);
    struct err           e = ERR_INIT;
    struct journal      *j = jt_open(&o);
    struct journal_stats st;
    bool                 ok;

    full(true);
    int n = fill_up(j, &e);
    ok = CHECK(n >= least); /* the prepared segment was still good */
    ok = CHECK_I(e.code, ERR_BUSY) && ok;
    ok = CHECK(strstr(e.text, "disk full")) && ok;
    ok = CHECK_I(jt_count(j, journal_first(j)), n) && ok;
    journal_stats(j, &st);
    ok = CHECK(st.no_segment) && ok;
    journal_close(j);

    j = jt_open(&o); /* starting on a full disk is no fault either */
    ok = CHECK_I(jt_count(j, journal_first(j)), n) && ok;
    e = (struct err)ERR_INIT;
    ok = CHECK_I(fill_up(j, &e), 0) && ok; /* the last segment was full */
    ok = CHECK(strstr(e.text, "disk full")) && ok;
    full(false);
    ok = CHECK(takes_again(j, 10 * USEC_SECOND)) && ok;
    ok = CHECK_I(jt_count(j, journal_first(j)), n + 1) && ok;
    journal_stats(j, &st);
    ok = CHECK(!st.no_segment) && ok;
    journal_close(j);
    j = jt_open(&o);
    ok = CHECK_I(jt_count(j, journal_first(j)), n + 1) && ok;
    journal_close(j);
    return ok;
}

static void
refuse_writes(bool on)
{
    jw_plan(on ? JW_PWRITE : JW_NONE, 0, JW_FULL);
}

static void
test_disk_full(void)
{
    char *dir = jt_dir(true);

    CHECK(full_and_back(dir, refuse_writes, 50));
    jw_plan(JW_NONE, 0, 0);
    jt_remove(dir);
}

/* In a child, as limits and mounts cannot be taken back. */
static int
in_child(bool (*what)(const char *dir))
{
    char *dir = jt_dir(true);
    int   status = -1;

    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        bool ok = what(dir);

        fflush(NULL);
        _exit(ok ? 0 : 1);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    jt_remove(dir);
    return WEXITSTATUS(status);
}

static void
limit_files(bool on)
{
    struct rlimit l;

    getrlimit(RLIMIT_FSIZE, &l);
    l.rlim_cur = on ? 40 * KIB : l.rlim_max;
    setrlimit(RLIMIT_FSIZE, &l);
}

static bool
with_a_limit(const char *dir)
{
    signal(SIGXFSZ, SIG_IGN);
    return full_and_back(dir, limit_files, 30);
}

static void
test_file_size_limit(void)
{
    jw_plan(JW_NONE, 0, 0);
    CHECK_I(in_child(with_a_limit), 0);
}

/* Refused in the middle of a segment, as by a quota: the group is not acknowledged and does
 * not come back; the next goes on elsewhere. */
static void
test_full_in_a_segment(void)
{
    for (int way = 0; way < 4; way++) {
        bool                reopen = way & 1;
        char               *dir = jt_dir(true);
        struct journal_opts o = jt_opts(dir, 64 * KIB);
        struct err          e = ERR_INIT;

        jw_plan(JW_NONE, 0, 0);
        struct journal *j = jt_open(&o);
        jt_fill(j, 1, 0, 5, MOST);
        unsigned char buf[MOST];
        size_t        n = jt_make(1, 99, MOST, buf);
        jw_plan(JW_PWRITEV, 1, way & 2 ? JW_LATE : ENOSPC);
        CHECK(!jt_append(j, buf, n, NULL));
        jw_plan(JW_NONE, 0, 0);
        if (reopen) {
            journal_close(j);
            j = jt_open(&o);
            CHECK_I(jt_read_all(j, 0, 1, 0, MOST, &e), 5);
        }
        jt_fill(j, 1, 5, 9, MOST);
        CHECK_I(jt_read_all(j, 0, 1, 0, MOST, &e), 9);
        journal_close(j);
        j = jt_open(&o);
        CHECK_I(jt_read_all(j, 0, 1, 0, MOST, &e), 9);
        journal_close(j);
        jt_remove(dir);
    }
}

/* Killed while it tells that a record was refused: what was written of it is dead already. */
static void
die_of_it(void *ctx, bool ok, uint64_t after)
{
    (void)ctx;
    (void)after;
    if (!ok)
        raise(SIGKILL);
}

static void
test_killed_at_a_refusal(void)
{
    char               *dir = jt_dir(true);
    struct journal_opts o = jt_opts(dir, 64 * KIB);
    struct err          e = ERR_INIT;
    int                 status = -1;

    jw_plan(JW_NONE, 0, 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct journal *j = jt_open(&o);
        unsigned char   buf[MOST];

        jt_fill(j, 1, 0, 5, MOST);
        jw_plan(JW_PWRITEV, 1, JW_LATE);
        if (journal_append(j, buf, jt_make(1, 5, MOST, buf), die_of_it, NULL, &e))
            pause();
        _exit(1);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    jw_plan(JW_NONE, 0, 0);
    struct journal *j = jt_open(&o);
    CHECK_I(jt_read_all(j, 0, 1, 0, MOST, &e), 5);
    journal_close(j);
    jt_remove(dir);
}

/* --- a disk that is really full
 * --------------------------------------------------------------------- */

static char ballast[500];

static void
fill_disk(bool on)
{
    static const char zeroes[4096];

    if (!on) {
        unlink(ballast);
        return;
    }
    int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, zeroes, sizeof zeroes) > 0)
        continue;
    close(fd);
}

static bool
with_a_tmpfs(const char *dir)
{
    char above[400];

    snprintf(above, sizeof above, "%s", dir);
    *strrchr(above, '/') = 0;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", above, "tmpfs", 0, "size=1m") != 0)
        _exit(77);
    snprintf(ballast, sizeof ballast, "%s/ballast", above);
    return full_and_back(dir, fill_disk, 50);
}

static void
test_tmpfs(void)
{
    int rc = in_child(with_a_tmpfs);

    if (rc == 77) /* said aloud; test_file_size_limit has met the kernel's refusal already */
        printf("     NOTE: no right to mount a tmpfs here; a limit on file size stood in\n");
    CHECK(rc == 0 || rc == 77);
}

int
main(void)
{
    log_init(LOG_ERROR);
    jw_init();
    T_RUN(test_disk_full);
    T_RUN(test_file_size_limit);
    T_RUN(test_full_in_a_segment);
    T_RUN(test_killed_at_a_refusal);
    T_RUN(test_tmpfs);
    return t_end();
}
