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

struct span {
    float l, r;
};

static struct span
tick_span(const struct chart_tick *t, struct draw_fonts *f, struct draw_font font)
{
    float w = draw_text_width(f, font, t->text);
    float l = t->align == DRAW_LEFT ? t->x : t->align == DRAW_RIGHT ? t->x - w : t->x - w / 2;

    return (struct span){ l, l + w };
}

/* Text and alignment of the ticks that are to be written: the month where it is another one
 * than that of the label before. */
static void
write_ticks(struct chart_tick *tick, size_t n, enum chart_lang lang, struct draw_fonts *f,
            struct draw_font font, float left, float right, struct arena *mem)
{
    int month = 0;

    for (size_t i = 0; i < n; i++) {
        struct time_civil t;

        if (!tick[i].written)
            continue;
        time_day_civil(tick[i].day, &t);
        tick[i].text = chart_day(mem, lang, tick[i].day, t.month != month || tick[i].strong);
        tick[i].align = DRAW_CENTER;
        struct span s = tick_span(&tick[i], f, font);
        if (s.l < left)
            tick[i].align = DRAW_LEFT;
        else if (s.r > right)
            tick[i].align = DRAW_RIGHT;
        month = t.month;
    }
}

/* Does every written label keep its distance from the one before? */
static bool
ticks_fit(const struct chart_tick *tick, size_t n, struct draw_fonts *f, struct draw_font font)
{
    float past = -1e6f;

    for (size_t i = 0; i < n; i++) {
        if (!tick[i].written)
            continue;
        struct span s = tick_span(&tick[i], f, font);
        if (s.l < past + font.size * 0.45f)
            return false;
        past = s.r;
    }
    return true;
}

void
chart_ticks(struct chart_tick *tick, size_t n, enum chart_lang lang, struct draw_fonts *f,
            struct draw_font font, float left, float right, struct arena *mem)
{
    static const size_t rhythm[] = { 1, 2, 3, 4, 6, 8, 13, 26, 52, CHART_MAX_WEEKS };

    for (size_t r = 0; r < sizeof rhythm / sizeof *rhythm; r++) {
        for (size_t i = 0; i < n; i++)
            tick[i].written = i % rhythm[r] == 0 || tick[i].strong;
        write_ticks(tick, n, lang, f, font, left, right, mem);
        if (ticks_fit(tick, n, f, font))
            return;
        /* the running week stays; its neighbours of the rhythm make room */
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; tick[i].strong && k < n; k++)
                if (k != i && (k > i ? k - i : i - k) < rhythm[r])
                    tick[k].written = false;
        write_ticks(tick, n, lang, f, font, left, right, mem);
        if (rhythm[r] > 1 && ticks_fit(tick, n, f, font))
            return;
    }
    for (size_t i = 0; i < n; i++) /* no room for more than one */
        tick[i].written = false;
    if (n) {
        tick[0].written = true;
        write_ticks(tick, n, lang, f, font, left, right, mem);
    }
}
