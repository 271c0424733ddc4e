/* plan.c - what would change the verdict: for each unmet criterion who does what, ranked by
 * deciding again with that criterion met. */
#include "phrases.h"

#include "collaudo/json.h"

#include <string.h>

static int64_t
param(struct arena *mem, const char *params, const char *key)
{
    struct err   e = ERR_INIT;
    const cJSON *doc;
    int64_t      n = 0;

    if (!params || !json_parse(mem, params, strlen(params), &doc, &e) || !json_int(doc, key, &n))
        return 0;
    return n;
}

/* How many are missing, or too many; 0 where the figures may not say. */
static int64_t
gap(const struct gate_criterion *c)
{
    int64_t goal = gate_goal(&c->rule->target, c->shown.den);

    if (c->band != KPI_EXACT)
        return 0;
    return c->rule->target.side == CHARTER_AT_LEAST ? goal - c->shown.num : c->shown.num - goal;
}

/* --- one sentence per KPI that has its own remedy ----------------------------------------- */

static struct gate_text
any_people(struct arena *mem, const struct gate_criterion *c)
{
    bool    more = c->rule->target.side == CHARTER_AT_LEAST;
    int64_t k = gap(c);

    if (k <= 0)
        return more ? *PHRASE(DO_PEOPLE_SOME) : *PHRASE(DO_FEWER_SOME);
    if (!c->people) { /* several weeks: what each of them needs */
        int64_t each = (k + c->line.weeks - 1) / c->line.weeks;

        if (!more)
            return *PHRASE(DO_FEWER_SOME);
        return gate_say(mem, PHRASE(DO_WEEKS),
                        SAY_ARGS(SAY_N('k', each), SAY_N('a', c->line.weeks)));
    }
    return gate_say(mem, more ? PHRASE(DO_PEOPLE) : PHRASE(DO_FEWER_PEOPLE),
                    SAY_ARGS(SAY_N('k', k)));
}

static struct gate_text
any_thing(struct arena *mem, const struct gate_criterion *c)
{
    int64_t k = gap(c);

    if (k <= 0)
        return c->reason;
    return gate_say(mem,
                    c->rule->target.side == CHARTER_AT_LEAST ? PHRASE(DO_MORE) : PHRASE(DO_FEWER),
                    SAY_ARGS(SAY_N('k', k), SAY_N('y', c->shown.den)));
}

static struct gate_text
more_sustained(struct arena *mem, const struct gate_criterion *c)
{
    int64_t k = gap(c), active = param(mem, c->params, "min_active");
    int64_t weeks = param(mem, c->params, "weeks");

    if (active <= 0 || weeks <= 0 || c->rule->target.side != CHARTER_AT_LEAST)
        return any_people(mem, c);
    return gate_say(mem, k > 0 ? PHRASE(DO_SUSTAINED) : PHRASE(DO_SUSTAINED_SOME),
                    SAY_ARGS(SAY_N('k', k), SAY_N('a', active), SAY_N('b', weeks)));
}

static struct gate_text
more_retained(struct arena *mem, const struct gate_criterion *c)
{
    int64_t k = gap(c), week = param(mem, c->params, "week");

    if (week <= 0 || c->rule->target.side != CHARTER_AT_LEAST)
        return any_people(mem, c);
    return gate_say(mem, k > 0 ? PHRASE(DO_RETENTION) : PHRASE(DO_RETENTION_SOME),
                    SAY_ARGS(SAY_N('k', k), SAY_N('a', week)));
}

static const struct remedy {
    const char *kpi;
    struct gate_text (*say)(struct arena *, const struct gate_criterion *);
    const struct gate_text *of_source; /* where one source weighs most */
} remedies[] = {
    { "sustained_users", more_sustained, NULL },
    { "retention", more_retained, NULL },
    { "duplicate_events", any_thing, PHRASE(DO_REPEATS) },
    { "quarantine_rate", any_thing, PHRASE(DO_QUARANTINE) },
    { "source_coverage", any_thing, PHRASE(DO_COVERAGE) },
};

static struct gate_text
mend(struct arena *mem, const struct gate_criterion *c)
{
    if (c->sustained)
        return gate_say(mem, PHRASE(DO_PASS),
                        SAY_ARGS(SAY_N('k', c->rule->sustain_pass - c->line.met_weeks),
                                 SAY_T('m', gate_say_mark(mem, c->rule->target.e4))));
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
        const struct remedy *m = &remedies[i];

        if (strcmp(m->kpi, c->rule->kpi) != 0)
            continue;
        if (m->of_source && c->worst)
            return gate_say(mem, c->worst_why ? PHRASE(DO_MAPPING) : m->of_source,
                            SAY_ARGS(SAY_S('c', c->worst->code),
                                     SAY_S('k', c->worst_why ? c->worst_why : ""),
                                     SAY_T('m', gate_say_owner(c->worst->owner))));
        return m->say(mem, c);
    }
    return c->unit == KPI_PEOPLE ? any_people(mem, c) : any_thing(mem, c);
}

static struct gate_text
remedy(struct arena *mem, const struct gate_criterion *c)
{
    switch (c->line.why) {
    case GATE_WHY_NO_KPI:
    case GATE_WHY_NO_TARGET:
        return gate_say(mem, PHRASE(DO_AMEND), SAY_ARGS(SAY_T('r', c->reason)));
    case GATE_WHY_DAMAGED:
        return *PHRASE(DO_LOOK);
    case GATE_WHY_NO_WEEK:
        return gate_say(mem, PHRASE(DO_WAIT),
                        SAY_ARGS(SAY_N('k', c->rule->min_weeks > 1 ? c->rule->min_weeks : 1)));
    case GATE_WHY_FEW_WEEKS:
        return gate_say(mem, PHRASE(DO_WAIT),
                        SAY_ARGS(SAY_N('k', c->rule->min_weeks - c->line.weeks)));
    case GATE_WHY_FEW:
        if (c->window == KPI_PILOT && !c->line.den)
            return *PHRASE(DO_KEEP_ON);
        return gate_say(mem,
                        c->unit == KPI_PEOPLE && c->people && c->min_n > 1 ? PHRASE(DO_TAKE_PART)
                                                                           : PHRASE(DO_COUNT),
                        SAY_ARGS(SAY_N('y', c->min_n)));
    case GATE_WHY_OPEN_WEEKS:
        return *PHRASE(DO_KEEP_ON);
    case GATE_WHY_SILENT:
        return gate_say(mem, PHRASE(DO_CONNECT), SAY_ARGS(SAY_T('r', c->reason)));
    case GATE_WHY_NONE:
        break;
    }
    if (c->flags & GATE_IMPOSSIBLE)
        return *PHRASE(DO_TOO_LATE);
    return mend(mem, c);
}

static struct gate_text
sentence(struct arena *mem, const struct gate_criterion *c)
{
    struct gate_text what = remedy(mem, c);

    if (!c->rule->owner || !*c->rule->owner)
        return gate_say(mem, PHRASE(DO_LINE), SAY_ARGS(SAY_T('n', c->name), SAY_T('w', what)));
    return gate_say(mem, PHRASE(DO_LINE_OWNER),
                    SAY_ARGS(SAY_T('n', c->name), SAY_T('w', what), SAY_S('m', c->rule->owner)));
}

/* --- ranking ---------------------------------------------------------------------------------- */

static int
goodness(enum gate_verdict v)
{
    static const int rank[GATE_VERDICT_COUNT] = {
        [GATE_GO] = 4,           [GATE_GO_WITH_CONDITIONS] = 3,
        [GATE_INCONCLUSIVE] = 2, [GATE_INVALID] = 1,
        [GATE_NO_GO] = 0,
    };

    return rank[v];
}

static bool
unmet(const struct gate_criterion *c)
{
    return c->line.state != GATE_MET && c->line.state != GATE_WAIVED &&
           c->line.state != GATE_OBSERVE;
}

/* The verdict if this one criterion were met and all else stayed as it is. */
static enum gate_verdict
verdict_with(const struct gate_record *r, struct gate_case *cases, size_t i)
{
    struct gate_question q = gate_question_of(r, cases);

    cases[i].state = GATE_MET;
    q.final = true;
    return gate_decide(&q).verdict;
}

static bool
comes_first(const struct gate_record *r, const struct gate_action *a, const struct gate_action *b)
{
    const struct charter_criterion *x = r->criteria[a->criterion].rule;
    const struct charter_criterion *y = r->criteria[b->criterion].rule;

    if (a->flips != b->flips)
        return a->flips;
    if (goodness(a->then) != goodness(b->then))
        return goodness(a->then) > goodness(b->then);
    if (x->must != y->must)
        return x->must;
    return x->weight > y->weight; /* else the order of the charter */
}

static void
insert(struct gate_record *r, struct gate_action a)
{
    size_t at = r->actions_n++;

    while (at > 0 && comes_first(r, &a, &r->actions[at - 1])) {
        r->actions[at] = r->actions[at - 1];
        at--;
    }
    r->actions[at] = a;
}

bool
gate_plan(struct gate_record *r, struct arena *mem, struct err *e)
{
    struct gate_case *cases = arena_new(mem, struct gate_case, r->criteria_n);

    r->actions = arena_new(mem, struct gate_action, r->criteria_n);
    r->actions_n = 0;
    if (!cases || !r->actions)
        return err_set(e, ERR_NOMEM, "no memory for the plan of %zu criteria", r->criteria_n);
    for (size_t i = 0; i < r->criteria_n; i++) {
        const struct gate_criterion *c = &r->criteria[i];
        struct gate_action           a = { .criterion = i };

        if (!unmet(c))
            continue;
        a.then = c->flags & GATE_IMPOSSIBLE ? r->answer.provisional : verdict_with(r, cases, i);
        a.flips = goodness(a.then) > goodness(r->answer.provisional);
        a.enough = c->line.why == GATE_WHY_NONE && !(c->flags & GATE_IMPOSSIBLE);
        a.text = sentence(mem, c);
        insert(r, a);
    }
    return true;
}
