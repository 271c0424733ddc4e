/* cluster_socket.c - the folder the server listens in: short, private, new at every start.
 * See cluster_int.h. */
#include "cluster_int.h"

#include "collaudo/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME "collaudo-XXXXXX"
#define SOCKET ".s.PGSQL." CLUSTER_PORT
#define LONGEST (CLUSTER_SOCKET - 1 - sizeof "/" SOCKET ".lock")

static bool
is_private(const char *dir)
{
    struct stat st;

    return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & 0777) == 0700;
}

static bool
is_ours_to_write(const char *dir)
{
    struct stat st;

    return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           access(dir, W_OK | X_OK) == 0;
}

/* The server's setting is a list, so a comma or a quote in the path would mislead it. */
static bool
is_plain(const char *dir)
{
    return *dir == '/' && dir[strspn(dir, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789/._-")] == 0;
}

static bool
make_in(const char *base, char ret[CLUSTER_SOCKET])
{
    char dir[CLUSTER_SOCKET];

    if (!base || !is_plain(base) || strlen(base) + sizeof "/" NAME - 1 > LONGEST)
        return false;
    snprintf(dir, sizeof dir, "%s/" NAME, base);
    if (!mkdtemp(dir)) /* mode 0700 */
        return false;
    memcpy(ret, dir, sizeof dir);
    return true;
}

/* DIR/pg-socket remembers the folder, so that the next start removes what a killed one left.
 * It tells the data directory too: in a copy of one, the folder is the original's. */
static void
remember(const struct cluster *c)
{
    char  path[CLUSTER_PATH];
    FILE *f;

    cluster_path(c, "pg-socket", path);
    f = fopen(path, "we");
    if (!f || fprintf(f, "%s\n%s\n", c->socket_dir, c->dir) < 0)
        log_line(LOG_WARN, "cluster", "cannot write pg-socket");
    if (f)
        fclose(f);
}

static void
sweep_remembered(const struct cluster *c)
{
    char  path[CLUSTER_PATH], dir[CLUSTER_PATH] = "", of[CLUSTER_PATH] = "";
    FILE *f;

    cluster_path(c, "pg-socket", path);
    f = fopen(path, "re");
    if (!f)
        return;
    if (fgets(dir, sizeof dir, f) && fgets(of, sizeof of, f)) {
        dir[strcspn(dir, "\n")] = of[strcspn(of, "\n")] = 0;
        if (strcmp(of, c->dir) == 0 && strlen(dir) < CLUSTER_SOCKET)
            cluster_socket_sweep(dir);
    }
    fclose(f);
}

static bool
make_anywhere(struct cluster *c)
{
    return (is_ours_to_write(CLUSTER_RUN) && make_in(CLUSTER_RUN, c->socket_dir)) ||
           make_in(getenv("TMPDIR"), c->socket_dir) || make_in("/tmp", c->socket_dir);
}

/* A cluster that had an address keeps it: connections are opened by it all the time. */
bool
cluster_socket_make(struct cluster *c, struct err *e)
{
    char dir[CLUSTER_SOCKET];

    memcpy(dir, c->socket_dir, sizeof dir);
    if (*dir) {
        cluster_socket_sweep(dir); /* a dead server's lock file may name somebody alive */
        return mkdir(dir, 0700) == 0 || is_private(dir) ||
               err_errno(e, errno, "cannot make the folder of PostgreSQL's socket, %s", dir);
    }
    sweep_remembered(c);
    if (!make_anywhere(c))
        return err_errno(e, errno, "no place for PostgreSQL's socket in %s, $TMPDIR or /tmp",
                         CLUSTER_RUN);
    remember(c);
    return true;
}

void
cluster_socket_sweep(const char *dir)
{
    static const char *const names[] = { SOCKET, SOCKET ".lock" };
    const char              *name = strrchr(dir, '/');
    char                     path[CLUSTER_SOCKET + sizeof "/" SOCKET ".lock"];

    if (!name || strncmp(name + 1, NAME, sizeof "collaudo-" - 1) != 0 || !is_private(dir))
        return; /* not a folder of our making */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

bool
cluster_socket_is_there(const char *dir)
{
    char        path[CLUSTER_SOCKET + sizeof "/" SOCKET];
    struct stat st;

    snprintf(path, sizeof path, "%s/" SOCKET, dir);
    return is_plain(dir) && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}
