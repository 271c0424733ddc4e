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

#endif
