/* api.c - the app, who may do what, and what handlers share. See api.h. */
#include "app.h"

#include "sql_gen.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define FRESH (2 * USEC_SECOND) /* a loader this far behind is at work, not in trouble */

struct app *
api_new(const struct api_opts *opts)
{
    struct app *app = calloc(1, sizeof *app);

    if (!app)
        return NULL;
    app->cache = api_cache_new();
    if (!app->cache) {
        free(app);
        return NULL;
    }
    app->o = *opts;
    app->started = time_monotonic();
    return app;
}

void
api_close(struct app *app)
{
    if (app)
        api_cache_close(app->cache);
    free(app);
}

void
api_set_http(struct app *app, struct http *http)
{
    atomic_store(&app->http, http);
}

/* --- who may do what --------------------------------------------------------------- */

/* The user of "Basic <base64 of user:password>", into buf; NULL when it is none. */
static const char *
basic_user(const char *p, char *buf, size_t room)
{
    size_t n;

    if (!hash_unbase64(p, buf, room - 1, &n))
        return NULL;
    buf[n] = 0;
    buf[strcspn(buf, ":")] = 0;
    return buf;
}

/* The {key} of the route's path; NULL when it has none. */
static const char *
key_in_path(const struct http_req *req)
{
    unsigned arg = 0;

    for (const char *p = strchr(req->route->path, '{'); p; p = strchr(p + 1, '{'), arg++)
        if (strncmp(p, "{key}", 5) == 0)
            return http_arg(req, arg);
    return NULL;
}

/* The ingest key of a request: in its path, Bearer, the user of Basic, or in the body. */
static const char *
key_of(const struct http_req *req, char *buf, size_t room)
{
    const char *h = http_header(req, "Authorization"), *own = key_in_path(req);

    if (own)
        return own;
    if (!h && req->route->flags & HTTP_KEY_IN_BODY)
        return event_segment_key(req->body, req->body_len, req->mem).p;

    if (h && strncasecmp(h, "Bearer ", 7) == 0)
        return h + 7 + strspn(h + 7, " ");
    if (h && strncasecmp(h, "Basic ", 6) == 0)
        return basic_user(h + 6 + strspn(h + 6, " "), buf, room);
    return NULL;
}

static bool
allow_sender(struct app *app, const struct http_req *req, struct err *e)
{
    char                     buf[256];
    const char              *key = key_of(req, buf, sizeof buf);
    const struct auth_entry *entry;

    if (!key)
        return err_set(e, ERR_UNKNOWN_WHO, "send the source's key: Authorization: Bearer clk_...");
    if (!auth_ring_find(app->o.ring, key, strlen(key), req->received, req->mem, &entry, e))
        return false;
    *req->who = (void *)(uintptr_t)entry;
    return true;
}

/* Until accounts exist: figures for whoever sits at this machine, administration for whoever
 * may open the admin socket. */
static bool
allow(struct app *app, const struct http_req *req, unsigned need, struct err *e)
{
    unsigned have = RIGHT_LOOK_IN;

    if (need == RIGHT_SEND)
        return allow_sender(app, req, e);
    if (http_is_plain_loopback(req))
        have |= RIGHT_READ;
    if (req->local)
        have |= RIGHT_READ | RIGHT_ADMIN;
    if (auth_may(have, (enum right)need))
        return true;
    if (need == RIGHT_ADMIN)
        return err_set(e, ERR_DENIED, "administration goes through the admin socket only");
    return err_set(e, ERR_DENIED,
                   "pages and figures are shown on this machine only: open them on a "
                   "loopback address, without a proxy");
}

struct http_opts
api_http_opts(struct app *app)
{
    return (struct http_opts){
        .app = app,
        .routes = api_routes,
        .routes_n = api_routes_n,
        .allow = allow,
        .error_page = api_error_page,
        .html_policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
                       "font-src 'self'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'",
    };
}

/* --- what handlers share ------------------------------------------------------------- */

bool
api_answer(struct http_res *res, const struct str *s, const char *type, struct err *e)
{
    if (s->mem->denied)
        return err_set(e, ERR_NOMEM, "the answer needs more memory than a request may take");
    res->type = type;
    res->body = s->p;
    res->body_len = s->n;
    return true;
}

bool
api_as_of(struct app *app, const struct http_req *req, usec_t *ret, struct err *e)
{
    const char *text = http_query(req, "as_of");

    if (!text)
        *ret = app->o.now();
    else if (!time_parse(text, strlen(text), ret))
        return err_set(e, ERR_INVALID, "as_of is a time such as 2026-05-31T00:00:00+02:00");
    return true;
}

bool
api_pilot(struct db *db, const struct http_req *req, unsigned i, struct pilot *ret, struct err *e)
{
    return pilot_find(db, http_arg(req, i), req->mem, ret, e);
}

bool
api_workspace(struct db *db, const struct http_req *req, int64_t *ret, struct err *e)
{
    return pilot_workspace(db, http_query(req, "workspace"), req->mem, ret, e);
}

bool
api_companies(struct db *db, const struct http_req *req, struct api_company **ret, size_t *ret_n,
              struct err *e)
{
    static const struct db_col cols[] = { DB_COL(struct api_company, workspace_id, DB_INT8),
                                          DB_COL(struct api_company, code, DB_TEXT), DB_COLS_END };
    const char                *only = http_query(req, "workspace");
    struct api_company        *all;
    void                      *rows;
    size_t                     n, kept = 0;

    if (!db_begin_control(db, e) ||
        !db_query(db, &sql_api_list_workspaces, DB_NO_ARGS, cols, sizeof *all, req->mem, &rows, &n,
                  e) ||
        !db_commit(db, e))
        return false;
    all = rows;
    for (size_t i = 0; i < n; i++)
        if (!only || strcmp(all[i].code, only) == 0)
            all[kept++] = all[i];
    if (only && !kept)
        return err_set(e, ERR_NOT_FOUND, "there is no workspace %s", only);
    *ret = all;
    *ret_n = kept;
    return true;
}

bool
api_version(struct db *db, const struct pilot *p, int32_t cut, struct arena *mem, int64_t *ret,
            struct err *e)
{
    static const struct db_col cols[] = { { .name = "version", .type = DB_INT8 }, DB_COLS_END };

    return db_one(db, &sql_api_get_version,
                  DB_ARGS(db_int8(p->workspace), db_int8(p->id), db_date(cut)), cols, mem, ret, e);
}

/* A loader that is a moment behind is normal; the verdict then stands on what is loaded. One
 * that is far behind, or stands still, means that acknowledged events are not counted; only what
 * is missing or damaged breaks the evidence. */
struct gate_health
api_health(struct app *app)
{
    struct api_backlog   b = { 0 };
    struct gate_health   health = { 0 };
    struct journal_stats j;

    journal_stats(app->o.journal, &j);
    app->o.hooks.backlog(app->o.hooks.worker, &b);
    health.gap = b.gap;
    health.corruption = b.damaged;
    /* fenced: what waits is known to the instance that goes on, not here */
    health.stuck = (b.stuck || j.fenced) && !b.gap && !b.damaged;
    if (!b.stuck && b.lag > FRESH) {
        health.backlog_events = (int64_t)b.events;
        health.backlog_bytes = (int64_t)b.bytes;
    }
    return health;
}

bool
api_gate(struct app *app, struct db *db, const struct pilot *p, usec_t as_of, struct arena *mem,
         struct gate_record *ret, struct err *e)
{
    struct gate_health health = api_health(app);

    return gate_evaluate(db, p, as_of, app->o.now(), &health, mem, ret, e);
}
