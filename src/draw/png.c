/* png.c - the back end that draws on a libgd bitmap. */
#include "draw_int.h"

#include "collaudo/auto.h"

#include <assert.h>
#include <gd.h>
#include <math.h>

AUTO_DEFINE(gdImage, gdImageDestroy)

struct png {
    struct draw         d; /* first: the back end's functions get its address */
    gdImage            *im;
    struct draw_cover   cover;
    struct draw_clip_px clip[DRAW_CLIPS + 1];
    int                 clips;
    int                 rgb; /* of the shape being drawn */
};

/* `level` sixteenths of the colour over what is there. */
static int
mix(int under, int over, int level)
{
    int rgb = 0;

    for (int shift = 0; shift <= 16; shift += 8) {
        int u = under >> shift & 255, o = over >> shift & 255;

        rgb |= (u * (DRAW_LEVELS - level) + o * level + DRAW_LEVELS / 2) / DRAW_LEVELS << shift;
    }
    return rgb;
}

static void
blend_row(void *to, int x, int y, const float *cover, int n)
{
    struct png *png = to;
    int        *px = png->im->tpixels[y] + x;

    for (int i = 0; i < n; i++) {
        int level = (int)(cover[i] * DRAW_LEVELS + 0.5f);

        if (level == DRAW_LEVELS)
            px[i] = png->rgb;
        else if (level)
            px[i] = mix(px[i], png->rgb, level);
    }
}

static void
png_shape(struct draw *d, const struct draw_pt *p, const size_t *end, size_t contours,
          enum draw_color c)
{
    struct png *png = (struct png *)d;

    png->rgb = (int)draw_color_rgb(c, d->page->theme);
    draw_cover_shape(&png->cover, p, end, contours, d->snap, png->clip[png->clips], blend_row, png);
}

static void
fill_path(struct draw *d, enum draw_color c)
{
    png_shape(d, d->path.p, d->path.end, d->path.contours, c);
}

/* Clips first, so that no number is too big for an int. */
static int
pixel(float css, float scale, int most)
{
    return (int)lrintf(fminf(fmaxf(css * scale, 0), (float)most));
}

static struct draw_clip_px
within(const struct png *png, struct draw_box b)
{
    const struct draw_clip_px *now = &png->clip[png->clips];
    float                      s = png->d.snap;
    struct draw_clip_px        r = {
               pixel(b.x, s, gdImageSX(png->im)),
               pixel(b.y, s, gdImageSY(png->im)),
               pixel(b.x + b.w, s, gdImageSX(png->im)),
               pixel(b.y + b.h, s, gdImageSY(png->im)),
    };

    r.x0 = r.x0 > now->x0 ? r.x0 : now->x0;
    r.y0 = r.y0 > now->y0 ? r.y0 : now->y0;
    r.x1 = r.x1 < now->x1 ? r.x1 : now->x1;
    r.y1 = r.y1 < now->y1 ? r.y1 : now->y1;
    return r;
}

static void
png_rect(struct draw *d, struct draw_box b, float radius, enum draw_color c)
{
    struct png *png = (struct png *)d;

    if (radius > 0) {
        draw_path_rrect(&d->path, b, radius, d->snap);
        fill_path(d, c);
        return;
    }
    struct draw_clip_px r = within(png, b);
    int                 rgb = (int)draw_color_rgb(c, d->page->theme);
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++)
            png->im->tpixels[y][x] = rgb;
}

static void
png_circle(struct draw *d, float x, float y, float r, float width, enum draw_color c)
{
    draw_path_circle(&d->path, x, y, r + width / 2, true, d->snap);
    if (width > 0 && r > width / 2)
        draw_path_circle(&d->path, x, y, r - width / 2, false, d->snap);
    fill_path(d, c);
}

static void
png_stroke(struct draw *d, const struct draw_pt *p, size_t n, bool closed,
           const struct draw_pen *pen)
{
    draw_path_stroke(&d->path, p, n, closed, pen, d->snap);
    fill_path(d, pen->color);
}

static void
png_text(struct draw *d, float x, float baseline, enum draw_align align, struct draw_font font,
         enum draw_color c, const char *clean)
{
    /* a baseline on a pixel keeps the feet of the letters sharp */
    baseline = roundf(baseline * d->snap) / d->snap;
    draw_text_path(d->fonts, font, align, x, baseline, clean, &d->path);
    fill_path(d, c);
}

static void
png_clip(struct draw *d, struct draw_box b)
{
    struct png         *png = (struct png *)d;
    struct draw_clip_px r = within(png, b);

    assert(png->clips < DRAW_CLIPS);
    png->clip[++png->clips] = r;
}

static void
png_unclip(struct draw *d)
{
    struct png *png = (struct png *)d;

    assert(png->clips > 0);
    png->clips--;
}

static const struct draw_back back = {
    .shape = png_shape,
    .rect = png_rect,
    .circle = png_circle,
    .stroke = png_stroke,
    .text = png_text,
    .clip = png_clip,
    .unclip = png_unclip,
};

/* --- the bitmap, from empty to written ----------------------------------------------- */

static bool
png_run(struct png *png, draw_fn *fn, const void *what, struct arena *mem, const void **ret,
        size_t *ret_n, struct err *e)
{
    const struct draw_page *page = png->d.page;
    int                     w = page->width * page->scale, h = page->height * page->scale;
    AUTO(gdImage)          *im = gdImageCreateTrueColor(w, h);

    if (!im || !draw_cover_init(&png->cover, w, h, &png->d.own))
        return err_set(e, ERR_NOMEM, "no memory for a picture of %d x %d pixels", w, h);
    png->im = im;
    png->clip[0] = (struct draw_clip_px){ 0, 0, w, h };
    draw_rect(&png->d, (struct draw_box){ 0, 0, (float)page->width, (float)page->height }, DRAW_BG);
    fn(&png->d, what);
    assert(!png->clips);
    if (png->d.own.denied)
        return err_set(e, ERR_NOMEM, "no memory for a picture this full");
    return draw_png_encode(im, mem, ret, ret_n, e);
}

bool
draw_png(const struct draw_page *page, draw_fn *fn, const void *what, struct arena *mem,
         const void **ret, size_t *ret_n, struct err *e)
{
    struct png png = { .d = { .back = &back, .page = page, .snap = (float)page->scale } };

    if (!draw_page_check(page, e) || !draw_fonts(&png.d.fonts, e))
        return false;
    arena_init(&png.d.own, DRAW_SCRATCH);
    png.d.path.mem = &png.d.own;
    bool ok = png_run(&png, fn, what, mem, ret, ret_n, e);
    arena_free(&png.d.own);
    return ok;
}
