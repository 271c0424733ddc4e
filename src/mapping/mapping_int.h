/* mapping_int.h - the compiled form of a mapping, and what the files of mapping share. */
#ifndef MAPPING_INT_H
#define MAPPING_INT_H

#include "collaudo/mapping.h"
#include "collaudo/mapping_csv.h"

/* --- pointers (pointer.c) ------------------------------------------------------------ */

struct token {
    const char *name;  /* with ~0 and ~1 undone */
    int         index; /* of an array; -1: it is none */
};

struct pointer {
    const char   *text; /* as in the document */
    struct token *token;
    size_t        n;
};

/* False: not RFC 6901 (or no memory: mem->denied). */
bool mapping_pointer_read(const char *text, struct arena *mem, struct pointer *ret);

/* --- expressions ----------------------------------------------------------------------- */

/* What stands behind an operator's name: the whole argument. */
enum whole { WHOLE_SOURCE, WHOLE_VALUE, WHOLE_EXPR, WHOLE_LIST, WHOLE_ARGS };

/* The operators. An object may come out of those marked so: others may not hold targets.
 *    symbol       name        argument      may be an object */
/* clang-format off */
#define MAPPING_OPS(X)                                  \
    X(OP_SOURCE,   "",         WHOLE_SOURCE, true)       \
    X(OP_CONST,    "const",    WHOLE_VALUE,  true)       \
    X(OP_FIRST,    "first",    WHOLE_LIST,   true)       \
    X(OP_KV,       "kv",       WHOLE_ARGS,   true)       \
    X(OP_MAP,      "map",      WHOLE_ARGS,   false)      \
    X(OP_BOOL,     "bool",     WHOLE_ARGS,   false)      \
    X(OP_TIME,     "time",     WHOLE_ARGS,   false)      \
    X(OP_CONCAT,   "concat",   WHOLE_ARGS,   false)      \
    X(OP_LOWER,    "lower",    WHOLE_EXPR,   false)      \
    X(OP_STRING,   "string",   WHOLE_EXPR,   false)      \
    X(OP_NUMBER,   "number",   WHOLE_EXPR,   false)      \
    X(OP_SPLIT,    "split",    WHOLE_ARGS,   false)      \
    X(OP_HASH,     "hash",     WHOLE_LIST,   false)      \
    X(OP_JSON,     "json",     WHOLE_ARGS,   true)       \
    X(OP_LIST,     "list",     WHOLE_ARGS,   false)      \
    X(OP_NAMES,    "names",    WHOLE_ARGS,   false)      \
    X(OP_DIFF,     "diff",     WHOLE_ARGS,   false)      \
    X(OP_PICK,     "pick",     WHOLE_ARGS,   true)       \
    X(OP_KVOBJECT, "kvobject", WHOLE_ARGS,   true)
/* clang-format on */

enum op {
#define X(symbol, name, whole, object) symbol,
    MAPPING_OPS(X)
#undef X
        OP_COUNT
};

enum place { PLACE_RECORD, PLACE_ITEM, PLACE_DOC, PLACE_HEADER };

enum when_format {
    WHEN_RFC3339,
    WHEN_EPOCH_S,
    WHEN_EPOCH_MS,
    WHEN_EPOCH_US,
    WHEN_EPOCH_NS,
    WHEN_YYYYMMDDHHMMSS,
    WHEN_DD_MM_YYYY,
    WHEN_COUNT
};
extern const char *const mapping_when_names[WHEN_COUNT];

struct texts {
    const char **list;
    size_t       n;
};

struct pointers {
    struct pointer *list;
    size_t          n;
};

struct exprs {
    const struct expr **list;
    size_t              n;
};

struct target {
    struct pointer     at; /* `list`: one token, the member's name */
    const struct expr *value;
};

struct targets {
    struct target *list;
    size_t         n;
};

struct formats {
    enum when_format list[WHEN_COUNT];
    size_t           n;
};

/* One expression; each operator uses the members its arguments name (compile_expr.c). */
struct expr {
    enum op                 op;
    enum place              place; /* OP_SOURCE */
    size_t                  doc;   /* OP_SOURCE of PLACE_DOC: which of mapping.docs */
    struct pointer          at;    /* OP_SOURCE; json, names: inside */
    const char             *header;
    const struct expr      *from, *other; /* from, in, old · new */
    struct exprs            of;
    const cJSON            *value, *absent; /* const; map: default · absent */
    const cJSON            *table;
    const char             *text; /* kv: key, concat: sep, split: by, names: by */
    const char             *as;
    struct pointer          name;
    struct pointers         values;
    struct texts            yes, no; /* bool; pick: fields, drop */
    struct targets          items;
    struct formats          formats;
    const struct time_zone *zone; /* NULL: UTC */
    unsigned                index;
    bool                    nocase;
};

enum cond_kind { COND_EQ, COND_IN, COND_EXISTS, COND_PREFIX, COND_ALL, COND_ANY, COND_NOT };

struct cond {
    enum cond_kind      kind;
    const struct expr  *of;
    struct texts        values; /* eq, in, prefix: as texts */
    bool                exists;
    const struct cond **list; /* all, any, not */
    size_t              n;
};

struct rule {
    const char        *name;
    const struct cond *when; /* NULL: always */
    struct targets     set;
    bool               drop;
};

struct mapping {
    const char           *name;
    int64_t               version;
    enum mapping_format   format;
    char                  delimiter;
    enum mapping_encoding encoding;
    struct pointer        each, explode;
    bool                  explodes;
    struct targets        common;
    struct rule          *rules;
    size_t                rules_n;
    struct pointer       *docs; /* what "doc:" sources name */
    size_t                docs_n;
};

/* --- compiling --------------------------------------------------------------------------- */

/* Where in the document: a chain towards its root, rendered only for a fault. */
struct where {
    const struct where *up;
    const char         *name; /* NULL: index */
    size_t              index;
};

struct compile {
    struct arena          *mem;
    struct mapping        *m;
    struct mapping_faults *faults;
    size_t                 docs_cap;
    int                    lists; /* `list`s that this expression is inside of */
};

void mapping_fault_add(struct compile *c, const struct where *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* ", did you mean X?", or "" */
const char *mapping_nearest(struct compile *c, const char *text, const char *const *names,
                            size_t n);
/* Every member of `object` is one of names[]; others are faults. */
void mapping_known_only(struct compile *c, const struct where *at, const cJSON *object,
                        const char *const *names, size_t n, const char *what);

/* "WHAT should stand here" unless ok; returns ok. */
bool mapping_wants(struct compile *c, const struct where *at, bool ok, const char *what);
bool mapping_is_scalar(const cJSON *v);
bool mapping_read_exprs(struct compile *c, const struct where *at, const cJSON *v, int depth,
                        struct exprs *ret);
/* The arguments of e->op; false when there was a fault. */
bool mapping_compile_args(struct compile *c, const struct where *at, const cJSON *v, int depth,
                          struct expr *e);

/* NULL when there was a fault (which is noted) or no memory. depth counts from 0. */
const struct expr *mapping_compile_expr(struct compile *c, const struct where *at, const cJSON *v,
                                        int depth);
const struct cond *mapping_compile_cond(struct compile *c, const struct where *at, const cJSON *v,
                                        int depth);
void mapping_compile_targets(struct compile *c, const struct where *at, const cJSON *v,
                             struct targets *ret);
/* Does the set of targets of a rule, with the common ones, make an event? (target.c) */
void mapping_check_rule(struct compile *c, const struct where *at, const struct rule *rule);
bool mapping_may_be_object(const struct expr *e);

/* --- values (value.c) --------------------------------------------------------------------- */

/* One record's work. */
struct run {
    const struct mapping        *m;
    struct arena                *mem;
    const struct mapping_source *from;
    const cJSON                 *record, *item;
    size_t                       item_index;
    const cJSON *const          *docs; /* values of mapping.docs; NULL: walk from->doc */
    long                         work; /* what is left of MAPPING_MAX_WORK; negative: too much */
    size_t                       json_bytes; /* parsed by `json` so far */
    const struct pointer        *last;       /* the source read last that gave something */
    bool                         last_is_item, in_list;
    bool                         bad_time; /* a `time` met what it cannot read */
};

bool mapping_spend(struct run *r, size_t n); /* false: there is no work left */

const cJSON *mapping_walk(struct run *r, const cJSON *doc, const struct pointer *p);
bool         mapping_is_nil(const cJSON *v); /* nothing, null, or an empty text */

/* The value as text: texts as they are, numbers, true and false in JSON's form, lists and
 * objects as JSON; nothing of nothing and null. */
bool mapping_text_of(struct arena *mem, const cJSON *v, struct event_text *ret);
void mapping_add_number(struct str *out, double v);
/* Lower case without touching blanks; 0-terminated. NULL: no memory. */
char *mapping_lower(struct arena *mem, const char *p, size_t n);
/* Exactly the same JSON, members in the same order? */
bool mapping_same(struct run *r, const cJSON *a, const cJSON *b);

/* Nodes in the run's arena. A text is borrowed and must be 0-terminated. */
cJSON *mapping_new_text(const char *s);
cJSON *mapping_copy(struct run *r, const cJSON *v);

/* --- evaluating ------------------------------------------------------------------------------ */

const cJSON *mapping_eval(struct run *r, const struct expr *e);
const cJSON *mapping_eval_list(struct run *r, const struct expr *e); /* kv ... kvobject */
bool         mapping_holds(struct run *r, const struct cond *c);

/* The instant as "2026-03-02T08:15:04.123Z", three to nine digits of a second (when.c). */
#define WHEN_LEN 40
bool mapping_when(const char *text, size_t n, const struct formats *formats,
                  const struct time_zone *zone, char ret[WHEN_LEN]);

/* mapping_apply() with the values of "doc:" at hand. */
void mapping_apply_docs(const struct mapping *m, const struct mapping_source *from,
                        const cJSON *const *docs, struct arena *mem, struct mapping_result **ret,
                        size_t *ret_n);

/* --- finding in text (locate.c) --------------------------------------------------------------- */

enum located { LOCATED, LOCATED_NOTHING, LOCATED_TWICE };

/* The bytes of what a pointer names in a text that is valid JSON, without a tree. TWICE: a
 * key on the way is repeated. */
enum located mapping_locate(const char *text, size_t n, const struct pointer *p, struct arena *mem,
                            const char **ret, size_t *ret_n);

#endif
