/* draw.c - colours, limits, and the shapes that every back end gets ready made. */
#include "draw_int.h"

#include <assert.h>
#include <math.h>

/* clang-format off */
static const struct {
    const char *css;
    uint32_t    rgb[2]; /* light, dark */
} colors[DRAW_COLOR_COUNT] = {
#define X(token, class, light, dark) [token] = { class, { light, dark } },
    DRAW_COLORS(X)
#undef X
};
/* clang-format on */

uint32_t
draw_color_rgb(enum draw_color c, enum draw_theme theme)
{
    assert((unsigned)c < DRAW_COLOR_COUNT);
    return colors[c].rgb[theme == DRAW_DARK];
}

const char *
draw_color_css(enum draw_color c)
{
    assert((unsigned)c < DRAW_COLOR_COUNT);
    return colors[c].css;
}

bool
draw_page_check(const struct draw_page *page, struct err *e)
{
    if (page->width < DRAW_MIN_WIDTH || page->width > DRAW_MAX_WIDTH ||
        page->height < DRAW_MIN_HEIGHT || page->height > DRAW_MAX_HEIGHT)
        return err_set(e, ERR_INVALID, "a picture of %d x %d; possible are %d-%d x %d-%d",
                       page->width, page->height, DRAW_MIN_WIDTH, DRAW_MAX_WIDTH, DRAW_MIN_HEIGHT,
                       DRAW_MAX_HEIGHT);
    if (page->scale < 1 || page->scale > DRAW_MAX_SCALE)
        return err_set(e, ERR_INVALID, "a scale of %d; possible are 1-%d", page->scale,
                       DRAW_MAX_SCALE);
    return true;
}

/* --- shapes ------------------------------------------------------------------------ */

void
draw_shape(struct draw *d, const struct draw_pt *p, const size_t *end, size_t contours,
           enum draw_color c)
{
    draw_path_clear(&d->path);
    if (contours)
        d->back->shape(d, p, end, contours, c);
}

void
draw_fill(struct draw *d, const struct draw_pt *p, size_t n, enum draw_color c)
{
    if (n > 2)
        draw_shape(d, p, &n, 1, c);
}

void
draw_stroke(struct draw *d, const struct draw_pt *p, size_t n, const struct draw_pen *pen)
{
    draw_path_clear(&d->path);
    if (n > 1)
        d->back->stroke(d, p, n, false, pen);
}

void
draw_line(struct draw *d, float x1, float y1, float x2, float y2, const struct draw_pen *pen)
{
    draw_stroke(d, (struct draw_pt[]){ { x1, y1 }, { x2, y2 } }, 2, pen);
}

static float
snapped(const struct draw *d, float v)
{
    return roundf(v * d->snap) / d->snap;
}

static struct draw_box
snapped_box(const struct draw *d, struct draw_box b)
{
    float x = snapped(d, b.x), y = snapped(d, b.y);

    return (struct draw_box){ x, y, snapped(d, b.x + b.w) - x, snapped(d, b.y + b.h) - y };
}

void
draw_rrect(struct draw *d, struct draw_box b, float radius, enum draw_color c)
{
    b = snapped_box(d, b);
    draw_path_clear(&d->path);
    if (b.w > 0 && b.h > 0)
        d->back->rect(d, b, radius, c);
}

void
draw_rect(struct draw *d, struct draw_box b, enum draw_color c)
{
    draw_rrect(d, b, 0, c);
}

/* A rule's width in whole pixels, at least one. */
static float
rule_width(const struct draw *d, float width)
{
    return fmaxf(roundf(width * d->snap), 1) / d->snap;
}

void
draw_hrule(struct draw *d, float x1, float x2, float y, float width, enum draw_color c)
{
    width = rule_width(d, width);
    y = snapped(d, y - width / 2);
    draw_rect(d, (struct draw_box){ x1, y, x2 - x1, width }, c);
}

void
draw_vrule(struct draw *d, float x, float y1, float y2, float width, enum draw_color c)
{
    width = rule_width(d, width);
    x = snapped(d, x - width / 2);
    draw_rect(d, (struct draw_box){ x, y1, width, y2 - y1 }, c);
}

void
draw_frame(struct draw *d, struct draw_box b, float radius, const struct draw_pen *pen)
{
    struct draw_pen whole = *pen;
    float           half;

    whole.width = rule_width(d, pen->width);
    half = whole.width / 2;
    b = snapped_box(d, b);
    b = (struct draw_box){ b.x + half, b.y + half, b.w - whole.width, b.h - whole.width };
    if (b.w <= 0 || b.h <= 0)
        return;
    draw_path_clear(&d->path);
    draw_path_rrect(&d->path, b, fmaxf(radius - half, 0), d->snap);
    /* the corners move out of the scratch path, which the back end writes to */
    size_t          n = d->path.n;
    struct draw_pt *p = arena_memdup(&d->own, d->path.p, n * sizeof *p);
    draw_path_clear(&d->path);
    if (p)
        d->back->stroke(d, p, n, true, &whole);
}

void
draw_disc(struct draw *d, float x, float y, float r, enum draw_color c)
{
    draw_path_clear(&d->path);
    d->back->circle(d, x, y, r, 0, c);
}

void
draw_ring(struct draw *d, float x, float y, float r, float width, enum draw_color c)
{
    draw_path_clear(&d->path);
    d->back->circle(d, x, y, r, width, c);
}

void
draw_hatch(struct draw *d, struct draw_box b, float step, float width, enum draw_color c)
{
    struct draw_path stripes = { .mem = &d->own };
    float            half = width * 0.70710678f; /* of a stripe's height on a vertical */

    float x1 = fminf(b.x + b.w, (float)d->page->width),
          y1 = fminf(b.y + b.h, (float)d->page->height);
    b.x = fmaxf(b.x, 0);
    b.y = fmaxf(b.y, 0);
    b.w = x1 - b.x;
    b.h = y1 - b.y;
    if (step < 1 || b.w <= 0 || b.h <= 0)
        return;
    /* stripes are numbered over the whole picture, so that neighbouring boxes fit */
    float first = floorf((b.x + b.y) / step) * step, last = b.x + b.y + b.w + b.h + step;
    for (float sum = first; sum <= last; sum += step) {
        float left = sum - b.x, right = sum - b.x - b.w; /* y on the box's sides */

        draw_path_add(&stripes, b.x, left - half);
        draw_path_add(&stripes, b.x + b.w, right - half);
        draw_path_add(&stripes, b.x + b.w, right + half);
        draw_path_add(&stripes, b.x, left + half);
        draw_path_close(&stripes);
    }
    draw_clip(d, b);
    draw_shape(d, stripes.p, stripes.end, stripes.contours, c);
    draw_unclip(d);
}

void
draw_clip(struct draw *d, struct draw_box b)
{
    d->back->clip(d, snapped_box(d, b));
}

void
draw_unclip(struct draw *d)
{
    d->back->unclip(d);
}

void
draw_text(struct draw *d, float x, float baseline, enum draw_align align, struct draw_font font,
          enum draw_color c, const char *text)
{
    const char *clean = draw_text_clean(&d->own, text);

    draw_path_clear(&d->path);
    if (clean && *clean)
        d->back->text(d, x, baseline, align, font, c, clean);
}
