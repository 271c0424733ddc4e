/* pilot_state.c - what a pilot page says of where the pilot stands: each state has its own
 * answer, reasons and next step. */
#include "pilot_page.h"

static const struct page_arg none[] = { { 0 } };

/* --- head ------------------------------------------------------------------------- */

struct api_weeks
api_weeks(const struct pilot *p, enum pilot_state state, int32_t cut)
{
    int32_t          first = time_monday(p->start);
    struct api_weeks w = { .all = (time_monday(p->end) - first) / 7 + 1 };

    while (w.done < w.all && first + 7 * (w.done + 1) <= cut)
        w.done++;
    if (cut > p->end)
        w.done = w.all;
    w.begun = w.done;
    if (state == PILOT_RUNNING && w.begun < w.all)
        w.begun++; /* the week of today, although nothing of it may be counted */
    return w;
}

static void
fill_when(const struct api_filling *f)
{
    struct page        *o = f->o;
    const struct pilot *p = f->p;
    struct view_pilot  *v = f->v;
    struct api_weeks    w = api_weeks(p, f->r->state, f->r->cut);

    v->weeks = w.all;
    v->weeks_done = w.done;
    v->weeks_begun = w.begun;
    switch (f->r->state) {
    case PILOT_DRAFT:
        v->when = text_state_draft(o);
        break;
    case PILOT_SEALED:
        v->when = text_state_sealed(o, PAGE_DAY(p->start));
        break;
    case PILOT_RUNNING:
        v->when = text_state_running(o, v->weeks_begun, v->weeks, PAGE_DAY(p->end));
        break;
    case PILOT_READOUT:
        v->when = text_state_readout(o, PAGE_DAY(p->end));
        break;
    case PILOT_FROZEN:
        v->when = text_state_frozen(o, v->weeks, PAGE_DAY(p->end));
        break;
    case PILOT_ARCHIVED:
        v->when = text_state_archived(o, PAGE_DAY(p->end));
        break;
    }
}

/* What is received and not in the figures below. */
static const char *
notice(struct page *o, const struct gate_wait *w)
{
    if (w->stuck)
        return text_notice_stuck(o);
    if (w->days)
        return text_notice_days(o, w->days);
    return gate_waits(w) ? text_notice_backlog(o) : "";
}

bool
api_still_counting(const struct gate_record *r)
{
    return r->final && (r->wait.new_days || r->wait.events || r->wait.bytes || r->wait.stuck);
}

/* --- the answer --------------------------------------------------------------------- */

static int32_t
first_week_end(const struct pilot *p)
{
    int32_t monday = time_monday(p->start);

    return monday + (monday < p->start ? 13 : 6);
}

static int32_t
freeze_day(const struct pilot *p)
{
    return time_local_day(p->zone, time_day_start(p->zone, p->end + 1) +
                                       p->charter.late_grace_h * USEC_HOUR);
}

/* Nobody may seal it any more but as a replay. */
static bool
is_late_draft(const struct api_filling *f)
{
    return time_local_day(f->p->zone, f->now) > f->p->start;
}

static void
answer_before(const struct api_filling *f)
{
    struct page        *o = f->o;
    const struct pilot *p = f->p;
    struct view_pilot  *v = f->v;

    v->eyebrow = text_eyebrow_before(o);
    v->provisional = "";
    if (f->r->state == PILOT_SEALED) {
        v->verdict = text_verdict_sealed(o, PAGE_DAY(p->start));
        v->rule = f->r->problems_n ? api_say(o, &f->r->provisional_rule) : text_rule_sealed(o);
        return;
    }
    v->verdict = text_verdict_draft(o);
    v->rule = is_late_draft(f) ? text_rule_draft_late(o, PAGE_DAY(p->start))
                               : text_rule_draft(o, PAGE_DAY(p->start));
}

/* Rule 0: what today's data would give, and by which rule. */
static void
answer_open(const struct api_filling *f)
{
    static const enum lang_key provisional[] = {
        [GATE_GO] = LANG_provisional_go,
        [GATE_GO_WITH_CONDITIONS] = LANG_provisional_go_with_conditions,
        [GATE_NO_GO] = LANG_provisional_no_go,
        [GATE_INCONCLUSIVE] = LANG_provisional_inconclusive,
        [GATE_INVALID] = LANG_provisional_invalid,
    };
    const struct gate_record *r = f->r;
    struct page              *o = f->o;
    struct view_pilot        *v = f->v;
    const char               *today = page_text_of(o, provisional[r->answer.provisional], none);

    v->eyebrow = text_eyebrow_today(o);
    if (r->answer.rule) { /* an early no */
        v->verdict = text_verdict_no_go_early(o);
        v->tone = VIEW_BAD;
        v->rule = api_say(o, &r->rule);
        v->provisional = r->answer.provisional == GATE_NO_GO ? "" : today;
        return;
    }
    v->verdict = r->state == PILOT_READOUT    ? text_verdict_readout(o)
                 : r->state == PILOT_ARCHIVED ? text_verdict_archived(o)
                                              : text_verdict_running(o);
    v->rule = today;
    v->provisional = api_say(o, &r->provisional_rule);
    if (r->state == PILOT_READOUT) {
        const char *both = arena_printf(o->s.mem, "%s %s",
                                        text_rule_readout(o, PAGE_DAY(freeze_day(f->p))), today);
        v->rule = both ? both : today;
    }
    if (!r->problems_n && r->cut <= first_week_end(f->p)) {
        v->rule = text_rule_no_week(o, PAGE_DAY(first_week_end(f->p)));
        v->provisional = "";
    }
}

static void
answer_final(const struct api_filling *f)
{
    static const struct {
        enum lang_key  key;
        enum view_tone tone;
    } verdict[] = {
        [GATE_GO] = { LANG_verdict_go, VIEW_GOOD },
        [GATE_GO_WITH_CONDITIONS] = { LANG_verdict_go_with_conditions, VIEW_WARN },
        [GATE_NO_GO] = { LANG_verdict_no_go, VIEW_BAD },
        [GATE_INCONCLUSIVE] = { LANG_verdict_inconclusive, VIEW_WARN },
        [GATE_INVALID] = { LANG_verdict_invalid, VIEW_NONE },
    };
    struct view_pilot *v = f->v;
    enum gate_verdict  is = f->r->answer.verdict;

    v->eyebrow = text_eyebrow_final(f->o);
    v->provisional = "";
    if (api_still_counting(f->r)) {
        v->verdict = text_verdict_counting(f->o);
        v->rule = "";
        return;
    }
    v->verdict = page_text_of(f->o, verdict[is].key, none);
    v->tone = verdict[is].tone;
    v->rule = api_say(f->o, &f->r->rule);
}

/* --- what holds it back, what to do next ---------------------------------------------- */

static void
add_hold(struct view_pilot *v, const char *title, const char *text)
{
    v->holds[v->holds_n++] = (struct view_item){ title, text };
}

static bool
holds_back(enum gate_state s)
{
    return s != GATE_MET && s != GATE_OBSERVE && s != GATE_WAIVED;
}

static void
fill_holds(const struct api_filling *f, bool over)
{
    const struct gate_record *r = f->r;
    struct view_pilot        *v = f->v;
    struct page              *o = f->o;

    v->holds_title = over ? text_holds_then(o) : text_holds_now(o);
    v->holds_none = api_not_begun(r) ? text_holds_not_begun(o) : text_holds_nothing(o);
    if (r->state == PILOT_DRAFT) {
        add_hold(v, text_holds_charter(o), text_holds_unsealed(o));
        return;
    }
    for (size_t i = 0; i < r->problems_n; i++)
        add_hold(v, text_holds_evidence(o), api_say(o, &r->problems[i].text));
    for (size_t i = 0; i < r->criteria_n && !api_not_begun(r); i++)
        if (holds_back(r->criteria[i].line.state))
            add_hold(v, api_say(o, &r->criteria[i].name), api_say(o, &r->criteria[i].reason));
    if (!v->holds_n && !api_not_begun(r) && r->answer.provisional != GATE_GO)
        add_hold(v, text_holds_rule(o), api_say(o, &r->provisional_rule));
}

static void
next_before(const struct api_filling *f)
{
    struct page       *o = f->o;
    struct view_pilot *v = f->v;
    const char        *code = f->p->code;

    v->next_n = 1;
    v->next[0] = (struct view_item){ text_next_sources(o), "" };
    if (f->r->state == PILOT_SEALED)
        return;
    if (is_late_draft(f))
        v->next[0] =
            (struct view_item){ text_next_seal_late(o, code), text_next_seal_replay(o, code) };
    else
        v->next[0].title = text_next_seal(o, PAGE_DAY(f->p->start), code);
}

/* No advice is a good sign only beside a go: without one, what is wrong has no remedy. */
static const char *
nothing_to_do(const struct api_filling *f, bool over)
{
    const struct gate_record *r = f->r;
    struct page              *o = f->o;

    if (api_still_counting(r))
        return text_next_wait(o);
    if (r->answer.provisional != GATE_GO)
        return text_next_no_remedy(o);
    return r->final ? text_next_nothing(o) : over ? text_next_wait(o) : text_next_go_on(o);
}

/* Is there advice, and all of it about what can no longer be done? */
static bool
all_late(const struct gate_record *r)
{
    for (size_t i = 0; i < r->actions_n; i++)
        if (!r->actions[i].late)
            return false;
    return r->actions_n > 0;
}

static void
fill_next(const struct api_filling *f, bool over)
{
    const struct gate_record *r = f->r;
    struct view_pilot        *v = f->v;
    struct page              *o = f->o;

    v->next_title = all_late(r) ? text_next_then(o) : text_next_title(o);
    v->next_none = nothing_to_do(f, over);
    if (api_not_begun(r)) {
        next_before(f);
        return;
    }
    for (size_t i = 0; i < r->actions_n; i++) {
        const struct gate_action *a = &r->actions[i];
        bool                      alone = a->flips && a->enough;

        v->next[v->next_n++] =
            (struct view_item){ api_say(o, &a->text), !alone    ? ""
                                                      : a->late ? text_next_flips_then(o)
                                                                : text_next_flips(o) };
    }
}

bool
api_fill_state(struct api_filling *f, struct err *e)
{
    const struct gate_record *r = f->r;
    struct view_pilot        *v = f->v;
    bool                      over = r->cut > f->p->end;

    v->holds = arena_new(f->o->s.mem, struct view_item, r->criteria_n + r->problems_n + 1);
    v->next = arena_new(f->o->s.mem, struct view_item, r->actions_n + 1);
    if (!v->holds || !v->next)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    v->tone = VIEW_NONE;
    v->notice = notice(f->o, &r->wait);
    fill_when(f);
    if (api_not_begun(r))
        answer_before(f);
    else if (r->final)
        answer_final(f);
    else
        answer_open(f);
    fill_holds(f, over);
    fill_next(f, over);
    return true;
}
