/* db.c - connections, transactions and running statements. See db.h. */
#include "db_int.h"

#include "sql_gen.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the five-character SQLSTATE means for the caller. */
static enum err_code
code_of(const char *state)
{
    if (strcmp(state, "23505") == 0 || strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
        return ERR_CONFLICT;
    if (memcmp(state, "22", 2) == 0 || memcmp(state, "23", 2) == 0)
        return ERR_INVALID;
    if (memcmp(state, "08", 2) == 0 || memcmp(state, "57", 2) == 0 || memcmp(state, "53", 2) == 0)
        return ERR_BUSY;
    return ERR_DB;
}

/* PostgreSQL's own sentence, where it cannot quote a value. */
static const char *
sentence(const char *state, const PGresult *res)
{
    static const char *const safe[] = {
        "08", "3D", "3F", "42", "53", "55", "57", "25", "28", "0A"
    };
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

    for (size_t i = 0; text && i < sizeof safe / sizeof *safe; i++)
        if (memcmp(state, safe[i], 2) == 0)
            return text;
    return "the server refused it";
}

bool
db_fail(struct db *db, const char *what, const PGresult *res, struct err *e)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;

    if (!state || PQstatus(db->conn) == CONNECTION_BAD) {
        err_set(e, ERR_BUSY, "%s: the connection to PostgreSQL is lost", what);
        snprintf(e->sqlstate, sizeof e->sqlstate, "08006");
        return false;
    }
    err_set(e, code_of(state), "%s: SQLSTATE %s: %s", what, state, sentence(state, res));
    snprintf(e->sqlstate, sizeof e->sqlstate, "%.5s", state);
    return false;
}

bool
db_command(struct db *db, const char *what, const char *sql, struct err *e)
{
    AUTO(PGresult) *res = PQexec(db->conn, sql);

    return PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK ||
           db_fail(db, what, res, e);
}

static void
ignore_notice(void *arg, const PGresult *res)
{
    (void)arg;
    (void)res;
}

/* What every session of ours sets: no surprises from the server's configuration. */
static bool
set_up(struct db *db, const struct db_opts *o, struct err *e)
{
    static const char *const role[] = { [DB_OWNER] = "",
                                        [DB_APP] = "set role collaudo_app;",
                                        [DB_LOADER] = "set role collaudo_loader;" };
    int                      timeout = o->statement_timeout_ms ? o->statement_timeout_ms : 30000;
    char                     sql[512];

    snprintf(sql, sizeof sql,
             "%s set search_path = collaudo; set timezone = 'UTC'; set datestyle = 'ISO';"
             "set client_encoding = 'UTF8'; set statement_timeout = %d; set lock_timeout = 10000;"
             "set idle_in_transaction_session_timeout = 60000; set jit = off;%s",
             role[o->role], timeout,
             o->read_only ? " set default_transaction_read_only = on;" : "");
    return db_command(db, "setting up a session", sql, e);
}

/* libpq's own words, without the hints of the lines below. It tells
 * host and user, never a password; doors do not show it (db_take). */
static bool
no_connection(const PGconn *conn, struct err *e)
{
    const char *why = conn ? PQerrorMessage(conn) : "no memory";
    char        text[180];

    snprintf(text, sizeof text, "%.*s", (int)strcspn(why, "\n"), why);
    for (char *p = text; *p; p++) /* what an error's text may not hold */
        if (*p == '"')
            *p = '\'';
    return err_set(e, ERR_BUSY, "no connection to PostgreSQL: %s", text);
}

bool
db_open(const struct db_opts *o, struct db **ret, struct err *e)
{
    static const char *const names[] = { "dbname",           "connect_timeout",
                                         "keepalives_idle",  "keepalives_interval",
                                         "keepalives_count", "tcp_user_timeout",
                                         "application_name", NULL };
    const char *const values[] = { o->conninfo, "5", "10", "5", "3", "30000", "collaudo", NULL };
    struct db *db = calloc(1, sizeof *db + (sql_count + DB_SPARE_STMTS) * sizeof db->prepared[0]);

    if (!db)
        return err_set(e, ERR_NOMEM, "no memory for a connection to PostgreSQL");
    db->conn = PQconnectdbParams(names, values, 1);
    db->read_only = o->read_only;
    if (!db->conn || PQstatus(db->conn) != CONNECTION_OK) {
        no_connection(db->conn, e);
        db_close(db);
        return false;
    }
    PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
    if (!set_up(db, o, e)) {
        db_close(db);
        return false;
    }
    *ret = db;
    return true;
}

void
db_close(struct db *db)
{
    if (!db)
        return;
    if (db->conn)
        PQfinish(db->conn);
    free(db);
}

bool
db_is_lost(const struct db *db)
{
    return PQstatus(db->conn) != CONNECTION_OK;
}

/* --- transactions ------------------------------------------------------------ */

static bool
begin(struct db *db, const char *sql, struct err *e)
{
    assert(!db->in_tx);
    if (!db_command(db, "begin", sql, e)) {
        db->in_tx = PQtransactionStatus(db->conn) != PQTRANS_IDLE;
        db_rollback(db);
        return false;
    }
    db->in_tx = true;
    return true;
}

bool
db_begin(struct db *db, int64_t workspace, struct err *e)
{
    char sql[128];

    snprintf(sql, sizeof sql, "begin; set local app.workspace_id = '%lld'", (long long)workspace);
    return begin(db, sql, e);
}

bool
db_begin_read(struct db *db, int64_t workspace, struct err *e)
{
    char sql[160];

    snprintf(
        sql, sizeof sql,
        "begin isolation level repeatable read, read only; set local app.workspace_id = '%lld'",
        (long long)workspace);
    return begin(db, sql, e);
}

bool
db_begin_control(struct db *db, struct err *e)
{
    return begin(db, "begin", e);
}

bool
db_commit(struct db *db, struct err *e)
{
    assert(db->in_tx);
    AUTO(PGresult) *res = PQexec(db->conn, "commit");

    db->in_tx = PQtransactionStatus(db->conn) != PQTRANS_IDLE;
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        return db_fail(db, "commit", res, e);
    if (strcmp(PQcmdStatus(res), "COMMIT") != 0) /* a failed one answers ROLLBACK */
        return err_set(e, ERR_DB, "commit: the transaction had failed and was rolled back");
    return true;
}

void
db_rollback(struct db *db)
{
    if (!db->in_tx)
        return;
    PQclear(PQexec(db->conn, "rollback"));
    db->in_tx = false;
}

bool
db_mark(struct db *db, struct err *e)
{
    return db_command(db, "savepoint", "savepoint mark", e);
}

bool
db_undo(struct db *db, struct err *e)
{
    return db_command(db, "rollback to savepoint", "rollback to savepoint mark; release mark", e);
}

bool
db_unmark(struct db *db, struct err *e)
{
    return db_command(db, "release savepoint", "release mark", e);
}

/* --- running ------------------------------------------------------------------- */

static bool
prepare(struct db *db, const struct db_stmt *st, const struct wire_args *w, struct err *e)
{
    assert(st->id < sql_count + DB_SPARE_STMTS);
    if (db->prepared[st->id])
        return true;
    AUTO(PGresult) *res = PQprepare(db->conn, st->name, st->sql, w->n, w->oids);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        return db_fail(db, st->name, res, e);
    db->prepared[st->id] = true;
    return true;
}

static bool
run_wire(struct db *db, const struct db_stmt *st, const struct wire_args *w, PGresult **ret_res,
         struct err *e)
{
    if (!prepare(db, st, w, e))
        return false;
    AUTO(PGresult) *res =
        PQexecPrepared(db->conn, st->name, w->n, w->values, w->lengths, w->formats, 1);
    ExecStatusType s = PQresultStatus(res);
    if (s != PGRES_TUPLES_OK && s != PGRES_COMMAND_OK)
        return db_fail(db, st->name, res, e);
    *ret_res = TAKE(res);
    return true;
}

static bool
run(struct db *db, const struct db_stmt *st, const struct db_arg *args, PGresult **ret_res,
    struct err *e)
{
    struct wire_args w;
    bool             ok;

    assert(db->in_tx);
    if (!db_wire_encode(args, &w, e))
        return false;
    ok = run_wire(db, st, &w, ret_res, e);
    db_wire_free(&w);
    return ok;
}

bool
db_query(struct db *db, const struct db_stmt *st, const struct db_arg *args,
         const struct db_col *cols, size_t row_size, struct arena *mem, void **ret_rows,
         size_t *ret_n, struct err *e)
{
    PGresult *got = NULL;

    if (!run(db, st, args, &got, e))
        return false;
    AUTO(PGresult) *res = got;
    size_t          n = (size_t)PQntuples(res);
    char           *rows = arena_array(mem, n, row_size);
    if (!rows)
        return err_set(e, ERR_NOMEM, "%s: no memory for %zu rows", st->name, n);
    if (!db_wire_decode(st->name, res, cols, row_size, mem, rows, e))
        return false;
    *ret_rows = rows;
    *ret_n = n;
    return true;
}

bool
db_one(struct db *db, const struct db_stmt *st, const struct db_arg *args,
       const struct db_col *cols, struct arena *mem, void *row, struct err *e)
{
    PGresult *got = NULL;

    if (!run(db, st, args, &got, e))
        return false;
    AUTO(PGresult) *res = got;
    if (PQntuples(res) == 0)
        return err_set(e, ERR_NOT_FOUND, "%s: no such row", st->name);
    assert(PQntuples(res) == 1);
    return db_wire_decode(st->name, res, cols, 0, mem, row, e);
}

bool
db_exec(struct db *db, const struct db_stmt *st, const struct db_arg *args, int64_t *ret_affected,
        struct err *e)
{
    PGresult *got = NULL;

    if (!run(db, st, args, &got, e))
        return false;
    AUTO(PGresult) *res = got;
    if (ret_affected)
        *ret_affected = strtoll(PQcmdTuples(res), NULL, 10);
    return true;
}
