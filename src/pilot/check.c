/* check.c - what a table of keys cannot say: references, order, repetitions. See docs/charter.md.
 */
#include "declare_int.h"

#include <arpa/inet.h>
#include <string.h>

/* One check's view: the declaration, and where faults go. */
struct check {
    const struct declaration *d;
    struct conf_faults       *f;
};

static const char *
path(const struct check *c, const void *row)
{
    return conf_path(((const struct conf_place *)row)->node, c->f->mem);
}

static const cJSON *
node(const void *row)
{
    return ((const struct conf_place *)row)->node;
}

/* Rows of a list whose text at `at` (an offset) is that of an earlier row. */
static void
repeated(const struct check *c, const struct conf_list *l, size_t size, size_t at, const char *what)
{
    const char *rows = l->rows;

    for (size_t i = 1; i < l->n; i++)
        for (size_t k = 0; k < i; k++) {
            const char *a = *(const char *const *)(const void *)(rows + i * size + at);
            const char *b = *(const char *const *)(const void *)(rows + k * size + at);

            if (!a || !b || strcmp(a, b) != 0)
                continue;
            conf_fault(c->f, node(rows + i * size), "%s has the %s of %s (line %d)",
                       path(c, rows + i * size), what, path(c, rows + k * size),
                       conf_line(node(rows + k * size)));
            break;
        }
}

static bool
among(const struct conf_texts *t, const char *text)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->v[i], text) == 0)
            return true;
    return false;
}

static void
repeated_texts(const struct check *c, const struct conf_texts *t)
{
    for (size_t i = 1; i < t->n; i++)
        if (among(&(struct conf_texts){ .v = t->v, .n = i }, t->v[i]))
            conf_fault(c->f, t->node, "%s has an entry twice", conf_path(t->node, c->f->mem));
}

/* --- the company ---------------------------------------------------------------- */

static void
workspace(const struct check *c)
{
    const struct decl_workspace *w = &c->d->workspace;

    if (w->code && strchr(w->code, '_'))
        conf_fault(c->f, node(w), "workspace.code wants a-z, 0-9 and -, no _");
}

static void
sources(const struct check *c)
{
    const struct decl_source *s = c->d->sources.rows;

    for (size_t i = 0; i < c->d->sources.n; i++)
        if (s[i].tool && c->d->pilot.tools.n && !among(&c->d->pilot.tools, s[i].tool))
            conf_fault(c->f, node(&s[i]), "%s.tool is not among pilot.tools", path(c, &s[i]));
}

/* Any address with a prefix no longer than its kind allows. */
static bool
is_range(const char *text)
{
    char        copy[64], *slash;
    uint8_t     address[16];
    int64_t     bits;
    const char *end;

    if (strlen(text) >= sizeof copy)
        return false;
    memcpy(copy, text, strlen(text) + 1);
    if (!(slash = strchr(copy, '/')))
        return false;
    *slash = 0;
    end = slash + 1;
    if (!str_int(end, &bits) || bits < 0)
        return false;
    return (inet_pton(AF_INET, copy, address) == 1 && bits <= 32) ||
           (inet_pton(AF_INET6, copy, address) == 1 && bits <= 128);
}

static void
networks(const struct check *c)
{
    const struct decl_network *w = c->d->networks.rows;

    for (size_t i = 0; i < c->d->networks.n; i++)
        for (size_t k = 0; k < w[i].ranges.n; k++)
            if (!is_range(w[i].ranges.v[k]))
                conf_fault(c->f, w[i].ranges.node, "%s.ranges[%zu] wants a range like 192.0.2.0/24",
                           path(c, &w[i]), k);
}

/* --- days ------------------------------------------------------------------------- */

static void
closure(const struct check *c, const struct decl_closure *o)
{
    bool day = o->day, from = o->from, to = o->to; /* day 0 is 1970: nobody's closure */

    if (day == from || from != to)
        conf_fault(c->f, node(o), "%s wants day, or from and to", path(c, o));
    else if (from && o->to < o->from)
        conf_fault(c->f, node(o), "%s ends before it begins", path(c, o));
    else if (from && o->to - o->from >= DECLARE_MAX_DAYS)
        conf_fault(c->f, node(o), "%s is longer than %d days", path(c, o), DECLARE_MAX_DAYS);
}

static void
calendars(const struct check *c)
{
    const struct decl_calendar *k = c->d->calendars.rows;

    for (size_t i = 0; i < c->d->calendars.n; i++) {
        const struct decl_closure *o = k[i].closures.rows;

        if (k[i].name && strcmp(k[i].name, "it") == 0)
            conf_fault(c->f, node(&k[i]), "%s.name: it is the national calendar; take another name",
                       path(c, &k[i]));
        for (size_t m = 0; m < k[i].closures.n; m++)
            closure(c, &o[m]);
    }
}

static void
window(const struct check *c)
{
    const struct decl_pilot *p = &c->d->pilot;
    const struct time_zone  *zone;
    struct err               why = ERR_INIT;
    bool                     start = conf_given(conf_key(&declare_table, "pilot")->sub, p, "start");
    bool                     end = conf_given(conf_key(&declare_table, "pilot")->sub, p, "end");

    if (!start || !end)
        conf_fault(c->f, node(p), "pilot.%s is missing", start ? "end" : "start");
    else if (p->end < p->start)
        conf_fault(c->f, node(p), "pilot.end is before pilot.start");
    else if (p->end - p->start >= DECLARE_MAX_DAYS)
        conf_fault(c->f, node(p), "pilot: a window of %d days, at most %d",
                   (int)(p->end - p->start + 1), DECLARE_MAX_DAYS);
    if (p->tz && !time_zone_find(p->tz, &zone, &why))
        conf_fault(c->f, node(p), "pilot.tz is no time zone; write one like Europe/Rome");
}

static void
calendar_names(const struct check *c)
{
    const struct conf_texts    *names = &c->d->pilot.calendar;
    const struct decl_calendar *k = c->d->calendars.rows;

    for (size_t i = 0; i < names->n; i++) {
        bool found = strcmp(names->v[i], "it") == 0;

        for (size_t m = 0; m < c->d->calendars.n && !found; m++)
            found = k[m].name && strcmp(k[m].name, names->v[i]) == 0;
        if (!found)
            conf_fault(c->f, names->node, "pilot.calendar[%zu] is neither it nor one of calendars",
                       i);
    }
}

/* --- the charter --------------------------------------------------------------------- */

static void
one_mark(const struct check *c, const struct decl_mark *m, const char *what)
{
    unsigned both = 3;

    if (m->at.node && (m->at.given & both) != 1 && (m->at.given & both) != 2)
        conf_fault(c->f, node(m), "%s wants %s", path(c, m), what);
}

static void
criteria(const struct check *c)
{
    const struct decl_criterion *k = c->d->criteria.rows;

    for (size_t i = 0; i < c->d->criteria.n; i++) {
        one_mark(c, &k[i].target, "either ge or le");
        one_mark(c, &k[i].floor, "either ge or le");
        if (k[i].must && k[i].mode == MODE_OBSERVE)
            conf_fault(c->f, node(&k[i]), "%s is a must and only observed: choose one",
                       path(c, &k[i]));
    }
}

static void
guardrails(const struct check *c)
{
    const struct decl_guardrail *g = c->d->guardrails.rows;

    for (size_t i = 0; i < c->d->guardrails.n; i++)
        one_mark(c, &g[i].limit, "either ge or le");
}

static void
charter(const struct check *c)
{
    const struct declaration *d = c->d;

    window(c);
    calendar_names(c);
    criteria(c);
    guardrails(c);
    repeated(c, &d->criteria, sizeof(struct decl_criterion), offsetof(struct decl_criterion, id),
             "id");
    repeated(c, &d->guardrails, sizeof(struct decl_guardrail), offsetof(struct decl_guardrail, id),
             "id");
    repeated(c, &d->flows, sizeof(struct decl_flow), offsetof(struct decl_flow, id), "id");
    repeated(c, &d->records, sizeof(struct decl_record), offsetof(struct decl_record, entity),
             "entity");
    repeated(c, &d->networks, sizeof(struct decl_network), offsetof(struct decl_network, name),
             "name");
    repeated_texts(c, &d->value_events);
    repeated_texts(c, &d->features);
    repeated_texts(c, &d->pilot.tools);
    repeated_texts(c, &d->pilot.calendar);
    if (!d->value_events.n)
        conf_fault(c->f, d->at.node, "value_events is missing: say which actions are real use");
    if (d->score.conditional > d->score.go)
        conf_fault(c->f, node(&d->score), "score.conditional is above score.go");
    if (d->governance.approvers.n && d->governance.quorum > (int64_t)d->governance.approvers.n)
        conf_fault(c->f, node(&d->governance),
                   "governance.quorum is %d, but there %s %zu approver%s",
                   (int)d->governance.quorum, d->governance.approvers.n == 1 ? "is" : "are",
                   d->governance.approvers.n, d->governance.approvers.n == 1 ? "" : "s");
}

void
declare_check_all(const struct declaration *d, struct conf_faults *f)
{
    const struct check c = { d, f };

    workspace(&c);
    repeated(&c, &d->tools, sizeof(struct decl_tool), offsetof(struct decl_tool, code), "code");
    repeated(&c, &d->sources, sizeof(struct decl_source), offsetof(struct decl_source, name),
             "name");
    repeated(&c, &d->calendars, sizeof(struct decl_calendar), offsetof(struct decl_calendar, name),
             "name");
    sources(&c);
    networks(&c);
    calendars(&c);
    if (d->has_charter && !d->pilot.at.node)
        conf_fault(f, d->at.node, "pilot is missing: the files hold parts of a charter");
    else if (d->has_charter)
        charter(&c);
    else if (!d->pilot.at.node && (d->sources.n || d->people.n || d->calendars.n))
        conf_fault(f, d->at.node, "pilot is missing: sources, people and calendars belong to one");
}
