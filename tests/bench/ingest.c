/* ingest.c - how long one event takes on its way into a record and out of it again.
 *
 *   bench_ingest [EVENTS]      default 1,000,000, in bodies of 100
 *
 * Prints nanoseconds of processor time per event: cut, parse, read, pseudonym, hash and encode
 * together (ingest_take), and decode alone. */
#include "collaudo/ingest.h"
#include "collaudo/ingest_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 100

static double
cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t
make_body(char *body, size_t size, size_t first)
{
    static const char *const verbs[] = { "contact.create", "deal.move", "note.add", "task.close" };
    size_t                   n = 1;

    body[0] = '[';
    for (size_t i = first; i < first + BATCH; i++)
        n += (size_t)snprintf(body + n, size - n,
                              "%s{\"id\": \"crm-%09zu\", \"source\": \"crm\", \"time\": "
                              "\"2026-03-%02zuT%02zu:%02zu:01.983+01:00\", \"user\": "
                              "\"u%02zu@azienda.example\", \"action\": \"%s\", \"object_type\": "
                              "\"contact\", \"object_id\": \"o%05zu\", \"properties\": {}}",
                              i == first ? "" : ",", i, 2 + i % 27, i % 24, i % 60, i % 20,
                              verbs[i % 4], i % 4000);
    body[n++] = ']';
    return n;
}

static bool
decode(const struct ingest_intake *in, uint64_t *sum)
{
    struct ingest_record      r;
    struct ingest_record_item item;
    struct err                e = ERR_INIT;

    if (!ingest_record_open(in->record, in->record_n, &r, &e))
        return false;
    while (r.left) {
        if (!ingest_record_next(&r, &item, &e))
            return false;
        *sum += item.event.id.n + (uint64_t)item.event.time;
    }
    return true;
}

int
main(int argc, char **argv)
{
    size_t               events = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    struct ingest_source src = { .workspace = 1, .id = 1, .pilot = 1, .name = "crm" };
    struct ingest_form   form = { .dialect = INGEST_NATIVE, .cut = JSON_AUTO };
    static char          body[64 << 10];
    double               took = 0, decoded = 0;
    uint64_t             sum = 0, bytes = 0, out = 0;

    arena_init_cjson();
    hash_init();
    hash_mac_init(&src.account, &src.key);
    hash_mac_add(&src.account, "account\0crm", 12);
    for (size_t i = 0; i < events; i += BATCH) {
        struct arena         mem;
        struct ingest_intake in;
        struct err           e = ERR_INIT;
        size_t               n = make_body(body, sizeof body, i);
        double               from = cpu_ns();

        arena_init(&mem, 64 << 20);
        if (!ingest_take(&src, &form, body, n, INT64_C(1800000000) * USEC_SECOND, &mem, &in, &e) ||
            in.accepted != BATCH) {
            fprintf(stderr, "not taken: %s\n", e.text);
            return 1;
        }
        took += cpu_ns() - from;
        bytes += n;
        out += in.record_n;
        from = cpu_ns();
        if (!decode(&in, &sum))
            return 1;
        decoded += cpu_ns() - from;
        arena_free(&mem);
    }
    double per = 1.0 / (double)events;
    printf(
        "take %.0f ns, decode %.0f ns per event; %.0f bytes in, %.0f bytes in the record (%llu)\n",
        took * per, decoded * per, (double)bytes * per, (double)out * per,
        (unsigned long long)sum % 10);
    return 0;
}
