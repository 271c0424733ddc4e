/* link.c - the way to the service: its admin socket, or one of our own for a while. */
#include "cli_int.h"

#include "collaudo/auto.h"
#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* The child: a service without TCP, silent but for warnings, until it is told to stop. */
static void
be_service(struct cli *c, int ready_fd)
{
    struct cli_serve s = { .data = c->data, .ready_fd = ready_fd };
    struct err       e = ERR_INIT;

    log_init(LOG_WARN);
    if (c->serve(&s, &e))
        _exit(0);
    fprintf(stderr, "collaudo: %s\n", e.text);
    _exit(err_exit(e.code));
}

/* *ret_ready: it is up. False with *e: it ended before. */
static bool
start_own(struct cli *c, struct err *e)
{
    int  fd[2], status = 0;
    char byte;

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
    ssize_t got;
    while ((got = read(fd[0], &byte, 1)) < 0 && errno == EINTR)
        ;
    close(fd[0]);
    if (got == 1)
        return true;
    waitpid(c->child, &status, 0);
    c->child = 0;
    return err_set(e, ERR_BUSY, "the service could not be started for this command");
}

bool
cli_link(struct cli *c, struct err *e)
{
    char *path = arena_printf(&c->mem, "%s/admin.sock", c->data);

    if (!path || !(c->out = outbound_unix(path)))
        return err_set(e, ERR_INVALID, "the data directory's name is too long for a socket: %s",
                       c->data);
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
