/* pages.c - GET /: the pilots of the installation. */
#include "app.h"

static void
fill_row(struct app *app, struct page *o, const struct pilot *p, struct view_index_row *row)
{
    static const enum lang_key states[] = {
        [PILOT_DRAFT] = LANG_index_draft,     [PILOT_SEALED] = LANG_index_sealed,
        [PILOT_RUNNING] = LANG_index_running, [PILOT_READOUT] = LANG_index_readout,
        [PILOT_FROZEN] = LANG_index_frozen,   [PILOT_ARCHIVED] = LANG_index_archived,
    };
    static const struct page_arg none[] = { { 0 } };
    enum pilot_state             s = pilot_state_at(p, app->o.now());

    *row = (struct view_index_row){
        .code = p->code,
        .name = p->name,
        .company = p->workspace_name,
        .when = text_index_window(o, PAGE_DAY(p->start), PAGE_DAY(p->end)),
        .state =
            p->replay ? page_text_of(o, LANG_replay_title, none) : page_text_of(o, states[s], none),
    };
}

bool
api_page_index(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct page       o;
    struct view_index v = { .pilots = NULL };
    struct pilot     *pilots;
    struct db        *db;
    size_t            n;

    page_init(&o, api_lang(req), req->mem);
    api_frame(req, o.lang, req->mem, &v.frame);
    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = pilot_list(db, req->mem, &pilots, &n, e);
    db_give(app->o.read, db);
    if (!ok)
        return false;
    v.frame.title = text_nav_pilots(&o);
    v.pilots = arena_new(req->mem, struct view_index_row, n);
    if (!v.pilots)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    for (size_t i = 0; i < n; i++)
        fill_row(app, &o, &pilots[i], &v.pilots[i]);
    v.pilots_n = n;
    page_index(&o, &v);
    return api_page(req, &o, ret_res, e);
}
