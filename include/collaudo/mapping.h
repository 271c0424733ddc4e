/* mapping.h - a vendor's record becomes a canonical event, by data and not by code.
 *
 * A mapping is a JSON document (docs/mapping.md): where the records stand, and for every
 * member of the canonical event an expression of a closed list of operators. There is no
 * code, no regular expression, no clock, no database and no network in it; its work is
 * bounded per record.
 *
 *     mapping_read()      document -> struct mapping, or every fault of it at once
 *     mapping_open()      bytes of a sender (JSON, NDJSON, CSV) -> records, one after the other
 *     mapping_next()      one record -> canonical events, drops and refusals
 *     mapping_event()     canonical event -> struct event, by the rules of event_read_native()
 *
 * The canonical event is CloudEvents 1.0 with OCSF names inside `data`: what the dry run shows.
 *
 * Ownership: a struct mapping lives in the arena given, is immutable, and may be used from
 * many threads at once. Results borrow from it, from the sender's bytes, and from the arena
 * given for that record. Whenever an arena is exhausted its `denied` is set and the outcome
 * means nothing.
 */
#ifndef COLLAUDO_MAPPING_H
#define COLLAUDO_MAPPING_H

#include "collaudo/event.h"

#define MAPPING_MAX_BYTES ((size_t)256 << 10) /* of a mapping document */
#define MAPPING_MAX_NAME ((size_t)64)         /* bytes of a mapping's name */
#define MAPPING_MAX_RULES ((size_t)256)
#define MAPPING_MAX_TARGETS ((size_t)256) /* of `common`, and of the `set` of one rule */
#define MAPPING_MAX_NESTING 16            /* of expressions and of conditions */
#define MAPPING_MAX_FAULTS ((size_t)100)  /* reported of one document */
#define MAPPING_MAX_ITEMS ((size_t)1000)  /* `explode`: events made of one record */
#define MAPPING_MAX_WORK ((long)2000000)  /* members looked at and values made, per record */
#define MAPPING_MAX_RECORDS ((size_t)1000000)

/* --- the document --------------------------------------------------------------- */

struct mapping;

enum mapping_format { MAPPING_JSON, MAPPING_NDJSON, MAPPING_CSV };

struct mapping_fault {
    const char *pointer; /* RFC 6901, into the document */
    const char *text;    /* what is wrong and what to write instead; UTF-8, one sentence without
                          * a full stop. May quote the document: not for logs */
};

struct mapping_faults {
    struct mapping_fault *list;
    size_t                n;
    bool                  more; /* there are more than MAPPING_MAX_FAULTS */
};

/* The mapping of a document, in `mem`. ERR_INVALID: ret_faults has at least one fault (for a
 * text that is no JSON it is that one, at ""). ERR_NOMEM: ret_faults is empty. */
must_check bool mapping_read(const char *text, size_t n, struct arena *mem,
                             const struct mapping **ret, struct mapping_faults *ret_faults,
                             struct err *e);

const char         *mapping_name(const struct mapping *m);
int64_t             mapping_version(const struct mapping *m);
enum mapping_format mapping_format(const struct mapping *m);
const char         *mapping_format_name(enum mapping_format f); /* "ndjson" */

/* --- applying it ------------------------------------------------------------------ */

/* Whoever calls adds x-collaudo-received, the instant the record came in as RFC 3339, and takes
 * off one that a sender sent: for records without any date. */
struct mapping_header {
    const char *name; /* as HTTP has it; case does not matter */
    const char *value;
};

enum mapping_outcome { MAPPING_REFUSED, MAPPING_DROPPED, MAPPING_MADE };

struct mapping_origin {
    const char *target; /* pointer into the canonical event */
    const char *from;   /* pointer into the record: where its value was read last */
};

/* What became of a record, or of one element of its exploded list. */
struct mapping_result {
    enum mapping_outcome outcome;
    const char          *rule;  /* its name, or "2" (the third); NULL: none fitted */
    const cJSON         *event; /* MAPPING_MADE: the canonical event */
    struct event_fault   fault; /* MAPPING_REFUSED; its pointer is into the record */

    const struct mapping_origin *origins;
    size_t                       origins_n;
};

struct mapping_source {
    const cJSON                 *record;
    const cJSON                 *doc; /* what "doc:" means; NULL: the record */
    const struct mapping_header *headers;
    size_t                       headers_n;
};

/* All results of one record, in its order: one, or one for each element of `explode` (none
 * when that list is empty). */
void mapping_apply(const struct mapping *m, const struct mapping_source *from, struct arena *mem,
                   struct mapping_result **ret, size_t *ret_n);

/* A canonical event, of mapping_apply() or of the same form, as a struct event. "pilot.X" is
 * type X; the user is /data/actor/user/uid (or /actorid, /data/user); the action is
 * /data/activity_name, or /data/action, or what OCSF calls (class_uid, activity_id); the
 * status is /data/status_id (1 success, 2 failure, else unknown); the object is /data/entity
 * or the subject. What is left of /data becomes properties named by their path ("feature.kind"),
 * those of /data/properties by their own name; "session.mfa", "session.vpn" and
 * "device.managed" are there only when the record says so.
 * d->source, when given, is the event's source (a key speaks for one source) and the one the
 * mapping made is left out; else the mapping's is taken.
 * Refusals are those of event_read_native(); their pointer is into the record as far as `made`
 * knows where the value came from, else into the canonical event. */
bool mapping_event(const struct mapping_result *made, const struct event_defaults *d,
                   usec_t received, struct arena *mem, struct event *ret,
                   struct event_fault *ret_fault);

/* The tree as compact JSON: members in their order, numbers in their shortest form. */
void mapping_print(const cJSON *value, struct str *out);

/* --- the bytes of a sender --------------------------------------------------------- */

struct mapping_reader;

/* One record of a body. */
struct mapping_record {
    size_t                 index; /* counts from 0 */
    size_t                 line;  /* where it begins, from 1; 0 with format json */
    struct event_text      raw;   /* its own bytes, as they were sent */
    const cJSON           *tree;  /* what the mapping saw; NULL when it could not be read */
    struct mapping_result *results;
    size_t                 n;
};

/* Begins to read a body in the mapping's format. The reader, in `mem`, borrows all arguments.
 * ERR_INVALID: the whole body cannot be read (no JSON, no list at `each`, no head row).
 * ERR_TOO_LARGE: more than MAPPING_MAX_RECORDS. ERR_NOMEM. */
must_check bool mapping_open(const struct mapping *m, const char *bytes, size_t n,
                             const struct mapping_header *headers, size_t headers_n,
                             struct arena *mem, struct mapping_reader **ret, struct err *e);

/* The next record with its results in `mem`, which may be reset between two calls. A record
 * that cannot be read is one result MAPPING_REFUSED; the next ones do not suffer.
 * False: there is none left. */
bool mapping_next(struct mapping_reader *r, struct arena *mem, struct mapping_record *ret);

/* --- what is shipped --------------------------------------------------------------- */

struct mapping_text {
    const char *name; /* as in the document */
    const char *text;
    size_t      n;
};

/* The mappings of the folder mappings/, sorted by name; packed at build time. */
extern const struct mapping_text mapping_texts[];
extern const size_t              mapping_texts_n;

/* NULL when there is none of that name. */
const struct mapping_text *mapping_shipped(const char *name);

#endif
