/* rules.c - the sentence of the rule that decided, with the criteria it hangs on. */
#include "phrases.h"

#define IN(state) (1u << (state))
#define UNDECIDED (IN(GATE_INSUFFICIENT) | IN(GATE_NO_DATA) | IN(GATE_UNSOUND) | IN(GATE_WAIVED))
#define UNMET                                                                                      \
    (IN(GATE_BORDERLINE) | IN(GATE_NOT_MET) | IN(GATE_INSUFFICIENT) | IN(GATE_NO_DATA) |           \
     IN(GATE_UNSOUND))

/* A list that grows in both languages, parted by a comma or a semicolon. */
struct list {
    struct gate_say         s;
    const struct gate_text *part;
    size_t                  n;
};

static void
list_init(struct list *l, struct arena *mem, const struct gate_text *part)
{
    gate_say_init(&l->s, mem);
    l->part = part;
    l->n = 0;
}

static void
list_add(struct list *l, struct gate_text t)
{
    if (l->n++)
        gate_say_add(&l->s, l->part, SAY_NOTHING);
    gate_say_add(&l->s, &(struct gate_text){ "{t}", "{t}" }, SAY_ARGS(SAY_T('t', t)));
}

static bool
stands_in(const struct gate_criterion *c, unsigned states)
{
    return states >> c->line.state & 1;
}

static void
list_lines(struct list *l, struct arena *mem, const struct gate_record *r, unsigned states,
           bool musts_only)
{
    for (size_t i = 0; i < r->criteria_n; i++)
        if (stands_in(&r->criteria[i], states) && (r->criteria[i].rule->must || !musts_only))
            list_add(l, gate_say_line(mem, &r->criteria[i]));
}

static void
list_names(struct list *l, const struct gate_record *r, unsigned states)
{
    for (size_t i = 0; i < r->criteria_n; i++)
        if (stands_in(&r->criteria[i], states))
            list_add(l, r->criteria[i].name);
}

static void
list_guards(struct list *l, struct arena *mem, const struct gate_record *r, bool stop_only)
{
    for (size_t i = 0; i < r->guards_n; i++)
        if (r->guards[i].state == GATE_GUARD_BREACHED && (r->guards[i].stop || !stop_only))
            list_add(l,
                     gate_say(mem, PHRASE(GUARD_BREACHED), SAY_ARGS(SAY_S('n', r->guards[i].id))));
}

/* "; waived: A, B", or nothing. */
static struct gate_text
waived(struct arena *mem, const struct gate_record *r)
{
    struct list l;

    list_init(&l, mem, PHRASE(COMMA));
    list_names(&l, r, IN(GATE_WAIVED));
    if (!l.n)
        return (struct gate_text){ "", "" };
    return gate_say(mem, PHRASE(AND_WAIVED), SAY_ARGS(SAY_T('l', gate_say_text(&l.s))));
}

/* --- rule by rule ------------------------------------------------------------------------ */

static struct gate_text
rule_0(struct arena *mem, const struct gate_record *r)
{
    const struct pilot *p = r->pilot;
    usec_t              freeze;

    switch (r->state) {
    case PILOT_DRAFT:
        return *PHRASE(RULE_0_DRAFT);
    case PILOT_SEALED:
        return gate_say(mem, PHRASE(RULE_0_SEALED), SAY_ARGS(SAY_D('d', p->start)));
    case PILOT_READOUT:
        freeze = time_day_start(p->zone, p->end + 1) + p->charter.late_grace_h * USEC_HOUR;
        return gate_say(mem, PHRASE(RULE_0_READOUT),
                        SAY_ARGS(SAY_D('d', time_local_day(p->zone, freeze))));
    case PILOT_RUNNING:
    case PILOT_FROZEN:
    case PILOT_ARCHIVED:
        break;
    }
    return gate_say(mem, PHRASE(RULE_0_RUNNING), SAY_ARGS(SAY_D('d', p->end)));
}

/* What the nine rules would say today stands behind rule 0. */
static struct gate_text
rule_0_today(struct arena *mem, const struct gate_record *r)
{
    static const enum gate_phrase words[GATE_VERDICT_COUNT] = {
        [GATE_GO] = GATE_SAY_VERDICT_GO,
        [GATE_GO_WITH_CONDITIONS] = GATE_SAY_VERDICT_CONDITIONS,
        [GATE_NO_GO] = GATE_SAY_VERDICT_NO_GO,
        [GATE_INCONCLUSIVE] = GATE_SAY_VERDICT_INCONCLUSIVE,
        [GATE_INVALID] = GATE_SAY_VERDICT_INVALID,
    };
    struct gate_say  s;
    struct gate_text now = rule_0(mem, r);

    if (r->state == PILOT_DRAFT || r->state == PILOT_SEALED)
        return now; /* today has no data yet */
    gate_say_init(&s, mem);
    gate_say_add(&s, &(struct gate_text){ "{t}", "{t}" }, SAY_ARGS(SAY_T('t', now)));
    gate_say_add(&s, PHRASE(RULE_0_TODAY),
                 SAY_ARGS(SAY_T('v', gate_phrases[words[r->answer.provisional]]),
                          SAY_T('r', gate_say_rule(mem, r, r->answer.provisional_rule, false))));
    return gate_say_text(&s);
}

static struct gate_text
rule_1(struct arena *mem, const struct gate_record *r)
{
    struct list l;

    list_init(&l, mem, PHRASE(SEMICOLON));
    for (size_t i = 0; i < r->problems_n; i++)
        list_add(&l, r->problems[i].text);
    return gate_say(mem, PHRASE(RULE_1), SAY_ARGS(SAY_T('l', gate_say_text(&l.s))));
}

static struct gate_text
rule_2(const struct gate_record *r)
{
    for (size_t i = 0; i < r->criteria_n; i++)
        if (r->criteria[i].line.state != GATE_OBSERVE)
            return *PHRASE(RULE_2_NO_MUST);
    return *PHRASE(RULE_2_EMPTY);
}

static struct gate_text
rule_3(struct arena *mem, const struct gate_record *r, bool early)
{
    struct list l;

    list_init(&l, mem, PHRASE(SEMICOLON));
    for (size_t i = 0; i < r->criteria_n; i++) {
        const struct gate_criterion *c = &r->criteria[i];

        if (!c->rule->must || stands_in(c, IN(GATE_OBSERVE) | IN(GATE_WAIVED)))
            continue;
        if (early && (c->flags & GATE_IMPOSSIBLE))
            list_add(&l, gate_say_impossible(mem, c));
        else if (stands_in(c, IN(GATE_NOT_MET)))
            list_add(&l, gate_say_line(mem, c));
    }
    list_guards(&l, mem, r, true);
    return gate_say(mem, PHRASE(RULE_3), SAY_ARGS(SAY_T('l', gate_say_text(&l.s))));
}

static struct gate_text
rule_4(struct arena *mem, const struct gate_record *r)
{
    struct list l;

    list_init(&l, mem, PHRASE(SEMICOLON));
    list_lines(&l, mem, r, UNDECIDED & ~IN(GATE_WAIVED), true);
    if (!l.n)
        return *PHRASE(RULE_4_WAIVED);
    return gate_say(mem, PHRASE(RULE_4), SAY_ARGS(SAY_T('l', gate_say_text(&l.s))));
}

static struct gate_text
rule_5(struct arena *mem, const struct gate_record *r)
{
    int64_t     mark = r->pilot->charter.min_coverage_e4;
    struct list l;

    if (!r->answer.coverage.num)
        return *PHRASE(RULE_5_NOTHING);
    list_init(&l, mem, PHRASE(COMMA));
    list_names(&l, r, UNDECIDED);
    return gate_say(mem, PHRASE(RULE_5),
                    SAY_ARGS(SAY_T('s', gate_say_share(mem, r->answer.coverage, mark)),
                             SAY_T('m', gate_say_mark(mem, mark)),
                             SAY_T('l', gate_say_text(&l.s))));
}

static struct gate_text
rule_6(struct arena *mem, const struct gate_record *r)
{
    struct list l;

    list_init(&l, mem, PHRASE(SEMICOLON));
    list_lines(&l, mem, r, IN(GATE_BORDERLINE), true);
    return gate_say(mem, PHRASE(RULE_6), SAY_ARGS(SAY_T('l', gate_say_text(&l.s))));
}

/* Rules 7 to 9 all speak of the score. */
static struct gate_text
by_score(struct arena *mem, const struct gate_record *r, int rule)
{
    const struct charter   *ch = &r->pilot->charter;
    const struct gate_text *p = rule == 7 ? PHRASE(RULE_7) : PHRASE(RULE_9);
    int64_t                 mark = rule == 9 ? ch->conditional_e4 : ch->go_e4;
    struct gate_share       score = r->answer.score;
    struct list             l;

    list_init(&l, mem, PHRASE(SEMICOLON));
    if (rule == 8 && (__int128)score.num * 10000 >= (__int128)mark * score.den) {
        list_guards(&l, mem, r, false); /* only a guardrail stood in the way of rule 7 */
        p = PHRASE(RULE_8_GUARD);
    } else {
        list_lines(&l, mem, r, UNMET, false);
        p = rule == 8 ? PHRASE(RULE_8) : p;
    }
    return gate_say(mem, p,
                    SAY_ARGS(SAY_T('s', gate_say_share(mem, score, mark)),
                             SAY_T('m', gate_say_mark(mem, mark)),
                             SAY_T('c', gate_say_mark(mem, ch->conditional_e4)),
                             SAY_T('l', gate_say_text(&l.s)), SAY_T('w', waived(mem, r))));
}

struct gate_text
gate_say_rule(struct arena *mem, const struct gate_record *r, int rule, bool early)
{
    switch (rule) {
    case 0:
        return rule_0_today(mem, r);
    case 1:
        return rule_1(mem, r);
    case 2:
        return rule_2(r);
    case 3:
        return rule_3(mem, r, early);
    case 4:
        return rule_4(mem, r);
    case 5:
        return rule_5(mem, r);
    case 6:
        return rule_6(mem, r);
    default:
        return by_score(mem, r, rule);
    }
}
