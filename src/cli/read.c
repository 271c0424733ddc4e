/* read.c - kpi, gate, sources, trace, chart: what is read. */
#include "cli_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t
number(const cJSON *o, const char *name)
{
    int64_t v = 0;

    return json_int(o, name, &v) ? v : 0;
}

static const char *
text(const cJSON *o, const char *name)
{
    const char *t = json_text(o, name);

    return t ? t : "";
}

/* Asks and, with --json, prints the answer as it came. *ret NULL: printed, done. */
static bool
ask(struct cli *c, const char *target, const cJSON **ret, struct err *e)
{
    struct outbound_answer a;

    if (!cli_link(c, e) || !cli_ask(c, "GET", target, NULL, NULL, 0, 0, &a, e))
        return false;
    if (cli_opt(c, "json"))
        printf("%s%s", a.body, a.n && a.body[a.n - 1] == '\n' ? "" : "\n");
    return json_parse(&c->mem, a.body, a.n, ret, e);
}

/* --- kpi ------------------------------------------------------------------------- */

static void
print_value(const cJSON *p)
{
    const char *band = json_text(p, "band");

    if (cJSON_IsTrue(json_get(p, "no_data")))
        printf("%12s", "no data");
    else if (cJSON_IsNull(json_get(p, "num")))
        printf("%12s", "not shown");
    else
        printf("%s%5" PRId64 " / %-5" PRId64,
               !band                      ? ""
               : strcmp(band, "low") == 0 ? "<="
                                          : ">=",
               number(p, "num"), number(p, "den"));
}

static void
print_kpi(const cJSON *kpi)
{
    const cJSON *p;

    printf("\n%s\n", text(kpi, "id"));
    cJSON_ArrayForEach (p, json_get(kpi, "points")) {
        printf("  %-9s %-18s %-24s ", text(p, "bucket"), text(p, "subject"), text(p, "part"));
        print_value(p);
        printf("%s\n", cJSON_IsTrue(json_get(p, "complete")) ? "" : "  (week not complete)");
    }
}

int
cli_run_kpi(struct cli *c, struct err *e)
{
    const cJSON *doc, *kpi;
    const char  *path =
        c->args > 1 ? arena_printf(&c->mem, "/api/v1/pilots/%s/kpis/%s", c->arg[0], c->arg[1])
                     : arena_printf(&c->mem, "/api/v1/pilots/%s/kpis", c->arg[0]);

    if (!ask(c, cli_target(c, path, "as_of", cli_opt(c, "as-of"), NULL), &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return 0;
    printf("%s, as of %s\n", text(doc, "pilot"), text(doc, "as_of"));
    cJSON_ArrayForEach (kpi, json_get(doc, "kpis"))
        print_kpi(kpi);
    return 0;
}

/* --- gate ------------------------------------------------------------------------- */

static void
print_criterion(const cJSON *k)
{
    char count[48] = "", target[32] = "";

    if (!cJSON_IsNull(json_get(k, "num")))
        snprintf(count, sizeof count, "%" PRId64 " of %" PRId64, number(k, "num"),
                 number(k, "den"));
    if (json_get(k, "target_e4"))
        snprintf(target, sizeof target, "target %" PRId64 ".%02" PRId64 " %%",
                 number(k, "target_e4") / 100, number(k, "target_e4") % 100);
    printf("  %-13s %-20s %-16s %-18s %s\n", text(k, "state"), text(k, "id"), count, target,
           text(k, "reason"));
}

static const struct {
    const char *verdict;
    int         code;
} verdicts[] = {
    { "GO", 0 },       { "GO_WITH_CONDITIONS", 10 }, { "NO_GO", 20 }, { "INCONCLUSIVE", 30 },
    { "INVALID", 40 },
};

int
cli_run_gate(struct cli *c, struct err *e)
{
    const cJSON *doc, *k;
    const char  *path = arena_printf(&c->mem, "/api/v1/pilots/%s/gate", c->arg[0]);

    if (!ask(c, cli_target(c, path, "as_of", cli_opt(c, "as-of"), NULL), &doc, e))
        return -1;
    if (!cli_opt(c, "json")) {
        const cJSON *rule = json_get(doc, "deciding_rule");

        printf("%s%s\n", text(doc, "verdict"),
               cJSON_IsFalse(json_get(doc, "final")) ? " (not final)" : "");
        printf("rule %" PRId64 ": %s\n          %s\n", number(rule, "number"),
               text(rule, "text_en"), text(rule, "text_it"));
        if (json_text(doc, "provisional"))
            printf("with today's data: %s\n", text(doc, "provisional"));
        cJSON_ArrayForEach (k, json_get(doc, "criteria"))
            print_criterion(k);
    }
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (strcmp(verdicts[i].verdict, text(doc, "verdict")) == 0)
            return verdicts[i].code;
    err_set(e, ERR_IO, "the service gave a verdict this program does not know");
    return -1;
}

/* --- sources, trace -------------------------------------------------------------------- */

static void
print_source(const cJSON *s)
{
    const cJSON *r;

    printf("%-18s %-16s %-16s %9" PRId64 " %9" PRId64 " %9" PRId64 " %9" PRId64 "  %s\n",
           text(s, "source"), text(s, "pilot"), text(s, "workspace"), number(s, "received"),
           number(s, "loaded"), number(s, "duplicates"), number(s, "quarantined"),
           text(s, "last_event"));
    cJSON_ArrayForEach (r, json_get(s, "reasons"))
        printf("%-72s %9" PRId64 "  %s\n", "", cJSON_IsNumber(r) ? (int64_t)r->valuedouble : 0,
               r->string);
}

int
cli_run_sources(struct cli *c, struct err *e)
{
    const cJSON *doc, *s;

    if (!ask(c, cli_target(c, "/api/v1/sources", "workspace", c->workspace, NULL), &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return 0;
    printf("%-18s %-16s %-16s %9s %9s %9s %9s  %s\n", "source", "pilot", "workspace", "received",
           "loaded", "repeats", "quarant.", "last event");
    cJSON_ArrayForEach (s, json_get(doc, "sources"))
        print_source(s);
    return 0;
}

int
cli_run_trace(struct cli *c, struct err *e)
{
    const cJSON *doc, *f, *one;
    const char  *target =
        cli_target(c, "/admin/trace", "event", c->arg[0], "workspace", c->workspace, NULL);

    if (!ask(c, target, &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return 0;
    cJSON_ArrayForEach (one, json_get(doc, "events")) {
        cJSON_ArrayForEach (f, one) {
            const char *v;
            size_t      n;

            if (cJSON_IsString(f))
                printf("%-16s %s\n", f->string, f->valuestring);
            else if (json_print(&c->mem, f, &v, &n, e))
                printf("%-16s %s\n", f->string, v);
        }
        printf("\n");
    }
    return 0;
}

/* --- chart ------------------------------------------------------------------------------- */

static int
chart_list(struct cli *c, struct err *e)
{
    const cJSON *doc, *row;
    const char  *path = arena_printf(&c->mem, "/api/v1/pilots/%s/charts", c->arg[0]);

    if (!cli_link(c, e) || !cli_ask_json(c, "GET", path, NULL, 0, &doc, e))
        return -1;
    cJSON_ArrayForEach (row, json_get(doc, "charts"))
        printf("%-16s %s\n", text(row, "id"), text(row, "title"));
    return 0;
}

static const char *
format_of(const struct cli *c)
{
    const char *format = cli_opt(c, "format"), *dot = strrchr(cli_opt(c, "out"), '.');

    if (format)
        return format;
    return dot && strcmp(dot, ".svg") == 0 ? "svg" : "png";
}

int
cli_run_chart(struct cli *c, struct err *e)
{
    struct outbound_answer a;

    if (cli_opt(c, "list"))
        return chart_list(c, e);
    if (c->args < 2 || !cli_opt(c, "out")) {
        err_set(e, ERR_INVALID, "collaudo chart PILOT CHART -o FILE; --list lists the charts");
        return -1;
    }
    const char *format = format_of(c);
    if (strcmp(format, "png") != 0 && strcmp(format, "svg") != 0) {
        err_set(e, ERR_INVALID, "--format is png or svg, not %s", format);
        return -1;
    }
    const char *path =
        arena_printf(&c->mem, "/api/v1/pilots/%s/charts/%s.%s", c->arg[0], c->arg[1], format);
    const char *target = cli_target(c, path, "theme", cli_opt(c, "theme"), "scale",
                                    cli_opt(c, "scale"), "width", cli_opt(c, "width"), "lang",
                                    cli_opt(c, "lang"), "as_of", cli_opt(c, "as-of"), NULL);
    if (!cli_link(c, e) || !cli_ask(c, "GET", target, NULL, NULL, 0, 0, &a, e) ||
        !cli_write(cli_opt(c, "out"), a.body, a.n, e))
        return -1;
    return 0;
}
