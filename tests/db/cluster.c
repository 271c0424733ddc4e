/* cluster.c - the embedded PostgreSQL: first and second start, adoption, recovery, and every
 * bad moment to be killed in. Starts clusters of its own, needs no scratch server.
 *
 * PostgreSQL refuses root, so as root the tests run as the user postgres (or nobody). */
#include "t.h"

#include "cluster_int.h"
#include "collaudo/crash.h"
#include "collaudo/db.h"

#include "sql_gen.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static char home[64]; /* of all data directories; removed at the end */

/* --- tools ------------------------------------------------------------------------- */

static const char *
fresh_dir(void)
{
    static char dir[96];
    static int  n;

    snprintf(dir, sizeof dir, "%s/d%d", home, ++n);
    return dir;
}

static const char *
in(const char *dir, const char *name)
{
    static char path[4][256];
    static int  i;

    i = (i + 1) % 4;
    snprintf(path[i], sizeof path[i], "%s/%s", dir, name);
    return path[i];
}

static void
sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* Runs a shell command built from a format; true when it ends with 0. */
static bool __attribute__((format(printf, 1, 2))) shell(const char *fmt, ...)
{
    char    cmd[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(cmd, sizeof cmd, fmt, ap);
    va_end(ap);
    return system(cmd) == 0;
}

static void
put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

static pid_t
postmaster_of(const char *dir)
{
    FILE *f = fopen(in(dir, "pg/postmaster.pid"), "r");
    int   pid = 0;

    if (f && fscanf(f, "%d", &pid) != 1)
        pid = 0;
    if (f)
        fclose(f);
    return pid;
}

/* A text in which %s stands for the home of the tests. */
static void
str_of(char ret[256], const char *text)
{
    size_t n = strncmp(text, "%s", 2) == 0 ? 2 : 0;

    snprintf(ret, 256, "%s%s", n ? home : "", text + n);
}

/* Prints why, since a failed check alone would not say. */
static bool
must(bool ok, const struct err *e)
{
    if (!ok)
        fprintf(stderr, "%s: %s\n", err_name(e->code), e->text);
    return ok;
}

static struct cluster *
started(const char *dir)
{
    struct cluster *c = NULL;
    struct err      e = ERR_INIT;

    if (!CHECK(must(cluster_start(dir, &c, &e), &e)))
        exit(t_end()); /* the rest would only repeat it */
    CHECK_I(e.code, ERR_NONE);
    return c;
}

static void
stopped(struct cluster *c)
{
    struct err e = ERR_INIT;

    CHECK(must(cluster_stop(c, &e), &e));
    cluster_close(c);
}

/* cluster_start() must fail so. Returns the text. */
static const char *
refused(const char *dir, enum err_code code)
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
static pid_t
service(const char *dir, bool wait_for_it)
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

static void
kill_9(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* kill -9 of the server, seen to be dead (not buried: that is for its parent). */
static void
kill_server(const char *dir)
{
    pid_t pid = postmaster_of(dir);
    char  proc[32];

    snprintf(proc, sizeof proc, "/proc/%d/cwd", (int)pid);
    CHECK(pid > 1 && kill(pid, SIGKILL) == 0);
    while (access(proc, F_OK) == 0)
        sleep_ms(1);
}

#define STMT(i, text)                                                                              \
    (&(const struct db_stmt){ .name = "test/" #i, .sql = (text), .id = sql_count + (i) })

struct number {
    int64_t n;
};

static int64_t
number(const char *conninfo, enum db_role role, const char *sql)
{
    static const struct db_col cols[] = { DB_COL(struct number, n, DB_INT8), DB_COLS_END };
    struct number              row = { -1 };
    struct err                 e = ERR_INIT;
    struct arena               mem;
    struct db                 *db = NULL;

    arena_init(&mem, 1 << 16);
    if (CHECK(must(db_open(&(struct db_opts){ .conninfo = conninfo, .role = role }, &db, &e), &e)))
        CHECK(must(db_begin_control(db, &e) &&
                       db_one(db, STMT(0, sql), DB_NO_ARGS, cols, &mem, &row, &e) &&
                       db_commit(db, &e),
                   &e));
    db_close(db);
    arena_free(&mem);
    return row.n;
}

static void
run(const char *conninfo, enum db_role role, const char *sql)
{
    struct err e = ERR_INIT;
    struct db *db = NULL;

    if (CHECK(must(db_open(&(struct db_opts){ .conninfo = conninfo, .role = role }, &db, &e), &e)))
        CHECK(must(db_begin_control(db, &e) && db_exec(db, STMT(1, sql), DB_NO_ARGS, NULL, &e) &&
                       db_commit(db, &e),
                   &e));
    db_close(db);
}

static const char a_workspace[] =
    "insert into workspace (code, name, made_at) values ('a', 'A', '2026-01-01')";

/* --- what a cluster is like ---------------------------------------------------------- */

/* Is one of the process's sockets among the listening ones of /proc/net/tcp? */
static bool
listens_on_tcp(pid_t pid, const char *table)
{
    char           path[64], link[64], line[512], want[32];
    bool           found = false;
    struct dirent *d;
    DIR           *fds;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    if (!CHECK((fds = opendir(path)) != NULL))
        return true;
    while ((d = readdir(fds)) != NULL) {
        unsigned long inode;
        ssize_t       n = readlinkat(dirfd(fds), d->d_name, link, sizeof link - 1);

        link[n > 0 ? n : 0] = 0;
        if (sscanf(link, "socket:[%lu]", &inode) != 1)
            continue;
        snprintf(want, sizeof want, " %lu ", inode);
        FILE *f = fopen(table, "r");
        while (f && fgets(line, sizeof line, f))
            found |= strstr(line, " 0A ") && strstr(line, want);
        if (f)
            fclose(f);
    }
    closedir(fds);
    return found;
}

static void
test_first_start(void)
{
    const char     *dir = fresh_dir();
    usec_t          begun = time_monotonic();
    struct cluster *c = started(dir);
    const char     *owner = cluster_conninfo_owner(c), *login = cluster_conninfo(c);
    struct err      e = ERR_INIT;
    struct stat     st;

    printf("     first start  %4d ms\n", (int)((time_monotonic() - begun) / 1000));
    CHECK(must(db_migrate(owner, time_now(), &e), &e));
    run(login, DB_LOADER, a_workspace);
    run(login, DB_LOADER, "insert into tool (workspace_id, code, name) values (1, 'crm', 'CRM')");
    CHECK_I(number(login, DB_LOADER, "select count(*) as n from tool"), 1);
    CHECK_I(number(login, DB_APP, "select count(*) as n from tool"), 0);
    CHECK_I(number(login, DB_OWNER,
                   "select count(*) as n from pg_roles where rolname = session_user and rolcanlogin"
                   " and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or"
                   " rolinherit)"),
            1);
    CHECK_I(
        number(owner, DB_OWNER,
               "select count(*) as n from pg_settings where (name, setting) in (('fsync', 'on'),"
               " ('full_page_writes', 'on'), ('synchronous_commit', 'on'),"
               " ('data_checksums', 'on'), ('listen_addresses', ''), ('max_connections', '64'),"
               " ('log_min_error_statement', 'panic'), ('log_error_verbosity', 'terse'))"),
        8);
    CHECK_I(number(owner, DB_OWNER,
                   "select count(*) as n from pg_database where datname = 'collaudo'"
                   " and encoding = 6 and datcollate = 'C.UTF-8'"),
            1);
    CHECK(!listens_on_tcp(postmaster_of(dir), "/proc/net/tcp"));
    CHECK(!listens_on_tcp(postmaster_of(dir), "/proc/net/tcp6"));
    CHECK(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK(stat(in(dir, "pg"), &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK(stat(c->socket_dir, &st) == 0 && (st.st_mode & 0777) == 0700);
    stopped(c);
}

static void
test_stop_and_second_start(void)
{
    const char     *dir = fresh_dir();
    struct cluster *c = started(dir);
    pid_t           pid = postmaster_of(dir);
    char            socket_dir[CLUSTER_SOCKET], bin[CLUSTER_PATH];
    struct err      e = ERR_INIT;

    snprintf(bin, sizeof bin, "%s", c->bin);
    CHECK(must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
    run(cluster_conninfo(c), DB_LOADER, a_workspace);
    snprintf(socket_dir, sizeof socket_dir, "%s", c->socket_dir);
    usec_t begun = time_monotonic();
    stopped(c);
    printf("     stop         %4d ms\n", (int)((time_monotonic() - begun) / 1000));
    CHECK(kill(pid, 0) != 0);
    CHECK(access(socket_dir, F_OK) != 0);
    CHECK(access(in(dir, "pg/postmaster.pid"), F_OK) != 0);
    CHECK(shell("%s/pg_controldata %s/pg | grep -q 'state: *shut down$'", bin, dir));

    begun = time_monotonic();
    c = started(dir);
    usec_t took = time_monotonic() - begun;
    printf("     second start %4d ms\n", (int)(took / 1000));
    CHECK(took < 3 * USEC_SECOND);
    CHECK_I(number(cluster_conninfo(c), DB_APP, "select count(*) as n from workspace"), 1);
    CHECK(must(cluster_stop(c, &e), &e));
    CHECK(must(cluster_stop(c, &e), &e)); /* gone already is fine */
    cluster_close(c);
}

/* The login role is made again, and made harmless again, whatever became of it. */
static void
test_login_role(void)
{
    static const char *const spoil[] = {
        "drop role collaudo",
        "alter role collaudo superuser",
        "alter role collaudo bypassrls inherit nologin",
        "revoke collaudo_loader from collaudo",
    };
    const char *dir = fresh_dir();

    for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
        struct cluster *c = started(dir);
        struct err      e = ERR_INIT;

        t_row = spoil[i];
        CHECK(must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
        run(cluster_conninfo_owner(c), DB_OWNER, spoil[i]);
        stopped(c);
        c = started(dir);
        CHECK_I(number(cluster_conninfo(c), DB_LOADER,
                       "select count(*) as n from pg_roles where rolname = session_user and"
                       " not (rolsuper or rolbypassrls or rolinherit)"),
                1);
        stopped(c);
    }
}

/* --- killed, and started again -------------------------------------------------------- */

static void
test_adoption(void)
{
    const char *dir = fresh_dir();
    pid_t       p = service(dir, true), pid = postmaster_of(dir);
    struct err  e = ERR_INIT;

    CHECK(strstr(refused(dir, ERR_CONFLICT), "another collaudo works in "));
    kill_9(p);
    CHECK(kill(pid, 0) == 0);
    usec_t          begun = time_monotonic();
    struct cluster *c = started(dir);
    usec_t          took = time_monotonic() - begun;
    printf("     adoption     %4d ms\n", (int)(took / 1000));
    CHECK(took < 3 * USEC_SECOND);
    CHECK_I(postmaster_of(dir), pid);
    CHECK(must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
    run(cluster_conninfo(c), DB_LOADER, a_workspace);
    stopped(c);
    CHECK_I(postmaster_of(dir), 0);
}

/* kill -9 of the server, with work behind it: found dead by the service, and by a next one. */
static void
test_recovery(void)
{
    const char     *dir = fresh_dir();
    struct cluster *c = started(dir);
    struct err      e = ERR_INIT;
    char            login[256];

    CHECK(must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
    run(cluster_conninfo(c), DB_LOADER, a_workspace);
    snprintf(login, sizeof login, "%s", cluster_conninfo(c));
    CHECK(must(cluster_keep(c, &e), &e));
    kill_server(dir);
    usec_t begun = time_monotonic();
    CHECK(must(cluster_keep(c, &e), &e));
    printf("     recovery     %4d ms\n", (int)((time_monotonic() - begun) / 1000));
    CHECK_S(cluster_conninfo(c), login); /* pools hold it */
    CHECK_I(number(login, DB_APP, "select count(*) as n from workspace"), 1);

    kill_server(dir);
    cluster_close(c);
    c = started(dir);
    CHECK_I(number(cluster_conninfo(c), DB_APP, "select count(*) as n from workspace"), 1);
    stopped(c);
}

/* A session of the killed server that does not notice for a while must end first. */
static void
test_recovery_waits_for_sessions(void)
{
    const char     *dir = fresh_dir();
    struct cluster *c = started(dir);
    struct db      *db = NULL;
    struct err      e = ERR_INIT;
    int             backend;

    CHECK(db_open(&(struct db_opts){ .conninfo = cluster_conninfo(c), .role = DB_OWNER }, &db, &e));
    backend = (int)number(cluster_conninfo(c), DB_OWNER,
                          "select max(pid)::int8 as n from pg_stat_activity where application_name"
                          " = 'collaudo' and pid <> pg_backend_pid()");
    CHECK(backend > 1 && kill(backend, SIGSTOP) == 0);
    kill_server(dir);
    pid_t later = fork();
    if (later == 0) {
        sleep_ms(700);
        kill(backend, SIGCONT);
        _exit(0);
    }
    usec_t begun = time_monotonic();
    CHECK(must(cluster_keep(c, &e), &e));
    CHECK(time_monotonic() - begun > 600000);
    waitpid(later, NULL, 0);
    db_close(db);
    stopped(c);
}

/* The number in a stale postmaster.pid was given to somebody else; or a power cut left nothing
 * in the file. */
static void
test_stale_pid_file(void)
{
    static const char *const kinds[] = { "another process", "empty", "no number" };
    const char              *dir = fresh_dir();
    struct cluster          *c = started(dir);
    struct timespec          old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

    for (int i = 0; i < 3; i++) {
        const char *file = in(dir, "pg/postmaster.pid");
        pid_t       other;

        t_row = kinds[i];
        kill_server(dir);
        cluster_close(c);
        sleep_ms(300); /* its sessions leave */
        other = fork();
        if (other == 0) {
            pause();
            _exit(0);
        }
        if (i == 0)
            CHECK(shell("sed -i '1s/.*/%d/' %s", (int)other, file));
        else
            put(file, i == 1 ? "" : "what is this\n");
        CHECK(utimensat(AT_FDCWD, file, old, 0) == 0);
        c = started(dir);
        kill_9(other);
    }
    stopped(c);
}

static void
test_killed_while_initdb_works(void)
{
    static const int ms[] = { 0, 10, 30, 60, 100, 150, 200, 300, 400, 500, 700, 900 };

    for (size_t i = 0; i < sizeof ms / sizeof *ms; i++) {
        const char *dir = fresh_dir();
        pid_t       p = service(dir, false);
        char        row[32];
        struct err  e = ERR_INIT;

        snprintf(row, sizeof row, "after %d ms", ms[i]);
        t_row = row;
        sleep_ms(ms[i]);
        kill_9(p);
        struct cluster *c = started(dir);
        CHECK(must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
        CHECK_I(number(cluster_conninfo(c), DB_APP, "select count(*) as n from workspace"), 0);
        stopped(c);
        c = started(dir); /* sweeps what an initdb that outlived its service wrote meanwhile */
        stopped(c);
        CHECK(shell("test -z \"$(find %s -maxdepth 1 -name 'pg.tmp*')\"", dir));
    }
}

#ifdef CRASH_POINTS
/* The same, at every named place on the way. */
static void
test_crash_points(void)
{
    static const char *const names[] = {
        "cluster/before_initdb", "cluster/before_rename", "cluster/after_rename",
        "cluster/after_spawn",   "cluster/before_roles",  "cluster/after_roles",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char     *dir = fresh_dir();
        struct cluster *c = NULL;
        struct err      e = ERR_INIT;
        int             status = 0;

        t_row = names[i];
        pid_t p = fork();
        if (p == 0) {
            setenv("COLLAUDO_CRASH", names[i], 1);
            _exit(cluster_start(dir, &c, &e) ? 0 : 1);
        }
        CHECK_I(waitpid(p, &status, 0), p);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        c = started(dir);
        CHECK(must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
        CHECK_I(number(cluster_conninfo(c), DB_LOADER, "select count(*) as n from workspace"), 0);
        stopped(c);
    }
}
#endif

/* --- two, and strangers ------------------------------------------------------------------ */

static void
test_two_at_once(void)
{
    const char *dir = fresh_dir();
    pid_t       p[4];
    int         alive = 0;

    for (int i = 0; i < 4; i++) {
        p[i] = fork();
        if (p[i] == 0) {
            struct cluster *c = NULL;
            struct err      e = ERR_INIT;

            if (!cluster_start(dir, &c, &e))
                _exit(e.code == ERR_CONFLICT ? 5 : 1);
            sleep_ms(3000);
            _exit(cluster_stop(c, &e) ? 0 : 1);
        }
    }
    for (int i = 0; i < 4; i++) {
        int status = 0;

        CHECK_I(waitpid(p[i], &status, 0), p[i]);
        CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 5));
        alive += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    CHECK_I(alive, 1);
}

static void
test_one_that_is_stopping_is_waited_for(void)
{
    const char *dir = fresh_dir();
    pid_t       p = service(dir, true), pid = postmaster_of(dir);

    kill_9(p);
    kill(pid, SIGINT);
    struct cluster *c = started(dir);
    CHECK(postmaster_of(dir) != pid && postmaster_of(dir) > 1);
    stopped(c);
}

static void
test_socket_swept_away(void)
{
    const char     *dir = fresh_dir();
    struct cluster *c = started(dir);
    struct err      e = ERR_INIT;

    CHECK(shell("rm -rf %s", c->socket_dir));
    CHECK(must(cluster_keep(c, &e), &e));
    CHECK_I(number(cluster_conninfo(c), DB_APP, "select 7::int8 as n"), 7);
    CHECK(shell("rm -rf %s", c->socket_dir));
    cluster_close(c);
    c = started(dir);
    CHECK_I(number(cluster_conninfo(c), DB_APP, "select 7::int8 as n"), 7);
    stopped(c);
}

static void
test_one_that_hangs(void)
{
    const char *dir = fresh_dir();
    pid_t       p = service(dir, true), pid = postmaster_of(dir);

    kill_9(p);
    kill(pid, SIGSTOP);
    CHECK(strstr(refused(dir, ERR_BUSY), "does not answer"));
    kill(pid, SIGCONT);
    struct cluster *c = started(dir);
    CHECK_I(postmaster_of(dir), pid);
    stopped(c);
}

static void
test_unsafe_server(void)
{
    const char     *dir = fresh_dir();
    struct cluster *c = started(dir);
    char            bin[CLUSTER_PATH];

    snprintf(bin, sizeof bin, "%s", c->bin);
    stopped(c);
    CHECK(shell("%s/pg_ctl -D %s/pg -w -s -l /dev/null start -o"
                " '-k %s -c listen_addresses= -c full_page_writes=off'",
                bin, dir, home));
    CHECK(strstr(refused(dir, ERR_CONFLICT), "full_page_writes = off"));
    CHECK(shell("%s/pg_ctl -D %s/pg -w -s -m fast stop", bin, dir));
    stopped(started(dir));
}

static void
test_another_version(void)
{
    const char *dir = fresh_dir();

    stopped(started(dir));
    CHECK(shell("cp -a %s/pg %s/before && cd %s && echo 14 > pg/PG_VERSION &&"
                " echo 14 > before/PG_VERSION",
                dir, dir, dir));
    CHECK(strstr(refused(dir, ERR_CONFLICT), "was made by PostgreSQL 14"));
    CHECK(shell("diff -r %s/pg %s/before", dir, dir));

    dir = fresh_dir();
    CHECK(shell("mkdir -p %s/pg && echo precious > %s/pg/file", dir, dir));
    CHECK(strstr(refused(dir, ERR_CONFLICT), "is no data directory"));
    CHECK(shell("test \"$(cat %s/pg/*)\" = precious", dir));
}

static void
test_programs(void)
{
    const char *dir = fresh_dir();
    char        stub[128];

    setenv("COLLAUDO_PG_BIN", "/nowhere/bin", 1);
    CHECK(strstr(refused(dir, ERR_NOT_FOUND), "/nowhere/bin"));
    snprintf(stub, sizeof stub, "%s/bin", home);
    CHECK(shell("mkdir -p %s && printf '#!/bin/sh\necho \"postgres (PostgreSQL) 14.9\"\n' >"
                " %s/postgres && chmod +x %s/postgres",
                stub, stub, stub));
    setenv("COLLAUDO_PG_BIN", stub, 1);
    CHECK(strstr(refused(dir, ERR_NOT_FOUND), "no PostgreSQL 15 or newer"));
    unsetenv("COLLAUDO_PG_BIN");
    CHECK(access(in(dir, "pg"), F_OK) != 0);
}

static void
test_server_that_cannot_start(void)
{
    const char *dir = fresh_dir();

    stopped(started(dir));
    CHECK(shell("echo 'no_such_setting = 1' >> %s/pg/postgresql.conf", dir));
    CHECK(strstr(refused(dir, ERR_DB), "postgresql.conf"));
    CHECK(shell("sed -i /no_such/d %s/pg/postgresql.conf", dir));
    stopped(started(dir));
    CHECK(shell("mv %s/pg/pg_wal/0* %s", dir, dir)); /* seen when its log is open already */
    CHECK(strstr(refused(dir, ERR_DB), "checkpoint"));
    CHECK(shell("mv %s/0* %s/pg/pg_wal", dir, dir));
    stopped(started(dir));
}

static void
test_socket_place(void)
{
    static const struct {
        const char *tmpdir, *want;
    } row[] = {
        { "%s/short", "%s/short/collaudo-" },
        { "%s/a-name-so-long-that-the-path-of-a-socket-in-it-would-not-fit-into-the-107-bytes-of-a",
          "/tmp/collaudo-" },
        { "%s/with, a comma", "/tmp/collaudo-" },
        { "relative", "/tmp/collaudo-" },
        { "%s/missing", "/tmp/collaudo-" },
    };

    CHECK(shell("mkdir %s/short '%s/with, a comma' && mkdir -p %s/a-name-so-long-that-the-path-of-"
                "a-socket-in-it-would-not-fit-into-the-107-bytes-of-a",
                home, home, home));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct cluster c = { .lock = -1 };
        struct err     e = ERR_INIT;
        char           text[256];

        t_row = row[i].tmpdir;
        str_of(text, row[i].tmpdir);
        setenv("TMPDIR", text, 1);
        CHECK(must(cluster_socket_make(&c, &e), &e));
        str_of(text, row[i].want);
        CHECK(access(CLUSTER_RUN, W_OK) == 0 || strncmp(c.socket_dir, text, strlen(text)) == 0);
        cluster_socket_sweep(c.socket_dir);
        CHECK(access(c.socket_dir, F_OK) != 0);
    }
    unsetenv("TMPDIR");
}

/* --- giving up root ------------------------------------------------------------------------ */

/* In a child, since there is no way back. The exit code: 0 fine, else the error's. */
static int
become(const char *user, const char *dir, const char *run)
{
    int   status = -1;
    pid_t p = fork();

    if (p == 0) {
        struct err           e = ERR_INIT;
        const struct passwd *pw = getpwnam(user);

        if (!cluster_become(user, dir, run, &e)) {
            printf("     %s\n", e.text);
            fflush(stdout);
            _exit((int)e.code);
        }
        bool ok = pw && getuid() == pw->pw_uid && geteuid() == pw->pw_uid && setuid(0) != 0 &&
                  getgroups(0, NULL) == 1 && access(dir, R_OK | W_OK | X_OK) == 0;
        _exit(ok ? 0 : 100);
    }
    CHECK_I(waitpid(p, &status, 0), p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_giving_up_root(void)
{
    char        base[] = "/tmp/collaudo-root-XXXXXX", dir[64], run[64];
    struct stat st;

    CHECK(mkdtemp(base) != NULL);
    snprintf(dir, sizeof dir, "%s/data", base);
    snprintf(run, sizeof run, "%s/run", base);
    CHECK_I(become("nobody", dir, run), ERR_DENIED); /* base is closed to it */
    CHECK(chmod(base, 0755) == 0);
    CHECK_I(become("nobody", dir, run), 0);
    CHECK(stat(dir, &st) == 0 && st.st_uid == getpwnam("nobody")->pw_uid);
    CHECK(stat(run, &st) == 0 && st.st_uid == getpwnam("nobody")->pw_uid);
    CHECK(chown(dir, 0, 0) == 0);
    CHECK_I(become("nobody", dir, run), ERR_DENIED); /* root's own folder */
    CHECK(stat(dir, &st) == 0 && st.st_uid == 0);    /* and it stays root's */
    CHECK_I(become("no-such-user", dir, run), ERR_NOT_FOUND);
    CHECK_I(become("root", dir, run), ERR_NOT_FOUND);
    CHECK(shell("rm -rf %s", base));
    CHECK(strstr(refused("/tmp/never-made", ERR_DENIED), "root"));
    CHECK(access("/tmp/never-made", F_OK) != 0);
}

static void
test_ordinary_user_stays(void)
{
    struct err  e = ERR_INIT;
    const char *dir = "";
    uid_t       uid = getuid();

    CHECK(cluster_drop_root("x", &dir, &e));
    CHECK_S(dir, "x");
    CHECK(cluster_drop_root(NULL, &dir, &e) && !dir);
    CHECK_I(getuid(), uid);
}

/* From here on an ordinary user; the leak checker needs to look at a process that was root. */
static void
leave_root(void)
{
    const struct passwd *pw = getpwnam("postgres");

    pw = pw ? pw : getpwnam("nobody");
    if (!pw || setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0 ||
        prctl(PR_SET_DUMPABLE, 1) != 0) {
        fprintf(stderr, "there is no user to run PostgreSQL\n");
        exit(1);
    }
}

int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (chdir("/tmp") != 0) /* ours may be closed to the server's user */
        return 1;
    if (getuid() == 0) {
        T_RUN(test_giving_up_root);
        leave_root();
    }
    snprintf(home, sizeof home, "/tmp/collaudo-test-XXXXXX");
    if (!mkdtemp(home))
        return 1;
    T_RUN(test_ordinary_user_stays);
    T_RUN(test_first_start);
    T_RUN(test_stop_and_second_start);
    T_RUN(test_login_role);
    T_RUN(test_adoption);
    T_RUN(test_recovery);
    T_RUN(test_recovery_waits_for_sessions);
    T_RUN(test_stale_pid_file);
    T_RUN(test_killed_while_initdb_works);
#ifdef CRASH_POINTS
    T_RUN(test_crash_points);
#endif
    T_RUN(test_two_at_once);
    T_RUN(test_one_that_is_stopping_is_waited_for);
    T_RUN(test_socket_swept_away);
    T_RUN(test_one_that_hangs);
    T_RUN(test_unsafe_server);
    T_RUN(test_another_version);
    T_RUN(test_programs);
    T_RUN(test_server_that_cannot_start);
    T_RUN(test_socket_place);
    CHECK(shell("rm -rf %s", home));
    return t_end();
}
