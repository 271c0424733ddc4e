/* settled.c - what the clock has settled: how far back a roster may be corrected while the pilot
 * runs, and that nothing that moves figures is taken once the verdict is final. */
#include "firm.h"

#include "collaudo/seal.h"

/* late_grace is 72 hours: final from the third day after the last. */
#define RUNNING "2026-10-20T12:00:00+02:00"
#define READOUT "2026-12-02T23:59:59+01:00"
#define FROZEN "2026-12-03T00:00:00+01:00"

static const char text[] = FIRM_HEAD FIRM_PEOPLE
    "pilot: {id: crm-2026, name: Pilota CRM, start: 2026-09-07, end: 2026-11-29,"
    " calendar: [it, ferie]}\ncalendars: [{name: ferie, closures: []}]\n" FIRM_CHARTER FIRM_PRIVACY;

/* A firm whose pilot is sealed before its first day, or, as history, when it was over. */
static struct firm
sealed_firm(bool replay)
{
    static const struct seal_kpi kpi = { .id = "weekly_active", .people = true, .share = true };
    struct firm                  f = firm_open();
    struct seal_report           r = { .sealed = false };
    struct err                   e = ERR_INIT;

    firm_apply(&f, text);
    pg_sql(&f.pg, "insert into ingest_key select workspace_id, 'key00000' || source_id, source_id,"
                  " sha256('x'), '{}', '2026-07-01' from source");
    if (replay)
        f.now = firm_time("2027-01-01T12:00:00Z");
    if (!CHECK(pilot_seal(pg_app(&f.pg),
                          &(struct seal_opts){ .pilot = "crm-2026",
                                               .now = f.now,
                                               .replay = replay,
                                               .replay_as_of = firm_time("2026-09-01T00:00:00Z"),
                                               .kpis = &kpi,
                                               .kpis_n = 1 },
                          &f.mem, &r, &e)))
        fprintf(stderr, "%s\n", e.text);
    CHECK(r.sealed);
    return f;
}

/* Everything a verdict is made of, the events apart. */
static char *
stored(const struct firm *f)
{
    return pg_text(&f->pg, "select string_agg(t, '|' order by t) from ("
                           " select 'p' || p::text as t from pilot p union all"
                           " select 'q' || q::text from person q union all"
                           " select 'a' || a::text from account a union all"
                           " select 'd' || d::text from pilot_day d union all"
                           " select 's' || s::text from source s union all"
                           " select 'y' || y::text from dirty_day y) all_rows");
}

struct row {
    const char *from, *to, *kind;
    const char *why; /* NULL: it is taken */
};

/* Every row by itself: what is refused leaves nothing behind, so the firm can be used again. */
static void
try_rows(bool replay, const char *when, const struct row *row, size_t n)
{
    struct firm f = sealed_firm(replay);

    for (size_t i = 0; i < n; i++) {
        struct declare_plan p;
        struct err          e = ERR_INIT;
        char               *before = stored(&f);

        t_row = row[i].to;
        f.now = firm_time(when);
        p = firm_try(&f, firm_with(&f, text, row[i].from, row[i].to));
        CHECK_I(p.applied, !row[i].why);
        if (row[i].why) {
            char *after = stored(&f);

            CHECK_S(after, before);
            CHECK(firm_says(&p, DECLARE_REFUSE, row[i].kind, row[i].why));
            CHECK(!declare_check(&p, &e));
            CHECK_I(e.code, ERR_CONFLICT);
            free(after);
        } else {
            CHECK(p.changes > 0);
        }
        free(before);
        if (p.applied && i + 1 < n) {
            firm_close(&f);
            f = sealed_firm(replay);
        }
    }
    t_row = NULL;
    firm_close(&f);
}

/* clang-format off */
#define DORA "{id: dora, team: office}"
#define FULVIA "  - {id: fulvia, team: stock}\n"

static void
test_running(void)
{
    static const struct row row[] = {
        { DORA, "{id: dora, team: office, left: 2026-10-11}", "person",
          "people[3].left would change figures from 2026-10-12 on, which are counted and shown already: a roster is corrected 7 days back at most, from 2026-10-13 on" },
        { DORA, "{id: dora, team: office, left: 2026-10-12}", "person", NULL },
        { DORA, "{id: dora, team: office, left: 2026-11-20}", "person", NULL },
        { DORA, "{id: dora, team: office, left: 2026-09-10}", "person", "from 2026-09-11 on" },
        /* nobody is shown figures about a program */
        { "{id: sync-bot, role: service}", "{id: sync-bot, role: service, left: 2026-09-10}", "person", NULL },
        { FULVIA, FULVIA "  - {id: gino, team: stock, joined: 2026-10-12}\n", "person",
          "people[6].joined would change figures from 2026-10-12 on" },
        { FULVIA, FULVIA "  - {id: gino, team: stock, joined: 2026-10-13}\n", "person", NULL },
        { FULVIA, FULVIA "  - {id: gino, team: stock, joined: 2026-08-01}\n", "person",
          "people[6].joined would change figures from 2026-09-07 on" },
        { FULVIA, FULVIA "  - {id: bot2, role: service}\n", "person", NULL },
        { DORA, "{id: dora, team: office, aliases: [dd]}", "person", NULL },
        { DORA, "{id: dora, team: stock}", "person", NULL },
    };

    try_rows(false, RUNNING, row, sizeof row / sizeof *row);
}

static void
test_first_days(void)
{
    /* before day 1 and in its first week everything that may change reaches back to the start */
    static const struct row row[] = {
        { DORA, "{id: dora, team: office, left: 2026-09-07}", "person", NULL },
        { FULVIA, FULVIA "  - {id: gino, team: stock, joined: 2026-08-01}\n", "person", NULL },
    };

    try_rows(false, "2026-08-20T12:00:00+02:00", row, 2);
    try_rows(false, "2026-09-14T12:00:00+02:00", row, 2);
}

static void
test_readout(void)
{
    static const struct row row[] = {
        { DORA, "{id: dora, team: office, left: 2026-11-25}", "person", NULL },
        { DORA, "{id: dora, team: office, left: 2026-11-20}", "person", "people[3].left would change figures from 2026-11-21" },
        { DORA, "{id: dora, team: office, aliases: [dd]}", "person", NULL },
    };

    try_rows(false, READOUT, row, sizeof row / sizeof *row);
}

#define FINAL "the verdict of pilot crm-2026 is final since 2026-12-03; the roster stands"

static void
test_frozen(void)
{
    static const struct row row[] = {
        { DORA, "{id: dora, team: office, left: 2026-12-02}", "person", "people[3] (left): " FINAL },
        { DORA, "{id: dora, team: office, left: 2026-10-02}", "person", "people[3] (left): " FINAL },
        { DORA, "{id: dora, team: stock}", "person", "people[3] (team): " FINAL },
        { DORA, "{id: dora, team: office, role: champion}", "person", "people[3] (role): " FINAL },
        { DORA, "{id: dora, team: office, aliases: [dd]}", "person", "people[3] (identifiers): " FINAL },
        { "aliases: [a.bianchi]", "aliases: []", "person", "people[0] (identifiers): " FINAL },
        { "  - " DORA "\n", "", "person", "is in no file: " FINAL },
        { FULVIA, FULVIA "  - {id: gino, team: stock, joined: 2026-11-29}\n", "person", "people[6] is new: " FINAL },
        { FULVIA, FULVIA "  - {id: bot2, role: service}\n", "person", "people[6] is new: " FINAL },
        { "closures: []", "closures: [{name: x, day: 2026-10-05}]", "days", "calendars: " FINAL },
        { "  - {name: billing,", "  - {name: site, tool: crm}\n  - {name: billing,", "source", "source site is new: " FINAL },
        { "cadence: hourly", "cadence: none", "source", "tool and cadence of source crm stay" },
        /* what moves no figure may still be said better */
        { "owner: IT", "owner: Vendite", "tool", NULL },
        { "Rossi Impianti", "Rossi S.r.l.", "workspace", NULL },
    };

    try_rows(false, FROZEN, row, sizeof row / sizeof *row);
}

static void
test_history(void)
{
    /* sealed when all was over: final since the seal, and aliases are found out only now */
    static const struct row row[] = {
        { DORA, "{id: dora, team: office, aliases: [dd]}", "person", NULL },
        { DORA, "{id: dora, team: office, left: 2026-10-02}", "person",
          "people[3] (left): the verdict of pilot crm-2026 is final since 2027-01-01; the roster stands (aliases may be added)" },
        { DORA, "{id: dora, team: office, left: 2026-10-02, aliases: [dd]}", "person", "people[3] (identifiers left): the verdict" },
        { "aliases: [a.bianchi]", "aliases: []", "account", "aliases are only added" },
        { FULVIA, FULVIA "  - {id: gino, team: stock, joined: 2026-09-07}\n", "person", "people[6] is new: the verdict" },
        { "closures: []", "closures: [{name: x, day: 2026-10-05}]", "days", "calendars: the verdict" },
    };

    try_rows(true, "2027-01-02T12:00:00+01:00", row, sizeof row / sizeof *row);
}
/* clang-format on */

int
main(void)
{
    T_RUN(test_running);
    T_RUN(test_first_days);
    T_RUN(test_readout);
    T_RUN(test_frozen);
    T_RUN(test_history);
    return t_end();
}
