/* pilot_int.h - how a pilot stands in the database, for the files of this module. */
#ifndef PILOT_INT_H
#define PILOT_INT_H

#include "collaudo/pilot.h"
#include "collaudo/str.h"

struct pilot_row {
    int64_t         pilot_id;
    const char     *code, *name, *workspace_name, *state, *tz, *charter;
    int32_t         start_day, end_day;
    struct db_bytes charter_hash;
    usec_t          sealed_at, replay_as_of; /* 0: never */
    bool            replay;
};

extern const struct db_col pilot_cols[]; /* of pilot/get_pilot */

must_check bool pilot_from_row(int64_t workspace, const struct pilot_row *r, struct arena *mem,
                               struct pilot *ret, struct err *e);

#endif
