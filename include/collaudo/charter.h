/* charter.h - what a pilot must reach, as it was sealed ("patto di pilota").
 *
 * What is stored is canonical bytes: RFC 8785 JSON with integers only (shares in ten-thousandths
 * as `..._e4`, money in cents as `..._cents`), every default written out, so that leaving a key
 * away and writing its default are the same charter. This header gives them back as structs.
 *
 * All structs and texts live in the arena given. Shares are whole numbers in ten-thousandths
 * (0.70 is 7000).
 */
#ifndef COLLAUDO_CHARTER_H
#define COLLAUDO_CHARTER_H

#include "collaudo/arena.h"
#include "collaudo/err.h"

#include <stdint.h>

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

/* The charter read back from its canonical bytes. ERR_INVALID: not ours. */
must_check bool charter_read(const char *text, struct arena *mem, struct charter *ret,
                             struct err *e);

#endif
