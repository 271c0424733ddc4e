/* draw.c - coverage against geometry, PNG against its bitmap, SVG against XML, text. */
#include "draw_int.h"
#include "png_watch.h"
#include "t.h"
#include "xml.h"

#include <gd.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 200 /* px of the coverage tests' bitmap */

static struct draw_fonts *fonts;

/* --- coverage ------------------------------------------------------------------------- */

static float grid[SIZE][SIZE];

static void
keep_row(void *to, int x, int y, const float *cover, int n)
{
    (void)to;
    for (int i = 0; i < n; i++)
        grid[y][x + i] += cover[i];
}

/* Draws the path into the grid, clipped; returns the sum of all coverage. */
static double
cover(const struct draw_path *path, struct draw_clip_px clip)
{
    static struct arena mem;
    struct draw_cover   c;
    double              sum = 0;

    arena_init(&mem, 1 << 20);
    memset(grid, 0, sizeof grid);
    if (CHECK(draw_cover_init(&c, SIZE, SIZE, &mem))) {
        c.band = c.band < 16 ? c.band : 16; /* many bands */
        draw_cover_shape(&c, path->p, path->end, path->contours, 1, clip, keep_row, NULL);
    }
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            sum += (double)grid[y][x];
    arena_free(&mem);
    return sum;
}

static const struct draw_clip_px whole = { 0, 0, SIZE, SIZE };

static bool
is_near(double got, double want, double by)
{
    if (fabs(got - want) <= by)
        return true;
    fprintf(stderr, "%.4f, should be %.4f\n", got, want);
    return false;
}

static void
add_box(struct draw_path *path, float x0, float y0, float x1, float y1)
{
    draw_path_add(path, x0, y0);
    draw_path_add(path, x1, y0);
    draw_path_add(path, x1, y1);
    draw_path_add(path, x0, y1);
    draw_path_close(path);
}

static void
test_cover_boxes(void)
{
    /* boxes and what of them lies in the bitmap */
    static const struct {
        const char *name;
        float       x0, y0, x1, y1;
        double      area;
    } row[] = {
        { "whole pixels", 10, 20, 30, 50, 600 },
        { "parts of pixels", 10.25f, 20.5f, 30.75f, 50.125f, 20.5 * 29.625 },
        { "within one pixel", 7.25f, 7.5f, 7.5f, 7.75f, 0.0625 },
        { "a hair", 20.1f, 3, 20.11f, 190, 1.87 },
        { "over the left border", -10, 10, 10, 20, 100 },
        { "over the right border", 190.5f, 10, 210, 20, 95 },
        { "over the top", 10, -5, 20, 5.5f, 55 },
        { "over the bottom", 10, 195.5f, 20, 300, 45 },
        { "over everything", -1000, -1000, 1000, 1000, SIZE * SIZE },
        { "left of it", -20, 10, -10, 20, 0 },
        { "right of it", 210, 10, 220, 20, 0 },
        { "above it", 10, -20, 20, -10, 0 },
        { "far away", 1e9f, 1e9f, 2e9f, 2e9f, 0 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int turn = 0; turn < 2; turn++) {
            struct arena     mem;
            struct draw_path path = { .mem = &mem };

            t_row = row[i].name;
            arena_init(&mem, 1 << 20);
            if (turn) /* the same box, the other way round */
                add_box(&path, row[i].x1, row[i].y0, row[i].x0, row[i].y1);
            else
                add_box(&path, row[i].x0, row[i].y0, row[i].x1, row[i].y1);
            CHECK(is_near(cover(&path, whole), row[i].area, row[i].area * 1e-4 + 1e-3));
            arena_free(&mem);
        }
}

static void
test_cover_of_one_pixel(void)
{
    struct arena     mem;
    struct draw_path path = { .mem = &mem };

    arena_init(&mem, 1 << 20);
    add_box(&path, 10.25f, 20.5f, 12.5f, 21.75f);
    cover(&path, whole);
    CHECK(is_near((double)grid[20][10], 0.75 * 0.5, 1e-5));
    CHECK(is_near((double)grid[20][11], 0.5, 1e-5));
    CHECK(is_near((double)grid[20][12], 0.25, 1e-5));
    CHECK(is_near((double)grid[21][11], 0.75, 1e-5));
    CHECK(is_near((double)grid[21][13], 0, 1e-5));
    CHECK(is_near((double)grid[22][11], 0, 1e-5));
    arena_free(&mem);
}

/* Corners from a fixed sequence, in tenths of a pixel, also outside the bitmap. */
static float
next_corner(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (float)((int)(*seed >> 33) % 2600 - 300) / 10.0f;
}

/* The share of a pixel that lies in the triangle, by 64 x 64 samples. */
static double
sampled(const struct draw_pt t[3], int px, int py)
{
    int in = 0;

    for (int i = 0; i < 64 * 64; i++) {
        double x = px + (i % 64 + 0.5) / 64, y = py + (i / 64 + 0.5) / 64;
        int    side = 0;

        for (int k = 0; k < 3; k++) {
            struct draw_pt a = t[k], b = t[(k + 1) % 3];

            side += ((double)b.x - (double)a.x) * (y - (double)a.y) -
                        ((double)b.y - (double)a.y) * (x - (double)a.x) >
                    0;
        }
        in += side == 0 || side == 3;
    }
    return in / 4096.0;
}

static void
test_cover_triangles(void)
{
    uint64_t seed = 7;
    int      inside = 0;

    for (int i = 0; i < 400; i++) {
        struct draw_pt   t[3];
        struct arena     mem;
        struct draw_path path = { .mem = &mem };
        bool             within = true;

        arena_init(&mem, 1 << 20);
        for (int k = 0; k < 3; k++) {
            t[k] = (struct draw_pt){ next_corner(&seed), next_corner(&seed) };
            within = within && t[k].x >= 0 && t[k].x <= SIZE && t[k].y >= 0 && t[k].y <= SIZE;
            draw_path_add(&path, t[k].x, t[k].y);
        }
        draw_path_close(&path);
        double sum = cover(&path, whole);
        double area = fabs((double)(t[1].x - t[0].x) * (double)(t[2].y - t[0].y) -
                           (double)(t[2].x - t[0].x) * (double)(t[1].y - t[0].y)) /
                      2;
        if (within) {
            inside++;
            CHECK(is_near(sum, area, area * 2e-4 + 0.05));
        }
        for (int k = 0; k < 12; k++) { /* pixels on the edges, where it counts */
            float share = (float)k / 12;
            int   px = (int)(t[k % 3].x + (t[(k + 1) % 3].x - t[k % 3].x) * share);
            int   py = (int)(t[k % 3].y + (t[(k + 1) % 3].y - t[k % 3].y) * share);

            if (px >= 0 && py >= 0 && px < SIZE && py < SIZE)
                CHECK(is_near((double)grid[py][px], sampled(t, px, py), 0.02));
        }
        arena_free(&mem);
    }
    CHECK(inside > 50);
}

static void
test_cover_discs(void)
{
    static const float radius[] = { 0.4f, 1.3f, 2.6f, 5, 7, 40, 90 };

    for (size_t i = 0; i < sizeof radius / sizeof *radius; i++) {
        struct arena     mem;
        struct draw_path path = { .mem = &mem };
        double           r = (double)radius[i];

        arena_init(&mem, 1 << 20);
        draw_path_circle(&path, 100.3f, 99.7f, radius[i], true, 1);
        CHECK(is_near(cover(&path, whole), M_PI * r * r, 0.02 * M_PI * r * r + 0.05));
        draw_path_circle(&path, 100.3f, 99.7f, radius[i] / 2, false, 1); /* a hole */
        CHECK(is_near(cover(&path, whole), 0.75 * M_PI * r * r, 0.02 * M_PI * r * r + 0.05));
        arena_free(&mem);
    }
}

static void
test_cover_clip(void)
{
    struct arena     mem;
    struct draw_path path = { .mem = &mem };

    arena_init(&mem, 1 << 20);
    add_box(&path, -50, -50, 500, 500);
    add_box(&path, 20, 20, 40, 40); /* the same way round: still full, not twice */
    CHECK(is_near(cover(&path, (struct draw_clip_px){ 10, 20, 50, 33 }), 40 * 13, 1e-3));
    CHECK(is_near(cover(&path, (struct draw_clip_px){ 50, 20, 50, 33 }), 0, 0));
    CHECK(is_near(cover(&path, (struct draw_clip_px){ 60, 20, 50, 33 }), 0, 0));
    draw_path_clear(&path);
    draw_path_add(&path, NAN, 3);
    draw_path_add(&path, 30, INFINITY);
    draw_path_add(&path, 50, 9);
    draw_path_close(&path);
    CHECK(is_near(cover(&path, whole), 0, 0));
    arena_free(&mem);
}

static void
test_strokes(void)
{
    /* clang-format off */
    static const struct {
        const char     *name;
        struct draw_pt  p[6];
        size_t          n;
        bool            closed;
        struct draw_pen pen;
        double          area, by;
    } row[] = {
        { "straight, round ends", { { 20, 50 }, { 120, 50 } }, 2, false,
          { DRAW_INK, 4, 0, 0 }, 400 + M_PI * 4, 0.3 },
        { "slanted", { { 20, 20 }, { 80, 100 } }, 2, false,
          { DRAW_INK, 3, 0, 0 }, 300 + M_PI * 2.25, 0.3 },
        /* two arms, less what they share within the corner, a quarter of a disc outside it */
        { "a corner", { { 20.3f, 20.4f }, { 100.3f, 20.4f }, { 100.3f, 100.4f } }, 3, false,
          { DRAW_INK, 10, 0, 0 }, 1600 - 25 + M_PI * 25 / 4 + M_PI * 25, 1.2 },
        { "a sharp corner", { { 20.3f, 20.4f }, { 120.3f, 20.4f }, { 40.3f, 80.4f } }, 3, false,
          { DRAW_INK, 6, 0, 0 }, 1200 - 27 + 9 * 2.498 / 2 + M_PI * 9, 0.5 },
        { "a dot twice is nothing", { { 20, 20 }, { 20, 20 } }, 2, false,
          { DRAW_INK, 10, 0, 0 }, 0, 0 },
        { "closed", { { 20, 20 }, { 120, 20 }, { 120, 120 }, { 20, 120 } }, 4, true,
          { DRAW_INK, 2, 0, 0 }, 800 - 4 + M_PI, 0.5 },
        { "dashes", { { 20, 50 }, { 120, 50 } }, 2, false,
          { DRAW_INK, 2, 6, 4 }, 120, 0.1 },
        { "dashes round a corner", { { 20, 20 }, { 120, 20 }, { 120, 120 } }, 3, false,
          { DRAW_INK, 2, 7, 3 }, 280, 2.5 },
        { "far away", { { 20, 20 }, { 1e30f, 20 } }, 2, false,
          { DRAW_INK, 2, 1, 1 }, 0, 0 },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena     mem;
        struct draw_path path = { .mem = &mem };

        t_row = row[i].name;
        arena_init(&mem, 4 << 20);
        draw_path_stroke(&path, row[i].p, row[i].n, row[i].closed, &row[i].pen, 1);
        CHECK(is_near(cover(&path, whole), row[i].area, row[i].by));
        CHECK(!mem.denied);
        arena_free(&mem);
    }
}

/* However sharp the corners, every point near the line is painted and none far from it. */
static void
test_stroke_follows_the_line(void)
{
    uint64_t seed = 11;

    for (int i = 0; i < 60; i++) {
        struct draw_pt        p[7];
        struct arena          mem;
        struct draw_path      path = { .mem = &mem };
        const struct draw_pen pen = { DRAW_INK, 6, 0, 0 };
        int                   wrong = 0;

        arena_init(&mem, 4 << 20);
        for (int k = 0; k < 7; k++) /* a saw with close teeth */
            p[k] = (struct draw_pt){ 20 + 22 * (float)k, 20 + fabsf(next_corner(&seed)) / 2 };
        draw_path_stroke(&path, p, 7, false, &pen, 1);
        cover(&path, whole);
        for (int y = 0; y < SIZE; y++)
            for (int x = 0; x < SIZE; x++) {
                float least = 1e9f;

                for (int k = 0; k < 6; k++) {
                    float dx = p[k + 1].x - p[k].x, dy = p[k + 1].y - p[k].y;
                    float px = (float)x + 0.5f - p[k].x, py = (float)y + 0.5f - p[k].y;
                    float t = fminf(fmaxf((px * dx + py * dy) / (dx * dx + dy * dy), 0), 1);

                    least = fminf(least, hypotf(px - t * dx, py - t * dy));
                }
                wrong +=
                    (least < 2.2f && grid[y][x] < 0.98f) || (least > 3.9f && grid[y][x] > 0.02f);
            }
        CHECK_I(wrong, 0);
        arena_free(&mem);
    }
}

/* --- pictures --------------------------------------------------------------------------- */

static void
everything(struct draw *d, const void *what)
{
    static const struct draw_pen solid = { DRAW_PRIMARY, 2.6f, 0, 0 },
                                 dashed = { DRAW_AXIS, 1, 2, 3 };
    struct draw_pt zigzag[] = { { 20, 80 }, { 60, 30 }, { 100, 90 }, { 140, 20 } };
    size_t         ends[] = { 4, 8 };
    struct draw_pt ring[] = { { 150, 20 }, { 190, 20 }, { 190, 60 }, { 150, 60 },
                              { 160, 30 }, { 160, 50 }, { 180, 50 }, { 180, 30 } };

    draw_rect(d, (struct draw_box){ 10.3f, 10.4f, 50, 20 }, DRAW_PRIMARY_TINT);
    draw_rrect(d, (struct draw_box){ 70, 10, 50, 20 }, 6, DRAW_GOOD_TINT);
    draw_frame(d, (struct draw_box){ 70, 40, 50, 20 }, 6, &dashed);
    draw_hrule(d, 10, 190, 95, 1.5f, DRAW_TARGET);
    draw_vrule(d, 15, 10, 95, 1, DRAW_GRID);
    draw_disc(d, 30, 60, 5, DRAW_BAD);
    draw_ring(d, 50, 60, 5, 2, DRAW_WARN);
    draw_hatch(d, (struct draw_box){ 130, 70, 40, 20 }, 6, 1.2f, DRAW_HEAT4);
    draw_stroke(d, zigzag, 4, &solid);
    draw_line(d, 10, 70, 190, 75, &dashed);
    draw_shape(d, ring, ends, 2, DRAW_NONE_TINT);
    draw_clip(d, (struct draw_box){ 0, 0, 100, 100 });
    draw_clip(d, (struct draw_box){ 50, 0, 100, 50 });
    draw_rect(d, (struct draw_box){ -10, -10, 500, 30 }, DRAW_HEAT6);
    draw_unclip(d);
    draw_unclip(d);
    draw_text(d, 100, 50, DRAW_CENTER, (struct draw_font){ DRAW_BOLD, 14 }, DRAW_INK,
              what ? what : "Perché già 19 su 24 \xe2\x80\x94 AVATAR fi");
    draw_text(d, 190, 85, DRAW_RIGHT, (struct draw_font){ DRAW_REGULAR, 11 }, DRAW_MUTED,
              "12 \xe2\x89\xa5 5");
}

static const struct draw_page page = {
    .width = 200,
    .height = 100,
    .scale = 2,
    .title = "T",
    .desc = "D",
    .lang = "it",
};

static void
test_png(void)
{
    for (int theme = 0; theme < 2; theme++)
        for (int scale = 1; scale <= DRAW_MAX_SCALE; scale++) {
            struct arena     mem;
            struct err       e = ERR_INIT;
            struct draw_page p = page;
            const void      *png = NULL, *again = NULL;
            size_t           n = 0, m = 0;

            arena_init(&mem, 4 << 20);
            p.scale = scale;
            p.theme = (enum draw_theme)theme;
            CHECK(draw_png(&p, everything, NULL, &mem, &png, &n, &e));
            CHECK(draw_png(&p, everything, NULL, &mem, &again, &m, &e));
            CHECK(n == m && n > 100 && memcmp(png, again, n) == 0);
            CHECK(n > 33 && memcmp(png, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) == 0);
            gdImage *im = gdImageCreateFromPngPtr((int)n, (void *)(uintptr_t)png);
            if (CHECK(im)) {
                int w = gdImageSX(im), h = gdImageSY(im);
                int bg = (int)draw_color_rgb(DRAW_BG, p.theme);

                CHECK_I(w, 200 * scale);
                CHECK_I(h, 100 * scale);
                CHECK_I(gdImageGetTrueColorPixel(im, w - 1, h - 1), bg);
                CHECK_I(gdImageGetTrueColorPixel(im, 0, h - 1), bg);
                /* clipped to x 50-100 and y 0-20: heat 6 there, and nowhere else */
                CHECK_I(gdImageGetTrueColorPixel(im, 52 * scale, scale),
                        (int)draw_color_rgb(DRAW_HEAT6, p.theme));
                CHECK_I(gdImageGetTrueColorPixel(im, 102 * scale, scale), bg);
                CHECK_I(gdImageGetTrueColorPixel(im, 47 * scale, scale), bg);
                gdImageDestroy(im);
            }
            arena_free(&mem);
        }
    CHECK_I(png_watch().pictures, 12);
    CHECK_I(png_watch().wrong, 0);
    CHECK(png_watch().truecolor > 0 && png_watch().most_colors > 100); /* both ways */
}

/* Half a pixel of a colour is the colour half way to what is below, channel by channel. */
static void
half_covered(struct draw *d, const void *what)
{
    static const struct draw_pt p[] = { { 10.5f, 10 }, { 12, 10 }, { 12, 12 }, { 10.5f, 12 } };

    (void)what;
    draw_fill(d, p, 4, DRAW_BAD);
}

static void
test_png_blending(void)
{
    for (int theme = 0; theme < 2; theme++) {
        struct arena     mem;
        struct err       e = ERR_INIT;
        struct draw_page p = page;
        const void      *png;
        size_t           n;
        uint32_t         bg = draw_color_rgb(DRAW_BG, (enum draw_theme)theme);
        uint32_t         bad = draw_color_rgb(DRAW_BAD, (enum draw_theme)theme);

        arena_init(&mem, 1 << 20);
        p.scale = 1;
        p.theme = (enum draw_theme)theme;
        if (CHECK(draw_png(&p, half_covered, NULL, &mem, &png, &n, &e))) {
            gdImage *im = gdImageCreateFromPngPtr((int)n, (void *)(uintptr_t)png);
            int      mixed = gdImageGetTrueColorPixel(im, 10, 11);

            CHECK_I(gdImageGetTrueColorPixel(im, 9, 11), (int)bg);
            CHECK_I(gdImageGetTrueColorPixel(im, 11, 11), (int)bad);
            for (int s = 0; s < 24; s += 8)
                CHECK(abs((mixed >> s & 255) * 2 - (int)(bg >> s & 255) - (int)(bad >> s & 255)) <=
                      1);
            gdImageDestroy(im);
        }
        arena_free(&mem);
    }
}

/* With 256 colours indexed, with one more true colour; both exact. */
static void
test_png_colors(void)
{
    for (int colors = 255; colors <= 258; colors++) {
        struct arena mem;
        struct err   e = ERR_INIT;
        gdImage     *im = gdImageCreateTrueColor(40, 40), *back;
        const void  *png;
        size_t       n;
        bool         equal = true;

        arena_init(&mem, 1 << 20);
        for (int i = 0; i < 1600; i++)
            im->tpixels[i / 40][i % 40] = i % colors * 0x305;
        if (CHECK(draw_png_encode(im, &mem, &png, &n, &e))) {
            back = gdImageCreateFromPngPtr((int)n, (void *)(uintptr_t)png);
            CHECK_I(gdImageTrueColor(back), colors > 256);
            for (int i = 0; i < 1600; i++)
                equal = equal && gdImageGetTrueColorPixel(back, i % 40, i / 40) ==
                                     im->tpixels[i / 40][i % 40];
            CHECK(equal);
            gdImageDestroy(back);
        }
        gdImageDestroy(im);
        arena_free(&mem);
    }
}

static void
test_sizes(void)
{
    static const struct {
        int  width, height, scale;
        bool ok;
    } row[] = {
        { 200, 100, 1, true },
        { 199, 100, 1, false },
        { 200, 99, 1, false },
        { 2000, 1200, 1, true },
        { 2001, 1200, 1, false },
        { 2000, 1201, 1, false },
        { 200, 100, 0, false },
        { 200, 100, 4, false },
        { -5, 100, 1, false },
        { 200, 100, 3, true },
        { 2147483647, 2147483647, 3, false },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int svg = 0; svg < 2; svg++) {
            struct arena     mem;
            struct err       e = ERR_INIT;
            struct draw_page p = page;
            const void      *png;
            const char      *text;
            size_t           n;

            arena_init(&mem, 4 << 20);
            p.width = row[i].width;
            p.height = row[i].height;
            p.scale = row[i].scale;
            bool ok = svg ? draw_svg(&p, everything, NULL, &mem, &text, &n, &e)
                          : draw_png(&p, everything, NULL, &mem, &png, &n, &e);
            CHECK_I(ok, row[i].ok);
            CHECK_I(e.code, row[i].ok ? ERR_NONE : ERR_INVALID);
            arena_free(&mem);
        }
}

static const char *
svg_of(const struct draw_page *p, const void *what, struct arena *mem, size_t *ret_n)
{
    struct err  e = ERR_INIT;
    const char *svg = "";
    size_t      at;

    *ret_n = 0;
    if (!CHECK(draw_svg(p, everything, what, mem, &svg, ret_n, &e)))
        return "";
    const char *fault = xml_fault(svg, *ret_n, &at);
    if (!CHECK(!fault))
        fprintf(stderr, "%s at byte %zu: %.60s\n", fault, at, svg + (at > 30 ? at - 30 : 0));
    return svg;
}

static void
test_svg(void)
{
    struct arena     mem;
    struct draw_page p = page;
    size_t           n;

    arena_init(&mem, 4 << 20);
    const char *file = svg_of(&p, NULL, &mem, &n);
    CHECK_I(strlen(file), n);
    CHECK(strstr(file, "xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK(strstr(file, "role=\"img\"") && strstr(file, "<title id=\"c-t\">T</title>"));
    CHECK(strstr(file, "#0b62a8") && !strstr(file, "class="));
    p.theme = DRAW_DARK;
    CHECK(strstr(svg_of(&p, NULL, &mem, &n), "#64b2f2"));
    p.inlined = true;
    p.id = "w1";
    p.css = "wid";
    const char *inl = svg_of(&p, NULL, &mem, &n);
    CHECK(strncmp(inl, "<svg class=\"ch wid\" viewBox=\"0 0 200 100\"", 40) == 0);
    CHECK(strstr(inl, "class=\"s-pri\"") && !strstr(inl, "#0b62a8") && !strstr(inl, "xmlns"));
    CHECK(strstr(inl, "<desc id=\"w1-d\">D</desc>") && strstr(inl, "url(#w1-2)"));
    CHECK(!strstr(inl, "style") && !strstr(file, "style"));
    arena_free(&mem);
}

static void
test_svg_names(void)
{
    static const struct {
        const char *id, *css, *lang;
        bool        ok;
    } row[] = {
        { "w1", "wid", "it", true },        { "w1", NULL, NULL, true },
        { NULL, "wid", "it", false },       { "", "wid", "it", false },
        { "a\"b", "wid", "it", false },     { "a b", "wid", "it", false },
        { "w1", "a b", "it", true },        { "w1", "a\"><script>", "it", false },
        { "w1", "wid", "i\" x=\"", false }, { "w)", "wid", "it", false },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena     mem;
        struct err       e = ERR_INIT;
        struct draw_page p = page;
        const char      *svg;
        size_t           n;

        arena_init(&mem, 1 << 20);
        p.inlined = true;
        p.id = row[i].id;
        p.css = row[i].css;
        p.lang = row[i].lang;
        CHECK_I(draw_svg(&p, everything, NULL, &mem, &svg, &n, &e), row[i].ok);
        arena_free(&mem);
    }
}

/* --- text ------------------------------------------------------------------------------- */

static const char *const hostile[] = {
    "</title><script>alert(1)</script>",
    "\"' onload='x' & &amp; <b>",
    "line\nbreak\ttab\rreturn\x01\x1f\x7f bell\a",
    "broken \xff\xfe\xc3 and \xed\xa0\x80 and \xf4\x90\x80\x80 and \xe2\x82",
    "C1 \xc2\x85 \xc2\x9f, noncharacters \xef\xbf\xbe \xef\xbf\xbf",
    "]]> <!-- --> <?xml?> %n%s",
    "\xe2\x80\xae right to left \xd8\xb3\xd9\x84 \xe6\xbc\xa2 \xf0\x9f\x98\x80 a\xcc\x81\xcc\x82",
    "",
};

static void
test_hostile_text(void)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct arena     mem;
        struct err       e = ERR_INIT;
        struct draw_page p = page;
        const void      *png;
        size_t           n;

        t_row = hostile[i];
        arena_init(&mem, 4 << 20);
        p.title = p.desc = hostile[i];
        CHECK(!strstr(svg_of(&p, hostile[i], &mem, &n), "<script"));
        p.inlined = true;
        p.id = "a";
        CHECK(!strstr(svg_of(&p, hostile[i], &mem, &n), "<script"));
        CHECK(draw_png(&page, everything, hostile[i], &mem, &png, &n, &e));
        const char *clean = draw_text_clean(&mem, hostile[i]);
        CHECK(str_is_utf8(clean, strlen(clean)));
        for (const char *c = clean; *c; c++)
            CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
        arena_free(&mem);
    }
}

static void
test_long_text(void)
{
    struct arena     mem;
    struct err       e = ERR_INIT;
    struct draw_page p = page;
    char            *text = malloc(1000002);
    const void      *png;
    size_t           n;

    arena_init(&mem, 8 << 20);
    for (int i = 0; i < 500000; i++) /* e with acute, cut at any byte */
        memcpy(text + 1 + 2 * i, "\xc3\xa9", 2);
    text[0] = 'x';
    text[1000001] = 0;
    const char *clean = draw_text_clean(&mem, text);
    CHECK(strlen(clean) <= DRAW_MAX_TEXT && strlen(clean) > DRAW_MAX_TEXT - 8);
    CHECK(str_is_utf8(clean, strlen(clean)));
    p.title = p.desc = text;
    CHECK(draw_png(&p, everything, text, &mem, &png, &n, &e));
    svg_of(&p, text, &mem, &n);
    CHECK(n < 10000);
    free(text);
    arena_free(&mem);
}

static float
width(enum draw_face face, float size, const char *text)
{
    return draw_text_width(fonts, (struct draw_font){ face, size }, text);
}

static void
test_widths(void)
{
    CHECK(width(DRAW_REGULAR, 12, "") == 0);
    for (char c = '1'; c <= '9'; c++) /* tabular below a heading's size, not in it */
        CHECK(is_near((double)width(DRAW_SEMIBOLD, 12, (char[]){ c, 0 }),
                      (double)width(DRAW_SEMIBOLD, 12, "0"), 0.03)); /* Inter's own 4 is 0.01 off */
    CHECK(width(DRAW_BOLD, 18, "1") < width(DRAW_BOLD, 18, "0"));
    CHECK(is_near((double)width(DRAW_REGULAR, 24, "Anna"),
                  2 * (double)width(DRAW_REGULAR, 12, "Anna"), 0.01));
    CHECK(width(DRAW_BOLD, 12, "Anna") > width(DRAW_REGULAR, 12, "Anna"));
    CHECK(width(DRAW_REGULAR, 20, "AV") < /* kerning */
          width(DRAW_REGULAR, 20, "A") + width(DRAW_REGULAR, 20, "V"));
    /* nothing that joins letters or changes signs: a copy of the text says what it shows */
    CHECK(is_near((double)width(DRAW_REGULAR, 20, "->"),
                  (double)(width(DRAW_REGULAR, 20, "-") + width(DRAW_REGULAR, 20, ">")), 0.6));
    CHECK(is_near((double)width(DRAW_REGULAR, 12, "12:30"),
                  (double)(4 * width(DRAW_REGULAR, 12, "0") + width(DRAW_REGULAR, 12, ":")), 0.3));
}

static void
test_wrap(void)
{
    static const struct draw_font font = { DRAW_BOLD, 18 };
    static const struct {
        const char *name, *text;
        float       width;
        size_t      most, lines;
        const char *last;
    } row[] = {
        { "short", "Anna", 500, 3, 1, "Anna" },
        { "nothing", "", 500, 3, 0, NULL },
        { "blanks", "   \n ", 500, 3, 0, NULL },
        { "no room for lines", "Anna", 500, 0, 0, NULL },
        { "two words in two lines", "Anna  Marta", 60, 3, 2, "Marta" },
        { "blanks that do not break", "70\xc2\xa0%", 20, 2, 1, NULL },
        { "cut", "Anna Marta Giulia", 70, 2, 2, NULL },
        { "one long word", "Rechtsschutzversicherungsgesellschaften", 100, 2, 1, NULL },
        { "a long word in front", "Rechtsschutzversicherungsgesellschaften ja", 100, 2, 2, "ja" },
        { "accents only", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 40, 1,
          1, NULL },
        { "narrower than an ellipsis", "Anna", 3, 2, 1, NULL },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena mem;
        const char  *line[4] = { 0 };

        t_row = row[i].name;
        arena_init(&mem, 1 << 20);
        size_t n = draw_text_wrap(fonts, font, row[i].text, row[i].width, row[i].most, &mem, line);
        CHECK_I(n, row[i].lines);
        if (row[i].last && n)
            CHECK_S(line[n - 1], row[i].last);
        for (size_t k = 0; k < n; k++) {
            CHECK(str_is_utf8(line[k], strlen(line[k])));
            CHECK(row[i].width < 10 || draw_text_width(fonts, font, line[k]) <= row[i].width);
        }
        arena_free(&mem);
    }
}

/* --- colours -------------------------------------------------------------------------------- */

static double
luminance(uint32_t rgb)
{
    static const double weight[] = { 0.0722, 0.7152, 0.2126 };
    double              sum = 0;

    for (int i = 0; i < 3; i++) {
        double v = (rgb >> 8 * i & 255) / 255.0;

        sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double
contrast(enum draw_color a, enum draw_color b, enum draw_theme theme)
{
    double x = luminance(draw_color_rgb(a, theme)) + 0.05;
    double y = luminance(draw_color_rgb(b, theme)) + 0.05;

    return x > y ? x / y : y / x;
}

/* WCAG 2.2 AA: text 4.5, marks that mean something 3. */
static void
test_contrast(void)
{
    static const struct {
        enum draw_color color, on;
        double          least;
    } row[] = {
        { DRAW_INK, DRAW_BG, 7 },           { DRAW_MUTED, DRAW_BG, 4.5 },
        { DRAW_PRIMARY, DRAW_BG, 4.5 },     { DRAW_TARGET, DRAW_BG, 4.5 },
        { DRAW_GOOD, DRAW_BG, 4.5 },        { DRAW_WARN, DRAW_BG, 4.5 },
        { DRAW_BAD, DRAW_BG, 4.5 },         { DRAW_MUTED, DRAW_NONE_TINT, 4.5 },
        { DRAW_AXIS, DRAW_BG, 3 },          { DRAW_FAINT, DRAW_BG, 3 },
        { DRAW_INK, DRAW_PRIMARY_TINT, 7 },
    };

    for (int theme = 0; theme < 2; theme++)
        for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
            t_row = draw_color_css(row[i].color);
            CHECK(contrast(row[i].color, row[i].on, (enum draw_theme)theme) >= row[i].least);
        }
    for (int a = 0; a < DRAW_COLOR_COUNT; a++)
        for (int b = 0; b < a; b++)
            CHECK(strcmp(draw_color_css((enum draw_color)a), draw_color_css((enum draw_color)b)));
}

/* --- faults, threads ------------------------------------------------------------------------- */

static void
test_starved(void)
{
    int starved = 0, fine = 0;

    for (size_t limit = 256; limit < 60000; limit += 509) {
        struct arena mem;
        struct err   e = ERR_INIT;
        const char  *svg;
        const void  *png;
        size_t       n;

        arena_init(&mem, limit);
        bool ok = draw_svg(&page, everything, NULL, &mem, &svg, &n, &e);
        if (!ok)
            CHECK_I(e.code, ERR_NOMEM);
        arena_free(&mem);
        arena_init(&mem, limit);
        e = (struct err)ERR_INIT;
        ok &= draw_png(&page, everything, NULL, &mem, &png, &n, &e);
        if (e.code)
            CHECK_I(e.code, ERR_NOMEM);
        arena_free(&mem);
        starved += !ok;
        fine += ok;
    }
    CHECK(starved > 10 && fine > 10);
}

static const void *first_png;
static size_t      first_n;

static void *
draw_many(void *wrong)
{
    for (int i = 0; i < 20; i++) {
        struct arena mem;
        struct err   e = ERR_INIT;
        const void  *png = NULL;
        size_t       n = 0;

        arena_init(&mem, 4 << 20);
        if (!draw_png(&page, everything, NULL, &mem, &png, &n, &e) || n != first_n ||
            memcmp(png, first_png, n) != 0)
            ++*(int *)wrong;
        arena_free(&mem);
    }
    return NULL;
}

static void
test_threads(void)
{
    struct arena mem;
    struct err   e = ERR_INIT;
    pthread_t    t[8];
    int          wrong[8] = { 0 };

    arena_init(&mem, 4 << 20);
    CHECK(draw_png(&page, everything, NULL, &mem, &first_png, &first_n, &e));
    for (int i = 0; i < 8; i++)
        CHECK(pthread_create(&t[i], NULL, draw_many, &wrong[i]) == 0);
    for (int i = 0; i < 8; i++) {
        pthread_join(t[i], NULL);
        CHECK_I(wrong[i], 0);
    }
    arena_free(&mem);
    CHECK_I(png_watch().wrong, 0);
}

static void
test_missing_fonts(void)
{
    struct err               e = ERR_INIT;
    char                     dir[] = "/tmp/collaudo-fonts.XXXXXX", path[64];
    static const char *const file[] = { "Inter-Regular.otf", "Inter-SemiBold.otf",
                                        "Inter-Bold.otf" };

    CHECK(!draw_init("/nonexistent", &e));
    CHECK_I(e.code, ERR_IO);
    CHECK(strstr(e.text, "fonts-inter"));
    if (!CHECK(mkdtemp(dir)))
        return;
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, file[i]);
        FILE *f = fopen(path, "w");
        fputs("this is no font", f);
        fclose(f);
    }
    e = (struct err)ERR_INIT;
    CHECK(!draw_init(dir, &e));
    CHECK_I(e.code, ERR_IO);
    CHECK(strstr(e.text, "fonts-inter"));
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, file[i]);
        remove(path);
    }
    remove(dir);
}

int
main(void)
{
    struct err e = ERR_INIT;

    T_RUN(test_missing_fonts);
    if (!draw_init(NULL, &e) || !draw_fonts(&fonts, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    T_RUN(test_cover_boxes);
    T_RUN(test_cover_of_one_pixel);
    T_RUN(test_cover_triangles);
    T_RUN(test_cover_discs);
    T_RUN(test_cover_clip);
    T_RUN(test_strokes);
    T_RUN(test_stroke_follows_the_line);
    T_RUN(test_png);
    T_RUN(test_png_blending);
    T_RUN(test_png_colors);
    T_RUN(test_sizes);
    T_RUN(test_svg);
    T_RUN(test_svg_names);
    T_RUN(test_hostile_text);
    T_RUN(test_long_text);
    T_RUN(test_widths);
    T_RUN(test_wrap);
    T_RUN(test_contrast);
    T_RUN(test_starved);
    T_RUN(test_threads);
    draw_end();
    return t_end();
}
