/* journal_keep.c - what the journal keeps, and for how long; what it refuses to take. */
#include "journal_t.h"

#include "collaudo/log.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)

/* --- retention ---------------------------------------------------------------------------------
 */

static _Atomic usec_t the_time;

static usec_t
clock_of_ours(void)
{
    return atomic_load(&the_time);
}

/* The keeper works in its own time; gives it up to `patience` to have n segments left. */
static void
wait_for_files(struct journal *j, const char *dir, int n, usec_t patience)
{
    struct journal_stats st;
    usec_t               from = time_monotonic();

    for (;;) {
        journal_stats(j, &st);
        if (st.segments == (unsigned)n || time_monotonic() - from >= patience)
            break;
        usleep(2000);
    }
    CHECK_I(st.segments, n);
    CHECK_I(jt_files(dir, ".seg"), n);
}

static void
test_retention(void)
{
    char                *dir = jt_dir(false);
    struct journal_opts  o = jt_opts(dir, 8 * KIB);
    struct err           e = ERR_INIT;
    uint64_t             at[5] = { 0 };
    static unsigned char buf[4000]; /* one of them fills a segment */
    struct journal_stats st;

    atomic_store(&the_time, 1000 * USEC_HOUR);
    o.keep = 10 * USEC_HOUR;
    o.now = clock_of_ours;
    struct journal *j = jt_open(&o);
    for (int i = 0; i < 5; i++) { /* segment i ends in hour 1000 + i + 1 */
        CHECK(jt_append(j, buf, sizeof buf, &at[i]));
        atomic_fetch_add(&the_time, USEC_HOUR);
    }
    CHECK_I(jt_files(dir, ".seg"), 5);
    atomic_store(&the_time, 2000 * USEC_HOUR); /* old, but is it loaded? */
    wait_for_files(j, dir, 5, 0);
    journal_stats(j, &st);
    CHECK(!st.loaded_known && st.backlog == at[4]);
    journal_loaded(j, 0);
    usleep(1200000); /* one tick of the keeper */
    wait_for_files(j, dir, 5, 0);
    journal_loaded(j, at[1] - 8); /* all but the last bytes of the second one */
    wait_for_files(j, dir, 4, 5 * USEC_SECOND);
    journal_close(j);

    /* what is kept where is known after a restart; what is loaded is not */
    atomic_store(&the_time, 1011 * USEC_HOUR + 1); /* the first two are old enough */
    j = jt_open(&o);
    CHECK_I(journal_first(j), at[0]);
    usleep(1200000);
    wait_for_files(j, dir, 4, 0);
    journal_loaded(j, at[4]);
    usleep(1200000);
    wait_for_files(j, dir, 4,
                   0); /* loaded, but its successor was begun at 1002, not 10 hours ago */
    atomic_store(&the_time, 1012 * USEC_HOUR);
    wait_for_files(j, dir, 3, 5 * USEC_SECOND); /* by itself, at the next tick */
    atomic_store(&the_time, 9000 * USEC_HOUR);
    wait_for_files(j, dir, 1, 5 * USEC_SECOND); /* the current one stays */
    CHECK_I(journal_first(j), at[3]);

    struct journal_reader *r = NULL;
    CHECK(!journal_reader_open(j, at[2], &r, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    CHECK(strstr(e.text, "older than the journal keeps"));
    journal_stats(j, &st);
    CHECK(st.loaded_known && st.backlog == 0 && st.deleted == 3);
    journal_loaded(j, at[3]); /* the database is an older copy */
    journal_stats(j, &st);
    CHECK_I(st.backlog, at[4] - at[3]);
    journal_close(j);
    jt_remove(dir);
}

/* The clock was years ahead for a while: what was written then is not kept for years. */
static void
test_clock_was_ahead(void)
{
    char                *dir = jt_dir(false);
    struct journal_opts  o = jt_opts(dir, 8 * KIB);
    static unsigned char buf[4000];

    o.keep = 10 * USEC_HOUR;
    o.now = clock_of_ours;
    atomic_store(&the_time, 900000 * USEC_HOUR);
    struct journal *j = jt_open(&o);
    for (int i = 0; i < 3; i++)
        CHECK(jt_append(j, buf, sizeof buf, NULL));
    journal_close(j);
    atomic_store(&the_time, 1000 * USEC_HOUR); /* mended; seen at the next start */
    j = jt_open(&o);
    journal_loaded(j, journal_durable(j));
    atomic_store(&the_time, 1009 * USEC_HOUR);
    usleep(1200000);
    wait_for_files(j, dir, 3, 0);
    atomic_store(&the_time, 1010 * USEC_HOUR);
    wait_for_files(j, dir, 1, 5 * USEC_SECOND);
    journal_close(j);
    jt_remove(dir);
}

/* A reader that stands in a segment while it is deleted, and wants to go on. */
static void
test_deleted_under_a_reader(void)
{
    char                  *dir = jt_dir(false);
    struct journal_opts    o = jt_opts(dir, 8 * KIB);
    struct err             e = ERR_INIT;
    static unsigned char   buf[4000];
    struct journal_reader *r = NULL;
    struct journal_record  rec;

    o.keep = 0;
    struct journal *j = jt_open(&o);
    for (int i = 0; i < 4; i++)
        CHECK(jt_append(j, buf, sizeof buf, NULL));
    CHECK(journal_reader_open(j, 0, &r, &e));
    CHECK(journal_read(r, &rec, &e) && rec.payload);
    journal_loaded(j, journal_durable(j));
    wait_for_files(j, dir, 1, 5 * USEC_SECOND);
    CHECK(!journal_read(r, &rec, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    journal_reader_close(r);
    journal_close(j);
    jt_remove(dir);
}

/* --- back-pressure -------------------------------------------------------------------------------
 */

static void
test_back_pressure(void)
{
    char                *dir = jt_dir(false);
    struct journal_opts  o = jt_opts(dir, 64 * KIB);
    struct err           e = ERR_INIT;
    struct journal_stats st;
    uint64_t             at = 0;
    int                  n = 0;

    o.max_backlog = 2000;
    struct journal *j = jt_open(&o);
    while (n < 1000 && jt_append(j, "abcdefgh", 8, &at)) /* 40 bytes each */
        n++;
    CHECK_I(n, 50);
    CHECK(!journal_append(j, "x", 1, jt_done, NULL, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK(strstr(e.text, "wait for the database"));
    journal_loaded(j, at - 40);
    CHECK(jt_append(j, "abcdefgh", 8, &at));
    journal_stats(j, &st);
    CHECK_I(st.refused, 2);
    CHECK_I(st.backlog, 80);
    journal_close(j);

    j = jt_open(&o); /* not known what is loaded: it counts from here on */
    CHECK(jt_append(j, "abcdefgh", 8, &at));
    journal_loaded(j, 0); /* now it is */
    CHECK(!journal_append(j, "x", 1, jt_done, NULL, &e) && e.code == ERR_BUSY);
    journal_close(j);

    o.max_backlog = UINT64_MAX;
    o.min_free = UINT64_MAX / 2;
    j = jt_open(&o);
    CHECK(!journal_append(j, "x", 1, jt_done, NULL, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK(strstr(e.text, "disk nearly full"));
    CHECK_I(jt_read_all(j, journal_durable(j), 0, 0, 64, &e), 0); /* reading is not refused */
    journal_close(j);
    jt_remove(dir);
}

int
main(void)
{
    log_init(LOG_ERROR);
    T_RUN(test_retention);
    T_RUN(test_clock_was_ahead);
    T_RUN(test_deleted_under_a_reader);
    T_RUN(test_back_pressure);
    return t_end();
}
