/* examples.c - the files of docs/examples can be applied and sealed as they stand. */
#include "firm.h"

#include "collaudo/kpi.h"
#include "collaudo/seal.h"

static struct declare_plan
apply_file(struct firm *f, const char *name)
{
    struct declare_plan p = { .n = 0 };
    struct err          e = ERR_INIT;
    char                path[128];
    size_t              n;

    snprintf(path, sizeof path, "docs/examples/%s.yaml", name);
    char *text = t_file(path, &n);
    CHECK(declare_plan(pg_app(&f->pg), f->vault, &(struct conf_text){ path, text, n }, 1,
                       DECLARE_APPLY, f->now, &f->mem, &p, &e));
    if (!CHECK(declare_check(&p, &e)))
        fprintf(stderr, "%s\n", e.text);
    free(text);
    return p;
}

static struct seal_report
seal(struct firm *f, const char *name, const char *as_of)
{
    struct seal_kpi   *k = arena_new(&f->mem, struct seal_kpi, kpi_defs_n);
    struct seal_report r = { .sealed = false };
    struct err         e = ERR_INIT;

    for (size_t i = 0; i < kpi_defs_n; i++)
        k[i] = (struct seal_kpi){ .id = kpi_defs[i].id,
                                  .people = kpi_defs[i].unit == KPI_PEOPLE,
                                  .share = true,
                                  .needs = kpi_defs[i].needs,
                                  .lower_is_better = kpi_defs[i].better == KPI_LOWER };
    if (!CHECK(pilot_seal(pg_app(&f->pg),
                          &(struct seal_opts){ .pilot = name,
                                               .now = f->now,
                                               .replay = true,
                                               .replay_as_of = firm_time(as_of),
                                               .kpis = k,
                                               .kpis_n = kpi_defs_n },
                          &f->mem, &r, &e)))
        fprintf(stderr, "%s\n", e.text);
    for (size_t i = 0; i < r.problems_n; i++)
        fprintf(stderr, "  %s: %s\n", name, r.problems[i]);
    for (size_t i = 0; i < r.warnings_n; i++)
        fprintf(stderr, "  %s warns: %s\n", name, r.warnings[i]);
    CHECK(r.sealed);
    CHECK_I(r.warnings_n, 0);
    return r;
}

static void
test_examples(void)
{
    static const struct {
        const char *name, *workspace, *as_of;
        int64_t     people, managers, listed, accounts, sources, days, working, weeks, cells;
    } row[] = {
        { "healthy", "rossi-impianti", "2026-03-01T12:00:00+01:00", 20, 3, 24, 72, 3, 90, 63, 12,
          3 },
        { "shelfware", "arredi-conti", "2026-03-01T12:00:00+01:00", 20, 3, 24, 72, 3, 90, 63, 12,
          3 },
        { "uci-all", "uci498", "2016-02-28T12:00:00Z", 741, 0, 741, 741, 1, 91, 63, 13, 0 },
        { "uci-people", "uci498", "2016-02-28T12:00:00Z", 739, 0, 741, 741, 1, 91, 63, 13, 0 },
    };
    struct firm f = firm_open(); /* all of them in one installation */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct seal_report  r;
        struct declare_plan p;
        usec_t              begun = time_monotonic();

        t_row = row[i].name;
        p = apply_file(&f, row[i].name);
        CHECK(p.applied);
        printf("     %s applied in %d ms\n", row[i].name, (int)((time_monotonic() - begun) / 1000));
        CHECK_S(p.pilot, row[i].name);
        r = seal(&f, row[i].name, row[i].as_of);
        CHECK_I(r.people, row[i].people);
        CHECK_I(r.managers, row[i].managers);
        CHECK_I(r.weeks, row[i].weeks);
        CHECK_I(r.cells_n, row[i].cells);
#define COUNT(table, more)                                                                         \
    pg_int(&f.pg,                                                                                  \
           "select count(*) from " table " t join pilot p using (workspace_id, pilot_id)"          \
           " where p.code = '%s'" more,                                                            \
           row[i].name)
        CHECK_I(COUNT("person", ""), row[i].listed);
        CHECK_I(COUNT("account", ""), row[i].accounts);
        CHECK_I(COUNT("source", ""), row[i].sources);
        CHECK_I(COUNT("pilot_day", ""), row[i].days);
        CHECK_I(COUNT("pilot_day", " and working"), row[i].working);
        CHECK_I(pg_int(&f.pg,
                       "select count(*) from pilot p join workspace w using (workspace_id)"
                       " where p.code = '%s' and w.code = '%s' and replay",
                       row[i].name, row[i].workspace),
                1);
        p = apply_file(&f, row[i].name); /* sealed, and the same file has nothing to do */
        CHECK_I(p.changes, 0);
    }
    firm_close(&f);
}

/* A charter with every part there is: what is judged later is checked now and sealed with it. */
static void
test_every_key(void)
{
    static const char json[] =
        "{\"charter\":1,\"workspace\":{\"code\":\"rossi\"},"
        "\"tools\":[{\"code\":\"crm-x\"},{\"code\":\"billing\"}],"
        "\"calendars\":[{\"name\":\"company\",\"closures\":[{\"name\":\"ferie\","
        "\"from\":\"2026-10-05\",\"to\":\"2026-10-09\"}]}],"
        "\"pilot\":{\"id\":\"crm-2026\",\"tools\":[\"crm-x\",\"billing\"],\"start\":\"2026-09-07\","
        "\"end\":\"2026-11-29\",\"tz\":\"Europe/Rome\",\"calendar\":[\"it\",\"company\"]},"
        "\"population\":{\"roster\":\"pilot-team\",\"company_seats\":60,"
        "\"price_eur_seat_month\":39.00,\"exclude\":[\"vendor\",\"integration\",\"test\"]},"
        "\"value_events\":[\"deal.*\",\"contact.create\",\"contact.update\"],"
        "\"features\":[\"contacts\",\"pipeline\",\"quotes\",\"email-sequences\"],\"criteria\":["
        "{\"id\":\"sustained\",\"kpi\":\"sustained_users\",\"params\":{\"weeks\":8,"
        "\"min_active\":6},\"target\":{\"ge\":0.70},\"floor\":{\"ge\":0.50},\"must\":true,"
        "\"weight\":3,\"min_n\":5,\"min_weeks\":6},"
        "{\"id\":\"complete\",\"kpi\":\"completeness\",\"params\":{\"entity\":\"contact\"},"
        "\"target\":{\"ge\":0.90},\"floor\":{\"ge\":0.80},\"sustain\":{\"pass\":3,\"of\":4},"
        "\"min_records\":50,\"must\":true,\"weight\":2},"
        "{\"id\":\"dup\",\"kpi\":\"duplicate_persons\",\"target\":{\"le\":0.02},"
        "\"floor\":{\"le\":0.05},\"vs\":{\"baseline\":\"t0\",\"not_worse\":true},\"weight\":1},"
        "{\"id\":\"managers\",\"kpi\":\"manager_participation\",\"target\":{\"ge\":1.0},"
        "\"floor\":{\"ge\":0.75},\"must\":true,\"weight\":1},"
        "{\"id\":\"sus\",\"kpi\":\"satisfaction\",\"target\":{\"ge\":68},\"min_response\":0.6,"
        "\"mode\":\"observe\"}],"
        "\"guardrails\":[{\"id\":\"howto\",\"kpi\":\"support_load\",\"limit\":{\"le\":0.5},"
        "\"sustain\":{\"breach\":2,\"of\":3},\"action\":\"review\"},{\"id\":\"external\","
        "\"kpi\":\"external_access_ok\",\"limit\":{\"ge\":1.0},\"action\":\"stop\"}],"
        "\"flows\":[{\"id\":\"demo-request\",\"from\":\"site\",\"to\":\"crm\",\"within_s\":300,"
        "\"fields\":[\"name\",\"surname\",\"email\",\"company\",\"phone\"]}],"
        "\"records\":[{\"entity\":\"contact\",\"required\":[\"email\"],\"identity\":[\"vat\"],"
        "\"master\":\"crm-x\"}],\"networks\":[{\"name\":\"vpn\",\"ranges\":[\"192.0.2.0/24\","
        "\"2001:db8::/32\"]}],"
        "\"score\":{\"go\":0.85,\"conditional\":0.70,\"min_coverage\":0.80},\"late_grace_h\":72,"
        "\"governance\":{\"approvers\":[\"owner\",\"it\"],\"quorum\":2,"
        "\"override\":{\"second_person\":true,\"reason_min\":80}},"
        "\"privacy\":{\"agreement_ref\":\"\",\"notice_ref\":\"\",\"min_group\":5,"
        "\"raw_retention_days\":180}}";
    static const char *const kept[] = {
        "\"guardrails\":[{\"action\":\"review\",\"id\":\"howto\",",
        "\"limit\":{\"le_e4\":5000},\"owner\":\"\",\"sustain\":{\"breach\":2,\"of\":3}}",
        "\"flows\":[{\"fields\":[\"name\",\"surname\",\"email\",\"company\",\"phone\"],",
        "\"price_eur_seat_month_cents\":3900",
        "\"vs\":{\"baseline\":\"t0\",\"not_worse\":true}",
        "\"min_response_e4\":6000,\"min_weeks\":0,\"mode\":\"observe\"",
        "\"target\":{\"ge_e4\":680000},\"weight\":0",
        "\"ranges\":[\"192.0.2.0/24\",\"2001:db8::/32\"]",
        "\"override\":{\"reason_min\":80,\"second_person\":true},\"quorum\":2",
        "\"master\":\"crm-x\"",
        "\"calendar\":[\"it\",\"company\"]",
        "\"sustain\":{\"of\":4,\"pass\":3}",
    };
    struct firm         f = firm_open();
    struct declare_plan p = firm_declare(&f, "charter.json", json, DECLARE_APPLY);
    struct err          e = ERR_INIT;
    struct pilot        pilot;

    if (!CHECK(declare_check(&p, &e)))
        fprintf(stderr, "%s\n", e.text);
    if (CHECK(pilot_find(pg_app(&f.pg), "crm-2026", &f.mem, &pilot, &e)))
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
            t_row = kept[i];
            CHECK(strstr(pilot.charter_text, kept[i]));
        }
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot_day where why = 'ferie'"), 5);
    firm_close(&f);
}

/* A company of 20,000 people with three aliases each: applied, and one of them changed. */
static void
test_large(void)
{
    struct firm         f = firm_open();
    struct declare_plan p;
    struct str          text;

    str_init(&text, &f.mem);
    str_add(&text, FIRM_HEAD FIRM_PILOT FIRM_CHARTER FIRM_PRIVACY "people:\n");
    for (int i = 0; i < 20000; i++)
        str_addf(&text, "  - {id: user%d@rossi.example, team: t%d, aliases: [u%d, U.%d, \"%d\"]}\n",
                 i, i % 40, i, i, i);
    for (int round = 0; round < 3; round++) {
        usec_t begun = time_monotonic();

        p = firm_apply(&f, round < 2 ? text.p : firm_with(&f, text.p, "[u77,", "[u77, new77,"));
        printf("     20,000 people applied in %d ms, %zu MiB\n",
               (int)((time_monotonic() - begun) / 1000), f.mem.used >> 20);
        CHECK(round != 1 || p.changes == 0);
        CHECK(round != 2 || firm_says(&p, DECLARE_CREATE, "accounts", "2 new"));
        str_addc(&text, '\n');
    }
    CHECK_I(pg_int(&f.pg, "select count(*) from account"), 160002);
    firm_close(&f);
}

int
main(void)
{
    T_RUN(test_examples);
    T_RUN(test_every_key);
    T_RUN(test_large);
    return t_end();
}
