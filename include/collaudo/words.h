/* words.h - numbers, shares and dates as people write them, in Italian and English.
 *
 * Pages, charts and the gate all write with these, so that 1.234 is 1.234 everywhere. They
 * append to a text (str.h) and keep nothing: any thread. Blanks that belong together do not
 * break: "70 %", "2 marzo".
 */
#ifndef COLLAUDO_WORDS_H
#define COLLAUDO_WORDS_H

#include "collaudo/str.h"

enum words_lang { WORDS_IT, WORDS_EN };

/* 1.234 and 1,234; below 0 with a real minus sign. */
void words_number(struct str *s, enum words_lang lang, int64_t n);

/* Ten-thousandths as they are, without rounding: "70 %", "67,5 %", "0.05 %". */
void words_share(struct str *s, enum words_lang lang, int64_t e4);

/* "2 marzo 2026", "2 March 2026", of a day number (time.h). `before` is the Italian word that
 * stands before the day, of the first `before_n` bytes: "il", "del", "dal", "al"; it loses its
 * end where it must: "dal 2 marzo", "dall’8 marzo", "l’11 marzo", "dal 1º marzo". English has
 * no such word: there it should be empty. */
void words_date(struct str *s, enum words_lang lang, int32_t day, const char *before,
                size_t before_n);

/* "marzo", "March"; 1 to 12. The first three letters are the short form. */
const char *words_month(enum words_lang lang, int month);

#endif
