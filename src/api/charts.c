/* charts.c - /api/v1/pilots/{id}/charts: the charts of a pilot as PNG and SVG. */
#include "figures.h"

#include <stdlib.h>
#include <string.h>

/* Every chart there is, by the name in its address. */
static const struct {
    const char   *id;
    enum lang_key title;
    bool (*fill)(struct kpi_reader *, usec_t, struct page *, struct chart *,
                 const struct kpi_point **, size_t *, struct err *);
} charts[] = {
    { "weekly_active", LANG_chart_subtitle, api_weekly_chart },
};

#define CHARTS_N (sizeof charts / sizeof *charts)

bool
api_get_charts(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    static const struct page_arg none[] = { { 0 } };
    struct page                  o;
    struct str                   s;
    struct db                   *db;
    struct pilot                 p;

    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = api_pilot(db, req, 0, &p, e);
    db_give(app->o.read, db);
    if (!ok)
        return false;
    page_init(&o, api_lang(req), req->mem);
    str_init(&s, req->mem);
    str_add(&s, "{\"charts\":[");
    for (size_t i = 0; i < CHARTS_N; i++) {
        str_addf(&s, "%s{\"id\":\"%s\",\"title\":", i ? "," : "", charts[i].id);
        str_json(&s, page_text_of(&o, charts[i].title, none));
        str_addc(&s, '}');
    }
    str_add(&s, "]}\n");
    return api_answer(ret_res, &s, API_JSON, e);
}

/* A whole number of the query, `otherwise` when it is not given. */
static bool
number(const struct http_req *req, const char *name, int otherwise, int *ret, struct err *e)
{
    const char *text = http_query(req, name);
    int64_t     v = otherwise;

    if (text && (!str_int(text, &v) || v < 0 || v > 100000))
        return err_set(e, ERR_INVALID, "%s should be a whole number", name);
    *ret = (int)v;
    return true;
}

static bool
look_of(const struct http_req *req, enum page_lang lang, struct chart_look *ret, struct err *e)
{
    const char *theme = http_query(req, "theme");

    if (theme && strcmp(theme, "light") != 0 && strcmp(theme, "dark") != 0)
        return err_set(e, ERR_INVALID, "theme is light or dark");
    *ret = (struct chart_look){ .lang = lang == PAGE_IT ? CHART_IT : CHART_EN,
                                .theme = theme && *theme == 'd' ? DRAW_DARK : DRAW_LIGHT };
    return number(req, "scale", 2, &ret->scale, e) && number(req, "width", 0, &ret->width, e);
}

static bool
draw(const struct chart *c, const struct chart_look *look, bool png, struct arena *mem,
     struct http_res *res, struct err *e)
{
    const char *svg;

    if (png) {
        res->type = "image/png";
        res->no_gzip = true;
        return chart_png(c, look, mem, &res->body, &res->body_len, e);
    }
    res->type = "image/svg+xml";
    if (!chart_svg(c, look, mem, &svg, &res->body_len, e))
        return false;
    res->body = svg;
    return true;
}

/* The chart called by "weekly_active.png" with its figures, in one snapshot. */
static bool
fill(struct app *app, struct db *db, const struct http_req *req, size_t i, struct page *o,
     struct chart *c, struct err *e)
{
    struct pilot            p;
    usec_t                  as_of;
    const struct kpi_point *points;
    size_t                  n;
    struct kpi_reader       r = { .db = db, .pilot = &p, .mem = req->mem };

    return api_as_of(app, req, &as_of, e) && api_pilot(db, req, 0, &p, e) &&
           db_begin_read(db, p.workspace, e) && charts[i].fill(&r, as_of, o, c, &points, &n, e) &&
           db_commit(db, e);
}

bool
api_get_chart(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    const char       *file = http_arg(req, 1), *dot = strrchr(file, '.');
    bool              png = dot && strcmp(dot, ".png") == 0;
    size_t            i = 0;
    struct page       o;
    struct chart      c;
    struct chart_look look;
    struct db        *db;

    if (!dot || (!png && strcmp(dot, ".svg") != 0))
        return err_set(e, ERR_NOT_FOUND, "a chart's name ends in .png or .svg");
    while (i < CHARTS_N && (strlen(charts[i].id) != (size_t)(dot - file) ||
                            memcmp(charts[i].id, file, (size_t)(dot - file)) != 0))
        i++;
    if (i == CHARTS_N)
        return err_set(e, ERR_NOT_FOUND, "there is no chart of this name; the list is in charts");
    page_init(&o, api_lang(req), req->mem);
    if (!look_of(req, o.lang, &look, e) || !db_take(app->o.read, &db, e))
        return false;
    bool ok = fill(app, db, req, i, &o, &c, e);
    db_give(app->o.read, db);
    return ok && draw(&c, &look, png, req->mem, ret_res, e);
}
