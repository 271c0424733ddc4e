/* cluster_roles.c - what a server must be like before it is used: this data directory, safe
 * settings, our roles and our database. See cluster_int.h. */
#include "cluster_int.h"
#include "db_int.h"

#include "collaudo/crash.h"

#include <string.h>
#include <sys/stat.h>

/* The login role has no rights of its own (noinherit): a session becomes collaudo_app or
 * collaudo_loader by SET ROLE, and what counts then are the attributes of those. The two are
 * made here or by db_migrate(), whichever comes first; by the same text. */
static const char login_sql[] =
    "do $$ begin"
    " if not exists (select from pg_roles where rolname = 'collaudo') then"
    "  create role collaudo login noinherit; end if;"
    " if exists (select from pg_roles where rolname = 'collaudo' and (not rolcanlogin or rolinherit"
    "   or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)) then"
    "  alter role collaudo login noinherit nosuperuser nocreaterole nocreatedb noreplication"
    "   nobypassrls; end if;"
    " if not (pg_has_role('collaudo', 'collaudo_app', 'member')"
    "   and pg_has_role('collaudo', 'collaudo_loader', 'member')) then"
    "  grant collaudo_app, collaudo_loader to collaudo; end if;"
    " end $$";

/* A session of a service that was killed may still be making what we look for. */
#define TURN "select pg_advisory_lock(4014711)"

static bool
is_this_directory(const struct cluster *c, const char *dir)
{
    char        path[CLUSTER_PATH];
    struct stat here, there;

    cluster_path(c, "pg", path);
    return stat(path, &here) == 0 && stat(dir, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

static bool
check_settings(const struct cluster *c, struct db *db, struct err *e)
{
    static const char *const on[] = { "fsync", "full_page_writes", "synchronous_commit" };
    AUTO(PGresult)          *res =
        PQexec(db->conn, "select current_setting('data_directory'), current_setting('fsync'),"
                         " current_setting('full_page_writes'),"
                         " current_setting('synchronous_commit'),"
                         " current_setting('listen_addresses')");

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return db_fail(db, "asking for the server's settings", res, e);
    if (!is_this_directory(c, PQgetvalue(res, 0, 0)))
        return err_set(e, ERR_CONFLICT,
                       "the server found there keeps another data directory than %s", c->dir);
    for (int i = 0; i < 3; i++)
        if (strcmp(PQgetvalue(res, 0, 1 + i), "on") != 0)
            return err_set(e, ERR_CONFLICT,
                           "PostgreSQL runs with %s = %s and could lose data: stop it, and start "
                           "collaudo again",
                           on[i], PQgetvalue(res, 0, 1 + i));
    if (*PQgetvalue(res, 0, 4))
        return err_set(e, ERR_CONFLICT,
                       "PostgreSQL listens on the network: stop it, and start collaudo again");
    return true;
}

static bool
make_database(struct db *db, struct err *e)
{
    AUTO(PGresult) *res =
        PQexec(db->conn, "select from pg_database where datname = 'collaudo' and datallowconn");

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return db_fail(db, "looking for the database", res, e);
    return PQntuples(res) == 1 ||
           db_command(db, "making the database", "create database collaudo", e);
}

bool
cluster_greet(const struct cluster *c, const char *socket_dir, struct err *e)
{
    char           conninfo[sizeof c->owner];
    struct db_opts o = { .conninfo = conninfo, .role = DB_OWNER };
    struct db     *got = NULL;

    snprintf(conninfo, sizeof conninfo,
             "host=%s port=" CLUSTER_PORT " user=postgres dbname=postgres", socket_dir);
    if (!db_open(&o, &got, e))
        return false;
    AUTO_STRUCT(db) *db = got;
    if (!check_settings(c, db, e))
        return false;
    CRASH_POINT("cluster/before_roles");
    if (!db_command(db, "waiting for an earlier start", TURN, e) || !db_make_roles(db, e) ||
        !db_command(db, "making the login role", login_sql, e))
        return false;
    CRASH_POINT("cluster/after_roles");
    return make_database(db, e);
}
