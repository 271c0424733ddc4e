/* pg.h - a fresh database per test, on the scratch server that scripts/scratch-pg started.
 *
 *     struct pg pg = pg_fresh();         schema applied
 *     pg_sql(&pg, "insert ...");         as the owner, row-level security off
 *     struct db *db = pg_app(&pg);       as the service would
 *     pg_drop(&pg);
 *
 * Every failure here ends the program: without a database nothing was tested. */
#ifndef PG_H
#define PG_H

#include "collaudo/db.h"

struct pg {
    char       name[64]; /* of the database */
    char       conninfo[128];
    struct db *app, *loader; /* opened on first use */
};

struct pg  pg_fresh(void);
void       pg_drop(struct pg *pg);
struct db *pg_app(struct pg *pg);
struct db *pg_loader(struct pg *pg);

/* Runs any SQL text as the superuser of the scratch server. */
void pg_sql(const struct pg *pg, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The first value of a query as a number. */
int64_t pg_int(const struct pg *pg, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The first value as text, from malloc; NULL for NULL or no row. */
char *pg_text(const struct pg *pg, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
