/* cluster_int.h - what the files of the embedded PostgreSQL share. */
#ifndef COLLAUDO_CLUSTER_INT_H
#define COLLAUDO_CLUSTER_INT_H

#include "collaudo/cluster.h"

#include <sys/types.h>

#define CLUSTER_OLDEST 15    /* major version of PostgreSQL */
#define CLUSTER_PORT "5432"  /* names the socket; nothing listens on a port */
#define CLUSTER_DIR_MOST 900 /* bytes of the data directory's path; PostgreSQL's limit is 1024 */
#define CLUSTER_PATH 1100    /* a path below it */
#define CLUSTER_SOCKET 108   /* sun_path of a Unix socket, with its 0 */

struct cluster {
    char  dir[CLUSTER_DIR_MOST + 1]; /* real path of the data directory */
    char  bin[CLUSTER_PATH];         /* folder of the server's programs */
    int   version;                   /* their major version */
    int   lock;                      /* on DIR/lock; -1 */
    pid_t child;                     /* the postmaster, when we started it; 0 */
    pid_t pid;                       /* the postmaster that answered last; 0 */
    char  socket_dir[CLUSTER_SOCKET];
    char  owner[256], login[256]; /* conninfo */
};

void cluster_path(const struct cluster *c, const char *name, char ret[CLUSTER_PATH]);

/* --- cluster_init.c: programs, and making a cluster ------------------------------- */

must_check bool cluster_find_programs(struct cluster *c, struct err *e);
must_check bool cluster_init(struct cluster *c, struct err *e); /* DIR/pg, unless it is there */

/* --- cluster_run.c: child processes ------------------------------------------------ */

/* Starts argv[0] with a bare environment, signals as new, its output in the file `log`
 * (begun anew); own_session: it survives us. */
must_check bool cluster_spawn(const char *const *argv, const char *log, bool own_session,
                              pid_t *ret_pid, struct err *e);
/* The last line of the file that tells of a fatal error: true; else the first line, or "". */
bool cluster_last_word(const char *log, char ret[160]);

/* --- cluster_pid.c: who runs DIR/pg ------------------------------------------------ */

enum cluster_state { CLUSTER_NOBODY, CLUSTER_STARTING, CLUSTER_READY, CLUSTER_STOPPING };

struct cluster_seen {
    enum cluster_state state;
    bool               stale; /* nobody, but postmaster.pid is there */
    pid_t              pid;
    char               socket_dir[CLUSTER_SOCKET];
};

void cluster_look(const struct cluster *c, struct cluster_seen *ret);
/* A stale postmaster.pid that would keep the server from starting is made harmless. */
must_check bool cluster_mend_pid_file(const struct cluster *c, struct err *e);

/* --- cluster_socket.c: where it listens --------------------------------------------- */

must_check bool cluster_socket_make(struct cluster *c, struct err *e); /* sets socket_dir */
void            cluster_socket_sweep(const char *socket_dir);          /* ours only */
bool            cluster_socket_is_there(const char *socket_dir);

/* --- cluster_roles.c: what a server must be like ------------------------------------- */

/* Checks the server behind that socket, and makes what is missing in it. ERR_BUSY: no
 * connection. */
must_check bool cluster_greet(const struct cluster *c, const char *socket_dir, struct err *e);

/* --- cluster_user.c ------------------------------------------------------------------- */

must_check bool cluster_become(const char *user, const char *dir, const char *run_dir,
                               struct err *e);

#endif
