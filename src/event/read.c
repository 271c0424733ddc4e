/* read.c - a JSON object of a sender becomes an event, or a refusal. See event.h.
 *
 * Both dialects are first laid out in one form, struct found: where each part stands in the
 * tree and how its place is called. What comes after is the same for both. */
#include "event_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum part {
    ID,
    SOURCE,
    TIME,
    TYPE,
    USER,
    ACTION,
    FEATURE,
    OBJECT_TYPE,
    OBJECT_ID,
    STATUS,
    CORRELATION,
    PROPERTIES,
    PARTS,
    NOT_COUNTED, /* known, but nothing an event keeps */
    UNKNOWN_MEMBER,
};

struct found {
    const cJSON *at[PARTS];
    const char  *pointer[PARTS];
};

struct member {
    const char *name, *pointer;
    enum part   part;
};

/* clang-format off */
static const struct member native[] = {
    { "id",           "/id",          ID },
    { "time",         "/time",        TIME },
    { "user",         "/user",        USER },
    { "action",       "/action",      ACTION },
    { "source",       "/source",      SOURCE },
    { "type",         "/type",        TYPE },
    { "object_type",  "/object_type", OBJECT_TYPE },
    { "object_id",    "/object_id",   OBJECT_ID },
    { "feature",      "/feature",     FEATURE },
    { "status",       "/status",      STATUS },
    { "correlation",  "/correlation", CORRELATION },
    { "properties",   "/properties",  PROPERTIES },
    { "recordedtime", "",             NOT_COUNTED },
    { "sentAt",       "",             NOT_COUNTED },
    { "sent_at",      "",             NOT_COUNTED },
    { NULL, NULL, UNKNOWN_MEMBER },
};

static const struct member cloud_data[] = {
    { "user",         "/data/user",        USER },
    { "action",       "/data/action",      ACTION },
    { "feature",      "/data/feature",     FEATURE },
    { "object_type",  "/data/object_type", OBJECT_TYPE },
    { "object_id",    "/data/object_id",   OBJECT_ID },
    { "status",       "/data/status",      STATUS },
    { "correlation",  "/data/correlation", CORRELATION },
    { "properties",   "/data/properties",  PROPERTIES },
    { "activity_name", "",                 NOT_COUNTED },
    { NULL, NULL, UNKNOWN_MEMBER },
};

static const struct member cloud_attributes[] = {
    { "id",              "/id",      ID },
    { "source",          "/source",  SOURCE },
    { "time",            "/time",    TIME },
    { "actorid",         "/actorid", USER },
    { "specversion",     "",         NOT_COUNTED },
    { "type",            "",         NOT_COUNTED },
    { "subject",         "",         NOT_COUNTED },
    { "datacontenttype", "",         NOT_COUNTED },
    { "dataschema",      "",         NOT_COUNTED },
    { "recordedtime",    "",         NOT_COUNTED },
    { "data",            "",         NOT_COUNTED },
    { NULL, NULL, UNKNOWN_MEMBER },
};
/* clang-format on */

static bool
has(const struct member *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return true;
    return false;
}

bool
event_is_member(const char *name)
{
    return has(native, name) || has(cloud_attributes, name) || has(cloud_data, name);
}

/* Notes where each member stands; null is "not given". Returns how many are not known. */
static unsigned
lay_out(const cJSON *object, const struct member *table, struct found *f)
{
    unsigned     unknown = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, object) {
        const struct member *m = table;

        while (m->name && (*m->name != *c->string || strcmp(m->name, c->string) != 0))
            m++;
        if (m->part < PARTS && !cJSON_IsNull(c)) {
            f->at[m->part] = c;
            f->pointer[m->part] = m->pointer;
        }
        unknown += m->part == UNKNOWN_MEMBER;
    }
    return unknown;
}

/* --- single values --------------------------------------------------------------- */

static bool
fault(struct event_fault *f, enum event_drop why, const char *pointer, const char *detail)
{
    f->why = why;
    f->pointer = pointer ? pointer : "";
    f->detail = detail;
    return false;
}

static bool
is_blank(struct event_text t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.p[i] > ' ')
            return false;
    return true;
}

/* A string, or a whole number as text: ids and users are numbers in some tools, and long
 * ones arrive as strings anyhow (json.h). False when it is something else. */
static bool
text_of(const cJSON *v, struct arena *mem, struct event_text *ret)
{
    if (cJSON_IsString(v)) {
        *ret = event_text(v->valuestring);
        return true;
    }
    if (!cJSON_IsNumber(v) || !(fabs(v->valuedouble) < 0x1p53) ||
        floor(v->valuedouble) != v->valuedouble)
        return false;
    char *digits = arena_alloc(mem, 24);
    if (!digits)
        return false;
    int n = snprintf(digits, 24, "%" PRId64, (int64_t)v->valuedouble);
    *ret = (struct event_text){ digits, (size_t)n };
    return true;
}

/* A text that must be there, not blank and not too long. */
static bool
needed(const struct found *f, enum part part, enum event_drop missing, size_t most,
       struct arena *mem, struct event_text *ret, struct event_fault *why)
{
    struct event_text t;

    if (!f->at[part])
        return fault(why, missing, "", NULL);
    if (!text_of(f->at[part], mem, &t))
        return fault(why, missing, f->pointer[part], "it is neither text nor a whole number");
    if (is_blank(t))
        return fault(why, missing, f->pointer[part], "it is empty");
    if (t.n > most)
        return fault(why, EVENT_TOO_LARGE, f->pointer[part], "the text is too long");
    *ret = t;
    return true;
}

/* A text that may be missing; empty counts as missing, another type as left out. */
static bool
optional(const struct found *f, enum part part, size_t most, struct arena *mem, struct event *ev,
         struct event_text *ret, struct event_fault *why)
{
    struct event_text t;

    if (!f->at[part])
        return true;
    if (!text_of(f->at[part], mem, &t)) {
        ev->dropped++;
        return true;
    }
    if (t.n > most)
        return fault(why, EVENT_TOO_LARGE, f->pointer[part], "the text is too long");
    if (t.n)
        *ret = t;
    return true;
}

static bool
read_time(const struct found *f, usec_t received, usec_t *ret, struct event_fault *why)
{
    const cJSON *v = f->at[TIME];
    usec_t       t;

    if (!v)
        return fault(why, EVENT_MISSING_TIME, "", NULL);
    if (!cJSON_IsString(v) || !time_parse(v->valuestring, strlen(v->valuestring), &t))
        return fault(why, EVENT_BAD_TIME, f->pointer[TIME], NULL);
    if (t > received && t - received > EVENT_MAX_AHEAD)
        return fault(why, EVENT_TIME_IN_FUTURE, f->pointer[TIME], NULL);
    *ret = t;
    return true;
}

static enum event_status
read_status(const cJSON *v)
{
    if (!cJSON_IsString(v))
        return EVENT_UNKNOWN;
    if (strcmp(v->valuestring, event_status_name(EVENT_SUCCESS)) == 0)
        return EVENT_SUCCESS;
    return strcmp(v->valuestring, event_status_name(EVENT_FAILURE)) == 0 ? EVENT_FAILURE
                                                                         : EVENT_UNKNOWN;
}

static unsigned
needs_of(enum event_type type)
{
    switch (type) {
#define X(symbol, number, name, needs)                                                             \
    case symbol:                                                                                   \
        return (needs);
        EVENT_TYPES(X)
#undef X
    }
    return 0;
}

/* --- the whole event --------------------------------------------------------------- */

/* Who and where from, first: a refusal further down can then name them. */
static bool
read_identity(const struct found *f, const struct event_defaults *d, struct arena *mem,
              struct event *ev, struct event_fault *why)
{
    ev->source = d->source;
    if (f->at[SOURCE] && (!text_of(f->at[SOURCE], mem, &ev->source) || !ev->source.n ||
                          ev->source.n > F_SOURCE_MOST))
        return fault(why, EVENT_SOURCE_MISMATCH, f->pointer[SOURCE], NULL);
    why->source = ev->source;
    if (!needed(f, ID, EVENT_MISSING_ID, F_ID_MOST, mem, &ev->id, why))
        return false;
    why->id = ev->id;
    return true;
}

static bool
read_action(const struct found *f, struct arena *mem, struct event *ev, struct event_fault *why)
{
    unsigned needs = needs_of(ev->type);

    if (needs & EVENT_NEEDS_USER
            ? !needed(f, USER, EVENT_MISSING_USER, F_USER_MOST, mem, &ev->user, why)
            : !optional(f, USER, F_USER_MOST, mem, ev, &ev->user, why))
        return false;
    if (needs & EVENT_NEEDS_ACTION)
        return needed(f, ACTION, EVENT_MISSING_ACTION, F_ACTION_MOST, mem, &ev->action, why);
    if (!optional(f, ACTION, F_ACTION_MOST, mem, ev, &ev->action, why))
        return false;
    if (!ev->action.n)
        ev->action = event_text(event_type_name(ev->type));
    return true;
}

/* ev->type is set. */
static bool
read_rest(const struct found *f, usec_t received, struct arena *mem, struct event *ev,
          struct event_fault *why)
{
    if (!read_time(f, received, &ev->time, why) || !read_action(f, mem, ev, why) ||
        !optional(f, FEATURE, F_FEATURE_MOST, mem, ev, &ev->feature, why) ||
        !optional(f, OBJECT_TYPE, F_OBJECT_TYPE_MOST, mem, ev, &ev->object_type, why) ||
        !optional(f, OBJECT_ID, F_OBJECT_ID_MOST, mem, ev, &ev->object_id, why) ||
        !optional(f, CORRELATION, F_CORRELATION_MOST, mem, ev, &ev->correlation, why))
        return false;
    if (!ev->feature.n)
        ev->feature = ev->action;
    ev->status = read_status(f->at[STATUS]);
    if (f->at[PROPERTIES] && !cJSON_IsObject(f->at[PROPERTIES]))
        return fault(why, EVENT_NOT_OBJECT, f->pointer[PROPERTIES], NULL);
    ev->sent = f->at[PROPERTIES];
    return true;
}

bool
event_read_native(const cJSON *json, const struct event_defaults *d, usec_t received,
                  struct arena *mem, struct event *ret, struct event_fault *ret_fault)
{
    struct found        f = { 0 };
    struct event        ev = { .type = EVENT_USAGE };
    struct event_fault *why = ret_fault;

    *why = (struct event_fault){ .source = d->source };
    if (!cJSON_IsObject(json))
        return fault(why, EVENT_NOT_OBJECT, "", NULL);
    ev.dropped = lay_out(json, native, &f);
    if (!read_identity(&f, d, mem, &ev, why))
        return false;
    if (f.at[TYPE]) {
        const char *name = cJSON_IsString(f.at[TYPE]) ? f.at[TYPE]->valuestring : "";

        ev.type = event_type_of(name, strlen(name));
        if (!ev.type)
            return fault(why, EVENT_UNKNOWN_TYPE, f.pointer[TYPE], NULL);
    }
    if (!read_rest(&f, received, mem, &ev, why))
        return false;
    *ret = ev;
    return true;
}

/* --- CloudEvents --------------------------------------------------------------------- */

/* Is the payload JSON, as far as the envelope says? */
static bool
says_json(const char *type)
{
    size_t n = type ? strcspn(type, "; ") : 0;

    return !n || (n == 16 && strncasecmp(type, "application/json", n) == 0) ||
           (n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0);
}

static bool
read_data(const cJSON *json, struct found *f, struct event *ev, struct event_fault *why)
{
    const cJSON *data = json_get(json, "data");

    if (json_get(json, "data_base64") || !says_json(json_text(json, "datacontenttype")))
        return fault(why, EVENT_NOT_OBJECT, "/data", "the data must be a JSON object");
    if (!data || cJSON_IsNull(data))
        return true;
    if (!cJSON_IsObject(data))
        return fault(why, EVENT_NOT_OBJECT, "/data", "the data must be a JSON object");
    struct found inside = { 0 };
    ev->dropped += lay_out(data, cloud_data, &inside);
    for (int i = 0; i < PARTS; i++)
        if (inside.at[i] && !f->at[i]) {
            f->at[i] = inside.at[i];
            f->pointer[i] = inside.pointer[i];
        }
    if (!f->at[ACTION] && json_text(data, "activity_name")) {
        f->at[ACTION] = json_get(data, "activity_name");
        f->pointer[ACTION] = "/data/activity_name";
    }
    return true;
}

/* "pilot.X" is our type X; any other type is the tool's own verb. */
static bool
read_type(const cJSON *json, struct found *f, struct event *ev, struct event_fault *why)
{
    const cJSON *type = json_get(json, "type");
    const char  *text = cJSON_IsString(type) ? type->valuestring : "";

    if (!*text)
        return fault(why, EVENT_UNKNOWN_TYPE, type ? "/type" : "", "a CloudEvent needs a type");
    ev->type = EVENT_USAGE;
    if (strncmp(text, "pilot.", 6) == 0) {
        ev->type = event_type_of(text + 6, strlen(text + 6));
        return ev->type || fault(why, EVENT_UNKNOWN_TYPE, "/type", NULL);
    }
    if (!f->at[ACTION]) {
        f->at[ACTION] = type;
        f->pointer[ACTION] = "/type";
    }
    return true;
}

/* "contact/4511", unless the data say it better. */
static bool
read_subject(const cJSON *json, struct event *ev, struct event_fault *why)
{
    const char *subject = json_text(json, "subject");
    const char *slash = subject ? strchr(subject, '/') : NULL;

    if (!subject || !*subject)
        return true;
    struct event_text type = { subject, slash ? (size_t)(slash - subject) : 0 };
    struct event_text id = event_text(slash ? slash + 1 : subject);
    if (type.n > F_OBJECT_TYPE_MOST || id.n > F_OBJECT_ID_MOST)
        return fault(why, EVENT_TOO_LARGE, "/subject", "the text is too long");
    if (type.n && !ev->object_type.n)
        ev->object_type = type;
    if (id.n && !ev->object_id.n)
        ev->object_id = id;
    return true;
}

bool
event_read_cloudevent(const cJSON *json, const struct event_defaults *d, usec_t received,
                      struct arena *mem, struct event *ret, struct event_fault *ret_fault)
{
    struct found        f = { 0 };
    struct event        ev = { .type = EVENT_USAGE };
    struct event_fault *why = ret_fault;

    *why = (struct event_fault){ .source = d->source };
    if (!cJSON_IsObject(json))
        return fault(why, EVENT_NOT_OBJECT, "", NULL);
    ev.dropped = lay_out(json, cloud_attributes, &f);
    if (!read_identity(&f, d, mem, &ev, why))
        return false;
    const char *version = json_text(json, "specversion");
    if (!version || strcmp(version, "1.0") != 0)
        return fault(why, EVENT_UNKNOWN_TYPE, version ? "/specversion" : "",
                     "a CloudEvent needs specversion 1.0");
    if (!read_data(json, &f, &ev, why) || !read_type(json, &f, &ev, why) ||
        !read_rest(&f, received, mem, &ev, why) || !read_subject(json, &ev, why))
        return false;
    *ret = ev;
    return true;
}
