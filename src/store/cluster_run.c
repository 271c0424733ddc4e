/* cluster_run.c - child processes of the embedded PostgreSQL. See cluster_int.h. */
#include "cluster_int.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

AUTO_DEFINE(posix_spawn_file_actions_t, posix_spawn_file_actions_destroy)
AUTO_DEFINE(posix_spawnattr_t, posix_spawnattr_destroy)

/* Nothing of ours reaches the server: variables such as PGPORT or PGDATA would change it, and
 * messages are to be in English and in UTC. */
static char *const bare_env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", NULL };

bool
cluster_spawn(const char *const *argv, const char *log, bool own_session, pid_t *ret_pid,
              struct err *e)
{
    posix_spawn_file_actions_t        fa;
    posix_spawnattr_t                 at;
    AUTO(posix_spawn_file_actions_t) *files = &fa;
    AUTO(posix_spawnattr_t)          *attr = &at;
    short                             flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t                          none, all;
    int                               r;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(files);
    posix_spawnattr_init(attr);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &all);
    posix_spawnattr_setflags(attr, own_session ? flags | POSIX_SPAWN_SETSID : flags);
    posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(files, 1, log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(files, 1, 2);
    posix_spawn_file_actions_addchdir_np(files, "/"); /* ours may be closed to us by now */
    /* the argument is char *const * for no reason of its own: nothing is written */
    r = posix_spawn(ret_pid, argv[0], files, attr, (char *const *)(uintptr_t)argv, bare_env);
    return r == 0 || err_errno(e, r, "cannot run %s", argv[0]);
}

bool
cluster_last_word(const char *log, char ret[160])
{
    FILE *f = fopen(log, "re");
    char  line[160];
    bool  found = false;

    *ret = 0;
    while (f && fgets(line, sizeof line, f)) {
        bool says = strstr(line, "FATAL:") || strstr(line, "PANIC:") || strstr(line, "error:");

        line[strcspn(line, "\n")] = 0;
        if (says || !*ret)
            memcpy(ret, line, sizeof line);
        found |= says;
    }
    if (f)
        fclose(f);
    return found;
}
