/* cluster.c - the embedded PostgreSQL: owning a data directory, and bringing its server up,
 * whatever was left there. See cluster.h. */
#include "cluster_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"
#include "collaudo/time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define STEP_NS 5000000 /* 5 ms: how often we look while waiting */
#define LOGS_KEPT 14

/* How long a server may take for what it is doing. */
#define WAIT_START (600 * USEC_SECOND)  /* recovery after a crash reads up to 1 GB */
#define WAIT_ANSWER (10 * USEC_SECOND)  /* one that says it is ready */
#define WAIT_ORPHANS (20 * USEC_SECOND) /* sessions of a killed server, to see that it is gone */
#define WAIT_STOP (60 * USEC_SECOND)
#define WAIT_LOCK (2 * USEC_SECOND)

#define MOST_TRIES 3 /* starts, when each server is gone again at once */

void
cluster_path(const struct cluster *c, const char *name, char ret[CLUSTER_PATH])
{
    snprintf(ret, CLUSTER_PATH, "%s/%s", c->dir, name);
}

static void
nap(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = STEP_NS }, NULL);
}

/* --- owning the directory ------------------------------------------------------------- */

static bool
make_dir(const char *dir, struct err *e)
{
    return mkdir(dir, 0700) == 0 || errno == EEXIST || err_errno(e, errno, "cannot make %s", dir);
}

/* The process that wrote its number into the lock file; 0 when there is none. */
static pid_t
holder(const struct cluster *c)
{
    char text[16] = "";
    long pid = pread(c->lock, text, sizeof text - 1, 0) > 0 ? strtol(text, NULL, 10) : 0;

    return pid > 0 && pid < INT32_MAX ? (pid_t)pid : 0;
}

/* The lock is not inherited by the server (O_CLOEXEC): it goes when we go. Only a child that
 * its dying service was just starting holds it until it runs its own program: that is why the
 * lock of a dead holder is waited for. */
static bool
take_lock(struct cluster *c, struct err *e)
{
    char   path[CLUSTER_PATH], pid[16];
    usec_t begun = time_monotonic();

    cluster_path(c, "lock", path);
    c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (c->lock < 0)
        return err_errno(e, errno, "cannot open %s", path);
    while (flock(c->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return err_errno(e, errno, "cannot lock %s", path);
        pid_t by = holder(c);
        if ((by && kill(by, 0) == 0) || time_monotonic() - begun > WAIT_LOCK)
            return err_set(e, ERR_CONFLICT, "another collaudo works in %s (process %d)", c->dir,
                           (int)by);
        nap();
    }
    int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    return (ftruncate(c->lock, 0) == 0 && pwrite(c->lock, pid, (size_t)n, 0) == n) ||
           err_errno(e, errno, "cannot write %s", path);
}

static bool
own(struct cluster *c, const char *dir, struct err *e)
{
    char real[PATH_MAX], path[CLUSTER_PATH];

    if (!make_dir(dir, e))
        return false;
    if (!realpath(dir, real))
        return err_errno(e, errno, "no such data directory, %s", dir);
    if (strlen(real) >= sizeof c->dir)
        return err_set(e, ERR_INVALID, "the path of the data directory is longer than %d bytes",
                       CLUSTER_DIR_MOST);
    memcpy(c->dir, real, strlen(real) + 1);
    cluster_path(c, "pg-log", path);
    return take_lock(c, e) && make_dir(path, e);
}

static int
is_server_log(const struct dirent *d)
{
    return strncmp(d->d_name, "server-", 7) == 0;
}

/* The names sort by time. */
static void
drop_old_logs(const struct cluster *c)
{
    char            dir[CLUSTER_PATH], path[CLUSTER_PATH + 256];
    struct dirent **name = NULL;

    cluster_path(c, "pg-log", dir);
    int n = scandir(dir, &name, is_server_log, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, name[i]->d_name);
        if (i < n - LOGS_KEPT)
            unlink(path);
        free(name[i]);
    }
    free(name);
}

/* --- one server ------------------------------------------------------------------------- */

static bool
start_server(struct cluster *c, struct err *e)
{
    char        program[CLUSTER_PATH + 16], data[CLUSTER_PATH], log[CLUSTER_PATH], sockets[160];
    const char *argv[] = {
        program,
        "-D",
        data,
        "-c",
        sockets,
        "-c",
        "port=" CLUSTER_PORT,
        "-c",
        "listen_addresses=",
        "-c",
        "unix_socket_permissions=0700",
        "-c",
        "fsync=on",
        "-c",
        "full_page_writes=on",
        "-c",
        "synchronous_commit=on",
        NULL,
    };

    if (!cluster_mend_pid_file(c, e) || !cluster_socket_make(c, e))
        return false;
    snprintf(program, sizeof program, "%s/postgres", c->bin);
    cluster_path(c, "pg", data);
    cluster_path(c, "pg-log/start.log", log);
    snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", c->socket_dir);
    if (!cluster_spawn(argv, log, true, &c->child, e))
        return false;
    CRASH_POINT("cluster/after_spawn");
    return true;
}

/* Has the server we started ended? Then it is no longer our child. */
static bool
child_ended(struct cluster *c)
{
    if (!c->child || (waitpid(c->child, NULL, WNOHANG) == 0))
        return false;
    c->child = 0;
    return true;
}

/* What it said before it had its log, or else in it. */
static bool
did_not_start(const struct cluster *c, struct err *e)
{
    char            path[CLUSTER_PATH], word[160];
    struct dirent **name = NULL;

    cluster_path(c, "pg-log", path);
    int n = scandir(path, &name, is_server_log, alphasort);
    cluster_path(c, "pg-log/start.log", path);
    if (!cluster_last_word(path, word) && n > 0) {
        size_t len = strlen(path) - strlen("start.log");

        snprintf(path + len, sizeof path - len, "%s", name[n - 1]->d_name);
        cluster_last_word(path, word);
    }
    while (n > 0)
        free(name[--n]);
    free(name);
    cluster_socket_sweep(c->socket_dir);
    return err_set(e, ERR_DB, "PostgreSQL does not start: %s", word);
}

/* From now on the server is where it was seen. */
static void
set_address(struct cluster *c, const struct cluster_seen *seen)
{
    if (strcmp(c->socket_dir, seen->socket_dir) != 0)
        cluster_socket_sweep(c->socket_dir); /* made for a start that came second */
    memcpy(c->socket_dir, seen->socket_dir, sizeof c->socket_dir);
    c->pid = seen->pid;
    snprintf(c->owner, sizeof c->owner,
             "host=%s port=" CLUSTER_PORT " dbname=collaudo user=postgres", c->socket_dir);
    snprintf(c->login, sizeof c->login,
             "host=%s port=" CLUSTER_PORT " dbname=collaudo user=collaudo", c->socket_dir);
}

/* --- bringing it up ------------------------------------------------------------------------ */

/* What was found and done so far. */
struct coming {
    usec_t begun, ready; /* when the server said so first; 0 */
    bool   stale;        /* a killed server left its file */
    int    tries;        /* how many we started */
    bool   told;
    pid_t  sent_away;
};

/* Its socket was swept away (a cleaned /tmp, the private one of another service), or it is not
 * where our connections look for it: nobody can reach it there. */
static bool
is_out_of_reach(const struct cluster *c, const struct cluster_seen *seen)
{
    return !cluster_socket_is_there(seen->socket_dir) ||
           (c->pid && strcmp(c->socket_dir, seen->socket_dir) != 0);
}

/* It says it is ready. True: *ret_answers says whether it is so. */
static bool
greet(struct cluster *c, struct coming *now, const struct cluster_seen *seen, bool *ret_answers,
      struct err *e)
{
    struct err why = ERR_INIT;

    *ret_answers = false;
    if (is_out_of_reach(c, seen)) {
        if (now->sent_away != seen->pid) {
            log_line(LOG_WARN, "cluster", "PostgreSQL's socket is gone: starting it again");
            kill(seen->pid, SIGINT);
        }
        now->sent_away = seen->pid;
        return true;
    }
    now->ready = now->ready ? now->ready : time_monotonic();
    if (cluster_greet(c, seen->socket_dir, &why)) {
        set_address(c, seen);
        *ret_answers = true;
    } else if (why.code != ERR_BUSY) {
        *e = why;
        return false;
    } else if (time_monotonic() - now->ready > WAIT_ANSWER) {
        return err_set(e, ERR_BUSY, "PostgreSQL (process %d) lives but does not answer",
                       (int)seen->pid);
    }
    return true;
}

/* Nobody is there. When the server we just started is gone again, sessions of a killed one may
 * still be leaving: that takes a moment. Or it met another that a killed service had started
 * just before, and that found its socket's folder swept away and left: so one failure, or
 * two, are no proof. */
static bool
begin_start(struct cluster *c, struct coming *now, bool ended, struct err *e)
{
    bool may_pass =
        now->stale ? time_monotonic() - now->begun < WAIT_ORPHANS : now->tries < MOST_TRIES;

    ended = ended && now->tries; /* else it was there before, and is gone now */
    if (ended && !may_pass)
        return did_not_start(c, e);
    if (ended)
        nanosleep(&(struct timespec){ .tv_nsec = 20 * STEP_NS }, NULL);
    now->tries++;
    now->ready = 0;
    return start_server(c, e);
}

/* Looks at what is there and takes the next step, until a server answers:
 *   nobody     start one
 *   starting   wait: it may be recovering
 *   stopping   wait until nobody is there
 *   ready      greet it */
static bool
come_up(struct cluster *c, struct err *e)
{
    struct coming       now = { .begun = time_monotonic() };
    struct cluster_seen seen;
    bool                answers = false;

    while (time_monotonic() - now.begun < WAIT_START) {
        bool ended = child_ended(c);

        cluster_look(c, &seen);
        now.stale |= seen.stale;
        if (seen.state == CLUSTER_READY && !greet(c, &now, &seen, &answers, e))
            return false;
        if (answers)
            return true;
        if (seen.state == CLUSTER_NOBODY && !c->child && !begin_start(c, &now, ended, e))
            return false;
        if (!now.told && time_monotonic() - now.begun > 3 * USEC_SECOND) {
            log_line(LOG_INFO, "cluster", "waiting for PostgreSQL: it recovers, or is stopping");
            now.told = true;
        }
        nap();
    }
    return err_set(e, ERR_BUSY, "PostgreSQL has been starting for ten minutes");
}

static bool
start(struct cluster *c, const char *dir, struct err *e)
{
    usec_t begun = time_monotonic();

    if (geteuid() == 0)
        return err_set(e, ERR_DENIED, "PostgreSQL does not run as root");
    if (!own(c, dir, e) || !cluster_find_programs(c, e) || !cluster_init(c, e))
        return false;
    drop_old_logs(c);
    if (!come_up(c, e)) {
        struct err ignored = ERR_INIT;

        if (c->child && !cluster_stop(c, &ignored))
            log_err("cluster", &ignored, "a server that did not come up");
        return false;
    }
    log_line(LOG_INFO, "cluster", "PostgreSQL %d %s in %d ms", c->version,
             c->child ? "started" : "adopted", (int)((time_monotonic() - begun) / 1000));
    return true;
}

bool
cluster_start(const char *dir, struct cluster **ret, struct err *e)
{
    AUTO_STRUCT(cluster) *c = calloc(1, sizeof *c);

    if (!c)
        return err_set(e, ERR_NOMEM, "no memory for the embedded PostgreSQL");
    c->lock = -1;
    if (!start(c, dir, e))
        return false;
    *ret = TAKE(c);
    return true;
}

const char *
cluster_conninfo_owner(const struct cluster *c)
{
    return c->owner;
}

const char *
cluster_conninfo(const struct cluster *c)
{
    return c->login;
}

bool
cluster_keep(struct cluster *c, struct err *e)
{
    struct cluster_seen seen;

    child_ended(c);
    cluster_look(c, &seen);
    if (seen.state == CLUSTER_READY && seen.pid == c->pid && !is_out_of_reach(c, &seen))
        return true;
    log_line(LOG_WARN, "cluster", "PostgreSQL is gone: starting it again");
    return come_up(c, e);
}

bool
cluster_stop(struct cluster *c, struct err *e)
{
    usec_t              begun = time_monotonic();
    pid_t               asked = 0;
    struct cluster_seen seen;

    for (;;) {
        child_ended(c);
        cluster_look(c, &seen);
        if (seen.state == CLUSTER_NOBODY && !c->child)
            break;
        pid_t pid = seen.state == CLUSTER_NOBODY ? c->child : seen.pid;
        if (pid != asked && kill(pid, SIGINT) != 0 && errno != ESRCH)
            return err_errno(e, errno, "cannot stop PostgreSQL (process %d)", (int)pid);
        asked = pid;
        if (time_monotonic() - begun > WAIT_STOP)
            return err_set(e, ERR_BUSY, "PostgreSQL (process %d) is still stopping after a minute",
                           (int)pid);
        nap();
    }
    cluster_socket_sweep(c->socket_dir);
    c->pid = 0;
    log_line(LOG_INFO, "cluster", "PostgreSQL stopped in %d ms",
             (int)((time_monotonic() - begun) / 1000));
    return true;
}

void
cluster_close(struct cluster *c)
{
    if (!c)
        return;
    if (c->lock >= 0)
        close(c->lock);
    free(c);
}
