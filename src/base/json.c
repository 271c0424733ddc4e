/* json.c - trees: cJSON behind the policy of json.h. */
#include "collaudo/json.h"

#include "json_int.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEW_KEYS 16

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The repeated key of one object, NULL when there is none. Sorted on the side: a
 * stranger may send 100,000 keys. */
static const char *
repeated_key(const cJSON *object)
{
    const char  *few[FEW_KEYS], **names = few, *found = NULL;
    size_t       n = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, object)
        n++;
    if (n > FEW_KEYS && !(names = malloc(n * sizeof *names)))
        return ""; /* no memory to look: refuse */
    n = 0;
    cJSON_ArrayForEach (c, object)
        names[n++] = c->string;
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 1; i < n && !found; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            found = names[i];
    if (names != few)
        free(names);
    return found;
}

/* At most JSON_MAX_DEPTH deep: the policy refused the rest before there was a tree. */
static const char *
find_repeated(const cJSON *doc)
{
    const char  *found = cJSON_IsObject(doc) ? repeated_key(doc) : NULL;
    const cJSON *c;

    if (found || !(cJSON_IsObject(doc) || cJSON_IsArray(doc)))
        return found;
    cJSON_ArrayForEach (c, doc)
        if ((found = find_repeated(c)))
            return found;
    return NULL;
}

enum json_unsafe
json_policy(const struct json_slice *s, const cJSON *doc, const char **ret_key)
{
    const char *key;

    if (s->bad_utf8 || s->lone_surrogate || s->has_nul)
        return JSON_BAD_UNICODE;
    if (s->depth > JSON_MAX_DEPTH)
        return JSON_TOO_DEEP;
    if (doc && (key = find_repeated(doc))) {
        if (ret_key)
            *ret_key = key;
        return JSON_DUPLICATE_KEY;
    }
    return JSON_SAFE;
}

bool
json_parse_slice(struct arena *mem, const struct json_slice *s, const cJSON **ret, struct err *e)
{
    const char *text = s->p, *end = NULL;
    size_t      n = s->n;

    assert(!s->broken && s->depth <= JSON_MAX_DEPTH);
    if (s->big_number && !(text = json_quote_numbers(mem, text, n, &n)))
        return err_set(e, ERR_NOMEM, "the document needs more memory than a request may take");
    struct arena *outer = arena_enter(mem);
    cJSON        *doc = cJSON_ParseWithLengthOpts(text, n, &end, false);
    arena_leave(outer);
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "the document needs more memory than a request may take");
    if (!doc || end != text + n)
        return err_set(e, ERR_INVALID, "not JSON");
    *ret = doc;
    return true;
}

bool
json_parse(struct arena *mem, const char *text, size_t n, const cJSON **ret_doc, struct err *e)
{
    static const char *const why[] = { [JSON_BAD_UNICODE] = "text that is not UTF-8 or has U+0000",
                                       [JSON_TOO_DEEP] = "values nested too deep",
                                       [JSON_DUPLICATE_KEY] = "a repeated key" };
    struct json_slice       *s;
    size_t                   count;
    const cJSON             *doc;
    const char              *key = NULL;
    enum json_unsafe         bad;

    if (!json_cut(mem, text, n, JSON_ONE, 1, &s, &count, e))
        return false;
    bad = json_policy(s, NULL, NULL);
    if (!bad) {
        if (!json_parse_slice(mem, s, &doc, e))
            return false;
        bad = json_policy(s, doc, &key);
    }
    if (bad)
        return err_set(e, ERR_INVALID, "the document has %s %s", why[bad], key ? key : "");
    *ret_doc = doc;
    return true;
}

const cJSON *
json_get(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *
json_text(const cJSON *object, const char *name)
{
    const cJSON *v = json_get(object, name);

    return cJSON_IsString(v) ? v->valuestring : NULL;
}

bool
json_int(const cJSON *object, const char *name, int64_t *ret)
{
    const cJSON *v = json_get(object, name);

    if (!cJSON_IsNumber(v) || !(fabs(v->valuedouble) < 0x1p53) ||
        floor(v->valuedouble) != v->valuedouble)
        return false;
    *ret = (int64_t)v->valuedouble;
    return true;
}

/* Does the key equal the n bytes of a pointer's token, with ~0 and ~1 undone? */
static bool
token_is(const char *key, const char *token, size_t n)
{
    for (const char *end = token + n; token < end; token++, key++) {
        char c = *token;

        if (c == '~' && token + 1 < end)
            c = *++token == '1' ? '/' : '~';
        if (*key != c)
            return false;
    }
    return !*key;
}

static const cJSON *
step(const cJSON *doc, const char *token, size_t n)
{
    const cJSON *c;
    size_t       index = 0;

    if (cJSON_IsObject(doc)) {
        cJSON_ArrayForEach (c, doc)
            if (token_is(c->string, token, n))
                return c;
        return NULL;
    }
    if (!cJSON_IsArray(doc) || !n || n > 9 || (n > 1 && *token == '0'))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (token[i] < '0' || token[i] > '9')
            return NULL;
        index = index * 10 + (size_t)(token[i] - '0');
    }
    cJSON_ArrayForEach (c, doc)
        if (!index--)
            return c;
    return NULL;
}

const cJSON *
json_at(const cJSON *doc, const char *pointer)
{
    while (doc && *pointer) {
        if (*pointer++ != '/')
            return NULL;
        size_t n = strcspn(pointer, "/");

        doc = step(doc, pointer, n);
        pointer += n;
    }
    return doc;
}

bool
json_print(struct arena *mem, const cJSON *doc, const char **ret_text, size_t *ret_n, struct err *e)
{
    struct arena *outer = arena_enter(mem);
    char         *text = cJSON_PrintUnformatted(doc);

    arena_leave(outer);
    if (!text || mem->denied)
        return err_set(e, ERR_NOMEM, "no memory to print a document");
    *ret_text = text;
    *ret_n = strlen(text);
    return true;
}

/* UTF-16 order of RFC 8785: differs from byte order only for U+10000 and above
 * against U+E000..U+FFFF. */
static int
utf16_order(const void *a, const void *b)
{
    const unsigned char *x = (const unsigned char *)(*(const cJSON *const *)a)->string;
    const unsigned char *y = (const unsigned char *)(*(const cJSON *const *)b)->string;

    while (*x && *x == *y)
        x++, y++;
    bool high_x = *x >= 0xf0, high_y = *y >= 0xf0;
    if (high_x != high_y && (*x >= 0xee && *y >= 0xee))
        return high_x ? -1 : 1;
    return *x - *y;
}

static bool canonical(struct str *out, const cJSON *v, struct err *e);

static bool
canonical_object(struct str *out, const cJSON *object, struct err *e)
{
    size_t       n = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, object)
        n++;
    const cJSON **sorted = arena_new(out->mem, const cJSON *, n);
    if (!sorted)
        return err_set(e, ERR_NOMEM, "no memory to print a document");
    n = 0;
    cJSON_ArrayForEach (c, object)
        sorted[n++] = c;
    qsort(sorted, n, sizeof *sorted, utf16_order);
    str_addc(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_addc(out, ',');
        str_json(out, sorted[i]->string);
        str_addc(out, ':');
        if (!canonical(out, sorted[i], e))
            return false;
    }
    str_addc(out, '}');
    return true;
}

static bool
canonical(struct str *out, const cJSON *v, struct err *e)
{
    const cJSON *c;

    if (cJSON_IsObject(v))
        return canonical_object(out, v, e);
    if (cJSON_IsArray(v)) {
        str_addc(out, '[');
        cJSON_ArrayForEach (c, v) {
            if (c != v->child)
                str_addc(out, ',');
            if (!canonical(out, c, e))
                return false;
        }
        str_addc(out, ']');
        return true;
    }
    if (cJSON_IsString(v)) {
        str_json(out, v->valuestring);
    } else if (cJSON_IsNumber(v)) {
        if (!(fabs(v->valuedouble) < 0x1p53) || floor(v->valuedouble) != v->valuedouble)
            return err_set(e, ERR_INVALID, "a number of a canonical document is no integer");
        str_addi(out, (int64_t)v->valuedouble);
    } else {
        str_add(out, cJSON_IsTrue(v) ? "true" : cJSON_IsFalse(v) ? "false" : "null");
    }
    return true;
}

bool
json_canonical(struct arena *mem, const cJSON *doc, const char **ret_text, size_t *ret_n,
               struct err *e)
{
    struct str out;

    str_init(&out, mem);
    if (!canonical(&out, doc, e))
        return false;
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "no memory to print a document");
    *ret_text = out.p;
    *ret_n = out.n;
    return true;
}
