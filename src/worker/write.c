/* write.c - COPY into event and quarantine; what the database refuses is found and set aside. */
#include "worker_int.h"

#include "collaudo/crash.h"

#include "sql_gen.h"

#include <string.h>

#define EVENT_COLUMNS 18
#define QUARANTINE_COLUMNS 9
#define MOST_LOOKS 4 /* how often another loader may put an id in our way in one batch */

/* --- events ------------------------------------------------------------------------ */

static void
put(struct db_copy *c, struct event_text t)
{
    db_copy_text(c, t.n ? t.p : NULL, t.n);
}

static void
copy_event(struct db_copy *c, const struct batch_source *s, const struct ingest_record_item *item)
{
    const struct event *ev = &item->event;

    db_copy_row(c, EVENT_COLUMNS);
    db_copy_int8(c, s->workspace);
    db_copy_int8(c, s->id);
    db_copy_text(c, ev->id.p, ev->id.n);
    db_copy_int8(c, s->pilot);
    db_copy_time(c, ev->time);
    db_copy_time(c, item->received);
    db_copy_uuid(c, ev->has_actor ? &ev->actor : NULL);
    db_copy_uuid(c, &item->hash);
    db_copy_int2(c, (int16_t)ev->type);
    db_copy_int2(c, (int16_t)ev->status);
    db_copy_text(c, ev->action.p, ev->action.n);
    db_copy_text(c, ev->feature.p, ev->feature.n);
    put(c, ev->object_type);
    put(c, ev->object_id);
    put(c, ev->correlation);
    put(c, item->mapping);
    db_copy_json(c, ev->properties.n ? ev->properties.p : NULL, ev->properties.n);
    if (ev->correction)
        db_copy_int8(c, ev->correction);
    else
        db_copy_null(c);
}

static bool
copy_rows(struct loader *l, size_t from, size_t to, struct err *e)
{
    const struct batch *b = &l->batch;
    struct db_copy     *c;

    if (!db_copy_begin(l->db, &sql_worker_copy_event, &c, e))
        return false;
    for (size_t i = from; i < to; i++)
        if (b->rows[i].outcome == ROW_LOAD)
            copy_event(c, &b->sources[b->rows[i].source], &b->rows[i].item);
    return db_copy_end(c, e);
}

static size_t
to_load(const struct batch *b, size_t from, size_t to)
{
    size_t n = 0;

    for (size_t i = from; i < to; i++)
        n += b->rows[i].outcome == ROW_LOAD;
    return n;
}

static bool
is_data_fault(const struct err *e)
{
    return memcmp(e->sqlstate, "22", 2) == 0 || memcmp(e->sqlstate, "23", 2) == 0;
}

/* Rows [from, to), and the server's word on them: true with nothing left in the way, or an
 * error that is not about the rows. *ret_fault is set when it is about them. */
static bool
try_rows(struct loader *l, size_t from, size_t to, bool *ret_fault, char ret_state[6],
         struct err *e)
{
    struct err why = ERR_INIT;

    *ret_fault = false;
    if (!to_load(&l->batch, from, to))
        return true;
    if (!db_mark(l->db, e))
        return false;
    if (copy_rows(l, from, to, &why))
        return db_unmark(l->db, e);
    if (db_is_lost(l->db) || !is_data_fault(&why)) {
        *e = why;
        return false;
    }
    *ret_fault = true;
    memcpy(ret_state, why.sqlstate, 6);
    return db_undo(l->db, e);
}

/* Halves what is refused until the one row is found: log2(n) rounds, no deeper. */
static bool
write_rows(struct loader *l, size_t from, size_t to, int looks, struct err *e)
{
    bool fault;
    char state[6];

    if (!try_rows(l, from, to, &fault, state, e))
        return false;
    if (!fault)
        return true;
    if (strcmp(state, "23505") == 0) {
        l->look_first = 64;
        if (!looks)
            return err_set(e, ERR_CONFLICT, "other loaders keep bringing the same events");
        return worker_find_stored(l, from, to, e) && write_rows(l, from, to, looks - 1, e);
    }
    if (to_load(&l->batch, from, to) == 1) {
        for (size_t i = from; i < to; i++)
            if (l->batch.rows[i].outcome == ROW_LOAD)
                l->batch.rows[i].outcome = ROW_REFUSED;
        return true;
    }
    size_t mid = from + (to - from) / 2;
    return write_rows(l, from, mid, looks, e) && write_rows(l, mid, to, looks, e);
}

bool
worker_write_events(struct loader *l, struct err *e)
{
    if (l->look_first) {
        l->look_first--;
        if (!worker_find_stored(l, 0, l->batch.n, e))
            return false;
    }
    return write_rows(l, 0, l->batch.n, MOST_LOOKS, e);
}

/* --- quarantine --------------------------------------------------------------------------- */

/* An accepted event that must not be stored after all: its canonical form is kept. Without
 * the pilot's key (it was destroyed) nothing can be kept but the fact. */
static bool
seal_event(struct loader *l, const struct row *row, struct ingest_record_quarantine *q,
           struct err *e)
{
    struct batch              *b = &l->batch;
    const struct batch_source *s = &b->sources[row->source];
    const struct hash_key     *key;
    struct err                 why = ERR_INIT;
    struct str                 text;

    str_init(&text, &b->mem);
    event_print(&row->item.event, &text);
    q->size = text.n;
    q->sealed = "";
    q->sealed_n = 0;
    if (!vault_key(l->w->opts.vault, s->workspace, s->pilot, false, &key, &why)) {
        if (why.code == ERR_NOT_FOUND)
            return true;
        *e = why;
        return false;
    }
    if (!(q->sealed = hash_seal(key, text.p, text.n, &b->mem)) || b->mem.denied)
        return err_set(e, ERR_NOMEM, "no memory for the quarantine");
    q->sealed_n = text.n + HASH_BOX_MORE;
    return true;
}

static bool
fill_quarantine(struct loader *l, struct row *row, struct err *e)
{
    struct ingest_record_quarantine *q = &row->item.quarantine;

    hash_random(&q->id, sizeof q->id);
    q->why = row->outcome == ROW_CONFLICT ? EVENT_ID_CONFLICT : EVENT_STORE_REFUSED;
    q->pointer = event_text(row->outcome == ROW_CONFLICT ? "/id" : "");
    q->detail = event_text("");
    return seal_event(l, row, q, e);
}

static bool
is_quarantined(const struct row *row)
{
    return row->outcome == ROW_BAD || row->outcome == ROW_CONFLICT || row->outcome == ROW_REFUSED;
}

static bool
copy_quarantine(struct loader *l, bool with_texts, struct err *e)
{
    const struct batch *b = &l->batch;
    struct db_copy     *c;

    if (!db_copy_begin(l->db, &sql_worker_copy_quarantine, &c, e))
        return false;
    for (size_t i = 0; i < b->n; i++) {
        const struct ingest_record_item       *item = &b->rows[i].item;
        const struct ingest_record_quarantine *q = &item->quarantine;

        if (!is_quarantined(&b->rows[i]))
            continue;
        db_copy_row(c, QUARANTINE_COLUMNS);
        db_copy_int8(c, b->sources[b->rows[i].source].workspace);
        db_copy_uuid(c, &q->id);
        db_copy_int8(c, item->source);
        db_copy_time(c, item->received);
        db_copy_int2(c, (int16_t)q->why);
        db_copy_text(c, with_texts && q->pointer.n ? q->pointer.p : "",
                     with_texts ? q->pointer.n : 0);
        db_copy_text(c, with_texts && q->detail.n ? q->detail.p : "", with_texts ? q->detail.n : 0);
        db_copy_int8(c, (int64_t)q->size);
        db_copy_bytes(c, q->sealed, q->sealed_n);
    }
    return db_copy_end(c, e);
}

bool
worker_write_quarantine(struct loader *l, struct err *e)
{
    struct batch *b = &l->batch;
    struct err    why = ERR_INIT;
    bool          any = false;

    for (size_t i = 0; i < b->n; i++) {
        struct row *row = &b->rows[i];

        any |= is_quarantined(row);
        if (row->outcome != ROW_BAD && is_quarantined(row) && !fill_quarantine(l, row, e))
            return false;
    }
    if (!any)
        return true;
    if (!db_mark(l->db, e))
        return false;
    if (copy_quarantine(l, true, &why))
        return db_unmark(l->db, e);
    if (db_is_lost(l->db) || !is_data_fault(&why)) {
        *e = why;
        return false;
    }
    /* Only the two texts can have been refused; the bytes matter more than they do. */
    return db_undo(l->db, e) && copy_quarantine(l, false, e);
}
