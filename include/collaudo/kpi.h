/* kpi.h - what a KPI is, how to compute one, and what of it may be seen.
 *
 * A KPI is one file, sql/kpi/<id>.sql: its header of ten keys says what it means, its SELECT
 * how it is counted. All return the same columns, so that charts, reports and the gate need to
 * know none of them by name:
 *
 *   parameters  $1 int8 workspace   $2 int8 pilot   $3 date from   $4 date to (exclusive: the cut)
 *               $5 timestamptz as_of   $6 jsonb params of the criterion, or {}
 *   columns     bucket date      Monday of the ISO week (of a window: of its last complete week)
 *               subject text     team code, or '*' for the whole pilot
 *               part text        '' or a division: 'calendar/+03', 'source:crm'
 *               num, den int8    what was counted, out of how many (never NULL, may be 0)
 *               excluded int8    left out of both, by the rules of KPIS.md
 *               no_data bool     no source was heard: num = den = 0 mean nothing
 *   order       by part, subject, bucket; no week of the window up to the cut is missing.
 *
 * The value is num/den, in one place (kpi_value_e4()), undefined while den < min_den: few data
 * are shown as few data, never as 100 %.
 *
 * What kpi_compute() returns is internal: KPIs about people go through kpi_publish() before any
 * door, the CLI included (PRIVACY.md section 3). kpi_read() does both.
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
    const char           *needs;   /* event types it reads, space separated */
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
    KPI_HIDDEN,    /* a group too small: num and den are not published */
};

struct kpi_point {
    int32_t       bucket; /* Monday, day number */
    const char   *subject, *part;
    int64_t       num, den, excluded;
    bool          no_data;
    bool          complete; /* the week is over and lies in the window; only these are judged */
    enum kpi_band band;     /* set by kpi_publish() */
};

/* All points of one KPI up to the cut, in `mem`. params: canonical JSON, NULL for {}.
 * Runs in the caller's open reading transaction on the pilot's workspace. */
must_check bool kpi_compute(struct db *db, const struct kpi_def *def, const struct pilot *p,
                            usec_t as_of, const char *params, struct arena *mem,
                            struct kpi_point **ret, size_t *ret_n, struct err *e);

/* The one filter between every KPI and every door, in place; returns how many points remain.
 * Pure: the same cells for every role and every export. */
size_t kpi_publish(const struct kpi_def *def, int64_t min_group, struct kpi_point *points,
                   size_t n);

/* kpi_compute() and kpi_publish(): what doors call. */
must_check bool kpi_read(struct db *db, const struct kpi_def *def, const struct pilot *p,
                         usec_t as_of, const char *params, struct arena *mem,
                         struct kpi_point **ret, size_t *ret_n, struct err *e);

/* num/den in ten-thousandths, rounded half up; false (undefined) while den < min_den, den = 0,
 * no data or hidden. */
bool kpi_value_e4(const struct kpi_def *def, const struct kpi_point *p, int64_t *ret_e4);

#endif
