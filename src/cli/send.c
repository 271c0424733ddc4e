/* send.c - a queue of batches and the connections that carry them. See send.h. */
#include "send.h"

#include "collaudo/json.h"
#include "collaudo/outbound_http.h"
#include "collaudo/zip.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE 32
#define MOST_BYTES ((size_t)1 << 20)  /* of a batch; the door takes eight times as much */
#define ANSWER_MEM ((size_t)64 << 20) /* of one answer and its tree */
#define TIMEOUT_S 60                  /* of one request */
#define SHORT_WAIT (100 * USEC_SECOND / 1000)
#define LONG_WAIT (5 * USEC_SECOND)
#define MOST_ASKED (60 * USEC_SECOND) /* a Retry-After beyond is not believed */
#define TICKS_PER_SECOND 20           /* of a steady rate */
#define SPANS (64 * 8)

struct batch {
    int    source;
    size_t lines, n, cap;
    char  *p;
};

struct cli_send {
    struct cli_send_opts o;
    pthread_mutex_t      lock;
    pthread_cond_t       ready, room, halt; /* something to send; a free place; somebody gave up */
    struct batch         queue[QUEUE], filling[CLI_SEND_SOURCES];
    size_t               first, waiting;
    bool                 closing, failed;
    struct err           why; /* of the first failure */
    struct cli_send_sum  sum;
    int64_t              span[SPANS]; /* answered requests by how long they took */
    int64_t              pushed;      /* lines, for the rate */
    usec_t               begun, shown;
    pthread_t            thread[CLI_SEND_CONNECTIONS];
    int                  threads;
};

/* --- how long requests took ------------------------------------------------------------ */

/* Eight spans to each power of two. */
static int
span_of(usec_t t)
{
    uint64_t v = t > 8 ? (uint64_t)t : 8;
    int      top = 63 - __builtin_clzll(v);

    return top * 8 + (int)(v >> (top - 3) & 7);
}

static usec_t
percentile(const struct cli_send *s, int64_t percent)
{
    int64_t left = (s->sum.requests * percent + 99) / 100;
    int     i = 0;

    for (; i < SPANS - 1 && (left -= s->span[i]) > 0; i++)
        ;
    return (usec_t)((UINT64_C(8) + ((uint64_t)i & 7)) << (i / 8) >> 3);
}

/* --- one request ------------------------------------------------------------------------ */

static void
give_up(struct cli_send *s, const struct err *why)
{
    pthread_mutex_lock(&s->lock);
    if (!s->failed)
        s->why = *why;
    s->failed = true;
    pthread_cond_broadcast(&s->halt);
    pthread_cond_broadcast(&s->ready);
    pthread_cond_broadcast(&s->room);
    pthread_mutex_unlock(&s->lock);
}

/* False when somebody gave up meanwhile. */
static bool
pause_for(struct cli_send *s, usec_t t)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += t / USEC_SECOND;
    until.tv_nsec += t % USEC_SECOND * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&s->lock);
    while (!s->failed && pthread_cond_timedwait(&s->halt, &s->lock, &until) == 0)
        ;
    bool on = !s->failed;
    s->sum.again += on;
    pthread_mutex_unlock(&s->lock);
    return on;
}

static bool
retriable(const struct outbound_http_answer *a)
{
    static const int status[] = { 408, 429, 502, 503, 504 };

    for (size_t i = 0; i < sizeof status / sizeof *status; i++)
        if (a->status == status[i])
            return true;
    return false;
}

/* {"received","accepted","rejected"} of a 200 into the sums. */
static bool
read_answer(struct cli_send *s, const struct batch *b, const struct outbound_http_answer *a,
            struct arena *mem, usec_t took, struct err *e)
{
    const cJSON *doc = NULL;
    int64_t      received, accepted, rejected;

    if (a->status != 200) {
        struct err  ignored = ERR_INIT;
        const char *text = NULL;
        if (json_parse(mem, a->body, a->n, &doc, &ignored))
            text = json_text(json_get(doc, "error"), "message");
        return err_set(e, a->status == 401 || a->status == 403 ? ERR_DENIED : ERR_IO,
                       "the door answered %d: %s", a->status, text ? text : "without a reason");
    }
    if (!json_parse(mem, a->body, a->n, &doc, e) || !json_int(doc, "received", &received) ||
        !json_int(doc, "accepted", &accepted) || !json_int(doc, "rejected", &rejected) ||
        received != (int64_t)b->lines)
        return err_set(e, ERR_IO, "the door's answer does not fit what was sent");
    pthread_mutex_lock(&s->lock);
    s->sum.lines += received;
    s->sum.accepted += accepted;
    s->sum.quarantined += rejected;
    s->sum.requests++;
    s->span[span_of(took)]++;
    pthread_mutex_unlock(&s->lock);
    return true;
}

/* One attempt. *ret_wait: try again after so long; 0: it is done. */
static bool
attempt(struct cli_send *s, struct outbound_http *http, const struct outbound_http_post *p,
        const struct batch *b, struct arena *mem, usec_t *ret_wait, struct err *e)
{
    struct outbound_http_answer a;
    usec_t                      begun = time_monotonic();

    arena_reset(mem);
    if (!outbound_http_send(http, p, mem, &a, e)) {
        *ret_wait = SHORT_WAIT;
        return e->code == ERR_BUSY || e->code == ERR_TIMEOUT;
    }
    if (!retriable(&a)) {
        *ret_wait = 0;
        return read_answer(s, b, &a, mem, time_monotonic() - begun, e);
    }
    err_set(e, ERR_BUSY, "the door answered %d", a.status);
    *ret_wait = a.retry_after_s ? a.retry_after_s * USEC_SECOND : SHORT_WAIT;
    return true;
}

/* Until it is answered with 200, or patience is at its end. */
static bool
deliver(struct cli_send *s, struct outbound_http *http, const struct batch *b, struct arena *mem,
        struct arena *zipped, struct err *e)
{
    struct outbound_http_post p = { .target = "/v1/events",
                                    .type = "application/x-ndjson",
                                    .key = s->o.key[b->source],
                                    .body = b->p,
                                    .n = b->n,
                                    .gzip = s->o.gzip,
                                    .timeout_s = TIMEOUT_S };
    usec_t                    end = time_monotonic() + s->o.patience, wait, more = SHORT_WAIT;

    arena_reset(zipped);
    if (p.gzip && !zip_gzip(zipped, 1, b->p, b->n, &p.body, &p.n, e))
        return false;
    while (attempt(s, http, &p, b, mem, &wait, e)) {
        if (!wait)
            return true;
        if (wait == SHORT_WAIT) { /* nobody said how long */
            wait = more;
            more = more * 2 < LONG_WAIT ? more * 2 : LONG_WAIT;
        }
        if (wait > MOST_ASKED)
            wait = MOST_ASKED;
        if (time_monotonic() + wait > end)
            return err_wrap(e, "gave up after %d s", (int)(s->o.patience / USEC_SECOND));
        if (!pause_for(s, wait))
            return err_set(e, ERR_BUSY, "another connection gave up");
        *e = (struct err)ERR_INIT;
    }
    return false;
}

/* --- a connection ------------------------------------------------------------------------- */

static void
swap(struct batch *a, struct batch *b)
{
    struct batch t = *a;

    *a = *b;
    *b = t;
}

/* The next batch into *b; false when there will be none. */
static bool
next(struct cli_send *s, struct batch *b)
{
    pthread_mutex_lock(&s->lock);
    while (!s->waiting && !s->closing && !s->failed)
        pthread_cond_wait(&s->ready, &s->lock);
    bool some = s->waiting && !s->failed;
    if (some) {
        swap(b, &s->queue[s->first]);
        s->first = (s->first + 1) % QUEUE;
        s->waiting--;
        pthread_cond_signal(&s->room);
    }
    pthread_mutex_unlock(&s->lock);
    return some;
}

static void *
carry(void *arg)
{
    struct cli_send      *s = arg;
    struct outbound_http *http = outbound_http_new(s->o.url, s->o.socket);
    struct batch          b = { 0 };
    struct arena          mem, zipped;
    struct err            e = ERR_INIT;

    arena_init(&mem, ANSWER_MEM);
    arena_init(&zipped, ANSWER_MEM);
    bool ok = http || err_set(&e, ERR_NOMEM, "no memory for a connection");
    while (ok && next(s, &b))
        ok = deliver(s, http, &b, &mem, &zipped, &e);
    if (!ok)
        give_up(s, &e);
    arena_free(&mem);
    arena_free(&zipped);
    free(b.p);
    outbound_http_close(http);
    return NULL;
}

/* --- handing in ------------------------------------------------------------------------------ */

bool
cli_send_start(const struct cli_send_opts *o, struct cli_send **ret, struct err *e)
{
    AUTO_STRUCT(cli_send) *s = calloc(1, sizeof *s);
    pthread_condattr_t monotonic;

    if (!s)
        return err_set(e, ERR_NOMEM, "no memory to send");
    assert(o->sources <= CLI_SEND_SOURCES && o->connections <= CLI_SEND_CONNECTIONS);
    s->o = *o;
    if (o->rate && (int64_t)s->o.batch > o->rate / TICKS_PER_SECOND)
        s->o.batch = o->rate < TICKS_PER_SECOND ? 1 : (size_t)(o->rate / TICKS_PER_SECOND);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->ready, NULL);
    pthread_cond_init(&s->room, NULL);
    pthread_cond_init(&s->halt, &monotonic);
    pthread_condattr_destroy(&monotonic);
    s->begun = time_monotonic();
    for (; s->threads < o->connections; s->threads++)
        if (pthread_create(&s->thread[s->threads], NULL, carry, s) != 0)
            return err_set(e, ERR_NOMEM, "no more than %d connections", s->threads);
    *ret = TAKE(s);
    return true;
}

static void
show(struct cli_send *s, usec_t now)
{
    if (!s->o.bar || now - s->shown < USEC_SECOND / 5)
        return;
    s->shown = now;
    pthread_mutex_lock(&s->lock);
    int64_t lines = s->sum.lines, again = s->sum.again;
    pthread_mutex_unlock(&s->lock);
    fprintf(stderr, "\r%" PRId64 " events sent, %" PRId64 "/s, %" PRId64 " requests again  ", lines,
            lines * USEC_SECOND / (now - s->begun + 1), again);
}

/* Not before the rate allows it. */
static void
keep_pace(struct cli_send *s, size_t lines)
{
    usec_t due = s->begun + (usec_t)((__int128)s->pushed * USEC_SECOND / s->o.rate);
    usec_t left = due - time_monotonic();

    s->pushed += (int64_t)lines;
    if (left > 0)
        nanosleep(&(struct timespec){ left / USEC_SECOND, left % USEC_SECOND * 1000 }, NULL);
}

static bool
push(struct cli_send *s, struct batch *b, struct err *e)
{
    if (s->o.rate)
        keep_pace(s, b->lines);
    show(s, time_monotonic());
    pthread_mutex_lock(&s->lock);
    while (s->waiting == QUEUE && !s->failed)
        pthread_cond_wait(&s->room, &s->lock);
    bool ok = !s->failed;
    if (ok) {
        swap(b, &s->queue[(s->first + s->waiting++) % QUEUE]);
        pthread_cond_signal(&s->ready);
    } else {
        *e = s->why;
    }
    pthread_mutex_unlock(&s->lock);
    b->lines = b->n = 0;
    return ok;
}

bool
cli_send_line(struct cli_send *s, int source, const char *p, size_t n, struct err *e)
{
    struct batch *b = &s->filling[source];

    if (b->n + n + 1 > b->cap) {
        size_t cap = (b->n + n + 1) * 2;
        char  *more = realloc(b->p, cap);

        if (!more)
            return err_set(e, ERR_NOMEM, "no memory for a batch of %zu bytes", cap);
        b->p = more;
        b->cap = cap;
    }
    memcpy(b->p + b->n, p, n);
    b->p[b->n + n] = '\n';
    b->n += n + 1;
    b->lines++;
    b->source = source;
    return (b->lines < s->o.batch && b->n < MOST_BYTES) || push(s, b, e);
}

/* --- ending --------------------------------------------------------------------------------------
 */

static void
join(struct cli_send *s)
{
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_broadcast(&s->ready);
    pthread_mutex_unlock(&s->lock);
    while (s->threads > 0)
        pthread_join(s->thread[--s->threads], NULL);
}

bool
cli_send_finish(struct cli_send *s, struct cli_send_sum *ret, struct err *e)
{
    for (int i = 0; i < s->o.sources; i++)
        if (s->filling[i].lines && !push(s, &s->filling[i], e))
            return false;
    join(s);
    s->shown = 0;
    show(s, time_monotonic());
    if (s->o.bar)
        fprintf(stderr, "\n");
    if (s->failed) {
        *e = s->why;
        return false;
    }
    s->sum.took = time_monotonic() - s->begun;
    s->sum.p50 = percentile(s, 50);
    s->sum.p99 = percentile(s, 99);
    *ret = s->sum;
    return true;
}

void
cli_send_close(struct cli_send *s)
{
    static const struct err abandoned = { .code = ERR_BUSY, .text = "abandoned" };

    if (!s)
        return;
    if (s->threads)
        give_up(s, &abandoned);
    join(s);
    for (size_t i = 0; i < QUEUE; i++)
        free(s->queue[i].p);
    for (size_t i = 0; i < CLI_SEND_SOURCES; i++)
        free(s->filling[i].p);
    pthread_cond_destroy(&s->ready);
    pthread_cond_destroy(&s->room);
    pthread_cond_destroy(&s->halt);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
