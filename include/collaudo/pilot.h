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

#include "collaudo/charter.h"
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

/* The instant from which on the verdict is final: late_grace after the last day is over. */
usec_t pilot_frozen_from(const struct pilot *p);

/* Figures are cut at midnight (PRIVACY.md): the first day that is not counted when the clock
 * of a reading command stands at as_of; at most end + 1. */
int32_t pilot_cut(const struct pilot *p, usec_t as_of);

/* Weeks by the Monday of their first day. A week is complete when all its seven days lie in the
 * window and before the cut. */
bool pilot_week_complete(const struct pilot *p, int32_t monday, int32_t cut);

/* Onboarding: a week that lies within the first 14 days of the window. Sustained use is counted
 * from the weeks after it. */
bool pilot_week_onboarding(const struct pilot *p, int32_t monday);

/* A company by its code; NULL or "": the only one there is. ERR_NOT_FOUND; ERR_INVALID when there
 * are several to choose from (the text names them). Its own transaction, role DB_APP. */
must_check bool pilot_workspace(struct db *db, const char *code, struct arena *mem, int64_t *ret,
                                struct err *e);

#endif
