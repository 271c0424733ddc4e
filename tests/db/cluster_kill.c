/* cluster_kill.c - the embedded PostgreSQL, killed at every bad moment, two at once, or cut off:
 * the next start is a good one. Starts clusters of its own, needs no scratch server. */
#include "cluster_t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char a_workspace[] =
    "insert into workspace (code, name, made_at) values ('a', 'A', '2026-01-01')";

/* --- killed, and started again -------------------------------------------------------- */

static void
test_adoption(void)
{
    const char *dir = ct_fresh_dir();
    pid_t       p = ct_service(dir, true), pid = ct_postmaster_of(dir);
    struct err  e = ERR_INIT;

    CHECK(strstr(ct_refused(dir, ERR_CONFLICT), "another collaudo works in "));
    ct_kill_9(p);
    CHECK(kill(pid, 0) == 0);
    usec_t          begun = time_monotonic();
    struct cluster *c = ct_started(dir);
    usec_t          took = time_monotonic() - begun;
    printf("     adoption     %4d ms\n", (int)(took / 1000));
    CHECK(took < 3 * USEC_SECOND);
    CHECK_I(ct_postmaster_of(dir), pid);
    CHECK(ct_must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
    ct_run(cluster_conninfo(c), DB_LOADER, a_workspace);
    ct_stopped(c);
    CHECK_I(ct_postmaster_of(dir), 0);
}

/* kill -9 of the server, with work behind it: found dead by the service, and by a next one. */
static void
test_recovery(void)
{
    const char     *dir = ct_fresh_dir();
    struct cluster *c = ct_started(dir);
    struct err      e = ERR_INIT;
    char            login[256];

    CHECK(ct_must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
    ct_run(cluster_conninfo(c), DB_LOADER, a_workspace);
    snprintf(login, sizeof login, "%s", cluster_conninfo(c));
    CHECK(ct_must(cluster_keep(c, &e), &e));
    ct_kill_server(dir);
    usec_t begun = time_monotonic();
    CHECK(ct_must(cluster_keep(c, &e), &e));
    printf("     recovery     %4d ms\n", (int)((time_monotonic() - begun) / 1000));
    CHECK_S(cluster_conninfo(c), login); /* pools hold it */
    CHECK_I(ct_number(login, DB_APP, "select count(*) as n from workspace"), 1);

    ct_kill_server(dir);
    cluster_close(c);
    c = ct_started(dir);
    CHECK_I(ct_number(cluster_conninfo(c), DB_APP, "select count(*) as n from workspace"), 1);
    ct_stopped(c);
}

/* A session of the killed server that does not notice for a while must end first. */
static void
test_recovery_waits_for_sessions(void)
{
    const char     *dir = ct_fresh_dir();
    struct cluster *c = ct_started(dir);
    struct db      *db = NULL;
    struct err      e = ERR_INIT;
    int             backend;

    CHECK(db_open(&(struct db_opts){ .conninfo = cluster_conninfo(c), .role = DB_OWNER }, &db, &e));
    backend =
        (int)ct_number(cluster_conninfo(c), DB_OWNER,
                       "select max(pid)::int8 as n from pg_stat_activity where application_name"
                       " = 'collaudo' and pid <> pg_backend_pid()");
    CHECK(backend > 1 && kill(backend, SIGSTOP) == 0);
    ct_kill_server(dir);
    pid_t later = fork();
    if (later == 0) {
        ct_sleep_ms(700);
        kill(backend, SIGCONT);
        _exit(0);
    }
    usec_t begun = time_monotonic();
    CHECK(ct_must(cluster_keep(c, &e), &e));
    CHECK(time_monotonic() - begun > 600000);
    waitpid(later, NULL, 0);
    db_close(db);
    ct_stopped(c);
}

/* The number in a stale postmaster.pid was given to somebody else; or a power cut left nothing
 * in the file. */
static void
test_stale_pid_file(void)
{
    static const char *const kinds[] = { "another process", "empty", "no number" };
    const char              *dir = ct_fresh_dir();
    struct cluster          *c = ct_started(dir);
    struct timespec          old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

    for (int i = 0; i < 3; i++) {
        const char *file = ct_in(dir, "pg/postmaster.pid");
        pid_t       other;

        t_row = kinds[i];
        ct_kill_server(dir);
        cluster_close(c);
        ct_sleep_ms(300); /* its sessions leave */
        other = fork();
        if (other == 0) {
            pause();
            _exit(0);
        }
        if (i == 0)
            CHECK(ct_shell("sed -i '1s/.*/%d/' %s", (int)other, file));
        else
            ct_put(file, i == 1 ? "" : "what is this\n");
        CHECK(utimensat(AT_FDCWD, file, old, 0) == 0);
        c = ct_started(dir);
        ct_kill_9(other);
    }
    ct_stopped(c);
}

static void
test_killed_while_initdb_works(void)
{
    static const int ms[] = { 0, 10, 30, 60, 100, 150, 200, 300, 400, 500, 700, 900 };

    for (size_t i = 0; i < sizeof ms / sizeof *ms; i++) {
        const char *dir = ct_fresh_dir();
        pid_t       p = ct_service(dir, false);
        char        row[32];
        struct err  e = ERR_INIT;

        snprintf(row, sizeof row, "after %d ms", ms[i]);
        t_row = row;
        ct_sleep_ms(ms[i]);
        ct_kill_9(p);
        struct cluster *c = ct_started(dir);
        CHECK(ct_must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
        CHECK_I(ct_number(cluster_conninfo(c), DB_APP, "select count(*) as n from workspace"), 0);
        ct_stopped(c);
        c = ct_started(dir); /* sweeps what an initdb that outlived its service wrote meanwhile */
        ct_stopped(c);
        CHECK(ct_shell("test -z \"$(find %s -maxdepth 1 -name 'pg.tmp*')\"", dir));
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
        const char     *dir = ct_fresh_dir();
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
        c = ct_started(dir);
        CHECK(ct_must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
        CHECK_I(ct_number(cluster_conninfo(c), DB_LOADER, "select count(*) as n from workspace"),
                0);
        ct_stopped(c);
    }
}
#endif

/* --- two, and strangers ------------------------------------------------------------------ */

static void
test_two_at_once(void)
{
    const char *dir = ct_fresh_dir();
    pid_t       p[4];
    int         alive = 0;

    for (int i = 0; i < 4; i++) {
        p[i] = fork();
        if (p[i] == 0) {
            struct cluster *c = NULL;
            struct err      e = ERR_INIT;

            if (!cluster_start(dir, &c, &e))
                _exit(e.code == ERR_CONFLICT ? 5 : 1);
            ct_sleep_ms(3000);
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
    const char *dir = ct_fresh_dir();
    pid_t       p = ct_service(dir, true), pid = ct_postmaster_of(dir);

    ct_kill_9(p);
    kill(pid, SIGINT);
    struct cluster *c = ct_started(dir);
    CHECK(ct_postmaster_of(dir) != pid && ct_postmaster_of(dir) > 1);
    ct_stopped(c);
}

static void
test_socket_swept_away(void)
{
    const char     *dir = ct_fresh_dir();
    struct cluster *c = ct_started(dir);
    struct err      e = ERR_INIT;

    CHECK(ct_shell("rm -rf %s", c->socket_dir));
    CHECK(ct_must(cluster_keep(c, &e), &e));
    CHECK_I(ct_number(cluster_conninfo(c), DB_APP, "select 7::int8 as n"), 7);
    CHECK(ct_shell("rm -rf %s", c->socket_dir));
    cluster_close(c);
    c = ct_started(dir);
    CHECK_I(ct_number(cluster_conninfo(c), DB_APP, "select 7::int8 as n"), 7);
    ct_stopped(c);
}

static void
test_one_that_hangs(void)
{
    const char *dir = ct_fresh_dir();
    pid_t       p = ct_service(dir, true), pid = ct_postmaster_of(dir);

    ct_kill_9(p);
    kill(pid, SIGSTOP);
    CHECK(strstr(ct_refused(dir, ERR_BUSY), "does not answer"));
    kill(pid, SIGCONT);
    struct cluster *c = ct_started(dir);
    CHECK_I(ct_postmaster_of(dir), pid);
    ct_stopped(c);
}

int
main(void)
{
    ct_leave_root();
    ct_begin();
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
    return ct_end();
}
