/* path.c - contours: circles, rounded boxes, and the outline of a line. */
#include "draw_int.h"

#include <math.h>
#include <string.h>

#define FAR 1e5f /* px; nothing in a picture is there: dashes must come to an end */

void
draw_path_clear(struct draw_path *path)
{
    path->n = path->contours = 0;
}

/* The array with room for one more, twice as long if need be; NULL: no memory. */
static void *
grown(struct arena *mem, void *old, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return old;
    size_t more = *cap ? *cap * 2 : 64;
    void  *p = arena_array(mem, more, size);
    if (!p)
        return NULL;
    if (n)
        memcpy(p, old, n * size);
    *cap = more;
    return p;
}

void
draw_path_add(struct draw_path *path, float x, float y)
{
    struct draw_pt *p = grown(path->mem, path->p, path->n, &path->cap, sizeof *p);

    if (!p)
        return;
    path->p = p;
    p[path->n++] = (struct draw_pt){ x, y };
}

void
draw_path_close(struct draw_path *path)
{
    size_t start = path->contours ? path->end[path->contours - 1] : 0;

    if (path->n == start)
        return;
    size_t *end = grown(path->mem, path->end, path->contours, &path->end_cap, sizeof *end);
    if (!end)
        return;
    path->end = end;
    end[path->contours++] = path->n;
}

/* Corners of a whole circle so that no edge is off by more than a tenth of a pixel. */
static int
circle_steps(float r, float scale)
{
    return (int)ceilf(8.0f + 8.0f * sqrtf(r * scale));
}

void
draw_path_circle(struct draw_path *path, float x, float y, float r, bool clockwise, float scale)
{
    int   n = circle_steps(r, scale);
    float turn = (clockwise ? 2 : -2) * DRAW_PI / (float)n;

    for (int i = 0; i < n; i++)
        draw_path_add(path, x + r * cosf(turn * (float)i), y + r * sinf(turn * (float)i));
    draw_path_close(path);
}

/* Points on the circle round `at` from angle `from` on, `sweep` radians further. */
static void
arc(struct draw_path *path, struct draw_pt at, float r, float from, float sweep, float scale)
{
    int n = (int)ceilf((float)circle_steps(r, scale) * fabsf(sweep) / (2 * DRAW_PI));

    if (n < 1)
        n = 1;
    for (int i = 0; i <= n; i++) {
        float a = from + sweep * (float)i / (float)n;

        draw_path_add(path, at.x + r * cosf(a), at.y + r * sinf(a));
    }
}

void
draw_path_rrect(struct draw_path *path, struct draw_box b, float r, float scale)
{
    r = fminf(r, fminf(b.w, b.h) / 2);
    float l = b.x + r, t = b.y + r, right = b.x + b.w - r, low = b.y + b.h - r;

    arc(path, (struct draw_pt){ right, t }, r, -DRAW_PI / 2, DRAW_PI / 2, scale);
    arc(path, (struct draw_pt){ right, low }, r, 0, DRAW_PI / 2, scale);
    arc(path, (struct draw_pt){ l, low }, r, DRAW_PI / 2, DRAW_PI / 2, scale);
    arc(path, (struct draw_pt){ l, t }, r, DRAW_PI, DRAW_PI / 2, scale);
    draw_path_close(path);
}

/* --- lines ------------------------------------------------------------------------ */

struct side {
    struct draw_path *out;
    float             half; /* of the line's width */
    float             scale;
};

static float
angle(struct draw_pt a, struct draw_pt b)
{
    return atan2f(b.y - a.y, b.x - a.x);
}

static float
distance(struct draw_pt a, struct draw_pt b)
{
    return hypotf(b.x - a.x, b.y - a.y);
}

/* The left edge of the corner at `b` on the way from a to c. Outside a bend it is an arc;
 * inside it goes over the corner itself, a loop that lies within the line. */
static void
join(const struct side *s, struct draw_pt a, struct draw_pt b, struct draw_pt c)
{
    float in = angle(a, b), out = angle(b, c), turn = out - in, h = s->half;

    if (turn > DRAW_PI)
        turn -= 2 * DRAW_PI;
    if (turn < -DRAW_PI)
        turn += 2 * DRAW_PI;
    if (turn >= 0) { /* y points down: the left edge is the outer one of a right turn */
        arc(s->out, b, h, in - DRAW_PI / 2, turn, s->scale);
        return;
    }
    draw_path_add(s->out, b.x + h * sinf(in), b.y - h * cosf(in));
    draw_path_add(s->out, b.x, b.y);
    draw_path_add(s->out, b.x + h * sinf(out), b.y - h * cosf(out));
}

/* The end of an open line at `b`, coming from a: half a circle, or straight. */
static void
cap(const struct side *s, struct draw_pt a, struct draw_pt b, bool rounded)
{
    float in = angle(a, b);

    if (rounded) {
        arc(s->out, b, s->half, in - DRAW_PI / 2, DRAW_PI, s->scale);
        return;
    }
    draw_path_add(s->out, b.x + s->half * sinf(in), b.y - s->half * cosf(in));
    draw_path_add(s->out, b.x - s->half * sinf(in), b.y + s->half * cosf(in));
}

/* Both edges of an open line as one contour. */
static void
outline(const struct side *s, const struct draw_pt *p, size_t n, bool rounded)
{
    for (size_t i = 1; i + 1 < n; i++)
        join(s, p[i - 1], p[i], p[i + 1]);
    cap(s, p[n - 2], p[n - 1], rounded);
    for (size_t i = n - 2; i > 0; i--)
        join(s, p[i + 1], p[i], p[i - 1]);
    cap(s, p[1], p[0], rounded);
    draw_path_close(s->out);
}

/* The outer and the inner edge of a closed line, the two running against each other. */
static void
closed_outline(const struct side *s, const struct draw_pt *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        join(s, p[(i + n - 1) % n], p[i], p[(i + 1) % n]);
    draw_path_close(s->out);
    for (size_t i = n; i-- > 0;)
        join(s, p[(i + 1) % n], p[i], p[(i + n - 1) % n]);
    draw_path_close(s->out);
}

/* Cuts the line into dashes, each an open line of its own. */
static void
dashes(const struct side *s, const struct draw_pt *p, size_t n, bool closed,
       const struct draw_pen *pen)
{
    struct draw_path run = { .mem = s->out->mem };
    float            left = pen->dash;
    bool             on = true;

    draw_path_add(&run, p[0].x, p[0].y);
    for (size_t i = 0; i < (closed ? n : n - 1); i++) {
        struct draw_pt a = p[i], b = p[(i + 1) % n];
        float          len = distance(a, b), at = 0;

        for (; len - at > left; left = on ? pen->dash : pen->gap) {
            at += left;
            struct draw_pt q = { a.x + (b.x - a.x) * at / len, a.y + (b.y - a.y) * at / len };
            if (on)
                draw_path_add(&run, q.x, q.y);
            if (run.n > 1) /* in a gap it is only where the next dash begins */
                outline(s, run.p, run.n, false);
            draw_path_clear(&run);
            draw_path_add(&run, q.x, q.y);
            on = !on;
        }
        left -= len - at;
        if (on)
            draw_path_add(&run, b.x, b.y);
    }
    if (run.n > 1)
        outline(s, run.p, run.n, false);
}

void
draw_path_stroke(struct draw_path *path, const struct draw_pt *p, size_t n, bool closed,
                 const struct draw_pen *pen, float scale)
{
    struct draw_path kept = { .mem = path->mem };
    struct side      s = { path, pen->width / 2, scale };

    for (size_t i = 0; i < n; i++)
        if (!(fabsf(p[i].x) < FAR && fabsf(p[i].y) < FAR))
            return;
    /* a point twice in a row has no direction */
    for (size_t i = 0; i < n; i++)
        if (!kept.n || distance(kept.p[kept.n - 1], p[i]) > 1e-3f)
            draw_path_add(&kept, p[i].x, p[i].y);
    if (closed && kept.n > 1 && distance(kept.p[kept.n - 1], kept.p[0]) <= 1e-3f)
        kept.n--;
    if (kept.n < 2)
        return;
    if (pen->dash > 0 && pen->gap > 0)
        dashes(&s, kept.p, kept.n, closed, pen);
    else if (closed && kept.n > 2)
        closed_outline(&s, kept.p, kept.n);
    else
        outline(&s, kept.p, kept.n, true);
}
