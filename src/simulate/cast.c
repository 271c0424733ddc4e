/* cast.c - who is in the pilot: people, programs, agencies, and who takes to the tools. */
#include "simulate_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASTING = 1 }; /* the purpose of these dice */

#define PROGRAMS 3
#define SHARED_BOXES 2

/* clang-format off */
static const char *const first[] = {
    "anna", "luca", "giulia", "marco", "chiara", "paolo", "elena", "davide", "sara", "andrea",
    "laura", "matteo", "silvia", "stefano", "francesca", "giorgio", "marta", "roberto", "ilaria",
    "simone", "paola", "enrico", "valeria", "fabio",
};
static const char *const last[] = {
    "rossi", "bianchi", "ferrari", "russo", "romano", "colombo", "ricci", "marino", "greco",
    "bruno", "gallo", "conti", "costa", "giordano", "mancini", "rizzo", "lombardi", "moretti",
    "barbieri", "fontana", "santoro", "mariani", "rinaldi", "caruso", "ferrara", "galli", "martini",
    "leone", "longo", "gentile", "martinelli", "vitale", "lombardo", "serra", "coppola", "desantis",
    "marchetti", "parisi", "villa", "conte", "ferraro",
};
static const char *const programs[PROGRAMS] = { "sync@integration", "report-bot", "backup@integration" };
static const char *const boxes[SHARED_BOXES] = { "info@azienda.example", "amministrazione@azienda.example" };
/* How much more than others somebody does, sixteenths of a log-normal crowd. */
static const uint16_t drives[16] = { 84, 116, 140, 161, 181, 201, 222, 244, 268, 295, 326, 362, 408, 469, 565, 782 };
/* clang-format on */

#define FIRST (sizeof first / sizeof *first)
#define LAST (sizeof last / sizeof *last)

/* --- names ------------------------------------------------------------------------- */

/* Numbers below FIRST * LAST are different pairs, because the two have no common divisor. */
_Static_assert(FIRST == 24 && LAST == 41, "no common divisor");

static void
name_seat(struct sim_person *p)
{
    const char *f = first[p->name % FIRST], *l = last[p->name % LAST];
    uint32_t    again = p->name / (uint32_t)(FIRST * LAST);

    if (again)
        snprintf(p->id, sizeof p->id, "%s.%s%u@azienda.example", f, l, again + 1);
    else
        snprintf(p->id, sizeof p->id, "%s.%s@azienda.example", f, l);
}

static void
name(struct sim_person *p)
{
    if (p->role == EXTERNAL)
        snprintf(p->id, sizeof p->id, "agenzia%u@partner.example", p->name + 1);
    else if (p->role == SERVICE)
        snprintf(p->id, sizeof p->id, "%s", programs[p->name]);
    else if (p->role == SHARED)
        snprintf(p->id, sizeof p->id, "%s", boxes[p->name]);
    else if (p->role == STRANGER)
        snprintf(p->id, sizeof p->id, "consulente@altrove.example");
    else
        name_seat(p);
}

/* --- roles and curves ---------------------------------------------------------------- */

/* Champions and managers: three of twenty each, one at least; the rest half and half. */
static void
share_roles(int32_t people, int32_t ret[SEAT_ROLES])
{
    ret[CHAMPION] = (people * 3 + 10) / 20 ? (people * 3 + 10) / 20 : 1;
    ret[MANAGER] = ret[CHAMPION];
    ret[SENIOR] = (people - ret[CHAMPION] - ret[MANAGER]) / 2;
    ret[JUNIOR] = people - ret[CHAMPION] - ret[MANAGER] - ret[SENIOR];
}

/* Curve of the i-th of n people of a role. Quotas, not dice: a small team is as its profile
 * says. Counted from the middle of each person's share, so that rounding favours no curve. */
static enum sim_curve
curve_of(const uint8_t percent[CURVES], int32_t i, int32_t n)
{
    int32_t at = (2 * i + 1) * 100 / (2 * n), sum = 0;
    int     c = 0;

    while (c < CURVES - 1 && at >= (sum += percent[c]))
        c++;
    return (enum sim_curve)c;
}

static uint32_t
half_life(enum sim_curve c, struct sim_dice *d)
{
    switch (c) {
    case SLOW:
        return (uint32_t)sim_between(d, 21, 35);
    case DECAY:
        return (uint32_t)sim_between(d, 7, 18);
    case WEEK1:
        return (uint32_t)sim_between(d, 2, 8);
    default:
        return 1;
    }
}

/* --- one person ------------------------------------------------------------------------ */

static uint32_t
known_actions(const struct sim_person *p, struct sim_dice *d)
{
    uint32_t bits = 0, value = 0, own = 0;

    for (int i = ACTION_REPORT; i < simulate_actions_n; i++) {
        const struct sim_action *a = &simulate_actions[i];
        uint32_t                 percent = a->known;

        if (p->role == MANAGER && a->value) /* they look on */
            percent = i == ACTION_REPORT ? 100 : percent / 3;
        if (a->value && a->source == p->team && !own)
            own = UINT32_C(1) << i;
        if (sim_below(d, 100) < percent) {
            bits |= UINT32_C(1) << i;
            value |= a->value ? UINT32_C(1) << i : 0;
        }
    }
    return value ? bits : bits | own;
}

static void
holidays_of(struct simulate *s, struct sim_person *p, struct sim_dice *d)
{
    for (int i = 0; i < 2; i++) {
        bool    goes = sim_below(d, 100) < (i ? 25u : 50u);
        int32_t from = s->o.start + sim_between(d, 3, s->o.days), days = sim_between(d, 2, 8);

        p->away[i][0] = goes ? from : 0;
        p->away[i][1] = goes ? from + days : -1;
    }
}

/* A few come later or go earlier; never those the pilot leans on. */
static void
dates_of(struct simulate *s, struct sim_person *p, struct sim_dice *d)
{
    uint32_t r = sim_below(d, 100);

    p->joined = INT32_MIN;
    p->left = INT32_MAX;
    if (p->role != JUNIOR && p->role != SENIOR)
        return;
    if (r < 4)
        p->joined = s->o.start + sim_between(d, 5, s->o.days / 2);
    else if (r < 8)
        p->left = s->o.start + s->o.days - 1 - sim_between(d, 3, s->o.days / 2);
    p->lingers = r >= 4 && r < 7;
}

static void
make(struct simulate *s, uint32_t who, enum sim_role role, enum sim_curve curve, uint32_t number)
{
    struct sim_person *p = &s->person[who];
    struct sim_dice    d = sim_dice((uint64_t)s->o.seed, CASTING, who, 0);

    *p = (struct sim_person){ .role = (uint8_t)role,
                              .curve = (uint8_t)curve,
                              .team = (uint8_t)(number % TEAMS),
                              .name = number,
                              .joined = INT32_MIN,
                              .left = INT32_MAX,
                              .drive = drives[sim_below(&d, 16)],
                              .half_life = half_life(curve, &d) };
    p->knows = known_actions(p, &d);
    p->away[0][1] = p->away[1][1] = -1;
    name(p);
    if (!sim_has_seat(p))
        return;
    if (sim_below(&d, 100) < 20) /* a short name, as older tools want it */
        snprintf(p->alias, sizeof p->alias, "%c%s%u", *first[number % FIRST], last[number % LAST],
                 number + 1);
    p->skew_s = sim_below(&d, 100) < 4 ? sim_between(&d, -180, 180) : 0;
    holidays_of(s, p, &d);
    dates_of(s, p, &d);
}

/* --- everybody --------------------------------------------------------------------------- */

/* Numbers 0 to n - 1 in an order of the seed's. */
static void
shuffle(uint32_t *v, uint32_t n, uint64_t seed)
{
    struct sim_dice d = sim_dice(seed, CASTING, UINT32_MAX, 0);

    for (uint32_t i = 0; i < n; i++)
        v[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t k = sim_below(&d, i), t = v[i - 1];

        v[i - 1] = v[k];
        v[k] = t;
    }
}

static uint32_t
agencies(int32_t people)
{
    return people / 100 < 18 ? 2 + (uint32_t)people / 100 : 20;
}

bool
simulate_cast(struct simulate *s, struct err *e)
{
    uint32_t  people = (uint32_t)s->o.people, agents = agencies(s->o.people), who = 0;
    int32_t   of[SEAT_ROLES];
    uint32_t *number = calloc(people, sizeof *number);

    s->persons = people + agents + PROGRAMS + SHARED_BOXES + 1;
    s->person = calloc(s->persons, sizeof *s->person);
    if (!number || !s->person) {
        free(number);
        return err_set(e, ERR_NOMEM, "no memory for %u people", people);
    }
    shuffle(number, people, (uint64_t)s->o.seed);
    share_roles(s->o.people, of);
    for (int r = 0; r < SEAT_ROLES; r++)
        for (int32_t i = 0; i < of[r]; i++, who++)
            make(s, who, (enum sim_role)r, curve_of(s->profile->curve[r], i, of[r]), number[who]);
    free(number);
    for (uint32_t i = 0; i < agents; i++, who++)
        make(s, who, EXTERNAL, SUSTAINED, i);
    for (uint32_t i = 0; i < PROGRAMS; i++, who++)
        make(s, who, SERVICE, SUSTAINED, i);
    for (uint32_t i = 0; i < SHARED_BOXES; i++, who++)
        make(s, who, SHARED, SUSTAINED, i);
    make(s, who, STRANGER, SUSTAINED, 0);
    return true;
}
