/* line_draw.c - the weekly line, drawn: from the gaps at the back to the labels in front. */
#include "line_int.h"

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct draw_font small = { DRAW_REGULAR, 11 }, plain = { DRAW_REGULAR, 12 };

struct gap {
    float l, r;
    bool  hidden;
};

/* The next run of weeks without a number at or after week *i, as a column of the plot;
 * *i becomes the week after it. */
static bool
next_gap(const struct chart_line_view *v, size_t *i, struct gap *ret)
{
    for (; *i < v->l->weeks; ++*i) {
        const struct chart_week *first = &v->l->week[*i], *last = first;

        if (first->state != CHART_NO_DATA && first->state != CHART_NOT_PUBLISHED)
            continue;
        while (++*i < v->l->weeks && v->l->week[*i].state == first->state)
            last = &v->l->week[*i];
        ret->l = fmaxf(chart_line_x(v, first->monday) - v->slot / 2, v->left);
        ret->r = fminf(chart_line_x(v, last->monday) + v->slot / 2, v->right);
        ret->hidden = first->state == CHART_NOT_PUBLISHED;
        return true;
    }
    return false;
}

static void
draw_gaps(struct draw *d, const struct chart_line_view *v)
{
    struct gap g;

    for (size_t i = 0; next_gap(v, &i, &g);) {
        struct draw_box box = { g.l, v->top, g.r - g.l, v->bottom - v->top };

        draw_rect(d, box, DRAW_NONE_TINT);
        if (g.hidden) /* there are figures: not the same as no data, also without its word */
            draw_hatch(d, box, 8, 1.2f, DRAW_CONTEXT);
    }
}

/* A word at the foot of each gap, unless it would cover something. */
static void
name_gaps(struct draw *d, struct chart_line_view *v)
{
    static const struct chart_try tries[] = {
        { DRAW_CENTER, CHART_ABOVE, 0, 8 },
        { DRAW_CENTER, CHART_ABOVE, 0, 22 },
        { DRAW_CENTER, CHART_ABOVE, 0, 60 },
    };
    const struct chart_words *w = v->pic->words;
    struct gap                g;

    for (size_t i = 0; next_gap(v, &i, &g);) {
        struct draw_pt     foot = { (g.l + g.r) / 2, v->bottom };
        struct chart_label label = {
            .line[0] = { g.hidden ? w->not_shown : w->no_data, small, DRAW_MUTED }, .lines = 1
        };

        if (chart_label_box(v->pic->fonts, &label).w < 2 * (g.r - g.l) &&
            chart_place_label(&v->place, &label, foot, tries, COUNT(tries)) < CHART_HOPELESS)
            chart_label_draw(d, v->pic->fonts, &label);
    }
}

static void
draw_grid(struct draw *d, const struct chart_line_view *v)
{
    float gap = v->pic->narrow ? 6 : 10;

    for (int64_t n = 0; n <= v->scale.top; n += v->scale.step) {
        float y = chart_line_y(v, n);

        draw_hrule(d, v->left, v->right, y, 1, n ? DRAW_GRID : DRAW_AXIS);
        draw_text(d, v->left - gap, y + 4, DRAW_RIGHT, plain, DRAW_MUTED,
                  chart_number(v->pic->mem, v->pic->lang, n));
    }
}

static void
draw_band(struct draw *d, const struct chart_line_view *v)
{
    struct draw_pt p[2 * CHART_MAX_WEEKS];

    for (size_t i = 0, past; i < v->l->weeks; i = past) {
        for (past = i; past < v->l->weeks && v->l->week[past].banded; past++)
            ;
        size_t n = past - i;
        for (size_t k = 0; k < n; k++) {
            const struct chart_week *w = &v->l->week[i + k];

            p[k] = (struct draw_pt){ chart_line_x(v, w->monday), chart_line_y(v, w->hi) };
            p[2 * n - 1 - k] = (struct draw_pt){ p[k].x, chart_line_y(v, w->lo) };
        }
        if (n == 1) /* one week is a bar */
            draw_vrule(d, p[0].x, p[0].y, p[1].y, 6, DRAW_PRIMARY_TINT);
        else if (n)
            draw_fill(d, p, 2 * n, DRAW_PRIMARY_TINT);
        past += !n;
    }
}

static void
draw_values(struct draw *d, const struct chart_line_view *v)
{
    struct draw_pt        p[CHART_MAX_WEEKS];
    const struct draw_pen pen = { DRAW_PRIMARY, v->slot < 7 ? 2.0f : 2.6f, 0, 0 };
    bool                  dots = v->slot >= 16;

    for (size_t i = 0, past; i < v->l->weeks; i = past) {
        past = i + 1;
        if (!chart_line_is_value(v, i))
            continue;
        p[0] = chart_line_point(v, i);
        for (; chart_line_is_joined(v, past); past++)
            p[past - i] = chart_line_point(v, past);
        draw_stroke(d, p, past - i, &pen);
        for (size_t k = 0; k < past - i; k++)
            if (dots || past - i == 1)
                draw_disc(d, p[k].x, p[k].y, 2.6f, DRAW_PRIMARY);
    }
}

static void
draw_ends(struct draw *d, const struct chart_line_view *v)
{
    if (v->last < v->l->weeks) {
        struct draw_pt p = chart_line_point(v, v->last);

        if (v->slot >= 16)
            draw_disc(d, p.x, p.y, 7, DRAW_BG);
        draw_disc(d, p.x, p.y, 5, DRAW_PRIMARY);
    }
    if (v->running < v->l->weeks) {
        struct draw_pt p = chart_line_point(v, v->running);

        draw_vrule(d, p.x, p.y, v->bottom, 1, DRAW_PRIMARY_TINT);
        draw_disc(d, p.x, p.y, 4.4f, DRAW_BG);
        draw_ring(d, p.x, p.y, 3.6f, 1.6f, DRAW_PRIMARY);
    }
}

static void
draw_weeks(struct draw *d, const struct chart_line_view *v)
{
    size_t             n = v->l->weeks;
    struct chart_tick *tick = arena_new(v->pic->mem, struct chart_tick, n);
    float              second = v->bottom + 34;
    int                year = 0;

    for (size_t i = 0; tick && i < n; i++)
        tick[i] = (struct chart_tick){ .x = chart_line_x(v, v->l->week[i].monday),
                                       .day = v->l->week[i].monday,
                                       .strong = i == v->running };
    if (!tick)
        return;
    chart_ticks(tick, n, v->pic->lang, v->pic->fonts, plain, v->pic->body.x,
                fminf(v->right + 10, v->pic->body.x + v->pic->body.w), v->pic->mem);
    bool years = chart_line_year(tick[0].day) != chart_line_year(tick[n - 1].day);
    for (size_t i = 0; i < n; i++) {
        if (!tick[i].written)
            continue;
        draw_vrule(d, tick[i].x, v->bottom, v->bottom + 4, 1, DRAW_AXIS);
        draw_text(d, tick[i].x, v->bottom + 19, tick[i].align, plain,
                  tick[i].strong ? DRAW_INK : DRAW_MUTED, tick[i].text);
        if (tick[i].strong && !v->l->over && !v->pic->narrow)
            draw_text(d, tick[i].x, second, tick[i].align, small, DRAW_MUTED, v->pic->words->now);
        else if (years && year != chart_line_year(tick[i].day))
            draw_text(d, tick[i].x, second, tick[i].align, small, DRAW_MUTED,
                      arena_printf(v->pic->mem, "%d", chart_line_year(tick[i].day)));
        year = chart_line_year(tick[i].day);
    }
}

void
chart_line_draw(struct draw *d, const struct chart_pic *pic)
{
    static const struct draw_pen dashed = { DRAW_AXIS, 1, 2, 3 };
    struct chart_line_view       v;

    chart_line_layout(pic, &v);
    const struct chart_label *label[] = { &v.value, &v.so_far, &v.band, &v.target, &v.decision };

    draw_gaps(d, &v);
    draw_grid(d, &v);
    draw_band(d, &v);
    if (v.decision.lines) {
        float x = floorf(chart_line_x(&v, v.l->decision)) + 0.5f;

        draw_line(d, x, v.top - 2, x, v.bottom, &dashed);
    }
    if (v.l->target)
        draw_hrule(d, v.left, v.right, chart_line_y(&v, v.l->target), 1.5f, DRAW_TARGET);
    for (size_t i = 0; i < (pic->narrow ? COUNT(label) : 2); i++) /* the others are in a margin */
        chart_label_halo(d, pic->fonts, label[i]);
    name_gaps(d, &v);
    draw_values(d, &v);
    draw_ends(d, &v);
    for (size_t i = 0; i < COUNT(label); i++)
        chart_label_draw(d, pic->fonts, label[i]);
    draw_weeks(d, &v);
}
