/* chart_words.c - what a chart says: gaps and joins, the empty panel, labels and descriptions in
 * two languages; and descriptions that are wrong, hostile or short of memory. */
#include "chart_cases.h"
#include "chart_int.h"
#include "chart_t.h"
#include "t.h"

#include "collaudo/time.h"

#include <stdio.h>
#include <string.h>

/* --- what is drawn, and what is not ---------------------------------------------------------- */

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
        const char *svg = cht_page_svg(&c, CHART_IT, 664, &mem);
        CHECK_S(joined(svg, &mem), row[i].joined);
        CHECK_I(cht_count(svg, "r=\"2.6\""), row[i].dots);
        CHECK_I(cht_count(svg, "class=\"non\""), row[i].gaps);
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
        const char *svg = cht_page_svg(&c, CHART_EN, 664, &mem);
        CHECK_S(joined(svg, &mem), row[i].joined);
        CHECK_I(cht_count(svg, "class=\"s-pri\" stroke-width=\"1.6\" cx="), running); /* the ring */
        CHECK_I(cht_count(svg, "4\xc2\xa0so far<"), running);
        CHECK_I(cht_count(svg, ">now<"), running);
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
        const char *svg = cht_page_svg(&c, chart_cases[at].lang, 664, &mem);
        CHECK(strstr(svg, row[i].heading) && strstr(svg, row[i].next));
        CHECK(!strstr(svg, ">0<") && !strstr(svg, "class=\"pri") && !strstr(svg, "class=\"tgt"));
        arena_free(&mem);
    }
    arena_init(&mem, 1 << 20);
    CHECK(strstr(cht_page_svg(&none, CHART_EN, 358, &mem), "No data yet")); /* not a single week */
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
        { "five-thousand", CHART_IT, 664, "4.812", true },
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
        CHECK((strstr(cht_page_svg(&c, row[i].lang, row[i].width, &mem), row[i].text) != NULL) ==
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
          "From 16 in the week of 2\xc2\xa0March to 15 in the week of 18\xc2\xa0May, of 20; lowest "
          "15, highest "
          "19; "
          "15 so far in the week of 25\xc2\xa0May; target 14 (70\xc2\xa0%)." },
        { "healthy-it", CHART_IT,
          "Da 16 nella settimana del 2\xc2\xa0marzo a 15 in quella del 18\xc2\xa0maggio, su 20; "
          "minimo 15, "
          "massimo "
          "19; 15 finora nella settimana del 25\xc2\xa0maggio; obiettivo 14 (70\xc2\xa0%)." },
        { "gaps-it", CHART_IT,
          "Da 4 nella settimana del 2\xc2\xa0marzo a 10 in quella del 25\xc2\xa0maggio, su 12; "
          "minimo 4, massimo "
          "10; "
          "obiettivo 9 (75\xc2\xa0%); 4 settimane senza dati; 2 settimane non mostrate." },
        { "one-week", CHART_EN, "3 in the week of 2\xc2\xa0March, of 12; target 9 (75\xc2\xa0%)." },
        { "one-so-far", CHART_IT,
          "Ancora nessuna settimana completa; 3 finora nella settimana del 2\xc2\xa0marzo; "
          "obiettivo 9 "
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
                 "8\xc2\xa0marzo dell\xe2\x80\x99"
                 "11\xc2\xa0maggio del 1\xc2\xba\xc2\xa0giugno");
    arena_free(&mem);
}

/* --- bad and hostile descriptions ------------------------------------------------------------ */

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
        CHECK(strstr(cht_svg(&c, &look, &mem), head));
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
        const char *svg = cht_svg(&c, &(struct chart_look){ .inlined = inlined, .id = "a" }, &mem);

        CHECK(!strstr(svg, "<script") && strstr(svg, "&lt;script&gt;"));
    }
    CHECK(chart_png(&c, &(struct chart_look){ 0 }, &mem, &png, &n, &e));
    c.line.weeks = 0;
    CHECK(!strstr(cht_page_svg(&c, CHART_EN, 664, &mem), "<script"));
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

int
main(void)
{
    cht_begin();
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
    T_RUN(cht_test_watched);
    return cht_end();
}
