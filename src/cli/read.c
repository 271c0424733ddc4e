/* read.c - kpi, gate, sources, trace, chart: what is read. */
#include "cli_int.h"

#include "collaudo/gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LEAST_WIDTH 200 /* of a picture, in points */
#define MOST_WIDTH 2000

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

    c->looks_only = true;
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
    const char *band = text(p, "band"), *bound = "";

    if (strcmp(band, kpi_band_name(KPI_BAND_LOW)) == 0)
        bound = "<=";
    else if (strcmp(band, kpi_band_name(KPI_BAND_HIGH)) == 0)
        bound = ">=";
    if (cJSON_IsTrue(json_get(p, "no_data")))
        printf("%12s", "no data");
    else if (cJSON_IsNull(json_get(p, "num")))
        printf("%12s", "not shown");
    else
        printf("%s%5" PRId64 " / %-5" PRId64, bound, number(p, "num"), number(p, "den"));
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
    const char  *path = cli_path(c, "/api/v1/pilots/", c->arg[0], "/kpis", NULL);

    if (c->args > 1)
        path = cli_path(c, path, "", "/", c->arg[1], NULL);

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

int
cli_run_gate(struct cli *c, struct err *e)
{
    enum gate_verdict verdict;
    const cJSON      *doc, *k;
    const char       *path = cli_path(c, "/api/v1/pilots/", c->arg[0], "/gate", NULL);

    if (!ask(c, cli_target(c, path, "as_of", cli_opt(c, "as-of"), NULL), &doc, e))
        return -1;
    if (!cli_opt(c, "json")) {
        const cJSON *rule = json_get(doc, "deciding_rule");

        printf("%s%s\n", text(doc, "verdict"),
               cJSON_IsFalse(json_get(doc, "final")) ? " (not final)" : "");
        printf("%s\n%s\n", text(rule, "text_en"), text(rule, "text_it"));
        if (json_text(doc, "provisional"))
            printf("with today's data: %s\n", text(doc, "provisional"));
        cJSON_ArrayForEach (k, json_get(doc, "criteria"))
            print_criterion(k);
    }
    if (gate_verdict_find(text(doc, "verdict"), &verdict))
        return gate_verdict_exit(verdict);
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
    if (json_text(s, "silent_since"))
        printf("  silent since %s%s%s\n", text(s, "silent_since"),
               *text(s, "owner") ? "; ask " : "", text(s, "owner"));
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
    const char  *path = cli_path(c, "/api/v1/pilots/", c->arg[0], "/charts", NULL);

    if (!cli_no_opts(c, "--list", e, "out", "format", "theme", "scale", "width", "as-of", NULL))
        return -1;
    if (c->args > 1) {
        err_set(e, ERR_INVALID, "--list lists every chart of %s: leave %s away", c->arg[0],
                c->arg[1]);
        return -1;
    }
    if (!ask(c, cli_target(c, path, "lang", cli_opt(c, "lang"), NULL), &doc, e))
        return -1;
    if (cli_opt(c, "json"))
        return 0;
    cJSON_ArrayForEach (row, json_get(doc, "charts"))
        printf("%-16s %s\n", text(row, "id"), text(row, "title"));
    return 0;
}

/* By --format, else by the file's name; NULL with *e. */
static const char *
format_of(const struct cli *c, struct err *e)
{
    const char *format = cli_opt(c, "format"), *out = cli_opt(c, "out"), *dot = strrchr(out, '.');

    if (format)
        return format;
    if (strcmp(out, "-") == 0 || (dot && strcmp(dot, ".png") == 0))
        return "png";
    if (dot && strcmp(dot, ".svg") == 0)
        return "svg";
    err_set(e, ERR_INVALID, "%s ends neither in .png nor in .svg: say --format png|svg", out);
    return NULL;
}

/* The service draws the nearest size it can; a person is told which there are. */
static bool
check_width(const struct cli *c, struct err *e)
{
    const char *text = cli_opt(c, "width");
    int64_t     n;

    return !text || (str_int(text, &n) && n >= LEAST_WIDTH && n <= MOST_WIDTH) ||
           err_set(e, ERR_INVALID, "--width is %d to %d, not %s", LEAST_WIDTH, MOST_WIDTH, text);
}

static const char *
chart_target(struct cli *c, struct err *e)
{
    const char *format = format_of(c, e);

    if (!format || !check_width(c, e) || !cli_no_opts(c, "a chart", e, "json", NULL) ||
        (*format == 's' && !cli_no_opts(c, "an SVG", e, "scale", NULL)))
        return NULL;
    const char *path =
        cli_path(c, "/api/v1/pilots/", c->arg[0], "/charts/", c->arg[1], ".", format, NULL);
    return cli_target(c, path, "theme", cli_opt(c, "theme"), "scale", cli_opt(c, "scale"), "width",
                      cli_opt(c, "width"), "lang", cli_opt(c, "lang"), "as_of", cli_opt(c, "as-of"),
                      NULL);
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
    const char *target = chart_target(c, e);
    if (!target || !cli_link(c, e) || !cli_ask(c, "GET", target, NULL, NULL, 0, 0, &a, e) ||
        !cli_write(cli_opt(c, "out"), a.body, a.n, e))
        return -1;
    return 0;
}
