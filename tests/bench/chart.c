/* chart.c - how long a chart takes and how big it is; with a folder, writes all of them there.
 *
 *     build/bench_chart              the table: medians of 41 runs
 *     build/bench_chart DIR          the pictures, to be looked at
 *
 * Figures to hold: PNG 1x <= 5 ms and 25 KB, 2x <= 15 ms and 60 KB; SVG <= 0.5 ms and
 * 2.5 KB deflated.
 */
#include "chart_cases.h"

#include "collaudo/time.h"
#include "collaudo/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS 41

static void
die(const char *what, const struct err *e)
{
    fprintf(stderr, "%s: %s\n", what, e->text);
    exit(1);
}

static int
by_time(const void *a, const void *b)
{
    usec_t x = *(const usec_t *)a, y = *(const usec_t *)b;

    return (x > y) - (x < y);
}

/* One drawing of a chart; for an SVG *ret_n is the deflated size. */
static void
draw_once(const struct chart *c, const struct chart_look *look, bool svg, struct arena *mem,
          size_t *ret_n)
{
    struct err  e = ERR_INIT;
    const void *png, *gz;
    const char *text;

    if (!svg && !chart_png(c, look, mem, &png, ret_n, &e))
        die("png", &e);
    if (svg && !chart_svg(c, look, mem, &text, ret_n, &e))
        die("svg", &e);
    if (svg && !zip_gzip(mem, 6, text, *ret_n, &gz, ret_n, &e))
        die("gzip", &e);
}

static void
measure(const char *name, const struct chart *c, const struct chart_look *look, bool svg)
{
    struct arena mem;
    usec_t       t[RUNS];
    size_t       n = 0;

    arena_init(&mem, 64 << 20);
    for (int i = 0; i < RUNS; i++) {
        struct err  e = ERR_INIT;
        const void *png;
        const char *text;
        usec_t      start = time_monotonic();

        arena_reset(&mem);
        if (svg ? !chart_svg(c, look, &mem, &text, &n, &e)
                : !chart_png(c, look, &mem, &png, &n, &e))
            die(name, &e);
        t[i] = time_monotonic() - start;
    }
    draw_once(c, look, svg, &mem, &n);
    qsort(t, RUNS, sizeof *t, by_time);
    printf("%-14s %-8s %5d px %dx  %6.2f ms (%.2f-%.2f)  %6.2f KB%s\n", name, svg ? "svg" : "png",
           look->width, look->scale ? look->scale : 1, (double)t[RUNS / 2] / 1000,
           (double)t[RUNS / 10] / 1000, (double)t[RUNS * 9 / 10] / 1000, (double)n / 1024,
           svg ? " deflated" : "");
    arena_free(&mem);
}

static void
write_file(const char *dir, const char *name, const void *p, size_t n)
{
    char  path[512];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "wb");
    if (!f || fwrite(p, 1, n, f) != n || fclose(f)) {
        perror(path);
        exit(1);
    }
}

static void
write_all(const char *dir)
{
    static const int widths[] = { CHART_FILE_WIDTH, 420 };

    for (size_t i = 0; i < chart_cases_n; i++)
        for (int dark = 0; dark < 2; dark++)
            for (int w = 0; w < 2; w++) {
                struct chart_look look = { .lang = chart_cases[i].lang,
                                           .theme = dark ? DRAW_DARK : DRAW_LIGHT,
                                           .width = widths[w],
                                           .scale = 2 };
                struct arena      mem;
                struct err        e = ERR_INIT;
                struct chart      c = chart_case(i);
                char              name[128];
                const void       *png;
                const char       *svg;
                size_t            n;

                arena_init(&mem, 64 << 20);
                snprintf(name, sizeof name, "%s-%d%s.png", chart_cases[i].name, widths[w],
                         dark ? "-dark" : "");
                if (!chart_png(&c, &look, &mem, &png, &n, &e))
                    die(name, &e);
                write_file(dir, name, png, n);
                snprintf(name, sizeof name, "%s-%d%s.svg", chart_cases[i].name, widths[w],
                         dark ? "-dark" : "");
                if (!chart_svg(&c, &look, &mem, &svg, &n, &e))
                    die(name, &e);
                write_file(dir, name, svg, n);
                arena_free(&mem);
            }
}

int
main(int argc, char **argv)
{
    struct err e = ERR_INIT;

    if (!draw_init(NULL, &e))
        die("fonts", &e);
    if (argc > 1) {
        write_all(argv[1]);
        draw_end();
        return 0;
    }
    for (size_t i = 0; i < chart_cases_n; i++) {
        struct chart      c = chart_case(i);
        enum chart_lang   lang = chart_cases[i].lang;
        struct chart_look file = { .lang = lang, .width = CHART_FILE_WIDTH, .scale = 1 };
        struct chart_look page = {
            .lang = lang, .width = CHART_PAGE_WIDTH, .inlined = true, .id = "w"
        };

        measure(chart_cases[i].name, &c, &file, false);
        file.scale = 2;
        measure(chart_cases[i].name, &c, &file, false);
        measure(chart_cases[i].name, &c, &page, true);
        page.width = CHART_PHONE_WIDTH;
        measure(chart_cases[i].name, &c, &page, true);
    }
    draw_end();
    return 0;
}
