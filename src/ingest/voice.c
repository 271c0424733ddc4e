/* voice.c - which sources are heard, which are silent. See ingest_voice.h. */
#include "voice_int.h"

#include "sources_int.h"
#include "sql_gen.h"

#include <inttypes.h>
#include <string.h>

#define LOOK_EVERY (5 * USEC_SECOND)
#define MOST_BYTES ((size_t)64 << 20)

static const struct db_col cols[] = {
    DB_COL(struct voice_row, workspace_id, DB_INT8),
    DB_COL(struct voice_row, source_id, DB_INT8),
    DB_COL(struct voice_row, pilot_id, DB_INT8),
    DB_COL(struct voice_row, code, DB_TEXT),
    DB_COL(struct voice_row, cadence, DB_TEXT),
    DB_COL(struct voice_row, owner, DB_TEXT),
    DB_COL(struct voice_row, tz, DB_TEXT),
    DB_COL(struct voice_row, expected, DB_BOOL),
    DB_COL(struct voice_row, start_day, DB_DATE),
    DB_COL(struct voice_row, made_at, DB_TIME),
    DB_COL_NULL(struct voice_row, heard_at, DB_TIME),
    { "workday", DB_DATE, offsetof(struct voice_row, workday), true,
      offsetof(struct voice_row, no_workday) },
    DB_COLS_END,
};

/* --- judging ------------------------------------------------------------------------- */

/* When the last whole period began in which something should have come; 0: there was none. */
static usec_t
expected_from(const struct voice_row *r, const struct time_zone *zone, usec_t now)
{
    usec_t begin = time_day_start(zone, r->start_day), at = 0;

    if (!r->expected)
        return 0;
    if (strcmp(r->cadence, "hourly") == 0)
        at = now - now % USEC_HOUR - USEC_HOUR;
    else if (strcmp(r->cadence, "workday") == 0 && !r->no_workday)
        at = time_day_start(zone, r->workday);
    return at < begin || at < r->made_at ? 0 : at;
}

bool
ingest_voice_judge(const struct voice_row *r, const struct time_zone *zone, usec_t heard,
                   usec_t now, usec_t *ret_since)
{
    usec_t from = expected_from(r, zone, now), begin = time_day_start(zone, r->start_day);

    if (!from || heard >= from)
        return false;
    *ret_since = heard ? heard : r->made_at > begin ? r->made_at : begin;
    return true;
}

/* --- reading ----------------------------------------------------------------------------- */

void
ingest_voices_init(struct voices *v)
{
    *v = (struct voices){ .n = 0 };
    pthread_mutex_init(&v->lock, NULL);
    arena_init(&v->mem, MOST_BYTES);
}

void
ingest_voices_free(struct voices *v)
{
    arena_free(&v->mem);
    pthread_mutex_destroy(&v->lock);
}

static bool
look(struct voices *v, struct db *db, usec_t now, struct err *e)
{
    struct arena mem, old;
    void        *rows = NULL;
    size_t       n = 0;

    arena_init(&mem, MOST_BYTES);
    bool begun = db_begin_control(db, e);
    bool ok = begun &&
              db_query(db, &sql_ingest_list_voices, DB_ARGS(db_time(now)), cols,
                       sizeof(struct voice_row), &mem, &rows, &n, e) &&
              db_commit(db, e);
    if (begun && !ok)
        db_rollback(db);
    if (!ok) {
        arena_free(&mem);
        return false;
    }
    pthread_mutex_lock(&v->lock);
    old = v->mem;
    v->mem = mem;
    v->rows = rows;
    v->n = n;
    v->looked = time_monotonic();
    pthread_mutex_unlock(&v->lock);
    arena_free(&old);
    return true;
}

bool
ingest_voices_refresh(struct voices *v, struct db *db, struct err *e)
{
    pthread_mutex_lock(&v->lock);
    bool due = !v->looked || time_monotonic() - v->looked >= LOOK_EVERY;
    pthread_mutex_unlock(&v->lock);
    return !due || look(v, db, time_now(), e);
}

bool
ingest_voices_load(struct ingest_sources *s, struct db *db, usec_t now, struct err *e)
{
    return look(ingest_sources_voices(s), db, now, e);
}

/* --- telling ------------------------------------------------------------------------------- */

static bool
tell(const struct voice_row *r, struct ingest_ledger *l, usec_t now, struct arena *mem,
     struct ingest_voice *ret, struct err *e)
{
    usec_t taken = ingest_ledger_heard(l, r->workspace_id, r->source_id);

    *ret = (struct ingest_voice){ .workspace = r->workspace_id,
                                  .source = r->source_id,
                                  .pilot = r->pilot_id,
                                  .name = arena_strdup(mem, r->code),
                                  .owner = arena_strdup(mem, r->owner),
                                  .heard = r->heard_at };
    if (!time_zone_find(r->tz, &ret->zone, e))
        return false;
    if (taken > ret->heard)
        ret->heard = taken;
    ret->silent = ingest_voice_judge(r, ret->zone, ret->heard, now, &ret->since);
    return true;
}

bool
ingest_voices(struct ingest_sources *s, struct ingest_ledger *l, usec_t now, struct arena *mem,
              struct ingest_voice **ret, size_t *ret_n, struct err *e)
{
    struct voices *v = ingest_sources_voices(s);
    size_t         n = 0;
    bool           ok = true;

    pthread_mutex_lock(&v->lock);
    struct ingest_voice *all = arena_new(mem, struct ingest_voice, v->n);
    for (; all && ok && n < v->n; n++)
        ok = tell(&v->rows[n], l, now, mem, &all[n], e);
    pthread_mutex_unlock(&v->lock);
    if (ok && mem->denied)
        ok = err_set(e, ERR_NOMEM, "no memory for the sources");
    if (!ok)
        return false;
    *ret = all;
    *ret_n = n;
    return true;
}

static void
put_line(struct str *out, const char *metric, const struct ingest_voice *v, int64_t value)
{
    str_addf(out, "%s{workspace=\"%" PRId64 "\",source=\"", metric, v->workspace);
    ingest_put_label(out, v->name);
    str_addf(out, "\"} %" PRId64 "\n", value);
}

void
ingest_voices_metrics(struct ingest_sources *s, struct ingest_ledger *l, struct str *out)
{
    struct ingest_voice *v;
    size_t               n;
    usec_t               now = time_now();
    struct err           e;

    if (!ingest_voices(s, l, now, out->mem, &v, &n, &e))
        return; /* out's arena is full: whoever made it says so */
    str_add(out, "# HELP collaudo_source_silent 1: not heard in the last period it declared\n"
                 "# TYPE collaudo_source_silent gauge\n");
    for (size_t i = 0; i < n; i++)
        put_line(out, "collaudo_source_silent", &v[i], v[i].silent);
    str_add(out, "# HELP collaudo_source_heard_seconds since something of it came in\n"
                 "# TYPE collaudo_source_heard_seconds gauge\n");
    for (size_t i = 0; i < n; i++)
        if (v[i].heard)
            put_line(out, "collaudo_source_heard_seconds", &v[i], (now - v[i].heard) / USEC_SECOND);
}
