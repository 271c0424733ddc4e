/* frame.c - what all pages share: language, theme, addresses, errors as pages. */
#include "app.h"

#include "collaudo/asset.h"

#include <stdio.h>
#include <string.h>

/* The value of a cookie if it is one of the two words, else NULL. */
static const char *
cookie_word(const struct http_req *req, const char *name, const char *a, const char *b)
{
    const char *p = http_header(req, "Cookie");
    size_t      n = strlen(name);

    for (; p && *p; p = strchr(p, ';')) {
        p += strspn(p, "; ");
        if (strncmp(p, name, n) != 0 || p[n] != '=')
            continue;
        size_t len = strcspn(p + n + 1, "; ");
        if (len == strlen(a) && memcmp(p + n + 1, a, len) == 0)
            return a;
        if (len == strlen(b) && memcmp(p + n + 1, b, len) == 0)
            return b;
    }
    return NULL;
}

/* The first of "it" and "en" in Accept-Language; people list what they like best first. */
static const char *
accepted(const struct http_req *req)
{
    const char *p = http_header(req, "Accept-Language");

    for (; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        p += strspn(p, " ");
        if (strncasecmp(p, "it", 2) == 0)
            return "it";
        if (strncasecmp(p, "en", 2) == 0)
            return "en";
    }
    return NULL;
}

enum page_lang
api_lang(const struct http_req *req)
{
    const char *lang = http_query(req, "lang");

    if (!lang || (strcmp(lang, "it") != 0 && strcmp(lang, "en") != 0))
        lang = cookie_word(req, "lang", "it", "en");
    if (!lang)
        lang = accepted(req);
    return lang && strcmp(lang, "en") == 0 ? PAGE_EN : PAGE_IT;
}

/* "/static/app.css?v=<hash>": may be kept for ever. */
static const char *
asset_address(struct arena *mem, const char *name)
{
    for (const struct asset *a = asset_all; a->name; a++)
        if (strcmp(a->name, name) == 0) {
            const char *s = arena_printf(mem, "/static/%s?v=%s", name, a->etag);

            return s ? s : "";
        }
    return "";
}

/* This page in the other language; the clock of the address stays. */
static const char *
other_lang(const struct http_req *req, enum page_lang lang, struct arena *mem)
{
    const char *as_of = http_query(req, "as_of");
    struct str  s;

    str_init(&s, mem);
    str_add(&s, req->path);
    str_add(&s, lang == PAGE_IT ? "?lang=en" : "?lang=it");
    if (as_of) {
        str_add(&s, "&as_of=");
        str_url(&s, as_of);
    }
    return s.p;
}

void
api_frame(const struct http_req *req, enum page_lang lang, struct arena *mem,
          struct view_frame *ret)
{
    const char *theme = cookie_word(req, "theme", "light", "dark");

    *ret = (struct view_frame){
        .title = "",
        .theme = theme ? theme : "",
        .other_lang = other_lang(req, lang, mem),
        .css = asset_address(mem, "app.css"),
        .js = asset_address(mem, "app.js"),
        .icon = asset_address(mem, "icon.svg"),
        .version = COLLAUDO_VERSION,
    };
}

bool
api_page(const struct http_req *req, struct page *o, struct http_res *res, struct err *e)
{
    const char *lang = http_query(req, "lang");

    if (lang && (strcmp(lang, "it") == 0 || strcmp(lang, "en") == 0))
        http_res_header(
            res, "Set-Cookie",
            arena_printf(o->s.mem, "lang=%s; Path=/; Max-Age=31536000; SameSite=Lax", lang));
    http_res_header(res, "Content-Language", o->lang == PAGE_IT ? "it" : "en");
    return api_answer(res, &o->s, API_HTML, e);
}

/* Titles by status; the sentence that goes with one says it to people, the fault's own words
 * (English, as they stand in every door) to whoever has to mend it. */
static const struct {
    int           status;
    enum lang_key title, text;
} error_texts[] = {
    { 400, LANG_error_title_400, LANG_error_text_400 },
    { 403, LANG_error_title_403, LANG_error_text_403 },
    { 404, LANG_error_title_404, LANG_error_text_404 },
    { 503, LANG_error_title_503, LANG_error_text_503 },
};

bool
api_error_page(struct app *app, const struct http_req *req, const struct err *why,
               struct arena *mem, struct http_res *res)
{
    static const struct page_arg none[] = { { 0 } };
    struct page                  o;
    struct view_error            v;
    struct err                   ignored;
    int                          status = err_http(why->code);
    size_t                       i = status >= 500 ? 3 : 0;

    (void)app;
    for (size_t k = 0; k < sizeof error_texts / sizeof *error_texts; k++)
        if (error_texts[k].status == status)
            i = k;
    page_init(&o, api_lang(req), mem);
    api_frame(req, o.lang, mem, &v.frame);
    v.title = page_text_of(&o, error_texts[i].title, none);
    v.text = page_text_of(&o, error_texts[i].text, none);
    v.detail = why->text;
    v.request = req->id;
    v.frame.title = v.title;
    page_error(&o, &v);
    res->status = status;
    return api_page(req, &o, res, &ignored);
}
