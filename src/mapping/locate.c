/* locate.c - finds a value inside JSON text by its pointer, without building a tree: an export
 * of 30 MB is read record by record. The text is valid JSON (json_cut() has seen it). */
#include "mapping_int.h"

#include <string.h>

struct text {
    const char *at, *end;
};

static void
blanks(struct text *t)
{
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\t' || *t->at == '\n' || *t->at == '\r'))
        t->at++;
}

static char
peek(struct text *t)
{
    blanks(t);
    return t->at < t->end ? *t->at : 0;
}

/* Over a string, its quotes included. */
static void
string(struct text *t)
{
    for (t->at++; t->at < t->end && *t->at != '"'; t->at++)
        t->at += *t->at == '\\' && t->at + 1 < t->end;
    t->at += t->at < t->end;
}

/* Over any value. */
static void
value(struct text *t)
{
    size_t depth = 0;

    blanks(t);
    do {
        if (t->at == t->end)
            return;
        if (*t->at == '"') {
            string(t);
            continue;
        }
        if (!depth && strchr(",]} \t\r\n", *t->at))
            return;
        depth += *t->at == '{' || *t->at == '[';
        depth -= *t->at == '}' || *t->at == ']';
        t->at++;
    } while (depth || (t->at < t->end && !strchr(",]}: \t\r\n[{\"", *t->at)));
}

/* The key at t, which moves behind it, against a name. */
static bool
key_is(struct text *t, const char *name, struct arena *mem)
{
    struct err   ignored = ERR_INIT;
    const char  *from = t->at;
    const cJSON *key;

    string(t);
    size_t n = (size_t)(t->at - from);
    if (!memchr(from, '\\', n))
        return n == strlen(name) + 2 && memcmp(from + 1, name, n - 2) == 0;
    return json_parse(mem, from, n, &key, &ignored) && strcmp(key->valuestring, name) == 0;
}

static enum located
member(struct text *t, const char *name, struct arena *mem)
{
    struct text found = { 0 };
    bool        twice = false;

    t->at++; /* { */
    while (peek(t) == '"') {
        bool is_it = key_is(t, name, mem);

        if (peek(t) == ':')
            t->at++;
        blanks(t);
        const char *from = t->at;
        value(t);
        twice |= is_it && found.at;
        if (is_it)
            found = (struct text){ from, t->at };
        if (peek(t) == ',')
            t->at++;
    }
    *t = found;
    return twice ? LOCATED_TWICE : found.at ? LOCATED : LOCATED_NOTHING;
}

static enum located
element(struct text *t, int index)
{
    t->at++; /* [ */
    for (int i = 0; index >= 0 && t->at < t->end && peek(t) != ']'; i++) {
        blanks(t);
        const char *from = t->at;
        value(t);
        if (i == index) {
            *t = (struct text){ from, t->at };
            return LOCATED;
        }
        if (peek(t) == ',')
            t->at++;
    }
    return LOCATED_NOTHING;
}

enum located
mapping_locate(const char *text, size_t n, const struct pointer *p, struct arena *mem,
               const char **ret, size_t *ret_n)
{
    struct text  t = { text, text + n };
    enum located got = LOCATED;

    for (size_t i = 0; got == LOCATED && i < p->n; i++) {
        char first = peek(&t);

        got = first == '{'   ? member(&t, p->token[i].name, mem)
              : first == '[' ? element(&t, p->token[i].index)
                             : LOCATED_NOTHING;
    }
    *ret = t.at;
    *ret_n = (size_t)(t.end - t.at);
    return got;
}
