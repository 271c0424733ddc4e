/* otlp_int.h - a log record of either encoding, before it is an event. */
#ifndef OTLP_INT_H
#define OTLP_INT_H

#include "collaudo/event_dialects.h"

#include "event_int.h"

struct event_record {
    uint64_t     time, observed; /* nanoseconds since 1970; 0: not said */
    const char  *name;           /* of the event, or NULL */
    bool         has_trace, has_span;
    uint8_t      trace[16], span[8];
    const cJSON *attributes; /* an object: plain values by key, in the order sent; or NULL */
    const cJSON *body;       /* a plain value, or NULL */
};

/* Values of both encodings become the same plain trees: whole numbers beyond 2^53 are strings
 * of digits, bytes are base64. Nodes without a name, in `mem`; NULL: no memory. */
cJSON *event_otlp_node(struct arena *mem, int type);
cJSON *event_otlp_text(struct arena *mem, const char *p, size_t n); /* copies */
cJSON *event_otlp_int(struct arena *mem, int64_t v);
cJSON *event_otlp_number(struct arena *mem, double v);

/* Which instance of which service a resource is, out of all its attributes; NULL: not said. */
const cJSON *event_otlp_instance(const cJSON *resource, struct arena *mem);

bool event_read_record(const struct event_record *r, const cJSON *resource,
                       const struct event_defaults *d, usec_t received, struct arena *mem,
                       struct event *ret, struct event_fault *why);

/* The table grows; ERR_TOO_LARGE beyond `most`. */
must_check bool event_logs_add(struct event_logs *to, size_t *cap, size_t most, struct arena *mem,
                               const struct event_log *log, struct err *e);

must_check bool event_cut_otlp_json(const char *body, size_t n, size_t most, struct arena *mem,
                                    struct event_logs *ret, struct err *e);
must_check bool event_cut_otlp_proto(const char *body, size_t n, size_t most, struct arena *mem,
                                     struct event_logs *ret, struct err *e);

#endif
