/* record.c - journal records: what goes in comes out, and no bytes whatever do harm. */
#include "t.h"

#include "collaudo/ingest_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena mem;

static struct ingest_record_item
event_item(int i)
{
    struct ingest_record_item item = {
        .kind = INGEST_ITEM_EVENT,
        .source = 7 + i,
        .received = i % 2 ? 1000 : 2000,
        .has_line = i % 3 == 0,
        .line = hash_of(&i, sizeof i),
        .mapping = event_text(i % 4 ? "" : "odoo@2"),
        .event = { .type = EVENT_USAGE, .status = EVENT_SUCCESS, .time = -5 + i },
    };

    item.event.correction = i % 2 ? -7200000000 : 0;

    item.event.id = event_text(arena_printf(&mem, "id-%d", i));
    item.event.action = item.event.feature = event_text("contact.create");
    item.event.has_actor = i % 5 != 0;
    item.event.actor = hash_of("x", 1);
    if (i % 2)
        item.event.object_id = event_text("42");
    return item;
}

static struct ingest_record_item
quarantine_item(int i)
{
    return (struct ingest_record_item){
        .kind = INGEST_ITEM_QUARANTINE,
        .source = -1,
        .received = 1000,
        .quarantine = { .id = hash_of(&i, sizeof i),
                        .why = EVENT_BAD_TIME,
                        .size = UINT64_C(1) << 40,
                        .pointer = event_text("/time"),
                        .detail = event_text(i % 2 ? "" : "odd"),
                        .sealed = "some sealed bytes",
                        .sealed_n = 17 },
    };
}

static struct str
make(int items)
{
    struct str out;

    str_init(&out, &mem);
    ingest_record_begin(&out, INGEST_RECORD_IMPORT, 3, 4, 1000);
    for (int i = 0; i < items; i++) {
        struct ingest_record_item item =
            i % 4 == 3   ? quarantine_item(i)
            : i % 7 == 5 ? (struct ingest_record_item){ .kind = INGEST_ITEM_HEARTBEAT,
                                                        .source = 9,
                                                        .received = 1000,
                                                        .hour = -USEC_HOUR }
                         : event_item(i);

        ingest_record_add(&out, &item, 1000);
    }
    return out;
}

static bool
same(struct event_text a, struct event_text b)
{
    return a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0);
}

static void
check_item(const struct ingest_record_item *got, const struct ingest_record_item *want)
{
    CHECK_I(got->kind, want->kind);
    CHECK_I(got->source, want->source);
    CHECK_I(got->received, want->received);
    CHECK(got->has_line == want->has_line &&
          (!got->has_line || memcmp(&got->line, &want->line, sizeof got->line) == 0));
    if (got->kind == INGEST_ITEM_EVENT) {
        CHECK(same(got->event.id, want->event.id) && same(got->event.action, want->event.action));
        CHECK(same(got->event.object_id, want->event.object_id));
        CHECK(same(got->mapping, want->mapping));
        CHECK_I(got->event.time, want->event.time);
        CHECK_I(got->event.correction, want->event.correction);
        CHECK(got->event.has_actor == want->event.has_actor);
        struct hash_id h = event_hash(got->canonical.p, got->canonical.n);
        CHECK(memcmp(&h, &got->hash, sizeof h) == 0);
    } else if (got->kind == INGEST_ITEM_QUARANTINE) {
        const struct ingest_record_quarantine *g = &got->quarantine, *w = &want->quarantine;

        CHECK(memcmp(&g->id, &w->id, sizeof g->id) == 0 && g->why == w->why && g->size == w->size);
        CHECK(same(g->pointer, w->pointer) && same(g->detail, w->detail));
        CHECK(g->sealed_n == w->sealed_n && memcmp(g->sealed, w->sealed, g->sealed_n) == 0);
    } else {
        CHECK_I(got->hour, -USEC_HOUR);
    }
}

static void
test_round_trip(void)
{
    struct str                out = make(60);
    struct ingest_record      r;
    struct ingest_record_item item;
    struct err                e = ERR_INIT;

    CHECK(ingest_record_open(out.p, out.n, &r, &e));
    CHECK(r.kind == INGEST_RECORD_IMPORT && r.workspace == 3 && r.pilot == 4 && r.received == 1000);
    CHECK_I(r.items, 60);
    for (int i = 0; i < 60; i++) {
        if (!CHECK(ingest_record_next(&r, &item, &e)))
            break;
        struct ingest_record_item want = i % 4 == 3 ? quarantine_item(i) : event_item(i);
        if (i % 4 != 3 && i % 7 == 5)
            want = (struct ingest_record_item){ .kind = INGEST_ITEM_HEARTBEAT,
                                                .source = 9,
                                                .received = 1000 };
        check_item(&item, &want);
    }
    CHECK_I(r.left, 0);
    CHECK(!ingest_record_next(&r, &item, &e)); /* asked once too often */
    arena_free(&mem);
}

/* Reads as much as there is; returns how many items made sense, -1 when it is no record. */
static int
read_all(const void *p, size_t n, uint64_t *sum)
{
    struct ingest_record      r;
    struct ingest_record_item item;
    struct err                e = ERR_INIT;
    int                       items = 0;

    if (!ingest_record_open(p, n, &r, &e)) {
        CHECK_I(e.code, ERR_INVALID);
        return -1;
    }
    while (r.left && ingest_record_next(&r, &item, &e)) {
        items++;
        for (size_t i = 0; i < item.canonical.n; i++) /* whatever it points to must be there */
            *sum += (unsigned char)item.canonical.p[i];
        for (size_t i = 0; i < item.quarantine.sealed_n; i++)
            *sum += ((const unsigned char *)item.quarantine.sealed)[i];
        for (size_t i = 0; i < item.event.id.n; i++)
            *sum += (unsigned char)item.event.id.p[i];
    }
    return items;
}

static void
test_truncated(void)
{
    struct str out = make(9);
    uint64_t   sum = 0;

    for (size_t n = 0; n < out.n; n++) {
        char *cut = malloc(n ? n : 1);

        memcpy(cut, out.p, n);
        CHECK(read_all(cut, n, &sum) < 9);
        free(cut);
    }
    CHECK_I(read_all(out.p, out.n, &sum), 9);
    char *longer = malloc(out.n + 1);
    memcpy(longer, out.p, out.n);
    longer[out.n] = 0;
    CHECK(read_all(longer, out.n + 1, &sum) < 9); /* and nothing may follow */
    free(longer);
    arena_free(&mem);
}

static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void
test_garbled(void)
{
    struct str out = make(9);
    uint32_t   state = 1;
    uint64_t   sum = 0;
    int        read = 0;

    for (int round = 0; round < 200000; round++) {
        size_t n = out.n;
        char  *bytes = malloc(n);

        memcpy(bytes, out.p, n);
        for (uint32_t k = 1 + next_random(&state) % 4; k--;) {
            size_t at = next_random(&state) % n;

            bytes[at] = (char)(next_random(&state) % 3 ? next_random(&state) : 0xff);
        }
        read += read_all(bytes, n, &sum) == 9;
        free(bytes);
    }
    CHECK(read > 0 && read < 200000);
    arena_free(&mem);
}

static void
test_noise(void)
{
    uint32_t state = 7;
    uint64_t sum = 0;

    for (int round = 0; round < 100000; round++) {
        size_t n = next_random(&state) % 120;
        char  *bytes = malloc(n ? n : 1);

        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(next_random(&state) % 4 ? next_random(&state) % 4 : 0xff);
        if (n > 4)
            memcpy(bytes, "CR\1\1", 4);
        read_all(bytes, n, &sum);
        free(bytes);
    }
    CHECK(sum < UINT64_MAX);
}

static void
test_unknown(void)
{
    struct str           out = make(1);
    struct ingest_record r;
    struct err           e = ERR_INIT;

    out.p[2] = 2;
    CHECK(!ingest_record_open(out.p, out.n, &r, &e) && strstr(e.text, "version 2"));
    out.p[2] = 1;
    out.p[3] = 4;
    CHECK(!ingest_record_open(out.p, out.n, &r, &e) && strstr(e.text, "kind 4"));
    out.p[3] = 0;
    CHECK(!ingest_record_open(out.p, out.n, &r, &e));
    CHECK(!ingest_record_open("XX", 2, &r, &e));
    arena_free(&mem);
}

/* Memory that runs out shows, and nothing is written outside it. */
static void
test_starved(void)
{
    struct str whole = make(20);
    size_t     n = whole.n;
    bool       fitted = false;

    arena_free(&mem);
    for (size_t limit = 64; limit < 200000 && !fitted; limit += 64) {
        arena_init(&mem, limit);
        struct str out = make(20);
        fitted = !mem.denied;
        CHECK(!fitted || out.n == n);
        arena_free(&mem);
    }
    CHECK(fitted);
    arena_init(&mem, 64 << 20);
}

int
main(void)
{
    arena_init(&mem, 64 << 20);
    T_RUN(test_round_trip);
    T_RUN(test_truncated);
    T_RUN(test_garbled);
    T_RUN(test_noise);
    T_RUN(test_unknown);
    T_RUN(test_starved);
    return t_end();
}
