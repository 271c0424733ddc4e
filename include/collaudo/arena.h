/* arena.h - memory that lives and dies together: one arena per request.
 *
 * Allocations are zeroed, aligned for any type, and freed only all at once.
 * An arena has a limit, so that a stranger can make us take only so much, and a
 * sticky `denied` flag, so that a long chain of allocations may be checked once,
 * at its end. One arena belongs to one thread at a time. Arenas may share a budget,
 * so that a thousand strangers together can make us take only so much.
 */
#ifndef COLLAUDO_ARENA_H
#define COLLAUDO_ARENA_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

/* Memory that several holders share, of any thread. It outlives all of them. */
struct arena_budget {
    atomic_size_t        used; /* bytes */
    size_t               limit;
    struct arena_budget *whole; /* what this one is a part of, charged too; or NULL */
};

struct arena {
    struct arena_chunk  *chunks;
    char                *next, *end;  /* free part of the newest chunk */
    size_t               used, limit; /* bytes taken from malloc; most allowed */
    bool                 denied;      /* some request was refused since arena_init() */
    struct arena_budget *budget;      /* charged for every chunk; NULL: none. Set it after
                                       * arena_init(), before the first allocation */
};

void arena_init(struct arena *a, size_t limit);
void arena_free(struct arena *a); /* afterwards *a is as before its first allocation */

/* Takes n bytes from the budget for memory that lives outside an arena; false when it
 * is exhausted. */
bool arena_budget_take(struct arena_budget *b, size_t n);
void arena_budget_give(struct arena_budget *b, size_t n);

/* Forgets every allocation but keeps the newest chunk for reuse; clears `denied`.
 * For work that repeats, such as reading one event after the other. */
void arena_reset(struct arena *a);

/* n zeroed bytes, or NULL when the limit or the machine is exhausted
 * (and then sets a->denied). n = 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((malloc, alloc_size(2)));
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* An array of n zeroed `type`s; NULL (and denied) when n * size overflows. */
#define arena_new(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
void *arena_array(struct arena *a, size_t n, size_t size);

/* cJSON has one process-wide pair of allocation hooks. We point them, once, at
 * "the arena this thread is in"; outside an arena cJSON may not be used.
 *
 *     struct arena *outer = arena_enter(&rq->mem);
 *     cJSON *doc = ...;                               lives in rq->mem
 *     arena_leave(outer);                             doc stays readable
 *
 * The functions of json.h that take an arena do this themselves. */
void          arena_init_cjson(void); /* call once, before any thread starts */
struct arena *arena_enter(struct arena *a);
void          arena_leave(struct arena *outer);

#endif
