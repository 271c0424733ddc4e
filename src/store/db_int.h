/* db_int.h - what the files of store share. */
#ifndef COLLAUDO_DB_INT_H
#define COLLAUDO_DB_INT_H

#include "collaudo/db.h"

#include <libpq-fe.h>

#define MAX_ARGS 24

AUTO_DEFINE(PGresult, PQclear)

struct db {
    PGconn *conn;
    bool    in_tx;
    bool    read_only;
    bool    prepared[]; /* by statement id */
};

/* Fills *e from a failed result; what: a statement's name or "begin". Returns false. */
bool db_fail(struct db *db, const char *what, const PGresult *res, struct err *e);

/* A fixed command without values, such as BEGIN. */
must_check bool db_command(struct db *db, const char *what, const char *sql, struct err *e);

/* The roles collaudo_app and collaudo_loader, unless they are there. */
must_check bool db_make_roles(struct db *db, struct err *e);

/* Parameters in libpq's form. `wire` and `bytes` hold what values[] points to. */
struct wire_args {
    int          n;
    Oid          oids[MAX_ARGS];
    const char  *values[MAX_ARGS];
    int          lengths[MAX_ARGS];
    int          formats[MAX_ARGS];
    uint64_t     wire[MAX_ARGS];
    struct arena bytes;
};
must_check bool db_wire_encode(const struct db_arg *args, struct wire_args *ret, struct err *e);
void            db_wire_free(struct wire_args *w);

/* All rows of a result into structs. */
must_check bool db_wire_decode(const char *name, const PGresult *res, const struct db_col *cols,
                               size_t row_size, struct arena *mem, char *rows, struct err *e);

#define PG_EPOCH_USEC (INT64_C(946684800) * 1000000) /* 2000-01-01 UTC */
#define PG_EPOCH_DAY 10957

#endif
