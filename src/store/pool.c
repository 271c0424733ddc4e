/* pool.c - connections handed out one at a time. See db.h. */
#include "db_int.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_S 2

struct db_pool {
    struct db_opts  opts;
    char           *conninfo;
    pthread_mutex_t lock;
    pthread_cond_t  came_back;
    size_t          most, out, idle; /* out: given away or being opened */
    struct db      *free[];
};

struct db_pool *
db_pool_new(const struct db_opts *o, size_t most)
{
    struct db_pool    *p = calloc(1, sizeof *p + most * sizeof(struct db *));
    pthread_condattr_t monotonic;

    if (!p || !(p->conninfo = strdup(o->conninfo))) {
        free(p);
        return NULL;
    }
    p->opts = *o;
    p->opts.conninfo = p->conninfo;
    p->most = most;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->came_back, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return p;
}

void
db_pool_close(struct db_pool *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->idle; i++)
        db_close(p->free[i]);
    pthread_cond_destroy(&p->came_back);
    pthread_mutex_destroy(&p->lock);
    free(p->conninfo);
    free(p);
}

/* A server that went away shows on the socket of an idle connection: its farewell, or the
 * end of the stream, is there to be read. */
static bool
is_alive(struct db *db)
{
    struct pollfd p = { .fd = PQsocket(db->conn), .events = POLLIN };

    return poll(&p, 1, 0) == 0 && !db_is_lost(db);
}

bool
db_take(struct db_pool *p, struct db **ret, struct err *e)
{
    struct timespec until;
    struct db      *db = NULL;
    int             r = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&p->lock);
    while (!p->idle && p->out == p->most && r != ETIMEDOUT)
        r = pthread_cond_timedwait(&p->came_back, &p->lock, &until);
    bool room = p->idle || p->out < p->most;
    if (p->idle)
        db = p->free[--p->idle];
    p->out += room;
    pthread_mutex_unlock(&p->lock);
    if (!room)
        return err_set(e, ERR_BUSY, "all %zu connections to PostgreSQL are in use", p->most);
    if (db && !is_alive(db)) {
        db_close(db);
        db = NULL;
    }
    if (!db && !db_open(&p->opts, &db, e)) {
        db_give(p, NULL);
        /* strangers hear this: hosts and users are for the log, where the loader tells them */
        return e->code == ERR_BUSY ? err_set(e, ERR_BUSY, "no connection to PostgreSQL") : false;
    }
    *ret = db;
    return true;
}

void
db_give(struct db_pool *p, struct db *db)
{
    if (db)
        db_rollback(db);
    if (db && db_is_lost(db)) {
        db_close(db);
        db = NULL;
    }
    pthread_mutex_lock(&p->lock);
    p->out--;
    if (db)
        p->free[p->idle++] = db;
    pthread_cond_signal(&p->came_back);
    pthread_mutex_unlock(&p->lock);
}
