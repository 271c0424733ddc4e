/* admin.c - what changes the house: apply, seal; settle. Admin socket only. */
#include "app.h"

#include "collaudo/declare.h"
#include "collaudo/kpi.h"
#include "collaudo/seal.h"

#include <string.h>

#define SETTLE_PATIENCE (600 * USEC_SECOND)

bool
api_refresh_sources(struct app *app, struct err *e)
{
    struct db *db;

    if (!db_take(app->o.fleet, &db, e))
        return false;
    bool ok = ingest_sources_load(app->o.sources, db, e) &&
              ingest_voices_load(app->o.sources, db, time_now(), e);
    db_give(app->o.fleet, db);
    return ok;
}

/* The body as JSON. */
static bool
read_body(const struct http_req *req, const cJSON **ret, struct err *e)
{
    return json_parse(req->mem, req->body, req->body_len, ret, e);
}

static void
put_texts(struct str *s, const char *name, const char *const *texts, size_t n)
{
    str_addf(s, "\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_addc(s, ',');
        str_json(s, texts[i]);
    }
    str_addc(s, ']');
}

/* --- apply ------------------------------------------------------------------------ */

/* {"files":[{"name","text"}]} */
static bool
read_files(const struct http_req *req, struct conf_text **ret, size_t *ret_n, struct err *e)
{
    const cJSON      *doc, *f;
    struct conf_text *files;
    size_t            n = 0;

    if (!read_body(req, &doc, e))
        return false;
    const cJSON *list = json_get(doc, "files");
    cJSON_ArrayForEach (f, list)
        n++;
    files = arena_new(req->mem, struct conf_text, n);
    if (!files)
        return err_set(e, ERR_NOMEM, "too many files");
    n = 0;
    cJSON_ArrayForEach (f, list) {
        const char *name = json_text(f, "name"), *text = json_text(f, "text");

        if (!name || !text)
            return err_set(e, ERR_INVALID, "every file has a name and a text");
        files[n++] = (struct conf_text){ name, text, strlen(text) };
    }
    *ret = files;
    *ret_n = n;
    return true;
}

/* "pilot.yaml:12: text" of everything refused. */
static void
put_problems(struct str *s, const struct declare_plan *p)
{
    size_t told = 0;

    str_add(s, "\"problems\":[");
    for (size_t i = 0; i < p->n; i++) {
        const struct declare_item *item = &p->items[i];

        if (item->act != DECLARE_REFUSE)
            continue;
        if (told++)
            str_addc(s, ',');
        const char *text =
            *item->file ? arena_printf(s->mem, "%s:%d: %s", item->file, item->line, item->text)
                        : item->text;
        str_json(s, text);
    }
    if (p->refused > told)
        str_addf(s, "%s\"and %zu more\"", told ? "," : "", p->refused - told);
    str_addc(s, ']');
}

static void
put_plan(struct str *s, const struct declare_plan *p)
{
    size_t told = 0;

    str_add(s, "{\"plan\":[");
    for (size_t i = 0; i < p->n; i++) {
        const struct declare_item *item = &p->items[i];

        if (item->act == DECLARE_REFUSE)
            continue;
        if (told++)
            str_addc(s, ',');
        str_addf(s, "{\"action\":\"%s\",\"kind\":\"%s\",\"name\":", declare_act_name(item->act),
                 item->kind);
        str_json(s, item->name);
        str_add(s, ",\"detail\":");
        str_json(s, item->text);
        str_addc(s, '}');
    }
    str_add(s, "],");
    put_problems(s, p);
    str_addf(s, ",\"changes\":%zu,\"applied\":%s}\n", p->changes, p->applied ? "true" : "false");
}

bool
api_post_apply(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    enum declare_mode   mode = http_query(req, "dry_run") ? DECLARE_DRY_RUN : DECLARE_APPLY;
    struct conf_text   *files = NULL;
    size_t              n = 0;
    struct declare_plan plan;
    struct db          *db;
    struct str          s;

    if (!read_files(req, &files, &n, e) || !db_take(app->o.write, &db, e))
        return false;
    bool ok = declare_plan(db, app->o.vault, files, n, mode, app->o.now(), req->mem, &plan, e);
    db_give(app->o.write, db);
    if (!ok || (plan.applied && !api_refresh_sources(app, e)))
        return false;
    if (plan.applied)
        app->o.hooks.nudge(app->o.hooks.worker);
    str_init(&s, req->mem);
    put_plan(&s, &plan);
    ret_res->status = plan.refused ? 400 : 200;
    return api_answer(ret_res, &s, API_JSON, e);
}

/* --- seal ---------------------------------------------------------------------------- */

/* What sealing must know of the KPIs there are. */
static bool
known_kpis(struct arena *mem, struct seal_opts *o, struct err *e)
{
    struct seal_kpi *k = arena_new(mem, struct seal_kpi, kpi_defs_n);

    if (!k)
        return err_set(e, ERR_NOMEM, "no memory to seal");
    for (size_t i = 0; i < kpi_defs_n; i++)
        k[i] = (struct seal_kpi){ .id = kpi_defs[i].id,
                                  .people = kpi_defs[i].unit == KPI_PEOPLE,
                                  .share = true,
                                  .needs = kpi_defs[i].needs,
                                  .lower_is_better = kpi_defs[i].better == KPI_LOWER };
    o->kpis = k;
    o->kpis_n = kpi_defs_n;
    return true;
}

static bool
seal_opts(struct app *app, const struct http_req *req, struct seal_opts *o, struct err *e)
{
    const cJSON *doc;

    *o = (struct seal_opts){ .pilot = http_arg(req, 0), .now = app->o.now() };
    if (!read_body(req, &doc, e))
        return false;
    const char *as_of = json_text(doc, "replay_as_of");
    o->replay = as_of != NULL;
    if (as_of && !time_parse(as_of, strlen(as_of), &o->replay_as_of))
        return err_set(e, ERR_INVALID, "replay_as_of is a time such as 2026-02-27T09:00:00+01:00");
    return known_kpis(req->mem, o, e);
}

bool
api_post_seal(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct seal_opts   o;
    struct seal_report r;
    struct db         *db;
    struct str         s;
    char               hash[65];

    if (!seal_opts(app, req, &o, e) || !db_take(app->o.write, &db, e))
        return false;
    bool ok = pilot_seal(db, &o, req->mem, &r, e);
    db_give(app->o.write, db);
    if (!ok || (r.sealed && !api_refresh_sources(app, e)))
        return false;
    hash_hex(r.charter_hash, sizeof r.charter_hash, hash);
    str_init(&s, req->mem);
    str_addf(&s, "{\"sealed\":%s,\"charter_hash\":\"%s\",", r.sealed ? "true" : "false", hash);
    put_texts(&s, "problems", r.problems, r.problems_n);
    str_addc(&s, ',');
    put_texts(&s, "warnings", r.warnings, r.warnings_n);
    str_addc(&s, ',');
    put_texts(&s, "cells", r.cells, r.cells_n);
    str_add(&s, "}\n");
    ret_res->status = r.sealed ? 200 : 400;
    return api_answer(ret_res, &s, API_JSON, e);
}

/* --- settle --------------------------------------------------------------------------------- */

bool
api_post_settle(struct app *app, const struct http_req *req, struct http_res *ret_res,
                struct err *e)
{
    struct str s;

    if (!app->o.hooks.settled(app->o.hooks.worker, SETTLE_PATIENCE))
        return err_set(e, ERR_TIMEOUT,
                       "not everything could be loaded within ten minutes; see readyz");
    str_init(&s, req->mem);
    str_add(&s, "{\"settled\":true}\n");
    return api_answer(ret_res, &s, API_JSON, e);
}
