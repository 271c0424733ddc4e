/* gate_doubts.c - what may stand between figures and a verdict: silence, broken evidence, what
 * waits, small groups, charters that should not be. */
#include "t.h"

#include "gate_db.h"

#include "collaudo/json.h"

#include <stdlib.h>
#include <string.h>

#define NB "\xc2\xa0" /* no-break space */

static struct pg    pg;
static struct arena mem;

/* A pilot of that many people, in a new arena. */
static bool
look(const struct pilot *p, usec_t t, const struct gate_health *h, struct gate_record *ret)
{
    struct err        e = ERR_INIT;
    struct kpi_reader kpis = { .db = pg_app(&pg), .pilot = p, .mem = &mem };

    return CHECK(db_begin_read(kpis.db, p->workspace, &e)) && gate_look(&kpis, t, t, h, ret, &e) &&
           db_commit(kpis.db, &e);
}

static void
pilot_of(int people)
{
    arena_free(&mem);
    arena_init(&mem, 32 << 20);
    gate_db_begin(&pg, people);
}

/* --- what is missing or broken ------------------------------------------------------------- */

static void
test_silent_source(void)
{
    struct charter_criterion c[2] = { gate_db_sustained, gate_db_weekly };
    struct gate_record       r;
    struct pilot             p;

    /* nothing was ever heard: no data, not zero; and rule 4 asks the owner */
    pilot_of(10);
    pg_sql(&pg, "truncate heartbeat");
    gate_db_roll(&pg);
    p = gate_db_with(&pg, &mem, c, 2);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.problems_n, 0);
    CHECK_I(r.criteria[0].line.state, GATE_NO_DATA);
    CHECK_I(r.criteria[1].line.state, GATE_NO_DATA);
    CHECK_I(r.answer.verdict, GATE_INCONCLUSIVE);
    CHECK_I(gate_verdict_exit(r.answer.verdict), 30);
    CHECK_I(r.answer.rule, 4);
    CHECK_S(r.criteria[0].reason.en,
            "source billing has never been heard (owner: IT), source crm has "
            "never been heard (owner: IT)");
    CHECK(strstr(r.rule.it, "la fonte crm non ha mai dato segno di vita (responsabile: IT)"));
    /* no source at all */
    pg_sql(&pg, "truncate source cascade");
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_S(r.criteria[0].reason.en, "no source is connected");
    /* it went silent after three weeks: the last four have no data */
    pilot_of(10);
    pg_sql(&pg, "update source set cadence = 'none'; update tool set owner = '';"
                "delete from heartbeat where hour >= '2026-03-23'");
    for (int w = 0; w < 3; w++)
        gate_db_week(&pg, w, 1, 10);
    gate_db_roll(&pg);
    c[1].must = true;
    p = gate_db_with(&pg, &mem, &c[1], 1);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.criteria[0].line.state, GATE_NO_DATA);
    CHECK(strstr(r.criteria[0].reason.en,
                 "source crm has been silent since 20" NB "March 2026 (owner: not named)"));
    CHECK(strstr(r.criteria[0].reason.it, "la fonte crm tace dal 20" NB "marzo 2026"));
    if (CHECK_I(r.actions_n, 1))
        CHECK(strstr(r.actions[0].text.en, "data in the weeks that count: source billing"));
}

/* Who is alive but never carried a value event does not stand in for the source that did, and
 * is not accused. */
static void
test_silent_among_live(void)
{
    struct charter_criterion c[1] = { gate_db_weekly };
    struct gate_record       r;
    struct pilot             p;

    pilot_of(10);
    pg_sql(&pg, "update source set cadence = 'none';"
                "delete from heartbeat where source_id = 1 and hour >= '2026-03-23'");
    for (int w = 0; w < 3; w++)
        gate_db_week(&pg, w, 1, 10);
    gate_db_roll(&pg);
    c[0].must = true;
    p = gate_db_with(&pg, &mem, c, 1);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.answer.rule, 4);
    CHECK_S(r.criteria[0].reason.en,
            "source crm has been silent since 20" NB "March 2026 (owner: IT)");
}

static void
test_too_early(void)
{
    struct charter_criterion c[2] = { gate_db_sustained, gate_db_weekly };
    struct gate_record       r;
    struct pilot             p;

    pilot_of(10);
    for (int w = 0; w < 3; w++)
        gate_db_week(&pg, w, 1, 10);
    gate_db_roll(&pg);
    p = gate_db_with(&pg, &mem, c, 2);
    r = gate_db_eval(&pg, &p, "2026-03-24T12:00:00+01:00", &mem);
    CHECK_I(r.criteria[0].line.why, GATE_WHY_FEW_WEEKS);
    CHECK_I(r.criteria[0].line.weeks, 3);
    CHECK_S(r.criteria[0].reason.en, "3 full weeks with data, 6 needed");
    CHECK_I(r.answer.provisional_rule, 4);
    CHECK_I(r.criteria[1].line.state, GATE_MET);
    /* a silent week is no week */
    pg_sql(&pg, "delete from heartbeat where hour between '2026-03-09' and '2026-03-16';"
                "delete from event where happened_at between '2026-03-09' and '2026-03-16'");
    gate_db_roll(&pg);
    r = gate_db_eval(&pg, &p, "2026-03-24T12:00:00+01:00", &mem);
    CHECK_I(r.criteria[0].line.weeks, 2);
    CHECK_I(r.criteria[1].line.weeks, 2);
}

static void
test_broken_evidence(void)
{
    struct charter_criterion c[1] = { gate_db_weekly };
    struct gate_record       r;
    struct gate_health       h = { .gap = true, .corruption = true };
    struct err               e = ERR_INIT;
    struct pilot             p;

    pilot_of(10);
    for (int w = 0; w < 8; w++)
        gate_db_week(&pg, w, 1, 10);
    gate_db_roll(&pg);
    c[0].must = true;
    p = gate_db_with(&pg, &mem, c, 1);
    p.charter_hash[31] ^= 1;
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.answer.verdict, GATE_INVALID);
    CHECK_I(gate_verdict_exit(r.answer.verdict), 40);
    CHECK_S(r.rule.en,
            "Rule 1: the evidence is broken: the charter is not the one that was sealed.");
    p = gate_db_with(&pg, &mem, c, 1);
    CHECK(gate_evaluate(pg_app(&pg), &p, help_time(GATE_DB_FROZEN), help_time(GATE_DB_FROZEN), &h,
                        &mem, &r, &e));
    CHECK_I(r.answer.rule, 1);
    CHECK_I(r.problems_n, 2);
    p.draft = true;
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK(!r.final);
    CHECK_I(r.answer.rule, 0);
    CHECK_I(r.answer.provisional, GATE_INVALID);
    CHECK(strncmp(r.rule.en, "Rule 0: the charter is not sealed yet.", 38) == 0);
    p = gate_db_with(&pg, &mem, c, 1);
    p.replay = true; /* else as_of could not lie before the clock */
    h = (struct gate_health){ 0 };
    CHECK(gate_evaluate(pg_app(&pg), &p, help_time(GATE_DB_FROZEN), p.sealed_at - 1, &h, &mem, &r,
                        &e));
    CHECK_I(r.problems_n, 1);
    CHECK_I(r.answer.rule, 1);
}

static void
test_coverage(void)
{
    struct charter_criterion c[1] = { gate_db_weekly };
    struct gate_record       r;
    struct pilot             p;

    /* 39 working days, two sources, 78 periods: 63 is 80.8 %, 62 is 79.5 % */
    pilot_of(10);
    for (int w = 0; w < 8; w++)
        gate_db_week(&pg, w, 1, 10);
    pg_sql(&pg, "delete from heartbeat where source_id = 2 and hour < '2026-03-21'");
    gate_db_roll(&pg);
    c[0].must = true;
    p = gate_db_with(&pg, &mem, c, 1);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.sources[0].covered.num, 24);
    CHECK_I(r.problems_n, 0);
    CHECK_I(r.answer.verdict, GATE_GO);
    pg_sql(&pg, "delete from heartbeat where source_id = 2 and hour < '2026-03-24'");
    gate_db_roll(&pg);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.answer.verdict, GATE_INVALID);
    if (CHECK_I(r.problems_n, 1)) {
        CHECK_S(r.problems[0].text.en,
                "the sources were heard in 62 of 78 expected periods (80" NB
                "% is needed); the weakest is billing: 23 of 39 (owner: IT)");
        CHECK_S(r.problems[0].text.it,
                "le fonti hanno dato segno di vita in 62 periodi su 78 attesi (richiesto: 80" NB
                "%); la più debole è billing: 23 su 39 (responsabile: IT)");
    }
    if (CHECK_I(r.actions_n, 1)) { /* what mends the evidence, by whom; and before the end */
        CHECK_S(r.actions[0].text.en,
                "The evidence: source billing heard in more of the 39 periods in which it was "
                "expected, by events or heartbeats (owner: IT).");
        CHECK(r.actions[0].flips && r.actions[0].late);
        CHECK_I(r.actions[0].then, GATE_GO);
    }
    r = gate_db_eval(&pg, &p, "2026-03-27T12:00:00+01:00", &mem);
    if (CHECK_I(r.problems_n, 1) && CHECK(r.actions_n > 0)) {
        CHECK(strstr(r.actions[0].text.it,
                     "Le prove: la fonte billing deve farsi sentire ogni volta che è attesa"));
        CHECK(strstr(r.actions[0].text.it, "(responsabile: IT)."));
        CHECK(r.actions[0].criterion == GATE_NO_CRITERION && !r.actions[0].late);
    }
    /* never heard is missing, not broken; a source of which nothing is expected is not judged */
    pg_sql(&pg, "delete from heartbeat where source_id = 2");
    gate_db_roll(&pg);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.problems_n, 0);
    pg_sql(&pg, "update source set cadence = 'none' where source_id = 1;"
                "delete from heartbeat where hour > '2026-03-10'");
    gate_db_roll(&pg);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.problems_n, 0);
    CHECK(!r.sources[1].judged);
}

static void
test_what_waits(void)
{
    struct charter_criterion c[1] = { gate_db_weekly };
    struct gate_record       r = { 0 };
    struct gate_health       h = { .backlog_events = 1234, .backlog_bytes = 99000 };
    struct err               e = ERR_INIT;
    usec_t                   t = help_time("2026-04-22T12:00:00+02:00");
    struct pilot             p;

    pilot_of(10);
    gate_db_roll(&pg);
    p = gate_db_with(&pg, &mem, c, 1);
    CHECK(!gate_evaluate(pg_app(&pg), &p, t, t, &h, &mem, &r, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK(strstr(e.text, "pilot p") && strstr(e.text, "1234 events are (99000 bytes)"));
    CHECK(!r.pilot);
    h.backlog_events = 0;
    CHECK(!gate_evaluate(pg_app(&pg), &p, t, t, &h, &mem, &r, &e));
    CHECK(strstr(e.text, "99000 bytes"));
    h.backlog_bytes = 0;
    pg_sql(&pg, "insert into dirty_day values (1, 1, '2026-04-22')"); /* today: not counted yet */
    CHECK(gate_evaluate(pg_app(&pg), &p, t, t, &h, &mem, &r, &e));
    pg_sql(&pg, "insert into dirty_day values (1, 1, '2026-04-21'), (1, 2, '2026-04-21'),"
                " (1, 2, '2026-02-28')");
    e = (struct err)ERR_INIT;
    CHECK(!gate_evaluate(pg_app(&pg), &p, t, t, &h, &mem, &r, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK(strstr(e.text, "pilot p") && strstr(e.text, "1 day must"));
    /* who only looks sees the figures as they were, and what waits */
    h.backlog_events = 7;
    e = (struct err)ERR_INIT;
    if (CHECK(look(&p, t, &h, &r))) {
        CHECK(gate_waits(&r.wait));
        CHECK_I(r.wait.events, 7);
        CHECK_I(r.wait.days, 1);
        CHECK_I(r.wait.new_days, 0);
        CHECK_I(r.criteria[0].line.weeks, 4);
    }
    pg_sql(&pg, "delete from source_day where source_id = 2 and day = '2026-04-21'");
    CHECK(look(&p, t, &h, &r));
    CHECK_I(r.wait.new_days, 1);
    pg_sql(&pg, "delete from dirty_day");
    h = (struct gate_health){ 0 };
    CHECK(look(&p, t, &h, &r));
    CHECK(!gate_waits(&r.wait));
    /* a loader that stands still loses nothing: no verdict, but no broken evidence either */
    h.stuck = true;
    e = (struct err)ERR_INIT;
    CHECK(!gate_evaluate(pg_app(&pg), &p, t, t, &h, &mem, &r, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK(strstr(e.text, "cannot be loaded"));
    CHECK(look(&p, t, &h, &r));
    CHECK_I(r.problems_n, 0);
    /* nothing is left open on the connection */
    CHECK(db_begin_read(pg_app(&pg), 1, &e) && db_commit(pg_app(&pg), &e));
}

/* --- who may see what -------------------------------------------------------------- */

static void
test_small_groups(void)
{
    struct charter_criterion c[2] = { gate_db_sustained, gate_db_weekly };
    struct gate_record       r;
    struct pilot             p;
    const cJSON             *doc;
    struct err               e = ERR_INIT;

    /* four people: decided, not shown */
    pilot_of(4);
    for (int w = 0; w < 8; w++)
        gate_db_week(&pg, w, 1, 3);
    gate_db_roll(&pg);
    c[0].min_n = 3;
    p = gate_db_with(&pg, &mem, c, 2);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.criteria[0].line.state, GATE_MET);
    CHECK_I(r.answer.verdict, GATE_GO);
    for (int i = 0; i < 2; i++) {
        CHECK_I(r.criteria[i].band, KPI_HIDDEN);
        CHECK_I(r.criteria[i].shown.num + r.criteria[i].shown.den, 0);
        CHECK(strncmp(r.criteria[i].reason.en, "figures not shown", 17) == 0);
    }
    if (CHECK(json_parse(&mem, gate_db_json(&r, &mem), strlen(gate_db_json(&r, &mem)), &doc, &e))) {
        CHECK(cJSON_IsNull(json_at(doc, "/criteria/0/num")));
        CHECK(cJSON_IsNull(json_at(doc, "/criteria/1/den")));
        CHECK(cJSON_IsNull(json_at(doc, "/criteria/1/goal")));
    }
    /* six people, all of them: a band, and no pool that would tell more */
    pilot_of(6);
    for (int w = 0; w < 8; w++)
        gate_db_week(&pg, w, 1, 6);
    gate_db_roll(&pg);
    p = gate_db_with(&pg, &mem, c, 2);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.criteria[0].band, KPI_BAND_HIGH);
    CHECK_S(r.criteria[0].reason.en, "at least 5 of 6 people, target 5");
    CHECK_I(r.criteria[1].line.num, 24);
    CHECK_I(r.criteria[1].band, KPI_HIDDEN);
    /* one week alone keeps its band */
    c[1].weeks = 1;
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.criteria[1].band, KPI_BAND_HIGH);
    CHECK_S(r.criteria[1].reason.en, "at least 5 of 6 people, target 4");
}

/* A pool that leaves somebody out could look like another verdict: it is not shown. */
static void
test_small_cohorts(void)
{
    struct charter_criterion c[1] = { { .id = "kept",
                                        .kpi = "retention",
                                        .params = "{\"kind\":\"calendar\",\"week\":1}",
                                        .target = GATE_DB_MARK(AT_LEAST, 7000),
                                        .must = true,
                                        .weight = 1,
                                        .owner = "" } };
    struct gate_record       r;
    struct pilot             p;

    pilot_of(23);
    gate_db_week(&pg, 0, 1, 20);
    gate_db_week(&pg, 1, 1, 14);
    gate_db_week(&pg, 1, 21, 23);
    gate_db_roll(&pg);
    p = gate_db_with(&pg, &mem, c, 1);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.criteria[0].line.num, 14);
    CHECK_I(r.criteria[0].line.den, 23);
    CHECK_I(r.criteria[0].line.state, GATE_NOT_MET); /* though 14 of 20 is 70 % */
    CHECK_I(r.criteria[0].band, KPI_HIDDEN);
    CHECK_I(r.answer.verdict, GATE_NO_GO);
}

/* --- things, and charters that should not be --------------------------------------- */

static void
test_things(void)
{
    struct charter_criterion c[2] = {
        { .id = "dup",
          .kpi = "duplicate_events",
          .params = "{}",
          .target = GATE_DB_MARK(AT_MOST, 200),
          .must = true,
          .weight = 1,
          .owner = "" },
        { .id = "quarantine",
          .kpi = "quarantine_rate",
          .params = "{}",
          .target = GATE_DB_MARK(AT_MOST, 100),
          .floor = GATE_DB_MARK(AT_MOST, 500),
          .weight = 1,
          .owner = "" },
    };
    struct gate_record r;
    struct pilot       p;

    pilot_of(10);
    pg_sql(&pg, "insert into intake_day values"
                " (1, 1, '2026-03-03', 0, 900, 10, 0, 0), (1, 1, '2026-03-03', 9, 0, 0, 21, 0),"
                " (1, 1, '2026-03-03', 10, 0, 0, 9, 0),"
                " (1, 2, '2026-03-10', 0, 960, 90, 0, 0), (1, 2, '2026-03-10', 7, 0, 0, 10, 0)");
    gate_db_roll(&pg);
    p = gate_db_with(&pg, &mem, c, 2);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_S(r.criteria[0].reason.en, "100 of 2,000, limit 40");
    CHECK_S(r.criteria[0].reason.it, "100 su 2.000, limite 40");
    CHECK_I(r.criteria[0].line.state, GATE_NOT_MET);
    CHECK_S(r.criteria[1].reason.en, "40 of 2,000, limit 20, tolerated 100");
    CHECK_I(r.criteria[1].line.state, GATE_BORDERLINE);
    CHECK_I(r.answer.rule, 3);
    if (CHECK_I(r.actions_n, 2)) {
        CHECK(strstr(r.actions[0].text.en, "fewer events delivered again by source billing"));
        CHECK(strstr(r.actions[1].text.en,
                     "fewer events of source crm in quarantine, above all for missing_user"));
        CHECK(r.actions[0].flips && !r.actions[1].flips);
    }
}

static void
test_charters_that_should_not_be(void)
{
    struct charter_criterion c[3] = { gate_db_weekly, gate_db_weekly, gate_db_weekly };
    struct gate_record       r;
    struct pilot             p;

    pilot_of(10);
    for (int w = 0; w < 8; w++)
        gate_db_week(&pg, w, 1, 10);
    gate_db_roll(&pg);
    p = gate_db_with(&pg, &mem, c, 0);
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.answer.rule, 2);
    CHECK_I(r.answer.verdict, GATE_INVALID);
    /* the same id three times, one of an unknown KPI */
    p = gate_db_with(&pg, &mem, c, 3);
    c[0].must = true;
    c[1].kpi = "happiness";
    c[1].must = true;
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.answer.rule, 4);
    CHECK_S(r.rule.en, "Rule 4: “weekly” is not valid: this program knows no KPI happiness.");
    CHECK(strstr(r.criteria[0].name.en, " (weekly)")); /* two of one KPI are told apart */
    gate_db_json(&r, &mem);
    /* observed: shown, and nothing hangs on it */
    c[1] = gate_db_weekly;
    c[1].kpi = "sustained_users";
    c[1].observe = true;
    c[1].target.given = false;
    r = gate_db_eval(&pg, &p, GATE_DB_FROZEN, &mem);
    CHECK_I(r.criteria[1].line.state, GATE_OBSERVE);
    CHECK_S(r.criteria[1].reason.en, "10 of 10 people");
    CHECK_I(r.answer.rule, 7);
}

int
main(void)
{
    arena_init_cjson();
    hash_init();
    arena_init(&mem, 1 << 20);
    pg = pg_fresh();
    T_RUN(test_silent_source);
    T_RUN(test_silent_among_live);
    T_RUN(test_too_early);
    T_RUN(test_broken_evidence);
    T_RUN(test_coverage);
    T_RUN(test_what_waits);
    T_RUN(test_small_groups);
    T_RUN(test_small_cohorts);
    T_RUN(test_things);
    T_RUN(test_charters_that_should_not_be);
    pg_drop(&pg);
    arena_free(&mem);
    return t_end();
}
