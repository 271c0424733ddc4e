/* pages.c - GET /: the pilots of the installation, where each stands, and how it ended. */
#include "pilot_page.h"

#include <string.h>

/* The list does not wait longer than this for verdicts; those it did not get to are said by a
 * later request, since each is kept. */
#define PATIENCE (400 * USEC_SECOND / 1000)

#define MOST_MEMORY ((size_t)64 << 20) /* of one verdict */

/* --- verdicts ------------------------------------------------------------------------ */

/* The final verdict, reckoned now; GATE_VERDICT_COUNT while figures are missing. */
static bool
reckon(struct app *app, struct db *db, const struct pilot *p, struct arena *mem, int64_t *ret,
       struct err *e)
{
    struct gate_health health = api_health(app);
    struct kpi_reader  kpis = { .db = db, .pilot = p, .mem = mem };
    struct gate_record r;

    if (!db_begin_read(db, p->workspace, e))
        return false;
    if (!gate_look(&kpis, app->o.now(), app->o.now(), &health, &r, e)) {
        db_rollback(db);
        return false;
    }
    *ret = !r.final || api_still_counting(&r) ? GATE_VERDICT_COUNT : (int64_t)r.answer.verdict;
    return db_commit(db, e);
}

/* What the verdict is made of. */
static bool
verdict_key(struct app *app, struct db *db, const struct pilot *p, struct arena *mem,
            const char **ret, struct err *e)
{
    struct gate_health health = api_health(app);
    int64_t            version;

    if (!db_begin_read(db, p->workspace, e))
        return false;
    if (!api_version(db, p, pilot_cut(p, app->o.now()), mem, &version, e)) {
        db_rollback(db);
        return false;
    }
    *ret =
        arena_printf(mem, "verdict %s %d %lld", p->code,
                     health.corruption | health.gap << 1 | health.stuck << 2, (long long)version);
    return db_commit(db, e) && (*ret || err_set(e, ERR_NOMEM, "no memory for a page"));
}

static bool
verdict_of(struct app *app, struct db *db, const struct pilot *p, struct arena *mem, int64_t *ret,
           struct err *e)
{
    const char *key, *kept;
    size_t      n;

    if (!verdict_key(app, db, p, mem, &key, e))
        return false;
    if ((kept = api_cache_get(app->cache, key, mem, &n)) && n == sizeof *ret) {
        memcpy(ret, kept, n);
        return true;
    }
    if (!reckon(app, db, p, mem, ret, e))
        return false;
    if (*ret != GATE_VERDICT_COUNT)
        api_cache_put(app->cache, key, (const char *)ret, sizeof *ret);
    return true;
}

/* --- rows -------------------------------------------------------------------------------- */

static const char *
state_of(struct app *app, struct page *o, const struct pilot *p, enum pilot_state s)
{
    struct api_weeks w = api_weeks(p, s, pilot_cut(p, app->o.now()));

    switch (s) {
    case PILOT_DRAFT:
        return text_index_draft(o);
    case PILOT_SEALED:
        return text_index_sealed(o, PAGE_DAY(p->start));
    case PILOT_RUNNING:
        return text_index_running(o, w.begun, w.all);
    case PILOT_READOUT:
        return text_index_readout(o);
    case PILOT_FROZEN:
        return text_index_frozen(o);
    case PILOT_ARCHIVED:
        break;
    }
    return text_index_archived(o);
}

static void
add_verdict(struct page *o, int64_t verdict, struct view_index_row *row)
{
    static const struct {
        enum lang_key  key;
        enum view_tone tone;
    } words[GATE_VERDICT_COUNT] = {
        [GATE_GO] = { LANG_index_go, VIEW_GOOD },
        [GATE_GO_WITH_CONDITIONS] = { LANG_index_go_with_conditions, VIEW_WARN },
        [GATE_NO_GO] = { LANG_index_no_go, VIEW_BAD },
        [GATE_INCONCLUSIVE] = { LANG_index_inconclusive, VIEW_WARN },
        [GATE_INVALID] = { LANG_index_invalid, VIEW_NONE },
    };
    static const struct page_arg none[] = { { 0 } };

    row->judged = true;
    row->state = page_text_of(o, words[verdict].key, none);
    row->tone = words[verdict].tone;
}

/* What tells pilot i from others of its name: the company, and the code where that is the same
 * too. */
static const char *
beside(const struct pilot *p, size_t n, size_t i, struct arena *mem)
{
    const char *tell = "", *both;

    for (size_t k = 0; k < n; k++) {
        if (k == i || strcmp(p[k].name, p[i].name) != 0)
            continue;
        if (strcmp(p[k].workspace_name, p[i].workspace_name) != 0) {
            tell = p[i].workspace_name;
            continue;
        }
        both = arena_printf(mem, "%s, %s", p[i].workspace_name, p[i].code);
        return both ? both : p[i].code;
    }
    return tell;
}

static void
fill_row(struct app *app, struct db *db, struct page *o, const struct pilot *p, usec_t until,
         struct view_index_row *row)
{
    struct err       ignored; /* the pilot's own page says it */
    struct arena     mem;     /* what one verdict takes is given back before the next */
    enum pilot_state s = pilot_state_at(p, app->o.now());
    int64_t          verdict = GATE_VERDICT_COUNT;

    *row = (struct view_index_row){
        .code = p->code,
        .name = p->name,
        .company = p->workspace_name,
        .beside = "",
        .when = text_index_window(o, PAGE_DAY(p->start), PAGE_DAY(p->end)),
        .state = state_of(app, o, p, s),
        .replay = p->replay,
    };
    if (s != PILOT_FROZEN || time_monotonic() >= until)
        return;
    arena_init(&mem, MOST_MEMORY);
    if (verdict_of(app, db, p, &mem, &verdict, &ignored) && verdict != GATE_VERDICT_COUNT)
        add_verdict(o, verdict, row);
    arena_free(&mem);
}

static bool
fill_rows(struct app *app, struct db *db, struct page *o, struct view_index *v, struct err *e)
{
    struct arena *mem = o->s.mem;
    struct pilot *pilots;
    usec_t        until;
    size_t        n;

    if (!pilot_list(db, mem, &pilots, &n, e))
        return false;
    until = time_monotonic() + PATIENCE;
    v->pilots = arena_new(mem, struct view_index_row, n);
    if (!v->pilots)
        return err_set(e, ERR_NOMEM, "no memory for a page");
    for (size_t i = 0; i < n; i++) {
        fill_row(app, db, o, &pilots[i], until, &v->pilots[i]);
        v->pilots[i].beside = beside(pilots, n, i, mem);
    }
    v->pilots_n = n;
    return true;
}

bool
api_page_index(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct page       o;
    struct view_index v = { .pilots = NULL };
    struct db        *db;

    page_init(&o, api_lang(req), req->mem);
    api_frame(req, o.lang, req->mem, &v.frame);
    if (!db_take(app->o.read, &db, e))
        return false;
    bool ok = fill_rows(app, db, &o, &v, e);
    db_give(app->o.read, db);
    if (!ok)
        return false;
    v.frame.title = text_nav_pilots(&o);
    page_index(&o, &v);
    return api_page(req, &o, ret_res, e);
}
