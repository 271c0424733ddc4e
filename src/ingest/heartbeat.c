/* heartbeat.c - a source with nothing to say says that it is alive. */
#include "ingest_int.h"

#include <string.h>

/* The instant it speaks of, or what is wrong with it. */
static bool
read_heartbeat(struct take *t, const cJSON *doc, usec_t *ret, struct event_fault *why)
{
    const cJSON *source = json_get(doc, "source"), *time = json_get(doc, "time");
    usec_t       at = t->now;

    *why = (struct event_fault){ .pointer = "" };
    if (!cJSON_IsObject(doc)) {
        why->why = EVENT_NOT_OBJECT;
        return false;
    }
    if (source && !(cJSON_IsString(source) && strcmp(source->valuestring, t->src->name) == 0)) {
        why->why = EVENT_SOURCE_MISMATCH;
        why->pointer = "/source";
        return false;
    }
    why->pointer = "/time";
    if (time &&
        !(cJSON_IsString(time) && time_parse(time->valuestring, strlen(time->valuestring), &at))) {
        why->why = EVENT_BAD_TIME;
        return false;
    }
    if (at > t->now && at - t->now > EVENT_MAX_AHEAD) {
        why->why = EVENT_TIME_IN_FUTURE;
        return false;
    }
    *ret = at;
    return true;
}

static void
add_heartbeat(struct take *t, usec_t at)
{
    usec_t                    into = at % USEC_HOUR;
    struct ingest_record_item item = { .kind = INGEST_ITEM_HEARTBEAT,
                                       .source = t->src->id,
                                       .received = t->now,
                                       .hour = at - (into < 0 ? into + USEC_HOUR : into) };

    ingest_record_add(&t->out, &item, t->now);
    ingest_take_count(t, t->src, true, 0);
}

static bool
is_blank(const char *p, size_t n)
{
    while (n && strchr(" \t\r\n", *p) && *p)
        p++, n--;
    return !n;
}

bool
ingest_heartbeat_take(const struct ingest_source *src, const void *body, size_t n, usec_t received,
                      struct arena *mem, struct ingest_intake *ret, struct err *e)
{
    static const struct ingest_form native = { .dialect = INGEST_NATIVE };
    struct take                     t;
    struct piece                    p = { .raw = body, .n = n, .received = received };
    struct event_fault              why = { .why = EVENT_NOT_JSON, .pointer = "" };
    struct err                      bad = ERR_INIT;
    const cJSON                    *doc = NULL;
    usec_t                          at = received;

    ingest_take_init(&t, src, &native, received, mem);
    ingest_take_begin(&t, INGEST_RECORD_HEARTBEAT, 0, 1);
    if (is_blank(body, n)) {
        add_heartbeat(&t, at);
    } else if (!json_parse(&t.sub, body, n, &doc, &bad)) {
        t.in.unreadable = true;
        t.in.why = why.detail = arena_strdup(mem, bad.text);
        ingest_take_refuse(&t, &p, src, &why);
    } else if (read_heartbeat(&t, doc, &at, &why)) {
        add_heartbeat(&t, at);
    } else {
        ingest_take_refuse(&t, &p, src, &why);
    }
    return ingest_take_end(&t, ret, e);
}
