/* exchange.c - one request's life, from its first line to the end of its answer.
 *
 *     HEAD ──> BODY ──> (handler) ──> SENT          answered on the loop thread
 *                          └──> WAIT ──> READY ──> SENT    by the pool or a later
 *
 * A request that is refused after its head was understood is still read to its end
 * (BODY, bytes dropped) before it is answered: a client that is still writing would
 * see a broken pipe instead of the answer. One whose head is not understood is
 * answered at once, because where its end is cannot be known.
 */
#include "http_int.h"

#include "collaudo/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct http_conn *
conn_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return i ? i->socket_context : NULL;
}

static void
make_id(char id[HTTP_ID_LEN])
{
    uint8_t bytes[(HTTP_ID_LEN - 1) / 2];

    hash_random(bytes, sizeof bytes);
    hash_hex(bytes, sizeof bytes, id);
}

void *
http_ex_on_uri(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct http_loop *l = cls;
    struct http_conn *c = conn_of(mhd);
    struct http_ex   *ex = c && uri ? calloc(1, sizeof *ex) : NULL;

    if (!ex)
        return NULL; /* the handler below then ends the connection */
    ex->h = l->h;
    atomic_fetch_add(&l->h->refs, 1);
    ex->loop = l;
    ex->conn = c;
    ex->mhd = mhd;
    ex->refs = 1;
    ex->route = -1;
    ex->uri = uri;
    ex->uri_n = strlen(uri);
    arena_init(&ex->mem, HTTP_ROUTE_MEM);
    ex->mem.budget = &l->h->budget;
    ex->req = (struct http_req){ .path = arena_strndup(&ex->mem, uri, ex->uri_n),
                                 .body = "",
                                 .peer = c->peer,
                                 .local = c->peer == HTTP_PEER_UNIX,
                                 .http = l->h,
                                 .mem = &ex->mem,
                                 .who = &ex->who };
    make_id(ex->req.id);
    c->ex = ex;
    http_conn_phase(c, HTTP_HEAD_COMES, l->h->opts.head_time);
    return ex;
}

void
http_ex_release(struct http_ex *ex)
{
    struct http *h = ex->h;

    if (atomic_fetch_sub(&ex->refs, 1) != 1)
        return;
    http_body_free(&ex->body);
    arena_free(&ex->mem);
    if (ex->late_mem.limit)
        arena_free(&ex->late_mem);
    free(ex);
    http_unref(h);
}

/* --- the head was read --------------------------------------------------------- */

static bool
has_body(const struct http_ex *ex)
{
    return ex->framing.chunked || ex->framing.length;
}

/* Is the body compressed? By its encoding, or, as form posts of some SDKs have it, by
 * its type. ERR_MEDIA_TYPE: in a way we do not read. */
static bool
read_encoding(const struct http_ex *ex, bool *ret_zipped, struct err *e)
{
    static const char *const types[] = { "application/gzip", "application/x-gzip" };
    static const char *const known[] = { "gzip", "x-gzip", "deflate" };
    const char              *enc = http_header(&ex->req, "Content-Encoding");
    bool                     zipped = false;

    if (!enc || !*enc || strcasecmp(enc, "identity") == 0) {
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            zipped |= http_content_is(&ex->req, types[i]);
        *ret_zipped = zipped;
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        zipped |= strcasecmp(enc, known[i]) == 0;
    if (!zipped)
        return err_set(e, ERR_MEDIA_TYPE, "a Content-Encoding other than gzip and deflate");
    *ret_zipped = true;
    return true;
}

/* Nobody has looked yet at who this is. */
static bool
may_be_a_stranger(const struct http_ex *ex)
{
    return ex->req.route->flags & HTTP_KEY_IN_BODY && !ex->allowed;
}

static bool
open_body(struct http_ex *ex, const struct http_route *r, struct err *e)
{
    struct http_body_opts o = { .max_wire = r->max_body,
                                .max_plain = r->max_plain ? r->max_plain : 4 * r->max_body,
                                .keep_raw = r->flags & HTTP_RAW_ON_BAD_ENCODING,
                                .find_gzip = r->flags & HTTP_FIND_GZIP,
                                .budget = ex->allowed && ex->who ? &ex->h->budget
                                          : ex->req.local        ? &ex->h->budget
                                                                 : &ex->h->strangers };

    if (may_be_a_stranger(ex) && o.max_wire > HTTP_STRANGER_BODY) {
        o.max_wire = HTTP_STRANGER_BODY;
        o.max_plain = 4 * HTTP_STRANGER_BODY;
    }
    if (ex->framing.length > o.max_wire)
        return err_set(e, ERR_TOO_LARGE, "the body is over %zu bytes", o.max_wire);
    return read_encoding(ex, &o.zipped, e) && http_body_open(&ex->body, &o, e);
}

static bool
may(struct http_ex *ex, struct err *e)
{
    const struct http_route *r = ex->req.route;

    if (!r->need)
        return err_set(e, ERR_DENIED, "this door is closed");
    ex->allowed = ex->allowed || ex->h->opts.allow(ex->h->opts.app, &ex->req, r->need, e);
    return ex->allowed;
}

/* Everything that can be said about the request before its body is here. */
static bool
admit(struct http_ex *ex, struct err *e)
{
    const struct http_route *r;

    if (ex->req.path[0] == '*') {
        ex->methods = (1u << HTTP_METHODS) - 1;
        return true; /* OPTIONS of the server as a whole */
    }
    ex->route =
        http_router_find(&ex->h->router, ex->req.method, &ex->target, &ex->methods, ex->args);
    if (!ex->methods)
        return err_set(e, ERR_NOT_FOUND, "nothing is at this address");
    if (ex->route < 0 && ex->req.method == HTTP_OPTIONS)
        return true;
    if (ex->route < 0)
        return err_set(e, ERR_METHOD, "this address does not take %s",
                       http_method_name(ex->req.method));
    r = ex->req.route = &ex->h->router.routes[ex->route];
    ex->req.head = ex->req.method == HTTP_HEAD;
    ex->req.method = r->method;
    ex->mem.limit = ex->mem.used + (r->max_mem ? r->max_mem : HTTP_ROUTE_MEM);
    bool early = r->flags & HTTP_AUTH_EARLY &&
                 !(r->flags & HTTP_KEY_IN_BODY && !http_header(&ex->req, "Authorization"));
    if ((early || !r->need) && !may(ex, e))
        return false;
    return !has_body(ex) || open_body(ex, r, e);
}

static enum MHD_Result
answer_and_close(struct http_ex *ex)
{
    ex->failed = ex->close = true;
    return http_answer(ex);
}

static enum MHD_Result
first_call(struct http_ex *ex, const char *method, const char *version)
{
    struct http *h = ex->h;

    ex->state = HTTP_EX_BODY;
    ex->req.received = time_now();
    http_count(h->stats.requests, 1);
    if (!http_ex_read_head(ex, method, version, &ex->err)) {
        http_count(h->stats.refused, ex->err.code != ERR_BUSY);
        return answer_and_close(ex);
    }
    /* The library reads chunk lines leniently (bare line feeds, any extension), unseen by
     * the guard. A proxy may read them otherwise; so what follows a chunked body is never
     * taken for a request. */
    ex->close = ex->framing.chunked;
    ex->refused = !admit(ex, &ex->err);
    ex->conn->known = ex->req.local || (ex->allowed && ex->who);
    if (!has_body(ex))
        return MHD_YES; /* called again at once */
    if (ex->refused && ex->framing.expects)
        return answer_and_close(ex); /* it asked before sending */
    http_conn_phase(ex->conn, HTTP_BODY_COMES,
                    ex->refused ? h->opts.drain_time : h->opts.body_time);
    return MHD_YES;
}

/* --- the body comes --------------------------------------------------------------- */

/* It will not end: the client is told, and the connection closed. */
static enum MHD_Result
stop_draining(struct http_ex *ex)
{
    ex->state = HTTP_EX_SENT;
    http_error_send(ex, &ex->err);
    return MHD_NO;
}

static enum MHD_Result
body_call(struct http_ex *ex, const char *data, size_t *data_n)
{
    size_t n = *data_n;

    *data_n = 0;
    http_count(ex->h->stats.bytes_in, n);
    ex->conn->got += n;
    if (!ex->refused && !http_body_push(&ex->body, data, n, &ex->err)) {
        ex->refused = true;
        http_body_free(&ex->body);
        http_conn_phase(ex->conn, HTTP_BODY_COMES, ex->h->opts.drain_time);
    }
    if (ex->refused)
        ex->drained += n;
    return ex->drained > ex->h->opts.drain ? stop_draining(ex) : MHD_YES;
}

/* --- it is complete ----------------------------------------------------------------- */

/* How long an answer is held back: some clients come again at once whatever they are told. The
 * one who asked before sending was spared its body and gets its answer. */
static usec_t
hold_time(const struct http_ex *ex)
{
    const struct http_opts *o = &ex->h->opts;

    if (ex->late) /* its handler may be at work still: nothing of it is ours */
        return 0;
    if (!ex->failed || ex->held || atomic_load(&ex->h->stopping))
        return 0;
    if (err_http(ex->err.code) == 401)
        return o->unknown_time;
    if (ex->err.code != ERR_TOO_MANY)
        return 0;
    usec_t wait = (usec_t)ex->err.wait * USEC_SECOND;
    return wait && wait < o->many_time ? wait : o->many_time;
}

static enum MHD_Result
answer(struct http_ex *ex)
{
    usec_t hold = hold_time(ex);

    if (!hold)
        return http_answer(ex);
    http_later_hold(ex, hold);
    return MHD_YES;
}

void
http_ex_handle(struct http_ex *ex)
{
    struct http_res res = { .status = 0 };
    struct err      e = ERR_INIT;
    bool            ok = may(ex, &e) && ex->req.route->fn(ex->h->opts.app, &ex->req, &res, &e);

    if (ex->later_taken) {
        assert(ok && "a handler that took a later must not fail");
        return; /* ex may be in other hands already */
    }
    ex->failed = !ok;
    if (ok) {
        ex->res = res;
        http_answer_pack(ex);
    } else {
        assert(e.code && "a handler failed without saying why");
        ex->err = e;
    }
}

static enum MHD_Result
hand_over(struct http_ex *ex)
{
    atomic_store(&ex->race, HTTP_RACE_OPEN);
    atomic_fetch_add(&ex->refs, 1); /* the pool's */
    if (!http_pool_submit(&ex->h->pool, ex, &ex->err)) {
        atomic_fetch_sub(&ex->refs, 1);
        ex->failed = true;
        return answer(ex);
    }
    http_later_suspend(ex);
    return MHD_YES;
}

static enum MHD_Result
last_call(struct http_ex *ex)
{
    struct http_req *r = &ex->req;

    if (!ex->refused && has_body(ex) && r->route)
        ex->refused = !http_body_end(&ex->body, &r->body, &r->body_len, &r->body_broken, &ex->err);
    ex->failed = ex->refused;
    if (ex->failed || !r->route)
        return answer(ex); /* refused, or OPTIONS that the table says nothing of */
    if (r->route->flags & HTTP_POOL)
        return hand_over(ex);
    http_ex_handle(ex);
    if (!ex->later_taken)
        return answer(ex);
    http_later_suspend(ex);
    return MHD_YES;
}

enum MHD_Result
http_ex_on_call(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                const char *version, const char *data, size_t *data_n, void **ret_ex)
{
    struct http_ex *ex = *ret_ex;

    (void)cls, (void)mhd, (void)url;
    if (!ex)
        return MHD_NO;
    switch (ex->state) {
    case HTTP_EX_HEAD:
        return first_call(ex, method, version);
    case HTTP_EX_BODY:
        return *data_n ? body_call(ex, data, data_n) : last_call(ex);
    case HTTP_EX_READY:
        return answer(ex);
    case HTTP_EX_WAIT:
    case HTTP_EX_SENT:
        break;
    }
    return MHD_YES;
}

void
http_ex_on_end(void *cls, struct MHD_Connection *mhd, void **ret_ex,
               enum MHD_RequestTerminationCode why)
{
    struct http_ex   *ex = *ret_ex;
    struct http_conn *c = ex ? ex->conn : NULL;

    (void)cls, (void)mhd;
    if (!c)
        return;
    *ret_ex = NULL;
    if ((ex->state == HTTP_EX_HEAD || ex->state == HTTP_EX_BODY) && c->phase != HTTP_CUT &&
        (why == MHD_REQUEST_TERMINATED_WITH_ERROR || why == MHD_REQUEST_TERMINATED_COMPLETED_OK))
        http_count(ex->h->stats.refused, 1); /* the library answered by itself */
    c->ex = NULL;
    ex->conn = NULL;
    ex->mhd = NULL;
    c->used = true;
    if (c->phase != HTTP_CUT)
        http_conn_phase(c, HTTP_IDLE, ex->h->opts.idle_time);
    http_ex_release(ex);
}
