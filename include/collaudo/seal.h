/* seal.h - `seal`: a charter that cannot work is refused while it can still be changed; one that
 * can is fixed, with the partition of its roster, and from then on only amended.
 *
 * Everything that is wrong is reported at once, each with a sentence that says what to change.
 * Texts name criteria, sources and dates, never people.
 */
#ifndef COLLAUDO_SEAL_H
#define COLLAUDO_SEAL_H

#include "collaudo/pilot.h"

/* What sealing must know of a KPI; the module that has them is above this one. */
struct seal_kpi {
    const char *id;
    bool        people;          /* its den counts people of the roster */
    bool        share;           /* num is a part of den: no value above 1 */
    const char *needs;           /* event types it reads, blank between them; "": any */
    bool        lower_is_better; /* a target says {"le": x}; else {"ge": x} */
};

struct seal_opts {
    const char            *pilot;
    usec_t                 now;
    bool                   replay; /* history is played from replay_as_of on */
    usec_t                 replay_as_of;
    const struct seal_kpi *kpis;
    size_t                 kpis_n;
};

struct seal_report {
    bool               sealed;
    const char *const *problems; /* why it is not; what to change */
    size_t             problems_n;
    const char *const *warnings; /* sealed or not */
    size_t             warnings_n;
    int64_t            people, managers; /* who count; managers are among them */
    int64_t            weeks, judged;    /* complete weeks; those after onboarding */
    const char *const *cells;            /* of the frozen partition; none: only the total */
    size_t             cells_n;
    uint8_t            charter_hash[32];
};

/* Its own transactions on `db`, role DB_APP, outside a transaction; everything in `mem`.
 * True: *ret says whether it is sealed; seal_check() makes an error of a report with problems.
 * ERR_NOT_FOUND: no such pilot. ERR_CONFLICT: sealed already. */
must_check bool pilot_seal(struct db *db, const struct seal_opts *o, struct arena *mem,
                           struct seal_report *ret, struct err *e);

/* False with the first problem and the number of the others, when there is one. */
must_check bool seal_check(const struct seal_report *r, struct err *e);

#endif
