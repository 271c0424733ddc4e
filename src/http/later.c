/* later.c - answers that come after the handler has returned, from any thread.
 *
 * Finisher and deadline race for a suspended request; one compare-and-swap settles it.
 * The winner's result waits in the loop's list, and only the loop's own thread resumes
 * the connection and calls the library: no lock of ours or of the library is ever held
 * across threads while an answer is made.
 */
#include "http_int.h"

#include <assert.h>

static struct http_ex *
ex_of(const struct http_later *later)
{
    return (struct http_ex *)(uintptr_t)later;
}

struct http_later *
http_later(const struct http_req *req)
{
    struct http_ex *ex = http_ex_of(req);

    assert(!ex->later_taken && "one later per request");
    ex->later_taken = true;
    atomic_fetch_add(&ex->refs, 1);
    if (atomic_load(&ex->race) == HTTP_RACE_NONE) /* in the pool it is open already */
        atomic_store(&ex->race, HTTP_RACE_OPEN);
    return (struct http_later *)ex;
}

void
http_finish(struct http_later *later, const struct http_res *res)
{
    struct http_ex *ex = ex_of(later);

    ex->failed = false;
    ex->res = *res;
    http_later_done(ex);
    http_ex_release(ex);
}

void
http_fail(struct http_later *later, const struct err *e)
{
    struct http_ex *ex = ex_of(later);

    assert(e->code);
    ex->failed = true;
    ex->err = *e;
    http_later_done(ex);
    http_ex_release(ex);
}

void
http_later_done(struct http_ex *ex)
{
    struct http_loop *l = ex->loop;
    int               open = HTTP_RACE_OPEN;

    if (!atomic_compare_exchange_strong(&ex->race, &open, HTTP_RACE_DONE)) {
        assert(open == HTTP_RACE_LATE && "a later is finished once");
        return; /* answered by the deadline */
    }
    pthread_mutex_lock(&l->lock);
    bool first = !l->done;
    ex->next = NULL;
    *l->done_tail = ex;
    l->done_tail = &ex->next;
    pthread_mutex_unlock(&l->lock);
    if (first) /* else whoever was first has woken the loop, and it has not come yet */
        http_loop_wake(l);
}

void
http_later_suspend(struct http_ex *ex)
{
    const struct http_opts  *o = &ex->h->opts;
    const struct http_route *r = ex->req.route;
    usec_t most = r->deadline ? r->deadline : r->flags & HTTP_POOL ? o->pool_time : o->later_time;

    ex->state = HTTP_EX_WAIT;
    http_conn_phase(ex->conn, HTTP_WAITS, most);
    ex->loop->suspended++;
    http_count(ex->h->stats.suspended, 1);
    MHD_suspend_connection(ex->mhd);
}

static void
resume(struct http_ex *ex)
{
    ex->state = HTTP_EX_READY;
    ex->conn->deadline = INT64_MAX; /* the library calls for the answer in its next turn */
    ex->loop->suspended--;
    http_uncount(ex->h->stats.suspended, 1);
    MHD_resume_connection(ex->mhd);
}

void
http_later_hold(struct http_ex *ex, usec_t most)
{
    ex->held = true;
    ex->state = HTTP_EX_WAIT;
    http_conn_phase(ex->conn, HTTP_HOLDS, most);
    ex->loop->suspended++;
    http_count(ex->h->stats.suspended, 1);
    http_count(ex->h->stats.held, 1);
    MHD_suspend_connection(ex->mhd);
}

void
http_later_release(struct http_ex *ex)
{
    http_conn_phase(ex->conn, HTTP_SENDS, ex->h->opts.send_time);
    resume(ex);
}

bool
http_later_expire(struct http_ex *ex)
{
    int open = HTTP_RACE_OPEN;

    if (!atomic_compare_exchange_strong(&ex->race, &open, HTTP_RACE_LATE))
        return false; /* its result is on the way */
    ex->late = true;
    resume(ex);
    return true;
}

void
http_later_collect(struct http_loop *l)
{
    struct http_ex *next;

    pthread_mutex_lock(&l->lock);
    struct http_ex *ex = l->done;
    l->done = NULL;
    l->done_tail = &l->done;
    pthread_mutex_unlock(&l->lock);
    for (; ex; ex = next) {
        next = ex->next;
        resume(ex);
    }
}
