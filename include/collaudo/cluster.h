/* cluster.h - the private PostgreSQL in the data directory.
 *
 *     DIR/database      the other PostgreSQL DIR belongs to; without it, DIR/pg
 *     DIR/lock          held by the one process that owns DIR, for as long as it lives
 *     DIR/pg            the cluster: UTF-8, locale C.UTF-8, data checksums
 *     DIR/pg-socket     where the socket is
 *     DIR/pg.tmp.*      a cluster being made; what an interrupted first start left is swept
 *     DIR/pg-log        the server's log (a new file every day or 10 MB, 14 are kept),
 *                       start.log and initdb.log
 *
 * The server listens on a Unix socket only, in a folder of its own that nobody else can
 * enter (mode 0700, below /run/collaudo, else $TMPDIR or /tmp); inside it everybody is
 * trusted. It runs in a session of its own, so that it survives the death of the service;
 * the next cluster_start() adopts it.
 *
 * Its programs are the distribution's, /usr/lib/postgresql/N/bin, N being what made DIR/pg,
 * or the newest from 15 on for a first start. COLLAUDO_PG_BIN names another folder.
 *
 * Errors of cluster_start():
 *   ERR_CONFLICT    another process owns DIR; DIR/pg was made by a version of PostgreSQL that
 *                   is not there (nothing is touched); a living server with unsafe settings
 *   ERR_NOT_FOUND   no server programs: the text says what to install
 *   ERR_DENIED      called as root: see cluster_drop_root()
 *   ERR_BUSY        the server lives but does not answer
 *   ERR_DB, ERR_IO  it does not start; the text ends with the server's own last word
 *
 * A `struct cluster` belongs to one thread at a time.
 */
#ifndef COLLAUDO_CLUSTER_H
#define COLLAUDO_CLUSTER_H

#include "collaudo/arena.h"
#include "collaudo/auto.h"
#include "collaudo/err.h"

#define CLUSTER_USER "collaudo"          /* whom a service started by root becomes */
#define CLUSTER_HOME "/var/lib/collaudo" /* and where its data then are */
#define CLUSTER_RUN "/run/collaudo"      /* and where its socket is */

struct cluster;

/* Makes, starts, recovers or adopts the cluster of DIR, and returns when it answers, its
 * safety settings are checked, and the database and the login role are there. Makes DIR
 * (mode 0700) when it is missing. A server that recovers from a crash is waited for. */
must_check bool cluster_start(const char *dir, struct cluster **ret, struct err *e);

/* libpq keywords, valid until cluster_close(), the same for as long as *c lives. */
const char *cluster_conninfo_owner(const struct cluster *c); /* superuser: db_migrate() only */
const char *cluster_conninfo(const struct cluster *c);       /* login role: db_open() */

/* Is the server still there? If it died, starts it again, at the same address. Cheap when it
 * lives: to be called every few seconds. Errors: those of cluster_start(). */
must_check bool cluster_keep(struct cluster *c, struct err *e);

/* Ends all sessions, stops the server and waits for it (at most a minute: ERR_BUSY). A server
 * that is gone already is fine. */
must_check bool cluster_stop(struct cluster *c, struct err *e);

/* Lets DIR go. Without cluster_stop() before, the server lives on. NULL is fine. */
void cluster_close(struct cluster *c);
AUTO_DEFINE_STRUCT(cluster, cluster_close)

/* --- whose PostgreSQL DIR uses ----------------------------------------------------------- */

struct cluster_choice {
    const char *database;      /* libpq URL or keywords; NULL: the one in DIR/pg */
    const char *database_read; /* of a replica, or NULL */
};

/* Writes it to DIR/database (mode 0600: it may hold a password), so that whoever opens DIR
 * later uses the same, and never makes an empty one beside it. To be called once the database
 * has proved right. database is not NULL. ERR_INVALID: not a line of text; ERR_IO. */
must_check bool cluster_remember(const char *dir, const struct cluster_choice *now, struct err *e);

/* What is remembered, in `mem`; DIR need not exist. ERR_CONFLICT: nothing is, and DIR has a
 * journal but no PostgreSQL (the text says what to do); ERR_IO; ERR_NOMEM. */
must_check bool cluster_recall(const char *dir, struct arena *mem, struct cluster_choice *ret,
                               struct err *e);

/* May DIR begin to use a database elsewhere? ERR_CONFLICT: it keeps one in DIR/pg. */
must_check bool cluster_may_leave(const char *dir, struct err *e);

/* To be called first of all, before a file is opened or a thread is started. Started by
 * root: makes CLUSTER_RUN and the data directory if they are missing, owned by CLUSTER_USER,
 * becomes that user for good, and checks that the data directory can be reached.
 * dir: the data directory asked for, or NULL. *ret_dir: the same; CLUSTER_HOME for root and
 * NULL. For an ordinary user nothing happens.
 * Errors: ERR_NOT_FOUND, there is no such user (the text has the useradd line); ERR_DENIED,
 * the user cannot reach or write the data directory; ERR_IO. */
must_check bool cluster_drop_root(const char *dir, const char **ret_dir, struct err *e);

#endif
