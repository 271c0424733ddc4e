/* kpi.c - finding KPIs, their values, and weeks pooled. No database. */
#include "t.h"

#include "collaudo/event.h"
#include "collaudo/kpi.h"

#include <string.h>

static void
test_find(void)
{
    CHECK_I(kpi_defs_n, 6);
    for (size_t i = 0; i < kpi_defs_n; i++)
        CHECK(kpi_find(kpi_defs[i].id) == &kpi_defs[i]);
    CHECK(!kpi_find("weekly"));
    CHECK_S(kpi_nearest("weekly_activ"), "weekly_active");
    CHECK(!kpi_nearest("zzzzzzzzzzzz"));

    const struct kpi_def *d = kpi_find("sustained_users");
    CHECK_I(d->unit, KPI_PEOPLE);
    CHECK_I(d->window, KPI_PILOT);
    CHECK_I(d->better, KPI_HIGHER);
    CHECK_S(d->stmt->name, "kpi/sustained_users");
    CHECK(strstr(d->title_it, "continuit\xc3\xa0"));
    CHECK(memcmp(d->stmt->sql, "with ", 5) == 0); /* the head stayed behind */
}

static void
test_value(void)
{
    static const struct {
        struct kpi_point p;
        int64_t          e4; /* -1: undefined */
    } row[] = {
        { { .num = 9, .den = 12 }, 7500 },
        { { .num = 2, .den = 3 }, 6667 },
        { { .num = 1, .den = 3 }, 3333 },
        { { .num = 1, .den = 20000 }, 1 }, /* half up */
        { { .num = 0, .den = 3 }, 0 },
        { { .num = 2, .den = 2 }, -1 }, /* below min_den: no 100 % */
        { { .num = 0, .den = 0 }, -1 },
        { { .num = 9, .den = 12, .no_data = true }, -1 },
        { { .num = 9, .den = 12, .band = KPI_HIDDEN }, -1 },
        { { .num = 7, .den = 8, .band = KPI_BAND_HIGH }, 8750 },
        { { .num = INT64_MAX / 2, .den = INT64_MAX / 2 }, 10000 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t e4 = -1;
        bool    ok = kpi_value_e4(kpi_find("weekly_active"), &row[i].p, &e4);

        CHECK_I(ok, row[i].e4 >= 0);
        CHECK_I(e4, row[i].e4);
    }
}

static void
test_pool(void)
{
    struct kpi_point p[] = {
        { .bucket = 4, .subject = "*", .part = "", .num = 1, .den = 10, .complete = true },
        { .bucket = 11,
          .subject = "*",
          .part = "",
          .complete = true,
          .no_data = true,
          .excluded = 10 },
        { .bucket = 18,
          .subject = "*",
          .part = "",
          .num = 5,
          .den = 9,
          .excluded = 1,
          .complete = true },
        { .bucket = 25, .subject = "*", .part = "", .num = 3, .den = 10 }, /* running */
        { .bucket = 18, .subject = "a", .part = "", .num = 4, .den = 5, .complete = true },
        { .bucket = 18, .subject = "*", .part = "x", .num = 2, .den = 5, .complete = true },
    };
    size_t           n = sizeof p / sizeof *p;
    struct kpi_point all = kpi_pool(p, n, "*", "", 0), two = kpi_pool(p, n, "*", "", 2);

    CHECK(all.num == 6 && all.den == 19 && all.excluded == 11 && all.bucket == 18);
    CHECK(all.complete && !all.no_data && all.band == KPI_EXACT);
    CHECK(two.num == 5 && two.den == 9 && two.excluded == 11);
    CHECK_I(kpi_pool(p, n, "*", "", 9).den, 19);
    CHECK_I(kpi_pool(p, n, "a", "", 0).num, 4);
    struct kpi_point none = kpi_pool(p, n, "b", "", 0);
    CHECK(none.den == 0 && none.no_data && none.bucket == 0);
    p[2].band = KPI_BAND_LOW;
    p[0].excluded = KPI_WITHHELD;
    all = kpi_pool(p, n, "*", "", 0);
    CHECK(all.band == KPI_HIDDEN && all.den == 0 && all.excluded == KPI_WITHHELD);
}

/* A KPI needs event types that exist, or says "" for all. */
static void
test_needs(void)
{
    for (size_t i = 0; i < kpi_defs_n; i++)
        for (const char *w = kpi_defs[i].needs; *w; w += strspn(w, " ")) {
            size_t n = strcspn(w, " ");
            bool   known = false;

            for (int64_t t = 1; event_type_name(t); t++)
                known = known ||
                        (strlen(event_type_name(t)) == n && memcmp(event_type_name(t), w, n) == 0);
            t_row = kpi_defs[i].id;
            CHECK(known);
            w += n;
        }
    CHECK_S(event_type_name(3), "auth"); /* rollup.sql knows it by its number */
    t_row = NULL;
}

static void
test_band_names(void)
{
    CHECK_S(kpi_band_name(KPI_EXACT), "exact");
    CHECK_S(kpi_band_name(KPI_BAND_LOW), "at_most");
    CHECK_S(kpi_band_name(KPI_BAND_HIGH), "at_least");
    CHECK_S(kpi_band_name(KPI_HIDDEN), "hidden");
}

int
main(void)
{
    T_RUN(test_find);
    T_RUN(test_needs);
    T_RUN(test_value);
    T_RUN(test_pool);
    T_RUN(test_band_names);
    return t_end();
}
