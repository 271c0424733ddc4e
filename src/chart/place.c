/* place.c - labels put where they cover nothing: the cheapest of a few places. */
#include "chart_int.h"

#include <math.h>

#define ASCENT 0.76f /* of the font size: letters above and below the baseline */
#define DESCENT 0.22f
#define CAP 0.73f
#define LEADING 15.0f
#define AIR 2.0f /* px a label keeps free on each side */

struct chart_obstacle {
    bool           is_line;
    struct draw_pt a, b; /* of a box: two corners */
    float          cost;
};

void
chart_place_init(struct chart_place *p, struct draw_box bounds, size_t cap,
                 struct draw_fonts *fonts, struct arena *mem)
{
    struct chart_obstacle *o = arena_new(mem, struct chart_obstacle, cap);

    *p = (struct chart_place){ bounds, o, 0, o ? cap : 0, fonts };
}

static void
add(struct chart_place *p, struct chart_obstacle o)
{
    if (p->n < p->cap)
        p->obstacle[p->n++] = o;
}

void
chart_place_box(struct chart_place *p, struct draw_box b, float cost)
{
    add(p, (struct chart_obstacle){ false, { b.x, b.y }, { b.x + b.w, b.y + b.h }, cost });
}

void
chart_place_line(struct chart_place *p, struct draw_pt a, struct draw_pt b, float cost)
{
    add(p, (struct chart_obstacle){ true, a, b, cost });
}

/* Cuts [*t0, *t1] down to where from + t * by lies in [lo, hi]; false when nothing is left. */
static bool
cut(float from, float by, float lo, float hi, float *t0, float *t1)
{
    if (by == 0)
        return from >= lo && from <= hi;
    float a = (lo - from) / by, b = (hi - from) / by;
    *t0 = fmaxf(*t0, fminf(a, b));
    *t1 = fminf(*t1, fmaxf(a, b));
    return *t0 <= *t1;
}

static bool
is_hit(const struct chart_obstacle *o, struct draw_box b)
{
    float t0 = 0, t1 = 1;

    if (!o->is_line)
        return o->a.x < b.x + b.w && o->b.x > b.x && o->a.y < b.y + b.h && o->b.y > b.y;
    return cut(o->a.x, o->b.x - o->a.x, b.x, b.x + b.w, &t0, &t1) &&
           cut(o->a.y, o->b.y - o->a.y, b.y, b.y + b.h, &t0, &t1);
}

static float
cost_of(const struct chart_place *p, struct draw_box b)
{
    const struct draw_box *in = &p->bounds;
    float                  out = fmaxf(in->x - b.x, 0) + fmaxf(b.x + b.w - in->x - in->w, 0) +
                fmaxf(in->y - b.y, 0) + fmaxf(b.y + b.h - in->y - in->h, 0);
    float cost = out > 0 ? CHART_TEXT_COST + 10 * out : 0;

    b = (struct draw_box){ b.x - AIR, b.y - AIR, b.w + 2 * AIR, b.h + 2 * AIR };
    for (size_t i = 0; i < p->n; i++)
        if (is_hit(&p->obstacle[i], b))
            cost += p->obstacle[i].cost;
    return cost;
}

struct draw_box
chart_label_box(struct draw_fonts *f, const struct chart_label *label)
{
    float w = 0, x = label->x;

    for (int i = 0; i < label->lines; i++)
        w = fmaxf(w, draw_text_width(f, label->line[i].font, label->line[i].text));
    if (label->align != DRAW_LEFT)
        x -= label->align == DRAW_CENTER ? w / 2 : w;
    float top = label->baseline - label->line[0].font.size * ASCENT;
    float low = label->baseline + LEADING * (float)(label->lines - 1) +
                label->line[label->lines - 1].font.size * DESCENT;
    return (struct draw_box){ x, top, w, low - top };
}

static float
baseline_for(const struct chart_label *label, float y, const struct chart_try *t)
{
    float more = LEADING * (float)(label->lines - 1), cap = label->line[0].font.size * CAP;

    switch (t->side) {
    case CHART_ABOVE:
        return y - t->dy - more;
    case CHART_BELOW:
        return y + t->dy + cap;
    case CHART_LEVEL:
        break;
    }
    return label->lines > 1 ? y + t->dy + 1 : y + t->dy + cap / 2;
}

float
chart_place_label(struct chart_place *p, struct chart_label *label, struct draw_pt at,
                  const struct chart_try *tries, size_t n)
{
    struct chart_label best = *label, start = *label;
    float              least = INFINITY;

    start.x = start.baseline = 0;
    start.align = DRAW_LEFT;
    struct draw_box size = chart_label_box(p->fonts, &start); /* measured once */
    for (size_t i = 0; i < n; i++) {
        struct chart_label try = *label;
        struct draw_box    b = size;

        try.align = tries[i].align;
        try.x = at.x + (try.align == DRAW_RIGHT ? -tries[i].dx : tries[i].dx);
        try.baseline = baseline_for(label, at.y, &tries[i]);
        b.x = try.x - (try.align == DRAW_LEFT ? 0 : try.align == DRAW_RIGHT ? b.w : b.w / 2);
        b.y += try.baseline;
        float cost = cost_of(p, b);
        try.crossed = cost >= CHART_DATA_COST;
        cost += (float)i; /* the first ones are the best */
        if (cost < least) {
            least = cost;
            best = try;
        }
    }
    *label = best;
    if (least < CHART_TEXT_COST)
        chart_place_fixed(p, label);
    return least;
}

void
chart_place_fixed(struct chart_place *p, const struct chart_label *label)
{
    struct draw_box b = chart_label_box(p->fonts, label);

    chart_place_box(p, (struct draw_box){ b.x - 4, b.y - 3, b.w + 8, b.h + 6 }, CHART_TEXT_COST);
}

static void
patch(struct draw *d, struct draw_fonts *f, const struct chart_label *label, float pad)
{
    struct draw_box b = chart_label_box(f, label);

    draw_rect(d, (struct draw_box){ b.x - pad, b.y - pad + 1, b.w + 2 * pad, b.h + 2 * pad - 3 },
              DRAW_BG);
}

void
chart_label_halo(struct draw *d, struct draw_fonts *f, const struct chart_label *label)
{
    if (label->lines)
        patch(d, f, label, 3);
}

void
chart_label_draw(struct draw *d, struct draw_fonts *f, const struct chart_label *label)
{
    if (label->lines && label->crossed)
        patch(d, f, label, 1.5f);
    for (int i = 0; i < label->lines; i++)
        draw_text(d, label->x, label->baseline + LEADING * (float)i, label->align,
                  label->line[i].font, label->line[i].color, label->line[i].text);
}
