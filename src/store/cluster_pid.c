/* cluster_pid.c - who runs DIR/pg: postmaster.pid, read with suspicion. See cluster_int.h.
 *
 * The file outlives a killed server, and its process number may have been given to somebody
 * else since (in a container numbers are small and come again at every start). A postmaster
 * of ours is a living process whose working folder is DIR/pg. */
#include "cluster_int.h"

#include "collaudo/time.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Larger than any process number Linux gives (2^22): nobody. */
#define PID_OF_NOBODY "2147483647"

/* Lines of the file, as PostgreSQL writes them (its miscadmin.h). */
enum { LINE_PID, LINE_DIR, LINE_TIME, LINE_PORT, LINE_SOCKET, LINE_ADDR, LINE_SHMEM, LINE_STATUS };

#define LINES (LINE_STATUS + 1)

struct pid_file {
    char  text[2048];
    char *line[LINES]; /* "" where there is none */
};

static bool
read_file(const struct cluster *c, struct pid_file *ret)
{
    char    path[CLUSTER_PATH];
    AUTO_FD fd = -1;
    ssize_t n;
    char   *p = ret->text;

    cluster_path(c, "pg/postmaster.pid", path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || (n = read(fd, ret->text, sizeof ret->text - 1)) < 0)
        return false;
    ret->text[n] = 0;
    for (int i = 0; i < LINES; i++) {
        ret->line[i] = p;
        p += strcspn(p, "\n");
        if (*p)
            *p++ = 0;
    }
    return true;
}

static pid_t
pid_in(const struct pid_file *f)
{
    long pid = strtol(f->line[LINE_PID], NULL, 10);

    return pid > 0 && pid < INT32_MAX ? (pid_t)pid : 0;
}

/* A dead process that nobody has waited for has no working folder either. */
static bool
works_here(const struct cluster *c, pid_t pid)
{
    char        proc[64], data[CLUSTER_PATH];
    struct stat there, here;

    snprintf(proc, sizeof proc, "/proc/%d/cwd", (int)pid);
    cluster_path(c, "pg", data);
    return stat(proc, &there) == 0 && stat(data, &here) == 0 && there.st_dev == here.st_dev &&
           there.st_ino == here.st_ino;
}

void
cluster_look(const struct cluster *c, struct cluster_seen *ret)
{
    struct pid_file f;

    *ret = (struct cluster_seen){ .state = CLUSTER_NOBODY };
    if (!read_file(c, &f))
        return;
    ret->pid = pid_in(&f);
    if (!ret->pid || !works_here(c, ret->pid)) {
        ret->stale = true;
        return;
    }
    ret->state = strncmp(f.line[LINE_STATUS], "ready", 5) == 0      ? CLUSTER_READY
                 : strncmp(f.line[LINE_STATUS], "stopping", 8) == 0 ? CLUSTER_STOPPING
                                                                    : CLUSTER_STARTING;
    if (strlen(f.line[LINE_SOCKET]) < sizeof ret->socket_dir)
        memcpy(ret->socket_dir, f.line[LINE_SOCKET], strlen(f.line[LINE_SOCKET]) + 1);
}

static bool
is_fresh(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 &&
           time_now() - (usec_t)st.st_mtim.tv_sec * USEC_SECOND < 3 * USEC_SECOND;
}

/* PostgreSQL removes a stale file itself when its process number is nobody's. When it is
 * somebody else's, the number is overwritten, and only that: PostgreSQL still needs the line
 * on shared memory to see whether sessions of the dead server are alive. A file without a
 * number holds nothing to save: a power cut left it, unless a server is just writing it. */
bool
cluster_mend_pid_file(const struct cluster *c, struct err *e)
{
    char            path[CLUSTER_PATH];
    struct pid_file f;
    AUTO_FD         fd = -1;
    char            text[sizeof f.text + 32];
    int             n;

    cluster_path(c, "pg/postmaster.pid", path);
    if (!read_file(c, &f))
        return errno == ENOENT || err_errno(e, errno, "cannot read %s", path);
    if (!pid_in(&f))
        return is_fresh(path) || unlink(path) == 0 || err_errno(e, errno, "cannot remove %s", path);
    if (kill(pid_in(&f), 0) != 0 || works_here(c, pid_in(&f)))
        return true;
    n = snprintf(text, sizeof text, "%s\n", PID_OF_NOBODY);
    for (int i = LINE_DIR; i < LINES; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s\n", f.line[i]);
    fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
    return (fd >= 0 && write(fd, text, (size_t)n) == n) ||
           err_errno(e, errno, "cannot mend %s", path);
}
