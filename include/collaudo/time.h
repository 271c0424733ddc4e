/* time.h - instants, local days and ISO weeks.
 *
 * An instant is a usec_t: microseconds since 1970-01-01 UTC, the only time type of
 * the house. A local day is an int32_t day number, days since 1970-01-01 of the
 * calendar (negative before). A week is named by the day number of its Monday.
 * Days of a zone are 23, 24 or 25 hours long: never add 86,400 seconds to reach
 * tomorrow, ask time_day_start().
 *
 * Zones are IANA names, read from /usr/share/zoneinfo (TZDIR overrides), TZif
 * version 2 and later. A loaded zone is immutable and shared by all threads.
 */
#ifndef COLLAUDO_TIME_H
#define COLLAUDO_TIME_H

#include "collaudo/err.h"

#include <stddef.h>
#include <stdint.h>

typedef int64_t usec_t;

#define USEC_SECOND ((usec_t)1000000)
#define USEC_MINUTE (60 * USEC_SECOND)
#define USEC_HOUR (60 * USEC_MINUTE)

#define TIME_TEXT_LEN 32 /* buffer for time_format() */
#define TIME_WEEK_LEN 16 /* buffer for time_week_name() */
#define TIME_DAY_LEN 16  /* buffer for time_day_name() */

usec_t time_now(void);       /* the wall clock */
usec_t time_monotonic(void); /* for waiting and measuring; no date */

/* RFC 3339 with an offset: 2026-03-02T09:00:00.123456+01:00, also with a blank or a
 * small t or z. Strict: real dates only, second 60 only as a leap second at the end of
 * a UTC day (taken as :59.999999), years 1900-9999, digits beyond microseconds are
 * cut. Returns false on anything else; never calls a locale. */
must_check bool time_parse(const char *text, size_t n, usec_t *ret);

/* "2026-03-02T08:00:00Z", with .123 or .123456 when there is a fraction. */
void time_format(usec_t t, char ret[TIME_TEXT_LEN]);

/* --- calendar ------------------------------------------------------------ */

struct time_civil {
    int year, month, day; /* 1..12, 1..31 */
    int weekday;          /* 1 = Monday ... 7 = Sunday */
};

int32_t         time_day(int year, int month, int day); /* day number; proleptic Gregorian */
void            time_day_civil(int32_t day, struct time_civil *ret);
int             time_weekday(int32_t day);                      /* 1 = Monday */
int32_t         time_monday(int32_t day);                       /* Monday of the day's ISO week */
must_check bool time_parse_day(const char *text, int32_t *ret); /* "2026-03-02" only */
void            time_day_name(int32_t day, char ret[TIME_DAY_LEN]);   /* "2026-03-02" */
void            time_week_name(int32_t day, char ret[TIME_WEEK_LEN]); /* "2026-W10" */

/* --- zones ---------------------------------------------------------------- */

struct time_zone;

/* Loaded once, kept until the process ends. ERR_INVALID: no such zone.
 * Any thread, any time. */
must_check bool time_zone_find(const char *name, const struct time_zone **ret, struct err *e);
const char     *time_zone_name(const struct time_zone *z);

int32_t time_offset(const struct time_zone *z, usec_t t); /* seconds east of UTC */
int32_t time_local_day(const struct time_zone *z, usec_t t);
/* The first instant of the local day, also where midnight does not exist. */
usec_t time_day_start(const struct time_zone *z, int32_t day);

#endif
