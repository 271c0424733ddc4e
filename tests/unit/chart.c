/* chart.c - every picture is exact, indexed, the same again and in every thread; and some are held
 * against kept ones.
 *
 *     test_chart                   the tests
 *     test_chart write DIR         writes the kept pictures anew, to be looked at and committed
 */
#include "chart_cases.h"
#include "chart_t.h"
#include "png_watch.h"
#include "t.h"

#include <gd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/chart"

/* --- every picture --------------------------------------------------------------------------- */

static const struct chart_look looks[] = {
    { .theme = DRAW_LIGHT, .width = 760, .scale = 1 },
    { .theme = DRAW_DARK, .width = 760, .scale = 2 },
    { .theme = DRAW_LIGHT, .width = 420, .scale = 3 },
    { .theme = DRAW_DARK, .width = 358, .scale = 1, .bare = true },
};

#define LOOKS (sizeof looks / sizeof *looks)

static uint64_t *prints; /* of case i in look k */

static uint64_t
print_of(size_t i, size_t k)
{
    struct arena mem;
    struct err   e = ERR_INIT;
    struct chart c = chart_case(i);
    const void  *png;
    size_t       n;
    uint64_t     h = 0;

    arena_init(&mem, 8 << 20);
    struct chart_look look = looks[k];
    look.lang = chart_cases[i].lang;
    if (chart_png(&c, &look, &mem, &png, &n, &e)) {
        h = 14695981039346656037u;
        for (size_t b = 0; b < n; b++)
            h = (h ^ ((const uint8_t *)png)[b]) * 1099511628211u;
    }
    arena_free(&mem);
    return h;
}

static void *
compare_all(void *ret_wrong)
{
    for (size_t i = 0; i < chart_cases_n; i++)
        *(int *)ret_wrong += print_of(i, i % LOOKS) != prints[i * LOOKS + i % LOOKS];
    return NULL;
}

static void
test_every_picture(void)
{
    pthread_t t[8];
    int       wrong[8] = { 0 };
    int64_t   before = png_watch().pictures;

    prints = calloc(chart_cases_n * LOOKS, sizeof *prints);
    for (size_t i = 0; i < chart_cases_n; i++)
        for (size_t k = 0; k < LOOKS; k++) {
            t_row = chart_cases[i].name;
            CHECK(prints[i * LOOKS + k] = print_of(i, k));
            CHECK(prints[i * LOOKS + k] == print_of(i, k));
        }
    t_row = NULL;
    for (int i = 0; i < 8; i++)
        CHECK(pthread_create(&t[i], NULL, compare_all, &wrong[i]) == 0);
    for (int i = 0; i < 8; i++) {
        pthread_join(t[i], NULL);
        CHECK_I(wrong[i], 0);
    }
    free(prints);
    CHECK_I(png_watch().pictures - before, (int64_t)chart_cases_n * (2 * (int64_t)LOOKS + 8));
    printf("     most colours in a chart: %" PRId64 "\n", png_watch().most_colors);
}

/* --- kept pictures --------------------------------------------------------------------------- */

/* 2x drawings reduced to cells, so that another FreeType or another Inter, which move edges by
 * parts of a pixel, change nothing that counts. */
#define CELL 16
#define CELL_BY 40  /* how much a cell may differ, of 255 */
#define MEAN_BY 1.5 /* and all of them on average */

static const struct {
    const char *name;
    int         width;
    bool        dark;
} kept[] = {
    { "healthy-en", 760, false }, { "healthy-it", 420, true }, { "uci-en", 760, true },
    { "look-en", 760, false },    { "gaps-it", 420, false },   { "sixty-weeks", 760, false },
    { "nothing-yet", 420, true },
};

/* The chart as a picture of one pixel per cell; to be destroyed. */
static gdImage *
cells_of(size_t i)
{
    size_t            at = chart_case_find(kept[i].name);
    struct chart      c = chart_case(at);
    struct chart_look look = { .lang = chart_cases[at].lang,
                               .theme = kept[i].dark ? DRAW_DARK : DRAW_LIGHT,
                               .width = kept[i].width,
                               .scale = 2 };
    struct arena      mem;
    struct err        e = ERR_INIT;
    const void       *png;
    size_t            n;

    arena_init(&mem, 8 << 20);
    if (!CHECK(chart_png(&c, &look, &mem, &png, &n, &e)))
        exit(1);
    gdImage *im = gdImageCreateFromPngPtr((int)n, (void *)(uintptr_t)png);
    int      w = gdImageSX(im) / CELL, h = gdImageSY(im) / CELL;
    gdImage *out = gdImageCreateTrueColor(w, h);
    for (int p = 0; p < w * h; p++) {
        int sum[3] = { 0 };

        for (int k = 0; k < CELL * CELL; k++) {
            int rgb =
                gdImageGetTrueColorPixel(im, p % w * CELL + k % CELL, p / w * CELL + k / CELL);

            for (int s = 0; s < 3; s++)
                sum[s] += rgb >> 8 * s & 255;
        }
        out->tpixels[p / w][p % w] =
            sum[2] / (CELL * CELL) << 16 | sum[1] / (CELL * CELL) << 8 | sum[0] / (CELL * CELL);
    }
    gdImageDestroy(im);
    arena_free(&mem);
    return out;
}

static void
golden_path(char *ret, size_t n, const char *dir, size_t i)
{
    snprintf(ret, n, "%s/%s-%d%s.png", dir, kept[i].name, kept[i].width,
             kept[i].dark ? "-dark" : "");
}

static void
test_golden(void)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char     path[256];
        gdImage *now = cells_of(i), *then = NULL;
        FILE    *f;
        double   sum = 0;
        int      most = 0, w = gdImageSX(now), h = gdImageSY(now);

        golden_path(path, sizeof path, GOLDEN, i);
        t_row = path;
        if (CHECK(f = fopen(path, "rb"))) {
            then = gdImageCreateFromPng(f);
            fclose(f);
        }
        if (CHECK(then && gdImageSX(then) == w && gdImageSY(then) == h)) {
            for (int p = 0; p < 3 * w * h; p++) {
                int x = p / 3 % w, y = p / 3 / w, s = p % 3 * 8;
                int by = abs((now->tpixels[y][x] >> s & 255) -
                             (gdImageGetTrueColorPixel(then, x, y) >> s & 255));

                sum += by;
                most = by > most ? by : most;
            }
            if (!CHECK(most <= CELL_BY && sum / (3 * w * h) <= MEAN_BY))
                fprintf(stderr, "a cell differs by %d, all by %.2f\n", most, sum / (3 * w * h));
        }
        if (then)
            gdImageDestroy(then);
        gdImageDestroy(now);
    }
    t_row = NULL;
}

static int
write_golden(const char *dir)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char     path[256];
        gdImage *now = cells_of(i);

        golden_path(path, sizeof path, dir, i);
        FILE *f = fopen(path, "wb");
        if (!f) {
            perror(path);
            return 1;
        }
        gdImagePngEx(now, f, 9);
        fclose(f);
        gdImageDestroy(now);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    cht_begin();
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        int code = write_golden(argv[2]);

        draw_end();
        return code;
    }
    T_RUN(test_every_picture);
    T_RUN(test_golden);
    T_RUN(cht_test_watched);
    return cht_end();
}
