/* kpi.h - what a KPI is, how to compute one, and what of it may be seen.
 *
 * A KPI is one file, sql/kpi/<id>.sql: its header of ten keys says what it means, its SELECT
 * how it is counted. All return the same columns, so that charts, reports and the gate need to
 * know none of them by name:
 *
 *   parameters  $1 int8 workspace   $2 int8 pilot   $3 date from   $4 date to (exclusive: the cut)
 *               $5 timestamptz as_of   $6 jsonb params of the criterion, or {}
 *   columns     bucket date      Monday of the ISO week (window `pilot`: of the last complete
 *                                week; `cohort`: of the week of first use)
 *               subject text     team code, or '*' for the whole pilot
 *               part text        '' or a division: 'calendar/+03', 'source:crm', and in
 *                                quarantine_rate 'source:crm/7', 7 being a row of EVENT_DROPS
 *               num, den int8    what was counted, out of how many (never NULL, may be 0)
 *               excluded int8    left out of both, by the rules of docs/kpis.md
 *               no_data bool     no source was heard: num = den = 0 mean nothing
 *   order       by part, subject, bucket (bytes); no week of the window up to the cut is
 *               missing. Of people, den + excluded is the roster of that week.
 *
 * The value is num/den, in one place (kpi_value_e4()), undefined while den < min_den: few data
 * are shown as few data, never as 100 %.
 *
 * What kpi_compute() returns is internal: KPIs about people go through kpi_publish() before any
 * door, the CLI included. kpi_read() does both.
 */
#ifndef COLLAUDO_KPI_H
#define COLLAUDO_KPI_H

#include "collaudo/pilot.h"

enum kpi_unit {
    KPI_PEOPLE,  /* num of den people or person-weeks: small groups are protected */
    KPI_EVENTS,  /* events, records, files: things */
    KPI_PERIODS, /* hours or days of a source */
};
enum kpi_better { KPI_HIGHER, KPI_LOWER };
enum kpi_window_kind { KPI_WEEK, KPI_PILOT, KPI_COHORT }; /* a point per week; one; per cohort */

struct kpi_def {
    const char           *id; /* "weekly_active"; part of the API */
    const struct db_stmt *stmt;
    const char           *title_it, *title_en;
    const char           *question; /* the manager's question it answers */
    enum kpi_unit         unit;
    enum kpi_better       better;
    int                   min_den; /* below this the value is undefined */
    const char           *needs;   /* event types it reads, space separated; "": all */
    const char           *caveat;  /* what it does not say */
    int                   version; /* of the definition; a change of meaning raises it */
    enum kpi_window_kind  window;
};

extern const struct kpi_def kpi_defs[]; /* made from sql/kpi/ at build time */
extern const size_t         kpi_defs_n;

/* NULL when there is no such KPI; kpi_nearest() then helps the message. */
const struct kpi_def *kpi_find(const char *id);
const char           *kpi_nearest(const char *id);

enum kpi_band {
    KPI_EXACT,
    KPI_BAND_LOW,  /* a small group, at or near 0 %: num is at most `num` */
    KPI_BAND_HIGH, /* at or near 100 %: num is at least `num` */
    KPI_HIDDEN,    /* withheld: num and den are 0 and mean nothing */
};

/* Part of the API: "exact", "at_most", "at_least", "hidden". */
const char *kpi_band_name(enum kpi_band b);

#define KPI_WITHHELD (-1) /* of `excluded`: not shown, whatever it is */

struct kpi_point {
    int32_t     bucket; /* Monday, day number */
    const char *subject, *part;
    int64_t     num, den, excluded;
    bool        no_data;
    /* The week (of a cohort: the Nth week of all its members) is over and lies in the window;
     * only such points are judged. */
    bool          complete;
    enum kpi_band band; /* set by kpi_publish() */
};

/* All points of one KPI up to the cut, in `mem`. params: canonical JSON, NULL for {}.
 * Runs in the caller's open reading transaction on the pilot's workspace. Errors: those of
 * db_query(); ERR_INVALID also for a parameter that is no whole number. */
must_check bool kpi_compute(struct db *db, const struct kpi_def *def, const struct pilot *p,
                            usec_t as_of, const char *params, struct arena *mem,
                            struct kpi_point **ret, size_t *ret_n, struct err *e);

/* Who reads several figures of one pilot in one transaction: each KPI is computed once, however
 * many ask for it. Lives as long as the transaction; `seen` begins as NULL. */
struct kpi_seen;
struct kpi_reader {
    struct db          *db;
    const struct pilot *pilot;
    struct arena       *mem;
    struct kpi_seen    *seen;
};

/* As kpi_compute(); the points are the caller's own, to publish or to change. */
must_check bool kpi_once(struct kpi_reader *r, const struct kpi_def *def, usec_t as_of,
                         const char *params, struct kpi_point **ret, size_t *ret_n, struct err *e);

/* A group below this is small, or below its pilot's min_group where that is larger. */
#define KPI_SMALL_GROUP 10

/* The one filter between every KPI and every door, in place; returns how many points remain.
 * Pure: the same cells for every role and every export. `points` are all those of one
 * kpi_compute(), in its order, which is kept.
 *
 * KPIs about things pass unchanged. Of people, with k = min_group (never below 3) and a group
 * called small below 10 (below k, where k is larger):
 *
 * 1. A group below k is hidden. So is a small group in a week that is not complete: small
 *    groups change weekly, others daily.
 * 2. A small group with num <= 1 or num >= den - 1 is banded: an exact 0 or all would name
 *    everybody in it.
 * 3. A pilot (the '*' of that week) that is small shows this one total and no cell.
 * 4. What is hidden or banded must not follow from the total by subtraction. Beside hidden
 *    cells, and people in no cell, the smallest other cells are hidden until 10 people are.
 *    Beside bands alone the smallest cell of 10 or more is. Where there is none, all cells are
 *    hidden: with a total and only small cells, one band would tell on its neighbours.
 *    Which cells go depends on the sizes of the groups, which everybody knows, and on bands,
 *    which everybody sees; so the choice says nothing more.
 * 5. A week in which nobody counts (closure, no data) has no secrets: 0 of 0, exact.
 * 6. Cohorts are a second division of the people that weekly totals count, so those of one
 *    calendar week go through rules 1, 2 and 4 together, beside that week's total: by pooling
 *    alone, week after week, each cohort would follow from the next. A personal week is shown
 *    where the two calendar weeks it lies in are. When any cohort is below k, only the pooled
 *    figure of what is left exact is shown, one point per part. Points of a cohort that are not
 *    complete are dropped: they would grow by one person at a time.
 * 7. `excluded` says who could not work, not who did not. But few excluded are known by name (an
 *    absence), and den + excluded is the roster. So it is withheld where the point is hidden;
 *    from all cells of a week as soon as one of them has 1..k-1; and from a small total or a
 *    cohort that has 1..k-1. The total of 10 and more always shows it. */
size_t kpi_publish(const struct kpi_def *def, int64_t min_group, struct kpi_point *points,
                   size_t n);

/* kpi_compute() and kpi_publish(): what doors call. */
must_check bool kpi_read(struct db *db, const struct kpi_def *def, const struct pilot *p,
                         usec_t as_of, const char *params, struct arena *mem,
                         struct kpi_point **ret, size_t *ret_n, struct err *e);

/* Several weeks as one: num, den and excluded of the complete points of one subject and part,
 * added up; of the last `last` of them, or all when it is 0. A week without data adds nothing
 * but takes its place. The bucket is that of the latest point, 0 when there is none (den is 0
 * then and no_data set). One point that is not exact makes the sum HIDDEN: pool what was
 * published, never what was computed, for a door. */
struct kpi_point kpi_pool(const struct kpi_point *points, size_t n, const char *subject,
                          const char *part, size_t last);

/* num/den in ten-thousandths, rounded half up, of a band: of its bound; false (undefined) while
 * den < min_den, den = 0, no data or hidden. */
bool kpi_value_e4(const struct kpi_def *def, const struct kpi_point *p, int64_t *ret_e4);

#endif
