/* read.c - /api/v1: pilots, KPIs, the gate, as JSON; the command line shows the same. */
#include "figures.h"

#include "collaudo/event.h"
#include "collaudo/gate.h"
#include "collaudo/kpi.h"

#include "sql_gen.h"

#include <string.h>

static void
put_key(struct str *s, const char *key, const char *value)
{
    str_json(s, key);
    str_addc(s, ':');
    str_json(s, value);
}

/* One more member of the object that was begun. */
static void
put_more(struct str *s, const char *key, const char *value)
{
    str_addc(s, ',');
    put_key(s, key, value);
}

static void
put_day(struct str *s, const char *key, int32_t day)
{
    char text[TIME_DAY_LEN];

    time_day_name(day, text);
    put_more(s, key, text);
}

/* --- pilots ----------------------------------------------------------------------- */

static void
put_pilot(struct str *s, const struct pilot *p, usec_t now)
{
    str_addc(s, '{');
    put_key(s, "id", p->code);
    put_more(s, "name", p->name);
    put_more(s, "company", p->workspace_name);
    put_more(s, "state", pilot_state_name(pilot_state_at(p, now)));
    put_day(s, "start", p->start);
    put_day(s, "end", p->end);
    put_more(s, "tz", time_zone_name(p->zone));
    str_addf(s, ",\"replay\":%s,\"min_group\":%lld}", p->replay ? "true" : "false",
             (long long)p->charter.min_group);
}

bool
api_get_pilots(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct db    *db;
    struct pilot *p;
    struct str    s;
    size_t        n;

    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = pilot_list(db, req->mem, &p, &n, e);
    db_give(app->o.read, db);
    if (!ok)
        return false;
    str_init(&s, req->mem);
    str_add(&s, "{\"pilots\":[");
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_addc(&s, ',');
        put_pilot(&s, &p[i], app->o.now());
    }
    str_add(&s, "]}\n");
    return api_answer(ret_res, &s, API_JSON, e);
}

bool
api_get_pilot(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct db   *db;
    struct pilot p;
    struct str   s;

    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = api_pilot(db, req, 0, &p, e);
    db_give(app->o.read, db);
    if (!ok)
        return false;
    str_init(&s, req->mem);
    put_pilot(&s, &p, app->o.now());
    str_addc(&s, '\n');
    return api_answer(ret_res, &s, API_JSON, e);
}

/* --- KPIs ---------------------------------------------------------------------------- */

static void
put_definition(struct str *s, const struct kpi_def *d)
{
    static const char *const unit[] = {
        [KPI_PEOPLE] = "people", [KPI_EVENTS] = "events", [KPI_PERIODS] = "periods"
    };
    static const char *const better[] = { [KPI_HIGHER] = "higher", [KPI_LOWER] = "lower" };
    static const char *const window[] = {
        [KPI_WEEK] = "week", [KPI_PILOT] = "pilot", [KPI_COHORT] = "cohort"
    };

    str_json(s, d->id);
    str_addf(s,
             ":{\"version\":%d,\"unit\":\"%s\",\"better\":\"%s\",\"min_den\":%d,\"window\":\"%s\"}",
             d->version, unit[d->unit], better[d->better], d->min_den, window[d->window]);
}

static void
put_point(struct str *s, const struct kpi_point *k)
{
    char week[TIME_WEEK_LEN];

    time_week_name(k->bucket, week);
    str_addc(s, '{');
    put_key(s, "bucket", week);
    put_day(s, "start", k->bucket);
    put_more(s, "subject", k->subject);
    put_more(s, "part", k->part);
    if (k->band == KPI_HIDDEN)
        str_add(s, ",\"num\":null,\"den\":null");
    else
        str_addf(s, ",\"num\":%lld,\"den\":%lld", (long long)k->num, (long long)k->den);
    if (k->excluded == KPI_WITHHELD)
        str_add(s, ",\"excluded\":null");
    else
        str_addf(s, ",\"excluded\":%lld", (long long)k->excluded);
    put_more(s, "band", kpi_band_name(k->band));
    str_addf(s, ",\"complete\":%s,\"no_data\":%s}", k->complete ? "true" : "false",
             k->no_data ? "true" : "false");
}

static bool
put_kpi(struct db *db, struct str *s, const struct kpi_def *d, const struct pilot *p, usec_t as_of,
        struct err *e)
{
    struct kpi_point *points;
    size_t            n;

    if (!kpi_read(db, d, p, as_of, api_kpi_params(p, d->id), s->mem, &points, &n, e))
        return false;
    str_addc(s, '{');
    put_key(s, "id", d->id);
    str_add(s, ",\"points\":[");
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_addc(s, ',');
        put_point(s, &points[i]);
    }
    str_add(s, "]}");
    return true;
}

/* All of them, or `only` one; in one snapshot. */
static bool
put_kpis(struct app *app, struct db *db, const struct http_req *req, const struct kpi_def *only,
         struct str *s, struct err *e)
{
    struct pilot p;
    usec_t       as_of;
    char         when[TIME_TEXT_LEN];
    size_t       from = only ? (size_t)(only - kpi_defs) : 0, to = only ? from + 1 : kpi_defs_n;

    if (!api_as_of(app, req, &as_of, e) || !api_pilot(db, req, 0, &p, e))
        return false;
    str_addc(s, '{');
    put_key(s, "pilot", p.code);
    time_format(as_of, when);
    put_more(s, "as_of", when);
    str_addf(s, ",\"replay\":%s,\"definitions\":{", p.replay ? "true" : "false");
    for (size_t i = from; i < to; i++) {
        if (i > from)
            str_addc(s, ',');
        put_definition(s, &kpi_defs[i]);
    }
    str_add(s, "},\"kpis\":[");
    if (!db_begin_read(db, p.workspace, e))
        return false;
    for (size_t i = from; i < to; i++) {
        if (i > from)
            str_addc(s, ',');
        if (!put_kpi(db, s, &kpi_defs[i], &p, as_of, e))
            return false;
    }
    str_add(s, "]}\n");
    return db_commit(db, e);
}

static bool
get_kpis(struct app *app, const struct http_req *req, const struct kpi_def *only,
         struct http_res *res, struct err *e)
{
    struct db *db;
    struct str s;

    if (!db_take(app->o.read, &db, e))
        return false;
    str_init(&s, req->mem);
    bool ok = put_kpis(app, db, req, only, &s, e);
    db_give(app->o.read, db);
    return ok && api_answer(res, &s, API_JSON, e);
}

bool
api_get_kpis(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    return get_kpis(app, req, NULL, ret_res, e);
}

bool
api_get_kpi(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    const char           *id = http_arg(req, 1);
    const struct kpi_def *d = kpi_find(id);

    if (!d) {
        const char *near = kpi_nearest(id);

        return err_set(e, ERR_NOT_FOUND, "there is no KPI %s%s%s", id,
                       near ? "; did you mean " : "", near ? near : "");
    }
    return get_kpis(app, req, d, ret_res, e);
}

/* --- the gate --------------------------------------------------------------------------- */

bool
api_get_gate(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct gate_record r;
    struct pilot       p;
    struct db         *db;
    struct str         s;
    const char        *text;
    size_t             n;
    usec_t             as_of;

    if (!api_as_of(app, req, &as_of, e) || !db_take(app->o.read, &db, e))
        return false;
    bool ok = api_pilot(db, req, 0, &p, e) && api_gate(app, db, &p, as_of, req->mem, &r, e);
    db_give(app->o.read, db);
    if (!ok || !gate_json(&r, req->mem, &text, &n, e))
        return false;
    str_init(&s, req->mem);
    str_addn(&s, text, n);
    str_addc(&s, '\n');
    return api_answer(ret_res, &s, API_JSON, e);
}
