/* text.c - JSON into the same tree as YAML: json.h checks the grammar, here lines and the texts
 * of numbers are kept, which cJSON would lose. */
#include "conf_int.h"

#include <string.h>

/* Walks a text that is known to be JSON: what must follow does follow. */
struct walk {
    struct conf_build b;
    const char       *p;
    int               line;
};

static void
blanks(struct walk *w)
{
    for (; *w->p == ' ' || *w->p == '\t' || *w->p == '\r' || *w->p == '\n'; w->p++)
        w->line += *w->p == '\n';
}

static void
punctuation(struct walk *w)
{
    blanks(w);
    w->p++;
    blanks(w);
}

static const char *
string_end(const char *p)
{
    for (p++; *p != '"'; p++)
        p += *p == '\\';
    return p + 1;
}

/* The string at hand, its escapes undone, in the arena. */
static bool
string(struct walk *w, const char **ret, struct err *e)
{
    const char  *begin = w->p, *end = string_end(w->p);
    const cJSON *one;

    w->p = end;
    if (!memchr(begin, '\\', (size_t)(end - begin))) {
        *ret = arena_strndup(w->b.mem, begin + 1, (size_t)(end - begin) - 2);
        return *ret || err_set(e, ERR_NOMEM, "%s: no memory for so large a file", w->b.file);
    }
    if (!json_parse(w->b.mem, begin, (size_t)(end - begin), &one, e))
        return err_wrap(e, "%s:%d", w->b.file, w->line);
    *ret = one->valuestring;
    return true;
}

static bool value(struct walk *w, int depth, int line, struct conf_node *parent, const char *key,
                  struct conf_node **ret, struct err *e);

/* What stands between the brackets of an array or the braces of an object. */
static bool
inside(struct walk *w, int depth, struct conf_node *n, bool object, struct err *e)
{
    char              close = object ? '}' : ']';
    struct conf_node *got;
    const char       *key = NULL;
    int               line;

    punctuation(w);
    while (*w->p != close) {
        line = w->line;
        if (object && !string(w, &key, e))
            return false;
        if (object)
            punctuation(w);
        if (!value(w, depth + 1, line, n, key, &got, e))
            return false;
        blanks(w);
        if (*w->p == ',')
            punctuation(w);
    }
    w->p++;
    return true;
}

static bool
number(struct walk *w, struct conf_node *n, struct err *e)
{
    size_t len = strspn(w->p, "+-.0123456789eE");
    char  *source = arena_strndup(w->b.mem, w->p, len);

    if (!source)
        return err_set(e, ERR_NOMEM, "%s: no memory for so large a file", w->b.file);
    conf_node_number(n, source);
    w->p += len;
    return true;
}

static bool
scalar(struct walk *w, struct conf_node *n, struct err *e)
{
    const char *text;

    switch (*w->p) {
    case '"':
        if (!string(w, &text, e))
            return false;
        n->json.type = cJSON_String;
        n->json.valuestring = (char *)(uintptr_t)text;
        return true;
    case 't':
        n->json.type = cJSON_True;
        w->p += 4;
        return true;
    case 'f':
        n->json.type = cJSON_False;
        w->p += 5;
        return true;
    case 'n':
        n->json.type = cJSON_NULL;
        w->p += 4;
        return true;
    default:
        return number(w, n, e);
    }
}

static bool
value(struct walk *w, int depth, int line, struct conf_node *parent, const char *key,
      struct conf_node **ret, struct err *e)
{
    bool object = *w->p == '{', array = *w->p == '[';

    if (depth > CONF_MAX_DEPTH)
        return err_set(e, ERR_INVALID, "%s:%d: nested too deep", w->b.file, line);
    if (!conf_node_new(&w->b, object ? cJSON_Object : cJSON_Array, line, parent, key, ret, e))
        return false;
    return object || array ? inside(w, depth, *ret, object, e) : scalar(w, *ret, e);
}

bool
conf_json(const struct conf_text *file, struct arena *mem, struct conf_node **ret, struct err *e)
{
    struct json_slice *s;
    size_t             n;
    enum json_unsafe   bad;

    if (!json_cut(mem, file->text, file->n, JSON_ONE, 1, &s, &n, e))
        return err_wrap(e, "%s", file->name);
    bad = json_policy(s, NULL, NULL);
    if (bad)
        return err_set(e, ERR_INVALID, "%s: %s", file->name,
                       bad == JSON_TOO_DEEP ? "nested too deep"
                                            : "text that is not UTF-8 or has U+0000");
    /* A copy that ends in a 0: the walk may look one byte ahead. */
    char *text = arena_strndup(mem, s->p, s->n);
    if (!text)
        return err_set(e, ERR_NOMEM, "%s: no memory to read it", file->name);
    struct walk w = { .b = { .mem = mem, .file = file->name }, .p = text, .line = 1 };
    for (const char *p = file->text; p < s->p; p++)
        w.line += *p == '\n';
    return value(&w, 1, w.line, NULL, NULL, ret, e);
}
