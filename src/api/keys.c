/* keys.c - ingest keys: made, listed, ended; and what a request costs its key. */
#include "app.h"

#include "ingest_int.h"

#include <string.h>

/* A new key works, a revoked one ends, before the command is answered. */
static bool
refresh_keys(struct app *app, struct err *e)
{
    struct db *db;

    if (!db_take(app->o.fleet, &db, e))
        return false;
    bool ok = auth_ring_refresh(app->o.ring, db, e);
    db_give(app->o.fleet, db);
    return ok;
}

/* "types": names of event types, or nothing for all. */
static bool
read_types(const cJSON *doc, struct arena *mem, struct auth_key_opts *o, struct err *e)
{
    const cJSON *list = json_get(doc, "types"), *t;
    const char **names;

    if (!list || cJSON_IsNull(list))
        return true;
    if (!cJSON_IsArray(list) || !cJSON_GetArraySize(list))
        return err_set(e, ERR_INVALID,
                       "types is a list such as [usage, auth], or left out for all");
    if (!(names = arena_new(mem, const char *, (size_t)cJSON_GetArraySize(list))))
        return err_set(e, ERR_NOMEM, "no memory for the types of a key");
    cJSON_ArrayForEach (t, list) {
        if (!cJSON_IsString(t))
            return err_set(e, ERR_INVALID, "types is a list of names of event types");
        names[o->types_n++] = t->valuestring;
    }
    o->types = names;
    return true;
}

static bool
read_key(const struct http_req *req, struct auth_key_opts *o, struct err *e)
{
    const cJSON *doc, *rate;

    if (!json_parse(req->mem, req->body, req->body_len, &doc, e))
        return false;
    o->source = json_text(doc, "source");
    if (!o->source)
        return err_set(e, ERR_INVALID, "source is missing");
    const char *expires = json_text(doc, "expires");
    if (expires && !auth_key_until(expires, o, e))
        return false;
    rate = json_get(doc, "rate");
    if (rate && !cJSON_IsNull(rate) && (!json_int(doc, "rate", &o->rate) || o->rate < 1))
        return err_set(e, ERR_INVALID, "rate is a number of events a second, 1 to %d",
                       AUTH_MOST_RATE);
    return read_types(doc, req->mem, o, e);
}

bool
api_post_key(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct auth_key_opts o = { .now = app->o.now() };
    struct auth_key_made made;
    struct db           *db;
    struct str           s;

    if (!read_key(req, &o, e) || !db_take(app->o.write, &db, e))
        return false;
    bool ok =
        api_workspace(db, req, &o.workspace, e) && auth_key_create(db, &o, req->mem, &made, e);
    db_give(app->o.write, db);
    if (!ok || !refresh_keys(app, e) || !api_refresh_sources(app, e))
        return false;
    str_init(&s, req->mem);
    str_addf(&s, "{\"id\":\"%s\",\"key\":\"%s\"}\n", made.id, made.text);
    hash_wipe(&made, sizeof made);
    ret_res->no_gzip = true;
    return api_answer(ret_res, &s, API_JSON, e);
}

static void
put_time(struct str *s, const char *name, usec_t t)
{
    char text[TIME_TEXT_LEN];

    time_format(t, text);
    str_addf(s, t ? ",\"%s\":\"%s\"" : ",\"%s\":null", name, text);
}

/* What this process knows of its last use is newer than what was written down. */
static void
put_key(struct app *app, struct str *s, const struct auth_key *k)
{
    usec_t used = auth_ring_used(app->o.ring, k->id);

    str_addf(s, "{\"id\":\"%s\",\"workspace\":\"%s\",\"source\":", k->id, k->workspace);
    str_json(s, k->source);
    str_addf(s, ",\"pilot\":\"%s\",\"types\":\"%s\"", k->pilot, k->types);
    put_time(s, "made", k->made);
    put_time(s, "expires", k->expires);
    put_time(s, "revoked", k->revoked);
    put_time(s, "last_used", used > k->used ? used : k->used);
    str_addf(s, ",\"rate\":%lld,\"state\":\"%s\"}", (long long)k->rate,
             auth_key_state_name(k->state));
}

bool
api_get_keys(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct auth_key *keys;
    size_t           n;
    int64_t          workspace = 0;
    struct db       *db;
    struct str       s;

    if (!db_take(app->o.fleet, &db, e))
        return false;
    bool ok = (!http_query(req, "workspace") || api_workspace(db, req, &workspace, e)) &&
              auth_key_list(db, workspace, app->o.now(), req->mem, &keys, &n, e);
    db_give(app->o.fleet, db);
    if (!ok)
        return false;
    str_init(&s, req->mem);
    str_add(&s, "{\"keys\":[");
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_addc(&s, ',');
        put_key(app, &s, &keys[i]);
    }
    str_add(&s, "]}\n");
    return api_answer(ret_res, &s, API_JSON, e);
}

bool
api_revoke_key(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct db *db;
    struct str s;

    if (!db_take(app->o.fleet, &db, e))
        return false;
    bool ok = auth_key_revoke(db, http_arg(req, 0), app->o.now(), e);
    db_give(app->o.fleet, db);
    if (!ok || !refresh_keys(app, e))
        return false;
    str_init(&s, req->mem);
    str_add(&s, "{\"revoked\":true}\n");
    return api_answer(ret_res, &s, API_JSON, e);
}

void
api_spend(struct app *app, const struct http_req *req, const struct ingest_intake *in)
{
    const struct auth_entry *key = *req->who;

    if (key)
        auth_ring_spend(app->o.ring, key, in->received ? in->received : 1);
}
