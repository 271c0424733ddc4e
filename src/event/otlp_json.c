/* otlp_json.c - OpenTelemetry logs in JSON: camelCase or snake_case, ids in hex or base64,
 * whole numbers as strings or as numbers. See event_dialects.h. */
#include "otlp_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_RESOURCE ((size_t)64 << 10) /* bytes of a resource that is looked into */

/* A member by either of its names. */
static const cJSON *
get(const cJSON *object, const char *camel, const char *snake)
{
    const cJSON *v = json_get(object, camel);

    v = v ? v : json_get(object, snake);
    return v && !cJSON_IsNull(v) ? v : NULL;
}

/* --- values --------------------------------------------------------------------------- */

static cJSON *plain(const cJSON *any, struct arena *mem);

static cJSON *
plain_text(const cJSON *v, struct arena *mem)
{
    const char *text = cJSON_IsString(v) ? v->valuestring : "";

    return event_otlp_text(mem, text, strlen(text));
}

static cJSON *
plain_int(const cJSON *v, struct arena *mem)
{
    int64_t i;

    if (cJSON_IsString(v))
        return str_int(v->valuestring, &i) ? event_otlp_int(mem, i) : plain_text(v, mem);
    return event_otlp_number(mem, v->valuedouble);
}

static cJSON *
plain_number(const cJSON *v, struct arena *mem)
{
    char  *end;
    double d = v->valuedouble;

    if (cJSON_IsString(v)) { /* "NaN", or digits that a tree would not keep */
        d = strtod(v->valuestring, &end);
        if (end == v->valuestring || *end)
            return event_otlp_node(mem, cJSON_NULL);
    }
    return event_otlp_number(mem, d);
}

/* [{"key": ..., "value": AnyValue}, ...] as an object. */
static cJSON *
plain_object(const cJSON *pairs, struct arena *mem)
{
    cJSON       *object = event_otlp_node(mem, cJSON_Object), *last = NULL;
    const cJSON *c;

    if (cJSON_IsArray(pairs))
        cJSON_ArrayForEach (c, pairs) {
            const char *key = json_text(c, "key");

            event_add(object, &last, key ? key : "", plain(json_get(c, "value"), mem));
        }
    return object;
}

static cJSON *
plain_array(const cJSON *values, struct arena *mem)
{
    cJSON       *array = event_otlp_node(mem, cJSON_Array), *last = NULL;
    const cJSON *c;

    if (cJSON_IsArray(values))
        cJSON_ArrayForEach (c, values)
            event_add(array, &last, NULL, plain(c, mem));
    return array;
}

/* Not deeper than the document, which the policy has looked at. */
static cJSON *
plain(const cJSON *any, struct arena *mem)
{
    const cJSON *v;

    if ((v = get(any, "stringValue", "string_value")))
        return plain_text(v, mem);
    if ((v = get(any, "boolValue", "bool_value")))
        return event_otlp_node(mem, cJSON_IsTrue(v) ? cJSON_True : cJSON_False);
    if ((v = get(any, "intValue", "int_value")))
        return plain_int(v, mem);
    if ((v = get(any, "doubleValue", "double_value")))
        return plain_number(v, mem);
    if ((v = get(any, "arrayValue", "array_value")))
        return plain_array(json_get(v, "values"), mem);
    if ((v = get(any, "kvlistValue", "kvlist_value")))
        return plain_object(json_get(v, "values"), mem);
    if ((v = get(any, "bytesValue", "bytes_value")))
        return plain_text(v, mem);
    return event_otlp_node(mem, cJSON_NULL);
}

/* --- one record -------------------------------------------------------------------------- */

/* Nanoseconds are over 15 digits, so they reach the tree as a string. False: no such number. */
static bool
nanoseconds(const cJSON *v, uint64_t *ret)
{
    uint64_t    n = 0;
    const char *p = cJSON_IsString(v) ? v->valuestring : "";

    *ret = 0;
    if (!v)
        return true;
    if (cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble < 0x1p64 &&
        floor(v->valuedouble) == v->valuedouble) {
        *ret = (uint64_t)v->valuedouble;
        return true;
    }
    if (!*p || strlen(p) > 20)
        return false;
    for (; *p; p++) {
        if (*p < '0' || *p > '9' || n > (UINT64_MAX - (uint64_t)(*p - '0')) / 10)
            return false;
        n = n * 10 + (uint64_t)(*p - '0');
    }
    *ret = n;
    return true;
}

/* Hex, as the specification has it, or base64, as plain protobuf does. */
static bool
read_id(const cJSON *v, uint8_t *ret, size_t n)
{
    const char *text = cJSON_IsString(v) ? v->valuestring : "";
    size_t      got;

    if (strlen(text) == 2 * n)
        return hash_unhex(text, ret, n);
    return *text && hash_unbase64(text, ret, n, &got) && got == n;
}

bool
event_read_otlp(const cJSON *json, const cJSON *resource, const struct event_defaults *d,
                usec_t received, struct arena *mem, struct event *ret,
                struct event_fault *ret_fault)
{
    struct event_record r = { 0 };
    const cJSON        *name = get(json, "eventName", "event_name");
    const cJSON        *list = json_get(json, "attributes"), *body = json_get(json, "body");

    *ret_fault = (struct event_fault){ .source = d->source };
    if (!cJSON_IsObject(json))
        return event_refuse(ret_fault, EVENT_NOT_OBJECT, "", NULL);
    if (!nanoseconds(get(json, "timeUnixNano", "time_unix_nano"), &r.time))
        return event_refuse(ret_fault, EVENT_BAD_TIME, "/timeUnixNano", "it counts nanoseconds");
    if (!nanoseconds(get(json, "observedTimeUnixNano", "observed_time_unix_nano"), &r.observed))
        return event_refuse(ret_fault, EVENT_BAD_TIME, "/observedTimeUnixNano",
                            "it counts nanoseconds");
    r.name = cJSON_IsString(name) ? name->valuestring : NULL;
    r.has_trace = read_id(get(json, "traceId", "trace_id"), r.trace, sizeof r.trace);
    r.has_span = read_id(get(json, "spanId", "span_id"), r.span, sizeof r.span);
    if (list && !cJSON_IsNull(list))
        r.attributes = plain_object(list, mem);
    if (body && !cJSON_IsNull(body))
        r.body = plain(body, mem);
    return event_read_record(&r, resource, d, received, mem, ret, ret_fault);
}

/* --- cutting ------------------------------------------------------------------------------- */

struct cut {
    struct event_logs logs;
    size_t            cap, most;
    struct arena     *mem;
    struct err       *e;
};

/* The named members of an object, each at most once: names[i] or snakes[i] into ret[i]. */
static bool
members(const struct json_slice *object, const char *const names[][2], size_t n,
        struct json_slice *ret, struct err *e)
{
    struct json_inside in = json_inside(object);
    struct json_slice  key, value;

    memset(ret, 0, n * sizeof *ret);
    while (in.object && json_next(&in, &key, &value)) {
        if (memchr(key.p, '\\', key.n))
            return err_set(e, ERR_INVALID, "the envelope has a key with escapes");
        for (size_t i = 0; i < n; i++) {
            if (!json_key_is(&key, names[i][0]) && !json_key_is(&key, names[i][1]))
                continue;
            if (ret[i].p)
                return err_set(e, ERR_INVALID, "the envelope says %s twice", names[i][0]);
            ret[i] = value;
        }
    }
    return true;
}

/* Calls fn for each element of an array; a null is an empty one. */
static bool
each(const struct json_slice *array, struct cut *c, const char *what,
     bool (*fn)(struct cut *c, const struct json_slice *s, const cJSON *resource),
     const cJSON *resource)
{
    struct json_inside in;
    struct json_slice  key, value;

    if (!array->p || *array->p == 'n')
        return true;
    if (*array->p != '[')
        return err_set(c->e, ERR_INVALID, "%s is no array", what);
    in = json_inside(array);
    while (json_next(&in, &key, &value))
        if (!fn(c, &value, resource))
            return false;
    return true;
}

static bool
add_record(struct cut *c, const struct json_slice *s, const cJSON *resource)
{
    struct event_log log = { .s = *s, .resource = resource };

    return event_logs_add(&c->logs, &c->cap, c->most, c->mem, &log, c->e);
}

static bool
cut_scope(struct cut *c, const struct json_slice *s, const cJSON *resource)
{
    static const char *const names[][2] = { { "logRecords", "log_records" } };
    struct json_slice        records;

    if (*s->p != '{')
        return err_set(c->e, ERR_INVALID, "an element of scopeLogs is no object");
    return members(s, names, 1, &records, c->e) &&
           each(&records, c, "logRecords", add_record, resource);
}

/* The attributes of a resource as an object; NULL when they cannot be read: they only help to
 * tell records apart. */
static const cJSON *
read_resource(const struct json_slice *s, struct arena *mem)
{
    const cJSON *doc;
    struct err   e = ERR_INIT;

    if (!s->p || s->n > MOST_RESOURCE || json_policy(s, NULL, NULL) ||
        !json_parse_slice(mem, s, &doc, &e))
        return NULL;
    return event_otlp_instance(plain_object(json_get(doc, "attributes"), mem), mem);
}

static bool
cut_resource(struct cut *c, const struct json_slice *s, const cJSON *resource)
{
    static const char *const names[][2] = { { "resource", "resource" },
                                            { "scopeLogs", "scope_logs" } };
    struct json_slice        found[2];

    (void)resource;
    if (*s->p != '{')
        return err_set(c->e, ERR_INVALID, "an element of resourceLogs is no object");
    if (!members(s, names, 2, found, c->e))
        return false;
    return each(&found[1], c, "scopeLogs", cut_scope, read_resource(&found[0], c->mem));
}

bool
event_cut_otlp_json(const char *body, size_t n, size_t most, struct arena *mem,
                    struct event_logs *ret, struct err *e)
{
    static const char *const names[][2] = { { "resourceLogs", "resource_logs" } };
    struct cut               c = { .most = most, .mem = mem, .e = e };
    struct json_slice       *all, resources;
    size_t                   count;

    if (!json_cut(mem, body, n, JSON_ONE, 1, &all, &count, e))
        return false;
    if (*all->p != '{')
        return err_set(e, ERR_INVALID, "a request of OpenTelemetry logs is an object");
    if (!members(all, names, 1, &resources, e) ||
        !each(&resources, &c, "resourceLogs", cut_resource, NULL))
        return false;
    *ret = c.logs;
    return true;
}

bool
event_is_otlp_member(const char *name)
{
    static const char *const known[] = {
        "timeUnixNano", "observedTimeUnixNano", "eventName",   "attributes", "body", "traceId",
        "spanId",       "severityNumber",       "severityText"
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0)
            return true;
    return false;
}
