/* journal.c - how fast the journal takes records, and how long one waits to be durable.
 *
 *     bench_journal DIR [BYTES [SECONDS [RATE]]]
 *
 * RATE: records per second at most (0, the default: as many as it takes).
 * For 1, 16 and 64 records outstanding: records and MB per second, append-to-done times,
 * records per group, time per sync. DIR must not exist; it is left behind.
 */
#include "collaudo/journal.h"
#include "collaudo/hash.h"
#include "collaudo/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TIMES 4000000

struct slot {
    struct lane *lane;
    struct slot *next;
    usec_t       sent;
};

struct lane {
    pthread_mutex_t lock;
    pthread_cond_t  free_one;
    struct slot     slots[64], *free_slots;
    uint32_t       *times;
    size_t          n;
    int             out;
};

static void
die(const struct err *e)
{
    fprintf(stderr, "%s\n", e->text);
    exit(1);
}

static void
done(void *ctx, bool ok, uint64_t after)
{
    struct slot *s = ctx;
    struct lane *l = s->lane;

    (void)after;
    if (!ok)
        exit(1);
    usec_t took = time_monotonic() - s->sent;
    pthread_mutex_lock(&l->lock);
    if (l->n < MOST_TIMES)
        l->times[l->n++] = (uint32_t)took;
    s->next = l->free_slots;
    l->free_slots = s;
    l->out--;
    pthread_cond_signal(&l->free_one);
    pthread_mutex_unlock(&l->lock);
}

static struct slot *
get_slot(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    while (!l->free_slots)
        pthread_cond_wait(&l->free_one, &l->lock);
    struct slot *s = l->free_slots;
    l->free_slots = s->next;
    l->out++;
    pthread_mutex_unlock(&l->lock);
    return s;
}

static int
by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void
run(struct journal *j, int outstanding, const char *payload, size_t bytes, usec_t length, long rate)
{
    struct err           e = ERR_INIT;
    struct lane         *l = calloc(1, sizeof *l);
    struct journal_stats a, b;
    long                 sent = 0;

    l->times = malloc(MOST_TIMES * sizeof *l->times);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->free_one, NULL);
    for (int i = 0; i < outstanding; i++) {
        l->slots[i] = (struct slot){ .lane = l, .next = l->free_slots };
        l->free_slots = &l->slots[i];
    }
    journal_stats(j, &a);
    usec_t start = time_monotonic(), end = start;
    while ((end = time_monotonic()) - start < length) {
        usec_t due = rate ? start + (usec_t)sent * USEC_SECOND / rate : 0;
        if (due > time_monotonic())
            usleep((useconds_t)(due - time_monotonic()));
        struct slot *s = get_slot(l);

        sent++;
        s->sent = time_monotonic();
        if (!journal_append(j, payload, bytes, done, s, &e))
            die(&e);
    }
    pthread_mutex_lock(&l->lock);
    while (l->out)
        pthread_cond_wait(&l->free_one, &l->lock);
    pthread_mutex_unlock(&l->lock);
    journal_stats(j, &b);
    qsort(l->times, l->n, sizeof *l->times, by_size);
    double s = (double)(end - start) / 1e6;
    printf("%3d outstanding: %8.0f records/s %7.1f MB/s  p50 %6.2f ms  p99 %6.2f ms  longest "
           "%6.2f ms  %5.1f records/group  %.2f ms/sync  %" PRIu64 " switches of %.2f ms\n",
           outstanding, (double)l->n / s, (double)l->n * (double)bytes / s / 1e6,
           l->times[l->n / 2] / 1e3, l->times[l->n - 1 - l->n / 100] / 1e3,
           l->times[l->n - 1] / 1e3, (double)l->n / (double)(b.groups - a.groups),
           (double)(b.sync_time - a.sync_time) / (double)(b.groups - a.groups) / 1e3,
           b.switches - a.switches,
           b.switches > a.switches
               ? (double)(b.switch_time - a.switch_time) / (double)(b.switches - a.switches) / 1e3
               : 0);
    fflush(stdout);
    free(l->times);
    free(l);
}

int
main(int argc, char **argv)
{
    struct err          e = ERR_INIT;
    struct journal_opts o = journal_defaults(argc > 1 ? argv[1] : "");
    size_t              bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 25000;
    usec_t              length = (argc > 3 ? strtol(argv[3], NULL, 10) : 3) * USEC_SECOND;
    struct journal     *j;
    static const int    outstanding[] = { 1, 16, 64 };

    if (argc < 2) {
        fprintf(stderr, "usage: bench_journal DIR [BYTES [SECONDS [RATE]]]\n");
        return 2;
    }
    o.max_backlog = UINT64_MAX;
    log_init(LOG_WARN);
    hash_init();
    char *payload = malloc(bytes + 1);
    hash_random(payload, bytes);
    if (!journal_open(&o, &j, &e))
        die(&e);
    for (size_t i = 0; i < sizeof outstanding / sizeof *outstanding; i++)
        run(j, outstanding[i], payload, bytes, length, argc > 4 ? strtol(argv[4], NULL, 10) : 0);
    journal_close(j);
    free(payload);
    return 0;
}
