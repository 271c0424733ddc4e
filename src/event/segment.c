/* segment.c - the calls of Segment's SDKs. See event_dialects.h. */
#include "collaudo/event_dialects.h"

#include "event_int.h"

#include <string.h>

#define EARLIEST (INT64_C(-2208988800) * USEC_SECOND) /* 1900: before it no time is one */

/* clang-format off */
static const struct {
    const char     *name, *brief;
    enum event_call call;
    enum event_type type;
} calls[] = {
#define X(symbol, name, brief, type) { name, brief, symbol, type },
    EVENT_CALLS(X)
#undef X
    { "batch", "b", EVENT_BATCH, EVENT_USAGE },
};

/* Of a call. What is not here (anonymousId, previousId, channel ...) has no place in an event. */
static const struct event_member members[] = {
    { "messageId",         "/messageId",  PART_ID },
    { "userId",            "/userId",     PART_USER },
    { "properties",        "",            PART_NOT_COUNTED },
    { "timestamp",         "",            PART_NOT_COUNTED },
    { "originalTimestamp", "",            PART_NOT_COUNTED },
    { "sentAt",            "",            PART_NOT_COUNTED },
    { "receivedAt",        "",            PART_NOT_COUNTED },
    { "type",              "",            PART_NOT_COUNTED },
    { "event",             "",            PART_NOT_COUNTED },
    { "name",              "",            PART_NOT_COUNTED },
    { "groupId",           "",            PART_NOT_COUNTED },
    { "traits",            "",            PART_NOT_COUNTED },
    { "context",           "",            PART_NOT_COUNTED },
    { "integrations",      "",            PART_NOT_COUNTED },
    { "writeKey",          "",            PART_NOT_COUNTED },
    { "api_key",           "",            PART_NOT_COUNTED },
    { "_metadata",         "",            PART_NOT_COUNTED },
    { "version",           "",            PART_NOT_COUNTED },
    { NULL, NULL, PART_UNKNOWN },
};

/* Of its properties; the others are properties of the event. */
static const struct event_member properties[] = {
    { "feature",     "/properties/feature",     PART_FEATURE },
    { "object_type", "/properties/object_type", PART_OBJECT_TYPE },
    { "object_id",   "/properties/object_id",   PART_OBJECT_ID },
    { "status",      "/properties/status",      PART_STATUS },
    { "correlation", "/properties/correlation", PART_CORRELATION },
    { NULL, NULL, PART_UNKNOWN },
};
/* clang-format on */

#define N_CALLS (sizeof calls / sizeof *calls)

bool
event_call_of(const char *name, enum event_call *ret)
{
    for (size_t i = 0; i < N_CALLS; i++)
        if (strcmp(name, calls[i].name) == 0 || strcmp(name, calls[i].brief) == 0) {
            *ret = calls[i].call;
            return true;
        }
    return false;
}

/* --- the envelope ------------------------------------------------------------------- */

/* What stands between the quotes, when no escape does. */
static struct event_text
plain_text(const struct json_slice *v)
{
    if (v->n < 3 || *v->p != '"' || memchr(v->p, '\\', v->n))
        return (struct event_text){ 0 };
    return (struct event_text){ v->p + 1, v->n - 2 };
}

struct event_text
event_segment_key(const char *body, size_t n, struct arena *mem)
{
    struct json_slice  all = { .p = body, .n = n }, key, value;
    struct event_text  found = { 0 };
    struct json_inside in;

    while (all.n && strchr(" \t\r\n", *all.p) && *all.p)
        all.p++, all.n--;
    in = json_inside(&all);
    while (in.object && !found.n && json_next(&in, &key, &value))
        if (json_key_is(&key, "writeKey") || json_key_is(&key, "api_key"))
            found = plain_text(&value);
    if (!found.n)
        return (struct event_text){ 0 };
    char *copy = arena_strndup(mem, found.p, found.n);
    return (struct event_text){ copy, copy ? found.n : 0 };
}

static bool
read_sent(const struct json_slice *v, struct event_segment *s)
{
    struct event_text text = plain_text(v);

    return text.n && time_parse(text.p, text.n, &s->sent);
}

static bool
cut_batch(const struct json_slice *batch, size_t most, struct arena *mem, struct event_segment *s,
          struct err *e)
{
    return json_cut(mem, batch->p, batch->n, JSON_AUTO, most, &s->calls, &s->n, e);
}

/* The members of the envelope that matter, each at most once: two readers of an envelope that
 * says a thing twice, or hides a name behind escapes, could find different events in it. */
static bool
read_envelope(const struct json_slice *all, struct event_segment *s, struct json_slice *ret_batch,
              struct err *e)
{
    struct json_inside in = json_inside(all);
    struct json_slice  key, value;
    unsigned           batches = 0, sents = 0;

    while (json_next(&in, &key, &value)) {
        if (memchr(key.p, '\\', key.n))
            return err_set(e, ERR_INVALID, "the envelope has a key with escapes");
        if (json_key_is(&key, "batch") && !batches++)
            *ret_batch = value;
        else if (json_key_is(&key, "sentAt") && !sents++)
            s->has_sent = read_sent(&value, s);
    }
    if (batches > 1 || sents > 1)
        return err_set(e, ERR_INVALID, "the envelope says %s twice",
                       batches > 1 ? "batch" : "sentAt");
    return true;
}

bool
event_cut_segment(enum event_call call, const char *body, size_t n, size_t most, struct arena *mem,
                  struct event_segment *ret, struct err *e)
{
    struct event_segment s = { .call = call };
    struct json_slice    batch = { 0 };

    if (!json_cut(mem, body, n, JSON_ONE, 1, &s.calls, &s.n, e))
        return false;
    if (call == EVENT_BATCH && *s.calls->p == '{') {
        if (!read_envelope(s.calls, &s, &batch, e))
            return false;
        if (batch.n && *batch.p == '[' && !cut_batch(&batch, most, mem, &s, e))
            return false;
    }
    *ret = s;
    return true;
}

/* --- one call ------------------------------------------------------------------------- */

/* Which call it is: by its address, or in a batch by its own word. */
static bool
read_call(const cJSON *json, const struct event_segment *around, enum event_call *ret,
          struct event *ev, struct event_fault *why)
{
    const char *type = json_text(json, "type");

    *ret = around->call;
    if (around->call == EVENT_BATCH && (!type || !event_call_of(type, ret) || *ret == EVENT_BATCH))
        return event_refuse(why, EVENT_UNKNOWN_TYPE, type ? "/type" : "",
                            "a call is track, page, screen, identify, group or alias");
    for (size_t i = 0; i < N_CALLS; i++)
        if (calls[i].call == *ret)
            ev->type = calls[i].type;
    return true;
}

static bool
is_given(const cJSON *v)
{
    return v && !cJSON_IsNull(v) && !(cJSON_IsString(v) && !*v->valuestring);
}

/* The time by the sender's clock, and how wrong that clock is. A call that another collector
 * took before us (receivedAt) has been corrected there. */
static bool
read_time(const cJSON *json, const struct event_segment *around, usec_t received, struct event *ev,
          struct event_fault *why)
{
    const char *sent = json_text(json, "sentAt");
    const char *place = is_given(json_get(json, "timestamp")) ? "/timestamp" : "/originalTimestamp";
    const char *text = json_text(json, place + 1);
    bool        has_sent = around->has_sent;
    usec_t      by = around->sent;

    if (!is_given(json_get(json, place + 1)))
        return event_refuse(why, EVENT_MISSING_TIME, "", NULL);
    if (!text || !time_parse(text, strlen(text), &ev->time))
        return event_refuse(why, EVENT_BAD_TIME, place, NULL);
    if (sent && time_parse(sent, strlen(sent), &by))
        has_sent = true;
    if (has_sent && !json_get(json, "receivedAt") &&
        (received - by > EVENT_MAX_SKEW || by - received > EVENT_MAX_SKEW)) {
        ev->correction = received - by;
        ev->time += ev->correction;
    }
    if (ev->time < EARLIEST)
        return event_refuse(why, EVENT_BAD_TIME, place, "the clock of its sender says nonsense");
    return event_check_time(ev->time, received, place, why);
}

/* The action by the call's own member or its own name, and what it was done to, unless the
 * properties say that. */
static void
lay_out_call(const cJSON *json, enum event_call call, struct arena *mem, struct event_found *f)
{
    static const struct {
        const char *word, *action, *object; /* object: the member that names it */
    } says[] = {
        [EVENT_TRACK] = { "track", "/event", NULL },
        [EVENT_PAGE] = { "page", "/name", "/name" },
        [EVENT_SCREEN] = { "screen", "/name", "/name" },
        [EVENT_IDENTIFY] = { "identify", NULL, NULL },
        [EVENT_GROUP] = { "group", NULL, "/groupId" },
        [EVENT_ALIAS] = { "alias", NULL, NULL },
    };
    const char  *action = says[call].action, *object = says[call].object;
    const cJSON *said = action ? json_get(json, action + 1) : NULL;
    const cJSON *thing = object ? json_get(json, object + 1) : NULL;

    if (is_given(said) || call == EVENT_TRACK) {
        f->at[PART_ACTION] = cJSON_IsNull(said) ? NULL : said;
        f->pointer[PART_ACTION] = action;
    } else {
        f->at[PART_ACTION] = event_node(mem, says[call].word);
        f->pointer[PART_ACTION] = "";
    }
    if (is_given(thing) && !f->at[PART_OBJECT_ID] && !f->at[PART_OBJECT_TYPE]) {
        f->at[PART_OBJECT_TYPE] = event_node(mem, says[call].word);
        f->at[PART_OBJECT_ID] = thing;
        f->pointer[PART_OBJECT_TYPE] = f->pointer[PART_OBJECT_ID] = object;
    }
}

/* Properties, or the traits of whoever or whatever the call is about. */
static void
lay_out_properties(const cJSON *json, struct event *ev, struct event_found *f)
{
    bool         identity = ev->type == EVENT_IDENTITY;
    const cJSON *v = json_get(json, identity ? "traits" : "properties");

    ev->dropped += is_given(json_get(json, identity ? "properties" : "traits"));
    if (!v || cJSON_IsNull(v) || (cJSON_IsArray(v) && !v->child)) /* PHP's empty object is [] */
        return;
    f->at[PART_PROPERTIES] = v;
    f->pointer[PART_PROPERTIES] = identity ? "/traits" : "/properties";
    if (!identity)
        event_lay_out(v, properties, f);
}

/* The context tells about browsers, addresses and people: all of it is left out, and counted. */
static unsigned
count_context(const cJSON *json)
{
    unsigned     n = 0;
    const cJSON *c, *context = json_get(json, "context");

    if (cJSON_IsObject(context))
        cJSON_ArrayForEach (c, context)
            n += strcmp(c->string, "library") != 0;
    return n;
}

bool
event_read_segment(const cJSON *json, const struct event_segment *around,
                   const struct event_defaults *d, usec_t received, struct arena *mem,
                   struct event *ret, struct event_fault *ret_fault)
{
    struct event_found  f = { 0 };
    struct event        ev = { 0 };
    struct event_fault *why = ret_fault;
    enum event_call     call;

    *why = (struct event_fault){ .source = d->source };
    if (!cJSON_IsObject(json))
        return event_refuse(why, EVENT_NOT_OBJECT, "", NULL);
    ev.dropped = event_lay_out(json, members, &f) + count_context(json);
    if (!event_found_identity(&f, d, mem, &ev, why) || !read_call(json, around, &call, &ev, why) ||
        !read_time(json, around, received, &ev, why))
        return false;
    lay_out_properties(json, &ev, &f);
    lay_out_call(json, call, mem, &f);
    if (!event_found_rest(&f, mem, &ev, why)) {
        if (why->why == EVENT_MISSING_USER && !*why->pointer && json_get(json, "anonymousId"))
            why->detail = "an anonymousId is a browser, not a person; userId is missing";
        return false;
    }
    if (ev.type == EVENT_USAGE)
        ev.sent = event_rest(ev.sent, properties, mem);
    *ret = ev;
    return true;
}

bool
event_is_segment_member(const char *name)
{
    return event_member_of(members, name)->name != NULL;
}
