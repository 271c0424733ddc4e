/* journal_damage.c - what the disk may do to the bytes, and what recovery makes of it.
 *
 * Two sentences are tried from all sides: acknowledged bytes that changed are never passed
 * over in silence; a write that a crash cut off never stands in the way.
 */
#include "journal_disk.h"

#include "collaudo/hash.h"
#include "collaudo/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIB ((size_t)1 << 10)

/* --- bits ---------------------------------------------------------------------------------- */

/* In the head block and in records: refused. Behind them (mark, seal, zeroes): harmless. */
static void
test_flips(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 250);
    size_t              n, last, tried = 0, caught = 0;
    struct jd_file     *f = jd_take(dir, &n);
    char                row[160];
    uint64_t            r = 1;

    CHECK(n >= 3);
    for (size_t i = 0; i < n; i++) {
        size_t end = jd_end(&f[i], &last);

        for (size_t at = 0; at < f[i].n; at += 1 + (r >> 33) % (at < JT_HEAD ? 16 : 2)) {
            r = r * 6364136223846793005u + 1442695040888963407u;
            unsigned char wrong = f[i].p[at] ^ (unsigned char)(1u << (r >> 40) % 8);

            snprintf(row, sizeof row, "segment %zu of %zu, offset %zu, end %zu", i, n, at, end);
            t_row = row;
            jd_poke(f[i].path, at, &wrong, 1);
            if (at < end)
                caught += jd_refused(&o, ERR_IO, "is damaged at offset");
            else
                jd_whole(&o, 250);
            jd_poke(f[i].path, at, &f[i].p[at], 1);
            tried++;
        }
    }
    t_row = NULL;
    printf("     %zu flips, %zu of them in acknowledged bytes\n", tried, caught);
    CHECK(caught > 10000);
    CHECK(jd_untouched(dir, f, n));
    CHECK(jd_whole(&o, 250));
    jd_drop(f, n);
    jt_remove(dir);
}

/* Every bit of one head and its neighbourhood. */
static void
test_every_bit_of_a_record(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 64 * KIB, 4);
    size_t              n, last;
    struct jd_file     *f = jd_take(dir, &n);
    char                row[160];

    CHECK_I(n, 1);
    size_t end = jd_end(f, &last);
    for (size_t at = last - 8; at < end && at < last + 48; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            unsigned char wrong = f->p[at] ^ (unsigned char)(1u << bit);

            snprintf(row, sizeof row, "offset %zu bit %u", at, bit);
            t_row = row;
            jd_poke(f->path, at, &wrong, 1);
            jd_refused(&o, ERR_IO, "acknowledged data is not readable");
            jd_poke(f->path, at, &f->p[at], 1);
        }
    t_row = NULL;
    CHECK(jd_whole(&o, 4));
    jd_drop(f, n);
    jt_remove(dir);
}

/* --- torn tails --------------------------------------------------------------------------------
 */

enum wound { ZERO_FROM, GARBLE_FROM, GARBLE_ONE, ZERO_UNTIL, WOUNDS };
static const char *const wound_name[] = { "zeroed from", "garbled from", "one byte at",
                                          "zeroed until" };

/* Spoils p[0..n) at `at`; false when nothing changed. */
static bool
spoil(unsigned char *p, size_t n, size_t at, enum wound w)
{
    unsigned char *before = malloc(n);

    memcpy(before, p, n);
    switch (w) {
    case ZERO_FROM:
        memset(p + at, 0, n - at);
        break;
    case GARBLE_FROM:
        for (size_t i = at; i < n; i++)
            p[i] ^= 0xff;
        break;
    case GARBLE_ONE:
        p[at] ^= 0x10;
        break;
    case ZERO_UNTIL:
        memset(p, 0, at + 1);
        break;
    case WOUNDS:
        break;
    }
    bool changed = memcmp(before, p, n) != 0;
    free(before);
    return changed;
}

/* The last record, spoilt at each of its bytes, without and with the mark behind it. */
static void
test_torn_tail(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 64);
    size_t              n, last;
    struct jd_file     *f = jd_take(dir, &n), *tail = &f[n - 1];
    unsigned char      *copy = malloc(tail->n);
    struct err          e = ERR_INIT;
    char                row[160];

    size_t end = jd_end(tail, &last);
    CHECK(n >= 2 && end - last >= 40 && end + 2 * JT_RECORD_HEAD < tail->n);
    for (int w = 0; w < WOUNDS; w++)
        for (size_t at = last; at < end; at++)
            for (int marked = 0; marked < 2; marked++) {
                snprintf(row, sizeof row, "%s %zu of %zu, %s", wound_name[w], at - last, end - last,
                         marked ? "marked" : "no mark");
                t_row = row;
                memcpy(copy, tail->p, tail->n);
                if (!marked) /* killed before it was left behind, or in the write itself */
                    memset(copy + end, 0, JT_RECORD_HEAD);
                bool changed = spoil(copy + last, end - last, at - last, (enum wound)w);
                jd_put(tail->path, copy, tail->n);
                if (changed && marked) {
                    jd_refused(&o, ERR_IO, "acknowledged data is not readable");
                    continue;
                }
                int kept = changed ? 63 : 64;
                if (!jd_whole(&o, kept) || at % 7)
                    continue;
                struct journal *j = jt_open(&o); /* and it goes on */
                jt_fill(j, 1, (uint32_t)kept, (uint32_t)kept + 2, JD_MOST);
                journal_close(j);
                jd_whole(&o, kept + 2);
                j = jt_open(&o);
                jt_fill(j, 1, (uint32_t)kept + 2, (uint32_t)kept + 20, JD_MOST);
                CHECK_I(jt_read_all(j, 0, 1, 0, JD_MOST, &e), kept + 20);
                journal_close(j);
                jd_whole(&o, kept + 20);
                jd_restore(dir, f, n);
            }
    t_row = NULL;
    free(copy);
    jd_drop(f, n);
    jt_remove(dir);
}

struct held {
    sem_t inside, go;
};

static void
hold(void *ctx, bool ok, uint64_t after)
{
    struct held *h = ctx;

    (void)ok;
    (void)after;
    sem_post(&h->inside);
    while (sem_wait(&h->go) != 0)
        continue;
}

/* Record 0, then 1 .. 5 as one group: they queue up while the committer is held. */
static struct journal_opts
with_a_group(char **ret_dir)
{
    *ret_dir = jt_dir(true);

    struct journal_opts o = jt_opts(*ret_dir, 64 * KIB);
    struct journal     *j = jt_open(&o);
    struct err          e = ERR_INIT;
    struct held         h;
    struct jt_answer    a[6];
    unsigned char       buf[JD_MOST];

    sem_init(&h.inside, 0, 0);
    sem_init(&h.go, 0, 0);
    CHECK(journal_append(j, buf, jt_make(1, 0, JD_MOST, buf), hold, &h, &e));
    while (sem_wait(&h.inside) != 0)
        continue;
    for (uint32_t i = 1; i < 6; i++) {
        jt_answer_init(&a[i]);
        CHECK(journal_append(j, buf, jt_make(1, i, JD_MOST, buf), jt_done, &a[i], &e));
    }
    sem_post(&h.go);
    for (int i = 1; i < 6; i++) {
        while (sem_wait(&a[i].come) != 0)
            continue;
        CHECK(a[i].ok);
    }
    struct journal_stats st;
    journal_stats(j, &st);
    CHECK_I(st.groups, 2);
    journal_close(j);
    return o;
}

/* In a group that was being written, any part may be missing while later parts are there. */
static void
test_torn_group(void)
{
    char               *dir;
    struct journal_opts o = with_a_group(&dir);
    size_t              n, at[7] = { JT_HEAD };
    struct jd_file     *f = jd_take(dir, &n);
    char                row[160];
    static const char   junk[8] = "garbage";

    CHECK_I(n, 1);
    for (int i = 0; i < 6; i++) {
        uint32_t len;

        memcpy(&len, f->p + at[i] + 4, sizeof len);
        at[i + 1] = at[i] + (JT_RECORD_HEAD + len + 7) / 8 * 8;
    }
    for (int hurt = 1; hurt < 6; hurt++) {
        snprintf(row, sizeof row, "record %d of the group", hurt);
        t_row = row;
        jd_poke(f->path, at[hurt] + 8, junk, sizeof junk);
        jd_refused(&o, ERR_IO, "acknowledged data is not readable"); /* the mark knows better */
        static const char zeroes[JT_RECORD_HEAD];
        jd_poke(f->path, at[6], zeroes, sizeof zeroes);
        CHECK(jd_whole(&o, hurt)); /* those behind it do not count */
        struct journal *j = jt_open(&o);
        jt_fill(j, 1, (uint32_t)hurt, (uint32_t)hurt + 3, JD_MOST);
        journal_close(j);
        jd_whole(&o, hurt + 3); /* nothing of the old group has come back */
        size_t          have;
        struct jd_file *now = jd_take(dir, &have);
        CHECK_I(have, 2);
        jd_drop(now, have);
        jd_restore(dir, f, n);
    }
    /* torn in its very first record, yet all others are there */
    t_row = "a segment whose first group is torn";
    static const char zeroes[JT_RECORD_HEAD];
    jd_poke(f->path, at[0] + 40, junk, sizeof junk);
    jd_refused(&o, ERR_IO, "acknowledged data is not readable"); /* the next group was written */
    jd_poke(f->path, at[1], zeroes, sizeof zeroes);
    jd_refused(&o, ERR_IO, "acknowledged data is not readable"); /* its other records say so too */
    for (int i = 1; i < 7; i++)
        jd_poke(f->path, at[i], zeroes, sizeof zeroes);
    CHECK(jd_whole(&o, 0));
    struct journal *j = jt_open(&o); /* the new segment has the same base: it takes its place */
    jt_fill(j, 1, 0, 2, JD_MOST);
    journal_close(j);
    CHECK(jd_whole(&o, 2));
    t_row = NULL;
    jd_drop(f, n);
    jt_remove(dir);
}

/* A segment that was begun, and its first write torn: it is replaced, and the chain of those
 * after it holds. */
static void
test_torn_first_group(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 100);
    size_t              n;
    struct jd_file     *f = jd_take(dir, &n), *tail = &f[n - 1];
    struct err          e = ERR_INIT;
    struct journal     *j = jt_open(&o);

    CHECK(n >= 3);
    CHECK_I(jt_read_all(j, 0, 1, 0, JD_MOST, &e), 100);
    int before = 100 - jt_count(j, tail->base);
    journal_close(j);
    CHECK(before > 0 && before < 100);
    memset(tail->p + JT_HEAD, 0, tail->n - JT_HEAD);
    tail->p[JT_HEAD + 5] = 1;
    jd_put(tail->path, tail->p, tail->n);
    CHECK(jd_whole(&o, before));
    j = jt_open(&o);
    jt_fill(j, 1, (uint32_t)before, (uint32_t)before + 80, JD_MOST);
    journal_close(j);
    CHECK(jd_whole(&o, before + 80));
    jd_drop(f, n);
    jt_remove(dir);
}

/* Valid bytes in an order in which nothing of ours is ever written. */
static void
test_disorder(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 64 * KIB, 5);
    size_t              n, last;
    struct jd_file     *f = jd_take(dir, &n);
    uint32_t            size, crc;
    uint64_t            group = 0; /* of the first record, which ended long ago */

    size_t end = jd_end(f, &last);
    memcpy(&size, f->p + last + 4, sizeof size);
    CHECK_I(end - last, (JT_RECORD_HEAD + size + 7) / 8 * 8);
    for (int same = 0; same < 2; same++) {
        unsigned char *p = f->p + last;

        if (same)
            memcpy(&group, p + 8, 8); /* as it was */
        memcpy(p + 16, &group, 8);
        crc = hash_crc32c(0, f->p + 16, 16); /* seeded with the UUID in the head */
        crc = hash_crc32c(crc, p + JT_RECORD_HEAD, end - last - JT_RECORD_HEAD);
        crc = hash_crc32c(crc, p, 28);
        memcpy(p + 28, &crc, 4);
        memset(f->p + end, 0, JT_RECORD_HEAD);
        jd_put(f->path, f->p, f->n);
        if (same)
            CHECK(jd_whole(&o, 5)); /* so the bytes are made as they should be */
        else
            jd_refused(&o, ERR_IO, "is damaged at offset");
    }
    jd_drop(f, n);
    jt_remove(dir);
}

/* A payload with the bytes of a record in it, such as a stranger could send. */
static void
test_forged_record(void)
{
    char               *dir = jt_dir(true);
    struct journal_opts o = jt_opts(dir, 64 * KIB);
    struct journal     *j = jt_open(&o);
    size_t              n, last;
    unsigned char       buf[1024] = { 0 };
    uint32_t            magic, crc;

    jt_fill(j, 1, 0, 1, JD_MOST);
    uint64_t here = journal_durable(j), fake = here + JT_RECORD_HEAD + 64;
    journal_close(j);
    struct jd_file *f = jd_take(dir, &n);
    memcpy(&magic, f->p + JT_HEAD, 4);
    jd_drop(f, n);
    memcpy(buf + 64, &magic, 4);
    memcpy(buf + 72, &fake, 8); /* position and group: a later one */
    memcpy(buf + 80, &fake, 8);
    crc = hash_crc32c(0, buf + 64, 28);
    memcpy(buf + 92, &crc, 4);

    j = jt_open(&o);
    CHECK(jt_append(j, buf, sizeof buf, NULL));
    journal_close(j);
    f = jd_take(dir, &n);
    size_t end = jd_end(f, &last);
    memset(f->p + end, 0, JT_RECORD_HEAD);
    f->p[last + JT_RECORD_HEAD] ^= 1; /* torn, and the forged bytes are still there */
    jd_put(f->path, f->p, f->n);
    CHECK(jd_whole(&o, 1));
    jd_drop(f, n);
    jt_remove(dir);
}

int
main(void)
{
    log_init(LOG_ERROR);
    T_RUN(test_flips);
    T_RUN(test_every_bit_of_a_record);
    T_RUN(test_torn_tail);
    T_RUN(test_torn_group);
    T_RUN(test_torn_first_group);
    T_RUN(test_disorder);
    T_RUN(test_forged_record);
    return t_end();
}
