/* xapi.c - the door for learning systems: statements of training, and what we speak. */
#include "ingest_int.h"

#include "collaudo/ingest_record.h"

#include "sql_gen.h"

#include <stdio.h>
#include <string.h>

#define VERSION "1.0.3"

/* Is there another event with this id? Best effort, for one statement: what is not in the
 * database yet is found when it is loaded. */
static bool
is_other(struct app *app, const struct http_req *req, const struct ingest_intake *in)
{
    static const struct db_col cols[] = { { .name = "hash", .type = DB_UUID }, DB_COLS_END };
    const struct auth_entry   *key = *req->who;
    struct ingest_record       r;
    struct ingest_record_item  item;
    struct hash_id             hash;
    struct db                 *db;
    struct err                 e = ERR_INIT;

    if (in->accepted != 1 || in->received != 1 ||
        !ingest_record_open(in->record, in->record_n, &r, &e) ||
        !ingest_record_next(&r, &item, &e) || !db_take(app->o.read, &db, &e))
        return false;
    const char *id = arena_strndup(req->mem, item.event.id.p, item.event.id.n);
    bool        found = id && db_begin(db, key->workspace, &e) &&
                 db_one(db, &sql_api_get_event_hash,
                        DB_ARGS(db_int8(key->workspace), db_int8(item.source), db_text(id)), cols,
                        req->mem, &hash, &e) &&
                 db_commit(db, &e);
    db_rollback(db);
    db_give(app->o.read, db);
    return found && !hash_equal(&hash, &item.hash, sizeof hash);
}

static bool
say_conflict(const struct http_req *req, struct http_res *res, struct err *e)
{
    struct str s;

    str_init(&s, req->mem);
    str_add(&s, "{\"error\":{\"code\":\"id_conflict\",\"message\":");
    str_json(&s, event_drop_sentence(EVENT_ID_CONFLICT));
    str_addf(&s, "},\"request_id\":\"%s\"}\n", req->id);
    res->status = 409;
    return api_answer(res, &s, API_JSON, e);
}

/* Ids of a POST; of a PUT nothing. Statements in quarantine are kept too, so their ids are among
 * them, and a header says how many they are. */
static bool
say_taken(const struct http_req *req, const struct ingest_intake *in, struct http_res *res,
          struct err *e)
{
    struct str s;

    if (in->rejected)
        http_res_header(res, "X-Collaudo-Quarantined", arena_printf(req->mem, "%zu", in->rejected));
    if (req->method == HTTP_PUT) {
        res->status = 204;
        return true;
    }
    str_init(&s, req->mem);
    ingest_answer_ids(in, &s);
    return api_answer(res, &s, API_JSON, e);
}

bool
api_post_statements(struct app *app, const struct http_req *req, struct http_res *ret_res,
                    struct err *e)
{
    struct ingest_form   form = { .dialect = INGEST_XAPI, .cut = JSON_AUTO };
    const char          *id = http_query(req, "statementId");
    struct ingest_intake in;
    bool                 ok;

    if (!http_content_is(req, "application/json"))
        return err_set(e, ERR_MEDIA_TYPE, "send application/json, without attachments");
    if (req->method == HTTP_PUT) {
        if (!id || !*id)
            return err_set(e, ERR_INVALID, "which statement? PUT /xapi/statements?statementId=ID");
        form.cut = JSON_ONE;
        form.put_id = event_text(id);
    }
    if (!api_take(app, req, form, req->body, req->body_len, &in, e))
        return false;
    http_res_header(ret_res, "X-Experience-API-Version", VERSION);
    if (in.unreadable)
        ok = api_unreadable(req, &in, ret_res, e);
    else if (is_other(app, req, &in))
        ok = say_conflict(req, ret_res, e);
    else
        ok = say_taken(req, &in, ret_res, e);
    return ok && api_commit(app, req, &in, ret_res, e);
}

bool
api_get_about(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct str s;

    (void)app;
    str_init(&s, req->mem);
    str_add(&s, "{\"version\":[\"" VERSION "\",\"1.0.2\",\"1.0.1\",\"1.0.0\"]}\n");
    http_res_header(ret_res, "X-Experience-API-Version", VERSION);
    return api_answer(ret_res, &s, API_JSON, e);
}
