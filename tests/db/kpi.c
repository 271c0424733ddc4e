/* kpi.c - every rule of the KPIs, a row each, on a real PostgreSQL.
 *
 * The pilot of a row runs from Monday 2 March to Saturday 30 May 2026 in Rome unless it says
 * otherwise, and is looked at when all is over. */
#include "t.h"

#include "kpi_help.h"

#include <stdio.h>
#include <string.h>

#define OVER "2026-06-10T10:00:00Z"
#define ALIVE " select t.alive(1, '2026-03-02', '2026-05-30');"
#define THREE "select t.person(1), t.person(2), t.person(3, 'b');" ALIVE

static struct pg pg;

struct row {
    const char *name, *sql;
    const char *subject, *part, *week; /* NULL: '*', '', any week (windows) */
    int64_t     num, den, excluded;
    bool        no_data, running;
    const char *as_of, *params, *start, *end, *tz;
};

static void
try_row(const char *kpi, const struct row *r)
{
    struct arena            mem;
    const struct kpi_point *p, *pt;
    size_t                  n;

    t_row = r->name;
    arena_init(&mem, 1 << 20);
    help_pilot(&pg, r->start ? r->start : "2026-03-02", r->end ? r->end : "2026-05-30",
               r->tz ? r->tz : "Europe/Rome");
    pg_sql(&pg, "%s; select t.roll()", r->sql);
    p = help_compute(&pg, kpi, r->as_of ? r->as_of : OVER, r->params, &mem, &n);
    pt = help_point(p, n, r->subject ? r->subject : "*", r->part ? r->part : "",
                    r->week ? help_day(r->week) : p[0].bucket);
    if (CHECK(pt)) {
        CHECK_I(pt->num, r->num);
        CHECK_I(pt->den, r->den);
        CHECK_I(pt->excluded, r->excluded);
        CHECK_I(pt->no_data, r->no_data);
        CHECK_I(pt->complete, !r->running);
    }
    arena_free(&mem);
    t_row = NULL;
}

#define TRY(kpi, rows)                                                                             \
    for (size_t i_ = 0; i_ < sizeof(rows) / sizeof *(rows); i_++)                                  \
    try_row(kpi, &(rows)[i_])

/* clang-format off */
static const struct row weekly_rows[] = {
    { "nobody", THREE, .week = "2026-03-09", .den = 3 },
    { "cadence hourly, silent: no data and not zero", "select t.person(1, 'a'); select t.person(2, 'a'); select t.person(3, 'b');"
      "update source set cadence = 'hourly'; select t.act(1, '2026-03-09 09:00')",
      .week = "2026-03-16", .excluded = 3, .no_data = true },
    { "cadence hourly, alive and unused: zero", "select t.person(1, 'a'); select t.person(2, 'a'); select t.person(3, 'b');"
      "update source set cadence = 'hourly'; select t.act(1, '2026-03-09 09:00'); select t.alive(1, '2026-03-17', '2026-03-17')",
      .week = "2026-03-16", .den = 3 },
    { "cadence workday, silent: no data and not zero", "select t.person(1, 'a'); select t.person(2, 'a'); select t.person(3, 'b');"
      "update source set cadence = 'workday'; select t.act(1, '2026-03-09 09:00')",
      .week = "2026-03-16", .excluded = 3, .no_data = true },
    { "cadence workday, alive and unused: zero", "select t.person(1, 'a'); select t.person(2, 'a'); select t.person(3, 'b');"
      "update source set cadence = 'workday'; select t.act(1, '2026-03-09 09:00'); select t.alive(1, '2026-03-17', '2026-03-17')",
      .week = "2026-03-16", .den = 3 },
    { "cadence none, silent: no data and not zero", "select t.person(1, 'a'); select t.person(2, 'a'); select t.person(3, 'b');"
      "update source set cadence = 'none'; select t.act(1, '2026-03-09 09:00')",
      .week = "2026-03-16", .excluded = 3, .no_data = true },
    { "cadence none, alive and unused: zero", "select t.person(1, 'a'); select t.person(2, 'a'); select t.person(3, 'b');"
      "update source set cadence = 'none'; select t.act(1, '2026-03-09 09:00'); select t.alive(1, '2026-03-17', '2026-03-17')",
      .week = "2026-03-16", .den = 3 },
    { "one, twice", THREE "select t.act(1, '2026-03-09 09:00'), t.act(1, '2026-03-10 09:00')",
      .week = "2026-03-09", .num = 1, .den = 3 },
    { "of the team", THREE "select t.act(1, '2026-03-09 09:00'), t.act(3, '2026-03-10 09:00')",
      .week = "2026-03-09", .subject = "a", .num = 1, .den = 2 },
    { "and of the other", THREE "select t.act(1, '2026-03-09 09:00')",
      .week = "2026-03-09", .subject = "b", .num = 0, .den = 1 },
    { "people in no team are in the whole", "select t.person(1, ''), t.person(2);" ALIVE "select t.act(1, '2026-03-09 09:00')",
      .week = "2026-03-09", .num = 1, .den = 2 },
    { "a mere logon", THREE "select t.act(1, '2026-03-09 09:00', 'login')", .week = "2026-03-09", .den = 3 },
    { "an unknown account", THREE "select t.act(9, '2026-03-09 09:00')", .week = "2026-03-09", .den = 3 },
    { "an account assigned late counts back",
      THREE "select t.act(9, '2026-03-09 09:00'); select t.roll(); insert into account values (1, 1, t.aid(9), 1, 2, 'named')",
      .week = "2026-03-09", .num = 1, .den = 3 },
    { "an event of nobody", THREE "select t.act(null, '2026-03-09 09:00')", .week = "2026-03-09", .den = 3 },
    { "a service account of a member", THREE "update account set kind = 'service' where person_id = 1; select t.act(1, '2026-03-09 09:00')",
      .week = "2026-03-09", .den = 3 },
    { "Sunday 23:59:59 is this week", THREE "select t.act(1, '2026-03-15 23:59:59')", .week = "2026-03-09", .num = 1, .den = 3 },
    { "and not the next", THREE "select t.act(1, '2026-03-15 23:59:59')", .week = "2026-03-16", .den = 3 },
    { "Monday 00:00 is the next", THREE "select t.act(1, '2026-03-16 00:00')", .week = "2026-03-16", .num = 1, .den = 3 },
    { "the Sunday of the clock change, 23:59:59", THREE "select t.act(1, '2026-03-29 23:59:59')", .week = "2026-03-23", .num = 1, .den = 3 },
    { "the Monday after it, 00:30", THREE "select t.act(1, '2026-03-30 00:30')", .week = "2026-03-30", .num = 1, .den = 3 },
    { "a week with one holiday counts", THREE "select t.act(1, '2026-04-07 09:00')", .week = "2026-04-06", .num = 1, .den = 3 },
    { "work on the holiday itself counts", THREE "select t.act(1, '2026-04-06 09:00')", .week = "2026-04-06", .num = 1, .den = 3 },
    { "a closed week leaves both", THREE "update pilot_day set working = false where week = '2026-04-13';"
      "select t.act(1, '2026-04-14 09:00')", .week = "2026-04-13", .excluded = 3 },
    { "joined on Wednesday: from that week on", "select t.person(1), t.person(2, joined => '2026-03-11');" ALIVE
      "select t.act(2, '2026-03-12 09:00')", .week = "2026-03-09", .num = 1, .den = 2 },
    { "not before", "select t.person(1), t.person(2, joined => '2026-03-11');" ALIVE
      "select t.act(2, '2026-03-05 09:00')", .week = "2026-03-02", .den = 1 },
    { "an event before joining does not count", "select t.person(1), t.person(2, joined => '2026-03-11');" ALIVE
      "select t.act(2, '2026-03-10 09:00')", .week = "2026-03-09", .den = 2 },
    { "joined on Saturday: no working day left", "select t.person(1), t.person(2, joined => '2026-03-14');" ALIVE
      "select t.act(2, '2026-03-14 09:00')", .week = "2026-03-09", .den = 1, .excluded = 1 },
    { "left on Tuesday: still that week", "select t.person(1), t.person(2, left_on => '2026-03-10');" ALIVE
      "select t.act(2, '2026-03-10 23:00')", .week = "2026-03-09", .num = 1, .den = 2 },
    { "an event after leaving does not count", "select t.person(1), t.person(2, left_on => '2026-03-10');" ALIVE
      "select t.act(2, '2026-03-11 00:00')", .week = "2026-03-09", .den = 2 },
    { "gone the week after", "select t.person(1), t.person(2, left_on => '2026-03-10');" ALIVE,
      .week = "2026-03-16", .den = 1 },
    { "left on the holiday Monday", "select t.person(1), t.person(2, left_on => '2026-04-06');" ALIVE,
      .week = "2026-04-06", .den = 1, .excluded = 1 },
    { "no seat, not counted", "select t.person(1), t.person(2, seat => false);" ALIVE "select t.act(2, '2026-03-09 09:00')",
      .week = "2026-03-09", .den = 1 },
    { "managers and champions count", "select t.person(1, 'a', 'manager'), t.person(2, 'a', 'champion');" ALIVE
      "select t.act(1, '2026-03-09 09:00'), t.act(2, '2026-03-09 09:00')", .week = "2026-03-09", .num = 2, .den = 2 },
    { "nobody else does", "select t.person(1), t.person(2, 'a', 'vendor'), t.person(3, 'a', 'external'),"
      " t.person(4, 'a', 'service'), t.person(5, 'a', 'test');" ALIVE
      "select t.act(i, '2026-03-09 09:00') from generate_series(2, 5) i", .week = "2026-03-09", .den = 1 },
    { "a silent week is no data", "select t.person(1); select t.alive(1, '2026-03-02', '2026-03-08'); select t.act(1, '2026-03-03 09:00')",
      .week = "2026-03-09", .excluded = 1, .no_data = true },
    { "one sign of life is enough", "select t.person(1); select t.alive(1, '2026-03-13', '2026-03-13'); select t.act(1, '2026-03-03 09:00')",
      .week = "2026-03-09", .den = 1 },
    { "a logon is a sign of life", "select t.person(1), t.act(1, '2026-03-03 09:00'), t.act(1, '2026-03-10 09:00', 'login')",
      .week = "2026-03-09", .den = 1 },
    { "another source does not help one that carries the value events",
      "select t.person(1); select t.act(1, '2026-03-03 09:00'); select t.alive(2, '2026-03-02', '2026-05-30')",
      .week = "2026-03-09", .excluded = 1, .no_data = true },
    { "no value event ever: a tool alive and unused is zero", "select t.person(1); select t.alive(2, '2026-03-02', '2026-05-30')",
      .week = "2026-03-09", .den = 1 },
    { "nothing ever", "select t.person(1)", .week = "2026-03-09", .excluded = 1, .no_data = true },
    { "the running week, cut at midnight", THREE "select t.act(1, '2026-03-10 23:59'), t.act(2, '2026-03-11 00:00')",
      .week = "2026-03-09", .num = 1, .den = 3, .as_of = "2026-03-11T09:00:00Z", .running = true },
    { "who joins later this week is not there yet", "select t.person(1), t.person(2, joined => '2026-03-12');" ALIVE,
      .week = "2026-03-09", .den = 1, .as_of = "2026-03-11T09:00:00Z", .running = true },
    { "complete from Monday 00:00 in Rome", THREE, .week = "2026-03-09", .den = 3, .as_of = "2026-03-15T23:00:00Z" },
    { "and not a second before", THREE, .week = "2026-03-09", .den = 3, .as_of = "2026-03-15T22:59:59Z", .running = true },
    { "a window that opens on Wednesday", THREE "select t.act(1, '2026-03-03 09:00'), t.act(2, '2026-03-04 09:00')",
      .week = "2026-03-02", .num = 1, .den = 3, .start = "2026-03-04", .running = true },
    { "a window that ends on Saturday", THREE "select t.act(1, '2026-05-30 23:59'), t.act(2, '2026-05-31 09:00')",
      .week = "2026-05-25", .num = 1, .den = 3, .running = true },
};

/* t.weeks(n, from, to): active in these weeks, counted from W10 = 2 March; 12 to 21 are used. */
#define WEEKS_SQL "create or replace function t.weeks(n int, first int, last int) returns void language sql as $$" \
    " select t.act(n, '2026-03-04 09:00'::timestamp + (w - 10) * interval '7 days') from generate_series(first, last) w $$;"
#define ONE WEEKS_SQL "select t.person(1);" ALIVE

static const struct row sustained_rows[] = {
    { "6 of the last 8", ONE "select t.weeks(1, 14, 19)", .week = "2026-05-18", .num = 1, .den = 1 },
    { "5 of them", ONE "select t.weeks(1, 14, 18)", .den = 1 },
    { "12 and 13 are not among the last 8", ONE "select t.weeks(1, 12, 18)", .den = 1 },
    { "the last week is incomplete", ONE "select t.weeks(1, 17, 22)", .den = 1 },
    { "7 of 10", ONE "select t.weeks(1, 12, 18)", .num = 1, .den = 1, .params = "{\"min_active\":7,\"weeks\":10}" },
    { "10 and 11 are onboarding", ONE "select t.weeks(1, 10, 17)", .den = 1, .params = "{\"min_active\":7,\"weeks\":10}" },
    { "a shorter look needs six eligible weeks all the same", ONE "select t.weeks(1, 18, 21)", .num = 1, .den = 1,
      .params = "{\"min_active\":4,\"weeks\":4}" },
    { "of the team", ONE "select t.person(2, 'b'), t.weeks(2, 14, 21)", .subject = "b", .num = 1, .den = 1 },
    { "six eligible weeks: 5 are asked (4.5)", WEEKS_SQL "select t.person(1, joined => '2026-04-13');" ALIVE "select t.weeks(1, 16, 20)",
      .num = 1, .den = 1 },
    { "4 are too few", WEEKS_SQL "select t.person(1, joined => '2026-04-13');" ALIVE "select t.weeks(1, 16, 19)", .den = 1 },
    { "joined on Saturday before: the week does not count", WEEKS_SQL "select t.person(1, joined => '2026-04-11');" ALIVE
      "select t.weeks(1, 16, 20)", .num = 1, .den = 1 },
    { "five eligible weeks cannot be assessed", WEEKS_SQL "select t.person(1, joined => '2026-04-20');" ALIVE "select t.weeks(1, 17, 21)",
      .excluded = 1 },
    { "who left is assessed up to leaving", WEEKS_SQL "select t.person(1, left_on => '2026-04-24');" ALIVE "select t.weeks(1, 12, 16)",
      .num = 1, .den = 1 },
    { "a closed week makes place for an older one", ONE "update pilot_day set working = false where week = '2026-05-11';"
      "select t.weeks(1, 13, 18)", .num = 1, .den = 1 },
    { "so does a week without data", ONE "select t.weeks(1, 13, 18); delete from heartbeat where hour between '2026-05-11' and '2026-05-17'",
      .num = 1, .den = 1 },
    { "without it, not", ONE "select t.weeks(1, 13, 17), t.act(1, '2026-05-19 09:00')", .den = 1 },
    { "silence in all weeks", "select t.person(1), t.act(1, '2026-03-03 09:00')", .excluded = 1, .no_data = true },
    { "too early: nothing to judge", ONE "select t.weeks(1, 10, 12)", .week = "2026-03-09", .excluded = 1, .as_of = "2026-03-20T09:00:00Z" },
    { "no complete week yet", ONE, .week = "2026-03-02", .excluded = 1, .as_of = "2026-03-06T09:00:00Z", .running = true },
    { "who joins later is not there yet", WEEKS_SQL "select t.person(1), t.person(2, joined => '2026-05-04');" ALIVE "select t.weeks(1, 12, 17)",
      .num = 1, .den = 1, .as_of = "2026-04-29T09:00:00Z" },
    { "60 days from Monday: 4 of 6 fits", ONE "select t.weeks(1, 14, 17)", .num = 1, .den = 1, .end = "2026-04-30",
      .params = "{\"min_active\":4,\"weeks\":6}" },
    { "60 days, 3 are too few", ONE "select t.weeks(1, 15, 17)", .den = 1, .end = "2026-04-30",
      .params = "{\"min_active\":4,\"weeks\":6}" },
    { "75 days: 6 of 8 fits", ONE "select t.weeks(1, 12, 17)", .num = 1, .den = 1, .end = "2026-05-15" },
    { "75 days, week 11 is onboarding", ONE "select t.weeks(1, 11, 16)", .den = 1, .end = "2026-05-15" },
    { "from Wednesday: the week of the 9th ends on day 12, onboarding", ONE "select t.weeks(1, 11, 16)", .den = 1,
      .start = "2026-03-04", .end = "2026-05-10", .params = "{\"min_active\":6,\"weeks\":8}" },
    { "the week of the 16th is used", ONE "select t.weeks(1, 12, 17)", .num = 1, .den = 1,
      .start = "2026-03-04", .end = "2026-05-10", .params = "{\"min_active\":6,\"weeks\":8}" },
    /* at the end of April: 12..17 are over, 18 runs, 18..21 are left */
    { "best: 4 weeks are left, 2 of 14..17 are needed", ONE "select t.weeks(1, 16, 17)", .part = "best", .num = 1, .den = 1,
      .as_of = "2026-04-29T09:00:00Z" },
    { "best: 1 is not enough", ONE "select t.weeks(1, 12, 13), t.weeks(1, 17, 17)", .part = "best", .den = 1,
      .as_of = "2026-04-29T09:00:00Z" },
    { "worst: 6 of 8 cannot be sure with 4 left", ONE "select t.weeks(1, 12, 17)", .part = "worst", .den = 1,
      .as_of = "2026-04-29T09:00:00Z" },
    { "worst: 4 of 8 can", ONE "select t.weeks(1, 14, 17)", .part = "worst", .num = 1, .den = 1,
      .as_of = "2026-04-29T09:00:00Z", .params = "{\"min_active\":4,\"weeks\":8}" },
    { "worst: the running week is not credited", ONE "select t.weeks(1, 15, 18)", .part = "worst", .den = 1,
      .as_of = "2026-05-02T09:00:00Z", .params = "{\"min_active\":4,\"weeks\":8}" },
    { "who joins later can still make it", WEEKS_SQL "select t.person(1), t.person(2, joined => '2026-04-10');" ALIVE, .part = "best",
      .num = 2, .den = 2, .as_of = "2026-04-01T09:00:00Z" },
    { "or come too late", WEEKS_SQL "select t.person(1), t.person(2, joined => '2026-04-20');" ALIVE, .part = "best",
      .num = 1, .den = 1, .excluded = 1, .as_of = "2026-04-01T09:00:00Z" },
    { "at the end best is what is", ONE "select t.weeks(1, 14, 18)", .part = "best", .den = 1 },
    { "and worst", ONE "select t.weeks(1, 14, 19)", .part = "worst", .num = 1, .den = 1 },
    { "before day one", "select t.person(1)", .part = "best", .num = 1, .den = 1, .as_of = "2026-02-20T09:00:00Z", .running = true },
};

static const struct row retention_rows[] = {
    { "came back", THREE "select t.act(1, '2026-03-03 09:00'), t.act(2, '2026-03-04 09:00'), t.act(1, '2026-03-09 09:00')",
      .week = "2026-03-02", .part = "calendar/+01", .num = 1, .den = 2 },
    { "a cohort without people", THREE "select t.act(1, '2026-03-03 09:00')", .week = "2026-03-09", .part = "calendar/+00" },
    { "on leave for ever", "select t.person(1, left_on => '2026-03-06'), t.person(2);" ALIVE
      "select t.act(1, '2026-03-03 09:00'), t.act(2, '2026-03-04 09:00')",
      .week = "2026-03-02", .part = "calendar/+01", .den = 1, .excluded = 1 },
    { "a closed week", THREE "update pilot_day set working = false where week = '2026-03-09';"
      "select t.act(1, '2026-03-03 09:00'), t.act(1, '2026-03-10 09:00')",
      .week = "2026-03-02", .part = "calendar/+01", .excluded = 1 },
    { "a week without data", "select t.person(1), t.act(1, '2026-03-03 09:00')", .week = "2026-03-02", .part = "calendar/+01",
      .excluded = 1, .no_data = true },
    { "began on the Sunday of a closed week", THREE "update pilot_day set working = false where week = '2026-03-09';"
      "select t.act(1, '2026-03-15 09:00')", .week = "2026-03-09", .part = "calendar/+00", .excluded = 1 },
    { "a first partial week is a cohort", THREE "select t.act(1, '2026-03-05 09:00'), t.act(1, '2026-03-09 09:00')",
      .start = "2026-03-04", .week = "2026-03-02", .part = "calendar/+01", .num = 1, .den = 1 },
    { "personal: Thursday to Wednesday", THREE "select t.act(1, '2026-03-05 09:00'), t.act(1, '2026-03-18 23:00')",
      .week = "2026-03-02", .part = "personal/+01", .num = 1, .den = 1 },
    { "personal: the Thursday after is the next", THREE "select t.act(1, '2026-03-05 09:00'), t.act(1, '2026-03-19 00:00')",
      .week = "2026-03-02", .part = "personal/+01", .den = 1 },
    { "personal: who has not lived through it is not in it", THREE
      "select t.act(1, '2026-03-03 09:00'), t.act(2, '2026-03-06 09:00'), t.act(1, '2026-03-11 09:00')",
      .week = "2026-03-02", .part = "personal/+01", .num = 1, .den = 1, .as_of = "2026-03-18T09:00:00Z", .running = true },
    { "personal: all have", THREE "select t.act(1, '2026-03-03 09:00'), t.act(2, '2026-03-06 09:00'), t.act(1, '2026-03-11 09:00')",
      .week = "2026-03-02", .part = "personal/+01", .num = 1, .den = 2, .as_of = "2026-03-22T23:00:00Z" },
    { "personal: left in between", "select t.person(1, left_on => '2026-03-16');" ALIVE "select t.act(1, '2026-03-05 09:00')",
      .week = "2026-03-02", .part = "personal/+01", .den = 1 },
    { "personal: left before", "select t.person(1, left_on => '2026-03-11');" ALIVE "select t.act(1, '2026-03-05 09:00')",
      .week = "2026-03-02", .part = "personal/+01", .excluded = 1 },
    { "personal: no working day before leaving", "select t.person(1, left_on => '2026-03-15');" ALIVE "select t.act(1, '2026-03-07 09:00')",
      .week = "2026-03-02", .part = "personal/+01", .excluded = 1 },
    { "personal: silence", "select t.person(1), t.act(1, '2026-03-03 09:00')", .week = "2026-03-02", .part = "personal/+02",
      .excluded = 1, .no_data = true },
    { "started, of all who count", THREE "select t.act(1, '2026-03-03 09:00'), t.act(2, '2026-03-09 09:00')",
      .week = "2026-03-09", .part = "started", .num = 2, .den = 3 },
    { "not yet", THREE "select t.act(1, '2026-03-03 09:00'), t.act(2, '2026-03-09 09:00')",
      .week = "2026-03-02", .part = "started", .num = 1, .den = 3 },
};

/* day, reason, loaded, duplicates, quarantined, reread of source 1 and 2 */
#define INTAKE "insert into intake_day select 1, * from (values" \
    " (1, '2026-03-09'::date, 0, 90, 10, 0, 7), (1, '2026-03-15', 4, 0, 0, 3, 0), (1, '2026-03-15', 7, 0, 0, 1, 0)," \
    " (1, '2026-03-16', 0, 5, 0, 0, 0), (2, '2026-03-10', 0, 50, 2, 0, 0), (2, '2026-03-01', 0, 9, 9, 9, 0)) v;"

static const struct row duplicate_rows[] = {
    { "all sources", INTAKE, .week = "2026-03-09", .num = 12, .den = 156 },
    { "one", INTAKE, .week = "2026-03-09", .part = "source:crm", .num = 10, .den = 104 },
    { "the other", INTAKE, .week = "2026-03-09", .part = "source:billing", .num = 2, .den = 52 },
    { "nothing came", INTAKE, .week = "2026-03-16", .part = "source:billing", .no_data = true },
    { "nothing came, but it is alive", INTAKE "select t.alive(2, '2026-03-16', '2026-03-20')", .week = "2026-03-16", .part = "source:billing" },
    { "only read again", "insert into intake_day values (1, 1, '2026-03-10', 0, 0, 0, 0, 8)", .week = "2026-03-09" },
    { "before the window", INTAKE, .week = "2026-03-02", .no_data = true },
    { "the running week", INTAKE, .week = "2026-03-09", .num = 10, .den = 100, .as_of = "2026-03-10T09:00:00Z", .running = true },
};

static const struct row quarantine_rows[] = {
    { "all sources", INTAKE, .week = "2026-03-09", .num = 4, .den = 156 },
    { "one", INTAKE, .week = "2026-03-09", .part = "source:crm", .num = 4, .den = 104 },
    { "one reason", INTAKE, .week = "2026-03-09", .part = "source:crm/duplicate_key", .num = 3, .den = 104 },
    { "another", INTAKE, .week = "2026-03-09", .part = "source:crm/missing_id", .num = 1, .den = 104 },
    { "a reason in a week without it", INTAKE, .week = "2026-03-16", .part = "source:crm/missing_id", .num = 0, .den = 5 },
    { "nothing came", INTAKE, .week = "2026-03-23", .part = "source:crm/missing_id", .no_data = true },
};

static const struct row coverage_rows[] = {
    { "workdays heard", "select t.alive(1, '2026-03-09', '2026-03-11')", .week = "2026-03-09", .part = "source:crm", .num = 3, .den = 5 },
    { "a free day does not help", "insert into heartbeat values (1, 1, '2026-03-14 12:00+01')", .week = "2026-03-09", .part = "source:crm", .den = 5 },
    { "an event is a sign of life", "select t.act(null, '2026-03-09 10:00', 'x')", .week = "2026-03-09", .part = "source:crm", .num = 1, .den = 5 },
    { "a holiday is not expected", "select t.alive(1, '2026-04-06', '2026-04-12')", .week = "2026-04-06", .part = "source:crm", .num = 4, .den = 4 },
    { "hours, in the week of 167", "update source set cadence = 'hourly' where source_id = 1;"
      "insert into heartbeat select 1, 1, h from generate_series('2026-03-22 00:00+01'::timestamptz, '2026-03-31 12:00+02', '1 hour') h",
      .week = "2026-03-23", .part = "source:crm", .num = 167, .den = 167 },
    { "hours, half of a day", "update source set cadence = 'hourly' where source_id = 1;"
      "insert into heartbeat select 1, 1, h from generate_series('2026-03-10 06:00+01'::timestamptz, '2026-03-10 17:00+01', '1 hour') h",
      .week = "2026-03-09", .part = "source:crm", .num = 12, .den = 168 },
    { "hours, in the week of 169", "update source set cadence = 'hourly' where source_id = 1;"
      "insert into heartbeat select 1, 1, h from generate_series('2026-10-19 00:00+02'::timestamptz, '2026-10-25 23:00+01', '1 hour') h",
      .week = "2026-10-19", .part = "source:crm", .num = 169, .den = 169, .start = "2026-09-07", .end = "2026-11-29",
      .as_of = "2026-12-10T00:00:00Z" },
    { "where midnight comes twice", "update source set cadence = 'hourly' where source_id = 1;"
      "insert into heartbeat select 1, 1, h from generate_series('2026-10-26 00:00-04'::timestamptz, '2026-11-01 23:00-05', '1 hour') h",
      .week = "2026-10-26", .part = "source:crm", .num = 169, .den = 169, .start = "2026-09-07", .end = "2026-11-29",
      .as_of = "2026-12-10T00:00:00Z", .tz = "America/Havana" },
    { "never expected", "update source set cadence = 'none' where source_id = 1; select t.alive(1, '2026-03-09', '2026-03-11')",
      .week = "2026-03-09", .part = "source:crm" },
    { "all together", "update source set cadence = 'none' where source_id = 1; select t.alive(1, '2026-03-09', '2026-03-11');"
      "select t.alive(2, '2026-03-09', '2026-03-10')", .week = "2026-03-09", .num = 2, .den = 5 },
    { "the running week", "select t.alive(1, '2026-03-09', '2026-03-11')", .week = "2026-03-09", .part = "source:crm", .num = 2, .den = 2,
      .as_of = "2026-03-11T09:00:00Z", .running = true },
};
/* clang-format on */

static void
test_weekly_active(void)
{
    TRY("weekly_active", weekly_rows);
}

static void
test_sustained_users(void)
{
    TRY("sustained_users", sustained_rows);
}

static void
test_retention(void)
{
    TRY("retention", retention_rows);
}

static void
test_duplicate_events(void)
{
    TRY("duplicate_events", duplicate_rows);
}

static void
test_quarantine_rate(void)
{
    TRY("quarantine_rate", quarantine_rows);
}

static void
test_source_coverage(void)
{
    TRY("source_coverage", coverage_rows);
}

static void
test_bad_params(void)
{
    static const char *const bad[] = { "{\"weeks\":0}",
                                       "{\"weeks\":-8}",
                                       "{\"weeks\":\"8\"}",
                                       "{\"weeks\":7.5}",
                                       "{\"min_active\":0}",
                                       "[]x",
                                       "" };
    struct arena             mem;
    struct kpi_point        *p;
    size_t                   n;

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    struct pilot pilot = help_read_pilot(&pg);
    arena_init(&mem, 1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = ERR_INIT;

        t_row = bad[i];
        CHECK(db_begin_read(pg_app(&pg), 1, &e));
        CHECK(!kpi_compute(pg_app(&pg), kpi_find("sustained_users"), &pilot, help_time(OVER),
                           bad[i], &mem, &p, &n, &e));
        CHECK_I(e.code, ERR_INVALID);
        db_rollback(pg_app(&pg));
    }
    t_row = NULL;
    arena_free(&mem);
}

/* What a door gets is the published form, and no other workspace's. */
static void
test_read(void)
{
    struct arena      mem;
    struct err        e = ERR_INIT;
    struct kpi_point *p = NULL;
    size_t            n = 0;

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    pg_sql(&pg, "%s select t.roll()", THREE "select t.act(1, '2026-03-09 09:00');");
    struct pilot pilot = help_read_pilot(&pg);
    arena_init(&mem, 1 << 20);
    CHECK(db_begin_read(pg_app(&pg), 1, &e));
    CHECK(kpi_read(pg_app(&pg), kpi_find("weekly_active"), &pilot, help_time(OVER), NULL, &mem, &p,
                   &n, &e));
    CHECK(db_commit(pg_app(&pg), &e));
    CHECK_I(n, 3 * 13);
    for (size_t i = 0; i < n; i++)
        CHECK(p[i].band == KPI_HIDDEN && p[i].num == 0 && p[i].den == 0);
    CHECK(db_begin_read(pg_app(&pg), 2, &e)); /* the wall: nothing of workspace 1 is seen */
    CHECK(kpi_compute(pg_app(&pg), kpi_find("weekly_active"), &pilot, help_time(OVER), NULL, &mem,
                      &p, &n, &e));
    for (size_t i = 0; i < n; i++)
        CHECK(p[i].den == 0 && p[i].excluded == 0 && p[i].no_data);
    CHECK(db_commit(pg_app(&pg), &e));
    arena_free(&mem);
}

int
main(void)
{
    pg = pg_fresh();
    T_RUN(test_weekly_active);
    T_RUN(test_sustained_users);
    T_RUN(test_retention);
    T_RUN(test_duplicate_events);
    T_RUN(test_quarantine_rate);
    T_RUN(test_source_coverage);
    T_RUN(test_bad_params);
    T_RUN(test_read);
    pg_drop(&pg);
    return t_end();
}
