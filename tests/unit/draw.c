/* draw.c - the coverage of shapes and strokes against geometry. */
#include "draw_int.h"
#include "draw_t.h"
#include "t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 200 /* px of the coverage tests' bitmap */

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
        { "over dt_everything", -1000, -1000, 1000, 1000, SIZE * SIZE },
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
            CHECK(dt_near(cover(&path, whole), row[i].area, row[i].area * 1e-4 + 1e-3));
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
    CHECK(dt_near((double)grid[20][10], 0.75 * 0.5, 1e-5));
    CHECK(dt_near((double)grid[20][11], 0.5, 1e-5));
    CHECK(dt_near((double)grid[20][12], 0.25, 1e-5));
    CHECK(dt_near((double)grid[21][11], 0.75, 1e-5));
    CHECK(dt_near((double)grid[21][13], 0, 1e-5));
    CHECK(dt_near((double)grid[22][11], 0, 1e-5));
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
            CHECK(dt_near(sum, area, area * 2e-4 + 0.05));
        }
        for (int k = 0; k < 12; k++) { /* pixels on the edges, where it counts */
            float share = (float)k / 12;
            int   px = (int)(t[k % 3].x + (t[(k + 1) % 3].x - t[k % 3].x) * share);
            int   py = (int)(t[k % 3].y + (t[(k + 1) % 3].y - t[k % 3].y) * share);

            if (px >= 0 && py >= 0 && px < SIZE && py < SIZE)
                CHECK(dt_near((double)grid[py][px], sampled(t, px, py), 0.02));
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
        CHECK(dt_near(cover(&path, whole), M_PI * r * r, 0.02 * M_PI * r * r + 0.05));
        draw_path_circle(&path, 100.3f, 99.7f, radius[i] / 2, false, 1); /* a hole */
        CHECK(dt_near(cover(&path, whole), 0.75 * M_PI * r * r, 0.02 * M_PI * r * r + 0.05));
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
    CHECK(dt_near(cover(&path, (struct draw_clip_px){ 10, 20, 50, 33 }), 40 * 13, 1e-3));
    CHECK(dt_near(cover(&path, (struct draw_clip_px){ 50, 20, 50, 33 }), 0, 0));
    CHECK(dt_near(cover(&path, (struct draw_clip_px){ 60, 20, 50, 33 }), 0, 0));
    draw_path_clear(&path);
    draw_path_add(&path, NAN, 3);
    draw_path_add(&path, 30, INFINITY);
    draw_path_add(&path, 50, 9);
    draw_path_close(&path);
    CHECK(dt_near(cover(&path, whole), 0, 0));
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
        CHECK(dt_near(cover(&path, whole), row[i].area, row[i].by));
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

int
main(void)
{
    T_RUN(test_cover_boxes);
    T_RUN(test_cover_of_one_pixel);
    T_RUN(test_cover_triangles);
    T_RUN(test_cover_discs);
    T_RUN(test_cover_clip);
    T_RUN(test_strokes);
    T_RUN(test_stroke_follows_the_line);
    return t_end();
}
