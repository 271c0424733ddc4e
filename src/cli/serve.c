/* serve.c - the service's own options. */
#include "cli_int.h"

#include <string.h>

/* "127.0.0.1:8080,[::1]:8080" into s->listen. */
static bool
split_listen(struct cli *c, const char *list, struct cli_serve *s, struct err *e)
{
    char *at = arena_strdup(&c->mem, list), *comma;

    for (; at && *at; at = comma ? comma + 1 : NULL) {
        if ((comma = strchr(at, ',')))
            *comma = 0;
        if (s->listen_n == CLI_MOST_LISTEN)
            return err_set(e, ERR_INVALID, "--listen takes at most %d addresses", CLI_MOST_LISTEN);
        s->listen[s->listen_n++] = at;
    }
    return s->listen_n > 0 || err_set(e, ERR_INVALID, "--listen wants ADDR:PORT");
}

int
cli_run_serve(struct cli *c, struct err *e)
{
    struct cli_serve s = { .data = c->data,
                           .database = cli_opt(c, "database"),
                           .database_read = cli_opt(c, "database-read"),
                           .ready_fd = -1 };
    const char      *listen = cli_opt(c, "listen");

    if (!cli_check_data(c, e) || !split_listen(c, listen ? listen : "127.0.0.1:8080", &s, e))
        return -1;
    return c->serve(&s, e) ? 0 : -1;
}
