/* classify.c - which events of a batch are new, repeated, in conflict or imported before. */
#include "worker_int.h"

#include "sql_gen.h"

#include <stdlib.h>
#include <string.h>

/* --- sources --------------------------------------------------------------------- */

struct source_row {
    int64_t     workspace_id, source_id, pilot_id;
    const char *tz;
    int32_t     end_day;
    usec_t      frozen_from;
};

static const struct db_col source_cols[] = {
    DB_COL(struct source_row, workspace_id, DB_INT8),
    DB_COL(struct source_row, source_id, DB_INT8),
    DB_COL(struct source_row, pilot_id, DB_INT8),
    DB_COL(struct source_row, tz, DB_TEXT),
    DB_COL(struct source_row, end_day, DB_DATE),
    DB_COL(struct source_row, frozen_from, DB_TIME),
    DB_COLS_END,
};

static bool
note_source(struct batch *b, const struct source_row *r, struct err *e)
{
    for (unsigned i = 0; i < b->sources_n; i++) {
        struct batch_source *s = &b->sources[i];

        if (s->workspace != r->workspace_id || s->id != r->source_id)
            continue;
        s->known = true;
        s->pilot = r->pilot_id;
        s->end = r->end_day;
        s->frozen_from = r->frozen_from;
        return time_zone_find(r->tz, &s->zone, e);
    }
    return true;
}

bool
worker_find_sources(struct loader *l, struct err *e)
{
    struct batch *b = &l->batch;
    int64_t       workspaces[BATCH_SOURCES], ids[BATCH_SOURCES];
    void         *got;
    size_t        n;

    for (unsigned i = 0; i < b->sources_n; i++) {
        workspaces[i] = b->sources[i].workspace;
        ids[i] = b->sources[i].id;
    }
    if (!db_query(l->db, &sql_worker_find_sources,
                  DB_ARGS(db_int8s(workspaces, b->sources_n), db_int8s(ids, b->sources_n)),
                  source_cols, sizeof(struct source_row), &b->mem, &got, &n, e))
        return false;
    const struct source_row *rows = got;
    for (size_t i = 0; i < n; i++)
        if (!note_source(b, &rows[i], e))
            return false;
    if (n == b->sources_n)
        return true;
    for (size_t i = 0; i < b->n; i++)
        if (!b->sources[b->rows[i].source].known)
            b->rows[i].outcome = ROW_SKIPPED;
    return true;
}

/* --- lines imported before ----------------------------------------------------------- */

struct line {
    struct hash_id digest;
    size_t         row;
};

static int
by_digest(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int                c = memcmp(&x->digest, &y->digest, sizeof x->digest);

    return c ? c : x->row < y->row ? -1 : 1;
}

static int
by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_ID_LEN);
}

/* Lines and the digests that were new, both sorted: what is not new, or comes a second time
 * in this batch, was read before. */
static void
mark_reread(struct batch *b, const struct line *lines, size_t n, const struct hash_id *fresh,
            size_t fresh_n)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        bool again = i && memcmp(&lines[i - 1].digest, &lines[i].digest, HASH_ID_LEN) == 0;

        while (at < fresh_n && memcmp(&fresh[at], &lines[i].digest, HASH_ID_LEN) < 0)
            at++;
        bool is_new = at < fresh_n && memcmp(&fresh[at], &lines[i].digest, HASH_ID_LEN) == 0;
        if (again || !is_new)
            b->rows[lines[i].row].outcome = ROW_REREAD;
    }
}

static bool
find_lines_of(struct loader *l, unsigned source, struct line *lines, size_t n, struct err *e)
{
    static const struct db_col cols[] = { { .name = "line", .type = DB_UUID }, DB_COLS_END };
    struct batch              *b = &l->batch;
    struct hash_id            *digests = arena_new(&b->mem, struct hash_id, n);
    void                      *fresh;
    size_t                     fresh_n;

    if (!digests)
        return err_set(e, ERR_NOMEM, "no memory for %zu imported lines", n);
    qsort(lines, n, sizeof *lines, by_digest);
    for (size_t i = 0; i < n; i++)
        digests[i] = lines[i].digest;
    if (!db_query(l->db, &sql_worker_insert_lines,
                  DB_ARGS(db_int8(b->sources[source].workspace), db_int8(b->sources[source].id),
                          db_uuids(digests, n)),
                  cols, sizeof(struct hash_id), &b->mem, &fresh, &fresh_n, e))
        return false;
    qsort(fresh, fresh_n, sizeof(struct hash_id), by_bytes);
    mark_reread(b, lines, n, fresh, fresh_n);
    return true;
}

bool
worker_find_lines(struct loader *l, struct err *e)
{
    struct batch *b = &l->batch;
    size_t        n = 0;

    for (size_t i = 0; i < b->n; i++)
        n += b->rows[i].item.has_line;
    if (!n)
        return true;
    struct line *lines = arena_new(&b->mem, struct line, n);
    if (!lines)
        return err_set(e, ERR_NOMEM, "no memory for %zu imported lines", n);
    for (unsigned s = 0; s < b->sources_n; s++) {
        if (!b->sources[s].known)
            continue;
        n = 0;
        for (size_t i = 0; i < b->n; i++)
            if (b->rows[i].source == s && b->rows[i].item.has_line)
                lines[n++] = (struct line){ b->rows[i].item.line, i };
        if (n && !find_lines_of(l, s, lines, n, e))
            return false;
    }
    return true;
}

/* --- events stored before ----------------------------------------------------------------- */

struct stored {
    int64_t        i; /* from 1 */
    struct hash_id hash;
};

static const struct db_col stored_cols[] = {
    DB_COL(struct stored, i, DB_INT8),
    DB_COL(struct stored, hash, DB_UUID),
    DB_COLS_END,
};

static bool
is_same(const struct hash_id *a, const struct hash_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Asks the database about the rows index[0..n) of one source. What is stored decides. */
static bool
look_up(struct loader *l, unsigned source, const size_t *index, size_t n, struct err *e)
{
    struct batch *b = &l->batch;
    const char  **ids = arena_new(&b->mem, const char *, n);
    void         *got;
    size_t        found;

    for (size_t i = 0; ids && i < n; i++) {
        const struct event_text *id = &b->rows[index[i]].item.event.id;

        ids[i] = arena_strndup(&b->mem, id->p, id->n);
    }
    if (b->mem.denied)
        return err_set(e, ERR_NOMEM, "no memory to look up %zu events", n);
    if (!db_query(l->db, &sql_worker_find_events,
                  DB_ARGS(db_int8(b->sources[source].workspace), db_int8(b->sources[source].id),
                          db_texts(ids, n)),
                  stored_cols, sizeof(struct stored), &b->mem, &got, &found, e))
        return false;
    const struct stored *stored = got;
    for (size_t i = 0; i < found; i++) {
        struct row *row = &b->rows[index[stored[i].i - 1]];

        row->outcome = is_same(&stored[i].hash, &row->item.hash) ? ROW_DUPLICATE : ROW_CONFLICT;
        row->in_batch = false;
        worker_recent_put(&l->recent, row->key, &stored[i].hash, 0, 0);
    }
    return true;
}

/* The rows among index[0..n), source by source. */
static bool
look_up_all(struct loader *l, const size_t *index, size_t n, struct err *e)
{
    struct batch *b = &l->batch;
    size_t       *of_one = n ? arena_new(&b->mem, size_t, n) : NULL;

    if (n && !of_one)
        return err_set(e, ERR_NOMEM, "no memory to look up %zu events", n);
    for (unsigned s = 0; n && s < b->sources_n; s++) {
        size_t m = 0;

        for (size_t i = 0; i < n; i++)
            if (b->rows[index[i]].source == s)
                of_one[m++] = index[i];
        if (m && !look_up(l, s, of_one, m, e))
            return false;
    }
    return true;
}

bool
worker_find_stored(struct loader *l, size_t from, size_t to, struct err *e)
{
    struct batch *b = &l->batch;
    size_t       *index = arena_new(&b->mem, size_t, to - from), n = 0;

    if (!index)
        return err_set(e, ERR_NOMEM, "no memory to look up %zu events", to - from);
    for (size_t i = from; i < to; i++)
        if (b->rows[i].outcome == ROW_LOAD || b->rows[i].in_batch)
            index[n++] = i;
    l->slow = true;
    return look_up_all(l, index, n, e);
}

/* --- events seen lately -------------------------------------------------------------------- */

static bool
same_event(const struct row *a, const struct row *b)
{
    return a->source == b->source && a->item.event.id.n == b->item.event.id.n &&
           memcmp(a->item.event.id.p, b->item.event.id.p, a->item.event.id.n) == 0;
}

/* True: only the database can tell. */
static bool
compare_recent(struct loader *l, size_t i)
{
    struct batch        *b = &l->batch;
    struct row          *row = &b->rows[i];
    struct recent_entry *seen = worker_recent_find(&l->recent, row->key);
    bool                 here = seen && seen->batch == b->serial;

    if (seen && is_same(&seen->hash, &row->item.hash)) {
        row->outcome = ROW_DUPLICATE;
        row->in_batch = here;
        return false;
    }
    if (here) {
        if (same_event(&b->rows[seen->row], row)) { /* else two ids share 63 bits: both are new */
            row->outcome = ROW_CONFLICT;
            row->in_batch = true;
        }
        return false;
    }
    worker_recent_put(&l->recent, row->key, &row->item.hash, b->serial, (uint32_t)i);
    return seen != NULL;
}

bool
worker_find_recent(struct loader *l, struct err *e)
{
    struct batch *b = &l->batch;
    size_t       *suspects = NULL, n = 0;

    for (size_t i = 0; i < b->n; i++) {
        if (b->rows[i].outcome != ROW_LOAD || !compare_recent(l, i))
            continue;
        if (!suspects && !(suspects = arena_new(&b->mem, size_t, b->n)))
            return err_set(e, ERR_NOMEM, "no memory to look up %zu events", b->n);
        suspects[n++] = i;
    }
    return look_up_all(l, suspects, n, e);
}
