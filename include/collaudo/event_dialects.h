/* event_dialects.h - what other people's clients speak: Segment, CloudEvents in headers,
 * OpenTelemetry logs, xAPI statements. docs/dialects.md says what becomes of each member.
 *
 * A dialect has two halves. event_cut_*() finds the events in a body, without a tree of the
 * whole, and what the envelope says about all of them; event_read_*() makes a struct event of
 * one, by the rules of event.h: a bad one is refused with its place, its neighbours are not
 * concerned. Both are pure. Errors of cutting: ERR_INVALID (nobody can read this body: bad
 * JSON, bad protobuf, an envelope that says a thing twice), ERR_TOO_LARGE (more than `most`
 * events), ERR_NOMEM. What is returned lives in `mem` or borrows from the body.
 */
#ifndef COLLAUDO_EVENT_DIALECTS_H
#define COLLAUDO_EVENT_DIALECTS_H

#include "collaudo/event.h"

/* --- Segment ------------------------------------------------------------------------ */

/* The calls, by the last segment of their path.
 *    symbol          name        short  type of the event */
/* clang-format off */
#define EVENT_CALLS(X)                                      \
    X(EVENT_TRACK,    "track",    "t",   EVENT_USAGE)        \
    X(EVENT_PAGE,     "page",     "p",   EVENT_USAGE)        \
    X(EVENT_SCREEN,   "screen",   "s",   EVENT_USAGE)        \
    X(EVENT_IDENTIFY, "identify", "i",   EVENT_IDENTITY)     \
    X(EVENT_GROUP,    "group",    "g",   EVENT_IDENTITY)     \
    X(EVENT_ALIAS,    "alias",    "a",   EVENT_IDENTITY)
/* clang-format on */

enum event_call {
    EVENT_BATCH, /* each event says its call itself */
#define X(symbol, name, brief, type) symbol,
    EVENT_CALLS(X)
#undef X
};

#define EVENT_MAX_SKEW (120 * USEC_SECOND) /* a clock wrong by more is corrected */

struct event_segment {
    enum event_call    call;
    bool               has_sent;
    usec_t             sent; /* sentAt of the envelope, by the sender's clock */
    struct json_slice *calls;
    size_t             n;
};

/* False: there is no such call ("batch" and "b" are calls here). */
bool event_call_of(const char *name, enum event_call *ret);

must_check bool event_cut_segment(enum event_call call, const char *body, size_t n, size_t most,
                                  struct arena *mem, struct event_segment *ret, struct err *e);
/* writeKey or api_key of the envelope; absent when there is none, or no envelope. Looks at
 * bytes that may be no JSON at all. */
struct event_text event_segment_key(const char *body, size_t n, struct arena *mem);

/* One call. `around` is what was cut, for its call and its clock. A call without userId has no
 * person: an anonymousId is a browser, not somebody. */
bool event_read_segment(const cJSON *json, const struct event_segment *around,
                        const struct event_defaults *d, usec_t received, struct arena *mem,
                        struct event *ret, struct event_fault *ret_fault);

/* --- CloudEvents in binary mode -------------------------------------------------------- */

struct event_header {
    const char *name, *value;
};

/* Is it an event in headers: one named ce-id, ce-type, ce-source or ce-specversion? */
bool event_is_binary(const struct event_header *headers, size_t n);
/* The same event in structured mode, as JSON text in `mem`, for event_read_cloudevent(): the
 * ce- headers become attributes (percent-decoded; Latin-1 where they are not UTF-8), the body
 * becomes `data`. type: Content-Type, or NULL. ERR_INVALID: the body is no JSON;
 * ERR_MEDIA_TYPE: it does not claim to be. */
must_check bool event_from_headers(const struct event_header *headers, size_t n, const char *type,
                                   const char *body, size_t body_n, struct arena *mem,
                                   const char **ret_text, size_t *ret_n, struct err *e);

/* --- OpenTelemetry logs -------------------------------------------------------------------- */

/* One log record where it stands in the body; `resource` is whose it is. */
struct event_log {
    struct json_slice   s; /* protobuf: only p and n */
    const struct cJSON *resource;
};

struct event_logs {
    bool              protobuf;
    struct event_log *logs;
    size_t            n;
};

must_check bool event_cut_otlp(bool protobuf, const char *body, size_t n, size_t most,
                               struct arena *mem, struct event_logs *ret, struct err *e);

/* A record in its JSON form, parsed; or in protobuf, `bytes`. A record without an id of its own
 * gets one made of what it says (d->ids): sent again it is the same event, and two records
 * equal in everything, their nanosecond included, are one. */
bool event_read_otlp(const cJSON *json, const cJSON *resource, const struct event_defaults *d,
                     usec_t received, struct arena *mem, struct event *ret,
                     struct event_fault *ret_fault);
bool event_read_otlp_bytes(const void *bytes, size_t n, const cJSON *resource,
                           const struct event_defaults *d, usec_t received, struct arena *mem,
                           struct event *ret, struct event_fault *ret_fault);

/* ExportLogsServiceResponse: {} when nothing was rejected, else partialSuccess; in the type of
 * the request. */
void event_answer_otlp(bool protobuf, size_t rejected, const char *message, struct str *out);
/* google.rpc.Status, the body of an answer that is no 200. code: 3 bad request, 14 try again. */
void event_answer_otlp_status(bool protobuf, int code, const char *message, struct str *out);

/* --- xAPI statements ----------------------------------------------------------------------- */

/* One statement, parsed. put_id: statementId of a PUT, or absent. Without an id of its own a
 * statement gets one made of what it says, without a timestamp it happened when it came in. */
bool event_read_xapi(const cJSON *json, struct event_text put_id, const struct event_defaults *d,
                     usec_t received, struct arena *mem, struct event *ret,
                     struct event_fault *ret_fault);

#endif
