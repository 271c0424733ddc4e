/* axis.c - whole numbers up the side, weeks along the bottom. */
#include "chart_int.h"

#include "collaudo/time.h"

/* The step without its trailing zeros is one of these: first those read at a glance. */
static bool
is_nice(int64_t step, bool best)
{
    while (step % 10 == 0)
        step /= 10;
    return best ? step == 1 || step == 2 || step == 5 || step == 25
                : step == 3 || step == 4 || step == 6 || step == 15;
}

/* A step that divides the whole into 3 to 6 nice parts; 0: there is none. */
static int64_t
dividing_step(int64_t whole)
{
    static const int parts[] = { 4, 5, 6, 3 };

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if (whole % parts[i] == 0 && is_nice(whole / parts[i], pass == 0))
                return whole / parts[i];
    return 0;
}

struct chart_scale
chart_scale(int64_t most, int64_t of)
{
    static const int first[] = { 1, 2, 5 };

    if (most < of && (of * 2 <= most * 3 || !most)) {
        int64_t step = dividing_step(of);

        if (step)
            return (struct chart_scale){ step, of };
        if (of <= 50 || !most) /* a bigger one without nice parts would only flatten the line */
            most = of;
    }
    if (most < 1)
        most = 1;
    for (int64_t ten = 1;; ten *= 10) {
        for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
            int64_t step = first[i] * ten, parts = (most + step - 1) / step;

            if (parts <= 6)
                return (struct chart_scale){ step, parts * step };
        }
    }
}

/* --- weeks ------------------------------------------------------------------------------ */

#define TICK_AIR 0.45f /* of the font size, between two labels */

/* What chart_ticks() was asked. */
struct row {
    struct chart_tick *tick;
    size_t             n;
    enum chart_lang    lang;
    struct draw_fonts *fonts;
    struct draw_font   font;
    float              left, right;
    struct arena      *mem;
};

static void
place_tick(const struct row *row, struct chart_tick *t, bool month)
{
    t->text = chart_day(row->mem, row->lang, t->day, month);
    float w = draw_text_width(row->fonts, row->font, t->text);
    t->align = t->x - w / 2 < row->left    ? DRAW_LEFT
               : t->x + w / 2 > row->right ? DRAW_RIGHT
                                           : DRAW_CENTER;
    t->l = t->x - (t->align == DRAW_LEFT ? 0 : t->align == DRAW_RIGHT ? w : w / 2);
    t->r = t->l + w;
}

/* Is there room for the digits alone? Spares measuring what cannot fit. */
static bool
digits_fit(const struct row *row)
{
    float digit = draw_text_width(row->fonts, row->font, "0"), sum = 0;

    for (size_t i = 0; i < row->n; i++) {
        struct time_civil t;

        if (!row->tick[i].written)
            continue;
        time_day_civil(row->tick[i].day, &t);
        sum += digit * (t.day < 10 ? 1 : 2) + row->font.size * TICK_AIR;
    }
    return sum <= row->right - row->left + row->font.size;
}

/* Places the labels that are to be written, with the month where it is another one than that
 * of the label before; false when two come too near. */
static bool
ticks_fit(const struct row *row)
{
    float past = -1e6f;
    int   month = 0;

    if (!digits_fit(row))
        return false;
    for (size_t i = 0; i < row->n; i++) {
        struct chart_tick *tick = &row->tick[i];
        struct time_civil  t;

        if (!tick->written)
            continue;
        time_day_civil(tick->day, &t);
        place_tick(row, tick, t.month != month || tick->strong);
        if (tick->l < past + row->font.size * TICK_AIR)
            return false;
        past = tick->r;
        month = t.month;
    }
    return true;
}

/* The running week stays; those of the rhythm that are too near make room. */
static void
make_room(const struct row *row, size_t rhythm)
{
    for (size_t i = 0; i < row->n; i++)
        for (size_t k = 0; row->tick[i].strong && k < row->n; k++)
            if (k != i && (k > i ? k - i : i - k) < rhythm)
                row->tick[k].written = false;
}

void
chart_ticks(struct chart_tick *tick, size_t n, enum chart_lang lang, struct draw_fonts *f,
            struct draw_font font, float left, float right, struct arena *mem)
{
    static const size_t rhythm[] = { 1, 2, 3, 4, 6, 8, 13, 26, 52, CHART_MAX_WEEKS };
    const struct row    row = { tick, n, lang, f, font, left, right, mem };

    for (size_t r = 0; r < sizeof rhythm / sizeof *rhythm; r++) {
        for (size_t i = 0; i < n; i++)
            tick[i].written = i % rhythm[r] == 0 || tick[i].strong;
        if (ticks_fit(&row))
            return;
        make_room(&row, rhythm[r]);
        if (rhythm[r] > 1 && ticks_fit(&row))
            return;
    }
    for (size_t i = 0; i < n; i++) /* no room for more than one */
        tick[i].written = i == 0;
    if (n)
        place_tick(&row, tick, true);
}
