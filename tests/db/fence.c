/* fence.c - two instances with one journal: the newest goes on, the older one takes no more, and
 * what it had acknowledged is counted once all the same. */
#include "house.h"
#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A copy of the data directory, made while the owner has it open. */
static void
copy_dir(const struct house *h, char ret[64])
{
    char cmd[400];

    snprintf(ret, 64, "/tmp/house.XXXXXX");
    if (!mkdtemp(ret))
        exit(1);
    /* spare.tmp may come and go meanwhile */
    snprintf(cmd, sizeof cmd,
             "cp -r %s/keys %s && mkdir %s/journal && cd %s/journal && cp *.seg lock %s/journal",
             h->dir, ret, ret, h->dir, ret);
    if (system(cmd))
        exit(1);
}

static void
drop_dir(const char *dir)
{
    char cmd[96];

    snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    if (system(cmd))
        exit(1);
}

static bool
is_fenced(struct house *h)
{
    struct journal_stats s;

    journal_stats(h->journal, &s);
    return s.fenced;
}

static bool
becomes_fenced(struct house *h, usec_t within)
{
    usec_t until = time_monotonic() + within;

    while (!is_fenced(h) && time_monotonic() < until)
        usleep(20000);
    return is_fenced(h);
}

static void
never(void *ctx, bool ok, uint64_t after)
{
    (void)ok;
    (void)after;
    *(bool *)ctx = true;
}

/* What a door would be told. */
static enum err_code
append_says(struct house *h)
{
    struct err e = ERR_INIT;
    bool       called = false;

    if (journal_append(h->journal, "x", 1, never, &called, &e))
        return ERR_NONE;
    CHECK(!called);
    return e.code;
}

static void
check_once(struct house *h, int64_t events)
{
    CHECK_I(house_count(h, "event"), events);
    CHECK_I(pg_int(&h->pg, "select sum(loaded) from intake_day"), events);
    CHECK_I(pg_int(&h->pg, "select sum(duplicates) from intake_day"), 0);
    CHECK_I(pg_int(&h->pg, "select sum(events) from usage_day"), events);
}

static void
check_even(struct house *h)
{
    char why[240] = "";

    CHECK(ingest_ledger_begin(h->ledger, NULL, NULL));
    CHECK_I(ingest_ledger_check(h->ledger, UINT64_MAX, why), INGEST_BALANCE_EVEN);
    CHECK_S(why, "");
}

/* --- the copy goes on ------------------------------------------------------------- */

/* Loaded by the first: 0-100. Common and not loaded: 100-150. After the copy was made: 150-250 of
 * the first, 500-600 of the second. */
static void
test_what_was_acknowledged_is_counted_once(void)
{
    struct house a = house_make();
    char         dir[64];

    house_send_many(&a, "crm", 0, 100, "x");
    house_work(&a);
    house_stop(&a);
    house_send_many(&a, "crm", 100, 150, "x");
    copy_dir(&a, dir);
    house_send_many(&a, "crm", 150, 200, "x");
    struct house b = house_join(&a.pg, dir);
    CHECK(!is_fenced(&b));
    house_send_many(&b, "crm", 500, 600, "x");
    house_send_many(&a, "crm", 200, 250, "x"); /* it does not know yet */
    house_work(&b);
    CHECK_I(house_count(&b, "event"), 250);
    house_stop(&b);
    CHECK(!is_fenced(&a));
    house_work(&a);
    CHECK(is_fenced(&a) && house_stats(&a).fenced);
    CHECK_I(append_says(&a), ERR_FENCED);
    check_once(&a, 350);
    check_even(&a);
    CHECK_I(house_stats(&a).fault, WORKER_FINE);
    house_stop(&a);

    /* started again, it stays what it is: nothing is taken, nothing comes twice */
    house_leave(&a);
    a = house_join(&a.pg, a.dir);
    CHECK(is_fenced(&a));
    CHECK_I(append_says(&a), ERR_FENCED);
    house_work(&a);
    check_once(&a, 350);
    house_leave(&b);
    house_drop(&a);
    drop_dir(dir);
}

/* The first is away while the copy goes on, and comes back with events nobody has seen. */
static void
test_the_first_comes_back_later(void)
{
    struct house a = house_make();
    char         dir[64];

    house_send_many(&a, "crm", 0, 100, "x");
    copy_dir(&a, dir);
    house_send_many(&a, "crm", 100, 200, "x");
    house_leave(&a);
    for (int life = 0; life < 3; life++) { /* the copy lives more than once meanwhile */
        struct house b = house_join(&a.pg, dir);
        house_send_many(&b, "crm", 300 + life * 50, 350 + life * 50, "x");
        house_work(&b);
        house_leave(&b);
    }
    CHECK_I(house_count(&a, "event"), 250);
    a = house_join(&a.pg, a.dir);
    CHECK(is_fenced(&a));
    house_work(&a);
    check_once(&a, 350);
    check_even(&a);
    house_drop(&a);
    drop_dir(dir);
}

/* Two copies of one directory: only the first of them to start goes on. */
static void
test_two_copies(void)
{
    struct house a = house_make();
    char         one[64], two[64];

    house_send_many(&a, "crm", 0, 100, "x");
    copy_dir(&a, one);
    house_send_many(&a, "crm", 100, 150, "x");
    copy_dir(&a, two);
    house_send_many(&a, "crm", 150, 200, "x");
    house_leave(&a);
    struct house b = house_join(&a.pg, one);
    house_send_many(&b, "crm", 300, 400, "x");
    struct house c = house_join(&a.pg, two);
    CHECK(!is_fenced(&b) && is_fenced(&c));
    house_work(&c);
    house_work(&b);
    CHECK_I(house_count(&a, "event"), 250); /* 100-150 came with the second copy */
    a = house_join(&a.pg, a.dir);
    CHECK(is_fenced(&a));
    house_work(&a);
    check_once(&a, 300);
    house_work(&c); /* what it has is loaded further than it goes */
    CHECK_I(house_stats(&c).fault, WORKER_FINE);
    house_leave(&b);
    house_leave(&c);
    house_drop(&a);
    drop_dir(one);
    drop_dir(two);
}

/* Without an event on either side, and with a loader that has nothing to do. */
static void
test_noticed_without_events(void)
{
    struct house a = house_make();
    char         dir[64];

    house_send_many(&a, "crm", 0, 10, "x");
    house_work(&a);
    copy_dir(&a, dir);
    usleep(1200000);
    CHECK(!is_fenced(&a));
    struct house b = house_join(&a.pg, dir);
    CHECK(becomes_fenced(&a, 3 * USEC_SECOND));
    house_work(&a);
    house_work(&b);
    usleep(1500000);
    CHECK(!is_fenced(&b));
    CHECK_I(house_stats(&b).failures, 0);
    check_once(&a, 10);
    house_leave(&b);
    house_drop(&a);
    drop_dir(dir);
}

/* --- what is no takeover -------------------------------------------------------------- */

static void
test_starting_again_and_again(void)
{
    struct house a = house_make();
    struct err   e = ERR_INIT;

    for (int life = 0; life < 4; life++) {
        house_send_many(&a, "crm", life * 10, life * 10 + 10, "x");
        if (life != 2) /* and once without loading */
            house_work(&a);
        if (life == 1) /* the epoch was remembered, and the database never heard of it */
            CHECK(journal_set_epoch(a.journal, journal_epoch(a.journal) + 1000, &e));
        house_leave(&a);
        a = house_join(&a.pg, a.dir);
        CHECK(!is_fenced(&a));
    }
    house_work(&a);
    check_once(&a, 40);
    house_drop(&a);
}

/* A directory from a backup that is older than the database takes nothing: it could never be
 * loaded. */
static void
test_an_older_copy_of_the_directory(void)
{
    struct house a = house_make();
    char         dir[64];

    house_send_many(&a, "crm", 0, 100, "x");
    copy_dir(&a, dir);
    house_send_many(&a, "crm", 100, 200, "x");
    house_work(&a);
    house_leave(&a);
    struct house b = house_join(&a.pg, dir);
    CHECK(is_fenced(&b));
    CHECK_I(append_says(&b), ERR_FENCED);
    house_leave(&b);
    a = house_join(&a.pg, a.dir); /* and it has not put the other one out */
    CHECK(!is_fenced(&a));
    house_send_many(&a, "crm", 200, 210, "x");
    house_work(&a);
    check_once(&a, 210);
    house_drop(&a);
    drop_dir(dir);
}

/* --- an older copy of the database under our feet ----------------------------------------- */

static void
test_the_database_goes_back(void)
{
    struct house a = house_make();
    uint64_t     epoch = journal_epoch(a.journal);

    house_send_many(&a, "crm", 0, 100, "x");
    house_work(&a);
    pg_sql(&a.pg, "delete from event; delete from intake_day; delete from usage_day;"
                  "delete from journal_epoch; update journal set position = 0, epoch = 1");
    usec_t until = time_monotonic() + 5 * USEC_SECOND;
    while (house_count(&a, "event") < 100 && time_monotonic() < until)
        usleep(50000); /* no event comes in: it notices by itself */
    house_work(&a);
    check_once(&a, 100);
    CHECK(!is_fenced(&a));
    CHECK_I(pg_int(&a.pg, "select epoch from journal"), (int64_t)epoch);
    CHECK_I(pg_int(&a.pg, "select epoch from journal_epoch"), (int64_t)epoch);
    check_even(&a);

    /* one that has never heard of the journal is not filled from the middle */
    pg_sql(&a.pg, "delete from journal_epoch; delete from journal");
    for (int i = 0; i < 200 && !house_stats(&a).fault; i++)
        usleep(50000);
    CHECK_I(house_stats(&a).fault, WORKER_GAP);
    CHECK(strstr(house_stats(&a).why, "does not know the journal"));
    CHECK_I(house_count(&a, "journal"), 0);
    house_drop(&a);
}

int
main(void)
{
    hash_init();
    arena_init_cjson();
    T_RUN(test_what_was_acknowledged_is_counted_once);
    T_RUN(test_the_first_comes_back_later);
    T_RUN(test_two_copies);
    T_RUN(test_noticed_without_events);
    T_RUN(test_starting_again_and_again);
    T_RUN(test_an_older_copy_of_the_directory);
    T_RUN(test_the_database_goes_back);
    return t_end();
}
