/* json_t.h - for tests: is this one JSON text, as the doors would take it? */
#ifndef JSON_T_H
#define JSON_T_H

#include "collaudo/json.h"

static inline bool
json_t_valid(const char *text, size_t n)
{
    struct arena       mem;
    struct json_slice *s;
    size_t             count;
    struct err         ignored;

    arena_init(&mem, 1 << 20);
    bool ok = json_cut(&mem, text, n, JSON_ONE, 1, &s, &count, &ignored) && count == 1 &&
              !s->bad_utf8 && !s->broken;
    arena_free(&mem);
    return ok;
}

#endif
