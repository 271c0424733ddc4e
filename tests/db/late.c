/* late.c - what is known late counts from the first event: accounts assigned, value events changed,
 * and nothing is lost between a declaration, the loader and the rollup. */
#include "firm.h"

#include "sql_gen.h"

#include <pthread.h>
#include <unistd.h>

static void
test_late_alias(void)
{
    struct firm            f = firm_open();
    const struct hash_key *key = NULL;
    struct err             e = ERR_INIT;
    char                   hex[33];

    firm_apply(&f, FIRM);
    CHECK(vault_key(f.vault, 1, 1, false, &key, &e));
    struct hash_id aid = vault_account(key, "crm", "D.Verdi", 7, &f.mem);
    hash_hex(aid.b, sizeof aid.b, hex);
    /* 22:30 UTC is the next day in Rome; the other account and the other source stay clean */
    pg_sql(&f.pg,
           "insert into account select workspace_id, source_id, '%s', pilot_id, null, 'unknown'"
           " from source where code = 'crm';"
           "insert into event select 1, s.source_id, v.id, 1, v.at::timestamptz, v.at::timestamptz,"
           " v.aid::uuid, gen_random_uuid(), 1, 1, 'a', 'a' from (values"
           " ('e1', '2026-09-08 22:30Z', '%s'), ('e2', '2026-09-09 08:00Z', '%s'),"
           " ('e3', '2026-10-25 22:59Z', '%s'), ('e4', '2026-09-20 08:00Z',"
           "  '00000000-0000-0000-0000-000000000001')) v(id, at, aid), source s"
           " where s.code = 'crm';"
           "insert into dirty_day select 1, source_id, '2026-10-25', 1 from source"
           " where code = 'crm'",
           hex, hex, hex, hex);
    struct declare_plan p =
        firm_apply(&f, firm_with(&f, FIRM, "id: dora,", "id: dora, aliases: [d.verdi],"));
    CHECK(firm_says(&p, DECLARE_CHANGE, "accounts", "1 new, 1 assigned, 0 taken away; 2 days"));
    CHECK_I(pg_int(&f.pg,
                   "select count(*) from account where aid = '%s' and kind = 'named'"
                   " and person_id is not null",
                   hex),
            1);
    char *days = pg_text(&f.pg, "select string_agg(s.code || ' ' || day || ' ' || marks, ', '"
                                " order by day) from dirty_day join source s using"
                                " (workspace_id, source_id)");
    CHECK_S(days, "crm 2026-09-09 1, crm 2026-10-25 2");
    free(days);
    p = firm_apply(&f, firm_with(&f, FIRM, "id: dora,", "id: dora, aliases: [d.verdi],"));
    CHECK_I(p.changes, 0);
    firm_close(&f);
}

/* Other value events: every day with events is counted again. */
static void
test_recount(void)
{
    struct firm f = firm_open();

    firm_apply(&f, FIRM);
    pg_sql(&f.pg, "insert into event select 1, source_id, e::text, pilot_id,"
                  " timestamptz '2026-09-08 23:30+02' + (e || ' hours')::interval,"
                  " '2026-09-08 10:00+02', null, gen_random_uuid(), 1, 1, 'x', 'a'"
                  " from source s, generate_series(0, 1) e where code = 'crm'");
    firm_apply(&f, firm_with(&f, FIRM, "features: [contacts", "features: [mail"));
    CHECK_I(pg_int(&f.pg, "select count(*) from dirty_day"), 0);
    struct declare_plan p = firm_apply(&f, firm_with(&f, FIRM, "[deal.*,", "[deal.*, x,"));
    CHECK(firm_says(&p, DECLARE_CHANGE, "events", "2 days to count again"));
    CHECK_I(pg_int(&f.pg, "select count(*) from dirty_day where day in"
                          " ('2026-09-08', '2026-09-09')"),
            2);
    /* and another end: with it, until when events count */
    pg_sql(&f.pg, "delete from dirty_day");
    const char *ends = firm_with(&f, firm_with(&f, FIRM, "[deal.*,", "[deal.*, x,"),
                                 "end: 2026-11-29", "end: 2026-11-22");
    p = firm_apply(&f, ends);
    CHECK(firm_says(&p, DECLARE_CHANGE, "events", "2 days to count again"));
    firm_close(&f);
}

/* --- at once ------------------------------------------------------------------------ */

struct applier {
    struct firm *f;
    const char  *text;
    struct err   e;
    bool         applied;
};

static void *
apply_one(void *arg)
{
    struct applier     *a = arg;
    struct db          *db = NULL;
    struct arena        mem;
    struct declare_plan p = { .n = 0 };

    arena_init(&mem, 64 << 20);
    if (db_open(&(struct db_opts){ .conninfo = a->f->pg.conninfo, .role = DB_APP }, &db, &a->e) &&
        declare_plan(db, a->f->vault, &(struct conf_text){ "t.yaml", a->text, strlen(a->text) }, 1,
                     DECLARE_APPLY, a->f->now, &mem, &p, &a->e))
        a->applied = p.applied;
    db_close(db);
    arena_free(&mem);
    return NULL;
}

/* Is somebody waiting for a table lock by now? */
static bool
is_waiting(struct firm *f)
{
    for (int i = 0; i < 500; i++) {
        if (pg_int(&f->pg,
                   "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
                   " where not granted and datname = current_database()"))
            return true;
        usleep(10000);
    }
    return false;
}

/* A declaration that has assigned an account and not committed yet keeps the rollup of the pilot
 * waiting: a day loaded in between would be counted with the accounts as they were, and nobody
 * would count it again. */
static void
test_rollup_waits(void)
{
    struct firm          f = firm_open();
    const struct db_stmt hold = { .name = "test/hold",
                                  .sql = "lock table notice in access exclusive mode",
                                  .id = sql_count };
    struct err           e = ERR_INIT;
    pthread_t            t;

    firm_apply(&f, FIRM);
    struct applier a = { .f = &f,
                         .text =
                             firm_with(&f, FIRM, "id: dora,", "id: dora, aliases: [d.verdi],") };
    /* the last step, after all accounts, reads the notice: there it is held */
    CHECK(db_begin_control(pg_loader(&f.pg), &e) &&
          db_exec(pg_loader(&f.pg), &hold, DB_NO_ARGS, NULL, &e));
    pthread_create(&t, NULL, apply_one, &a);
    CHECK(is_waiting(&f));
    CHECK_I(pg_int(&f.pg, "select count(*) from (select 1 from pilot where pilot_id = 1"
                          " for no key update skip locked) free"),
            0);
    /* events are loaded all the same */
    pg_sql(&f.pg, "set lock_timeout = '3s';"
                  "insert into event select 1, source_id, 'e1', pilot_id, '2026-09-08 10:00+02',"
                  " '2026-09-08 10:00+02', null, gen_random_uuid(), 1, 1, 'a', 'a' from source"
                  " where code = 'crm';"
                  "insert into dirty_day select 1, source_id, '2026-09-08' from source"
                  " where code = 'crm' on conflict (workspace_id, source_id, day)"
                  " do update set marks = dirty_day.marks + 1");
    CHECK(!a.applied);
    db_rollback(pg_loader(&f.pg));
    pthread_join(t, NULL);
    CHECK(a.applied);
    CHECK_I(pg_int(&f.pg, "select count(*) from (select 1 from pilot where pilot_id = 1"
                          " for no key update skip locked) free"),
            1);
    CHECK_I(pg_int(&f.pg, "select count(*) from dirty_day where day = '2026-09-08'"), 1);
    firm_close(&f);
}

int
main(void)
{
    T_RUN(test_late_alias);
    T_RUN(test_recount);
    T_RUN(test_rollup_waits);
    return t_end();
}
