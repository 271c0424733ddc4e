/* copy.c - COPY FROM STDIN in binary form. See db.h. */
#include "db_int.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER ((size_t)64 * 1024)

struct db_copy {
    struct db  *db;
    const char *name;
    bool        broken; /* the server has stopped listening */
    size_t      n;
    char        buf[BUFFER];
};

static void
flush(struct db_copy *c)
{
    if (c->n && !c->broken)
        c->broken = PQputCopyData(c->db->conn, c->buf, (int)c->n) != 1;
    c->n = 0;
}

static void
put(struct db_copy *c, const void *p, size_t n)
{
    if (c->n + n > BUFFER)
        flush(c);
    if (n > BUFFER) {
        if (!c->broken)
            c->broken = PQputCopyData(c->db->conn, p, (int)n) != 1;
        return;
    }
    if (n)
        memcpy(c->buf + c->n, p, n);
    c->n += n;
}

static void
put16(struct db_copy *c, int16_t v)
{
    uint16_t b = htobe16((uint16_t)v);

    put(c, &b, 2);
}

static void
put32(struct db_copy *c, int32_t v)
{
    uint32_t b = htobe32((uint32_t)v);

    put(c, &b, 4);
}

/* Ends the COPY and reads what the server says of it. PQputCopyEnd succeeding is not
 * success. why: NULL, or the reason to give it up. */
static bool
drain(struct db *db, const char *name, const char *why, struct err *e)
{
    bool      ok = true, sent = PQputCopyEnd(db->conn, why) == 1;
    PGresult *res;

    while ((res = PQgetResult(db->conn))) {
        if (PQresultStatus(res) != PGRES_COMMAND_OK && ok)
            ok = db_fail(db, name, res, e);
        PQclear(res);
    }
    return ok && (!sent || db_is_lost(db)) ? db_fail(db, name, NULL, e) : ok;
}

bool
db_copy_begin(struct db *db, const struct db_stmt *st, struct db_copy **ret, struct err *e)
{
    assert(db->in_tx);
    AUTO(PGresult) *res = PQexec(db->conn, st->sql);
    if (PQresultStatus(res) != PGRES_COPY_IN)
        return db_fail(db, st->name, res, e);

    struct db_copy *c = calloc(1, sizeof *c);
    if (!c) {
        struct err ignored;

        drain(db, st->name, "no memory", &ignored);
        return err_set(e, ERR_NOMEM, "%s: no memory for a copy buffer", st->name);
    }
    c->db = db;
    c->name = st->name;
    put(c, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    *ret = c;
    return true;
}

void
db_copy_row(struct db_copy *c, int columns)
{
    put16(c, (int16_t)columns);
}

void
db_copy_null(struct db_copy *c)
{
    put32(c, -1);
}

void
db_copy_bytes(struct db_copy *c, const void *p, size_t n)
{
    if (!p) {
        db_copy_null(c);
        return;
    }
    put32(c, (int32_t)n);
    put(c, p, n);
}

void
db_copy_text(struct db_copy *c, const char *p, size_t n)
{
    db_copy_bytes(c, p, n);
}

void
db_copy_json(struct db_copy *c, const char *p, size_t n)
{
    if (!p) {
        db_copy_null(c);
        return;
    }
    put32(c, (int32_t)n + 1);
    put(c, "\1", 1);
    put(c, p, n);
}

void
db_copy_int2(struct db_copy *c, int16_t v)
{
    put32(c, 2);
    put16(c, v);
}

void
db_copy_int8(struct db_copy *c, int64_t v)
{
    uint64_t b = htobe64((uint64_t)v);

    put32(c, 8);
    put(c, &b, 8);
}

void
db_copy_time(struct db_copy *c, usec_t v)
{
    db_copy_int8(c, v - PG_EPOCH_USEC);
}

void
db_copy_uuid(struct db_copy *c, const struct hash_id *v)
{
    db_copy_bytes(c, v, sizeof *v);
}

bool
db_copy_end(struct db_copy *c, struct err *e)
{
    struct db  *db = c->db;
    const char *name = c->name;

    put16(c, -1);
    flush(c);
    bool broken = c->broken;
    free(c);
    return drain(db, name, broken ? "broken" : NULL, e);
}
