/* declare.c - apply, seal: what changes the house. */
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#define MOST_FILE ((size_t)32 << 20)

int
cli_print_raw(struct cli *c, const cJSON *doc, struct err *e)
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
    if (!ask_apply(c, &body, cli_opt(c, "dry-run"), &doc, e) || cli_print_raw(c, doc, e) < 0)
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
        if (cli_print_raw(c, doc, e) < 0)
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
