/* gate_db.h - a pilot to decide over: rows by SQL (kpi_help.h), the charter by hand. */
#ifndef GATE_DB_H
#define GATE_DB_H

#include "kpi_help.h"

#include "collaudo/gate.h"

#define GATE_DB_FROZEN "2026-04-30T00:00:00+02:00" /* late_grace is over */
#define GATE_DB_MARK(side_, x)                                                                     \
    {                                                                                              \
        .given = true, .side = CHARTER_##side_, .e4 = (x)                                          \
    }

/* sustained_users 5 of 6 weeks, >= 70 %, floor 50 %, a must of weight 3; weekly_active of the
 * last 4 weeks, >= 60 %, weight 1. */
extern const struct charter_criterion gate_db_sustained, gate_db_weekly;

/* A pilot from Monday 2 March to Sunday 26 April 2026 with people 1..n and two live sources. */
void gate_db_begin(struct pg *pg, int people);

/* Counts all days, and nothing is dirty any more. */
void gate_db_roll(struct pg *pg);

/* That pilot with these criteria and the marks of GATE.md, k = 5, 72 hours of late_grace. */
struct pilot gate_db_with(struct pg *pg, struct arena *mem, struct charter_criterion *c, size_t n);

/* The pilot of help_pilot() with that charter (JSON as charter_read() wants it, or NULL) and
 * the hash of its text; sealed on 1 January 2026. */
struct pilot gate_db_pilot(struct pg *pg, const char *charter, struct arena *mem);

/* Evaluates with nothing waiting and `now` = as_of. A failure ends the program. */
struct gate_record gate_db_eval(struct pg *pg, const struct pilot *p, const char *as_of,
                                struct arena *mem);

/* Accounts first..last act at 10:00 on the Tuesday of week `week` (0: that of 3 March 2026). */
void gate_db_week(struct pg *pg, int week, int first, int last);

/* The record as JSON, checked to be canonical. */
const char *gate_db_json(const struct gate_record *r, struct arena *mem);

#endif
