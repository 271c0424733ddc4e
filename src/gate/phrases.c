/* phrases.c - the table of phrases.h, and the sentence of one criterion. */
#include "phrases.h"

const struct gate_text gate_phrases[GATE_SAY_COUNT] = {
#define X(name, english, italian) [GATE_SAY_##name] = { english, italian },
    GATE_PHRASES(X)
#undef X
};

static struct gate_text
figures(struct arena *mem, const struct gate_criterion *c)
{
    const struct gate_text    *p = PHRASE(FIG_EVENTS);
    const struct gate_say_arg *args = SAY_ARGS(SAY_N('x', c->shown.num), SAY_N('y', c->shown.den));
    struct gate_text           f;

    if (c->band == KPI_HIDDEN)
        return *PHRASE(FIG_HIDDEN);
    if (c->unit == KPI_PEOPLE)
        p = c->people ? PHRASE(FIG_PEOPLE) : PHRASE(FIG_WEEKS);
    else if (c->unit == KPI_PERIODS)
        p = PHRASE(FIG_PERIODS);
    f = gate_say(mem, p, args);
    if (c->band == KPI_BAND_LOW)
        return gate_say(mem, PHRASE(AT_MOST), SAY_ARGS(SAY_T('f', f)));
    if (c->band == KPI_BAND_HIGH)
        return gate_say(mem, PHRASE(AT_LEAST), SAY_ARGS(SAY_T('f', f)));
    return f;
}

/* ", target 14": people or things where the figures are shown, else the share. */
static void
add_mark(struct gate_say *s, struct arena *mem, const struct gate_criterion *c,
         const struct charter_mark *m, const struct gate_text *ge, const struct gate_text *le)
{
    const struct gate_text   *p = m->side == CHARTER_AT_LEAST ? ge : le;
    const struct gate_say_arg goal = c->band == KPI_HIDDEN ? SAY_T('g', gate_say_mark(mem, m->e4))
                                                           : SAY_N('g', gate_goal(m, c->shown.den));

    gate_say_add(s, p, SAY_ARGS(goal));
}

static struct gate_text
counted(struct arena *mem, const struct gate_criterion *c)
{
    struct gate_say s;

    gate_say_init(&s, mem);
    gate_say_add(&s, &(struct gate_text){ "{f}", "{f}" }, SAY_ARGS(SAY_T('f', figures(mem, c))));
    if (c->rule->target.given)
        add_mark(&s, mem, c, &c->rule->target, PHRASE(TARGET), PHRASE(LIMIT));
    if (c->rule->floor.given && c->line.state == GATE_BORDERLINE)
        add_mark(&s, mem, c, &c->rule->floor, PHRASE(FLOOR), PHRASE(TOLERATED));
    return gate_say_text(&s);
}

static struct gate_text
weeks_met(struct arena *mem, const struct gate_criterion *c)
{
    return gate_say(mem, c->line.open > 0 ? PHRASE(SUSTAINED_OPEN) : PHRASE(SUSTAINED),
                    SAY_ARGS(SAY_N('x', c->line.met_weeks), SAY_N('y', c->rule->sustain_of),
                             SAY_N('p', c->rule->sustain_pass), SAY_N('o', c->line.open)));
}

static struct gate_text
too_few(struct arena *mem, const struct gate_criterion *c)
{
    const struct gate_text *p = PHRASE(WHY_FEW_EVENTS);

    if (c->min_n <= 1)
        return *PHRASE(WHY_NOTHING);
    if (c->window == KPI_PILOT && !c->line.den)
        return *PHRASE(WHY_NOBODY_YET);
    if (c->unit == KPI_PEOPLE)
        p = c->people ? PHRASE(WHY_FEW_PEOPLE) : PHRASE(WHY_FEW_WORK);
    else if (c->unit == KPI_PERIODS)
        p = PHRASE(WHY_FEW_PERIODS);
    return gate_say(mem, p, SAY_ARGS(SAY_N('y', c->min_n)));
}

struct gate_text
gate_say_reason(struct arena *mem, const struct gate_criterion *c)
{
    switch (c->line.why) {
    case GATE_WHY_NO_KPI:
        return gate_say(mem, PHRASE(WHY_NO_KPI), SAY_ARGS(SAY_S('k', c->rule->kpi)));
    case GATE_WHY_NO_TARGET:
        return *PHRASE(WHY_NO_TARGET);
    case GATE_WHY_DAMAGED:
        return *PHRASE(WHY_DAMAGED);
    case GATE_WHY_NO_WEEK:
        return *PHRASE(WHY_NO_WEEK);
    case GATE_WHY_FEW_WEEKS:
        return gate_say(mem, PHRASE(WHY_FEW_WEEKS),
                        SAY_ARGS(SAY_N('x', c->line.weeks), SAY_N('y', c->rule->min_weeks)));
    case GATE_WHY_FEW:
        return too_few(mem, c);
    case GATE_WHY_SILENT:
        return c->silent.en ? c->silent : *PHRASE(SILENT_QUIET);
    case GATE_WHY_OPEN_WEEKS:
        return weeks_met(mem, c);
    case GATE_WHY_NONE:
        break;
    }
    return c->sustained ? weeks_met(mem, c) : counted(mem, c);
}

struct gate_text
gate_say_line(struct arena *mem, const struct gate_criterion *c)
{
    static const enum gate_phrase of_state[GATE_STATE_COUNT] = {
        [GATE_MET] = GATE_SAY_LINE_MET,         [GATE_BORDERLINE] = GATE_SAY_LINE_BORDERLINE,
        [GATE_NOT_MET] = GATE_SAY_LINE_NOT_MET, [GATE_INSUFFICIENT] = GATE_SAY_LINE_INSUFFICIENT,
        [GATE_NO_DATA] = GATE_SAY_LINE_NO_DATA, [GATE_UNSOUND] = GATE_SAY_LINE_UNSOUND,
        [GATE_WAIVED] = GATE_SAY_LINE_WAIVED,   [GATE_OBSERVE] = GATE_SAY_LINE_OBSERVE,
    };

    return gate_say(mem, &gate_phrases[of_state[c->line.state]],
                    SAY_ARGS(SAY_T('n', c->name), SAY_T('r', c->reason)));
}

struct gate_text
gate_say_impossible(struct arena *mem, const struct gate_criterion *c)
{
    return gate_say(
        mem, PHRASE(LINE_IMPOSSIBLE),
        SAY_ARGS(SAY_T('n', c->name), SAY_T('r', c->reason), SAY_D('d', c->impossible_since)));
}

struct gate_text
gate_say_owner(const char *owner)
{
    return owner && *owner ? (struct gate_text){ owner, owner } : *PHRASE(NOT_NAMED);
}
