/* time.c - parsing, the calendar and zones, against instants computed elsewhere. */
#include "t.h"

#include "collaudo/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct time_zone *
zone(const char *name)
{
    struct err              e = ERR_INIT;
    const struct time_zone *z = NULL;

    if (!time_zone_find(name, &z, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    return z;
}

/* input,utc,local,offset,abbr,day,weekday,iso_week,month,quarter,hours,start,working,why */
static void
check_instant(char *line, const struct time_zone *z)
{
    char  *col[14], week[TIME_WEEK_LEN], day[TIME_DAY_LEN], start[32];
    size_t n = 0;
    usec_t t, utc;

    for (char *p = line; p && n < 14; n++) {
        col[n] = p;
        if ((p = strchr(p, ',')))
            *p++ = 0;
    }
    if (!CHECK(n >= 12))
        return;
    t_row = col[0];
    if (!CHECK(time_parse(col[0], strlen(col[0]), &t)) ||
        !CHECK(time_parse(col[1], strlen(col[1]), &utc)))
        return;
    CHECK_I(t / USEC_SECOND, utc / USEC_SECOND);
    int32_t d = time_local_day(z, t);
    time_day_name(d, day);
    CHECK_S(day, col[5]);
    CHECK_I(time_weekday(d), atoll(col[6]));
    time_week_name(d, week);
    CHECK_S(week, col[7]);
    CHECK_I((time_day_start(z, d + 1) - time_day_start(z, d)) / USEC_HOUR, atoll(col[10]));
    time_format(time_day_start(z, d), start);
    CHECK_S(start, col[11]);
}

static void
test_instants(void)
{
    char *text = t_file("tests/data/tz/instants.csv", NULL), *save = NULL;
    int   rows = 0;

    strtok_r(text, "\n", &save);
    for (char *line; (line = strtok_r(NULL, "\n", &save)); rows++)
        check_instant(line, zone("Europe/Rome"));
    t_row = NULL;
    CHECK(rows >= 80);
    free(text);
}

static void
test_refused(void)
{
    static const char *const bad[] = { "",
                                       "now",
                                       "infinity",
                                       "2026-03-02",
                                       "2026-13-01T10:00:00Z",
                                       "2026-02-29T10:00:00Z",
                                       "2026-03-02T24:00:00Z",
                                       "2026-03-02T10:60:00Z",
                                       "2026-03-02T10:00:00",
                                       "2026-03-02T10:00Z",
                                       "2026-03-02T10:00:00.Z",
                                       "2026-03-02T10:00:00+0100",
                                       "2026-03-02T10:00:00Z ",
                                       "2026-03-02T10:00:60Z",
                                       "1899-12-31T10:00:00Z",
                                       "2026-03-02T10:00:00+24:00",
                                       "+2026-03-02T10:00:00Z" };
    usec_t                   t = 7;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        t_row = bad[i];
        CHECK(!time_parse(bad[i], strlen(bad[i]), &t));
        CHECK_I(t, 7);
    }
}

static void
test_formats(void)
{
    static const struct {
        const char *in, *out;
    } row[] = {
        { "2026-03-02T09:00:00+01:00", "2026-03-02T08:00:00Z" },
        { "2026-03-02t09:00:00.5z", "2026-03-02T09:00:00.500Z" },
        { "2026-03-02 09:00:00.123456789Z", "2026-03-02T09:00:00.123456Z" },
        { "2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z" },
        { "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z" },
    };
    char   text[TIME_TEXT_LEN];
    usec_t t;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        t_row = row[i].in;
        if (!CHECK(time_parse(row[i].in, strlen(row[i].in), &t)))
            continue;
        time_format(t, text);
        CHECK_S(text, row[i].out);
    }
}

/* A zone south of the equator, one without summer time, one with half hours, one
 * whose offset is negative in summer, and the far future through the footer. */
static void
test_other_zones(void)
{
    static const struct {
        const char *zone, *utc, *day;
        int         offset; /* seconds east of UTC, at the end of that day */
    } row[] = {
        { "Australia/Sydney", "2026-01-15T13:30:00Z", "2026-01-16", 39600 },
        { "Asia/Kolkata", "2026-06-30T18:29:59Z", "2026-06-30", 19800 },
        { "Asia/Kolkata", "2026-06-30T18:30:00Z", "2026-07-01", 19800 },
        { "Europe/Dublin", "2026-07-01T23:30:00Z", "2026-07-02", 3600 },
        { "Europe/Rome", "2090-07-01T22:30:00Z", "2090-07-02", 7200 },
        { "Europe/Rome", "2090-01-01T22:30:00Z", "2090-01-01", 3600 },
        { "America/St_Johns", "2026-03-08T05:29:59Z", "2026-03-08", -9000 },
        { "America/St_Johns", "2026-03-08T05:30:00Z", "2026-03-08", -9000 },
        { "UTC", "2026-03-08T05:30:00Z", "2026-03-08", 0 },
        { "Africa/Casablanca", "2026-03-01T12:00:00Z", "2026-03-01", 0 },
    };
    struct err              e = ERR_INIT;
    const struct time_zone *z = NULL;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct time_zone *at = zone(row[i].zone);
        usec_t                  t;
        char                    day[TIME_DAY_LEN];

        t_row = row[i].utc;
        CHECK(time_parse(row[i].utc, strlen(row[i].utc), &t));
        int32_t next = time_local_day(at, t) + 1;
        time_day_name(next - 1, day);
        CHECK_S(day, row[i].day);
        CHECK_I(time_offset(at, time_day_start(at, next) - 1), row[i].offset);
        CHECK_I((int64_t)next * 86400 - time_day_start(at, next) / USEC_SECOND, row[i].offset);
    }
    t_row = NULL;
    CHECK(!time_zone_find("Europe/Roma", &z, &e));
    CHECK(!time_zone_find("../../../etc/passwd", &z, &e));
    CHECK(!time_zone_find("", &z, &e));
}

static void
test_every_day_has_its_number(void)
{
    struct time_civil c;
    int               wrong = 0;

    for (int32_t d = -25567; d < 47482; d++) { /* 1900 .. 2099 */
        time_day_civil(d, &c);
        wrong += time_day(c.year, c.month, c.day) != d;
    }
    CHECK_I(wrong, 0);
}

int
main(void)
{
    T_RUN(test_instants);
    T_RUN(test_refused);
    T_RUN(test_formats);
    T_RUN(test_other_zones);
    T_RUN(test_every_day_has_its_number);
    return t_end();
}
