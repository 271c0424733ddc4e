/* ingest.c - the doors for events: POST /v1/events, /v1/cloudevents, /v1/heartbeat.
 *
 * They run on the loop threads and never touch the database: the key is in the ring, the
 * source in memory, the record goes to the journal, and the client hears 200 when it is on
 * the disk (or, with ?wait=loaded, when the database has it). */
#include "ingest_int.h"

#include <string.h>

/* An answer that waits for the journal. Lives in the request's arena. */
struct waiting {
    struct http_later   *later;
    struct http_res      res;
    struct app          *app;
    struct ingest_intake in;
    bool                 until_loaded;
};

static void
fail(struct http_later *later, const char *why)
{
    struct err e = ERR_INIT;

    err_set(&e, ERR_BUSY, "%s", why);
    http_fail(later, &e);
}

static void
when_loaded(void *ctx, bool loaded)
{
    struct waiting *w = ctx;

    if (loaded)
        http_finish(w->later, &w->res);
    else
        fail(w->later, "the service is stopping; the events are taken and will be loaded");
}

/* On the journal's own thread. */
static void
when_durable(void *ctx, bool ok, uint64_t after)
{
    struct waiting *w = ctx;
    struct err      e = ERR_INIT;

    if (ok)
        ingest_ledger_take(w->app->o.ledger, &w->in, after);
    if (!ok)
        fail(w->later, "the journal could not take the events; send them again");
    else if (!w->until_loaded)
        http_finish(w->later, &w->res);
    else if (!journal_when_loaded(w->app->o.journal, after, when_loaded, w, &e))
        http_fail(w->later, &e);
}

/* 400 for a body nobody can read; it is kept in quarantine all the same. */
static void
answer_unreadable(const struct http_req *req, const struct ingest_intake *in, struct str *out)
{
    char id[2 * HASH_ID_LEN + 1] = "";

    if (in->results_n)
        hash_hex(&in->results[0].quarantine, HASH_ID_LEN, id);
    str_add(out, "{\"error\":{\"code\":");
    str_json(out, in->results_n ? event_drop_name(in->results[0].why) : "invalid");
    str_add(out, ",\"message\":");
    str_json(out, in->why);
    str_addf(out, "},\"request_id\":\"%s\",\"quarantine_id\":\"%s\"}\n", req->id, id);
}

bool
api_store(struct app *app, const struct http_req *req, const struct ingest_intake *in, bool brief,
          struct http_res *res, struct err *e)
{
    const char     *wait = http_query(req, "wait");
    struct waiting *w = arena_alloc(req->mem, sizeof *w);
    struct str      s;

    if (!w)
        return err_set(e, ERR_NOMEM, "no memory for an answer");
    str_init(&s, req->mem);
    if (in->unreadable)
        answer_unreadable(req, in, &s);
    else if (brief)
        ingest_answer_short(in, req->id, &s);
    else
        ingest_answer(in, req->id, &s);
    if (!api_answer(res, &s, API_JSON, e))
        return false;
    res->status = in->unreadable ? 400 : 200;
    api_spend(app, req, in);
    if (!in->record)
        return true;
    *w = (struct waiting){
        .res = *res, .app = app, .in = *in, .until_loaded = wait && strcmp(wait, "loaded") == 0
    };
    w->later = http_later(req);
    struct http_later *later = w->later;
    struct err         why = ERR_INIT;
    if (!journal_append(app->o.journal, in->record, in->record_n, when_durable, w, &why))
        http_fail(later, &why);
    return true;
}

/* The source of the key that allow() found. */
static bool
source_of(struct app *app, const struct http_req *req, const struct ingest_source **ret,
          struct err *e)
{
    const struct auth_entry *key = *req->who;

    *ret = ingest_sources_get(app->o.sources, key->workspace, key->source);
    return *ret ||
           err_set(e, ERR_NO_PILOT, "the pilot of this key's source is over or not declared");
}

static bool
take(struct app *app, const struct http_req *req, struct ingest_form form, bool brief,
     struct http_res *res, struct err *e)
{
    const struct auth_entry    *key = *req->who;
    const struct ingest_source *src;
    struct ingest_intake        in;

    if (!source_of(app, req, &src, e))
        return false;
    form.types = key->types;
    bool ok = ingest_take(src, &form, req->body, req->body_len, req->received, req->mem, &in, e);
    ingest_sources_put(app->o.sources, src);
    return ok && api_store(app, req, &in, brief, res, e);
}

bool
api_post_events(struct app *app, const struct http_req *req, struct http_res *ret_res,
                struct err *e)
{
    static const char *const lines[] = { "application/x-ndjson", "application/ndjson",
                                         "application/jsonl", "application/x-jsonlines" };
    struct ingest_form       form = { .dialect = INGEST_NATIVE, .cut = JSON_AUTO };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (http_content_is(req, lines[i]))
            form.cut = JSON_LINES;
    return take(app, req, form, false, ret_res, e);
}

bool
api_post_cloudevents(struct app *app, const struct http_req *req, struct http_res *ret_res,
                     struct err *e)
{
    struct ingest_form form = { .dialect = INGEST_CLOUDEVENTS };

    if (http_content_is(req, "application/cloudevents+json"))
        form.cut = JSON_ONE;
    else if (http_content_is(req, "application/cloudevents-batch+json"))
        form.cut = JSON_AUTO;
    else
        return err_set(e, ERR_MEDIA_TYPE,
                       "send application/cloudevents+json or application/cloudevents-batch+json");
    return take(app, req, form, true, ret_res, e);
}

bool
api_post_heartbeat(struct app *app, const struct http_req *req, struct http_res *ret_res,
                   struct err *e)
{
    const struct ingest_source *src;
    struct ingest_intake        in;

    if (!source_of(app, req, &src, e))
        return false;
    bool ok = ingest_heartbeat_take(src, req->body, req->body_len, req->received, req->mem, &in, e);
    ingest_sources_put(app->o.sources, src);
    return ok && api_store(app, req, &in, true, ret_res, e);
}
