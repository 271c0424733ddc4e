/* error.c - the one place where a struct err becomes an answer. */
#include "http_int.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* What goes wrong inside the machine is for the log; its words may name files and hosts. */
static const char *
public_text(const struct err *e)
{
    switch (e->code) {
    case ERR_DB:
    case ERR_IO:
    case ERR_NOMEM:
        return "the service cannot do this just now; please come again";
    default:
        return e->text;
    }
}

/* err.text is printable ASCII without quotes and backslashes: safe in JSON as it is. */
static size_t
write_json(const struct http_ex *ex, const struct err *e, char *ret, size_t size)
{
    int n = snprintf(ret, size,
                     "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"},\"request_id\":\"%s\"}\n",
                     err_name(e->code), public_text(e), ex->req.id);

    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static bool
wants_page(const struct http_ex *ex)
{
    const char *accept;

    if (!ex->h->opts.error_page)
        return false;
    if (ex->req.route)
        return ex->req.route->flags & HTTP_PAGE;
    accept = ex->req.method == HTTP_GET || ex->req.method == HTTP_HEAD
                 ? http_header(&ex->req, "Accept")
                 : NULL;
    return accept && strstr(accept, "text/html");
}

/* The request's own arena is not ours when the handler is still at work behind the deadline. */
static bool
error_page(struct http_ex *ex, const struct err *e, struct http_res *ret_res)
{
    if (ex->late && !ex->late_mem.limit) {
        arena_init(&ex->late_mem, HTTP_ROUTE_MEM);
        ex->late_mem.budget = &ex->h->budget;
    }
    return ex->h->opts.error_page(ex->h->opts.app, &ex->req, e, ex->late ? &ex->late_mem : &ex->mem,
                                  ret_res);
}

void
http_error_res(struct http_ex *ex, const struct err *e, struct http_res *ret_res)
{
    struct http_res res = { .status = 0 };
    struct err      shown;

    if (public_text(e) != e->text)
        http_stats_fault(ex->h, ex, e);
    err_set(&shown, e->code, "%s", public_text(e));
    if (!wants_page(ex) || !error_page(ex, &shown, &res)) {
        res = (struct http_res){ .body = ex->small };
        res.body_len = write_json(ex, e, ex->small, sizeof ex->small);
    }
    res.status = err_http(e->code);
    *ret_res = res;
}

void
http_error_send(const struct http_ex *ex, const struct err *e)
{
    char     raw[1024], body[512];
    unsigned status = (unsigned)err_http(e->code);
    size_t   body_n = write_json(ex, e, body, sizeof body);
    int      n = snprintf(raw, sizeof raw,
                          "HTTP/1.1 %u %s\r\nContent-Type: application/json\r\n"
                               "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
                               "X-Request-Id: %s\r\nContent-Length: %zu\r\n"
                               "Connection: close\r\n\r\n%s",
                          status, MHD_get_reason_phrase_for(status), ex->req.id, body_n, body);

    assert(n > 0 && (size_t)n < sizeof raw);
    http_count(ex->h->stats.by_class[ex->route + 1][status / 100 % 6], 1);
    if (send(ex->conn->fd, raw, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) != n)
        return; /* it will not be told, and is gone either way */
}
