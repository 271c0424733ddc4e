/* criterion.c - the state of one criterion, and what the weeks to come can do to it. */
#include "collaudo/gate.h"

typedef __int128 wide;

static const char *const state_names[GATE_STATE_COUNT] = {
#define X(state, decided, halves, name) [state] = name,
    GATE_STATES(X)
#undef X
};

const char *
gate_state_name(enum gate_state s)
{
    return state_names[s];
}

/* num/den against the mark, without dividing. */
static bool
meets(const struct charter_mark *m, wide num, wide den)
{
    wide got = num * 10000, mark = (wide)m->e4 * den;

    return den > 0 && (m->side == CHARTER_AT_LEAST ? got >= mark : got <= mark);
}

bool
gate_meets(const struct charter_mark *m, int64_t num, int64_t den)
{
    return meets(m, num, den);
}

int64_t
gate_goal(const struct charter_mark *m, int64_t den)
{
    wide parts = (wide)m->e4 * den, whole = parts / 10000, rest = parts % 10000;

    if (m->side == CHARTER_AT_LEAST)
        whole += rest > 0; /* C cuts towards 0: up only above it, down only below it */
    else
        whole -= rest < 0;
    return (int64_t)(whole > INT64_MAX ? INT64_MAX : whole < INT64_MIN ? INT64_MIN : whole);
}

static const struct charter_mark *
floor_of(const struct charter_criterion *c)
{
    return c->floor.given ? &c->floor : &c->target;
}

static int64_t
most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The smallest den that is evidence. Nothing out of nothing is never evidence. */
static int64_t
least_den(const struct charter_criterion *c, const struct gate_figures *f)
{
    return most(most(c->min_n, c->min_records), most(f->min_den, 1));
}

static bool
sustained(const struct charter_criterion *c, const struct gate_figures *f)
{
    return f->weekly && c->sustain_of > 0 && c->sustain_pass > 0;
}

/* How many of the newest rows are pooled. */
static size_t
span(const struct charter_criterion *c, const struct gate_figures *f)
{
    int64_t want = sustained(c, f) ? c->sustain_of : c->weeks;

    if (!f->weekly || want <= 0 || (uint64_t)want >= f->n)
        return f->n;
    return (size_t)want;
}

static bool
sound(const struct gate_week *w)
{
    return w->no_data ||
           (w->num >= 0 && w->den >= 0 && w->num <= GATE_FIGURE_MAX && w->den <= GATE_FIGURE_MAX);
}

/* Adds the newest rows. False: damaged figures; the line then has none. */
static bool
pool(const struct charter_criterion *c, const struct gate_figures *f, struct gate_line *line)
{
    wide    num = 0, den = 0;
    int64_t heard = 0;

    line->first = (int64_t)(f->n - span(c, f));
    for (size_t i = (size_t)line->first; i < f->n; i++) {
        const struct gate_week *w = &f->week[i];

        if (!sound(w))
            return false;
        if (w->no_data)
            continue;
        heard++;
        num += w->num;
        den += w->den;
    }
    line->weeks = f->weekly ? heard : f->weeks_heard;
    if (num > GATE_FIGURE_MAX || den > GATE_FIGURE_MAX)
        return false;
    line->num = (int64_t)num;
    line->den = (int64_t)den;
    return true;
}

static bool
all_silent(const struct gate_figures *f, int64_t first)
{
    for (size_t i = (size_t)first; i < f->n; i++)
        if (!f->week[i].no_data)
            return false;
    return true;
}

/* Is there a week of the span that would be evidence by itself? */
static bool
evidence(const struct gate_figures *f, const struct gate_line *line, int64_t least)
{
    for (size_t i = (size_t)line->first; i < f->n; i++)
        if (!f->week[i].no_data && f->week[i].den >= least)
            return true;
    return false;
}

/* Why the pooled figures are no evidence, or GATE_WHY_NONE. */
static enum gate_why
doubt(const struct charter_criterion *c, const struct gate_figures *f, const struct gate_line *line)
{
    int64_t least = least_den(c, f);

    if (!f->n)
        return GATE_WHY_NO_WEEK;
    if (all_silent(f, line->first))
        return GATE_WHY_SILENT;
    if (line->weeks < c->min_weeks)
        return GATE_WHY_FEW_WEEKS;
    if (sustained(c, f) ? !evidence(f, line, least) : line->den < least)
        return GATE_WHY_FEW;
    return GATE_WHY_NONE;
}

/* pass of the last `of` weeks. What is open may still be either, so it decides nothing and
 * blocks only what it could change. */
static void
count_weeks(const struct charter_criterion *c, const struct gate_figures *f, struct gate_line *line)
{
    int64_t at_target = 0, at_floor = 0, known = 0, least = least_den(c, f);

    for (size_t i = (size_t)line->first; i < f->n; i++) {
        const struct gate_week *w = &f->week[i];

        if (w->no_data || w->den < least)
            continue;
        known++;
        at_target += meets(&c->target, w->num, w->den);
        at_floor += meets(floor_of(c), w->num, w->den);
    }
    line->met_weeks = at_target;
    line->open = c->sustain_of - known;
    if (at_target >= c->sustain_pass) {
        line->state = GATE_MET;
    } else if (at_floor + line->open < c->sustain_pass) {
        line->state = GATE_NOT_MET;
    } else if (at_floor >= c->sustain_pass && at_target + line->open < c->sustain_pass) {
        line->state = GATE_BORDERLINE;
    } else {
        line->state = GATE_INSUFFICIENT;
        line->why = GATE_WHY_OPEN_WEEKS;
    }
}

static void
measure(const struct charter_criterion *c, const struct gate_figures *f, struct gate_line *line)
{
    if (sustained(c, f)) {
        count_weeks(c, f, line);
        return;
    }
    if (meets(&c->target, line->num, line->den))
        line->state = GATE_MET;
    else
        line->state = meets(floor_of(c), line->num, line->den) ? GATE_BORDERLINE : GATE_NOT_MET;
}

static struct gate_line
as_it_is(const struct charter_criterion *c, const struct gate_figures *f)
{
    struct gate_line line = { .state = GATE_UNSOUND };

    if (f->unknown_kpi) {
        line.why = GATE_WHY_NO_KPI;
        return line;
    }
    if (!pool(c, f, &line)) {
        line.why = GATE_WHY_DAMAGED;
        return line;
    }
    if (!c->target.given) { /* what is only observed needs none */
        line.why = c->observe ? doubt(c, f, &line) : GATE_WHY_NO_TARGET;
        return line;
    }
    line.why = doubt(c, f, &line);
    if (line.why == GATE_WHY_NONE)
        measure(c, f, &line);
    else
        line.state = line.why == GATE_WHY_SILENT ? GATE_NO_DATA : GATE_INSUFFICIENT;
    return line;
}

struct gate_line
gate_judge(const struct charter_criterion *c, const struct gate_figures *f)
{
    struct gate_line line = as_it_is(c, f);

    if (c->observe)
        line.state = GATE_OBSERVE; /* figures are shown, nothing hangs on them */
    else if (f->waived)
        line.state = GATE_WAIVED;
    return line;
}

/* --- what is still to come ------------------------------------------------------------ */

/* Of the last `window` weeks of the pilot: the index of the first settled one, and how many
 * are still open. */
static size_t
ahead(const struct gate_future *next, size_t window, size_t *ret_first)
{
    size_t start = next->total > window ? next->total - window : 0;

    *ret_first = start < next->settled ? start : next->settled;
    if (next->total <= next->settled)
        return 0;
    return next->total - (start > next->settled ? start : next->settled);
}

static unsigned
foretell_weeks(const struct charter_criterion *c, const struct gate_figures *f,
               const struct gate_future *next)
{
    int64_t at_target = 0, least = least_den(c, f);
    size_t  first, left = ahead(next, (size_t)c->sustain_of, &first);

    for (size_t i = first; i < next->settled; i++) {
        const struct gate_week *w = &f->week[i];

        at_target += !w->no_data && w->den >= least && meets(&c->target, w->num, w->den);
        left += w->no_data || w->den < least; /* silence proves nothing */
    }
    if (at_target >= c->sustain_pass)
        return GATE_SECURED;
    return (wide)at_target + (wide)left < c->sustain_pass ? GATE_IMPOSSIBLE : 0;
}

/* The highest and lowest share the pool can have at the end: everybody active in whatever is
 * still open, or nobody. */
static bool
extremes(const struct charter_criterion *c, const struct gate_figures *f,
         const struct gate_future *next, wide *low, wide *high, wide *den)
{
    size_t first = 0, end = f->n;
    wide   more = next->room;

    if (next->room < 0)
        return false;
    if (f->weekly) {
        size_t window = c->weeks > 0 ? (size_t)c->weeks : next->total;

        end = next->settled;
        more *= (wide)ahead(next, window, &first);
    }
    *low = *den = 0;
    for (size_t i = first; i < end; i++) {
        if (f->week[i].no_data)
            continue;
        *low += f->week[i].num;
        *den += f->week[i].den;
    }
    *high = *low + more;
    *den += more;
    return true;
}

static unsigned
flags_of(const struct charter_mark *target, bool high_meets, bool low_meets)
{
    bool best = target->side == CHARTER_AT_LEAST ? high_meets : low_meets;
    bool worst = target->side == CHARTER_AT_LEAST ? low_meets : high_meets;

    return worst ? GATE_SECURED : !best ? GATE_IMPOSSIBLE : 0;
}

unsigned
gate_outlook(const struct charter_criterion *c, const struct gate_figures *f,
             const struct gate_future *next)
{
    wide low, high, den, least = least_den(c, f);

    if (!c->target.given || f->unknown_kpi || next->settled > f->n)
        return 0;
    for (size_t i = 0; i < f->n; i++)
        if (!sound(&f->week[i]))
            return 0;
    if (sustained(c, f))
        return foretell_weeks(c, f, next);
    if (next->bounded) {
        if (next->high.den < least || next->low.den < least)
            return 0; /* too few to be judged even at the end */
        return flags_of(&c->target, gate_meets(&c->target, next->high.num, next->high.den),
                        gate_meets(&c->target, next->low.num, next->low.den));
    }
    if (!extremes(c, f, next, &low, &high, &den) || den < least)
        return 0;
    return flags_of(&c->target, meets(&c->target, high, den), meets(&c->target, low, den));
}
