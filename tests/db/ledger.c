/* ledger.c - conservation: what was taken is loaded or waits, by source, over restarts, repeats and
 * an older copy of the database; and what does not add up is found. */
#include "house.h"
#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum ingest_balance
balance(struct house *h)
{
    char why[240] = "";

    CHECK(ingest_ledger_begin(h->ledger, NULL, NULL));
    return ingest_ledger_check(h->ledger, UINT64_MAX, why);
}

static int64_t
waiting(struct house *h)
{
    uint64_t n = 0;

    return ingest_ledger_waiting(h->ledger, &n) ? (int64_t)n : -1;
}

/* One figure of /metrics. */
static int64_t
metric(struct house *h, const char *name, const char *source)
{
    struct str  s;
    char        line[128];
    const char *at;

    arena_reset(&h->mem);
    str_init(&s, &h->mem);
    ingest_ledger_metrics(h->ledger, h->sources, &s);
    snprintf(line, sizeof line, "\ncollaudo_%s{workspace=\"1\",source=\"%s\"} ", name, source);
    at = strstr(s.p, line);
    return at ? atoll(at + strlen(line)) : -1;
}

static void
send_mixed(struct house *h)
{
    house_send_many(h, "crm", 0, 100, "x");
    house_send_many(h, "crm", 50, 150, "x");
    house_send_many(h, "billing", 0, 20, "x");
    house_send(h, "crm",
               "[1, {\"id\":\"e00001\",\"time\":\"2026-03-03T08:00:00Z\",\"user\":\"u\","
               "\"action\":\"other\",\"properties\":{\"a\":1,\"b\":2},\"c\":3}]");
    house_beat(h, "tickets", "");
}

static void
test_by_source(void)
{
    static const struct {
        const char *name, *source;
        int64_t     n;
    } want[] = {
        { "source_received_total", "crm", 202 },    { "source_accepted_total", "crm", 201 },
        { "source_refused_total", "crm", 1 },       { "properties_dropped_total", "crm", 3 },
        { "source_loaded_total", "crm", 150 },      { "source_duplicates_total", "crm", 50 },
        { "source_quarantined_total", "crm", 2 },   { "source_waiting", "crm", 0 },
        { "source_received_total", "billing", 20 }, { "source_loaded_total", "billing", 20 },
        { "source_received_total", "tickets", 1 },  { "source_heartbeats_total", "tickets", 1 },
    };
    struct house h = house_make();

    send_mixed(&h);
    CHECK_I(waiting(&h), -1); /* nobody has said where the database is */
    house_work(&h);
    CHECK_I(balance(&h), INGEST_BALANCE_EVEN);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        t_row = want[i].name;
        CHECK_I(metric(&h, want[i].name, want[i].source), want[i].n);
    }
    t_row = NULL;
    house_conserved(&h);
    house_drop(&h);
}

/* What waits is known while nothing can be loaded, and after a restart. */
static void
test_waiting(void)
{
    struct house h = house_make(), later;

    house_send_many(&h, "crm", 0, 10, "x");
    house_work(&h);
    pg_sql(&h.pg, "revoke insert on event from collaudo_loader");
    send_mixed(&h);
    CHECK_I(balance(&h), INGEST_BALANCE_EVEN);
    CHECK_I(waiting(&h), 223);
    CHECK_I(house_stats(&h).backlog_events, 223);
    struct pg pg = h.pg;
    char      dir[sizeof h.dir];
    memcpy(dir, h.dir, sizeof dir);
    house_leave(&h);
    later = house_join(&pg, dir);
    house_start(&later);
    for (int i = 0; i < 200 && waiting(&later) != 223; i++) /* the audit counts it */
        usleep(50000);
    CHECK_I(waiting(&later), 223);
    house_send_many(&later, "crm", 500, 510, "x");
    CHECK_I(waiting(&later), 233);
    CHECK_I(balance(&later), INGEST_BALANCE_EVEN);
    pg_sql(&later.pg, "grant insert on event to collaudo_loader");
    house_work(&later);
    CHECK_I(waiting(&later), 0);
    CHECK_I(balance(&later), INGEST_BALANCE_EVEN);
    house_drop(&later);
}

/* The database is an older copy: what it does not know waits again. */
static void
test_older_copy(void)
{
    struct house h = house_make();

    house_send_many(&h, "crm", 0, 100, "x");
    house_work(&h);
    house_stop(&h);
    pg_sql(&h.pg, "update journal set position = 0; truncate event, intake_day");
    ingest_ledger_stands(h.ledger, 0);
    CHECK_I(waiting(&h), -1);
    CHECK_I(balance(&h), INGEST_BALANCE_EVEN);
    CHECK_I(waiting(&h), 100);
    house_work(&h);
    CHECK_I(waiting(&h), 0);
    CHECK_I(balance(&h), INGEST_BALANCE_EVEN);
    house_drop(&h);
}

static void
wait_audit(struct house *h, bool unbalanced)
{
    for (int i = 0; i < 200 && house_stats(h).unbalanced != unbalanced; i++)
        usleep(50000);
    CHECK(house_stats(h).unbalanced == unbalanced);
}

/* Lost, doubled or vanished: the audit finds it, and sees when it is mended. */
static void
test_what_does_not_add_up(void)
{
    struct house          h = house_make();
    struct ingest_brought one = { .workspace = 1, .source = 1, .loaded = 1 };

    h.opts.audit_pause = USEC_SECOND / 20;
    send_mixed(&h);
    house_work(&h);
    while (!house_stats(&h).audits)
        usleep(10000);
    wait_audit(&h, false);

    /* a row that was counted as stored and is not */
    pg_sql(&h.pg, "create table kept as select * from event where event_id = 'e00007';"
                  "delete from event where event_id = 'e00007'");
    house_send_many(&h, "crm", 900, 901, "x");
    wait_audit(&h, true);
    CHECK(strstr(house_stats(&h).imbalance, "152 events were loaded") ||
          strstr(house_stats(&h).imbalance, "151 events were loaded"));
    pg_sql(&h.pg, "insert into event select * from kept");
    wait_audit(&h, false);

    /* a loader that counts one too many, of a source that took none */
    ingest_ledger_bring(h.ledger, &one, 1, journal_durable(h.journal));
    wait_audit(&h, true);
    CHECK(strstr(house_stats(&h).imbalance, "source 1 of workspace 1: -1 items should wait"));
    house_drop(&h);
}

int
main(void)
{
    T_RUN(test_by_source);
    T_RUN(test_waiting);
    T_RUN(test_older_copy);
    T_RUN(test_what_does_not_add_up);
    return t_end();
}
