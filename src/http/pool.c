/* pool.c - a few threads for handlers that may block, and their bounded queue. */
#include "http_int.h"

#include <stdio.h>

/* Runs one request unless its deadline has answered it already. */
static void
work(struct http_ex *ex)
{
    if (atomic_load(&ex->race) == HTTP_RACE_OPEN) {
        http_ex_handle(ex);
        if (!ex->later_taken)
            http_later_done(ex);
    }
    http_ex_release(ex);
}

static void *
worker(void *arg)
{
    struct http_job_queue *q = arg;

    for (;;) {
        pthread_mutex_lock(&q->lock);
        while (!q->head && !q->stop)
            pthread_cond_wait(&q->more, &q->lock);
        struct http_ex *ex = q->head;
        if (ex) {
            q->head = ex->next;
            if (!q->head)
                q->tail = &q->head;
            q->n--;
        }
        pthread_mutex_unlock(&q->lock);
        if (!ex)
            return NULL;
        work(ex);
    }
}

void
http_pool_init(struct http_job_queue *q, unsigned most)
{
    *q = (struct http_job_queue){ .most = most };
    q->tail = &q->head;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->more, NULL);
}

bool
http_pool_start(struct http_job_queue *q, unsigned threads, struct arena *mem, struct err *e)
{
    q->threads = arena_new(mem, pthread_t, threads);
    if (!q->threads)
        return err_set(e, ERR_NOMEM, "no memory for the pool");
    while (q->threads_n < threads) {
        char name[16];

        snprintf(name, sizeof name, "http-pool-%u", q->threads_n % 1000);
        if (!http_thread(&q->threads[q->threads_n], name, worker, q, e))
            return false;
        q->threads_n++;
    }
    return true;
}

bool
http_pool_submit(struct http_job_queue *q, struct http_ex *ex, struct err *e)
{
    pthread_mutex_lock(&q->lock);
    bool room = q->n < q->most && !q->stop;
    if (room) {
        ex->next = NULL;
        *q->tail = ex;
        q->tail = &ex->next;
        q->n++;
        pthread_cond_signal(&q->more);
    }
    pthread_mutex_unlock(&q->lock);
    if (!room)
        return err_set(e, ERR_BUSY, "too many requests wait for a thread");
    return true;
}

void
http_pool_stop(struct http_job_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->stop = true;
    pthread_cond_broadcast(&q->more);
    pthread_mutex_unlock(&q->lock);
    for (unsigned i = 0; i < q->threads_n; i++)
        pthread_join(q->threads[i], NULL);
    q->threads_n = 0;
}
