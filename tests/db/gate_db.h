/* gate_db.h - a pilot to decide over: rows by SQL (kpi_help.h), the charter by hand. */
#ifndef GATE_DB_H
#define GATE_DB_H

#include "kpi_help.h"

#include "collaudo/gate.h"

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
