/* trace.c - one event's way: received, in the journal, loaded, counted in which KPIs; or why not.
 * Admin socket only: it speaks of one act, of an account without a name. */
#include "app.h"

#include "collaudo/kpi.h"

#include <inttypes.h>
#include <string.h>

#define PATIENCE (USEC_SECOND * 2) /* for what waits in the journal */

static void
put_text(struct str *s, const char *name, const char *value)
{
    str_addf(s, ",\"%s\":", name);
    str_json(s, value);
}

static void
put_bool(struct str *s, const char *name, bool value)
{
    str_addf(s, ",\"%s\":%s", name, value ? "true" : "false");
}

static void
put_time(struct str *s, const char *name, usec_t t)
{
    char text[TIME_TEXT_LEN];

    time_format(t, text);
    put_text(s, name, text);
}

static void
put_position(struct str *s, bool known, uint64_t position)
{
    if (known)
        str_addf(s, ",\"journal_position\":%" PRIu64, position);
    else
        str_add(s, ",\"journal_position\":null");
}

/* --- loaded ------------------------------------------------------------------------ */

/* Does a figure of this kind count the event? People act by value events of their own; a period
 * is heard by any event; deliveries count on the day they came. */
static bool
is_counted(const struct kpi_def *d, const struct ingest_trace *t)
{
    switch (d->unit) {
    case KPI_PEOPLE:
        return t->in_window && !t->late && t->value_event && t->eligible;
    case KPI_PERIODS:
        return t->in_window && !t->late;
    case KPI_EVENTS:
        return t->received_in_window;
    }
    return false;
}

static void
put_counted(struct str *s, const struct ingest_trace *t)
{
    size_t told = 0;

    str_add(s, ",\"counted_in\":[");
    for (size_t i = 0; i < kpi_defs_n; i++)
        if (is_counted(&kpi_defs[i], t))
            str_addf(s, "%s\"%s\"", told++ ? "," : "", kpi_defs[i].id);
    str_addc(s, ']');
}

static void
put_loaded(struct app *app, struct str *s, int64_t workspace, const char *id,
           const struct ingest_trace *t)
{
    char       account[2 * HASH_ID_LEN + 1], day[TIME_DAY_LEN];
    uint64_t   at = 0;
    struct err why = ERR_INIT;

    bool found = app->o.hooks.find(app->o.journal, workspace, t->source_id, t->event_id,
                                   t->received, &at, &why);

    hash_hex(&t->account, HASH_ID_LEN, account);
    time_day_name(t->day, day);
    str_add(s, "{\"id\":");
    str_json(s, id);
    if (strcmp(t->event_id, id) != 0)
        put_text(s, "stored_id", t->event_id);
    put_text(s, "source", t->source);
    put_text(s, "pilot", t->pilot);
    put_time(s, "happened", t->happened);
    put_time(s, "received", t->received);
    put_position(s, found, at);
    put_bool(s, "loaded", true);
    put_text(s, "type", event_type_name(t->type));
    put_text(s, "status", event_status_name(t->status));
    put_text(s, "action", t->action);
    put_text(s, "feature", t->feature);
    if (t->has_account)
        put_text(s, "account", account);
    else
        str_add(s, ",\"account\":null");
    put_text(s, "account_kind", t->account_kind);
    put_bool(s, "assigned", t->assigned);
    put_bool(s, "eligible", t->eligible);
    put_text(s, "day", day);
    put_bool(s, "in_window", t->in_window);
    put_bool(s, "late", t->late);
    put_bool(s, "value_event", t->value_event);
    put_bool(s, "waits_to_be_counted", t->day_waits);
    put_counted(s, t);
    str_addc(s, '}');
}

/* --- not loaded ---------------------------------------------------------------------- */

static void
put_held(struct str *s, const char *id, const struct ingest_held *h)
{
    char hex[2 * HASH_ID_LEN + 1];

    str_add(s, "{\"id\":");
    str_json(s, id);
    put_text(s, "source", h->source);
    put_text(s, "pilot", h->pilot);
    put_time(s, "received", h->received);
    put_bool(s, "loaded", false);
    put_bool(s, "waits_to_be_loaded", h->waits);
    if (h->waits)
        put_position(s, true, h->position);
    put_bool(s, "quarantined", h->why != EVENT_TAKEN);
    if (h->why != EVENT_TAKEN) {
        hash_hex(&h->quarantine, HASH_ID_LEN, hex);
        put_text(s, "reason", event_drop_name(h->why));
        put_text(s, "detail", event_drop_sentence(h->why));
        put_text(s, "pointer", h->pointer);
        put_text(s, "quarantine_id", hex);
    }
    str_add(s, ",\"counted_in\":[]}");
}

/* --- the route -------------------------------------------------------------------------- */

static void
comma(struct str *s, size_t *told)
{
    if ((*told)++)
        str_addc(s, ',');
}

/* In one company. A journal that cannot be read hides nothing that is loaded. */
static bool
trace_in(struct app *app, struct db *db, int64_t workspace, const char *id, struct str *s,
         size_t *told, struct err *e)
{
    struct ingest_sources *sources = app->o.sources;
    struct ingest_trace   *t;
    struct ingest_held    *held, waits;
    size_t                 n, held_n;
    bool                   waiting = false;
    struct err             why = ERR_INIT;

    if (!db_begin_read(db, workspace, e) ||
        !ingest_trace_event(db, sources, workspace, id, s->mem, &t, &n, e) ||
        !ingest_trace_quarantine(db, sources, workspace, id, s->mem, &held, &held_n, e))
        return false;
    if (!ingest_trace_waiting(db, app->o.journal, sources, workspace, id, PATIENCE, s->mem, &waits,
                              &waiting, &why))
        waiting = false;
    if (!db_commit(db, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        comma(s, told);
        put_loaded(app, s, workspace, id, &t[i]);
    }
    for (size_t i = 0; i < held_n; i++) {
        comma(s, told);
        put_held(s, id, &held[i]);
    }
    if (waiting) {
        comma(s, told);
        put_held(s, id, &waits);
    }
    return true;
}

bool
api_get_trace(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    const char         *id = http_query(req, "event");
    struct api_company *all;
    size_t              n, told = 0;
    struct db          *db;
    struct str          s;

    if (!id || !*id)
        return err_set(e, ERR_INVALID, "which event? /admin/trace?event=ID");
    if (!db_take(app->o.read, &db, e))
        return false;
    str_init(&s, req->mem);
    str_add(&s, "{\"events\":[");
    /* in the workspace named, or in all of them: the id is all a tool's owner has */
    bool ok = api_companies(db, req, &all, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        ok = trace_in(app, db, all[i].workspace_id, id, &s, &told, e);
    db_give(app->o.read, db);
    str_add(&s, "]}\n");
    if (ok && !told)
        return err_set(
            e, ERR_NOT_FOUND,
            "no event has this id: none is loaded, none waits, and none of the newest in "
            "quarantine names it");
    return ok && api_answer(ret_res, &s, API_JSON, e);
}
