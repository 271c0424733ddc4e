/* tables.c - what the firm, its tools and their faults are like. */
#include "simulate_int.h"

/* clang-format off */

/* Percent of each role's people per curve: sustained, slow, decay, week1, never. */
const struct sim_profile simulate_profile_list[] = {
    { .name = "healthy",
      .curve = { [CHAMPION] = { 100, 0, 0, 0, 0 }, [MANAGER] = { 60, 20, 20, 0, 0 },
                 [SENIOR] = { 55, 25, 10, 10, 0 }, [JUNIOR] = { 75, 15, 5, 5, 0 } },
      .retry = 20000, .twice = 10000, .broken = 4000, .conflict = 500 },
    { .name = "shelfware",
      .curve = { [CHAMPION] = { 50, 0, 50, 0, 0 }, [MANAGER] = { 0, 0, 0, 50, 50 },
                 [SENIOR] = { 0, 0, 10, 60, 30 }, [JUNIOR] = { 15, 0, 35, 50, 0 } },
      .retry = 20000, .twice = 10000, .broken = 4000, .conflict = 500 },
    { .name = "mixed", /* sustained use between floor and target: nobody can decide */
      .curve = { [CHAMPION] = { 100, 0, 0, 0, 0 }, [MANAGER] = { 40, 20, 20, 10, 10 },
                 [SENIOR] = { 35, 15, 20, 25, 5 }, [JUNIOR] = { 50, 10, 25, 15, 0 } },
      .retry = 20000, .twice = 10000, .broken = 4000, .conflict = 500 },
    { .name = "faulty", /* people are keen, tools deliver badly */
      .curve = { [CHAMPION] = { 100, 0, 0, 0, 0 }, [MANAGER] = { 60, 20, 20, 0, 0 },
                 [SENIOR] = { 55, 25, 10, 10, 0 }, [JUNIOR] = { 75, 15, 5, 5, 0 } },
      .retry = 110000, .twice = 30000, .broken = 40000, .conflict = 3000 },
};
const size_t simulate_profiles_n = sizeof simulate_profile_list / sizeof *simulate_profile_list;

const char *const simulate_source_names[SIMULATE_SOURCES] = { "crm", "billing", "tickets" };
/* Seconds the clocks of the tools are ahead. */
const int32_t simulate_skew_s[SIMULATE_SOURCES] = { [CRM] = 0, [BILLING] = -37, [TICKETS] = 94 };
/* Each team lives in the tool of the same number. */
const char *const simulate_team_names[] = { "vendite", "amministrazione", "assistenza" };
const char *const simulate_curve_names[CURVES] = { "sustained", "slow", "decay", "week1", "never" };

/*    verb              object      feature          source   value  weight known */
const struct sim_action simulate_actions[] = {
    [ACTION_LOGON] =
    { "logon",          "",         NULL,            CRM,     false,  0,   0 },
    [ACTION_SYNC] =
    { "sync",           "",         NULL,            CRM,     false,  0,   0 },
    [ACTION_REPORT] =
    { "report.view",    "report",   NULL,            CRM,     true,   7,  35 },
    { "contact.view",   "contact",  NULL,            CRM,     false, 30, 100 },
    { "contact.update", "contact",  NULL,            CRM,     true,  25,  90 },
    { "contact.create", "contact",  NULL,            CRM,     true,  18,  85 },
    { "deal.move",      "deal",     NULL,            CRM,     true,  14,  75 },
    { "note.add",       "note",     NULL,            CRM,     true,  11,  65 },
    { "email.send",     "email",    NULL,            CRM,     true,   9,  45 },
    { "automation.edit", "rule",    NULL,            CRM,     true,   1,   6 },
    { "invoice.view",   "invoice",  NULL,            BILLING, false, 30, 100 },
    { "quote.create",   "quote",    NULL,            BILLING, true,  20,  60 },
    { "invoice.create", "invoice",  NULL,            BILLING, true,  18,  55 },
    { "invoice.send",   "invoice",  NULL,            BILLING, true,  12,  50 },
    { "payment.record", "payment",  NULL,            BILLING, true,  10,  30 },
    { "export.run",     "export",   NULL,            BILLING, true,   3,  12 },
    { "ticket.view",    "ticket",   NULL,            TICKETS, false, 30, 100 },
    { "ticket.reply",   "ticket",   "conversations", TICKETS, true,  25,  70 },
    { "ticket.create",  "ticket",   "intake",        TICKETS, true,  15,  65 },
    { "ticket.close",   "ticket",   "resolution",    TICKETS, true,  12,  55 },
    { "article.edit",   "article",  "knowledge",     TICKETS, true,   4,  15 },
};
const int simulate_actions_n = sizeof simulate_actions / sizeof *simulate_actions;
_Static_assert(sizeof simulate_actions / sizeof *simulate_actions <= 32, "a bit for each");

/* The reasons of EVENTS.md section 7 that the faults earn. */
const char *const simulate_reasons[REASONS] = {
    [SOUND] = "",
    [CUT_OFF] = "not_json",         [NO_OBJECT] = "not_object",
    [LATIN1] = "bad_unicode",       [KEY_TWICE] = "duplicate_key",
    [NO_ID] = "missing_id",         [NO_TIME] = "missing_time",
    [NO_USER] = "missing_user",     [NO_ACTION] = "missing_action",
    [LOCAL_TIME] = "bad_time",      [FAR_FUTURE] = "time_in_future",
    [NO_SUCH_TYPE] = "unknown_type", [OTHER_SOURCE] = "source_mismatch",
    [CONFLICT] = "id_conflict",
};
/* clang-format on */

const char *
simulate_profiles(void)
{
    return "healthy, shelfware, mixed, faulty";
}

const char *
simulate_source(int source)
{
    return simulate_source_names[source];
}
