/* table.c - every command, once: help and dispatch are printed from here. */
#include "cli_int.h"

#define WORKSPACE                                                                                  \
    {                                                                                              \
        "workspace", CLI_TEXT, "CODE", "the company, when there are several"                       \
    }

/* clang-format off */
const struct cli_opt cli_opts_none[] = { { .type = CLI_END } };

const struct cli_opt cli_opts_serve[] = {
    { "listen",        CLI_TEXT, "ADDR:PORT", "where to listen, several with commas (127.0.0.1:8080)" },
    { "database",      CLI_TEXT, "URL",       "another PostgreSQL, 15 or newer (the one DIR remembers, else embedded)" },
    { "database-read", CLI_TEXT, "URL",       "a replica of it that serves pages and reports" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_apply[] = {
    { "dry-run", CLI_FLAG, NULL, "show the plan and change nothing" },
    { "json",    CLI_FLAG, NULL, "print the service's answer" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_seal[] = {
    { "replay-as-of", CLI_TEXT, "TIME", "replay history: seal as if it were then; marks the pilot for ever" },
    { "json",         CLI_FLAG, NULL,   "print the service's answer" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_key[] = {
    { "source",  CLI_TEXT, "S",    "the source the key writes for" },
    { "types",   CLI_TEXT, "T,T..", "types of events it may send: usage, auth ... (all)" },
    { "expires", CLI_TEXT, "DATE", "when it ends by itself: 2026-12-31, a TIME, or 90d (never)" },
    { "rate",    CLI_TEXT, "N",    "events a second it may send (20000)" },
    { "json",    CLI_FLAG, NULL,   "print the service's answer" },
    WORKSPACE,
    { .type = CLI_END },
};
const struct cli_opt cli_opts_import[] = {
    { "source", CLI_TEXT, "S",           "source of lines that name none" },
    { "format", CLI_TEXT, "ndjson|json", "of the file (json: it begins with [)" },
    { "replay", CLI_FLAG, NULL,          "history: lines are {\"received\", \"line\"}, or events as they are" },
    { "json",   CLI_FLAG, NULL,          "print counts as JSON" },
    WORKSPACE,
    { .type = CLI_END },
};
const struct cli_opt cli_opts_read[] = {
    { "as-of", CLI_TEXT, "TIME", "the clock: which weeks are complete (now)" },
    { "json",  CLI_FLAG, NULL,   "print the service's answer" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_sources[] = {
    WORKSPACE,
    { "json",  CLI_FLAG, NULL,   "print the service's answer" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_trace[] = {
    WORKSPACE,
    { "json",  CLI_FLAG, NULL,   "print the service's answer" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_doctor[] = {
    { "json", CLI_FLAG, NULL, "print the checks as JSON" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_chart[] = {
    { "out",    CLI_TEXT, "FILE",       "where to write it (-o FILE)" },
    { "format", CLI_TEXT, "png|svg",    "of the picture (by the file's name)" },
    { "theme",  CLI_TEXT, "light|dark", "(light)" },
    { "scale",  CLI_TEXT, "1|2|3",      "pixels per point of a PNG (2)" },
    { "width",  CLI_TEXT, "N",          "200 to 2000 points" },
    { "lang",   CLI_TEXT, "it|en",      "(it)" },
    { "as-of",  CLI_TEXT, "TIME",       "the clock (now)" },
    { "list",   CLI_FLAG, NULL,         "list the charts of the pilot" },
    { "json",   CLI_FLAG, NULL,         "with --list: print the service's answer" },
    { .type = CLI_END },
};
const struct cli_opt cli_opts_simulate[] = {
    { "people",      CLI_TEXT, "N",           "seats of the pilot (20)" },
    { "days",        CLI_TEXT, "N",           "length of its window (90)" },
    { "profile",     CLI_TEXT, "NAME",        "healthy, shelfware, mixed, faulty (healthy)" },
    { "seed",        CLI_TEXT, "N",           "another one, another pilot of the same kind (1)" },
    { "start",       CLI_TEXT, "DAY",         "its first day (sent to the service: it ended yesterday; else 2026-03-02)" },
    { "pilot",       CLI_TEXT, "ID",          "its id, and its workspace's (sim-PROFILE-SEED)" },
    { "events",      CLI_TEXT, "N",           "about so many deliveries (as many as people work)" },
    { "out",         CLI_TEXT, "DIR",         "write declaration, deliveries and truth there; sends nothing without --to" },
    { "to",          CLI_TEXT, "WHERE",       "http://HOST:PORT, or service: the one of --data (that)" },
    { "key",         CLI_TEXT, "S=KEY,...",   "a key per source, for --to URL; or @FILE" },
    { "rate",        CLI_TEXT, "N",           "events per second (as fast as they are answered)" },
    { "batch",       CLI_TEXT, "N",           "events per request (500)" },
    { "connections", CLI_TEXT, "N",           "at the same time (4)" },
    { "gzip",        CLI_FLAG, NULL,          "compress the requests" },
    { "json",        CLI_FLAG, NULL,          "print counts as JSON" },
    { .type = CLI_END },
};

const struct cli_cmd cli_cmds[] = {
    { "serve", "", 0, 0, "run the collector, the API and the pages",
      "Listens on loopback unless told otherwise; put a proxy with TLS in front to be reached from\n"
      "elsewhere. Without --database it keeps a PostgreSQL of its own in the data directory; with it,\n"
      "the directory remembers the URL (DIR/database, mode 0600), for the next start and for every\n"
      "command. A journal that the database does not know is refused.\n"
      "Stops cleanly on SIGTERM; kill -9 is an equally valid way to stop.\n",
      cli_opts_serve, cli_run_serve },
    { "apply", "FILE...", 1, CLI_MOST_ARGS, "declare workspace, tools, sources, people and pilots",
      "Reads YAML or JSON (docs/charter.md), shows the plan, then does it; all files together or\n"
      "nothing. --dry-run stops after the plan. Applying the same again changes nothing.\n",
      cli_opts_apply, cli_run_apply },
    { "seal", "PILOT", 1, 1, "seal the charter: from then on it is fixed",
      "Refuses a charter that cannot work and says what to change.\n",
      cli_opts_seal, cli_run_seal },
    { "key", "create|list|revoke [ID]", 1, 2, "keys with which tools send",
      "  key create --source S   shows a new key once; two may live at the same time, so that one\n"
      "                          can replace the other\n"
      "  key list                ids, sources, when they end and were used; never the secret\n"
      "  key revoke ID           ends one within a second\n",
      cli_opts_key, cli_run_key },
    { "import", "FILE|-", 1, 1, "read events from a file",
      "NDJSON or a JSON array, gzipped or not, from a file or standard input (-); the same rules as\n"
      "over HTTP. It may be interrupted and repeated: a line that was read before changes nothing.\n"
      "With --replay an event was received when its line says so, else at its own time: the figures\n"
      "of a replayed pilot follow what is imported, also when its verdict was final.\n"
      "Refused lines are told with their reason and go to quarantine. Exit code 2 when there were\n"
      "lines and none was accepted.\n",
      cli_opts_import, cli_run_import },
    { "sources", "", 0, 0, "what came in, per source",
      "Received, loaded, repeated and quarantined with the reasons; which are silent against the\n"
      "cadence they declared, since when, and whom to ask.\n",
      cli_opts_sources, cli_run_sources },
    { "kpi", "PILOT [KPI]", 1, 2, "the numbers",
      "All KPIs, or one. Figures are cut at midnight; groups too small are not shown.\n",
      cli_opts_read, cli_run_kpi },
    { "gate", "PILOT", 1, 1, "the verdict and the rule that decided it",
      "Exit code: 0 GO, 10 GO_WITH_CONDITIONS, 20 NO_GO, 30 INCONCLUSIVE or still running,\n"
      "40 INVALID; 1-9 are faults of the program.\n",
      cli_opts_read, cli_run_gate },
    { "chart", "PILOT CHART -o FILE", 1, 2, "a chart as PNG or SVG",
      "`collaudo chart PILOT --list` lists the charts. FILE - is standard output.\n",
      cli_opts_chart, cli_run_chart },
    { "trace", "EVENT_ID", 1, 1, "one event's way: received, loaded, counted",
      "Shows pseudonyms only.\n",
      cli_opts_trace, cli_run_trace },
    { "simulate", "", 0, 0, "an invented pilot with everything that goes wrong, and the truth about it",
      "From a seed: people who adopt three tools or do not, and what these tools deliver. Without\n"
      "--to and --out it declares the pilot at the service of --data, seals it as history, sends\n"
      "all of it over HTTP with keys of its own, and writes the truth beside (docs/simulate.md).\n"
      "It may be repeated: what was taken counts once.\n",
      cli_opts_simulate, cli_run_simulate },
    { "doctor", "", 0, 0, "what is wrong, and what to do",
      "One line per check of machine, database, journal, conservation, keys and clock: ok, warning or\n"
      "problem, and the next command. Beside a running service or without one; nobody is asked over\n"
      "the network. Exit code 1 when there is a problem.\n",
      cli_opts_doctor, cli_run_doctor },
    { "help", "[COMMAND]", 0, 1, "this list, or all about one command", "", cli_opts_none, cli_run_help },
};
/* clang-format on */
const size_t cli_cmds_n = sizeof cli_cmds / sizeof *cli_cmds;
