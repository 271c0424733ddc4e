/* mapping_t.h - what the tests of mapping share. */
#ifndef MAPPING_T_H
#define MAPPING_T_H

#include "t.h"

#include "collaudo/mapping.h"

#define T_NOW INT64_C(1789000000000000) /* after every sample */

/* The mapping of a text; ends the program's test with a failed check when there is a fault
 * and prints it. */
const struct mapping *t_mapping(const char *text, size_t n, struct arena *mem);

/* Everything a body becomes, one line each: the canonical event, or
 * {"dropped":RULE,"index":I}, or {"rejected":REASON,"pointer":P,"index":I}. */
char *t_apply(const struct mapping *m, const char *body, size_t n,
              const struct mapping_header *headers, size_t headers_n, struct arena *mem);

/* What mapping_event() makes of each event: event_print() with "user" in front, or the
 * refusal as above; source: as of the key. */
char *t_events(const struct mapping *m, const char *body, size_t n,
               const struct mapping_header *headers, size_t headers_n, const char *source,
               struct arena *mem);

/* The headers of a JSON object in a file; none when there is no such file. */
size_t t_headers(const char *path, struct arena *mem, const struct mapping_header **ret);

/* The first of DIR/NAME.json, .ndjson, .csv that is there, or NULL. */
char *t_sample(const char *dir, const char *name, size_t *ret_n);

/* CHECKs that two texts agree, line by line. */
void t_same_lines(const char *got, const char *want);

#endif
