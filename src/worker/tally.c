/* tally.c - counts per source, day and reason of one batch. */
#include "worker_int.h"

#include <stdlib.h>
#include <string.h>

static size_t
slot_of(const struct tallies *t, unsigned source, int32_t day, int16_t reason)
{
    uint64_t h = ((uint64_t)source << 40 ^ (uint64_t)(uint32_t)day << 8 ^ (uint64_t)reason) *
                 UINT64_C(0x9e3779b97f4a7c15);

    for (size_t i = (size_t)(h >> 32) & (t->slots_n - 1);; i = (i + 1) & (t->slots_n - 1)) {
        const struct tally *x = t->slots[i] ? &t->list[t->slots[i] - 1] : NULL;

        if (!x || (x->source == source && x->day == day && x->reason == reason))
            return i;
    }
}

static bool
grow(struct tallies *t)
{
    size_t        cap = t->cap ? t->cap * 2 : 64;
    struct tally *list = arena_new(t->mem, struct tally, cap);
    uint32_t     *slots = arena_new(t->mem, uint32_t, cap * 2);

    if (!list || !slots)
        return false;
    if (t->n)
        memcpy(list, t->list, t->n * sizeof *list);
    t->list = list;
    t->cap = cap;
    t->slots = slots;
    t->slots_n = cap * 2;
    for (size_t i = 0; i < t->n; i++)
        t->slots[slot_of(t, list[i].source, list[i].day, list[i].reason)] = (uint32_t)i + 1;
    return true;
}

struct tally *
worker_tally(struct tallies *t, unsigned source, int32_t day, int16_t reason)
{
    struct tally *x = t->n ? &t->list[t->last] : NULL;

    if (x && x->source == source && x->day == day && x->reason == reason)
        return x;
    if (t->n == t->cap && !grow(t))
        return NULL;
    size_t slot = slot_of(t, source, day, reason);
    if (!t->slots[slot]) {
        t->list[t->n] = (struct tally){ .source = source, .day = day, .reason = reason };
        t->slots[slot] = (uint32_t)++t->n;
    }
    t->last = t->slots[slot] - 1;
    return &t->list[t->last];
}

static int
order(const void *a, const void *b, void *batch)
{
    const struct tally        *x = a, *y = b;
    const struct batch        *in = batch;
    const struct batch_source *p = &in->sources[x->source], *q = &in->sources[y->source];

    if (p->workspace != q->workspace)
        return p->workspace < q->workspace ? -1 : 1;
    if (p->id != q->id)
        return p->id < q->id ? -1 : 1;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return x->reason - y->reason;
}

void
worker_tally_sort(struct tallies *t, const struct batch *b)
{
    if (t->n)
        qsort_r(t->list, t->n, sizeof *t->list, order, (void *)(uintptr_t)b);
}
