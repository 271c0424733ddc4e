/* chart.c - scales and labels, gaps, the empty panel, words; and pictures held against kept ones.
 *
 *     test_chart                   the tests
 *     test_chart write DIR         writes the kept pictures anew, to be looked at and committed
 */
#include "chart_cases.h"
#include "chart_int.h"
#include "png_watch.h"
#include "t.h"
#include "xml.h"

#include "collaudo/time.h"

#include <gd.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/chart"
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

static int
count(const char *text, const char *what)
{
    int n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

static const char *
svg_of(const struct chart *c, const struct chart_look *look, struct arena *mem)
{
    struct err  e = ERR_INIT;
    const char *svg = "";
    size_t      n, at;

    if (!CHECK(chart_svg(c, look, mem, &svg, &n, &e))) {
        fprintf(stderr, "%s\n", e.text);
        return "";
    }
    const char *fault = xml_fault(svg, n, &at);
    if (!CHECK(!fault))
        fprintf(stderr, "%s at byte %zu of %s\n", fault, at, svg);
    return svg;
}

static const char *
page_svg(const struct chart *c, enum chart_lang lang, int width, struct arena *mem)
{
    return svg_of(
        c, &(struct chart_look){ .lang = lang, .width = width, .inlined = true, .id = "w" }, mem);
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

/* --- scales -------------------------------------------------------------------------------------
 */

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

/* --- labels that keep off each other
 * --------------------------------------------------------------- */

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
                check_texts(page_svg(&c, (enum chart_lang)lang, widths[w], &mem));
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
                        const char *svg = page_svg(&c, (enum chart_lang)(shape % 2),
                                                   (const int[]){ 358, 664, 760 }[wide], &mem);
                        check_texts(svg);
                        if (most[m] <= 5000) { /* nothing that counts was left out */
                            CHECK_I(count(svg, "font-size=\"14\""), weeks[k] > running);
                            CHECK_I(count(svg, "so far<") + count(svg, "finora<"), running);
                            CHECK_I(count(svg, "tgt f6"), c.line.target > 0);
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

/* --- what is drawn, and what is not
 * ------------------------------------------------------------------ */

/* How many weeks each unbroken line joins: the points of the paths in the line's colour and
 * width, as "12" or "2 2 2". */
static const char *
joined(const char *svg, struct arena *mem)
{
    static const char mark[] = "class=\"s-pri\" stroke-width=\"2.6\" d=\"";
    struct str        s;

    str_init(&s, mem);
    while ((svg = strstr(svg, mark))) {
        int numbers = 0, points = 0, each = 2;

        svg += sizeof mark - 1;
        for (const char *p = svg + 1; *p != '"'; p++) { /* after the M */
            bool starts =
                strchr("-.0123456789", *p) && (*p == '-' || !strchr("-.0123456789", p[-1]));

            if (strchr("hvl", *p)) {
                points += numbers / each;
                numbers = 0;
                each = *p == 'l' ? 2 : 1;
            }
            numbers += starts;
        }
        points += numbers / each;
        str_addf(&s, "%s%d", s.n ? " " : "", points);
    }
    return s.p;
}

static void
test_gaps(void)
{
    static const struct {
        const char *name, *joined;
        int         dots, gaps; /* complete weeks; tinted columns */
    } row[] = {
        { "healthy-en", "12", 12, 0 }, { "gaps-it", "2 2 2", 7, 3 }, /* one of seven stands alone */
        { "one-week", "", 1, 0 },      { "one-so-far", "", 0, 0 },   { "five-weeks", "5", 5, 0 },
        { "nine-zero", "8", 8, 0 },    { "saw", "26", 26, 0 },       { "look-en", "9", 9, 0 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena mem;
        struct chart c = chart_case(chart_case_find(row[i].name));

        t_row = row[i].name;
        arena_init(&mem, 1 << 20);
        const char *svg = page_svg(&c, CHART_IT, 664, &mem);
        CHECK_S(joined(svg, &mem), row[i].joined);
        CHECK_I(count(svg, "r=\"2.6\""), row[i].dots);
        CHECK_I(count(svg, "class=\"non\""), row[i].gaps);
        arena_free(&mem);
    }
}

/* The unfinished week is a ring that nothing joins to the line; neither does the line cross
 * a week that is missing from the list. */
static void
test_not_joined(void)
{
    struct chart_week w[] = { { 20514, CHART_VALUE, 4, false, 0, 0 },
                              { 20521, CHART_VALUE, 5, false, 0, 0 },
                              { 20528, CHART_UNFINISHED, 4, false, 0, 0 } };
    struct chart      c = { .title = "T", .line = { .week = w, .weeks = 3 } };
    static const struct {
        enum chart_state state;
        int32_t          monday;
        const char      *joined;
    } row[] = { { CHART_UNFINISHED, 20528, "2" },
                { CHART_VALUE, 20528, "3" },
                { CHART_VALUE, 20535, "2" },
                { CHART_NO_DATA, 20528, "2" },
                { CHART_AHEAD, 20528, "2" } };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena mem;
        int          running = row[i].state == CHART_UNFINISHED;

        arena_init(&mem, 1 << 20);
        w[2].state = row[i].state;
        w[2].monday = row[i].monday;
        const char *svg = page_svg(&c, CHART_EN, 664, &mem);
        CHECK_S(joined(svg, &mem), row[i].joined);
        CHECK_I(count(svg, "class=\"s-pri\" stroke-width=\"1.6\" cx="), running); /* the ring */
        CHECK_I(count(svg, "4\xc2\xa0so far<"), running);
        CHECK_I(count(svg, ">now<"), running);
        arena_free(&mem);
    }
}

static void
test_nothing_yet(void)
{
    static const struct {
        const char *name, *heading, *next;
    } row[] = {
        { "nothing-yet", "Ancora nessun dato", "Il primo evento apparirà" },
        { "hidden", "Not shown, to protect individuals", "Groups of fewer than 5" },
    };
    struct arena mem;
    struct chart none = { .title = "T" };

    for (size_t i = 0; i < 2; i++) {
        size_t       at = chart_case_find(row[i].name);
        struct chart c = chart_case(at);

        arena_init(&mem, 1 << 20);
        t_row = row[i].name;
        const char *svg = page_svg(&c, chart_cases[at].lang, 664, &mem);
        CHECK(strstr(svg, row[i].heading) && strstr(svg, row[i].next));
        CHECK(!strstr(svg, ">0<") && !strstr(svg, "class=\"pri") && !strstr(svg, "class=\"tgt"));
        arena_free(&mem);
    }
    arena_init(&mem, 1 << 20);
    CHECK(strstr(page_svg(&none, CHART_EN, 358, &mem), "No data yet")); /* not a single week */
    arena_free(&mem);
}

static void
test_labels(void)
{
    static const struct {
        const char     *name;
        enum chart_lang lang;
        int             width;
        const char     *text;
        bool            there;
    } row[] = {
        { "healthy-en", CHART_EN, 664,
          "Target\xc2\xa0"
          "14 (70\xc2\xa0%)",
          true },
        { "healthy-en", CHART_IT, 664,
          "Obiettivo\xc2\xa0"
          "14 (70\xc2\xa0%)",
          true },
        { "healthy-en", CHART_EN, 358,
          "Target\xc2\xa0"
          "14",
          true },
        { "healthy-en", CHART_EN, 358, "70\xc2\xa0%", false },
        { "healthy-en", CHART_EN, 664, "15\xc2\xa0so far", true },
        { "healthy-en", CHART_IT, 664,
          "15\xc2\xa0"
          "finora",
          true },
        { "healthy-en", CHART_EN, 664,
          "14\xc2\xa0"
          "a week ago",
          true },
        { "healthy-en", CHART_EN, 664, "decision 31\xc2\xa0May", true },
        { "healthy-en", CHART_IT, 664, "decisione 31\xc2\xa0mag", true },
        { "healthy-en", CHART_EN, 664, "2\xc2\xa0Mar", true },
        { "healthy-en", CHART_IT, 664, "2\xc2\xa0mar", true },
        { "five-thousand", CHART_IT, 664,
          "4\xe2\x80\xaf"
          "812",
          true },
        { "look-en", CHART_EN, 664, "Expected range", true },
        { "gaps-it", CHART_IT, 664, "senza dati", true },
        { "gaps-it", CHART_EN, 664, "not shown", true },
        { "half-year", CHART_IT, 664, ">2026<", true },
        { "uci-it", CHART_IT, 664, "Obiettivo", false },
        { "uci-it", CHART_IT, 664, "decisione", false },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena mem;
        struct chart c = chart_case(chart_case_find(row[i].name));

        t_row = row[i].text;
        arena_init(&mem, 1 << 20);
        c.alt = "alt";
        CHECK((strstr(page_svg(&c, row[i].lang, row[i].width, &mem), row[i].text) != NULL) ==
              row[i].there);
        arena_free(&mem);
    }
}

static void
test_shares(void)
{
    static const struct {
        int         e4;
        const char *en, *it;
    } row[] = { { 7000, "70\xc2\xa0%", "70\xc2\xa0%" },
                { 1250, "12.5\xc2\xa0%", "12,5\xc2\xa0%" },
                { 1, "0.01\xc2\xa0%", "0,01\xc2\xa0%" },
                { 10000, "100\xc2\xa0%", "100\xc2\xa0%" } };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena mem;
        struct str   s;

        arena_init(&mem, 1 << 12);
        str_init(&s, &mem);
        chart_add_share(&s, CHART_EN, row[i].e4);
        CHECK_S(s.p, row[i].en);
        str_init(&s, &mem);
        chart_add_share(&s, CHART_IT, row[i].e4);
        CHECK_S(s.p, row[i].it);
        arena_free(&mem);
    }
}

static void
test_alt(void)
{
    static const struct {
        const char     *name;
        enum chart_lang lang;
        const char     *alt;
    } row[] = {
        { "healthy-en", CHART_EN,
          "From 16 in the week of 2 March to 15 in the week of 18 May, of 20; lowest 15, highest "
          "19; "
          "15 so far in the week of 25 May; target 14 (70\xc2\xa0%)." },
        { "healthy-it", CHART_IT,
          "Da 16 nella settimana del 2 marzo a 15 in quella del 18 maggio, su 20; minimo 15, "
          "massimo "
          "19; 15 finora nella settimana del 25 maggio; obiettivo 14 (70\xc2\xa0%)." },
        { "gaps-it", CHART_IT,
          "Da 4 nella settimana del 2 marzo a 10 in quella del 25 maggio, su 12; minimo 4, massimo "
          "10; "
          "obiettivo 9 (75\xc2\xa0%); 4 settimane senza dati; 2 settimane non mostrate." },
        { "one-week", CHART_EN, "3 in the week of 2 March, of 12; target 9 (75\xc2\xa0%)." },
        { "one-so-far", CHART_IT,
          "Ancora nessuna settimana completa; 3 finora nella settimana del 2 marzo; obiettivo 9 "
          "(75\xc2\xa0%)." },
        { "hidden", CHART_EN,
          "Not shown, to protect individuals. Groups of fewer than 5 people are not shown." },
    };
    struct arena mem;
    struct str   s;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct err   e = ERR_INIT;
        struct chart c = chart_case(chart_case_find(row[i].name));
        const char  *alt = NULL;

        arena_init(&mem, 1 << 16);
        CHECK(chart_alt(&c, row[i].lang, &mem, &alt, &e));
        CHECK_S(alt, row[i].alt);
        arena_free(&mem);
    }
    arena_init(&mem, 1 << 16);
    str_init(&s, &mem);
    chart_add_of_day(&s, CHART_IT, time_day(2026, 3, 8));
    chart_add_of_day(&s, CHART_IT, time_day(2026, 5, 11));
    chart_add_of_day(&s, CHART_IT, time_day(2026, 6, 1));
    CHECK_S(s.p, " dell\xe2\x80\x99"
                 "8 marzo dell\xe2\x80\x99"
                 "11 maggio del 1\xc2\xba giugno");
    arena_free(&mem);
}

/* --- bad and hostile descriptions
 * -------------------------------------------------------------------- */

static void
test_refused(void)
{
    struct chart_week good[] = { { 20514, CHART_VALUE, 4, false, 0, 0 },
                                 { 20521, CHART_UNFINISHED, 4, true, 2, 5 } };
    static const struct {
        const char       *what;
        size_t            at; /* which week is spoilt */
        struct chart_week week;
    } row[] = {
        { "does not follow", 1, { 20514, CHART_VALUE, 4, false, 0, 0 } },
        { "does not follow", 1, { 20500, CHART_VALUE, 4, false, 0, 0 } },
        { "out of range", 0, { 20514, CHART_VALUE, -1, false, 0, 0 } },
        { "out of range", 0, { 20514, CHART_VALUE, CHART_MAX_VALUE + 1, false, 0, 0 } },
        { "follows the unfinished", 0, { 20514, CHART_UNFINISHED, 1, false, 0, 0 } },
        { "range that is none", 1, { 20521, CHART_UNFINISHED, 1, true, 5, 2 } },
        { "range that is none", 1, { 20521, CHART_UNFINISHED, 1, true, -5, 2 } },
        { "no such state", 1, { 20521, (enum chart_state)9, 1, false, 0, 0 } },
        { "years apart", 1, { 2000000000, CHART_VALUE, 1, false, 0, 0 } },
    };
    struct chart_look look = { 0 };
    struct arena      mem;
    const void       *png = NULL;
    size_t            n;

    arena_init(&mem, 1 << 20);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct err        e = ERR_INIT;
        struct chart_week w[2] = { good[0], good[1] };
        struct chart      c = { .title = "T", .line = { .week = w, .weeks = 2 } };

        t_row = row[i].what;
        w[row[i].at] = row[i].week;
        CHECK(!chart_png(&c, &look, &mem, &png, &n, &e) && !png);
        CHECK_I(e.code, ERR_INVALID);
        CHECK(strstr(e.text, row[i].what));
    }
    const struct chart bad[] = {
        { .title = NULL, .line = { .week = good, .weeks = 2 } },
        { .title = "", .line = { .week = good, .weeks = 2 } },
        { .title = "T", .kind = (enum chart_kind)7 },
        { .title = "T", .line = { .week = good, .weeks = CHART_MAX_WEEKS + 1 } },
        { .title = "T", .line = { .week = good, .weeks = 2, .target = -1 } },
        { .title = "T", .line = { .week = good, .weeks = 2, .of = -1 } },
        { .title = "T", .line = { .week = good, .weeks = 2, .target_e4 = -1 } },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err  e = ERR_INIT;
        const char *alt;

        CHECK(!chart_png(&bad[i], &look, &mem, &png, &n, &e) && e.code == ERR_INVALID);
        CHECK(!chart_alt(&bad[i], CHART_EN, &mem, &alt, &e));
    }
    arena_free(&mem);
}

static void
test_sizes_are_clamped(void)
{
    static const struct {
        int width, scale, w, scaled;
    } row[] = {
        { 0, 0, 760, 1 },           { 10, 1, 200, 1 },  { -5, -5, 200, 1 }, { 99999, 1, 2000, 1 },
        { 2147483647, 2, 2000, 2 }, { 420, 9, 420, 3 }, { 420, 2, 420, 2 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena      mem;
        struct err        e = ERR_INIT;
        struct chart      c = chart_case(0);
        struct chart_look look = { .width = row[i].width, .scale = row[i].scale };
        const void       *png;
        size_t            n;
        char              head[64];

        arena_init(&mem, 8 << 20);
        snprintf(head, sizeof head, "width=\"%d\"", row[i].w);
        CHECK(strstr(svg_of(&c, &look, &mem), head));
        if (CHECK(chart_png(&c, &look, &mem, &png, &n, &e))) {
            const uint8_t *b = png;

            CHECK_I(b[18] << 8 | b[19], row[i].w * row[i].scaled);
            CHECK_I(b[25], 3); /* indexed */
        }
        arena_free(&mem);
    }
}

static void
test_hostile_words(void)
{
    static const char bad[] = "</title><script>alert('1')</script>\n\x01\xff\xed\xa0\x80 & \"";
    struct arena      mem;
    struct err        e = ERR_INIT;
    struct chart      c = chart_case(chart_case_find("look-en"));
    const void       *png;
    size_t            n;

    arena_init(&mem, 8 << 20);
    c.title = c.subtitle = c.source = c.alt = c.next_step = bad;
    c.line.band_name = c.line.band_note = bad;
    for (int inlined = 0; inlined < 2; inlined++) {
        const char *svg = svg_of(&c, &(struct chart_look){ .inlined = inlined, .id = "a" }, &mem);

        CHECK(!strstr(svg, "<script") && strstr(svg, "&lt;script&gt;"));
    }
    CHECK(chart_png(&c, &(struct chart_look){ 0 }, &mem, &png, &n, &e));
    c.line.weeks = 0;
    CHECK(!strstr(page_svg(&c, CHART_EN, 664, &mem), "<script"));
    arena_free(&mem);
}

static void
test_starved(void)
{
    int starved = 0, fine = 0;

    for (size_t limit = 256; limit < 130000; limit += 1021) {
        struct arena mem;
        struct chart c = chart_case(0);
        const char  *svg;
        const void  *png;
        size_t       n;

        for (int kind = 0; kind < 2; kind++) {
            struct err e = ERR_INIT;

            arena_init(&mem, limit);
            bool ok = kind ? chart_svg(&c, &(struct chart_look){ 0 }, &mem, &svg, &n, &e)
                           : chart_png(&c, &(struct chart_look){ 0 }, &mem, &png, &n, &e);
            if (!ok)
                CHECK_I(e.code, ERR_NOMEM);
            starved += !ok;
            fine += ok;
            arena_free(&mem);
        }
    }
    CHECK(starved > 10 && fine > 10);
}

/* --- every picture: exact, indexed, the same again and in every thread
 * ------------------------------------ */

static const struct chart_look looks[] = {
    { .theme = DRAW_LIGHT, .width = 760, .scale = 1 },
    { .theme = DRAW_DARK, .width = 760, .scale = 2 },
    { .theme = DRAW_LIGHT, .width = 420, .scale = 3 },
    { .theme = DRAW_DARK, .width = 358, .scale = 1, .bare = true },
};

#define LOOKS (sizeof looks / sizeof *looks)

static uint64_t *prints; /* of case i in look k */

static uint64_t
print_of(size_t i, size_t k)
{
    struct arena mem;
    struct err   e = ERR_INIT;
    struct chart c = chart_case(i);
    const void  *png;
    size_t       n;
    uint64_t     h = 0;

    arena_init(&mem, 8 << 20);
    struct chart_look look = looks[k];
    look.lang = chart_cases[i].lang;
    if (chart_png(&c, &look, &mem, &png, &n, &e)) {
        h = 14695981039346656037u;
        for (size_t b = 0; b < n; b++)
            h = (h ^ ((const uint8_t *)png)[b]) * 1099511628211u;
    }
    arena_free(&mem);
    return h;
}

static void *
compare_all(void *ret_wrong)
{
    for (size_t i = 0; i < chart_cases_n; i++)
        *(int *)ret_wrong += print_of(i, i % LOOKS) != prints[i * LOOKS + i % LOOKS];
    return NULL;
}

static void
test_every_picture(void)
{
    pthread_t t[8];
    int       wrong[8] = { 0 };
    int64_t   before = png_watch().pictures;

    prints = calloc(chart_cases_n * LOOKS, sizeof *prints);
    for (size_t i = 0; i < chart_cases_n; i++)
        for (size_t k = 0; k < LOOKS; k++) {
            t_row = chart_cases[i].name;
            CHECK(prints[i * LOOKS + k] = print_of(i, k));
            CHECK(prints[i * LOOKS + k] == print_of(i, k));
        }
    t_row = NULL;
    for (int i = 0; i < 8; i++)
        CHECK(pthread_create(&t[i], NULL, compare_all, &wrong[i]) == 0);
    for (int i = 0; i < 8; i++) {
        pthread_join(t[i], NULL);
        CHECK_I(wrong[i], 0);
    }
    free(prints);
    CHECK_I(png_watch().pictures - before, (int64_t)chart_cases_n * (2 * (int64_t)LOOKS + 8));
    CHECK_I(png_watch().wrong, 0);
    CHECK_I(png_watch().truecolor, 0);
    CHECK(png_watch().most_colors <= 256);
    printf("     most colours in a chart: %" PRId64 "\n", png_watch().most_colors);
}

/* --- kept pictures: 2x drawings reduced to cells, so that another FreeType or another Inter,
 *     which move edges by parts of a pixel, change nothing that counts
 * ------------------------------ */

#define CELL 16
#define CELL_BY 40  /* how much a cell may differ, of 255 */
#define MEAN_BY 1.5 /* and all of them on average */

static const struct {
    const char *name;
    int         width;
    bool        dark;
} kept[] = {
    { "healthy-en", 760, false }, { "healthy-it", 420, true }, { "uci-en", 760, true },
    { "look-en", 760, false },    { "gaps-it", 420, false },   { "sixty-weeks", 760, false },
    { "nothing-yet", 420, true },
};

/* The chart as a picture of one pixel per cell; to be destroyed. */
static gdImage *
cells_of(size_t i)
{
    size_t            at = chart_case_find(kept[i].name);
    struct chart      c = chart_case(at);
    struct chart_look look = { .lang = chart_cases[at].lang,
                               .theme = kept[i].dark ? DRAW_DARK : DRAW_LIGHT,
                               .width = kept[i].width,
                               .scale = 2 };
    struct arena      mem;
    struct err        e = ERR_INIT;
    const void       *png;
    size_t            n;

    arena_init(&mem, 8 << 20);
    if (!CHECK(chart_png(&c, &look, &mem, &png, &n, &e)))
        exit(1);
    gdImage *im = gdImageCreateFromPngPtr((int)n, (void *)(uintptr_t)png);
    int      w = gdImageSX(im) / CELL, h = gdImageSY(im) / CELL;
    gdImage *out = gdImageCreateTrueColor(w, h);
    for (int p = 0; p < w * h; p++) {
        int sum[3] = { 0 };

        for (int k = 0; k < CELL * CELL; k++) {
            int rgb =
                gdImageGetTrueColorPixel(im, p % w * CELL + k % CELL, p / w * CELL + k / CELL);

            for (int s = 0; s < 3; s++)
                sum[s] += rgb >> 8 * s & 255;
        }
        out->tpixels[p / w][p % w] =
            sum[2] / (CELL * CELL) << 16 | sum[1] / (CELL * CELL) << 8 | sum[0] / (CELL * CELL);
    }
    gdImageDestroy(im);
    arena_free(&mem);
    return out;
}

static void
golden_path(char *ret, size_t n, const char *dir, size_t i)
{
    snprintf(ret, n, "%s/%s-%d%s.png", dir, kept[i].name, kept[i].width,
             kept[i].dark ? "-dark" : "");
}

static void
test_golden(void)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char     path[256];
        gdImage *now = cells_of(i), *then = NULL;
        FILE    *f;
        double   sum = 0;
        int      most = 0, w = gdImageSX(now), h = gdImageSY(now);

        golden_path(path, sizeof path, GOLDEN, i);
        t_row = path;
        if (CHECK(f = fopen(path, "rb"))) {
            then = gdImageCreateFromPng(f);
            fclose(f);
        }
        if (CHECK(then && gdImageSX(then) == w && gdImageSY(then) == h)) {
            for (int p = 0; p < 3 * w * h; p++) {
                int x = p / 3 % w, y = p / 3 / w, s = p % 3 * 8;
                int by = abs((now->tpixels[y][x] >> s & 255) -
                             (gdImageGetTrueColorPixel(then, x, y) >> s & 255));

                sum += by;
                most = by > most ? by : most;
            }
            if (!CHECK(most <= CELL_BY && sum / (3 * w * h) <= MEAN_BY))
                fprintf(stderr, "a cell differs by %d, all by %.2f\n", most, sum / (3 * w * h));
        }
        if (then)
            gdImageDestroy(then);
        gdImageDestroy(now);
    }
    t_row = NULL;
}

static int
write_golden(const char *dir)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char     path[256];
        gdImage *now = cells_of(i);

        golden_path(path, sizeof path, dir, i);
        FILE *f = fopen(path, "wb");
        if (!f) {
            perror(path);
            return 1;
        }
        gdImagePngEx(now, f, 9);
        fclose(f);
        gdImageDestroy(now);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct err e = ERR_INIT;

    if (!draw_init(NULL, &e) || !draw_fonts(&fonts, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        int code = write_golden(argv[2]);

        draw_end();
        return code;
    }
    T_RUN(test_scale);
    T_RUN(test_place);
    T_RUN(test_cases_do_not_collide);
    T_RUN(test_any_number_of_weeks);
    T_RUN(test_gaps);
    T_RUN(test_not_joined);
    T_RUN(test_nothing_yet);
    T_RUN(test_labels);
    T_RUN(test_shares);
    T_RUN(test_alt);
    T_RUN(test_refused);
    T_RUN(test_sizes_are_clamped);
    T_RUN(test_hostile_words);
    T_RUN(test_starved);
    T_RUN(test_every_picture);
    T_RUN(test_golden);
    draw_end();
    return t_end();
}
