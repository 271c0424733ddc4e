/* loader.c - from the journal into the database: once, in order, whatever comes in between. */
#include "house.h"
#include "t.h"

#include "collaudo/ingest_record.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what is stored -------------------------------------------------------------- */

static void
test_every_column(void)
{
    struct house h = house_make();

    house_send(
        &h, "crm",
        "{\"id\":\"a-1\",\"time\":\"2026-03-09T23:30:00.250001+01:00\",\"user\":\" Anna@X.it "
        "\",\"action\":\"deal.move\",\"object_type\":\"deal\",\"object_id\":42,\"status\":"
        "\"failure\",\"correlation\":\"case/7\",\"feature\":\"deals\",\"properties\":{\"amount"
        "\":3}}");
    house_send(&h, "crm",
               "{\"id\":\"a-2\",\"time\":\"2026-03-10T08:00:00Z\",\"type\":\"audit\","
               "\"action\":\"role.change\"}");
    CHECK_I(h.in.dropped, 0);
    house_work(&h);
    char *row = pg_text(
        &h.pg,
        "select (workspace_id, source_id, event_id, pilot_id, happened_at at time zone 'UTC',"
        " received_at at time zone 'UTC', type, status, action, feature, object_type, object_id,"
        " correlation, mapping, properties)::text from event where event_id = 'a-1'");
    CHECK_S(row, "(1,1,a-1,1,\"2026-03-09 22:30:00.250001\",\"2026-03-10 10:00:00\",1,2,deal.move,"
                 "deals,deal,42,case/7,,)");
    free(row);
    row = pg_text(&h.pg, "select (aid is null, type, status, action, feature, object_type is null,"
                         " object_id is null)::text from event where event_id = 'a-2'");
    CHECK_S(row, "(t,2,0,role.change,role.change,t,t)");
    free(row);

    /* the pseudonym is the one by which the register of accounts knows the person */
    const struct hash_key *key;
    struct err             e = ERR_INIT;
    char                   hex[33];
    CHECK(vault_key(h.vault, 1, 1, false, &key, &e));
    struct hash_id aid = vault_account(key, "crm", "anna@x.it", 9, &h.mem);
    hash_hex(&aid, sizeof aid, hex);
    CHECK_I(pg_int(&h.pg, "select count(*) from event where aid = '%s'", hex), 1);
    CHECK_I(pg_int(&h.pg,
                   "select count(*) from usage_day where aid = '%s' and day = '2026-03-09'"
                   " and value_events = 1",
                   hex),
            1);
    CHECK_I(house_count(&h, "dirty_day"), 0);
    CHECK_I(pg_int(&h.pg, "select loaded from intake_day where day = '2026-03-10' and reason = 0"),
            2);
    house_conserved(&h);
    house_drop(&h);
}

/* No property is kept, and what is left out is counted. */
static void
test_properties_are_left_out(void)
{
    struct house      h = house_make();
    static const char body[] = "{\"id\":\"a\",\"time\":\"2026-03-09T08:00:00Z\",\"user\":\"u\","
                               "\"action\":\"x\",\"more\":1,"
                               "\"properties\":{\"stage\":\"won\",\"amount\":0.1,\"email\":\"a@b."
                               "it\",\"note\":{\"x\":1}}}";

    house_send(&h, "crm", body);
    CHECK_I(h.in.dropped, 5);
    house_work(&h);
    CHECK_I(house_count(&h, "event where properties is null"), 1);
    house_drop(&h);
}

/* --- sources ----------------------------------------------------------------------------- */

static void
test_a_source_that_is_gone(void)
{
    struct house h = house_make();

    house_send_many(&h, "tickets", 0, 10, "x");
    house_send(&h, "tickets", "[1]");
    house_send_many(&h, "crm", 0, 10, "x");
    pg_sql(&h.pg, "delete from source where code = 'tickets'");
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 10);
    CHECK_I(house_stats(&h).skipped, 10);
    CHECK_I(house_stats(&h).skipped_bad, 1);
    CHECK_I(house_count(&h, "intake_day where source_id = 3"), 0);
    house_conserved(&h);

    pg_sql(&h.pg,
           "insert into dirty_day (workspace_id, source_id, day) values (1, 3, '2026-03-03')");
    house_work(&h); /* marks of a source that is gone do not keep anybody waiting */
    CHECK_I(house_count(&h, "dirty_day"), 0);
    house_drop(&h);
}

static void
test_sources_change(void)
{
    struct house                h = house_make();
    struct err                  e = ERR_INIT;
    const struct ingest_source *before = ingest_sources_get(h.sources, 1, 1), *after;

    CHECK(before && strcmp(before->name, "crm") == 0 && strcmp(before->pilot_code, "p") == 0);
    CHECK(ingest_sources_load(h.sources, pg_loader(&h.pg), &e));
    after = ingest_sources_named(h.sources, 1, "crm", 3);
    CHECK(after == before);
    ingest_sources_put(h.sources, after);
    pg_sql(&h.pg, "update pilot set tz = 'Asia/Tokyo'; delete from source where code = 'billing'");
    CHECK(ingest_sources_load(h.sources, pg_loader(&h.pg), &e));
    after = ingest_sources_get(h.sources, 1, 1);
    CHECK(after && after != before && strcmp(time_zone_name(after->zone), "Asia/Tokyo") == 0);
    CHECK(strcmp(time_zone_name(before->zone), "Europe/Rome") == 0); /* lent: still there */
    CHECK(!ingest_sources_named(h.sources, 1, "billing", 7));
    CHECK(!ingest_sources_named(h.sources, 2, "crm", 3));
    CHECK(!ingest_sources_named(h.sources, 1, "crmx", 3 + 1));
    CHECK(!ingest_sources_named(h.sources, 1, "cr", 2));
    ingest_sources_put(h.sources, before);
    ingest_sources_put(h.sources, after);
    CHECK(vault_destroy(h.vault, 1, 1, &e));
    CHECK(ingest_sources_load(h.sources, pg_loader(&h.pg), &e));
    CHECK(!ingest_sources_get(h.sources, 1, 1)); /* without its key a pilot takes nothing */
    house_drop(&h);
}

/* More sources than one batch takes, of two workspaces that use the same names and ids. */
static void
test_many_sources(void)
{
    struct house                    h = house_make();
    struct err                      e = ERR_INIT;
    const struct hash_key          *key;
    static const struct ingest_form form = { .dialect = INGEST_NATIVE, .cut = JSON_AUTO };

    pg_sql(&h.pg,
           "insert into workspace (workspace_id, code, name, made_at) overriding system value"
           " values (2, 'other', 'Other', '2026-01-01');"
           "insert into tool (workspace_id, code, name) values (2, 'suite', 'Suite');"
           "insert into pilot (workspace_id, code, name, state, tz, start_day, end_day, charter,"
           " charter_hash, sealed_at, made_at, changed_at) select 2, 'q', 'Q', state, 'Asia/Tokyo',"
           " start_day, end_day, charter, charter_hash, sealed_at, made_at, changed_at from pilot;"
           "insert into source (workspace_id, pilot_id, tool_id, code, made_at)"
           " select p.workspace_id, p.pilot_id, t.tool_id, 's' || i, '2026-01-01'"
           " from pilot p join tool t using (workspace_id), generate_series(1, 300) i");
    CHECK(vault_key(h.vault, 2, 2, true, &key, &e));
    CHECK(ingest_sources_load(h.sources, pg_loader(&h.pg), &e));
    for (int i = 1; i <= 300; i++)
        for (int64_t workspace = 1; workspace <= 2; workspace++) {
            char                        name[16];
            int                         n = snprintf(name, sizeof name, "s%d", i);
            const struct ingest_source *s =
                ingest_sources_named(h.sources, workspace, name, (size_t)n);
            char *body = house_events(0, 5, "x");

            if (CHECK(s != NULL) && CHECK(s->workspace == workspace) &&
                CHECK(ingest_take(s, &form, body, strlen(body), h.now, &h.mem, &h.in, &e)))
                house_append(&h, h.in.record, h.in.record_n);
            h.received += h.in.received;
            h.accepted += h.in.accepted;
            ingest_sources_put(h.sources, s);
            arena_reset(&h.mem);
            free(body);
        }
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 3000);
    CHECK_I(house_count(&h, "event where workspace_id = 2 and pilot_id = 2"), 1500);
    CHECK_I(pg_int(&h.pg, "select count(distinct aid) from event"), 2 * 300 * 5);
    CHECK_I(pg_int(&h.pg, "select sum(events) from usage_day where workspace_id = 2"), 1500);
    CHECK(house_stats(&h).batches >= 3);
    house_conserved(&h);
    house_drop(&h);
}

/* --- the position ---------------------------------------------------------------------------- */

static void
wait_stuck(struct house *h, enum worker_fault fault)
{
    for (int i = 0; i < 200 && !house_stats(h).fault; i++)
        usleep(50000);
    CHECK_I(house_stats(h).fault, fault);
}

static void
test_position(void)
{
    struct house h = house_make();

    house_send_many(&h, "crm", 0, 100, "x");
    house_send_many(&h, "crm", 100, 200, "x");
    house_work(&h);
    int64_t position = pg_int(&h.pg, "select position from journal");
    CHECK_I(position, (int64_t)journal_durable(h.journal));
    CHECK_I(house_stats(&h).position, position);

    /* an older copy of the database: what is missing comes back, nothing twice */
    house_stop(&h);
    pg_sql(&h.pg, "update journal set position = 0; delete from event where event_id < 'e00150'");
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 200);
    CHECK_I(pg_int(&h.pg, "select position from journal"), position);

    /* moved under our feet: begins again from there */
    pg_sql(&h.pg, "update journal set position = 0");
    house_send_many(&h, "crm", 200, 300, "x");
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 300);

    /* beyond the journal's end: it is the journal that is older. Nothing is guessed */
    house_stop(&h);
    pg_sql(&h.pg, "update journal set position = position + 1000000");
    house_start(&h);
    wait_stuck(&h, WORKER_GAP);
    CHECK(strstr(house_stats(&h).why, "beyond"));
    CHECK(!worker_settled(h.worker, USEC_SECOND / 10));
    pg_sql(&h.pg, "update journal set position = position - 1000000");
    house_work(&h); /* and goes on by itself when it is mended */
    CHECK(house_stats(&h).fault == WORKER_FINE);
    house_drop(&h);
}

static void
test_foreign_bytes_stop_the_loader(void)
{
    static const char strange[] = "CR\x63\1 a record of a future version";
    struct house      h = house_make();

    house_send_many(&h, "crm", 0, 10, "x");
    house_append(&h, strange, sizeof strange - 1);
    house_start(&h);
    wait_stuck(&h, WORKER_DAMAGE);
    CHECK(strstr(house_stats(&h).why, "version 99"));
    CHECK_I(house_count(&h, "event"), 10); /* what came before it is in */
    house_drop(&h);
}

/* A database that does not take what is whole holds the loader up; nothing is damaged then. */
static void
test_a_database_that_refuses(void)
{
    struct house h = house_make();

    pg_sql(&h.pg, "revoke insert on event from collaudo_loader");
    house_send_many(&h, "crm", 0, 10, "x");
    house_start(&h);
    wait_stuck(&h, WORKER_STUCK);
    CHECK(house_stats(&h).why[0]);
    pg_sql(&h.pg, "grant insert on event to collaudo_loader");
    house_work(&h);
    CHECK_I(house_stats(&h).fault, WORKER_FINE);
    CHECK_I(house_count(&h, "event"), 10);
    house_drop(&h);
}

/* --- two at once ------------------------------------------------------------------------------ */

struct sender {
    struct house *h;
    int           from, to, step;
};

static void *
send_all(void *arg)
{
    struct sender *s = arg;

    for (int i = s->from; i < s->to; i += s->step)
        house_send_many(s->h, "crm", i, i + s->step, "x");
    return NULL;
}

/* Two collectors with a journal each bring overlapping events at the same time. */
static void
test_two_loaders(void)
{
    struct house a = house_make();
    char         dir[] = "/tmp/house.XXXXXX", cmd[192];

    CHECK(mkdtemp(dir) != NULL);
    snprintf(cmd, sizeof cmd, "cp -r %s/keys %s/keys", a.dir, dir);
    CHECK(system(cmd) == 0);
    struct house  b = house_join(&a.pg, dir);
    struct sender sa = { &a, 0, 6000, 100 }, sb = { &b, 3000, 9000, 75 };
    pthread_t     ta, tb;

    house_start(&a);
    house_start(&b);
    pthread_create(&ta, NULL, send_all, &sa);
    pthread_create(&tb, NULL, send_all, &sb);
    pthread_join(ta, NULL);
    pthread_join(tb, NULL);
    house_work(&a);
    house_work(&b);
    CHECK_I(house_count(&a, "event"), 9000);
    CHECK_I(house_stats(&a).loaded + house_stats(&b).loaded, 9000);
    CHECK_I(house_stats(&a).duplicates + house_stats(&b).duplicates, 3000);
    CHECK_I(pg_int(&a.pg, "select sum(loaded) from intake_day"), 9000);
    CHECK_I(pg_int(&a.pg, "select sum(events) from usage_day"), 9000);
    CHECK_I(house_count(&a, "journal"), 2);
    house_conserved(&a);
    house_conserved(&b);
    house_leave(&b);
    snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    CHECK(system(cmd) == 0);
    house_drop(&a);
}

/* --- heartbeats and counting
 * ---------------------------------------------------------------------- */

static void
test_heartbeats(void)
{
    struct house h = house_make();

    house_beat(&h, "crm", "");
    house_beat(&h, "crm", "{\"source\":\"crm\"}");
    house_beat(&h, "crm", "{\"time\":\"2026-03-09T23:59:59Z\"}");
    CHECK(h.in.accepted == 1 && !h.in.unreadable);
    house_beat(&h, "crm", "{\"source\":\"billing\"}");
    CHECK(h.in.rejected == 1 && h.in.results[0].why == EVENT_SOURCE_MISMATCH);
    house_beat(&h, "crm", "{\"time\":\"yesterday\"}");
    CHECK(h.in.rejected == 1 && h.in.results[0].why == EVENT_BAD_TIME);
    house_beat(&h, "crm", "{\"time\":\"2026-03-10T10:05:01Z\"}");
    CHECK(h.in.rejected == 1 && h.in.results[0].why == EVENT_TIME_IN_FUTURE);
    house_beat(&h, "crm", "[]");
    CHECK(h.in.rejected == 1 && h.in.results[0].why == EVENT_NOT_OBJECT);
    house_beat(&h, "crm", "nonsense");
    CHECK(h.in.rejected == 1 && h.in.unreadable);
    house_work(&h);
    CHECK_I(house_count(&h, "heartbeat"), 2);
    CHECK_I(
        house_count(
            &h, "heartbeat where hour = '2026-03-09T23:00:00Z' or hour = '2026-03-10T10:00:00Z'"),
        2);
    CHECK_I(house_count(&h, "quarantine"), 5);
    CHECK_I(house_stats(&h).heartbeats, 3);
    CHECK_I(house_stats(&h).rollup_days, 1); /* 23:59:59Z is the 10th in Rome */
    house_conserved(&h);
    uint64_t days = house_stats(&h).rollup_days;
    house_beat(&h, "crm", "{}");
    house_work(&h); /* an hour that is known already dirties nothing */
    CHECK_I(house_stats(&h).rollup_days, days);
    house_drop(&h);
}

/* A source that cannot be counted keeps its marks; the others are counted. */
static void
test_rollup_faults(void)
{
    struct house h = house_make();

    pg_sql(&h.pg,
           "alter function rollup_days(bigint, bigint, date[]) rename to rollup_days_kept;"
           "create function rollup_days(w bigint, s bigint, d date[]) returns void language plpgsql"
           " as $$ begin if s = 1 then raise exception 'no'; end if;"
           " perform collaudo.rollup_days_kept(w, s, d); end $$;"
           "grant execute on function rollup_days to collaudo_loader");
    house_send_many(&h, "crm", 0, 50, "x");
    house_send_many(&h, "billing", 0, 70, "x");
    house_start(&h);
    CHECK(!worker_settled(h.worker, USEC_SECOND));
    CHECK_I(house_count(&h, "event"), 120);
    CHECK_I(pg_int(&h.pg, "select sum(events) from usage_day"), 70);
    CHECK_I(house_count(&h, "dirty_day where source_id = 1"), 7);
    CHECK(house_stats(&h).rollup_failures > 0);
    pg_sql(&h.pg, "drop function rollup_days(bigint, bigint, date[]);"
                  "alter function rollup_days_kept(bigint, bigint, date[]) rename to rollup_days");
    house_work(&h);
    CHECK_I(pg_int(&h.pg, "select sum(events) from usage_day"), 120);
    CHECK_I(house_count(&h, "dirty_day"), 0);
    house_drop(&h);
}

/* The database calls the reasons of quarantine as event.h does. */
static void
test_reason_names(void)
{
    struct house h = house_make();

    for (int i = 1; i <= EVENT_DROP_MAX; i++) {
        char *name = pg_text(&h.pg, "select reason_name(%d::smallint)", i);

        CHECK_S(name, event_drop_name(i));
        free(name);
    }
    char *name = pg_text(&h.pg, "select reason_name(%d::smallint)", EVENT_DROP_MAX + 1);
    CHECK_S(name, "20"); /* a new one must be added there, too */
    free(name);
    house_drop(&h);
}

/* Marks made by others are found too, at once when somebody says so. */
static void
test_nudge(void)
{
    struct house h = house_make();

    house_send_many(&h, "crm", 0, 50, "x");
    house_work(&h);
    pg_sql(&h.pg, "delete from usage_day; insert into dirty_day (workspace_id, source_id, day)"
                  " select 1, 1, '2026-03-01'::date + i from generate_series(1, 7) i");
    worker_nudge(h.worker);
    for (int i = 0; i < 100 && house_count(&h, "dirty_day"); i++)
        usleep(50000);
    CHECK_I(house_count(&h, "dirty_day"), 0);
    CHECK_I(pg_int(&h.pg, "select sum(events) from usage_day"), 50);
    house_drop(&h);
}

/* --- one event's way
 * -------------------------------------------------------------------------------- */

static void
test_trace(void)
{
    struct house         h = house_make();
    struct ingest_trace *t;
    size_t               n;
    struct err           e = ERR_INIT;
    uint64_t             position;

    house_send_many(&h, "billing", 0, 10, "x");
    house_send_many(&h, "crm", 0, 10, "contact.create");
    house_work(&h);
    pg_sql(&h.pg,
           "insert into dirty_day (workspace_id, source_id, day) values (1, 2, '2026-03-05')");
    CHECK(db_begin_read(pg_app(&h.pg), 1, &e));
    CHECK(ingest_trace_event(pg_app(&h.pg), h.sources, 1, "e00003", &h.mem, &t, &n, &e));
    if (CHECK_I(n, 2)) {
        CHECK_S(t[0].source, "crm");
        CHECK(t[0].value_event && !t[1].value_event && !t[0].late && !t[0].assigned &&
              t[0].has_account);
        CHECK_S(t[0].account_kind, "unknown");
        CHECK_I(t[0].day, time_day(2026, 3, 5));
        CHECK(!t[0].day_waits && t[1].day_waits && t[0].in_window);
        CHECK_I(t[0].received, HOUSE_NOW);
        CHECK(worker_find(h.journal, 1, t[0].source_id, "e00003", t[0].received, USEC_SECOND,
                          &position, &e));
        CHECK(position > 0);
        CHECK(worker_find(h.journal, 1, t[1].source_id, "e00003", t[1].received, USEC_SECOND,
                          &position, &e));
        CHECK_I(position, 0);
    }
    CHECK(!worker_find(h.journal, 1, 1, "e99999", HOUSE_NOW, USEC_SECOND, &position, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    CHECK(ingest_trace_event(pg_app(&h.pg), h.sources, 1, "nobody", &h.mem, &t, &n, &e) && n == 0);
    CHECK(db_commit(pg_app(&h.pg), &e));
    house_drop(&h);
}

/* What is not loaded is told too: in quarantine, or in the journal still; a logon is no value
 * event, as the rollup has it; an id that names somebody is found by that name. */
static void
test_trace_the_rest(void)
{
    struct house         h = house_make();
    struct db           *db = pg_app(&h.pg);
    struct ingest_trace *t;
    struct ingest_held  *held, waits;
    size_t               n;
    bool                 found;
    char                 id[2 * HASH_ID_LEN + 1];
    struct err           e = ERR_INIT;

    house_send(
        &h, "crm",
        "[{\"id\":\"a/1\",\"time\":\"2026-03-05T08:00:00Z\",\"user\":\"u\",\"type\":\"auth\","
        "\"action\":\"deal.logon\"},"
        "{\"id\":\"anna@x.it 1\",\"time\":\"2026-03-05T08:00:00Z\",\"user\":\"u\","
        "\"action\":\"deal.move\"},"
        "{\"id\":\"bad-1\",\"time\":\"2026-03-05T08:00:00Z\",\"user\":\"u\"}]");
    hash_hex(&h.in.results[0].quarantine, HASH_ID_LEN, id);
    CHECK(db_begin_read(db, 1, &e));
    static const struct {
        const char     *id;
        enum event_drop why;
        bool            found;
    } want[] = { { "a/1", EVENT_TAKEN, true },
                 { "anna@x.it 1", EVENT_TAKEN, true },
                 { "bad-1", EVENT_MISSING_ACTION, true },
                 { "a/", 0, false } };
    for (size_t i = 0; i < 4; i++) {
        t_row = want[i].id;
        CHECK(ingest_trace_waiting(db, h.journal, h.sources, 1, want[i].id, USEC_SECOND, &h.mem,
                                   &waits, &found, &e));
        CHECK(found == want[i].found && (!found || (waits.why == want[i].why && waits.waits)));
        CHECK(ingest_trace_event(db, h.sources, 1, want[i].id, &h.mem, &t, &n, &e) && n == 0);
    }
    t_row = NULL;
    CHECK(db_commit(db, &e));
    house_work(&h);
    CHECK(db_begin_read(db, 1, &e));
    CHECK(ingest_trace_waiting(db, h.journal, h.sources, 1, "a/1", USEC_SECOND, &h.mem, &waits,
                               &found, &e) &&
          !found);
    CHECK(ingest_trace_event(db, h.sources, 1, "a/1", &h.mem, &t, &n, &e));
    CHECK(n == 1 && !t[0].value_event && t[0].in_window);
    CHECK_I(pg_int(&h.pg, "select sum(value_events) from usage_day"), 1); /* the other one's */
    CHECK(ingest_trace_event(db, h.sources, 1, "anna@x.it 1", &h.mem, &t, &n, &e));
    CHECK(n == 1 && t[0].value_event && strncmp(t[0].event_id, "h:", 2) == 0);
    static const char *const none[] = { "a/1", "bad-", "d-1", "\"" };
    for (size_t i = 0; i < 4; i++)
        CHECK(ingest_trace_quarantine(db, h.sources, 1, none[i], &h.mem, &held, &n, &e) && !n);
    for (int i = 0; i < 2; i++) {
        CHECK(ingest_trace_quarantine(db, h.sources, 1, i ? id : "bad-1", &h.mem, &held, &n, &e));
        if (CHECK_I(n, 1)) {
            CHECK_I(held[0].why, EVENT_MISSING_ACTION);
            CHECK_S(held[0].source, "crm");
        }
    }
    CHECK(db_commit(db, &e));
    house_drop(&h);
}

int
main(void)
{
    T_RUN(test_every_column);
    T_RUN(test_properties_are_left_out);
    T_RUN(test_a_source_that_is_gone);
    T_RUN(test_sources_change);
    T_RUN(test_many_sources);
    T_RUN(test_position);
    T_RUN(test_foreign_bytes_stop_the_loader);
    T_RUN(test_a_database_that_refuses);
    T_RUN(test_two_loaders);
    T_RUN(test_heartbeats);
    T_RUN(test_rollup_faults);
    T_RUN(test_reason_names);
    T_RUN(test_nudge);
    T_RUN(test_trace);
    T_RUN(test_trace_the_rest);
    return t_end();
}
