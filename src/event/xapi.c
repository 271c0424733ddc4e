/* xapi.c - statements of learning systems become events of training. See event_dialects.h. */
#include "collaudo/event_dialects.h"

#include "event_int.h"

#include <stdio.h>
#include <string.h>

/* What became of a course, by the last word of the verb's address, as vocabularies have many
 * addresses for one verb. A verb that is not here is the action itself. */
/* clang-format off */
static const struct {
    const char *verb, *action;
} verbs[] = {
    { "assigned",    "assigned" },
    { "assign",      "assigned" },
    { "enrolled",    "assigned" },
    { "registered",  "assigned" },
    { "launched",    "started" },
    { "initialized", "started" },
    { "attempted",   "started" },
    { "started",     "started" },
    { "start",       "started" },
    { "completed",   "completed" },
    { "complete",    "completed" },
    { "passed",      "completed" },
    { "mastered",    "completed" },
    { "failed",      "failed" },
};

/* Of a statement; what is not here has no place in an event. */
static const struct event_member members[] = {
    { "id",        "/id",        PART_ID },
    { "timestamp", "/timestamp", PART_TIME },
    { "actor",     "",           PART_NOT_COUNTED },
    { "verb",      "",           PART_NOT_COUNTED },
    { "object",    "",           PART_NOT_COUNTED },
    { "result",    "",           PART_NOT_COUNTED },
    { "context",   "",           PART_NOT_COUNTED },
    { "stored",    "",           PART_NOT_COUNTED },
    { "version",   "",           PART_NOT_COUNTED },
    { "authority", "",           PART_NOT_COUNTED },
    { NULL, NULL, PART_UNKNOWN },
};
/* clang-format on */

/* --- id ------------------------------------------------------------------------------- */

/* A UUID of version 8: made by a rule of ours, the same for the same statement. */
static const cJSON *
make_id(const cJSON *json, const struct hash_mac *ids, struct arena *mem)
{
    struct hash_mac m = *ids;
    char            hex[2 * HASH_ID_LEN + 1];

    event_feed_bytes(&m, 'x', "xapi", 4);
    if (!event_feed_tree(&m, json, mem))
        return NULL;
    struct hash_id id = hash_mac_end(&m);
    id.b[6] = (uint8_t)(0x80 | (id.b[6] & 0x0f));
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
    hash_hex(&id, sizeof id, hex);
    return event_node(mem, arena_printf(mem, "%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12,
                                        hex + 16, hex + 20));
}

/* Its own, or the one in the address, which must not differ; UUIDs differ in case only by
 * whim, so they are kept in lower case. */
static bool
read_id(const cJSON *json, struct event_text put_id, const struct event_defaults *d,
        struct arena *mem, struct event_found *f, struct event_fault *why)
{
    const cJSON *own = f->at[PART_ID];
    const char  *text = cJSON_IsString(own) ? own->valuestring : NULL;

    if (put_id.n && own &&
        (!text || strlen(text) != put_id.n || strncasecmp(text, put_id.p, put_id.n) != 0))
        return event_refuse(why, EVENT_MISSING_ID, "/id", "it is not the statementId");
    if (put_id.n)
        text = arena_strndup(mem, put_id.p, put_id.n);
    if (text) {
        char *low = arena_strdup(mem, text);

        for (char *p = low; p && *p; p++)
            *p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 32 : *p);
        f->at[PART_ID] = event_node(mem, low);
        f->pointer[PART_ID] = "/id";
    } else if (!own && d->ids) {
        f->at[PART_ID] = make_id(json, d->ids, mem);
        f->pointer[PART_ID] = "";
    }
    return true;
}

/* --- who, what, about what ------------------------------------------------------------------ */

/* Exactly one of four ways names a person; a group is nobody. */
static void
lay_out_actor(const cJSON *actor, struct arena *mem, struct event_found *f)
{
    const char  *type = json_text(actor, "objectType"), *mbox = json_text(actor, "mbox");
    const cJSON *account = json_get(actor, "account");

    if (type && strcmp(type, "Group") == 0)
        return;
    if (mbox) {
        f->at[PART_USER] = event_node(mem, strncasecmp(mbox, "mailto:", 7) == 0 ? mbox + 7 : mbox);
        f->pointer[PART_USER] = "/actor/mbox";
    } else if (json_get(account, "name")) {
        f->at[PART_USER] = json_get(account, "name");
        f->pointer[PART_USER] = "/actor/account/name";
    } else if (json_get(actor, "openid")) {
        f->at[PART_USER] = json_get(actor, "openid");
        f->pointer[PART_USER] = "/actor/openid";
    } else if (json_get(actor, "mbox_sha1sum")) {
        f->at[PART_USER] = json_get(actor, "mbox_sha1sum");
        f->pointer[PART_USER] = "/actor/mbox_sha1sum";
    }
}

static void
lay_out_verb(const cJSON *verb, struct arena *mem, struct event_found *f)
{
    const char *id = json_text(verb, "id"), *word = id;

    if (!id)
        return;
    for (const char *p = id; *p; p++)
        if (strchr("/#:", *p) && p[1])
            word = p + 1;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(word, verbs[i].verb) == 0)
            word = verbs[i].action;
    f->at[PART_ACTION] = event_node(mem, word);
    f->pointer[PART_ACTION] = "/verb/id";
}

/* A course has an address; a person or a group as an object is left out, and counted. */
static unsigned
lay_out_object(const cJSON *object, struct arena *mem, struct event_found *f)
{
    const char *type = json_text(object, "objectType");

    if (type && strcmp(type, "Activity") != 0 && strcmp(type, "StatementRef") != 0)
        return 1;
    f->at[PART_OBJECT_TYPE] = event_node(mem, type && *type == 'S'     ? "statement"
                                              : json_get(object, "id") ? "activity"
                                                                       : NULL);
    f->at[PART_OBJECT_ID] = json_get(object, "id");
    f->pointer[PART_OBJECT_TYPE] = f->pointer[PART_OBJECT_ID] = "/object/id";
    return 0;
}

/* The figures of a result, as properties. */
static const cJSON *
figures(const cJSON *result, struct arena *mem)
{
    static const struct {
        const char *pointer, *name;
    } of[] = { { "/score/scaled", "score_scaled" },
               { "/score/raw", "score_raw" },
               { "/score/max", "score_max" },
               { "/completion", "completion" },
               { "/duration", "duration" } };
    cJSON *object = NULL, *last = NULL;

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        const cJSON *v = result ? json_at(result, of[i].pointer) : NULL;
        cJSON       *copy = v ? arena_memdup(mem, v, sizeof *v) : NULL;

        if (!object && copy && (object = arena_new(mem, cJSON, 1)))
            object->type = cJSON_Object;
        event_add(object, &last, of[i].name, copy);
    }
    return object;
}

/* A learning system that says no time means now. It may send the statement again, so what is
 * hashed must not be the time it came in: all of it is correction. */
static bool
read_time(const struct event_found *f, usec_t received, struct event *ev, struct event_fault *why)
{
    if (f->at[PART_TIME])
        return event_found_time(f, received, &ev->time, why);
    ev->time = ev->correction = received;
    return true;
}

bool
event_read_xapi(const cJSON *json, struct event_text put_id, const struct event_defaults *d,
                usec_t received, struct arena *mem, struct event *ret,
                struct event_fault *ret_fault)
{
    struct event_found  f = { 0 };
    struct event        ev = { .type = EVENT_TRAINING };
    struct event_fault *why = ret_fault;
    const cJSON        *result = json_get(json, "result"), *success = json_get(result, "success");

    *why = (struct event_fault){ .source = d->source };
    if (!cJSON_IsObject(json))
        return event_refuse(why, EVENT_NOT_OBJECT, "", NULL);
    ev.dropped = event_lay_out(json, members, &f);
    if (!read_id(json, put_id, d, mem, &f, why) || !event_found_identity(&f, d, mem, &ev, why) ||
        !read_time(&f, received, &ev, why))
        return false;
    lay_out_actor(json_get(json, "actor"), mem, &f);
    lay_out_verb(json_get(json, "verb"), mem, &f);
    ev.dropped += lay_out_object(json_get(json, "object"), mem, &f);
    f.at[PART_CORRELATION] = json_get(json_get(json, "context"), "registration");
    f.pointer[PART_CORRELATION] = "/context/registration";
    if (cJSON_IsBool(success))
        f.at[PART_STATUS] = event_node(mem, cJSON_IsTrue(success) ? "success" : "failure");
    if (!event_found_rest(&f, mem, &ev, why))
        return false;
    ev.sent = figures(result, mem);
    *ret = ev;
    return true;
}

bool
event_is_xapi_member(const char *name)
{
    return event_member_of(members, name)->name != NULL;
}
