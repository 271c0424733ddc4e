/* cover.c - how much of each pixel a shape covers, by exact area.
 *
 * Each edge changes, row by row, how much of the pixels to its right is covered. The
 * changes are summed up in `area`, and the running sum along a row is the coverage: an
 * edge that goes down adds, one that goes up takes away, so a hole (the other way round)
 * is empty and a shape is full whatever its direction. Overlaps are cut off at 1.
 *
 * The bitmap is worked through in bands of rows, so that `area` stays in the cache and
 * the memory does not depend on the height of the shape.
 */
#include "draw_int.h"

#include <math.h>
#include <string.h>

#define BAND_FLOATS 65536 /* of `area`: 256 KB */
#define NOTHING 0.001f    /* coverage that is only rounding */

bool
draw_cover_init(struct draw_cover *c, int width, int height, struct arena *mem)
{
    int band = BAND_FLOATS / width;

    band = band < 8 ? 8 : band > height ? height : band;
    *c = (struct draw_cover){
        .area = arena_new(mem, float, (size_t)band *(size_t)width),
        .lo = arena_new(mem, int, (size_t)band),
        .hi = arena_new(mem, int, (size_t)band),
        .width = width,
        .height = height,
        .band = band,
    };
    return c->area && c->lo && c->hi;
}

/* The part of an edge within one row: from xa to xb, over `high` of the row's height
 * (negative when it goes up). Pixel i becomes covered by high * (G(i + 1) - G(i)), where
 * G(x) is the integral of the share of the edge that lies left of x. */
static void
add_part(struct draw_cover *c, int row, float xa, float xb, float high)
{
    float *area = c->area + (size_t)row * (size_t)c->width;
    float  l = fminf(xa, xb), h = fmaxf(xa, xb), wide = h - l, before = 0, g = 0;

    if (l >= (float)c->width) { /* out of sight; what it closes is full up to the border */
        c->hi[row] = c->width - 1;
        return;
    }
    int first = l > 0 ? (int)l : 0;
    int last = h > 0 ? h < (float)(c->width - 1) ? (int)h + 1 : c->width - 1 : 0;
    if (first < c->lo[row])
        c->lo[row] = first;
    if (last > c->hi[row])
        c->hi[row] = last;
    l -= (float)first; /* small numbers keep the sums exact */
    h -= (float)first;
    if (l < 0)
        g = h <= 0 ? -(l + h) / 2 : l * l / (2 * wide);
    for (int i = first; i <= last; i++) {
        float x = (float)(i - first + 1), full, next;

        if (x >= h)
            next = x - (l + h) / 2;
        else
            next = x <= l ? 0 : (x - l) * (x - l) / (2 * wide);
        full = high * (next - g);
        area[i] += full - before;
        before = full;
        g = next;
    }
}

/* The part of an edge within the rows [top, bottom) of the band. */
static void
add_edge(struct draw_cover *c, struct draw_pt a, struct draw_pt b, int top, int bottom)
{
    float down = 1;

    if (a.y > b.y) {
        struct draw_pt t = a;

        a = b;
        b = t;
        down = -1;
    }
    float y0 = fmaxf(a.y, (float)top), y1 = fminf(b.y, (float)bottom);
    if (!(y0 < y1))
        return;
    float slope = (b.x - a.x) / (b.y - a.y);
    float x = a.x + slope * (y0 - a.y);
    for (int row = (int)y0; row < bottom && (float)row < y1; row++) {
        float ya = fmaxf(y0, (float)row), yb = fminf(y1, (float)(row + 1));
        float next = yb < b.y ? a.x + slope * (yb - a.y) : b.x;

        add_part(c, row - top, x, next, down * (yb - ya));
        x = next;
    }
}

/* Sums the band's rows up, hands on what is covered, and leaves `area` zero again. */
static void
emit(struct draw_cover *c, int top, int bottom, struct draw_clip_px clip, draw_cover_row *row,
     void *to)
{
    for (int y = top; y < bottom; y++) {
        float *area = c->area + (size_t)(y - top) * (size_t)c->width, sum = 0;
        int    lo = c->lo[y - top], hi = c->hi[y - top];

        /* right of the last edge the sum is zero, but for rounding */
        for (int x = lo; x <= hi; x++) {
            float full;

            sum += area[x];
            full = fabsf(sum);
            area[x] = full < NOTHING ? 0 : full > 1 ? 1 : full;
        }
        int from = lo > clip.x0 ? lo : clip.x0, past = hi + 1 < clip.x1 ? hi + 1 : clip.x1;
        if (from < past)
            row(to, from, y, area + from, past - from);
        if (lo <= hi)
            memset(area + lo, 0, (size_t)(hi - lo + 1) * sizeof *area);
    }
}

void
draw_cover_shape(struct draw_cover *c, const struct draw_pt *p, const size_t *end, size_t contours,
                 float scale, struct draw_clip_px clip, draw_cover_row *row, void *to)
{
    float y0 = INFINITY, y1 = -INFINITY;

    for (size_t i = 0; contours && i < end[contours - 1]; i++) {
        if (!isfinite(p[i].x) || !isfinite(p[i].y))
            return;
        y0 = fminf(y0, p[i].y * scale);
        y1 = fmaxf(y1, p[i].y * scale);
    }
    y0 = fmaxf(floorf(y0), (float)clip.y0);
    y1 = fminf(ceilf(y1), (float)clip.y1);
    if (!(y0 < y1))
        return;
    for (int top = (int)y0; top < (int)y1; top += c->band) {
        int bottom = top + c->band < (int)y1 ? top + c->band : (int)y1;

        for (int i = 0; i < bottom - top; i++) {
            c->lo[i] = c->width;
            c->hi[i] = -1;
        }
        for (size_t k = 0, i = 0; k < contours; k++) {
            for (size_t start = i; i < end[k]; i++) {
                struct draw_pt a = p[i], b = p[i + 1 < end[k] ? i + 1 : start];

                add_edge(c, (struct draw_pt){ a.x * scale, a.y * scale },
                         (struct draw_pt){ b.x * scale, b.y * scale }, top, bottom);
            }
        }
        emit(c, top, bottom, clip, row, to);
    }
}
