/* page.c - escaping, sentences in two languages, numbers, dates, and whole templates. */
#include "t.h"

#include "collaudo/view.h"

#include <string.h>

static struct arena mem;

static void
begin(struct page *o, enum page_lang lang)
{
    arena_init(&mem, 1 << 20);
    page_init(o, lang, &mem);
}

static void
test_values_are_escaped(void)
{
    struct page o;

    begin(&o, PAGE_EN);
    page_put(&o, "<script>alert('x')</script>&\"");
    CHECK_S(o.s.p, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;");
    arena_free(&mem);
    begin(&o, PAGE_EN);
    lang_pilot_of(&o, "<b>Rossi</b> & figli", 1, 3);
    CHECK_S(o.s.p,
            "Pilot \xc2\xb7 &lt;b&gt;Rossi&lt;/b&gt; &amp; figli \xc2\xb7 1 person in 3 teams");
    CHECK_S(text_pilot_of(&o, "<b>", 2, 1), "Pilot \xc2\xb7 <b> \xc2\xb7 2 people in 1 team");
    arena_free(&mem);
}

static void
test_numbers(void)
{
    static const struct {
        enum page_lang lang;
        int64_t        n;
        const char    *text;
    } row[] = {
        { PAGE_EN, 0, "0" },
        { PAGE_EN, 999, "999" },
        { PAGE_EN, 1000, "1,000" },
        { PAGE_IT, 1234567, "1.234.567" },
        { PAGE_IT, -1234,
          "\xe2\x88\x92"
          "1.234" },
    };
    static const struct {
        enum page_lang lang;
        int64_t        num, den;
        const char    *text;
    } share[] = {
        { PAGE_EN, 0, 0, "" },
        { PAGE_EN, 14, 20, "70\xc2\xa0%" },
        { PAGE_EN, 2, 3, "67\xc2\xa0%" }, /* no decimals below 100 */
        { PAGE_EN, 185, 189, "97.9\xc2\xa0%" },
        { PAGE_IT, 185, 189, "97,9\xc2\xa0%" },
        { PAGE_IT, 7000, 10000, "70\xc2\xa0%" },
        { PAGE_IT, 1, 10000, "0\xc2\xa0%" },
    };
    struct page o;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin(&o, row[i].lang);
        CHECK_S(page_number(&o, row[i].n), row[i].text);
        arena_free(&mem);
    }
    for (size_t i = 0; i < sizeof share / sizeof *share; i++) {
        begin(&o, share[i].lang);
        CHECK_S(page_percent(&o, share[i].num, share[i].den), share[i].text);
        arena_free(&mem);
    }
}

static void
test_dates(void)
{
    struct page o;

    begin(&o, PAGE_IT);
    CHECK_S(page_date(&o, time_day(2026, 3, 2)), "2\xc2\xa0marzo 2026");
    CHECK_S(text_state_sealed(&o, PAGE_DAY(time_day(2027, 1, 11))),
            "Sigillato: comincia l\xe2\x80\x99"
            "11\xc2\xa0gennaio 2027");
    CHECK_S(text_index_window(&o, PAGE_DAY(time_day(2027, 3, 8)), PAGE_DAY(time_day(2027, 6, 1))),
            "Dall\xe2\x80\x99"
            "8\xc2\xa0marzo 2027 al 1\xc2\xba\xc2\xa0giugno 2027");
    arena_free(&mem);
    begin(&o, PAGE_EN);
    CHECK_S(page_date(&o, time_day(2026, 5, 30)), "30\xc2\xa0May 2026");
    arena_free(&mem);
}

/* A hostile name stays text wherever a template puts it; brackets close in both languages. */
static void
test_templates(void)
{
    struct view_card  card = { "<i>", "<i>", "<i>", "<i>", "<i>", VIEW_BAD };
    struct view_item  item = { "<i>", "<i>" };
    struct view_row   row = { "<i>", "<i>", "<i>", "<i>" };
    struct view_pilot v = {
        .frame = { .title = "<i>",
                   .pilot = "p",
                   .theme = "dark",
                   .other_lang = "?lang=it",
                   .css = "c",
                   .js = "j",
                   .icon = "i",

                   .version = "0",
                   .replay = "<i>",
                   .min_group = 5 },
        .name = "<i>",
        .company = "<i>",
        .when = "<i>",
        .people = 1,
        .teams = 1,
        .weeks = 13,
        .weeks_done = 3,
        .weeks_begun = 4,
        .tone = VIEW_BAD,
        .notice = "<i>",
        .eyebrow = "<i>",
        .verdict = "<i>",
        .rule = "<i>",
        .provisional = "<i>",
        .sums = (struct view_tagged[]){ { VIEW_GOOD, "<i>" } },
        .sums_n = 1,
        .cards = &card,
        .cards_n = 1,
        .holds_title = "<i>",
        .holds_none = "<i>",
        .holds = &item,
        .holds_n = 1,
        .next_title = "<i>",
        .next_none = "<i>",
        .next = &item,
        .next_n = 1,
        .chart_title = "<i>",
        .chart_subtitle = "<i>",
        .chart_source = "<i>",
        .chart_wide = "<svg></svg>",
        .chart_narrow = "<svg></svg>",
        .rows = &row,
        .rows_n = 1,
        .data_line = "<i>",
    };

    for (int lang = PAGE_IT; lang <= PAGE_EN; lang++) {
        struct page o;
        size_t      open = 0, closed = 0;

        begin(&o, (enum page_lang)lang);
        page_pilot(&o, &v);
        CHECK(!strstr(o.s.p, "<i>"));
        CHECK(strstr(o.s.p, "&lt;i&gt;") && strstr(o.s.p, "data-theme=\"dark\""));
        CHECK(strstr(o.s.p, lang == PAGE_IT ? "Storia rigiocata" : "Replayed history"));
        CHECK(strstr(o.s.p, lang == PAGE_IT ? "una volta al giorno" : "once a day"));
        CHECK(!strstr(o.s.p, lang == PAGE_IT ? "alla settimana" : "once a week"));
        for (const char *p = o.s.p; *p; p++) {
            open += strncmp(p, "<section", 8) == 0 || strncmp(p, "<div", 4) == 0;
            closed += strncmp(p, "</section", 9) == 0 || strncmp(p, "</div", 5) == 0;
        }
        CHECK_I(open, closed);
        CHECK(!mem.denied && strstr(o.s.p, "</html>"));
        arena_free(&mem);
    }
    v.frame.replay = NULL;
    v.frame.weekly = true;
    for (int lang = PAGE_IT; lang <= PAGE_EN; lang++) {
        struct page o;

        begin(&o, (enum page_lang)lang);
        page_pilot(&o, &v);
        CHECK(!strstr(o.s.p, lang == PAGE_IT ? "Storia rigiocata" : "Replayed history"));
        CHECK(strstr(o.s.p, lang == PAGE_IT ? "una volta alla settimana" : "once a week"));
        arena_free(&mem);
    }
}

/* The list: a hostile name stays text; only a verdict has a mark, in its tone. */
static void
test_index(void)
{
    struct view_index_row rows[] = {
        { "a", "<i>", "<i>", "<i>", "<i>", "<i>", false, VIEW_NONE, true },
        { "b", "Name", "Company", "when", "", "Over: no go", true, VIEW_BAD, false },
    };
    struct view_index v = {
        .frame = { .title = "",
                   .theme = "",
                   .other_lang = "",
                   .css = "",
                   .js = "",
                   .icon = "",
                   .version = "0" },
        .pilots = rows,
        .pilots_n = 2,
    };
    struct page o;
    const char *b;

    begin(&o, PAGE_EN);
    page_index(&o, &v);
    CHECK(!strstr(o.s.p, "<i>") && strstr(o.s.p, "&lt;i&gt;"));
    b = strstr(o.s.p, "/pilots/b");
    if (CHECK(b)) {
        CHECK(strstr(b, "<span class=\"tag bad\"><svg") && strstr(b, "Over: no go"));
        CHECK(!strstr(b, "Replayed"));
    }
    b = strstr(o.s.p, "class=\"tag");
    CHECK(b && strstr(o.s.p, "Replayed") < b && !strstr(b + 1, "class=\"tag"));
    arena_free(&mem);
}

/* Out of memory at any size: short and marked, never a crash. */
static void
test_starved(void)
{
    int starved = 0;

    for (size_t limit = 64; limit < 8192; limit += 64) {
        struct page       o;
        struct view_error v = { .frame = { .title = "t",
                                           .theme = "",
                                           .other_lang = "",
                                           .css = "",
                                           .js = "",
                                           .icon = "",

                                           .version = "" },
                                .title = "t",
                                .text = "x",
                                .detail = "y",
                                .request = "r" };

        arena_init(&mem, limit);
        page_init(&o, PAGE_EN, &mem);
        page_error(&o, &v);
        starved += mem.denied;
        CHECK(strlen(o.s.p) == o.s.n);
        arena_free(&mem);
    }
    CHECK(starved > 10);
}

int
main(void)
{
    T_RUN(test_values_are_escaped);
    T_RUN(test_numbers);
    T_RUN(test_dates);
    T_RUN(test_templates);
    T_RUN(test_index);
    T_RUN(test_starved);
    return t_end();
}
