/* read.c - a JSON object of a sender becomes an event, or a refusal: the native form and
 * CloudEvents. See event.h. */
#include "event_int.h"

#include <string.h>

/* clang-format off */
static const struct event_member native[] = {
    { "id",           "/id",          PART_ID },
    { "time",         "/time",        PART_TIME },
    { "user",         "/user",        PART_USER },
    { "action",       "/action",      PART_ACTION },
    { "source",       "/source",      PART_SOURCE },
    { "type",         "/type",        PART_TYPE },
    { "object_type",  "/object_type", PART_OBJECT_TYPE },
    { "object_id",    "/object_id",   PART_OBJECT_ID },
    { "feature",      "/feature",     PART_FEATURE },
    { "status",       "/status",      PART_STATUS },
    { "correlation",  "/correlation", PART_CORRELATION },
    { "properties",   "/properties",  PART_PROPERTIES },
    { "recordedtime", "",             PART_NOT_COUNTED },
    { "sentAt",       "",             PART_NOT_COUNTED },
    { "sent_at",      "",             PART_NOT_COUNTED },
    { NULL, NULL, PART_UNKNOWN },
};

static const struct event_member cloud_data[] = {
    { "user",         "/data/user",        PART_USER },
    { "action",       "/data/action",      PART_ACTION },
    { "feature",      "/data/feature",     PART_FEATURE },
    { "object_type",  "/data/object_type", PART_OBJECT_TYPE },
    { "object_id",    "/data/object_id",   PART_OBJECT_ID },
    { "status",       "/data/status",      PART_STATUS },
    { "correlation",  "/data/correlation", PART_CORRELATION },
    { "properties",   "/data/properties",  PART_PROPERTIES },
    { "activity_name", "",                 PART_NOT_COUNTED },
    { NULL, NULL, PART_UNKNOWN },
};

static const struct event_member cloud_attributes[] = {
    { "id",              "/id",      PART_ID },
    { "source",          "/source",  PART_SOURCE },
    { "time",            "/time",    PART_TIME },
    { "actorid",         "/actorid", PART_USER },
    { "specversion",     "",         PART_NOT_COUNTED },
    { "type",            "",         PART_NOT_COUNTED },
    { "subject",         "",         PART_NOT_COUNTED },
    { "datacontenttype", "",         PART_NOT_COUNTED },
    { "dataschema",      "",         PART_NOT_COUNTED },
    { "recordedtime",    "",         PART_NOT_COUNTED },
    { "data",            "",         PART_NOT_COUNTED },
    { NULL, NULL, PART_UNKNOWN },
};
/* clang-format on */

static bool
has(const struct event_member *table, const char *name)
{
    return event_member_of(table, name)->name != NULL;
}

bool
event_is_member(const char *name)
{
    return has(native, name) || has(cloud_attributes, name) || has(cloud_data, name) ||
           event_is_segment_member(name) || event_is_otlp_member(name) ||
           event_is_xapi_member(name);
}

bool
event_read_native(const cJSON *json, const struct event_defaults *d, usec_t received,
                  struct arena *mem, struct event *ret, struct event_fault *ret_fault)
{
    struct event_found  f = { 0 };
    struct event        ev = { .type = EVENT_USAGE };
    struct event_fault *why = ret_fault;

    *why = (struct event_fault){ .source = d->source };
    if (!cJSON_IsObject(json))
        return event_refuse(why, EVENT_NOT_OBJECT, "", NULL);
    ev.dropped = event_lay_out(json, native, &f);
    if (!event_found_identity(&f, d, mem, &ev, why))
        return false;
    if (f.at[PART_TYPE]) {
        const char *name = cJSON_IsString(f.at[PART_TYPE]) ? f.at[PART_TYPE]->valuestring : "";

        ev.type = event_type_of(name, strlen(name));
        if (!ev.type)
            return event_refuse(why, EVENT_UNKNOWN_TYPE, f.pointer[PART_TYPE], NULL);
    }
    if (!event_found_time(&f, received, &ev.time, why) || !event_found_rest(&f, mem, &ev, why))
        return false;
    *ret = ev;
    return true;
}

/* --- CloudEvents --------------------------------------------------------------------- */

static bool
read_data(const cJSON *json, struct event_found *f, struct event *ev, struct event_fault *why)
{
    const cJSON *data = json_get(json, "data");

    if (json_get(json, "data_base64") || !event_says_json(json_text(json, "datacontenttype")))
        return event_refuse(why, EVENT_NOT_OBJECT, "/data", "the data must be a JSON object");
    if (!data || cJSON_IsNull(data))
        return true;
    if (!cJSON_IsObject(data))
        return event_refuse(why, EVENT_NOT_OBJECT, "/data", "the data must be a JSON object");
    struct event_found inside = { 0 };
    ev->dropped += event_lay_out(data, cloud_data, &inside);
    for (int i = 0; i < PARTS; i++)
        if (inside.at[i] && !f->at[i]) {
            f->at[i] = inside.at[i];
            f->pointer[i] = inside.pointer[i];
        }
    if (!f->at[PART_ACTION] && json_text(data, "activity_name")) {
        f->at[PART_ACTION] = json_get(data, "activity_name");
        f->pointer[PART_ACTION] = "/data/activity_name";
    }
    return true;
}

/* A code of ours has neither slash nor colon: such a name cannot be meant for another source. */
static void
leave_out_own_name(struct event_found *f)
{
    const cJSON *v = f->at[PART_SOURCE];

    if (cJSON_IsString(v) && strpbrk(v->valuestring, "/:"))
        f->at[PART_SOURCE] = NULL;
}

/* "pilot.X" is our type X; any other type is the tool's own verb. */
static bool
read_type(const cJSON *json, struct event_found *f, struct event *ev, struct event_fault *why)
{
    const cJSON *type = json_get(json, "type");
    const char  *text = cJSON_IsString(type) ? type->valuestring : "";

    if (!*text)
        return event_refuse(why, EVENT_UNKNOWN_TYPE, type ? "/type" : "",
                            "a CloudEvent needs a type");
    ev->type = EVENT_USAGE;
    if (strncmp(text, "pilot.", 6) == 0) {
        ev->type = event_type_of(text + 6, strlen(text + 6));
        return ev->type || event_refuse(why, EVENT_UNKNOWN_TYPE, "/type", NULL);
    }
    if (!f->at[PART_ACTION]) {
        f->at[PART_ACTION] = type;
        f->pointer[PART_ACTION] = "/type";
    }
    return true;
}

bool
event_read_cloudevent(const cJSON *json, const struct event_defaults *d, usec_t received,
                      struct arena *mem, struct event *ret, struct event_fault *ret_fault)
{
    struct event_found  f = { 0 };
    struct event        ev = { .type = EVENT_USAGE };
    struct event_fault *why = ret_fault;

    *why = (struct event_fault){ .source = d->source };
    if (!cJSON_IsObject(json))
        return event_refuse(why, EVENT_NOT_OBJECT, "", NULL);
    ev.dropped = event_lay_out(json, cloud_attributes, &f);
    leave_out_own_name(&f);
    if (!event_found_identity(&f, d, mem, &ev, why))
        return false;
    const char *version = json_text(json, "specversion");
    if (!version || strcmp(version, "1.0") != 0)
        return event_refuse(why, EVENT_UNKNOWN_TYPE, version ? "/specversion" : "",
                            "a CloudEvent needs specversion 1.0");
    if (!read_data(json, &f, &ev, why) || !read_type(json, &f, &ev, why) ||
        !event_found_time(&f, received, &ev.time, why) || !event_found_rest(&f, mem, &ev, why) ||
        !event_subject(json_text(json, "subject"), "/subject", &ev, why))
        return false;
    *ret = ev;
    return true;
}
