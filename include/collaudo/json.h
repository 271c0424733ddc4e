/* json.h - JSON in, JSON out; the only door to cJSON.
 *
 * cJSON accepts what is no JSON, takes 40 times the memory of the text, keeps
 * numbers as doubles and ends strings at \u0000. So text from outside goes through
 * a scan of ours first, in three steps that are kept apart:
 *
 *   grammar  RFC 8259 to the letter (json_cut): refuses what is no JSON.
 *   policy   json_policy(): refuses legal JSON that is unsafe here.
 *   tree     json_parse(): cJSON, one value at a time, in an arena.
 *
 * Integers of more than 15 digits, and numbers with an exponent of three digits (no
 * double holds 1e400), reach the tree as strings of the same digits: long ids survive.
 */
#ifndef COLLAUDO_JSON_H
#define COLLAUDO_JSON_H

#include "collaudo/arena.h"
#include "collaudo/err.h"

#include <cjson/cJSON.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 64    /* policy: deeper values are refused */
#define JSON_HARD_DEPTH 4096 /* grammar: a document nested deeper is not read at all */

/* One value inside a text, found without building a tree. */
struct json_slice {
    const char *p; /* its first and one past its last byte: n of them */
    size_t      n;
    unsigned    depth;          /* 0 for a number, 1 for [], ... */
    bool        broken;         /* NDJSON only: this line is no JSON */
    bool        bad_utf8;       /* some string is not UTF-8 */
    bool        lone_surrogate; /* some string has half a surrogate pair */
    bool        has_nul;        /* some string has U+0000 */
    bool        big_number;     /* some number must become a string */
};

enum json_form {
    JSON_AUTO,  /* one value, or an array of them, or NDJSON: whatever it is */
    JSON_LINES, /* NDJSON: one value per line, blank lines skipped */
    JSON_ONE,   /* exactly one value, an array stays whole */
};

/* Cuts a text into values: the elements of the top array, the lines, or the one value.
 * A broken line of NDJSON is a slice of its own with `broken` set. Slices point into
 * `text`; the table lives in `mem`.
 * ERR_INVALID: no JSON (says at which byte). ERR_TOO_LARGE: more than `most` values. */
must_check bool json_cut(struct arena *mem, const char *text, size_t n, enum json_form form,
                         size_t most, struct json_slice **ret, size_t *ret_n, struct err *e);

enum json_unsafe { JSON_SAFE, JSON_BAD_UNICODE, JSON_TOO_DEEP, JSON_DUPLICATE_KEY };

/* What makes a cut and parsed value unsafe, or JSON_SAFE. Before parsing call it with
 * doc = NULL: everything but duplicate keys. ret_key (or NULL): the repeated key. */
enum json_unsafe json_policy(const struct json_slice *s, const cJSON *doc, const char **ret_key);

/* The tree of one cut value, in `mem`. ERR_NOMEM when the arena is exhausted. */
must_check bool json_parse_slice(struct arena *mem, const struct json_slice *s, const cJSON **ret,
                                 struct err *e);

/* Cut (JSON_ONE), policy and tree in one step, for documents that are refused as a whole. */
must_check bool json_parse(struct arena *mem, const char *text, size_t n, const cJSON **ret_doc,
                           struct err *e);

/* Member of an object by its exact name; NULL when there is none or no object. */
const cJSON *json_get(const cJSON *object, const char *name);
/* Text of a string member, NULL when missing or another type. */
const char *json_text(const cJSON *object, const char *name);
/* Whole number of a member that fits 53 bits; false when missing or something else. */
bool json_int(const cJSON *object, const char *name, int64_t *ret);
/* RFC 6901: "" is the document, "/a~1b/0" an element. NULL when nothing is there. */
const cJSON *json_at(const cJSON *doc, const char *pointer);

/* Compact text of a tree, in `mem`, 0-terminated. ERR_NOMEM. */
must_check bool json_print(struct arena *mem, const cJSON *doc, const char **ret_text,
                           size_t *ret_n, struct err *e);

/* RFC 8785 for trees whose numbers are integers below 2^53 (others: ERR_INVALID):
 * sorted keys, no blanks. The form that is hashed and signed. */
must_check bool json_canonical(struct arena *mem, const cJSON *doc, const char **ret_text,
                               size_t *ret_n, struct err *e);

#endif
