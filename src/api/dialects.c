/* dialects.c - the doors for other people's clients: Segment, CloudEvents, OpenTelemetry logs.
 * docs/dialects.md says what becomes of what they send. Like the other doors for events they
 * run on the loop threads and never touch the database. */
#include "ingest_int.h"

#include <string.h>

/* --- Segment ------------------------------------------------------------------------- */

/* Any Content-Type: browsers send JSON as text/plain or as a form, so as not to be asked. */
bool
api_post_segment(struct app *app, const struct http_req *req, struct http_res *ret_res,
                 struct err *e)
{
    struct ingest_form   form = { .dialect = INGEST_SEGMENT };
    struct ingest_intake in;

    if (!event_call_of(strrchr(req->route->path, '/') + 1, &form.call))
        return err_set(e, ERR_NOT_FOUND, "there is no such call");
    return api_take(app, req, form, req->body, req->body_len, &in, e) &&
           api_store(app, req, &in, true, ret_res, e);
}

/* What a script may send from a page of any site: keys are write-only, and no cookie counts. */
bool
api_options_segment(struct app *app, const struct http_req *req, struct http_res *ret_res,
                    struct err *e)
{
    (void)app, (void)req, (void)e;
    http_res_header(ret_res, "Allow", "POST, OPTIONS");
    http_res_header(ret_res, "Access-Control-Allow-Methods", "POST, OPTIONS");
    http_res_header(ret_res, "Access-Control-Allow-Headers",
                    "Authorization, Content-Type, Content-Encoding, X-Retry-Count");
    http_res_header(ret_res, "Access-Control-Max-Age", "86400");
    return true;
}

/* --- CloudEvents ---------------------------------------------------------------------- */

/* An event in headers becomes JSON text first. A body that is no JSON is left as it is, and is
 * refused as such. */
static bool
take_binary(struct app *app, const struct http_req *req, const struct event_header *headers,
            size_t n, struct ingest_intake *ret, struct err *e)
{
    const struct ingest_form form = { .dialect = INGEST_CLOUDEVENTS, .cut = JSON_ONE };
    const char              *type = http_header(req, "Content-Type"), *text = req->body;
    size_t                   text_n = req->body_len;
    struct err               why = ERR_INIT;

    if (!req->body_broken && !event_from_headers(headers, n, type, req->body, req->body_len,
                                                 req->mem, &text, &text_n, &why)) {
        if (why.code != ERR_INVALID) {
            *e = why;
            return false;
        }
        text = req->body;
        text_n = req->body_len;
    }
    return api_take(app, req, form, text, text_n, ret, e);
}

bool
api_post_cloudevents(struct app *app, const struct http_req *req, struct http_res *ret_res,
                     struct err *e)
{
    struct ingest_form      form = { .dialect = INGEST_CLOUDEVENTS };
    const char             *type = http_header(req, "Content-Type");
    size_t                  n;
    const struct http_pair *all = http_headers(req, &n);
    struct event_header    *headers = arena_new(req->mem, struct event_header, n + 1);
    struct ingest_intake    in;
    bool                    ok;

    if (!headers)
        return err_set(e, ERR_NOMEM, "no memory for the headers");
    for (size_t i = 0; i < n; i++)
        headers[i] = (struct event_header){ all[i].name, all[i].value };
    if (http_content_is(req, "application/cloudevents+json")) {
        form.cut = JSON_ONE;
        ok = api_take(app, req, form, req->body, req->body_len, &in, e);
    } else if (http_content_is(req, "application/cloudevents-batch+json")) {
        form.cut = JSON_AUTO;
        ok = api_take(app, req, form, req->body, req->body_len, &in, e);
    } else if (event_is_binary(headers, n) &&
               !(type && strncasecmp(type, "application/cloudevents", 23) == 0)) {
        ok = take_binary(app, req, headers, n, &in, e);
    } else {
        return err_set(e, ERR_MEDIA_TYPE,
                       "send application/cloudevents+json, application/cloudevents-batch+json, or "
                       "ce- headers");
    }
    return ok && api_store(app, req, &in, true, ret_res, e);
}

/* The handshake of CloudEvents' web hooks: whoever wants to send asks first. The key decides,
 * so any origin may ask; there is no call back to an address a stranger names. */
bool
api_options_cloudevents(struct app *app, const struct http_req *req, struct http_res *ret_res,
                        struct err *e)
{
    const char *origin = http_header(req, "WebHook-Request-Origin");

    (void)app, (void)e;
    http_res_header(ret_res, "Allow", "POST, OPTIONS");
    if (origin && *origin) {
        http_res_header(ret_res, "WebHook-Allowed-Origin", origin);
        http_res_header(ret_res, "WebHook-Allowed-Rate", "*");
    }
    return true;
}

/* --- OpenTelemetry ---------------------------------------------------------------------- */

#define PROTOBUF "application/x-protobuf"

bool
api_post_logs(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    bool protobuf = http_content_is(req, PROTOBUF) || http_content_is(req, "application/protobuf");
    struct ingest_form   form = { .dialect = protobuf ? INGEST_OTLP_PROTOBUF : INGEST_OTLP };
    struct ingest_intake in;
    struct str           s;

    if (!protobuf && !http_content_is(req, "application/json"))
        return err_set(e, ERR_MEDIA_TYPE, "send application/json or " PROTOBUF);
    if (!api_take(app, req, form, req->body, req->body_len, &in, e))
        return false;
    str_init(&s, req->mem);
    if (in.unreadable) {
        event_answer_otlp_status(protobuf, 3, in.why, &s);
        ret_res->status = 400;
    } else {
        ingest_answer_otlp(&in, protobuf, &s);
    }
    return api_answer(ret_res, &s, protobuf ? PROTOBUF : API_JSON, e) &&
           api_commit(app, req, &in, ret_res, e);
}
