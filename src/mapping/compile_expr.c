/* compile_expr.c - expressions: the operator is looked up, its arguments are checked.
 *
 * A new operator is a row of MAPPING_OPS, its arguments in compile_args.c, and a function in
 * eval.c or eval_list.c. */
#include "mapping_int.h"

#include <string.h>

static const struct {
    const char *name;
    enum whole  whole;
    bool        object;
} ops[OP_COUNT] = {
#define X(symbol, name, whole, object) [symbol] = { name, whole, object },
    MAPPING_OPS(X)
#undef X
};

/* --- sources ------------------------------------------------------------------------------ */

static bool
is_header_name(const char *s)
{
    return *s && strlen(s) <= 128 &&
           strspn(
               s,
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~") ==
               strlen(s);
}

/* Which of mapping.docs names this place of the whole document. */
static size_t
doc_slot(struct compile *c, const struct pointer *p)
{
    struct mapping *m = c->m;

    for (size_t i = 0; i < m->docs_n; i++)
        if (strcmp(m->docs[i].text, p->text) == 0)
            return i;
    if (m->docs_n == c->docs_cap) {
        size_t          cap = c->docs_cap * 2 + 8;
        struct pointer *more = arena_new(c->mem, struct pointer, cap);

        if (!more)
            return 0;
        if (m->docs_n)
            memcpy(more, m->docs, m->docs_n * sizeof *more);
        m->docs = more;
        c->docs_cap = cap;
    }
    m->docs[m->docs_n] = *p;
    return m->docs_n++;
}

static bool
source_place(struct compile *c, const struct where *at, const char **text, struct expr *e)
{
    static const char *const names[] = { "item:", "doc:", "header:" };
    static const enum place  places[] = { PLACE_ITEM, PLACE_DOC, PLACE_HEADER };
    const char              *colon = strchr(*text, ':');

    e->place = PLACE_RECORD;
    if (!**text || **text == '/')
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(*text, names[i], strlen(names[i])) == 0) {
            e->place = places[i];
            *text += strlen(names[i]);
            return true;
        }
    if (colon && colon - *text < 16) {
        char *prefix = arena_strndup(c->mem, *text, (size_t)(colon - *text) + 1);

        mapping_fault_add(c, at, "there is no source \"%s\"%s; there are item:, doc: and header:",
                          prefix ? prefix : "", prefix ? mapping_nearest(c, prefix, names, 3) : "");
        return false;
    }
    mapping_fault_add(c, at,
                      "\"%s\" is no source: a member of the record begins with /, as in "
                      "\"/%s\"; a fixed text is {\"const\": \"%s\"}",
                      *text, *text, *text);
    return false;
}

static bool
read_source(struct compile *c, const struct where *at, const char *text, struct expr *e)
{
    const char *p = text;

    if (!source_place(c, at, &p, e))
        return false;
    if (e->place == PLACE_HEADER) {
        e->header = p;
        if (!is_header_name(p))
            mapping_fault_add(c, at, "\"%s\" is no name of an HTTP header", p);
        return is_header_name(p);
    }
    if (!mapping_pointer_read(p, c->mem, &e->at)) {
        mapping_fault_add(c, at,
                          "\"%s\" is no JSON Pointer: it begins with /, and ~ is followed "
                          "by 0 or 1",
                          p);
        return false;
    }
    if (e->place == PLACE_ITEM && !c->m->explodes)
        mapping_fault_add(c, at, "item: needs \"explode\", which is not there");
    if (e->place == PLACE_RECORD && c->m->format == MAPPING_CSV && !c->lists && e->at.n > 1)
        mapping_fault_add(c, at,
                          "a row has columns and nothing below them; a / in a column's name "
                          "is written ~1");
    if (e->place == PLACE_DOC && c->m->format == MAPPING_CSV)
        mapping_fault_add(c, at, "doc: has no meaning in CSV, where each row stands alone");
    if (e->place == PLACE_DOC)
        e->doc = doc_slot(c, &e->at);
    return true;
}

/* --- what arguments mean together -------------------------------------------------------- */

static bool
set_pointer(struct compile *c, struct pointer *p, const char *text)
{
    return p->text || mapping_pointer_read(text, c->mem, p);
}

/* What is not said. */
static bool
defaults(struct compile *c, struct expr *e)
{
    static const char       *yes[] = { "true", "1", "yes", "y", "si", "s\xc3\xac" };
    static const char       *no[] = { "false", "0", "no", "n" };
    static const struct expr record = { .op = OP_SOURCE, .at = { .text = "" } };

    if (e->op == OP_KV || e->op == OP_KVOBJECT) {
        if (!e->values.n && (e->values.list = arena_new(c->mem, struct pointer, 1)))
            e->values.n = 1;
        return e->values.n && set_pointer(c, &e->name, "/name") &&
               set_pointer(c, &e->values.list[0], "/value");
    }
    if (e->op == OP_BOOL && !e->yes.n)
        e->yes = (struct texts){ yes, sizeof yes / sizeof *yes };
    if (e->op == OP_BOOL && !e->no.n)
        e->no = (struct texts){ no, sizeof no / sizeof *no };
    if (e->op == OP_TIME && !e->formats.n)
        e->formats = (struct formats){ .list = { WHEN_RFC3339 }, .n = 1 };
    if (e->op == OP_CONCAT && !e->text)
        e->text = "";
    if (e->op == OP_NAMES && !e->as)
        e->as = "field";
    if (e->op == OP_PICK && !e->from)
        e->from = &record;
    return true;
}

static bool
check_table(struct compile *c, const struct where *at, const struct expr *e)
{
    const cJSON *v;
    struct where table = { at, "table", 0 };

    cJSON_ArrayForEach (v, e->table) {
        struct where here = { &table, v->string, 0 };
        const char  *low = mapping_lower(c->mem, v->string, strlen(v->string));

        if (low && strcmp(low, v->string) != 0)
            mapping_fault_add(c, &here, "with nocase the table is in lower case: \"%s\"", low);
    }
    return true;
}

static bool
check_together(struct compile *c, const struct where *at, const struct expr *e)
{
    struct where by = { at, "by", 0 };

    if (e->op == OP_MAP && e->nocase)
        return check_table(c, at, e);
    if ((e->op == OP_SPLIT || e->op == OP_NAMES) && e->text && !*e->text)
        return mapping_wants(c, &by, false, "a text that is not empty");
    return true;
}

/* --- one expression ------------------------------------------------------------------------ */

static enum op
op_of(struct compile *c, const struct where *at, const cJSON *v)
{
    const char *names[OP_COUNT];

    for (size_t i = 0; i < OP_COUNT; i++) {
        names[i] = ops[i].name;
        if (i != OP_SOURCE && strcmp(ops[i].name, v->child->string) == 0)
            return (enum op)i;
    }
    struct where here = { at, v->child->string, 0 };
    mapping_fault_add(c, &here, "there is no operator \"%s\"%s", v->child->string,
                      mapping_nearest(c, v->child->string, names + 1, OP_COUNT - 1));
    return OP_SOURCE;
}

static bool
read_whole(struct compile *c, const struct where *at, const cJSON *v, int depth, struct expr *e)
{
    switch (ops[e->op].whole) {
    case WHOLE_VALUE:
        e->value = v;
        return mapping_wants(c, at, !cJSON_IsNull(v), "a value");
    case WHOLE_EXPR:
        e->from = mapping_compile_expr(c, at, v, depth);
        return e->from;
    case WHOLE_LIST:
        return mapping_read_exprs(c, at, v, depth, &e->of);
    case WHOLE_ARGS:
        return mapping_compile_args(c, at, v, depth, e) && defaults(c, e) &&
               check_together(c, at, e);
    case WHOLE_SOURCE:
        break;
    }
    return false;
}

const struct expr *
mapping_compile_expr(struct compile *c, const struct where *at, const cJSON *v, int depth)
{
    struct expr *e = arena_alloc(c->mem, sizeof *e);

    if (!e)
        return NULL;
    if (depth >= MAPPING_MAX_NESTING) {
        mapping_fault_add(c, at, "expressions are nested more than %d deep", MAPPING_MAX_NESTING);
        return NULL;
    }
    if (cJSON_IsString(v))
        return read_source(c, at, v->valuestring, e) ? e : NULL;
    if (!cJSON_IsObject(v) || !v->child || v->child->next) {
        mapping_fault_add(c, at,
                          "an expression should stand here: a source such as \"/name\", or "
                          "an object with one operator");
        return NULL;
    }
    e->op = op_of(c, at, v);
    struct where here = { at, v->child->string, 0 };
    return e->op != OP_SOURCE && read_whole(c, &here, v->child, depth + 1, e) ? e : NULL;
}

bool
mapping_may_be_object(const struct expr *e)
{
    if (!e)
        return true; /* a fault of its own */
    if (e->op == OP_CONST)
        return cJSON_IsObject(e->value);
    return ops[e->op].object;
}
