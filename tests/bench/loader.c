/* loader.c - how fast the loader brings events in, beside \copy of the same rows.
 *
 *   scripts/scratch-pg bench_loader [EVENTS]     default 200,000
 *
 * Each round: the journal is filled with records of 100 events, a worker loads them (rollup
 * held off), then the same rows are exported and read by psql's \copy into the emptied table,
 * key and all. Then as many again into the table as it is, once clean, once with one old
 * repetition in a hundred, which the worker does not remember, so that the database has to be
 * asked. Rows per second, and the ratios. */
#include "../db/house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH 100

static double
now(void)
{
    return (double)time_monotonic() / 1e6;
}

static double
cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of every hundred events `old` have ids below `from`. */
static void
send(struct house *h, long from, long n, int old)
{
    static const char *const verbs[] = { "contact.create", "deal.move", "note.add", "task.close" };

    for (long i = from; i < from + n; i += BATCH) {
        char   body[64 << 10];
        size_t at = 0;

        for (long k = i; k < i + BATCH; k++) {
            long id = k - i < old ? k * 7919 % 200000 : k;

            at += (size_t)snprintf(
                body + at, sizeof body - at,
                "{\"id\":\"crm-%09ld\",\"time\":\"2026-03-%02ldT%02ld:%02ld:01Z\",\"user\":\"u%"
                "03ld@"
                "azienda.example\",\"action\":\"%s\",\"object_type\":\"contact\",\"object_id\":"
                "\"o%05ld\"}\n",
                id, 2 + id % 8, id % 10, id % 60, id % 500, verbs[id % 4], id % 4000);
        }
        house_sendn(h, "crm", body, at);
    }
}

static void
wait_loaded(struct house *h)
{
    uint64_t target = journal_durable(h->journal);

    while (house_stats(h).position < target)
        usleep(1000);
}

/* Loads what is in the journal; rows per second, and processor time per row. */
static double
load(struct house *h, long n, double *ret_cpu)
{
    double from = now(), used = cpu();

    house_start(h);
    wait_loaded(h);
    double took = now() - from;
    *ret_cpu = (cpu() - used) / (double)n * 1e6;
    struct worker_stats s = house_stats(h);
    fprintf(stderr, "  %llu loaded, %llu duplicates, %llu batches, %llu slow\n",
            (unsigned long long)s.loaded, (unsigned long long)s.duplicates,
            (unsigned long long)s.batches, (unsigned long long)s.slow);
    house_stop(h);
    return (double)n / took;
}

static void
shell(const char *fmt, const char *a, const char *b)
{
    char cmd[512];

    snprintf(cmd, sizeof cmd, fmt, a, b);
    if (system(cmd))
        exit(1);
}

static double
copy(struct house *h, long n)
{
    char file[96];

    snprintf(file, sizeof file, "%s/rows", h->dir);
    shell("psql -qX -d %s -c 'truncate collaudo.event' -c checkpoint %s", h->pg.name, "");
    double from = now();
    shell("psql -qX -d %s -c \"\\copy collaudo.event from '%s'\"", h->pg.name, file);
    return (double)n / (now() - from);
}

static void
save(struct house *h)
{
    char file[96];

    snprintf(file, sizeof file, "%s/rows", h->dir);
    shell("psql -qX -d %s -c \"\\copy collaudo.event to '%s'\"", h->pg.name, file);
}

int
main(int argc, char **argv)
{
    long   events = argc > 1 ? strtol(argv[1], NULL, 10) : 200000;
    double used;

    hash_init();
    arena_init_cjson();
    for (int round = 0; round < 5; round++) {
        struct house h = house_make();

        h.opts.rollup_pause = 3600 * USEC_SECOND;
        send(&h, 0, events, 0);
        pg_sql(&h.pg, "checkpoint");
        double loaded = load(&h, events, &used);
        save(&h);
        double copied = copy(&h, events);
        printf("round %d: loader %.0f/s (%.2f us of processor), copy %.0f/s, ratio %.2f\n", round,
               loaded, used, copied, loaded / copied);
        send(&h, events, events, 0);
        pg_sql(&h.pg, "checkpoint");
        double clean = load(&h, events, &used);
        copy(&h, events);
        send(&h, 2 * events, events, 1);
        pg_sql(&h.pg, "checkpoint");
        double repeated = load(&h, events, &used);
        printf("         as many again %.0f/s, with 1%% old repetitions %.0f/s (%.2f us), ratio "
               "%.2f\n",
               clean, repeated, used, repeated / clean);
        house_drop(&h);
    }
    return 0;
}
