/* pilot.h - a pilot and its charter, as everybody above reads them.
 *
 * A charter ("patto di pilota") is declared with apply (declare.h), sealed before day one,
 * and from then on only amended. What is stored is its canonical bytes and their SHA-256;
 * this header gives them back as structs.
 *
 * All structs and texts live in the arena given. Shares are whole numbers in ten-thousandths
 * (0.70 is 7000); days are day numbers of the pilot's calendar (time.h), `end` inclusive.
 */
#ifndef COLLAUDO_PILOT_H
#define COLLAUDO_PILOT_H

#include "collaudo/db.h"
#include "collaudo/hash.h"
#include "collaudo/time.h"

enum pilot_state {
    PILOT_DRAFT,   /* may still be changed */
    PILOT_SEALED,  /* fixed, day one has not come */
    PILOT_RUNNING, /* inside the window */
    PILOT_READOUT, /* window over, waiting late_grace for late events */
    PILOT_FROZEN,  /* the verdict is final */
    PILOT_ARCHIVED,
};

enum charter_side { CHARTER_AT_LEAST, CHARTER_AT_MOST }; /* {"ge": x} or {"le": x} */

struct charter_mark {
    bool              given;
    enum charter_side side;
    int64_t           e4; /* ten-thousandths */
};

struct charter_criterion {
    const char         *id, *kpi;
    const char         *params;        /* canonical JSON object for the KPI, "{}" when none */
    int64_t             weeks;         /* params.weeks, 0: every complete week */
    struct charter_mark target, floor; /* floor not given: same as target */
    bool                must, observe;
    int64_t             weight;
    int64_t             min_n, min_weeks, min_records; /* below: INSUFFICIENT; 0: no minimum */
    int64_t     sustain_pass, sustain_of; /* met in pass of the last `of` weeks; 0: pooled */
    const char *owner;                    /* who mends it; "" when not said */
};

struct charter {
    struct charter_criterion *criteria;
    size_t                    criteria_n;
    int64_t                   go_e4, conditional_e4, min_coverage_e4;
    int64_t                   company_seats;     /* 0: not said */
    int64_t                   price_cents_month; /* per seat; 0: not said */
    int64_t                   late_grace_h;
    int64_t                   min_group;    /* k */
    const char *const        *value_events; /* globs over action */
    size_t                    value_events_n;
    const char *const        *features; /* what was bought, may be empty */
    size_t                    features_n;
    const char               *agreement_ref, *notice_ref;
    int64_t                   raw_retention_days;
};

struct pilot {
    int64_t                 workspace, id;
    const char             *code, *name, *workspace_name;
    const struct time_zone *zone;
    int32_t                 start, end; /* first and last day */
    bool                    draft, archived;
    usec_t                  sealed_at; /* 0: not sealed */
    bool                    replay;    /* history replayed: marked for ever */
    usec_t                  replay_as_of;
    uint8_t                 charter_hash[32];
    const char             *charter_text; /* the canonical bytes */
    struct charter          charter;
};

/* By its code, unique per installation. ERR_NOT_FOUND names the nearest code. Opens and ends
 * its own transactions on `db` (role DB_APP). */
must_check bool pilot_find(struct db *db, const char *code, struct arena *mem, struct pilot *ret,
                           struct err *e);

/* Every pilot of the installation, by workspace and code. */
must_check bool pilot_list(struct db *db, struct arena *mem, struct pilot **ret, size_t *ret_n,
                           struct err *e);

/* The state at an instant: what is written, and what follows from the clock. */
enum pilot_state pilot_state_at(const struct pilot *p, usec_t now);
const char      *pilot_state_name(enum pilot_state s); /* "running" */

/* Figures are cut at midnight (PRIVACY.md): the first day that is not counted when the clock
 * of a reading command stands at as_of; at most end + 1. */
int32_t pilot_cut(const struct pilot *p, usec_t as_of);

/* Weeks by the Monday of their first day. A week is complete when all its seven days lie in the
 * window and before the cut. */
bool pilot_week_complete(const struct pilot *p, int32_t monday, int32_t cut);

/* The charter read back from its canonical bytes. ERR_INVALID: not ours. */
must_check bool charter_read(const char *text, struct arena *mem, struct charter *ret,
                             struct err *e);

#endif
