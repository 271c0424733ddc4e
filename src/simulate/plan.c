/* plan.c - what happens on one day, and what becomes of it on the way to the collector. The
 * truth is counted here, where it is known. */
#include "simulate_int.h"

#include <stdlib.h>
#include <string.h>

enum { ACTING = 3 }; /* the purpose of these dice */

#define MSEC (USEC_SECOND / 1000)

/* Somebody's day while it is planned. */
struct day {
    struct simulate   *s;
    struct sim_person *p;
    struct err        *e;
    uint32_t           who;
    int32_t            day;
    usec_t             midnight;
    struct sim_dice    dice;
};

/* --- into the bins ----------------------------------------------------------------- */

/* The day of reception, counted from the start of the window; it may lie some days after it. */
static int32_t
day_of(const struct simulate *s, int32_t from, usec_t t)
{
    while (t >= s->day_start[from + 1])
        from++;
    return from;
}

static bool
put(struct day *d, const struct sim_drop *drop)
{
    struct simulate *s = d->s;
    int32_t          day = day_of(s, d->day, drop->received);
    struct sim_bin  *b = day == d->day ? &s->today : &s->later[day % BINS];

    if (b->n == b->cap) {
        size_t           cap = b->cap ? b->cap * 2 : 256;
        struct sim_drop *v = realloc(b->v, cap * sizeof *v);

        if (!v)
            return err_set(d->e, ERR_NOMEM, "no memory for a day of %zu deliveries", cap);
        b->v = v;
        b->cap = cap;
    }
    b->v[b->n] = *drop;
    b->v[b->n++].order = s->order++;
    s->count[drop->source].received++;
    return true;
}

/* --- chance ---------------------------------------------------------------------------- */

/* Is it this one's turn? `rate` of a million are, evenly enough that a small pilot has some. */
static bool
due(struct simulate *s, uint32_t *sum, uint32_t rate)
{
    if (!rate)
        return false;
    *sum += sim_below(&s->luck, 2 * rate);
    if (*sum < MILLION)
        return false;
    *sum -= MILLION;
    return true;
}

/* Most deliveries take seconds, some an hour, some wait for a laptop to come home. */
static usec_t
delay(struct sim_dice *d, bool *ret_late)
{
    uint32_t r = sim_below(d, 1000);

    *ret_late = r >= 995;
    if (r < 900)
        return (1000 + sim_below(d, 59000)) * MSEC;
    if (r < 970)
        return USEC_MINUTE + sim_below(d, 59 * 60 * 1000) * MSEC;
    if (r < 995)
        return USEC_HOUR + sim_below(d, 22 * 60 * 60 * 1000) * MSEC;
    return 25 * USEC_HOUR +
           (usec_t)sim_below(d, (uint32_t)((LATEST - 25 * USEC_HOUR) / MSEC)) * MSEC;
}

/* --- the truth -------------------------------------------------------------------------- */

static void
tally(struct day *d, const struct sim_drop *drop, bool late)
{
    struct sim_person *p = d->p;
    struct sim_count  *c = &d->s->count[drop->source];
    int32_t            at = d->s->o.start + d->day;

    if (drop->fault != SOUND) {
        c->reason[drop->fault]++;
        return;
    }
    c->loaded++;
    c->late += late;
    c->gone += at > p->left;
    c->events[p->role]++;
    p->events++;
    if (!simulate_actions[drop->action].value)
        return;
    c->value_events++;
    p->value_events++;
    p->used |= UINT32_C(1) << drop->action;
    if (sim_has_seat(p) && at >= p->joined && at <= p->left)
        p->days[d->day / 64] |= UINT64_C(1) << d->day % 64;
}

/* --- one event --------------------------------------------------------------------------- */

/* Sent again, because no answer came: the same id. */
static bool
repeat(struct day *d, struct sim_drop drop)
{
    uint32_t times = sim_below(&d->dice, 8) ? 1 : 2;

    for (uint32_t i = 0; i < times; i++) {
        drop.copy++;
        drop.received += 1000 * MSEC + (usec_t)sim_below(&d->dice, 60 * 60 * 1000) * MSEC;
        if (!put(d, &drop))
            return false;
        d->s->count[drop.source].duplicates++;
    }
    return true;
}

/* Another event under an id that was used: whichever comes first counts, and both count alike. */
static bool
conflict(struct day *d, struct sim_drop drop)
{
    drop.time += USEC_SECOND;
    drop.received += 2000 * MSEC + sim_below(&d->dice, 60 * 1000) * MSEC;
    d->s->count[drop.source].reason[CONFLICT]++;
    return put(d, &drop);
}

/* An impatient finger: two events, each with an id of its own. */
static bool
click_twice(struct day *d, struct sim_drop drop)
{
    usec_t after = (200 + sim_below(&d->dice, 1300)) * MSEC;

    drop.number = ++d->s->number[drop.source];
    drop.time += after;
    drop.received += after;
    d->s->count[drop.source].twice++;
    tally(d, &drop, false);
    return put(d, &drop);
}

/* Tool and machine together stay below the five minutes from which on a collector refuses the
 * future. */
static int32_t
skew_of(const struct day *d, int source)
{
    return simulate_skew_s[source] + d->p->skew_s;
}

static bool
happen(struct day *d, int action, int source, usec_t after_midnight)
{
    struct simulate          *s = d->s;
    const struct sim_profile *f = s->profile;
    bool                      late;
    struct sim_drop           drop = { .who = d->who,
                                       .action = (uint8_t)action,
                                       .source = (uint8_t)source,
                                       .object = sim_below(&d->dice, 5000),
                                       .alias = *d->p->alias && source == TICKETS,
                                       .shout = d->who % 9 == 4 && source == BILLING };

    drop.time = d->midnight + after_midnight;
    drop.received = drop.time + delay(&d->dice, &late);
    drop.time += skew_of(d, source) * USEC_SECOND;
    drop.number = ++s->number[source];
    if (due(s, &s->due_broken, f->broken))
        drop.fault = (uint8_t)(1 + s->next_fault++ % (FAULTS - 1));
    tally(d, &drop, late);
    if (!put(d, &drop))
        return false;
    if (drop.fault != SOUND)
        return true;
    return (!due(s, &s->due_retry, f->retry) || repeat(d, drop)) &&
           (!due(s, &s->due_conflict, f->conflict) || conflict(d, drop)) &&
           (late || !due(s, &s->due_twice, f->twice) || click_twice(d, drop));
}

/* --- somebody's day ------------------------------------------------------------------------ */

/* Own tools first, the others a little. */
static uint32_t
weight_of(const struct sim_person *p, int action)
{
    const struct sim_action *a = &simulate_actions[action];

    if (!(p->knows >> action & 1))
        return 0;
    return a->weight * (a->source == p->team ? 5u : 1u);
}

static int
choose(const struct sim_person *p, uint32_t sum, struct sim_dice *dice)
{
    uint32_t r = sim_below(dice, sum);
    int      a = ACTION_REPORT;

    for (uint32_t w; r >= (w = weight_of(p, a)); a++)
        r -= w;
    return a;
}

static bool
work(struct day *d, uint32_t events)
{
    uint32_t sum = 0;
    usec_t   first = 7 * USEC_HOUR + sim_below(&d->dice, 60 * 60 * 1000) * MSEC;

    for (int a = ACTION_REPORT; a < simulate_actions_n; a++)
        sum += weight_of(d->p, a);
    if (!happen(d, ACTION_LOGON, d->p->team, first))
        return false;
    for (uint32_t i = 0; i < events; i++) {
        int a = choose(d->p, sum, &d->dice);

        if (!happen(d, a, simulate_actions[a].source, simulate_moment(&d->dice)))
            return false;
    }
    return true;
}

/* Programs run day and night, some of it looking like work. */
static bool
run_program(struct day *d)
{
    static const struct {
        uint32_t who;
        uint8_t  source, action, first, every, times; /* hours */
    } jobs[] = { { 0, CRM, ACTION_SYNC, 0, 1, 1 },
                 { 0, CRM, ACTION_REST + 1, 2, 24, 9 },
                 { 0, TICKETS, ACTION_SYNC, 3, 6, 1 },
                 { 1, CRM, ACTION_REPORT, 5, 24, 1 },
                 { 2, BILLING, ACTION_SYNC, 1, 4, 1 } };

    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (jobs[i].who != d->p->name)
            continue;
        for (int hour = jobs[i].first; hour < 23; hour += jobs[i].every)
            for (int k = 0; k < jobs[i].times; k++)
                if (!happen(d, jobs[i].action, jobs[i].source,
                            hour * USEC_HOUR + (5 + k) * USEC_MINUTE))
                    return false;
    }
    return true;
}

bool
simulate_plan_day(struct simulate *s, int32_t day, struct err *e)
{
    for (uint32_t who = 0; who < s->persons; who++) {
        struct day d = { .s = s,
                         .p = &s->person[who],
                         .e = e,
                         .who = who,
                         .day = day,
                         .midnight = s->day_start[day],
                         .dice = sim_dice((uint64_t)s->o.seed, ACTING, who, (uint64_t)day) };

        if (d.p->role == SERVICE) {
            if (!run_program(&d))
                return false;
            continue;
        }
        uint32_t events = simulate_work(s, who, day, s->scale);
        if (events && !work(&d, events))
            return false;
    }
    return true;
}
