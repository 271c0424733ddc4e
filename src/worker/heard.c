/* heard.c - when something of a source came in last, good or bad, written with what came. */
#include "worker_int.h"

#include "sql_gen.h"

bool
worker_note_heard(struct loader *l, struct err *e)
{
    struct batch *b = &l->batch;
    int64_t       workspace[BATCH_SOURCES], source[BATCH_SOURCES], heard[BATCH_SOURCES];
    usec_t        last[BATCH_SOURCES] = { 0 };
    bool          any[BATCH_SOURCES] = { false };
    size_t        n = 0;

    for (size_t i = 0; i < b->n; i++) {
        const struct row *row = &b->rows[i];

        if (row->outcome == ROW_SKIPPED)
            continue;
        if (!any[row->source] || row->item.received > last[row->source])
            last[row->source] = row->item.received;
        any[row->source] = true;
    }
    for (unsigned i = 0; i < b->sources_n; i++) {
        if (!any[i])
            continue;
        workspace[n] = b->sources[i].workspace;
        source[n] = b->sources[i].id;
        heard[n++] = last[i];
    }
    return !n || db_exec(l->db, &sql_worker_note_heard,
                         DB_ARGS(db_int8s(workspace, n), db_int8s(source, n), db_int8s(heard, n)),
                         NULL, e);
}
