/* gate.c - states and rules: a row per rule and per order of rules, exact ties, minima,
 * numbers without measure. gate_outlook.c looks ahead,
 * gate_force.c tries the rest. */
#include "t.h"

#include "collaudo/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* clang-format off */
#define GE(x)   { .given = true, .side = CHARTER_AT_LEAST, .e4 = (x) }
#define LE(x)   { .given = true, .side = CHARTER_AT_MOST, .e4 = (x) }
#define NO_DATA { 0, 0, 0, true }
#define W(n, d) { 0, (n), (d), false }
/* clang-format on */

/* --- one criterion ------------------------------------------------------------------ */

struct judge_row {
    const char              *name;
    struct charter_criterion c;
    struct gate_figures      f; /* week and n come from `week` */
    struct gate_week         week[10];
    size_t                   n;
    enum gate_state          state;
    enum gate_why            why;
    int64_t                  num, den;
};

/* clang-format off */
static const struct judge_row judge_rows[] = {
    /* exact ties: binary floating point refuses both */
    { "0.7 is 7 of 10", { .target = GE(7000) }, { 0 }, { W(7, 10) }, 1, GATE_MET, 0, 7, 10 },
    { "one less", { .target = GE(7000) }, { 0 }, { W(699, 1000) }, 1, GATE_NOT_MET, 0, 699, 1000 },
    { "three weeks of 0.7", { .target = GE(7000), .weeks = 3 }, { .weekly = true },
      { W(7, 10), W(7, 10), W(7, 10) }, 3, GATE_MET, 0, 21, 30 },
    { "a third is not 0.3334", { .target = GE(3334) }, { 0 }, { W(1, 3) }, 1, GATE_NOT_MET, 0, 1, 3 },
    { "a third is more than 0.3333", { .target = GE(3333) }, { 0 }, { W(1, 3) }, 1, GATE_MET, 0, 1, 3 },
    /* at most */
    { "le, exactly", { .target = LE(200) }, { 0 }, { W(2, 100) }, 1, GATE_MET, 0, 2, 100 },
    { "le, one more", { .target = LE(200), .floor = LE(500) }, { 0 }, { W(3, 100) }, 1, GATE_BORDERLINE, 0, 3, 100 },
    { "le, at its floor", { .target = LE(200), .floor = LE(500) }, { 0 }, { W(5, 100) }, 1, GATE_BORDERLINE, 0, 5, 100 },
    { "le, beyond its floor", { .target = LE(200), .floor = LE(500) }, { 0 }, { W(6, 100) }, 1, GATE_NOT_MET, 0, 6, 100 },
    { "le, none", { .target = LE(0) }, { 0 }, { W(0, 9) }, 1, GATE_MET, 0, 0, 9 },
    /* floor */
    { "between", { .target = GE(7000), .floor = GE(5000) }, { 0 }, { W(12, 20) }, 1, GATE_BORDERLINE, 0, 12, 20 },
    { "at the floor", { .target = GE(7000), .floor = GE(5000) }, { 0 }, { W(10, 20) }, 1, GATE_BORDERLINE, 0, 10, 20 },
    { "below the floor", { .target = GE(7000), .floor = GE(5000) }, { 0 }, { W(9, 20) }, 1, GATE_NOT_MET, 0, 9, 20 },
    { "at the target", { .target = GE(7000), .floor = GE(5000) }, { 0 }, { W(14, 20) }, 1, GATE_MET, 0, 14, 20 },
    { "no floor", { .target = GE(7000) }, { 0 }, { W(13, 20) }, 1, GATE_NOT_MET, 0, 13, 20 },
    /* which weeks */
    { "the last two of three", { .target = GE(5000), .weeks = 2 }, { .weekly = true },
      { W(0, 10), W(5, 10), W(5, 10) }, 3, GATE_MET, 0, 10, 20 },
    { "all weeks", { .target = GE(5000) }, { .weekly = true },
      { W(0, 10), W(5, 10), W(5, 10) }, 3, GATE_NOT_MET, 0, 10, 30 },
    { "more weeks asked than there are", { .target = GE(5000), .weeks = 9 }, { .weekly = true },
      { W(0, 10), W(5, 10) }, 2, GATE_NOT_MET, 0, 5, 20 },
    { "weeks pool by size, not by week", { .target = GE(5000) }, { .weekly = true },
      { W(9, 10), W(0, 90) }, 2, GATE_NOT_MET, 0, 9, 100 },
    { "`weeks` is the KPI's own when it pools itself", { .target = GE(5000), .weeks = 1 }, { 0 },
      { W(5, 5), W(0, 5) }, 2, GATE_MET, 0, 5, 10 },
    { "a week without data leaves", { .target = GE(5000), .weeks = 2 }, { .weekly = true },
      { W(9, 9), W(5, 10), NO_DATA }, 3, GATE_MET, 0, 5, 10 },
    { "garbage in a week without data is not read", { .target = GE(5000) }, { .weekly = true },
      { { 0, -1, 5, true }, W(5, 10) }, 2, GATE_MET, 0, 5, 10 },
    { "silence in every week", { .target = GE(5000), .weeks = 2 }, { .weekly = true },
      { W(9, 9), NO_DATA, NO_DATA }, 3, GATE_NO_DATA, GATE_WHY_SILENT, 0, 0 },
    { "no week at all", { .target = GE(5000) }, { .weekly = true }, { W(0, 0) }, 0, GATE_INSUFFICIENT, GATE_WHY_NO_WEEK, 0, 0 },
    { "silence is named before too few weeks", { .target = GE(5000), .min_weeks = 2 }, { .weekly = true },
      { NO_DATA }, 1, GATE_NO_DATA, GATE_WHY_SILENT, 0, 0 },
    /* minima */
    { "min_n reached", { .target = GE(7000), .min_n = 10 }, { 0 }, { W(7, 10) }, 1, GATE_MET, 0, 7, 10 },
    { "min_n missed by one", { .target = GE(7000), .min_n = 11 }, { 0 }, { W(10, 10) }, 1, GATE_INSUFFICIENT, GATE_WHY_FEW, 10, 10 },
    { "min_records", { .target = GE(7000), .min_records = 50 }, { 0 }, { W(49, 49) }, 1, GATE_INSUFFICIENT, GATE_WHY_FEW, 49, 49 },
    { "min_records reached", { .target = GE(7000), .min_records = 49 }, { 0 }, { W(49, 49) }, 1, GATE_MET, 0, 49, 49 },
    { "the KPI's own min_den", { .target = GE(7000) }, { .min_den = 5 }, { W(4, 4) }, 1, GATE_INSUFFICIENT, GATE_WHY_FEW, 4, 4 },
    { "the KPI's own min_den reached", { .target = GE(7000) }, { .min_den = 4 }, { W(4, 4) }, 1, GATE_MET, 0, 4, 4 },
    { "0 of 0 is not 100 %", { .target = GE(0) }, { 0 }, { W(0, 0) }, 1, GATE_INSUFFICIENT, GATE_WHY_FEW, 0, 0 },
    { "0 of 0 is not 0 %", { .target = LE(10000) }, { 0 }, { W(0, 0) }, 1, GATE_INSUFFICIENT, GATE_WHY_FEW, 0, 0 },
    { "min_weeks counts weeks with data", { .target = GE(5000), .min_weeks = 2 }, { .weekly = true },
      { W(5, 10), NO_DATA }, 2, GATE_INSUFFICIENT, GATE_WHY_FEW_WEEKS, 5, 10 },
    { "min_weeks reached", { .target = GE(5000), .min_weeks = 2 }, { .weekly = true },
      { W(5, 10), NO_DATA, W(5, 10) }, 3, GATE_MET, 0, 10, 20 },
    { "min_weeks of a pool", { .target = GE(5000), .min_weeks = 6 }, { .weeks_heard = 5 },
      { W(5, 10) }, 1, GATE_INSUFFICIENT, GATE_WHY_FEW_WEEKS, 5, 10 },
    { "min_weeks of a pool reached", { .target = GE(5000), .min_weeks = 6 }, { .weeks_heard = 6 },
      { W(5, 10) }, 1, GATE_MET, 0, 5, 10 },
    /* 3 of the last 4 */
    { "3 of 4", { .target = GE(7000), .sustain_pass = 3, .sustain_of = 4 }, { .weekly = true },
      { W(0, 10), W(7, 10), W(0, 10), W(7, 10), W(8, 10) }, 5, GATE_MET, 0, 22, 40 },
    { "2 of 4", { .target = GE(7000), .sustain_pass = 3, .sustain_of = 4 }, { .weekly = true },
      { W(9, 10), W(9, 10), W(6, 10), W(6, 10), W(7, 10) }, 5, GATE_NOT_MET, 0, 28, 40 },
    { "the pool does not matter", { .target = GE(7000), .sustain_pass = 3, .sustain_of = 4 }, { .weekly = true },
      { W(7, 10), W(7, 10), W(7, 10), W(0, 1000) }, 4, GATE_MET, 0, 21, 1030 },
    { "2 of 4 at the target, 3 at the floor", { .target = GE(7000), .floor = GE(6000), .sustain_pass = 3, .sustain_of = 4 },
      { .weekly = true }, { W(7, 10), W(7, 10), W(6, 10), W(0, 10) }, 4, GATE_BORDERLINE, 0, 20, 40 },
    { "an open week could make it", { .target = GE(7000), .sustain_pass = 3, .sustain_of = 4 }, { .weekly = true },
      { W(7, 10), W(7, 10), NO_DATA, W(0, 10) }, 4, GATE_INSUFFICIENT, GATE_WHY_OPEN_WEEKS, 14, 30 },
    { "an open week cannot undo it", { .target = GE(7000), .sustain_pass = 3, .sustain_of = 4 }, { .weekly = true },
      { W(7, 10), W(7, 10), NO_DATA, W(7, 10) }, 4, GATE_MET, 0, 21, 30 },
    { "an open week cannot save it", { .target = GE(7000), .sustain_pass = 3, .sustain_of = 4 }, { .weekly = true },
      { W(7, 10), W(0, 10), NO_DATA, W(0, 10) }, 4, GATE_NOT_MET, 0, 7, 30 },
    { "the floor is safe, the target open", { .target = GE(7000), .floor = GE(5000), .sustain_pass = 3, .sustain_of = 4 },
      { .weekly = true }, { W(7, 10), W(7, 10), W(5, 10), NO_DATA }, 4, GATE_INSUFFICIENT, GATE_WHY_OPEN_WEEKS, 19, 30 },
    { "only two weeks so far", { .target = GE(7000), .sustain_pass = 3, .sustain_of = 4 }, { .weekly = true },
      { W(7, 10), W(7, 10) }, 2, GATE_INSUFFICIENT, GATE_WHY_OPEN_WEEKS, 14, 20 },
    { "a week of too few people is open", { .target = GE(7000), .min_n = 5, .sustain_pass = 1, .sustain_of = 2 }, { .weekly = true },
      { W(0, 10), W(4, 4) }, 2, GATE_INSUFFICIENT, GATE_WHY_OPEN_WEEKS, 4, 14 },
    { "too few people in every week", { .target = GE(7000), .min_n = 5, .sustain_pass = 1, .sustain_of = 2 }, { .weekly = true },
      { W(4, 4), W(4, 4) }, 2, GATE_INSUFFICIENT, GATE_WHY_FEW, 8, 8 },
    { "le week by week", { .target = LE(5000), .sustain_pass = 2, .sustain_of = 2 }, { .weekly = true },
      { W(5, 10), W(6, 10) }, 2, GATE_NOT_MET, 0, 11, 20 },
    { "pass without of is no sustain", { .target = GE(5000), .sustain_pass = 2 }, { .weekly = true },
      { W(5, 10) }, 1, GATE_MET, 0, 5, 10 },
    { "of without pass is no sustain", { .target = GE(5000), .sustain_of = 2 }, { .weekly = true },
      { W(5, 10) }, 1, GATE_MET, 0, 5, 10 },
    { "sustain means nothing to a KPI that pools itself", { .target = GE(5000), .sustain_pass = 2, .sustain_of = 2 }, { 0 },
      { W(5, 10) }, 1, GATE_MET, 0, 5, 10 },
    /* nothing sound to judge */
    { "no such KPI", { .target = GE(5000) }, { .unknown_kpi = true }, { W(5, 10) }, 1, GATE_UNSOUND, GATE_WHY_NO_KPI, 0, 0 },
    { "no target", { .weight = 1 }, { 0 }, { W(5, 10) }, 1, GATE_UNSOUND, GATE_WHY_NO_TARGET, 5, 10 },
    { "negative num", { .target = GE(5000) }, { 0 }, { W(-1, 10) }, 1, GATE_UNSOUND, GATE_WHY_DAMAGED, 0, 0 },
    { "negative den", { .target = GE(5000) }, { 0 }, { W(1, -10) }, 1, GATE_UNSOUND, GATE_WHY_DAMAGED, 0, 0 },
    { "a num JSON cannot carry", { .target = GE(5000) }, { 0 }, { W(GATE_FIGURE_MAX + 1, 10) }, 1, GATE_UNSOUND, GATE_WHY_DAMAGED, 0, 0 },
    { "a den JSON cannot carry", { .target = GE(5000) }, { 0 }, { W(0, INT64_MAX) }, 1, GATE_UNSOUND, GATE_WHY_DAMAGED, 0, 0 },
    { "a sum JSON cannot carry", { .target = GE(5000) }, { .weekly = true },
      { W(GATE_FIGURE_MAX, GATE_FIGURE_MAX), W(1, 1) }, 2, GATE_UNSOUND, GATE_WHY_DAMAGED, 0, 0 },
    { "a sum of nums JSON cannot carry", { .target = GE(5000) }, { .weekly = true },
      { W(GATE_FIGURE_MAX, 10), W(1, 10) }, 2, GATE_UNSOUND, GATE_WHY_DAMAGED, 0, 0 },
    { "a sum of dens JSON cannot carry", { .target = GE(5000) }, { .weekly = true },
      { W(1, GATE_FIGURE_MAX), W(1, 1) }, 2, GATE_UNSOUND, GATE_WHY_DAMAGED, 0, 0 },
    { "the largest there is", { .target = GE(10000) }, { 0 }, { W(GATE_FIGURE_MAX, GATE_FIGURE_MAX) }, 1, GATE_MET, 0, GATE_FIGURE_MAX, GATE_FIGURE_MAX },
    { "one short of the largest", { .target = GE(10000) }, { 0 }, { W(GATE_FIGURE_MAX - 1, GATE_FIGURE_MAX) }, 1, GATE_NOT_MET, 0, GATE_FIGURE_MAX - 1, GATE_FIGURE_MAX },
    { "a share above 1", { .target = LE(20000) }, { 0 }, { W(21, 10) }, 1, GATE_NOT_MET, 0, 21, 10 },
    /* what decides nothing keeps its figures */
    { "observed", { .target = GE(7000), .observe = true, .must = true }, { 0 }, { W(1, 10) }, 1, GATE_OBSERVE, 0, 1, 10 },
    { "observed without a target", { .observe = true }, { 0 }, { W(1, 10) }, 1, GATE_OBSERVE, 0, 1, 10 },
    { "nothing to observe", { .observe = true }, { .weekly = true }, { W(0, 0) }, 0, GATE_OBSERVE, GATE_WHY_NO_WEEK, 0, 0 },
    { "waived", { .target = GE(7000) }, { .waived = true }, { W(1, 10) }, 1, GATE_WAIVED, 0, 1, 10 },
    { "observed and waived", { .target = GE(7000), .observe = true }, { .waived = true }, { W(1, 10) }, 1, GATE_OBSERVE, 0, 1, 10 },
};
/* clang-format on */

static void
test_judge(void)
{
    for (size_t i = 0; i < COUNT(judge_rows); i++) {
        const struct judge_row *r = &judge_rows[i];
        struct gate_figures     f = r->f;
        struct gate_line        line;

        t_row = r->name;
        f.week = r->week;
        f.n = r->n;
        line = gate_judge(&r->c, &f);
        CHECK_S(gate_state_name(line.state), gate_state_name(r->state));
        CHECK_I(line.why, r->why);
        CHECK_I(line.num, r->num);
        CHECK_I(line.den, r->den);
    }
    t_row = NULL;
}

static void
test_judge_counts(void)
{
    static const struct gate_week  week[] = { W(9, 10), W(7, 10), NO_DATA, W(2, 2), W(7, 10) };
    const struct charter_criterion c = {
        .target = GE(7000), .min_n = 3, .sustain_pass = 4, .sustain_of = 4
    };
    struct gate_line line =
        gate_judge(&c, &(struct gate_figures){ .weekly = true, .week = week, .n = COUNT(week) });

    CHECK_I(line.met_weeks, 2);
    CHECK_I(line.open, 2); /* one silent, one too small */
    CHECK_I(line.weeks, 3);
    CHECK_I(line.first, 1);
    line = gate_judge(&c, &(struct gate_figures){ .week = week, .n = 2, .weeks_heard = 11 });
    CHECK_I(line.weeks, 11);
    CHECK_I(line.first, 0);
}

static void
test_goal(void)
{
    /* clang-format off */
    static const struct { struct charter_mark m; int64_t den, goal; } rows[] = {
        { GE(7000), 20, 14 }, { GE(7000), 12, 9 }, { GE(7000), 0, 0 }, { GE(0), 7, 0 },
        { GE(10000), 7, 7 },  { GE(6667), 3, 3 },  { GE(6666), 3, 2 }, { GE(1), 10001, 2 },
        { LE(200), 100, 2 },  { LE(200), 149, 2 }, { LE(200), 150, 3 }, { LE(0), 9, 0 },
        { LE(9999), 10000, 9999 }, { LE(9999), 9999, 9998 },
        { GE(-1), 5, 0 },     { LE(-1), 5, -1 },   { LE(-10000), 5, -5 },
        { GE(10000), GATE_FIGURE_MAX, GATE_FIGURE_MAX },
        { GE(INT64_MAX), GATE_FIGURE_MAX, INT64_MAX }, { LE(INT64_MIN), GATE_FIGURE_MAX, INT64_MIN },
    };
    /* clang-format on */

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_I(gate_goal(&rows[i].m, rows[i].den), rows[i].goal);
    /* the goal is where the target begins to be met, and nothing before it */
    for (int64_t e4 = 0; e4 <= 10000; e4 += 37)
        for (int64_t den = 1; den < 40; den++) {
            struct charter_mark ge = GE(e4), le = LE(e4);
            int64_t             z = gate_goal(&ge, den), y = gate_goal(&le, den);

            CHECK(gate_meets(&ge, z, den) && (z == 0 || !gate_meets(&ge, z - 1, den)));
            CHECK(gate_meets(&le, y, den) && !gate_meets(&le, y + 1, den));
        }
    CHECK(!gate_meets(&(struct charter_mark)GE(0), 0, 0));
    CHECK(!gate_meets(&(struct charter_mark)LE(0), 0, -1));
}

/* --- the verdict ---------------------------------------------------------------------- */

#define MUST(s)                                                                                    \
    {                                                                                              \
        .must = true, .weight = 1, .state = GATE_##s                                               \
    }
#define SOFT(s)                                                                                    \
    {                                                                                              \
        .weight = 1, .state = GATE_##s                                                             \
    }
#define SOFTW(s, w)                                                                                \
    {                                                                                              \
        .weight = (w), .state = GATE_##s                                                           \
    }
#define MUSTW(s, w)                                                                                \
    {                                                                                              \
        .must = true, .weight = (w), .state = GATE_##s                                             \
    }

struct rule_row {
    const char       *name;
    bool              broken;
    struct gate_case  cases[6];
    size_t            n;
    struct gate_guard guards[2];
    size_t            guards_n;
    enum gate_verdict verdict;
    int               rule;
};

#define STOP(s)                                                                                    \
    {                                                                                              \
        .id = "g", .stop = true, .state = GATE_GUARD_##s                                           \
    }
#define REVIEW(s)                                                                                  \
    {                                                                                              \
        .id = "g", .state = GATE_GUARD_##s                                                         \
    }

/* Marks: go 0.85, conditional 0.70, coverage 0.80, as in GATE.md. */
/* clang-format off */
static const struct rule_row rule_rows[] = {
    { "1: broken evidence", true, { MUST(MET) }, 1, { { 0 } }, 0, GATE_INVALID, 1 },
    { "1 before 2", true, { { 0 } }, 0, { { 0 } }, 0, GATE_INVALID, 1 },
    { "1 before 3", true, { MUST(NOT_MET) }, 1, { STOP(BREACHED) }, 1, GATE_INVALID, 1 },
    { "1 before 4", true, { MUST(NO_DATA) }, 1, { { 0 } }, 0, GATE_INVALID, 1 },
    { "2: nothing", false, { { 0 } }, 0, { { 0 } }, 0, GATE_INVALID, 2 },
    { "2: no must", false, { SOFT(MET), SOFT(MET) }, 2, { { 0 } }, 0, GATE_INVALID, 2 },
    { "2: only observed musts", false, { MUST(OBSERVE), SOFT(MET) }, 2, { { 0 } }, 0, GATE_INVALID, 2 },
    { "2 before 3", false, { SOFT(NOT_MET) }, 1, { STOP(BREACHED) }, 1, GATE_INVALID, 2 },
    { "3: a must missed", false, { MUST(MET), MUST(NOT_MET) }, 2, { { 0 } }, 0, GATE_NO_GO, 3 },
    { "3: one of small weight, though the score is high", false,
      { MUSTW(MET, 99), MUSTW(NOT_MET, 1) }, 2, { { 0 } }, 0, GATE_NO_GO, 3 },
    { "3: a stop guardrail", false, { MUST(MET) }, 1, { REVIEW(HELD), STOP(BREACHED) }, 2, GATE_NO_GO, 3 },
    { "3: not a stop guardrail that holds or is unknown", false, { MUST(MET) }, 1,
      { STOP(HELD), STOP(UNKNOWN) }, 2, GATE_GO, 7 },
    { "3 before 4", false, { MUST(NO_DATA), MUST(NOT_MET) }, 2, { { 0 } }, 0, GATE_NO_GO, 3 },
    { "3 before 4, by guardrail", false, { MUST(NO_DATA) }, 1, { STOP(BREACHED) }, 1, GATE_NO_GO, 3 },
    { "3 before 5", false, { MUST(NOT_MET), SOFTW(NO_DATA, 99) }, 2, { { 0 } }, 0, GATE_NO_GO, 3 },
    { "3 before 6", false, { MUST(BORDERLINE), MUST(NOT_MET) }, 2, { { 0 } }, 0, GATE_NO_GO, 3 },
    { "3 before all musts waived", false, { MUST(WAIVED) }, 1, { STOP(BREACHED) }, 1, GATE_NO_GO, 3 },
    { "4: no data", false, { MUSTW(MET, 9), MUST(NO_DATA) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 4 },
    { "4: insufficient", false, { MUSTW(MET, 9), MUST(INSUFFICIENT) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 4 },
    { "4: invalid", false, { MUSTW(MET, 9), MUST(UNSOUND) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 4 },
    { "4: all musts waived", false, { MUST(WAIVED), MUST(WAIVED), SOFTW(MET, 99) }, 3, { { 0 } }, 0, GATE_INCONCLUSIVE, 4 },
    { "4: not one of two musts waived", false, { MUST(WAIVED), MUSTW(MET, 9) }, 2, { { 0 } }, 0, GATE_GO, 7 },
    { "4 before 5", false, { MUST(NO_DATA), SOFTW(NO_DATA, 9) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 4 },
    { "4 before 6", false, { MUST(BORDERLINE), MUST(NO_DATA) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 4 },
    { "5: too little decided", false, { MUST(MET), SOFT(NO_DATA) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 5 },
    { "5: one of a hundred below the mark", false, { MUSTW(MET, 79), SOFTW(NO_DATA, 21) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 5 },
    { "5: exactly enough", false, { MUSTW(MET, 80), SOFTW(NO_DATA, 20) }, 2, { { 0 } }, 0, GATE_GO, 7 },
    { "5: a waiver counts against it", false, { MUST(MET), SOFT(WAIVED) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 5 },
    { "5: what is observed does not", false, { MUST(MET), SOFTW(OBSERVE, 99) }, 2, { { 0 } }, 0, GATE_GO, 7 },
    { "5: what is missed is decided", false, { MUSTW(MET, 60), SOFTW(NOT_MET, 20), SOFTW(NO_DATA, 20) }, 3, { { 0 } }, 0, GATE_GO_WITH_CONDITIONS, 8 },
    { "5: weights of nothing decide nothing", false, { MUSTW(MET, 0) }, 1, { { 0 } }, 0, GATE_INCONCLUSIVE, 5 },
    { "5: negative weights are nothing", false, { MUSTW(MET, -5) }, 1, { { 0 } }, 0, GATE_INCONCLUSIVE, 5 },
    { "5 before 6", false, { MUST(BORDERLINE), SOFT(NO_DATA) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 5 },
    { "6: a must between", false, { MUST(BORDERLINE), SOFTW(MET, 99) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 6 },
    { "6: not another", false, { MUSTW(MET, 9), SOFT(BORDERLINE) }, 2, { { 0 } }, 0, GATE_GO, 7 },
    { "6 before 9", false, { MUST(BORDERLINE), SOFTW(NOT_MET, 99) }, 2, { { 0 } }, 0, GATE_INCONCLUSIVE, 6 },
    { "7: all met", false, { MUST(MET) }, 1, { { 0 } }, 0, GATE_GO, 7 },
    { "7: exactly 0.85", false, { MUSTW(MET, 85), SOFTW(NOT_MET, 15) }, 2, { { 0 } }, 0, GATE_GO, 7 },
    { "7: exactly 0.85 by halves", false, { MUSTW(MET, 7), SOFTW(BORDERLINE, 3) }, 2, { { 0 } }, 0, GATE_GO, 7 },
    { "7: a hair below", false, { MUSTW(MET, 84999), SOFTW(NOT_MET, 15001) }, 2, { { 0 } }, 0, GATE_GO_WITH_CONDITIONS, 8 },
    { "7: a breached review", false, { MUST(MET) }, 1, { REVIEW(BREACHED) }, 1, GATE_GO_WITH_CONDITIONS, 8 },
    { "7: a guardrail that holds", false, { MUST(MET) }, 1, { REVIEW(HELD), REVIEW(UNKNOWN) }, 2, GATE_GO, 7 },
    { "7: a waiver leaves the denominator", false, { MUSTW(MET, 80), SOFTW(WAIVED, 20) }, 2, { { 0 } }, 0, GATE_GO, 7 },
    { "8: exactly 0.70", false, { MUSTW(MET, 70), SOFTW(NOT_MET, 30) }, 2, { { 0 } }, 0, GATE_GO_WITH_CONDITIONS, 8 },
    { "8: by halves", false, { MUSTW(MET, 1), SOFTW(BORDERLINE, 1) }, 2, { { 0 } }, 0, GATE_GO_WITH_CONDITIONS, 8 },
    { "9: a hair below", false, { MUSTW(MET, 69999), SOFTW(NOT_MET, 30001) }, 2, { { 0 } }, 0, GATE_NO_GO, 9 },
    { "9: half", false, { MUST(MET), SOFT(NOT_MET) }, 2, { { 0 } }, 0, GATE_NO_GO, 9 },
    { "9: a breached review does not help", false, { MUST(MET), SOFT(NOT_MET) }, 2, { REVIEW(BREACHED) }, 1, GATE_NO_GO, 9 },
    { "weights without measure count as the greatest", false,
      { MUSTW(MET, INT64_MAX), SOFTW(NOT_MET, GATE_WEIGHT_MAX) }, 2, { { 0 } }, 0, GATE_NO_GO, 9 },
};
/* clang-format on */

static struct gate_question
question(const struct rule_row *r)
{
    return (struct gate_question){
        .broken = r->broken,
        .cases = r->cases,
        .n = r->n,
        .guards = r->guards,
        .guards_n = r->guards_n,
        .go_e4 = 8500,
        .conditional_e4 = 7000,
        .min_coverage_e4 = 8000,
        .final = true,
    };
}

static void
test_rules(void)
{
    for (size_t i = 0; i < COUNT(rule_rows); i++) {
        const struct rule_row *r = &rule_rows[i];
        struct gate_question   q = question(r);
        struct gate_answer     a = gate_decide(&q);

        t_row = r->name;
        CHECK_S(gate_verdict_name(a.verdict), gate_verdict_name(r->verdict));
        CHECK_I(a.rule, r->rule);
        CHECK_I(a.provisional, a.verdict);
        CHECK_I(a.provisional_rule, a.rule);

        /* Before the end: the same as provisional; NO_GO only by a stop guardrail. */
        q.final = false;
        a = gate_decide(&q);
        CHECK_I(a.provisional, r->verdict);
        CHECK_I(a.provisional_rule, r->rule);
        bool stop =
            r->rule > 2 &&
            ((r->guards_n > 0 && r->guards[0].stop && r->guards[0].state == GATE_GUARD_BREACHED) ||
             (r->guards_n > 1 && r->guards[1].stop && r->guards[1].state == GATE_GUARD_BREACHED));
        CHECK_I(a.verdict, stop ? GATE_NO_GO : GATE_INCONCLUSIVE);
        CHECK_I(a.rule, stop ? 3 : 0);
    }
    t_row = NULL;
}

static void
test_early_no_go(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        bool broken;
        struct gate_case cases[2];
        enum gate_verdict verdict, provisional;
        int rule;
    } rows[] = {
        { "a must between", false, { { .must = true, .weight = 1, .state = GATE_BORDERLINE, .impossible = true }, MUSTW(MET, 9) },
          GATE_NO_GO, GATE_INCONCLUSIVE, 3 },
        { "a must missed", false, { { .must = true, .weight = 1, .state = GATE_NOT_MET, .impossible = true }, MUSTW(MET, 9) },
          GATE_NO_GO, GATE_NO_GO, 3 },
        { "a must not judged yet", false, { { .must = true, .weight = 1, .state = GATE_INSUFFICIENT, .impossible = true }, MUSTW(MET, 9) },
          GATE_NO_GO, GATE_INCONCLUSIVE, 3 },
        { "a must missed, still possible", false, { MUST(NOT_MET), MUSTW(MET, 9) },
          GATE_INCONCLUSIVE, GATE_NO_GO, 0 },
        { "not a must", false, { { .weight = 1, .state = GATE_NOT_MET, .impossible = true }, MUSTW(MET, 9) },
          GATE_INCONCLUSIVE, GATE_GO, 0 },
        { "observed", false, { { .must = true, .weight = 1, .state = GATE_OBSERVE, .impossible = true }, MUSTW(MET, 9) },
          GATE_INCONCLUSIVE, GATE_GO, 0 },
        { "waived", false, { { .must = true, .weight = 1, .state = GATE_WAIVED, .impossible = true }, MUSTW(MET, 9) },
          GATE_INCONCLUSIVE, GATE_GO, 0 },
        { "broken evidence proves nothing", true, { { .must = true, .weight = 1, .state = GATE_NOT_MET, .impossible = true }, MUSTW(MET, 9) },
          GATE_INCONCLUSIVE, GATE_INVALID, 0 },
    };
    /* clang-format on */

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gate_question q = { .broken = rows[i].broken,
                                   .cases = rows[i].cases,
                                   .n = 2,
                                   .go_e4 = 8500,
                                   .conditional_e4 = 7000,
                                   .min_coverage_e4 = 8000 };
        struct gate_answer   a = gate_decide(&q);

        t_row = rows[i].name;
        CHECK_S(gate_verdict_name(a.verdict), gate_verdict_name(rows[i].verdict));
        CHECK_S(gate_verdict_name(a.provisional), gate_verdict_name(rows[i].provisional));
        CHECK_I(a.rule, rows[i].rule);
        q.final = true; /* at the end only the states count */
        a = gate_decide(&q);
        CHECK_I(a.verdict, rows[i].provisional);
    }
    t_row = NULL;
}

static void
test_score(void)
{
    const struct gate_case cases[] = {
        MUSTW(MET, 3),     SOFTW(BORDERLINE, 2), SOFTW(NOT_MET, 1),
        SOFTW(NO_DATA, 5), SOFTW(WAIVED, 7),     SOFTW(OBSERVE, 100),
    };
    const struct gate_case huge[] = { MUSTW(MET, INT64_MAX), SOFTW(MET, INT64_MAX),
                                      SOFTW(NOT_MET, INT64_MIN) };
    struct gate_answer     a =
        gate_decide(&(struct gate_question){ .cases = cases, .n = COUNT(cases), .final = true });

    CHECK_I(a.score.num, 3 * 2 + 2 * 1);
    CHECK_I(a.score.den, 2 * (3 + 2 + 1));
    CHECK_I(a.coverage.num, 6);
    CHECK_I(a.coverage.den, 18);
    a = gate_decide(&(struct gate_question){
        .cases = huge, .n = COUNT(huge), .go_e4 = 10000, .min_coverage_e4 = 10000, .final = true });
    CHECK_I(a.verdict, GATE_GO);
    CHECK_I(a.score.num, 4 * (int64_t)GATE_WEIGHT_MAX);
    CHECK_I(a.score.den, 4 * (int64_t)GATE_WEIGHT_MAX);
    /* marks without measure: compared in 128 bits */
    a = gate_decide(&(struct gate_question){ .cases = huge,
                                             .n = COUNT(huge),
                                             .go_e4 = INT64_MAX,
                                             .conditional_e4 = INT64_MIN,
                                             .min_coverage_e4 = 0,
                                             .final = true });
    CHECK_I(a.rule, 8);
    /* nothing weighed reaches not even a mark of 0 */
    a = gate_decide(&(struct gate_question){ .cases = huge + 2, .n = 1, .final = true });
    CHECK_I(a.rule, 2);
    a = gate_decide(&(struct gate_question){
        .cases = &(struct gate_case)MUSTW(MET, 0), .n = 1, .final = true });
    CHECK_I(a.rule, 5);
}

static void
test_names(void)
{
    static const struct {
        enum gate_verdict v;
        const char       *name;
        int               exit_code;
    } rows[] = {
        { GATE_GO, "GO", 0 },
        { GATE_GO_WITH_CONDITIONS, "GO_WITH_CONDITIONS", 10 },
        { GATE_NO_GO, "NO_GO", 20 },
        { GATE_INCONCLUSIVE, "INCONCLUSIVE", 30 },
        { GATE_INVALID, "INVALID", 40 },
    };

    CHECK_I(COUNT(rows), GATE_VERDICT_COUNT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK_S(gate_verdict_name(rows[i].v), rows[i].name);
        CHECK_I(gate_verdict_exit(rows[i].v), rows[i].exit_code);
    }
    CHECK_S(gate_state_name(GATE_UNSOUND), "INVALID");
    CHECK_S(gate_state_name(GATE_NOT_MET), "NOT_MET");
}

int
main(void)
{
    T_RUN(test_judge);
    T_RUN(test_judge_counts);
    T_RUN(test_goal);
    T_RUN(test_rules);
    T_RUN(test_early_no_go);
    T_RUN(test_score);
    T_RUN(test_names);
    return t_end();
}
