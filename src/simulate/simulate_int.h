/* simulate_int.h - the parts of a simulation: cast, rhythm, plan, lines, truth. */
#ifndef COLLAUDO_SIMULATE_INT_H
#define COLLAUDO_SIMULATE_INT_H

#include "collaudo/simulate.h"

#include "collaudo/calendar.h"

#define MILLION 1000000u
#define SHARE 10000u                /* shares are per myriad */
#define ONE 256u                    /* factors are per 256 */
#define LATEST (6 * 24 * USEC_HOUR) /* the longest delay of a first delivery */
#define DAY_MAP ((SIMULATE_MOST_DAYS + 63) / 64)

/* --- chance -------------------------------------------------------------------------- */

/* splitmix64: whole numbers only, and a stream can begin anywhere. */
struct sim_dice {
    uint64_t at;
};

static inline uint64_t
sim_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t
sim_roll(struct sim_dice *d)
{
    return sim_mix(d->at += UINT64_C(0x9e3779b97f4a7c15));
}

/* A stream of its own for each (seed, purpose, who, day). */
static inline struct sim_dice
sim_dice(uint64_t seed, uint64_t purpose, uint64_t who, uint64_t day)
{
    return (struct sim_dice){ sim_mix(sim_mix(sim_mix(seed + purpose) + who) + day) };
}

/* 0 <= x < n */
static inline uint32_t
sim_below(struct sim_dice *d, uint32_t n)
{
    return (uint32_t)((sim_roll(d) >> 32) * n >> 32);
}

static inline int32_t
sim_between(struct sim_dice *d, int32_t low, int32_t high) /* both included */
{
    return low + (int32_t)sim_below(d, (uint32_t)(high - low + 1));
}

/* --- tables ---------------------------------------------------------------------------- */

enum { CRM, BILLING, TICKETS };

enum sim_role {
    CHAMPION,
    MANAGER,
    SENIOR,
    JUNIOR, /* up to here: seats */
    EXTERNAL,
    SERVICE,
    SHARED,   /* info@: in no roster */
    STRANGER, /* somebody nobody has declared */
    ROLES
};
#define SEAT_ROLES ((int)EXTERNAL)

enum sim_curve { SUSTAINED, SLOW, DECAY, WEEK1, NEVER, CURVES };

/* Why a line will be refused; SOUND when it will not. */
enum sim_fault {
    SOUND,
    CUT_OFF,
    NO_OBJECT,
    LATIN1,
    KEY_TWICE,
    NO_ID,
    NO_TIME,
    NO_USER,
    NO_ACTION,
    LOCAL_TIME,
    FAR_FUTURE,
    NO_SUCH_TYPE,
    OTHER_SOURCE,
    FAULTS,
    CONFLICT = FAULTS, /* the id of another event: good in itself, refused beside it */
    REASONS
};

struct sim_profile {
    const char *name;
    uint8_t     curve[SEAT_ROLES][CURVES];      /* percent of a role's people */
    uint32_t    retry, twice, broken, conflict; /* of a million events: sent again; clicked twice;
                                                 * malformed; with a used id */
};

struct sim_action {
    const char *verb, *object; /* object "": none */
    const char *feature;       /* NULL: called like the verb */
    uint8_t     source;
    bool        value;  /* counts as use */
    uint8_t     weight; /* how often, among those who use it */
    uint8_t     known;  /* percent of people who use it at all */
};

extern const struct sim_profile simulate_profile_list[];
extern const size_t             simulate_profiles_n;
extern const struct sim_action  simulate_actions[];
extern const int                simulate_actions_n; /* at most 32 */
extern const char *const        simulate_reasons[REASONS];
extern const char *const        simulate_curve_names[CURVES];
extern const char *const        simulate_source_names[SIMULATE_SOURCES];
extern const int32_t            simulate_skew_s[SIMULATE_SOURCES];
extern const char *const        simulate_team_names[];
#define TEAMS 3

/* Actions with a part of their own: the first two are no use of a tool, the third is what
 * managers do. */
enum { ACTION_LOGON, ACTION_SYNC, ACTION_REPORT, ACTION_REST };

/* --- the cast ----------------------------------------------------------------------------- */

struct sim_person {
    char     id[48];    /* the user name in the tools */
    char     alias[24]; /* under which one tool knows the person; "": under the same */
    uint8_t  role, curve, team;
    bool     lingers;      /* left, but some program goes on under the name */
    uint32_t name;         /* number among its kind */
    uint32_t knows;        /* bit per action */
    uint32_t drive;        /* how much more than others, per ONE */
    uint32_t half_life;    /* days, of DECAY; of SLOW: days until used to it; of WEEK1: days */
    int32_t  joined, left; /* local days; INT32_MIN and INT32_MAX: always there */
    int32_t  away[2][2];   /* holidays: first and last day */
    int32_t  skew_s;       /* of the person's machine */
    /* the truth, as it grows */
    int64_t  events, value_events;
    uint32_t used;          /* bit per action of a value event */
    uint64_t days[DAY_MAP]; /* bit per day of the window with a value event while eligible */
};

/* --- deliveries ------------------------------------------------------------------------------ */

struct sim_drop {
    usec_t   received, time; /* time: as the tool states it */
    uint32_t who, number, object, order;
    uint8_t  action, source, fault, copy;
    bool     alias, shout; /* the name: by its alias; in capitals */
};

struct sim_bin {
    struct sim_drop *v;
    size_t           n, cap;
};

#define BINS 10 /* the latest delivery, its repeat, and a day of 23 hours */

struct sim_count { /* of one source */
    int64_t received, loaded, duplicates, reason[REASONS];
    int64_t late, twice, gone, value_events, events[ROLES]; /* of those loaded */
};

struct simulate {
    struct simulate_opts      o;
    const struct sim_profile *profile;
    char                     *pilot;
    struct sim_person        *person;
    size_t                    persons;
    usec_t                   *day_start;  /* of each day of the window and of BINS after it */
    uint32_t                 *day_weight; /* of each day of the window, per myriad */
    bool                     *works;      /* of each day of the window: a working day */
    uint64_t                  scale;      /* of events per working day, per 65536 */
    struct calendar_closure   closure[2]; /* in August */
    size_t                    closures;
    int                       sustained_weeks, sustained_active; /* of the charter */
    /* where the stream is */
    int32_t          day; /* handed out now; -1 before the first */
    struct sim_bin   today, later[BINS];
    size_t           at; /* in today */
    struct sim_dice  luck;
    uint32_t         due_retry, due_twice, due_broken, due_conflict, next_fault, order;
    uint32_t         number[SIMULATE_SOURCES];
    struct sim_count count[SIMULATE_SOURCES];
    char             line[SIMULATE_MOST_LINE];
    int64_t          offset_hour; /* of the zone's offset that was asked last */
    int              offset_s;
};

/* cast.c */
must_check bool simulate_cast(struct simulate *s, struct err *e);

static inline bool
sim_has_seat(const struct sim_person *p)
{
    return p->role < SEAT_ROLES;
}

/* rhythm.c */
void simulate_calendar(struct simulate *s); /* fills closures and day_weight */
/* How many events the person makes on a day of the window; 0: none. Asks no changing state. */
uint32_t simulate_work(const struct simulate *s, uint32_t who, int32_t day, uint64_t scale);
usec_t   simulate_moment(struct sim_dice *d); /* after midnight, within working hours */

/* plan.c */
must_check bool simulate_plan_day(struct simulate *s, int32_t day, struct err *e);

/* truth.c */
struct simulate_week {
    int32_t monday, first, last; /* first and last day inside the window */
    bool    complete;            /* all seven days are inside */
    bool    onboarding;          /* over within the first 14 days */
    bool    works;               /* some day of it is a working day */
};
/* The i-th week of the window; false: there are fewer. */
bool simulate_week(const struct simulate *s, int i, struct simulate_week *ret);

/* line.c */
/* The line into s->line; returns its length. */
size_t simulate_write(struct simulate *s, const struct sim_drop *d);

#endif
