/* str.h - text built up in an arena, and the one escaping function per place.
 *
 * A `struct str` grows in its arena; when the arena is exhausted the text stays
 * short and mem->denied is set, so a long chain of additions is checked once, at
 * its end. `p` is always 0-terminated, never NULL after str_init().
 */
#ifndef COLLAUDO_STR_H
#define COLLAUDO_STR_H

#include "collaudo/arena.h"

#include <stdint.h>

struct str {
    struct arena *mem;
    char         *p;
    size_t        n, cap; /* bytes used without the 0; bytes there are */
};

void str_init(struct str *s, struct arena *mem);
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const void *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_addi(struct str *s, int64_t number);

/* Room for n more bytes at s->p + s->n, or NULL (and denied). Add n to s->n yourself. */
char *str_room(struct str *s, size_t n);

/* Escaped for the place it goes to. NULL adds nothing (json: null). */
void str_html(struct str *s, const char *text);            /* & < > " ' */
void str_json(struct str *s, const char *text);            /* with its quotes */
void str_jsonn(struct str *s, const char *text, size_t n); /* the same, not 0-terminated */
void str_url(struct str *s, const char *text);             /* one path segment or query value */

/* Is it UTF-8 as RFC 3629 has it (no surrogates, nothing overlong, at most U+10FFFF)? */
bool str_is_utf8(const char *p, size_t n);

/* The identifier as accounts are compared by: surrounding blanks off, letters in
 * lower case (Latin, Greek, Cyrillic; tools differ in case only). In `mem`. */
char *str_fold(struct arena *mem, const char *p, size_t n);

/* The entry of names[] nearest to `text`, at most a third of it away; or NULL.
 * For "unknown key scoer; did you mean score?" */
const char *str_nearest(const char *text, const char *const *names, size_t n);

/* Whole decimal number, nothing else; false when it is none or does not fit. */
bool str_int(const char *text, int64_t *ret_number);

#endif
