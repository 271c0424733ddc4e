/* assets.c - GET /static/{name}: files packed into the program. */
#include "app.h"

#include "collaudo/asset.h"

#include <string.h>

/* An address that carries the hash (?v=) may be kept for ever; fonts, which the style sheet
 * names without it, are asked about again. */
bool
api_get_asset(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    const char *version = http_query(req, "v");

    (void)app;
    for (const struct asset *a = asset_all; a->name; a++) {
        if (strcmp(a->name, http_arg(req, 0)) != 0)
            continue;
        ret_res->type = a->type;
        ret_res->body = a->bytes;
        ret_res->body_len = a->n;
        ret_res->gzip = a->gzip;
        ret_res->gzip_len = a->gzip_n;
        ret_res->no_gzip = !a->gzip;
        ret_res->etag = a->etag;
        ret_res->cache =
            version && strcmp(version, a->etag) == 0 ? HTTP_CACHE_FOREVER : HTTP_CACHE_REVALIDATE;
        return true;
    }
    return err_set(e, ERR_NOT_FOUND, "there is no such file");
}
