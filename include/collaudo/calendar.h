/* calendar.h - days on which nobody is expected to work: national holidays of Italy, company
 * closures, weekends. Pure.
 *
 * Days are day numbers (time.h).
 */
#ifndef COLLAUDO_CALENDAR_H
#define COLLAUDO_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_MOST 12 /* national holidays in one year */

struct calendar_holiday {
    int32_t     day;
    const char *name; /* static, Italian */
};

/* The Gregorian Easter Sunday of a year. */
int32_t calendar_easter(int year);

/* The national holidays that fall on a day of their own, in order of the year; returns how
 * many. Easter Sunday is not among them: it is a Sunday. 4 October counts from 2026 on. */
size_t calendar_italy(int year, struct calendar_holiday ret[CALENDAR_MOST]);

/* A closure of the company: first to last day, both inclusive. */
struct calendar_closure {
    int32_t     first, last;
    const char *name;
};

/* Why a day is not a working day: "weekend", the name of the holiday or of the closure; ""
 * when it is one. italy: do national holidays count? */
const char *calendar_why(int32_t day, bool italy, const struct calendar_closure *closures,
                         size_t n);

#endif
