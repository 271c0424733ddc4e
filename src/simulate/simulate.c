/* simulate.c - the stream: days are planned one by one and handed out in the order in which
 * their deliveries arrive. See simulate.h. */
#include "simulate_int.h"

#include <stdlib.h>
#include <string.h>

enum { LUCK = 4 }; /* the purpose of these dice */

/* --- beginning ---------------------------------------------------------------------- */

static const struct sim_profile *
find_profile(const char *name)
{
    for (size_t i = 0; i < simulate_profiles_n; i++)
        if (strcmp(simulate_profile_list[i].name, name) == 0)
            return &simulate_profile_list[i];
    return NULL;
}

static bool
in_range(const char *what, int64_t v, int64_t low, int64_t high, struct err *e)
{
    return (v >= low && v <= high) || err_set(e, ERR_INVALID, "%s is %lld, it must be %lld to %lld",
                                              what, (long long)v, (long long)low, (long long)high);
}

static bool
is_code(const char *text)
{
    size_t n = strlen(text);

    return n > 0 && n <= 40 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n &&
           *text != '-' && text[n - 1] != '-';
}

static bool
check(const struct simulate_opts *o, struct err *e)
{
    if (!find_profile(o->profile))
        return err_set(e, ERR_INVALID, "there is no profile %s; there are %s", o->profile,
                       simulate_profiles());
    if (!is_code(o->pilot))
        return err_set(e, ERR_INVALID,
                       "the id of a pilot is 1 to 40 letters a-z, digits and -, not %s", o->pilot);
    return in_range("people", o->people, SIMULATE_FEWEST_PEOPLE, SIMULATE_MOST_PEOPLE, e) &&
           in_range("days", o->days, SIMULATE_FEWEST_DAYS, SIMULATE_MOST_DAYS, e) &&
           in_range("events", o->events, 0, SIMULATE_MOST_EVENTS, e) &&
           in_range("the year of the first day", o->start, time_day(2000, 1, 1),
                    time_day(2090, 12, 31), e);
}

/* So many events per working day that about o.events deliveries come of it: counted once
 * through, since who works when does not depend on how much. */
static uint64_t
scale_for(const struct simulate *s)
{
    const struct sim_profile *f = s->profile;
    uint64_t                  events = 0, logons = 0, wanted, programs = (uint64_t)s->o.days * 44;

    if (!s->o.events)
        return 65536;
    for (uint32_t who = 0; who < s->persons; who++)
        for (int32_t day = 0; day < s->o.days; day++) {
            uint32_t n = simulate_work(s, who, day, 65536);

            events += n;
            logons += n > 0;
        }
    wanted =
        (uint64_t)s->o.events * MILLION / (MILLION + f->retry * 9 / 8 + f->twice + f->conflict);
    if (wanted <= logons + programs || !events)
        return 1;
    return (wanted - logons - programs) * 65536 / events;
}

static bool
allot(struct simulate *s, struct err *e)
{
    size_t days = (size_t)s->o.days + BINS + 1;

    s->day_start = calloc(days, sizeof *s->day_start);
    s->day_weight = calloc((size_t)s->o.days, sizeof *s->day_weight);
    s->works = calloc((size_t)s->o.days, sizeof *s->works);
    s->pilot = strdup(s->o.pilot);
    if (!s->day_start || !s->day_weight || !s->works || !s->pilot)
        return err_set(e, ERR_NOMEM, "no memory for %d days", (int)s->o.days);
    s->o.pilot = s->pilot;
    for (size_t i = 0; i < days; i++)
        s->day_start[i] = time_day_start(s->o.zone, s->o.start + (int32_t)i);
    return simulate_cast(s, e);
}

bool
simulate_new(const struct simulate_opts *o, struct simulate **ret, struct err *e)
{
    AUTO_STRUCT(simulate) *s = calloc(1, sizeof *s);

    if (!s)
        return err_set(e, ERR_NOMEM, "no memory for a simulation");
    if (!check(o, e))
        return false;
    s->o = *o;
    s->profile = find_profile(o->profile);
    s->o.profile = s->profile->name;
    s->day = -1;
    s->sustained_weeks = o->days >= 75 ? 8 : 6; /* a shorter window has fewer */
    s->sustained_active = o->days >= 75 ? 6 : 4;
    s->luck = sim_dice((uint64_t)o->seed, LUCK, 0, 0);
    if (!allot(s, e))
        return false;
    simulate_calendar(s);
    s->scale = scale_for(s);
    *ret = TAKE(s);
    return true;
}

void
simulate_close(struct simulate *s)
{
    if (!s)
        return;
    for (int i = 0; i < BINS; i++)
        free(s->later[i].v);
    free(s->today.v);
    free(s->person);
    free(s->day_start);
    free(s->day_weight);
    free(s->works);
    free(s->pilot);
    free(s);
}

/* --- day by day ------------------------------------------------------------------------ */

static int
by_arrival(const void *a, const void *b)
{
    const struct sim_drop *x = a, *y = b;

    if (x->received != y->received)
        return x->received < y->received ? -1 : 1;
    return x->order < y->order ? -1 : 1; /* no two are alike */
}

/* What waited for this day moves over; the bin is free for a day to come. */
static bool
take_waiting(struct simulate *s, struct err *e)
{
    struct sim_bin *b = &s->later[s->day % BINS];

    s->today.n = s->at = 0;
    if (b->n > s->today.cap) {
        struct sim_drop *v = realloc(s->today.v, b->n * sizeof *v);

        if (!v)
            return err_set(e, ERR_NOMEM, "no memory for a day of %zu deliveries", b->n);
        s->today.v = v;
        s->today.cap = b->n;
    }
    if (b->n)
        memcpy(s->today.v, b->v, b->n * sizeof *b->v);
    s->today.n = b->n;
    b->n = 0;
    return true;
}

/* The next day; after the window those on which something late still comes in. */
static bool
next_day(struct simulate *s, bool *ret_end, struct err *e)
{
    *ret_end = s->day + 1 == s->o.days + BINS;
    if (*ret_end)
        return true;
    s->day++;
    if (!take_waiting(s, e) || (s->day < s->o.days && !simulate_plan_day(s, s->day, e)))
        return false;
    if (s->today.n)
        qsort(s->today.v, s->today.n, sizeof *s->today.v, by_arrival);
    return true;
}

bool
simulate_next(struct simulate *s, struct simulate_line *ret, bool *ret_end, struct err *e)
{
    bool end = false;

    while (!end && s->at == s->today.n)
        if (!next_day(s, &end, e))
            return false;
    *ret_end = end;
    if (end)
        return true;
    const struct sim_drop *d = &s->today.v[s->at++];
    *ret = (struct simulate_line){ .source = d->source, .received = d->received, .p = s->line };
    ret->n = simulate_write(s, d);
    return true;
}
