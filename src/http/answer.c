/* answer.c - from struct http_res to the bytes of an answer: headers that every answer
 * has, what the client has already (304), and the shorter form it can read (gzip). */
#include "http_int.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HTML_POLICY                                                                                \
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "                 \
    "frame-ancestors 'none'"
#define DATA_POLICY "default-src 'none'; frame-ancestors 'none'"
#define CHALLENGE "Bearer realm=\"collaudo\""

void
http_res_header(struct http_res *res, const char *name, const char *value)
{
    static const char *const ours[] = { "Connection", "Content-Length", "Transfer-Encoding", "Date",
                                        "Content-Type" };

    assert(res->headers_n < HTTP_MAX_HEADERS && http_is_token(name, strlen(name)));
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        assert(strcasecmp(name, ours[i]) != 0);
    res->headers[res->headers_n++] = (struct http_pair){ name, value };
}

/* --- what the client said it takes ------------------------------------------------- */

/* ";q=0", "; q=0.000": not wanted. */
static bool
is_zero_q(const char *q)
{
    q += strspn(q, "; \t");
    if (strncasecmp(q, "q=", 2) != 0)
        return false;
    q += 2;
    q += strspn(q, "0.");
    return *q < '1' || *q > '9';
}

/* The next name of a comma-separated list with weights; false at its end. */
static bool
next_coding(const char **list, const char **ret_name, size_t *ret_n, bool *ret_wanted)
{
    const char *s = *list + strspn(*list, " \t,");
    size_t      n = strcspn(s, " \t,;");

    *ret_name = s;
    *ret_n = n;
    *ret_wanted = !is_zero_q(s + n);
    *list = s + strcspn(s, ",");
    return n > 0;
}

bool
http_accepts_gzip(const char *list)
{
    const char *name;
    size_t      n;
    bool        wanted, any = false;

    while (list && next_coding(&list, &name, &n, &wanted)) {
        if ((n == 4 && strncasecmp(name, "gzip", 4) == 0) ||
            (n == 6 && strncasecmp(name, "x-gzip", 6) == 0))
            return wanted;
        if (n == 1 && *name == '*')
            any = wanted;
    }
    return any;
}

/* `"a", W/"b-gz"` against b: compared without strength and without our suffix. */
bool
http_etag_matches(const char *list, const char *etag)
{
    size_t n = strlen(etag);

    while (list && *list) {
        list += strspn(list, " \t,");
        if (*list == '*')
            return true;
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        if (*list != '"')
            return false;
        size_t len = strcspn(++list, "\"");
        if (strncmp(list, etag, n) == 0 &&
            (len == n || (len == n + 3 && strncmp(list + n, "-gz", 3) == 0)))
            return true;
        list += len + (list[len] == '"');
    }
    return false;
}

static bool
is_text(const char *type)
{
    static const char *const types[] = {
        "text/",
        "application/json",
        "application/javascript",
        "application/xml",
        "application/x-ndjson",
        "application/openapi",
        "application/manifest",
        "image/svg",
    };

    if (!type)
        return true; /* JSON */
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(type, types[i], strlen(types[i])) == 0)
            return true;
    return false;
}

void
http_answer_pack(struct http_ex *ex)
{
    struct http_res *r = &ex->res;
    struct err       e;

    if (ex->packed)
        return;
    ex->packed = true;
    if (r->gzip || r->no_gzip || r->body_len <= HTTP_GZIP_FROM || !is_text(r->type) ||
        !http_accepts_gzip(http_header(&ex->req, "Accept-Encoding")))
        return;
    if (!zip_gzip(&ex->mem, 1, r->body, r->body_len, &r->gzip, &r->gzip_len, &e))
        r->gzip = NULL; /* then it goes as it is */
}

/* --- headers ------------------------------------------------------------------------- */

struct sheet { /* an answer being written */
    const struct http_ex  *ex;
    const struct http_res *res;
    struct MHD_Response   *mhd;
    bool                   ok;
};

static void
put(struct sheet *s, const char *name, const char *value)
{
    if (s->ok && *value) /* the library takes no empty ones */
        s->ok = MHD_add_response_header(s->mhd, name, value) == MHD_YES;
}

static bool
has_own(const struct http_res *r, const char *name)
{
    for (unsigned i = 0; i < r->headers_n; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            return true;
    return false;
}

/* Unless the handler has its own. */
static void
put_default(struct sheet *s, const char *name, const char *value)
{
    if (!has_own(s->res, name))
        put(s, name, value);
}

static void
put_by_status(struct sheet *s)
{
    const struct http_opts *o = &s->ex->h->opts;
    char                    text[80];

    if (s->res->status == 401)
        put_default(s, "WWW-Authenticate", o->challenge ? o->challenge : CHALLENGE);
    if (s->res->status == 405 || (!s->ex->req.route && s->res->status == 200)) {
        http_router_allow(s->ex->methods, text, sizeof text);
        put_default(s, "Allow", text);
    }
    if (s->res->status == 429 || s->res->status == 503) {
        bool told = !s->ex->late && s->ex->failed && s->ex->err.wait;

        snprintf(text, sizeof text, "%u", told ? s->ex->err.wait : o->retry_after);
        put_default(s, "Retry-After", text);
    }
}

static void
put_caching(struct sheet *s, bool gzip)
{
    static const char *const text[] = {
        [HTTP_CACHE_NONE] = "no-store",
        [HTTP_CACHE_REVALIDATE] = "no-cache",
        [HTTP_CACHE_FOREVER] = "public, max-age=31536000, immutable",
    };
    char etag[96];

    assert(!s->res->etag || strlen(s->res->etag) <= 80);
    put_default(s, "Cache-Control", text[s->res->cache]);
    if (s->res->etag) {
        snprintf(etag, sizeof etag, "\"%s%s\"", s->res->etag, gzip ? "-gz" : "");
        put(s, "ETag", etag);
    }
    if (s->res->gzip || s->res->cache != HTTP_CACHE_NONE)
        put_default(s, "Vary", "Accept-Encoding");
}

static void
put_all(struct sheet *s, bool gzip, bool body)
{
    const struct http_res *r = s->res;
    const char            *type = r->type ? r->type : "application/json";
    const char            *html = s->ex->h->opts.html_policy;

    if (body)
        put(s, "Content-Type", type);
    if (gzip)
        put(s, "Content-Encoding", "gzip");
    put(s, "X-Request-Id", s->ex->req.id);
    put(s, "X-Content-Type-Options", "nosniff");
    put_default(s, "Content-Security-Policy",
                strncmp(type, "text/html", 9) != 0 ? DATA_POLICY
                : html                             ? html
                                                   : HTML_POLICY);
    put_default(s, "Referrer-Policy", "no-referrer");
    put_caching(s, gzip);
    put_by_status(s);
    if (s->ex->req.route && s->ex->req.route->flags & HTTP_ANY_ORIGIN) {
        put_default(s, "Access-Control-Allow-Origin", "*");
        put_default(s, "Access-Control-Expose-Headers", "Retry-After, X-Request-Id");
    }
    for (unsigned i = 0; i < r->headers_n; i++)
        put(s, r->headers[i].name, r->headers[i].value);
    if (s->ex->close) {
        put(s, "Connection", "close");
        return;
    }
    put(s, "Keep-Alive", s->ex->h->keep_alive);
    MHD_set_response_options(s->mhd, MHD_RF_SEND_KEEP_ALIVE_HEADER, MHD_RO_END);
}

static bool
has_bad_header(const struct http_res *r)
{
    for (unsigned i = 0; i < r->headers_n; i++)
        for (const char *v = r->headers[i].value; *v; v++)
            if ((unsigned char)*v < 0x20 || *v == 0x7f)
                return true;
    return false;
}

/* --- sending ---------------------------------------------------------------------------- */

/* What is to be said. A late request's result is not looked at: its finisher may be
 * writing it at this moment. */
static void
settle(struct http_ex *ex, struct http_res *ret_res)
{
    struct err why;

    if (ex->late) {
        err_set(&why, ERR_BUSY, "no answer in time; please come again");
        http_error_res(ex, &why, ret_res);
        return;
    }
    if (!ex->failed && has_bad_header(&ex->res))
        ex->failed = !err_set(&ex->err, ERR_IO, "a handler made a header with a control byte");
    if (ex->failed) {
        http_error_res(ex, &ex->err, ret_res);
        return;
    }
    http_answer_pack(ex);
    *ret_res = ex->res;
    if (!ret_res->status)
        ret_res->status = 200;
    assert(ret_res->status >= 200 && ret_res->status <= 599);
    if (ret_res->status == 200 && ret_res->etag && ex->req.method == HTTP_GET &&
        http_etag_matches(http_header(&ex->req, "If-None-Match"), ret_res->etag))
        ret_res->status = 304;
}

static enum MHD_Result
queue(struct http_ex *ex, const struct http_res *res, size_t *ret_n)
{
    bool        gzip = res->gzip && http_accepts_gzip(http_header(&ex->req, "Accept-Encoding"));
    bool        body = res->status != 304 && res->status != 204 && res->body_len;
    const void *p = !body ? "" : gzip ? res->gzip : res->body;
    size_t      n = !body ? 0 : gzip ? res->gzip_len : res->body_len;
    struct MHD_Response *mhd =
        MHD_create_response_from_buffer(n, (void *)(uintptr_t)p, MHD_RESPMEM_PERSISTENT);
    struct sheet    s = { ex, res, mhd, mhd };
    enum MHD_Result r = MHD_NO;

    if (!mhd)
        return MHD_NO;
    put_all(&s, gzip, body);
    if (s.ok)
        r = MHD_queue_response(ex->mhd, (unsigned)res->status, mhd);
    MHD_destroy_response(mhd);
    *ret_n = ex->req.head ? 0 : n;
    return r;
}

enum MHD_Result
http_answer(struct http_ex *ex)
{
    struct http_stats *st = &ex->h->stats;
    struct http_res    res;
    size_t             n = 0;

    ex->state = HTTP_EX_SENT;
    ex->close = ex->close || atomic_load(&ex->h->stopping);
    settle(ex, &res);
    ex->conn->known = ex->req.local || (!ex->late && ex->allowed && ex->who);
    if (queue(ex, &res, &n) != MHD_YES)
        return MHD_NO;
    http_count(st->bytes_out, n);
    http_count(st->by_class[ex->route + 1][res.status / 100 % 6], 1);
    http_conn_phase(ex->conn, HTTP_SENDS, ex->h->opts.send_time + (usec_t)(n >> 14) * USEC_SECOND);
    return MHD_YES;
}
