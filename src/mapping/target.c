/* target.c - the places of the canonical event that a mapping may fill. */
#include "mapping_int.h"

#include <string.h>

/* Members of the event, besides those of its data. */
static const char *const tops[] = { "id", "source", "type", "time", "subject", "actorid", "data" };

/* Members of data: those of Collaudo, and the attributes OCSF 1.x has for events about
 * identity, applications and devices. What stands below them is free. */
static const char *const datas[] = {
    "action",        "activity_id",   "activity_name",
    "actor",         "api",           "app_name",
    "auth_factors",  "auth_protocol", "auth_protocol_id",
    "category_name", "category_uid",  "champion",
    "changes",       "class_name",    "class_uid",
    "cloud",         "comment",       "correlation",
    "count",         "device",        "dst_endpoint",
    "duration",      "end_time",      "entity",
    "entity_result", "feature",       "feedback",
    "flow",          "group",         "http_request",
    "http_response", "identity",      "is_mfa",
    "is_new_logon",  "is_remote",     "logon_type",
    "logon_type_id", "message",       "metadata",
    "object_id",     "object_type",   "observables",
    "policy",        "privileges",    "properties",
    "proxy",         "resource",      "resources",
    "service",       "session",       "severity",
    "severity_id",   "src_endpoint",  "start_time",
    "status",        "status_code",   "status_detail",
    "status_id",     "support",       "timezone_offset",
    "tool",          "training",      "type_name",
    "type_uid",      "unmapped",      "user",
    "web_resources",
};

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MOST_TOKENS 12

static bool
is_one_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool
check_place(struct compile *c, const struct where *at, const struct pointer *p)
{
    bool in_data = p->n && strcmp(p->token[0].name, "data") == 0;

    if (!p->n || p->n > MOST_TOKENS || (p->n == 1) == in_data) {
        mapping_fault_add(c, at, "a target is a member such as /id or /data/activity_name");
        return false;
    }
    if (!is_one_of(p->token[0].name, tops, COUNT(tops)) || (!in_data && p->n > 1)) {
        mapping_fault_add(c, at,
                          "an event has no \"%s\"%s; what has no name of its own goes to "
                          "/data/properties/ or /data/unmapped/",
                          p->text, mapping_nearest(c, p->token[0].name, tops, COUNT(tops)));
        return false;
    }
    if (in_data && !is_one_of(p->token[1].name, datas, COUNT(datas))) {
        mapping_fault_add(c, at,
                          "data has no \"%s\"%s; what has no name of its own goes to "
                          "/data/properties/ or /data/unmapped/",
                          p->token[1].name,
                          mapping_nearest(c, p->token[1].name, datas, COUNT(datas)));
        return false;
    }
    return true;
}

/* A type that is written out must be one. */
static void
check_type(struct compile *c, const struct where *at, const cJSON *v)
{
    const char              *s = cJSON_IsString(v) ? v->valuestring : "";
    const char              *name = strncmp(s, "pilot.", 6) == 0 ? s + 6 : "";
    static const char *const names[] = {
#define X(symbol, number, name, needs) "pilot." name,
        EVENT_TYPES(X)
#undef X
    };

    if (!event_type_of(name, strlen(name)))
        mapping_fault_add(c, at,
                          "there is no type \"%s\"%s; one of pilot.usage, pilot.audit, "
                          "pilot.auth, pilot.record ...",
                          s, mapping_nearest(c, s, names, COUNT(names)));
}

static void
check_types(struct compile *c, const struct where *at, const struct expr *e)
{
    const cJSON *v;
    struct where in = { at, "const", 0 }, map = { at, "map", 0 }, table = { &map, "table", 0 };
    struct where other = { &map, "default", 0 };

    if (e->op == OP_CONST)
        check_type(c, &in, e->value);
    if (e->op != OP_MAP)
        return;
    cJSON_ArrayForEach (v, e->table) {
        struct where here = { &table, v->string, 0 };

        check_type(c, &here, v);
    }
    if (e->value)
        check_type(c, &other, e->value);
}

void
mapping_compile_targets(struct compile *c, const struct where *at, const cJSON *v,
                        struct targets *ret)
{
    const cJSON *m;
    size_t       n = 0;

    if (!mapping_wants(c, at, cJSON_IsObject(v), "an object from target to expression"))
        return;
    cJSON_ArrayForEach (m, v)
        n++;
    if (n > MAPPING_MAX_TARGETS) {
        mapping_fault_add(c, at, "%zu targets: at most %zu", n, MAPPING_MAX_TARGETS);
        return;
    }
    ret->list = arena_new(c->mem, struct target, n);
    cJSON_ArrayForEach (m, v) {
        struct where   here = { at, m->string, 0 };
        struct target *t = ret->list ? &ret->list[ret->n] : NULL;

        if (!t)
            return;
        t->value = mapping_compile_expr(c, &here, m, 0);
        if (!mapping_pointer_read(m->string, c->mem, &t->at)) {
            mapping_fault_add(c, &here,
                              "\"%s\" is no JSON Pointer: it begins with /, as in "
                              "/data/activity_name",
                              m->string);
            continue;
        }
        ret->n++; /* also with a fault in it: it is there, and is not missing below */
        if (check_place(c, &here, &t->at) && t->value && strcmp(t->at.text, "/type") == 0)
            check_types(c, &here, t->value);
    }
}

/* --- do the targets of a rule and the common ones make an event? ------------------------- */

static const struct target *
find(const struct targets *t, const char *text)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->list[i].at.text, text) == 0)
            return &t->list[i];
    return NULL;
}

/* Is `inner` a place inside what `outer` fills? */
static bool
is_inside(const char *inner, const char *outer)
{
    size_t n = strlen(outer);

    return strncmp(inner, outer, n) == 0 && inner[n] == '/';
}

static void
check_nesting(struct compile *c, const struct where *at, const struct targets *inner,
              const struct targets *outer)
{
    for (size_t i = 0; i < inner->n; i++)
        for (size_t k = 0; k < outer->n; k++)
            if (is_inside(inner->list[i].at.text, outer->list[k].at.text) &&
                !mapping_may_be_object(outer->list[k].value)) {
                struct where here = { at, inner->list[i].at.text, 0 };

                mapping_fault_add(c, &here, "this lies inside %s, which is never an object",
                                  outer->list[k].at.text);
            }
}

void
mapping_check_rule(struct compile *c, const struct where *at, const struct rule *rule)
{
    static const char *const needed[] = { "/id", "/source", "/type", "/time" };
    const struct targets    *common = &c->m->common;
    struct where             set = { at, "set", 0 };

    for (size_t i = 0; i < COUNT(needed); i++)
        if (!find(common, needed[i]) && !find(&rule->set, needed[i]))
            mapping_fault_add(c, &set, "nothing sets %s, neither here nor in \"common\"",
                              needed[i]);
    check_nesting(c, &set, &rule->set, &rule->set);
    check_nesting(c, &set, &rule->set, common);
    check_nesting(c, &set, common, &rule->set);
}
