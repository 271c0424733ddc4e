/* arena.c - bump allocation in chunks, with a limit. See arena.h. */
#include "collaudo/arena.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN ((size_t)16)
#define FIRST_CHUNK ((size_t)4096)
#define MOST_CHUNK ((size_t)1 << 20)

struct arena_chunk {
    struct arena_chunk *older;
    size_t              size; /* of data[] */
    _Alignas(16) char data[];
};

static _Thread_local struct arena *current; /* the arena cJSON works in */

void
arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){ .limit = limit };
}

bool
arena_budget_take(struct arena_budget *b, size_t n)
{
    bool fits = atomic_fetch_add_explicit(&b->used, n, memory_order_relaxed) + n <= b->limit;

    if (fits && (!b->whole || arena_budget_take(b->whole, n)))
        return true;
    atomic_fetch_sub_explicit(&b->used, n, memory_order_relaxed);
    return false;
}

void
arena_budget_give(struct arena_budget *b, size_t n)
{
    for (; b; b = b->whole)
        atomic_fetch_sub_explicit(&b->used, n, memory_order_relaxed);
}

static void
free_chunks(struct arena_chunk *c)
{
    while (c) {
        struct arena_chunk *older = c->older;

        free(c);
        c = older;
    }
}

void
arena_free(struct arena *a)
{
    struct arena_budget *b = a->budget;

    free_chunks(a->chunks);
    if (b)
        arena_budget_give(b, a->used);
    arena_init(a, a->limit);
    a->budget = b;
}

void
arena_reset(struct arena *a)
{
    struct arena_chunk *c = a->chunks;

    a->denied = false;
    if (!c)
        return;
    free_chunks(c->older);
    c->older = NULL;
    a->next = c->data;
    a->end = c->data + c->size;
    if (a->budget)
        arena_budget_give(a->budget, a->used - (sizeof *c + c->size));
    a->used = sizeof *c + c->size;
}

/* size bytes and the chunk's head from malloc, the limit and the budget; or NULL. */
static struct arena_chunk *
new_chunk(struct arena *a, size_t size)
{
    size_t all = sizeof(struct arena_chunk) + size;

    if (size > a->limit || all > a->limit - a->used)
        return NULL;
    if (a->budget && !arena_budget_take(a->budget, all))
        return NULL;

    struct arena_chunk *c = malloc(all);
    if (c) {
        c->size = size;
        a->used += all;
    } else if (a->budget) {
        arena_budget_give(a->budget, all);
    }
    return c;
}

/* A chunk for at least n bytes: twice the last one, or just n where that is too much. */
static bool
grow(struct arena *a, size_t n)
{
    size_t              size = a->chunks ? a->chunks->size * 2 : FIRST_CHUNK;
    struct arena_chunk *c = NULL;

    if (size > MOST_CHUNK)
        size = MOST_CHUNK;
    if (size > n)
        c = new_chunk(a, size);
    if (!c) {
        size = n;
        c = new_chunk(a, n);
    }
    if (!c)
        return false;
    c->older = a->chunks;
    a->chunks = c;
    a->next = c->data;
    a->end = c->data + size;
    return true;
}

void *
arena_alloc(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 2) {
        a->denied = true;
        return NULL;
    }
    n = n ? (n + ALIGN - 1) & ~(ALIGN - 1) : ALIGN;
    if ((size_t)(a->end - a->next) < n && !grow(a, n)) {
        a->denied = true;
        return NULL;
    }

    char *p = a->next;
    a->next += n;
    return memset(p, 0, n);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes)) {
        a->denied = true;
        return NULL;
    }
    return arena_alloc(a, bytes);
}

void *
arena_memdup(struct arena *a, const void *p, size_t n)
{
    void *copy = arena_alloc(a, n);

    return copy && n ? memcpy(copy, p, n) : copy;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *copy = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;

    if (copy && n)
        memcpy(copy, s, n);
    return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    int     n;
    char   *s;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0 || !(s = arena_alloc(a, (size_t)n + 1))) {
        a->denied = true;
        return NULL;
    }
    vsnprintf(s, (size_t)n + 1, fmt, ap);
    return s;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char   *s;

    va_start(ap, fmt);
    s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}

static void *
cjson_alloc(size_t n)
{
    assert(current && "cJSON used outside arena_enter()/arena_leave()");
    return arena_alloc(current, n);
}

static void
cjson_free(void *p)
{
    (void)p; /* the arena frees it */
}

void
arena_init_cjson(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = cjson_alloc, .free_fn = cjson_free });
}

struct arena *
arena_enter(struct arena *a)
{
    struct arena *outer = current;

    current = a;
    return outer;
}

void
arena_leave(struct arena *outer)
{
    current = outer;
}
