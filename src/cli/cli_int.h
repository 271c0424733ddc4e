/* cli_int.h - what the commands share. */
#ifndef COLLAUDO_CLI_INT_H
#define COLLAUDO_CLI_INT_H

#include "collaudo/arena.h"
#include "collaudo/cli.h"
#include "collaudo/json.h"
#include "collaudo/outbound.h"
#include "collaudo/str.h"

#include <sys/types.h>

/* --- options ------------------------------------------------------------------- */

enum cli_type { CLI_END = 0, CLI_FLAG, CLI_TEXT };

struct cli_opt {
    const char   *name; /* without the dashes */
    enum cli_type type;
    const char   *value; /* "TIME", for the help; "a|b": one of these; NULL for a flag */
    const char   *help;
};

#define CLI_MOST_OPTS 16
#define CLI_MOST_ARGS 64

struct cli_cmd;

/* One invocation. */
struct cli {
    const struct cli_cmd *cmd;
    struct arena          mem;
    const char           *data, *workspace;   /* --data resolved; --workspace or NULL */
    const char           *opt[CLI_MOST_OPTS]; /* values by the command's table; flags "1" */
    const char           *arg[CLI_MOST_ARGS];
    int                   args;
    cli_serve_fn         *serve;
    struct outbound      *out;        /* to the service, once cli_link() was called */
    bool                  looks_only; /* a service of our own is to take no events */
    pid_t                 child;      /* the service that runs for this command alone, or 0 */
};

struct cli_cmd {
    const char           *name;
    const char           *usage; /* arguments, for the help */
    int                   least, most;
    const char           *summary;
    const char           *more; /* the help's paragraphs */
    const struct cli_opt *opts; /* ends with CLI_END */
    /* The exit code; on a fault -1 and *e. */
    int (*run)(struct cli *c, struct err *e);
};

extern const struct cli_cmd cli_cmds[];
extern const size_t         cli_cmds_n;

/* Value of an option of this command, NULL when it was not given. */
const char *cli_opt(const struct cli *c, const char *name);

/* Refuses options (names, ended by NULL) that would do nothing `where` the command is. */
must_check bool cli_no_opts(const struct cli *c, const char *where, struct err *e, ...)
    __attribute__((sentinel));

/* Reads the command line after the command's name into *c. */
must_check bool cli_read_args(struct cli *c, int argc, char **argv, struct err *e);
void            cli_help(const struct cli_cmd *cmd); /* NULL: the list of commands */

/* --- the service ------------------------------------------------------------------ */

/* Could this user keep its data in c->data, or use what is kept there? Touches nothing. */
must_check bool cli_check_data(const struct cli *c, struct err *e);
/* Connects to the service of c->data, starting one for this command if none runs. */
must_check bool cli_link(struct cli *c, struct err *e);
void            cli_unlink(struct cli *c); /* stops what cli_link() started */

/* One request. An answer that is no success becomes *e: its sentence and its code; unless
 * the status is `also` (0: none), which is left to the caller. */
must_check bool cli_ask(struct cli *c, const char *method, const char *target, const char *type,
                        const void *body, size_t n, int also, struct outbound_answer *ret,
                        struct err *e);
/* The same with a JSON answer. */
must_check bool cli_ask_json(struct cli *c, const char *method, const char *target,
                             const struct str *body, int also, const cJSON **ret, struct err *e);

/* An answer as it came, a line; the exit code. */
int cli_print_raw(struct cli *c, const cJSON *doc, struct err *e);

/* A path: literal and name by turns, ended by NULL; the names are escaped. */
const char *cli_path(struct cli *c, const char *literal, ...) __attribute__((sentinel));
/* A target: path, then name=value pairs whose value is not NULL, ended by NULL. Escaped. */
const char *cli_target(struct cli *c, const char *path, ...) __attribute__((sentinel));

/* --- files and output --------------------------------------------------------------- */

/* The whole file, "-" is standard input. */
must_check bool cli_slurp(struct cli *c, const char *path, size_t most, const char **ret,
                          size_t *ret_n, struct err *e);
must_check bool cli_write(const char *path, const void *p, size_t n, struct err *e);

/* --- the commands --------------------------------------------------------------------- */

int cli_run_apply(struct cli *c, struct err *e);
int cli_run_chart(struct cli *c, struct err *e);
int cli_run_doctor(struct cli *c, struct err *e);
int cli_run_gate(struct cli *c, struct err *e);
int cli_run_help(struct cli *c, struct err *e);
int cli_run_import(struct cli *c, struct err *e);
int cli_run_key(struct cli *c, struct err *e);
int cli_run_kpi(struct cli *c, struct err *e);
int cli_run_seal(struct cli *c, struct err *e);
int cli_run_serve(struct cli *c, struct err *e);
int cli_run_simulate(struct cli *c, struct err *e);
int cli_run_sources(struct cli *c, struct err *e);
int cli_run_trace(struct cli *c, struct err *e);

extern const struct cli_opt cli_opts_apply[], cli_opts_chart[], cli_opts_doctor[],
    cli_opts_import[], cli_opts_key[], cli_opts_read[], cli_opts_seal[], cli_opts_serve[],
    cli_opts_simulate[], cli_opts_sources[], cli_opts_trace[], cli_opts_none[];

#endif
