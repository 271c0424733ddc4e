/* cluster_user.c - root becomes an ordinary user, for good. See cluster.h. */
#include "cluster_int.h"

#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A folder that is missing is made for the user; one that is there stays whose it is. */
static bool
make_for(const char *dir, const struct passwd *pw, struct err *e)
{
    AUTO_FD fd = -1;

    if (mkdir(dir, 0700) != 0)
        return errno == EEXIST || err_errno(e, errno, "cannot make %s", dir);
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return (fd >= 0 && fchown(fd, pw->pw_uid, pw->pw_gid) == 0) ||
           err_errno(e, errno, "cannot give %s to %s", dir, pw->pw_name);
}

static bool
drop(const struct passwd *pw, struct err *e)
{
    uid_t ru, eu, su;
    gid_t rg, eg, sg;

    if (setgroups(1, &pw->pw_gid) != 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
        setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
        return err_errno(e, errno, "cannot become the user %s", pw->pw_name);
    if (getresuid(&ru, &eu, &su) != 0 || getresgid(&rg, &eg, &sg) != 0 || ru != pw->pw_uid ||
        eu != ru || su != ru || rg != pw->pw_gid || eg != rg || sg != rg || setuid(0) == 0 ||
        seteuid(0) == 0 || setgid(0) == 0)
        return err_set(e, ERR_DENIED, "root's rights could not be given up");
    return setenv("HOME", pw->pw_dir, 1) == 0 || err_set(e, ERR_NOMEM, "no memory");
}

/* Names the first folder on the way that is closed. */
static bool
check_reach(const char *user, const char *dir, struct err *e)
{
    char   part[PATH_MAX];
    size_t n = strlen(dir);

    for (size_t i = 1; i < n; i++) {
        if (dir[i] != '/')
            continue;
        snprintf(part, sizeof part, "%.*s", (int)i, dir);
        if (faccessat(AT_FDCWD, part, X_OK, AT_EACCESS) != 0)
            return err_set(e, ERR_DENIED,
                           "the user %s cannot reach %s, since %s is closed to it: choose another "
                           "folder with --data, such as " CLUSTER_HOME,
                           user, dir, part);
    }
    return faccessat(AT_FDCWD, dir, R_OK | W_OK | X_OK, AT_EACCESS) == 0 ||
           err_set(e, ERR_DENIED, "the user %s cannot write %s: chown %s %s", user, dir, user, dir);
}

bool
cluster_become(const char *user, const char *dir, const char *run_dir, struct err *e)
{
    char                 real[PATH_MAX];
    const struct passwd *pw;
    struct err           unimportant = ERR_INIT;

    pw = getpwnam(user); /* no other thread yet */
    if (!pw || pw->pw_uid == 0)
        return err_set(e, ERR_NOT_FOUND,
                       "PostgreSQL does not run as root, and there is no user %s: useradd --system "
                       "--home-dir " CLUSTER_HOME " --shell /usr/sbin/nologin %s",
                       user, user);
    if (!make_for(dir, pw, e))
        return false;
    if (!make_for(run_dir, pw, &unimportant)) /* a temporary folder will do */
        log_err("cluster", &unimportant, "no folder for the socket");
    if (!realpath(dir, real))
        return err_errno(e, errno, "no such data directory, %s", dir);
    return drop(pw, e) && check_reach(user, real, e);
}

/* Who a data directory that is there already belongs to; of a new one, the service's own user. */
static bool
user_of(const char *dir, char ret[64], struct err *e)
{
    struct stat          st;
    const struct passwd *pw;

    snprintf(ret, 64, "%s", CLUSTER_USER);
    if (stat(dir, &st) != 0 || st.st_uid == 0)
        return true;
    pw = getpwuid(st.st_uid); /* no other thread yet */
    if (!pw || strlen(pw->pw_name) >= 64)
        return err_set(e, ERR_DENIED,
                       "%s belongs to user number %u, whom this machine has no name of", dir,
                       (unsigned)st.st_uid);
    snprintf(ret, 64, "%s", pw->pw_name);
    return true;
}

bool
cluster_drop_root(const char *dir, const char **ret_dir, struct err *e)
{
    bool root = geteuid() == 0 || getuid() == 0;
    char user[64];

    if (root && !dir)
        dir = CLUSTER_HOME;
    if (root && (!user_of(dir, user, e) || !cluster_become(user, dir, CLUSTER_RUN, e)))
        return false;
    *ret_dir = dir;
    return true;
}
