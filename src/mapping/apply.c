/* apply.c - the rules of a mapping over one record. See mapping.h. */
#include "mapping_int.h"

#include <string.h>

static bool
refuse(struct mapping_result *res, enum event_drop why, const char *pointer, const char *detail)
{
    res->outcome = MAPPING_REFUSED;
    res->event = NULL;
    res->fault.why = why;
    res->fault.pointer = pointer ? pointer : "";
    res->fault.detail = detail;
    return false;
}

/* --- filling in ------------------------------------------------------------------------ */

/* The object that holds the last member of a target; made, or put in place of something that
 * is no object, where it is not there. */
static cJSON *
holder(struct run *r, cJSON *event, const struct pointer *at)
{
    for (size_t i = 0; event && i + 1 < at->n; i++) {
        const char *name = at->token[i].name;
        cJSON      *next = cJSON_GetObjectItemCaseSensitive(event, name);

        if (!cJSON_IsObject(next)) {
            cJSON *made = mapping_spend(r, 1) ? cJSON_CreateObject() : NULL;

            if (made && next)
                cJSON_ReplaceItemInObjectCaseSensitive(event, name, made);
            else if (made)
                cJSON_AddItemToObjectCS(event, name, made);
            next = made;
        }
        event = next;
    }
    return event;
}

static void
put(struct run *r, cJSON *event, const struct pointer *at, const cJSON *v)
{
    cJSON      *in = holder(r, event, at), *value = mapping_copy(r, v);
    const char *name = at->token[at->n - 1].name;

    if (!in || !value)
        return;
    if (cJSON_GetObjectItemCaseSensitive(in, name))
        cJSON_ReplaceItemInObjectCaseSensitive(in, name, value);
    else
        cJSON_AddItemToObjectCS(in, name, value);
}

/* Where the source read last stands in the record. */
static const char *
origin(struct run *r)
{
    if (!r->last)
        return NULL;
    if (!r->last_is_item)
        return r->last->text;
    return arena_printf(r->mem, "%s/%zu%s", r->m->explode.text, r->item_index, r->last->text);
}

static void
set_all(struct run *r, const struct targets *t, cJSON *event, struct mapping_origin *origins,
        size_t *n, const char **bad_time)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct pointer *at = &t->list[i].at;

        r->last = NULL;
        r->bad_time = false;
        const cJSON *v = mapping_eval(r, t->list[i].value);
        const char  *from = origin(r);
        if (r->bad_time && strcmp(at->text, "/time") == 0)
            *bad_time = from ? from : "";
        if (mapping_is_nil(v))
            continue;
        put(r, event, at, v);
        if (from)
            origins[(*n)++] = (struct mapping_origin){ at->text, from };
    }
}

/* --- what must be there ------------------------------------------------------------------ */

static bool
check_needed(const cJSON *event, const char *bad_time, struct mapping_result *res)
{
    const cJSON      *id = json_get(event, "id"), *source = json_get(event, "source");
    struct event_text none = { 0 };

    res->fault.id = cJSON_IsString(id) ? event_text(id->valuestring) : none;
    res->fault.source = cJSON_IsString(source) ? event_text(source->valuestring) : none;
    if (mapping_is_nil(id))
        return refuse(res, EVENT_MISSING_ID, NULL, "the mapping finds no id");
    if (mapping_is_nil(source))
        return refuse(res, EVENT_SOURCE_MISMATCH, NULL, "the mapping finds no source");
    if (mapping_is_nil(json_get(event, "type")))
        return refuse(res, EVENT_UNKNOWN_TYPE, NULL, "the mapping finds no type");
    if (!mapping_is_nil(json_get(event, "time")))
        return true;
    return bad_time ? refuse(res, EVENT_BAD_TIME, bad_time, "the mapping cannot read this time")
                    : refuse(res, EVENT_MISSING_TIME, NULL, "the mapping finds no time");
}

/* The elements of one record are told apart: id#0, id#1 ... */
static bool
number_id(struct run *r, cJSON *event)
{
    struct event_text t;

    if (!mapping_text_of(r->mem, json_get(event, "id"), &t))
        return false;
    const char *id = arena_printf(r->mem, "%s#%zu", t.p, r->item_index);
    cJSON      *node = mapping_new_text(id);
    return node && cJSON_ReplaceItemInObjectCaseSensitive(event, "id", node);
}

static const struct rule *
find_rule(struct run *r)
{
    for (size_t i = 0; i < r->m->rules_n; i++)
        if (mapping_holds(r, r->m->rules[i].when))
            return &r->m->rules[i];
    return NULL;
}

static bool
too_much(struct mapping_result *res)
{
    return refuse(res, EVENT_TOO_LARGE, NULL,
                  "the mapping would need too much work for this record");
}

static bool
make(struct run *r, bool numbered, struct mapping_result *res)
{
    const struct rule *rule = find_rule(r);
    const char        *bad_time = NULL;
    size_t             n = 0;

    if (r->work < 0)
        return too_much(res);
    if (!rule)
        return refuse(res, EVENT_NO_RULE, NULL, NULL);
    res->rule = rule->name;
    res->outcome = MAPPING_DROPPED;
    if (rule->drop)
        return true;
    cJSON                 *event = cJSON_CreateObject();
    struct mapping_origin *origins =
        arena_new(r->mem, struct mapping_origin, r->m->common.n + rule->set.n);
    if (!event || !origins)
        return false;
    cJSON_AddItemToObjectCS(event, "specversion", mapping_new_text("1.0"));
    set_all(r, &r->m->common, event, origins, &n, &bad_time);
    set_all(r, &rule->set, event, origins, &n, &bad_time);
    res->origins = origins;
    res->origins_n = n;
    if (r->work < 0)
        return too_much(res);
    if (!check_needed(event, bad_time, res) || (numbered && !number_id(r, event)))
        return false;
    res->outcome = MAPPING_MADE;
    res->event = event;
    return true;
}

/* --- records ------------------------------------------------------------------------------- */

/* The elements of `explode`; false: there is no such list, and *res says so. */
static bool
find_items(struct run *r, const cJSON **ret, size_t *ret_n, struct mapping_result *res)
{
    const char  *at = r->m->explode.text;
    const cJSON *list = mapping_walk(r, r->record, &r->m->explode), *c;
    size_t       n = 0;

    if (!cJSON_IsArray(list))
        return refuse(res, EVENT_NOT_OBJECT, at, "the list that explode names is not there");
    cJSON_ArrayForEach (c, list)
        n++;
    if (n > MAPPING_MAX_ITEMS)
        return refuse(res, EVENT_TOO_LARGE, at, "the list has more than 1000 elements");
    *ret = list;
    *ret_n = n;
    return true;
}

static void
apply(struct run *r, struct mapping_result **ret, size_t *ret_n)
{
    const cJSON          *list = NULL, *c;
    size_t                n = 1;
    struct mapping_result one = { 0 }, *res;
    bool                  is_tree = cJSON_IsObject(r->record) || cJSON_IsArray(r->record);

    if (!is_tree)
        refuse(&one, EVENT_NOT_OBJECT, NULL, NULL);
    else if (r->m->explodes)
        find_items(r, &list, &n, &one);
    else
        make(r, false, &one);
    res = arena_new(r->mem, struct mapping_result, n);
    if (res && n)
        res[0] = one;
    cJSON_ArrayForEach (c, list) {
        r->item = c;
        if (res)
            make(r, n > 1, &res[r->item_index]);
        r->item_index++;
    }
    *ret = res;
    *ret_n = res ? n : 0;
}

void
mapping_apply_docs(const struct mapping *m, const struct mapping_source *from,
                   const cJSON *const *docs, struct arena *mem, struct mapping_result **ret,
                   size_t *ret_n)
{
    struct run r = {
        .m = m,
        .mem = mem,
        .from = from,
        .record = from->record,
        .docs = docs,
        .work = MAPPING_MAX_WORK,
    };
    struct arena *outer = arena_enter(mem);

    apply(&r, ret, ret_n);
    arena_leave(outer);
}

void
mapping_apply(const struct mapping *m, const struct mapping_source *from, struct arena *mem,
              struct mapping_result **ret, size_t *ret_n)
{
    mapping_apply_docs(m, from, NULL, mem, ret, ret_n);
}
