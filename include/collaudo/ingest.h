/* ingest.h - one request body becomes one journal record, and the answer to its sender.
 *
 *   ingest_take()          doors 2 and 4: events
 *   ingest_heartbeat_take() door 8
 *   ingest_import_take()   `import` over the admin socket: numbered lines
 *
 * They are pure but for random quarantine ids: the caller appends intake.record to the journal
 * and answers when it is durable. A bad event never takes its neighbours down: it goes into
 * the same record as a quarantined item with its reason, the place of the fault and its raw
 * bytes, sealed. Clear identifiers are gone when these functions return: the record holds
 * pseudonyms (PRIVACY.md section 2) in place of the user, and of every reference (id,
 * object_id, correlation) that is more than letters, digits and . _ : / # - or that is the
 * user again; an action, feature or object_type with an @ in it likewise. No property is kept
 * yet: what a sender puts there is left out and counted.
 *
 * Everything returned lives in the arena given. A broken or refused event is no error;
 * errors are ERR_NOMEM, and ERR_TOO_LARGE for more than INGEST_MAX_EVENTS.
 */
#ifndef COLLAUDO_INGEST_H
#define COLLAUDO_INGEST_H

#include "collaudo/db.h"
#include "collaudo/event.h"
#include "collaudo/vault.h"

#define INGEST_MAX_EVENTS ((size_t)10000)  /* in one request */
#define INGEST_MAX_RAW ((size_t)64 << 10)  /* bytes kept of a quarantined event */
#define INGEST_MAX_RESULTS ((size_t)100)   /* refusals told one by one */
#define INGEST_MAX_TREE ((size_t)32 << 20) /* memory for one event's tree */

/* --- sources: who may send, and what an event of theirs needs ------------------------- */

struct ingest_source {
    int64_t                 workspace, id, pilot;
    const char             *name; /* its code: what `source` of an event must say */
    const char             *pilot_code;
    const struct time_zone *zone;      /* of the pilot */
    bool                    replay;    /* the pilot replays history */
    struct hash_key         key;       /* of the pilot */
    struct hash_mac         account;   /* HMAC begun with the key, "account" 0 name 0 */
    struct hash_mac         reference; /* and "reference" 0: the same in every source of a pilot */
};

/* Every source of the installation, in memory. Any thread. */
struct ingest_sources;

/* The vault outlives it. NULL: no memory. */
struct ingest_sources *ingest_sources_new(struct vault *v);
void                   ingest_sources_close(struct ingest_sources *s); /* all were put back */

/* Reads them all again; role DB_LOADER. A source whose pilot has no key (it was destroyed) is
 * not there. Sources that did not change stay the same struct. */
must_check bool ingest_sources_load(struct ingest_sources *s, struct db *db, struct err *e);

/* One of them, or NULL. It stays valid, also when it changes or vanishes, until it is put
 * back; keys of vanished ones are wiped then. */
const struct ingest_source *ingest_sources_get(struct ingest_sources *s, int64_t workspace,
                                               int64_t id);
const struct ingest_source *ingest_sources_named(struct ingest_sources *s, int64_t workspace,
                                                 const char *name, size_t n);
void ingest_sources_put(struct ingest_sources *s, const struct ingest_source *src);

/* "h:" and the pseudonym in hex that is stored in place of a reference: the same for the same
 * bytes in every source of a pilot, so that repetitions and cases are still known. In `mem`;
 * look at mem->denied. */
struct event_text ingest_hidden(const struct ingest_source *src, struct event_text t,
                                struct arena *mem);

/* --- taking -------------------------------------------------------------------------- */

enum ingest_dialect { INGEST_NATIVE, INGEST_CLOUDEVENTS };

struct ingest_form {
    enum ingest_dialect dialect;
    enum json_form      cut;   /* how the body holds its events */
    uint32_t            types; /* 1 << enum event_type for each the key may send; 0: all */
};

struct ingest_result {
    size_t            index; /* among the events of the request */
    struct event_text id;    /* absent when it could not be read */
    enum event_drop   why;
    const char       *pointer, *detail; /* detail may be NULL */
    struct hash_id    quarantine;
};

/* What one source had in a request. */
struct ingest_share {
    int64_t  source;
    uint64_t accepted, rejected;
    uint64_t dropped; /* members and properties of accepted events that are not kept */
};

struct ingest_intake {
    int64_t               workspace;
    struct ingest_share  *shares;
    size_t                shares_n;
    size_t                received, accepted, rejected; /* received = accepted + rejected */
    uint64_t              dropped;    /* members of accepted events that are not kept */
    bool                  unreadable; /* answer 400: the body was kept as one bad event */
    const char           *why;        /* what is wrong with it */
    struct ingest_result *results;    /* of the rejected, the first INGEST_MAX_RESULTS */
    size_t                results_n;
    const void           *record; /* for journal_append(); NULL when received is 0 */
    size_t                record_n;
};

must_check bool ingest_take(const struct ingest_source *src, const struct ingest_form *form,
                            const void *body, size_t n, usec_t received, struct arena *mem,
                            struct ingest_intake *ret, struct err *e);

/* {"source"?, "time"?} or nothing at all: the source is alive. */
must_check bool ingest_heartbeat_take(const struct ingest_source *src, const void *body, size_t n,
                                      usec_t received, struct arena *mem, struct ingest_intake *ret,
                                      struct err *e);

/* --- answers --------------------------------------------------------------------------- */

/* Door 4: {"request_id","received","accepted","rejected","results":[...]}. */
void ingest_answer(const struct ingest_intake *in, const char *request_id, struct str *out);
/* Doors 1, 2 and 8: {"success":true,"accepted":n,"quarantined":q,"request_id":..}. */
void ingest_answer_short(const struct ingest_intake *in, const char *request_id, struct str *out);

/* --- import ------------------------------------------------------------------------------ */

/* The body of an import: for each line u32 occurrence, i64 received (INGEST_NO_TIME: not
 * said), u32 length, the bytes. The occurrence numbers equal lines of one file 1, 2, 3 ...;
 * with it the loader knows a line that it has read before. `src` is the source of lines that
 * name none; a line may name another source of the same pilot, found in `all`. replay: a line
 * that does not say when it was received was received when it happened; else it is now.
 * ERR_INVALID: no such body. */
#define INGEST_NO_TIME INT64_MIN

must_check bool ingest_import_take(const struct ingest_source *src, struct ingest_sources *all,
                                   bool replay, const void *body, size_t n, usec_t now,
                                   struct arena *mem, struct ingest_intake *ret, struct err *e);

/* The other side: a file's lines become such bodies. */
struct ingest_frames;

struct ingest_frames *ingest_frames_new(bool replay); /* NULL: no memory */
void                  ingest_frames_close(struct ingest_frames *f);
AUTO_DEFINE_STRUCT(ingest_frames, ingest_frames_close)

/* One line of the file, without its newline; blank ones add nothing. Of a replay file each is
 * {"received": "...", "line": "<text>"}, in whose text a lone \udc80-\udcff stands for the
 * raw byte 80-ff; a line that is not goes in as it stands. ERR_NOMEM. */
must_check bool ingest_frames_add(struct ingest_frames *f, const char *line, size_t n,
                                  struct err *e);
size_t          ingest_frames_lines(const struct ingest_frames *f); /* since the last clear */
const void     *ingest_frames_body(const struct ingest_frames *f, size_t *ret_n);
void            ingest_frames_clear(struct ingest_frames *f); /* the counting goes on */

/* --- the way of one event ------------------------------------------------------------------ */

struct ingest_trace {
    const char    *source, *pilot;
    const char    *event_id; /* as it is stored: perhaps hidden */
    int64_t        source_id;
    usec_t         happened, received;
    int64_t        type, status;
    const char    *action, *feature;
    bool           has_account;
    struct hash_id account;
    const char    *account_kind;       /* "unknown" when it is in no register */
    bool           assigned;           /* the account belongs to a person of the roster */
    bool           eligible;           /* who counts on that day, and it is the person's own act */
    bool           value_event;        /* no logon, and matches the charter's value_events */
    bool           late;               /* came after the figures were frozen: in none of them */
    int32_t        day;                /* the local day it counts on */
    bool           day_waits;          /* that day is still to be rolled up */
    bool           in_window;          /* the day lies in the pilot's window */
    bool           received_in_window; /* the day it came in does */
};

/* Every stored event with this id (several sources may use it), in `mem`; in the caller's open
 * reading transaction on the workspace. None: *ret_n is 0. */
must_check bool ingest_trace_event(struct db *db, struct ingest_sources *sources, int64_t workspace,
                                   const char *event_id, struct arena *mem,
                                   struct ingest_trace **ret, size_t *ret_n, struct err *e);

/* An event that is not loaded: in quarantine, or in the journal still (waits). */
struct ingest_held {
    const char     *source, *pilot; /* "": the source is gone */
    usec_t          received;
    enum event_drop why;     /* EVENT_TAKEN: an accepted one that waits */
    const char     *pointer; /* of the fault */
    struct hash_id  quarantine;
    bool            waits;
    uint64_t        position; /* of its record, when it waits */
};

/* Those of the newest 2,000 in quarantine whose bytes name this id, or whose quarantine id it
 * is; in the caller's transaction, as above. */
must_check bool ingest_trace_quarantine(struct db *db, struct ingest_sources *sources,
                                        int64_t workspace, const char *event_id, struct arena *mem,
                                        struct ingest_held **ret, size_t *ret_n, struct err *e);

struct journal;

/* The first in the journal that is not loaded yet; gives up after `patience`. */
must_check bool ingest_trace_waiting(struct db *db, struct journal *j,
                                     struct ingest_sources *sources, int64_t workspace,
                                     const char *event_id, usec_t patience, struct arena *mem,
                                     struct ingest_held *ret, bool *ret_found, struct err *e);

#endif
