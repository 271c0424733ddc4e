/* cluster_t.c - what the tests of the embedded PostgreSQL share. See cluster_t.h. */
#include "cluster_t.h"

#include "sql_gen.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

char ct_home[64];

#define STMT(i, text)                                                                              \
    (&(const struct db_stmt){ .name = "test/" #i, .sql = (text), .id = sql_count + (i) })

const char *
ct_fresh_dir(void)
{
    static char dir[96];
    static int  n;

    snprintf(dir, sizeof dir, "%s/d%d", ct_home, ++n);
    return dir;
}

const char *
ct_in(const char *dir, const char *name)
{
    static char path[4][256];
    static int  i;

    i = (i + 1) % 4;
    snprintf(path[i], sizeof path[i], "%s/%s", dir, name);
    return path[i];
}

void
ct_sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* Runs a shell command built from a format; true when it ends with 0. */
bool
ct_shell(const char *fmt, ...)
{
    char    cmd[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(cmd, sizeof cmd, fmt, ap);
    va_end(ap);
    return system(cmd) == 0;
}

void
ct_put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

pid_t
ct_postmaster_of(const char *dir)
{
    FILE *f = fopen(ct_in(dir, "pg/postmaster.pid"), "r");
    int   pid = 0;

    if (f && fscanf(f, "%d", &pid) != 1)
        pid = 0;
    if (f)
        fclose(f);
    return pid;
}

/* A text in which %s stands for the home of the tests. */
void
ct_text(char ret[256], const char *text)
{
    size_t n = strncmp(text, "%s", 2) == 0 ? 2 : 0;

    snprintf(ret, 256, "%s%s", n ? ct_home : "", text + n);
}

/* Prints why, since a failed check alone would not say. */
bool
ct_must(bool ok, const struct err *e)
{
    if (!ok)
        fprintf(stderr, "%s: %s\n", err_name(e->code), e->text);
    return ok;
}

struct cluster *
ct_started(const char *dir)
{
    struct cluster *c = NULL;
    struct err      e = ERR_INIT;

    if (!CHECK(ct_must(cluster_start(dir, &c, &e), &e)))
        exit(t_end()); /* the rest would only repeat it */
    CHECK_I(e.code, ERR_NONE);
    return c;
}

void
ct_stopped(struct cluster *c)
{
    struct err e = ERR_INIT;

    CHECK(ct_must(cluster_stop(c, &e), &e));
    cluster_close(c);
}

/* cluster_start() must fail so. Returns the text. */
const char *
ct_refused(const char *dir, enum err_code code)
{
    static struct err e;
    struct cluster   *c = NULL;

    e = (struct err)ERR_INIT;
    CHECK(!cluster_start(dir, &c, &e));
    CHECK(!c);
    CHECK_I(e.code, code);
    return e.text;
}

/* A service that starts the cluster, says so, and waits to be killed. */
pid_t
ct_service(const char *dir, bool wait_for_it)
{
    int   said[2];
    char  byte;
    pid_t pid;

    if (pipe2(said, O_CLOEXEC) != 0 || (pid = fork()) < 0)
        abort();
    if (pid == 0) {
        struct cluster *c = NULL;
        struct err      e = ERR_INIT;

        if (!cluster_start(dir, &c, &e)) {
            fprintf(stderr, "in the service: %s\n", e.text);
            _exit(1);
        }
        if (write(said[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(said[1]);
    if (wait_for_it)
        CHECK_I(read(said[0], &byte, 1), 1);
    close(said[0]);
    return pid;
}

void
ct_kill_9(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* kill -9 of the server, seen to be dead (not buried: that is for its parent). */
void
ct_kill_server(const char *dir)
{
    pid_t pid = ct_postmaster_of(dir);
    char  proc[32];

    snprintf(proc, sizeof proc, "/proc/%d/cwd", (int)pid);
    CHECK(pid > 1 && kill(pid, SIGKILL) == 0);
    while (access(proc, F_OK) == 0)
        ct_sleep_ms(1);
}

struct number {
    int64_t n;
};

int64_t
ct_number(const char *conninfo, enum db_role role, const char *sql)
{
    static const struct db_col cols[] = { DB_COL(struct number, n, DB_INT8), DB_COLS_END };
    struct number              row = { -1 };
    struct err                 e = ERR_INIT;
    struct arena               mem;
    struct db                 *db = NULL;

    arena_init(&mem, 1 << 16);
    if (CHECK(
            ct_must(db_open(&(struct db_opts){ .conninfo = conninfo, .role = role }, &db, &e), &e)))
        CHECK(ct_must(db_begin_control(db, &e) &&
                          db_one(db, STMT(0, sql), DB_NO_ARGS, cols, &mem, &row, &e) &&
                          db_commit(db, &e),
                      &e));
    db_close(db);
    arena_free(&mem);
    return row.n;
}

void
ct_run(const char *conninfo, enum db_role role, const char *sql)
{
    struct err e = ERR_INIT;
    struct db *db = NULL;

    if (CHECK(
            ct_must(db_open(&(struct db_opts){ .conninfo = conninfo, .role = role }, &db, &e), &e)))
        CHECK(ct_must(db_begin_control(db, &e) && db_exec(db, STMT(1, sql), DB_NO_ARGS, NULL, &e) &&
                          db_commit(db, &e),
                      &e));
    db_close(db);
}

/* The leak checker needs to look into a process that was root once. */
void
ct_leave_root(void)
{
    const struct passwd *pw = getpwnam("postgres");

    if (getuid() != 0)
        return;
    pw = pw ? pw : getpwnam("nobody");
    if (!pw || setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0 ||
        prctl(PR_SET_DUMPABLE, 1) != 0) {
        fprintf(stderr, "there is no user to run PostgreSQL\n");
        exit(1);
    }
}

void
ct_begin(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(ct_home, sizeof ct_home, "/tmp/collaudo-test-XXXXXX");
    if (getuid() == 0 || chdir("/tmp") != 0 || !mkdtemp(ct_home)) {
        perror(ct_home);
        exit(1);
    }
    setenv("TMPDIR", ct_home, 1);
}

int
ct_end(void)
{
    CHECK(ct_shell("test -z \"$(ls -d %s/collaudo-* 2>/dev/null)\"",
                   ct_home)); /* no socket is left over */
    CHECK(ct_shell("rm -rf %s", ct_home));
    return t_end();
}
