/* calendar.c - Italian holidays against the key, closures, working days of pilot windows. */
#include "t.h"

#include "collaudo/calendar.h"
#include "collaudo/json.h"
#include "collaudo/time.h"

#include <stdlib.h>

static struct arena mem;

static const cJSON *
document(const char *path)
{
    size_t       n;
    char        *text = t_file(path, &n);
    const cJSON *doc = NULL;
    struct err   e = ERR_INIT;

    CHECK(json_parse(&mem, text, n, &doc, &e));
    free(text);
    return doc;
}

static void
test_holidays(void)
{
    const cJSON *key = document("tests/data/tz/italian_holidays.json"), *year, *day;
    int          years = 0;

    cJSON_ArrayForEach (year, key) {
        struct calendar_holiday got[CALENDAR_MOST];
        size_t                  n = calendar_italy((int)strtol(year->string, NULL, 10), got), i = 0;

        t_row = year->string;
        cJSON_ArrayForEach (day, year) {
            char name[TIME_DAY_LEN] = "none left";

            if (i < n)
                time_day_name(got[i].day, name);
            CHECK_S(name, day->valuestring);
            i++;
        }
        CHECK_I(n, i);
        years++;
    }
    CHECK_I(years, 21);
}

/* Known Sundays, far apart and at both ends of the range. */
static void
test_easter(void)
{
    static const struct {
        int year, month, day;
    } row[] = { { 1818, 3, 22 }, { 1943, 4, 25 }, { 2000, 4, 23 }, { 2008, 3, 23 }, { 2011, 4, 24 },
                { 2016, 3, 27 }, { 2026, 4, 5 },  { 2038, 4, 25 }, { 2100, 3, 28 } };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        CHECK_I(calendar_easter(row[i].year), time_day(row[i].year, row[i].month, row[i].day));
}

static void
test_why(void)
{
    const struct calendar_closure closed[] = {
        { time_day(2026, 8, 10), time_day(2026, 8, 21), "ferie" },
        { time_day(2026, 12, 7), time_day(2026, 12, 7), "patrono" },
    };
    static const struct {
        const char *day;
        bool        italy;
        const char *why;
    } row[] = {
        { "2026-03-02", true, "" },
        { "2026-03-07", true, "weekend" },
        { "2026-04-06", true, "Luned\xc3\xac dell'Angelo" },
        { "2026-04-06", false, "" },
        { "2026-08-15", true, "weekend" }, /* a Saturday */
        { "2026-10-04", true, "weekend" }, /* a Sunday */
        { "2027-10-04", true, "San Francesco d'Assisi" },
        { "2024-10-04", true, "" },
        { "2026-08-07", true, "" },
        { "2026-08-10", true, "ferie" },
        { "2026-08-16", true, "weekend" },
        { "2026-08-21", true, "ferie" },
        { "2026-08-24", true, "" },
        { "2026-12-07", false, "patrono" },
        { "2026-12-08", true, "Immacolata Concezione" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int32_t day = 0;

        t_row = row[i].day;
        CHECK(time_parse_day(row[i].day, &day));
        CHECK_S(calendar_why(day, row[i].italy, closed, 2), row[i].why);
    }
}

static void
test_windows(void)
{
    const cJSON *w;
    int          n = 0;

    cJSON_ArrayForEach (w, document("tests/data/tz/windows.json")) {
        int32_t first = 0, last = 0;
        int64_t working = -1, weekdays = -1, got_working = 0, got_weekdays = 0;

        t_row = json_text(w, "start_day");
        CHECK(time_parse_day(t_row, &first) && time_parse_day(json_text(w, "last_day"), &last));
        CHECK(json_int(w, "working_days", &working) && json_int(w, "weekdays", &weekdays));
        for (int32_t d = first; d <= last; d++) {
            got_working += !*calendar_why(d, true, NULL, 0);
            got_weekdays += !*calendar_why(d, false, NULL, 0);
        }
        CHECK_I(got_working, working);
        CHECK_I(got_weekdays, weekdays);
        n++;
    }
    CHECK(n >= 9);
}

int
main(void)
{
    arena_init(&mem, 8 << 20);
    T_RUN(test_holidays);
    T_RUN(test_easter);
    T_RUN(test_why);
    T_RUN(test_windows);
    arena_free(&mem);
    return t_end();
}
