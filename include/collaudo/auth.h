/* auth.h - who may do what: rights of routes, and the ingest keys of tools.
 *
 * A key is `clk_<id>_<secret>`: 16 hex digits that name it and 64 that prove it. It is shown once;
 * stored is the SHA-256 of its secret. It can only send: events of one source, of some types or
 * of all, until it expires or is revoked. A source has at most two keys in force, so that one can
 * replace the other without a gap.
 *
 * Doors ask the ring, which holds every key in memory: no request waits for the database, and
 * while the database is away the keys that were known go on.
 */
#ifndef COLLAUDO_AUTH_H
#define COLLAUDO_AUTH_H

#include "collaudo/auto.h"
#include "collaudo/db.h"
#include "collaudo/event.h"

/* What a route needs, and what somebody has: bits. Zero is the closed door: a route that forgot
 * to say what it needs serves nobody. */
enum right {
    RIGHT_NONE = 0,
    RIGHT_LOOK_IN = 1 << 0, /* is the service up? everybody has it */
    RIGHT_SEND = 1 << 1,    /* events of one source: keys */
    RIGHT_READ = 1 << 2,    /* figures, charts, reports, pages */
    RIGHT_ADMIN = 1 << 3,   /* declare, seal, keys, import: the admin socket */
};

/* May somebody with these rights pass a door that needs this one? */
static inline bool
auth_may(unsigned have, enum right need)
{
    return need != RIGHT_NONE && (have & need) == need;
}

#define AUTH_ID_LEN 17   /* of a key's id, with the 0 at the end */
#define AUTH_KEY_LEN 86  /* of a whole key, with the 0 at the end */
#define AUTH_LIVE_KEYS 2 /* in force at once, per source */

/* --- keys in the database ------------------------------------------------------- */

struct auth_key_opts {
    int64_t            workspace;
    const char        *source; /* its code */
    const char *const *types;  /* names of event types; none: all of them */
    size_t             types_n;
    usec_t             now, expires; /* expires 0: never */
};

struct auth_key_made {
    char id[AUTH_ID_LEN];
    char text[AUTH_KEY_LEN]; /* the whole key: show it once, then hash_wipe() it */
};

/* Its own transaction, `db` in the role DB_APP. ERR_NOT_FOUND: no such source (names the nearest).
 * ERR_INVALID: unknown type, expiry in the past. ERR_CONFLICT: two keys are in force, or the
 * pilot of the source has no notice or is archived. */
must_check bool auth_key_create(struct db *db, const struct auth_key_opts *o, struct arena *mem,
                                struct auth_key_made *ret, struct err *e);

enum auth_key_state { AUTH_KEY_LIVE, AUTH_KEY_EXPIRED, AUTH_KEY_REVOKED };

struct auth_key {
    const char         *id, *workspace, *source, *pilot; /* codes */
    const char         *types;                           /* blank between them; "": all */
    usec_t              made, expires, revoked;          /* 0: never */
    enum auth_key_state state;
};

/* By workspace, source and age; workspace 0: of all. `db` in the role DB_LOADER. */
must_check bool auth_key_list(struct db *db, int64_t workspace, usec_t now, struct arena *mem,
                              struct auth_key **ret, size_t *ret_n, struct err *e);
const char     *auth_key_state_name(enum auth_key_state s); /* "live" */

/* For good; revoking again changes nothing. `db` in the role DB_LOADER. ERR_NOT_FOUND. */
must_check bool auth_key_revoke(struct db *db, const char *id, usec_t now, struct err *e);

/* --- keys in memory ------------------------------------------------------------------ */

struct auth_entry {
    char                    id[AUTH_ID_LEN];
    unsigned                rights; /* RIGHT_SEND */
    int64_t                 workspace, source, pilot;
    const char             *source_code, *pilot_code;
    const struct time_zone *zone; /* of the pilot */
    bool                    replay;
    uint32_t                types;   /* 1 << enum event_type each; 0: all */
    usec_t                  expires; /* 0: never */
};

struct auth_ring;

struct auth_ring *auth_ring_new(void); /* empty: nothing is known yet. NULL: no memory */
void              auth_ring_close(struct auth_ring *r);
AUTO_DEFINE_STRUCT(auth_ring, auth_ring_close)

/* Takes in all keys as the database has them now; `db` in the role DB_LOADER, outside a
 * transaction; NULL: it cannot be reached. On failure the ring keeps what it had, and answers
 * ERR_BUSY for keys it does not know. One caller at a time; call it at least every second. */
bool auth_ring_refresh(struct auth_ring *r, struct db *db, struct err *e);

/* Whose key is this? Any thread, without the database. The entry is a copy in `mem`.
 * ERR_UNKNOWN_WHO: nobody's, expired or revoked. ERR_BUSY: not known here, but the ring has
 * never been filled or its last refresh failed. */
must_check bool auth_ring_find(struct auth_ring *r, const char *key, size_t n, usec_t now,
                               struct arena *mem, const struct auth_entry **ret, struct err *e);

#endif
