/* head.c - from the library's pieces to a checked struct http_req that owns its copies,
 * and the questions a handler asks of it. */
#include "http_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct http_ex *
http_ex_of(const struct http_req *req)
{
    return (struct http_ex *)(uintptr_t)req;
}

/* --- reading ---------------------------------------------------------------- */

struct fields {
    struct http_field field[HTTP_MAX_FIELDS];
    size_t            n;
    bool              more; /* than fit */
};

static enum MHD_Result
add_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value,
          size_t value_n)
{
    struct fields *f = cls;

    (void)kind;
    f->more = f->n == HTTP_MAX_FIELDS;
    if (f->more)
        return MHD_NO;
    f->field[f->n++] = (struct http_field){
        .name = name, .value = value ? value : "", .name_n = name_n, .value_n = value_n
    };
    return MHD_YES;
}

/* The library's buffer ends with the connection's turn, a deferred request may outlive it. */
static bool
copy_fields(struct http_ex *ex, const struct fields *from)
{
    ex->fields = arena_new(&ex->mem, struct http_pair, from->n ? from->n : 1);
    for (size_t i = 0; ex->fields && i < from->n; i++) {
        const struct http_field *f = &from->field[i];
        size_t                   n = f->value_n;

        while (n && (f->value[n - 1] == ' ' || f->value[n - 1] == '\t'))
            n--;
        ex->fields[i].name = arena_strndup(&ex->mem, f->name, f->name_n);
        ex->fields[i].value = arena_strndup(&ex->mem, f->value, n);
    }
    ex->fields_n = from->n;
    return !ex->mem.denied;
}

static size_t
head_bytes(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    return i ? i->header_size : 0;
}

bool
http_ex_read_head(struct http_ex *ex, const char *method, const char *version, struct err *e)
{
    struct fields    got = { .n = 0 };
    struct http_head head = { .method = method,
                              .target = ex->uri,
                              .target_n = ex->uri_n,
                              .version = version,
                              .bytes = head_bytes(ex->mhd) };

    MHD_get_connection_values_n(ex->mhd, MHD_HEADER_KIND, add_field, &got);
    head.field = got.field;
    head.n = got.n + got.more;
    ex->fields_n = 0;
    if (!http_guard(&head, &ex->req.method, &ex->framing, e))
        return false;
    if (ex->h->strict_layout && !http_guard_layout(&head))
        return err_set(e, ERR_INVALID, "a folded line, a bare line feed or a NUL in the headers");
    if (!copy_fields(ex, &got))
        return err_set(e, ERR_BUSY, "too much is being read just now");
    if (ex->req.method == HTTP_OPTIONS && strcmp(ex->req.path, "*") == 0)
        return true; /* the server as a whole */
    if (!http_target_read(&ex->mem, ex->req.path, &ex->target, e))
        return false;
    ex->req.path = ex->target.path;
    return true;
}

/* --- asking ------------------------------------------------------------------- */

const char *
http_header(const struct http_req *req, const char *name)
{
    const struct http_ex *ex = http_ex_of(req);

    for (size_t i = 0; i < ex->fields_n; i++)
        if (strcasecmp(ex->fields[i].name, name) == 0)
            return ex->fields[i].value;
    return NULL;
}

const char *
http_query(const struct http_req *req, const char *name)
{
    const struct http_target *t = &http_ex_of(req)->target;

    for (size_t i = 0; i < t->query_n; i++)
        if (strcmp(t->query[i].name, name) == 0)
            return t->query[i].value;
    return NULL;
}

const char *
http_arg(const struct http_req *req, unsigned i)
{
    return i < HTTP_MAX_ARGS ? http_ex_of(req)->args[i] : NULL;
}

bool
http_content_is(const struct http_req *req, const char *type)
{
    const char *got = http_header(req, "Content-Type");
    size_t      n = strlen(type);

    if (!got || strncasecmp(got, type, n) != 0)
        return false;
    return !got[n] || strchr("; \t", got[n]);
}

/* --- the loopback rule ---------------------------------------------------------- */

/* "127.0.0.1:8080", "[::1]", "localhost:80": the host without its port is loopback. */
static bool
is_loopback_host(const char *host)
{
    unsigned a, b, c, d;
    int      used = 0;

    if (strncmp(host, "[::1]", 5) == 0)
        host += 5;
    else if (strncasecmp(host, "localhost", 9) == 0)
        host += 9;
    else if (sscanf(host, "%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &used) == 4 && a == 127 && b < 256 &&
             c < 256 && d < 256)
        host += used;
    else
        return false;
    return !*host || (*host == ':' && strspn(host + 1, "0123456789") == strlen(host + 1));
}

/* Headers by which proxies say that the client is somebody else. */
static bool
names_a_proxy(const char *name)
{
    static const char *const names[] = { "Forwarded", "Via", "X-Real-IP" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return strncasecmp(name, "X-Forwarded-", 12) == 0;
}

bool
http_is_plain_loopback(const struct http_req *req)
{
    const struct http_ex *ex = http_ex_of(req);
    const char           *host = http_header(req, "Host");

    if (req->local)
        return true;
    if (req->peer != HTTP_PEER_LOOPBACK || !host || !is_loopback_host(host))
        return false;
    for (size_t i = 0; i < ex->fields_n; i++)
        if (names_a_proxy(ex->fields[i].name))
            return false;
    return true;
}
