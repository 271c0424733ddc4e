/* wire.h - a captured request of tests/data/wire, taken apart for unit tests. */
#ifndef WIRE_H
#define WIRE_H

#include "collaudo/event_dialects.h"

struct wire_request {
    const char         *path;
    struct event_header headers[32];
    size_t              n;
    const char         *body; /* dechunked, decompressed */
    size_t              body_n;
};

/* Everything in `mem`; ends the program when the file is not there. */
struct wire_request wire_read(const char *name, struct arena *mem);
const char         *wire_header(const struct wire_request *r, const char *name);

/* An event in one line: "usage success <id> user=.. action=.. ..." with what is there. */
const char *wire_tell(const struct event *ev, struct arena *mem);
/* The outcome of reading: the event told, or "code pointer (detail)". */
const char *wire_outcome(bool ok, const struct event *ev, const struct event_fault *why,
                         struct arena *mem);

#endif
