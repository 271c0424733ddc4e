/* publish.c - the filter for small groups: its rules, row by row. Who tries to get around it
 * stands in publish_attack.c. */
#include "t.h"

#include "collaudo/kpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define K 5

static const struct kpi_def *weekly, *cohorts;

/* --- rules ------------------------------------------------------------------------- */

/* "*15/20 a7/9" -> points of one week; what is published comes back the same way: "?" hidden,
 * "<1/9" and ">8/9" bands. "!2" behind a point: excluded ("!?" withheld). */
static size_t
parse(const char *text, bool complete, struct kpi_point *p, char *names)
{
    size_t n = 0;
    int    used;
    long   num, den, excluded;

    for (; sscanf(text, " %c%ld/%ld%n", &names[2 * n], &num, &den, &used) == 3; n++) {
        names[2 * n + 1] = 0;
        p[n] = (struct kpi_point){
            .subject = names + 2 * n, .part = "", .num = num, .den = den, .complete = complete
        };
        text += used;
        if (sscanf(text, "!%ld%n", &excluded, &used) == 1) {
            p[n].excluded = excluded;
            text += used;
        }
    }
    return n;
}

static void
print(const struct kpi_point *p, size_t n, char *out, size_t size)
{
    static const char *const mark[] = { "", "<", ">" };
    size_t                   at = 0;

    out[0] = 0;
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(out + at, size - at, "%s%s", i ? " " : "", p[i].subject);
        if (p[i].band == KPI_HIDDEN)
            at += (size_t)snprintf(out + at, size - at, "?");
        else
            at += (size_t)snprintf(out + at, size - at, "%s%d/%d", mark[p[i].band], (int)p[i].num,
                                   (int)p[i].den);
        if (p[i].excluded == KPI_WITHHELD && p[i].band != KPI_HIDDEN)
            at += (size_t)snprintf(out + at, size - at, "!?");
        else if (p[i].excluded > 0)
            at += (size_t)snprintf(out + at, size - at, "!%d", (int)p[i].excluded);
    }
}

static void
test_rules(void)
{
    static const struct {
        const char *name, *in, *out;
        bool        running;
    } row[] = {
        { "large groups are exact", "*20/40 a0/15 b20/25", "*20/40 a0/15 b20/25", false },
        { "large groups daily", "*20/40 a0/15 b20/25", "*20/40 a0/15 b20/25", true },
        { "below k", "*2/4", "*?", false },
        { "a small pilot shows one total", "*4/8 a2/4 b2/4", "*4/8 a? b?", false },
        { "and only when the week is over", "*4/8", "*?", true },
        { "near 0 %", "*1/8", "*<1/8", false },
        { "0 %", "*0/8", "*<1/8", false },
        { "near 100 %", "*7/8", "*>7/8", false },
        { "100 %", "*8/8", "*>7/8", false },
        { "between", "*2/5", "*2/5", false },
        { "9 is small, 10 is not", "*0/10", "*0/10", false },
        { "three small teams, all between", "*11/20 a4/7 b3/7 c4/6", "*11/20 a4/7 b3/7 c4/6",
          false },
        { "one of them is not: all would follow", "*11/20 a7/7 b2/7 c2/6", "*11/20 a? b? c?",
          false },
        { "one band hides behind a large team", "*11/26 a7/7 b2/7 c2/12", "*11/26 a>6/7 b2/7 c?",
          false },
        { "behind the smallest large one", "*11/46 a7/7 b2/12 c2/11 d0/16",
          "*11/46 a>6/7 b2/12 c? d0/16", false },
        { "a hidden team takes the smallest other along", "*9/36 a2/4 b3/8 c2/7 d2/17",
          "*9/36 a? b3/8 c? d2/17", false },
        { "until ten are hidden", "*9/30 a1/2 b3/8 c2/7 d3/13", "*9/30 a? b? c? d3/13", false },
        { "ten hidden are enough", "*9/30 a1/4 b3/4 c2/3 d3/19", "*9/30 a? b? c? d3/19", false },
        { "a band beside hidden teams", "*9/40 a1/4 b3/4 c2/3 d0/6 e3/23",
          "*9/40 a? b? c? d<1/6 e3/23", false },
        { "people in no team are hidden people", "*9/22 a4/9 b4/10", "*9/22 a? b4/10", false },
        { "small teams only weekly", "*9/36 a4/8 b3/8 c2/20", "*9/36 a? b? c2/20", true },
        { "nobody counts: nothing to hide", "*0/0!20 a0/0!14 b0/0!6", "*0/0!20 a0/0!14 b0/0!6",
          false },
        { "few excluded are withheld from all teams", "*9/26!3 a4/10!3 b5/16",
          "*9/26!3 a4/10!? b5/16!?", false },
        { "many are not", "*9/26!12 a4/10!6 b5/16!6", "*9/26!12 a4/10!6 b5/16!6", false },
        { "few excluded of a small pilot", "*4/8!1", "*4/8!?", false },
        { "a team on leave", "*9/26!7 a0/0!7 b4/13 c5/13", "*9/26!7 a? b4/13 c5/13", false },
        { "a team without people", "*9/26 a0/0 b4/13 c5/13", "*9/26 a0/0 b4/13 c5/13", false },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct kpi_point p[8];
        char             names[16], out[200];
        size_t           n = parse(row[i].in, !row[i].running, p, names);

        t_row = row[i].name;
        CHECK_I(kpi_publish(weekly, K, p, n), n);
        print(p, n, out, sizeof out);
        CHECK_S(out, row[i].out);
    }
    t_row = NULL;
}

static void
test_limits_and_things(void)
{
    struct kpi_point p[] = { { .subject = "*", .part = "", .num = 1, .den = 3, .complete = true } };

    CHECK_I(kpi_publish(kpi_find("quarantine_rate"), K, p, 1), 1);
    CHECK(p[0].band == KPI_EXACT && p[0].num == 1);
    CHECK_I(kpi_publish(weekly, 1, p, 1), 1); /* k is never below 3 */
    CHECK_I(p[0].band, KPI_BAND_LOW);
    p[0] = (struct kpi_point){ .subject = "*", .part = "", .num = 4, .den = 11, .complete = true };
    kpi_publish(weekly, 12, p, 1);
    CHECK_I(p[0].band, KPI_HIDDEN);
    CHECK_I(p[0].den, 0);
    CHECK_I(kpi_publish(weekly, K, NULL, 0), 0);
}

/* --- cohorts ---------------------------------------------------------------------- */

/* Cohorts of weeks 0, 1, ... with these sizes, of `people`; of each, `back` come back in every
 * later week. Three weeks are over: calendar +00, +01, +02 and personal +00, +01. */
#define WEEKS 3

static size_t
cohorts_of(const int size[WEEKS], const int back[WEEKS], int people, struct kpi_point *p)
{
    static const char *const calendar[] = { "calendar/+00", "calendar/+01", "calendar/+02" };
    static const char *const personal[] = { "personal/+00", "personal/+01" };
    size_t                   n = 0;
    int                      started = 0;

    for (int t = 0; t < WEEKS; t++)
        for (int c = 0; c + t < WEEKS; c++)
            p[n++] = (struct kpi_point){ .bucket = 4 + 7 * c,
                                         .subject = "*",
                                         .part = calendar[t],
                                         .num = t ? back[c] : size[c],
                                         .den = size[c],
                                         .complete = true };
    for (int t = 0; t < WEEKS - 1; t++)
        for (int c = 0; c + t < WEEKS; c++)
            p[n++] = (struct kpi_point){ .bucket = 4 + 7 * c,
                                         .subject = "*",
                                         .part = personal[t],
                                         .num = t ? back[c] : size[c],
                                         .den = size[c],
                                         .complete = c + t < WEEKS - 1 };
    for (int c = 0; c < WEEKS; c++) {
        started += size[c];
        p[n++] = (struct kpi_point){ .bucket = 4 + 7 * c,
                                     .subject = "*",
                                     .part = "started",
                                     .num = started,
                                     .den = people,
                                     .complete = true };
    }
    return n;
}

/* "part.bucket=num/den ..." of what is published, weeks counted from 0. */
static void
check_cohorts(const int size[WEEKS], const int back[WEEKS], int people, const char *want)
{
    static const char *const mark[] = { "", "<", ">" };
    struct kpi_point         p[20];
    size_t                   n = cohorts_of(size, back, people, p), at = 0;
    char                     out[600] = "";

    n = kpi_publish(cohorts, K, p, n);
    for (size_t i = 0; i < n; i++) {
        const char *part = strcmp(p[i].part, "started") == 0 ? "s" : p[i].part;

        at += (size_t)snprintf(out + at, sizeof out - at, "%s%.1s%s.%d", i ? " " : "", part,
                               part[0] == 's' ? "" : part + 11, (p[i].bucket - 4) / 7);
        if (p[i].band == KPI_HIDDEN)
            at += (size_t)snprintf(out + at, sizeof out - at, "?");
        else
            at += (size_t)snprintf(out + at, sizeof out - at, "=%s%d/%d", mark[p[i].band],
                                   (int)p[i].num, (int)p[i].den);
    }
    CHECK_S(out, want);
}

static void
test_cohorts(void)
{
    t_row = "large cohorts: each its own; what is not over is not shown";
    check_cohorts((int[]){ 40, 20, 30 }, (int[]){ 30, 0, 5 }, 100,
                  "c0.0=40/40 c0.1=20/20 c0.2=30/30 c1.0=30/40 c1.1=0/20 c2.0=30/40 "
                  "p0.0=40/40 p0.1=20/20 p1.0=30/40 s.0=40/100 s.1=60/100 s.2=90/100");
    t_row = "a cohort below k: only pooled, and its neighbour is hidden with it";
    check_cohorts((int[]){ 40, 2, 30 }, (int[]){ 30, 1, 5 }, 100,
                  "c0.0=70/70 c1.0=30/40 c2.0? p0.0=40/40 p1.0? "
                  "s.0=40/100 s.1=42/100 s.2=72/100");
    t_row = "a small cohort where all come back needs a large one to hide behind";
    check_cohorts((int[]){ 40, 7, 30 }, (int[]){ 30, 7, 5 }, 100,
                  "c0.0=40/40 c0.1=7/7 c0.2=30/30 c1.0=30/40 c1.1=>6/7 c2.0? "
                  "p0.0=40/40 p0.1? p1.0? s.0=40/100 s.1=47/100 s.2=77/100");
    t_row = "a small pilot has no cohorts";
    check_cohorts((int[]){ 5, 3, 0 }, (int[]){ 3, 2, 0 }, 9,
                  "c0.0? c1.0? c2.0? p0.0? p1.0? s.0=5/9 s.1=>8/9 s.2=>8/9");
    t_row = NULL;
}

int
main(void)
{
    weekly = kpi_find("weekly_active");
    cohorts = kpi_find("retention");
    T_RUN(test_rules);
    T_RUN(test_limits_and_things);
    T_RUN(test_cohorts);
    return t_end();
}
