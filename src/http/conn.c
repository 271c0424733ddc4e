/* conn.c - one connection: which phase it is in, how long that may last, how it ends.
 *
 * The library's own timeout is about inactivity: a byte a second keeps a connection for
 * ever. So each phase has an absolute end here, looked at ten times a second.
 */
#include "http_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define EVICT_AFTER (USEC_SECOND / 10) /* who has come just now may be about to speak */
#define SLOW_AFTER USEC_SECOND         /* a head or a body that takes longer is slow */
#define LOOK_AFTER (USEC_SECOND / 20)

void
http_conn_phase(struct http_conn *c, enum http_phase phase, usec_t most)
{
    usec_t now = time_monotonic();

    /* the first headers count from the connection's beginning, not from their own */
    if (phase != HTTP_HEAD_COMES || c->used)
        c->deadline = now + most;
    c->phase = phase;
    c->since = now;
    c->got = 0;
    c->looked = false;
}

static void
opened(struct http_loop *l, struct MHD_Connection *mhd, void **socket_context)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_conn *c = i ? calloc(1, sizeof *c) : NULL;

    *socket_context = c;
    if (!c)
        return; /* its first request line will end it */
    c->loop = l;
    c->fd = i->connect_fd;
    c->peer = l->accepting;
    c->known = c->peer == HTTP_PEER_UNIX;
    c->next = l->conns;
    if (c->next)
        c->next->prev = c;
    l->conns = c;
    http_conn_phase(c, HTTP_IDLE, l->h->opts.head_time);
    http_count(l->h->stats.connections, 1);
}

/* Bytes of the client that nobody reads make the kernel send a reset after our end of
 * the stream, which can destroy an answer under way. So unless the client has ended its
 * side already, the socket is read on for a moment. */
static void
closed(struct http_conn *c)
{
    struct http_loop *l = c->loop;
    char              byte;

    if (c->phase != HTTP_CUT && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
        http_linger_add(l, fcntl(c->fd, F_DUPFD_CLOEXEC, 0));
    if (c->next)
        c->next->prev = c->prev;
    if (c->prev)
        c->prev->next = c->next;
    else
        l->conns = c->next;
    http_uncount(l->h->stats.connections, 1);
    free(c);
}

void
http_conn_on_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
                    enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        opened(cls, mhd, socket_context);
    else if (*socket_context)
        closed(*socket_context);
}

/* The library sees the end of the stream in its next turn and lets go. */
static void
shut(struct http_conn *c)
{
    c->phase = HTTP_CUT;
    shutdown(c->fd, SHUT_RDWR);
}

void
http_conn_cut(struct http_conn *c)
{
    struct err e;

    http_count(c->loop->h->stats.timeouts, 1);
    if (c->phase == HTTP_HEAD_COMES || c->phase == HTTP_BODY_COMES) {
        /* nothing was sent for this request yet, and the library will send nothing more */
        err_set(&e, ERR_TIMEOUT, "the request took too long to arrive");
        http_error_send(c->ex, c->ex->refused ? &c->ex->err : &e);
    }
    shut(c);
}

static bool
is_too_slow(const struct http_conn *c, usec_t now)
{
    const struct http_opts *o = &c->loop->h->opts;
    usec_t                  took = now - c->since;

    return c->phase == HTTP_BODY_COMES && took > o->rate_time &&
           (usec_t)c->got * USEC_SECOND < took * (usec_t)o->body_rate;
}

/* Has the client ended its side, so that nothing more can come? The library is told of
 * readiness by its edges, and misses an end that came together with the last bytes. One
 * look a phase is enough: an end that comes alone is an edge of its own. */
static bool
has_ended(struct http_conn *c)
{
    char byte;

    if (c->looked || c->phase > HTTP_BODY_COMES)
        return false;
    c->looked = true;
    return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void
http_conn_sweep(struct http_loop *l, usec_t now)
{
    for (struct http_conn *c = l->conns; c; c = c->next) {
        if (c->phase == HTTP_CUT)
            continue;
        if (now - c->since > LOOK_AFTER && has_ended(c)) {
            shut(c);
            continue;
        }
        if (now < c->deadline && !is_too_slow(c, now))
            continue;
        if (c->phase == HTTP_HOLDS)
            http_later_release(c->ex);
        else if (c->phase != HTTP_WAITS)
            http_conn_cut(c);
        else if (http_later_expire(c->ex))
            http_count(l->h->stats.late, 1);
    }
}

void
http_conn_expire_all(struct http_loop *l)
{
    for (struct http_conn *c = l->conns; c; c = c->next) {
        if (c->phase == HTTP_HOLDS)
            http_later_release(c->ex);
        else if (c->phase == HTTP_WAITS && http_later_expire(c->ex))
            http_count(l->h->stats.late, 1);
    }
}

/* In which order connections make room: the lower, the sooner; -1: never. Who has said who it is
 * loses no request under way to those who have not. */
static int
rank(const struct http_conn *c, usec_t now)
{
    usec_t age = now - c->since;

    if (age <= EVICT_AFTER)
        return -1;
    switch (c->phase) {
    case HTTP_IDLE:
        return c->known ? 2 : 0;
    case HTTP_HEAD_COMES:
    case HTTP_BODY_COMES:
        return c->known ? -1 : age > SLOW_AFTER ? 1 : 3;
    case HTTP_HOLDS:
        return c->known ? 4 : 1;
    case HTTP_WAITS:
    case HTTP_SENDS:
    case HTTP_CUT:
        break;
    }
    return -1;
}

static void
make_way(struct http_conn *c)
{
    struct err e;

    if (c->phase == HTTP_HOLDS) { /* its answer goes now, and is the last one */
        c->ex->close = true;
        http_later_release(c->ex);
        return;
    }
    if (c->phase != HTTP_IDLE) {
        err_set(&e, ERR_BUSY, "too many connections just now");
        http_error_send(c->ex, c->ex->refused ? &c->ex->err : &e);
    }
    shut(c);
}

bool
http_conn_evict(struct http_loop *l)
{
    struct http_conn *best = NULL;
    usec_t            now = time_monotonic();
    int               best_rank = 0;

    for (struct http_conn *c = l->conns; c; c = c->next) {
        int r = rank(c, now);

        if (r < 0 || (best && (r > best_rank || (r == best_rank && c->since >= best->since))))
            continue;
        best = c;
        best_rank = r;
    }
    if (!best)
        return false;
    http_count(l->h->stats.evicted, 1);
    make_way(best);
    return true;
}

/* A request that has arrived but was not read yet is still answered. */
void
http_conn_drain(struct http_loop *l)
{
    for (struct http_conn *c = l->conns; c; c = c->next) {
        int unread = 0;

        if (c->phase == HTTP_HOLDS)
            http_later_release(c->ex);
        if (c->phase == HTTP_IDLE && ioctl(c->fd, FIONREAD, &unread) == 0 && !unread)
            shut(c);
    }
}
