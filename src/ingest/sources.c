/* sources.c - every source in memory, with its pilot's key. See ingest.h. */
#include "sources_int.h"

#include "sql_gen.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Lent out by count; a retired one (changed or gone) is freed when it is back. */
struct entry {
    struct ingest_source src; /* first: an ingest_source is its entry */
    unsigned             lent;
    bool                 retired;
    char                 texts[]; /* name 0 pilot code 0 */
};

struct table {
    struct entry **by_id, **by_name;
    size_t         n;
};

struct ingest_sources {
    pthread_mutex_t lock;
    pthread_mutex_t loading; /* one at a time */
    struct vault   *vault;
    struct table    now;
    struct voices   voices;
};

struct row {
    int64_t     workspace_id, source_id, pilot_id, min_group;
    const char *source, *pilot, *tz;
    bool        replay;
};

static const struct db_col cols[] = {
    DB_COL(struct row, workspace_id, DB_INT8), DB_COL(struct row, source_id, DB_INT8),
    DB_COL(struct row, pilot_id, DB_INT8),     DB_COL(struct row, source, DB_TEXT),
    DB_COL(struct row, pilot, DB_TEXT),        DB_COL(struct row, tz, DB_TEXT),
    DB_COL(struct row, replay, DB_BOOL),       DB_COLS_END,
};

/* --- one source ------------------------------------------------------------------ */

static void
discard(struct entry *s)
{
    hash_wipe(&s->src.key, sizeof s->src.key);
    hash_wipe(&s->src.account, sizeof s->src.account);
    hash_wipe(&s->src.reference, sizeof s->src.reference);
    free(s);
}

static struct entry *
entry_of(const struct row *r, const struct time_zone *zone, const struct hash_key *key)
{
    size_t        name = strlen(r->source) + 1, pilot = strlen(r->pilot) + 1;
    struct entry *s = calloc(1, sizeof *s + name + pilot);

    if (!s)
        return NULL;
    memcpy(s->texts, r->source, name);
    memcpy(s->texts + name, r->pilot, pilot);
    s->src = (struct ingest_source){ .workspace = r->workspace_id,
                                     .id = r->source_id,
                                     .pilot = r->pilot_id,
                                     .name = s->texts,
                                     .pilot_code = s->texts + name,
                                     .zone = zone,
                                     .replay = r->replay,
                                     .key = *key };
    hash_mac_init(&s->src.account, key);
    hash_mac_add(&s->src.account, "account", 8);
    hash_mac_add(&s->src.account, r->source, name);
    hash_mac_init(&s->src.reference, key);
    hash_mac_add(&s->src.reference, "reference", 10);
    return s;
}

static bool
is_same(const struct ingest_source *s, const struct row *r, const struct time_zone *zone,
        const struct hash_key *key)
{
    return s->pilot == r->pilot_id && s->zone == zone && s->replay == r->replay &&
           strcmp(s->name, r->source) == 0 && strcmp(s->pilot_code, r->pilot) == 0 &&
           hash_equal(&s->key, key, sizeof *key);
}

/* --- tables -------------------------------------------------------------------------- */

static int
compare_ids(const struct ingest_source *a, int64_t workspace, int64_t id)
{
    if (a->workspace != workspace)
        return a->workspace < workspace ? -1 : 1;
    return a->id == id ? 0 : a->id < id ? -1 : 1;
}

static int
compare_names(const struct ingest_source *a, int64_t workspace, const char *name, size_t n)
{
    if (a->workspace != workspace)
        return a->workspace < workspace ? -1 : 1;
    int c = strncmp(a->name, name, n);
    return c ? c : a->name[n] ? 1 : 0;
}

static int
name_order(const void *a, const void *b)
{
    const struct ingest_source *y = &(*(struct entry *const *)b)->src;

    return compare_names(&(*(struct entry *const *)a)->src, y->workspace, y->name, strlen(y->name));
}

static struct entry *
find_id(const struct table *t, int64_t workspace, int64_t id)
{
    size_t low = 0, high = t->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int    c = compare_ids(&t->by_id[mid]->src, workspace, id);

        if (!c)
            return t->by_id[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static struct entry *
find_name(const struct table *t, int64_t workspace, const char *name, size_t n)
{
    size_t low = 0, high = t->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int    c = compare_names(&t->by_name[mid]->src, workspace, name, n);

        if (!c)
            return t->by_name[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

struct ingest_sources *
ingest_sources_new(struct vault *v)
{
    struct ingest_sources *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->loading, NULL);
    s->vault = v;
    ingest_voices_init(&s->voices);
    return s;
}

static void
free_table(struct table *t)
{
    free(t->by_id);
    free(t->by_name);
}

void
ingest_sources_close(struct ingest_sources *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->now.n; i++) {
        assert(!s->now.by_id[i]->lent);
        discard(s->now.by_id[i]);
    }
    free_table(&s->now);
    ingest_voices_free(&s->voices);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->loading);
    free(s);
}

/* --- loading ---------------------------------------------------------------------------- */

static bool
read_rows(struct db *db, struct arena *mem, struct row **ret, size_t *ret_n, struct err *e)
{
    void *rows;

    if (!db_begin_control(db, e))
        return false;
    bool ok = db_query(db, &sql_worker_list_sources, DB_NO_ARGS, cols, sizeof(struct row), mem,
                       &rows, ret_n, e) &&
              db_commit(db, e);
    if (!ok) {
        db_rollback(db);
        return false;
    }
    *ret = rows;
    return true;
}

/* The entry of a row: the one there is when nothing changed, else a new one. NULL in *ret when
 * the pilot's key is gone. */
static bool
match(struct ingest_sources *s, const struct row *r, struct entry **ret, struct err *e)
{
    struct entry           *old = find_id(&s->now, r->workspace_id, r->source_id);
    const struct hash_key  *key;
    const struct time_zone *zone;
    struct err              why = ERR_INIT;

    if (!time_zone_find(r->tz, &zone, e))
        return err_wrap(e, "pilot %s", r->pilot);
    if (!vault_key(s->vault, r->workspace_id, r->pilot_id, false, &key, &why)) {
        *ret = NULL;
        if (why.code == ERR_NOT_FOUND)
            return true;
        *e = why;
        return false;
    }
    *ret = old && is_same(&old->src, r, zone, key) ? old : entry_of(r, zone, key);
    return *ret || err_set(e, ERR_NOMEM, "no memory for %s", "a source");
}

/* Makes the table of rows beside the one in use. Entries not in both are marked retired in
 * the table they are in. */
static bool
build(struct ingest_sources *s, const struct row *rows, size_t n, struct table *t, struct err *e)
{
    t->by_id = calloc(n + 1, sizeof(struct entry *));
    t->by_name = calloc(n + 1, sizeof(struct entry *));
    if (!t->by_id || !t->by_name)
        return err_set(e, ERR_NOMEM, "no memory for %zu sources", n);
    for (size_t i = 0; i < n; i++) {
        struct entry *one;

        if (!match(s, &rows[i], &one, e))
            return false;
        if (one)
            t->by_id[t->n++] = one;
    }
    memcpy(t->by_name, t->by_id, t->n * sizeof(struct entry *));
    qsort(t->by_name, t->n, sizeof(struct entry *), name_order);
    return true;
}

/* Entries of `gone` that `kept` has not: freed now, or when they are put back. */
static void
retire(const struct table *gone, const struct table *kept)
{
    for (size_t i = 0; i < gone->n; i++) {
        struct entry *one = gone->by_id[i];

        if (find_id(kept, one->src.workspace, one->src.id) == one)
            continue;
        one->retired = true;
        if (!one->lent)
            discard(one);
    }
}

bool
ingest_sources_load(struct ingest_sources *s, struct db *db, struct err *e)
{
    struct table t = { .n = 0 }, old;
    struct arena mem;
    struct row  *rows;
    size_t       n;

    arena_init(&mem, (size_t)64 << 20);
    pthread_mutex_lock(&s->loading); /* s->now changes only under both locks */
    bool ok = read_rows(db, &mem, &rows, &n, e) && build(s, rows, n, &t, e);
    pthread_mutex_lock(&s->lock);
    old = ok ? s->now : t;
    if (ok)
        s->now = t;
    retire(&old, &s->now);
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_unlock(&s->loading);
    free_table(&old);
    arena_free(&mem);
    return ok && ingest_voices_refresh(&s->voices, db, e);
}

struct voices *
ingest_sources_voices(struct ingest_sources *s)
{
    return &s->voices;
}

/* --- lending -------------------------------------------------------------------------------- */

static const struct ingest_source *
lend(struct ingest_sources *s, struct entry *one)
{
    if (one)
        one->lent++;
    pthread_mutex_unlock(&s->lock);
    return one ? &one->src : NULL;
}

const struct ingest_source *
ingest_sources_get(struct ingest_sources *s, int64_t workspace, int64_t id)
{
    pthread_mutex_lock(&s->lock);
    return lend(s, find_id(&s->now, workspace, id));
}

const struct ingest_source *
ingest_sources_named(struct ingest_sources *s, int64_t workspace, const char *name, size_t n)
{
    pthread_mutex_lock(&s->lock);
    return lend(s, find_name(&s->now, workspace, name, n));
}

void
ingest_sources_put(struct ingest_sources *s, const struct ingest_source *src)
{
    if (!src)
        return;
    struct entry *one = (struct entry *)(uintptr_t)src;

    pthread_mutex_lock(&s->lock);
    assert(one->lent);
    one->lent--;
    bool last = one->retired && !one->lent;
    pthread_mutex_unlock(&s->lock);
    if (last)
        discard(one);
}
