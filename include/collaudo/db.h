/* db.h - PostgreSQL: prepared statements in, structs out; libpq's only keeper.
 *
 * A `struct db` is one connection and belongs to one thread at a time; a pool hands
 * them out. Statements come from sql/ (see sql/README.md), are prepared on first use,
 * and their values travel in binary form, never in text.
 *
 * Transactions say whose data they touch:
 *   db_begin(db, workspace)   row-level security lets through that workspace only
 *   db_begin_control(db)      no workspace: control tables only
 * A reading transaction sees one snapshot (REPEATABLE READ, READ ONLY).
 *
 * Errors: ERR_CONFLICT for 23505 (unique) and 40001/40P01 (try again), ERR_INVALID for other
 * 22xxx/23xxx (the data), ERR_BUSY when there is no server, ERR_DB for the rest; sqlstate is
 * always set. The text names the statement, never a value. After any error the transaction is
 * lost: db_rollback(), and db_close() when db_is_lost().
 */
#ifndef COLLAUDO_DB_H
#define COLLAUDO_DB_H

#include "collaudo/arena.h"
#include "collaudo/auto.h"
#include "collaudo/err.h"
#include "collaudo/hash.h"
#include "collaudo/time.h"

#include <stddef.h>
#include <stdint.h>

struct db;

enum db_role {
    DB_OWNER,  /* whoever the connection string says: migrations */
    DB_APP,    /* one workspace at a time */
    DB_LOADER, /* crosses workspaces */
};

struct db_opts {
    const char  *conninfo; /* libpq URL or keywords; several hosts allowed */
    enum db_role role;
    int          statement_timeout_ms; /* 0: 30,000 */
    bool         read_only;            /* every transaction */
};

must_check bool db_open(const struct db_opts *o, struct db **ret, struct err *e);
void            db_close(struct db *db); /* NULL is fine; an open transaction is rolled back */
AUTO_DEFINE_STRUCT(db, db_close)
bool db_is_lost(const struct db *db); /* the connection is dead: close and open again */

/* --- statements ---------------------------------------------------------------- */

struct db_stmt {
    const char *name; /* "kpi/weekly_active": path under sql/, no suffix */
    const char *sql;
    unsigned    id; /* index of the prepared flag: 0..sql_count-1, and DB_SPARE_STMTS more
                     * for a program that brings statements of its own (tests) */
};

#define DB_SPARE_STMTS 32

enum db_type {
    DB_END = 0,
    DB_BOOL,   /* bool */
    DB_INT8,   /* int64_t; the column may also be int2 or int4 */
    DB_FLOAT8, /* double */
    DB_TEXT,   /* const char *, 0-terminated */
    DB_TIME,   /* usec_t; timestamptz */
    DB_DATE,   /* int32_t day number; date */
    DB_UUID,   /* struct hash_id; uuid */
    DB_BYTES,  /* struct db_bytes; bytea */
    DB_JSON,   /* const char *; jsonb */
    DB_INT8S,  /* arrays, as parameters only: for `= any($n)` and unnest() */
    DB_TEXTS,
    DB_UUIDS,
    DB_DATES,
};

struct db_bytes {
    const void *p;
    size_t      n;
};

struct db_arg {
    enum db_type type;
    bool         is_null;
    size_t       n; /* elements of an array, bytes of DB_BYTES */
    union {
        bool        b;
        int64_t     i8;
        double      f8;
        const char *text;
        const void *p; /* int64_t[], const char *[], struct hash_id[], int32_t[], bytes */
    } v;
};

/* clang-format off */
#define db_bool(x)      ((struct db_arg){ .type = DB_BOOL, .v.b = (x) })
#define db_int8(x)      ((struct db_arg){ .type = DB_INT8, .v.i8 = (x) })
#define db_float8(x)    ((struct db_arg){ .type = DB_FLOAT8, .v.f8 = (x) })
#define db_time(x)      ((struct db_arg){ .type = DB_TIME, .v.i8 = (x) })
#define db_date(x)      ((struct db_arg){ .type = DB_DATE, .v.i8 = (x) })
#define db_null(t)      ((struct db_arg){ .type = (t), .is_null = true })
#define db_int8s(q, m)  ((struct db_arg){ .type = DB_INT8S, .v.p = (q), .n = (m) })
#define db_texts(q, m)  ((struct db_arg){ .type = DB_TEXTS, .v.p = (q), .n = (m) })
#define db_uuids(q, m)  ((struct db_arg){ .type = DB_UUIDS, .v.p = (q), .n = (m) })
#define db_dates(q, m)  ((struct db_arg){ .type = DB_DATES, .v.p = (q), .n = (m) })
#define DB_ARGS(...)    ((const struct db_arg[]){ __VA_ARGS__, { .type = DB_END } })
#define DB_NO_ARGS      ((const struct db_arg[]){ { .type = DB_END } })
/* clang-format on */

static inline struct db_arg
db_text(const char *text) /* NULL: null */
{
    return (struct db_arg){ .type = DB_TEXT, .v.text = text, .is_null = !text };
}

static inline struct db_arg
db_json(const char *text) /* NULL: null */
{
    return (struct db_arg){ .type = DB_JSON, .v.text = text, .is_null = !text };
}

static inline struct db_arg
db_uuid(const struct hash_id *id) /* NULL: null */
{
    return (struct db_arg){ .type = DB_UUID, .v.p = id, .is_null = !id };
}

static inline struct db_arg
db_bytes(const void *p, size_t n) /* p NULL: null */
{
    return (struct db_arg){ .type = DB_BYTES, .v.p = p, .n = n, .is_null = !p };
}

/* How one column lands in the row struct. A NULL in the database is an error unless
 * `nullable`: then the member keeps its zero (text: NULL pointer) and *is_null, if
 * is_null_at is not 0, becomes true. */
struct db_col {
    const char  *name;
    enum db_type type;
    size_t       at; /* offsetof() in the row struct */
    bool         nullable;
    size_t       is_null_at; /* offsetof() a bool member, 0: none */
};
/* clang-format off */
#define DB_COL(row, member, t) { .name = #member, .type = (t), .at = offsetof(row, member) }
#define DB_COL_NULL(row, member, t) \
    { .name = #member, .type = (t), .at = offsetof(row, member), .nullable = true }
#define DB_COLS_END { .type = DB_END }
/* clang-format on */

/* --- transactions --------------------------------------------------------------- */

must_check bool db_begin(struct db *db, int64_t workspace, struct err *e);
must_check bool db_begin_read(struct db *db, int64_t workspace, struct err *e); /* one snapshot */
must_check bool db_begin_control(struct db *db, struct err *e);
must_check bool db_commit(struct db *db, struct err *e);
void            db_rollback(struct db *db); /* outside a transaction: nothing */

/* A savepoint: after db_undo() the transaction goes on as it was at db_mark(). */
must_check bool db_mark(struct db *db, struct err *e);
must_check bool db_undo(struct db *db, struct err *e);
must_check bool db_unmark(struct db *db, struct err *e);

/* --- running -------------------------------------------------------------------- */

/* All rows, as an array of row structs in `mem` (texts too). No rows: *ret_rows is not NULL. */
must_check bool db_query(struct db *db, const struct db_stmt *st, const struct db_arg *args,
                         const struct db_col *cols, size_t row_size, struct arena *mem,
                         void **ret_rows, size_t *ret_n, struct err *e);

/* Exactly one row into *row. ERR_NOT_FOUND when there is none ("%what% not found" is for the
 * caller to say). */
must_check bool db_one(struct db *db, const struct db_stmt *st, const struct db_arg *args,
                       const struct db_col *cols, struct arena *mem, void *row, struct err *e);

/* No rows wanted. ret_affected may be NULL. */
must_check bool db_exec(struct db *db, const struct db_stmt *st, const struct db_arg *args,
                        int64_t *ret_affected, struct err *e);

/* --- COPY in, binary --------------------------------------------------------------- */

/*     db_copy_begin(db, &sql_worker_copy_event, e)
 *     per row: db_copy_row(c, 15) and then one db_copy_*() per column
 *     db_copy_end(c, e)              the server's word on all rows
 * Bytes are buffered and sent in large pieces; a failure on the way shows at the end. */
struct db_copy;
must_check bool db_copy_begin(struct db *db, const struct db_stmt *st, struct db_copy **ret,
                              struct err *e);
void            db_copy_row(struct db_copy *c, int columns);
void            db_copy_null(struct db_copy *c);
void            db_copy_int2(struct db_copy *c, int16_t v);
void            db_copy_int8(struct db_copy *c, int64_t v);
void            db_copy_time(struct db_copy *c, usec_t v);
void            db_copy_uuid(struct db_copy *c, const struct hash_id *v);
void            db_copy_text(struct db_copy *c, const char *p, size_t n); /* p NULL: null */
void            db_copy_json(struct db_copy *c, const char *p, size_t n);
void            db_copy_bytes(struct db_copy *c, const void *p, size_t n);
/* Ends the COPY in every case; *c is gone afterwards. */
must_check bool db_copy_end(struct db_copy *c, struct err *e);

/* --- schema ------------------------------------------------------------------------- */

/* Brings the schema up to this program: roles, numbered files not yet applied, functions.
 * Two processes at once wait for one another. A schema newer than the program: ERR_CONFLICT.
 * conninfo must name a role that may create roles and schemas (superuser on PostgreSQL 15). */
must_check bool db_migrate(const char *conninfo, usec_t now, struct err *e);

/* The schema the database has, and the one this program brings. */
must_check bool db_schema(struct db *db, int *ret_there, int *ret_ours, struct err *e);

/* --- a pool ---------------------------------------------------------------------------- */

struct db_pool;
struct db_pool *db_pool_new(const struct db_opts *o, size_t most); /* copies *o; NULL: no memory */
void            db_pool_close(struct db_pool *p);                  /* all connections are back */
/* Waits up to 2 s for a free connection; opens one when there is none. ERR_BUSY. */
must_check bool db_take(struct db_pool *p, struct db **ret, struct err *e);
void db_give(struct db_pool *p, struct db *db); /* rolls back what is open; NULL is fine */

#endif
