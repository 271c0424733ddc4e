/* plan.c - what would change the verdict: for broken evidence and for each unmet criterion who
 * does what, ranked by deciding again with that one mended or met. */
#include "phrases.h"

#include "collaudo/json.h"

#include <string.h>

bool
gate_is_over(const struct gate_record *r)
{
    return r->cut > r->pilot->end;
}

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
    const struct gate_text *of_source[2]; /* where one source weighs most: in time, and late */
} remedies[] = {
    { "sustained_users", more_sustained, { NULL } },
    { "retention", more_retained, { NULL } },
    { "duplicate_events", any_thing, { PHRASE(DO_REPEATS), PHRASE(LATE_REPEATS) } },
    { "quarantine_rate", any_thing, { PHRASE(DO_QUARANTINE), PHRASE(LATE_QUARANTINE) } },
    { "source_coverage", any_thing, { PHRASE(DO_COVERAGE), PHRASE(LATE_COVERAGE) } },
};

/* What is to be done, and who can do it. */
struct advice {
    struct gate_text what;
    const char      *owner; /* "": nobody is named, or `what` names them itself */
};

static struct advice
by_owner(const struct gate_criterion *c, struct gate_text what)
{
    return (struct advice){ what, c->rule->owner ? c->rule->owner : "" };
}

/* One source weighs most: its owner can mend it, the criterion's only where it has none. */
static struct advice
by_source(struct arena *mem, const struct gate_criterion *c, const struct remedy *m, bool late)
{
    const struct gate_text *p = m->of_source[late];
    struct advice           a = by_owner(c, (struct gate_text){ 0 });

    if (c->worst_why)
        p = late ? PHRASE(LATE_MAPPING) : PHRASE(DO_MAPPING);
    a.what = gate_say(
        mem, p, SAY_ARGS(SAY_S('c', c->worst->code), SAY_S('k', c->worst_why ? c->worst_why : "")));
    if (*c->worst->owner)
        a.owner = c->worst->owner;
    return a;
}

static struct advice
mend(struct arena *mem, const struct gate_criterion *c, bool late)
{
    if (c->sustained)
        return by_owner(c, gate_say(mem, PHRASE(DO_PASS),
                                    SAY_ARGS(SAY_N('k', c->rule->sustain_pass - c->line.met_weeks),
                                             SAY_T('m', gate_say_mark(mem, c->rule->target.e4)))));
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
        const struct remedy *m = &remedies[i];

        if (strcmp(m->kpi, c->rule->kpi) != 0)
            continue;
        if (m->of_source[late] && c->worst)
            return by_source(mem, c, m, late);
        return by_owner(c, m->say(mem, c));
    }
    return by_owner(c, c->unit == KPI_PEOPLE ? any_people(mem, c) : any_thing(mem, c));
}

/* Too little was counted to judge by. */
static struct gate_text
count_more(struct arena *mem, const struct gate_criterion *c, bool late)
{
    const struct gate_text *p = PHRASE(DO_COUNT);

    if (c->window == KPI_PILOT && !c->line.den)
        return late ? *PHRASE(LATE_KEEP_ON) : *PHRASE(DO_KEEP_ON);
    if (c->unit == KPI_EVENTS && !c->line.den && !late)
        return *PHRASE(DO_ARRIVE);
    if (c->unit == KPI_EVENTS) /* a limit asks for no case of what it limits */
        p = PHRASE(DO_EVENTS);
    else if (c->unit == KPI_PEOPLE && c->people && c->min_n > 1)
        p = PHRASE(DO_TAKE_PART);
    return gate_say(mem, p, SAY_ARGS(SAY_N('y', c->min_n)));
}

static struct gate_text
wait_weeks(struct arena *mem, int64_t weeks)
{
    return gate_say(mem, PHRASE(DO_WAIT), SAY_ARGS(SAY_N('k', weeks > 1 ? weeks : 1)));
}

/* The reason lists the silent sources, each with its owner. */
static struct advice
connect(struct arena *mem, const struct gate_criterion *c, bool late)
{
    struct advice a = by_owner(c, gate_say(mem, late ? PHRASE(LATE_CONNECT) : PHRASE(DO_CONNECT),
                                           SAY_ARGS(SAY_T('r', c->reason))));

    if (c->silent_owned)
        a.owner = "";
    return a;
}

static struct advice
remedy(struct arena *mem, const struct gate_criterion *c, bool late)
{
    switch (c->line.why) {
    case GATE_WHY_NO_KPI:
    case GATE_WHY_NO_TARGET:
        return by_owner(c, gate_say(mem, late ? PHRASE(LATE_AMEND) : PHRASE(DO_AMEND),
                                    SAY_ARGS(SAY_T('r', c->reason))));
    case GATE_WHY_DAMAGED:
        return by_owner(c, late ? *PHRASE(LATE_LOOK) : *PHRASE(DO_LOOK));
    case GATE_WHY_NO_WEEK:
        return by_owner(c, wait_weeks(mem, c->rule->min_weeks));
    case GATE_WHY_FEW_WEEKS:
        return by_owner(c, wait_weeks(mem, c->rule->min_weeks - c->line.weeks));
    case GATE_WHY_FEW:
        return by_owner(c, count_more(mem, c, late));
    case GATE_WHY_OPEN_WEEKS:
        return by_owner(c, late ? *PHRASE(LATE_KEEP_ON) : *PHRASE(DO_KEEP_ON));
    case GATE_WHY_SILENT:
        return connect(mem, c, late);
    case GATE_WHY_NONE:
        break;
    }
    if (c->flags & GATE_IMPOSSIBLE && !late)
        return by_owner(c, *PHRASE(DO_TOO_LATE));
    return mend(mem, c, late);
}

static struct gate_text
sentence(struct arena *mem, const struct gate_criterion *c, bool late)
{
    struct advice a = remedy(mem, c, late);

    if (!*a.owner)
        return gate_say(mem, PHRASE(DO_LINE), SAY_ARGS(SAY_T('n', c->name), SAY_T('w', a.what)));
    return gate_say(mem, PHRASE(DO_LINE_OWNER),
                    SAY_ARGS(SAY_T('n', c->name), SAY_T('w', a.what), SAY_S('m', a.owner)));
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

/* Broken evidence is rule 1: what mends it comes before all that is about criteria. */
static void
insert(struct gate_record *r, struct gate_action a)
{
    size_t at = r->actions_n++;

    while (at > r->problems_n && comes_first(r, &a, &r->actions[at - 1])) {
        r->actions[at] = r->actions[at - 1];
        at--;
    }
    r->actions[at] = a;
}

static void
plan_evidence(struct gate_record *r, struct gate_case *cases, struct arena *mem)
{
    struct gate_question q = gate_question_of(r, cases);

    q.broken = r->problems_n > 1;
    q.final = true;
    for (size_t i = 0; i < r->problems_n; i++) {
        struct gate_action a = { .criterion = GATE_NO_CRITERION, .late = r->problems[i].late };

        a.then = gate_decide(&q).verdict;
        a.flips = goodness(a.then) > goodness(r->answer.provisional);
        a.text = gate_say(mem, PHRASE(DO_LINE),
                          SAY_ARGS(SAY_T('n', *PHRASE(EVIDENCE)), SAY_T('w', r->problems[i].mend)));
        r->actions[r->actions_n++] = a;
    }
}

bool
gate_plan(struct gate_record *r, struct arena *mem, struct err *e)
{
    struct gate_case *cases = arena_new(mem, struct gate_case, r->criteria_n);
    bool              late = gate_is_over(r);

    r->actions = arena_new(mem, struct gate_action, r->problems_n + r->criteria_n);
    r->actions_n = 0;
    if (!cases || !r->actions)
        return err_set(e, ERR_NOMEM, "no memory for the plan of %zu criteria", r->criteria_n);
    plan_evidence(r, cases, mem);
    for (size_t i = 0; i < r->criteria_n; i++) {
        const struct gate_criterion *c = &r->criteria[i];
        struct gate_action           a = { .criterion = i, .late = late };
        bool                         lost = c->flags & GATE_IMPOSSIBLE && !late;

        if (!unmet(c))
            continue;
        a.then = lost ? r->answer.provisional : verdict_with(r, cases, i);
        a.flips = goodness(a.then) > goodness(r->answer.provisional);
        a.enough = c->line.why == GATE_WHY_NONE && !lost;
        a.text = sentence(mem, c, late);
        insert(r, a);
    }
    return true;
}
