/* wire.c - values in PostgreSQL's binary form, both ways. See db.h. */
#include "db_int.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

/* clang-format off */
static const struct {
    Oid         oid, element; /* element: of an array */
    int         len;
    const char *name;
} types[] = {
    [DB_BOOL]   = {   16,    0,  1, "bool" },
    [DB_INT8]   = {   20,    0,  8, "int8" },
    [DB_FLOAT8] = {  701,    0,  8, "float8" },
    [DB_TEXT]   = {   25,    0,  0, "text" },
    [DB_TIME]   = { 1184,    0,  8, "timestamptz" },
    [DB_DATE]   = { 1082,    0,  4, "date" },
    [DB_UUID]   = { 2950,    0, 16, "uuid" },
    [DB_BYTES]  = {   17,    0,  0, "bytea" },
    [DB_JSON]   = { 3802,    0,  0, "jsonb" },
    [DB_INT8S]  = { 1016,   20,  8, "int8[]" },
    [DB_TEXTS]  = { 1009,   25,  0, "text[]" },
    [DB_UUIDS]  = { 2951, 2950, 16, "uuid[]" },
    [DB_DATES]  = { 1182, 1082,  4, "date[]" },
};
/* clang-format on */

#define OID_INT2 21
#define OID_INT4 23

static char *
put32(char *at, uint32_t v)
{
    v = htobe32(v);
    memcpy(at, &v, 4);
    return at + 4;
}

static size_t
element_len(const struct db_arg *a, size_t i)
{
    return a->type == DB_TEXTS ? strlen(((const char *const *)a->v.p)[i])
                               : (size_t)types[a->type].len;
}

static void
put_element(const struct db_arg *a, size_t i, char *at, size_t n)
{
    uint64_t big;

    switch (a->type) {
    case DB_INT8S:
        big = htobe64((uint64_t)((const int64_t *)a->v.p)[i]);
        memcpy(at, &big, 8);
        break;
    case DB_DATES:
        put32(at, (uint32_t)(((const int32_t *)a->v.p)[i] - PG_EPOCH_DAY));
        break;
    case DB_UUIDS:
        memcpy(at, &((const struct hash_id *)a->v.p)[i], sizeof(struct hash_id));
        break;
    default:
        memcpy(at, ((const char *const *)a->v.p)[i], n);
    }
}

/* One-dimensional array: dimensions, has-null, element type, length, lower bound. */
static bool
encode_array(const struct db_arg *a, struct wire_args *w, int k)
{
    size_t size = 20;

    for (size_t i = 0; i < a->n; i++)
        size += 4 + element_len(a, i);
    char *buf = arena_alloc(&w->bytes, size), *at = buf;
    if (!buf)
        return false;
    at = put32(at, a->n ? 1 : 0);
    at = put32(at, 0);
    at = put32(at, types[a->type].element);
    if (a->n) {
        at = put32(at, (uint32_t)a->n);
        at = put32(at, 1);
    }
    for (size_t i = 0; i < a->n; i++) {
        size_t n = element_len(a, i);

        at = put32(at, (uint32_t)n);
        put_element(a, i, at, n);
        at += n;
    }
    w->values[k] = buf;
    w->lengths[k] = (int)(at - buf);
    return true;
}

static bool
encode_json(const struct db_arg *a, struct wire_args *w, int k)
{
    size_t n = strlen(a->v.text);
    char  *buf = arena_alloc(&w->bytes, n + 1);

    if (!buf)
        return false;
    buf[0] = 1; /* version of jsonb's binary form */
    memcpy(buf + 1, a->v.text, n);
    w->values[k] = buf;
    w->lengths[k] = (int)n + 1;
    return true;
}

static bool
encode(const struct db_arg *a, struct wire_args *w, int k)
{
    w->values[k] = (const char *)&w->wire[k];
    w->lengths[k] = types[a->type].len;
    switch (a->type) {
    case DB_BOOL:
        memset(&w->wire[k], a->v.b, 1);
        break;
    case DB_INT8:
        w->wire[k] = htobe64((uint64_t)a->v.i8);
        break;
    case DB_TIME:
        w->wire[k] = htobe64((uint64_t)(a->v.i8 - PG_EPOCH_USEC));
        break;
    case DB_DATE:
        put32((char *)&w->wire[k], (uint32_t)(a->v.i8 - PG_EPOCH_DAY));
        break;
    case DB_FLOAT8:
        memcpy(&w->wire[k], &a->v.f8, 8);
        w->wire[k] = htobe64(w->wire[k]);
        break;
    case DB_TEXT:
        w->values[k] = a->v.text;
        w->lengths[k] = (int)strlen(a->v.text);
        break;
    case DB_UUID:
        w->values[k] = a->v.p;
        break;
    case DB_BYTES:
        w->values[k] = a->n ? a->v.p : "";
        w->lengths[k] = (int)a->n;
        break;
    case DB_JSON:
        return encode_json(a, w, k);
    case DB_INT8S:
    case DB_TEXTS:
    case DB_UUIDS:
    case DB_DATES:
        return encode_array(a, w, k);
    case DB_END:
        break;
    }
    return true;
}

bool
db_wire_encode(const struct db_arg *args, struct wire_args *ret, struct err *e)
{
    ret->n = 0;
    arena_init(&ret->bytes, (size_t)64 << 20);
    for (; args->type != DB_END; args++) {
        int k = ret->n++;

        assert(k < MAX_ARGS);
        ret->oids[k] = types[args->type].oid;
        ret->formats[k] = 1;
        ret->values[k] = NULL;
        ret->lengths[k] = 0;
        if (!args->is_null && !encode(args, ret, k)) {
            db_wire_free(ret);
            return err_set(e, ERR_NOMEM, "no memory for the values of a statement");
        }
    }
    return true;
}

void
db_wire_free(struct wire_args *w)
{
    arena_free(&w->bytes);
}

/* --- results ------------------------------------------------------------------ */

static int64_t
be_int(const char *p, int n)
{
    uint64_t v = 0;

    for (int i = 0; i < n; i++)
        v = v << 8 | (unsigned char)p[i];
    return n == 8 ? (int64_t)v : n == 4 ? (int32_t)(uint32_t)v : (int16_t)(uint16_t)v;
}

static bool
fits(enum db_type t, Oid got)
{
    return got == types[t].oid || (t == DB_INT8 && (got == OID_INT2 || got == OID_INT4));
}

/* One value into the member at `to`; false: no memory. */
static bool
decode(enum db_type t, const char *p, int n, struct arena *mem, void *to)
{
    int64_t  i;
    uint64_t bits;

    switch (t) {
    case DB_BOOL:
        *(bool *)to = *p != 0;
        return true;
    case DB_INT8:
        *(int64_t *)to = be_int(p, n);
        return true;
    case DB_TIME:
        i = be_int(p, 8);
        *(usec_t *)to = i == INT64_MAX || i == INT64_MIN ? i : i + PG_EPOCH_USEC;
        return true;
    case DB_DATE:
        *(int32_t *)to = (int32_t)be_int(p, 4) + PG_EPOCH_DAY;
        return true;
    case DB_FLOAT8:
        memcpy(&bits, p, 8);
        bits = be64toh(bits);
        memcpy(to, &bits, 8);
        return true;
    case DB_UUID:
        memcpy(to, p, sizeof(struct hash_id));
        return true;
    case DB_JSON:
        return (*(const char **)to = arena_strndup(mem, p + 1, (size_t)n - 1)) != NULL;
    case DB_BYTES:
        *(struct db_bytes *)to = (struct db_bytes){ arena_memdup(mem, p, (size_t)n), (size_t)n };
        return ((struct db_bytes *)to)->p != NULL;
    default:
        assert(t == DB_TEXT);
        return (*(const char **)to = arena_strndup(mem, p, (size_t)n)) != NULL;
    }
}

bool
db_wire_decode(const char *name, const PGresult *res, const struct db_col *cols, size_t row_size,
               struct arena *mem, char *rows, struct err *e)
{
    int n = PQntuples(res);

    for (const struct db_col *c = cols; c->type != DB_END; c++) {
        int f = PQfnumber(res, c->name);

        if (f < 0 || !fits(c->type, PQftype(res, f)))
            return err_set(e, ERR_DB, "%s: column %s should be %s", name, c->name,
                           types[c->type].name);
        for (int r = 0; r < n; r++) {
            char *row = rows + (size_t)r * row_size;

            if (PQgetisnull(res, r, f)) {
                if (!c->nullable)
                    return err_set(e, ERR_DB, "%s: column %s is NULL", name, c->name);
                if (c->is_null_at)
                    *(bool *)(row + c->is_null_at) = true;
            } else if (!decode(c->type, PQgetvalue(res, r, f), PQgetlength(res, r, f), mem,
                               row + c->at)) {
                return err_set(e, ERR_NOMEM, "%s: no memory for %d rows", name, n);
            }
        }
    }
    return true;
}
