/* rhythm.c - who works when: adoption curves, weeks, Italian holidays, hours with a lunch. */
#include "simulate_int.h"

enum { WORKING = 2 }; /* the purpose of these dice */

#define ACCESS_DAYS 7 /* newcomers try the tools within a week */
#define LINGER_DAYS 10

/* --- the calendar ----------------------------------------------------------------- */

/* The company closes in the two weeks around Ferragosto. */
static void
close_august(struct simulate *s, int year)
{
    int32_t first = time_monday(time_day(year, 8, 12)), end = s->o.start + s->o.days - 1;

    if (first > end || first + 11 < s->o.start || s->closures == 2)
        return;
    s->closure[s->closures++] = (struct calendar_closure){ first, first + 11, "Chiusura estiva" };
}

static uint32_t
weight_of(const struct simulate *s, int32_t day)
{
    static const uint32_t week[8] = { 0, 10000, 10500, 10500, 10000, 8500, 300, 100 };
    int                   weekday = time_weekday(day);
    bool                  free = *calendar_why(day, true, s->closure, s->closures);

    if (weekday > 5)
        return week[weekday];
    if (free)
        return 100; /* somebody always does */
    /* a bridge: the one working day between a holiday and the weekend */
    if ((weekday == 1 && *calendar_why(day + 1, true, s->closure, s->closures)) ||
        (weekday == 5 && *calendar_why(day - 1, true, s->closure, s->closures)))
        return 4500;
    return week[weekday];
}

void
simulate_calendar(struct simulate *s)
{
    struct time_civil from, to;

    time_day_civil(s->o.start, &from);
    time_day_civil(s->o.start + s->o.days - 1, &to);
    for (int year = from.year; year <= to.year; year++)
        close_august(s, year);
    for (int32_t d = 0; d < s->o.days; d++) {
        s->day_weight[d] = weight_of(s, s->o.start + d);
        s->works[d] = !*calendar_why(s->o.start + d, true, s->closure, s->closures);
    }
}

/* --- adoption -------------------------------------------------------------------------- */

/* 10000 halved once per half-life, straight in between. */
static uint32_t
decay(uint32_t days, uint32_t half)
{
    uint32_t turns = days / half, whole = turns < 16 ? SHARE >> turns : 0;

    return whole - whole / 2 * (days % half) / half;
}

/* How much of the usual use there is `days` days after access, per myriad. */
static uint32_t
adoption(const struct sim_person *p, uint32_t days)
{
    switch (p->curve) {
    case SUSTAINED:
        return days < ACCESS_DAYS ? 5000 + 5000 * days / ACCESS_DAYS : SHARE;
    case SLOW:
        return days < p->half_life ? 800 + 8200 * days / p->half_life : 9000;
    case DECAY:
        return decay(days, p->half_life);
    case WEEK1:
        return days < p->half_life ? SHARE : 40; /* then a look back now and then */
    default:
        return 0;
    }
}

/* Days of work with the tools, of those at work; per myriad. */
static uint32_t
diligence(const struct sim_person *p)
{
    static const uint16_t of[ROLES] = {
        [CHAMPION] = 9600, [MANAGER] = 5500, [SENIOR] = 7500,  [JUNIOR] = 8500,
        [EXTERNAL] = 5000, [SHARED] = 8000,  [STRANGER] = 3000
    };

    return of[p->role];
}

static bool
is_away(const struct sim_person *p, int32_t day)
{
    return (day >= p->away[0][0] && day <= p->away[0][1]) ||
           (day >= p->away[1][0] && day <= p->away[1][1]);
}

/* --- how much --------------------------------------------------------------------------- */

/* -ln(1 - u) at sixteenths, per ONE: days differ as waiting times do. */
static uint32_t
burst(struct sim_dice *d)
{
    static const uint16_t q[16] = { 8,   25,  44,  63,  85,  108, 133, 161,
                                    192, 227, 268, 315, 374, 449, 556, 887 };

    return q[sim_below(d, 16)] + sim_below(d, 16);
}

static uint32_t
amount(const struct sim_person *p, struct sim_dice *d, uint64_t scale)
{
    static const uint8_t of[ROLES] = { [CHAMPION] = 12, [MANAGER] = 3, [SENIOR] = 7,  [JUNIOR] = 9,
                                       [EXTERNAL] = 4,  [SHARED] = 4,  [STRANGER] = 2 };
    uint64_t             n = (uint64_t)of[p->role] * p->drive * burst(d); /* per ONE * ONE */

    n = (n * scale >> 16) + sim_below(d, ONE * ONE); /* rounded by chance */
    n /= ONE * ONE;
    return n > UINT32_MAX ? UINT32_MAX : n ? (uint32_t)n : 1;
}

uint32_t
simulate_work(const struct simulate *s, uint32_t who, int32_t day, uint64_t scale)
{
    const struct sim_person *p = &s->person[who];
    int32_t                  at = s->o.start + day, access = s->o.start;
    struct sim_dice          d = sim_dice((uint64_t)s->o.seed, WORKING, who, (uint64_t)day);
    uint64_t                 share;

    if (p->role == SERVICE || at < p->joined || is_away(p, at))
        return 0;
    if (at > p->left) /* a program that still uses the name */
        return p->lingers && at <= p->left + LINGER_DAYS ? 3 : 0;
    if (p->joined > access)
        access = p->joined;
    share = (uint64_t)s->day_weight[day] * diligence(p) / SHARE;
    share = share * adoption(p, (uint32_t)(at - access)) / SHARE;
    if (sim_below(&d, SHARE) >= share)
        return 0;
    return amount(p, &d, scale);
}

usec_t
simulate_moment(struct sim_dice *d)
{
    /* half hours from 7:00 to 21:30 */
    static const uint8_t  hours[29] = { 1,  2,  6,  12, 17, 20, 21, 20, 18, 15, 10, 5, 4, 7, 12,
                                        16, 18, 18, 17, 15, 12, 8,  5,  3,  2,  2,  1, 1, 1 };
    static const uint32_t sum = 289;
    uint32_t              r = sim_below(d, sum), slot = 0;

    while (r >= hours[slot])
        r -= hours[slot++];
    return 7 * USEC_HOUR + slot * 30 * USEC_MINUTE +
           (usec_t)sim_below(d, 30 * 60 * 1000) * (USEC_SECOND / 1000);
}
