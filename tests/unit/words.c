/* words.c - numbers, shares and dates of two languages, and Italian articles before a day. */
#include "t.h"

#include "collaudo/time.h"
#include "collaudo/words.h"

#include <string.h>

#define NB "\xc2\xa0"
#define AP "\xe2\x80\x99"
#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct arena mem;

static void
test_numbers(void)
{
    static const struct {
        int64_t     n;
        const char *it, *en;
    } row[] = {
        { 0, "0", "0" },
        { 999, "999", "999" },
        { 1000, "1.000", "1,000" },
        { 130268, "130.268", "130,268" },
        { -1234,
          "\xe2\x88\x92"
          "1.234",
          "\xe2\x88\x92"
          "1,234" },
        { INT64_MIN,
          "\xe2\x88\x92"
          "9.223.372.036.854.775.808",
          "\xe2\x88\x92"
          "9,223,372,036,854,775,808" },
    };

    for (size_t i = 0; i < COUNT(row); i++) {
        struct str it, en;

        arena_init(&mem, 1 << 12);
        str_init(&it, &mem);
        str_init(&en, &mem);
        words_number(&it, WORDS_IT, row[i].n);
        words_number(&en, WORDS_EN, row[i].n);
        CHECK_S(it.p, row[i].it);
        CHECK_S(en.p, row[i].en);
        arena_free(&mem);
    }
}

static void
test_shares(void)
{
    static const struct {
        int64_t     e4;
        const char *it, *en;
    } row[] = {
        { 7000, "70" NB "%", "70" NB "%" },
        { 6750, "67,5" NB "%", "67.5" NB "%" },
        { 6705, "67,05" NB "%", "67.05" NB "%" },
        { 5, "0,05" NB "%", "0.05" NB "%" },
        { 12345600, "123.456" NB "%", "123,456" NB "%" },
    };

    for (size_t i = 0; i < COUNT(row); i++) {
        struct str it, en;

        arena_init(&mem, 1 << 12);
        str_init(&it, &mem);
        str_init(&en, &mem);
        words_share(&it, WORDS_IT, row[i].e4);
        words_share(&en, WORDS_EN, row[i].e4);
        CHECK_S(it.p, row[i].it);
        CHECK_S(en.p, row[i].en);
        arena_free(&mem);
    }
}

/* What stands before the day, the day, what both become. */
static void
test_articles(void)
{
    static const struct {
        const char *before;
        int         month, day;
        const char *all;
    } row[] = {
        { "", 3, 2, "2" NB "marzo 2026" },
        { "", 3, 8, "8" NB "marzo 2026" },
        { "", 6, 1, "1\xc2\xba" NB "giugno 2026" },
        { "comincia il ", 1, 11, "comincia l" AP "11" NB "gennaio 2026" },
        { "comincia il ", 1, 12, "comincia il 12" NB "gennaio 2026" },
        { "Il ", 1, 8, "L" AP "8" NB "gennaio 2026" },
        { "dal ", 3, 8, "dall" AP "8" NB "marzo 2026" },
        { "Dal ", 3, 11, "Dall" AP "11" NB "marzo 2026" },
        { "dal ", 3, 18, "dal 18" NB "marzo 2026" },
        { "fino al ", 3, 11, "fino all" AP "11" NB "marzo 2026" },
        { "la settimana del ", 6, 8, "la settimana dell" AP "8" NB "giugno 2026" },
        { "dal ", 4, 1, "dal 1\xc2\xba" NB "aprile 2026" },
        { "il canal ", 4, 8, "il canal 8" NB "aprile 2026" }, /* no word of its own */
    };

    for (size_t i = 0; i < COUNT(row); i++) {
        struct str s;

        arena_init(&mem, 1 << 12);
        str_init(&s, &mem);
        str_add(&s, row[i].before);
        words_date(&s, WORDS_IT, time_day(2026, row[i].month, row[i].day));
        CHECK_S(s.p, row[i].all);
        arena_free(&mem);
    }
}

static void
test_short_and_english(void)
{
    struct str s;

    arena_init(&mem, 1 << 12);
    str_init(&s, &mem);
    str_add(&s, "il ");
    words_date(&s, WORDS_EN, time_day(2028, 2, 11)); /* no article of English */
    CHECK_S(s.p, "il 11" NB "February 2028");
    str_init(&s, &mem);
    words_day(&s, WORDS_EN, time_day(2026, 3, 8));
    str_addc(&s, ' ');
    words_short_day(&s, WORDS_IT, time_day(2026, 12, 8));
    str_addc(&s, ' ');
    words_short_day(&s, WORDS_EN, time_day(2026, 12, 31));
    CHECK_S(s.p, "8" NB "March 8" NB "dic 31" NB "Dec");
    arena_free(&mem);
}

/* A text that could not grow keeps what it has. */
static void
test_starved(void)
{
    for (size_t limit = 64; limit < 4096; limit += 64) {
        struct str s;

        arena_init(&mem, limit);
        str_init(&s, &mem);
        for (int i = 0; i < 20; i++) {
            str_add(&s, " fino al ");
            words_date(&s, WORDS_IT, time_day(2026, 3, 8));
        }
        CHECK(strlen(s.p) == s.n);
        arena_free(&mem);
    }
}

int
main(void)
{
    T_RUN(test_numbers);
    T_RUN(test_shares);
    T_RUN(test_articles);
    T_RUN(test_short_and_english);
    T_RUN(test_starved);
    return t_end();
}
