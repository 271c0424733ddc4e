/* ring.c - every key in memory, so that no request waits for the database. See auth.h. */
#include "auth_int.h"

#include "sql_gen.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define RING_BYTES ((size_t)256 << 20) /* a hundred thousand keys are some 40 MiB */

struct ring_row {
    const char     *id, *source_code, *pilot_code, *tz, *types;
    int64_t         workspace, source, pilot;
    struct db_bytes hash;
    usec_t          expires;
    bool            replay;
};

static const struct db_col ring_cols[] = {
    DB_COL(struct ring_row, id, DB_TEXT),           DB_COL(struct ring_row, workspace, DB_INT8),
    DB_COL(struct ring_row, source, DB_INT8),       DB_COL(struct ring_row, pilot, DB_INT8),
    DB_COL(struct ring_row, source_code, DB_TEXT),  DB_COL(struct ring_row, pilot_code, DB_TEXT),
    DB_COL(struct ring_row, tz, DB_TEXT),           DB_COL(struct ring_row, replay, DB_BOOL),
    DB_COL(struct ring_row, types, DB_TEXT),        DB_COL(struct ring_row, hash, DB_BYTES),
    DB_COL_NULL(struct ring_row, expires, DB_TIME), DB_COLS_END,
};

struct ring_key {
    struct auth_entry e;
    uint8_t           hash[32];
};

/* One state of the ring; never changed once it is in force. */
struct ring_state {
    struct arena     mem;
    struct ring_key *v; /* sorted by id */
    size_t           n;
};

/* Readers copy what they find while they hold the lock, so that a state can be freed as soon as
 * another is in force; a refresh is prepared outside the lock. */
struct auth_ring {
    pthread_rwlock_t   lock;
    struct ring_state *now;   /* NULL: never filled */
    bool               stale; /* the last refresh failed */
};

static void
state_free(struct ring_state *s)
{
    if (!s)
        return;
    arena_free(&s->mem);
    free(s);
}
AUTO_DEFINE_STRUCT(ring_state, state_free)

struct auth_ring *
auth_ring_new(void)
{
    struct auth_ring    *r = calloc(1, sizeof *r);
    pthread_rwlockattr_t attr;

    if (!r)
        return NULL;
    /* A stream of requests must not keep a refresh waiting. */
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&r->lock, &attr);
    pthread_rwlockattr_destroy(&attr);
    return r;
}

void
auth_ring_close(struct auth_ring *r)
{
    if (!r)
        return;
    state_free(r->now);
    pthread_rwlock_destroy(&r->lock);
    free(r);
}

/* --- refreshing ------------------------------------------------------------------ */

static int
by_id(const void *a, const void *b)
{
    return strcmp(((const struct ring_key *)a)->e.id, ((const struct ring_key *)b)->e.id);
}

static bool
put_key(const struct ring_row *row, struct ring_key *k, struct err *e)
{
    *k = (struct ring_key){ .e = { .rights = RIGHT_SEND,
                                   .workspace = row->workspace,
                                   .source = row->source,
                                   .pilot = row->pilot,
                                   .source_code = row->source_code,
                                   .pilot_code = row->pilot_code,
                                   .replay = row->replay,
                                   .types = auth_types_mask(row->types),
                                   .expires = row->expires } };
    if (row->hash.n != sizeof k->hash || strlen(row->id) >= sizeof k->e.id)
        return err_set(e, ERR_DB, "a stored key is damaged");
    memcpy(k->hash, row->hash.p, sizeof k->hash);
    memcpy(k->e.id, row->id, strlen(row->id) + 1);
    return time_zone_find(row->tz, &k->e.zone, e);
}

static bool
fill(struct ring_state *s, struct db *db, struct err *e)
{
    void            *rows = NULL;
    struct ring_row *row;
    size_t           n = 0;

    if (!db_begin_control(db, e))
        return false;
    if (!db_query(db, &sql_auth_list_ring, DB_NO_ARGS, ring_cols, sizeof(struct ring_row), &s->mem,
                  &rows, &n, e)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, e))
        return false;
    row = rows;
    if (!(s->v = arena_new(&s->mem, struct ring_key, n)))
        return err_set(e, ERR_NOMEM, "no memory for %zu keys", n);
    for (; s->n < n; s->n++)
        if (!put_key(&row[s->n], &s->v[s->n], e))
            return false;
    qsort(s->v, s->n, sizeof *s->v, by_id);
    return true;
}

static struct ring_state *
load(struct db *db, struct err *e)
{
    struct ring_state *fresh = calloc(1, sizeof *fresh);

    if (!fresh || !db) {
        free(fresh);
        err_set(e, db ? ERR_NOMEM : ERR_BUSY, "the keys cannot be read: no %s",
                db ? "memory" : "connection to the database");
        return NULL;
    }
    arena_init(&fresh->mem, RING_BYTES);
    AUTO_STRUCT(ring_state) *s = fresh;
    if (!fill(s, db, e))
        return NULL;
    return TAKE(s);
}

bool
auth_ring_refresh(struct auth_ring *r, struct db *db, struct err *e)
{
    struct ring_state *s = load(db, e), *old = NULL;

    pthread_rwlock_wrlock(&r->lock);
    r->stale = !s;
    if (s) {
        old = r->now;
        r->now = s;
    }
    pthread_rwlock_unlock(&r->lock);
    state_free(old);
    return s;
}

/* --- asking ------------------------------------------------------------------------- */

static const struct auth_entry *
copy(const struct auth_entry *from, struct arena *mem)
{
    struct auth_entry *to = arena_memdup(mem, from, sizeof *to);

    if (!to)
        return NULL;
    to->source_code = arena_strdup(mem, from->source_code);
    to->pilot_code = arena_strdup(mem, from->pilot_code);
    return to->source_code && to->pilot_code ? to : NULL;
}

/* What the ring says about a key; `known` when its id is there. */
struct answer {
    bool                     known, right, busy;
    const struct auth_entry *entry;
};

static struct answer
look_up(struct auth_ring *r, const char *id, const uint8_t hash[32], usec_t now, struct arena *mem)
{
    static const uint8_t   nobody[32];
    struct answer          a = { .known = false };
    struct ring_key        key;
    const struct ring_key *k = NULL;

    memcpy(key.e.id, id, AUTH_ID_LEN);
    pthread_rwlock_rdlock(&r->lock);
    if (r->now && r->now->n)
        k = bsearch(&key, r->now->v, r->now->n, sizeof key, by_id);
    a.busy = r->stale || !r->now;
    a.known = k;
    /* the same work for a key that is not there */
    a.right = hash_equal(hash, k ? k->hash : nobody, 32) && k;
    if (a.right && (!k->e.expires || k->e.expires > now))
        a.entry = copy(&k->e, mem);
    else
        a.right = false;
    pthread_rwlock_unlock(&r->lock);
    return a;
}

bool
auth_ring_find(struct auth_ring *r, const char *key, size_t n, usec_t now, struct arena *mem,
               const struct auth_entry **ret, struct err *e)
{
    char          id[AUTH_ID_LEN];
    const char   *secret;
    uint8_t       hash[32];
    struct answer a;

    if (!auth_key_cut(key, n, id, &secret))
        return err_set(e, ERR_UNKNOWN_WHO, "this is no key: one looks like clk_..._...");
    hash_sha256(secret, AUTH_SECRET_LEN, hash);
    a = look_up(r, id, hash, now, mem);
    if (a.entry) {
        *ret = a.entry;
        return true;
    }
    if (a.right)
        return err_set(e, ERR_NOMEM, "no memory for a request");
    if (!a.known && a.busy)
        return err_set(e, ERR_BUSY, "keys cannot be checked just now: send it again");
    return err_set(e, ERR_UNKNOWN_WHO, "this key is not known, has expired or was revoked");
}
