/* cluster_choice.c - DIR/database: which PostgreSQL a data directory belongs to. See cluster.h. */
#include "cluster_int.h"

#include "collaudo/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "database"
#define MOST 8192 /* bytes of the file: two connection strings */

static bool
is_there(const char *dir, const char *name)
{
    char path[CLUSTER_PATH];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

/* The whole file, or nothing when there is none: *ret_n -1. */
static bool
read_file(const char *dir, char buf[MOST + 1], ssize_t *ret_n, struct err *e)
{
    char    path[CLUSTER_PATH];
    ssize_t n;

    snprintf(path, sizeof path, "%s/" NAME, dir);
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        *ret_n = -1;
        return true;
    }
    if (fd < 0 || (n = read(fd, buf, MOST)) < 0)
        return err_errno(e, errno, "cannot read %s", path);
    buf[n] = 0;
    *ret_n = n;
    return true;
}

static bool
write_file(const char *dir, const struct str *text, struct err *e)
{
    char tmp[CLUSTER_PATH], path[CLUSTER_PATH];

    snprintf(tmp, sizeof tmp, "%s/" NAME ".tmp", dir);
    snprintf(path, sizeof path, "%s/" NAME, dir);
    unlink(tmp); /* of a start that was cut off; its mode may be another */
    AUTO_FD fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text->p, text->n) != (ssize_t)text->n || fsync(fd) != 0 ||
        rename(tmp, path) != 0)
        return err_errno(e, errno, "cannot write %s", path);
    AUTO_FD folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (folder >= 0 && fsync(folder) == 0) || err_errno(e, errno, "cannot sync %s", dir);
}

bool
cluster_remember(const char *dir, const struct cluster_choice *now, struct err *e)
{
    char         was[MOST + 1];
    ssize_t      n;
    struct arena mem;
    struct str   text;

    arena_init(&mem, 4 * MOST);
    str_init(&text, &mem);
    str_addf(&text, "%s\n%s\n", now->database, now->database_read ? now->database_read : "");
    bool ok = !mem.denied && text.n <= MOST && !strpbrk(now->database, "\r\n") &&
              (!now->database_read || !strpbrk(now->database_read, "\r\n"));
    if (!ok)
        err_set(e, ERR_INVALID, "a database is named in one line of at most %d bytes", MOST / 2);
    ok = ok && read_file(dir, was, &n, e);
    if (ok && (n != (ssize_t)text.n || memcmp(was, text.p, text.n) != 0))
        ok = write_file(dir, &text, e);
    arena_free(&mem);
    return ok;
}

/* Nothing is remembered: is the embedded one meant, or was there another that nobody named?
 * A journal is made after DIR/pg, so a journal alone belongs to a database elsewhere. */
static bool
check_embedded(const char *dir, struct err *e)
{
    if (is_there(dir, "pg") || !is_there(dir, "journal/lock"))
        return true;
    return err_set(e, ERR_CONFLICT,
                   "%s belongs to a service with a database of its own, and does not say which: "
                   "start it once with collaudo serve --database URL",
                   dir);
}

bool
cluster_recall(const char *dir, struct arena *mem, struct cluster_choice *ret, struct err *e)
{
    struct cluster_choice c = { NULL, NULL };
    char                  text[MOST + 1], *second;
    ssize_t               n;

    if (!read_file(dir, text, &n, e))
        return false;
    if (n < 0) {
        if (!check_embedded(dir, e))
            return false;
        *ret = c;
        return true;
    }
    second = strchr(text, '\n');
    if (!second || second == text || !strchr(second + 1, '\n'))
        return err_set(e, ERR_CONFLICT,
                       "%s/" NAME " is damaged: start the service once with --database URL", dir);
    *second++ = 0;
    second[strcspn(second, "\n")] = 0;
    c.database = arena_strdup(mem, text);
    c.database_read = *second ? arena_strdup(mem, second) : NULL;
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "no memory for the name of the database");
    *ret = c;
    return true;
}

bool
cluster_may_leave(const char *dir, struct err *e)
{
    if (!is_there(dir, "pg") || is_there(dir, NAME))
        return true;
    return err_set(e, ERR_CONFLICT,
                   "%s keeps a PostgreSQL of its own: start without --database, or name another "
                   "--data. To move: copy its database over, then put %s/pg away",
                   dir, dir);
}
