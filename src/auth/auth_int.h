/* auth_int.h - the form of a key. */
#ifndef AUTH_INT_H
#define AUTH_INT_H

#include "collaudo/auth.h"

#include <stdatomic.h>

#define AUTH_PREFIX "clk_"
#define AUTH_SECRET_BYTES 32
#define AUTH_SECRET_LEN (2 * AUTH_SECRET_BYTES)

/* A key cut into its parts; false: it does not look like one. */
bool auth_key_cut(const char *key, size_t n, char ret_id[AUTH_ID_LEN], const char **ret_secret);

/* Names of event types, blank between them, as a mask; "": 0, all. A name that this program does
 * not know allows nothing. */
uint32_t auth_types_mask(const char *types);

/* --- meter.c -------------------------------------------------------------------- */

struct auth_meter {
    _Atomic int64_t paid; /* nanoseconds of the monotonic clock, as `now` below */
};

/* Seconds until somebody with this meter may send again; 0: now. */
unsigned auth_meter_wait(const struct auth_meter *m, int64_t now);
void     auth_meter_spend(struct auth_meter *m, int64_t rate, uint64_t events, int64_t now);

#endif
