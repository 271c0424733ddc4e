/* rollup.c - rollup_days(): which day, which counts, late accounts, two at once, and a
 * recomputation in C after hundreds of random batches. */
#include "t.h"

#include "kpi_help.h"

#include "collaudo/json.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql_gen.h"

static struct pg pg;

static bool
roll_days(struct db *db, int64_t source, const int32_t *days, size_t n, struct err *e)
{
    return db_begin_control(db, e) &&
           db_exec(db, STMT(0, "select rollup_days($1, $2, $3)"),
                   DB_ARGS(db_int8(1), db_int8(source), db_dates(days, n)), NULL, e) &&
           db_commit(db, e);
}

static void
roll(int64_t source, const int32_t *days, size_t n)
{
    struct err e = ERR_INIT;

    if (!CHECK(roll_days(pg_loader(&pg), source, days, n, &e)))
        fprintf(stderr, "%s\n", e.text);
}

/* --- instants ---------------------------------------------------------------------- */

/* Every tricky instant is an event with a feature of its own: `i<row>`. */
static void
insert_instants(const cJSON *rows)
{
    struct help_event *ev = calloc((size_t)cJSON_GetArraySize(rows), sizeof *ev);
    const cJSON       *row;
    size_t             n = 0;

    cJSON_ArrayForEach (row, rows) {
        ev[n].source = 1;
        ev[n].account = 7;
        ev[n].at = help_time(json_text(row, "input"));
        snprintf(ev[n].id, sizeof ev[n].id, "i%zu", n);
        snprintf(ev[n].action, sizeof ev[n].action, "i%zu", n);
        n++;
    }
    help_copy(&pg, ev, n);
    free(ev);
}

static void
check_instants(const cJSON *rows)
{
    const cJSON *row;
    int          n = 0;

    cJSON_ArrayForEach (row, rows) {
        char *day = pg_text(&pg, "select day::text from usage_day where feature = 'i%d'", n);
        char *week = pg_text(
            &pg, "select to_char(day, 'IYYY-\"W\"IW') from usage_day where feature = 'i%d'", n);

        t_row = json_text(row, "input");
        CHECK_S(day, json_text(row, "day"));
        CHECK_S(week, json_text(row, "iso_week"));
        free(day);
        free(week);
        n++;
    }
    CHECK_I(pg_int(&pg, "select count(*) from usage_day"), n);
    CHECK(n >= 86);
    t_row = NULL;
}

/* In one call over 130 years, and one day at a time. */
static void
test_instants(void)
{
    struct arena mem;
    struct err   e = ERR_INIT;
    size_t       len, n = 0;
    char        *text = t_file("tests/data/tz/instants.json", &len);
    const cJSON *rows = NULL, *row;
    int32_t      day[200];

    arena_init(&mem, 1 << 20);
    CHECK(json_parse(&mem, text, len, &rows, &e));
    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    insert_instants(rows);
    cJSON_ArrayForEach (row, rows)
        day[n++] = help_day(json_text(row, "day"));
    roll(1, day, n);
    check_instants(rows);
    pg_sql(&pg, "truncate usage_day, person_day, source_day");
    for (size_t i = 0; i < n; i++)
        roll(1, &day[i], 1);
    check_instants(rows);
    free(text);
    arena_free(&mem);
}

/* --- hours --------------------------------------------------------------------------- */

static void
test_hours(void)
{
    static const struct {
        const char *tz, *day;
        int         hours, beats; /* full hours of UTC that begin in it */
    } row[] = {
        { "Europe/Rome", "2026-03-29", 23, 23 },         { "Europe/Rome", "2026-10-25", 25, 25 },
        { "Europe/Rome", "2026-03-30", 24, 24 },         { "UTC", "2026-03-29", 24, 24 },
        { "Asia/Kolkata", "2026-03-29", 24, 24 },        /* half an hour off */
        { "America/Havana", "2026-11-01", 25, 25 },      /* midnight comes twice */
        { "America/Sao_Paulo", "2018-11-04", 23, 23 },   /* midnight does not come */
        { "Asia/Beirut", "2026-10-24", 25, 25 },         /* 24:00 becomes 23:00 */
        { "Australia/Lord_Howe", "2026-10-04", 24, 23 }, /* 23.5 hours long */
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int32_t day = help_day(row[i].day), around[] = { day - 1, day, day + 1 };

        t_row = row[i].tz;
        help_pilot(&pg, row[i].day, row[i].day, row[i].tz);
        pg_sql(
            &pg,
            "insert into event select 1, 1, 'q' || q, 1, t, t, t.aid(1), t.aid(0), 0, 0, 'deal.x',"
            " 'f' from generate_series(0, 287) q, lateral (select '%s'::timestamptz - interval"
            " '1 day' + q * interval '15 minutes' as t) x;"
            "insert into heartbeat select distinct 1, 2, date_trunc('hour', happened_at)"
            " from event",
            row[i].day);
        roll(1, around, 3);
        roll(2, around, 3);
        CHECK_I(pg_int(&pg,
                       "select covered_hours from source_day where source_id = 1"
                       " and day = '%s'",
                       row[i].day),
                row[i].hours);
        CHECK_I(pg_int(&pg, "select events from source_day where source_id = 1 and day = '%s'",
                       row[i].day),
                pg_int(&pg,
                       "select count(*) from event where (happened_at at time zone '%s')::date"
                       " = '%s'",
                       row[i].tz, row[i].day));
        CHECK_I(pg_int(&pg,
                       "select covered_hours from source_day where source_id = 2"
                       " and events = 0 and day = '%s'",
                       row[i].day),
                row[i].beats);
    }
    t_row = NULL;
}

/* --- what is counted ------------------------------------------------------------------ */

static int64_t
of_person(int person, const char *day, const char *what)
{
    return pg_int(&pg,
                  "select coalesce(sum(%s), 0) from person_day where person_id = %d and day = '%s'",
                  what, person, day);
}

static void
test_counts(void)
{
    int32_t day = help_day("2026-03-03");

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    pg_sql(&pg,
           "select t.person(1), t.person(2), t.person(3);"
           "update account set kind = 'shared' where person_id = 3;"
           "select t.act(1, '2026-03-03 09:00'), t.act(1, '2026-03-03 23:59:59'),"
           " t.act(1, '2026-03-04 00:00'), t.act(1, '2026-03-03 10:00', 'login'),"
           " t.act(1, '2026-03-03 11:00', 'deal.move', 2), t.act(9, '2026-03-03 09:00'),"
           " t.act(null, '2026-03-03 12:00'), t.act(3, '2026-03-03 09:30'),"
           " t.act(2, '2026-03-03 10:00', 'DEAL.move'), t.act(2, '2026-03-03 10:00', 'dealXmove'),"
           " t.act(2, '2026-03-03 10:00', 'deal.logon');"
           "update event set type = 3 where action = 'deal.logon'");
    roll(1, &day, 1);
    roll(2, &day, 1);
    CHECK_I(of_person(1, "2026-03-03", "events"), 4); /* both sources, not tomorrow's */
    CHECK_I(of_person(1, "2026-03-03", "value_events"), 3);
    CHECK_I(of_person(2, "2026-03-03", "value_events"), 0); /* patterns are exact, logons none */
    CHECK_I(of_person(2, "2026-03-03", "events"), 3);
    CHECK_I(of_person(3, "2026-03-03", "events"), 0); /* a shared account is nobody */
    CHECK_I(pg_int(&pg, "select count(*) from usage_day where aid = t.aid(9) and person_id is null"
                        " and kind = 'unknown' and events = 1"),
            1);
    CHECK_I(pg_int(&pg, "select events from source_day where source_id = 1"), 9);
    CHECK_I(pg_int(&pg, "select value_events from source_day where source_id = 1"), 5);
    CHECK_I(pg_int(&pg, "select covered_hours from source_day where source_id = 1"), 4);
    CHECK_I(pg_int(&pg, "select sum(events) from usage_day where source_id = 1"), 8);
    CHECK_I(pg_int(&pg, "select count(*) from usage_day where day <> '2026-03-03'"), 0);
}

static void
test_late_account_and_erasure(void)
{
    int32_t day[] = { help_day("2026-03-03"), help_day("2026-03-10") };

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    pg_sql(&pg, "select t.person(1); delete from account;"
                "select t.act(1, '2026-03-03 09:00'), t.act(1, '2026-03-10 09:00')");
    roll(1, day, 2);
    CHECK_I(pg_int(&pg, "select count(*) from person_day"), 0);
    pg_sql(&pg, "insert into account values (1, 1, t.aid(1), 1, 1, 'named')");
    roll(1, day, 2);
    CHECK_I(pg_int(&pg, "select count(*) from person_day"), 2);
    pg_sql(&pg, "delete from event where happened_at < '2026-03-04'");
    roll(1, day, 1);
    CHECK_I(pg_int(&pg, "select count(*) from person_day"), 1);
    CHECK_I(pg_int(&pg, "select count(*) from source_day"), 1);
    CHECK_I(pg_int(&pg, "select count(*) from usage_day"), 1);
}

static void
test_odd_calls(void)
{
    struct err e = ERR_INIT;
    int32_t    day = help_day("2026-03-03"), apia = help_day("2011-12-30");

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Pacific/Apia");
    pg_sql(&pg, "select t.person(1), t.act(1, '2026-03-03 09:00')");
    roll(1, NULL, 0);
    CHECK_I(pg_int(&pg, "select count(*) from usage_day"), 0);
    roll(1, &apia, 1); /* a day the zone never had */
    roll(1, (int32_t[]){ day, day, day }, 3);
    CHECK_I(pg_int(&pg, "select sum(events) from usage_day"), 1);
    CHECK(!roll_days(pg_loader(&pg), 99, &day, 1, &e));
    CHECK_I(e.code, ERR_INVALID);
    db_rollback(pg_loader(&pg));
    CHECK(!roll_days(pg_app(&pg), 1, &day, 1, &e)); /* not the service's to call */
    CHECK_S(e.sqlstate, "42501");
    db_rollback(pg_app(&pg));
}

/* --- the freeze ------------------------------------------------------------------------ */

static const struct freeze_row {
    const char *tz, *end;
    int         grace;
} freezes[] = {
    { "Europe/Rome", "2026-05-30", 72 },
    { "Europe/Rome", "2026-10-24", 0 },
    { "Europe/Rome", "2026-03-28", 24 },
    { "America/Havana", "2026-10-31", 1 }, /* two midnights */
    { "America/Havana", "2026-03-07", 1 }, /* none */
    { "Pacific/Apia", "2011-12-29", 5 },
    { "Asia/Beirut", "2026-03-28", 0 },
};

/* The instant of the freeze is the same in C and in SQL. */
static void
test_frozen_from(void)
{
    for (size_t i = 0; i < sizeof freezes / sizeof *freezes; i++) {
        const struct freeze_row *f = &freezes[i];
        const struct time_zone  *zone = NULL;
        struct err               e = ERR_INIT;

        t_row = f->tz;
        CHECK(time_zone_find(f->tz, &zone, &e));
        CHECK_I(pg_int(&pg,
                       "select (extract(epoch from frozen_from('%s', '%s', %d)) * 1000000)::int8",
                       f->tz, f->end, f->grace),
                time_day_start(zone, help_day(f->end) + 1) + f->grace * USEC_HOUR);
    }
    t_row = NULL;
}

/* What comes after the freeze is stored and told; no figure of the window follows it, whoever
 * has the day counted again, and however often. */
static void
test_late(void)
{
    int32_t day[] = { help_day("2026-05-29"), help_day("2026-05-31") };

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    pg_sql(&pg,
           "select t.person(1), t.act(1, '2026-05-29 09:00'), t.act(1, '2026-05-29 10:00'),"
           " t.act(1, '2026-05-29 11:00'), t.act(null, '2026-05-29 12:00'),"
           " t.act(1, '2026-05-31 09:00');"
           "update event set received_at = case"
           " when happened_at = '2026-05-29 10:00+02' then timestamptz '2026-06-02 23:59:59+02'"
           " when happened_at > '2026-05-29 10:00+02' then '2026-06-03 00:00+02' else received_at"
           " end;"
           "insert into heartbeat values (1, 1, '2026-05-29 15:00+02', '2026-06-02 23:00+02'),"
           " (1, 1, '2026-05-29 16:00+02', '2026-06-03 00:00+02'),"
           " (1, 1, '2026-05-31 16:00+02', '2026-06-04 00:00+02')");
    for (int i = 0; i < 2; i++) {
        roll(1, day, 2);
        CHECK_I(of_person(1, "2026-05-29", "value_events"), 2);
        CHECK_I(pg_int(&pg, "select sum(events) from usage_day where day = '2026-05-29'"), 2);
        CHECK_I(pg_int(&pg, "select events from source_day where day = '2026-05-29'"), 2);
        CHECK_I(pg_int(&pg, "select late_events from source_day where day = '2026-05-29'"), 2);
        CHECK_I(pg_int(&pg, "select covered_hours from source_day where day = '2026-05-29'"), 3);
        /* behind the window nothing is frozen */
        CHECK_I(of_person(1, "2026-05-31", "events"), 1);
        CHECK_I(pg_int(&pg, "select covered_hours * 10 + late_events from source_day"
                            " where day = '2026-05-31'"),
                20);
        CHECK_I(pg_int(&pg, "select count(*) from event"), 5);
    }
}

/* Another workspace's source with the same number keeps its counts and its events. */
static void
test_other_workspace(void)
{
    int32_t day = help_day("2026-03-03");

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    pg_sql(&pg, "select t.person(1), t.act(1, '2026-03-03 09:00');"
                "insert into workspace (code, name, made_at) values ('x', 'X', '2026-01-01');"
                "insert into event select 2, source_id, event_id, pilot_id, happened_at,"
                " received_at, aid, hash, type, status, action, feature from event;"
                "insert into usage_day values (2, 1, '2026-03-03', 1, t.aid(1), 'f', 1, 'named', 5,"
                " 5); insert into person_day values (2, 1, '2026-03-03', 1, 5, 5);"
                "insert into source_day values (2, 1, '2026-03-03', 5, 5, 5)");
    roll(1, &day, 1);
    CHECK_I(pg_int(&pg, "select events from person_day where workspace_id = 2"), 5);
    CHECK_I(pg_int(&pg, "select events from usage_day where workspace_id = 2"), 5);
    CHECK_I(pg_int(&pg, "select events from source_day where workspace_id = 2"), 5);
    CHECK_I(pg_int(&pg, "select events from person_day where workspace_id = 1"), 1);
}

/* --- two at once ------------------------------------------------------------------------ */

struct roller {
    struct db *db;
    int64_t    source;
    bool       ok;
};

static void *
roll_often(void *arg)
{
    struct roller *r = arg;
    struct err     e = ERR_INIT;
    int32_t        day = help_day("2026-03-03");

    r->ok = true;
    for (int i = 0; i < 40 && r->ok; i++)
        r->ok = roll_days(r->db, r->source, &day, 1, &e);
    if (!r->ok)
        fprintf(stderr, "%s\n", e.text);
    return NULL;
}

static void
test_two_at_once(void)
{
    struct roller r[2] = { { .source = 1 }, { .source = 2 } };
    pthread_t     t[2];
    struct err    e = ERR_INIT;

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    pg_sql(&pg, "select t.person(i), t.act(i, '2026-03-03 09:00', 'deal.x', 1),"
                " t.act(i, '2026-03-03 09:00', 'deal.x', 2) from generate_series(1, 50) i");
    for (int i = 0; i < 2; i++) {
        CHECK(
            db_open(&(struct db_opts){ .conninfo = pg.conninfo, .role = DB_LOADER }, &r[i].db, &e));
        pthread_create(&t[i], NULL, roll_often, &r[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(t[i], NULL);
        CHECK(r[i].ok);
        db_close(r[i].db);
    }
    CHECK_I(pg_int(&pg, "select count(*) from person_day where events = 2"), 50);
}

/* --- random batches against a recomputation ------------------------------------------------ */

#define BATCHES 300
#define RANDOM_DAYS 30
#define ACCOUNTS 12
#define MOST_EVENTS 6000

struct model {
    struct help_event ev[MOST_EVENTS];
    size_t            n, made;
    int               person[3][ACCOUNTS]; /* of the account at source 1, 2; 0: nobody yet */
    int32_t           first;
    bool              dirty[3][RANDOM_DAYS + 2];
};

static struct model m;
static uint64_t     dice = 2463534242u;

static int throw(int sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (int)((dice >> 11) % (uint64_t)sides);
}

static void
mark(const struct pilot *p, int64_t source, usec_t at)
{
    m.dirty[source][time_local_day(p->zone, at) - m.first + 1] = true;
}

static void
add_events(const struct pilot *p)
{
    int    n = 1 + throw(25);
    size_t from = m.n;

    for (int i = 0; i < n && m.n < MOST_EVENTS; i++) {
        struct help_event *ev = &m.ev[m.n];

        ev->source = 1 + throw(2);
        ev->account = throw(ACCOUNTS + 1) - 1;
        ev->at =
            time_day_start(p->zone, m.first) + (usec_t) throw(RANDOM_DAYS * 24 * 60) * USEC_MINUTE;
        snprintf(ev->id, sizeof ev->id, "e%zu", m.made++);
        snprintf(ev->action, sizeof ev->action, "%s", throw(3) ? "deal.move" : "login");
        mark(p, ev->source, ev->at);
        m.n++;
    }
    help_copy(&pg, m.ev + from, m.n - from);
}

static void
erase_some(const struct pilot *p)
{
    for (int i = 0; i < 3 && m.n; i++) {
        size_t at = (size_t) throw((int)m.n);

        pg_sql(&pg, "delete from event where event_id = '%s'", m.ev[at].id);
        mark(p, m.ev[at].source, m.ev[at].at);
        m.ev[at] = m.ev[--m.n];
    }
}

/* An account gets a person, or another one: all its days are dirty. */
static void
assign_one(const struct pilot *p)
{
    int64_t source = 1 + throw(2), account = throw(ACCOUNTS);
    int     person = 1 + throw(6);

    m.person[source][account] = person;
    pg_sql(&pg,
           "insert into account values (1, %d, t.aid(%d), 1, %d, 'named') on conflict"
           " (workspace_id, source_id, aid) do update set person_id = excluded.person_id",
           (int)source, (int)account, person);
    for (size_t i = 0; i < m.n; i++)
        if (m.ev[i].source == source && m.ev[i].account == account)
            mark(p, source, m.ev[i].at);
}

/* Rolls up the dirty days of one source, in one call or only some of them. */
static void
roll_dirty(int64_t source, bool all)
{
    int32_t day[RANDOM_DAYS + 2];
    size_t  n = 0;

    for (int d = 0; d < RANDOM_DAYS + 2; d++)
        if (m.dirty[source][d] && (all || throw(2))) {
            m.dirty[source][d] = false;
            day[n++] = m.first + d - 1;
        }
    roll(source, day, n);
}

/* What the tables should say, one line per key, counted here from the model. */
static void
check_model(const struct pilot *p)
{
    static int64_t usage[3][RANDOM_DAYS][ACCOUNTS][2], person[RANDOM_DAYS][7][2];
    static int64_t source[3][RANDOM_DAYS][2];
    static bool    hour[3][RANDOM_DAYS][25];
    int64_t        rows = 0, person_rows = 0;

    memset(usage, 0, sizeof usage);
    memset(person, 0, sizeof person);
    memset(source, 0, sizeof source);
    memset(hour, 0, sizeof hour);
    for (size_t i = 0; i < m.n; i++) {
        const struct help_event *ev = &m.ev[i];
        int32_t                  day = time_local_day(p->zone, ev->at), d = day - m.first;
        bool                     value = ev->action[0] == 'd';
        int                      who = ev->account < 0 ? 0 : m.person[ev->source][ev->account];

        source[ev->source][d][value]++;
        hour[ev->source][d][(ev->at - time_day_start(p->zone, day)) / USEC_HOUR] = true;
        if (ev->account >= 0)
            usage[ev->source][d][ev->account][value]++;
        if (who)
            person[d][who][value]++;
    }
    for (int d = 0; d < RANDOM_DAYS; d++) {
        char name[TIME_DAY_LEN];

        time_day_name(m.first + d, name);
        t_row = name;
        for (int s = 1; s <= 2; s++) {
            int64_t hours = 0;

            for (int h = 0; h < 25; h++)
                hours += hour[s][d][h];
            CHECK_I(pg_int(&pg,
                           "select coalesce(sum(events * 1000000 + value_events * 1000 +"
                           " covered_hours), 0) from source_day where source_id = %d"
                           " and day = '%s'",
                           s, name),
                    (source[s][d][0] + source[s][d][1]) * 1000000 + source[s][d][1] * 1000 + hours);
            for (int a = 0; a < ACCOUNTS; a++)
                rows += (usage[s][d][a][0] > 0) + (usage[s][d][a][1] > 0);
        }
        for (int who = 1; who < 7; who++)
            person_rows += person[d][who][0] + person[d][who][1] > 0;
        for (int who = 1; who < 7; who++)
            if (throw(4) == 0)
                CHECK_I(of_person(who, name, "events * 1000 + value_events"),
                        (person[d][who][0] + person[d][who][1]) * 1000 + person[d][who][1]);
    }
    t_row = NULL;
    CHECK_I(pg_int(&pg, "select count(*) from usage_day"), rows);
    CHECK_I(pg_int(&pg, "select count(*) from person_day"), person_rows);
    CHECK(m.n > 500);
}

/* And every row of the three tables, against one recomputation from the raw events. */
static void
check_recomputed(void)
{
    static const char *const tables[] = { "usage_day", "person_day", "source_day" };

    for (int i = 0; i < 3; i++)
        pg_sql(&pg, "create table t.was_%s as table %s", tables[i], tables[i]);
    pg_sql(&pg, "truncate usage_day, person_day, source_day; select t.roll()");
    for (int i = 0; i < 3; i++) {
        t_row = tables[i];
        CHECK_I(pg_int(&pg,
                       "select count(*) from ((table %s except table t.was_%s) union all"
                       " (table t.was_%s except table %s)) x",
                       tables[i], tables[i], tables[i], tables[i]),
                0);
        pg_sql(&pg, "drop table t.was_%s", tables[i]);
    }
    t_row = NULL;
}

/* Batches of late, erased and reassigned events over the October change. */
static void
test_random_batches(void)
{
    help_pilot(&pg, "2026-10-12", "2026-11-10", "Europe/Rome");
    pg_sql(&pg, "insert into person (workspace_id, pilot_id, person_id, ref, sealed, role)"
                " select 1, 1, i, t.aid(i), '', 'member' from generate_series(1, 6) i");
    struct pilot p = help_read_pilot(&pg);

    m.first = p.start;
    for (int i = 0; i < BATCHES; i++) {
        add_events(&p);
        if (throw(5) == 0)
            erase_some(&p);
        if (throw(8) == 0)
            assign_one(&p);
        roll_dirty(1 + throw(2), throw(3) == 0);
    }
    roll_dirty(1, true);
    roll_dirty(2, true);
    check_model(&p);
    check_recomputed();
}

int
main(void)
{
    pg = pg_fresh();
    T_RUN(test_instants);
    T_RUN(test_hours);
    T_RUN(test_counts);
    T_RUN(test_late_account_and_erasure);
    T_RUN(test_odd_calls);
    T_RUN(test_frozen_from);
    T_RUN(test_late);
    T_RUN(test_other_workspace);
    T_RUN(test_two_at_once);
    T_RUN(test_random_batches);
    pg_drop(&pg);
    return t_end();
}
