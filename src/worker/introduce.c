/* introduce.c - journal and database belong together: they are told so before the first event. */
#include "worker_int.h"

#include "sql_gen.h"

static bool
introduce(struct db *db, const struct journal *j, usec_t now, struct err *e)
{
    struct hash_id id = worker_journal_id(j);
    int64_t        added = 0;

    if (!db_begin_control(db, e) ||
        !db_exec(db, &sql_worker_begin_journal, DB_ARGS(db_uuid(&id), db_time(now)), &added, e))
        return false;
    if (added && journal_durable(j) > 0) {
        db_rollback(db);
        return err_set(e, ERR_CONFLICT,
                       "this database does not know the journal of the data directory, which holds "
                       "events: it is another one, or an older copy; name the right --database or "
                       "--data");
    }
    return db_commit(db, e);
}

bool
worker_introduce(const char *conninfo, const struct journal *j, usec_t now, struct err *e)
{
    struct db_opts o = { .conninfo = conninfo, .role = DB_LOADER };
    struct db     *opened = NULL;

    if (!db_open(&o, &opened, e))
        return false;
    AUTO_STRUCT(db) *db = opened;
    return introduce(db, j, now, e);
}
