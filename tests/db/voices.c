/* voices.c - which sources are silent against what they declared, and when each was heard. */
#include "house.h"
#include "t.h"

#include "collaudo/ingest_voice.h"
#include "collaudo/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static usec_t
instant(const char *text)
{
    usec_t t = 0;

    if (!time_parse(text, strlen(text), &t))
        abort();
    return t;
}

/* Working days of the house's pilot: 2 March to 30 May 2026 but for Easter Monday, 1 May, and a
 * closure on 19 and 20 March. */
static const char days_sql[] =
    "insert into pilot_day (workspace_id, pilot_id, day, week, working)"
    " select 1, 1, d, d - (d - date '1900-01-01') % 7,"
    "        extract(isodow from d) < 6 and d not in ('2026-04-06', '2026-05-01', '2026-03-19', "
    "'2026-03-20')"
    " from (select '2026-03-02'::date + i as d from generate_series(0, 89) i) x;"
    "update tool set owner = 'IT'";

/* Of source crm, as it would be told at `now`. */
static struct ingest_voice
ask(struct house *h, usec_t now)
{
    struct ingest_voice *v = NULL;
    size_t               n = 0;
    struct err           e = ERR_INIT;

    if (!ingest_voices_load(h->sources, pg_loader(&h->pg), now, &e) ||
        !ingest_voices(h->sources, h->ledger, now, &h->mem, &v, &n, &e)) {
        fprintf(stderr, "voices: %s\n", e.text);
        exit(1);
    }
    for (size_t i = 0; i < n; i++)
        if (strcmp(v[i].name, "crm") == 0)
            return v[i];
    abort();
}

/* clang-format off */
static const struct {
    const char *what, *cadence, *heard, *now, *since; /* since: NULL: not silent */
    const char *change; /* SQL, or NULL */
} rows[] = {
    /* every hour */
    { "in this hour",              "hourly", "2026-03-10T10:05:00Z", "2026-03-10T10:59:59Z", NULL, NULL },
    { "in the hour before",        "hourly", "2026-03-10T09:00:00Z", "2026-03-10T10:59:59Z", NULL, NULL },
    { "an hour passed without it", "hourly", "2026-03-10T08:59:59Z", "2026-03-10T10:00:00Z", "2026-03-10T08:59:59Z", NULL },
    { "nights and Sundays too",    "hourly", "2026-03-14T22:00:00Z", "2026-03-15T02:00:00Z", "2026-03-14T22:00:00Z", NULL },
    { "never",                     "hourly", NULL,                   "2026-03-10T10:00:00Z", "2026-03-01T23:00:00Z", NULL },
    { "in the first hour nothing is missed", "hourly", NULL,         "2026-03-01T23:59:59Z", NULL, NULL },
    { "after it something is",     "hourly", NULL,                   "2026-03-02T00:00:00Z", "2026-03-01T23:00:00Z", NULL },
    { "declared half an hour ago", "hourly", NULL,                   "2026-03-10T10:59:00Z", NULL, "update source set made_at = '2026-03-10T10:20:00Z'" },
    { "declared two hours ago",    "hourly", NULL,                   "2026-03-10T12:00:00Z", "2026-03-10T10:20:00Z", "update source set made_at = '2026-03-10T10:20:00Z'" },
    /* every working day */
    { "yesterday",                 "workday", "2026-03-09T08:00:00Z", "2026-03-10T22:59:59Z", NULL, NULL },
    { "yesterday, at its first instant", "workday", "2026-03-08T23:00:00Z", "2026-03-10T12:00:00Z", NULL, NULL },
    { "the evening before that",   "workday", "2026-03-08T22:59:59Z", "2026-03-10T12:00:00Z", "2026-03-08T22:59:59Z", NULL },
    { "a day passed without it",   "workday", "2026-03-09T08:00:00Z", "2026-03-10T23:00:00Z", "2026-03-09T08:00:00Z", NULL },
    { "Friday, asked on Saturday", "workday", "2026-03-13T08:00:00Z", "2026-03-14T12:00:00Z", NULL, NULL },
    { "Friday, asked on Sunday",   "workday", "2026-03-13T08:00:00Z", "2026-03-15T12:00:00Z", NULL, NULL },
    { "Friday, asked on Monday",   "workday", "2026-03-13T08:00:00Z", "2026-03-16T20:00:00Z", NULL, NULL },
    { "Friday, asked on Tuesday",  "workday", "2026-03-13T08:00:00Z", "2026-03-17T08:00:00Z", "2026-03-13T08:00:00Z", NULL },
    { "Thursday, asked on Saturday", "workday", "2026-03-12T08:00:00Z", "2026-03-14T12:00:00Z", "2026-03-12T08:00:00Z", NULL },
    { "Good Friday, on the Tuesday after Easter", "workday", "2026-04-03T08:00:00Z", "2026-04-07T20:00:00Z", NULL, NULL },
    { "and on the Wednesday",      "workday", "2026-04-03T08:00:00Z", "2026-04-08T08:00:00Z", "2026-04-03T08:00:00Z", NULL },
    { "before the closure, in it", "workday", "2026-03-18T08:00:00Z", "2026-03-20T20:00:00Z", NULL, NULL },
    { "before the closure, on the Monday after", "workday", "2026-03-18T08:00:00Z", "2026-03-23T20:00:00Z", NULL, NULL },
    { "and on the Tuesday",        "workday", "2026-03-18T08:00:00Z", "2026-03-24T08:00:00Z", "2026-03-18T08:00:00Z", NULL },
    { "the first day",             "workday", NULL, "2026-03-02T20:00:00Z", NULL, NULL },
    { "the second day",            "workday", NULL, "2026-03-03T08:00:00Z", "2026-03-01T23:00:00Z", NULL },
    { "declared yesterday at noon", "workday", NULL, "2026-03-10T20:00:00Z", NULL, "update source set made_at = '2026-03-09T11:00:00Z'" },
    { "declared the day before",   "workday", NULL, "2026-03-11T20:00:00Z", "2026-03-09T11:00:00Z", "update source set made_at = '2026-03-09T11:00:00Z'" },
    { "no working day at all",     "workday", NULL, "2026-03-20T20:00:00Z", NULL, "update pilot_day set working = false" },
    /* never expected */
    { "long ago",                  "none", "2026-03-02T08:00:00Z", "2026-05-30T12:00:00Z", NULL, NULL },
    { "not at all",                "none", NULL, "2026-05-30T12:00:00Z", NULL, NULL },
    /* when nothing is judged */
    { "before the pilot",          "hourly", NULL, "2026-03-01T22:00:00Z", NULL, NULL },
    { "the last evening",          "workday", "2026-05-20T08:00:00Z", "2026-05-30T21:00:00Z", "2026-05-20T08:00:00Z", NULL },
    { "after the pilot",           "workday", "2026-05-20T08:00:00Z", "2026-05-30T22:00:00Z", NULL, NULL },
    { "a draft",                   "hourly", NULL, "2026-03-10T10:00:00Z", NULL, "update pilot set state = 'draft'" },
    { "an archived one",           "hourly", NULL, "2026-03-10T10:00:00Z", NULL, "update pilot set state = 'archived'" },
    { "a replay",                  "hourly", NULL, "2026-03-10T10:00:00Z", NULL, "update pilot set replay = true, replay_as_of = '2026-03-01'" },
};
/* clang-format on */

static void
test_silence(void)
{
    struct house h = house_make();

    pg_sql(&h.pg, "%s", days_sql);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        t_row = rows[i].what;
        pg_sql(&h.pg,
               "update source set cadence = '%s', made_at = '2026-01-01'; delete from source_heard;"
               "update pilot set state = 'sealed', replay = false, replay_as_of = null; %s",
               rows[i].cadence, rows[i].change ? rows[i].change : "");
        if (rows[i].heard)
            pg_sql(&h.pg, "insert into source_heard values (1, 1, '%s')", rows[i].heard);
        struct ingest_voice v = ask(&h, instant(rows[i].now));
        CHECK_I(v.heard, rows[i].heard ? instant(rows[i].heard) : 0);
        CHECK(v.silent == (rows[i].since != NULL));
        if (v.silent && rows[i].since)
            CHECK_I(v.since, instant(rows[i].since));
        CHECK_S(v.owner, "IT");
        if (rows[i].change && strstr(rows[i].change, "pilot_day"))
            pg_sql(&h.pg, "delete from pilot_day; %s", days_sql);
    }
    house_drop(&h);
}

static int64_t
noted(struct house *h, const char *source)
{
    return pg_int(
        &h->pg,
        "select coalesce((extract(epoch from h.heard_at) * 1000000)::int8, 0) from source s"
        " left join source_heard h using (workspace_id, source_id) where s.code = '%s'",
        source);
}

/* What the loader notes: anything that came, good or bad, by the clock of the doors. */
static void
test_heard(void)
{
    struct house h = house_make();

    pg_sql(&h.pg, "%s", days_sql);
    CHECK_I(noted(&h, "crm"), 0);
    house_send_many(&h, "crm", 0, 10, "deal.move");
    h.now += USEC_SECOND;
    house_beat(&h, "billing", "");
    h.now += USEC_SECOND;
    house_send(&h, "tickets", "[{\"id\":\"1\"}]"); /* refused */
    house_work(&h);
    CHECK_I(noted(&h, "crm"), HOUSE_NOW);
    CHECK_I(noted(&h, "billing"), HOUSE_NOW + USEC_SECOND);
    CHECK_I(noted(&h, "tickets"), HOUSE_NOW + 2 * USEC_SECOND);
    h.now = HOUSE_NOW + USEC_HOUR;
    house_send_many(&h, "crm", 0, 10, "deal.move"); /* all there already: it is alive */
    house_work(&h);
    CHECK_I(noted(&h, "crm"), HOUSE_NOW + USEC_HOUR);
    h.now = HOUSE_NOW; /* never back */
    house_send_many(&h, "crm", 10, 20, "deal.move");
    house_work(&h);
    CHECK_I(noted(&h, "crm"), HOUSE_NOW + USEC_HOUR);
    house_conserved(&h);
    house_drop(&h);
}

/* The database is behind: what the doors took counts at once. */
static void
test_at_once(void)
{
    struct house h = house_make();
    usec_t       begun = time_now();
    struct str   s;

    pg_sql(&h.pg, "%s", days_sql);
    pg_sql(&h.pg, "update source set cadence = 'hourly';"
                  "update pilot set start_day = now()::date - 9, end_day = now()::date + 9");
    CHECK(ask(&h, begun).silent);
    str_init(&s, &h.mem);
    ingest_voices_metrics(h.sources, h.ledger, &s);
    CHECK(s.p && strstr(s.p, "collaudo_source_silent{workspace=\"1\",source=\"crm\"} 1\n"));
    CHECK(s.p && !strstr(s.p, "heard_seconds{"));
    house_beat(&h, "crm", "");
    struct ingest_voice v = ask(&h, time_now());
    CHECK(!v.silent && v.heard >= begun);
    CHECK_I(noted(&h, "crm"), 0);
    str_init(&s, &h.mem);
    ingest_voices_metrics(h.sources, h.ledger, &s);
    CHECK(s.p && strstr(s.p, "collaudo_source_silent{workspace=\"1\",source=\"crm\"} 0\n"));
    CHECK(s.p && strstr(s.p, "collaudo_source_silent{workspace=\"1\",source=\"billing\"} 1\n"));
    CHECK(s.p && strstr(s.p, "collaudo_source_heard_seconds{workspace=\"1\",source=\"crm\"} "));
    house_drop(&h);
}

int
main(void)
{
    T_RUN(test_silence);
    T_RUN(test_heard);
    T_RUN(test_at_once);
    return t_end();
}
