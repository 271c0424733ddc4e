/* trace.c - what became of one event. See ingest.h. */
#include "collaudo/ingest.h"

#include "sql_gen.h"

static const struct db_col cols[] = {
    DB_COL(struct ingest_trace, source, DB_TEXT),
    DB_COL(struct ingest_trace, pilot, DB_TEXT),
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
    DB_COL(struct ingest_trace, counts, DB_BOOL),
    DB_COL(struct ingest_trace, day, DB_DATE),
    DB_COL(struct ingest_trace, day_waits, DB_BOOL),
    DB_COL(struct ingest_trace, in_window, DB_BOOL),
    DB_COLS_END,
};

bool
ingest_trace_event(struct db *db, int64_t workspace, const char *event_id, struct arena *mem,
                   struct ingest_trace **ret, size_t *ret_n, struct err *e)
{
    void *rows;

    if (!db_query(db, &sql_ingest_trace_event, DB_ARGS(db_int8(workspace), db_text(event_id)), cols,
                  sizeof(struct ingest_trace), mem, &rows, ret_n, e))
        return false;
    *ret = rows;
    return true;
}
