/* eval.c - the value of an expression, and whether a condition holds. See mapping_int.h.
 *
 * NULL is "nothing". Everything new lies in the run's arena; no operator reads a clock. */
#include "mapping_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define JSON_MOST ((size_t)1 << 20) /* bytes that `json` may parse for one record */

static bool
text_of(struct run *r, const cJSON *v, struct event_text *ret)
{
    if (!mapping_text_of(r->mem, v, ret))
        return false;
    return mapping_spend(r, ret->n / 64);
}

static bool
text_from(struct run *r, const struct expr *e, struct event_text *ret)
{
    return text_of(r, mapping_eval(r, e), ret);
}

/* --- sources --------------------------------------------------------------------------- */

static const cJSON *
header(struct run *r, const char *name)
{
    for (size_t i = 0; i < r->from->headers_n; i++)
        if (strcasecmp(r->from->headers[i].name, name) == 0) {
            const char *value = r->from->headers[i].value;

            return str_is_utf8(value, strlen(value)) ? mapping_new_text(value) : NULL;
        }
    return NULL;
}

static const cJSON *
from_doc(struct run *r, const struct expr *e)
{
    if (r->docs)
        return r->docs[e->doc];
    return mapping_walk(r, r->from->doc ? r->from->doc : r->from->record, &e->at);
}

static const cJSON *
eval_source(struct run *r, const struct expr *e)
{
    bool         item = e->place == PLACE_ITEM;
    const cJSON *v;

    if (e->place == PLACE_HEADER)
        return header(r, e->header);
    if (e->place == PLACE_DOC)
        return from_doc(r, e);
    v = mapping_walk(r, item ? r->item : r->record, &e->at);
    if (!mapping_is_nil(v) && (item || !r->in_list)) {
        r->last = &e->at;
        r->last_is_item = item;
    }
    return v;
}

/* --- texts and numbers ------------------------------------------------------------------- */

static const cJSON *
eval_first(struct run *r, const struct expr *e)
{
    for (size_t i = 0; i < e->of.n; i++) {
        const cJSON *v = mapping_eval(r, e->of.list[i]);

        if (!mapping_is_nil(v))
            return v;
    }
    return NULL;
}

static const cJSON *
eval_map(struct run *r, const struct expr *e)
{
    struct event_text t;
    const cJSON      *c;

    if (!text_from(r, e->from, &t))
        return e->absent;
    const char *key = e->nocase ? mapping_lower(r->mem, t.p, t.n) : t.p;
    cJSON_ArrayForEach (c, e->table) {
        if (!mapping_spend(r, 1))
            return NULL;
        if (key && strcmp(c->string, key) == 0)
            return c;
    }
    return e->value;
}

static bool
is_in(const struct texts *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->list[i], text) == 0)
            return true;
    return false;
}

static const cJSON *
eval_bool(struct run *r, const struct expr *e)
{
    struct event_text t;
    const char       *low = text_from(r, e->from, &t) ? mapping_lower(r->mem, t.p, t.n) : NULL;

    if (!low || !mapping_spend(r, e->yes.n + e->no.n))
        return NULL;
    if (is_in(&e->yes, low))
        return cJSON_CreateTrue();
    return is_in(&e->no, low) ? cJSON_CreateFalse() : NULL;
}

static const cJSON *
eval_time(struct run *r, const struct expr *e)
{
    const cJSON      *v = mapping_eval(r, e->from);
    struct event_text t;
    char             *out;

    if (mapping_is_nil(v) || !text_of(r, v, &t) || !(out = arena_alloc(r->mem, WHEN_LEN)))
        return NULL;
    if (mapping_when(t.p, t.n, &e->formats, e->zone, out))
        return mapping_new_text(out);
    r->bad_time = true;
    return NULL;
}

static const cJSON *
eval_concat(struct run *r, const struct expr *e)
{
    struct str out;

    str_init(&out, r->mem);
    for (size_t i = 0; i < e->of.n; i++) {
        struct event_text t;

        if (!text_from(r, e->of.list[i], &t))
            return NULL;
        if (i)
            str_add(&out, e->text);
        str_addn(&out, t.p, t.n);
    }
    return mapping_new_text(out.p);
}

static const cJSON *
eval_lower(struct run *r, const struct expr *e)
{
    struct event_text t;

    return text_from(r, e->from, &t) ? mapping_new_text(mapping_lower(r->mem, t.p, t.n)) : NULL;
}

static const cJSON *
eval_string(struct run *r, const struct expr *e)
{
    struct event_text t;

    return text_from(r, e->from, &t) ? mapping_new_text(t.p) : NULL;
}

/* [+-]digits[.digits][e[+-]digits], with blanks around: no words, no hex. */
static bool
is_number(const char *p, const char *end)
{
    size_t n;

    p += p < end && (*p == '+' || *p == '-');
    n = strspn(p, "0123456789");
    p += n;
    if (p < end && *p == '.') {
        size_t after = strspn(p + 1, "0123456789");

        p += 1 + after;
        n += after;
    }
    if (n && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += *p == '+' || *p == '-';
        n = strspn(p, "0123456789");
        p += n;
    }
    return n && p == end;
}

static const cJSON *
eval_number(struct run *r, const struct expr *e)
{
    const cJSON *v = mapping_eval(r, e->from);

    if (cJSON_IsBool(v))
        return cJSON_CreateNumber(cJSON_IsTrue(v));
    if (cJSON_IsNumber(v))
        return v;
    if (!cJSON_IsString(v))
        return NULL;
    const char *p = v->valuestring, *end = p + strlen(p);
    while (p < end && (unsigned char)*p <= ' ')
        p++;
    while (end > p && (unsigned char)end[-1] <= ' ')
        end--;
    if (!is_number(p, end))
        return NULL;
    double d = strtod(p, NULL);
    return isfinite(d) ? cJSON_CreateNumber(d) : NULL;
}

static const cJSON *
eval_split(struct run *r, const struct expr *e)
{
    struct event_text t;

    if (!text_from(r, e->from, &t))
        return NULL;
    const char *from = t.p, *end;
    for (unsigned i = 0; i < e->index; i++) {
        from = strstr(from, e->text);
        if (!from)
            return NULL;
        from += strlen(e->text);
    }
    end = strstr(from, e->text);
    return mapping_new_text(arena_strndup(r->mem, from, end ? (size_t)(end - from) : strlen(from)));
}

/* --- hash, json ------------------------------------------------------------------------------- */

static const cJSON *
eval_hash(struct run *r, const struct expr *e)
{
    struct str out;
    uint8_t    sum[32];
    char      *hex = arena_alloc(r->mem, sizeof sum + 1);

    str_init(&out, r->mem);
    str_addc(&out, '[');
    for (size_t i = 0; i < e->of.n; i++) {
        if (i)
            str_addc(&out, ',');
        mapping_print(mapping_eval(r, e->of.list[i]), &out);
    }
    str_addc(&out, ']');
    if (!hex || !mapping_spend(r, out.n / 64))
        return NULL;
    hash_sha256(out.p, out.n, sum);
    hash_hex(sum, sizeof sum / 2, hex);
    return mapping_new_text(hex);
}

static const cJSON *
eval_json(struct run *r, const struct expr *e)
{
    const cJSON *v = mapping_eval(r, e->from), *doc;
    struct err   ignored = ERR_INIT;

    if (!cJSON_IsString(v))
        return NULL;
    size_t n = strlen(v->valuestring);
    r->json_bytes += n;
    if (r->json_bytes > JSON_MOST) {
        r->work = -1;
        return NULL;
    }
    if (!mapping_spend(r, n / 8) || !json_parse(r->mem, v->valuestring, n, &doc, &ignored))
        return NULL;
    return mapping_walk(r, doc, &e->at);
}

const cJSON *
mapping_eval(struct run *r, const struct expr *e)
{
    if (!mapping_spend(r, 1))
        return NULL;
    switch (e->op) {
    case OP_SOURCE:
        return eval_source(r, e);
    case OP_CONST:
        return e->value;
    case OP_FIRST:
        return eval_first(r, e);
    case OP_MAP:
        return eval_map(r, e);
    case OP_BOOL:
        return eval_bool(r, e);
    case OP_TIME:
        return eval_time(r, e);
    case OP_CONCAT:
        return eval_concat(r, e);
    case OP_LOWER:
        return eval_lower(r, e);
    case OP_STRING:
        return eval_string(r, e);
    case OP_NUMBER:
        return eval_number(r, e);
    case OP_SPLIT:
        return eval_split(r, e);
    case OP_HASH:
        return eval_hash(r, e);
    case OP_JSON:
        return eval_json(r, e);
    default:
        return mapping_eval_list(r, e);
    }
}

/* --- conditions ---------------------------------------------------------------------------- */

static bool
starts_with(const cJSON *v, const char *prefix)
{
    return cJSON_IsString(v) && strncmp(v->valuestring, prefix, strlen(prefix)) == 0;
}

static bool
holds_of(struct run *r, const struct cond *c)
{
    const cJSON      *v = mapping_eval(r, c->of);
    struct event_text t;

    if (c->kind == COND_EXISTS)
        return !mapping_is_nil(v) == c->exists;
    if (c->kind == COND_PREFIX)
        return starts_with(v, c->values.list[0]);
    return mapping_spend(r, c->values.n) && text_of(r, v, &t) && is_in(&c->values, t.p);
}

bool
mapping_holds(struct run *r, const struct cond *c)
{
    if (!c)
        return true;
    if (c->kind == COND_NOT)
        return !mapping_holds(r, c->list[0]);
    if (c->kind != COND_ALL && c->kind != COND_ANY)
        return holds_of(r, c);
    for (size_t i = 0; i < c->n; i++)
        if (mapping_holds(r, c->list[i]) == (c->kind == COND_ANY))
            return c->kind == COND_ANY;
    return c->kind == COND_ALL;
}
