/* event_int.h - what the files of event share. */
#ifndef EVENT_INT_H
#define EVENT_INT_H

#include "collaudo/event.h"

/* Bytes of each text at most, and its place in the native form. One table for the reader and
 * for the decoder.
 *    symbol       member       most  name            */
/* clang-format off */
#define EVENT_FIELDS(X)                              \
    X(F_ID,          id,          128, "id")          \
    X(F_SOURCE,      source,      256, "source")      \
    X(F_USER,        user,        320, "user")        \
    X(F_ACTION,      action,      256, "action")      \
    X(F_FEATURE,     feature,     256, "feature")     \
    X(F_OBJECT_TYPE, object_type, 256, "object_type") \
    X(F_OBJECT_ID,   object_id,   256, "object_id")   \
    X(F_CORRELATION, correlation, 256, "correlation")
/* clang-format on */

enum event_field {
#define X(symbol, member, most, name) symbol,
    EVENT_FIELDS(X)
#undef X
};

enum event_field_most {
#define X(symbol, member, most, name) symbol##_MOST = (most),
    EVENT_FIELDS(X)
#undef X
};

/* --- parts.c: from a laid out object to an event --------------------------------------- */

enum event_part {
    PART_ID,
    PART_SOURCE,
    PART_TIME,
    PART_TYPE,
    PART_USER,
    PART_ACTION,
    PART_FEATURE,
    PART_OBJECT_TYPE,
    PART_OBJECT_ID,
    PART_STATUS,
    PART_CORRELATION,
    PART_PROPERTIES,
    PARTS,
    PART_NOT_COUNTED, /* known, but nothing an event keeps */
    PART_UNKNOWN,
};

/* Where each part stands in the tree, and how its place is called. */
struct event_found {
    const cJSON *at[PARTS];
    const char  *pointer[PARTS];
};

/* A table of members ends with { NULL, NULL, PART_UNKNOWN }. */
struct event_member {
    const char     *name, *pointer;
    enum event_part part;
};

const struct event_member *event_member_of(const struct event_member *table, const char *name);
/* Notes where each member stands; null is "not given". Returns how many are not known. */
unsigned event_lay_out(const cJSON *object, const struct event_member *table,
                       struct event_found *f);
/* The members that the table does not know, as an object of their own in `mem`; it shares their
 * values with the old one. NULL when there are none, or no memory. */
const cJSON *event_rest(const cJSON *object, const struct event_member *table, struct arena *mem);

/* Appends under a name (NULL: in an array); *last is the child added before, or NULL. Nothing
 * happens when there is no `to` or no `v`. */
void event_add(cJSON *to, cJSON **last, const char *name, cJSON *v);
/* A string that stands in no document; a copy in `mem`. NULL: no text, or no memory. */
const cJSON *event_node(struct arena *mem, const char *text);

/* Fills *f and returns false. */
bool event_refuse(struct event_fault *f, enum event_drop why, const char *pointer,
                  const char *detail);

/* A string, or a whole number as its digits. False when it is something else. */
bool event_text_of(const cJSON *v, struct arena *mem, struct event_text *ret);

/* Who and where from, first: a refusal further down can then name them. */
must_check bool event_found_identity(const struct event_found *f, const struct event_defaults *d,
                                     struct arena *mem, struct event *ev, struct event_fault *why);
/* Not too far in the future? */
must_check bool event_check_time(usec_t t, usec_t received, const char *pointer,
                                 struct event_fault *why);
/* RFC 3339, not in the future. */
must_check bool event_found_time(const struct event_found *f, usec_t received, usec_t *ret,
                                 struct event_fault *why);
/* Everything else, by ev->type, which is set. */
must_check bool event_found_rest(const struct event_found *f, struct arena *mem, struct event *ev,
                                 struct event_fault *why);
/* "contact/4511" as object type and id, where the event has none yet. */
must_check bool event_subject(const char *subject, const char *pointer, struct event *ev,
                              struct event_fault *why);

/* Is the payload JSON, as far as its media type says? Yes when that is missing. */
bool event_says_json(const char *type);

/* For event_is_member(): is it a name in this dialect? */
bool event_is_segment_member(const char *name);
bool event_is_otlp_member(const char *name);
bool event_is_xapi_member(const char *name);

/* --- feed.c: ids for those who bring none ------------------------------------------------- */

/* Each thing with its kind and its length, so that no two trees feed the same bytes; members
 * in the order of their names. False: no memory. */
void            event_feed_bytes(struct hash_mac *m, char kind, const void *p, size_t n);
must_check bool event_feed_tree(struct hash_mac *m, const cJSON *v, struct arena *mem);

#endif
