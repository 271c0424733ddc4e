/* app.h - what the handlers share. */
#ifndef COLLAUDO_APP_H
#define COLLAUDO_APP_H

#include "collaudo/api.h"
#include "collaudo/gate.h"
#include "collaudo/json.h"
#include "collaudo/pilot.h"

#include "collaudo/view.h"

#include "cache.h"

struct app {
    struct api_opts        o;
    usec_t                 started;
    _Atomic(struct http *) http; /* set once it runs */
    struct api_cache      *cache;
};

extern const struct http_route api_routes[];
extern const size_t            api_routes_n;

/* --- answers --------------------------------------------------------------------- */

/* The finished text as the answer. ERR_NOMEM when it did not fit the request's arena. */
must_check bool api_answer(struct http_res *res, const struct str *s, const char *type,
                           struct err *e);
#define API_JSON "application/json; charset=utf-8"
#define API_HTML "text/html; charset=utf-8"

/* --- requests ---------------------------------------------------------------------- */

/* The clock of a reading request: ?as_of=TIME, or now. ERR_INVALID. */
must_check bool api_as_of(struct app *app, const struct http_req *req, usec_t *ret, struct err *e);

/* The pilot named by the i-th path segment. */
must_check bool api_pilot(struct db *db, const struct http_req *req, unsigned i, struct pilot *ret,
                          struct err *e);

/* The workspace by ?workspace=CODE, or the only one. ERR_INVALID when there are several. */
must_check bool api_workspace(struct db *db, const struct http_req *req, int64_t *ret,
                              struct err *e);

/* The companies a request is about: ?workspace=CODE, or all. */
struct api_company {
    int64_t     workspace_id;
    const char *code;
};
must_check bool api_companies(struct db *db, const struct http_req *req, struct api_company **ret,
                              size_t *ret_n, struct err *e);

/* Grows whenever something changes that the pilot's figures up to the cut are made of. Runs in
 * the caller's open reading transaction. */
must_check bool api_version(struct db *db, const struct pilot *p, int32_t cut, struct arena *mem,
                            int64_t *ret, struct err *e);

/* What is known of the way in. */
struct gate_health api_health(struct app *app);

/* The verdict. Its own transaction on `db`. */
must_check bool api_gate(struct app *app, struct db *db, const struct pilot *p, usec_t as_of,
                         struct arena *mem, struct gate_record *ret, struct err *e);

/* Sources as the database has them now: a new one is known at once, not at the next look. */
must_check bool api_refresh_sources(struct app *app, struct err *e);

/* --- pages ---------------------------------------------------------------------------- */

/* Language by ?lang, cookie, Accept-Language; Italian when nothing is said. */
enum page_lang api_lang(const struct http_req *req);
/* The frame of a page: theme, addresses, the way to the other language. */
void api_frame(const struct http_req *req, enum page_lang lang, struct arena *mem,
               struct view_frame *ret);
/* The page as the answer; keeps ?lang in a cookie. */
must_check bool api_page(const struct http_req *req, struct page *o, struct http_res *res,
                         struct err *e);
bool            api_error_page(struct app *app, const struct http_req *req, const struct err *why,
                               struct arena *mem, struct http_res *res);

/* --- handlers, by file ------------------------------------------------------------------ */

http_fn api_post_events, api_post_heartbeat; /* ingest.c */
http_fn api_post_segment, api_options_segment, api_post_cloudevents, api_options_cloudevents,
    api_post_logs;                                                              /* dialects.c */
http_fn api_post_statements, api_get_about;                                     /* xapi.c */
http_fn api_post_import;                                                        /* import.c */
http_fn api_get_addresses, api_get_health, api_get_ready, api_get_metrics;      /* health.c */
http_fn api_post_apply, api_post_seal, api_post_settle;                         /* admin.c */
http_fn api_post_key, api_get_keys, api_revoke_key;                             /* keys.c */
http_fn api_get_trace;                                                          /* trace.c */
http_fn api_get_doctor;                                                         /* doctor.c */
http_fn api_get_pilots, api_get_pilot, api_get_kpis, api_get_kpi, api_get_gate; /* read.c */
http_fn api_get_sources;                                                        /* sources.c */
http_fn api_get_charts, api_get_chart;                                          /* charts.c */
http_fn api_page_index, api_page_pilot;                                         /* pages.c */
http_fn api_get_asset;                                                          /* assets.c */

#endif
