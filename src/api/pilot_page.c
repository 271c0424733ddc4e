/* pilot_page.c - GET /pilots/{id}: the answer, what holds it back, the evidence. */
#include "pilot_page.h"
#include "figures.h"

#include "sql_gen.h"

#include <string.h>

/* --- the weekly chart and its table --------------------------------------------------------- */

static bool
fill_rows(struct api_filling *f, const struct kpi_point *points, size_t n, struct err *e)
{
    struct page       *o = f->o;
    struct view_pilot *v = f->v;

    const struct kpi_def *def = kpi_find("weekly_active");
    int64_t               ignored;

    v->rows = arena_new(o->s.mem, struct view_row, n);
    if (!v->rows)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    for (size_t i = 0; i < n; i++) {
        const struct kpi_point *p = &points[i];
        const char             *day = page_date(o, p->bucket);
        /* cut by the window, or still going on */
        bool            over = f->r->cut > f->p->end || p->bucket + 7 <= f->r->cut;
        struct view_row row = { .week = p->complete ? day
                                        : over      ? text_table_part(o, day)
                                                    : text_table_so_far(o, day),
                                .num = "",
                                .den = "",
                                .share = "" };

        if (p->no_data) {
            row.num = text_table_no_data(o);
        } else if (p->band != KPI_EXACT) {
            row.num = text_table_hidden(o);
        } else {
            row.num = page_number(o, p->num);
            row.den = page_number(o, p->den);
            if (kpi_value_e4(def, p, &ignored)) /* few data are shown as few data */
                row.share = page_percent(o, p->num, p->den);
        }
        v->rows[v->rows_n++] = row;
    }
    return true;
}

static bool
fill_chart(struct api_filling *f, struct err *e)
{
    struct page            *o = f->o;
    struct view_pilot      *v = f->v;
    struct chart            c;
    const struct kpi_point *points;
    size_t                  n, svg_n;
    struct chart_look       look = { .lang = o->lang == PAGE_IT ? CHART_IT : CHART_EN,
                                     .inlined = true,
                                     .width = CHART_PAGE_WIDTH,
                                     .id = "w",
                                     .css = "wide" };

    if (!api_weekly_chart(f->kpis, f->as_of, o, &c, &points, &n, e) ||
        !chart_svg(&c, &look, o->s.mem, &v->chart_wide, &svg_n, e))
        return false;
    look.width = CHART_PHONE_WIDTH;
    look.id = "n";
    look.css = "narrow";
    if (!chart_svg(&c, &look, o->s.mem, &v->chart_narrow, &svg_n, e))
        return false;
    v->chart_title = c.title;
    v->chart_subtitle = c.subtitle;
    v->chart_source = c.source;
    return fill_rows(f, points, n, e);
}

/* --- coverage and quarantine in one line ------------------------------------------- */

static bool
sum_line(struct api_filling *f, const char *kpi, struct gate_share *ret, struct err *e)
{
    struct kpi_point *points;
    size_t            n;

    if (!api_line(f->kpis, kpi, f->as_of, &points, &n, e))
        return false;
    *ret = (struct gate_share){ 0, 0 };
    for (size_t i = 0; i < n; i++) {
        ret->num += points[i].num;
        ret->den += points[i].den;
    }
    return true;
}

/* Deliveries stand on the day they came, and that day is counted when it is over. */
static const char *
deliveries(const struct api_filling *f, struct gate_share quarantine)
{
    struct page *o = f->o;

    if (quarantine.den)
        return text_data_line(o, quarantine.num, quarantine.den);
    if (f->intake.today && !api_not_begun(f->r))
        return text_data_line_today(o);
    return f->intake.received ? text_data_line_uncounted(o) : text_data_line_none(o);
}

static bool
fill_data_line(struct api_filling *f, struct err *e)
{
    struct gate_share coverage, quarantine, repeats;
    struct str        line;

    if (!sum_line(f, "source_coverage", &coverage, e) ||
        !sum_line(f, "quarantine_rate", &quarantine, e) ||
        !sum_line(f, "duplicate_events", &repeats, e))
        return false;
    str_init(&line, f->o->s.mem);
    if (coverage.den)
        str_addf(&line, "%s ",
                 text_data_heard(f->o, coverage.num, coverage.den,
                                 page_percent(f->o, coverage.num, coverage.den)));
    str_add(&line, deliveries(f, quarantine));
    if (repeats.num)
        str_addf(&line, " %s", text_data_repeats(f->o, repeats.num));
    if (f->intake.late)
        str_addf(&line, " %s", text_data_late(f->o, f->intake.late));
    str_add(&line, f->silent);
    f->v->data_line = line.p;
    return true;
}

/* Who should have been heard and was not. A page of another day than today says nothing of it. */
static bool
fill_silent(struct app *app, const struct http_req *req, struct api_filling *f, struct err *e)
{
    struct ingest_voice *v;
    struct str           s;
    size_t               n;

    f->silent = "";
    if (http_query(req, "as_of"))
        return true;
    if (!ingest_voices(app->o.sources, app->o.ledger, app->o.now(), req->mem, &v, &n, e))
        return false;
    str_init(&s, req->mem);
    for (size_t i = 0; i < n; i++) {
        struct page_day since = PAGE_DAY(time_local_day(v[i].zone, v[i].since));

        if (v[i].workspace == f->p->workspace && v[i].pilot == f->p->id && v[i].silent)
            str_addf(&s, " %s",
                     *v[i].owner ? text_data_silent_ask(f->o, v[i].name, since, v[i].owner)
                                 : text_data_silent(f->o, v[i].name, since));
    }
    if (s.n)
        f->silent = s.p;
    return true;
}

/* --- the handler ------------------------------------------------------------------- */

/* What is read beside the verdict. */
static bool
fill_figures(struct api_filling *f, struct err *e)
{
    struct api_roster roster;

    if (!api_roster(f->db, f->p, f->o->s.mem, &roster, e) || !fill_chart(f, e) ||
        !fill_data_line(f, e))
        return false;
    f->v->people = roster.people;
    f->v->frame.weekly = roster.people < KPI_SMALL_GROUP || roster.people < f->v->frame.min_group;
    f->v->teams = roster.cells ? roster.cells : 1;
    return true;
}

static bool
get_intake(struct api_filling *f, int32_t cut, struct err *e)
{
    static const struct db_col cols[] = { DB_COL(struct api_intake, received, DB_BOOL),
                                          DB_COL(struct api_intake, today, DB_BOOL),
                                          DB_COL(struct api_intake, late, DB_INT8), DB_COLS_END };
    const struct pilot        *p = f->p;

    return db_one(f->db, &sql_api_get_intake,
                  DB_ARGS(db_int8(p->workspace), db_int8(p->id), db_date(cut)), cols, f->o->s.mem,
                  &f->intake, e);
}

/* Everything the page is made of. */
static bool
page_key(struct app *app, const struct http_req *req, struct api_filling *f, const char **ret,
         struct err *e)
{
    const struct pilot *p = f->p;
    int32_t             cut = pilot_cut(p, f->as_of);
    enum pilot_state    state = pilot_state_at(p, app->o.now());
    const char         *as_of = http_query(req, "as_of");
    struct gate_health  health = api_health(app);
    int64_t             version;

    if (!db_begin_read(f->db, p->workspace, e) ||
        !api_version(f->db, p, cut, req->mem, &version, e) || !get_intake(f, cut, e) ||
        !db_commit(f->db, e))
        return false;
    *ret = arena_printf(req->mem, "page %s %d %d %d %d %d%d %s %lld %d%d %lld %s%s", p->code, cut,
                        time_local_day(p->zone, f->now), (int)state,
                        health.corruption | health.gap << 1 | health.stuck << 2,
                        health.backlog_bytes > 0, (int)f->o->lang, f->v->frame.theme,
                        (long long)version, f->intake.received, f->intake.today,
                        (long long)f->intake.late, as_of ? as_of : "", f->silent);
    return *ret || err_set(e, ERR_NOMEM, "no memory for a page");
}

/* Verdict and figures, in one snapshot. */
static bool
make_page(struct app *app, struct api_filling *f, struct err *e)
{
    const struct pilot *p = f->p;
    struct view_pilot  *v = f->v;
    struct gate_health  health = api_health(app);
    struct gate_record  r;
    struct kpi_reader   kpis = { .db = f->db, .pilot = p, .mem = f->o->s.mem };

    f->r = &r;
    f->kpis = &kpis;
    if (!db_begin_read(f->db, p->workspace, e) ||
        !gate_look(&kpis, f->as_of, app->o.now(), &health, &r, e))
        return false;
    v->name = p->name;
    v->company = p->workspace_name;
    v->frame.title = p->name;
    v->frame.pilot = p->code;
    if (p->replay)
        v->frame.replay = text_replay_text(f->o, PAGE_DAY(time_local_day(p->zone, p->sealed_at)));
    v->frame.min_group = p->charter.min_group;
    if (!api_fill_state(f, e) || !api_fill_criteria(f, e) || !fill_figures(f, e) ||
        !db_commit(f->db, e))
        return false;
    page_pilot(f->o, v);
    return true;
}

/* The page from memory, or made now. */
static bool
get_page(struct app *app, struct db *db, const struct http_req *req, struct page *o, struct err *e)
{
    struct pilot       p;
    struct view_pilot  v = { .notice = "" };
    struct api_filling f = { .db = db, .p = &p, .o = o, .v = &v };
    const char        *key, *kept;
    size_t             n;

    api_frame(req, o->lang, req->mem, &v.frame);
    if (!api_as_of(app, req, &f.now, e) || !api_pilot(db, req, 0, &p, e))
        return false;
    f.as_of = api_clock(&p, f.now);
    if (!fill_silent(app, req, &f, e) || !page_key(app, req, &f, &key, e))
        return false;
    if ((kept = api_cache_get(app->cache, key, req->mem, &n))) {
        str_addn(&o->s, kept, n);
        return true;
    }
    if (!make_page(app, &f, e))
        return false;
    if (!req->mem->denied && !*v.notice) /* what waits is gone in a moment */
        api_cache_put(app->cache, key, o->s.p, o->s.n);
    return true;
}

bool
api_page_pilot(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct page o;
    struct db  *db;

    page_init(&o, api_lang(req), req->mem);
    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = get_page(app, db, req, &o, e);
    db_give(app->o.read, db);
    return ok && api_page(req, &o, ret_res, e);
}
