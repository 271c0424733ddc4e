/* repeats.c - events that come again, in other words or against what is stored, and those that
 * the database does not take. */
#include "house.h"
#include "t.h"

#include <stdlib.h>
#include <string.h>

/* --- repetitions ------------------------------------------------------------------- */

static void
test_repetitions(void)
{
    struct house h = house_make();

    house_send_many(&h, "crm", 0, 500, "contact.create");
    house_send_many(&h, "crm", 250, 500,
                    "contact.create"); /* known from memory or from the same batch */
    house_send_many(&h, "billing", 0, 10,
                    "contact.create"); /* another source: events of their own */
    house_send(&h, "crm",
               "[{\"id\":\"x\",\"time\":\"2026-03-09T08:00:00Z\",\"user\":\"u\",\"action\":"
               "\"y\"},{\"id\":\"x\",\"time\":\"2026-03-09T09:00:00+01:00\",\"user\":\"U\","
               "\"action\":\"y\",\"status\":\"odd\",\"sentAt\":\"now\"}]");
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 511);
    CHECK_I(house_stats(&h).duplicates, 251);
    house_stop(&h);
    house_start(&h); /* a new worker remembers nothing: the database tells */
    h.accepted = h.received = h.rejected = 0;
    house_send_many(&h, "crm", 0, 600, "contact.create");
    house_work(&h);
    CHECK_I(house_stats(&h).duplicates, 500);
    CHECK_I(house_stats(&h).loaded, 100);
    CHECK_I(house_stats(&h).slow, 1);
    CHECK_I(pg_int(&h.pg, "select sum(duplicates) from intake_day"), 751);
    CHECK_I(pg_int(&h.pg, "select sum(loaded) from intake_day"), 611);
    CHECK_I(house_count(&h, "event"), 611);
    CHECK_I(house_count(&h, "quarantine"), 0);
    house_conserved(&h);
    house_drop(&h);
}

/* The sealed text of the only quarantined row. */
static const char *
unsealed(struct house *h)
{
    const struct hash_key *key;
    struct err             e = ERR_INIT;
    char  *hex = pg_text(&h->pg, "select encode(sealed, 'hex') from quarantine"), *text = NULL;
    size_t n = hex ? strlen(hex) / 2 : 0;
    void  *box = arena_alloc(&h->mem, n);

    if (!CHECK(hex && hash_unhex(hex, box, n) && vault_key(h->vault, 1, 1, false, &key, &e) &&
               hash_open(key, box, n, &h->mem, &text, &e)))
        text = "";
    free(hex);
    return text;
}

static void
test_conflicts(void)
{
    static const char *const how[] = { "same request", "same batch", "remembered", "forgotten" };

    for (int i = 0; i < 4; i++) {
        struct house h = house_make();

        t_row = how[i];
        if (i == 0) {
            house_send(&h, "crm",
                       "[{\"id\":\"e00007\",\"time\":\"2026-03-09T08:00:00Z\",\"user\":\"u\","
                       "\"action\":\"first\"},{\"id\":\"e00007\",\"time\":\"2026-03-09T08:00:00Z\","
                       "\"user\":\"u\",\"action\":\"second\"}]");
        } else {
            house_send_many(&h, "crm", 0, 100, "first");
            if (i >= 2)
                house_work(&h);
            if (i == 3) {
                house_stop(&h);
                house_start(&h);
                h.received = h.accepted = h.rejected = 0;
            }
            house_send_many(&h, "crm", 7, 8, "second");
        }
        house_work(&h);
        CHECK_I(house_count(&h, "event"), i ? 100 : 1);
        CHECK_I(house_count(&h, "event where action = 'second'"), 0);
        CHECK_I(
            house_count(&h, "quarantine where reason = 17 and source_id = 1 and pointer = '/id'"),
            1);
        CHECK_I(house_stats(&h).conflicts, 1);
        CHECK_I(pg_int(&h.pg, "select quarantined from intake_day where reason = 17"), 1);
        const char *kept = unsealed(&h);
        CHECK(strstr(kept, "\"action\":\"second\"") && strstr(kept, "\"id\":\"e00007\""));
        CHECK(strstr(kept, "\"actor\":\"") && !strstr(kept, "\"user\"") && !strstr(kept, "zienda"));
        house_conserved(&h);

        /* the same again is the same again: a conflict with what is stored, not a repetition */
        if (i) {
            house_send_many(&h, "crm", 7, 8, "second");
            house_send_many(&h, "crm", 7, 8, "first");
            house_work(&h);
            CHECK_I(house_count(&h, "event"), 100);
            CHECK_I(house_stats(&h).conflicts + house_stats(&h).duplicates, 3);
            CHECK_I(pg_int(&h.pg, "select count(*) from event where event_id = 'e00007'"
                                  " and action = 'first'"),
                    1);
        }
        t_row = NULL;
        house_drop(&h);
    }
}

/* What is stored decides, not what came first in the batch. */
static void
test_conflict_then_repetition(void)
{
    struct house h = house_make();

    house_send_many(&h, "crm", 7, 8, "first");
    house_work(&h);
    house_stop(&h);
    h.received = h.accepted = h.rejected = 0;
    house_send_many(&h, "crm", 7, 8, "second");
    house_send_many(&h, "crm", 7, 8, "second");
    house_send_many(&h, "crm", 7, 8, "first");
    house_send_many(&h, "crm", 8, 9, "first"); /* something new, so that there is a COPY to fail */
    house_work(&h);
    CHECK_I(house_stats(&h).conflicts, 2);
    CHECK_I(house_stats(&h).duplicates, 1);
    CHECK_I(house_count(&h, "event where action = 'first'"), 2);
    CHECK_I(house_count(&h, "quarantine where reason = 17"), 2);
    house_conserved(&h);
    house_drop(&h);
}

/* --- what the database refuses -------------------------------------------------------- */

static void
test_refused_rows_are_found(void)
{
    struct house h = house_make();

    pg_sql(&h.pg,
           "alter table event add constraint odd check (object_id not in ('3', '500', '999'))");
    house_send_many(&h, "crm", 0, 1000, "contact.create");
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 997);
    CHECK_I(house_count(&h, "quarantine where reason = 19"), 3);
    CHECK_I(house_stats(&h).refused, 3);
    CHECK_I(pg_int(&h.pg, "select sum(quarantined) from intake_day where reason = 19"), 3);
    house_conserved(&h);

    /* once it is allowed, it may come again: it was never stored */
    pg_sql(&h.pg, "alter table event drop constraint odd");
    house_send_many(&h, "crm", 0, 1000, "contact.create");
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 1000);
    house_conserved(&h);
    house_drop(&h);
}

/* A poisoned row, a repetition and a conflict in one batch, unknown to memory. */
static void
test_refused_among_repetitions(void)
{
    struct house h = house_make();

    house_send_many(&h, "crm", 0, 100, "first");
    house_work(&h);
    house_stop(&h);
    pg_sql(&h.pg, "alter table event add constraint odd check (object_id <> '250')");
    h.received = h.accepted = h.rejected = 0;
    house_send_many(&h, "crm", 50, 99, "first");
    house_send_many(&h, "crm", 99, 100, "second");
    house_send_many(&h, "crm", 200, 300, "first");
    house_work(&h);
    CHECK_I(house_count(&h, "event"), 199);
    CHECK_I(house_stats(&h).duplicates, 49);
    CHECK_I(house_stats(&h).conflicts, 1);
    CHECK_I(house_stats(&h).refused, 1);
    house_conserved(&h);
    house_drop(&h);
}

int
main(void)
{
    T_RUN(test_repetitions);
    T_RUN(test_conflicts);
    T_RUN(test_conflict_then_repetition);
    T_RUN(test_refused_rows_are_found);
    T_RUN(test_refused_among_repetitions);
    return t_end();
}
