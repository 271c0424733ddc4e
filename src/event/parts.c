/* parts.c - what every dialect has in common: texts that are there and fit, times, statuses.
 *
 * A dialect first lays its object out in one form, struct event_found: where each part stands
 * in the tree and how its place is called. What comes after is the same for all. */
#include "event_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const struct event_member *
event_member_of(const struct event_member *table, const char *name)
{
    while (table->name && (*table->name != *name || strcmp(table->name, name) != 0))
        table++;
    return table;
}

unsigned
event_lay_out(const cJSON *object, const struct event_member *table, struct event_found *f)
{
    unsigned     unknown = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, object) {
        const struct event_member *m = event_member_of(table, c->string);

        if (m->part < PARTS && !cJSON_IsNull(c)) {
            f->at[m->part] = c;
            f->pointer[m->part] = m->pointer;
        }
        unknown += m->part == PART_UNKNOWN;
    }
    return unknown;
}

void
event_add(cJSON *to, cJSON **last, const char *name, cJSON *v)
{
    if (!to || !v)
        return;
    v->string = (char *)(uintptr_t)name;
    v->next = NULL;
    v->prev = *last;
    if (*last)
        (*last)->next = v;
    else
        to->child = v;
    *last = v;
}

const cJSON *
event_rest(const cJSON *object, const struct event_member *table, struct arena *mem)
{
    cJSON       *rest = NULL, *last = NULL;
    const cJSON *c;

    cJSON_ArrayForEach (c, object) {
        if (event_member_of(table, c->string)->part != PART_UNKNOWN)
            continue;
        if (!rest && (rest = arena_new(mem, cJSON, 1)))
            rest->type = cJSON_Object;
        event_add(rest, &last, c->string, arena_memdup(mem, c, sizeof *c));
    }
    return rest;
}

const cJSON *
event_node(struct arena *mem, const char *text)
{
    cJSON *v = text ? arena_new(mem, cJSON, 1) : NULL;

    if (v) {
        v->type = cJSON_String;
        v->valuestring = arena_strdup(mem, text);
    }
    return v && v->valuestring ? v : NULL;
}

/* --- single values --------------------------------------------------------------- */

bool
event_refuse(struct event_fault *f, enum event_drop why, const char *pointer, const char *detail)
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

/* Ids and users are numbers in some tools; long ones arrive as strings anyhow (json.h). */
bool
event_text_of(const cJSON *v, struct arena *mem, struct event_text *ret)
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
needed(const struct event_found *f, enum event_part part, enum event_drop missing, size_t most,
       struct arena *mem, struct event_text *ret, struct event_fault *why)
{
    struct event_text t;

    if (!f->at[part])
        return event_refuse(why, missing, "", NULL);
    if (!event_text_of(f->at[part], mem, &t))
        return event_refuse(why, missing, f->pointer[part],
                            "it is neither text nor a whole number");
    if (is_blank(t))
        return event_refuse(why, missing, f->pointer[part], "it is empty");
    if (t.n > most)
        return event_refuse(why, EVENT_TOO_LARGE, f->pointer[part], "the text is too long");
    *ret = t;
    return true;
}

/* A text that may be missing; empty counts as missing, another type as left out. */
static bool
optional(const struct event_found *f, enum event_part part, size_t most, struct arena *mem,
         struct event *ev, struct event_text *ret, struct event_fault *why)
{
    struct event_text t;

    if (!f->at[part])
        return true;
    if (!event_text_of(f->at[part], mem, &t)) {
        ev->dropped++;
        return true;
    }
    if (t.n > most)
        return event_refuse(why, EVENT_TOO_LARGE, f->pointer[part], "the text is too long");
    if (t.n)
        *ret = t;
    return true;
}

bool
event_check_time(usec_t t, usec_t received, const char *pointer, struct event_fault *why)
{
    if (t > received && t - received > EVENT_MAX_AHEAD)
        return event_refuse(why, EVENT_TIME_IN_FUTURE, pointer, NULL);
    return true;
}

bool
event_found_time(const struct event_found *f, usec_t received, usec_t *ret, struct event_fault *why)
{
    const cJSON *v = f->at[PART_TIME];
    usec_t       t;

    if (!v)
        return event_refuse(why, EVENT_MISSING_TIME, "", NULL);
    if (!cJSON_IsString(v) || !time_parse(v->valuestring, strlen(v->valuestring), &t))
        return event_refuse(why, EVENT_BAD_TIME, f->pointer[PART_TIME], NULL);
    if (!event_check_time(t, received, f->pointer[PART_TIME], why))
        return false;
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

bool
event_found_identity(const struct event_found *f, const struct event_defaults *d, struct arena *mem,
                     struct event *ev, struct event_fault *why)
{
    ev->source = d->source;
    if (f->at[PART_SOURCE] && (!event_text_of(f->at[PART_SOURCE], mem, &ev->source) ||
                               !ev->source.n || ev->source.n > F_SOURCE_MOST))
        return event_refuse(why, EVENT_SOURCE_MISMATCH, f->pointer[PART_SOURCE], NULL);
    why->source = ev->source;
    if (!needed(f, PART_ID, EVENT_MISSING_ID, F_ID_MOST, mem, &ev->id, why))
        return false;
    why->id = ev->id;
    return true;
}

static bool
read_action(const struct event_found *f, struct arena *mem, struct event *ev,
            struct event_fault *why)
{
    unsigned needs = needs_of(ev->type);

    if (needs & EVENT_NEEDS_USER
            ? !needed(f, PART_USER, EVENT_MISSING_USER, F_USER_MOST, mem, &ev->user, why)
            : !optional(f, PART_USER, F_USER_MOST, mem, ev, &ev->user, why))
        return false;
    if (needs & EVENT_NEEDS_ACTION)
        return needed(f, PART_ACTION, EVENT_MISSING_ACTION, F_ACTION_MOST, mem, &ev->action, why);
    if (!optional(f, PART_ACTION, F_ACTION_MOST, mem, ev, &ev->action, why))
        return false;
    if (!ev->action.n)
        ev->action = event_text(event_type_name(ev->type));
    return true;
}

bool
event_found_rest(const struct event_found *f, struct arena *mem, struct event *ev,
                 struct event_fault *why)
{
    if (!read_action(f, mem, ev, why) ||
        !optional(f, PART_FEATURE, F_FEATURE_MOST, mem, ev, &ev->feature, why) ||
        !optional(f, PART_OBJECT_TYPE, F_OBJECT_TYPE_MOST, mem, ev, &ev->object_type, why) ||
        !optional(f, PART_OBJECT_ID, F_OBJECT_ID_MOST, mem, ev, &ev->object_id, why) ||
        !optional(f, PART_CORRELATION, F_CORRELATION_MOST, mem, ev, &ev->correlation, why))
        return false;
    if (!ev->feature.n)
        ev->feature = ev->action;
    ev->status = read_status(f->at[PART_STATUS]);
    if (f->at[PART_PROPERTIES] && !cJSON_IsObject(f->at[PART_PROPERTIES]))
        return event_refuse(why, EVENT_NOT_OBJECT, f->pointer[PART_PROPERTIES], NULL);
    ev->sent = f->at[PART_PROPERTIES];
    return true;
}

bool
event_subject(const char *subject, const char *pointer, struct event *ev, struct event_fault *why)
{
    const char *slash = subject ? strchr(subject, '/') : NULL;

    if (!subject || !*subject)
        return true;
    struct event_text type = { subject, slash ? (size_t)(slash - subject) : 0 };
    struct event_text id = event_text(slash ? slash + 1 : subject);
    if (type.n > F_OBJECT_TYPE_MOST || id.n > F_OBJECT_ID_MOST)
        return event_refuse(why, EVENT_TOO_LARGE, pointer, "the text is too long");
    if (type.n && !ev->object_type.n)
        ev->object_type = type;
    if (id.n && !ev->object_id.n)
        ev->object_id = id;
    return true;
}
