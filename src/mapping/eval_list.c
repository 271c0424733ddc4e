/* eval_list.c - the operators on lists and objects: kv, list, names, diff, pick, kvobject. */
#include "mapping_int.h"

#include <string.h>

static void
add(cJSON *object, const char *name, cJSON *value)
{
    if (object && name && value)
        cJSON_AddItemToObjectCS(object, name, value);
}

/* The first of the pointers that names something in v. */
static const cJSON *
pick_value(struct run *r, const cJSON *v, const struct pointers *p, bool nil_counts)
{
    for (size_t i = 0; i < p->n; i++) {
        const cJSON *found = mapping_walk(r, v, &p->list[i]);

        if (nil_counts ? found != NULL : !mapping_is_nil(found))
            return found;
    }
    return NULL;
}

/* [{"name": KEY, "value": V}, ...]: the V of one key; the first element of that name counts. */
static const cJSON *
eval_kv(struct run *r, const struct expr *e)
{
    const cJSON *list = mapping_eval(r, e->from), *c;

    if (!cJSON_IsArray(list))
        return NULL;
    cJSON_ArrayForEach (c, list) {
        struct event_text name;

        if (!mapping_spend(r, 1))
            return NULL;
        if (mapping_text_of(r->mem, mapping_walk(r, c, &e->name), &name) &&
            strcmp(name.p, e->text) == 0)
            return pick_value(r, c, &e->values, false);
    }
    return NULL;
}

static const cJSON *
eval_list(struct run *r, const struct expr *e)
{
    const cJSON *list = mapping_eval(r, e->from), *outer = r->record, *c;
    bool         was_in_list = r->in_list;

    if (!cJSON_IsArray(list))
        return NULL;
    cJSON *out = cJSON_CreateArray();
    r->in_list = true;
    cJSON_ArrayForEach (c, list) {
        cJSON *object = cJSON_CreateObject();

        r->record = c;
        for (size_t i = 0; i < e->items.n; i++) {
            const cJSON *v = mapping_eval(r, e->items.list[i].value);

            if (v)
                add(object, e->items.list[i].at.token[0].name, mapping_copy(r, v));
        }
        if (!object || !out || r->work < 0)
            break;
        cJSON_AddItemToArray(out, object);
    }
    r->record = outer;
    r->in_list = was_in_list;
    return out;
}

static void
add_name(struct run *r, cJSON *list, const char *as, const char *name)
{
    cJSON *object = mapping_spend(r, 1) ? cJSON_CreateObject() : NULL;

    if (!object || !list)
        return;
    if (name)
        add(object, as, mapping_new_text(name));
    cJSON_AddItemToArray(list, object);
}

/* "a, b,,c" by ",": [{"field":"a"}, {"field":"b"}, {"field":"c"}] */
static void
add_split(struct run *r, cJSON *list, const struct expr *e, const char *text)
{
    while (text && r->work >= 0) {
        const char *end = strstr(text, e->text);
        size_t      n = end ? (size_t)(end - text) : strlen(text);
        const char *from = text;

        text = end ? end + strlen(e->text) : NULL;
        if (!n)
            continue;
        while (n && (unsigned char)*from <= ' ')
            from++, n--;
        while (n && (unsigned char)from[n - 1] <= ' ')
            n--;
        add_name(r, list, e->as, arena_strndup(r->mem, from, n));
    }
}

static const cJSON *
eval_names(struct run *r, const struct expr *e)
{
    const cJSON *v = mapping_eval(r, e->from), *c;

    if (!cJSON_IsArray(v) && !cJSON_IsObject(v) &&
        !(cJSON_IsString(v) && e->text && *v->valuestring))
        return NULL;
    cJSON *out = cJSON_CreateArray();
    if (cJSON_IsString(v)) {
        add_split(r, out, e, v->valuestring);
        return out;
    }
    cJSON_ArrayForEach (c, v) {
        struct event_text t = { 0 };

        if (cJSON_IsObject(v))
            t.p = c->string;
        else if (!mapping_text_of(r->mem, e->at.n ? mapping_walk(r, c, &e->at) : c, &t))
            t.p = NULL;
        add_name(r, out, e->as, t.p);
    }
    return out;
}

static const cJSON *
member(struct run *r, const cJSON *object, const char *name)
{
    struct token   t = { name, -1 };
    struct pointer p = { "", &t, 1 };

    return cJSON_IsObject(object) ? mapping_walk(r, object, &p) : NULL;
}

static void
add_change(struct run *r, cJSON *list, const char *field, const cJSON *old, const cJSON *new)
{
    if (mapping_same(r, old, new) || r->work < 0)
        return;
    cJSON *object = cJSON_CreateObject();
    add(object, "field", mapping_new_text(field));
    if (old)
        add(object, "old", mapping_copy(r, old));
    if (new)
        add(object, "new", mapping_copy(r, new));
    if (list && object)
        cJSON_AddItemToArray(list, object);
}

static const cJSON *
eval_diff(struct run *r, const struct expr *e)
{
    const cJSON *old = mapping_eval(r, e->from), *new = mapping_eval(r, e->other), *c;
    cJSON       *out = cJSON_CreateArray();

    if (cJSON_IsObject(old))
        cJSON_ArrayForEach (c, old)
            add_change(r, out, c->string, c, member(r, new, c->string));
    if (cJSON_IsObject(new))
        cJSON_ArrayForEach (c, new)
            if (!member(r, old, c->string))
                add_change(r, out, c->string, NULL, c);
    return out;
}

static bool
is_listed(struct run *r, const struct texts *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (!mapping_spend(r, 1) || strcmp(list->list[i], name) == 0)
            return true;
    return false;
}

static const cJSON *
eval_pick(struct run *r, const struct expr *e)
{
    const cJSON *v = mapping_eval(r, e->from), *c;

    if (!cJSON_IsObject(v))
        return NULL;
    cJSON *out = cJSON_CreateObject();
    for (size_t i = 0; i < e->yes.n; i++)
        if ((c = member(r, v, e->yes.list[i])) && !is_listed(r, &e->no, c->string))
            add(out, c->string, mapping_copy(r, c));
    if (!e->yes.n)
        cJSON_ArrayForEach (c, v)
            if (!is_listed(r, &e->no, c->string))
                add(out, c->string, mapping_copy(r, c));
    return out;
}

/* [{"name":"a","value":1}] becomes {"a":1}; of a repeated name the last counts. */
static const cJSON *
eval_kvobject(struct run *r, const struct expr *e)
{
    const cJSON *list = mapping_eval(r, e->from), *c;

    if (!cJSON_IsArray(list))
        return NULL;
    cJSON *out = cJSON_CreateObject();
    cJSON_ArrayForEach (c, list) {
        struct event_text name;
        const cJSON      *v = pick_value(r, c, &e->values, true);

        if (!v || !mapping_text_of(r->mem, mapping_walk(r, c, &e->name), &name))
            continue;
        cJSON *new = mapping_copy(r, v);
        if (!out || !new)
            return NULL;
        if (member(r, out, name.p))
            cJSON_ReplaceItemInObjectCaseSensitive(out, name.p, new);
        else
            add(out, name.p, new);
    }
    return out;
}

const cJSON *
mapping_eval_list(struct run *r, const struct expr *e)
{
    switch (e->op) {
    case OP_KV:
        return eval_kv(r, e);
    case OP_LIST:
        return eval_list(r, e);
    case OP_NAMES:
        return eval_names(r, e);
    case OP_DIFF:
        return eval_diff(r, e);
    case OP_PICK:
        return eval_pick(r, e);
    case OP_KVOBJECT:
        return eval_kvobject(r, e);
    default:
        return NULL;
    }
}
