/* key.c - the keys of tools: made, listed, ended. */
#include "cli_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "usage,auth" as a list. */
static void
add_list(struct str *s, const char *text)
{
    str_addc(s, '[');
    for (const char *at = text; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (at != text)
            str_addc(s, ',');
        str_jsonn(s, at, strcspn(at, ","));
    }
    str_addc(s, ']');
}

static int
key_create(struct cli *c, struct err *e)
{
    struct str   body;
    const cJSON *doc;
    const char  *key;

    str_init(&body, &c->mem);
    str_add(&body, "{\"source\":");
    str_json(&body, cli_opt(c, "source"));
    str_add(&body, ",\"expires\":");
    str_json(&body, cli_opt(c, "expires"));
    if (cli_opt(c, "rate")) {
        int64_t rate;

        if (!str_int(cli_opt(c, "rate"), &rate) || rate < 1) {
            err_set(e, ERR_INVALID, "--rate is a number of events a second, not %s",
                    cli_opt(c, "rate"));
            return -1;
        }
        str_addf(&body, ",\"rate\":%" PRId64, rate);
    }
    if (cli_opt(c, "types")) {
        str_add(&body, ",\"types\":");
        add_list(&body, cli_opt(c, "types"));
    }
    str_addc(&body, '}');
    if (!cli_ask_json(c, "POST", cli_target(c, "/admin/keys", "workspace", c->workspace, NULL),
                      &body, 0, &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return cli_print_raw(c, doc, e);
    key = json_text(doc, "key");
    printf("%s\n", key ? key : "");
    const char *types = cli_opt(c, "types");
    fprintf(stderr, "This key is shown once. It can only send events of source %s%s%s.\n",
            cli_opt(c, "source"), types ? ", of type " : "", types ? types : "");
    return 0;
}

static const char *
instant(const cJSON *row, const char *name)
{
    const char *t = json_text(row, name);

    return t ? t : "never";
}

static int
key_list(struct cli *c, struct err *e)
{
    const cJSON *doc, *row;

    if (!cli_ask_json(c, "GET", cli_target(c, "/admin/keys", "workspace", c->workspace, NULL), NULL,
                      0, &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return cli_print_raw(c, doc, e);
    printf("%-16s %-16s %-14s %-8s %-16s %-16s %-16s %9s %s\n", "id", "source", "workspace",
           "state", "made", "expires", "last used", "per s", "types");
    cJSON_ArrayForEach (row, json_get(doc, "keys")) {
        int64_t rate = 0;

        printf("%-16s %-16s %-14s %-8s %-16.16s %-16.16s %-16.16s %9" PRId64 " %s\n",
               json_text(row, "id"), json_text(row, "source"), json_text(row, "workspace"),
               json_text(row, "state"), json_text(row, "made"), instant(row, "expires"),
               instant(row, "last_used"), json_int(row, "rate", &rate) ? rate : 0,
               *json_text(row, "types") ? json_text(row, "types") : "all");
    }
    return 0;
}

static int
key_revoke(struct cli *c, struct err *e)
{
    const cJSON *doc;
    const char  *path = cli_path(c, "/admin/keys/", c->arg[1], "/revoke", NULL);

    if (!cli_ask_json(c, "POST", path, NULL, 0, &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return cli_print_raw(c, doc, e);
    printf("key %s is revoked\n", c->arg[1]);
    return 0;
}

/* What belongs to another verb is refused, not left unread. */
static bool
check_key(const struct cli *c, struct err *e)
{
    const char *verb = c->arg[0];

    if (strcmp(verb, "revoke") == 0)
        return c->args == 2 ? cli_no_opts(c, "key revoke", e, "source", "expires", "rate", "types",
                                          "workspace", NULL)
                            : err_set(e, ERR_INVALID, "which key? collaudo key revoke ID");
    if (c->args == 2)
        return err_set(e, ERR_INVALID, "collaudo key %s takes no %s", verb, c->arg[1]);
    if (strcmp(verb, "create") == 0 && !cli_opt(c, "source"))
        return err_set(e, ERR_INVALID, "which source? collaudo key create --source S");
    return strcmp(verb, "list") != 0 ||
           cli_no_opts(c, "key list", e, "source", "expires", "rate", "types", NULL);
}

int
cli_run_key(struct cli *c, struct err *e)
{
    static const struct {
        const char *verb;
        int (*run)(struct cli *, struct err *);
    } verbs[] = { { "create", key_create }, { "list", key_list }, { "revoke", key_revoke } };

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(c->arg[0], verbs[i].verb) == 0)
            return check_key(c, e) && cli_link(c, e) ? verbs[i].run(c, e) : -1;
    err_set(e, ERR_INVALID, "collaudo key create, list or revoke, not %s", c->arg[0]);
    return -1;
}
