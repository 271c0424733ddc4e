/* chart.c - the kinds of charts there are, and how one becomes a PNG or an SVG. */
#include "chart_int.h"

#define EMPTY_HEIGHT 210 /* px; of the panel when there is nothing to show */

/* clang-format off */
static const struct chart_kind_row kinds[CHART_KINDS] = {
    [CHART_LINE] = { "line", chart_line_check, chart_line_shows, chart_line_draw, chart_line_alt },
};
/* clang-format on */

static bool
check(const struct chart *c, struct err *e)
{
    if ((unsigned)c->kind >= CHART_KINDS)
        return err_set(e, ERR_INVALID, "there is no kind of chart number %d", (int)c->kind);
    if (!c->title || !*c->title)
        return err_set(e, ERR_INVALID, "a chart needs a title: what it found");
    if (!kinds[c->kind].check(c, e))
        return err_wrap(e, "%s chart", kinds[c->kind].name);
    return true;
}

/* Instead of the picture: nothing is there, or nothing of it may be shown. NULL: draw it. */
static const char *
instead(const struct chart *c, const struct chart_words *words)
{
    switch (kinds[c->kind].shows(c)) {
    case CHART_NOTHING_YET:
        return words->no_data_yet;
    case CHART_HIDDEN:
        return words->nothing_shown;
    case CHART_SHOWS:
        break;
    }
    return NULL;
}

bool
chart_alt(const struct chart *c, enum chart_lang lang, struct arena *mem, const char **ret,
          struct err *e)
{
    const char *why;
    struct str  s;

    if (!check(c, e))
        return false;
    str_init(&s, mem);
    if (c->alt) {
        str_add(&s, c->alt);
    } else if ((why = instead(c, chart_words(lang)))) {
        str_add(&s, why);
        str_add(&s, c->next_step ? ". " : ".");
        str_add(&s, c->next_step ? c->next_step : "");
    } else {
        kinds[c->kind].alt(c, lang, &s);
    }
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "no memory for the text of a chart");
    *ret = s.p;
    return true;
}

static int
clamp(int v, int least, int most)
{
    return v < least ? least : v > most ? most : v;
}

/* From what is wanted to what draw.h is told. */
static bool
lay_out(const struct chart *c, const struct chart_look *look, struct arena *mem,
        struct chart_pic *pic, struct draw_page *page, struct err *e)
{
    int width = look->width ? look->width : look->inlined ? CHART_PAGE_WIDTH : CHART_FILE_WIDTH;

    width = clamp(width, DRAW_MIN_WIDTH, DRAW_MAX_WIDTH);
    *pic = (struct chart_pic){
        .c = c,
        .words = chart_words(look->lang),
        .lang = look->lang,
        .narrow = width < CHART_NARROW,
        .bare = look->bare || look->inlined,
        .width = width,
        .mem = mem,
    };
    *page = (struct draw_page){
        .width = width,
        .scale = clamp(look->scale, 1, DRAW_MAX_SCALE),
        .theme = look->theme,
        .title = c->title,
        .lang = look->lang == CHART_IT ? "it" : "en",
        .id = look->id,
        .css = look->css,
        .inlined = look->inlined,
    };
    if (!chart_alt(c, look->lang, mem, &page->desc, e) || !draw_fonts(&pic->fonts, e))
        return false;
    int wider = width - (pic->narrow ? CHART_PHONE_WIDTH : CHART_PAGE_WIDTH);
    int body = (pic->narrow ? 270 : 306) + (wider > 0 ? wider / 5 : 0);
    chart_frame_layout(pic, instead(c, pic->words) ? EMPTY_HEIGHT : body);
    page->height = pic->height;
    return true;
}

static void
draw_chart(struct draw *d, const void *what)
{
    const struct chart_pic *pic = what;
    const char             *why = instead(pic->c, pic->words);

    chart_frame_draw(d, pic);
    if (why)
        chart_empty_draw(d, pic, why);
    else
        kinds[pic->c->kind].draw(d, pic);
}

bool
chart_png(const struct chart *c, const struct chart_look *look, struct arena *mem, const void **ret,
          size_t *ret_n, struct err *e)
{
    struct chart_pic  pic;
    struct draw_page  page;
    struct chart_look file = *look;

    file.inlined = false;
    if (!lay_out(c, &file, mem, &pic, &page, e) ||
        !draw_png(&page, draw_chart, &pic, mem, ret, ret_n, e))
        return false;
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "no memory for a chart");
    return true;
}

bool
chart_svg(const struct chart *c, const struct chart_look *look, struct arena *mem, const char **ret,
          size_t *ret_n, struct err *e)
{
    struct chart_pic pic;
    struct draw_page page;

    return lay_out(c, look, mem, &pic, &page, e) &&
           draw_svg(&page, draw_chart, &pic, mem, ret, ret_n, e);
}
