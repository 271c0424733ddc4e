/* sources.c - /api/v1/sources: what came in per source, and which of them are silent. */
#include "app.h"

#include "collaudo/event.h"

#include "sql_gen.h"

#include <string.h>

static void
put_more(struct str *s, const char *key, const char *value)
{
    str_addc(s, ',');
    str_json(s, key);
    str_addc(s, ':');
    str_json(s, value);
}

static void
put_time(struct str *s, const char *key, usec_t t)
{
    char text[TIME_TEXT_LEN];

    time_format(t, text);
    put_more(s, key, t ? text : NULL);
}

struct source_row {
    const char *source, *pilot, *cadence, *owner;
    int64_t     reason;
    bool        no_reason;
    int64_t     loaded, duplicates, quarantined, reread, late;
    int32_t     last_day;
    bool        no_day;
};

static const struct db_col source_cols[] = {
    DB_COL(struct source_row, source, DB_TEXT),
    DB_COL(struct source_row, pilot, DB_TEXT),
    DB_COL(struct source_row, cadence, DB_TEXT),
    DB_COL(struct source_row, owner, DB_TEXT),
    { "reason", DB_INT8, offsetof(struct source_row, reason), true,
      offsetof(struct source_row, no_reason) },
    DB_COL(struct source_row, loaded, DB_INT8),
    DB_COL(struct source_row, duplicates, DB_INT8),
    DB_COL(struct source_row, quarantined, DB_INT8),
    DB_COL(struct source_row, reread, DB_INT8),
    DB_COL(struct source_row, late, DB_INT8),
    { "last_day", DB_DATE, offsetof(struct source_row, last_day), true,
      offsetof(struct source_row, no_day) },
    DB_COLS_END,
};

struct voices {
    struct ingest_voice *v;
    size_t               n;
};

static const struct ingest_voice *
find(const struct voices *all, int64_t workspace, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].workspace == workspace && strcmp(all->v[i].name, name) == 0)
            return &all->v[i];
    return NULL;
}

/* NULL: so new that it was not looked at yet. */
static void
put_voice(struct str *s, const struct ingest_voice *v)
{
    put_time(s, "last_heard", v ? v->heard : 0);
    put_time(s, "silent_since", v && v->silent ? v->since : 0);
}

/* The rows of one source, one per reason, as one object. Returns how many they were. */
static size_t
put_source(struct str *s, const struct api_company *c, const struct voices *v,
           const struct source_row *row, size_t n)
{
    struct source_row sum = row[0];
    size_t            k = 1, told = 0;

    while (k < n && strcmp(row[k].source, row[0].source) == 0) {
        sum.loaded += row[k].loaded;
        sum.duplicates += row[k].duplicates;
        sum.quarantined += row[k].quarantined;
        sum.reread += row[k].reread;
        k++;
    }
    str_add(s, "{\"source\":");
    str_json(s, sum.source);
    put_more(s, "workspace", c->code);
    put_more(s, "pilot", sum.pilot);
    put_more(s, "cadence", sum.cadence);
    put_more(s, "owner", sum.owner);
    str_addf(s, ",\"received\":%lld,\"loaded\":%lld,\"duplicates\":%lld,\"quarantined\":%lld",
             (long long)(sum.loaded + sum.duplicates + sum.quarantined), (long long)sum.loaded,
             (long long)sum.duplicates, (long long)sum.quarantined);
    str_addf(s, ",\"reread\":%lld,\"late\":%lld,\"reasons\":{", (long long)sum.reread,
             (long long)sum.late);
    for (size_t i = 0; i < k; i++)
        if (!row[i].no_reason && row[i].reason && row[i].quarantined)
            str_addf(s, "%s\"%s\":%lld", told++ ? "," : "", event_drop_name(row[i].reason),
                     (long long)row[i].quarantined);
    str_addc(s, '}');
    put_voice(s, find(v, c->workspace_id, sum.source));
    if (!sum.no_day) {
        char day[TIME_DAY_LEN];

        time_day_name(sum.last_day, day);
        put_more(s, "last_event", day);
    }
    str_addc(s, '}');
    return k;
}

static bool
put_company_sources(struct db *db, const struct http_req *req, const struct api_company *c,
                    const struct voices *v, struct str *s, size_t *told, struct err *e)
{
    void  *rows;
    size_t n;

    if (!db_begin_read(db, c->workspace_id, e) ||
        !db_query(db, &sql_api_list_source_counts, DB_ARGS(db_int8(c->workspace_id)), source_cols,
                  sizeof(struct source_row), req->mem, &rows, &n, e) ||
        !db_commit(db, e))
        return false;
    for (size_t i = 0; i < n;) {
        if ((*told)++)
            str_addc(s, ',');
        i += put_source(s, c, v, (struct source_row *)rows + i, n - i);
    }
    return true;
}

bool
api_get_sources(struct app *app, const struct http_req *req, struct http_res *ret_res,
                struct err *e)
{
    struct api_company *all;
    struct voices       v;
    size_t              n, told = 0;
    struct db          *db;
    struct str          s;

    if (!ingest_voices(app->o.sources, app->o.ledger, app->o.now(), req->mem, &v.v, &v.n, e) ||
        !db_take(app->o.read, &db, e))
        return false;
    str_init(&s, req->mem);
    str_add(&s, "{\"sources\":[");
    bool ok = api_companies(db, req, &all, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        ok = put_company_sources(db, req, &all[i], &v, &s, &told, e);
    db_give(app->o.read, db);
    str_add(&s, "]}\n");
    return ok && api_answer(ret_res, &s, API_JSON, e);
}
