/* batch.c - records of the journal become the rows of one transaction. */
#include "worker_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MOST_MEMORY ((size_t)1 << 30) /* one record of the largest size, and room to work */

void
worker_batch_free(struct batch *b)
{
    free(b->rows);
    arena_free(&b->mem);
    *b = (struct batch){ 0 };
}

static void
clear(struct batch *b, uint64_t from)
{
    b->from = b->after = from;
    b->records = 0;
    b->cut = false;
    b->n = 0;
    b->sources_n = 0;
    b->serial++;
    if (!b->mem.limit)
        arena_init(&b->mem, MOST_MEMORY);
    arena_reset(&b->mem);
}

static bool
reserve(struct batch *b, size_t more, struct err *e)
{
    size_t      cap = b->cap ? b->cap : 1024;
    struct row *rows;

    if (b->n + more <= b->cap)
        return true;
    while (cap < b->n + more)
        cap *= 2;
    if (!(rows = realloc(b->rows, cap * sizeof *rows)))
        return err_set(e, ERR_NOMEM, "no memory for a batch of %zu rows", cap);
    b->rows = rows;
    b->cap = cap;
    return true;
}

/* The index of a source, added when it is new; BATCH_SOURCES when there is no room. */
static unsigned
source_of(struct batch *b, int64_t workspace, int64_t id, unsigned guess)
{
    if (guess < b->sources_n && b->sources[guess].id == id &&
        b->sources[guess].workspace == workspace)
        return guess;
    for (unsigned i = 0; i < b->sources_n; i++)
        if (b->sources[i].id == id && b->sources[i].workspace == workspace)
            return i;
    if (b->sources_n == BATCH_SOURCES)
        return BATCH_SOURCES;
    b->sources[b->sources_n] = (struct batch_source){ .workspace = workspace, .id = id };
    return b->sources_n++;
}

static enum outcome
first_outcome(enum ingest_item_kind kind)
{
    switch (kind) {
    case INGEST_ITEM_EVENT:
        return ROW_LOAD;
    case INGEST_ITEM_QUARANTINE:
        return ROW_BAD;
    case INGEST_ITEM_HEARTBEAT:
        break;
    }
    return ROW_HEARTBEAT;
}

static bool
add_record(struct batch *b, const struct journal_record *j, struct err *e)
{
    struct ingest_record r;
    unsigned             source = 0;
    const void          *copy = arena_memdup(&b->mem, j->payload, j->len);

    if (!copy)
        return err_set(e, ERR_NOMEM, "no memory for a record of %zu bytes", j->len);
    if (!ingest_record_open(copy, j->len, &r, e) || !reserve(b, r.items, e))
        return false;
    if (!b->records)
        b->received = r.received;
    while (r.left) {
        struct row *row = &b->rows[b->n];

        if (!ingest_record_next(&r, &row->item, e))
            return false;
        row->source = source = source_of(b, r.workspace, row->item.source, source);
        if (source == BATCH_SOURCES)
            return err_set(e, ERR_INVALID, "a record has items of more than %d sources",
                           BATCH_SOURCES);
        row->outcome = first_outcome(row->item.kind);
        row->key = row->item.kind == INGEST_ITEM_EVENT
                       ? worker_recent_key(r.workspace, row->item.source, row->item.event.id)
                       : 0;
        b->n++;
    }
    b->records++;
    b->after = j->after;
    return true;
}

bool
worker_batch_fill(struct batch *b, const struct worker_opts *o, struct journal_reader *reader,
                  uint64_t from, struct err *e)
{
    struct journal_record j;
    size_t                bytes = 0;
    struct err            why = ERR_INIT;

    clear(b, from);
    /* A record has the items of at most 65 sources (INGEST's import): room for one more. */
    while (b->n < o->batch_rows && bytes < o->batch_bytes && b->sources_n < BATCH_SOURCES - 65) {
        size_t   n = b->n;
        unsigned sources = b->sources_n;

        if (!journal_read(reader, &j, &why))
            break;
        if (!j.payload)
            return true;
        assert(j.position == b->after); /* nothing is ever left out */
        if (!add_record(b, &j, &why)) {
            err_wrap(&why, "the record at position %llu", (unsigned long long)j.position);
            b->n = n;
            b->sources_n = sources;
            break;
        }
        bytes += j.len;
    }
    if (!why.code)
        return true;
    if (b->records) { /* what lies before a fault goes its way first */
        b->cut = true;
        return true;
    }
    *e = why;
    return false;
}
