/* figures.c - the weekly line and the roster, for pages and charts. See figures.h. */
#include "figures.h"

#include "collaudo/gate.h"

#include "sql_gen.h"

#include <string.h>

usec_t
api_clock(const struct pilot *p, usec_t as_of)
{
    usec_t start = time_day_start(p->zone, p->start);

    return p->draft && as_of > start ? start : as_of;
}

const char *
api_kpi_params(const struct pilot *p, const char *kpi)
{
    for (size_t i = 0; i < p->charter.criteria_n; i++)
        if (strcmp(p->charter.criteria[i].kpi, kpi) == 0)
            return p->charter.criteria[i].params;
    return NULL;
}

static const struct charter_criterion *
criterion_of(const struct pilot *p, const char *kpi)
{
    for (size_t i = 0; i < p->charter.criteria_n; i++)
        if (strcmp(p->charter.criteria[i].kpi, kpi) == 0)
            return &p->charter.criteria[i];
    return NULL;
}

bool
api_line(struct kpi_reader *r, const char *kpi, usec_t as_of, struct kpi_point **ret, size_t *ret_n,
         struct err *e)
{
    const struct kpi_def *def = kpi_find(kpi);
    struct kpi_point     *points;
    size_t                n, kept = 0;

    if (!kpi_once(r, def, as_of, api_kpi_params(r->pilot, kpi), &points, &n, e))
        return false;
    n = kpi_publish(def, r->pilot->charter.min_group, points, n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(points[i].subject, "*") == 0 && !*points[i].part)
            points[kept++] = points[i];
    *ret = points;
    *ret_n = kept;
    return true;
}

bool
api_roster(struct db *db, const struct pilot *p, struct arena *mem, struct api_roster *ret,
           struct err *e)
{
    static const struct db_col cols[] = { DB_COL(struct api_roster, people, DB_INT8),
                                          DB_COL(struct api_roster, cells, DB_INT8), DB_COLS_END };

    return db_one(db, &sql_api_count_roster, DB_ARGS(db_int8(p->workspace), db_int8(p->id)), cols,
                  mem, ret, e);
}

/* "crm, billing, tickets" */
static bool
source_names(struct db *db, const struct pilot *p, struct arena *mem, const char **ret,
             struct err *e)
{
    struct row {
        const char *source;
    } * rows;
    static const struct db_col cols[] = { DB_COL(struct row, source, DB_TEXT), DB_COLS_END };
    void                      *got;
    size_t                     n;
    struct str                 s;

    if (!db_query(db, &sql_api_list_pilot_sources, DB_ARGS(db_int8(p->workspace), db_int8(p->id)),
                  cols, sizeof *rows, mem, &got, &n, e))
        return false;
    rows = got;
    str_init(&s, mem);
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_add(&s, ", ");
        str_add(&s, rows[i].source);
    }
    *ret = s.p;
    return true;
}

/* Every week of the window, known or still ahead. */
static void
fill_weeks(const struct pilot *p, int32_t cut, const struct kpi_point *points, size_t n,
           struct chart_week *week, size_t weeks)
{
    for (size_t i = 0; i < weeks; i++) {
        int32_t monday = time_monday(p->start) + 7 * (int32_t)i;

        week[i] = (struct chart_week){ .monday = monday,
                                       .state = monday >= cut || cut <= p->start ? CHART_AHEAD
                                                                                 : CHART_NO_DATA };
        for (size_t k = 0; k < n; k++) {
            const struct kpi_point *q = &points[k];

            if (q->bucket != monday || q->no_data)
                continue;
            week[i].num = q->num;
            week[i].state = q->band != KPI_EXACT ? CHART_NOT_PUBLISHED
                            : q->complete        ? CHART_VALUE
                                                 : CHART_UNFINISHED;
        }
    }
}

/* Title and target from the last complete week. */
static void
say_finding(const struct pilot *p, int32_t cut, const struct kpi_point *points, size_t n,
            struct page *o, struct chart *c)
{
    const struct charter_criterion *rule = criterion_of(p, "weekly_active");
    const struct kpi_point         *last = NULL;

    for (size_t i = 0; i < n; i++)
        if (points[i].complete && !points[i].no_data)
            last = &points[i];
    if (!last) {
        const struct kpi_point *now = n ? &points[n - 1] : NULL;

        c->title = now && !now->no_data && now->bucket + 7 > cut && cut <= p->end &&
                           now->band == KPI_EXACT && now->den > 0
                       ? text_chart_title_so_far(o, now->num, now->den)
                       : text_chart_title_no_data(o);
        return;
    }
    if (last->band != KPI_EXACT) {
        c->title = text_chart_title_hidden(o);
        return;
    }
    c->line.of = last->den;
    if (rule && rule->target.given && rule->target.side == CHARTER_AT_LEAST) {
        c->line.target = gate_goal(&rule->target, last->den);
        c->line.target_e4 = (int)rule->target.e4;
        c->title = text_chart_title(o, last->num, last->den, c->line.target);
    } else {
        c->title = text_chart_title_none(o, last->num, last->den);
    }
}

bool
api_weekly_chart(struct kpi_reader *r, usec_t as_of, struct page *o, struct chart *ret,
                 const struct kpi_point **ret_points, size_t *ret_n, struct err *e)
{
    const struct pilot *p = r->pilot;
    struct arena       *mem = o->s.mem;
    int32_t             cut = pilot_cut(p, api_clock(p, as_of));
    size_t              weeks = (size_t)(time_monday(p->end) - time_monday(p->start)) / 7 + 1, n;
    struct chart_week  *week = arena_new(mem, struct chart_week, weeks);
    struct kpi_point   *points;
    struct api_roster   roster;
    const char         *sources;
    struct chart        c = { .kind = CHART_LINE };

    if (!week)
        return err_set(e, ERR_NOMEM, "no memory for a chart");
    if (!api_line(r, "weekly_active", api_clock(p, as_of), &points, &n, e) ||
        !api_roster(r->db, p, mem, &roster, e) || !source_names(r->db, p, mem, &sources, e))
        return false;
    fill_weeks(p, cut, points, n, week, weeks);
    c.line.week = week;
    c.line.weeks = weeks;
    c.line.over = cut > p->end;
    say_finding(p, cut, points, n, o, &c);
    c.subtitle = text_chart_subtitle(o);
    if (!*sources)
        sources = text_chart_no_source(o);
    c.source = cut > p->start ? text_chart_source(o, sources, roster.people, PAGE_DAY(cut - 1))
                              : text_chart_source_before(o, sources, roster.people);
    c.next_step = text_chart_no_data_next(o);
    *ret = c;
    *ret_points = points;
    *ret_n = n;
    return true;
}
