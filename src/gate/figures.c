/* figures.c - a criterion's figures: the exact ones that decide, the published ones that are
 * shown. */
#include "eval.h"
#include "phrases.h"

#include "collaudo/event.h"
#include "collaudo/json.h"

#include <string.h>

/* --- which points ----------------------------------------------------------------------- */

bool
gate_part_of(const struct kpi_def *def, const struct charter_criterion *rule, struct arena *mem,
             const char **ret, struct err *e)
{
    const cJSON *doc = NULL;
    const char  *kind;
    int64_t      week = 0;

    *ret = "";
    if (def->window != KPI_COHORT)
        return true;
    if (!json_parse(mem, rule->params, strlen(rule->params), &doc, e))
        return err_wrap(e, "criterion %s: params", rule->id);
    kind = json_text(doc, "kind");
    if (!json_int(doc, "week", &week) || week < 0 || week > 9999)
        return err_set(e, ERR_INVALID, "criterion %s: params.week must be a whole number",
                       rule->id);
    *ret = arena_printf(mem, "%s/+%02d", kind ? kind : "calendar", (int)week);
    return *ret || err_set(e, ERR_NOMEM, "no memory for criterion %s", rule->id);
}

static bool
counts(const struct kpi_point *p, const char *part)
{
    return p->complete && strcmp(p->subject, "*") == 0 && strcmp(p->part, part) == 0;
}

bool
gate_figures_of(const struct kpi_def *def, const struct charter_criterion *rule, const char *part,
                const struct kpi_point *points, size_t n, struct arena *mem,
                struct gate_figures *ret, struct err *e)
{
    struct gate_week *week = arena_new(mem, struct gate_week, n);
    size_t            kept = 0;

    if (!week)
        return err_set(e, ERR_NOMEM, "no memory for criterion %s", rule->id);
    for (size_t i = 0; i < n; i++)
        if (counts(&points[i], part))
            week[kept++] = (struct gate_week){ .monday = points[i].bucket,
                                               .num = points[i].num,
                                               .den = points[i].den,
                                               .no_data = points[i].no_data };
    *ret = (struct gate_figures){
        .min_den = def->min_den, .weekly = def->window == KPI_WEEK, .week = week, .n = kept
    };
    return true;
}

/* --- what may be seen ------------------------------------------------------------------------ */

/* The only point a criterion hangs on; NULL when it pools several. */
static const struct kpi_point *
single(const struct kpi_def *def, const char *part, const struct kpi_point *points, size_t n,
       const struct gate_criterion *c)
{
    const struct kpi_point *last = NULL;

    if (def->window == KPI_COHORT || (def->window == KPI_WEEK && c->line.weeks != 1))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (counts(&points[i], part) && !points[i].no_data)
            last = &points[i];
    return last;
}

/* The same pool over published points. Figures that do not cover all that decided are not
 * shown: they could look like another verdict. */
static void
show(const struct gate_eval *v, const struct kpi_def *def, const char *part,
     struct kpi_point *points, size_t n, struct gate_criterion *c)
{
    const struct kpi_point *one;
    struct kpi_point        sum;
    int64_t                 weeks = c->sustained ? c->rule->sustain_of : c->rule->weeks;

    n = kpi_publish(def, v->pilot->charter.min_group, points, n);
    one = single(def, part, points, n, c);
    if (one)
        sum = *one; /* with its band, if it has one */
    else
        sum = kpi_pool(points, n, "*", part, def->window == KPI_WEEK ? (size_t)weeks : 0);
    c->band = sum.band;
    if (sum.band == KPI_EXACT && (sum.num != c->line.num || sum.den != c->line.den))
        c->band = KPI_HIDDEN;
    if (c->band != KPI_HIDDEN)
        c->shown = (struct gate_share){ sum.num, sum.den };
    c->excluded = c->band == KPI_HIDDEN ? KPI_WITHHELD : sum.excluded;
}

/* --- where it is lost ------------------------------------------------------------------------- */

static size_t
span_of(const struct gate_criterion *c)
{
    return (size_t)(c->sustained ? c->rule->sustain_of : c->rule->weeks);
}

/* The source whose own part weighs most against the target, over the same weeks. */
static const struct gate_source *
worst_source(const struct gate_eval *v, const struct gate_record *r, const struct kpi_point *points,
             size_t n, const struct gate_criterion *c)
{
    const struct gate_source *worst = NULL;
    int64_t                   worst_loss = 0;

    for (size_t i = 0; i < r->sources_n; i++) {
        char            *part = arena_printf(v->mem, "source:%s", r->sources[i].code);
        struct kpi_point sum;
        int64_t          loss;

        if (!part)
            return NULL;
        sum = kpi_pool(points, n, "*", part, span_of(c));
        loss = c->rule->target.side == CHARTER_AT_MOST ? sum.num : sum.den - sum.num;
        if (loss > worst_loss) {
            worst_loss = loss;
            worst = &r->sources[i];
        }
    }
    return worst;
}

/* Where a source's part is divided by reasons of refusal: the commonest. */
static const char *
worst_reason(const struct gate_eval *v, const struct kpi_point *points, size_t n,
             const struct gate_criterion *c)
{
    const char *worst = NULL;
    int64_t     times = 0;

    for (unsigned drop = 1; drop <= EVENT_DROP_MAX; drop++) {
        const char      *name = event_drop_name(drop);
        char            *part = arena_printf(v->mem, "source:%s/%s", c->worst->code, name);
        struct kpi_point sum;

        if (!part)
            return NULL;
        sum = kpi_pool(points, n, "*", part, span_of(c));
        if (sum.num > times) {
            times = sum.num;
            worst = name;
        }
    }
    return worst;
}

/* Which sources are silent, and whom to ask. */
static struct gate_text
silent(const struct gate_eval *v, const struct gate_record *r, bool *ret_owned)
{
    int32_t         since = v->weeks_n ? v->weeks[v->weeks_n - 1] : v->pilot->start;
    struct gate_say s;
    size_t          named = 0;

    if (!r->sources_n)
        return *PHRASE(SILENT_NONE);
    gate_say_init(&s, v->mem);
    for (size_t i = 0; i < r->sources_n; i++) {
        const struct gate_source *x = &r->sources[i];

        if (x->heard && x->last_day >= since)
            continue;
        if (named++)
            gate_say_add(&s, PHRASE(COMMA), SAY_NOTHING);
        if (!x->heard)
            gate_say_add(&s, PHRASE(SILENT_EVER),
                         SAY_ARGS(SAY_S('c', x->code), SAY_T('m', gate_say_owner(x->owner))));
        else
            gate_say_add(&s, PHRASE(SILENT_SINCE),
                         SAY_ARGS(SAY_S('c', x->code), SAY_T('m', gate_say_owner(x->owner)),
                                  SAY_D('d', x->last_day)));
    }
    *ret_owned = named > 0;
    return named ? gate_say_text(&s) : *PHRASE(SILENT_QUIET);
}

/* --- one criterion ----------------------------------------------------------------- */

static int64_t
most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The KPI's title, with the criterion's id where two criteria ask for the same KPI. */
static struct gate_text
name_of(const struct gate_eval *v, const struct kpi_def *def, const struct charter_criterion *rule)
{
    const struct charter *ch = &v->pilot->charter;
    size_t                same = 0;

    for (size_t i = 0; i < ch->criteria_n; i++)
        same += strcmp(ch->criteria[i].kpi, rule->kpi) == 0;
    if (!def)
        return (struct gate_text){ rule->id, rule->id };
    if (same < 2)
        return (struct gate_text){ def->title_en, def->title_it };
    return gate_say(v->mem, &(struct gate_text){ "{t} ({i})", "{t} ({i})" },
                    SAY_ARGS(SAY_T('t', ((struct gate_text){ def->title_en, def->title_it })),
                             SAY_S('i', rule->id)));
}

static void
describe(const struct gate_eval *v, const struct kpi_def *def, const struct charter_criterion *rule,
         struct gate_criterion *c)
{
    c->rule = rule;
    c->params = rule->params;
    c->name = name_of(v, def, rule);
    c->band = KPI_HIDDEN;
    c->excluded = KPI_WITHHELD;
    if (!def)
        return;
    c->version = def->version;
    c->unit = def->unit;
    c->window = def->window;
    c->sustained = def->window == KPI_WEEK && rule->sustain_of > 0 && rule->sustain_pass > 0;
    c->min_n = most(most(rule->min_n, rule->min_records), most(def->min_den, 1));
}

bool
gate_eval_criterion(const struct gate_eval *v, const struct charter_criterion *rule,
                    const struct gate_record *r, struct gate_criterion *ret, struct err *e)
{
    const struct kpi_def *def = kpi_find(rule->kpi);
    struct gate_criterion c = { .rule = rule };
    struct kpi_point     *points = NULL;
    size_t                n = 0;
    const char           *part = "";
    struct gate_figures   f = { .unknown_kpi = !def };

    describe(v, def, rule, &c);
    if (def && (!gate_part_of(def, rule, v->mem, &part, e) ||
                !kpi_once(v->kpis, def, v->as_of, rule->params, &points, &n, e) ||
                !gate_figures_of(def, rule, part, points, n, v->mem, &f, e)))
        return false;
    f.weeks_heard = v->weeks_heard;
    c.line = gate_judge(rule, &f);
    c.people = c.unit == KPI_PEOPLE && (c.window != KPI_WEEK || c.line.weeks <= 1);
    if (c.line.why == GATE_WHY_SILENT)
        c.silent = silent(v, r, &c.silent_owned);
    if (def && c.unit != KPI_PEOPLE)
        c.worst = worst_source(v, r, points, n, &c);
    if (c.worst)
        c.worst_why = worst_reason(v, points, n, &c);
    if (def && !v->final && !gate_eval_flags(v, def, part, &f, &c, e))
        return false;
    if (def && c.line.why != GATE_WHY_DAMAGED)
        show(v, def, part, points, n, &c); /* last: it changes the points */
    *ret = c;
    return true;
}
