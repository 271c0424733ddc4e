/* compile_args.c - the arguments of operators, each checked by the kind its row asks for. */
#include "mapping_int.h"

#include <stddef.h>
#include <string.h>

#define MOST_INDEX 1000

enum arg_kind {
    ARG_EXPR,
    ARG_EXPRS,
    ARG_TEXT,
    ARG_POINTER,
    ARG_POINTERS, /* one or a list */
    ARG_FLAG,
    ARG_INDEX,
    ARG_TABLE,
    ARG_SCALAR,
    ARG_TEXTS,
    ARG_LOWER_TEXTS,
    ARG_FORMATS, /* one or a list */
    ARG_ZONE,
    ARG_ITEMS,
};

struct arg {
    enum op       op;
    const char   *name;
    enum arg_kind kind;
    bool          needed;
    size_t        at;
};

#define AT(member) offsetof(struct expr, member)

/* clang-format off */
static const struct arg args[] = {
    { OP_KV,       "in",      ARG_EXPR,        true,  AT(from) },
    { OP_KV,       "key",     ARG_TEXT,        true,  AT(text) },
    { OP_KV,       "name",    ARG_POINTER,     false, AT(name) },
    { OP_KV,       "value",   ARG_POINTERS,    false, AT(values) },
    { OP_MAP,      "from",    ARG_EXPR,        true,  AT(from) },
    { OP_MAP,      "table",   ARG_TABLE,       true,  AT(table) },
    { OP_MAP,      "default", ARG_SCALAR,      false, AT(value) },
    { OP_MAP,      "absent",  ARG_SCALAR,      false, AT(absent) },
    { OP_MAP,      "nocase",  ARG_FLAG,        false, AT(nocase) },
    { OP_BOOL,     "from",    ARG_EXPR,        true,  AT(from) },
    { OP_BOOL,     "true",    ARG_LOWER_TEXTS, false, AT(yes) },
    { OP_BOOL,     "false",   ARG_LOWER_TEXTS, false, AT(no) },
    { OP_TIME,     "from",    ARG_EXPR,        true,  AT(from) },
    { OP_TIME,     "format",  ARG_FORMATS,     false, AT(formats) },
    { OP_TIME,     "tz",      ARG_ZONE,        false, AT(zone) },
    { OP_CONCAT,   "of",      ARG_EXPRS,       true,  AT(of) },
    { OP_CONCAT,   "sep",     ARG_TEXT,        false, AT(text) },
    { OP_SPLIT,    "from",    ARG_EXPR,        true,  AT(from) },
    { OP_SPLIT,    "by",      ARG_TEXT,        true,  AT(text) },
    { OP_SPLIT,    "index",   ARG_INDEX,       true,  AT(index) },
    { OP_JSON,     "from",    ARG_EXPR,        true,  AT(from) },
    { OP_JSON,     "at",      ARG_POINTER,     false, AT(at) },
    { OP_LIST,     "in",      ARG_EXPR,        true,  AT(from) },
    { OP_LIST,     "item",    ARG_ITEMS,       true,  AT(items) },
    { OP_NAMES,    "in",      ARG_EXPR,        true,  AT(from) },
    { OP_NAMES,    "at",      ARG_POINTER,     false, AT(at) },
    { OP_NAMES,    "as",      ARG_TEXT,        false, AT(as) },
    { OP_NAMES,    "by",      ARG_TEXT,        false, AT(text) },
    { OP_DIFF,     "old",     ARG_EXPR,        true,  AT(from) },
    { OP_DIFF,     "new",     ARG_EXPR,        true,  AT(other) },
    { OP_PICK,     "in",      ARG_EXPR,        false, AT(from) },
    { OP_PICK,     "fields",  ARG_TEXTS,       false, AT(yes) },
    { OP_PICK,     "drop",    ARG_TEXTS,       false, AT(no) },
    { OP_KVOBJECT, "in",      ARG_EXPR,        true,  AT(from) },
    { OP_KVOBJECT, "name",    ARG_POINTER,     false, AT(name) },
    { OP_KVOBJECT, "value",   ARG_POINTERS,    false, AT(values) },
};
/* clang-format on */

#define ARGS (sizeof args / sizeof *args)

/* --- arguments -------------------------------------------------------------------------------- */

bool
mapping_wants(struct compile *c, const struct where *at, bool ok, const char *what)
{
    if (!ok)
        mapping_fault_add(c, at, "%s should stand here", what);
    return ok;
}

bool
mapping_read_exprs(struct compile *c, const struct where *at, const cJSON *v, int depth,
                   struct exprs *ret)
{
    size_t       n = 0;
    const cJSON *e;

    if (!mapping_wants(c, at, cJSON_IsArray(v) && v->child, "a list of expressions, not empty,"))
        return false;
    cJSON_ArrayForEach (e, v)
        n++;
    ret->list = arena_new(c->mem, const struct expr *, n);
    cJSON_ArrayForEach (e, v) {
        struct where       here = { at, NULL, ret->n };
        const struct expr *one = mapping_compile_expr(c, &here, e, depth);

        if (ret->list)
            ret->list[ret->n] = one;
        ret->n++;
    }
    return ret->list != NULL;
}

static bool
read_pointer(struct compile *c, const struct where *at, const cJSON *v, struct pointer *ret)
{
    return mapping_wants(c, at,
                         cJSON_IsString(v) && mapping_pointer_read(v->valuestring, c->mem, ret),
                         "a JSON Pointer such as \"/name\"");
}

/* One text or a list of them: calls back for each. */
typedef bool each_fn(struct compile *, const struct where *, const cJSON *, size_t, void *);

static bool
each_of(struct compile *c, const struct where *at, const cJSON *v, each_fn *fn, void *to)
{
    const cJSON *e;
    size_t       n = 0;

    if (!cJSON_IsArray(v))
        return fn(c, at, v, 0, to);
    if (!mapping_wants(c, at, v->child != NULL, "at least one value"))
        return false;
    cJSON_ArrayForEach (e, v) {
        struct where here = { at, NULL, n };

        if (!fn(c, &here, e, n++, to))
            return false;
    }
    return true;
}

static bool
one_pointer(struct compile *c, const struct where *at, const cJSON *v, size_t i, void *to)
{
    struct pointers *p = to;

    p->n = i + 1;
    return read_pointer(c, at, v, &p->list[i]);
}

static bool
one_format(struct compile *c, const struct where *at, const cJSON *v, size_t i, void *to)
{
    struct formats *f = to;

    if (!mapping_wants(c, at, cJSON_IsString(v) && i < WHEN_COUNT, "the name of a time format"))
        return false;
    for (size_t k = 0; k < WHEN_COUNT; k++)
        if (strcmp(mapping_when_names[k], v->valuestring) == 0) {
            f->list[i] = (enum when_format)k;
            f->n = i + 1;
            return true;
        }
    mapping_fault_add(c, at, "there is no time format \"%s\"%s", v->valuestring,
                      mapping_nearest(c, v->valuestring, mapping_when_names, WHEN_COUNT));
    return false;
}

static bool
one_text(struct compile *c, const struct where *at, const cJSON *v, size_t i, void *to)
{
    struct texts *t = to;

    if (!mapping_wants(c, at, cJSON_IsString(v), "a text"))
        return false;
    t->list[i] = v->valuestring;
    t->n = i + 1;
    return true;
}

static size_t
count(const cJSON *v)
{
    size_t       n = 0;
    const cJSON *e;

    if (!cJSON_IsArray(v))
        return 1;
    cJSON_ArrayForEach (e, v)
        n++;
    return n + 1;
}

static bool
is_lower(struct compile *c, const char *s)
{
    const char *low = mapping_lower(c->mem, s, strlen(s));

    return low && strcmp(low, s) == 0;
}

static bool
read_texts(struct compile *c, const struct where *at, const cJSON *v, bool lower, struct texts *ret)
{
    if (!mapping_wants(c, at, cJSON_IsArray(v), "a list of texts"))
        return false;
    ret->list = arena_new(c->mem, const char *, count(v));
    if (!ret->list || !each_of(c, at, v, one_text, ret))
        return false;
    for (size_t i = 0; lower && i < ret->n; i++) {
        struct where here = { at, NULL, i };

        mapping_wants(c, &here, is_lower(c, ret->list[i]), "lower case (case is ignored)");
    }
    return true;
}

bool
mapping_is_scalar(const cJSON *v)
{
    return cJSON_IsString(v) || cJSON_IsNumber(v) || cJSON_IsBool(v);
}

static bool
read_table(struct compile *c, const struct where *at, const cJSON *v)
{
    const cJSON *e;

    if (!mapping_wants(c, at, cJSON_IsObject(v) && v->child,
                       "an object from text to value, not empty,"))
        return false;
    cJSON_ArrayForEach (e, v) {
        struct where here = { at, e->string, 0 };

        mapping_wants(c, &here, mapping_is_scalar(e), "a text, a number, true or false");
    }
    return true;
}

static bool
read_zone(struct compile *c, const struct where *at, const cJSON *v, const struct time_zone **ret)
{
    struct err ignored = ERR_INIT;

    if (cJSON_IsString(v) && strcmp(v->valuestring, "UTC") == 0)
        return true;
    return mapping_wants(c, at, cJSON_IsString(v) && time_zone_find(v->valuestring, ret, &ignored),
                         "an IANA time zone such as \"Europe/Rome\"");
}

/* The members of an element of `list`. */
static bool
read_items(struct compile *c, const struct where *at, const cJSON *v, int depth,
           struct targets *ret)
{
    const cJSON *e;

    if (!mapping_wants(c, at, cJSON_IsObject(v) && v->child,
                       "an object from name to expression, not empty,"))
        return false;
    size_t n = 0;
    cJSON_ArrayForEach (e, v)
        n++;
    ret->list = arena_new(c->mem, struct target, n);
    c->lists++;
    cJSON_ArrayForEach (e, v) {
        struct where   here = { at, e->string, 0 };
        struct target *t = ret->list ? &ret->list[ret->n++] : NULL;
        struct token  *name = arena_new(c->mem, struct token, 1);

        if (!t || !name)
            return false;
        name->name = e->string;
        t->at = (struct pointer){ e->string, name, 1 };
        t->value = mapping_compile_expr(c, &here, e, depth);
    }
    c->lists--;
    return true;
}

static bool
read_index(struct compile *c, const struct where *at, const cJSON *v, unsigned *ret)
{
    bool ok = cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble <= MOST_INDEX &&
              v->valuedouble - (unsigned)v->valuedouble <= 0;

    if (mapping_wants(c, at, ok, "a whole number from 0 to 1000"))
        *ret = (unsigned)v->valuedouble;
    return ok;
}

static bool
read_arg(struct compile *c, const struct where *at, const struct arg *a, const cJSON *v, int depth,
         struct expr *e)
{
    char            *to = (char *)e + a->at;
    struct pointers *p = (struct pointers *)(void *)to;

    switch (a->kind) {
    case ARG_EXPR:
        return (*(const struct expr **)(void *)to = mapping_compile_expr(c, at, v, depth));
    case ARG_EXPRS:
        return mapping_read_exprs(c, at, v, depth, (struct exprs *)(void *)to);
    case ARG_TEXT:
        *(const char **)(void *)to = cJSON_IsString(v) ? v->valuestring : NULL;
        return mapping_wants(c, at, cJSON_IsString(v), "a text");
    case ARG_POINTER:
        return read_pointer(c, at, v, (struct pointer *)(void *)to);
    case ARG_POINTERS:
        p->list = arena_new(c->mem, struct pointer, count(v));
        return p->list && each_of(c, at, v, one_pointer, p);
    case ARG_FLAG:
        *(bool *)to = cJSON_IsTrue(v);
        return mapping_wants(c, at, cJSON_IsBool(v), "true or false");
    case ARG_INDEX:
        return read_index(c, at, v, (unsigned *)(void *)to);
    case ARG_TABLE:
        *(const cJSON **)(void *)to = v;
        return read_table(c, at, v);
    case ARG_SCALAR:
        *(const cJSON **)(void *)to = v;
        return mapping_wants(c, at, mapping_is_scalar(v), "a text, a number, true or false");
    case ARG_TEXTS:
    case ARG_LOWER_TEXTS:
        return read_texts(c, at, v, a->kind == ARG_LOWER_TEXTS, (struct texts *)(void *)to);
    case ARG_FORMATS:
        return each_of(c, at, v, one_format, to);
    case ARG_ZONE:
        return read_zone(c, at, v, (const struct time_zone **)(void *)to);
    case ARG_ITEMS:
        return read_items(c, at, v, depth, (struct targets *)(void *)to);
    }
    return false;
}

/* --- all arguments of one operator ------------------------------------------------------ */

static const struct arg *
arg_of(enum op op, const char *name)
{
    for (size_t i = 0; i < ARGS; i++)
        if (args[i].op == op && strcmp(args[i].name, name) == 0)
            return &args[i];
    return NULL;
}

bool
mapping_compile_args(struct compile *c, const struct where *at, const cJSON *v, int depth,
                     struct expr *e)
{
    const char  *names[ARGS];
    size_t       n = 0;
    bool         ok = true;
    const cJSON *m;

    for (size_t i = 0; i < ARGS; i++)
        if (args[i].op == e->op)
            names[n++] = args[i].name;
    if (!mapping_wants(c, at, cJSON_IsObject(v), "an object with the operator's arguments"))
        return false;
    mapping_known_only(c, at, v, names, n, "argument");
    cJSON_ArrayForEach (m, v) {
        const struct arg *a = arg_of(e->op, m->string);
        struct where      here = { at, m->string, 0 };

        if (!a || !read_arg(c, &here, a, m, depth, e))
            ok = false;
    }
    for (size_t i = 0; i < ARGS; i++)
        if (args[i].op == e->op && args[i].needed && !json_get(v, args[i].name)) {
            mapping_fault_add(c, at, "\"%s\" is missing", args[i].name);
            ok = false;
        }
    return ok;
}
