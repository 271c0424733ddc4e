/* cache.c - answers kept in memory. See cache.h. */
#include "cache.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 64
#define MOST ((size_t)256 * 1024) /* bytes of one answer */

struct entry {
    char    *key, *bytes; /* one allocation; NULL: free */
    size_t   n;
    uint64_t used;
};

struct api_cache {
    pthread_mutex_t lock;
    uint64_t        clock; /* counts uses */
    struct entry    entry[ENTRIES];
};

struct api_cache *
api_cache_new(void)
{
    struct api_cache *c = calloc(1, sizeof *c);

    if (c)
        pthread_mutex_init(&c->lock, NULL);
    return c;
}

void
api_cache_close(struct api_cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < ENTRIES; i++)
        free(c->entry[i].key);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct entry *
find(struct api_cache *c, const char *key)
{
    for (size_t i = 0; i < ENTRIES; i++)
        if (c->entry[i].key && strcmp(c->entry[i].key, key) == 0)
            return &c->entry[i];
    return NULL;
}

const char *
api_cache_get(struct api_cache *c, const char *key, struct arena *mem, size_t *ret_n)
{
    const char *copy = NULL;

    pthread_mutex_lock(&c->lock);
    struct entry *e = find(c, key);
    if (e) {
        e->used = ++c->clock;
        copy = arena_strndup(mem, e->bytes, e->n);
        *ret_n = e->n;
    }
    pthread_mutex_unlock(&c->lock);
    return copy;
}

/* The entry longest unused. */
static struct entry *
oldest(struct api_cache *c)
{
    struct entry *e = &c->entry[0];

    for (size_t i = 1; i < ENTRIES; i++)
        if (c->entry[i].used < e->used)
            e = &c->entry[i];
    return e;
}

void
api_cache_put(struct api_cache *c, const char *key, const char *p, size_t n)
{
    size_t key_n = strlen(key) + 1;
    char  *both = n <= MOST ? malloc(key_n + n) : NULL;

    if (!both)
        return;
    memcpy(both, key, key_n);
    memcpy(both + key_n, p, n);
    pthread_mutex_lock(&c->lock);
    struct entry *e = find(c, key);
    if (!e)
        e = oldest(c);
    free(e->key);
    *e = (struct entry){ .key = both, .bytes = both + key_n, .n = n, .used = ++c->clock };
    pthread_mutex_unlock(&c->lock);
}
