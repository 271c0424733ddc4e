/* cluster.c - the embedded PostgreSQL: what it is like, start and stop, what it refuses, and how
 * root is given up. Starts clusters of its own, needs no scratch server. */
#include "cluster_t.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

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
    const char     *dir = ct_fresh_dir();
    usec_t          begun = time_monotonic();
    struct cluster *c = ct_started(dir);
    const char     *owner = cluster_conninfo_owner(c), *login = cluster_conninfo(c);
    struct err      e = ERR_INIT;
    struct stat     st;

    printf("     first start  %4d ms\n", (int)((time_monotonic() - begun) / 1000));
    CHECK(ct_must(db_migrate(owner, time_now(), &e), &e));
    ct_run(login, DB_LOADER, a_workspace);
    ct_run(login, DB_LOADER,
           "insert into tool (workspace_id, code, name) values (1, 'crm', 'CRM')");
    CHECK_I(ct_number(login, DB_LOADER, "select count(*) as n from tool"), 1);
    CHECK_I(ct_number(login, DB_APP, "select count(*) as n from tool"), 0);
    CHECK_I(
        ct_number(login, DB_OWNER,
                  "select count(*) as n from pg_roles where rolname = session_user and rolcanlogin"
                  " and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or"
                  " rolinherit)"),
        1);
    CHECK_I(
        ct_number(owner, DB_OWNER,
                  "select count(*) as n from pg_settings where (name, setting) in (('fsync', 'on'),"
                  " ('full_page_writes', 'on'), ('synchronous_commit', 'on'),"
                  " ('data_checksums', 'on'), ('listen_addresses', ''), ('max_connections', '64'),"
                  " ('log_min_error_statement', 'panic'), ('log_error_verbosity', 'terse'))"),
        8);
    CHECK_I(ct_number(owner, DB_OWNER,
                      "select count(*) as n from pg_database where datname = 'collaudo'"
                      " and encoding = 6 and datcollate = 'C.UTF-8'"),
            1);
    CHECK(!listens_on_tcp(ct_postmaster_of(dir), "/proc/net/tcp"));
    CHECK(!listens_on_tcp(ct_postmaster_of(dir), "/proc/net/tcp6"));
    CHECK(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK(stat(ct_in(dir, "pg"), &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK(stat(c->socket_dir, &st) == 0 && (st.st_mode & 0777) == 0700);
    ct_stopped(c);
}

static void
test_stop_and_second_start(void)
{
    const char     *dir = ct_fresh_dir();
    struct cluster *c = ct_started(dir);
    pid_t           pid = ct_postmaster_of(dir);
    char            socket_dir[CLUSTER_SOCKET], bin[CLUSTER_PATH];
    struct err      e = ERR_INIT;

    snprintf(bin, sizeof bin, "%s", c->bin);
    CHECK(ct_must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
    ct_run(cluster_conninfo(c), DB_LOADER, a_workspace);
    snprintf(socket_dir, sizeof socket_dir, "%s", c->socket_dir);
    usec_t begun = time_monotonic();
    ct_stopped(c);
    printf("     stop         %4d ms\n", (int)((time_monotonic() - begun) / 1000));
    CHECK(kill(pid, 0) != 0);
    CHECK(access(socket_dir, F_OK) != 0);
    CHECK(access(ct_in(dir, "pg/postmaster.pid"), F_OK) != 0);
    CHECK(ct_shell("%s/pg_controldata %s/pg | grep -q 'state: *shut down$'", bin, dir));

    begun = time_monotonic();
    c = ct_started(dir);
    usec_t took = time_monotonic() - begun;
    printf("     second start %4d ms\n", (int)(took / 1000));
    CHECK(took < 3 * USEC_SECOND);
    CHECK_I(ct_number(cluster_conninfo(c), DB_APP, "select count(*) as n from workspace"), 1);
    CHECK(ct_must(cluster_stop(c, &e), &e));
    CHECK(ct_must(cluster_stop(c, &e), &e)); /* gone already is fine */
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
    const char *dir = ct_fresh_dir();

    for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
        struct cluster *c = ct_started(dir);
        struct err      e = ERR_INIT;

        t_row = spoil[i];
        CHECK(ct_must(db_migrate(cluster_conninfo_owner(c), time_now(), &e), &e));
        ct_run(cluster_conninfo_owner(c), DB_OWNER, spoil[i]);
        ct_stopped(c);
        c = ct_started(dir);
        CHECK_I(ct_number(cluster_conninfo(c), DB_LOADER,
                          "select count(*) as n from pg_roles where rolname = session_user and"
                          " not (rolsuper or rolbypassrls or rolinherit)"),
                1);
        ct_stopped(c);
    }
}

/* --- what is refused ------------------------------------------------------------------- */

static void
test_unsafe_server(void)
{
    const char     *dir = ct_fresh_dir();
    struct cluster *c = ct_started(dir);
    char            bin[CLUSTER_PATH];

    snprintf(bin, sizeof bin, "%s", c->bin);
    ct_stopped(c);
    CHECK(ct_shell("%s/pg_ctl -D %s/pg -w -s -l /dev/null start -o"
                   " '-k %s -c listen_addresses= -c full_page_writes=off'",
                   bin, dir, ct_home));
    CHECK(strstr(ct_refused(dir, ERR_CONFLICT), "full_page_writes = off"));
    CHECK(ct_shell("%s/pg_ctl -D %s/pg -w -s -m fast stop", bin, dir));
    ct_stopped(ct_started(dir));
}

static void
test_another_version(void)
{
    const char *dir = ct_fresh_dir();

    ct_stopped(ct_started(dir));
    CHECK(ct_shell("cp -a %s/pg %s/before && cd %s && echo 14 > pg/PG_VERSION &&"
                   " echo 14 > before/PG_VERSION",
                   dir, dir, dir));
    CHECK(strstr(ct_refused(dir, ERR_CONFLICT), "was made by PostgreSQL 14"));
    CHECK(ct_shell("diff -r %s/pg %s/before", dir, dir));

    dir = ct_fresh_dir();
    CHECK(ct_shell("mkdir -p %s/pg && echo precious > %s/pg/file", dir, dir));
    CHECK(strstr(ct_refused(dir, ERR_CONFLICT), "is no data directory"));
    CHECK(ct_shell("test \"$(cat %s/pg/*)\" = precious", dir));
}

static void
test_programs(void)
{
    const char *dir = ct_fresh_dir();
    char        stub[128];

    setenv("COLLAUDO_PG_BIN", "/nowhere/bin", 1);
    CHECK(strstr(ct_refused(dir, ERR_NOT_FOUND), "/nowhere/bin"));
    snprintf(stub, sizeof stub, "%s/bin", ct_home);
    CHECK(ct_shell("mkdir -p %s && printf '#!/bin/sh\necho \"postgres (PostgreSQL) 14.9\"\n' >"
                   " %s/postgres && chmod +x %s/postgres",
                   stub, stub, stub));
    setenv("COLLAUDO_PG_BIN", stub, 1);
    CHECK(strstr(ct_refused(dir, ERR_NOT_FOUND), "no PostgreSQL 15 or newer"));
    unsetenv("COLLAUDO_PG_BIN");
    CHECK(access(ct_in(dir, "pg"), F_OK) != 0);
}

static void
test_server_that_cannot_start(void)
{
    const char *dir = ct_fresh_dir();

    ct_stopped(ct_started(dir));
    CHECK(ct_shell("echo 'no_such_setting = 1' >> %s/pg/postgresql.conf", dir));
    CHECK(strstr(ct_refused(dir, ERR_DB), "postgresql.conf"));
    CHECK(ct_shell("sed -i /no_such/d %s/pg/postgresql.conf", dir));
    ct_stopped(ct_started(dir));
    CHECK(ct_shell("mv %s/pg/pg_wal/0* %s", dir, dir)); /* seen when its log is open already */
    CHECK(strstr(ct_refused(dir, ERR_DB), "checkpoint"));
    CHECK(ct_shell("mv %s/0* %s/pg/pg_wal", dir, dir));
    ct_stopped(ct_started(dir));
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

    CHECK(
        ct_shell("mkdir %s/short '%s/with, a comma' && mkdir -p %s/a-name-so-long-that-the-path-of-"
                 "a-socket-in-it-would-not-fit-into-the-107-bytes-of-a",
                 ct_home, ct_home, ct_home));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct cluster c = { .lock = -1, .dir = "/nowhere" };
        struct err     e = ERR_INIT;
        char           text[256];

        t_row = row[i].tmpdir;
        ct_text(text, row[i].tmpdir);
        setenv("TMPDIR", text, 1);
        CHECK(ct_must(cluster_socket_make(&c, &e), &e));
        ct_text(text, row[i].want);
        CHECK(access(CLUSTER_RUN, W_OK) == 0 || strncmp(c.socket_dir, text, strlen(text)) == 0);
        cluster_socket_sweep(c.socket_dir);
        CHECK(access(c.socket_dir, F_OK) != 0);
    }
    setenv("TMPDIR", ct_home, 1);
}

/* --- giving up root ------------------------------------------------------------------------ */

/* In a child, since there is no way back. The exit code: 0 fine, else the error's. No `run`: as
 * whom, the owner of `dir` says. */
static int
become(const char *user, const char *dir, const char *run)
{
    int         status = -1;
    pid_t       p = fork();
    const char *same;

    if (p == 0) {
        struct err           e = ERR_INIT;
        const struct passwd *pw = getpwnam(user);

        if (!(run ? cluster_become(user, dir, run, &e) : cluster_drop_root(dir, &same, &e))) {
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
    CHECK_I(become("nobody", dir, NULL), 0); /* its owner, not CLUSTER_USER */
    CHECK(chown(dir, 0, 0) == 0);
    CHECK_I(become("nobody", dir, run), ERR_DENIED); /* root's own folder */
    CHECK(stat(dir, &st) == 0 && st.st_uid == 0);    /* and it stays root's */
    CHECK_I(become("no-such-user", dir, run), ERR_NOT_FOUND);
    CHECK_I(become("root", dir, run), ERR_NOT_FOUND);
    CHECK(ct_shell("rm -rf %s", base));
    CHECK(strstr(ct_refused("/tmp/never-made", ERR_DENIED), "root"));
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

int
main(void)
{
    if (getuid() == 0)
        T_RUN(test_giving_up_root); /* an ordinary user has nothing to give up: */
    ct_leave_root();
    ct_begin();
    T_RUN(test_ordinary_user_stays);
    T_RUN(test_first_start);
    T_RUN(test_stop_and_second_start);
    T_RUN(test_login_role);
    T_RUN(test_unsafe_server);
    T_RUN(test_another_version);
    T_RUN(test_programs);
    T_RUN(test_server_that_cannot_start);
    T_RUN(test_socket_place);
    return ct_end();
}
