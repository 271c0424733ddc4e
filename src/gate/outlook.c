/* outlook.c - SECURED and IMPOSSIBLE from the weeks that are settled, and since when. */
#include "eval.h"

#include <string.h>

static const struct kpi_point *
extreme(const struct kpi_point *points, size_t n, const char *part)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(points[i].subject, "*") == 0 && strcmp(points[i].part, part) == 0)
            return &points[i];
    return NULL;
}

/* What `next` says of a KPI that is computed over the whole window: as it stood when the week
 * before `day` was over. */
static bool
as_of_day(const struct gate_eval *v, const struct kpi_def *def, const char *part, int32_t day,
          const struct charter_criterion *rule, struct gate_figures *f, struct gate_future *next,
          struct err *e)
{
    usec_t                  then = time_day_start(v->pilot->zone, day);
    const struct kpi_point *high, *low;
    struct kpi_point       *points;
    size_t                  n;
    int64_t                 den = 0;

    if (!kpi_once(v->kpis, def, then, rule->params, &points, &n, e) ||
        !gate_figures_of(def, rule, part, points, n, v->mem, f, e))
        return false;
    *next = (struct gate_future){ .settled = f->n, .room = -1 };
    high = extreme(points, n, "best");
    low = extreme(points, n, "worst");
    if (def->window == KPI_COHORT && def->unit == KPI_PEOPLE) {
        for (size_t i = 0; i < f->n; i++)
            den += f->week[i].no_data ? 0 : f->week[i].den;
        next->room = v->people > den ? v->people - den : 0;
    } else if (high && low) {
        next->bounded = true;
        next->high = (struct gate_share){ high->num, high->den };
        next->low = (struct gate_share){ low->num, low->den };
    }
    return true;
}

/* The flags once the first `settled` weeks were over. */
static bool
flags_after(const struct gate_eval *v, const struct kpi_def *def, const char *part, size_t settled,
            const struct gate_figures *f, const struct charter_criterion *rule, unsigned *ret,
            struct err *e)
{
    struct gate_figures past = *f;
    struct gate_future  next = { .settled = settled, .total = v->total, .room = -1 };

    if (def->window != KPI_WEEK) {
        if (!as_of_day(v, def, part, v->weeks[settled - 1] + 7, rule, &past, &next, e))
            return false;
    } else if (def->unit == KPI_PEOPLE) {
        next.room = v->people;
        for (size_t i = 0; i < f->n; i++) /* who left was counted, too */
            next.room = f->week[i].den > next.room ? f->week[i].den : next.room;
    }
    *ret = gate_outlook(rule, &past, &next);
    return true;
}

bool
gate_eval_flags(const struct gate_eval *v, const struct kpi_def *def, const char *part,
                const struct gate_figures *f, struct gate_criterion *c, struct err *e)
{
    size_t   settled = v->settled;
    unsigned flags;

    if (!settled)
        return true;
    if (!flags_after(v, def, part, settled, f, c->rule, &flags, e))
        return false;
    c->flags = flags;
    while (flags & GATE_IMPOSSIBLE) {
        c->impossible_since = v->weeks[settled - 1] + 6;
        if (--settled == 0)
            break;
        if (!flags_after(v, def, part, settled, f, c->rule, &flags, e))
            return false;
    }
    return true;
}
