/* pointer.c - JSON Pointers (RFC 6901), taken apart once and walked often. */
#include "mapping_int.h"

#include <string.h>

/* 0, or digits without a leading 0; -1 for anything else. */
static int
index_of(const char *s, size_t n)
{
    int v = 0;

    if (!n || n > 9 || (n > 1 && *s == '0'))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

/* Undoes ~0 and ~1; false when a ~ stands alone. */
static bool
read_token(const char *s, size_t n, struct arena *mem, struct token *ret)
{
    char  *name = arena_alloc(mem, n + 1);
    size_t out = 0;

    for (size_t i = 0; name && i < n; i++) {
        name[out++] = s[i];
        if (s[i] != '~')
            continue;
        if (++i == n || (s[i] != '0' && s[i] != '1'))
            return false;
        name[out - 1] = s[i] == '1' ? '/' : '~';
    }
    *ret = (struct token){ name, index_of(s, n) };
    return name != NULL;
}

bool
mapping_pointer_read(const char *text, struct arena *mem, struct pointer *ret)
{
    struct pointer p = { .text = text };

    if (*text && *text != '/')
        return false;
    for (const char *s = text; *s; s++)
        p.n += *s == '/';
    p.token = arena_new(mem, struct token, p.n + 1);
    if (!p.token)
        return false;
    for (size_t i = 0; i < p.n; i++) {
        size_t n = strcspn(++text, "/");

        if (!read_token(text, n, mem, &p.token[i]))
            return false;
        text += n;
    }
    *ret = p;
    return true;
}

static const cJSON *
element(struct run *r, const cJSON *list, int index)
{
    const cJSON *c = index < 0 ? NULL : list->child;

    while (c && index--) {
        if (!mapping_spend(r, 1))
            return NULL;
        c = c->next;
    }
    return c;
}

static const cJSON *
member(struct run *r, const cJSON *object, const char *name)
{
    const cJSON *c;

    cJSON_ArrayForEach (c, object) {
        if (!mapping_spend(r, 1))
            return NULL;
        if (*c->string == *name && strcmp(c->string, name) == 0)
            return c;
    }
    return NULL;
}

const cJSON *
mapping_walk(struct run *r, const cJSON *doc, const struct pointer *p)
{
    for (size_t i = 0; doc && i < p->n; i++)
        doc = cJSON_IsObject(doc)  ? member(r, doc, p->token[i].name)
              : cJSON_IsArray(doc) ? element(r, doc, p->token[i].index)
                                   : NULL;
    return doc;
}
