/* pilot_cards.c - the criteria on a pilot page: a card each, and how many stand where. */
#include "pilot_page.h"

#include <string.h>

#define NOTHING "\xe2\x80\x93" /* no figure yet */

/* How each state of a criterion looks. */
static const struct {
    enum view_tone tone;
    enum lang_key  word, sum;
} states[] = {
    [GATE_MET] = { VIEW_GOOD, LANG_crit_met, LANG_sum_met },
    [GATE_BORDERLINE] = { VIEW_WARN, LANG_crit_borderline, LANG_sum_borderline },
    [GATE_NOT_MET] = { VIEW_BAD, LANG_crit_not_met, LANG_sum_not_met },
    [GATE_INSUFFICIENT] = { VIEW_NONE, LANG_crit_insufficient, LANG_sum_insufficient },
    [GATE_NO_DATA] = { VIEW_NONE, LANG_crit_no_data, LANG_sum_no_data },
    [GATE_UNSOUND] = { VIEW_NONE, LANG_crit_invalid, LANG_sum_unsound },
    [GATE_WAIVED] = { VIEW_NONE, LANG_crit_waived, LANG_sum_waived },
    [GATE_OBSERVE] = { VIEW_NONE, LANG_crit_observe, LANG_sum_observe },
};

/* "4 met", "1 not met": one line per state that occurs, the heaviest news first. */
static void
fill_sums(struct api_filling *f)
{
    static const enum gate_state order[] = { GATE_NOT_MET, GATE_BORDERLINE,   GATE_UNSOUND,
                                             GATE_NO_DATA, GATE_INSUFFICIENT, GATE_MET,
                                             GATE_WAIVED,  GATE_OBSERVE };

    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        int64_t count = 0;

        for (size_t i = 0; i < f->r->criteria_n; i++)
            count += f->r->criteria[i].line.state == order[k];
        if (!count)
            continue;
        const struct page_arg args[] = { PAGE_ARG(count), { 0 } };
        f->v->sums[f->v->sums_n++] =
            (struct view_tagged){ states[order[k]].tone,
                                  page_text_of(f->o, states[order[k]].sum, args) };
    }
}

/* --- cards ----------------------------------------------------------------------------- */

static const char *
card_value(struct page *o, const struct gate_criterion *c)
{
    int64_t num = c->shown.num, den = c->shown.den;

    if (c->band == KPI_HIDDEN)
        return text_hidden(o);
    if (c->line.state == GATE_NO_DATA || (!c->shown.den && !c->shown.num))
        return NOTHING;
    if (c->band == KPI_BAND_LOW)
        return text_band_low(o, num, den);
    if (c->band == KPI_BAND_HIGH)
        return text_band_high(o, num, den);
    return c->people ? text_people_of(o, num, den) : text_things_of(o, num, den);
}

/* Counts first: "target 14"; a share where the count would say nothing to a person. */
static const char *
card_target(struct page *o, const struct gate_criterion *c)
{
    const struct charter_mark *m = &c->rule->target;
    bool                       least = m->side == CHARTER_AT_LEAST;

    if (!m->given)
        return "";
    if (c->unit == KPI_PEOPLE && c->band != KPI_HIDDEN && c->shown.den > 0) {
        int64_t goal = gate_goal(m, c->shown.den);

        return least ? text_target_at_least(o, goal) : text_target_at_most(o, goal);
    }
    const char *share = page_percent(o, m->e4, 10000);
    return least ? text_target_share_at_least(o, share) : text_target_share_at_most(o, share);
}

/* Over which weeks, and what was counted. */
static const char *
card_detail(struct page *o, const struct gate_criterion *c)
{
    struct err   ignored;
    const cJSON *params = NULL;
    int64_t      weeks = c->line.weeks, m = 0;

    if (c->band == KPI_HIDDEN)
        return text_detail_hidden(o);
    if (c->params && !json_parse(o->s.mem, c->params, strlen(c->params), &params, &ignored))
        params = NULL;
    if (c->window == KPI_COHORT && json_int(params, "week", &m))
        return text_detail_retention(o, m);
    if (c->window == KPI_PILOT && json_int(params, "min_active", &m) &&
        json_int(params, "weeks", &weeks))
        return text_detail_sustained(o, m, weeks);
    if (!weeks)
        weeks = c->rule->weeks; /* none has passed: those that will count */
    if (!weeks)
        return text_detail_every_week(o);
    if (c->rule->weeks && weeks == 1)
        return text_detail_last_week(o);
    if (!c->rule->weeks)
        return text_detail_all_weeks(o, weeks);
    return c->unit == KPI_PEOPLE ? text_detail_weeks(o, weeks) : text_detail_weeks_things(o, weeks);
}

static const char *
card_state(struct page *o, const struct gate_criterion *c, bool begun)
{
    static const struct page_arg none[] = { { 0 } };
    const char                  *word =
        begun ? page_text_of(o, states[c->line.state].word, none) : text_crit_later(o);
    const char *flag = NULL, *both;

    if (c->flags & GATE_SECURED)
        flag = text_crit_secured(o);
    else if (c->flags & GATE_IMPOSSIBLE)
        flag = text_crit_impossible(o);
    if (c->rule->must && !flag)
        flag = text_crit_must(o);
    both = flag ? arena_printf(o->s.mem, "%s \xc2\xb7 %s", word, flag) : word;
    return both ? both : word;
}

bool
api_fill_criteria(struct api_filling *f, struct err *e)
{
    const struct gate_record *r = f->r;
    struct view_pilot        *v = f->v;
    bool                      begun = !api_not_begun(r);

    v->cards = arena_new(f->o->s.mem, struct view_card, r->criteria_n);
    v->sums = arena_new(f->o->s.mem, struct view_tagged, GATE_STATE_COUNT);
    if (!v->cards || !v->sums)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    if (begun)
        fill_sums(f);
    for (size_t i = 0; i < r->criteria_n; i++) {
        const struct gate_criterion *c = &r->criteria[i];

        v->cards[v->cards_n++] = (struct view_card){
            .title = api_say(f->o, &c->name),
            .value = begun ? card_value(f->o, c) : NOTHING,
            .target = card_target(f->o, c),
            .detail = begun ? card_detail(f->o, c) : "",
            .state = card_state(f->o, c, begun),
            .tone = begun ? states[c->line.state].tone : VIEW_NONE,
        };
    }
    return true;
}
