/* time.c - instants and the calendar; zones are in zone.c. See time.h. */
#include "collaudo/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static usec_t
clock_read(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (usec_t)ts.tv_sec * USEC_SECOND + ts.tv_nsec / 1000;
}

usec_t
time_now(void)
{
    return clock_read(CLOCK_REALTIME);
}

usec_t
time_monotonic(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

/* Days from civil, after Howard Hinnant's "chrono-compatible low-level date
 * algorithms": eras of 400 years, the year beginning in March. */
int32_t
time_day(int year, int month, int day)
{
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

void
time_day_civil(int32_t day, struct time_civil *ret)
{
    int z = day + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;

    *ret = (struct time_civil){ .month = mp < 10 ? mp + 3 : mp - 9,
                                .day = doy - (153 * mp + 2) / 5 + 1,
                                .weekday = time_weekday(day) };
    ret->year = yoe + era * 400 + (ret->month <= 2);
}

int
time_weekday(int32_t day)
{
    int w = (day + 3) % 7; /* 1970-01-01 was a Thursday */

    return (w < 0 ? w + 7 : w) + 1;
}

int32_t
time_monday(int32_t day)
{
    return day - (time_weekday(day) - 1);
}

static int
month_days(int year, int month)
{
    static const int len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool             leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return len[month - 1] + (month == 2 && leap);
}

/* Exactly n digits at *p, which moves on; -1 when there are fewer. */
static int
digits(const char **p, const char *end, int n)
{
    int v = 0;

    if (end - *p < n)
        return -1;
    for (; n; n--, (*p)++) {
        if (**p < '0' || **p > '9')
            return -1;
        v = v * 10 + (**p - '0');
    }
    return v;
}

static bool
is(const char **p, const char *end, const char *any)
{
    if (*p == end || !**p || !strchr(any, **p))
        return false;
    (*p)++;
    return true;
}

static bool
parse_date(const char **p, const char *end, int32_t *ret)
{
    int y = digits(p, end, 4);
    if (y < 1900 || !is(p, end, "-"))
        return false;
    int m = digits(p, end, 2);
    if (m < 1 || m > 12 || !is(p, end, "-"))
        return false;
    int d = digits(p, end, 2);
    if (d < 1 || d > month_days(y, m))
        return false;
    *ret = time_day(y, m, d);
    return true;
}

/* Seconds east of UTC: Z or +hh:mm. */
static bool
parse_offset(const char **p, const char *end, int *ret)
{
    if (is(p, end, "Zz")) {
        *ret = 0;
        return true;
    }
    int sign = *p < end && **p == '-' ? -1 : 1;
    if (!is(p, end, "+-"))
        return false;
    int h = digits(p, end, 2);
    if (h < 0 || h > 23 || !is(p, end, ":"))
        return false;
    int m = digits(p, end, 2);
    if (m < 0 || m > 59)
        return false;
    *ret = sign * (h * 3600 + m * 60);
    return true;
}

static bool
parse_fraction(const char **p, const char *end, int *ret)
{
    int scale = 100000;

    *ret = 0;
    if (!is(p, end, "."))
        return true;
    if (*p == end || **p < '0' || **p > '9')
        return false;
    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++, scale /= 10)
        *ret += (**p - '0') * scale;
    return true;
}

bool
time_parse(const char *text, size_t n, usec_t *ret)
{
    const char *p = text, *end = text + n;
    int32_t     day;
    int         usec, offset;

    if (!parse_date(&p, end, &day) || !is(&p, end, "Tt "))
        return false;
    int h = digits(&p, end, 2);
    if (h < 0 || h > 23 || !is(&p, end, ":"))
        return false;
    int m = digits(&p, end, 2);
    if (m < 0 || m > 59 || !is(&p, end, ":"))
        return false;
    int s = digits(&p, end, 2);
    if (s < 0 || s > 60 || !parse_fraction(&p, end, &usec) || !parse_offset(&p, end, &offset) ||
        p != end)
        return false;

    bool leap = s == 60;
    if (leap) {
        s = 59;
        usec = 999999;
    }
    int64_t sec = (int64_t)day * 86400 + h * 3600 + m * 60 + s - offset;
    if (leap && ((sec % 86400) + 86400) % 86400 != 86399)
        return false;
    *ret = sec * USEC_SECOND + usec;
    return true;
}

bool
time_parse_day(const char *text, int32_t *ret)
{
    const char *p = text, *end = text + strlen(text);
    int32_t     day;

    if (!parse_date(&p, end, &day) || p != end)
        return false;
    *ret = day;
    return true;
}

/* Floor division: the instants before 1970 belong to the day before, too. */
static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void
time_format(usec_t t, char ret[TIME_TEXT_LEN])
{
    int64_t           sec = floor_div(t, USEC_SECOND);
    int               usec = (int)(t - sec * USEC_SECOND);
    int32_t           day = (int32_t)floor_div(sec, 86400);
    int               s = (int)(sec - (int64_t)day * 86400), n;
    struct time_civil c;

    time_day_civil(day, &c);
    n = snprintf(ret, TIME_TEXT_LEN, "%04d-%02d-%02dT%02d:%02d:%02d", c.year % 10000, c.month,
                 c.day, s / 3600, s / 60 % 60, s % 60);
    if (n < 0 || n > 20)
        n = 20;
    if (usec % 1000)
        n += snprintf(ret + n, (size_t)(TIME_TEXT_LEN - n), ".%06d", usec);
    else if (usec)
        n += snprintf(ret + n, (size_t)(TIME_TEXT_LEN - n), ".%03d", usec / 1000);
    snprintf(ret + n, (size_t)(TIME_TEXT_LEN - n), "Z");
}

void
time_day_name(int32_t day, char ret[TIME_DAY_LEN])
{
    struct time_civil c;

    time_day_civil(day, &c);
    snprintf(ret, TIME_DAY_LEN, "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100);
}

void
time_week_name(int32_t day, char ret[TIME_WEEK_LEN])
{
    int32_t           thursday = time_monday(day) + 3; /* ISO 8601: it decides the year */
    struct time_civil c;

    time_day_civil(thursday, &c);
    unsigned week = (unsigned)(thursday - time_day(c.year, 1, 1)) / 7 + 1;
    snprintf(ret, TIME_WEEK_LEN, "%04d-W%02u", c.year % 10000, week % 100);
}
