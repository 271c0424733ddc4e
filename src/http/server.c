/* server.c - starts and stops the whole: sockets, loops, pool. See http.h. */
#include "http_int.h"

#include "collaudo/log.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void
set_defaults(struct http_opts *o)
{
    /* clang-format off */
    if (!o->loops)       o->loops = 2;
    if (!o->workers)     o->workers = 4;
    if (!o->queue)       o->queue = 256;
    if (!o->connections) o->connections = 2048;
    if (!o->memory)      o->memory = (size_t)512 << 20;
    if (!o->drain)       o->drain = (size_t)64 << 20;
    if (!o->retry_after) o->retry_after = 5;
    if (!o->head_time)   o->head_time = 10 * USEC_SECOND;
    if (!o->body_time)   o->body_time = 30 * USEC_SECOND;
    if (!o->drain_time)  o->drain_time = 10 * USEC_SECOND;
    if (!o->rate_time)   o->rate_time = 5 * USEC_SECOND;
    if (!o->body_rate)   o->body_rate = 1024;
    if (!o->idle_time)   o->idle_time = 75 * USEC_SECOND;
    if (!o->later_time)  o->later_time = 4 * USEC_SECOND;
    if (!o->pool_time)   o->pool_time = 30 * USEC_SECOND;
    if (!o->send_time)   o->send_time = 30 * USEC_SECOND;
    if (!o->stop_time)   o->stop_time = 5 * USEC_SECOND;
    if (!o->many_time)   o->many_time = 2 * USEC_SECOND;
    if (!o->unknown_time) o->unknown_time = USEC_SECOND / 4;
    /* clang-format on */
}

/* What clients are told is less than what we keep: the one who sends at the last moment
 * must not meet a closing door. */
static void
set_keep_alive(struct http *h)
{
    usec_t idle = h->opts.idle_time, told = idle - idle / 5;

    if (idle - told > 15 * USEC_SECOND)
        told = idle - 15 * USEC_SECOND;
    snprintf(h->keep_alive, sizeof h->keep_alive, "timeout=%lld", (long long)(told / USEC_SECOND));
}

/* Connections, their lingering ends, and some for everybody else in the process. */
static void
raise_files(unsigned connections)
{
    struct rlimit r;
    rlim_t        want = connections + 1024;

    if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= want)
        return;
    r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > want ? want : r.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur < want)
        log_line(LOG_WARN, "http", "only %llu open files are allowed, %llu would be needed",
                 (unsigned long long)r.rlim_cur, (unsigned long long)want);
}

static void
on_panic(void *cls, const char *file, unsigned line, const char *why)
{
    (void)cls;
    log_line(LOG_ERROR, "http", "libmicrohttpd gives up at %s:%u: %s", file, line, why);
    abort();
}

bool
http_thread(pthread_t *ret, const char *name, void *(*fn)(void *), void *arg, struct err *e)
{
    sigset_t all, old;

    sigfillset(&all); /* signals are the main thread's business */
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int no = pthread_create(ret, NULL, fn, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (no)
        return err_errno(e, no, "cannot start the thread %s", name);
    pthread_setname_np(*ret, name);
    return true;
}

void
http_unref(struct http *h)
{
    if (atomic_fetch_sub(&h->refs, 1) != 1)
        return;
    for (unsigned i = 0; i < h->loops_n; i++) {
        close(h->loops[i].wake.fd);
        pthread_mutex_destroy(&h->loops[i].lock);
    }
    pthread_mutex_destroy(&h->pool.lock);
    pthread_cond_destroy(&h->pool.more);
    free(h->stats.by_class);
    arena_free(&h->mem);
    free(h);
}

void
http_stop(struct http *h)
{
    if (!h)
        return;
    h->stop_at = time_monotonic() + h->opts.stop_time;
    atomic_store(&h->stopping, true);
    for (unsigned i = 0; i < h->loops_n; i++)
        http_loop_wake(&h->loops[i]);
    for (unsigned i = 0; i < h->loops_n; i++)
        if (h->loops[i].started)
            pthread_join(h->loops[i].thread, NULL);
    http_pool_stop(&h->pool);
    for (unsigned i = 0; i < h->loops_n; i++)
        http_loop_close(&h->loops[i]);
    for (size_t i = 0; i < h->listeners_n; i++)
        http_listen_close(&h->listeners[i]);
    http_unref(h);
}

static bool
open_listeners(struct http *h, struct err *e)
{
    h->listeners = arena_new(&h->mem, struct http_listener, h->opts.listen_n);
    if (!h->listeners)
        return err_set(e, ERR_NOMEM, "no memory for the listen sockets");
    for (size_t i = 0; i < h->opts.listen_n; i++) {
        if (!http_listen(h->opts.listen[i], &h->listeners[i], &h->mem, e))
            return false;
        if (!(h->listeners[h->listeners_n++].address = arena_strdup(&h->mem, h->opts.listen[i])))
            return err_set(e, ERR_NOMEM, "no memory for an address");
    }
    h->opts.listen = NULL; /* the caller's */
    return true;
}

static bool
start_all(struct http *h, struct err *e)
{
    const struct http_opts *o = &h->opts;

    h->stats.by_class = calloc(o->routes_n + 1, sizeof *h->stats.by_class);
    h->loops = arena_new(&h->mem, struct http_loop, o->loops);
    if (!h->stats.by_class || !h->loops)
        return err_set(e, ERR_NOMEM, "no memory for the server");
    if (!http_router_init(&h->router, o->routes, o->routes_n, &h->mem, e) ||
        !open_listeners(h, e) || !http_pool_start(&h->pool, o->workers, &h->mem, e))
        return false;
    for (unsigned i = 0; i < o->loops; i++, h->loops_n++)
        if (!http_loop_open(&h->loops[i], h, e)) {
            h->loops_n++; /* half open: to be closed with the others */
            return false;
        }
    atomic_store(&h->accepting, (int)h->loops_n);
    for (unsigned i = 0; i < h->loops_n; i++)
        if (!http_loop_start(&h->loops[i], e))
            return false;
    return true;
}

bool
http_start(const struct http_opts *opts, struct http **ret_http, struct err *e)
{
    struct http *h;

    if (!opts->listen_n || !opts->allow)
        return err_set(e, ERR_INVALID, "a server needs an address and somebody who says who may");
    signal(SIGPIPE, SIG_IGN);
    MHD_set_panic_func(on_panic, NULL);
    h = calloc(1, sizeof *h);
    if (!h)
        return err_set(e, ERR_NOMEM, "no memory for the server");
    atomic_init(&h->refs, 1);
    h->opts = *opts;
    set_defaults(&h->opts);
    set_keep_alive(h);
    raise_files(h->opts.connections);
    arena_init(&h->mem, (size_t)16 << 20);
    h->budget.limit = h->opts.memory;
    h->strangers.limit = h->opts.memory / 2;
    h->strangers.whole = &h->budget;
    http_pool_init(&h->pool, h->opts.queue);
    /* before 1.0 the library has no strictness worth the name, but parses in place */
    h->strict_layout = strncmp(MHD_get_version(), "0.", 2) == 0;
    if (!start_all(h, e)) {
        http_stop(h);
        return false;
    }
    for (size_t i = 0; i < h->listeners_n; i++)
        if (h->listeners[i].port)
            log_line(LOG_INFO, "http", "listening on %s (port %u)", opts->listen[i],
                     h->listeners[i].port);
        else
            log_line(LOG_INFO, "http", "listening on %s", opts->listen[i]);
    *ret_http = h;
    return true;
}

bool
http_url(const struct http *h, size_t i, char ret[HTTP_URL_LEN])
{
    const struct http_listener *l = i < h->listeners_n ? &h->listeners[i] : NULL;

    if (!l || !l->port)
        return false;
    snprintf(ret, HTTP_URL_LEN, "http://%.*s:%u/", (int)(strrchr(l->address, ':') - l->address),
             l->address, l->port);
    return true;
}
