/* ring.c - every key in memory, so that no request waits for the database. See auth.h. */
#include "auth_int.h"

#include "collaudo/log.h"

#include "sql_gen.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_EVERY (60 * USEC_SECOND)
#define RING_BYTES ((size_t)256 << 20) /* a hundred thousand keys are some 40 MiB */

struct ring_row {
    const char     *id, *source_code, *pilot_code, *tz, *types;
    int64_t         workspace, source, pilot;
    struct db_bytes hash;
    usec_t          expires;
    int64_t         rate;
    bool            replay;
};

static const struct db_col ring_cols[] = {
    DB_COL(struct ring_row, id, DB_TEXT),
    DB_COL(struct ring_row, workspace, DB_INT8),
    DB_COL(struct ring_row, source, DB_INT8),
    DB_COL(struct ring_row, pilot, DB_INT8),
    DB_COL(struct ring_row, source_code, DB_TEXT),
    DB_COL(struct ring_row, pilot_code, DB_TEXT),
    DB_COL(struct ring_row, tz, DB_TEXT),
    DB_COL(struct ring_row, replay, DB_BOOL),
    DB_COL(struct ring_row, types, DB_TEXT),
    DB_COL(struct ring_row, hash, DB_BYTES),
    DB_COL_NULL(struct ring_row, expires, DB_TIME),
    DB_COL_NULL(struct ring_row, rate, DB_INT8),
    DB_COLS_END,
};

/* What is remembered of a key beyond one refresh; shared by the states that have it. */
struct ring_use {
    unsigned          states; /* under `refreshing` */
    struct auth_meter meter;
    _Atomic usec_t    used;         /* to a second; 0: not yet */
    usec_t            noted, tried; /* under `refreshing`: what the database was told, and when */
};

struct ring_key {
    struct auth_entry e;
    uint8_t           hash[32];
    struct ring_use  *use;
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
    pthread_mutex_t    refreshing; /* one at a time; taken before `lock` */
    pthread_rwlock_t   lock;
    struct ring_state *now;   /* NULL: never filled */
    usec_t             fresh; /* when it was read last; monotonic */
    bool               stale; /* the last refresh failed */
};

static void
state_free(struct ring_state *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].use && !--s->v[i].use->states)
            free(s->v[i].use);
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
    pthread_mutex_init(&r->refreshing, NULL);
    return r;
}

void
auth_ring_close(struct auth_ring *r)
{
    if (!r)
        return;
    state_free(r->now);
    pthread_rwlock_destroy(&r->lock);
    pthread_mutex_destroy(&r->refreshing);
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
                                   .expires = row->expires,
                                   .rate = row->rate ? row->rate : AUTH_RATE } };
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

static struct ring_key *
find_key(const struct ring_state *s, const char *id)
{
    struct ring_key key;

    if (!s || !s->n || strlen(id) >= sizeof key.e.id)
        return NULL;
    memcpy(key.e.id, id, strlen(id) + 1);
    return bsearch(&key, s->v, s->n, sizeof key, by_id);
}

/* Every key keeps the use it had, or gets a new one. */
static bool
hand_on(struct ring_state *s, const struct ring_state *old, struct err *e)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct ring_key *was = find_key(old, s->v[i].e.id);

        s->v[i].use = was ? was->use : calloc(1, sizeof *s->v[i].use);
        if (!s->v[i].use)
            return err_set(e, ERR_NOMEM, "no memory for %zu keys", s->n);
        s->v[i].use->states++;
    }
    return true;
}

static bool
swap(struct auth_ring *r, struct db *db, struct err *e)
{
    struct ring_state *s = load(db, e), *old = NULL;

    if (s && !hand_on(s, r->now, e)) {
        state_free(s);
        s = NULL;
    }
    pthread_rwlock_wrlock(&r->lock);
    r->stale = !s;
    if (s) {
        old = r->now;
        r->now = s;
        r->fresh = time_monotonic();
    }
    pthread_rwlock_unlock(&r->lock);
    state_free(old);
    return s;
}

/* --- telling the database when keys were used --------------------------------------- */

struct uses { /* columns */
    int64_t          *workspace, *used;
    const char      **id;
    struct ring_use **use;
    size_t            n;
};

static bool
gather(const struct ring_state *s, usec_t now, struct arena *mem, struct uses *u)
{
    u->workspace = arena_new(mem, int64_t, s->n);
    u->used = arena_new(mem, int64_t, s->n);
    u->id = arena_new(mem, const char *, s->n);
    u->use = arena_new(mem, struct ring_use *, s->n);
    u->n = 0;
    for (size_t i = 0; !mem->denied && i < s->n; i++) {
        struct ring_use *use = s->v[i].use;
        usec_t           used = atomic_load_explicit(&use->used, memory_order_relaxed);

        if (used <= use->noted || (use->tried && now - use->tried < NOTE_EVERY))
            continue;
        use->tried = now;
        u->workspace[u->n] = s->v[i].e.workspace;
        u->id[u->n] = s->v[i].e.id;
        u->used[u->n] = used;
        u->use[u->n++] = use;
    }
    return u->n && !mem->denied;
}

/* What cannot be written is tried again in a minute: keys are valid all the same. */
static void
note_uses(const struct ring_state *s, struct db *db)
{
    struct arena mem;
    struct uses  u;
    struct err   e = ERR_INIT;

    arena_init(&mem, RING_BYTES);
    if (gather(s, time_monotonic(), &mem, &u)) {
        bool begun = db_begin_control(db, &e);
        bool ok =
            begun &&
            db_exec(db, &sql_auth_note_uses,
                    DB_ARGS(db_int8s(u.workspace, u.n), db_texts(u.id, u.n), db_int8s(u.used, u.n)),
                    NULL, &e) &&
            db_commit(db, &e);

        if (begun && !ok)
            db_rollback(db);
        if (!ok)
            log_err("auth", &e, "when keys were used cannot be written down");
        for (size_t i = 0; ok && i < u.n; i++)
            u.use[i]->noted = u.used[i];
    }
    arena_free(&mem);
}

bool
auth_ring_refresh(struct auth_ring *r, struct db *db, struct err *e)
{
    pthread_mutex_lock(&r->refreshing);
    bool ok = swap(r, db, e);
    if (ok)
        note_uses(r->now, db); /* r->now changes only under `refreshing` */
    pthread_mutex_unlock(&r->refreshing);
    return ok;
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
    bool                     known, right, busy, expired;
    unsigned                 wait;
    const struct auth_entry *entry;
};

static int64_t
meter_now(void)
{
    return time_monotonic() * 1000;
}

/* Every request of one key writes here: seldom, so that threads do not fight for the line. */
static void
note_use(struct ring_use *use, usec_t now)
{
    usec_t was = atomic_load_explicit(&use->used, memory_order_relaxed);

    if (now - was >= USEC_SECOND || now < was)
        atomic_store_explicit(&use->used, now, memory_order_relaxed);
}

static struct answer
look_up(struct auth_ring *r, const char *id, const uint8_t hash[32], usec_t now, struct arena *mem)
{
    static const uint8_t nobody[32];
    struct answer        a = { .known = false };

    pthread_rwlock_rdlock(&r->lock);
    const struct ring_key *k = find_key(r->now, id);
    a.busy = r->stale || !r->now || time_monotonic() - r->fresh > AUTH_STALE;
    a.known = k;
    /* the same work for a key that is not there */
    a.right = hash_equal(hash, k ? k->hash : nobody, 32) && k;
    a.expired = a.right && k->e.expires && k->e.expires <= now;
    if (a.right && !a.expired) {
        note_use(k->use, now);
        a.wait = auth_meter_wait(&k->use->meter, meter_now());
        a.entry = a.wait ? NULL : copy(&k->e, mem);
    }
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
    if (a.expired)
        return err_set(e, ERR_KEY_EXPIRED, "this key has expired: a new one is needed");
    if (a.wait)
        err_set(e, ERR_TOO_MANY, "more events than this key may send: come again in %u s", a.wait);
    else if (a.right)
        err_set(e, ERR_NOMEM, "no memory for a request");
    else if (!a.known && a.busy)
        err_set(e, ERR_BUSY, "keys cannot be checked just now: send it again");
    else
        err_set(e, ERR_UNKNOWN_WHO, "this key is not known, or was revoked");
    e->wait = a.wait;
    return false;
}

void
auth_ring_spend(struct auth_ring *r, const struct auth_entry *who, uint64_t events)
{
    pthread_rwlock_rdlock(&r->lock);
    const struct ring_key *k = find_key(r->now, who->id);
    if (k)
        auth_meter_spend(&k->use->meter, k->e.rate, events, meter_now());
    pthread_rwlock_unlock(&r->lock);
}

usec_t
auth_ring_used(struct auth_ring *r, const char *id)
{
    pthread_rwlock_rdlock(&r->lock);
    const struct ring_key *k = find_key(r->now, id);
    usec_t                 used = k ? atomic_load_explicit(&k->use->used, memory_order_relaxed) : 0;
    pthread_rwlock_unlock(&r->lock);
    return used;
}
