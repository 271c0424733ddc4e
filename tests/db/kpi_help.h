/* kpi_help.h - a pilot to count in, for the tests of KPIs and rollups.
 *
 * One workspace (1), one tool, pilot 1, sources 1 (crm) and 2 (billing). In SQL, schema t:
 *   t.person(n, cell, role, seat, joined, left_on)  with account n at both sources
 *   t.act(n, local time, action, source)            an event of account n; n NULL: of nobody
 *   t.alive(source, from, to)                       a heartbeat at noon of every working day
 *   t.roll()                                        every day of every source, again
 * Events count as value events when their action is like `deal.%`. */
#ifndef KPI_HELP_H
#define KPI_HELP_H

#include "pg.h"

#include "collaudo/kpi.h"

/* Statements of a test only; i < DB_SPARE_STMTS. */
#define STMT(i, text)                                                                              \
    (&(const struct db_stmt){ .name = "test/" #i, .sql = (text), .id = sql_count + (i) })

/* Empties everything and begins again with a pilot of these days ("2026-03-02") and zone.
 * Working days: Monday to Friday but Easter Monday 2026 and 1 May 2026. */
void help_pilot(struct pg *pg, const char *start, const char *end, const char *tz);

/* Pilot 1 as kpi_compute() wants it. */
struct pilot help_read_pilot(struct pg *pg);

int32_t help_day(const char *day);
usec_t  help_time(const char *rfc3339);

/* Computes as the service would (role app, its own transaction). A failure ends the program. */
struct kpi_point *help_compute(struct pg *pg, const char *kpi, const char *as_of,
                               const char *params, struct arena *mem, size_t *ret_n);

/* The point of that subject, part and week; NULL when there is none. */
const struct kpi_point *help_point(const struct kpi_point *p, size_t n, const char *subject,
                                   const char *part, int32_t bucket);

/* Every line of a gzip file, without its newline; a failure ends the program. */
typedef void help_line(void *to, const char *line, size_t n);
void         help_gz_lines(const char *path, help_line *fn, void *to);

/* An event into `event`, for help_copy(). */
struct help_event {
    char    id[40];
    int64_t source;
    usec_t  at;
    int64_t account; /* < 0: nobody's */
    char    action[32];
};

/* The same 16 bytes as t.aid(account). */
struct hash_id help_aid(int64_t account);
void           help_copy(struct pg *pg, const struct help_event *ev, size_t n);

#endif
