/* send.h - lines over HTTP to the door of each source, as a patient sender does it.
 *
 * A line is sent until it is answered with 200: 429 and 503 are waited out as long as they ask,
 * a cut connection is made again. So every event arrives at least once, and the service counts
 * it once. One thread hands lines in; some connections carry them away at the same time.
 */
#ifndef CLI_SEND_H
#define CLI_SEND_H

#include "collaudo/arena.h"
#include "collaudo/auto.h"
#include "collaudo/err.h"
#include "collaudo/time.h"

#include <stdint.h>

#define CLI_SEND_SOURCES 8
#define CLI_SEND_CONNECTIONS 256
#define CLI_SEND_BATCH 10000 /* lines of a request; the door takes no more */

struct cli_send_opts {
    const char *url, *socket;          /* one of them */
    const char *key[CLI_SEND_SOURCES]; /* by source */
    int         sources, connections;
    size_t      batch;
    int64_t     rate; /* lines per second at most; 0: as fast as they are answered */
    bool        gzip;
    bool        bar;      /* show progress on stderr */
    usec_t      patience; /* how long one request is tried again */
};

struct cli_send_sum {
    int64_t lines, accepted, quarantined; /* as answered */
    int64_t requests, again;              /* answered 200; sent once more */
    usec_t  took, p50, p99;               /* in all; of an answered request, within 1/8 */
};

struct cli_send;

must_check bool cli_send_start(const struct cli_send_opts *o, struct cli_send **ret, struct err *e);
/* False once any connection has given up: why. */
must_check bool cli_send_line(struct cli_send *s, int source, const char *p, size_t n,
                              struct err *e);
/* Waits until everything is answered. */
must_check bool cli_send_finish(struct cli_send *s, struct cli_send_sum *ret, struct err *e);
void            cli_send_close(struct cli_send *s); /* before it is finished: gives up */
AUTO_DEFINE_STRUCT(cli_send, cli_send_close)

#endif
