/* keys.c - every key that a file may hold: the one list that is read, checked and documented. */
#include "declare_int.h"

const char *const        declare_roles[] = { "member",   "manager", "champion", "vendor",
                                             "external", "service", "test",     NULL };
const char *const        declare_cadences[] = { "hourly", "workday", "none", NULL };
static const char *const seniorities[] = { "", "junior", "senior", NULL };
static const char *const excluded[] = {
    "vendor", "integration", "service", "test", "external", NULL
};
static const char *const kinds[] = { "calendar", "personal", NULL };
static const char *const modes[] = { "judge", "observe", NULL };
static const char *const actions[] = { "review", "stop", NULL };

/* clang-format off */
#define END { .type = CONF_END }
#define AT(type, member) offsetof(struct type, member)
#define TABLE(type, k, t) { .doc = (t), .keys = (k), .row_size = sizeof(struct type) }

/* --- the company and its stack ---------------------------------------------------------- */

static const struct conf_key workspace_keys[] = {
    { "code", CONF_CODE, AT(decl_workspace, code), .must = true,
      .doc = "Short name of the company, a-z 0-9 and `-`. One workspace never sees another's data." },
    { "name", CONF_TEXT, AT(decl_workspace, name), .least = 1, .most = 200,
      .doc = "Name as people write it; the code when not given." },
    END };
static const struct conf_table workspace_table = TABLE(decl_workspace, workspace_keys,
    "The company that pilots. It is made by the first file that names it.");

static const struct conf_key tool_keys[] = {
    { "code",  CONF_CODE, AT(decl_tool, code), .must = true, .doc = "Short name." },
    { "name",  CONF_TEXT, AT(decl_tool, name), .least = 1, .most = 200, .doc = "Name of the product; the code when not given." },
    { "owner", CONF_TEXT, AT(decl_tool, owner), .most = 200, .fallback = "",
      .doc = "The function that answers for it (`IT`, `sales`): a function, not a person." },
    END };
static const struct conf_table tool_table = TABLE(decl_tool, tool_keys,
    "A product of the stack. Tools belong to the workspace and stay when a file no longer names them.");

static const struct conf_key source_keys[] = {
    { "name",    CONF_TEXT, AT(decl_source, name), .must = true, .least = 1, .most = 256,
      .doc = "As its events name it. A source belongs to exactly one pilot." },
    { "tool",    CONF_CODE, AT(decl_source, tool), .must = true, .doc = "Code of the tool that speaks." },
    { "cadence", CONF_WORD, AT(decl_source, cadence), .words = declare_cadences, .fallback = "workday",
      .doc = "How often it is expected to be heard: every hour, every working day, or no expectation. Decides whether silence is a zero or missing data." },
    { "mapping", CONF_TEXT, AT(decl_source, mapping), .most = 200, .fallback = "",
      .doc = "Name of the mapping that reads its records; none when its events are canonical already." },
    END };
static const struct conf_table source_table = TABLE(decl_source, source_keys,
    "Where events come from. A source can be added at any time, but not taken away: revoke its keys instead.");

static const struct conf_key person_keys[] = {
    { "id",        CONF_TEXT,  AT(decl_person, id), .least = 1, .most = 256,
      .doc = "The user name that tools send. `id` or `email` must be given." },
    { "email",     CONF_TEXT,  AT(decl_person, email), .least = 3, .most = 256,
      .doc = "For mail and login; tools may send it as the user name too." },
    { "aliases",   CONF_TEXTS, AT(decl_person, aliases), .most = 50,
      .doc = "Other user names of the same person, in any tool. Upper and lower case do not matter. An alias added later counts back to the first event." },
    { "team",      CONF_CODE,  AT(decl_person, team), .doc = "Short name of the team." },
    { "role",      CONF_WORD,  AT(decl_person, role), .words = declare_roles, .fallback = "member",
      .doc = "Members, managers and champions count; the others never do. `service` is a program." },
    { "seniority", CONF_WORD,  AT(decl_person, seniority), .words = seniorities, .fallback = "", .doc = "For the gap between the two." },
    { "joined",    CONF_DAY,   AT(decl_person, joined), .doc = "First day with access; from the start of the pilot when not given." },
    { "left",      CONF_DAY,   AT(decl_person, left), .doc = "Last day; the person counts up to it." },
    { "seat",      CONF_BOOL,  AT(decl_person, seat),
      .doc = "Has a paid seat. When not given: true for members, managers and champions, else false. People without a seat are counted apart." },
    END };
const struct conf_table declare_people_table = TABLE(decl_person, person_keys,
    "The roster. Once a pilot is sealed people may join (with `joined`) and leave (with `left`) and get more aliases; role, seat, seniority and `joined` of those who are there stay. "
    "Somebody may be taken out of the file only before the seal; later write `left`.");

static const struct conf_key closure_keys[] = {
    { "name", CONF_TEXT, AT(decl_closure, name), .must = true, .least = 1, .most = 200, .doc = "Shown as the reason why a day does not count." },
    { "day",  CONF_DAY,  AT(decl_closure, day), .doc = "One day, or" },
    { "from", CONF_DAY,  AT(decl_closure, from), .doc = "the first" },
    { "to",   CONF_DAY,  AT(decl_closure, to), .doc = "and the last day." },
    END };
static const struct conf_table closure_table = TABLE(decl_closure, closure_keys,
    "Days on which the company is closed. Once a pilot is sealed closures may change only for days that have not begun.");

static const struct conf_key calendar_keys[] = {
    { "name",     CONF_CODE, AT(decl_calendar, name), .must = true, .doc = "Named by `pilot.calendar`; not `it`." },
    { "closures", CONF_LIST, AT(decl_calendar, closures), .sub = &closure_table, .most = 200, .doc = "Its days." },
    END };
static const struct conf_table calendar_table = TABLE(decl_calendar, calendar_keys,
    "Company closures. The Italian national holidays are the calendar `it`.");

static const struct conf_key network_keys[] = {
    { "name",   CONF_CODE,  AT(decl_network, name), .must = true, .doc = "Short name: `office`, `vpn`." },
    { "ranges", CONF_TEXTS, AT(decl_network, ranges), .must = true, .least = 1, .most = 200,
      .doc = "Address ranges like `192.0.2.0/24` or `2001:db8::/32`." },
    END };
static const struct conf_table network_table = TABLE(decl_network, network_keys,
    "Networks from which external people are expected. Kept with the charter; not judged yet.");

/* --- the charter -------------------------------------------------------------------------- */

static const struct conf_key pilot_keys[] = {
    { "id",       CONF_CODE,  AT(decl_pilot, id), .must = true,
      .doc = "Short name, unique in the whole installation." },
    { "name",     CONF_TEXT,  AT(decl_pilot, name), .least = 1, .most = 200, .doc = "Title; the id when not given." },
    { "tools",    CONF_TEXTS, AT(decl_pilot, tools), .most = 50, .doc = "Codes of the tools on trial; those of the sources when not given." },
    { "start",    CONF_DAY,   AT(decl_pilot, start), .doc = "First day. Required with a charter." },
    { "end",      CONF_DAY,   AT(decl_pilot, end), .doc = "Last day, inclusive. Required with a charter. At most 400 days." },
    { "tz",       CONF_TEXT,  AT(decl_pilot, tz), .least = 1, .most = 64, .fallback = "Europe/Rome", .doc = "IANA time zone that decides what a day and a week are." },
    { "calendar", CONF_TEXTS, AT(decl_pilot, calendar), .most = 10, .fallback = "it", .doc = "`it` and names of `calendars`." },
    END };
static const struct conf_table pilot_table = TABLE(decl_pilot, pilot_keys,
    "The pilot. With nothing but its `id`, and no other part of a charter, the files are about its roster, sources and closures, and its charter stays as it is.");

static const struct conf_key population_keys[] = {
    { "roster",        CONF_TEXT,  AT(decl_population, roster), .most = 200, .doc = "Name of the roster, for the reader." },
    { "company_seats", CONF_INT,   AT(decl_population, company_seats), .most = 10000000, .doc = "Seats the company would buy; 0 or nothing: not said." },
    { "price_eur_seat_month", CONF_E2, AT(decl_population, price), .most = 1000000 * INT64_C(100), .doc = "Price of a seat, for the cost of idle ones." },
    { "exclude",       CONF_TEXTS, AT(decl_population, exclude), .words = excluded, .fallback = "vendor integration test external",
      .doc = "Who never counts. These never do, written or not; the list is for the reader." },
    END };
static const struct conf_table population_table = TABLE(decl_population, population_keys, "Whom the figures are about.");

static const struct conf_key mark_keys[] = {
    { "ge", CONF_E4, AT(decl_mark, ge), .doc = "At least this: `0.70` is 70 %." },
    { "le", CONF_E4, AT(decl_mark, le), .doc = "At most this." },
    END };
static const struct conf_table mark_table = TABLE(decl_mark, mark_keys, "One of the two.");

static const struct conf_key params_keys[] = {
    { "weeks",      CONF_INT,  AT(decl_params, weeks), .least = 1, .most = 57, .doc = "Look at the last so many complete weeks." },
    { "min_active", CONF_INT,  AT(decl_params, min_active), .least = 1, .most = 57, .doc = "`sustained_users`: active in at least so many of them." },
    { "kind",       CONF_WORD, AT(decl_params, kind), .words = kinds, .doc = "`retention`: weeks of the calendar, or of each person." },
    { "week",       CONF_INT,  AT(decl_params, week), .least = 0, .most = 57, .doc = "`retention`: so many weeks after the first." },
    { "entity",     CONF_CODE, AT(decl_params, entity), .doc = "Kind of business record." },
    END };
static const struct conf_table params_table = TABLE(decl_params, params_keys, "What the KPI is asked. Each KPI takes some of these; sealing refuses those that mean nothing to it.");

static const struct conf_key sustain_keys[] = {
    { "pass", CONF_INT, AT(decl_sustain, pass), .must = true, .least = 1, .most = 57, .doc = "Met in at least so many" },
    { "of",   CONF_INT, AT(decl_sustain, of), .must = true, .least = 1, .most = 57, .doc = "of the last so many complete weeks." },
    END };
static const struct conf_table sustain_table = TABLE(decl_sustain, sustain_keys, "Instead of the pooled value: one good week proves nothing.");

static const struct conf_key breach_keys[] = {
    { "breach", CONF_INT, AT(decl_sustain, breach), .must = true, .least = 1, .most = 57, .doc = "Breached in at least so many" },
    { "of",     CONF_INT, AT(decl_sustain, of), .must = true, .least = 1, .most = 57, .doc = "of the last so many complete weeks." },
    END };
static const struct conf_table breach_table = TABLE(decl_sustain, breach_keys, "When a breach counts.");

static const struct conf_key versus_keys[] = {
    { "baseline",  CONF_CODE, AT(decl_versus, baseline), .must = true, .doc = "What to compare with: `t0`." },
    { "not_worse", CONF_BOOL, AT(decl_versus, not_worse), .fallback = "true", .doc = "Must not be worse than it." },
    END };
static const struct conf_table versus_table = TABLE(decl_versus, versus_keys, "Kept with the charter; not judged yet.");

static const struct conf_key criterion_keys[] = {
    { "id",           CONF_CODE,   AT(decl_criterion, id), .must = true, .doc = "Short name, unique in the charter." },
    { "kpi",          CONF_CODE,   AT(decl_criterion, kpi), .must = true, .doc = "Which KPI (see kpis.md)." },
    { "params",       CONF_OBJECT, AT(decl_criterion, params), .sub = &params_table, .doc = "What the KPI is asked." },
    { "target",       CONF_OBJECT, AT(decl_criterion, target), .sub = &mark_table, .must = true, .doc = "Met from here on." },
    { "floor",        CONF_OBJECT, AT(decl_criterion, floor), .sub = &mark_table, .doc = "Between floor and target is borderline; the target when not given." },
    { "must",         CONF_BOOL,   AT(decl_criterion, must), .fallback = "false", .doc = "Without it no purchase. One at least, three at most." },
    { "weight",       CONF_INT,    AT(decl_criterion, weight), .most = 1000, .fallback = "1", .doc = "In the score." },
    { "min_n",        CONF_INT,    AT(decl_criterion, min_n), .most = 10000000, .fallback = "0", .doc = "Fewer people than this: insufficient." },
    { "min_weeks",    CONF_INT,    AT(decl_criterion, min_weeks), .most = 57, .fallback = "0", .doc = "Fewer complete weeks than this: insufficient." },
    { "min_records",  CONF_INT,    AT(decl_criterion, min_records), .most = 1000000000, .fallback = "0", .doc = "Fewer records than this: insufficient." },
    { "min_response", CONF_E4,     AT(decl_criterion, min_response), .most = 10000, .doc = "Of a survey. Kept with the charter; not judged yet." },
    { "sustain",      CONF_OBJECT, AT(decl_criterion, sustain), .sub = &sustain_table, .doc = "Judge week by week." },
    { "vs",           CONF_OBJECT, AT(decl_criterion, vs), .sub = &versus_table, .doc = "Against a baseline." },
    { "mode",         CONF_WORD,   AT(decl_criterion, mode), .words = modes, .fallback = "judge", .doc = "`observe`: shown, never judged." },
    { "strict",       CONF_BOOL,   AT(decl_criterion, strict), .fallback = "false", .doc = "Evidence grade A required. Kept with the charter; not judged yet." },
    { "owner",        CONF_TEXT,   AT(decl_criterion, owner), .most = 200, .fallback = "", .doc = "The function that mends it when it is not met." },
    END };
static const struct conf_table criterion_table = TABLE(decl_criterion, criterion_keys, "What the pilot must reach.");

static const struct conf_key guardrail_keys[] = {
    { "id",      CONF_CODE,   AT(decl_guardrail, id), .must = true, .doc = "Short name, unique in the charter." },
    { "kpi",     CONF_CODE,   AT(decl_guardrail, kpi), .must = true, .doc = "Which KPI." },
    { "params",  CONF_OBJECT, AT(decl_guardrail, params), .sub = &params_table, .doc = "What the KPI is asked." },
    { "limit",   CONF_OBJECT, AT(decl_guardrail, limit), .sub = &mark_table, .must = true, .doc = "Breached beyond it." },
    { "sustain", CONF_OBJECT, AT(decl_guardrail, sustain), .sub = &breach_table, .doc = "Several weeks, not one." },
    { "action",  CONF_WORD,   AT(decl_guardrail, action), .words = actions, .fallback = "review", .doc = "`stop` ends the pilot." },
    { "owner",   CONF_TEXT,   AT(decl_guardrail, owner), .most = 200, .fallback = "", .doc = "The function that mends it." },
    END };
static const struct conf_table guardrail_table = TABLE(decl_guardrail, guardrail_keys,
    "What must not happen on the way. Kept with the charter; not judged yet.");

static const struct conf_key flow_keys[] = {
    { "id",       CONF_CODE,  AT(decl_flow, id), .must = true, .doc = "Short name, unique in the charter." },
    { "from",     CONF_TEXT,  AT(decl_flow, from), .must = true, .least = 1, .most = 256, .doc = "Where a case leaves." },
    { "to",       CONF_TEXT,  AT(decl_flow, to), .must = true, .least = 1, .most = 256, .doc = "Where it must arrive." },
    { "within_s", CONF_INT,   AT(decl_flow, within_s), .must = true, .least = 1, .most = 31622400, .doc = "In so many seconds." },
    { "fields",   CONF_TEXTS, AT(decl_flow, fields), .most = 200, .doc = "With these fields." },
    END };
static const struct conf_table flow_table = TABLE(decl_flow, flow_keys,
    "A case on its way between tools. Kept with the charter; not judged yet.");

static const struct conf_key record_keys[] = {
    { "entity",   CONF_CODE,  AT(decl_record, entity), .must = true, .doc = "Kind of business record: `contact`, `company`, `order`." },
    { "required", CONF_TEXTS, AT(decl_record, required), .most = 200, .doc = "Fields that must be filled." },
    { "identity", CONF_TEXTS, AT(decl_record, identity), .most = 50, .doc = "Fields that tell one from another." },
    { "master",   CONF_CODE,  AT(decl_record, master), .doc = "Code of the tool that is right when two disagree." },
    END };
static const struct conf_table record_table = TABLE(decl_record, record_keys,
    "Business records whose quality is watched. Kept with the charter; not judged yet.");

static const struct conf_key score_keys[] = {
    { "go",           CONF_E4, AT(decl_score, go), .least = 1, .most = 10000, .fallback = "0.85", .doc = "From this score on: go." },
    { "conditional",  CONF_E4, AT(decl_score, conditional), .least = 1, .most = 10000, .fallback = "0.70", .doc = "From this on: go with conditions." },
    { "min_coverage", CONF_E4, AT(decl_score, min_coverage), .least = 1, .most = 10000, .fallback = "0.80", .doc = "Share of the weight that must be decided." },
    END };
static const struct conf_table score_table = TABLE(decl_score, score_keys, "How criteria add up.");

static const struct conf_key override_keys[] = {
    { "second_person", CONF_BOOL, AT(decl_override, second_person), .fallback = "true", .doc = "Deciding against the verdict needs a second person." },
    { "reason_min",    CONF_INT,  AT(decl_override, reason_min), .least = 80, .most = 10000, .fallback = "80", .doc = "Length of the reason." },
    END };
static const struct conf_table override_table = TABLE(decl_override, override_keys, "Deciding against the verdict.");

static const struct conf_key governance_keys[] = {
    { "approvers", CONF_TEXTS,  AT(decl_governance, approvers), .most = 20, .doc = "Functions that decide: `owner`, `it`." },
    { "quorum",    CONF_INT,    AT(decl_governance, quorum), .least = 1, .most = 20, .fallback = "1", .doc = "How many of them." },
    { "override",  CONF_OBJECT, AT(decl_governance, override), .sub = &override_table, .doc = "Against the verdict." },
    END };
static const struct conf_table governance_table = TABLE(decl_governance, governance_keys,
    "Who decides. Kept with the charter; not judged yet.");

static const struct conf_key privacy_keys[] = {
    { "legal_basis",   CONF_TEXT, AT(decl_privacy, legal_basis), .most = 500, .fallback = "", .doc = "As told to the people." },
    { "agreement_ref", CONF_TEXT, AT(decl_privacy, agreement_ref), .most = 500, .fallback = "",
      .doc = "Union agreement or authorisation (Italian Workers' Statute, art. 4). Sealing warns when it is empty." },
    { "notice_ref",    CONF_TEXT, AT(decl_privacy, notice_ref), .most = 500, .fallback = "", .doc = "Where the notice to the people can be read." },
    { "min_group",     CONF_INT,  AT(decl_privacy, min_group), .least = 3, .most = 1000, .fallback = "5", .doc = "Smallest group whose figures are shown." },
    { "raw_retention_days", CONF_INT, AT(decl_privacy, raw_retention_days), .least = 1, .most = 3650, .fallback = "180", .doc = "Events are kept so long after the freeze." },
    END };
static const struct conf_table privacy_table = TABLE(decl_privacy, privacy_keys,
    "What the people are told. Without this section no notice is recorded, and without a notice there are no keys and no seal. Any change makes a new version of the notice.");

/* --- the file -------------------------------------------------------------------------------- */

static const struct conf_key root_keys[] = {
    { "charter",      CONF_INT,    AT(declaration, version), .least = 1, .most = 1, .fallback = "1", .doc = "Version of this form." },
    { "workspace",    CONF_OBJECT, AT(declaration, workspace), .sub = &workspace_table, .must = true, .apart = true, .doc = "The company." },
    { "tools",        CONF_LIST,   AT(declaration, tools), .sub = &tool_table, .most = 500, .apart = true, .doc = "Its stack." },
    { "sources",      CONF_LIST,   AT(declaration, sources), .sub = &source_table, .most = 500, .apart = true, .doc = "Where events come from." },
    { "people",       CONF_LIST,   AT(declaration, people), .sub = &declare_people_table, .most = 20000, .apart = true, .doc = "The roster. When no file has it the stored one stays." },
    { "calendars",    CONF_LIST,   AT(declaration, calendars), .sub = &calendar_table, .most = 50, .apart = true, .doc = "Company closures." },
    { "pilot",        CONF_OBJECT, AT(declaration, pilot), .sub = &pilot_table, .doc = "The pilot. Sources, people and calendars need one." },
    { "population",   CONF_OBJECT, AT(declaration, population), .sub = &population_table, .doc = "Whom it is about." },
    { "value_events", CONF_TEXTS,  AT(declaration, value_events), .least = 1, .most = 200,
      .doc = "Actions that are real use, `*` and `?` allowed: `deal.*`. Required with a charter. Never a mere logon." },
    { "features",     CONF_TEXTS,  AT(declaration, features), .most = 500, .doc = "What was bought." },
    { "criteria",     CONF_LIST,   AT(declaration, criteria), .sub = &criterion_table, .most = 100, .doc = "What it must reach." },
    { "guardrails",   CONF_LIST,   AT(declaration, guardrails), .sub = &guardrail_table, .most = 100, .doc = "What must not happen." },
    { "flows",        CONF_LIST,   AT(declaration, flows), .sub = &flow_table, .most = 100, .doc = "Cases between tools." },
    { "records",      CONF_LIST,   AT(declaration, records), .sub = &record_table, .most = 100, .doc = "Business records." },
    { "networks",     CONF_LIST,   AT(declaration, networks), .sub = &network_table, .most = 100, .doc = "Known networks." },
    { "score",        CONF_OBJECT, AT(declaration, score), .sub = &score_table, .doc = "How criteria add up." },
    { "late_grace_h", CONF_INT,    AT(declaration, late_grace_h), .most = 720, .fallback = "72", .doc = "Hours after the end in which late events still count." },
    { "governance",   CONF_OBJECT, AT(declaration, governance), .sub = &governance_table, .doc = "Who decides." },
    { "privacy",      CONF_OBJECT, AT(declaration, privacy), .sub = &privacy_table, .doc = "What the people are told." },
    END };
const struct conf_table declare_table = TABLE(declaration, root_keys,
    "One file, or several applied together: then an object stands in one of them only, and lists add up. One workspace and at most one pilot at a time.");
/* clang-format on */

void
declare_doc(struct str *out)
{
    conf_doc(&declare_table, out);
}
