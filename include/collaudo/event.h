/* event.h - the canonical event: how it is read, when it is refused, how it is kept.
 *
 * A tool says what happened in one of several dialects; event_read_*() makes a struct event
 * of it or says why not, with a reason of EVENT_DROPS and a JSON Pointer to the fault. Pure:
 * no clock, no database, no pilot. The grammar and the policy of json.h come before.
 *
 * Texts are borrowed: from the JSON tree, from the arena given, or from the bytes decoded.
 * They are UTF-8 without U+0000, as PostgreSQL wants it, and not longer than their limit.
 *
 * The numbers of types, statuses and reasons are stored in the database: never change one,
 * never use one twice.
 */
#ifndef COLLAUDO_EVENT_H
#define COLLAUDO_EVENT_H

#include "collaudo/hash.h"
#include "collaudo/json.h"
#include "collaudo/str.h"
#include "collaudo/time.h"

#define EVENT_MAX_BYTES ((size_t)256 << 10)     /* of one event's text */
#define EVENT_MAX_AHEAD (5 * USEC_MINUTE)       /* further in the future: time_in_future */
#define EVENT_MAX_PROPERTY ((size_t)1024)       /* bytes of one kept text */
#define EVENT_MAX_PROPERTIES ((size_t)16 << 10) /* bytes of all kept properties, as JSON */

/* --- tables ------------------------------------------------------------------- */

/* What kind of fact. needs: which of user and action must be there; an event of a type that
 * needs no action is given the type's name.
 *    symbol         number  name         needs */
/* clang-format off */
#define EVENT_TYPES(X)                                                        \
    X(EVENT_USAGE,      1,  "usage",     EVENT_NEEDS_USER | EVENT_NEEDS_ACTION) \
    X(EVENT_AUDIT,      2,  "audit",     EVENT_NEEDS_ACTION)                    \
    X(EVENT_AUTH,       3,  "auth",      EVENT_NEEDS_ACTION)                    \
    X(EVENT_RECORD,     4,  "record",    0)                                     \
    X(EVENT_FEEDBACK,   5,  "feedback",  EVENT_NEEDS_ACTION)                    \
    X(EVENT_TRAINING,   6,  "training",  EVENT_NEEDS_ACTION)                    \
    X(EVENT_CHAMPION,   7,  "champion",  EVENT_NEEDS_ACTION)                    \
    X(EVENT_SUPPORT,    8,  "support",   EVENT_NEEDS_ACTION)                    \
    X(EVENT_FLOW,       9,  "flow",      EVENT_NEEDS_ACTION)                    \
    X(EVENT_IDENTITY,  10,  "identity",  EVENT_NEEDS_ACTION)                    \
    X(EVENT_HEARTBEAT, 11,  "heartbeat", 0)

#define EVENT_STATUSES(X)              \
    X(EVENT_UNKNOWN,    0,  "unknown")  \
    X(EVENT_SUCCESS,    1,  "success")  \
    X(EVENT_FAILURE,    2,  "failure")

/* Why an event was not taken: stable code, and one sentence for the sender. */
#define EVENT_DROPS(X)                                                                     \
    X(EVENT_NOT_JSON,          1, "not_json",         "This is not JSON.")                  \
    X(EVENT_NOT_OBJECT,        2, "not_object",       "A JSON object should stand here.")   \
    X(EVENT_BAD_UNICODE,       3, "bad_unicode",                                            \
      "A text is not valid Unicode, or holds U+0000 or half a surrogate pair.")             \
    X(EVENT_DUPLICATE_KEY,     4, "duplicate_key",    "A key appears twice in one object.") \
    X(EVENT_TOO_DEEP,          5, "too_deep",         "The event is nested too deep.")      \
    X(EVENT_TOO_LARGE,         6, "event_too_large",                                        \
      "The event, or one of its fields, is larger than allowed.")                           \
    X(EVENT_MISSING_ID,        7, "missing_id",       "An event needs an id of its own.")   \
    X(EVENT_MISSING_TIME,      8, "missing_time",     "The time of the event is missing.")  \
    X(EVENT_MISSING_USER,      9, "missing_user",     "A usage event needs a user.")        \
    X(EVENT_MISSING_ACTION,   10, "missing_action",   "The action is missing or empty.")    \
    X(EVENT_BAD_TIME,         11, "bad_time",                                               \
      "The time is not RFC 3339 with an offset, as in 2026-03-02T09:00:00+01:00.")          \
    X(EVENT_TIME_IN_FUTURE,   12, "time_in_future",                                         \
      "The time is more than five minutes in the future.")                                  \
    X(EVENT_SOURCE_MISMATCH,  13, "source_mismatch",                                        \
      "The event names a source that this key may not speak for.")                          \
    X(EVENT_UNKNOWN_TYPE,     14, "unknown_type",     "There is no such type of event.")    \
    X(EVENT_TYPE_NOT_ALLOWED, 15, "type_not_allowed",                                       \
      "This key may not send events of this type.")                                         \
    X(EVENT_NO_RULE,          16, "no_rule",          "No rule of the mapping fits.")       \
    X(EVENT_ID_CONFLICT,      17, "id_conflict",                                            \
      "Another event with this id was taken before; the first one counts.")                 \
    X(EVENT_BAD_SIGNATURE,    18, "bad_signature",    "The signature does not fit.")        \
    X(EVENT_STORE_REFUSED,    19, "store_refused",    "The database refused the event.")
/* clang-format on */

enum event_needs { EVENT_NEEDS_USER = 1, EVENT_NEEDS_ACTION = 2 };

enum event_type {
#define X(symbol, number, name, needs) symbol = (number),
    EVENT_TYPES(X)
#undef X
};

enum event_status {
#define X(symbol, number, name) symbol = (number),
    EVENT_STATUSES(X)
#undef X
};

enum event_drop {
    EVENT_TAKEN = 0,
#define X(symbol, number, name, sentence) symbol = (number),
    EVENT_DROPS(X)
#undef X
};
#define EVENT_DROP_MAX 19 /* the highest number there is */

/* NULL when the number, from wherever, is none of the table. */
const char *event_type_name(int64_t type);
const char *event_status_name(int64_t status);
const char *event_drop_name(int64_t drop);
const char *event_drop_sentence(int64_t drop);
/* 0 when there is no such name. */
enum event_type event_type_of(const char *name, size_t n);

/* --- the event ------------------------------------------------------------------ */

struct event_text {
    const char *p; /* NULL: not given */
    size_t      n;
};

static inline struct event_text
event_text(const char *s)
{
    return (struct event_text){ s, s ? __builtin_strlen(s) : 0 };
}

struct event {
    enum event_type   type;
    enum event_status status;
    usec_t            time;       /* when it happened */
    struct event_text id, source; /* unique together; never empty */
    struct event_text user;       /* the clear identifier: never encoded, never stored */
    bool              has_actor;
    struct hash_id    actor;   /* its pseudonym, set by ingest */
    struct event_text action;  /* the tool's own verb; never empty */
    struct event_text feature; /* of the charter's catalogue; the action when not given */
    struct event_text object_type, object_id, correlation; /* may be absent */
    struct event_text properties; /* canonical JSON object of what is kept, set by ingest */
    const cJSON      *sent;       /* the properties as they were sent */
    unsigned          dropped;    /* members sent that have no place here */
};

struct event_fault {
    enum event_drop   why;
    const char       *pointer;    /* RFC 6901, "" is the event itself */
    const char       *detail;     /* what exactly, without a full stop; NULL: see the table */
    struct event_text id, source; /* as far as they could be read */
};

struct event_defaults {
    struct event_text source; /* of an event that names none */
};

/* One event of door 4 and of import: {id, time, source?, type?, user, action, object_type?,
 * object_id?, feature?, status?, correlation?, properties?}. id, user and the optional texts
 * may be whole numbers. received: when it came in, for time_in_future. `mem` holds what the
 * tree does not; when it is exhausted, mem->denied is set and the outcome means nothing. */
bool event_read_native(const cJSON *json, const struct event_defaults *d, usec_t received,
                       struct arena *mem, struct event *ret, struct event_fault *ret_fault);

/* One CloudEvent 1.0 in its JSON form: user from `actorid` or data.user; action from
 * data.action, or data.activity_name, or the CloudEvent's type; object from `subject`
 * ("contact/4511") or data.object_type and data.object_id; data.feature, data.status,
 * data.correlation and data.properties. A type "pilot.X" is type X, any other is usage. */
bool event_read_cloudevent(const cJSON *json, const struct event_defaults *d, usec_t received,
                           struct arena *mem, struct event *ret, struct event_fault *ret_fault);

/* Is it the name of a member that one of the two readers knows? None of them holds ~ or /. */
bool event_is_member(const char *name);

/* Which properties are kept: names for one type, by an allow-list. */
struct event_allow {
    const char *const *names;
    size_t             n;
};

/* ev->properties = the allowed members of ev->sent that are scalars, as canonical JSON in
 * `mem` (absent when none is left); what is left out is added to ev->dropped. */
void event_keep(struct event *ev, const struct event_allow *allow, struct arena *mem);

/* --- kept bytes ----------------------------------------------------------------- */

/* The canonical bytes: everything of the event that makes it this event and no other (not
 * the source, which stands beside it, not the user, not how it was delivered). Their form is
 * frozen: event_hash() of them is stored, and a repeated event must hash alike for ever. */
void           event_encode(const struct event *ev, struct str *out);
struct hash_id event_hash(const void *canonical, size_t n);
/* The event of canonical bytes, borrowing from them; source, user and sent are absent.
 * False: these are none. */
must_check bool event_decode(const void *canonical, size_t n, struct event *ret);

/* The event as the JSON object of event_read_native(), with "actor" (hex) in place of the
 * user: what quarantine keeps of an event that had been accepted. */
void event_print(const struct event *ev, struct str *out);

#endif
