/* cluster_t.h - what the tests of the embedded PostgreSQL share: data directories of their own,
 * services to be killed, and a few words of SQL. A failure to start ends the program, since
 * the rest would only repeat it. */
#ifndef CLUSTER_T_H
#define CLUSTER_T_H

#include "t.h"

#include "cluster_int.h"
#include "collaudo/db.h"

extern char ct_home[64]; /* of all data directories */

/* Makes ct_home. Ends the program when the user is root, whom PostgreSQL refuses. */
void ct_begin(void);
/* From here on an ordinary user (postgres or nobody), if root until now. */
void ct_leave_root(void);
int  ct_end(void); /* removes ct_home; t_end() */

const char *ct_fresh_dir(void);                         /* a path; nothing is there */
const char *ct_in(const char *dir, const char *name);   /* the last four stay valid */
void        ct_text(char ret[256], const char *text);   /* a leading %s becomes ct_home */
void        ct_put(const char *path, const char *text); /* writes a file */
void        ct_sleep_ms(long ms);
bool        ct_shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool        ct_must(bool ok, const struct err *e); /* prints why not */

struct cluster *ct_started(const char *dir);
void            ct_stopped(struct cluster *c);
/* cluster_start() must fail with this code. Returns the text. */
const char *ct_refused(const char *dir, enum err_code code);

/* A process that starts the cluster and waits to be killed. */
pid_t ct_service(const char *dir, bool wait_for_it);
void  ct_kill_9(pid_t pid); /* and buries it */
pid_t ct_postmaster_of(const char *dir);
void  ct_kill_server(const char *dir); /* kill -9, seen to be dead; its parent buries it */

int64_t ct_number(const char *conninfo, enum db_role role, const char *sql); /* column n */
void    ct_run(const char *conninfo, enum db_role role, const char *sql);

#endif
