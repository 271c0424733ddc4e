/* conf.h - what people write: YAML or JSON into one tree, and a tree into structs by a table.
 *
 * A file becomes a cJSON tree in an arena. Every node remembers where it stands, and numbers
 * keep the text they were written with: 0.70 reaches the reader as 7000 ten-thousandths without
 * passing through a double. Taken from YAML is only what cannot surprise:
 *
 *   plain true, false        booleans;  yes, no, on, off stay text
 *   plain 12, -3, 0.70       numbers;   0x1F, 1_000, 012, 1e3, .5, 12:30 stay text
 *   plain 2026-03-02         text
 *   plain ~, null, nothing   not given
 *   anchors, aliases, tags, `<<`, several documents in one file, keys that are no text: refused
 *
 * JSON is read to the letter (json.h). In both, repeated keys, U+0000, text that is no UTF-8,
 * more than CONF_MAX_DEPTH levels, CONF_MAX_KEYS keys in one object or CONF_MAX_BYTES are refused.
 * A file is JSON when its name ends in .json, YAML when it ends in .yaml or .yml; under another
 * name it is JSON when it begins with '{'.
 *
 * What is wrong with the *contents* is collected (struct conf_faults), so that ten misspelt keys
 * are ten lines of one answer. Texts of faults name files, lines and keys, never a value: values
 * may be names of people.
 */
#ifndef COLLAUDO_CONF_H
#define COLLAUDO_CONF_H

#include "collaudo/arena.h"
#include "collaudo/err.h"
#include "collaudo/json.h"
#include "collaudo/str.h"

#include <stdint.h>

#define CONF_MAX_BYTES (8u << 20)
#define CONF_MAX_DEPTH 16
#define CONF_MAX_KEYS 256
#define CONF_MAX_FAULTS 100 /* kept; the rest is only counted */

struct conf_text {
    const char *name; /* of the file, for messages */
    const char *text;
    size_t      n;
};

/* The tree of one file; its top is an object. It borrows file->name.
 * ERR_INVALID: "pilot.yaml:12: ...". ERR_NOMEM. */
must_check bool conf_parse(const struct conf_text *file, struct arena *mem, const cJSON **ret,
                           struct err *e);

/* Of any node of such a tree. The path leads from the top of its file: "criteria[0].weight";
 * keys that are no plain words show as '?'. */
const char *conf_file(const cJSON *node);
int         conf_line(const cJSON *node);
const char *conf_path(const cJSON *node, struct arena *mem);
const char *conf_number(const cJSON *node); /* as it was written; NULL when it is no number */

/* Several files as one: an empty object at the place of `like` (NULL: nowhere), and a copy of a
 * node put at the end of another object or array; its place stays where it was written.
 * No memory: NULL, and mem->denied. */
cJSON *conf_group(const cJSON *like, struct arena *mem);
cJSON *conf_add(cJSON *into, const cJSON *node, struct arena *mem);

/* "0.70" with 4 digits is 7000. False: no decimal number, more digits than that, or too large. */
bool conf_decimal(const char *text, int digits, int64_t *ret);

/* --- what is wrong ------------------------------------------------------------- */

struct conf_fault {
    const char *file; /* "" when it belongs to no file */
    int         line; /* 0: none */
    const char *text;
};

struct conf_faults {
    struct arena     *mem;
    struct conf_fault v[CONF_MAX_FAULTS];
    size_t            n, more; /* kept, and met beyond these */
};

void conf_faults_init(struct conf_faults *f, struct arena *mem);
/* at NULL: about no place in particular. */
void conf_fault(struct conf_faults *f, const cJSON *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* No fault: true. Else the first one as ERR_INVALID, with the number of the others; ERR_NOMEM
 * when the arena was exhausted meanwhile. */
must_check bool conf_faults_check(const struct conf_faults *f, struct err *e);

/* --- tables -------------------------------------------------------------------------- */

enum conf_type {
    CONF_END = 0,
    CONF_TEXT,   /* const char *; one line; a whole number written without quotes is text too */
    CONF_CODE,   /* const char *; a small letter or digit, then up to 62 of a-z 0-9 _ - */
    CONF_BOOL,   /* bool */
    CONF_INT,    /* int64_t */
    CONF_E4,     /* int64_t, ten-thousandths; at most 4 decimals */
    CONF_E2,     /* int64_t, hundredths; at most 2 decimals */
    CONF_DAY,    /* int32_t, day number */
    CONF_WORD,   /* int, index into words[] */
    CONF_TEXTS,  /* struct conf_texts; one text alone is a list of one */
    CONF_OBJECT, /* a row of the table `sub`, embedded */
    CONF_LIST,   /* struct conf_list of rows of `sub` */
};

struct conf_texts {
    const char *const *v;
    size_t             n;
    const cJSON       *node; /* NULL when not given */
};

struct conf_list {
    void  *rows;
    size_t n;
};

/* Every row struct begins with this. */
struct conf_place {
    const cJSON *node;  /* NULL: not given, the row holds the defaults */
    uint64_t     given; /* bit i: the i-th key of the table was written */
};

struct conf_key {
    const char    *name;
    enum conf_type type;
    size_t         at;              /* offsetof() in the row struct */
    bool           must;            /* missing is a fault */
    int64_t        least, most;     /* of a number; bytes of a text; elements of a list;
                                     * both 0: no limit but those of the file */
    const char *const       *words; /* CONF_WORD, CONF_TEXTS: what is allowed; ends NULL */
    const struct conf_table *sub;
    const char              *fallback; /* when not given, as one would write it; NULL: zero */
    const char              *doc;      /* what it means, for docs/ */
    bool                     apart;    /* conf_canonical() leaves it out */
};

struct conf_table {
    const char            *doc;
    const struct conf_key *keys; /* ends with CONF_END; at most 64 */
    size_t                 row_size;
};

/* Reads an object into *row (zeroed by the caller, row_size bytes), texts and lists in f->mem.
 * node NULL: the defaults. What is wrong goes to *f. */
void conf_read(const struct conf_table *t, const cJSON *node, void *row, struct conf_faults *f);

/* The line of a table by name; NULL when there is none. */
const struct conf_key *conf_key(const struct conf_table *t, const char *name);
/* Was this key of the row's table written? */
bool conf_given(const struct conf_table *t, const void *row, const char *name);
/* "score" for "scoer", or NULL. */
const char *conf_nearest(const struct conf_table *t, const char *name);

/* A row as a tree whose numbers are integers, for json_canonical(): `x` of CONF_E4 becomes
 * `x_e4`, of CONF_E2 `x_cents`. What was not given is there with its fallback, and absent when
 * it has none; an object with keys that must be written is absent as a whole. NULL and
 * mem->denied: no memory. */
cJSON *conf_canonical(const struct conf_table *t, const void *row, struct arena *mem);

/* The tables as Markdown: one section per object, headed by its path. */
void conf_doc(const struct conf_table *t, struct str *out);

#endif
