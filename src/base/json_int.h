/* json_int.h - what scan.c and json.c share. */
#ifndef COLLAUDO_JSON_INT_H
#define COLLAUDO_JSON_INT_H

#include "collaudo/str.h"

/* A copy of a valid JSON text in which every number that a double would change is a
 * string with the same digits. NULL: no memory. */
char *json_quote_numbers(struct arena *mem, const char *p, size_t n, size_t *ret_n);

#endif
