/* compile_cond.c - conditions: {"of": source, "eq": value} and their kin, all, any, not. */
#include "mapping_int.h"

#include <string.h>

static const char *const kinds[] = {
    [COND_EQ] = "eq",   [COND_IN] = "in",   [COND_EXISTS] = "exists", [COND_PREFIX] = "prefix",
    [COND_ALL] = "all", [COND_ANY] = "any", [COND_NOT] = "not",
};
#define KINDS (sizeof kinds / sizeof *kinds)

static bool
add_value(struct compile *c, const struct where *at, const cJSON *v, struct texts *to)
{
    struct event_text t;

    if (!mapping_wants(c, at, mapping_is_scalar(v), "a text, a number, true or false") ||
        !mapping_text_of(c->mem, v, &t))
        return false;
    to->list[to->n++] = t.p;
    return true;
}

static bool
read_in(struct compile *c, const struct where *at, const cJSON *v, struct texts *to)
{
    const cJSON *e;
    size_t       n = 0;

    if (!mapping_wants(c, at, cJSON_IsArray(v) && v->child, "a list of values, not empty,"))
        return false;
    cJSON_ArrayForEach (e, v)
        n++;
    to->list = arena_new(c->mem, const char *, n);
    cJSON_ArrayForEach (e, v) {
        struct where here = { at, NULL, to->n };

        if (!to->list || !add_value(c, &here, e, to))
            return false;
    }
    return true;
}

static bool
read_list(struct compile *c, const struct where *at, const cJSON *v, int depth, struct cond *out)
{
    const cJSON *e;
    bool         one = out->kind == COND_NOT, ok = true;
    size_t       n = 0;

    if (!one &&
        !mapping_wants(c, at, cJSON_IsArray(v) && v->child, "a list of conditions, not empty,"))
        return false;
    if (!one)
        cJSON_ArrayForEach (e, v)
            n++;
    out->list = arena_new(c->mem, const struct cond *, one ? 1 : n);
    if (!out->list)
        return false;
    if (one) {
        out->n = 1;
        return (out->list[0] = mapping_compile_cond(c, at, v, depth));
    }
    cJSON_ArrayForEach (e, v) {
        struct where here = { at, NULL, out->n };

        ok = (out->list[out->n++] = mapping_compile_cond(c, &here, e, depth)) && ok;
    }
    return ok;
}

static bool
read_operand(struct compile *c, const struct where *at, const cJSON *v, int depth, struct cond *out)
{
    switch (out->kind) {
    case COND_EQ:
        out->values.list = arena_new(c->mem, const char *, 1);
        return out->values.list && add_value(c, at, v, &out->values);
    case COND_IN:
        return read_in(c, at, v, &out->values);
    case COND_EXISTS:
        out->exists = cJSON_IsTrue(v);
        return mapping_wants(c, at, cJSON_IsBool(v), "true or false");
    case COND_PREFIX:
        out->values.list = arena_new(c->mem, const char *, 1);
        return mapping_wants(c, at, cJSON_IsString(v) && *v->valuestring,
                             "a text that is not empty") &&
               out->values.list && add_value(c, at, v, &out->values);
    case COND_ALL:
    case COND_ANY:
    case COND_NOT:
        return read_list(c, at, v, depth + 1, out);
    }
    return false;
}

/* The one member that says what kind it is; NULL: none or several. */
static const cJSON *
kind_of(const cJSON *v, enum cond_kind *ret)
{
    const cJSON *found = NULL;

    for (size_t i = 0; i < KINDS; i++) {
        const cJSON *m = json_get(v, kinds[i]);

        if (m && found)
            return NULL;
        if (m) {
            found = m;
            *ret = (enum cond_kind)i;
        }
    }
    return found;
}

const struct cond *
mapping_compile_cond(struct compile *c, const struct where *at, const cJSON *v, int depth)
{
    static const char *const known[] = {
        "of", "eq", "in", "exists", "prefix", "all", "any", "not"
    };
    struct cond *out = arena_alloc(c->mem, sizeof *out);

    if (!out)
        return NULL;
    if (depth >= MAPPING_MAX_NESTING) {
        mapping_fault_add(c, at, "conditions are nested more than %d deep", MAPPING_MAX_NESTING);
        return NULL;
    }
    if (!mapping_wants(c, at, cJSON_IsObject(v),
                       "a condition, such as {\"of\": \"/type\", \"eq\": \"x\"},"))
        return NULL;
    size_t before = c->faults->n;
    mapping_known_only(c, at, v, known, sizeof known / sizeof *known, "condition");
    if (c->faults->n != before)
        return NULL;
    const cJSON *operand = kind_of(v, &out->kind), *of = json_get(v, "of");
    if (!mapping_wants(c, at, operand != NULL,
                       "exactly one of eq, in, exists, prefix, all, any, not"))
        return NULL;
    bool         compares = out->kind < COND_ALL, ok = true;
    struct where at_of = { at, "of", 0 }, at_operand = { at, operand->string, 0 };
    if (compares != (of != NULL)) {
        mapping_fault_add(c, of ? &at_of : at,
                          compares ? "\"of\" is missing: what is compared"
                                   : "\"of\" has no meaning here");
        ok = false;
    } else if (of) {
        ok = (out->of = mapping_compile_expr(c, &at_of, of, 0));
    }
    return read_operand(c, &at_operand, operand, depth, out) && ok ? out : NULL;
}
