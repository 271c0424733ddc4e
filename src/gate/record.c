/* record.c - the record of an evaluation as canonical JSON: members in the order of their
 * names, no blanks, whole numbers only. What is written here may be seen by everybody. */
#include "collaudo/gate.h"
#include "collaudo/str.h"

#include <string.h>

static void
key(struct str *s, const char *name)
{
    char last = s->n ? s->p[s->n - 1] : '{';

    if (last != '{' && last != '[')
        str_addc(s, ',');
    str_json(s, name);
    str_addc(s, ':');
}

static void
text(struct str *s, const char *name, const char *value)
{
    key(s, name);
    if (value)
        str_json(s, value);
    else
        str_add(s, "null");
}

static void
number(struct str *s, const char *name, int64_t value)
{
    key(s, name);
    str_addi(s, value);
}

static void
flag(struct str *s, const char *name, bool value)
{
    key(s, name);
    str_add(s, value ? "true" : "false");
}

static void
nothing(struct str *s, const char *name)
{
    text(s, name, NULL);
}

static void
number_or_null(struct str *s, const char *name, bool given, int64_t value)
{
    if (given)
        number(s, name, value);
    else
        nothing(s, name);
}

static void
share(struct str *s, const char *name, struct gate_share v)
{
    key(s, name);
    str_addc(s, '{');
    number(s, "den", v.den);
    number(s, "num", v.num);
    str_addc(s, '}');
}

static void
day(struct str *s, const char *name, int32_t d)
{
    char buf[TIME_DAY_LEN];

    time_day_name(d, buf);
    text(s, name, buf);
}

static void
element(struct str *s)
{
    if (s->n && s->p[s->n - 1] != '[')
        str_addc(s, ',');
    str_addc(s, '{');
}

/* --- parts ----------------------------------------------------------------------------- */

static void
flags(struct str *s, const struct gate_criterion *c)
{
    key(s, "flags");
    str_addc(s, '[');
    if (c->flags & GATE_IMPOSSIBLE)
        str_json(s, "IMPOSSIBLE");
    if (c->flags == (GATE_IMPOSSIBLE | GATE_SECURED))
        str_addc(s, ','); /* the arithmetic never says both; a reader still gets JSON */
    if (c->flags & GATE_SECURED)
        str_json(s, "SECURED");
    str_addc(s, ']');
}

static void
criterion(struct str *s, const struct gate_criterion *c)
{
    const struct charter_criterion *r = c->rule;
    bool                            seen = c->band != KPI_HIDDEN;
    bool                            since = c->flags & GATE_IMPOSSIBLE;

    element(s);
    text(s, "band", kpi_band_name(c->band));
    number_or_null(s, "den", seen, c->shown.den);
    number_or_null(s, "excluded", c->excluded != KPI_WITHHELD, c->excluded);
    flags(s, c);
    number_or_null(s, "floor_e4", r->floor.given, r->floor.e4);
    number_or_null(s, "goal", seen && r->target.given && !c->sustained,
                   gate_goal(&r->target, c->shown.den));
    nothing(s, "grade");
    text(s, "id", r->id);
    if (since)
        day(s, "impossible_since", c->impossible_since);
    else
        nothing(s, "impossible_since");
    text(s, "kpi", r->kpi);
    flag(s, "must", r->must);
    text(s, "name_en", c->name.en);
    text(s, "name_it", c->name.it);
    number_or_null(s, "num", seen, c->shown.num);
    text(s, "owner", r->owner && *r->owner ? r->owner : NULL);
    text(s, "reason", c->reason.en);
    text(s, "reason_it", c->reason.it);
    text(s, "side", r->target.side == CHARTER_AT_LEAST ? "ge" : "le");
    text(s, "state", gate_state_name(c->line.state));
    number_or_null(s, "target_e4", r->target.given, r->target.e4);
    number(s, "weight", r->weight);
    str_addc(s, '}');
}

static void
rule(struct str *s, const char *name, int number_of, struct gate_text t)
{
    key(s, name);
    str_addc(s, '{');
    number(s, "number", number_of);
    text(s, "text_en", t.en);
    text(s, "text_it", t.it);
    str_addc(s, '}');
}

static void
action(struct str *s, const struct gate_record *r, const struct gate_action *a)
{
    element(s);
    text(s, "criterion",
         a->criterion == GATE_NO_CRITERION ? NULL : r->criteria[a->criterion].rule->id);
    flag(s, "flips", a->flips);
    text(s, "text_en", a->text.en);
    text(s, "text_it", a->text.it);
    text(s, "verdict", gate_verdict_name(a->then));
    str_addc(s, '}');
}

static void
guard(struct str *s, const struct gate_guard *g)
{
    static const char *const names[] = { "HELD", "BREACHED", "UNKNOWN" };

    element(s);
    text(s, "action", g->stop ? "stop" : "review");
    text(s, "id", g->id);
    text(s, "state", names[g->state]);
    str_addc(s, '}');
}

static void
source(struct str *s, const struct gate_source *x)
{
    element(s);
    number_or_null(s, "covered", x->judged, x->covered.num);
    number_or_null(s, "expected", x->judged, x->covered.den);
    if (x->heard)
        day(s, "last_day", x->last_day);
    else
        nothing(s, "last_day");
    text(s, "owner", *x->owner ? x->owner : NULL);
    text(s, "source", x->code);
    text(s, "tool", x->tool);
    str_addc(s, '}');
}

/* The criterion with the smallest KPI name behind `last` (NULL: of all). */
static const struct gate_criterion *
next_kpi(const struct gate_record *r, const char *last)
{
    const struct gate_criterion *best = NULL;

    for (size_t i = 0; i < r->criteria_n; i++) {
        const struct gate_criterion *c = &r->criteria[i];

        if (c->version && (!last || strcmp(c->rule->kpi, last) > 0) &&
            (!best || strcmp(c->rule->kpi, best->rule->kpi) < 0))
            best = c;
    }
    return best;
}

/* The definition version of each KPI the charter names, once each. */
static void
definitions(struct str *s, const struct gate_record *r)
{
    const struct gate_criterion *c = NULL;

    key(s, "definitions");
    str_addc(s, '{');
    while ((c = next_kpi(r, c ? c->rule->kpi : NULL)))
        number(s, c->rule->kpi, c->version);
    str_addc(s, '}');
}

static void
evidence(struct str *s, const struct gate_record *r)
{
    char hex[65];

    hash_hex(r->pilot->charter_hash, 32, hex);
    key(s, "evidence");
    str_addc(s, '{');
    text(s, "charter_hash", hex);
    day(s, "cut", r->cut);
    definitions(s, r);
    key(s, "problems");
    str_addc(s, '[');
    for (size_t i = 0; i < r->problems_n; i++) {
        element(s);
        text(s, "text_en", r->problems[i].text.en);
        text(s, "text_it", r->problems[i].text.it);
        str_addc(s, '}');
    }
    str_addc(s, ']');
    text(s, "program", COLLAUDO_VERSION);
    flag(s, "replay", r->pilot->replay);
    key(s, "sources");
    str_addc(s, '[');
    for (size_t i = 0; i < r->sources_n; i++)
        source(s, &r->sources[i]);
    str_add(s, "]}");
}

bool
gate_json(const struct gate_record *r, struct arena *mem, const char **ret_text, size_t *ret_n,
          struct err *e)
{
    struct str s;
    char       when[TIME_TEXT_LEN];

    str_init(&s, mem);
    str_addc(&s, '{');
    key(&s, "actions");
    str_addc(&s, '[');
    for (size_t i = 0; i < r->actions_n; i++)
        action(&s, r, &r->actions[i]);
    str_addc(&s, ']');
    time_format(r->as_of, when);
    text(&s, "as_of", when);
    share(&s, "coverage", r->answer.coverage);
    key(&s, "criteria");
    str_addc(&s, '[');
    for (size_t i = 0; i < r->criteria_n; i++)
        criterion(&s, &r->criteria[i]);
    str_addc(&s, ']');
    rule(&s, "deciding_rule", r->answer.rule, r->rule);
    evidence(&s, r);
    flag(&s, "final", r->final);
    key(&s, "guardrails");
    str_addc(&s, '[');
    for (size_t i = 0; i < r->guards_n; i++)
        guard(&s, &r->guards[i]);
    str_addc(&s, ']');
    text(&s, "pilot", r->pilot->code);
    text(&s, "provisional", r->final ? NULL : gate_verdict_name(r->answer.provisional));
    if (r->final)
        nothing(&s, "provisional_rule");
    else
        rule(&s, "provisional_rule", r->answer.provisional_rule, r->provisional_rule);
    share(&s, "score", r->answer.score);
    text(&s, "state", pilot_state_name(r->state));
    text(&s, "verdict", gate_verdict_name(r->answer.verdict));
    str_addc(&s, '}');
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "no memory for the record of the gate");
    *ret_text = s.p;
    *ret_n = s.n;
    return true;
}
