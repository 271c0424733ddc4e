/* words.c - numbers, shares and dates in Italian and English. See words.h. */
#include "collaudo/words.h"

#include "collaudo/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NBSP "\xc2\xa0"
#define MINUS "\xe2\x88\x92"
#define APOSTROPHE "\xe2\x80\x99"
#define ORDINAL "\xc2\xba"

static const char *const months[2][12] = {
    [WORDS_IT] = { "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
                   "settembre", "ottobre", "novembre", "dicembre" },
    [WORDS_EN] = { "January", "February", "March", "April", "May", "June", "July", "August",
                   "September", "October", "November", "December" },
};

void
words_number(struct str *s, enum words_lang lang, int64_t n)
{
    char     digits[24];
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    int      len = snprintf(digits, sizeof digits, "%" PRIu64, size);

    if (n < 0)
        str_add(s, MINUS);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            str_addc(s, lang == WORDS_IT ? '.' : ',');
        str_addc(s, digits[i]);
    }
}

void
words_share(struct str *s, enum words_lang lang, int64_t e4)
{
    int64_t rest = e4 % 100;

    words_number(s, lang, e4 / 100);
    if (rest) {
        str_addc(s, lang == WORDS_IT ? ',' : '.');
        str_addc(s, (char)('0' + rest / 10));
        if (rest % 10)
            str_addc(s, (char)('0' + rest % 10));
    }
    str_add(s, NBSP "%");
}

/* Eight and eleven begin with a vowel: "il 2", but "l'8"; "dal 2", but "dall'8". */
static void
add_before(struct str *s, const char *word, size_t n, int day)
{
    bool vowel = day == 8 || day == 11;

    if (vowel && n == 2 && memcmp(word, "il", 2) == 0)
        n = 0;
    str_addn(s, word, n);
    str_add(s, vowel ? "l" APOSTROPHE : " ");
}

void
words_date(struct str *s, enum words_lang lang, int32_t day, const char *before, size_t before_n)
{
    struct time_civil c;

    time_day_civil(day, &c);
    if (before_n)
        add_before(s, before, before_n, c.day);
    str_addi(s, c.day);
    if (lang == WORDS_IT && c.day == 1)
        str_add(s, ORDINAL);
    str_addf(s, NBSP "%s %d", months[lang][c.month - 1], c.year);
}

const char *
words_month(enum words_lang lang, int month)
{
    return months[lang][month - 1];
}
