/* import.c - POST /admin/import: numbered lines of a file, over the admin socket only. */
#include "ingest_int.h"

#include <string.h>

/* The source by name; read again when it is not known yet. */
static bool
find_source(struct app *app, int64_t workspace, const char *name, const struct ingest_source **ret,
            struct err *e)
{
    struct db *db;

    *ret = ingest_sources_named(app->o.sources, workspace, name, strlen(name));
    if (*ret)
        return true;
    if (!db_take(app->o.fleet, &db, e))
        return false;
    bool ok = ingest_sources_load(app->o.sources, db, e);
    db_give(app->o.fleet, db);
    if (!ok)
        return false;
    *ret = ingest_sources_named(app->o.sources, workspace, name, strlen(name));
    return *ret || err_set(e, ERR_NOT_FOUND, "there is no source %s", name);
}

bool
api_post_import(struct app *app, const struct http_req *req, struct http_res *ret_res,
                struct err *e)
{
    const char                 *name = http_query(req, "source");
    bool                        replay = http_query(req, "replay") != NULL;
    const struct ingest_source *src;
    struct ingest_intake        in;
    struct db                  *db;
    int64_t                     workspace;

    if (!name)
        return err_set(e, ERR_INVALID, "which source? import --source S");
    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = api_workspace(db, req, &workspace, e);
    db_give(app->o.read, db);
    if (!ok || !find_source(app, workspace, name, &src, e))
        return false;
    if (replay && !src->replay)
        ok = err_set(e, ERR_DENIED,
                     "pilot %s does not replay history: it was not sealed with "
                     "--replay-as-of",
                     src->pilot_code);
    else
        ok = ingest_import_take(src, app->o.sources, replay, req->body, req->body_len,
                                req->received, req->mem, &in, e);
    ingest_sources_put(app->o.sources, src);
    return ok && api_store(app, req, &in, false, ret_res, e);
}
