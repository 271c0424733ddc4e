/* svg.c - the back end that writes SVG: classes when inline in a page, colours in a file.
 *
 * Coordinates are written in tenths of a px, as differences that are taken between rounded
 * points, so that rounding never adds up; no number passes through the locale.
 */
#include "draw_int.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct svg {
    struct draw d; /* first: the back end's functions get its address */
    struct str  out;
    int         clips; /* ever opened, for their ids */
    int         open;
};

static long
tenths(float v)
{
    return lrintf(fminf(fmaxf(v, -1e6f), 1e6f) * 10);
}

static void
add_tenths(struct str *s, long t)
{
    if (t < 0) {
        str_addc(s, '-');
        t = -t;
    }
    if (t >= 10 || t == 0)
        str_addi(s, t / 10);
    if (t % 10) {
        str_addc(s, '.');
        str_addc(s, (char)('0' + t % 10));
    }
}

/* A number after another one: a minus sign parts them as well as a blank does. */
static void
add_next(struct str *s, long t)
{
    if (t >= 0)
        str_addc(s, ' ');
    add_tenths(s, t);
}

static void
add_attr(struct str *s, const char *name, float v)
{
    str_addc(s, ' ');
    str_add(s, name);
    str_add(s, "=\"");
    add_tenths(s, tenths(v));
    str_addc(s, '"');
}

static void
add_rgb(struct svg *svg, const char *attr, enum draw_color c)
{
    str_addf(&svg->out, " %s=\"#%06x\"", attr, (unsigned)draw_color_rgb(c, svg->d.page->theme));
}

static void
add_fill(struct svg *svg, enum draw_color c)
{
    if (svg->d.page->inlined)
        str_addf(&svg->out, " class=\"%s\"", draw_color_css(c));
    else
        add_rgb(svg, "fill", c);
}

static void
add_stroke(struct svg *svg, enum draw_color c, float width)
{
    if (svg->d.page->inlined) {
        str_addf(&svg->out, " class=\"s-%s\"", draw_color_css(c));
    } else {
        str_add(&svg->out, " fill=\"none\"");
        add_rgb(svg, "stroke", c);
    }
    add_attr(&svg->out, "stroke-width", width);
}

/* One contour as "M52 319.5h462v1h-462". */
static void
add_contour(struct str *s, const struct draw_pt *p, size_t n)
{
    long x = tenths(p[0].x), y = tenths(p[0].y);
    char last = 'M';

    str_addc(s, 'M');
    add_tenths(s, x);
    add_next(s, y);
    for (size_t i = 1; i < n; i++) {
        long dx = tenths(p[i].x) - x, dy = tenths(p[i].y) - y;
        char how = dy == 0 ? 'h' : dx == 0 ? 'v' : 'l';

        if (!dx && !dy)
            continue;
        x += dx;
        y += dy;
        if (how != last)
            str_addc(s, how);
        if (how != 'v')
            (how == last ? add_next : add_tenths)(s, dx);
        if (how == 'l')
            add_next(s, dy);
        else if (how == 'v')
            (how == last ? add_next : add_tenths)(s, dy);
        last = how;
    }
}

static void
svg_shape(struct draw *d, const struct draw_pt *p, const size_t *end, size_t contours,
          enum draw_color c)
{
    struct svg *svg = (struct svg *)d;

    str_add(&svg->out, "<path");
    add_fill(svg, c);
    str_add(&svg->out, " d=\"");
    for (size_t i = 0, start = 0; i < contours; start = end[i++]) {
        if (end[i] > start) /* a fill closes its contours by itself */
            add_contour(&svg->out, p + start, end[i] - start);
    }
    str_add(&svg->out, "\"/>");
}

static void
svg_rect(struct draw *d, struct draw_box b, float radius, enum draw_color c)
{
    struct svg *svg = (struct svg *)d;

    if (radius <= 0) { /* shorter than <rect> */
        struct draw_pt p[] = {
            { b.x, b.y }, { b.x + b.w, b.y }, { b.x + b.w, b.y + b.h }, { b.x, b.y + b.h }
        };
        svg_shape(d, p, &(size_t){ 4 }, 1, c);
        return;
    }
    str_add(&svg->out, "<rect");
    add_fill(svg, c);
    add_attr(&svg->out, "x", b.x);
    add_attr(&svg->out, "y", b.y);
    add_attr(&svg->out, "width", b.w);
    add_attr(&svg->out, "height", b.h);
    add_attr(&svg->out, "rx", radius);
    str_add(&svg->out, "/>");
}

static void
svg_circle(struct draw *d, float x, float y, float r, float width, enum draw_color c)
{
    struct svg *svg = (struct svg *)d;

    str_add(&svg->out, "<circle");
    if (width > 0)
        add_stroke(svg, c, width);
    else
        add_fill(svg, c);
    add_attr(&svg->out, "cx", x);
    add_attr(&svg->out, "cy", y);
    add_attr(&svg->out, "r", r);
    str_add(&svg->out, "/>");
}

static void
svg_stroke(struct draw *d, const struct draw_pt *p, size_t n, bool closed,
           const struct draw_pen *pen)
{
    struct svg *svg = (struct svg *)d;

    str_add(&svg->out, "<path");
    add_stroke(svg, pen->color, pen->width);
    if (pen->dash > 0 && pen->gap > 0) {
        str_add(&svg->out, " stroke-dasharray=\"");
        add_tenths(&svg->out, tenths(pen->dash));
        add_next(&svg->out, tenths(pen->gap));
        str_add(&svg->out, "\"");
    } else if (!svg->d.page->inlined) {
        str_add(&svg->out, " stroke-linejoin=\"round\" stroke-linecap=\"round\"");
    }
    str_add(&svg->out, " d=\"");
    add_contour(&svg->out, p, n);
    str_add(&svg->out, closed ? "z\"/>" : "\"/>");
}

static void
svg_text(struct draw *d, float x, float baseline, enum draw_align align, struct draw_font font,
         enum draw_color c, const char *clean)
{
    static const char *const anchor_css[] = { "", " m", " e" };
    static const char *const anchor[] = { "", " text-anchor=\"middle\"", " text-anchor=\"end\"" };
    static const char *const face_css[DRAW_FACES] = { "", " f6", " f7" };
    static const char *const weight[DRAW_FACES] = { "", " font-weight=\"600\"",
                                                    " font-weight=\"700\"" };
    struct svg              *svg = (struct svg *)d;

    str_add(&svg->out, "<text");
    if (d->page->inlined) {
        str_addf(&svg->out, " class=\"%s%s%s\"", draw_color_css(c), anchor_css[align],
                 face_css[font.face]);
    } else {
        add_fill(svg, c);
        str_add(&svg->out, anchor[align]);
        str_add(&svg->out, weight[font.face]);
    }
    add_attr(&svg->out, "font-size", font.size);
    add_attr(&svg->out, "x", x);
    add_attr(&svg->out, "y", baseline);
    str_addc(&svg->out, '>');
    str_html(&svg->out, clean);
    str_add(&svg->out, "</text>");
}

static void
svg_clip(struct draw *d, struct draw_box b)
{
    struct svg *svg = (struct svg *)d;
    const char *id = d->page->inlined ? d->page->id : "c";

    assert(svg->open < DRAW_CLIPS);
    svg->open++;
    str_addf(&svg->out, "<clipPath id=\"%s-%d\"><rect", id, ++svg->clips);
    add_attr(&svg->out, "x", b.x);
    add_attr(&svg->out, "y", b.y);
    add_attr(&svg->out, "width", fmaxf(b.w, 0));
    add_attr(&svg->out, "height", fmaxf(b.h, 0));
    str_addf(&svg->out, "/></clipPath><g clip-path=\"url(#%s-%d)\">", id, svg->clips);
}

static void
svg_unclip(struct draw *d)
{
    struct svg *svg = (struct svg *)d;

    assert(svg->open > 0);
    svg->open--;
    str_add(&svg->out, "</g>");
}

static const struct draw_back back = {
    .shape = svg_shape,
    .rect = svg_rect,
    .circle = svg_circle,
    .stroke = svg_stroke,
    .text = svg_text,
    .clip = svg_clip,
    .unclip = svg_unclip,
};

/* --- the document ------------------------------------------------------------------- */

static void
add_head(struct svg *svg)
{
    const struct draw_page *page = svg->d.page;
    struct str             *s = &svg->out;
    const char             *id = page->inlined ? page->id : "c";

    str_add(s, "<svg");
    if (page->inlined)
        str_addf(s, " class=\"ch%s%s\"", page->css ? " " : "", page->css ? page->css : "");
    else
        str_addf(s,
                 " xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" lang=\"%s\""
                 " font-family=\"Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif\"",
                 page->width, page->height, page->lang ? page->lang : "en");
    str_addf(s, " viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\"", page->width,
             page->height, id, id);
    str_addf(s, "><title id=\"%s-t\">", id);
    str_html(s, draw_text_clean(&svg->d.own, page->title));
    str_addf(s, "</title><desc id=\"%s-d\">", id);
    str_html(s, draw_text_clean(&svg->d.own, page->desc));
    str_add(s, "</desc>");
    if (!page->inlined)
        draw_rect(&svg->d, (struct draw_box){ 0, 0, (float)page->width, (float)page->height },
                  DRAW_BG);
}

/* Is it safe in an attribute and in url(#...)? */
static bool
is_name(const char *text, const char *also)
{
    for (; text && *text; text++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-", *text) &&
            !strchr(also, *text))
            return false;
    return true;
}

bool
draw_svg(const struct draw_page *page, draw_fn *fn, const void *what, struct arena *mem,
         const char **ret, size_t *ret_n, struct err *e)
{
    struct svg svg = { .d = { .back = &back, .page = page, .snap = 1 } };

    if (!draw_page_check(page, e) || !draw_fonts(&svg.d.fonts, e))
        return false;
    if ((page->inlined && (!page->id || !*page->id)) || !is_name(page->id, "") ||
        !is_name(page->css, " ") || !is_name(page->lang, ""))
        return err_set(e, ERR_INVALID, "id, class and language of an SVG are plain names");
    arena_init(&svg.d.own, DRAW_SCRATCH);
    svg.d.path.mem = &svg.d.own;
    str_init(&svg.out, mem);
    add_head(&svg);
    fn(&svg.d, what);
    assert(!svg.open);
    str_add(&svg.out, "</svg>");
    bool denied = svg.d.own.denied || mem->denied;
    arena_free(&svg.d.own);
    if (denied)
        return err_set(e, ERR_NOMEM, "no memory for a picture of %d x %d", page->width,
                       page->height);
    *ret = svg.out.p;
    *ret_n = svg.out.n;
    return true;
}
