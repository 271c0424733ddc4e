/* seal.c - sealing on a database: what is fixed, what may still change, and only once. */
#include "firm.h"

#include "collaudo/seal.h"

#include <pthread.h>

static const struct seal_kpi kpis[] = {
    { "weekly_active", true, true, "usage", false },
    { "sustained_users", true, true, "usage", false },
};

static void
give_key(struct firm *f, const char *source, const char *types)
{
    pg_sql(&f->pg,
           "insert into ingest_key select workspace_id, 'key00000' || source_id, source_id,"
           " sha256('x'), '%s', '2026-07-01' from source where code = '%s'",
           types, source);
}

static struct seal_report
seal(struct firm *f, usec_t replay_as_of, struct err *e)
{
    struct seal_report r = { .sealed = false };

    *e = (struct err)ERR_INIT;
    if (!pilot_seal(pg_app(&f->pg),
                    &(struct seal_opts){ .pilot = "crm-2026",
                                         .now = f->now,
                                         .replay = replay_as_of != 0,
                                         .replay_as_of = replay_as_of,
                                         .kpis = kpis,
                                         .kpis_n = 2 },
                    &f->mem, &r, e))
        return (struct seal_report){ .sealed = false };
    return r;
}

static bool
says(const char *const *v, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(v[i], text))
            return true;
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "  it says: %s\n", v[i]);
    return false;
}

static void
test_sealing(void)
{
    struct firm        f = firm_open();
    struct err         e;
    struct seal_report r;
    struct pilot       p;

    r = seal(&f, 0, &e);
    CHECK_I(e.code, ERR_NOT_FOUND);
    firm_apply(&f, FIRM_HEAD FIRM_PEOPLE FIRM_PILOT FIRM_CHARTER);
    r = seal(&f, 0, &e);
    CHECK(!r.sealed && says(r.problems, r.problems_n, "no connected source"));
    CHECK(says(r.problems, r.problems_n, "there is no notice"));
    CHECK_I(r.problems_n, 2);
    CHECK(!seal_check(&r, &e) && strstr(e.text, "(and 1 more)"));
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot where state = 'draft'"), 1);
    firm_apply(&f, FIRM);
    give_key(&f, "crm", "{usage}");
    r = seal(&f, 0, &e);
    CHECK(r.sealed && seal_check(&r, &e));
    CHECK(says(r.warnings, r.warnings_n, "source billing has no key in force"));
    CHECK(r.people == 6 && r.managers == 1 && r.weeks == 12 && r.judged == 10);
    CHECK_I(r.cells_n, 0);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot where state = 'sealed' and not replay and"
                          " sealed_at = '2026-08-01 10:00+02'"),
            1);
    CHECK_I(pg_int(&f.pg, "select count(*) from person where cell <> ''"), 0);
    CHECK(pilot_find(pg_app(&f.pg), "crm-2026", &f.mem, &p, &e));
    CHECK(!p.draft && p.sealed_at == f.now && !p.replay);
    CHECK(memcmp(p.charter_hash, r.charter_hash, 32) == 0);
    CHECK_I(pilot_state_at(&p, f.now), PILOT_SEALED);
    r = seal(&f, 0, &e);
    CHECK(!r.sealed);
    CHECK_I(e.code, ERR_CONFLICT);
    CHECK_S(e.text,
            "pilot crm-2026 is sealed already, since 2026-08-01: it changes by amendment only");
    firm_close(&f);
}

static void
test_replay(void)
{
    struct firm        f = firm_open();
    struct err         e;
    struct seal_report r;
    struct pilot       p;

    firm_apply(&f, FIRM);
    f.now = firm_time("2027-01-01T00:00:00Z");
    r = seal(&f, 0, &e);
    CHECK(says(r.problems, r.problems_n, "has begun"));
    r = seal(&f, firm_time("2026-09-08T00:00:00+02:00"), &e);
    CHECK(says(r.problems, r.problems_n, "replay must begin on 2026-09-07 or before"));
    r = seal(&f, firm_time("2026-09-07T00:00:00+02:00"), &e);
    CHECK(r.sealed);
    CHECK(pilot_find(pg_app(&f.pg), "crm-2026", &f.mem, &p, &e));
    CHECK(p.replay && p.replay_as_of == firm_time("2026-09-07T00:00:00+02:00"));
    CHECK_I(p.sealed_at, f.now);
    CHECK_I(pilot_state_at(&p, firm_time("2026-09-06T23:59:59+02:00")), PILOT_SEALED);
    CHECK_I(pilot_state_at(&p, firm_time("2026-09-07T00:00:00+02:00")), PILOT_RUNNING);
    CHECK_I(pilot_state_at(&p, firm_time("2026-11-29T23:59:59+01:00")), PILOT_RUNNING);
    CHECK_I(pilot_state_at(&p, firm_time("2026-11-30T00:00:00+01:00")), PILOT_READOUT);
    CHECK_I(pilot_state_at(&p, firm_time("2026-12-02T23:59:59+01:00")), PILOT_READOUT);
    CHECK_I(pilot_state_at(&p, firm_time("2026-12-03T00:00:00+01:00")), PILOT_FROZEN);
    CHECK_S(pilot_state_name(PILOT_FROZEN), "frozen");
    CHECK_I(pilot_cut(&p, firm_time("2026-08-01T00:00:00Z")), p.start);
    CHECK_I(pilot_cut(&p, firm_time("2026-10-01T22:30:00Z")), time_day(2026, 10, 2));
    CHECK_I(pilot_cut(&p, f.now), p.end + 1);
    CHECK(pilot_week_complete(&p, p.start, p.end + 1) &&
          !pilot_week_complete(&p, p.start - 7, p.end));
    CHECK(pilot_week_complete(&p, p.end - 6, p.end + 1) &&
          !pilot_week_complete(&p, p.end - 6, p.end));
    CHECK(pilot_week_onboarding(&p, p.start) && pilot_week_onboarding(&p, p.start + 7));
    CHECK(!pilot_week_onboarding(&p, p.start + 14) && !pilot_week_onboarding(&p, p.start - 7));
    p.start += 2; /* a window from a Wednesday: one whole week lies in its first 14 days */
    CHECK(!pilot_week_onboarding(&p, p.start - 2) && pilot_week_onboarding(&p, p.start + 5));
    CHECK(!pilot_week_onboarding(&p, p.start + 12));
    firm_close(&f);
}

/* Twelve people in three teams, one too small: merged, and frozen for those who come later. */
#define CROWD                                                                                      \
    "people:\n"                                                                                    \
    "  - {id: a1, team: a}\n  - {id: a2, team: a}\n  - {id: a3, team: a}\n"                        \
    "  - {id: a4, team: a}\n  - {id: a5, team: a}\n"                                               \
    "  - {id: b1, team: b}\n  - {id: b2, team: b}\n  - {id: b3, team: b}\n  - {id: b4, team: b}\n" \
    "  - {id: c1, team: c}\n  - {id: c2, team: c}\n  - {id: c3, team: c}\n"                        \
    "  - {id: x1, team: a, role: external}\n  - {id: s1, role: service}\n"
#define CROWDED                                                                                    \
    FIRM_HEAD CROWD FIRM_PILOT FIRM_CHARTER "privacy: {agreement_ref: acc. 12/2026, min_group: "   \
                                            "5}\n"

static void
test_partition(void)
{
    struct firm         f = firm_open();
    struct err          e;
    struct seal_report  r;
    struct declare_plan p;

    firm_apply(&f, CROWDED);
    give_key(&f, "crm", "{}");
    r = seal(&f, 0, &e);
    if (CHECK(r.sealed) && CHECK_I(r.cells_n, 2)) {
        CHECK_S(r.cells[0], "a");
        CHECK_S(r.cells[1], "b+c");
    }
    CHECK_I(pg_int(&f.pg, "select count(*) from person where cell = 'a'"), 5);
    CHECK_I(pg_int(&f.pg, "select count(*) from person where cell = 'b+c'"), 7);
    CHECK_I(pg_int(&f.pg, "select count(*) from person where cell = ''"), 2);
    p = firm_apply(&f, firm_with(&f, CROWDED, "  - {id: c1",
                                 "  - {id: c4, team: c, joined: 2026-10-01}\n"
                                 "  - {id: x2, role: vendor}\n  - {id: c1"));
    CHECK_I(pg_int(&f.pg, "select count(*) from person where cell = 'b+c'"), 8);
    CHECK_I(pg_int(&f.pg, "select count(*) from person where cell = ''"), 3);
    p = firm_try(&f, firm_with(&f, CROWDED, "  - {id: c1",
                               "  - {id: d1, team: d, joined: 2026-10-01}\n  - {id: c1"));
    CHECK(firm_says(&p, DECLARE_REFUSE, "person", "its groups are fixed"));
    /* who changes team stays in the cell the figures are published for */
    p = firm_apply(&f,
                   firm_with(&f, firm_with(&f, CROWDED, "{id: a1, team: a}", "{id: a1, team: b}"),
                             "  - {id: c1",
                             "  - {id: c4, team: c, joined: 2026-10-01}\n"
                             "  - {id: x2, role: vendor}\n  - {id: c1"));
    CHECK_I(pg_int(&f.pg, "select count(*) from person where team = 'b' and cell = 'a'"), 1);
    firm_close(&f);
}

/* What may change once the charter is sealed, and what not. */
static void
test_after_the_seal(void)
{
    /* clang-format off */
    static const struct {
        const char   *from, *to, *kind, *why; /* why NULL: taken */
        enum err_code code;
    } row[] = {
        { "id: dora,", "id: dora, aliases: [dd],", "accounts", NULL, 0 },
        { "id: dora,", "id: dora, left: 2026-10-01,", "person", NULL, 0 },
        { "id: dora,", "id: dora, email: d@rossi.example,", "person", NULL, 0 },
        { "  - {id: dora,", "  - {id: gino, team: stock, joined: 2026-10-01}\n  - {id: dora,", "people", NULL, 0 },
        { "  - {name: billing,", "  - {name: site, tool: crm}\n  - {name: billing,", "source", NULL, 0 },
        { "Rossi Impianti", "Rossi S.r.l.", "workspace", NULL, 0 },
        { "closures: []", "closures: [{name: sciopero, day: 2026-08-02}]", "days", NULL, 0 }, /* not in the window */
        { "closures: []", "closures: [{name: sciopero, day: 2026-09-07}]", "days", NULL, 0 },
        { "ge: 0.70", "ge: 0.60", "pilot", "pilot crm-2026 is sealed; its charter changes by amendment only (criteria differ)", ERR_CONFLICT },
        { "end: 2026-11-29", "end: 2026-12-13", "pilot", "(pilot differ)", ERR_CONFLICT },
        { "min_group: 3", "min_group: 4", "pilot", "(privacy differ)", ERR_CONFLICT },
        { "features: [contacts", "features: [mail", "pilot", "(features differ)", ERR_CONFLICT },
        { "id: dora,", "id: dora, role: champion,", "person", "people[3].role: pilot crm-2026 is sealed", ERR_CONFLICT },
        { "id: dora,", "id: dora, seat: false,", "person", "people[3].seat", ERR_CONFLICT },
        { "id: dora,", "id: dora, seniority: junior,", "person", "people[3].seniority", ERR_CONFLICT },
        { "id: dora,", "id: dora, joined: 2026-10-01,", "person", "people[3].joined", ERR_CONFLICT },
        { "  - {id: dora, team: office}\n", "", "person", "write left, the last day", ERR_CONFLICT },
        { "id: dora", "id: doris", "person", "write left, the last day", ERR_INVALID },
        { "  - {id: dora,", "  - {id: gino, team: stock}\n  - {id: dora,", "person", "people[3] is new in a sealed pilot: write joined", ERR_INVALID },
        { "aliases: [a.bianchi]", "aliases: []", "account", "aliases are only added", ERR_CONFLICT },
        { "cadence: hourly", "cadence: none", "source", "tool and cadence of source crm stay", ERR_CONFLICT },
        { "  - {name: billing, tool: billing}\n", "", "source", "cannot be taken away", ERR_CONFLICT },
    };
    /* clang-format on */
    static const char text[] = FIRM_HEAD FIRM_PEOPLE
        "pilot: {id: crm-2026, name: Pilota CRM, start: 2026-09-07, end: 2026-11-29,"
        " calendar: [it, ferie]}\ncalendars: [{name: ferie, closures: []}]\n" FIRM_CHARTER
            FIRM_PRIVACY;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct firm         f = firm_open();
        struct err          e = ERR_INIT;
        struct declare_plan p;

        t_row = row[i].to;
        firm_apply(&f, text);
        give_key(&f, "crm", "{}");
        CHECK(seal(&f, 0, &e).sealed);
        p = firm_try(&f, firm_with(&f, text, row[i].from, row[i].to));
        CHECK_I(p.applied, !row[i].why);
        if (row[i].why) {
            CHECK(firm_says(&p, DECLARE_REFUSE, row[i].kind, row[i].why));
            CHECK(!declare_check(&p, &e));
            CHECK_I(e.code, row[i].code);
            p = firm_apply(&f, text);
            CHECK_I(p.changes, 0);
        } else {
            CHECK(!p.refused);
        }
        firm_close(&f);
    }
}

/* A closure of days that have begun changes figures that people have seen. */
static void
test_closures_of_the_past(void)
{
    static const char text[] = FIRM_HEAD FIRM_PEOPLE
        "pilot: {id: crm-2026, name: Pilota CRM, start: 2026-09-07, end: 2026-11-29,"
        " calendar: [it, ferie]}\ncalendars: [{name: ferie, closures: []}]\n" FIRM_CHARTER
                        FIRM_PRIVACY;
    struct firm         f = firm_open();
    struct err          e = ERR_INIT;
    struct declare_plan p;

    firm_apply(&f, text);
    give_key(&f, "crm", "{}");
    CHECK(seal(&f, 0, &e).sealed);
    f.now = firm_time("2026-09-20T22:30:00Z"); /* the 21st in Rome */
    p = firm_try(&f, firm_with(&f, text, "closures: []", "closures: [{name: x, day: 2026-09-21}]"));
    CHECK(firm_says(&p, DECLARE_REFUSE, "days", "only for days that have not begun"));
    p = firm_try(&f, firm_with(&f, text, "closures: []", "closures: [{name: x, day: 2026-09-22}]"));
    CHECK(p.applied);
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot_day where why = 'x'"), 1);
    firm_close(&f);
}

struct sealer {
    struct firm *f;
    bool         sealed;
    struct err   e;
};

static void *
seal_one(void *arg)
{
    struct sealer     *s = arg;
    struct db         *db = NULL;
    struct arena       mem;
    struct seal_report r = { .sealed = false };

    arena_init(&mem, 16 << 20);
    if (db_open(&(struct db_opts){ .conninfo = s->f->pg.conninfo, .role = DB_APP }, &db, &s->e) &&
        pilot_seal(
            db,
            &(struct seal_opts){ .pilot = "crm-2026", .now = s->f->now, .kpis = kpis, .kpis_n = 2 },
            &mem, &r, &s->e))
        s->sealed = r.sealed;
    db_close(db);
    arena_free(&mem);
    return NULL;
}

static void
test_once_of_many(void)
{
    enum { N = 6 };
    struct firm   f = firm_open();
    struct sealer s[N];
    pthread_t     t[N];
    int           sealed = 0, refused = 0;

    firm_apply(&f, FIRM);
    give_key(&f, "crm", "{}");
    for (int i = 0; i < N; i++) {
        s[i] = (struct sealer){ .f = &f };
        pthread_create(&t[i], NULL, seal_one, &s[i]);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(t[i], NULL);
        sealed += s[i].sealed;
        refused += !s[i].sealed && s[i].e.code == ERR_CONFLICT;
    }
    CHECK_I(sealed, 1);
    CHECK_I(refused, N - 1);
    firm_close(&f);
}

int
main(void)
{
    T_RUN(test_sealing);
    T_RUN(test_replay);
    T_RUN(test_partition);
    T_RUN(test_after_the_seal);
    T_RUN(test_closures_of_the_past);
    T_RUN(test_once_of_many);
    return t_end();
}
