/* cli.c - from the command line to a command, and its fault to an exit code. */
#include "cli_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY ((size_t)1 << 30) /* one command, big files included */

/* Options every command takes. */
/* clang-format off */
static const struct cli_opt common[] = {
    { "data",      CLI_TEXT, "DIR",  "the data directory ($COLLAUDO_DATA, ./var in a checkout, /var/lib/collaudo)" },
    { "help",      CLI_FLAG, NULL,   "all about this command" },
    { .type = CLI_END },
};
/* clang-format on */

static const struct cli_cmd *
find(const char *name)
{
    for (size_t i = 0; i < cli_cmds_n; i++)
        if (strcmp(cli_cmds[i].name, name) == 0)
            return &cli_cmds[i];
    return NULL;
}

static void
list_opts(const struct cli_opt *o)
{
    for (; o->type != CLI_END; o++) {
        char head[64];

        snprintf(head, sizeof head, "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        printf("  %-22s %s\n", head, o->help);
    }
}

void
cli_help(const struct cli_cmd *cmd)
{
    if (cmd) {
        printf("collaudo %s %s\n  %s\n\n%s\n", cmd->name, cmd->usage, cmd->summary, cmd->more);
        list_opts(cmd->opts);
        list_opts(common);
        return;
    }
    printf("Collaudo %s: binding pilots of business tools, measured.\n\n", COLLAUDO_VERSION);
    for (size_t i = 0; i < cli_cmds_n; i++)
        printf("  %-9s %-26s %s\n", cli_cmds[i].name, cli_cmds[i].usage, cli_cmds[i].summary);
    printf("\nEvery command takes:\n");
    list_opts(common);
    printf("\ncollaudo help COMMAND tells all about one.\n");
}

int
cli_run_help(struct cli *c, struct err *e)
{
    const struct cli_cmd *cmd = c->args ? find(c->arg[0]) : NULL;

    if (c->args && !cmd) {
        err_set(e, ERR_INVALID, "there is no command %s; `collaudo help` lists them", c->arg[0]);
        return -1;
    }
    cli_help(cmd);
    return 0;
}

const char *
cli_opt(const struct cli *c, const char *name)
{
    for (int i = 0; c->cmd->opts[i].type != CLI_END; i++)
        if (strcmp(c->cmd->opts[i].name, name) == 0)
            return c->opt[i];
    return NULL;
}

bool
cli_no_opts(const struct cli *c, const char *where, struct err *e, ...)
{
    const char *name, *found = NULL;
    va_list     ap;

    va_start(ap, e);
    while ((name = va_arg(ap, const char *)))
        if (!found && cli_opt(c, name))
            found = name;
    va_end(ap);
    return !found || err_set(e, ERR_INVALID, "--%s means nothing with %s", found, where);
}

static const struct cli_opt *
find_opt(const struct cli_opt *o, const char *name, size_t n)
{
    for (; o->type != CLI_END; o++)
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static bool
unknown_opt(const struct cli *c, const char *name, struct err *e)
{
    const char *names[CLI_MOST_OPTS + 4], *near;
    size_t      n = 0;

    for (const struct cli_opt *o = c->cmd->opts; o->type != CLI_END; o++)
        names[n++] = o->name;
    for (const struct cli_opt *o = common; o->type != CLI_END; o++)
        names[n++] = o->name;
    near = str_nearest(name, names, n);
    return err_set(e, ERR_INVALID, "collaudo %s knows no --%s%s%s", c->cmd->name, name,
                   near ? "; did you mean --" : "", near ? near : "");
}

/* Where an option's value goes. */
static const char **
slot(struct cli *c, const struct cli_opt *o)
{
    if (o == &common[0])
        return &c->data;
    return &c->opt[o - c->cmd->opts];
}

/* "light|dark" in the table is the list of what may be said; other values are any text. */
static bool
check_value(const struct cli_opt *o, const char *text, struct err *e)
{
    size_t      n = strlen(text);
    const char *p = o->value;

    if (!strchr(p, '|'))
        return true;
    for (; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
        if (n && strncmp(p, text, n) == 0 && (p[n] == '|' || !p[n]))
            return true;
    return err_set(e, ERR_INVALID, "--%s is one of %s, not %s", o->name, o->value, text);
}

/* --name, --name VALUE or --name=VALUE; *i moves on over a value. */
static bool
take_opt(struct cli *c, int argc, char **argv, int *i, struct err *e)
{
    const char           *text = argv[*i] + 2, *equals = strchr(text, '=');
    size_t                n = equals ? (size_t)(equals - text) : strlen(text);
    const struct cli_opt *o = find_opt(c->cmd->opts, text, n);

    if (!o && !(o = find_opt(common, text, n)))
        return unknown_opt(c, text, e);
    if (o == &common[1]) {
        cli_help(c->cmd);
        exit(0);
    }
    if (o->type == CLI_FLAG) {
        *slot(c, o) = "1";
        return !equals || err_set(e, ERR_INVALID, "--%s takes no value", o->name);
    }
    if (!equals && *i + 1 == argc)
        return err_set(e, ERR_INVALID, "--%s wants a value: %s", o->name, o->value);
    *slot(c, o) = equals ? equals + 1 : argv[++*i];
    return check_value(o, *slot(c, o), e);
}

bool
cli_read_args(struct cli *c, int argc, char **argv, struct err *e)
{
    bool only_args = false;

    for (int i = 0; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0) {
            only_args = true;
        } else if (!only_args && strcmp(argv[i], "-o") == 0 && find_opt(c->cmd->opts, "out", 3)) {
            if (i + 1 == argc)
                return err_set(e, ERR_INVALID, "-o wants a value: FILE");
            *slot(c, find_opt(c->cmd->opts, "out", 3)) = argv[++i];
        } else if (!only_args && strncmp(argv[i], "--", 2) == 0) {
            if (!take_opt(c, argc, argv, &i, e))
                return false;
        } else {
            if (c->args == c->cmd->most)
                return err_set(e, ERR_INVALID, "collaudo %s takes no %s; usage: collaudo %s %s",
                               c->cmd->name, argv[i], c->cmd->name, c->cmd->usage);
            c->arg[c->args++] = argv[i];
        }
    }
    if (c->args < c->cmd->least)
        return err_set(e, ERR_INVALID, "usage: collaudo %s %s", c->cmd->name, c->cmd->usage);
    return true;
}

/* INTERFACES: --data, $COLLAUDO_DATA, ./var in a checkout, /var/lib/collaudo. Root's service
 * runs as another user, so root never means the checkout. */
static const char *
data_dir(const char *given)
{
    const char *env = getenv("COLLAUDO_DATA");

    if (given)
        return given;
    if (env && *env)
        return env;
    if (geteuid() != 0 && access("CMakeLists.txt", F_OK) == 0 && access("sql/schema", F_OK) == 0)
        return "var";
    return "/var/lib/collaudo";
}

static int
run(struct cli *c, int argc, char **argv, struct err *e)
{
    if (!cli_read_args(c, argc, argv, e))
        return -1;
    c->data = data_dir(c->data);
    c->workspace = cli_opt(c, "workspace");
    int code = c->cmd->run(c, e);
    cli_unlink(c);
    return code;
}

int
cli_main(int argc, char **argv, cli_serve_fn *serve)
{
    struct cli c = { .serve = serve };
    struct err e = ERR_INIT;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cli_help(NULL);
        return argc < 2 ? err_exit(ERR_INVALID) : 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("collaudo %s\n", COLLAUDO_VERSION);
        return 0;
    }
    c.cmd = find(argv[1]);
    if (!c.cmd) {
        const char *names[64];
        size_t      n = 0;

        while (n < cli_cmds_n) {
            names[n] = cli_cmds[n].name;
            n++;
        }
        const char *near = str_nearest(argv[1], names, n);
        fprintf(stderr, "collaudo: there is no command %s%s%s; `collaudo help` lists them\n",
                argv[1], near ? "; did you mean " : "", near ? near : "");
        return err_exit(ERR_INVALID);
    }
    arena_init(&c.mem, MEMORY);
    int code = run(&c, argc - 2, argv + 2, &e);
    if (code < 0) {
        fprintf(stderr, "collaudo: %s\n", e.text);
        code = err_exit(e.code);
    }
    arena_free(&c.mem);
    return fflush(stdout) ? err_exit(ERR_IO) : code;
}
