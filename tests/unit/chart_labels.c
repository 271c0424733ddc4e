/* chart_labels.c - scales, and labels that keep off each other: easy, real and hard cases at every
 * width, and lines of any length and shape. */
#include "chart_cases.h"
#include "chart_int.h"
#include "chart_t.h"
#include "t.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXTS 200

static struct draw_fonts *fonts;

/* --- what a drawing says: the texts of its SVG, with the room they take --------------------- */

struct text {
    char            content[256];
    struct draw_box box;
};

static float
attr(const char *tag, const char *name)
{
    const char *at = strstr(tag, name);

    return at ? strtof(at + strlen(name), NULL) : NAN;
}

static void
unescape(char *s)
{
    static const char *const from[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

    for (; (s = strchr(s, '&')); s++)
        for (int i = 0; i < 5; i++)
            if (strncmp(s, from[i], strlen(from[i])) == 0) {
                *s = "&<>\"'"[i];
                memmove(s + 1, s + strlen(from[i]), strlen(s + strlen(from[i])) + 1);
                break;
            }
}

/* All <text> of an inline SVG. */
static int
texts_of(const char *svg, struct text *ret)
{
    int n = 0;

    for (const char *at = svg; n < MAX_TEXTS && (at = strstr(at, "<text ")); at++) {
        struct text     *t = &ret[n++];
        const char      *open = strchr(at, '>'), *end = strstr(at, "</text>");
        char             tag[256];
        struct draw_font font;

        snprintf(tag, sizeof tag, "%.*s", (int)(open - at), at);
        snprintf(t->content, sizeof t->content, "%.*s", (int)(end - open - 1), open + 1);
        unescape(t->content);
        font.size = attr(tag, "font-size=\"");
        font.face = strstr(tag, " f7")   ? DRAW_BOLD
                    : strstr(tag, " f6") ? DRAW_SEMIBOLD
                                         : DRAW_REGULAR;
        float w = draw_text_width(fonts, font, t->content), x = attr(tag, " x=\"");
        bool  middle = strstr(tag, " m\"") || strstr(tag, " m ");
        bool  right = strstr(tag, " e\"") || strstr(tag, " e ");
        t->box = (struct draw_box){ x - (middle  ? w / 2
                                         : right ? w
                                                 : 0),
                                    attr(tag, " y=\"") - font.size * 0.74f, w, font.size * 0.9f };
    }
    return n;
}

static bool
is_over(struct draw_box a, struct draw_box b)
{
    return a.x < b.x + b.w - 0.5f && b.x < a.x + a.w - 0.5f && a.y < b.y + b.h - 0.5f &&
           b.y < a.y + a.h - 0.5f;
}

/* No two texts touch, and none leaves the picture. */
static void
check_texts(const char *svg)
{
    static struct text t[MAX_TEXTS];
    const char        *view = strstr(svg, "viewBox=\"0 0 ");
    int                n = texts_of(svg, t), w = 0, h = 0;

    if (!CHECK(view && sscanf(view, "viewBox=\"0 0 %d %d\"", &w, &h) == 2 && n > 0))
        return;
    for (int i = 0; i < n; i++) {
        struct draw_box b = t[i].box;

        if (!CHECK(b.x >= -1 && b.x + b.w <= (float)w + 1 && b.y >= -1 &&
                   b.y + b.h <= (float)h + 1))
            fprintf(stderr, "outside %d x %d: '%s' at %.1f,%.1f\n", w, h, t[i].content, (double)b.x,
                    (double)b.y);
        for (int k = 0; k < i; k++)
            if (!CHECK(!is_over(b, t[k].box)))
                fprintf(stderr, "at %d px '%s' covers '%s'\n", w, t[i].content, t[k].content);
    }
}

/* --- scales ---------------------------------------------------------------------------------- */

static void
test_scale(void)
{
    static const struct {
        int64_t most, of, step, top;
    } row[] = {
        { 0, 0, 1, 1 },          { 1, 0, 1, 1 },
        { 2, 0, 1, 2 },          { 3, 0, 1, 3 },
        { 3, 3, 1, 3 },          { 6, 0, 1, 6 },
        { 7, 0, 2, 8 },          { 12, 0, 2, 12 },
        { 19, 20, 5, 20 },       { 20, 20, 5, 20 },
        { 14, 20, 5, 20 },       { 13, 20, 5, 15 },
        { 17, 24, 6, 24 },       { 0, 20, 5, 20 },
        { 0, 741, 200, 800 },    { 245, 741, 50, 250 },
        { 519, 741, 100, 600 },  { 741, 741, 200, 800 },
        { 20, 23, 5, 25 },       { 9, 12, 2, 12 },
        { 5000, 0, 1000, 5000 }, { 4800, 5000, 1000, 5000 },
        { 5001, 0, 1000, 6000 }, { 6001, 0, 2000, 8000 },
        { 70, 100, 25, 100 },    { CHART_MAX_VALUE, 0, 200000000, CHART_MAX_VALUE },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct chart_scale s = chart_scale(row[i].most, row[i].of);
        char               name[64];

        snprintf(name, sizeof name, "%" PRId64 " of %" PRId64, row[i].most, row[i].of);
        t_row = name;
        CHECK_I(s.step, row[i].step);
        CHECK_I(s.top, row[i].top);
    }
    for (int64_t most = 0; most < 20000; most += 1 + most / 50)
        for (int64_t of = 0; of < 3 * most + 3; of += 1 + of / 7) {
            struct chart_scale s = chart_scale(most, of);

            CHECK(s.step > 0 && s.top >= most && s.top % s.step == 0 && s.top / s.step <= 6);
        }
    t_row = NULL;
}

/* --- labels that keep off each other --------------------------------------------------------- */

static const int widths[] = { 200, 260, 358, 420, 519, 520, 664, 760, 1300, 2000 };

static void
test_cases_do_not_collide(void)
{
    for (size_t i = 0; i < chart_cases_n; i++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
            for (int lang = 0; lang < 2; lang++) {
                struct arena mem;
                struct chart c = chart_case(i);

                t_row = chart_cases[i].name;
                arena_init(&mem, 1 << 20);
                check_texts(cht_page_svg(&c, (enum chart_lang)lang, widths[w], &mem));
                arena_free(&mem);
            }
}

/* Numbers of a week by the shape of the line; the target is 70 % of the greatest. */
static int64_t
shaped(int shape, int64_t most, int week, int weeks)
{
    switch (shape) {
    case 0: /* up */
        return most * (week + 1) / weeks;
    case 1: /* down */
        return most * (weeks - week) / weeks;
    case 2: /* along the target */
        return most * 7 / 10;
    case 3: /* a saw */
        return week % 2 ? most : 0;
    default: /* just below the target, just above it */
        return most * 7 / 10 + (week % 2 ? 1 : most > 1 ? -1 : 0);
    }
}

static void
test_any_number_of_weeks(void)
{
    static const int     weeks[] = { 1, 2, 5, 9, 13, 26, 60, CHART_MAX_WEEKS };
    static const int64_t most[] = { 0, 1, 3, 20, 741, 5000, CHART_MAX_VALUE };
    struct chart_week    w[CHART_MAX_WEEKS];
    char                 name[128];

    for (int k = 0; k < 8; k++)
        for (int m = 0; m < 7; m++)
            for (int shape = 0; shape < 5; shape++)
                for (int running = 0; running < 2; running++) {
                    struct arena mem;
                    struct chart c = { .kind = CHART_LINE, .title = "T" };

                    for (int i = 0; i < weeks[k]; i++)
                        w[i] = (struct chart_week){
                            .monday = 20514 + 7 * i,
                            .state = running && i == weeks[k] - 1 ? CHART_UNFINISHED : CHART_VALUE,
                            .num = shaped(shape, most[m] < CHART_MAX_VALUE ? most[m] : most[m] - 1,
                                          i, weeks[k]),
                        };
                    c.line = (struct chart_line){ .week = w,
                                                  .weeks = (size_t)weeks[k],
                                                  .of = most[m],
                                                  .target = most[m] * 7 / 10,
                                                  .target_e4 = 7000,
                                                  .week_ago_known = true,
                                                  .week_ago = most[m] / 2,
                                                  .decision = 20514 + 7 * weeks[k] };
                    for (int wide = 0; wide < 3; wide++) {
                        snprintf(name, sizeof name,
                                 "%d weeks, most %" PRId64 ", shape %d, running %d", weeks[k],
                                 most[m], shape, running);
                        t_row = name;
                        arena_init(&mem, 1 << 20);
                        const char *svg = cht_page_svg(&c, (enum chart_lang)(shape % 2),
                                                       (const int[]){ 358, 664, 760 }[wide], &mem);
                        check_texts(svg);
                        if (most[m] <= 5000) { /* nothing that counts was left out */
                            CHECK_I(cht_count(svg, "font-size=\"14\""), weeks[k] > running);
                            CHECK_I(cht_count(svg, "so far<") + cht_count(svg, "finora<"), running);
                            CHECK_I(cht_count(svg, "tgt f6"), c.line.target > 0);
                        }
                        arena_free(&mem);
                    }
                }
    t_row = NULL;
}

/* A label beside a point takes the first place that is free. */
static void
test_place(void)
{
    static const struct chart_try tries[] = { { DRAW_CENTER, CHART_ABOVE, 0, 10 },
                                              { DRAW_CENTER, CHART_BELOW, 0, 10 },
                                              { DRAW_LEFT, CHART_LEVEL, 20, 0 } };
    struct arena                  mem;
    struct chart_place            p;
    struct chart_label label = { .lines = 1, .line[0] = { "19", { DRAW_BOLD, 14 }, DRAW_PRIMARY } };
    struct draw_pt     at = { 100, 100 };

    arena_init(&mem, 1 << 16);
    chart_place_init(&p, (struct draw_box){ 0, 0, 200, 200 }, 8, fonts, &mem);
    CHECK(chart_place_label(&p, &label, at, tries, 3) < 1 && label.baseline < 100);
    chart_place_label(&p, &label, at, tries, 3); /* the first one is there already */
    CHECK(label.align == DRAW_CENTER && label.baseline > 100);
    chart_place_line(&p, (struct draw_pt){ 90, 100 }, (struct draw_pt){ 150, 101 }, 30);
    CHECK(chart_place_label(&p, &label, at, tries, 3) > 30);
    CHECK(label.align == DRAW_LEFT);
    CHECK(chart_place_label(&p, &label, at, tries, 3) > CHART_HOPELESS);
    chart_place_init(&p, (struct draw_box){ 0, 95, 200, 200 }, 8, fonts, &mem);
    chart_place_label(&p, &label, at, tries, 3); /* above is outside */
    CHECK(label.baseline > 100);
    arena_free(&mem);
}

int
main(void)
{
    fonts = cht_begin();
    T_RUN(test_scale);
    T_RUN(test_place);
    T_RUN(test_cases_do_not_collide);
    T_RUN(test_any_number_of_weeks);
    return cht_end();
}
