/* store.c - connections, values both ways, row-level security, COPY, migration. */
#include "t.h"

#include "pg.h"

#include "sql_gen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Statements of this test only. */
#define STMT(i, text)                                                                              \
    (&(const struct db_stmt){ .name = "test/" #i, .sql = (text), .id = sql_count + (i) })

struct all {
    bool            b;
    int64_t         i8, small;
    double          f8;
    const char     *text;
    usec_t          t;
    int32_t         day;
    struct hash_id  id;
    struct db_bytes bytes;
    const char     *json, *none;
};

static const struct db_col all_cols[] = {
    DB_COL(struct all, b, DB_BOOL),         DB_COL(struct all, i8, DB_INT8),
    DB_COL(struct all, small, DB_INT8),     DB_COL(struct all, f8, DB_FLOAT8),
    DB_COL(struct all, text, DB_TEXT),      DB_COL(struct all, t, DB_TIME),
    DB_COL(struct all, day, DB_DATE),       DB_COL(struct all, id, DB_UUID),
    DB_COL(struct all, bytes, DB_BYTES),    DB_COL(struct all, json, DB_JSON),
    DB_COL_NULL(struct all, none, DB_TEXT), DB_COLS_END,
};

static void
test_values_both_ways(void)
{
    struct pg      pg = pg_fresh();
    struct arena   mem;
    struct err     e = ERR_INIT;
    struct all     row = { 0 };
    struct hash_id id = { { 1, 2, 255 } };
    usec_t         t = 0;

    arena_init(&mem, 1 << 20);
    CHECK(time_parse("2026-03-29T02:30:00.000001+01:00", 32, &t));
    CHECK(db_begin_control(pg_app(&pg), &e));
    bool ok =
        db_one(pg_app(&pg),
               STMT(0, "select $1 as b, $2 as i8, 7::int2 as small, $3 as f8, $4 as text, $5 as t,"
                       " $6 as day, $7 as id, $8 as bytes, $9 as json, $10 as none,"
                       " extract(epoch from $5) as epoch"),
               DB_ARGS(db_bool(true), db_int8(-5), db_float8(0.25), db_text("per\xc3\xb2"),
                       db_time(t), db_date(20541), db_uuid(&id), db_bytes("\0x", 2),
                       db_json("{\"a\": 1}"), db_text(NULL)),
               all_cols, &mem, &row, &e);
    if (CHECK(ok)) {
        CHECK(row.b && row.i8 == -5 && row.small == 7 && row.f8 == 0.25);
        CHECK_S(row.text, "per\xc3\xb2");
        CHECK_I(row.t, t);
        CHECK_I(row.day, 20541);
        CHECK(memcmp(&row.id, &id, sizeof id) == 0);
        CHECK(row.bytes.n == 2 && memcmp(row.bytes.p, "\0x", 2) == 0);
        CHECK_S(row.json, "{\"a\": 1}");
        CHECK(!row.none);
    }
    CHECK(db_commit(pg_app(&pg), &e));
    arena_free(&mem);
    pg_drop(&pg);
}

static void
test_arrays(void)
{
    static const int64_t     numbers[] = { 1, -2, 3 };
    static const char *const texts[] = { "a", "", "c d" };
    static const int32_t     days[] = { 0, 20541 };
    struct hash_id           ids[2] = { { { 1 } }, { { 2 } } };
    struct pg                pg = pg_fresh();
    struct arena             mem;
    struct err               e = ERR_INIT;
    struct {
        const char *text;
    } row = { 0 };
    const struct db_col cols[] = { { .name = "text", .type = DB_TEXT, .at = 0 }, DB_COLS_END };

    arena_init(&mem, 1 << 20);
    CHECK(db_begin_control(pg_app(&pg), &e));
    bool ok = db_one(pg_app(&pg),
                     STMT(1, "select $1::text || $2::text || $3::text || cardinality($4)"
                             " || $5::text as text"),
                     DB_ARGS(db_int8s(numbers, 3), db_texts(texts, 3), db_dates(days, 2),
                             db_uuids(ids, 2), db_int8s(NULL, 0)),
                     cols, &mem, &row, &e);
    CHECK(ok);
    CHECK_S(row.text, "{1,-2,3}{a,\"\",\"c d\"}{1970-01-01,2026-03-29}2{}");
    db_rollback(pg_app(&pg));
    arena_free(&mem);
    pg_drop(&pg);
}

static void
test_faults(void)
{
    static const struct {
        const char   *sql;
        enum err_code code;
        const char   *state;
    } row[] = {
        { "insert into workspace (code, name, made_at) values ('a', 'A', '2026-01-01')",
          ERR_CONFLICT, "23505" },
        { "select 1 / 0", ERR_INVALID, "22012" },
        { "select * from nowhere", ERR_DB, "42P01" },
        { "insert into workspace (code, name, made_at) values ('A b', 'A', '2026-01-01')",
          ERR_INVALID, "23514" },
    };
    struct pg pg = pg_fresh();

    pg_sql(&pg, "insert into workspace (code, name, made_at) values ('a', 'A', '2026-01-01')");
    for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
        struct err e = ERR_INIT, ignored = ERR_INIT;

        t_row = row[i].sql;
        CHECK(db_begin_control(pg_app(&pg), &e));
        struct db_stmt st = { .name = row[i].state, .sql = row[i].sql, .id = sql_count + 2 + i };
        CHECK(!db_exec(pg_app(&pg), &st, DB_NO_ARGS, NULL, &e));
        CHECK_I(e.code, row[i].code);
        CHECK_S(e.sqlstate, row[i].state);
        CHECK(!strstr(e.text, "A b"));
        CHECK(!db_commit(pg_app(&pg), &ignored));
    }
    pg_drop(&pg);
}

/* Another workspace's rows are neither seen nor written; without one, nothing is. */
static void
test_workspaces_are_walls(void)
{
    struct pg             pg = pg_fresh();
    struct err            e = ERR_INIT;
    int64_t               n = -1;
    const struct db_stmt *touch = STMT(6, "update tool set name = 'x'");

    pg_sql(&pg, "insert into workspace (code, name, made_at) values ('a', 'A', '2026-01-01'),"
                " ('b', 'B', '2026-01-01');"
                "insert into tool (workspace_id, code, name) values (1, 'crm', 'CRM'),"
                " (2, 'crm', 'CRM'), (2, 'erp', 'ERP')");
    CHECK(db_begin(pg_app(&pg), 2, &e) && db_exec(pg_app(&pg), touch, DB_NO_ARGS, &n, &e));
    CHECK_I(n, 2);
    CHECK(db_commit(pg_app(&pg), &e));
    CHECK(db_begin_control(pg_app(&pg), &e) && db_exec(pg_app(&pg), touch, DB_NO_ARGS, &n, &e));
    CHECK_I(n, 0);
    CHECK(db_commit(pg_app(&pg), &e));
    CHECK(db_begin(pg_app(&pg), 1, &e));
    CHECK(!db_exec(pg_app(&pg),
                   STMT(7, "insert into tool (workspace_id, code, name)"
                           " values (2, 'shop', 'Shop')"),
                   DB_NO_ARGS, &n, &e));
    CHECK_S(e.sqlstate, "42501");
    db_rollback(pg_app(&pg));
    CHECK(db_begin_control(pg_loader(&pg), &e) &&
          db_exec(pg_loader(&pg), touch, DB_NO_ARGS, &n, &e));
    CHECK_I(n, 3);
    CHECK(db_commit(pg_loader(&pg), &e));
    CHECK(db_begin_read(pg_app(&pg), 2, &e) && !db_exec(pg_app(&pg), touch, DB_NO_ARGS, &n, &e));
    CHECK_S(e.sqlstate, "25006");
    db_rollback(pg_app(&pg));
    CHECK_I(pg_int(&pg,
                   "select count(*) from pg_class c join pg_namespace s on s.oid = relnamespace"
                   " where nspname = 'collaudo' and relkind = 'r'"
                   " and obj_description(c.oid) not like 'control:%%'"
                   " and not (relrowsecurity and relforcerowsecurity)"),
            0);
    pg_drop(&pg);
}

static bool
copy_hours(struct db *db, int from, int n, struct err *e)
{
    struct db_stmt  st = { .name = "test/copy",
                           .sql = "copy heartbeat (workspace_id, source_id, hour) from stdin"
                                   " (format binary)" };
    struct db_copy *c;

    if (!db_copy_begin(db, &st, &c, e))
        return false;
    for (int i = from; i < from + n; i++) {
        db_copy_row(c, 3);
        db_copy_int8(c, 1);
        db_copy_int8(c, 1);
        db_copy_time(c, i * USEC_HOUR);
    }
    return db_copy_end(c, e);
}

/* One repeated row in 10,000 fails the COPY; undone, the transaction goes on. */
static void
test_copy(void)
{
    struct pg  pg = pg_fresh();
    struct err e = ERR_INIT;

    CHECK(db_begin_control(pg_loader(&pg), &e) && copy_hours(pg_loader(&pg), 0, 10000, &e));
    CHECK(db_mark(pg_loader(&pg), &e));
    CHECK(!copy_hours(pg_loader(&pg), 9999, 10000, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    CHECK(db_undo(pg_loader(&pg), &e) && copy_hours(pg_loader(&pg), 10000, 10000, &e));
    CHECK(db_commit(pg_loader(&pg), &e));
    CHECK_I(pg_int(&pg, "select count(*) from heartbeat"), 20000);
    CHECK_I(pg_int(&pg, "select extract(epoch from max(hour))::int8 from heartbeat"), 19999 * 3600);
    pg_drop(&pg);
}

static void *
migrate(void *conninfo)
{
    struct err e = ERR_INIT;

    return db_migrate(conninfo, 0, &e) ? NULL : conninfo;
}

static void
test_migrating_again_and_at_once(void)
{
    struct pg  pg = pg_fresh();
    pthread_t  t[4];
    void      *failed;
    struct err e = ERR_INIT;

    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, migrate, pg.conninfo);
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i], &failed);
        CHECK(!failed);
    }
    pg_sql(&pg, "insert into schema_version values (9999, 'future', '', '2026-01-01')");
    CHECK(!db_migrate(pg.conninfo, 0, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    pg_sql(&pg, "delete from schema_version where version = 9999;"
                "update schema_version set hash = 'x' where version = 1");
    CHECK(!db_migrate(pg.conninfo, 0, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    pg_drop(&pg);
}

static void
test_pool(void)
{
    struct pg       pg = pg_fresh();
    struct db_pool *pool =
        db_pool_new(&(struct db_opts){ .conninfo = pg.conninfo, .role = DB_APP }, 2);
    struct db *a = NULL, *b = NULL, *c = NULL;
    struct err e = ERR_INIT;

    CHECK(db_take(pool, &a, &e) && db_take(pool, &b, &e));
    CHECK(!db_take(pool, &c, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK(db_begin_control(a, &e));
    db_give(pool, a); /* what was open is rolled back */
    db_give(pool, b);
    pg_sql(&pg, "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()");
    CHECK(db_take(pool, &a, &e) && db_begin_control(a, &e) && db_commit(a, &e));
    db_give(pool, a);
    db_pool_close(pool);
    pg_drop(&pg);
    CHECK(!db_open(&(struct db_opts){ .conninfo = "host=/nowhere", .role = DB_APP }, &a, &e));
    CHECK_I(e.code, ERR_BUSY);
}

int
main(void)
{
    T_RUN(test_values_both_ways);
    T_RUN(test_arrays);
    T_RUN(test_faults);
    T_RUN(test_workspaces_are_walls);
    T_RUN(test_copy);
    T_RUN(test_migrating_again_and_at_once);
    T_RUN(test_pool);
    return t_end();
}
