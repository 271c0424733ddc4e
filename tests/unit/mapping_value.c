/* mapping_value.c - times in every format, wall clocks of zones that jump, and numbers as text:
 * ids are made of them, so they must never read otherwise. */
#include "t.h"

#include "mapping_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_time(const char *text, enum when_format f, const char *zone, char ret[WHEN_LEN])
{
    const struct time_zone *z = NULL;
    struct formats          one = { .list = { f }, .n = 1 };
    struct err              e = ERR_INIT;

    CHECK(!zone || time_zone_find(zone, &z, &e));
    return mapping_when(text, strlen(text), &one, z, ret);
}

/* clang-format off */
static const struct {
    enum when_format f;
    const char      *zone, *text, *want;
} times[] = {
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04Z",              "2026-03-02T09:15:04.000Z" },
    { WHEN_RFC3339, NULL, "2026-03-02t09:15:04.5z",            "2026-03-02T09:15:04.500Z" },
    { WHEN_RFC3339, NULL, " 2026-03-02 09:15:04,123456789 ",   "2026-03-02T09:15:04.123456789Z" },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04.1234567891234Z", "2026-03-02T09:15:04.123456789Z" },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04.123400Z",       "2026-03-02T09:15:04.1234Z" },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04.000+0000",      "2026-03-02T09:15:04.000Z" },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15+01:00",            "2026-03-02T08:15:00.000Z" },
    { WHEN_RFC3339, NULL, "2026-01-01T00:30:00+01:00",         "2025-12-31T23:30:00.000Z" },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04-03:30",         "2026-03-02T12:45:04.000Z" },
    { WHEN_RFC3339, NULL, "2024-02-29T00:00:00Z",              "2024-02-29T00:00:00.000Z" },
    { WHEN_RFC3339, NULL, "1969-12-31T23:59:59.5Z",            "1969-12-31T23:59:59.500Z" },
    { WHEN_RFC3339, NULL, "2016-12-31T23:59:60Z",              "2016-12-31T23:59:59.999999999Z" },
    { WHEN_RFC3339, NULL, "2016-12-31T22:59:60Z",              NULL },
    { WHEN_RFC3339, NULL, "2026-02-29T00:00:00Z",              NULL },
    { WHEN_RFC3339, NULL, "2026-13-01T00:00:00Z",              NULL },
    { WHEN_RFC3339, NULL, "2026-00-01T00:00:00Z",              NULL },
    { WHEN_RFC3339, NULL, "2026-03-02T24:00:00Z",              NULL },
    { WHEN_RFC3339, NULL, "2026-03-02T09:60:00Z",              NULL },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04.Z",             NULL },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04+1:00",          NULL },
    { WHEN_RFC3339, NULL, "2026-03-02T09:15:04+24:00",         NULL },
    { WHEN_RFC3339, NULL, "2026-03-02",                        NULL },
    { WHEN_RFC3339, NULL, "now",                               NULL },
    { WHEN_RFC3339, NULL, "",                                  NULL },
    { WHEN_RFC3339, NULL, "1899-12-31T23:59:59Z",              NULL },
    { WHEN_RFC3339, NULL, "9999-12-31T23:59:59-01:00",         NULL },
    { WHEN_RFC3339, "Europe/Rome", "2026-07-01T10:00:00",      "2026-07-01T08:00:00.000Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-07-01T10:00:00Z",     "2026-07-01T10:00:00.000Z" },
    /* the clock jumps: a time that is not there, and one that is there twice */
    { WHEN_RFC3339, "Europe/Rome", "2026-03-29T01:59:59",      "2026-03-29T00:59:59.000Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-03-29T02:00:00",      "2026-03-29T01:00:00.000Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-03-29T02:30:00",      "2026-03-29T01:30:00.000Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-03-29T03:00:00",      "2026-03-29T01:00:00.000Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-10-25T01:59:59",      "2026-10-24T23:59:59.000Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-10-25T02:00:00",      "2026-10-25T01:00:00.000Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-10-25T02:59:59.9",    "2026-10-25T01:59:59.900Z" },
    { WHEN_RFC3339, "Europe/Rome", "2026-10-25T03:00:00",      "2026-10-25T02:00:00.000Z" },
    { WHEN_RFC3339, "America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:30:00.000Z" },
    { WHEN_RFC3339, "America/New_York", "2026-11-01T01:30:00", "2026-11-01T06:30:00.000Z" },
    { WHEN_RFC3339, "Asia/Kolkata", "2026-03-02T09:00:00",     "2026-03-02T03:30:00.000Z" },
    { WHEN_RFC3339, "Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T15:15:00.000Z" },
    { WHEN_EPOCH_S,  NULL, "1772439304",          "2026-03-02T08:15:04.000Z" },
    { WHEN_EPOCH_S,  NULL, "1772439304.1234567899", "2026-03-02T08:15:04.123456789Z" },
    { WHEN_EPOCH_S,  NULL, "-1.5",                "1969-12-31T23:59:58.500Z" },
    { WHEN_EPOCH_S,  NULL, "0",                   "1970-01-01T00:00:00.000Z" },
    { WHEN_EPOCH_S,  NULL, "1772439304123",       NULL },
    { WHEN_EPOCH_S,  NULL, "1e9",                 NULL },
    { WHEN_EPOCH_S,  NULL, "+1",                  NULL },
    { WHEN_EPOCH_S,  NULL, ".5",                  NULL },
    { WHEN_EPOCH_S,  NULL, "1.",                  NULL },
    { WHEN_EPOCH_S,  NULL, "99999999999999999999999999999999", NULL },
    { WHEN_EPOCH_MS, NULL, "1772439304123",       "2026-03-02T08:15:04.123Z" },
    { WHEN_EPOCH_MS, NULL, "-1",                  "1969-12-31T23:59:59.999Z" },
    { WHEN_EPOCH_MS, NULL, "1772439304123.5",     NULL },
    { WHEN_EPOCH_US, NULL, "1772439304123456",    "2026-03-02T08:15:04.123456Z" },
    { WHEN_EPOCH_NS, NULL, "1772439304123456789", "2026-03-02T08:15:04.123456789Z" },
    { WHEN_EPOCH_NS, NULL, "18446744073709551615", "2554-07-21T23:34:33.709551615Z" },
    { WHEN_YYYYMMDDHHMMSS, NULL, "20260302081504.123", "2026-03-02T08:15:04.123Z" },
    { WHEN_YYYYMMDDHHMMSS, "Europe/Rome", "20260302091504", "2026-03-02T08:15:04.000Z" },
    { WHEN_YYYYMMDDHHMMSS, NULL, "20260302",      NULL },
    { WHEN_YYYYMMDDHHMMSS, NULL, "20260231081504", NULL },
    { WHEN_YYYYMMDDHHMMSS, NULL, "202603020815041", NULL },
    { WHEN_DD_MM_YYYY, NULL, "02/03/2026",        "2026-03-02T00:00:00.000Z" },
    { WHEN_DD_MM_YYYY, NULL, "2.3.2026 9.15",     "2026-03-02T09:15:00.000Z" },
    { WHEN_DD_MM_YYYY, NULL, "2-3-2026T09:15:04", "2026-03-02T09:15:04.000Z" },
    { WHEN_DD_MM_YYYY, NULL, "31/04/2026",        NULL },
    { WHEN_DD_MM_YYYY, NULL, "32/13/2026",        NULL },
    { WHEN_DD_MM_YYYY, NULL, "02/03/26",          NULL },
    { WHEN_DD_MM_YYYY, NULL, "02/03/2026 9",      NULL },
    { WHEN_DD_MM_YYYY, NULL, "02/03/2026 09:15:04.123", NULL },
};
/* clang-format on */

static void
test_times(void)
{
    char got[WHEN_LEN];

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        t_row = times[i].text;
        bool ok = read_time(times[i].text, times[i].f, times[i].zone, got);
        CHECK_S(ok ? got : NULL, times[i].want);
    }
    t_row = NULL;
}

/* Every wall time that a zone's clock shows once is read back as the instant it was; one that it
 * shows twice as one of the two, the later. */
static void
test_zones(void)
{
    static const char *const zones[] = { "Europe/Rome", "America/New_York", "Australia/Lord_Howe",
                                         "Africa/Casablanca", "America/St_Johns" };
    const usec_t             from = INT64_C(1767225600), step = 1800; /* 2026, each half hour */

    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        const struct time_zone *zone;
        struct err              e = ERR_INIT;
        int                     other = 0, wrong = 0;

        t_row = zones[z];
        if (!CHECK(time_zone_find(zones[z], &zone, &e)))
            continue;
        for (usec_t s = from; s < from + 365 * 86400; s += step) {
            int64_t           local = s + time_offset(zone, s * USEC_SECOND);
            int               of_day = (int)(local % 86400);
            struct time_civil c;
            char              text[64], got[WHEN_LEN];
            usec_t            back;

            time_day_civil((int32_t)(local / 86400), &c);
            snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day,
                     of_day / 3600, of_day / 60 % 60, of_day % 60);
            if (!read_time(text, WHEN_RFC3339, zones[z], got) ||
                !time_parse(got, strlen(got), &back)) {
                wrong++;
                continue;
            }
            other += back != s * USEC_SECOND;
            wrong +=
                back < s * USEC_SECOND || back / USEC_SECOND + time_offset(zone, back) != local;
        }
        CHECK_I(wrong, 0);
        CHECK(other >= 1 && other <= 2); /* the doubled hour, or half hour, once a year */
    }
    t_row = NULL;
}

/* As ECMAScript writes them. */
static void
test_numbers(void)
{
    static const struct {
        double      v;
        const char *want;
    } row[] = {
        { 0, "0" },
        { -0.0, "0" },
        { 100, "100" },
        { -1.5, "-1.5" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 0.1, "0.1" },
        { 1e15, "1000000000000000" },
        { 9007199254740993.0, "9007199254740992" },
        { 123456789012345680000.0, "123456789012345680000" },
        { 1e21, "1e+21" },
        { 1.5e300, "1.5e+300" },
        { 1.7976931348623157e308, "1.7976931348623157e+308" },
        { 0.000001, "0.000001" },
        { 1.25e-6, "0.00000125" },
        { 1e-7, "1e-7" },
        { 1.5e-7, "1.5e-7" },
        { 5e-324, "5e-324" },
        { 1772439304.123, "1772439304.123" },
        { 4.35, "4.35" },
    };
    struct arena mem;

    arena_init(&mem, 1 << 20);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str out;

        t_row = row[i].want;
        str_init(&out, &mem);
        mapping_add_number(&out, row[i].v);
        CHECK_S(out.p, row[i].want);
    }
    t_row = NULL;
    arena_free(&mem);
}

static void
test_lower(void)
{
    static const char *const row[][2] = {
        { "", "" },           { "  ", "  " },
        { " A b ", " a b " }, { "\xc3\x80\xc3\x88 X", "\xc3\xa0\xc3\xa8 x" },
        { "\t", "\t" },       { "STRASSE \xe2\x82\xac", "strasse \xe2\x82\xac" },
    };
    struct arena mem;

    arena_init(&mem, 1 << 20);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        CHECK_S(mapping_lower(&mem, row[i][0], strlen(row[i][0])), row[i][1]);
    arena_free(&mem);
}

int
main(void)
{
    T_RUN(test_times);
    T_RUN(test_zones);
    T_RUN(test_numbers);
    T_RUN(test_lower);
    return t_end();
}
