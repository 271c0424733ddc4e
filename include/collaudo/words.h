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

/* "2 marzo 2026", "2 March 2026", of a day number (time.h), behind what the text already says:
 * an Italian article or preposition at its end loses its own where it must, so that "dal " and
 * a day give "dal 2 marzo 2026", "dall’8 marzo 2026", "dal 1º marzo 2026", and "il " gives
 * "l’11 marzo 2026". */
void words_date(struct str *s, enum words_lang lang, int32_t day);

/* The same without the year. */
void words_day(struct str *s, enum words_lang lang, int32_t day);

/* "2 mar", "2 Mar": where room is short. */
void words_short_day(struct str *s, enum words_lang lang, int32_t day);

#endif
