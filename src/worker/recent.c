/* recent.c - ids seen lately, so that a repetition is known without asking the database. */
#include "worker_int.h"

#include <stdlib.h>
#include <string.h>

static bool
table_init(struct recent_table *t, size_t slots)
{
    *t = (struct recent_table){ .slots = calloc(slots, sizeof *t->slots), .n = slots };
    return t->slots;
}

bool
worker_recent_init(struct recent *r, size_t ids, struct err *e)
{
    size_t slots = 1024;

    while (slots < ids) /* each generation holds half of them, at most half full */
        slots *= 2;
    r->old = (struct recent_table){ .n = 0 };
    if (table_init(&r->young, slots) && table_init(&r->old, slots))
        return true;
    worker_recent_free(r);
    return err_set(e, ERR_NOMEM, "no memory to remember %zu ids", ids);
}

void
worker_recent_free(struct recent *r)
{
    free(r->young.slots);
    free(r->old.slots);
    *r = (struct recent){ 0 };
}

static void
clear(struct recent_table *t)
{
    memset(t->slots, 0, t->n * sizeof *t->slots);
    t->used = 0;
}

void
worker_recent_reset(struct recent *r)
{
    clear(&r->young);
    clear(&r->old);
}

uint64_t
worker_recent_key(int64_t workspace, int64_t source, struct event_text id)
{
    char   text[16 + 256];
    size_t n = id.n < 256 ? id.n : 256;

    memcpy(text, &workspace, 8);
    memcpy(text + 8, &source, 8);
    memcpy(text + 16, id.p, n);
    return hash_table(text, 16 + n) | 1;
}

static struct recent_entry *
slot_of(struct recent_table *t, uint64_t key)
{
    for (size_t i = (size_t)(key >> 1) & (t->n - 1);; i = (i + 1) & (t->n - 1))
        if (!t->slots[i].key || t->slots[i].key == key)
            return &t->slots[i];
}

struct recent_entry *
worker_recent_find(struct recent *r, uint64_t key)
{
    struct recent_entry *young = slot_of(&r->young, key), *old;

    if (young->key)
        return young;
    old = slot_of(&r->old, key);
    return old->key ? old : NULL;
}

void
worker_recent_put(struct recent *r, uint64_t key, const struct hash_id *hash, uint32_t batch,
                  uint32_t row)
{
    if (r->young.used * 2 >= r->young.n) {
        struct recent_table full = r->young;

        r->young = r->old;
        r->old = full;
        clear(&r->young);
    }
    struct recent_entry *slot = slot_of(&r->young, key);
    r->young.used += !slot->key;
    *slot = (struct recent_entry){ .key = key, .hash = *hash, .batch = batch, .row = row };
}
