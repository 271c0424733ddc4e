/* loop.c - a thread that accepts, reads and writes: one library daemon per thread.
 *
 * The daemon runs in external epoll mode. Its own event thread stalls when exactly
 * 128 k connections become ready at once, which a group commit brings about all the
 * time; a loop of ours around MHD_run() does not. All loops accept from the same listen
 * sockets, and nothing of a daemon is touched by any thread but its own.
 */
#include "http_int.h"

#include "collaudo/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SWEEP (100 * USEC_SECOND / 1000) /* deadlines are kept this exactly */
#define ACCEPT_AT_ONCE 16                /* so that one loop does not take them all */
#define LINGER_TIME (2 * USEC_SECOND)
#define LINGER_BYTES ((size_t)64 << 20)
#define LINGER_MOST 256
#define LINGER_AT_STOP (USEC_SECOND / 2)

/* --- connections that are only read until they end ------------------------------ */

void
http_linger_add(struct http_loop *l, int fd)
{
    struct http_linger *g = fd >= 0 && l->lingers_n < LINGER_MOST ? calloc(1, sizeof *g) : NULL;
    struct epoll_event  ev = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = g };

    if (g && epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) == 0) {
        g->w = (struct http_watch){ HTTP_WATCH_LINGER, fd };
        g->deadline = time_monotonic() + LINGER_TIME;
        g->next = l->lingers;
        if (g->next)
            g->next->prev = g;
        l->lingers = g;
        l->lingers_n++;
        return;
    }
    free(g);
    if (fd >= 0)
        close(fd);
}

static void
linger_end(struct http_loop *l, struct http_linger *g)
{
    if (g->next)
        g->next->prev = g->prev;
    if (g->prev)
        g->prev->next = g->next;
    else
        l->lingers = g->next;
    l->lingers_n--;
    close(g->w.fd); /* the last reference: leaves the epoll set by itself */
    free(g);
}

static void
linger_read(struct http_loop *l, struct http_linger *g)
{
    char    waste[16384];
    ssize_t n = recv(g->w.fd, waste, sizeof waste, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0 && (g->seen += (size_t)n) < LINGER_BYTES)
        return;
    linger_end(l, g);
}

static void
linger_sweep(struct http_loop *l, usec_t now)
{
    struct http_linger *next;

    for (struct http_linger *g = l->lingers; g; g = next) {
        next = g->next;
        if (now >= g->deadline)
            linger_end(l, g);
    }
}

/* --- accepting --------------------------------------------------------------------- */

static void
listen_on(struct http_loop *l, bool on)
{
    for (size_t i = 0; i < l->h->listeners_n && l->listening != on; i++) {
        struct http_listener *s = &l->h->listeners[i];
        struct epoll_event    ev = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &s->w };

        epoll_ctl(l->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, s->w.fd, &ev);
    }
    l->listening = on;
}

static enum http_peer
peer_of(const struct sockaddr_storage *a)
{
    const struct sockaddr_in  *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;

    if (a->ss_family == AF_UNIX)
        return HTTP_PEER_UNIX;
    if (a->ss_family == AF_INET && ntohl(v4->sin_addr.s_addr) >> 24 == 127)
        return HTTP_PEER_LOOPBACK;
    if (a->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
        return HTTP_PEER_LOOPBACK;
    return HTTP_PEER_OTHER;
}

/* For one newcomer, who must really be there. */
static bool
make_room(struct http_loop *l, int listener)
{
    struct pollfd p = { .fd = listener, .events = POLLIN };

    if (poll(&p, 1, 0) != 1)
        return false;
    if (http_conn_evict(l))
        return true;
    listen_on(l, false); /* until the next sweep: the kernel keeps them waiting */
    return false;
}

/* False: none is waiting, or none can be taken now. */
static bool
accept_one(struct http_loop *l, int listener)
{
    struct sockaddr_storage a = { .ss_family = AF_UNSPEC };
    socklen_t               n = sizeof a;
    struct http            *h = l->h;
    int                     one = 1;

    if (atomic_load(&h->stats.connections) >= h->opts.connections && !make_room(l, listener))
        return false;
    int fd = accept4(listener, (struct sockaddr *)&a, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            log_line(LOG_WARN, "http", "no descriptors or memory for more connections");
            listen_on(l, false);
        }
        return errno == ECONNABORTED || errno == EINTR;
    }
    l->accepting = peer_of(&a);
    if (l->accepting != HTTP_PEER_UNIX)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    http_count(h->stats.accepted, 1);
    /* the library owns the descriptor now, and closes it when it refuses it */
    return MHD_add_connection(l->mhd, fd, (struct sockaddr *)&a, n) == MHD_YES;
}

static void
accept_some(struct http_loop *l, int listener)
{
    for (int i = 0; i < ACCEPT_AT_ONCE && l->listening; i++)
        if (!accept_one(l, listener))
            return;
}

/* The last loop to leave closes the doors; those who stand in them are let in first. */
static void
leave(struct http_loop *l)
{
    struct http *h = l->h;

    for (size_t i = 0; i < h->listeners_n; i++)
        accept_some(l, h->listeners[i].w.fd);
    listen_on(l, false);
    l->draining = true;
    if (atomic_fetch_sub(&h->accepting, 1) == 1)
        for (size_t i = 0; i < h->listeners_n; i++)
            http_listen_close(&h->listeners[i]);
}

/* --- the loop -------------------------------------------------------------------------- */

void
http_loop_wake(struct http_loop *l)
{
    if (eventfd_write(l->wake.fd, 1) != 0)
        return; /* the counter is full: it is awake */
}

/* Milliseconds the loop may sleep. */
static int
patience(struct http_loop *l)
{
    MHD_UNSIGNED_LONG_LONG ms;

    if (MHD_get_timeout(l->mhd, &ms) == MHD_YES && ms == 0)
        return 0; /* it has read more than it has worked on */
    if (!l->conns && !l->lingers && (l->listening || l->draining))
        return l->draining ? 10 : -1;
    usec_t left = l->next_sweep - time_monotonic();
    return left <= 0 ? 0 : (int)(left / 1000) + 1;
}

static void
on_event(struct http_loop *l, struct http_watch *w)
{
    eventfd_t n;

    switch (w->kind) {
    case HTTP_WATCH_LISTEN:
        accept_some(l, w->fd);
        break;
    case HTTP_WATCH_WAKE:
        if (eventfd_read(w->fd, &n) != 0)
            break; /* somebody else's wake was taken with it */
        break;
    case HTTP_WATCH_LINGER:
        linger_read(l, (struct http_linger *)w);
        break;
    case HTTP_WATCH_MHD:
        break; /* MHD_run() is called in any case */
    }
}

static void
sweep(struct http_loop *l, usec_t now)
{
    l->next_sweep = now + SWEEP;
    http_conn_sweep(l, now);
    linger_sweep(l, now);
    if (l->draining)
        http_conn_drain(l);
    else
        listen_on(l, true);
}

static void
turn(struct http_loop *l)
{
    struct epoll_event ev[64];
    int                n = epoll_wait(l->epoll, ev, sizeof ev / sizeof *ev, patience(l));

    for (int i = 0; i < n; i++)
        on_event(l, ev[i].data.ptr);
    http_later_collect(l);
    MHD_run(l->mhd);
    usec_t now = time_monotonic();
    if (now >= l->next_sweep)
        sweep(l, now);
}

/* What is left when the time to stop is over. A daemon must not end while connections
 * are suspended, so each of them is answered, if only with 503. */
static void
finish(struct http_loop *l)
{
    do {
        http_conn_expire_all(l);
        http_later_collect(l);
        MHD_run(l->mhd); /* writes those answers; may read, and suspend, another request */
    } while (l->suspended);
}

static void *
run(void *arg)
{
    struct http_loop *l = arg;
    struct http      *h = l->h;
    usec_t            empty_since = 0;

    listen_on(l, true);
    while (!atomic_load(&h->stopping))
        turn(l);
    leave(l);
    http_conn_drain(l);
    for (usec_t now = time_monotonic(); now < h->stop_at; now = time_monotonic()) {
        turn(l);
        if (l->conns)
            empty_since = 0;
        else if (!empty_since)
            empty_since = now;
        if (empty_since && (!l->lingers || now - empty_since > LINGER_AT_STOP))
            break;
    }
    finish(l);
    return NULL;
}

/* --- opening and closing ------------------------------------------------------------------ */

static bool
watch(struct http_loop *l, struct http_watch *w, enum http_watch_kind kind, int fd)
{
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };

    *w = (struct http_watch){ kind, fd };
    return fd >= 0 && epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static struct MHD_Daemon *
start_daemon(struct http_loop *l)
{
    const struct http *h = l->h;

    /* clang-format off */
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
        http_ex_on_call, l,
        MHD_OPTION_URI_LOG_CALLBACK,        http_ex_on_uri, l,
        MHD_OPTION_NOTIFY_COMPLETED,        http_ex_on_end, l,
        MHD_OPTION_NOTIFY_CONNECTION,       http_conn_on_notify, l,
        MHD_OPTION_CONNECTION_LIMIT,        h->opts.connections + 64u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_POOL_PER_CONN,
        /* from 1.0 on it is strict if asked, and the layout of memory is its own affair */
        MHD_OPTION_STRICT_FOR_CLIENT,       h->strict_layout ? 0 : 1,
        MHD_OPTION_END);
    /* clang-format on */
}

bool
http_loop_open(struct http_loop *l, struct http *h, struct err *e)
{
    const union MHD_DaemonInfo *info;

    *l = (struct http_loop){ .h = h, .epoll = epoll_create1(EPOLL_CLOEXEC), .wake.fd = -1 };
    l->done_tail = &l->done;
    pthread_mutex_init(&l->lock, NULL);
    l->mhd = start_daemon(l);
    info = l->mhd ? MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (l->epoll < 0 || !info ||
        !watch(l, &l->wake, HTTP_WATCH_WAKE, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) ||
        !watch(l, &l->mhd_watch, HTTP_WATCH_MHD, info->epoll_fd))
        return err_set(e, ERR_IO, "cannot set up a loop thread");
    return true;
}

bool
http_loop_start(struct http_loop *l, struct err *e)
{
    char name[16];

    snprintf(name, sizeof name, "http-loop-%u", (unsigned)(l - l->h->loops) % 1000);
    l->started = http_thread(&l->thread, name, run, l, e);
    return l->started;
}

void
http_loop_close(struct http_loop *l)
{
    if (l->mhd)
        MHD_stop_daemon(l->mhd);
    while (l->lingers)
        linger_end(l, l->lingers);
    if (l->epoll >= 0)
        close(l->epoll);
    l->mhd = NULL;
    l->epoll = -1;
}
