/* otlp.c - a log record becomes an event, whatever it was encoded in. See event_dialects.h. */
#include "otlp_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of two attributes for one part the upper one counts. Names of ours come first, then those of
 * OpenTelemetry, then plain ones. What is not here is a property. */
/* clang-format off */
static const struct event_member attributes[] = {
    { "collaudo.id",          NULL, PART_ID },
    { "event.id",             NULL, PART_ID },
    { "log.record.uid",       NULL, PART_ID },
    { "collaudo.user",        NULL, PART_USER },
    { "user.id",              NULL, PART_USER },
    { "enduser.id",           NULL, PART_USER },
    { "collaudo.action",      NULL, PART_ACTION },
    { "event.name",           NULL, PART_ACTION },
    { "collaudo.type",        NULL, PART_TYPE },
    { "collaudo.feature",     NULL, PART_FEATURE },
    { "feature",              NULL, PART_FEATURE },
    { "collaudo.object_type", NULL, PART_OBJECT_TYPE },
    { "object_type",          NULL, PART_OBJECT_TYPE },
    { "collaudo.object_id",   NULL, PART_OBJECT_ID },
    { "object_id",            NULL, PART_OBJECT_ID },
    { "collaudo.status",      NULL, PART_STATUS },
    { "event.outcome",        NULL, PART_STATUS },
    { "collaudo.correlation", NULL, PART_CORRELATION },
    { "correlation",          NULL, PART_CORRELATION },
    { NULL, NULL, PART_UNKNOWN },
};
/* clang-format on */

/* --- plain trees -------------------------------------------------------------------- */

cJSON *
event_otlp_node(struct arena *mem, int type)
{
    cJSON *v = arena_new(mem, cJSON, 1);

    if (v)
        v->type = type;
    return v;
}

cJSON *
event_otlp_text(struct arena *mem, const char *p, size_t n)
{
    cJSON *v = event_otlp_node(mem, cJSON_String);

    if (v)
        v->valuestring = arena_strndup(mem, p, n);
    return v && v->valuestring ? v : NULL;
}

cJSON *
event_otlp_number(struct arena *mem, double d)
{
    cJSON *v = event_otlp_node(mem, isfinite(d) ? cJSON_Number : cJSON_NULL);

    if (v && isfinite(d))
        v->valuedouble = d;
    return v;
}

cJSON *
event_otlp_int(struct arena *mem, int64_t i)
{
    char digits[24];

    if (i > -(INT64_C(1) << 53) && i < INT64_C(1) << 53)
        return event_otlp_number(mem, (double)i);
    int n = snprintf(digits, sizeof digits, "%" PRId64, i);
    return event_otlp_text(mem, digits, (size_t)n);
}

bool
event_logs_add(struct event_logs *to, size_t *cap, size_t most, struct arena *mem,
               const struct event_log *log, struct err *e)
{
    if (to->n == most)
        return err_set(e, ERR_TOO_LARGE, "more than %zu events in one request", most);
    if (to->n == *cap) {
        size_t            more = *cap ? *cap * 2 : 16;
        struct event_log *rows = arena_new(mem, struct event_log, more);

        if (!rows)
            return err_set(e, ERR_NOMEM, "too many events for the memory of one request");
        if (to->n)
            memcpy(rows, to->logs, to->n * sizeof *rows);
        to->logs = rows;
        *cap = more;
    }
    to->logs[to->n++] = *log;
    return true;
}

bool
event_cut_otlp(bool protobuf, const char *body, size_t n, size_t most, struct arena *mem,
               struct event_logs *ret, struct err *e)
{
    return protobuf ? event_cut_otlp_proto(body, n, most, mem, ret, e)
                    : event_cut_otlp_json(body, n, most, mem, ret, e);
}

/* --- attributes ------------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static bool
no_key_twice(const cJSON *object, struct arena *mem, struct event_fault *why)
{
    size_t       n = 0, i = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, object)
        n++;
    const cJSON **sorted = arena_new(mem, const cJSON *, n + 1);
    if (!sorted)
        return event_refuse(why, EVENT_TOO_LARGE, "", NULL);
    cJSON_ArrayForEach (c, object)
        sorted[i++] = c;
    qsort(sorted, n, sizeof *sorted, by_name);
    for (i = 1; i < n; i++)
        if (strcmp(sorted[i - 1]->string, sorted[i]->string) == 0)
            return event_refuse(why, EVENT_DUPLICATE_KEY, "/attributes", NULL);
    return true;
}

/* Where each part stands: the best of its names. */
static void
lay_out_attributes(const struct event_record *r, struct arena *mem, struct event_found *f)
{
    const struct event_member *best[PARTS] = { NULL };
    size_t                     i = 0;
    const cJSON               *c;

    cJSON_ArrayForEach (c, r->attributes) {
        const struct event_member *m = event_member_of(attributes, c->string);

        if (m->part < PARTS && !cJSON_IsNull(c) && (!best[m->part] || m < best[m->part])) {
            best[m->part] = m;
            f->at[m->part] = c;
            f->pointer[m->part] = arena_printf(mem, "/attributes/%zu/value", i);
        }
        i++;
    }
    if (r->name && *r->name &&
        !(best[PART_ACTION] && strcmp(best[PART_ACTION]->name, "collaudo.action") == 0)) {
        f->at[PART_ACTION] = event_node(mem, r->name);
        f->pointer[PART_ACTION] = "/eventName";
    }
}

const cJSON *
event_otlp_instance(const cJSON *resource, struct arena *mem)
{
    static const char *const names[] = { "service.instance.id", "service.name",
                                         "service.namespace" };
    cJSON                   *object = NULL, *last = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *v = json_get(resource, names[i]);

        if (!v)
            continue;
        object = object ? object : event_otlp_node(mem, cJSON_Object);
        event_add(object, &last, names[i], arena_memdup(mem, v, sizeof *v));
    }
    return object;
}

/* --- an id for a record that has none ----------------------------------------------------- */

static void
feed_number(struct hash_mac *m, uint64_t v)
{
    char digits[24];
    int  n = snprintf(digits, sizeof digits, "%" PRIu64, v);

    event_feed_bytes(m, 'u', digits, (size_t)n);
}

/* Of everything that the sender repeats when it sends the record again: not of the envelope,
 * which collectors rebuild, but for the name of the service instance. Keyed, because what is
 * hashed names people. */
static const cJSON *
make_id(const struct event_record *r, const cJSON *resource, const struct hash_mac *ids,
        struct arena *mem)
{
    struct hash_mac    m = *ids;
    struct hash_id     id;
    char               text[2 * HASH_ID_LEN + 1];
    static const cJSON none = { .type = cJSON_NULL };

    event_feed_bytes(&m, 'o', "otlp", 4);
    feed_number(&m, r->time ? r->time : r->observed);
    event_feed_bytes(&m, 'e', r->name, r->name ? strlen(r->name) : 0);
    event_feed_bytes(&m, 'T', r->trace, r->has_trace ? sizeof r->trace : 0);
    event_feed_bytes(&m, 'S', r->span, r->has_span ? sizeof r->span : 0);
    if (!event_feed_tree(&m, resource ? resource : &none, mem) ||
        !event_feed_tree(&m, r->attributes ? r->attributes : &none, mem) ||
        !event_feed_tree(&m, r->body ? r->body : &none, mem))
        return NULL;
    id = hash_mac_end(&m);
    hash_hex(&id, sizeof id, text);
    return event_node(mem, text);
}

/* --- the event ------------------------------------------------------------------------------ */

static bool
read_nanoseconds(const struct event_record *r, usec_t received, struct event *ev,
                 struct event_fault *why)
{
    const char *place = r->time ? "/timeUnixNano" : "/observedTimeUnixNano";
    uint64_t    ns = r->time ? r->time : r->observed;

    if (!ns)
        return event_refuse(why, EVENT_MISSING_TIME, "", NULL);
    ev->time = (usec_t)(ns / 1000);
    return event_check_time(ev->time, received, place, why);
}

static bool
read_type(const struct event_found *f, struct event *ev, struct event_fault *why)
{
    const cJSON *v = f->at[PART_TYPE];
    const char  *name = cJSON_IsString(v) ? v->valuestring : "";

    ev->type = v ? event_type_of(name, strlen(name)) : EVENT_USAGE;
    return ev->type || event_refuse(why, EVENT_UNKNOWN_TYPE, f->pointer[PART_TYPE], NULL);
}

bool
event_read_record(const struct event_record *r, const cJSON *resource,
                  const struct event_defaults *d, usec_t received, struct arena *mem,
                  struct event *ret, struct event_fault *why)
{
    struct event_found f = { 0 };
    struct event       ev = { .dropped = r->body != NULL };

    if (!no_key_twice(r->attributes, mem, why))
        return false;
    lay_out_attributes(r, mem, &f);
    if (!f.at[PART_ID] && d->ids) {
        f.at[PART_ID] = make_id(r, resource, d->ids, mem);
        f.pointer[PART_ID] = "";
    }
    if (!event_found_identity(&f, d, mem, &ev, why) || !read_type(&f, &ev, why) ||
        !read_nanoseconds(r, received, &ev, why) || !event_found_rest(&f, mem, &ev, why))
        return false;
    ev.sent = event_rest(r->attributes, attributes, mem);
    *ret = ev;
    return true;
}
