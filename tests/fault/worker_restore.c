/* worker_restore.c - PostgreSQL is exchanged for an older copy of itself, as after a restore or
 * when a standby that lags is promoted: everything acknowledged since comes back, once. */
#include "house.h"
#include "t.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- copies ------------------------------------------------------------------------ */

/* SQL on another database of the server. */
static void
server(const char *fmt, const char *name)
{
    struct pg pg = { .app = NULL };

    snprintf(pg.conninfo, sizeof pg.conninfo, "dbname=postgres");
    pg_sql(&pg, fmt, name, name);
}

/* Nobody may be connected while a database is copied or renamed. */
static void
cut_off(const char *name)
{
    server("update pg_database set datallowconn = false where datname = '%s'", name);
    server("select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'", name);
    usleep(100000);
    server("select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'", name);
    usleep(50000);
}

static void
let_in(const char *name)
{
    server("update pg_database set datallowconn = true where datname = '%s'", name);
}

static void
snapshot(struct house *h)
{
    db_close(h->pg.loader);
    h->pg.loader = NULL;
    cut_off(h->pg.name);
    server("create database %s_old template %s strategy file_copy", h->pg.name);
    let_in(h->pg.name);
}

static void
restore(struct house *h)
{
    cut_off(h->pg.name);
    server("drop database %s", h->pg.name);
    server("alter database %s_old rename to %s", h->pg.name);
    let_in(h->pg.name);
}

/* --- what is in it -------------------------------------------------------------------- */

/* All that is counted or shown, in one line; without pseudonyms, whose key is another in each
 * house, and without ids of the quarantine, some of which are new each time. */
static char *
print(struct house *h)
{
    return pg_text(
        &h->pg,
        "select concat_ws(' ',"
        " (select count(*) || md5(string_agg(concat_ws('/', source_id, event_id, happened_at,"
        "  received_at, action, status), ',' order by source_id, event_id)) from event),"
        " (select string_agg(concat_ws('/', source_id, day, reason, loaded, duplicates, "
        "quarantined,"
        "  reread), ',' order by source_id, day, reason) from intake_day),"
        " (select string_agg(u::text, ',' order by u::text) from (select source_id, day, feature,"
        "  count(distinct aid), sum(events), sum(value_events) from usage_day"
        "  group by source_id, day, feature) u),"
        " (select string_agg(n, ',' order by n) from (select reason || ':' || count(*) as n"
        "  from quarantine group by reason) q),"
        " (select count(*) from heartbeat), (select count(*) from import_line),"
        " (select count(*) from dirty_day), (select position from journal))");
}

static void
import_lines(struct house *h, int from, int n)
{
    struct ingest_frames *f = ingest_frames_new(false);
    struct err            e = ERR_INIT;
    char                  line[200];

    for (int i = from; i < from + n; i++) {
        int len = snprintf(line, sizeof line,
                           "{\"id\":\"i%06d\",\"source\":\"billing\",\"time\":"
                           "\"2026-03-04T08:00:00Z\",\"user\":\"u1\",\"action\":\"contact.x\"}",
                           i);
        CHECK(ingest_frames_add(f, line, (size_t)len, &e));
    }
    house_import(h, "crm", false, f);
    ingest_frames_close(f);
}

/* New, repeated, conflicting, bad and imported ones, a file twice, a heartbeat. */
static void
send_round(struct house *h, int round)
{
    int from = round * 1000;

    house_send_many(h, "crm", from, from + 300, "contact.a");
    house_send_many(h, "crm", from + 50, from + 90, "contact.a");
    house_send_many(h, "crm", from + 100, from + 110, "contact.other");
    house_send_many(h, "crm", 0, 20, "contact.a"); /* of the first round: there already */
    house_send(h, "tickets", "[{\"id\":\"x\"},3]");
    import_lines(h, from, 30);
    import_lines(h, from, 30);
    house_beat(h, "crm", "");
}

/* What the doors took and what the loader brought add up, after going back too. */
static void
check_even(struct house *h)
{
    char     why[240] = "";
    uint64_t waiting = 1;

    CHECK(ingest_ledger_begin(h->ledger, NULL, NULL));
    CHECK_I(ingest_ledger_check(h->ledger, UINT64_MAX, why), INGEST_BALANCE_EVEN);
    CHECK_S(why, "");
    CHECK(ingest_ledger_waiting(h->ledger, &waiting) && waiting == 0);
}

/* --- the tests --------------------------------------------------------------------------- */

static void
test_restored_while_down(void)
{
    struct house h = house_make();

    for (int round = 0; round < 3; round++) {
        send_round(&h, round);
        house_work(&h);
        if (round == 0) {
            house_stop(&h);
            snapshot(&h);
        }
    }
    char *before = print(&h);
    house_leave(&h);
    restore(&h);
    CHECK_I(house_count(&h, "event"), 300 + 30);
    h = house_join(&h.pg, h.dir);
    house_work(&h);
    char *after = print(&h);
    CHECK_S(after, before);
    CHECK_I(house_count(&h, "event"), 3 * 330);
    check_even(&h);
    free(before);
    free(after);
    house_drop(&h);
}

struct sender {
    struct house *h;
    _Atomic int   rounds;
    _Atomic bool  stop;
};

static void *
send_all(void *arg)
{
    struct sender *s = arg;

    while (!s->stop && s->rounds < 200) {
        send_round(s->h, s->rounds);
        s->rounds++;
        usleep(20000);
    }
    return NULL;
}

static void
wait_rounds(const struct sender *s, int n)
{
    while (s->rounds < n)
        usleep(5000);
}

/* The same database filled without any fault. */
static char *
print_of_rounds(int rounds)
{
    struct house h = house_make();

    for (int i = 0; i < rounds; i++)
        send_round(&h, i);
    house_work(&h);
    char *text = print(&h);
    house_drop(&h);
    return text;
}

/* Under the feet of a service that goes on taking events, twice. */
static void
test_restored_while_running(void)
{
    struct house  h = house_make();
    struct sender s = { .h = &h };
    pthread_t     t;

    db_close(h.pg.loader);
    h.pg.loader = NULL;
    h.opts.batch_rows = 200;
    house_start(&h);
    pthread_create(&t, NULL, send_all, &s);
    for (int i = 1; i <= 2; i++) {
        wait_rounds(&s, s.rounds + 4);
        snapshot(&h);
        wait_rounds(&s, s.rounds + 8);
        restore(&h);
    }
    wait_rounds(&s, s.rounds + 4);
    s.stop = true;
    pthread_join(t, NULL);
    house_work(&h);
    char  *got = print(&h), *want = print_of_rounds(s.rounds);
    size_t n =
        (size_t)(strrchr(want, ' ') - want); /* the position depends on the time stamps' way */
    CHECK_I(house_count(&h, "event"), s.rounds * 330);
    CHECK(strlen(got) > n && strncmp(got, want, n) == 0);
    check_even(&h);
    CHECK_I(house_stats(&h).fault, WORKER_FINE);
    struct journal_stats js;
    journal_stats(h.journal, &js);
    CHECK(!js.fenced);
    free(got);
    free(want);
    house_drop(&h);
}

/* Nothing comes in, and nothing but a look notices it. */
static void
test_restored_while_idle(void)
{
    struct house h = house_make();

    send_round(&h, 0);
    house_work(&h);
    snapshot(&h);
    send_round(&h, 1);
    house_work(&h);
    char *before = print(&h);
    restore(&h);
    usec_t until = time_monotonic() + 20 * USEC_SECOND;
    while (house_count(&h, "event") < 660 && time_monotonic() < until)
        usleep(100000);
    house_work(&h);
    char *after = print(&h);
    CHECK_S(after, before);
    free(before);
    free(after);
    house_drop(&h);
}

/* The copy is older than the journal keeps: nothing is loaded from the middle, and it is said. */
static void
test_older_than_the_journal_keeps(void)
{
    struct house h = house_make();
    char         cmd[128];

    snapshot(&h);
    for (int i = 0; i < 40; i++)
        house_send_many(&h, "crm", i * 500, i * 500 + 500, "x");
    house_work(&h);
    house_leave(&h);
    restore(&h);
    snprintf(cmd, sizeof cmd, "rm %s/journal/0000000000000000.seg", h.dir); /* as after 7 days */
    CHECK(system(cmd) == 0);
    h = house_join(&h.pg, h.dir);
    house_start(&h);
    for (int i = 0; i < 200 && !house_stats(&h).fault; i++)
        usleep(50000);
    CHECK_I(house_stats(&h).fault, WORKER_GAP);
    CHECK(strstr(house_stats(&h).why, "older than the journal keeps"));
    house_send_many(&h, "crm", 30000, 30010, "x"); /* still taken */
    usleep(300000);
    CHECK_I(house_count(&h, "event"), 0);
    CHECK_I(pg_int(&h.pg, "select position from journal"), 0);
    house_drop(&h);
}

int
main(void)
{
    hash_init();
    arena_init_cjson();
    T_RUN(test_restored_while_down);
    T_RUN(test_restored_while_running);
    T_RUN(test_restored_while_idle);
    T_RUN(test_older_than_the_journal_keeps);
    return t_end();
}
