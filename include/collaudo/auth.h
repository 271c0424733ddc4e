/* auth.h - who may do what: rights of routes, and the ingest keys of tools.
 *
 * A key is `clk_<id>_<secret>`: 16 hex digits that name it and 64 that prove it. It is shown once;
 * stored is the SHA-256 of its secret. It can only send: events of one source, of some types or
 * of all, so many a second, until it expires or is revoked. A source has at most two keys in force,
 * so that one can replace the other without a gap.
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
#define AUTH_RATE 20000  /* events a second of a key for which nothing else was said */
#define AUTH_MOST_RATE 1000000
#define AUTH_BURST 5 /* so many seconds of its rate a key may send at once */

/* --- keys in the database ------------------------------------------------------- */

struct auth_key_opts {
    int64_t            workspace;
    const char        *source; /* its code */
    const char *const *types;  /* names of event types; none: all of them */
    size_t             types_n;
    usec_t             now, expires; /* expires 0: never */
    int32_t            last_day;     /* instead: the end of this day where the pilot is */
    int64_t            rate;         /* events a second; 0: AUTH_RATE */
};

/* "90d", "2026-12-31" (that day included) or an instant, into expires or last_day. ERR_INVALID. */
must_check bool auth_key_until(const char *text, struct auth_key_opts *o, struct err *e);

struct auth_key_made {
    char id[AUTH_ID_LEN];
    char text[AUTH_KEY_LEN]; /* the whole key: show it once, then hash_wipe() it */
};

/* Its own transaction, `db` in the role DB_APP. ERR_NOT_FOUND: no such source (names the nearest).
 * ERR_INVALID: unknown type, expiry in the past, no such rate. ERR_CONFLICT: two keys are in
 * force, or the pilot of the source has no notice or is archived. */
must_check bool auth_key_create(struct db *db, const struct auth_key_opts *o, struct arena *mem,
                                struct auth_key_made *ret, struct err *e);

enum auth_key_state { AUTH_KEY_LIVE, AUTH_KEY_EXPIRED, AUTH_KEY_REVOKED };

struct auth_key {
    const char         *id, *workspace, *source, *pilot; /* codes */
    const char         *types;                           /* blank between them; "": all */
    usec_t              made, expires, revoked;          /* 0: never */
    usec_t              used;                            /* last, to a minute; 0: never */
    int64_t             rate;
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
    int64_t                 rate;    /* events a second */
};

struct auth_ring;

struct auth_ring *auth_ring_new(void); /* empty: nothing is known yet. NULL: no memory */
void              auth_ring_close(struct auth_ring *r);
AUTO_DEFINE_STRUCT(auth_ring, auth_ring_close)

/* Takes in all keys as the database has them now, and notes there, at most once a minute for each,
 * when they were used; `db` in the role DB_LOADER, outside a transaction; NULL: it cannot be
 * reached. On failure the ring keeps what it had, and answers ERR_BUSY for keys it does not know,
 * as it does when it was not refreshed for AUTH_STALE. Call it at least every second. */
bool auth_ring_refresh(struct auth_ring *r, struct db *db, struct err *e);

/* Whose key is this? Any thread, without the database. The entry is a copy in `mem`.
 * ERR_UNKNOWN_WHO: nobody's, or revoked. ERR_KEY_EXPIRED. ERR_BUSY: not known here, but the ring
 * may lack what the database has. ERR_TOO_MANY: it has sent more than its rate; e->wait. */
must_check bool auth_ring_find(struct auth_ring *r, const char *key, size_t n, usec_t now,
                               struct arena *mem, const struct auth_entry **ret, struct err *e);
#define AUTH_STALE (3 * USEC_SECOND)

/* So many events came with this key; any thread. */
void auth_ring_spend(struct auth_ring *r, const struct auth_entry *who, uint64_t events);

/* When the key was used last in this process; 0: not yet. */
usec_t auth_ring_used(struct auth_ring *r, const char *id);

#endif
