/* declaration.c - the pilot as `collaudo apply` takes it: people, sources, and a charter that
 * fits the window. */
#include "simulate_int.h"

#include <stdio.h>

static const char *const tool_name[SIMULATE_SOURCES] = { "CRM", "Fatturazione",
                                                         "Assistenza clienti" };
static const char *const owner[SIMULATE_SOURCES] = { "Commerciale", "Amministrazione", "IT" };

static const char *
day(int32_t number, char ret[TIME_DAY_LEN])
{
    time_day_name(number, ret);
    return ret;
}

static void
put_head(const struct simulate *s, struct str *out)
{
    str_addf(out,
             "# Invented: `collaudo simulate --pilot %s --profile %s --people %d --days %d "
             "--seed %lld`\n\n"
             "workspace: {code: %s, name: Azienda inventata (%s)}\n\ntools:\n",
             s->o.pilot, s->o.profile, (int)s->o.people, (int)s->o.days, (long long)s->o.seed,
             s->o.pilot, s->o.pilot);
    for (int i = 0; i < SIMULATE_SOURCES; i++)
        str_addf(out, "  - {code: %s, name: %s, owner: %s}\n", simulate_source_names[i],
                 tool_name[i], owner[i]);
    str_add(out, "\nsources:\n");
    for (int i = 0; i < SIMULATE_SOURCES; i++)
        str_addf(out, "  - {name: %s, tool: %s, cadence: workday}\n", simulate_source_names[i],
                 simulate_source_names[i]);
}

static void
put_person(const struct sim_person *p, struct str *out)
{
    static const char *const role[ROLES] = { [CHAMPION] = ", role: champion",
                                             [MANAGER] = ", role: manager",
                                             [SENIOR] = ", seniority: senior",
                                             [JUNIOR] = ", seniority: junior",
                                             [EXTERNAL] = ", role: external, team: esterni",
                                             [SERVICE] = ", role: service" };
    char                     name[TIME_DAY_LEN];

    if (p->role >= SHARED) /* nobody declares them: that is their point */
        return;
    str_addf(out, "  - {id: %s%s", p->id, role[p->role]);
    if (sim_has_seat(p))
        str_addf(out, ", team: %s", simulate_team_names[p->team]);
    if (*p->alias)
        str_addf(out, ", aliases: [%s]", p->alias);
    if (p->joined != INT32_MIN)
        str_addf(out, ", joined: %s", day(p->joined, name));
    if (p->left != INT32_MAX)
        str_addf(out, ", left: %s", day(p->left, name));
    str_add(out, "}\n");
}

static void
put_pilot(const struct simulate *s, struct str *out)
{
    char name[TIME_DAY_LEN];

    if (s->closures)
        str_add(out, "\ncalendars:\n  - name: azienda\n    closures:\n");
    for (size_t i = 0; i < s->closures; i++) {
        str_addf(out, "      - {name: %s, from: %s", s->closure[i].name,
                 day(s->closure[i].first, name));
        str_addf(out, ", to: %s}\n", day(s->closure[i].last, name));
    }
    str_addf(out, "\npilot:\n  id: %s\n  name: Prova inventata, profilo %s\n", s->o.pilot,
             s->o.profile);
    str_addf(out, "  tools: [crm, billing, tickets]\n  start: %s\n", day(s->o.start, name));
    str_addf(out, "  end: %s\n", day(s->o.start + s->o.days - 1, name));
    str_addf(out, "  tz: %s\n  calendar: [it%s]\n", time_zone_name(s->o.zone),
             s->closures ? ", azienda" : "");
    str_add(out, "\npopulation: {roster: pilot-team, company_seats: ");
    str_addi(out, 3 * s->o.people);
    str_add(out, ", price_eur_seat_month: 39.00}\n");
}

static void
put_verbs(struct str *out)
{
    str_add(out, "\n# What people do. Looking at a thing is no use of the tool, nor is a logon.\n"
                 "value_events:\n");
    for (int i = ACTION_REPORT; i < simulate_actions_n; i++)
        if (simulate_actions[i].value)
            str_addf(out, "  - %s\n", simulate_actions[i].verb);
    str_add(out, "\nfeatures:\n");
    for (int i = ACTION_REPORT; i < simulate_actions_n; i++)
        if (simulate_actions[i].value)
            str_addf(out, "  - %s\n",
                     simulate_actions[i].feature ? simulate_actions[i].feature
                                                 : simulate_actions[i].verb);
}

/* Weeks that can be judged: complete, after two weeks of onboarding, with a working day. */
static int
judged_weeks(const struct simulate *s)
{
    struct simulate_week w;
    int                  n = 0;

    for (int i = 0; simulate_week(s, i, &w); i++)
        n += w.complete && !w.onboarding && w.works;
    return n;
}

/* The question of the gate. A window too short for sustained use is judged by weekly use. The
 * weights leave a verdict without the two criteria about deliveries: what is sent at once comes
 * when the window is over, and nothing was delivered in it. */
static void
put_must(const struct simulate *s, int judged, struct str *out)
{
    if (judged >= 6)
        str_addf(out,
                 "  - {id: sustained, kpi: sustained_users, params: {weeks: %d, min_active: %d}, "
                 "target: {ge: 0.70}, floor: {ge: 0.50}, must: true, weight: 4, min_n: 3, "
                 "min_weeks: 6, owner: Direzione}\n",
                 s->sustained_weeks, s->sustained_active);
    str_addf(out,
             "  - {id: active, kpi: weekly_active, params: {weeks: %d}, target: {ge: 0.70}, "
             "floor: {ge: 0.50}, must: %s, weight: 4, min_n: 3, owner: Champion}\n",
             judged >= 6 ? 4 : 1, judged >= 6 ? "false" : "true");
}

static void
put_criteria(const struct simulate *s, struct str *out)
{
    int judged = judged_weeks(s);

    str_add(out, "\ncriteria:\n");
    put_must(s, judged, out);
    if (judged >= 6)
        str_add(out, "  - {id: return, kpi: retention, params: {kind: calendar, week: 4}, "
                     "target: {ge: 0.60}, floor: {ge: 0.40}, weight: 1, owner: Champion}\n");
    str_add(
        out,
        "  - {id: duplicates, kpi: duplicate_events, target: {le: 0.05}, weight: 1, owner: IT}\n"
        "  - {id: refused, kpi: quarantine_rate, target: {le: 0.01}, floor: {le: 0.02}, "
        "weight: 1, owner: IT}\n"
        "  - {id: coverage, kpi: source_coverage, target: {ge: 0.95}, must: true, weight: 2, "
        "owner: IT}\n");
}

static void
put_terms(struct str *out)
{
    str_addf(out,
             "\nscore: {go: 0.85, conditional: 0.70, min_coverage: 0.80}\nlate_grace_h: %d\n"
             "governance: {approvers: [owner, it], quorum: 2, override: {second_person: true, "
             "reason_min: 80}}\nprivacy:\n"
             "  legal_basis: nessuna, persone inventate\n  agreement_ref: Accordo inventato\n"
             "  notice_ref: Informativa inventata\n  min_group: 5\n  raw_retention_days: 180\n",
             SIMULATE_GRACE_HOURS);
}

void
simulate_declaration(const struct simulate *s, struct str *out)
{
    put_head(s, out);
    str_add(out, "\npeople:\n");
    for (size_t i = 0; i < s->persons; i++)
        put_person(&s->person[i], out);
    put_pilot(s, out);
    put_verbs(out);
    put_criteria(s, out);
    put_terms(out);
}
