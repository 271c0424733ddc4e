/* draw_png.c - PNG against its bitmap: colours, sizes, the same bytes in every thread, and no
 * memory. */
#include "draw_int.h"
#include "draw_t.h"
#include "png_watch.h"
#include "t.h"

#include <gd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void
test_png(void)
{
    for (int theme = 0; theme < 2; theme++)
        for (int scale = 1; scale <= DRAW_MAX_SCALE; scale++) {
            struct arena     mem;
            struct err       e = ERR_INIT;
            struct draw_page p = dt_page;
            const void      *png = NULL, *again = NULL;
            size_t           n = 0, m = 0;

            arena_init(&mem, 4 << 20);
            p.scale = scale;
            p.theme = (enum draw_theme)theme;
            CHECK(draw_png(&p, dt_everything, NULL, &mem, &png, &n, &e));
            CHECK(draw_png(&p, dt_everything, NULL, &mem, &again, &m, &e));
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
        struct draw_page p = dt_page;
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
            struct draw_page p = dt_page;
            const void      *png;
            const char      *text;
            size_t           n;

            arena_init(&mem, 4 << 20);
            p.width = row[i].width;
            p.height = row[i].height;
            p.scale = row[i].scale;
            bool ok = svg ? draw_svg(&p, dt_everything, NULL, &mem, &text, &n, &e)
                          : draw_png(&p, dt_everything, NULL, &mem, &png, &n, &e);
            CHECK_I(ok, row[i].ok);
            CHECK_I(e.code, row[i].ok ? ERR_NONE : ERR_INVALID);
            arena_free(&mem);
        }
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
        bool ok = draw_svg(&dt_page, dt_everything, NULL, &mem, &svg, &n, &e);
        if (!ok)
            CHECK_I(e.code, ERR_NOMEM);
        arena_free(&mem);
        arena_init(&mem, limit);
        e = (struct err)ERR_INIT;
        ok &= draw_png(&dt_page, dt_everything, NULL, &mem, &png, &n, &e);
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
        if (!draw_png(&dt_page, dt_everything, NULL, &mem, &png, &n, &e) || n != first_n ||
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
    CHECK(draw_png(&dt_page, dt_everything, NULL, &mem, &first_png, &first_n, &e));
    for (int i = 0; i < 8; i++)
        CHECK(pthread_create(&t[i], NULL, draw_many, &wrong[i]) == 0);
    for (int i = 0; i < 8; i++) {
        pthread_join(t[i], NULL);
        CHECK_I(wrong[i], 0);
    }
    arena_free(&mem);
}

int
main(void)
{
    dt_begin();
    T_RUN(test_png);
    T_RUN(test_png_blending);
    T_RUN(test_png_colors);
    T_RUN(test_sizes);
    T_RUN(test_starved);
    T_RUN(test_threads);
    return dt_end();
}
