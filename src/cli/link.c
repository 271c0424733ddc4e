/* link.c - the way to the service: its admin socket, or one of our own for a while. */
#include "cli_int.h"

#include "collaudo/auto.h"
#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Is somebody answering on the socket? */
static bool
answers(struct cli *c)
{
    struct outbound_answer a;
    struct err             ignored;

    return outbound_send(c->out, "GET", "/healthz", NULL, NULL, 0, 5, &c->mem, &a, &ignored) &&
           a.status == 200;
}

/* --- a data directory that can be used ------------------------------------------------ */

/* Of somebody else: the service makes everything readable to its own user alone. */
static bool
not_ours(const char *dir, const struct stat *st, struct err *e)
{
    const struct passwd *pw = getpwuid(st->st_uid); /* no other thread yet */

    if (!pw)
        return err_set(e, ERR_DENIED, "%s belongs to another user: run this as root", dir);
    return err_set(
        e, ERR_DENIED,
        "%s belongs to the user %s: run this as %s or root (sudo -u %s collaudo ...), or "
        "name another directory with --data",
        dir, pw->pw_name, pw->pw_name, pw->pw_name);
}

bool
cli_check_data(const struct cli *c, struct err *e)
{
    struct stat st;

    if (!*c->data || strlen(c->data) > CLI_MOST_DATA)
        return err_set(e, ERR_INVALID,
                       "--data names a directory in 1 to %d bytes, since its socket's path is "
                       "limited: this one has %zu",
                       CLI_MOST_DATA, strlen(c->data));
    if (geteuid() == 0)
        return true; /* becomes the service's user, and is told by it */
    if (stat(c->data, &st) != 0)
        return errno == ENOENT ||
               err_errno(e, errno,
                         "the data directory %s cannot be reached: run this as its user or root, "
                         "or name another with --data",
                         c->data);
    if (!S_ISDIR(st.st_mode))
        return err_set(e, ERR_INVALID, "--data %s is no directory", c->data);
    return access(c->data, R_OK | W_OK | X_OK) == 0 || not_ours(c->data, &st, e);
}

/* --- a service of our own --------------------------------------------------------------- */

/* The child: a service without TCP, silent but for warnings, until it is told to stop. What
 * keeps it from starting goes to the parent, whose command fails of it. */
static void
be_service(struct cli *c, int ready_fd)
{
    struct cli_serve s = { .data = c->data, .looks_only = c->looks_only, .ready_fd = ready_fd };
    struct err       e = ERR_INIT;

    log_init(LOG_WARN);
    if (c->serve(&s, &e))
        _exit(0);
    if (write(ready_fd, &e, sizeof e) != sizeof e)
        fprintf(stderr, "collaudo: %s\n", e.text);
    _exit(err_exit(e.code));
}

/* 'r', or the struct err that be_service() wrote: its code, which comes first, is smaller. */
static bool
hear(int fd, struct err *e)
{
    union {
        char       text[sizeof(struct err)];
        struct err e;
    } word;
    size_t n = 0;

    while (n < sizeof word) {
        ssize_t got = read(fd, word.text + n, sizeof word - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
        if (n == 1 && word.text[0] == 'r')
            return true;
    }
    if (n != sizeof word)
        return err_set(e, ERR_BUSY, "the service ended before it was up");
    *e = word.e;
    return false;
}

static bool
start_own(struct cli *c, struct err *e)
{
    int fd[2];

    if (pipe2(fd, O_CLOEXEC) < 0)
        return err_errno(e, errno, "no pipe to the service");
    fflush(NULL);
    c->child = fork();
    if (c->child < 0) {
        c->child = 0;
        close(fd[0]);
        close(fd[1]);
        return err_errno(e, errno, "cannot start the service");
    }
    if (c->child == 0) {
        close(fd[0]);
        be_service(c, fd[1]);
    }
    close(fd[1]);
    bool ok = hear(fd[0], e);
    close(fd[0]);
    if (ok)
        return true;
    while (waitpid(c->child, NULL, 0) < 0 && errno == EINTR)
        ;
    c->child = 0;
    return false;
}

bool
cli_link(struct cli *c, struct err *e)
{
    if (!cli_check_data(c, e))
        return false;
    char *path = arena_printf(&c->mem, "%s/" CLI_SOCKET, c->data);
    if (!path || !(c->out = outbound_unix(path)))
        return err_set(e, ERR_NOMEM, "no memory for the way to the service");
    return answers(c) || start_own(c, e);
}

void
cli_unlink(struct cli *c)
{
    int status;

    outbound_close(c->out);
    c->out = NULL;
    if (!c->child)
        return;
    kill(c->child, SIGTERM);
    while (waitpid(c->child, &status, 0) < 0 && errno == EINTR)
        ;
    c->child = 0;
}

/* The sentence and the code of {"error":{"code","message"}}. */
static bool
refused(struct cli *c, const struct outbound_answer *a, struct err *e)
{
    const cJSON  *doc = NULL;
    struct err    ignored;
    const char   *code, *text;
    enum err_code kind;

    if (!json_parse(&c->mem, a->body, a->n, &doc, &ignored))
        doc = NULL;
    code = json_text(json_get(doc, "error"), "code");
    text = json_text(json_get(doc, "error"), "message");
    kind = code ? err_of_name(code) : ERR_NONE;
    return err_set(e, kind ? kind : ERR_IO, "%s", text ? text : "the service refused it");
}

bool
cli_ask(struct cli *c, const char *method, const char *target, const char *type, const void *body,
        size_t n, int also, struct outbound_answer *ret, struct err *e)
{
    if (!outbound_send(c->out, method, target, type, body, n, 0, &c->mem, ret, e))
        return false;
    return ret->status / 100 == 2 || (also && ret->status == also) || refused(c, ret, e);
}

bool
cli_ask_json(struct cli *c, const char *method, const char *target, const struct str *body,
             int also, const cJSON **ret, struct err *e)
{
    struct outbound_answer a;

    return cli_ask(c, method, target, body ? "application/json" : NULL, body ? body->p : NULL,
                   body ? body->n : 0, also, &a, e) &&
           json_parse(&c->mem, a.body, a.n, ret, e);
}

const char *
cli_path(struct cli *c, const char *literal, ...)
{
    struct str  s;
    va_list     ap;
    const char *part;
    bool        is_name = true;

    str_init(&s, &c->mem);
    str_add(&s, literal);
    va_start(ap, literal);
    for (; (part = va_arg(ap, const char *)); is_name = !is_name) {
        if (is_name)
            str_url(&s, part);
        else
            str_add(&s, part);
    }
    va_end(ap);
    return s.p;
}

const char *
cli_target(struct cli *c, const char *path, ...)
{
    struct str  s;
    va_list     ap;
    const char *name;
    char        sep = '?';

    str_init(&s, &c->mem);
    str_add(&s, path);
    va_start(ap, path);
    while ((name = va_arg(ap, const char *))) {
        const char *value = va_arg(ap, const char *);

        if (!value)
            continue;
        str_addc(&s, sep);
        str_add(&s, name);
        str_addc(&s, '=');
        str_url(&s, value);
        sep = '&';
    }
    va_end(ap);
    return s.p;
}

bool
cli_slurp(struct cli *c, const char *path, size_t most, const char **ret, size_t *ret_n,
          struct err *e)
{
    AUTO_FD    fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct str s;

    if (fd < 0)
        return err_errno(e, errno, "cannot read %s", path);
    str_init(&s, &c->mem);
    for (;;) {
        char   *room = str_room(&s, 65536);
        ssize_t got = room ? read(fd, room, 65536) : 0;

        if (!room || s.n > most)
            return err_set(e, ERR_TOO_LARGE, "%s is over %zu bytes", path, most);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, errno, "cannot read %s", path);
        if (!got)
            break;
        s.n += (size_t)got;
    }
    s.p[s.n] = 0;
    *ret = s.p;
    *ret_n = s.n;
    return true;
}

bool
cli_write(const char *path, const void *p, size_t n, struct err *e)
{
    AUTO_FD fd = strcmp(path, "-") == 0
                     ? dup(STDOUT_FILENO)
                     : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0)
        return err_errno(e, errno, "cannot write %s", path);
    for (size_t done = 0; done < n;) {
        ssize_t w = write(fd, (const char *)p + done, n - done);

        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return err_errno(e, errno, "cannot write %s", path);
        done += (size_t)w;
    }
    return true;
}
