/* pg.c - databases for tests. See pg.h. The tests may speak libpq themselves: they check
 * what the service wrote from outside it. */
#include "pg.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int made;

static PGconn *
connect_to(const char *conninfo)
{
    PGconn *c = PQconnectdb(conninfo);

    if (!getenv("COLLAUDO_TEST_PG") || PQstatus(c) != CONNECTION_OK) {
        fprintf(stderr, "no PostgreSQL to test with: run through scripts/scratch-pg\n%s",
                PQerrorMessage(c));
        exit(1);
    }
    return c;
}

static PGresult *
run(const char *conninfo, const char *sql)
{
    PGconn   *c = connect_to(conninfo);
    PGresult *res = PQexec(c, sql);

    if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s\n%s", sql, PQerrorMessage(c));
        exit(1);
    }
    PQfinish(c);
    return res;
}

struct pg
pg_fresh(void)
{
    struct pg  pg = { .app = NULL };
    struct err e = ERR_INIT;
    char       sql[160];

    snprintf(pg.name, sizeof pg.name, "t_%d_%d", (int)getpid(), ++made);
    snprintf(pg.conninfo, sizeof pg.conninfo, "dbname=%s options='-c search_path=collaudo'",
             pg.name);
    snprintf(sql, sizeof sql, "create database %s template template0 strategy file_copy", pg.name);
    PQclear(run("", sql));
    if (!db_migrate(pg.conninfo, time_now(), &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    return pg;
}

void
pg_drop(struct pg *pg)
{
    char sql[160];

    db_close(pg->app);
    db_close(pg->loader);
    pg->app = pg->loader = NULL;
    snprintf(sql, sizeof sql, "drop database %s with (force)", pg->name);
    PQclear(run("", sql));
}

static struct db *
opened(struct pg *pg, struct db **db, enum db_role role)
{
    struct err e = ERR_INIT;

    if (!*db && !db_open(&(struct db_opts){ .conninfo = pg->conninfo, .role = role }, db, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    return *db;
}

struct db *
pg_app(struct pg *pg)
{
    return opened(pg, &pg->app, DB_APP);
}

struct db *
pg_loader(struct pg *pg)
{
    return opened(pg, &pg->loader, DB_LOADER);
}

static PGresult *
runv(const struct pg *pg, const char *fmt, va_list ap)
{
    char *sql = NULL;

    if (vasprintf(&sql, fmt, ap) < 0)
        abort();
    PGresult *res = run(pg->conninfo, sql);
    free(sql);
    return res;
}

void
pg_sql(const struct pg *pg, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    PQclear(runv(pg, fmt, ap));
    va_end(ap);
}

int64_t
pg_int(const struct pg *pg, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    PGresult *res = runv(pg, fmt, ap);
    va_end(ap);
    int64_t v = PQntuples(res) ? strtoll(PQgetvalue(res, 0, 0), NULL, 10) : -1;
    PQclear(res);
    return v;
}

char *
pg_text(const struct pg *pg, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    PGresult *res = runv(pg, fmt, ap);
    va_end(ap);
    char *v = PQntuples(res) && !PQgetisnull(res, 0, 0) ? strdup(PQgetvalue(res, 0, 0)) : NULL;
    PQclear(res);
    return v;
}
