/* judge.c - can this charter work? Pure: facts in, sentences out. See seal.h. */
#include "seal_int.h"

#include "collaudo/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_DAYS 75 /* below this sustained use is judged over few weeks */
#define MANY_MUSTS 3

void
seal_say(struct seal_texts *t, const char *fmt, ...)
{
    va_list ap;

    if (t->n == t->cap) {
        size_t       cap = t->cap ? t->cap * 2 : 16;
        const char **v = arena_new(t->mem, const char *, cap);

        if (!v)
            return; /* mem->denied says so */
        if (t->n)
            memcpy(v, t->v, t->n * sizeof *v);
        t->v = v;
        t->cap = cap;
    }
    va_start(ap, fmt);
    const char *text = arena_vprintf(t->mem, fmt, ap);
    va_end(ap);
    t->v[t->n++] = text ? text : "";
}

struct judge {
    const struct seal_facts *f;
    struct seal_texts       *no, *warn;
};

/* 7000 is "0.70", 6875 "0.6875". */
static const char *
share(const struct judge *j, int64_t e4)
{
    const char *sign = e4 < 0 ? "-" : "";
    int64_t     v = e4 < 0 ? -e4 : e4;

    if (v % 100)
        return arena_printf(j->no->mem, "%s%lld.%04lld", sign, (long long)(v / 10000),
                            (long long)(v % 10000));
    return arena_printf(j->no->mem, "%s%lld.%02lld", sign, (long long)(v / 10000),
                        (long long)(v % 10000 / 100));
}

static const char *
day(const struct judge *j, int32_t number)
{
    char name[TIME_DAY_LEN];

    time_day_name(number, name);
    return arena_strdup(j->no->mem, name);
}

/* "there is 1 week", "there are 3 weeks": `one` and `many` with what stands before the noun. */
static const char *
there_are(const struct judge *j, int64_t n, const char *one, const char *many)
{
    return arena_printf(j->no->mem, "there %s %lld %s", n == 1 ? "is" : "are", (long long)n,
                        n == 1 ? one : many);
}

/* --- one criterion ---------------------------------------------------------------- */

static const struct seal_kpi *
find_kpi(const struct seal_opts *o, const char *id)
{
    for (size_t i = 0; i < o->kpis_n; i++)
        if (strcmp(o->kpis[i].id, id) == 0)
            return &o->kpis[i];
    return NULL;
}

static void
unknown_kpi(const struct judge *j, const struct charter_criterion *c)
{
    const struct seal_opts *o = j->f->o;
    const char            **names = arena_new(j->no->mem, const char *, o->kpis_n), *near = NULL;

    for (size_t i = 0; names && i < o->kpis_n; i++)
        names[i] = o->kpis[i].id;
    if (names)
        near = str_nearest(c->kpi, names, o->kpis_n);
    seal_say(j->no, "criterion %s: there is no KPI %s%s%s%s", c->id, c->kpi,
             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* One word of a blank-separated list. */
static bool
has_word(const char *list, const char *word, size_t n)
{
    for (size_t len; *list; list += len + strspn(list + len, " ")) {
        len = strcspn(list, " ");
        if (len == n && memcmp(list, word, n) == 0)
            return true;
    }
    return false;
}

static bool
feeds(const struct seal_source *s, const char *needs)
{
    if (!*s->types || !needs || !*needs)
        return true;
    for (size_t n; *needs; needs += n + strspn(needs + n, " ")) {
        n = strcspn(needs, " ");
        if (has_word(s->types, needs, n))
            return true;
    }
    return false;
}

/* The source to name in an advice: the first without a key, else the first. */
static const char *
keyless(const struct seal_facts *f)
{
    for (size_t i = 0; i < f->sources_n; i++)
        if (!f->sources[i].live)
            return f->sources[i].code;
    return f->sources[0].code;
}

/* Connected is what has a live key; history needs none, it comes in over the admin socket. */
static void
connected(const struct judge *j, const struct charter_criterion *c, const struct seal_kpi *k)
{
    const struct seal_facts *f = j->f;

    for (size_t i = 0; i < f->sources_n; i++)
        if (f->o->replay || (f->sources[i].live && feeds(&f->sources[i], k->needs)))
            return;
    const char *type =
        k->needs && *k->needs ? arena_printf(j->no->mem, " for events of type %s", k->needs) : "";
    if (f->sources_n)
        seal_say(j->no,
                 "criterion %s: KPI %s has no connected source%s: make one a key, with collaudo "
                 "key create --source %s",
                 c->id, c->kpi, type, keyless(f));
    else
        seal_say(j->no,
                 "criterion %s: KPI %s has no connected source%s: declare one under sources, then "
                 "collaudo apply and collaudo key create --source NAME",
                 c->id, c->kpi, type);
}

static void
sides(const struct judge *j, const struct charter_criterion *c)
{
    bool least = c->target.side == CHARTER_AT_LEAST;

    if (!c->floor.given)
        return;
    if (c->floor.side != c->target.side)
        seal_say(j->no, "criterion %s: target and floor must both be %s", c->id,
                 least ? "ge" : "le");
    else if (least ? c->floor.e4 > c->target.e4 : c->floor.e4 < c->target.e4)
        seal_say(j->no,
                 "criterion %s: the floor %s is on the wrong side of the target %s: it must be %s",
                 c->id, share(j, c->floor.e4), share(j, c->target.e4),
                 least ? "at most the target" : "at least the target");
}

/* A target on the side where less use, or more faults, pass. */
static void
rewards(const struct judge *j, const struct charter_criterion *c, const struct seal_kpi *k)
{
    bool least = c->target.side == CHARTER_AT_LEAST;

    if (least != k->lower_is_better)
        return;
    seal_say(c->must ? j->no : j->warn,
             "criterion %s: of %s the %s is better, but the target %s %s lets the %s pass: write "
             "%s",
             c->id, c->kpi, least ? "lower" : "higher", least ? "ge" : "le", share(j, c->target.e4),
             least ? "higher" : "lower", least ? "le" : "ge");
}

/* "0.70 of 12 needs 9" */
static void
people_can(const struct judge *j, const struct charter_criterion *c, int64_t n, const char *one,
           const char *who)
{
    int64_t     need = (c->target.e4 * n + 9999) / 10000;
    const char *there = there_are(j, n, one, who);

    if (!n)
        seal_say(j->no, "criterion %s: there are no %s to count: add them to the roster", c->id,
                 who);
    else if (c->target.side == CHARTER_AT_LEAST && c->target.e4 > 0 && need > n)
        seal_say(j->no, "criterion %s: %s of %lld needs %lld, but %s: lower the target", c->id,
                 share(j, c->target.e4), (long long)n, (long long)need, there);
    if (n && c->min_n > n)
        seal_say(j->no, "criterion %s: min_n is %lld, but %s: lower it", c->id, (long long)c->min_n,
                 there);
}

static void
reachable(const struct judge *j, const struct charter_criterion *c, const struct seal_kpi *k)
{
    const struct charter_mark *t = &c->target;

    if (strcmp(c->kpi, "manager_participation") == 0) {
        people_can(j, c, j->f->managers, "manager", "managers");
        if (j->f->managers < SEAL_MIN_MANAGERS && !(t->side == CHARTER_AT_LEAST && t->e4 == 10000))
            seal_say(j->no,
                     "criterion %s: with fewer than %d managers only the target 1.0 is allowed: it "
                     "is shown as all or not all",
                     c->id, SEAL_MIN_MANAGERS);
    } else if (k->people) {
        people_can(j, c, j->f->people, "person", "people");
    } else if (k->share && t->side == CHARTER_AT_LEAST && t->e4 > 10000) {
        seal_say(j->no, "criterion %s: the target %s is above 1.00, which no share can reach",
                 c->id, share(j, t->e4));
    }
    if (k->share && t->side == CHARTER_AT_MOST && t->e4 < 0)
        seal_say(j->no, "criterion %s: the target %s is below 0, which no share can reach", c->id,
                 share(j, t->e4));
    if (k->share && (t->side == CHARTER_AT_LEAST ? t->e4 <= 0 : t->e4 >= 10000))
        seal_say(j->warn, "criterion %s: the target %s is always met", c->id, share(j, t->e4));
}

/* Weeks a criterion asks for, against those there are. */
static void
asks(const struct judge *j, const struct charter_criterion *c, const char *what, int64_t asked,
     bool after)
{
    int64_t there = after ? j->f->judged : j->f->weeks;

    if (asked > there)
        seal_say(j->no,
                 "criterion %s: %s is %lld, but from %s to %s %s%s: lower it or move pilot.end",
                 c->id, what, (long long)asked, day(j, j->f->p->start), day(j, j->f->p->end),
                 there_are(j, there, "complete week", "complete weeks"),
                 after ? " after onboarding" : "");
}

/* A whole number among the params; 0 when it is not there. */
static int64_t
param(const struct judge *j, const struct charter_criterion *c, const char *name)
{
    const cJSON *params = NULL;
    struct err   ignored = ERR_INIT;
    int64_t      v = 0;

    return json_parse(j->no->mem, c->params, strlen(c->params), &params, &ignored) &&
                   json_int(params, name, &v)
               ? v
               : 0;
}

/* Params of one KPI say nothing to another; `weeks` says something to all. */
static void
params_fit(const struct judge *j, const struct charter_criterion *c)
{
    static const struct {
        const char *name, *kpis;
    } belongs[] = {
        { "min_active", "sustained_users" },
        { "kind", "retention" },
        { "week", "retention" },
        { "entity", "completeness duplicate_persons duplicate_companies conflict_rate" },
    };
    const cJSON *params = NULL;
    struct err   ignored = ERR_INIT;

    if (!json_parse(j->no->mem, c->params, strlen(c->params), &params, &ignored))
        return;
    for (size_t i = 0; i < sizeof belongs / sizeof *belongs; i++)
        if (json_get(params, belongs[i].name) && !has_word(belongs[i].kpis, c->kpi, strlen(c->kpi)))
            seal_say(j->no, "criterion %s: params.%s means nothing to %s: leave it out", c->id,
                     belongs[i].name, c->kpi);
    if (strcmp(c->kpi, "retention") == 0 && !json_get(params, "week"))
        seal_say(j->no, "criterion %s: say which week: params.week", c->id);
}

static void
sustained(const struct judge *j, const struct charter_criterion *c)
{
    if (j->f->eligible < SEAL_SUSTAINED_WEEKS)
        seal_say(j->no,
                 "criterion %s: sustained use needs %d complete working weeks after onboarding; "
                 "from %s to %s %s: move pilot.end",
                 c->id, SEAL_SUSTAINED_WEEKS, day(j, j->f->p->start), day(j, j->f->p->end),
                 there_are(j, j->f->eligible, "of them", "of them"));
    if (c->weeks && param(j, c, "min_active") > c->weeks)
        seal_say(j->no, "criterion %s: active in %lld of %lld week%s is impossible", c->id,
                 (long long)param(j, c, "min_active"), (long long)c->weeks,
                 c->weeks == 1 ? "" : "s");
}

static void
fits(const struct judge *j, const struct charter_criterion *c)
{
    bool after = strcmp(c->kpi, "sustained_users") == 0;

    asks(j, c, "params.weeks", c->weeks, after);
    asks(j, c, "min_weeks", c->min_weeks, after);
    asks(j, c, "sustain.of", c->sustain_of, after);
    if (c->sustain_pass > c->sustain_of)
        seal_say(j->no, "criterion %s: met in %lld of %lld week%s is impossible", c->id,
                 (long long)c->sustain_pass, (long long)c->sustain_of,
                 c->sustain_of == 1 ? "" : "s");
    if (after)
        sustained(j, c);
    if (strcmp(c->kpi, "retention") == 0 && param(j, c, "week") >= j->f->weeks)
        seal_say(
            j->no,
            "criterion %s: week +%lld is never over in a window of %lld complete week%s: choose "
            "an earlier one",
            c->id, (long long)param(j, c, "week"), (long long)j->f->weeks,
            j->f->weeks == 1 ? "" : "s");
}

static void
criterion(const struct judge *j, const struct charter_criterion *c)
{
    const struct seal_kpi *k = find_kpi(j->f->o, c->kpi);

    if (c->must && c->weight == 0)
        seal_say(j->no, "criterion %s: a must with weight 0: give it a weight", c->id);
    sides(j, c);
    params_fit(j, c);
    fits(j, c);
    if (!k) {
        unknown_kpi(j, c);
        return;
    }
    connected(j, c, k);
    rewards(j, c, k);
    reachable(j, c, k);
}

/* --- the whole ------------------------------------------------------------------------ */

static void
musts(const struct judge *j)
{
    const struct charter *c = &j->f->p->charter;
    int64_t               n = 0;

    for (size_t i = 0; i < c->criteria_n; i++)
        n += c->criteria[i].must;
    if (!c->criteria_n)
        seal_say(j->no, "the charter has no criterion: an empty gate never passes");
    else if (!n)
        seal_say(j->no, "no criterion is a must: an empty gate never passes; mark at least one");
    if (n > MANY_MUSTS)
        seal_say(j->warn, "%lld criteria are musts: more than %d and one of them fails by chance",
                 (long long)n, MANY_MUSTS);
}

static void
clock_of(const struct judge *j)
{
    const struct pilot     *p = j->f->p;
    const struct seal_opts *o = j->f->o;

    if (o->replay && time_local_day(p->zone, o->replay_as_of) > p->start)
        seal_say(j->no, "replay must begin on %s or before: that is pilot.start", day(j, p->start));
    if (o->replay && o->replay_as_of > o->now)
        seal_say(j->no, "replay begins in the future: only history can be replayed");
    if (!o->replay && o->now >= time_day_start(p->zone, p->start))
        seal_say(j->no,
                 "pilot.start %s has begun: move it to a day to come, or replay history with "
                 "--replay-as-of",
                 day(j, p->start));
}

static void
silent_sources(const struct judge *j)
{
    const struct seal_facts *f = j->f;

    if (!f->sources_n)
        seal_say(j->no, "no source is declared: nothing can be counted");
    for (size_t i = 0; i < f->sources_n && !f->o->replay; i++)
        if (!f->sources[i].live)
            seal_say(j->warn,
                     "source %s has no key in force: nothing can come from it before collaudo key "
                     "create --source %s",
                     f->sources[i].code, f->sources[i].code);
}

static void
privacy(const struct judge *j)
{
    const struct charter *c = &j->f->p->charter;

    if (!j->f->notice)
        seal_say(j->no, "there is no notice to the people: add a privacy section and apply it");
    if (!*c->agreement_ref)
        seal_say(j->warn,
                 "privacy.agreement_ref is empty: Italian Workers' Statute, art. 4, asks for "
                 "an agreement or an authorisation");
    if (j->f->people < c->min_group)
        seal_say(j->warn,
                 "%lld %s fewer than privacy.min_group %lld: no figure about them will be shown",
                 (long long)j->f->people, j->f->people == 1 ? "person is" : "people are",
                 (long long)c->min_group);
}

static void
short_window(const struct judge *j)
{
    int days = (int)(j->f->p->end - j->f->p->start + 1);

    if (days < SHORT_DAYS)
        seal_say(
            j->warn,
            "a window of %d day%s leaves %lld week%s after onboarding: 4 of 6 weeks protects less "
            "against chance than 7 of 10 in 90 days",
            days, days == 1 ? "" : "s", (long long)j->f->judged, j->f->judged == 1 ? "" : "s");
}

/* Keys that are sealed with the charter and wait for a later program. */
static void
kept_only(const struct judge *j)
{
    static const char *const keys[] = { "guardrails", "flows", "records", "networks" };
    const char              *text = j->f->p->charter_text;
    const cJSON             *doc = NULL, *c;
    struct err               ignored = ERR_INIT;

    if (!json_parse(j->no->mem, text, strlen(text), &doc, &ignored))
        return;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (cJSON_IsArray(json_get(doc, keys[i])) && json_get(doc, keys[i])->child)
            seal_say(j->warn, "%s are sealed with the charter, but not judged yet", keys[i]);
    cJSON_ArrayForEach (c, json_get(doc, "criteria"))
        if (cJSON_IsTrue(json_get(c, "strict")) || json_get(c, "vs") ||
            json_get(c, "min_response_e4"))
            seal_say(j->warn, "criterion %s: strict, vs and min_response are not judged yet",
                     json_text(c, "id"));
}

void
seal_judge(const struct seal_facts *f, struct seal_texts *problems, struct seal_texts *warnings)
{
    const struct judge    j = { f, problems, warnings };
    const struct charter *c = &f->p->charter;

    musts(&j);
    for (size_t i = 0; i < c->criteria_n; i++)
        criterion(&j, &c->criteria[i]);
    clock_of(&j);
    silent_sources(&j);
    privacy(&j);
    short_window(&j);
    kept_only(&j);
}
