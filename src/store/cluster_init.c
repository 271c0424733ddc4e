/* cluster_init.c - which programs to use, and making a cluster that is whole or not there.
 * See cluster.h. */
#include "cluster_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* The whole configuration, in place of initdb's 800 lines: an operator may read and change
 * it. What must not change is given on the command line (cluster.c). */
static const char config[] =
    "# Made by collaudo at its first start, and yours to change since. The socket, the\n"
    "# absence of a network port and durability are given on the command line.\n"
    "cluster_name = 'collaudo'\n"
    "max_connections = 64\n"
    "shared_buffers = 128MB\n"
    "work_mem = 16MB\n"
    "maintenance_work_mem = 128MB\n"
    "effective_cache_size = 1GB\n"
    "max_wal_size = 1GB\n"
    "wal_compression = on\n"
    "jit = off\n"
    "\n"
    "# A new file every day or 10 MB; collaudo keeps 14. Errors of statements are told to\n"
    "# their sender; here they would bring values, and so personal data, into a file.\n"
    "logging_collector = on\n"
    "log_directory = '../pg-log'\n"
    "log_filename = 'server-%Y%m%d-%H%M%S.log'\n"
    "log_rotation_age = 1d\n"
    "log_rotation_size = 10MB\n"
    "log_min_messages = log\n"
    "log_min_error_statement = panic\n"
    "log_error_verbosity = terse\n"
    "log_line_prefix = '%m [%p] %u '\n"
    "\n"
    "log_timezone = 'UTC'\n"
    "timezone = 'UTC'\n"
    "datestyle = 'iso, ymd'\n"
    "lc_messages = 'C.UTF-8'\n"
    "lc_monetary = 'C.UTF-8'\n"
    "lc_numeric = 'C.UTF-8'\n"
    "lc_time = 'C.UTF-8'\n"
    "default_text_search_config = 'pg_catalog.simple'\n";

static const char access_rules[] =
    "# The socket's folder is closed to everybody but the service's user (mode 0700).\n"
    "local all all trust\n";

/* --- programs --------------------------------------------------------------------- */

static int
number_at_start(const char *path)
{
    FILE *f = fopen(path, "re");
    int   n = 0;

    if (!f || fscanf(f, "%9d", &n) != 1)
        n = 0;
    if (f)
        fclose(f);
    return n;
}

/* The major version of programs whose folder does not tell; 0: they do not run. */
static int
ask_version(const struct cluster *c)
{
    char        program[CLUSTER_PATH + 16], out[CLUSTER_PATH], word[160];
    const char *argv[] = { program, "--version", NULL };
    pid_t       pid;
    int         status, n = 0;
    struct err  ignored = ERR_INIT;

    snprintf(program, sizeof program, "%s/postgres", c->bin);
    cluster_path(c, "pg-log/version.log", out);
    if (!cluster_spawn(argv, out, false, &pid, &ignored) || waitpid(pid, &status, 0) != pid ||
        status != 0)
        return 0;
    cluster_last_word(out, word);
    return sscanf(word, "postgres (PostgreSQL) %9d", &n) == 1 ? n : 0;
}

/* /usr/lib/postgresql/N/bin with N as wanted, or the newest; 0: none. */
static int
find_installed(int want, char ret_bin[CLUSTER_PATH])
{
    glob_t found;
    int    best = 0;

    if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int  n = 0;
        char initdb[CLUSTER_PATH];

        if (sscanf(found.gl_pathv[i], "/usr/lib/postgresql/%9d/", &n) != 1)
            continue;
        snprintf(initdb, sizeof initdb, "/usr/lib/postgresql/%d/bin/initdb", n);
        if (n >= CLUSTER_OLDEST && n > best && (!want || n == want) && access(initdb, X_OK) == 0)
            best = n;
    }
    globfree(&found);
    if (best)
        snprintf(ret_bin, CLUSTER_PATH, "/usr/lib/postgresql/%d/bin", best);
    return best;
}

static bool
find_given(struct cluster *c, const char *bin, struct err *e)
{
    if (strlen(bin) >= sizeof c->bin - 16)
        return err_set(e, ERR_INVALID, "COLLAUDO_PG_BIN is too long");
    snprintf(c->bin, sizeof c->bin, "%s", bin);
    c->version = ask_version(c);
    return c->version >= CLUSTER_OLDEST ||
           err_set(e, ERR_NOT_FOUND, "COLLAUDO_PG_BIN: no PostgreSQL %d or newer in %s",
                   CLUSTER_OLDEST, bin);
}

bool
cluster_find_programs(struct cluster *c, struct err *e)
{
    const char *given = getenv("COLLAUDO_PG_BIN");
    char        path[CLUSTER_PATH];
    int         made_by;

    cluster_path(c, "pg", path);
    bool there = access(path, F_OK) == 0;
    cluster_path(c, "pg/PG_VERSION", path);
    made_by = number_at_start(path);
    if (there && !made_by)
        return err_set(e, ERR_CONFLICT,
                       "%s/pg is no data directory of PostgreSQL that can be read; it was not "
                       "touched",
                       c->dir);
    if (given && *given && !find_given(c, given, e))
        return false;
    if (!c->version)
        c->version = find_installed(made_by, c->bin);
    if (!c->version && !made_by)
        return err_set(e, ERR_NOT_FOUND,
                       "there is no PostgreSQL server (%d or newer) in /usr/lib/postgresql: run "
                       "scripts/deps, or apt-get install --no-install-recommends postgresql",
                       CLUSTER_OLDEST);
    if (made_by && made_by != c->version)
        return err_set(e, ERR_CONFLICT,
                       "%s/pg was made by PostgreSQL %d, which is not there: apt-get install "
                       "postgresql-%d, or move the data with pg_upgrade; nothing was touched",
                       c->dir, made_by, made_by);
    return true;
}

/* --- making a cluster ---------------------------------------------------------------- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path) != 0 && errno != ENOENT ? -1 : 0;
}

/* What first starts that were interrupted left. An initdb may have survived its service and
 * still write there, which is why every start has a folder of its own, and why this may fail:
 * the next start comes by again. */
static void
sweep(const struct cluster *c)
{
    char   pattern[CLUSTER_PATH];
    glob_t found;

    cluster_path(c, "pg.tmp.*", pattern);
    if (glob(pattern, GLOB_NOESCAPE, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (nftw(found.gl_pathv[i], remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
            log_line(LOG_INFO, "cluster",
                     "an unfinished cluster is still being written; the next "
                     "start removes it");
    globfree(&found);
}

static bool
run_initdb(const struct cluster *c, const char *dir, struct err *e)
{
    char        program[CLUSTER_PATH + 16], log[CLUSTER_PATH], word[160];
    const char *argv[] = {
        program, "-D", dir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
        "-k",    NULL,
    };
    pid_t pid;
    int   status;

    snprintf(program, sizeof program, "%s/initdb", c->bin);
    cluster_path(c, "pg-log/initdb.log", log);
    if (!cluster_spawn(argv, log, false, &pid, e))
        return false;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_errno(e, errno, "waiting for initdb");
    if (status == 0)
        return true;
    cluster_last_word(log, word);
    return err_set(e, ERR_IO, "initdb could not make %s: %s", dir, word);
}

static bool
write_file(const char *dir, const char *name, const char *text, struct err *e)
{
    char    path[CLUSTER_PATH + 32];
    AUTO_FD fd = -1;
    size_t  n = strlen(text);

    snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return (fd >= 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0) ||
           err_errno(e, errno, "cannot write %s", path);
}

static bool
sync_dir(const char *dir, struct err *e)
{
    AUTO_FD fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return (fd >= 0 && fsync(fd) == 0) || err_errno(e, errno, "cannot sync %s", dir);
}

bool
cluster_init(struct cluster *c, struct err *e)
{
    char dir[CLUSTER_PATH], final[CLUSTER_PATH];

    sweep(c);
    cluster_path(c, "pg", final);
    if (access(final, F_OK) == 0)
        return true;
    cluster_path(c, "pg.tmp.XXXXXX", dir);
    if (!mkdtemp(dir))
        return err_errno(e, errno, "cannot write in %s", c->dir);
    CRASH_POINT("cluster/before_initdb");
    if (!run_initdb(c, dir, e) || !write_file(dir, "postgresql.conf", config, e) ||
        !write_file(dir, "pg_hba.conf", access_rules, e) || !sync_dir(dir, e))
        return false;
    CRASH_POINT("cluster/before_rename");
    if (rename(dir, final) != 0)
        return err_errno(e, errno, "cannot name %s", final);
    CRASH_POINT("cluster/after_rename");
    return sync_dir(c->dir, e);
}
