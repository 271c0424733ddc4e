/* kpi.c - finding, computing and valuing KPIs. See kpi.h. */
#include "collaudo/kpi.h"

#include "collaudo/json.h"
#include "collaudo/str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct kpi_def *
kpi_find(const char *id)
{
    for (size_t i = 0; i < kpi_defs_n; i++)
        if (strcmp(kpi_defs[i].id, id) == 0)
            return &kpi_defs[i];
    return NULL;
}

#define MOST_KPIS 256

const char *
kpi_nearest(const char *id)
{
    const char *ids[MOST_KPIS];

    assert(kpi_defs_n <= MOST_KPIS);
    for (size_t i = 0; i < kpi_defs_n; i++)
        ids[i] = kpi_defs[i].id;
    return str_nearest(id, ids, kpi_defs_n);
}

static const struct db_col point_cols[] = {
    DB_COL(struct kpi_point, bucket, DB_DATE),  DB_COL(struct kpi_point, subject, DB_TEXT),
    DB_COL(struct kpi_point, part, DB_TEXT),    DB_COL(struct kpi_point, num, DB_INT8),
    DB_COL(struct kpi_point, den, DB_INT8),     DB_COL(struct kpi_point, excluded, DB_INT8),
    DB_COL(struct kpi_point, no_data, DB_BOOL), DB_COLS_END,
};

/* Has every member of a cohort lived through the Nth week? The last of them may have begun on
 * the Sunday. */
static bool
personal_complete(const struct kpi_point *pt, int32_t n, int32_t cut)
{
    return pt->bucket + 6 + 7 * n + 7 <= cut;
}

static bool
is_complete(const struct kpi_def *def, const struct pilot *p, const struct kpi_point *pt,
            int32_t cut)
{
    const char *plus = def->window == KPI_COHORT ? strstr(pt->part, "/+") : NULL;
    int32_t     n = plus ? (int32_t)strtol(plus + 2, NULL, 10) : 0;

    if (plus && strncmp(pt->part, "personal/", 9) == 0)
        return personal_complete(pt, n, cut);
    return pilot_week_complete(p, pt->bucket + 7 * n, cut);
}

/* Numbers of weeks: whole and at least 1. With 0 weeks to look at, everybody would pass. */
static bool
check_params(const char *params, struct arena *mem, struct err *e)
{
    static const char *const counts[] = { "weeks", "min_active" };
    const cJSON             *doc;
    int64_t                  v;

    if (!json_parse(mem, params, strlen(params), &doc, e))
        return err_wrap(e, "params");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (json_get(doc, counts[i]) && (!json_int(doc, counts[i], &v) || v < 1 || v > 1000))
            return err_set(e, ERR_INVALID, "params.%s must be a whole number from 1 to 1000",
                           counts[i]);
    return true;
}

bool
kpi_compute(struct db *db, const struct kpi_def *def, const struct pilot *p, usec_t as_of,
            const char *params, struct arena *mem, struct kpi_point **ret, size_t *ret_n,
            struct err *e)
{
    int32_t           cut = pilot_cut(p, as_of);
    void             *rows;
    size_t            n;
    struct kpi_point *points;

    if (params && !check_params(params, mem, e))
        return err_wrap(e, "%s", def->id);
    if (!db_query(db, def->stmt,
                  DB_ARGS(db_int8(p->workspace), db_int8(p->id), db_date(p->start), db_date(cut),
                          db_time(as_of), db_json(params ? params : "{}")),
                  point_cols, sizeof *points, mem, &rows, &n, e))
        return err_wrap(e, "computing %s", def->id);
    points = rows;
    for (size_t i = 0; i < n; i++)
        points[i].complete = is_complete(def, p, &points[i], cut);
    *ret = points;
    *ret_n = n;
    return true;
}

/* --- once ----------------------------------------------------------------------------- */

struct kpi_seen {
    struct kpi_seen        *next;
    const struct kpi_def   *def;
    usec_t                  as_of;
    const char             *params;
    const struct kpi_point *points;
    size_t                  n;
};

/* What a statement does not read makes no difference. */
static const char *
read_params(const struct kpi_def *def, const char *params)
{
    return params && strstr(def->stmt->sql, "$6") ? params : "{}";
}

static struct kpi_seen *
find_seen(const struct kpi_reader *r, const struct kpi_def *def, usec_t as_of, const char *params)
{
    struct kpi_seen *s = r->seen;

    while (s && (s->def != def || s->as_of != as_of || strcmp(s->params, params) != 0))
        s = s->next;
    return s;
}

bool
kpi_once(struct kpi_reader *r, const struct kpi_def *def, usec_t as_of, const char *params,
         struct kpi_point **ret, size_t *ret_n, struct err *e)
{
    const char       *read = read_params(def, params);
    struct kpi_seen  *s = find_seen(r, def, as_of, read);
    struct kpi_point *points;
    size_t            n;

    if (!s) {
        if (!kpi_compute(r->db, def, r->pilot, as_of, params, r->mem, &points, &n, e))
            return false;
        s = arena_new(r->mem, struct kpi_seen, 1);
        if (!s)
            return err_set(e, ERR_NOMEM, "no memory for figures");
        *s = (struct kpi_seen){ r->seen, def, as_of, read, points, n };
        r->seen = s;
    }
    points = arena_memdup(r->mem, s->points, s->n * sizeof *points);
    if (!points)
        return err_set(e, ERR_NOMEM, "no memory for figures");
    *ret = points;
    *ret_n = s->n;
    return true;
}

bool
kpi_read(struct db *db, const struct kpi_def *def, const struct pilot *p, usec_t as_of,
         const char *params, struct arena *mem, struct kpi_point **ret, size_t *ret_n,
         struct err *e)
{
    struct kpi_point *points;
    size_t            n;

    if (!kpi_compute(db, def, p, as_of, params, mem, &points, &n, e))
        return false;
    *ret_n = kpi_publish(def, p->charter.min_group, points, n);
    *ret = points;
    return true;
}

static bool
is_pooled(const struct kpi_point *p, const char *subject, const char *part)
{
    return p->complete && strcmp(p->subject, subject) == 0 && strcmp(p->part, part) == 0;
}

struct kpi_point
kpi_pool(const struct kpi_point *points, size_t n, const char *subject, const char *part,
         size_t last)
{
    struct kpi_point sum = { .subject = subject, .part = part, .complete = true, .no_data = true };
    size_t           there = 0, skip;

    for (size_t i = 0; i < n; i++)
        there += is_pooled(&points[i], subject, part);
    skip = last && there > last ? there - last : 0;
    for (size_t i = 0; i < n; i++) {
        const struct kpi_point *p = &points[i];

        if (!is_pooled(p, subject, part) || (skip && skip--))
            continue;
        sum.bucket = p->bucket;
        sum.num += p->num;
        sum.den += p->den;
        if (sum.excluded != KPI_WITHHELD)
            sum.excluded = p->excluded == KPI_WITHHELD ? KPI_WITHHELD : sum.excluded + p->excluded;
        sum.no_data = sum.no_data && p->no_data;
        if (p->band != KPI_EXACT)
            sum.band = KPI_HIDDEN;
    }
    if (sum.band == KPI_HIDDEN)
        sum.num = sum.den = 0;
    return sum;
}

const char *
kpi_band_name(enum kpi_band b)
{
    static const char *const name[] = { [KPI_EXACT] = "exact",
                                        [KPI_BAND_LOW] = "at_most",
                                        [KPI_BAND_HIGH] = "at_least",
                                        [KPI_HIDDEN] = "hidden" };

    return name[b];
}

bool
kpi_value_e4(const struct kpi_def *def, const struct kpi_point *p, int64_t *ret_e4)
{
    if (p->no_data || p->band == KPI_HIDDEN || p->den <= 0 || p->den < def->min_den)
        return false;
    *ret_e4 = (int64_t)(((__int128)p->num * 20000 + p->den) / ((__int128)p->den * 2));
    return true;
}
