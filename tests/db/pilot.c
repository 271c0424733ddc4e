/* pilot.c - declarations: what is made, what is the same, what changes, and what is never found
 * in the database. */
#include "firm.h"

#include <pthread.h>
#include <sys/stat.h>

/* --- applying ------------------------------------------------------------------- */

static void
test_first(void)
{
    struct firm         f = firm_open();
    struct declare_plan p = firm_apply(&f, FIRM);

    CHECK_S(p.pilot, "crm-2026");
    CHECK(firm_says(&p, DECLARE_CREATE, "workspace", "Rossi Impianti"));
    CHECK(firm_says(&p, DECLARE_CREATE, "pilot", "Pilota CRM"));
    CHECK(firm_says(&p, DECLARE_CREATE, "people", "8 new"));
    CHECK(firm_says(&p, DECLARE_CREATE, "accounts", "20 new"));
    CHECK_I(pg_int(&f.pg, "select count(*) from workspace where code = 'rossi'"), 1);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot_code where code = 'crm-2026'"), 1);
    CHECK_I(pg_int(&f.pg, "select count(*) from tool"), 2);
    CHECK_I(pg_int(&f.pg, "select count(*) from source"), 2);
    CHECK_I(pg_int(&f.pg, "select count(*) from person"), 8);
    CHECK_I(pg_int(&f.pg, "select count(*) from person where cell = team"), 8);
    CHECK_I(pg_int(&f.pg, "select count(*) from person where seat"), 6);
    CHECK_I(pg_int(&f.pg, "select count(*) from person where joined = '2026-09-14'"), 1);
    CHECK_I(pg_int(&f.pg, "select count(*) from account where person_id is not null"), 20);
    CHECK_I(pg_int(&f.pg, "select count(*) from account where kind = 'service'"), 2);
    CHECK_I(pg_int(&f.pg, "select count(*) from account where kind = 'external'"), 2);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot_day"), 84);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot_day where working"), 60);
    CHECK_I(pg_int(&f.pg, "select count(*) from notice where version = 1"), 1);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot where state = 'draft' and min_group = 3"
                          " and value_like = '{deal.%%,contact\\\\_new,note._dd}'"),
            1);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot where 'contact_new' like any (value_like)"
                          " and not 'contactXnew' like any (value_like)"
                          " and 'deal.won' like any (value_like)"),
            1);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot where charter_hash ="
                          " sha256(convert_to(charter, 'UTF8'))"),
            1);
    firm_close(&f);
}

static char *
everything(const struct firm *f)
{
    return pg_text(&f->pg, "select string_agg(t, '|' order by t) from ("
                           " select 'p' || p::text as t from pilot p union all"
                           " select 'q' || q::text from person q union all"
                           " select 'a' || a::text from account a union all"
                           " select 'n' || n::text from notice n union all"
                           " select 'd' || d::text from pilot_day d union all"
                           " select 's' || s::text from source s union all"
                           " select 't' || t::text from tool t) all_rows");
}

static void
test_again(void)
{
    struct firm f = firm_open();

    firm_apply(&f, FIRM);
    char *before = everything(&f);
    f.now += USEC_HOUR;
    struct declare_plan p = firm_apply(&f, FIRM);
    CHECK_I(p.changes, 0);
    CHECK(firm_says(&p, DECLARE_SAME, "plan", "nothing to do"));
    char *after = everything(&f);
    CHECK(strcmp(before, after) == 0);
    free(before);
    free(after);
    firm_close(&f);
}

static void
test_dry_run(void)
{
    struct firm         f = firm_open();
    struct declare_plan p = firm_declare(&f, "t.yaml", FIRM, DECLARE_DRY_RUN);
    char                path[128];
    struct stat         st;

    CHECK(p.changes > 5 && !p.refused && !p.applied);
    CHECK(firm_says(&p, DECLARE_CREATE, "people", "8 new"));
    CHECK_I(pg_int(&f.pg, "select count(*) from workspace"), 0);
    snprintf(path, sizeof path, "%s/keys/w1-p1.key", f.dir);
    CHECK(stat(path, &st) != 0); /* no key for a pilot that is not there */
    firm_apply(&f, FIRM);
    p = firm_declare(&f, "t.yaml", firm_with(&f, FIRM, "bob@rossi", "roberto@rossi"),
                     DECLARE_DRY_RUN);
    CHECK(firm_says(&p, DECLARE_CHANGE, "person", "identifiers"));
    CHECK(!p.applied);
    p = firm_apply(&f, FIRM);
    CHECK_I(p.changes, 0);
    firm_close(&f);
}

/* The same in JSON, in two files, with defaults written out: the same bytes. */
static void
test_forms(void)
{
    static const char json[] =
        "{\"charter\":1,\"workspace\":{\"code\":\"rossi\"},\"tools\":[{\"code\":\"crm\"}],"
        "\"pilot\":{\"end\":\"2026-11-29\",\"id\":\"crm-2026\",\"name\":\"Pilota CRM\","
        "\"start\":\"2026-09-07\",\"tz\":\"Europe/Rome\",\"calendar\":[\"it\"]},"
        "\"value_events\":[\"deal.*\",\"contact_new\",\"note.?dd\"],\"late_grace_h\":72,"
        "\"features\":[\"contacts\",\"quotes\"],\"score\":{\"go\":0.85,\"conditional\":0.7,"
        "\"min_coverage\":0.8000},\"criteria\":[{\"id\":\"use\",\"kpi\":\"weekly_active\","
        "\"target\":{\"ge\":0.7},\"floor\":{\"ge\":0.5},\"must\":true,\"weight\":2,"
        "\"mode\":\"judge\",\"strict\":false}],"
        "\"privacy\":{\"agreement_ref\":\"acc. 12/2026\",\"min_group\":3}}";
    const struct conf_text files[] = {
        { "a.yaml", FIRM_HEAD FIRM_PILOT FIRM_PRIVACY,
          sizeof(FIRM_HEAD FIRM_PILOT FIRM_PRIVACY) - 1 },
        { "b.yml", FIRM_PEOPLE FIRM_CHARTER, sizeof(FIRM_PEOPLE FIRM_CHARTER) - 1 },
    };
    struct firm         f = firm_open();
    struct declare_plan p;
    struct err          e = ERR_INIT;

    firm_apply(&f, FIRM);
    char *yaml = pg_text(&f.pg, "select charter from pilot");
    pg_sql(
        &f.pg,
        "delete from pilot_change; delete from notice; delete from pilot_day; delete from account;"
        " delete from person; delete from source; delete from pilot_code;"
        " delete from pilot");
    p = firm_declare(&f, "t.json", json, DECLARE_APPLY);
    CHECK(p.applied);
    char *other = pg_text(&f.pg, "select charter from pilot");
    CHECK_S(other, yaml);
    CHECK(declare_plan(pg_app(&f.pg), f.vault, files, 2, DECLARE_APPLY, f.now, &f.mem, &p, &e));
    CHECK(p.applied && firm_says(&p, DECLARE_SAME, "pilot", "charter as it was"));
    CHECK_I(pg_int(&f.pg, "select count(*) from person"), 8);
    free(yaml);
    free(other);
    firm_close(&f);
}

/* --- changing a draft ------------------------------------------------------------------ */

static void
test_changes(void)
{
    /* clang-format off */
    static const struct {
        const char *from, *to, *kind, *why;
        const char *check; /* a query that must give 1 */
    } row[] = {
        { "ge: 0.70", "ge: 0.75", "pilot", "criteria", "select count(*) from pilot where charter like '%\"ge_e4\":7500%'" },
        { "end: 2026-11-29", "end: 2026-11-30", "days", "85 days", "select (count(*) = 85)::int from pilot_day" },
        { "Rossi Impianti", "Rossi S.r.l.", "workspace", "name", "select count(*) from workspace where name = 'Rossi S.r.l.'" },
        { "owner: IT", "owner: sales", "tool", "owner", "select count(*) from tool where owner = 'sales'" },
        { "cadence: hourly", "cadence: none", "source", "cadence", "select count(*) from source where cadence = 'none'" },
        { "cadence: hourly", "cadence: hourly, mapping: crm-x", "source", "mapping", "select count(*) from source where mapping = 'crm-x'" },
        { "id: dora, team: office", "id: dora, team: stock", "person", "team", "select (count(*) = 2)::int from person where team = 'stock' and cell = 'stock'" },
        { "id: dora,", "id: dora, left: 2026-10-01,", "person", "left", "select count(*) from person where left_on = '2026-10-01'" },
        { "id: dora,", "id: dora, role: champion,", "person", "role", "select (count(*) = 2)::int from person where role = 'champion'" },
        { "id: dora,", "id: dora, role: service, seat: false,", "accounts", "2 days", "select (count(*) = 4)::int from account where kind = 'service'" },
        { "id: dora,", "id: dora, aliases: [dd],", "accounts", "2 new, 0 assigned", "select (count(*) = 22)::int from account" },
        { "aliases: [a.bianchi]", "aliases: []", "accounts", "2 taken away", "select (count(*) = 2)::int from account where person_id is null and kind = 'unknown'" },
        { "  - {id: dora, team: office}\n", "", "people", "1 taken out", "select (count(*) = 7)::int from person" },
        { "  - {id: dora, team: office}\n", "  - {id: dora, team: office}\n  - {id: gino, team: stock}\n", "people", "1 new", "select (count(*) = 9)::int from person" },
        { "min_group: 3", "min_group: 4", "notice", "version 2", "select count(*) from notice where version = 2" },
        { "min_group: 3", "min_group: 4", "pilot", "privacy", "select count(*) from pilot where min_group = 4" },
        { "  - {name: billing,", "  - {name: site, tool: crm}\n  - {name: billing,", "accounts", "10 new", "select (count(*) = 3)::int from source" },
        { "  - {name: billing,", "  - {name: site, tool: crm}\n  - {name: billing,", "notice", "version 2", "select count(*) from notice where version = 2" },
        { "privacy:", "calendars: [{name: ferie, closures: [{name: ponte, day: 2026-12-07}]}]\nprivacy:", "days", "84 days, 60 working", "select 1" },
        { "end: 2026-11-29}", "end: 2026-11-29, calendar: [it, ferie]}\ncalendars: [{name: ferie, closures: [{name: inventario, from: 2026-10-05, to: 2026-10-07}]}]", "days", "84 days, 57 working", "select (count(*) = 3)::int from pilot_day where why = 'inventario' and not working" },
        { "end: 2026-11-29}", "end: 2026-11-29, calendar: []}", "days", "84 days, 60 working", "select 1" },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct firm         f = firm_open();
        struct declare_plan p;

        t_row = row[i].to;
        firm_apply(&f, FIRM);
        pg_sql(&f.pg,
               "insert into event select 1, source_id, e::text, pilot_id,"
               " timestamptz '2026-09-08 10:00+02' + (e || ' days')::interval,"
               " '2026-09-08 10:00+02',"
               " (select aid from account a join person using (workspace_id, pilot_id, person_id)"
               "  where a.source_id = s.source_id and team = 'office' and role = 'member'"
               "  order by person_id limit 1),"
               " gen_random_uuid(), 1, 1, 'deal.won', 'a' from source s,"
               " generate_series(1, 2) e where code = 'crm'");
        char *text = firm_with(&f, FIRM, row[i].from, row[i].to);
        f.now += USEC_HOUR;
        p = firm_apply(&f, text);
        bool same = strcmp(row[i].check, "select 1") == 0;
        CHECK(same || p.changes > 0);
        CHECK(firm_has(&p, same ? DECLARE_SAME : DECLARE_CHANGE, row[i].kind, row[i].why) ||
              firm_says(&p, DECLARE_CREATE, row[i].kind, row[i].why));
        CHECK_I(pg_int(&f.pg, "%s", row[i].check), 1);
        p = firm_apply(&f, text); /* and then it stands */
        CHECK_I(p.changes, 0);
        firm_close(&f);
    }
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
    firm_close(&f);
}

/* A roster, or a source, without the charter: the rest stays as it is. */
static void
test_parts(void)
{
    struct firm         f = firm_open();
    struct declare_plan p;

    firm_apply(&f, FIRM);
    p = firm_apply(&f, "workspace: {code: rossi}\npilot: {id: crm-2026}\n"
                       "sources:\n  - {name: crm, tool: crm, cadence: hourly}\n"
                       "  - {name: billing, tool: billing}\n  - {name: site, tool: crm}\n");
    CHECK(firm_says(&p, DECLARE_CREATE, "source", "tool crm"));
    CHECK(firm_says(&p, DECLARE_CREATE, "accounts", "10 new"));
    CHECK_I(pg_int(&f.pg, "select count(distinct person_id) from account a join source s using"
                          " (workspace_id, source_id) where s.code = 'site'"),
            8);
    p = firm_apply(&f, "workspace: {code: rossi}\npilot: {id: crm-2026}\n" FIRM_PEOPLE
                       "  - {id: gino, team: stock}\n");
    CHECK_I(pg_int(&f.pg, "select count(*) from person"), 9);
    CHECK_I(pg_int(&f.pg, "select count(*) from account"), 33);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot_day"), 84);
    CHECK_I(pg_int(&f.pg, "select count(*) from notice"), 2);
    p = firm_apply(&f, "workspace: {code: rossi}\npilot: {id: crm-2026}\n");
    CHECK_I(p.changes, 0);
    firm_close(&f);
}

static void
test_without_notice(void)
{
    struct firm         f = firm_open();
    struct declare_plan p = firm_apply(&f, FIRM_HEAD FIRM_PILOT FIRM_CHARTER);

    CHECK(firm_says(&p, DECLARE_SAME, "notice", "none"));
    CHECK_I(pg_int(&f.pg, "select count(*) from notice"), 0);
    p = firm_apply(&f, FIRM_HEAD FIRM_PILOT FIRM_CHARTER "privacy: {}\n");
    CHECK(firm_says(&p, DECLARE_CREATE, "notice", "version 1"));
    p = firm_apply(&f, FIRM_HEAD FIRM_PILOT FIRM_CHARTER); /* said once, it stands */
    CHECK_I(p.changes, 0);
    firm_close(&f);
}

/* --- an alias assigned late ------------------------------------------------------------------ */

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

/* --- privacy ------------------------------------------------------------------------------- */

/* No name in any text or bytes of any table, as text, as hex or as the bytes themselves. */
static void
test_names_are_nowhere(void)
{
    static const char *const planted[] = { "anna.bianchi", "Anna.Bianchi", "a.bianchi", "bob@",
                                           "carla",        "dora",         "enzo",      "fulvia",
                                           "sync-bot",     "agency1" };
    struct firm              f = firm_open();
    struct declare_plan      p = firm_apply(&f, FIRM);

    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        t_row = planted[i];
        CHECK_I(
            pg_int(&f.pg,
                   "select count(*) from pg_class c, lateral query_to_xml(format("
                   "'select t::text as t from collaudo.%%I t where lower(t::text) like "
                   "''%%%%%s%%%%'' or t::text like ''%%%%'' || encode(''%s'', ''hex'') || "
                   "''%%%%'''"
                   ", c.relname), true, true, '') x where c.relnamespace = 'collaudo'::regnamespace"
                   " and c.relkind = 'r' and x::text <> ''",
                   planted[i], planted[i]),
            0);
        for (size_t k = 0; k < p.n; k++) {
            CHECK(!strstr(p.items[k].text, planted[i]));
            CHECK(!strstr(p.items[k].name, planted[i]));
        }
    }
    t_row = NULL;
    /* the search does find what is there */
    CHECK_I(pg_int(&f.pg, "select (count(*) > 0)::int from pg_class c, lateral query_to_xml(format("
                          "'select t::text as t from collaudo.%%I t where lower(t::text) like "
                          "''%%%%rossi impianti%%%%''', c.relname), true, true, '') x"
                          " where c.relnamespace = 'collaudo'::regnamespace and c.relkind = 'r'"
                          " and x::text <> ''"),
            1);
    firm_close(&f);
}

/* --- two at once, faults ------------------------------------------------------------------ */

struct applier {
    struct firm *f;
    struct err   e;
    bool         ok, applied;
};

static void *
apply_one(void *arg)
{
    struct applier     *a = arg;
    struct db          *db = NULL;
    struct arena        mem;
    struct declare_plan p = { .n = 0 };

    arena_init(&mem, 64 << 20);
    a->ok =
        db_open(&(struct db_opts){ .conninfo = a->f->pg.conninfo, .role = DB_APP }, &db, &a->e) &&
        declare_plan(db, a->f->vault, &(struct conf_text){ "t.yaml", FIRM, sizeof FIRM - 1 }, 1,
                     DECLARE_APPLY, a->f->now, &mem, &p, &a->e);
    a->applied = p.applied;
    db_close(db);
    arena_free(&mem);
    return NULL;
}

static void
test_two_at_once(void)
{
    enum { N = 6 };
    struct firm    f = firm_open();
    struct applier a[N];
    pthread_t      t[N];

    for (int i = 0; i < N; i++) {
        a[i] = (struct applier){ .f = &f };
        pthread_create(&t[i], NULL, apply_one, &a[i]);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(t[i], NULL);
        if (!CHECK(a[i].ok && a[i].applied))
            fprintf(stderr, "%s\n", a[i].e.text);
    }
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot"), 1);
    CHECK_I(pg_int(&f.pg, "select count(*) from person"), 8);
    CHECK_I(pg_int(&f.pg, "select count(*) from account"), 20);
    CHECK_I(pg_int(&f.pg, "select count(*) from notice"), 1);
    firm_close(&f);
}

/* Whatever statement fails: nothing is there afterwards, not even a key; and then it works. */
static void
test_faults(void)
{
    static const char *const tables[] = { "workspace", "pilot_code", "tool",      "pilot", "source",
                                          "person",    "account",    "pilot_day", "notice" };
    struct firm              f = firm_open();
    char                     cmd[160];

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct declare_plan p = { .n = 0 };
        struct err          e = ERR_INIT;

        t_row = tables[i];
        pg_sql(&f.pg, "revoke insert on collaudo.%s from collaudo_app", tables[i]);
        CHECK(!declare_plan(pg_app(&f.pg), f.vault,
                            &(struct conf_text){ "t.yaml", FIRM, sizeof FIRM - 1 }, 1,
                            DECLARE_APPLY, f.now, &f.mem, &p, &e));
        CHECK_I(e.code, ERR_DB);
        pg_sql(&f.pg, "grant insert on collaudo.%s to collaudo_app", tables[i]);
        CHECK_I(pg_int(&f.pg,
                       "select (select count(*) from workspace) + (select count(*) from pilot)"
                       " + (select count(*) from tool) + (select count(*) from person)"),
                0);
        snprintf(cmd, sizeof cmd, "test -z \"$(ls %s/keys | grep -v installation)\"", f.dir);
        CHECK(system(cmd) == 0);
    }
    t_row = NULL;
    firm_apply(&f, FIRM);
    firm_close(&f);
}

/* Any amount of memory: all of it happens, or ERR_NOMEM and nothing. */
static void
test_starved(void)
{
    struct firm f = firm_open();
    int         starved = 0, done = 0;

    for (size_t limit = 2000; !done; limit += limit / 8) {
        struct declare_plan p = { .n = 0 };
        struct err          e = ERR_INIT;
        struct arena        mem;

        arena_init(&mem, limit);
        if (declare_plan(pg_app(&f.pg), f.vault,
                         &(struct conf_text){ "t.yaml", FIRM, sizeof FIRM - 1 }, 1, DECLARE_APPLY,
                         f.now, &mem, &p, &e)) {
            CHECK(p.applied && !p.refused);
            done = 1;
        } else {
            starved++;
            CHECK_I(e.code, ERR_NOMEM);
            CHECK_I(pg_int(&f.pg, "select count(*) from workspace"), 0);
        }
        arena_free(&mem);
    }
    CHECK(starved > 10);
    CHECK_I(pg_int(&f.pg, "select count(*) from person"), 8);
    firm_close(&f);
}

/* --- days and readers ------------------------------------------------------------------------ */

static void
test_windows(void)
{
    struct firm  f = firm_open();
    size_t       n;
    char        *text = t_file("tests/data/tz/windows.json", &n);
    const cJSON *doc = NULL, *w;
    struct err   e = ERR_INIT;
    int          i = 0;

    CHECK(json_parse(&f.mem, text, n, &doc, &e));
    cJSON_ArrayForEach (w, doc) {
        int64_t     want = -1, days = -1;
        const char *yaml =
            arena_printf(&f.mem,
                         "workspace: {code: w}\npilot: {id: p%d, start: %s, end: %s}\n"
                         "value_events: [a]\n",
                         i, json_text(w, "start_day"), json_text(w, "last_day"));

        t_row = json_text(w, "start_day");
        CHECK(json_int(w, "working_days", &want) && json_int(w, "days", &days));
        firm_apply(&f, yaml);
        CHECK_I(pg_int(&f.pg,
                       "select count(*) from pilot_day join pilot using (workspace_id,"
                       " pilot_id) where code = 'p%d' and working",
                       i),
                want);
        CHECK_I(pg_int(&f.pg,
                       "select count(*) from pilot_day join pilot using (workspace_id,"
                       " pilot_id) where code = 'p%d' and week = date_trunc('week', day)::date",
                       i++),
                days);
    }
    CHECK(i >= 9);
    free(text);
    firm_close(&f);
}

static void
test_finding(void)
{
    struct firm  f = firm_open();
    struct pilot p, *all = NULL;
    struct err   e = ERR_INIT;
    size_t       n = 0;
    int64_t      ws = 0;

    CHECK(!pilot_find(pg_app(&f.pg), "crm-2026", &f.mem, &p, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    CHECK(!pilot_workspace(pg_app(&f.pg), NULL, &f.mem, &ws, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    firm_apply(&f, FIRM);
    CHECK(pilot_workspace(pg_app(&f.pg), "", &f.mem, &ws, &e) && ws == 1);
    firm_apply(&f, "workspace: {code: abc}\npilot: {id: zzz, start: 2026-09-07, end: 2026-11-29,"
                   " tz: America/New_York}\nvalue_events: [a]\n");
    CHECK(!pilot_workspace(pg_app(&f.pg), NULL, &f.mem, &ws, &e));
    CHECK_S(e.text, "say which workspace: abc, rossi");
    CHECK(pilot_workspace(pg_app(&f.pg), "abc", &f.mem, &ws, &e) && ws == 2);
    CHECK(!pilot_workspace(pg_app(&f.pg), "xyz", &f.mem, &ws, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    CHECK(!pilot_find(pg_app(&f.pg), "crm-2025", &f.mem, &p, &e));
    CHECK_S(e.text, "there is no pilot crm-2025; did you mean crm-2026?");
    if (CHECK(pilot_find(pg_app(&f.pg), "crm-2026", &f.mem, &p, &e))) {
        CHECK(p.workspace == 1 && p.draft && !p.replay && !p.archived);
        CHECK_S(p.name, "Pilota CRM");
        CHECK_S(p.workspace_name, "Rossi Impianti");
        CHECK_S(time_zone_name(p.zone), "Europe/Rome");
        CHECK_I(p.start, time_day(2026, 9, 7));
        CHECK_I(p.end, time_day(2026, 11, 29));
        CHECK(p.charter.criteria_n == 1 && p.charter.features_n == 2);
        CHECK_I(p.charter.criteria[0].target.e4, 7000);
        CHECK_I(p.charter.criteria[0].floor.e4, 5000);
        CHECK_I(p.charter.criteria[0].weight, 2);
        CHECK(p.charter.criteria[0].must && !p.charter.criteria[0].observe);
        CHECK_S(p.charter.criteria[0].params, "{}");
        CHECK_S(p.charter.value_events[0], "deal.*");
        CHECK_I(p.charter.go_e4, 8500);
        CHECK_I(p.charter.conditional_e4, 7000);
        CHECK_I(p.charter.min_coverage_e4, 8000);
        CHECK_I(p.charter.late_grace_h, 72);
        CHECK_I(p.charter.min_group, 3);
        CHECK_I(p.charter.raw_retention_days, 180);
        CHECK_S(p.charter.agreement_ref, "acc. 12/2026");
    }
    if (CHECK(pilot_list(pg_app(&f.pg), &f.mem, &all, &n, &e)) && CHECK_I(n, 2)) {
        CHECK_S(all[0].code, "zzz"); /* by workspace */
        CHECK_S(all[1].code, "crm-2026");
    }
    firm_close(&f);
}

int
main(void)
{
    T_RUN(test_first);
    T_RUN(test_again);
    T_RUN(test_dry_run);
    T_RUN(test_forms);
    T_RUN(test_changes);
    T_RUN(test_recount);
    T_RUN(test_parts);
    T_RUN(test_without_notice);
    T_RUN(test_late_alias);
    T_RUN(test_names_are_nowhere);
    T_RUN(test_two_at_once);
    T_RUN(test_faults);
    T_RUN(test_starved);
    T_RUN(test_windows);
    T_RUN(test_finding);
    return t_end();
}
