/* pilot_page.c - GET /pilots/{id}: the answer, what holds it back, the evidence. */
#include "figures.h"

#include "collaudo/gate.h"

#include <string.h>

/* One page being filled. */
struct filling {
    struct db                *db;
    const struct pilot       *p;
    usec_t                    as_of;
    struct page              *o;
    const struct gate_record *r;
    struct view_pilot        *v;
};

static const char *
say(const struct page *o, const struct gate_text *t)
{
    const char *s = o->lang == PAGE_IT ? t->it : t->en;

    return s ? s : "";
}

/* --- head -------------------------------------------------------------------------- */

static void
fill_when(struct filling *f)
{
    struct page        *o = f->o;
    const struct pilot *p = f->p;
    struct view_pilot  *v = f->v;
    int32_t             first = time_monday(p->start), cut = f->r->cut;

    v->weeks = (time_monday(p->end) - first) / 7 + 1;
    while (v->weeks_done < v->weeks && first + 7 * (v->weeks_done + 1) <= cut)
        v->weeks_done++;
    if (cut > p->end)
        v->weeks_done = v->weeks;
    v->weeks_begun = v->weeks_done + (v->weeks_done < v->weeks && first + 7 * v->weeks_done < cut);
    switch (f->r->state) {
    case PILOT_DRAFT:
        v->when = text_state_draft(o);
        break;
    case PILOT_SEALED:
        v->when = text_state_sealed(o, PAGE_DAY(p->start));
        break;
    case PILOT_RUNNING:
        v->when = text_state_running(o, v->weeks_begun ? v->weeks_begun : 1, v->weeks,
                                     PAGE_DAY(p->end));
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

/* --- the answer ---------------------------------------------------------------------- */

static enum view_tone
tone_of_verdict(enum gate_verdict v)
{
    static const enum view_tone tone[] = { [GATE_GO] = VIEW_GOOD,
                                           [GATE_GO_WITH_CONDITIONS] = VIEW_WARN,
                                           [GATE_NO_GO] = VIEW_BAD,
                                           [GATE_INCONCLUSIVE] = VIEW_WARN,
                                           [GATE_INVALID] = VIEW_NONE };

    return tone[v];
}

static void
fill_answer(struct filling *f)
{
    static const enum lang_key verdict[] = {
        [GATE_GO] = LANG_verdict_go,
        [GATE_GO_WITH_CONDITIONS] = LANG_verdict_go_with_conditions,
        [GATE_NO_GO] = LANG_verdict_no_go,
        [GATE_INCONCLUSIVE] = LANG_verdict_inconclusive,
        [GATE_INVALID] = LANG_verdict_invalid,
    };
    static const enum lang_key provisional[] = {
        [GATE_GO] = LANG_provisional_go,
        [GATE_GO_WITH_CONDITIONS] = LANG_provisional_go_with_conditions,
        [GATE_NO_GO] = LANG_provisional_no_go,
        [GATE_INCONCLUSIVE] = LANG_provisional_inconclusive,
        [GATE_INVALID] = LANG_provisional_invalid,
    };
    static const struct page_arg none[] = { { 0 } };
    const struct gate_record    *r = f->r;
    const struct gate_answer    *a = &r->answer;
    struct page                 *o = f->o;
    enum lang_key                key = verdict[a->verdict];

    if (a->rule == 0)
        key = LANG_verdict_running;
    else if (!r->final && a->verdict == GATE_NO_GO)
        key = LANG_verdict_no_go_early;
    f->v->tone = a->rule == 0 ? VIEW_NONE : tone_of_verdict(a->verdict);
    f->v->eyebrow = r->final ? text_eyebrow_final(o) : text_eyebrow_today(o);
    f->v->verdict = page_text_of(o, key, none);
    f->v->rule = say(o, &r->rule);
    f->v->provisional = r->final || a->rule == 0
                            ? "" /* the rule says it */
                            : page_text_of(o, provisional[a->provisional], none);
}

/* How each state of a criterion looks. */
static const struct {
    enum view_tone tone;
    enum lang_key  word, sum;
} states[] = {
    [GATE_MET] = { VIEW_GOOD, LANG_crit_met, LANG_sum_met },
    [GATE_BORDERLINE] = { VIEW_WARN, LANG_crit_borderline, LANG_sum_borderline },
    [GATE_NOT_MET] = { VIEW_BAD, LANG_crit_not_met, LANG_sum_not_met },
    [GATE_INSUFFICIENT] = { VIEW_NONE, LANG_crit_insufficient, LANG_sum_open },
    [GATE_NO_DATA] = { VIEW_NONE, LANG_crit_no_data, LANG_sum_open },
    [GATE_UNSOUND] = { VIEW_NONE, LANG_crit_invalid, LANG_sum_open },
    [GATE_WAIVED] = { VIEW_NONE, LANG_crit_waived, LANG_sum_open },
    [GATE_OBSERVE] = { VIEW_NONE, LANG_crit_observe, LANG_sum_observe },
};

/* "4 met", "1 not met": one line per way of counting that occurs. */
static bool
fill_sums(struct filling *f, struct err *e)
{
    static const enum lang_key order[] = { LANG_sum_not_met, LANG_sum_borderline, LANG_sum_open,
                                           LANG_sum_met, LANG_sum_observe };
    size_t                     n = sizeof order / sizeof *order;

    f->v->sums = arena_new(f->o->s.mem, struct view_tagged, n);
    if (!f->v->sums)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    for (size_t k = 0; k < n; k++) {
        enum view_tone tone = VIEW_NONE;
        int64_t        count = 0;

        for (size_t i = 0; i < f->r->criteria_n; i++) {
            enum gate_state s = f->r->criteria[i].line.state;

            if (states[s].sum == order[k]) {
                count++;
                tone = states[s].tone;
            }
        }
        if (!count)
            continue;
        const struct page_arg args[] = { PAGE_ARG(count), { 0 } };
        f->v->sums[f->v->sums_n++] =
            (struct view_tagged){ tone, page_text_of(f->o, order[k], args) };
    }
    return true;
}

/* --- criteria ----------------------------------------------------------------------------- */

static const char *
card_value(struct page *o, const struct gate_criterion *c)
{
    int64_t num = c->shown.num, den = c->shown.den;

    if (c->band == KPI_HIDDEN)
        return text_hidden(o);
    if (c->line.state == GATE_NO_DATA || (!c->shown.den && !c->shown.num))
        return "\xe2\x80\x93";
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
    if (!c->rule->weeks)
        return text_detail_all_weeks(o, weeks);
    return c->unit == KPI_PEOPLE ? text_detail_weeks(o, weeks) : text_detail_weeks_things(o, weeks);
}

static const char *
card_state(struct page *o, const struct gate_criterion *c)
{
    static const struct page_arg none[] = { { 0 } };
    const char                  *word = page_text_of(o, states[c->line.state].word, none);
    const char                  *flag = NULL, *both;

    if (c->flags & GATE_SECURED)
        flag = text_crit_secured(o);
    else if (c->flags & GATE_IMPOSSIBLE)
        flag = text_crit_impossible(o);
    if (c->rule->must && !flag)
        flag = text_crit_must(o);
    both = flag ? arena_printf(o->s.mem, "%s \xc2\xb7 %s", word, flag) : word;
    return both ? both : word;
}

static bool
fill_cards(struct filling *f, struct err *e)
{
    const struct gate_record *r = f->r;
    struct view_pilot        *v = f->v;

    v->cards = arena_new(f->o->s.mem, struct view_card, r->criteria_n);
    v->holds = arena_new(f->o->s.mem, struct view_item, r->criteria_n + r->problems_n);
    v->next = arena_new(f->o->s.mem, struct view_item, r->actions_n);
    if (!v->cards || !v->holds || !v->next)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    for (size_t i = 0; i < r->problems_n; i++)
        v->holds[v->holds_n++] =
            (struct view_item){ text_crit_invalid(f->o), say(f->o, &r->problems[i]) };
    for (size_t i = 0; i < r->criteria_n; i++) {
        const struct gate_criterion *c = &r->criteria[i];

        v->cards[v->cards_n++] = (struct view_card){
            .title = say(f->o, &c->name),
            .value = card_value(f->o, c),
            .target = card_target(f->o, c),
            .detail = card_detail(f->o, c),
            .state = card_state(f->o, c),
            .tone = states[c->line.state].tone,
        };
        if (c->line.state != GATE_MET && c->line.state != GATE_OBSERVE)
            v->holds[v->holds_n++] =
                (struct view_item){ say(f->o, &c->name), say(f->o, &c->reason) };
    }
    for (size_t i = 0; i < r->actions_n; i++) {
        const struct gate_action *a = &r->actions[i];

        v->next[v->next_n++] =
            (struct view_item){ say(f->o, &a->text), a->flips ? text_next_flips(f->o) : "" };
    }
    return true;
}

/* --- the weekly chart and its table --------------------------------------------------------- */

static bool
fill_rows(struct filling *f, const struct kpi_point *points, size_t n, struct err *e)
{
    struct page       *o = f->o;
    struct view_pilot *v = f->v;

    v->rows = arena_new(o->s.mem, struct view_row, n);
    if (!v->rows)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    for (size_t i = 0; i < n; i++) {
        const struct kpi_point *p = &points[i];
        const char             *day = page_date(o, p->bucket);
        bool                    over = f->r->cut > f->p->end;
        struct view_row         row = { .week = p->complete ? day
                                                : over      ? text_table_part(o, day)
                                                            : text_table_so_far(o, day),
                                        .num = "",
                                        .den = "",
                                        .share = "" };

        if (p->no_data) {
            row.num = text_table_no_data(o);
        } else if (p->band != KPI_EXACT) {
            row.num = text_table_hidden(o);
        } else {
            row.num = page_number(o, p->num);
            row.den = page_number(o, p->den);
            row.share = page_percent(o, p->num, p->den);
        }
        v->rows[v->rows_n++] = row;
    }
    return true;
}

static bool
fill_chart(struct filling *f, struct err *e)
{
    struct page            *o = f->o;
    struct view_pilot      *v = f->v;
    struct chart            c;
    const struct kpi_point *points;
    size_t                  n, svg_n;
    struct chart_look       look = { .lang = o->lang == PAGE_IT ? CHART_IT : CHART_EN,
                                     .inlined = true,
                                     .width = CHART_PAGE_WIDTH,
                                     .id = "w",
                                     .css = "wide" };

    if (!api_weekly_chart(f->db, f->p, f->as_of, o, &c, &points, &n, e) ||
        !chart_svg(&c, &look, o->s.mem, &v->chart_wide, &svg_n, e))
        return false;
    look.width = CHART_PHONE_WIDTH;
    look.id = "n";
    look.css = "narrow";
    if (!chart_svg(&c, &look, o->s.mem, &v->chart_narrow, &svg_n, e))
        return false;
    v->chart_title = c.title;
    v->chart_subtitle = c.subtitle;
    v->chart_source = c.source;
    return fill_rows(f, points, n, e);
}

/* --- coverage and quarantine in one line ------------------------------------------- */

static bool
sum_line(struct filling *f, const char *kpi, struct gate_share *ret, struct err *e)
{
    struct kpi_point *points;
    size_t            n;

    if (!api_line(f->db, f->p, kpi, f->as_of, f->o->s.mem, &points, &n, e))
        return false;
    *ret = (struct gate_share){ 0, 0 };
    for (size_t i = 0; i < n; i++) {
        ret->num += points[i].num;
        ret->den += points[i].den;
    }
    return true;
}

static bool
fill_data_line(struct filling *f, struct err *e)
{
    struct gate_share coverage, quarantine, repeats;

    if (!sum_line(f, "source_coverage", &coverage, e) ||
        !sum_line(f, "quarantine_rate", &quarantine, e) ||
        !sum_line(f, "duplicate_events", &repeats, e))
        return false;
    f->v->data_line = quarantine.den
                          ? text_data_line(f->o, coverage.num, coverage.den,
                                           page_percent(f->o, coverage.num, coverage.den),
                                           quarantine.num, quarantine.den, repeats.num)
                          : text_data_line_none(f->o);
    return true;
}

/* --- the handler ------------------------------------------------------------------- */

/* What is read beside the verdict, in one snapshot of its own. */
static bool
fill_figures(struct filling *f, struct err *e)
{
    struct api_roster roster;

    if (!db_begin_read(f->db, f->p->workspace, e) ||
        !api_roster(f->db, f->p, f->o->s.mem, &roster, e) || !fill_chart(f, e) ||
        !fill_data_line(f, e))
        return false;
    f->v->people = roster.people;
    f->v->teams = roster.cells ? roster.cells : 1;
    return db_commit(f->db, e);
}

/* Everything the page is made of. */
static bool
page_key(struct app *app, const struct http_req *req, struct filling *f, const char **ret,
         struct err *e)
{
    const struct pilot *p = f->p;
    int32_t             cut = pilot_cut(p, f->as_of);
    enum pilot_state    state = pilot_state_at(p, app->o.now());
    const char         *as_of = http_query(req, "as_of");
    struct gate_health  health = api_health(app);
    int64_t             version;

    if (!db_begin_read(f->db, p->workspace, e) ||
        !api_version(f->db, p, cut, req->mem, &version, e) || !db_commit(f->db, e))
        return false;
    *ret = arena_printf(req->mem, "page %s %d %d %d %d%d %s %lld %s", p->code, cut, (int)state,
                        health.corruption, health.backlog_bytes > 0, (int)f->o->lang,
                        f->v->frame.theme, (long long)version, as_of ? as_of : "");
    return *ret || err_set(e, ERR_NOMEM, "no memory for a page");
}

static bool
make_page(struct app *app, struct filling *f, struct err *e)
{
    const struct pilot *p = f->p;
    struct view_pilot  *v = f->v;
    struct gate_record  r;

    f->r = &r;
    if (!api_gate(app, f->db, p, f->as_of, f->o->s.mem, &r, e))
        return false;
    v->name = p->name;
    v->company = p->workspace_name;
    v->frame.title = p->name;
    v->frame.pilot = p->code;
    v->frame.replay = p->replay;
    v->frame.min_group = p->charter.min_group;
    fill_when(f);
    fill_answer(f);
    if (!fill_sums(f, e) || !fill_cards(f, e) || !fill_figures(f, e))
        return false;
    page_pilot(f->o, v);
    return true;
}

/* The page from memory, or made now. */
static bool
get_page(struct app *app, struct db *db, const struct http_req *req, struct page *o, struct err *e)
{
    struct pilot      p;
    struct view_pilot v = { .weeks = 0 };
    struct filling    f = { .db = db, .p = &p, .o = o, .v = &v };
    const char       *key, *kept;
    size_t            n;

    api_frame(req, o->lang, &v.frame);
    if (!api_as_of(app, req, &f.as_of, e) || !api_pilot(db, req, 0, &p, e) ||
        !page_key(app, req, &f, &key, e))
        return false;
    if ((kept = api_cache_get(app->cache, key, req->mem, &n))) {
        str_addn(&o->s, kept, n);
        return true;
    }
    if (!make_page(app, &f, e))
        return false;
    if (!req->mem->denied)
        api_cache_put(app->cache, key, o->s.p, o->s.n);
    return true;
}

bool
api_page_pilot(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct page o;
    struct db  *db;

    page_init(&o, api_lang(req), req->mem);
    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = get_page(app, db, req, &o, e);
    db_give(app->o.read, db);
    return ok && api_page(req, &o, ret_res, e);
}
