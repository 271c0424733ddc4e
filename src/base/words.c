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

/* The text ends with the whole word. */
static bool
ends_in(const struct str *s, const char *word)
{
    size_t n = strlen(word);

    return s->n >= n && memcmp(s->p + s->n - n, word, n) == 0 &&
           (s->n == n || s->p[s->n - n - 1] == ' ');
}

static void
cut(struct str *s, size_t n)
{
    s->n -= n;
    s->p[s->n] = 0;
}

/* Eight and eleven begin with a vowel: "il 2", but "l'8"; "dal 2", but "dall'8". */
static void
elide(struct str *s)
{
    static const char *const contracted[] = { "al ", "dal ", "del ", "nel ", "sul ",
                                              "Al ", "Dal ", "Del ", "Nel ", "Sul " };

    if (ends_in(s, "il ") || ends_in(s, "Il ")) {
        bool capital = s->p[s->n - 3] == 'I';

        cut(s, 3);
        str_add(s, capital ? "L" APOSTROPHE : "l" APOSTROPHE);
        return;
    }
    for (size_t i = 0; i < sizeof contracted / sizeof *contracted; i++)
        if (ends_in(s, contracted[i])) {
            cut(s, 1);
            str_add(s, "l" APOSTROPHE);
            return;
        }
}

void
words_day(struct str *s, enum words_lang lang, int32_t day)
{
    struct time_civil c;

    time_day_civil(day, &c);
    if (lang == WORDS_IT && (c.day == 8 || c.day == 11))
        elide(s);
    str_addi(s, c.day);
    if (lang == WORDS_IT && c.day == 1)
        str_add(s, ORDINAL);
    str_addf(s, NBSP "%s", months[lang][c.month - 1]);
}

void
words_date(struct str *s, enum words_lang lang, int32_t day)
{
    struct time_civil c;

    time_day_civil(day, &c);
    words_day(s, lang, day);
    str_addf(s, " %d", c.year);
}

void
words_short_day(struct str *s, enum words_lang lang, int32_t day)
{
    struct time_civil c;

    time_day_civil(day, &c);
    str_addf(s, "%d" NBSP "%.3s", c.day, months[lang][c.month - 1]);
}
