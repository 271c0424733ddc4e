/* declare.c - apply, seal, key: what changes the house. */
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#define MOST_FILE ((size_t)32 << 20)

static int
print_raw(struct cli *c, const cJSON *doc, struct err *e)
{
    const char *text;
    size_t      n;

    if (!json_print(&c->mem, doc, &text, &n, e))
        return -1;
    printf("%s\n", text);
    return 0;
}

static bool
is_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(json_get(object, name));
}

/* {"files":[{"name","text"}]} */
static bool
gather_files(struct cli *c, struct str *body, struct err *e)
{
    str_init(body, &c->mem);
    str_add(body, "{\"files\":[");
    for (int i = 0; i < c->args; i++) {
        const char *text;
        size_t      n;

        if (!cli_slurp(c, c->arg[i], MOST_FILE, &text, &n, e))
            return false;
        if (!str_is_utf8(text, n) || memchr(text, 0, n))
            return err_set(e, ERR_INVALID, "%s is not UTF-8 text", c->arg[i]);
        str_add(body, i ? ",{\"name\":" : "{\"name\":");
        str_json(body, c->arg[i]);
        str_add(body, ",\"text\":");
        str_jsonn(body, text, n);
        str_addc(body, '}');
    }
    str_add(body, "]}");
    return !c->mem.denied || err_set(e, ERR_NOMEM, "the files are too large");
}

/* One line per thing that changes; what stays is only counted. */
static void
print_plan(const cJSON *doc)
{
    const cJSON *row;
    int          same = 0, other = 0;

    cJSON_ArrayForEach (row, json_get(doc, "plan")) {
        const char *action = json_text(row, "action"), *detail = json_text(row, "detail");
        const char *kind = json_text(row, "kind"), *name = json_text(row, "name");

        if (action && strcmp(action, "same") == 0) {
            same++;
            continue;
        }
        other++;
        printf("%-7s %-9s %s%s%s\n", action ? action : "", kind ? kind : "", name ? name : "",
               detail && *detail ? ": " : "", detail ? detail : "");
    }
    if (!other)
        printf("nothing to do: %d %s as declared\n", same,
               same == 1 ? "thing stands" : "things stand");
}

static void
print_texts(FILE *to, const char *head, const cJSON *list)
{
    const cJSON *row;

    cJSON_ArrayForEach (row, list)
        if (cJSON_IsString(row))
            fprintf(to, "%s%s\n", head, row->valuestring);
}

/* One request; an answer without a plan is a fault. */
static bool
ask_apply(struct cli *c, const struct str *body, const char *dry_run, const cJSON **ret,
          struct err *e)
{
    const cJSON *doc;
    const char  *target = cli_target(c, "/admin/apply", "dry_run", dry_run, NULL), *why;

    if (!cli_ask_json(c, "POST", target, body, 400, &doc, e))
        return false;
    why = json_text(json_get(doc, "error"), "message");
    if (!json_get(doc, "plan"))
        return err_set(e, ERR_INVALID, "%s", why ? why : "the service refused it");
    *ret = doc;
    return true;
}

/* The exit code. */
static int
print_problems(const cJSON *doc)
{
    if (cJSON_GetArraySize(json_get(doc, "problems")) == 0)
        return 0;
    print_texts(stderr, "collaudo: ", json_get(doc, "problems"));
    fprintf(stderr, "collaudo: nothing was changed\n");
    return err_exit(ERR_INVALID);
}

/* The plan is seen before anything is done. In between another hand may have changed something:
 * then it is told what was done in the end. */
static int
show_and_apply(struct cli *c, const struct str *body, struct err *e)
{
    const cJSON *plan, *done;
    int64_t      planned = 0, changes = 0;

    if (!ask_apply(c, body, "1", &plan, e))
        return -1;
    int code = print_problems(plan);
    if (code)
        return code;
    print_plan(plan);
    print_texts(stdout, "note: ", json_get(plan, "warnings"));
    if (cli_opt(c, "dry-run")) {
        printf("nothing was changed (--dry-run)\n");
        return 0;
    }
    if (!json_int(plan, "changes", &planned) || !planned)
        return 0;
    fflush(stdout);
    if (!ask_apply(c, body, NULL, &done, e))
        return -1;
    if ((code = print_problems(done)))
        return code;
    if (!json_int(done, "changes", &changes) || changes != planned) {
        printf("meanwhile something else was declared; done was:\n");
        print_plan(done);
    }
    printf("done\n");
    return 0;
}

int
cli_run_apply(struct cli *c, struct err *e)
{
    struct str   body;
    const cJSON *doc;

    if (!gather_files(c, &body, e) || !cli_link(c, e))
        return -1;
    if (!cli_opt(c, "json"))
        return show_and_apply(c, &body, e);
    if (!ask_apply(c, &body, cli_opt(c, "dry-run"), &doc, e) || print_raw(c, doc, e) < 0)
        return -1;
    return cJSON_GetArraySize(json_get(doc, "problems")) ? err_exit(ERR_INVALID) : 0;
}

int
cli_run_seal(struct cli *c, struct err *e)
{
    struct str   body;
    const cJSON *doc;
    const char  *as_of = cli_opt(c, "replay-as-of");
    const char  *path = cli_path(c, "/admin/pilots/", c->arg[0], "/seal", NULL);

    str_init(&body, &c->mem);
    str_add(&body, "{\"replay_as_of\":");
    str_json(&body, as_of);
    str_addc(&body, '}');
    if (!cli_link(c, e) || !cli_ask_json(c, "POST", path, &body, 400, &doc, e))
        return -1;
    bool refused = !is_true(doc, "sealed");
    if (refused && !json_get(doc, "problems")) {
        const char *text = json_text(json_get(doc, "error"), "message");

        err_set(e, ERR_INVALID, "%s", text ? text : "the service refused it");
        return -1;
    }
    if (cli_opt(c, "json")) {
        if (print_raw(c, doc, e) < 0)
            return -1;
        return refused ? err_exit(ERR_INVALID) : 0;
    }
    print_texts(stderr, "collaudo: ", json_get(doc, "problems"));
    print_texts(stdout, "note: ", json_get(doc, "warnings"));
    if (refused) {
        fprintf(stderr, "collaudo: %s is not sealed\n", c->arg[0]);
        return err_exit(ERR_INVALID);
    }
    printf("%s is sealed, charter %.16s...\n", c->arg[0],
           json_text(doc, "charter_hash") ? json_text(doc, "charter_hash") : "");
    return 0;
}

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
    if (cli_opt(c, "types")) {
        str_add(&body, ",\"types\":");
        add_list(&body, cli_opt(c, "types"));
    }
    str_addc(&body, '}');
    if (!cli_ask_json(c, "POST", cli_target(c, "/admin/keys", "workspace", c->workspace, NULL),
                      &body, 0, &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return print_raw(c, doc, e);
    key = json_text(doc, "key");
    printf("%s\n", key ? key : "");
    const char *types = cli_opt(c, "types");
    fprintf(stderr, "This key is shown once. It can only send events of source %s%s%s.\n",
            cli_opt(c, "source"), types ? ", of type " : "", types ? types : "");
    return 0;
}

static int
key_list(struct cli *c, struct err *e)
{
    const cJSON *doc, *row;

    if (!cli_ask_json(c, "GET", cli_target(c, "/admin/keys", "workspace", c->workspace, NULL), NULL,
                      0, &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return print_raw(c, doc, e);
    printf("%-18s %-20s %-16s %-22s %-8s %s\n", "id", "source", "workspace", "made", "state",
           "types");
    cJSON_ArrayForEach (row, json_get(doc, "keys"))
        printf("%-18s %-20s %-16s %-22s %-8s %s\n", json_text(row, "id"), json_text(row, "source"),
               json_text(row, "workspace"), json_text(row, "made"), json_text(row, "state"),
               *json_text(row, "types") ? json_text(row, "types") : "all");
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
        return print_raw(c, doc, e);
    printf("key %s is revoked\n", c->arg[1]);
    return 0;
}

/* What belongs to another verb is refused, not left unread. */
static bool
check_key(const struct cli *c, struct err *e)
{
    const char *verb = c->arg[0];

    if (strcmp(verb, "revoke") == 0)
        return c->args == 2
                   ? cli_no_opts(c, "key revoke", e, "source", "expires", "workspace", NULL)
                   : err_set(e, ERR_INVALID, "which key? collaudo key revoke ID");
    if (c->args == 2)
        return err_set(e, ERR_INVALID, "collaudo key %s takes no %s", verb, c->arg[1]);
    if (strcmp(verb, "create") == 0 && !cli_opt(c, "source"))
        return err_set(e, ERR_INVALID, "which source? collaudo key create --source S");
    return strcmp(verb, "list") != 0 || cli_no_opts(c, "key list", e, "source", "expires", NULL);
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
