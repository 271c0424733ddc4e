/* ingest.c - the doors for events: POST /v1/events and /v1/heartbeat; and what all
 * doors for events share.
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

bool
api_unreadable(const struct http_req *req, const struct ingest_intake *in, struct http_res *res,
               struct err *e)
{
    char       id[2 * HASH_ID_LEN + 1] = "";
    struct str s;

    str_init(&s, req->mem);
    if (in->results_n)
        hash_hex(&in->results[0].quarantine, HASH_ID_LEN, id);
    str_add(&s, "{\"error\":{\"code\":");
    str_json(&s, in->results_n ? event_drop_name(in->results[0].why) : "invalid");
    str_add(&s, ",\"message\":");
    str_json(&s, in->why);
    str_addf(&s, "},\"request_id\":\"%s\",\"quarantine_id\":\"%s\"}\n", req->id, id);
    res->status = 400;
    return api_answer(res, &s, API_JSON, e);
}

bool
api_commit(struct app *app, const struct http_req *req, const struct ingest_intake *in,
           const struct http_res *res, struct err *e)
{
    const char     *wait = http_query(req, "wait");
    struct waiting *w = arena_alloc(req->mem, sizeof *w);

    if (!w)
        return err_set(e, ERR_NOMEM, "no memory for an answer");
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

bool
api_store(struct app *app, const struct http_req *req, const struct ingest_intake *in, bool brief,
          struct http_res *res, struct err *e)
{
    struct str s;

    str_init(&s, req->mem);
    if (in->unreadable)
        return api_unreadable(req, in, res, e) && api_commit(app, req, in, res, e);
    if (brief)
        ingest_answer_short(in, req->id, &s);
    else
        ingest_answer(in, req->id, &s);
    return api_answer(res, &s, API_JSON, e) && api_commit(app, req, in, res, e);
}

bool
api_source(struct app *app, const struct http_req *req, const struct ingest_source **ret,
           struct err *e)
{
    const struct auth_entry *key = *req->who;

    *ret = ingest_sources_get(app->o.sources, key->workspace, key->source);
    return *ret ||
           err_set(e, ERR_NO_PILOT, "the pilot of this key's source is over or not declared");
}

bool
api_take(struct app *app, const struct http_req *req, struct ingest_form form, const void *body,
         size_t n, struct ingest_intake *ret, struct err *e)
{
    const struct auth_entry    *key = *req->who;
    const struct ingest_source *src;

    if (!api_source(app, req, &src, e))
        return false;
    form.types = key->types;
    form.broken = req->body_broken;
    bool ok = ingest_take(src, &form, body, n, req->received, req->mem, ret, e);
    ingest_sources_put(app->o.sources, src);
    return ok;
}

static bool
take(struct app *app, const struct http_req *req, struct ingest_form form, bool brief,
     struct http_res *res, struct err *e)
{
    struct ingest_intake in;

    return api_take(app, req, form, req->body, req->body_len, &in, e) &&
           api_store(app, req, &in, brief, res, e);
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
api_post_heartbeat(struct app *app, const struct http_req *req, struct http_res *ret_res,
                   struct err *e)
{
    const struct ingest_source *src;
    struct ingest_intake        in;

    if (!api_source(app, req, &src, e))
        return false;
    bool ok = ingest_heartbeat_take(src, req->body, req->body_len, req->received, req->mem, &in, e);
    ingest_sources_put(app->o.sources, src);
    return ok && api_store(app, req, &in, true, ret_res, e);
}
