/* fence.c - who goes on with a journal: the newest start takes an epoch, whoever has an older
 * one stops taking events and brings in what is its own alone.
 *
 * Why so, and what is loaded by whom: docs/why/2026-11-21-fencing.md. */
#include "worker_int.h"

#include "collaudo/crash.h"
#include "collaudo/log.h"

#include "sql_gen.h"

#include <inttypes.h>
#include <string.h>

struct takeover {
    int64_t epoch, begins;
    usec_t  taken_at;
};

/* The first that took the journal from the holder of `epoch`. *ret_found false: nobody did. */
static bool
find_takeover(struct db *db, const struct hash_id *id, uint64_t epoch, struct takeover *ret,
              bool *ret_found, struct err *e)
{
    static const struct db_col cols[] = { DB_COL(struct takeover, epoch, DB_INT8),
                                          DB_COL(struct takeover, begins, DB_INT8),
                                          DB_COL(struct takeover, taken_at, DB_TIME), DB_COLS_END };
    struct arena               mem;
    void                      *rows;
    size_t                     n;

    arena_init(&mem, 1 << 16);
    bool ok = db_query(db, &sql_worker_find_takeover, DB_ARGS(db_uuid(id), db_int8((int64_t)epoch)),
                       cols, sizeof(struct takeover), &mem, &rows, &n, e);
    if (ok && (*ret_found = n > 0))
        memcpy(ret, rows, sizeof *ret);
    arena_free(&mem);
    return ok;
}

bool
worker_journal_row(struct db *db, const struct hash_id *id, bool lock, struct worker_row *ret,
                   struct err *e)
{
    static const struct db_col cols[] = { DB_COL(struct worker_row, position, DB_INT8),
                                          DB_COL(struct worker_row, epoch, DB_INT8), DB_COLS_END };
    struct arena               mem;

    arena_init(&mem, 1 << 16);
    bool ok = db_one(db, lock ? &sql_worker_lock_journal : &sql_worker_read_journal,
                     DB_ARGS(db_uuid(id)), cols, &mem, ret, e);
    arena_free(&mem);
    if (!ok && e->code == ERR_NOT_FOUND)
        err_set(e, ERR_CONFLICT,
                "this database does not know the journal: it is another one, or a copy from before "
                "the journal began");
    return ok;
}

/* The epoch is remembered in the directory first: when it is cut off in between, the directory
 * remembers more than the database knows, which looks like an older copy of the database and is
 * as harmless. */
static bool
take_epoch(struct db *db, const struct hash_id *id, uint64_t epoch, uint64_t begins, usec_t now,
           struct err *e)
{
    return db_exec(db, &sql_worker_take_epoch, DB_ARGS(db_uuid(id), db_int8((int64_t)epoch)), NULL,
                   e) &&
           db_exec(db, &sql_worker_insert_epoch,
                   DB_ARGS(db_uuid(id), db_int8((int64_t)epoch), db_int8((int64_t)begins),
                           db_time(now)),
                   NULL, e);
}

/* --- at the start ------------------------------------------------------------------------ */

static uint64_t
next_epoch(const struct worker_row *row, uint64_t own, usec_t now)
{
    uint64_t least = ((uint64_t)row->epoch > own ? (uint64_t)row->epoch : own) + 1;

    return now > 0 && (uint64_t)now > least ? (uint64_t)now : least;
}

static void
tell_taken(const struct takeover *t)
{
    char when[TIME_TEXT_LEN];

    time_format(t->taken_at, when);
    log_line(LOG_ERROR, "worker",
             "another instance went on with the journal of this directory at %s, from position "
             "%" PRId64 ": no events are taken here. What was acknowledged here after that is "
             "loaded. Then stop this instance for good; or, to take events here too, stop it, move "
             "the folder journal out of the data directory, and start again",
             when, t->begins);
}

static bool
stand(struct db *db, struct journal *j, const struct worker_row *row, bool take, usec_t now,
      struct err *e)
{
    struct hash_id  id = worker_journal_id(j);
    uint64_t        own = journal_epoch(j), epoch = next_epoch(row, own, now);
    struct takeover t;
    bool            taken = false;

    if (own && !find_takeover(db, &id, own, &t, &taken, e))
        return false;
    if (taken) {
        tell_taken(&t);
        journal_fence(j);
        return true;
    }
    if ((uint64_t)row->position > journal_durable(j)) {
        log_line(LOG_ERROR, "worker",
                 "the database has loaded more of this journal (up to %" PRId64 ") than the "
                 "directory holds (up to %" PRIu64 "): the directory is an older copy. No events "
                 "are taken here. Stop, move the folder journal out of the data directory, start",
                 row->position, journal_durable(j));
        journal_fence(j);
        return true;
    }
    if (!take && own) /* without one it is new, and nobody else has it */
        return true;
    if (own > (uint64_t)row->epoch)
        log_line(
            LOG_WARN, "worker",
            "the database knows an older epoch than this directory: it is an older copy, or the "
            "last start was cut off. What it lacks is loaded from the journal again");
    if (!journal_set_epoch(j, epoch, e))
        return false;
    CRASH_POINT("worker/epoch_remembered");
    return take_epoch(db, &id, epoch, journal_durable(j), now, e);
}

static bool
introduce(struct db *db, struct journal *j, bool take, usec_t now, struct err *e)
{
    struct hash_id    id = worker_journal_id(j);
    int64_t           added = 0;
    struct worker_row row;

    if (!db_begin_control(db, e) ||
        !db_exec(db, &sql_worker_begin_journal,
                 DB_ARGS(db_uuid(&id), db_int8(0), db_int8(1), db_time(now)), &added, e))
        return false;
    if (added && journal_durable(j) > 0) {
        db_rollback(db);
        return err_set(e, ERR_CONFLICT,
                       "this database does not know the journal of the data directory, which holds "
                       "events: it is another one, or an older copy; name the right --database or "
                       "--data");
    }
    return worker_journal_row(db, &id, true, &row, e) && stand(db, j, &row, take, now, e) &&
           db_commit(db, e);
}

bool
worker_introduce(const char *conninfo, struct journal *j, bool take, usec_t now, struct err *e)
{
    struct db_opts o = { .conninfo = conninfo, .role = DB_LOADER };
    struct db     *opened = NULL;

    if (!db_open(&o, &opened, e))
        return false;
    AUTO_STRUCT(db) *db = opened;
    return introduce(db, j, take, now, e);
}

/* --- while it runs ------------------------------------------------------------------------- */

/* The name under which an instance that was replaced loads what only it has. Whoever remembers
 * this epoch of this journal has the same records, or the beginning of them. */
static struct hash_id
branch_id(const struct hash_id *id, uint64_t epoch)
{
    struct {
        char           what[16];
        struct hash_id id;
        uint64_t       epoch;
    } of = { "journal branch", *id, epoch };
    struct hash_id b = hash_of(&of, sizeof of);

    b.b[6] = (uint8_t)((b.b[6] & 0x0f) | 0x80); /* RFC 9562, version 8: of our own making */
    b.b[8] = (uint8_t)((b.b[8] & 0x3f) | 0x80);
    return b;
}

bool
worker_look(struct loader *l, bool lock, uint64_t *ret_position, struct err *e)
{
    const struct worker *w = l->w;
    uint64_t             own = journal_epoch(w->opts.journal);
    struct worker_row    row;

    if (!worker_journal_row(l->db, l->branched ? &l->branch : &w->journal_id, lock, &row, e)) {
        l->reading = l->reading || e->code == ERR_CONFLICT;
        return false;
    }
    if (!l->branched && (uint64_t)row.epoch > own)
        return err_set(e, ERR_FENCED, "another instance has taken over the journal");
    *ret_position = (uint64_t)row.position;
    if (l->branched && *ret_position > journal_durable(w->opts.journal))
        *ret_position = journal_durable(w->opts.journal); /* a shorter copy of the branch */
    l->lower = !l->branched && (uint64_t)row.epoch < own;
    return true;
}

bool
worker_reassert(struct loader *l, struct err *e)
{
    struct journal *j = l->w->opts.journal;

    if (!l->lower)
        return true;
    log_line(LOG_WARN, "worker",
             "the database is an older copy: what it lacks is loaded from the journal again");
    return take_epoch(l->db, &l->w->journal_id, journal_epoch(j), l->w->begins, l->w->opts.now(),
                      e);
}

bool
worker_begin_branch(struct loader *l, struct err *e)
{
    struct worker  *w = l->w;
    uint64_t        own = journal_epoch(w->opts.journal);
    struct takeover t = { 0 };
    bool            taken;

    if (!l->branched)
        return true;
    if (!find_takeover(l->db, &w->journal_id, own, &t, &taken, e))
        return false;
    if (!taken)
        return err_set(e, ERR_DB, "it is not known from where another instance went on");
    if (!l->branch_told)
        tell_taken(&t);
    l->branch_told = true;
    return db_exec(l->db, &sql_worker_begin_journal,
                   DB_ARGS(db_uuid(&l->branch), db_int8(t.begins), db_int8((int64_t)own),
                           db_time(w->opts.now())),
                   NULL, e);
}

void
worker_fence(struct loader *l)
{
    struct worker       *w = l->w;
    struct journal_stats s;

    journal_stats(w->opts.journal, &s);
    l->branch_told = s.fenced; /* at the start */
    journal_fence(w->opts.journal);
    l->branch = branch_id(&w->journal_id, journal_epoch(w->opts.journal));
    l->branched = true;
    l->unsure = false;
    pthread_mutex_lock(&w->lock);
    w->stats.fenced = true;
    pthread_mutex_unlock(&w->lock);
}
