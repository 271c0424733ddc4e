/* outbound_http.h - one kept-alive connection that posts batches with a key, over TCP (TLS
 * with https) or a Unix socket, to whoever may be slow, full or gone.
 *
 * It says what happened and decides nothing: whether and when to send again is the caller's.
 * One connection belongs to one thread.
 */
#ifndef COLLAUDO_OUTBOUND_HTTP_H
#define COLLAUDO_OUTBOUND_HTTP_H

#include "collaudo/arena.h"
#include "collaudo/auto.h"
#include "collaudo/err.h"

struct outbound_http;

/* Where to: a Unix socket if its path is given, else the address of the service, with or without
 * a slash at its end: http://127.0.0.1:8080. Nothing is sent yet. NULL: no memory, or the path
 * is too long. */
struct outbound_http *outbound_http_new(const char *base_url, const char *socket_path);
void                  outbound_http_close(struct outbound_http *o);
AUTO_DEFINE_STRUCT(outbound_http, outbound_http_close)

struct outbound_http_post {
    const char *target; /* "/v1/events" */
    const char *type;   /* content type */
    const char *key;    /* sent as Bearer */
    const void *body;
    size_t      n;
    bool        gzip; /* the body is gzipped */
    long        timeout_s;
};

struct outbound_http_answer {
    int         status;
    long        retry_after_s; /* 0: not said */
    const char *body;          /* 0-terminated, in the arena given */
    size_t      n;
};

/* One request and its whole answer, whatever its status.
 * ERR_BUSY: no connection, or it was cut: the other side may have taken the body or not.
 * ERR_TIMEOUT: the same, after timeout_s. */
must_check bool outbound_http_send(struct outbound_http *o, const struct outbound_http_post *p,
                                   struct arena *mem, struct outbound_http_answer *ret,
                                   struct err *e);

#endif
