/* refusals.c - what a declaration may not say: every refusal has its row, its place and its
 * sentence, and leaves nothing behind. */
#include "firm.h"

/* What is wrong in the files themselves: nothing is stored. */
static void
test_file_refusals(void)
{
    /* clang-format off */
    static const struct {
        const char *from, *to; /* replaced in FIRM */
        int         line;
        const char *why;
    } row[] = {
        { "weight: 2", "weigth: 2", 21, "criteria[0].weigth is unknown; did you mean weight?" },
        { "criteria:", "criterias:", 20, "criterias is unknown; did you mean criteria?" },
        { "{code: rossi, name: Rossi Impianti}", "{code: Rossi}", 1, "workspace.code wants a short name" },
        { "code: rossi", "code: ro_ssi", 1, "no _" },
        { "workspace: {code: rossi, name: Rossi Impianti}\n", "", 1, "workspace is missing" },
        { "{code: billing}", "{code: crm}", 4, "tools[1] has the code of tools[0] (line 3)" },
        { "{name: billing,", "{name: crm,", 7, "sources[1] has the name of sources[0]" },
        { "tool: billing", "tool: erp", 7, "sources[1].tool is not among the tools" },
        { "cadence: hourly", "cadence: weekly", 6, "sources[0].cadence wants hourly, workday or none" },
        { "end: 2026-11-29", "end: 2026-09-06", 17, "pilot.end is before pilot.start" },
        { "end: 2026-11-29", "end: 2027-10-12", 17, "a window of 401 days, at most 400" },
        { ", end: 2026-11-29", "", 17, "pilot.end is missing" },
        { "end: 2026-11-29", "end: 2026-11-31", 17, "pilot.end wants a day" },
        { "end: 2026-11-29", "end: 2026-11-29, tz: Europe/Roma", 17, "pilot.tz is no time zone" },
        { "end: 2026-11-29", "end: 2026-11-29, tz: ../../etc/passwd", 17, "pilot.tz is no time zone" },
        { "end: 2026-11-29", "end: 2026-11-29, calendar: [it, ferie]", 17, "pilot.calendar[1] is neither it nor one of calendars" },
        { "end: 2026-11-29", "end: 2026-11-29, tools: [crm, billing, erp]", 17, "pilot.tools[2] is not among the tools" },
        { "end: 2026-11-29", "end: 2026-11-29, tools: [crm]", 7, "sources[1].tool is not among pilot.tools" },
        { "id: crm-2026, ", "", 17, "pilot.id is missing" },
        { "id: crm-2026", "id: CRM 2026", 17, "pilot.id wants a short name" },
        { "value_events: [deal.*, contact_new, note.?dd]\n", "", 1, "value_events is missing" },
        { "[deal.*, contact_new, note.?dd]", "[]", 18, "value_events wants 1 to 200 entries" },
        { "[deal.*, contact_new, note.?dd]", "[a, b, a]", 18, "value_events has an entry twice" },
        { "target: {ge: 0.70}", "target: {ge: 0.70, le: 0.80}", 21, "criteria[0].target wants either ge or le" },
        { "target: {ge: 0.70}", "target: {}", 21, "criteria[0].target wants either ge or le" },
        { "target: {ge: 0.70}", "target: {ge: 0.70001}", 21, "at most 4 decimals" },
        { "target: {ge: 0.70}", "target: {ge: 70%}", 21, "criteria[0].target.ge wants a number" },
        { "target: {ge: 0.70}", "target: {gte: 0.7}", 21, "criteria[0].target.gte is unknown; did you mean ge?" },
        { "target: {ge: 0.70}, ", "", 21, "criteria[0].target is missing" },
        { "must: true", "must: yes", 21, "criteria[0].must wants true or false" },
        { "must: true", "must: true, mode: observe", 21, "is a must and only observed" },
        { "weight: 2", "weight: 2, params: {week: 4, foo: 1}", 21, "criteria[0].params.foo is unknown" },
        { "weight: 2}", "weight: 2}\n  - {id: use, kpi: retention, target: {ge: 0.5}}", 22, "criteria[1] has the id of criteria[0] (line 21)" },
        { "min_group: 3", "min_group: 2", 22, "privacy.min_group wants a number from 3 to 1000" },
        { "privacy:", "score: {go: 0.6}\nprivacy:", 22, "score.conditional is above score.go" },
        { "privacy:", "governance: {approvers: [it], quorum: 2}\nprivacy:", 22, "governance.quorum is 2, but there is 1 approver" },
        { "privacy:", "networks: [{name: office, ranges: [192.0.2.0/33]}]\nprivacy:", 22, "networks[0].ranges[0] wants a range" },
        { "privacy:", "flows: [{id: a, from: x, to: y, within_s: 1}, {id: a, from: x, to: y, within_s: 1}]\nprivacy:", 22, "flows[1] has the id of flows[0]" },
        { "privacy:", "records: [{entity: contact, requird: [a]}]\nprivacy:", 22, "records[0].requird is unknown; did you mean required?" },
        { "privacy:", "guardrails: [{id: g, kpi: x, limit: {}}]\nprivacy:", 22, "guardrails[0].limit wants either ge or le" },
        { "privacy:", "calendars: [{name: it}]\nprivacy:", 22, "calendars[0].name: it is the national calendar" },
        { "privacy:", "calendars: [{name: c, closures: [{name: x}]}]\nprivacy:", 22, "closures[0] wants day, or from and to" },
        { "privacy:", "calendars: [{name: c, closures: [{name: x, day: 2026-08-10, from: 2026-08-10, to: 2026-08-11}]}]\nprivacy:", 22, "closures[0] wants day, or from and to" },
        { "privacy:", "calendars: [{name: c, closures: [{name: x, from: 2026-08-10, to: 2026-08-01}]}]\nprivacy:", 22, "closures[0] ends before it begins" },
        { "privacy:", "calendars: [{name: c, closures: [{name: x, from: 2026-08-10, to: 2028-08-01}]}]\nprivacy:", 22, "closures[0] is longer than 400 days" },
        { "privacy:", "people: [{id: x}]\nprivacy:", 0, "t.yaml:22: people is written twice (first on line 8)" },
        /* the roster */
        { "{id: dora,", "{", 12, "people[3] has neither id nor email" },
        { "id: dora", "id: '  '", 12, "nothing but blanks" },
        { "{id: dora, team: office}", "{id: bob, team: office}", 12, "in two teams: also people[1] (line 10)" },
        { "{id: dora, team: office}", "{id: BOB, team: sales}", 12, "listed twice: also people[1] (line 10)" },
        { "id: dora", "id: dora, aliases: [x, A.Bianchi]", 12, "people[3].aliases[1] has an identifier of another person: people[0] (line 9)" },
        { "id: dora", "id: dora, email: BOB@rossi.example", 12, "people[3].email has an identifier of another person: people[1]" },
        { "id: dora", "id: a.bianchi", 12, "people[3].id has an identifier of another person: people[0]" },
        { "{id: dora,", "{id: dora, joined: 2026-10-01, left: 2026-09-30,", 12, "people[3] left before joining" },
        { "{id: dora,", "{id: dora, joined: 2026-11-30,", 12, "people[3] joins after the pilot has ended" },
        { "{id: dora,", "{id: dora, left: 2026-09-06,", 12, "people[3] left before the pilot begins" },
        { "{id: dora,", "{id: dora, role: boss,", 12, "people[3].role wants member, manager" },
        { "{id: dora, team: office}", "{id: dora, team: Back Office}", 12, "people[3].team wants a short name" },
        { "{id: dora,", "{id: dora, joined: 01/10/2026,", 12, "people[3].joined wants a day" },
        { "{id: dora,", "{id: dora, seat: si,", 12, "people[3].seat wants true or false" },
        { "{id: dora,", "{id: dora, nickname: d,", 12, "people[3].nickname is unknown" },
    };
    /* clang-format on */
    struct firm f = firm_open();

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char         *text = firm_with(&f, FIRM, row[i].from, row[i].to);
        struct declare_plan p;
        bool                found = false;

        t_row = row[i].to;
        p = firm_try(&f, text);
        CHECK(p.refused >= 1 && !p.applied);
        for (size_t k = 0; k < p.n; k++)
            if (strstr(p.items[k].text, row[i].why) && p.items[k].line == row[i].line) {
                found = true;
                CHECK_S(p.items[k].file, row[i].line ? "t.yaml" : "");
                CHECK_I(p.items[k].why, ERR_INVALID);
            }
        if (!found)
            firm_says(&p, DECLARE_REFUSE, "-", "");
        CHECK(found);
    }
    t_row = NULL;
    CHECK_I(pg_int(&f.pg, "select count(*) from workspace"), 0);
    firm_close(&f);
}

static void
test_several_files(void)
{
    /* clang-format off */
    static const struct {
        const char *a, *b, *why; /* why NULL: taken */
    } row[] = {
        { "workspace: {code: w}\n", "tools: [{code: a}]\n", NULL },
        { "workspace: {code: w}\ntools: [{code: a}]\n", "tools: [{code: b}]\n", NULL },
        { "workspace: {code: w}\ncharter: 1\n", "charter: 1\n", NULL },
        { "workspace: {code: w}\n", "workspace: {code: w}\n", "workspace stands in a.yaml already (line 1)" },
        { "workspace: {code: w}\npilot: {id: a}\n", "pilot: {id: b}\n", "apply one pilot at a time" },
        { "workspace: {code: w}\ntools: [{code: a}]\n", "tools: {code: b}\n", "tools stands in a.yaml already" },
        { "workspace: {code: w}\ntools: [{code: a}]\n", "\ntools:\n  - {code: a}\n", "tools[0] has the code of tools[0] (line 2)" },
        { "workspace: {code: w}\n", "tools: [{code: 'A b'}]\n", "tools[0].code wants" },
        { "workspace: {code: w}\n", "tools: [\n", "b.yaml:2: not YAML" },
        { "workspace: {code: w}\n", "sources: [{name: s, tool: t}]\n", "pilot is missing" },
        { "workspace: {code: w}\n", "value_events: [a]\n", "pilot is missing: the files hold parts of a charter" },
        { "workspace: {code: w}\n", "pilot: {id: none-yet}\n", "there is no pilot none-yet yet" },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct firm            f = firm_open();
        struct declare_plan    p = { .n = 0 };
        struct err             e = ERR_INIT;
        const struct conf_text files[] = { { "a.yaml", row[i].a, strlen(row[i].a) },
                                           { "b.yaml", row[i].b, strlen(row[i].b) } };

        t_row = row[i].b;
        CHECK(declare_plan(pg_app(&f.pg), f.vault, files, 2, DECLARE_APPLY, f.now, &f.mem, &p, &e));
        CHECK_I(p.applied, !row[i].why);
        if (row[i].why) {
            CHECK(!declare_check(&p, &e));
            if (!CHECK(strstr(e.text, row[i].why)))
                fprintf(stderr, "  it says: %s\n", e.text);
        }
        firm_close(&f);
    }
}

/* Against what is stored. */
static void
test_conflicts(void)
{
    struct firm         f = firm_open();
    struct declare_plan p;

    firm_apply(&f, FIRM);
    p = firm_try(&f, "workspace: {code: bianchi}\npilot: {id: crm-2026, start: 2026-09-07,"
                     " end: 2026-11-29}\nvalue_events: [x]\n");
    CHECK(firm_says(&p, DECLARE_REFUSE, "pilot", "taken by another workspace"));
    CHECK_I(p.items[p.n - 1].why, ERR_CONFLICT);
    CHECK_I(pg_int(&f.pg, "select count(*) from workspace"), 1);

    p = firm_try(&f, "workspace: {code: rossi}\nsources: [{name: crm, tool: crm}]\n"
                     "pilot: {id: other, start: 2026-09-07, end: 2026-11-29}\nvalue_events: [x]\n");
    CHECK(firm_says(&p, DECLARE_REFUSE, "source",
                    "source crm belongs to pilot crm-2026; a source belongs to one pilot"));
    CHECK_I(pg_int(&f.pg, "select count(*) from pilot"), 1);

    p = firm_try(&f, firm_with(&f, FIRM, "  - {name: billing, tool: billing}\n", ""));
    CHECK(firm_says(&p, DECLARE_REFUSE, "source", "a source cannot be taken away"));

    /* in another workspace the same names are free */
    p = firm_apply(&f, firm_with(&f, firm_with(&f, FIRM, "rossi", "verdi"), "crm-2026", "crm-v"));
    CHECK_I(pg_int(&f.pg, "select count(*) from source where code = 'crm'"), 2);

    pg_sql(&f.pg, "insert into event select workspace_id, source_id, 'e1', pilot_id,"
                  " '2026-09-08 10:00+02', '2026-09-08 10:00+02', null, gen_random_uuid(), 1, 1,"
                  " 'a', 'a' from source where workspace_id = 1 and code = 'crm'");
    p = firm_try(&f, firm_with(&f, FIRM, "end: 2026", "tz: Europe/London, end: 2026"));
    CHECK(firm_says(&p, DECLARE_REFUSE, "pilot", "pilot.tz cannot change once events have come"));
    firm_close(&f);
}

int
main(void)
{
    T_RUN(test_file_refusals);
    T_RUN(test_several_files);
    T_RUN(test_conflicts);
    return t_end();
}
