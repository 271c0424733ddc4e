/* health.c - is the process up, can it take and show data, and its counters; where it is. */
#include "app.h"

#include <inttypes.h>

bool
api_get_health(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct str s;

    str_init(&s, req->mem);
    str_addf(&s, "{\"status\":\"ok\",\"version\":\"%s\",\"up_s\":%" PRId64 "}\n", COLLAUDO_VERSION,
             (time_monotonic() - app->started) / USEC_SECOND);
    return api_answer(ret_res, &s, API_JSON, e);
}

/* For scripts: the port may have been any free one. The admin socket is the last address. */
bool
api_get_addresses(struct app *app, const struct http_req *req, struct http_res *ret_res,
                  struct err *e)
{
    struct str   s;
    struct http *http = app->http;
    char         url[HTTP_URL_LEN];

    str_init(&s, req->mem);
    str_add(&s, "{\"addresses\":[");
    for (size_t i = 0; http && http_url(http, i, url); i++) {
        if (i)
            str_addc(&s, ',');
        str_json(&s, url);
    }
    str_add(&s, "]}\n");
    return api_answer(ret_res, &s, API_JSON, e);
}

static bool
database_answers(struct app *app)
{
    struct db *db;
    struct err e;

    if (!db_take(app->o.read, &db, &e))
        return false;
    bool ok = db_begin_control(db, &e) && db_commit(db, &e);
    db_give(app->o.read, db);
    return ok;
}

/* 200 only when events can be taken and pages shown; says what is wrong otherwise. */
bool
api_get_ready(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct journal_stats j;
    struct api_backlog   b = { 0 };
    struct str           s;

    journal_stats(app->o.journal, &j);
    app->o.hooks.backlog(app->o.hooks.worker, &b);
    bool db = database_answers(app);
    bool ok = db && !j.no_segment && !j.fenced && !b.stuck && !b.unbalanced;
    str_init(&s, req->mem);
    str_addf(&s,
             "{\"status\":\"%s\",\"database\":\"%s\",\"journal\":\"%s\",\"loader\":\"%s\","
             "\"conservation\":\"%s\",\"backlog_bytes\":%" PRIu64 ",\"lag_ms\":%" PRId64 "}\n",
             ok ? "ready" : "not ready", db ? "ok" : "does not answer",
             j.fenced       ? "fenced: another instance goes on with it; see the log"
             : j.no_segment ? "cannot be written"
                            : "ok",
             b.stuck    ? "cannot go on"
             : !b.known ? "waits for the database"
                        : "ok",
             b.unbalanced ? "what was taken and what was loaded do not add up; see the log" : "ok",
             b.bytes, b.lag / 1000);
    ret_res->status = ok ? 200 : 503;
    return api_answer(ret_res, &s, API_JSON, e);
}

static void
put_journal(struct app *app, struct str *s)
{
    struct journal_stats j;

    journal_stats(app->o.journal, &j);
    const struct {
        const char *name, *kind, *help;
        uint64_t    v;
    } rows[] = {
        { "durable_position", "gauge", "position behind the last durable record", j.durable },
        { "loaded_position", "gauge", "position up to which the database has it", j.loaded },
        { "backlog_bytes", "gauge", "durable and not loaded", j.backlog },
        { "records_total", "counter", "records acknowledged", j.records },
        { "groups_total", "counter", "syncs of data", j.groups },
        { "refused_total", "counter", "records not taken: back-pressure or full disk", j.refused },
        { "failed_total", "counter", "records not written", j.failed },
        { "sync_microseconds_total", "counter", "time spent in fdatasync", (uint64_t)j.sync_time },
        { "fenced", "gauge", "1: another instance goes on with this journal", j.fenced },
        { "segments", "gauge", "segment files", j.segments },
        { "disk_free_bytes", "gauge", "free on the journal's disk", j.free_bytes },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        str_addf(s,
                 "# HELP collaudo_journal_%s %s\n# TYPE collaudo_journal_%s %s\n"
                 "collaudo_journal_%s %" PRIu64 "\n",
                 rows[i].name, rows[i].help, rows[i].name, rows[i].kind, rows[i].name, rows[i].v);
}

bool
api_get_metrics(struct app *app, const struct http_req *req, struct http_res *ret_res,
                struct err *e)
{
    struct str s;

    str_init(&s, req->mem);
    put_journal(app, &s);
    app->o.hooks.metrics(app->o.hooks.worker, &s);
    ingest_ledger_metrics(app->o.ledger, app->o.sources, &s);
    ingest_voices_metrics(app->o.sources, app->o.ledger, &s);
    if (app->http)
        http_metrics(app->http, &s);
    return api_answer(ret_res, &s, "text/plain; version=0.0.4; charset=utf-8", e);
}
