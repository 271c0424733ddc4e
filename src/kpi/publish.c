/* publish.c - the one filter for small groups, between every KPI and every door. Pure.
 * The numbered rules and their reasons stand in kpi.h at kpi_publish(). */
#include "collaudo/kpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_K 3 /* no charter may go below */

struct limits {
    int64_t k, small;
};

static bool
is_total(const struct kpi_point *p)
{
    return strcmp(p->subject, "*") == 0;
}

static bool
is_small(const struct limits *l, const struct kpi_point *p)
{
    return p->den < l->small;
}

/* The N of `calendar/+N` and `personal/+N`, -1 of every other part. */
static int32_t
turn_of(const struct kpi_point *p)
{
    const char *plus = strstr(p->part, "/+");

    return plus ? (int32_t)strtol(plus + 2, NULL, 10) : -1;
}

/* In the week in which they began all members of a cohort are active: that tells nothing. */
static bool
is_extreme(const struct kpi_point *p)
{
    return turn_of(p) != 0 && (p->num <= 1 || p->num >= p->den - 1);
}

static void
hide(struct kpi_point *p)
{
    p->band = KPI_HIDDEN;
}

/* Rule 2. */
static bool
band(const struct limits *l, struct kpi_point *p)
{
    if (p->band != KPI_EXACT || p->den == 0 || !is_small(l, p) || !is_extreme(p))
        return false;
    p->band = p->num <= 1 ? KPI_BAND_LOW : KPI_BAND_HIGH;
    return true;
}

/* The smallest group still exact of at least `from` people, the first among equals. */
static struct kpi_point *
smallest_exact(struct kpi_point *cell, size_t n, int64_t from)
{
    struct kpi_point *best = NULL;

    for (size_t i = 0; i < n; i++)
        if (cell[i].band == KPI_EXACT && cell[i].den >= from && (!best || cell[i].den < best->den))
            best = &cell[i];
    return best;
}

/* Rule 1; returns how many people are hidden by it. */
static int64_t
hide_small(const struct limits *l, struct kpi_point *cell, size_t n)
{
    int64_t hidden = 0;

    for (size_t i = 0; i < n; i++)
        if (cell[i].den < (cell[i].complete ? l->k : l->small) &&
            cell[i].den + cell[i].excluded > 0) {
            hide(&cell[i]);
            hidden += cell[i].den;
        }
    return hidden;
}

/* Rules 1, 2 and 4 for the groups of a large total that is published beside them; `rest` of
 * its people are in none of the groups. */
static void
protect(const struct limits *l, struct kpi_point *cell, size_t n, int64_t rest)
{
    int64_t           hidden = rest + hide_small(l, cell, n);
    size_t            banded = 0;
    struct kpi_point *more;

    while (hidden && hidden < l->small && (more = smallest_exact(cell, n, 1))) {
        hide(more);
        hidden += more->den;
    }
    for (size_t i = 0; i < n; i++)
        banded += band(l, &cell[i]);
    if (!banded || hidden)
        return;
    more = smallest_exact(cell, n, l->small);
    for (size_t i = 0; i < n; i++)
        if (!more || more == &cell[i])
            hide(&cell[i]);
}

/* Rules 1, 2 and 3 for a total. */
static void
protect_total(const struct limits *l, struct kpi_point *p)
{
    if (p->den == 0 || !is_small(l, p))
        return;
    if (p->den < l->k || !p->complete)
        hide(p);
    else
        band(l, p);
}

static bool
is_few(const struct limits *l, int64_t excluded)
{
    return excluded > 0 && excluded < l->k;
}

/* Rule 7 for a total or a cohort. */
static void
withhold_excluded(const struct limits *l, struct kpi_point *p)
{
    bool large_total = is_total(p) && turn_of(p) < 0 && !is_small(l, p);

    if (p->band == KPI_HIDDEN || (!large_total && is_few(l, p->excluded)))
        p->excluded = KPI_WITHHELD;
}

/* What is not exact says only what its band says. */
static void
blot(struct kpi_point *p)
{
    if (p->band == KPI_HIDDEN)
        p->num = p->den = 0;
    else if (p->band != KPI_EXACT)
        p->num = p->band == KPI_BAND_LOW ? 1 : p->den - 1;
}

/* --- order ------------------------------------------------------------------------ */

static int
differ(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int
in_order(const void *a, const void *b) /* of kpi_compute() */
{
    const struct kpi_point *p = a, *q = b;
    int                     d = strcmp(p->part, q->part);

    d = d ? d : strcmp(p->subject, q->subject);
    return d ? d : differ(p->bucket, q->bucket);
}

static int
by_week(const void *a, const void *b) /* a week's total, then its cells */
{
    const struct kpi_point *p = a, *q = b;
    int                     d = strcmp(p->part, q->part);

    d = d ? d : differ(p->bucket, q->bucket);
    d = d ? d : is_total(q) - is_total(p);
    return d ? d : strcmp(p->subject, q->subject);
}

static bool
is_calendar(const struct kpi_point *p)
{
    return strncmp(p->part, "calendar/+", 10) == 0;
}

/* The calendar week a point of a cohort speaks about. */
static int32_t
week_of(const struct kpi_point *p)
{
    return is_calendar(p) ? p->bucket + 7 * turn_of(p) : p->bucket;
}

static int
by_calendar(const void *a, const void *b) /* cohorts by the week they were active in */
{
    const struct kpi_point *p = a, *q = b;
    int                     d = is_calendar(q) - is_calendar(p);

    if (!d && !is_calendar(p))
        d = strcmp(p->part, q->part);
    d = d ? d : differ(week_of(p), week_of(q));
    return d ? d : differ(p->bucket, q->bucket);
}

/* --- weeks --------------------------------------------------------------------------- */

/* Rule 7 for the cells of one week. */
static void
withhold_of_cells(const struct limits *l, struct kpi_point *cell, size_t n)
{
    bool few = false;

    for (size_t i = 0; i < n; i++)
        few = few || is_few(l, cell[i].excluded);
    for (size_t i = 0; i < n; i++)
        if (few || cell[i].band == KPI_HIDDEN)
            cell[i].excluded = KPI_WITHHELD;
}

/* One week of one part, the total first. */
static void
publish_week(const struct limits *l, struct kpi_point *p, size_t n)
{
    size_t  totals = is_total(&p[0]);
    int64_t rest = totals ? p->den : 0;

    for (size_t i = totals; i < n; i++)
        rest -= p[i].den;
    if (totals)
        protect_total(l, p);
    if (totals && p->den > 0 && is_small(l, p))
        for (size_t i = 1; i < n; i++)
            hide(&p[i]);
    else if (!totals || p->den > 0)
        protect(l, p + totals, n - totals, rest > 0 ? rest : 0);
    if (totals)
        withhold_excluded(l, p);
    withhold_of_cells(l, p + totals, n - totals);
}

static void
publish_weeks(const struct limits *l, struct kpi_point *p, size_t n)
{
    size_t end;

    qsort(p, n, sizeof *p, by_week);
    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && p[end].bucket == p[i].bucket; end++)
            if (strcmp(p[end].part, p[i].part) != 0)
                break;
        publish_week(l, p + i, end - i);
    }
}

/* --- cohorts --------------------------------------------------------------------------- */

static const struct kpi_point *
find(const struct kpi_point *p, size_t n, int32_t bucket, const char *part)
{
    return bsearch(&(struct kpi_point){ .bucket = bucket, .subject = "*", .part = part }, p, n,
                   sizeof *p, by_calendar);
}

/* Points that are not complete would grow by one person at a time; other subjects than the
 * whole pilot would be a third division. Parts without a turn are weeks. */
static size_t
drop_open(struct kpi_point *p, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (is_total(&p[i]) && (p[i].complete || turn_of(&p[i]) < 0))
            p[kept++] = p[i];
    return kept;
}

/* Rule 6, calendar weeks: the cohorts of one week are cells of that week's total. Who begins in
 * it is active in it, and who has not begun is not: for both the week keeps no secret, so they
 * neither need a hiding place nor make one. */
static void
protect_cohorts(const struct limits *l, struct kpi_point *p, size_t n)
{
    size_t end, begun;

    for (size_t i = 0; i < n && is_calendar(&p[i]); i = end) {
        int32_t                 week = week_of(&p[i]);
        const struct kpi_point *total = find(p, n, week, "started");

        for (end = i; end < n && is_calendar(&p[end]) && week_of(&p[end]) == week;)
            end++;
        begun = end - i - (p[end - 1].bucket == week);
        hide_small(l, p + i + begun, end - i - begun);
        if (!total || total->den >= l->small)
            protect(l, p + i, begun, 0);
        else if (total->den > 0)
            for (size_t j = i; j < end; j++)
                hide(&p[j]);
    }
}

static bool
is_exact(const struct kpi_point *p)
{
    return p && p->band == KPI_EXACT;
}

/* Rule 6, personal weeks. */
static void
protect_personal(const struct limits *l, struct kpi_point *p, size_t n)
{
    char part[32];

    for (size_t i = 0; i < n; i++) {
        bool    lies_in_exact = true;
        int32_t turn = turn_of(&p[i]);

        if (turn < 0 || is_calendar(&p[i]))
            continue;
        for (int32_t t = turn; t <= turn + 1; t++) {
            snprintf(part, sizeof part, "calendar/+%02d", t);
            lies_in_exact = lies_in_exact && is_exact(find(p, n, p[i].bucket, part));
        }
        if (!lies_in_exact)
            hide(&p[i]);
        else if (!hide_small(l, &p[i], 1))
            band(l, &p[i]);
    }
}

static bool
has_small_cohort(const struct limits *l, const struct kpi_point *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (turn_of(&p[i]) >= 0 && is_few(l, p[i].den + p[i].excluded))
            return true;
    return false;
}

/* What is exact of one part, in one point; hidden when nothing is. */
static struct kpi_point
pooled(const struct kpi_point *p, size_t n)
{
    struct kpi_point sum = p[0];

    sum.num = sum.den = sum.excluded = 0;
    sum.band = KPI_HIDDEN;
    for (size_t i = 0; i < n; i++) {
        if (p[i].band != KPI_EXACT || p[i].den == 0)
            continue;
        if (sum.band == KPI_HIDDEN)
            sum.bucket = p[i].bucket;
        sum.band = KPI_EXACT;
        sum.num += p[i].num;
        sum.den += p[i].den;
        sum.excluded += p[i].excluded;
        sum.no_data = false;
    }
    return sum;
}

static size_t
pool_cohorts(struct kpi_point *p, size_t n)
{
    size_t kept = 0, end;

    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && strcmp(p[end].part, p[i].part) == 0;)
            end++;
        if (turn_of(&p[i]) >= 0)
            p[kept++] = pooled(p + i, end - i);
        else
            while (i < end)
                p[kept++] = p[i++];
    }
    return kept;
}

static size_t
publish_cohorts(const struct limits *l, struct kpi_point *p, size_t n)
{
    n = drop_open(p, n);
    qsort(p, n, sizeof *p, by_calendar);
    protect_cohorts(l, p, n);
    protect_personal(l, p, n);
    for (size_t i = 0; i < n; i++)
        if (turn_of(&p[i]) < 0)
            protect_total(l, &p[i]);
    qsort(p, n, sizeof *p, in_order);
    if (has_small_cohort(l, p, n))
        n = pool_cohorts(p, n);
    for (size_t i = 0; i < n; i++)
        withhold_excluded(l, &p[i]);
    return n;
}

size_t
kpi_publish(const struct kpi_def *def, int64_t min_group, struct kpi_point *points, size_t n)
{
    struct limits l = { .k = min_group < FEWEST_K ? FEWEST_K : min_group };

    if (def->unit != KPI_PEOPLE || n == 0)
        return n;
    l.small = l.k > KPI_SMALL_GROUP ? l.k : KPI_SMALL_GROUP;
    if (def->window == KPI_COHORT)
        n = publish_cohorts(&l, points, n);
    else
        publish_weeks(&l, points, n);
    qsort(points, n, sizeof *points, in_order);
    for (size_t i = 0; i < n; i++)
        blot(&points[i]);
    return n;
}
