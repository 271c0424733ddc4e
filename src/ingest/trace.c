/* trace.c - what became of one event. See ingest.h.
 *
 * An id is looked for as it was sent and as it is stored when it might name somebody (refs.c).
 * What is in quarantine is sealed, its id too: it is opened and looked into, the newest first,
 * and what is seen stays in here. */
#include "collaudo/ingest_ledger.h"
#include "collaudo/ingest_record.h"

#include "sql_gen.h"

#include <string.h>

#define MOST_QUARANTINE 2000 /* rows looked into; each holds up to 64 KiB */

/* The id as the sources of a company know it: two spellings for each whose key is there. */
struct wanted {
    int64_t      workspace;
    int64_t     *source;
    const char **id;
    size_t       n;
    const char  *quoted; /* the id as it stands in JSON, quotes and all */
};

/* --- the id -------------------------------------------------------------------------- */

static void
want(struct wanted *w, int64_t source, const char *id)
{
    w->source[w->n] = source;
    w->id[w->n++] = id;
}

static bool
spell(struct db *db, struct ingest_sources *sources, int64_t workspace, const char *id,
      struct arena *mem, struct wanted *ret, struct err *e)
{
    static const struct db_col cols[] = { { .name = "source_id", .type = DB_INT8 }, DB_COLS_END };
    struct wanted              w = { .workspace = workspace };
    struct str                 quoted;
    void                      *rows;
    size_t                     n;

    if (!db_query(db, &sql_ingest_list_sources, DB_ARGS(db_int8(workspace)), cols, sizeof(int64_t),
                  mem, &rows, &n, e))
        return false;
    str_init(&quoted, mem);
    str_json(&quoted, id);
    w.quoted = quoted.p;
    w.source = arena_new(mem, int64_t, 2 * n + 1);
    w.id = arena_new(mem, const char *, 2 * n + 1);
    for (size_t i = 0; i < n && !mem->denied; i++) {
        int64_t                     source = ((const int64_t *)rows)[i];
        const struct ingest_source *src = ingest_sources_get(sources, workspace, source);

        want(&w, source, id);
        if (src)
            want(&w, source, ingest_hidden(src, event_text(id), mem).p);
        ingest_sources_put(sources, src);
    }
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "no memory to look for an event");
    *ret = w;
    return true;
}

static bool
is_wanted(const struct wanted *w, int64_t source, struct event_text id)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->source[i] == source && strlen(w->id[i]) == id.n && memcmp(w->id[i], id.p, id.n) == 0)
            return true;
    return false;
}

/* Does a sealed text speak of the event? As it was sent, or in its canonical form. */
static bool
speaks_of(const struct wanted *w, const struct ingest_source *src, const void *sealed, size_t n)
{
    struct arena mem;
    struct err   ignored;
    char        *text;
    bool         found = false;

    arena_init(&mem, (size_t)1 << 20);
    if (n >= HASH_BOX_MORE && hash_open(&src->key, sealed, n, &mem, &text, &ignored)) {
        found = memmem(text, n - HASH_BOX_MORE, w->quoted, strlen(w->quoted));
        for (size_t i = 0; i < w->n && !found; i++)
            found = w->source[i] == src->id && strncmp(w->id[i], "h:", 2) == 0 &&
                    memmem(text, n - HASH_BOX_MORE, w->id[i], strlen(w->id[i]));
        hash_wipe(text, n - HASH_BOX_MORE);
    }
    arena_free(&mem);
    return found;
}

/* --- loaded -------------------------------------------------------------------------- */

static const struct db_col cols[] = {
    DB_COL(struct ingest_trace, source, DB_TEXT),
    DB_COL(struct ingest_trace, pilot, DB_TEXT),
    DB_COL(struct ingest_trace, event_id, DB_TEXT),
    DB_COL(struct ingest_trace, source_id, DB_INT8),
    DB_COL(struct ingest_trace, happened, DB_TIME),
    DB_COL(struct ingest_trace, received, DB_TIME),
    DB_COL(struct ingest_trace, type, DB_INT8),
    DB_COL(struct ingest_trace, status, DB_INT8),
    DB_COL(struct ingest_trace, action, DB_TEXT),
    DB_COL(struct ingest_trace, feature, DB_TEXT),
    DB_COL(struct ingest_trace, has_account, DB_BOOL),
    DB_COL_NULL(struct ingest_trace, account, DB_UUID),
    DB_COL(struct ingest_trace, account_kind, DB_TEXT),
    DB_COL(struct ingest_trace, assigned, DB_BOOL),
    DB_COL(struct ingest_trace, eligible, DB_BOOL),
    DB_COL(struct ingest_trace, value_event, DB_BOOL),
    DB_COL(struct ingest_trace, late, DB_BOOL),
    DB_COL(struct ingest_trace, day, DB_DATE),
    DB_COL(struct ingest_trace, day_waits, DB_BOOL),
    DB_COL(struct ingest_trace, in_window, DB_BOOL),
    DB_COL(struct ingest_trace, received_in_window, DB_BOOL),
    DB_COLS_END,
};

bool
ingest_trace_event(struct db *db, struct ingest_sources *sources, int64_t workspace,
                   const char *event_id, struct arena *mem, struct ingest_trace **ret,
                   size_t *ret_n, struct err *e)
{
    struct wanted w;
    void         *rows;

    if (!spell(db, sources, workspace, event_id, mem, &w, e) ||
        !db_query(db, &sql_ingest_trace_event,
                  DB_ARGS(db_int8(workspace), db_int8s(w.source, w.n), db_texts(w.id, w.n)), cols,
                  sizeof(struct ingest_trace), mem, &rows, ret_n, e))
        return false;
    *ret = rows;
    return true;
}

/* --- held back --------------------------------------------------------------------------- */

struct quarantine_row {
    int64_t         source_id, reason;
    const char     *source, *pilot, *pointer;
    usec_t          received;
    struct hash_id  id;
    struct db_bytes sealed;
};

static const struct db_col quarantine_cols[] = {
    DB_COL(struct quarantine_row, source_id, DB_INT8),
    DB_COL(struct quarantine_row, reason, DB_INT8),
    DB_COL(struct quarantine_row, source, DB_TEXT),
    DB_COL(struct quarantine_row, pilot, DB_TEXT),
    DB_COL(struct quarantine_row, pointer, DB_TEXT),
    DB_COL(struct quarantine_row, received, DB_TIME),
    DB_COL(struct quarantine_row, id, DB_UUID),
    DB_COL(struct quarantine_row, sealed, DB_BYTES),
    DB_COLS_END,
};

static bool
is_row(const struct wanted *w, struct ingest_sources *sources, const struct quarantine_row *r,
       const struct hash_id *id)
{
    const struct ingest_source *src = ingest_sources_get(sources, w->workspace, r->source_id);
    bool                        found = (id && memcmp(id, &r->id, sizeof *id) == 0) ||
                 (src && speaks_of(w, src, r->sealed.p, r->sealed.n));

    ingest_sources_put(sources, src);
    return found;
}

bool
ingest_trace_quarantine(struct db *db, struct ingest_sources *sources, int64_t workspace,
                        const char *event_id, struct arena *mem, struct ingest_held **ret,
                        size_t *ret_n, struct err *e)
{
    struct wanted  w;
    void          *rows;
    size_t         n, found = 0;
    struct hash_id id;
    bool is_id = strlen(event_id) == 2 * HASH_ID_LEN && hash_unhex(event_id, &id, sizeof id);
    struct ingest_held *held;

    if (!spell(db, sources, workspace, event_id, mem, &w, e) ||
        !db_query(db, &sql_ingest_list_quarantine,
                  DB_ARGS(db_int8(workspace), db_int8(MOST_QUARANTINE)), quarantine_cols,
                  sizeof(struct quarantine_row), mem, &rows, &n, e))
        return false;
    if (!(held = arena_new(mem, struct ingest_held, n)))
        return err_set(e, ERR_NOMEM, "no memory to look for an event");
    for (size_t i = 0; i < n; i++) {
        const struct quarantine_row *r = (const struct quarantine_row *)rows + i;

        if (is_row(&w, sources, r, is_id ? &id : NULL))
            held[found++] = (struct ingest_held){ .source = r->source,
                                                  .pilot = r->pilot,
                                                  .received = r->received,
                                                  .why = (enum event_drop)r->reason,
                                                  .pointer = r->pointer,
                                                  .quarantine = r->id };
    }
    *ret = held;
    *ret_n = found;
    return true;
}

/* --- waiting in the journal --------------------------------------------------------------- */

static bool
is_item(const struct wanted *w, const struct ingest_source *src,
        const struct ingest_record_item *item)
{
    if (item->kind == INGEST_ITEM_EVENT)
        return is_wanted(w, item->source, item->event.id);
    return item->kind == INGEST_ITEM_QUARANTINE && src &&
           speaks_of(w, src, item->quarantine.sealed, item->quarantine.sealed_n);
}

/* The first item of a record that is the event. */
static bool
find_item(const struct wanted *w, struct ingest_sources *sources, const struct journal_record *rec,
          struct arena *mem, struct ingest_held *ret, bool *ret_found, struct err *e)
{
    struct ingest_record      r;
    struct ingest_record_item item;

    *ret_found = false;
    if (!ingest_record_open(rec->payload, rec->len, &r, e))
        return false;
    while (r.workspace == w->workspace && r.left && !*ret_found) {
        if (!ingest_record_next(&r, &item, e))
            return false;
        const struct ingest_source *src = ingest_sources_get(sources, r.workspace, item.source);
        if (is_item(w, src, &item)) {
            *ret_found = true;
            *ret = (struct ingest_held){ .source = src ? arena_strdup(mem, src->name) : "",
                                         .pilot = src ? arena_strdup(mem, src->pilot_code) : "",
                                         .received = item.received,
                                         .waits = true,
                                         .position = rec->position };
            if (item.kind == INGEST_ITEM_QUARANTINE) {
                ret->why = item.quarantine.why;
                ret->pointer =
                    arena_strndup(mem, item.quarantine.pointer.p, item.quarantine.pointer.n);
                ret->quarantine = item.quarantine.id;
            }
        }
        ingest_sources_put(sources, src);
    }
    return true;
}

bool
ingest_trace_waiting(struct db *db, struct journal *j, struct ingest_sources *sources,
                     int64_t workspace, const char *event_id, usec_t patience, struct arena *mem,
                     struct ingest_held *ret, bool *ret_found, struct err *e)
{
    struct wanted          w;
    struct journal_stats   stats;
    struct journal_reader *opened;
    struct journal_record  rec;
    usec_t                 until = time_monotonic() + patience;
    bool                   found = false;

    journal_stats(j, &stats);
    if (!spell(db, sources, workspace, event_id, mem, &w, e) ||
        !journal_reader_open(j, stats.loaded, &opened, e))
        return false;
    AUTO(journal_reader) *r = opened;
    while (!found && time_monotonic() < until) {
        if (!journal_read(r, &rec, e))
            return false;
        if (!rec.payload)
            break;
        if (!find_item(&w, sources, &rec, mem, ret, &found, e))
            return false;
    }
    *ret_found = found;
    return true;
}
