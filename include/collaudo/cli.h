/* cli.h - words for people at a terminal.
 *
 * Every command but `serve` is a client of the running service: it speaks HTTP over the
 * admin socket in the data directory. When no service runs there, one is started without
 * TCP for the command's own duration. So there is one way to do a thing, and a command
 * gives the same answer beside a service and without.
 */
#ifndef COLLAUDO_CLI_H
#define COLLAUDO_CLI_H

#include "collaudo/err.h"

#define CLI_MOST_LISTEN 8
#define CLI_SOCKET "admin.sock" /* in the data directory */
#define CLI_MOST_DATA 96        /* bytes of --data: the path of its socket has at most 107 */

/* What `collaudo serve` was told. */
struct cli_serve {
    const char *data;                    /* --data, or what stands for it */
    const char *listen[CLI_MOST_LISTEN]; /* TCP addresses; none: admin socket only */
    int         listen_n;
    const char *database;      /* NULL: the embedded PostgreSQL */
    const char *database_read; /* NULL: the same */
    bool        looks_only;    /* takes no events: whoever goes on with the journal, goes on */
    int         ready_fd;      /* gets 'r' when the service answers; -1: nobody waits */
};

/* Runs the service until SIGTERM or SIGINT; main.c wires it. */
typedef bool cli_serve_fn(const struct cli_serve *s, struct err *e);

/* The exit code of the process. */
int cli_main(int argc, char **argv, cli_serve_fn *serve);

#endif
