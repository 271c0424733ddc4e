/* line_layout.c - the weekly line, measured: scales, margins, and labels in free places. */
#include "line_int.h"

#include "collaudo/time.h"

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct draw_font small = { DRAW_REGULAR, 11 }, plain = { DRAW_REGULAR, 12 },
                              semi = { DRAW_SEMIBOLD, 12 }, strong = { DRAW_BOLD, 14 };

float
chart_line_x(const struct chart_line_view *v, int32_t day)
{
    return v->first + v->slot * (float)(day - v->day0) / 7;
}

float
chart_line_y(const struct chart_line_view *v, int64_t n)
{
    return v->bottom - (v->bottom - v->top) * (float)n / (float)v->scale.top;
}

struct draw_pt
chart_line_point(const struct chart_line_view *v, size_t i)
{
    return (struct draw_pt){ chart_line_x(v, v->l->week[i].monday),
                             chart_line_y(v, v->l->week[i].num) };
}

bool
chart_line_is_value(const struct chart_line_view *v, size_t i)
{
    return i < v->l->weeks && v->l->week[i].state == CHART_VALUE;
}

/* Is this complete week joined to the one before? Only to its neighbour. */
bool
chart_line_is_joined(const struct chart_line_view *v, size_t i)
{
    return i > 0 && chart_line_is_value(v, i) && chart_line_is_value(v, i - 1) &&
           v->l->week[i].monday - v->l->week[i - 1].monday <= 7;
}

int
chart_line_year(int32_t day)
{
    struct time_civil t;

    time_day_civil(day, &t);
    return t.year;
}

/* --- measuring ---------------------------------------------------------------------------- */

static const char *
target_text(const struct chart_pic *pic, const struct chart_line *l)
{
    struct str s;

    str_init(&s, pic->mem);
    str_add(&s, pic->words->target);
    str_add(&s, NBSP);
    chart_add_number(&s, pic->lang, l->target);
    if (l->target_e4 && !pic->narrow) {
        str_add(&s, " (");
        chart_add_share(&s, pic->lang, l->target_e4);
        str_addc(&s, ')');
    }
    return s.p;
}

static int64_t
highest(const struct chart_line *l)
{
    int64_t most = l->target;

    for (size_t i = 0; i < l->weeks; i++) {
        const struct chart_week *w = &l->week[i];

        if ((w->state == CHART_VALUE || w->state == CHART_UNFINISHED) && w->num > most)
            most = w->num;
        if (w->banded && w->hi > most)
            most = w->hi;
    }
    return most;
}

static struct chart_label
one_line(const char *text, struct draw_font font, enum draw_color color)
{
    return (struct chart_label){ .line[0] = { text, font, color }, .lines = 1 };
}

/* A second line below, smaller and quieter. */
static void
add_note(struct chart_label *label, const char *text)
{
    label->line[1].text = text;
    label->line[1].font = small;
    label->line[1].color = DRAW_MUTED;
    label->lines = 2;
}

/* "12 so far": a number and a word that stay together. */
static const char *
counted(const struct chart_pic *pic, int64_t n, const char *word)
{
    struct str s;

    str_init(&s, pic->mem);
    chart_add_number(&s, pic->lang, n);
    str_add(&s, NBSP);
    str_add(&s, word);
    return s.p;
}

static const char *
decision_text(const struct chart_pic *pic, int32_t day)
{
    struct str s;

    str_init(&s, pic->mem);
    str_add(&s, pic->words->decision);
    str_addc(&s, ' ');
    str_add(&s, chart_day(pic->mem, pic->lang, day, true));
    return s.p;
}

/* The texts of all labels; where they stand comes later. */
static void
write_labels(struct chart_line_view *v)
{
    const struct chart_pic   *pic = v->pic;
    const struct chart_line  *l = v->l;
    const struct chart_words *w = pic->words;
    bool                      banded = false;

    for (size_t i = 0; i < l->weeks; i++)
        banded = banded || l->week[i].banded;
    if (l->target)
        v->target = one_line(target_text(pic, l), semi, DRAW_TARGET);
    if (v->last < l->weeks)
        v->value =
            one_line(chart_number(pic->mem, pic->lang, l->week[v->last].num), strong, DRAW_PRIMARY);
    if (v->running < l->weeks) {
        v->so_far = one_line(counted(pic, l->week[v->running].num, l->over ? w->cut : w->so_far),
                             semi, DRAW_PRIMARY);
        if (l->week_ago_known && !pic->narrow)
            add_note(&v->so_far, counted(pic, l->week_ago, w->week_ago));
    }
    if (banded && l->band_name) {
        v->band = one_line(l->band_name, plain, DRAW_PRIMARY);
        if (l->band_note && !pic->narrow)
            add_note(&v->band, l->band_note);
    }
    if (l->decision)
        v->decision = one_line(decision_text(pic, l->decision), small, DRAW_MUTED);
}

/* Px right of the plot for the labels that stand there. */
static float
right_margin(const struct chart_line_view *v)
{
    float w = 0;

    if (v->pic->narrow)
        return v->pic->bare ? 2 : 0;
    if (v->l->target)
        w = chart_label_box(v->pic->fonts, &v->target).w;
    if (v->band.lines)
        w = fmaxf(w, chart_label_box(v->pic->fonts, &v->band).w);
    return w > 0 ? w + 10 : 2;
}

static float
left_margin(const struct chart_line_view *v)
{
    const char *widest = chart_number(v->pic->mem, v->pic->lang, v->scale.top);

    return draw_text_width(v->pic->fonts, plain, widest) + (v->pic->narrow ? 6 : 10);
}

/* Days from the first Monday to the end of the axis. */
static int32_t
axis_days(const struct chart_line *l)
{
    int32_t last = l->week[l->weeks - 1].monday;

    if (l->decision > last && l->decision - last <= 7 * 26)
        last = l->decision;
    return last - l->week[0].monday;
}

static void
measure(struct chart_line_view *v)
{
    const struct chart_line *l = v->l;
    struct draw_box          b = v->pic->body;
    float                    pad = v->pic->narrow ? 8 : 14;
    int32_t                  days = axis_days(l);

    v->day0 = l->week[0].monday;
    v->last = v->running = l->weeks;
    for (size_t i = 0; i < l->weeks; i++) {
        if (l->week[i].state == CHART_VALUE)
            v->last = i;
        if (l->week[i].state == CHART_UNFINISHED)
            v->running = i;
    }
    v->scale = chart_scale(highest(l), l->of);
    v->two_rows = (v->running < l->weeks && !l->over && !v->pic->narrow) ||
                  chart_line_year(v->day0) != chart_line_year(l->week[l->weeks - 1].monday);
    write_labels(v);
    v->left = b.x + left_margin(v);
    v->right = b.x + b.w - right_margin(v);
    v->top = b.y + (v->pic->narrow ? 26 : 30);
    v->bottom = b.y + b.h - (v->two_rows ? 46 : 30);
    v->first = days ? v->left + pad : (v->left + v->right) / 2;
    v->slot = days ? (v->right - v->left - 2 * pad) * 7 / (float)days : v->right - v->left;
}

/* --- placing ------------------------------------------------------------------------------- */

/* clang-format off */
static const struct chart_try value_tries[] = {
    { DRAW_CENTER, CHART_ABOVE, 0, 12 },  { DRAW_CENTER, CHART_BELOW, 0, 12 },
    { DRAW_RIGHT,  CHART_ABOVE, 2, 12 },  { DRAW_LEFT,   CHART_ABOVE, 2, 12 },
    { DRAW_RIGHT,  CHART_BELOW, 2, 12 },  { DRAW_LEFT,   CHART_BELOW, 2, 12 },
    { DRAW_CENTER, CHART_ABOVE, 0, 20 },  { DRAW_CENTER, CHART_BELOW, 0, 20 },
    { DRAW_LEFT,   CHART_LEVEL, 11, 0 },  { DRAW_RIGHT,  CHART_LEVEL, 11, 0 },
    { DRAW_CENTER, CHART_ABOVE, 0, 34 },  { DRAW_CENTER, CHART_BELOW, 0, 34 },
};
static const struct chart_try so_far_tries[] = {
    { DRAW_LEFT,   CHART_LEVEL, 10, 0 },  { DRAW_RIGHT,  CHART_LEVEL, 10, 0 },
    { DRAW_CENTER, CHART_BELOW, 0, 10 },  { DRAW_CENTER, CHART_ABOVE, 0, 10 },
    { DRAW_LEFT,   CHART_BELOW, 8, 4 },   { DRAW_LEFT,   CHART_ABOVE, 8, 4 },
    { DRAW_RIGHT,  CHART_BELOW, 8, 4 },   { DRAW_RIGHT,  CHART_ABOVE, 8, 4 },
    { DRAW_LEFT,   CHART_BELOW, 8, 16 },  { DRAW_LEFT,   CHART_ABOVE, 8, 16 },
    { DRAW_RIGHT,  CHART_BELOW, 8, 16 },  { DRAW_RIGHT,  CHART_ABOVE, 8, 16 },
    { DRAW_RIGHT,  CHART_BELOW, 8, 28 },  { DRAW_RIGHT,  CHART_ABOVE, 8, 28 },
    { DRAW_RIGHT,  CHART_BELOW, 8, 44 },  { DRAW_RIGHT,  CHART_ABOVE, 8, 44 },
    { DRAW_RIGHT,  CHART_BELOW, 8, 64 },  { DRAW_RIGHT,  CHART_ABOVE, 8, 64 },
    { DRAW_RIGHT,  CHART_BELOW, 8, 90 },  { DRAW_RIGHT,  CHART_ABOVE, 8, 90 },
};
/* clang-format on */

static void
place_target_inside(struct chart_line_view *v)
{
    struct chart_try tries[18];
    float            wide = v->right - v->left;
    float            y = chart_line_y(v, v->l->target);

    /* nine places along the line, above and below it: the first and the last are the best */
    for (size_t i = 0; i < 9; i++) {
        float dx = (i % 2 ? wide * (float)(9 - i / 2 - 1) : wide * (float)(i / 2)) / 9;

        tries[2 * i] = (struct chart_try){ DRAW_LEFT, CHART_ABOVE, dx + 4, 5 };
        tries[2 * i + 1] = (struct chart_try){ DRAW_LEFT, CHART_BELOW, dx + 4, 6 };
    }
    chart_place_label(&v->place, &v->target, (struct draw_pt){ v->left, y }, tries, COUNT(tries));
}

static void
place_target(struct chart_line_view *v)
{
    struct draw_pt a = { v->left, chart_line_y(v, v->l->target) }, b = { v->right, a.y };

    if (!v->l->target)
        return;
    if (v->pic->narrow) {
        place_target_inside(v);
    } else {
        v->target.x = v->right + 8;
        v->target.baseline = a.y + 4.4f;
        chart_place_fixed(&v->place, &v->target);
    }
    chart_place_line(&v->place, a, b, 25);
}

/* In the right margin level with the band's end, or as near as the target's label lets it. */
static void
place_band(struct chart_line_view *v)
{
    struct chart_try tries[24];
    size_t           end = 0;

    if (!v->band.lines)
        return;
    for (size_t i = 0; i < v->l->weeks; i++)
        if (v->l->week[i].banded)
            end = i;
    float hi = chart_line_y(v, v->l->week[end].hi), lo = chart_line_y(v, v->l->week[end].lo);
    for (size_t i = 0; i < COUNT(tries); i++) {
        float off = (float)((i + 1) / 2) * (i % 2 ? -6.0f : 6.0f);

        tries[i] = v->pic->narrow
                       ? (struct chart_try){ DRAW_RIGHT, i % 2 ? CHART_BELOW : CHART_ABOVE, 0,
                                             4 + 4 * (float)(i / 2) }
                       : (struct chart_try){ DRAW_LEFT, CHART_LEVEL, 8, off };
    }
    struct draw_pt at = { v->right, (hi + lo) / 2 };
    if (v->pic->narrow)
        at = (struct draw_pt){ chart_line_x(v, v->l->week[end].monday), hi };
    chart_place_label(&v->place, &v->band, at, tries, COUNT(tries));
}

/* Above the plot, at its line; never out of the picture. */
static void
place_decision(struct chart_line_view *v)
{
    float x = chart_line_x(v, v->l->decision);

    if (!v->l->decision || x < v->left || x > v->right + 0.5f) {
        v->decision.lines = 0;
        return;
    }
    v->decision.align = DRAW_CENTER;
    v->decision.x = x;
    v->decision.baseline = v->top - 8;
    struct draw_box b = chart_label_box(v->pic->fonts, &v->decision);
    float           over = b.x + b.w - v->pic->body.x - v->pic->body.w;
    float           under = v->pic->body.x - b.x;
    v->decision.x -= over > 0 ? over : under > 0 ? -under : 0;
    chart_place_fixed(&v->place, &v->decision);
    chart_place_line(&v->place, (struct draw_pt){ x, v->top }, (struct draw_pt){ x, v->bottom },
                     12);
}

/* Beside its point; without its note, or not at all, where it would cover other text. */
static void
place_beside(struct chart_line_view *v, struct chart_label *label, size_t week,
             const struct chart_try *tries, size_t n)
{
    struct draw_pt at = chart_line_point(v, week);

    for (; label->lines; label->lines--)
        if (chart_place_label(&v->place, label, at, tries, n) < CHART_TEXT_COST)
            return;
}

static void
place_all(struct chart_line_view *v)
{
    struct draw_box bounds = v->pic->body;

    bounds.w -= v->left - 4 - bounds.x; /* off the axis on the left */
    bounds.x = v->left - 4;
    bounds.h = v->bottom - bounds.y - 2;
    chart_place_init(&v->place, bounds, 3 * v->l->weeks + 16, v->pic->fonts, v->pic->mem);
    for (size_t i = 0; i < v->l->weeks; i++) {
        struct draw_pt   p = chart_line_point(v, i);
        enum chart_state state = v->l->week[i].state;

        if (state == CHART_NO_DATA || state == CHART_NOT_PUBLISHED)
            chart_place_box(
                &v->place,
                (struct draw_box){ p.x - v->slot / 2, v->top, v->slot, v->bottom - v->top }, 6);
        if (chart_line_is_joined(v, i))
            chart_place_line(&v->place, chart_line_point(v, i - 1), p, CHART_DATA_COST);
        if (i == v->last || i == v->running)
            chart_place_box(&v->place, (struct draw_box){ p.x - 5, p.y - 5, 10, 10 }, 60);
        else if (chart_line_is_value(v, i))
            chart_place_box(&v->place, (struct draw_box){ p.x - 3, p.y - 3, 6, 6 }, 30);
    }
    place_decision(v);
    place_target(v);
    if (v->last < v->l->weeks)
        place_beside(v, &v->value, v->last, value_tries, COUNT(value_tries));
    if (v->running < v->l->weeks)
        place_beside(v, &v->so_far, v->running, so_far_tries, COUNT(so_far_tries));
    place_band(v);
}

void
chart_line_layout(const struct chart_pic *pic, struct chart_line_view *ret)
{
    *ret = (struct chart_line_view){ .pic = pic, .l = &pic->c->line };
    measure(ret);
    place_all(ret);
}
