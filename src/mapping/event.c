/* event.c - a canonical event of a mapping as a struct event. See mapping.h.
 *
 * It is laid out in the native form and read by event_read_native(), so that its rules and
 * refusals hold to the letter; only the places of faults are translated back. */
#include "mapping_int.h"

#include <stdio.h>
#include <string.h>

#define MOST_PROPERTIES 256 /* of one event, before the allow-list */

/* --- OCSF -------------------------------------------------------------------------------- */

/* What OCSF calls an activity, for records that give only its number. Class 3004 stands for
 * every class that is not named: create, read, update, delete are the same in all of them. */
static const struct {
    int class, activity;
    const char *name;
} activities[] = {
    { 3002, 1, "logon" },
    { 3002, 2, "logoff" },
    { 3002, 3, "authentication ticket" },
    { 3002, 4, "service ticket request" },
    { 3001, 1, "create" },
    { 3001, 2, "enable" },
    { 3001, 3, "password change" },
    { 3001, 4, "password reset" },
    { 3001, 5, "disable" },
    { 3001, 6, "delete" },
    { 3005, 1, "assign privileges" },
    { 3005, 2, "revoke privileges" },
    { 3006, 1, "assign privileges" },
    { 3006, 2, "revoke privileges" },
    { 3006, 3, "add user" },
    { 3006, 4, "remove user" },
    { 3006, 5, "delete" },
    { 3006, 6, "create" },
    { 6001, 1, "create" },
    { 6001, 2, "read" },
    { 6001, 3, "update" },
    { 6001, 4, "delete" },
    { 6001, 5, "search" },
    { 6001, 6, "import" },
    { 6001, 7, "export" },
    { 6001, 8, "share" },
    { 6003, 1, "create" },
    { 6003, 2, "read" },
    { 6003, 3, "update" },
    { 6003, 4, "delete" },
    { 3004, 1, "create" },
    { 3004, 2, "read" },
    { 3004, 3, "update" },
    { 3004, 4, "delete" },
    { 3004, 5, "move" },
    { 3004, 6, "enroll" },
    { 3004, 7, "unenroll" },
    { 3004, 8, "enable" },
    { 3004, 9, "disable" },
    { 3004, 10, "activate" },
    { 3004, 11, "deactivate" },
    { 3004, 12, "suspend" },
    { 3004, 13, "resume" },
};

static const char *
activity_name(const cJSON *data)
{
    int64_t class, activity;

    if (!json_int(data, "class_uid", &class) || !json_int(data, "activity_id", &activity))
        return NULL;
    for (size_t i = 0; i < sizeof activities / sizeof *activities; i++)
        if (activities[i].class == class && activities[i].activity == activity)
            return activities[i].name;
    return NULL;
}

/* --- the native form ---------------------------------------------------------------------- */

struct native {
    const char *member;  /* of event_read_native() */
    const char *from[4]; /* places in the canonical event, the best first */
};

/* clang-format off */
static const struct native natives[] = {
    { "id",          { "/id" } },
    { "source",      { "/source" } },
    { "time",        { "/time" } },
    { "user",        { "/data/actor/user/uid", "/actorid", "/data/user" } },
    { "action",      { "/data/activity_name", "/data/action" } },
    { "feature",     { "/data/feature/uid", "/data/feature" } },
    { "object_type", { "/data/entity/type", "/data/object_type" } },
    { "object_id",   { "/data/entity/uid", "/data/object_id" } },
    { "correlation", { "/data/correlation" } },
};
/* clang-format on */

#define NATIVES (sizeof natives / sizeof *natives)

struct build {
    cJSON        *native, *properties;
    const char   *at[NATIVES]; /* the place that was taken, or NULL */
    size_t        n;           /* properties */
    unsigned      dropped;
    struct arena *mem;
};

/* A reference to a value, so that it can stand in two trees. */
static cJSON *
reference(const cJSON *v)
{
    if (cJSON_IsString(v))
        return mapping_new_text(v->valuestring);
    if (cJSON_IsNumber(v))
        return cJSON_CreateNumber(v->valuedouble);
    if (cJSON_IsBool(v))
        return cJSON_CreateBool(cJSON_IsTrue(v));
    if (cJSON_IsArray(v))
        return cJSON_CreateArrayReference(v->child);
    return cJSON_IsObject(v) ? cJSON_CreateObjectReference(v->child) : cJSON_CreateNull();
}

static void
add(cJSON *object, const char *name, cJSON *value)
{
    if (object && value)
        cJSON_AddItemToObjectCS(object, name, value);
}

static void
take_native(struct build *b, const cJSON *event, bool with_source)
{
    for (size_t i = 0; i < NATIVES; i++)
        for (size_t k = 0; k < 4 && natives[i].from[k] && !b->at[i]; k++) {
            const cJSON *v = json_at(event, natives[i].from[k]);

            if (mapping_is_nil(v) || cJSON_IsObject(v) ||
                (!with_source && strcmp(natives[i].member, "source") == 0))
                continue;
            b->at[i] = natives[i].from[k];
            add(b->native, natives[i].member, reference(v));
        }
}

static bool
is_taken(const struct build *b, const char *pointer)
{
    for (size_t i = 0; i < NATIVES; i++)
        if (b->at[i] && strcmp(b->at[i], pointer) == 0)
            return true;
    return false;
}

/* "contact/4511" when the entity does not say it. */
static void
take_subject(struct build *b, const cJSON *event)
{
    const char *subject = json_text(event, "subject");
    const char *slash = subject ? strchr(subject, '/') : NULL;

    if (!subject)
        return;
    if (slash && slash != subject && !json_get(b->native, "object_type"))
        add(b->native, "object_type",
            mapping_new_text(arena_strndup(b->mem, subject, (size_t)(slash - subject))));
    if (!json_get(b->native, "object_id"))
        add(b->native, "object_id", mapping_new_text(slash ? slash + 1 : subject));
}

static const char *
status_of(const cJSON *data)
{
    const cJSON      *v = json_get(data, "status_id");
    struct event_text t;
    char              text[16] = "";

    if (!v) {
        v = json_get(data, "status");
        if (cJSON_IsString(v))
            snprintf(text, sizeof text, "%s", v->valuestring);
        for (char *c = text; *c; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
        return strcmp(text, "success") == 0   ? "success"
               : strcmp(text, "failure") == 0 ? "failure"
                                              : NULL;
    }
    if (cJSON_IsString(v))
        t = event_text(v->valuestring);
    else if (cJSON_IsNumber(v))
        t = v->valuedouble == 1   ? event_text("1")
            : v->valuedouble == 2 ? event_text("2")
                                  : event_text("");
    else
        return NULL;
    return strcmp(t.p, "1") == 0 ? "success" : strcmp(t.p, "2") == 0 ? "failure" : NULL;
}

/* --- properties ------------------------------------------------------------------------------ */

/* Names of EVENTS for what OCSF puts elsewhere; what the event says in other words ("" ). */
static const struct {
    const char *path, *name;
} renamed[] = {
    { "actor.session.is_mfa", "session.mfa" },
    { "actor.session.is_vpn", "session.vpn" },
    { "session.is_mfa", "session.mfa" },
    { "session.is_vpn", "session.vpn" },
    { "is_mfa", "session.mfa" },
    { "device.is_managed", "device.managed" },
    { "class_uid", "" },
    { "class_name", "" },
    { "category_uid", "" },
    { "category_name", "" },
    { "activity_id", "" },
    { "type_uid", "" },
    { "type_name", "" },
    { "status_id", "" },
    { "status", "" },
};

static const char *
name_of(const char *path)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        if (strcmp(renamed[i].path, path) == 0)
            return renamed[i].name;
    return path;
}

static void
add_property(struct build *b, const char *name, const cJSON *v)
{
    if (!*name || cJSON_IsNull(v))
        return;
    if (b->n == MOST_PROPERTIES || cJSON_GetObjectItemCaseSensitive(b->properties, name)) {
        b->dropped++;
        return;
    }
    add(b->properties, name, reference(v));
    b->n++;
}

/* What is left of the data, named by its path. path is "" at the top. */
static void
add_rest(struct build *b, const cJSON *object, const char *path, const char *pointer, int depth)
{
    const cJSON *c;

    cJSON_ArrayForEach (c, object) {
        const char *dot = arena_printf(b->mem, "%s%s%s", path, *path ? "." : "", c->string);
        const char *at = arena_printf(b->mem, "%s/%s", pointer, c->string);

        if (!dot || !at || is_taken(b, at) || (depth == 0 && strcmp(c->string, "properties") == 0))
            continue;
        if (cJSON_IsObject(c) && depth < JSON_MAX_DEPTH)
            add_rest(b, c, dot, at, depth + 1);
        else
            add_property(b, name_of(dot), c);
    }
}

static void
take_properties(struct build *b, const cJSON *data)
{
    const cJSON *own = json_get(data, "properties"), *c;

    b->properties = cJSON_CreateObject();
    if (!b->properties)
        return;
    if (cJSON_IsObject(own))
        cJSON_ArrayForEach (c, own)
            add_property(b, c->string, c);
    else if (own)
        b->dropped++;
    add_rest(b, data, "", "/data", 0);
    if (b->n)
        add(b->native, "properties", b->properties);
}

/* --- faults ------------------------------------------------------------------------------------
 */

static const char *
canonical_of(const struct build *b, const char *member)
{
    if (strcmp(member, "type") == 0)
        return "/type";
    for (size_t i = 0; i < NATIVES; i++)
        if (strcmp(natives[i].member, member) == 0)
            return b->at[i];
    return NULL;
}

/* From the native form to the place in the record. */
static void
translate(const struct build *b, const struct mapping_result *made, struct event_fault *f)
{
    const char *at = *f->pointer == '/' ? canonical_of(b, f->pointer + 1) : NULL;

    f->pointer = at ? at : "";
    for (size_t i = made->origins_n; at && i--;)
        if (strcmp(made->origins[i].target, at) == 0) {
            f->pointer = made->origins[i].from;
            return;
        }
}

static void
build(struct build *b, const cJSON *event, bool with_source)
{
    const cJSON *data = json_get(event, "data"), *type = json_get(event, "type");
    const char  *t = cJSON_IsString(type) ? type->valuestring : "";
    const char  *status = status_of(data), *action;

    b->native = cJSON_CreateObject();
    take_native(b, event, with_source);
    /* a type that is none is refused by the reader: "" is none, nothing would be usage */
    add(b->native, "type", mapping_new_text(strncmp(t, "pilot.", 6) == 0 ? t + 6 : ""));
    if (!json_get(b->native, "action") && (action = activity_name(data)))
        add(b->native, "action", mapping_new_text(action));
    if (status)
        add(b->native, "status", mapping_new_text(status));
    take_subject(b, event);
    if (cJSON_IsObject(data))
        take_properties(b, data);
}

bool
mapping_event(const struct mapping_result *made, const struct event_defaults *d, usec_t received,
              struct arena *mem, struct event *ret, struct event_fault *ret_fault)
{
    struct build  b = { .mem = mem };
    struct arena *outer = arena_enter(mem);

    build(&b, made->event, !d->source.n);
    arena_leave(outer);
    if (!event_read_native(b.native, d, received, mem, ret, ret_fault)) {
        translate(&b, made, ret_fault);
        return false;
    }
    ret->dropped += b.dropped;
    return true;
}
