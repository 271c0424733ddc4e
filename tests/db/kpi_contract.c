/* kpi_contract.c - every KPI there is, also one added tomorrow, keeps the contract of kpi.h. */
#include "t.h"

#include "kpi_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pg pg;

/* Windows with clock changes, year ends and odd first days; weeks up to the end. */
static const struct window {
    const char *start, *end, *tz;
    int         weeks;
} windows[] = {
    { "2026-03-02", "2026-05-30", "Europe/Rome", 13 }, /* 29 March: 23 hours */
    { "2026-09-01", "2026-11-29", "Europe/Rome", 13 }, /* 25 October: 25 hours; a Tuesday */
    { "2026-11-30", "2027-02-27", "Europe/Rome", 13 }, /* through week 53 */
    { "2026-03-08", "2026-03-08", "Europe/Rome", 1 },  /* one Sunday */
    { "2026-02-02", "2026-05-02", "America/Havana", 13 },
};

/* People of all kinds, events, heartbeats and intake at random, the same each time. */
static void
fill(const struct window *w)
{
    pg_sql(
        &pg,
        "select setseed(0.25);"
        "select t.person(i, (array['a', 'b', ''])[1 + i %% 3], (array['member', 'manager',"
        " 'champion', 'vendor', 'service'])[1 + i %% 5], i %% 7 <> 0,"
        " case when i %% 4 = 0 then '%s'::date + (i * 5) %% 90 end,"
        " case when i %% 6 = 0 then '%s'::date + 40 + (i * 3) %% 90 end)"
        " from generate_series(1, 60) i;"
        "select t.act((random() * 70)::int, '%s'::timestamp + random() * interval '95 days',"
        " (array['deal.move', 'login'])[1 + (random() * 1.4)::int], 1 + (random() * 0.99)::int)"
        " from generate_series(1, 3000);"
        "select t.alive(2, '%s', '%s');"
        "insert into intake_day select 1, 1 + i %% 2, '%s'::date + i, case when i %% 5 = 0 then i"
        " %% 3 else 0 end, 10, i %% 3, case when i %% 5 = 0 then 2 else 0 end, i %% 2"
        " from generate_series(-3, 100) i;"
        "update source set cadence = 'hourly' where source_id = 2; select t.roll()",
        w->start, w->start, w->start, w->start, w->end, w->start);
}

static bool
in_order(const struct kpi_point *p, const struct kpi_point *q)
{
    int d = strcmp(p->part, q->part);

    d = d ? d : strcmp(p->subject, q->subject);
    return d ? d < 0 : p->bucket < q->bucket;
}

/* How many weeks a part should have: all up to the cut, of a cohort as many fewer as it looks
 * ahead. -1: of personal weeks at least that many, the open ones are there too. */
static void
check_weeks(const struct kpi_def *def, const struct kpi_point *p, size_t n, int weeks)
{
    size_t end;

    for (size_t i = 0; i < n; i = end) {
        const char *plus = strstr(p[i].part, "/+");

        for (end = i + 1; end < n && strcmp(p[end].part, p[i].part) == 0 &&
                          strcmp(p[end].subject, p[i].subject) == 0;
             end++)
            if (def->window != KPI_PILOT)
                CHECK_I(p[end].bucket - p[end - 1].bucket, 7);
        if (def->window == KPI_PILOT)
            CHECK_I(end - i, 1);
        else if (!plus)
            CHECK_I(end - i, weeks);
        else
            CHECK((int)(end - i) <= weeks - (int)strtol(plus + 2, NULL, 10));
    }
}

static void
check_point(const struct kpi_def *def, const struct pilot *pilot, const struct kpi_point *p,
            int32_t cut)
{
    CHECK(p->num >= 0 && p->num <= p->den && p->excluded >= 0);
    CHECK_I(time_weekday(p->bucket), 1);
    CHECK(p->bucket + 6 >= pilot->start && (p->bucket < cut || def->window == KPI_PILOT));
    CHECK(!p->no_data || (p->num == 0 && p->den == 0));
    CHECK_I(p->band, KPI_EXACT);
    CHECK(*p->subject && p->part);
    if (def->window == KPI_WEEK)
        CHECK_I(p->complete, pilot_week_complete(pilot, p->bucket, cut));
}

static void
check_kpi(const struct kpi_def *def, const char *as_of, int weeks, bool filled)
{
    struct pilot      pilot = help_read_pilot(&pg);
    int32_t           cut = pilot_cut(&pilot, help_time(as_of));
    struct arena      mem;
    size_t            n;
    struct kpi_point *p;
    bool              whole = false;

    t_row = def->id;
    arena_init(&mem, 1 << 22);
    p = help_compute(&pg, def->id, as_of, NULL, &mem, &n);
    for (size_t i = 0; i < n; i++) {
        check_point(def, &pilot, &p[i], cut);
        CHECK(i == 0 || in_order(&p[i - 1], &p[i]));
        whole = whole || strcmp(p[i].subject, "*") == 0;
    }
    CHECK_I(whole, weeks > 0 || def->window == KPI_PILOT);
    check_weeks(def, p, n, weeks);
    if (filled && def->unit == KPI_PEOPLE && weeks == 13) {
        int64_t sum = 0;

        for (size_t i = 0; i < n; i++)
            sum += p[i].num;
        CHECK(sum > 0);
    }
    CHECK(kpi_publish(def, 5, p, n) <= n);
    for (size_t i = 1; i < n && def->window != KPI_COHORT; i++)
        CHECK(in_order(&p[i - 1], &p[i]));
    arena_free(&mem);
}

static void
test_every_kpi(void)
{
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++)
        for (int filled = 0; filled < 2; filled++) {
            help_pilot(&pg, windows[w].start, windows[w].end, windows[w].tz);
            if (filled)
                fill(&windows[w]);
            for (size_t i = 0; i < kpi_defs_n; i++) {
                check_kpi(&kpi_defs[i], "2028-01-01T00:00:00Z", windows[w].weeks, filled);
                check_kpi(&kpi_defs[i], "2020-01-01T00:00:00Z", 0, filled);
            }
        }
    t_row = NULL;
}

/* In the middle: three weeks and a day of the first window. */
static void
test_every_kpi_while_it_runs(void)
{
    help_pilot(&pg, windows[0].start, windows[0].end, windows[0].tz);
    fill(&windows[0]);
    for (size_t i = 0; i < kpi_defs_n; i++) {
        check_kpi(&kpi_defs[i], "2026-03-24T12:00:00Z", 4, true);
        check_kpi(&kpi_defs[i], "2026-03-23T12:00:00Z", 3, true);
    }
    t_row = NULL;
}

/* Of people, den + excluded is the roster of the week, and teams never add up to more than the
 * whole; both computed here. */
static void
test_people_add_up(void)
{
    struct arena      mem;
    size_t            n;
    struct kpi_point *p;

    help_pilot(&pg, windows[0].start, windows[0].end, windows[0].tz);
    fill(&windows[0]);
    arena_init(&mem, 1 << 22);
    p = help_compute(&pg, "weekly_active", "2026-06-10T00:00:00Z", NULL, &mem, &n);
    for (size_t i = 0; i < 13; i++) {
        char day[TIME_DAY_LEN];

        time_day_name(p[i].bucket, day);
        t_row = day;
        CHECK_I(p[i].den + p[i].excluded,
                pg_int(&pg,
                       "select count(*) from person where seat and role in ('member', 'manager',"
                       " 'champion') and coalesce(joined, '2026-01-01') <= least('%s'::date + 6,"
                       " '2026-05-30') and coalesce(left_on, '2027-01-01') >= '%s'",
                       day, day));
        const struct kpi_point *a = help_point(p, n, "a", "", p[i].bucket);
        const struct kpi_point *b = help_point(p, n, "b", "", p[i].bucket);
        if (CHECK(a && b)) {
            CHECK(a->den + b->den < p[i].den); /* some are in no team */
            CHECK(a->num + b->num <= p[i].num);
        }
    }
    t_row = NULL;
    arena_free(&mem);
}

int
main(void)
{
    pg = pg_fresh();
    T_RUN(test_every_kpi);
    T_RUN(test_every_kpi_while_it_runs);
    T_RUN(test_people_add_up);
    pg_drop(&pg);
    return t_end();
}
