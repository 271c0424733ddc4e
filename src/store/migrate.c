/* migrate.c - brings the schema up to this program. See db.h, sql/README.md. */
#include "db_int.h"

#include "sql_gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two services starting at once take turns; any number that is ours alone. */
#define LOCK "select pg_advisory_lock(4014710)"

/* A superuser makes the roles; anybody else must find them made. The member who runs the
 * service becomes each of them by SET ROLE. */
static const char roles_sql[] =
    "do $$ begin"
    " if not exists (select from pg_roles where rolname = 'collaudo_app') then"
    "  create role collaudo_app nologin; end if;"
    " if not exists (select from pg_roles where rolname = 'collaudo_loader') then"
    "  create role collaudo_loader nologin bypassrls; end if;"
    " if not pg_has_role(current_user, 'collaudo_app', 'member') then"
    "  execute format('grant collaudo_app, collaudo_loader to %I', current_user); end if;"
    " end $$";

static const char book_sql[] =
    "create schema if not exists collaudo;"
    "create table if not exists collaudo.schema_version ("
    " version int primary key, name text not null, hash text not null,"
    " applied_at timestamptz not null);"
    "comment on table collaudo.schema_version is 'control: numbered schema files already applied'";

bool
db_make_roles(struct db *db, struct err *e)
{
    if (db_command(db, "making the roles", roles_sql, e))
        return true;
    return err_wrap(e, "ask the database's administrator to run: create role collaudo_app; create "
                       "role collaudo_loader bypassrls; and to grant both to this user");
}

/* The hash a version was applied with; "" when it was not. */
static bool
applied(struct db *db, int version, char ret_hash[65], struct err *e)
{
    char            number[12];
    const char     *value[] = { number };
    AUTO(PGresult) *res = NULL;

    snprintf(number, sizeof number, "%d", version);
    res = PQexecParams(db->conn, "select hash from collaudo.schema_version where version = $1::int",
                       1, NULL, value, NULL, NULL, 0);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return db_fail(db, "reading the schema's version", res, e);
    snprintf(ret_hash, 65, "%s", PQntuples(res) ? PQgetvalue(res, 0, 0) : "");
    return true;
}

static bool
note(struct db *db, int version, const struct sql_script *s, const char *hash, usec_t now,
     struct err *e)
{
    char            number[12], when[TIME_TEXT_LEN];
    const char     *values[] = { number, s->name, hash, when };
    AUTO(PGresult) *res = NULL;

    snprintf(number, sizeof number, "%d", version);
    time_format(now, when);
    res = PQexecParams(db->conn,
                       "insert into collaudo.schema_version values ($1::int, $2, $3,"
                       " $4::timestamptz)",
                       4, NULL, values, NULL, NULL, 0);
    return PQresultStatus(res) == PGRES_COMMAND_OK || db_fail(db, s->name, res, e);
}

static bool
apply(struct db *db, const struct sql_script *s, usec_t now, struct err *e)
{
    uint8_t sha[32];
    char    hash[65], was[65];
    int     version = (int)strtol(s->name, NULL, 10);

    hash_sha256(s->sql, strlen(s->sql), sha);
    hash_hex(sha, sizeof sha, hash);
    if (!applied(db, version, was, e))
        return false;
    if (*was)
        return strcmp(was, hash) == 0 ||
               err_set(e, ERR_CONFLICT, "schema file %s differs from the one that was applied",
                       s->name);
    return db_begin_control(db, e) && db_command(db, s->name, s->sql, e) &&
           note(db, version, s, hash, now, e) && db_commit(db, e);
}

bool
db_schema(struct db *db, int *ret_there, int *ret_ours, struct err *e)
{
    AUTO(PGresult) *res =
        PQexec(db->conn, "select coalesce(max(version), 0) from collaudo.schema_version");

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return db_fail(db, "reading the schema's version", res, e);
    *ret_there = (int)strtol(PQgetvalue(res, 0, 0), NULL, 10);
    *ret_ours = (int)strtol(sql_schema[sql_schema_count - 1].name, NULL, 10);
    return true;
}

static bool
not_newer(struct db *db, struct err *e)
{
    int there, ours;

    if (!db_schema(db, &there, &ours, e))
        return false;
    return there <= ours || err_set(e, ERR_CONFLICT,
                                    "the database has schema %d, this program knows %d: start a "
                                    "newer collaudo",
                                    there, ours);
}

static bool
bring_up(struct db *db, usec_t now, struct err *e)
{
    if (!db_command(db, "waiting for another migration", LOCK, e) || !db_make_roles(db, e) ||
        !db_command(db, "the schema's book", book_sql, e) || !not_newer(db, e))
        return false;
    for (unsigned i = 0; i < sql_schema_count; i++)
        if (!apply(db, &sql_schema[i], now, e))
            return false;
    if (!db_begin_control(db, e))
        return false;
    for (unsigned i = 0; i < sql_func_count; i++)
        if (!db_command(db, sql_func[i].name, sql_func[i].sql, e))
            return false;
    return db_commit(db, e);
}

bool
db_migrate(const char *conninfo, usec_t now, struct err *e)
{
    struct db_opts o = { .conninfo = conninfo, .role = DB_OWNER, .statement_timeout_ms = 600000 };
    struct db     *got = NULL;

    if (!db_open(&o, &got, e))
        return false;
    AUTO_STRUCT(db) *db = got;
    return bring_up(db, now, e) || err_wrap(e, "cannot bring the database up to date");
}
