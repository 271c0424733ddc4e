/* otlp_proto.c - OpenTelemetry logs in protobuf. See event_dialects.h.
 *
 * Request, resources and scopes are cut by hand, without copying and without a tree; protobuf-c
 * unpacks one record, and of it one level at a time (otlp.proto says why). */
#include "otlp_int.h"

#include "otlp.pb-c.h"

#include <string.h>

#define MOST_DEPTH 32    /* of values in values */
#define MOST_FIELDS 8192 /* of a record with all its values: each takes memory here */
#define MOST_RESOURCE_FIELDS 4096

/* --- the wire --------------------------------------------------------------------------- */

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct wire {
    const uint8_t *at, *end;
    bool           bad; /* these bytes are no message */
    uint32_t       field;
    unsigned       type;
    const uint8_t *p; /* WIRE_BYTES: n bytes */
    size_t         n;
};

static struct wire
wire(const void *p, size_t n)
{
    return (struct wire){ .at = p, .end = n ? (const uint8_t *)p + n : p };
}

static uint64_t
varint(struct wire *w)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (w->at == w->end)
            break;
        uint8_t b = *w->at++;
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return v;
    }
    w->bad = true;
    return 0;
}

static void
step(struct wire *w, uint64_t n)
{
    if ((uint64_t)(w->end - w->at) < n)
        w->bad = true;
    else
        w->at += n;
}

/* The next field; false at the end, or when the bytes are bad. */
static bool
next(struct wire *w)
{
    uint64_t tag, n;

    if (w->bad || w->at == w->end)
        return false;
    tag = varint(w);
    w->field = (uint32_t)(tag >> 3);
    w->type = (unsigned)(tag & 7);
    w->bad |= !w->field || tag >> 32;
    switch (w->type) {
    case WIRE_VARINT:
        varint(w);
        break;
    case WIRE_64:
        step(w, 8);
        break;
    case WIRE_32:
        step(w, 4);
        break;
    case WIRE_BYTES:
        n = varint(w);
        w->p = w->at;
        w->n = (size_t)n;
        step(w, n);
        break;
    default:
        w->bad = true;
    }
    return !w->bad;
}

static bool
is_message(struct wire *w, uint32_t field)
{
    if (w->field != field)
        return false;
    w->bad |= w->type != WIRE_BYTES;
    return !w->bad;
}

/* --- values ------------------------------------------------------------------------------- */

static void *
take(void *ctx, size_t n)
{
    return arena_alloc(ctx, n);
}

static void
drop(void *ctx, void *p)
{
    (void)ctx, (void)p; /* the arena frees it */
}

/* One record on its way; `why` is set when it cannot be taken. */
struct unpack {
    struct arena      *mem;
    ProtobufCAllocator alloc;
    unsigned           depth, fields;
    enum event_drop    why;
    const char        *detail;
};

static struct unpack
unpack(struct arena *mem)
{
    return (struct unpack){ .mem = mem,
                            .alloc = { .alloc = take, .free = drop, .allocator_data = mem } };
}

static void *
refuse(struct unpack *u, enum event_drop why, const char *detail)
{
    if (!u->why) {
        u->why = why;
        u->detail = detail;
    }
    return NULL;
}

/* A message whose fields are few enough, unpacked. */
static void *
message(struct unpack *u, const ProtobufCMessageDescriptor *d, const void *p, size_t n)
{
    struct wire w = wire(p, n);
    void       *m;

    while (next(&w))
        if (++u->fields > MOST_FIELDS)
            return refuse(u, EVENT_TOO_LARGE, "it has too many values");
    if (w.bad || !(m = protobuf_c_message_unpack(d, &u->alloc, n, p)))
        return refuse(u, EVENT_NOT_JSON, "it is no LogRecord in protobuf");
    return m;
}

/* Text that a tree can hold; NULL, and the record is refused, when it is none. */
static const char *
text(struct unpack *u, ProtobufCBinaryData b)
{
    if (!b.len)
        return "";
    if (memchr(b.data, 0, b.len) || !str_is_utf8((const char *)b.data, b.len))
        return refuse(u, EVENT_BAD_UNICODE, NULL);
    return arena_strndup(u->mem, (const char *)b.data, b.len);
}

static cJSON *
text_node(struct unpack *u, ProtobufCBinaryData b)
{
    const char *p = text(u, b);

    return p ? event_otlp_text(u->mem, p, b.len) : NULL;
}

/* As the JSON encoding has them, so that both make the same id. */
static cJSON *
base64_node(struct unpack *u, ProtobufCBinaryData b)
{
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char             *out = arena_alloc(u->mem, (b.len + 2) / 3 * 4 + 1), *to = out;

    for (size_t i = 0; out && i < b.len; i += 3) {
        unsigned v = (unsigned)b.data[i] << 16;

        v |= i + 1 < b.len ? (unsigned)b.data[i + 1] << 8 : 0;
        v |= i + 2 < b.len ? b.data[i + 2] : 0;
        *to++ = abc[v >> 18];
        *to++ = abc[v >> 12 & 63];
        *to++ = i + 1 < b.len ? abc[v >> 6 & 63] : '=';
        *to++ = i + 2 < b.len ? abc[v & 63] : '=';
    }
    return out ? event_otlp_text(u->mem, out, (size_t)(to - out)) : NULL;
}

static cJSON *value(struct unpack *u, ProtobufCBinaryData b);

static cJSON *
object(struct unpack *u, EventOtlp__KeyValue *const *pairs, size_t n)
{
    cJSON *o = event_otlp_node(u->mem, cJSON_Object), *last = NULL;

    for (size_t i = 0; i < n && !u->why; i++)
        event_add(o, &last, text(u, pairs[i]->key), value(u, pairs[i]->value));
    return o;
}

static cJSON *
pairs_of(struct unpack *u, ProtobufCBinaryData b)
{
    EventOtlp__KeyValueList *l = message(u, &event_otlp__key_value_list__descriptor, b.data, b.len);

    return l ? object(u, l->values, l->n_values) : NULL;
}

static cJSON *
values_of(struct unpack *u, ProtobufCBinaryData b)
{
    EventOtlp__ArrayValue *l = message(u, &event_otlp__array_value__descriptor, b.data, b.len);
    cJSON                 *array = event_otlp_node(u->mem, cJSON_Array), *last = NULL;

    for (size_t i = 0; l && i < l->n_values && !u->why; i++)
        event_add(array, &last, NULL, value(u, l->values[i]));
    return array;
}

/* An AnyValue as a plain value. */
static cJSON *
value(struct unpack *u, ProtobufCBinaryData b)
{
    EventOtlp__AnyValue *any = message(u, &event_otlp__any_value__descriptor, b.data, b.len);
    cJSON               *v = NULL;

    if (!any)
        return NULL;
    if (++u->depth > MOST_DEPTH)
        return refuse(u, EVENT_TOO_DEEP, NULL);
    switch (any->value_case) {
    case EVENT_OTLP__ANY_VALUE__VALUE_STRING_VALUE:
        v = text_node(u, any->string_value);
        break;
    case EVENT_OTLP__ANY_VALUE__VALUE_BOOL_VALUE:
        v = event_otlp_node(u->mem, any->bool_value ? cJSON_True : cJSON_False);
        break;
    case EVENT_OTLP__ANY_VALUE__VALUE_INT_VALUE:
        v = event_otlp_int(u->mem, any->int_value);
        break;
    case EVENT_OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE:
        v = event_otlp_number(u->mem, any->double_value);
        break;
    case EVENT_OTLP__ANY_VALUE__VALUE_ARRAY_VALUE:
        v = values_of(u, any->array_value);
        break;
    case EVENT_OTLP__ANY_VALUE__VALUE_KVLIST_VALUE:
        v = pairs_of(u, any->kvlist_value);
        break;
    case EVENT_OTLP__ANY_VALUE__VALUE_BYTES_VALUE:
        v = base64_node(u, any->bytes_value);
        break;
    default:
        v = event_otlp_node(u->mem, cJSON_NULL);
    }
    u->depth--;
    return v;
}

/* --- one record ----------------------------------------------------------------------------- */

static bool
read_id(ProtobufCBinaryData b, uint8_t *ret, size_t n)
{
    if (b.len != n)
        return false;
    memcpy(ret, b.data, n);
    return true;
}

bool
event_read_otlp_bytes(const void *bytes, size_t n, const cJSON *resource,
                      const struct event_defaults *d, usec_t received, struct arena *mem,
                      struct event *ret, struct event_fault *ret_fault)
{
    struct unpack         u = unpack(mem);
    struct event_record   r = { 0 };
    EventOtlp__LogRecord *m = NULL;

    *ret_fault = (struct event_fault){ .source = d->source };
    if (n > EVENT_MAX_BYTES)
        return event_refuse(ret_fault, EVENT_TOO_LARGE, "", NULL);
    m = message(&u, &event_otlp__log_record__descriptor, bytes, n);
    if (m) {
        r.time = m->time_unix_nano;
        r.observed = m->observed_time_unix_nano;
        r.name = m->event_name.len ? text(&u, m->event_name) : NULL;
        r.has_trace = read_id(m->trace_id, r.trace, sizeof r.trace);
        r.has_span = read_id(m->span_id, r.span, sizeof r.span);
        r.attributes = m->n_attributes ? object(&u, m->attributes, m->n_attributes) : NULL;
        r.body = m->body.len ? value(&u, m->body) : NULL;
    }
    if (u.why)
        return event_refuse(ret_fault, u.why, "", u.detail);
    return event_read_record(&r, resource, d, received, mem, ret, ret_fault);
}

/* --- cutting --------------------------------------------------------------------------------- */

struct cut {
    struct event_logs logs;
    size_t            cap, most;
    struct arena     *mem;
    struct err       *e;
};

static bool
no_message(struct err *e, const char *what)
{
    return err_set(e, ERR_INVALID, "not protobuf: %s is no message", what);
}

static bool
cut_scope(struct cut *c, const void *p, size_t n, const cJSON *resource)
{
    struct wire w = wire(p, n);

    while (next(&w))
        if (is_message(&w, 2)) {
            struct event_log log = { .s = { .p = (const char *)w.p, .n = w.n },
                                     .resource = resource };

            if (!event_logs_add(&c->logs, &c->cap, c->most, c->mem, &log, c->e))
                return false;
        }
    return !w.bad || no_message(c->e, "ScopeLogs");
}

/* NULL when it cannot be read: it only helps to tell records apart. */
static const cJSON *
read_resource(struct cut *c, const void *p, size_t n)
{
    struct unpack        u = unpack(c->mem);
    EventOtlp__Resource *m;
    cJSON               *all;

    u.fields = MOST_FIELDS - MOST_RESOURCE_FIELDS;
    m = message(&u, &event_otlp__resource__descriptor, p, n);
    all = m ? object(&u, m->attributes, m->n_attributes) : NULL;
    return u.why ? NULL : event_otlp_instance(all, c->mem);
}

/* The resource may stand behind what it is the resource of. */
static bool
cut_resource(struct cut *c, const void *p, size_t n)
{
    struct wire  w = wire(p, n), again = w;
    const cJSON *resource = NULL;

    while (next(&w))
        if (is_message(&w, 1) && w.n)
            resource = read_resource(c, w.p, w.n);
    if (w.bad)
        return no_message(c->e, "ResourceLogs");
    while (next(&again))
        if (is_message(&again, 2) && !cut_scope(c, again.p, again.n, resource))
            return false;
    return !again.bad || no_message(c->e, "ResourceLogs");
}

bool
event_cut_otlp_proto(const char *body, size_t n, size_t most, struct arena *mem,
                     struct event_logs *ret, struct err *e)
{
    struct cut  c = { .logs = { .protobuf = true }, .most = most, .mem = mem, .e = e };
    struct wire w = wire(body, n);

    while (next(&w))
        if (is_message(&w, 1) && !cut_resource(&c, w.p, w.n))
            return false;
    if (w.bad)
        return no_message(e, "the request");
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "too many events for the memory of one request");
    *ret = c.logs;
    return true;
}
