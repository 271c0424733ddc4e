/* read.c - /api/v1: pilots, KPIs, the gate, sources, as JSON; the command line shows the same. */
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

/* --- sources -------------------------------------------------------------------------------- */

struct source_row {
    const char *source, *pilot;
    int64_t     reason;
    bool        no_reason;
    int64_t     loaded, duplicates, quarantined, reread, late;
    int32_t     last_day;
    bool        no_day;
};

static const struct db_col source_cols[] = {
    DB_COL(struct source_row, source, DB_TEXT),
    DB_COL(struct source_row, pilot, DB_TEXT),
    { "reason", DB_INT8, offsetof(struct source_row, reason), true,
      offsetof(struct source_row, no_reason) },
    DB_COL(struct source_row, loaded, DB_INT8),
    DB_COL(struct source_row, duplicates, DB_INT8),
    DB_COL(struct source_row, quarantined, DB_INT8),
    DB_COL(struct source_row, reread, DB_INT8),
    DB_COL(struct source_row, late, DB_INT8),
    { "last_day", DB_DATE, offsetof(struct source_row, last_day), true,
      offsetof(struct source_row, no_day) },
    DB_COLS_END,
};

/* The rows of one source, one per reason, as one object. Returns how many they were. */
static size_t
put_source(struct str *s, const char *workspace, const struct source_row *row, size_t n)
{
    struct source_row sum = row[0];
    size_t            k = 1, told = 0;

    while (k < n && strcmp(row[k].source, row[0].source) == 0) {
        sum.loaded += row[k].loaded;
        sum.duplicates += row[k].duplicates;
        sum.quarantined += row[k].quarantined;
        sum.reread += row[k].reread;
        k++;
    }
    str_addc(s, '{');
    put_key(s, "source", sum.source);
    put_more(s, "workspace", workspace);
    put_more(s, "pilot", sum.pilot);
    str_addf(s, ",\"received\":%lld,\"loaded\":%lld,\"duplicates\":%lld,\"quarantined\":%lld",
             (long long)(sum.loaded + sum.duplicates + sum.quarantined), (long long)sum.loaded,
             (long long)sum.duplicates, (long long)sum.quarantined);
    str_addf(s, ",\"reread\":%lld,\"late\":%lld,\"reasons\":{", (long long)sum.reread,
             (long long)sum.late);
    for (size_t i = 0; i < k; i++)
        if (!row[i].no_reason && row[i].reason && row[i].quarantined)
            str_addf(s, "%s\"%s\":%lld", told++ ? "," : "", event_drop_name(row[i].reason),
                     (long long)row[i].quarantined);
    str_addc(s, '}');
    if (!sum.no_day)
        put_day(s, "last_event", sum.last_day);
    str_addc(s, '}');
    return k;
}

static bool
put_company_sources(struct db *db, const struct http_req *req, const struct api_company *c,
                    struct str *s, size_t *told, struct err *e)
{
    void  *rows;
    size_t n;

    if (!db_begin_read(db, c->workspace_id, e) ||
        !db_query(db, &sql_api_list_source_counts, DB_ARGS(db_int8(c->workspace_id)), source_cols,
                  sizeof(struct source_row), req->mem, &rows, &n, e) ||
        !db_commit(db, e))
        return false;
    for (size_t i = 0; i < n;) {
        if ((*told)++)
            str_addc(s, ',');
        i += put_source(s, c->code, (struct source_row *)rows + i, n - i);
    }
    return true;
}

bool
api_get_sources(struct app *app, const struct http_req *req, struct http_res *ret_res,
                struct err *e)
{
    struct api_company *all;
    size_t              n, told = 0;
    struct db          *db;
    struct str          s;

    if (!db_take(app->o.read, &db, e))
        return false;
    str_init(&s, req->mem);
    str_add(&s, "{\"sources\":[");
    bool ok = api_companies(db, req, &all, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        ok = put_company_sources(db, req, &all[i], &s, &told, e);
    db_give(app->o.read, db);
    str_add(&s, "]}\n");
    return ok && api_answer(ret_res, &s, API_JSON, e);
}
