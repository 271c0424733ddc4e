/* tree.c - nodes that know where they were written. See conf.h. */
#include "conf_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct conf_node *
node_of(const cJSON *json)
{
    return (const struct conf_node *)(const void *)json;
}

static void
append(cJSON *parent, cJSON *child)
{
    cJSON *first = parent->child;

    child->next = NULL;
    child->prev = child; /* cJSON: the first one's prev is the last */
    if (!first) {
        parent->child = child;
        return;
    }
    child->prev = first->prev;
    first->prev->next = child;
    first->prev = child;
}

/* Room for one more key, and not there yet? */
static bool
key_is_new(const struct conf_build *b, const struct conf_node *parent, const char *key, int line,
           struct err *e)
{
    size_t       n = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, &parent->json) {
        if (strcmp(c->string, key) == 0)
            return err_set(e, ERR_INVALID, "%s:%d: %s is written twice (first on line %d)", b->file,
                           line, conf_path(c, b->mem), conf_line(c));
        if (++n == CONF_MAX_KEYS)
            return err_set(e, ERR_INVALID, "%s:%d: more than %d keys in one object", b->file, line,
                           CONF_MAX_KEYS);
    }
    return true;
}

bool
conf_node_new(const struct conf_build *b, int type, int line, struct conf_node *parent,
              const char *key, struct conf_node **ret, struct err *e)
{
    struct conf_node *n;

    if (key && !key_is_new(b, parent, key, line, e))
        return false;
    if (!(n = arena_new(b->mem, struct conf_node, 1)))
        return err_set(e, ERR_NOMEM, "%s: no memory for so large a file", b->file);
    n->json.type = type;
    n->json.string = (char *)(uintptr_t)key; /* cJSON's member is not const; nobody writes it */
    n->parent = parent;
    n->file = b->file;
    n->line = line;
    if (parent) {
        const cJSON *last = parent->json.child ? parent->json.child->prev : NULL;

        n->index = last ? node_of(last)->index + 1 : 0;
        append(&parent->json, &n->json);
    }
    *ret = n;
    return true;
}

void
conf_node_number(struct conf_node *n, const char *source)
{
    n->json.type = cJSON_Number;
    n->source = source;
    n->json.valuedouble = strtod(source, NULL);
}

bool
conf_is_int(const char *p, size_t n)
{
    size_t i = n && *p == '-';

    if (i == n || (p[i] == '0' && n - i > 1))
        return false;
    for (; i < n; i++)
        if (!isdigit((unsigned char)p[i]))
            return false;
    return true;
}

bool
conf_is_decimal(const char *p, size_t n)
{
    const char *dot = memchr(p, '.', n);

    if (!dot || !conf_is_int(p, (size_t)(dot - p)) || dot + 1 == p + n)
        return false;
    for (const char *d = dot + 1; d < p + n; d++)
        if (!isdigit((unsigned char)*d))
            return false;
    return true;
}

static bool
ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);

    return n >= s && strcasecmp(name + n - s, suffix) == 0;
}

static bool
is_json(const struct conf_text *file)
{
    size_t i = 0;

    if (ends_in(file->name, ".json"))
        return true;
    if (ends_in(file->name, ".yaml") || ends_in(file->name, ".yml"))
        return false;
    while (i < file->n && strchr(" \t\r\n", file->text[i]) && file->text[i])
        i++;
    return i < file->n && file->text[i] == '{';
}

bool
conf_parse(const struct conf_text *file, struct arena *mem, const cJSON **ret, struct err *e)
{
    struct conf_node *top = NULL;

    if (file->n > CONF_MAX_BYTES)
        return err_set(e, ERR_TOO_LARGE, "%s: %zu bytes, at most %u", file->name, file->n,
                       CONF_MAX_BYTES);
    if (!(is_json(file) ? conf_json : conf_yaml)(file, mem, &top, e))
        return false;
    if (!cJSON_IsObject(&top->json))
        return err_set(e, ERR_INVALID, "%s:%d: the file must hold keys with values", file->name,
                       top->line);
    *ret = &top->json;
    return true;
}

const char *
conf_file(const cJSON *node)
{
    return node_of(node)->file;
}

int
conf_line(const cJSON *node)
{
    return node_of(node)->line;
}

const char *
conf_number(const cJSON *node)
{
    return cJSON_IsNumber(node) ? node_of(node)->source : NULL;
}

/* Keys are shown when they look like keys; anything else may be somebody's name. */
static const char *
shown(const char *key)
{
    size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return n && n <= 40 && !key[n] ? key : "?";
}

static void
add_path(struct str *out, const struct conf_node *n)
{
    if (!n->parent)
        return;
    add_path(out, n->parent);
    if (n->json.string) {
        if (out->n)
            str_addc(out, '.');
        str_add(out, shown(n->json.string));
    } else {
        str_addf(out, "[%d]", n->index);
    }
}

const char *
conf_path(const cJSON *node, struct arena *mem)
{
    struct str out;

    str_init(&out, mem);
    add_path(&out, node_of(node));
    return out.p;
}

cJSON *
conf_group(const cJSON *like, struct arena *mem)
{
    struct conf_node *n = arena_new(mem, struct conf_node, 1);

    if (!n)
        return NULL;
    if (like)
        *n = *node_of(like);
    n->json = (cJSON){ .type = cJSON_Object };
    return &n->json;
}

cJSON *
conf_add(cJSON *into, const cJSON *node, struct arena *mem)
{
    struct conf_node *copy = arena_memdup(mem, node, sizeof *copy);

    if (!into || !copy)
        return NULL;
    append(into, &copy->json);
    return &copy->json;
}

bool
conf_decimal(const char *text, int digits, int64_t *ret)
{
    bool    minus = *text == '-';
    int64_t v = 0;
    int     decimals = -1; /* still before the point */

    if (!conf_is_int(text, strlen(text)) && !conf_is_decimal(text, strlen(text)))
        return false;
    for (const char *p = text + minus; *p; p++) {
        if (*p == '.') {
            decimals = 0;
            continue;
        }
        if (v > INT64_C(10000000000) || (decimals >= 0 && ++decimals > digits))
            return false;
        v = v * 10 + (*p - '0');
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < digits; decimals++)
        v *= 10;
    *ret = minus ? -v : v;
    return true;
}
