/* kpipack.c - build-time program: the metadata of sql/kpi/, packed into C or written for people.
 *
 *   kpipack c  OUT.c  FILE...      kpi_defs[] for kpi.h
 *   kpipack md OUT.md FILE...      docs/kpis.md
 *
 * A file opens with ten keys, `-- key: text`, each exactly once, closed by an empty comment
 * line `--`. Then follow, for people only, `-- formula: text` once and `-- edge: text` at least
 * once. A line indented by two or more continues the text above it. Anything else ends the
 * build with file and line. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum key {
    TITLE_IT,
    TITLE_EN,
    QUESTION,
    UNIT,
    BETTER,
    MIN_DEN,
    NEEDS,
    CAVEAT,
    VERSION,
    WINDOW,
    KEYS
};
#define MOST_EDGES 12

/* clang-format off */
static const char *const key_name[KEYS] = {
    "title.it", "title.en", "question", "unit", "better", "min_den", "needs", "caveat", "version", "window",
};
/* What a key may say and its name in kpi.h; no rows: any text. */
static const struct word { enum key key; const char *text, *symbol, *in_words; } words[] = {
    { UNIT,   "people",  "KPI_PEOPLE",  "people; small groups are protected" },
    { UNIT,   "events",  "KPI_EVENTS",  "events, records or files" },
    { UNIT,   "periods", "KPI_PERIODS", "hours or days of a source" },
    { BETTER, "higher",  "KPI_HIGHER",  "higher" },
    { BETTER, "lower",   "KPI_LOWER",   "lower" },
    { WINDOW, "week",    "KPI_WEEK",    "a point per ISO week" },
    { WINDOW, "pilot",   "KPI_PILOT",   "one point, over the window up to the cut" },
    { WINDOW, "cohort",  "KPI_COHORT",  "a point per week of first use" },
};
/* clang-format on */

struct text {
    char   p[2000];
    size_t n;
    int    line; /* where it began; 0: not there */
};

struct kpi {
    char        id[64];
    struct text key[KEYS], formula, edge[MOST_EDGES];
    int         edges;
};

static _Noreturn void
fail(const char *path, int line, const char *what, const char *which)
{
    fprintf(stderr, "%s:%d: %s%s\n", path, line, what, which);
    exit(1);
}

static void
add(struct text *t, const char *p, const char *path, int line)
{
    size_t n = strlen(p);

    while (n && isspace((unsigned char)p[n - 1]))
        n--;
    if (!n)
        fail(path, line, "nothing is said here", "");
    if (t->n + n + 2 > sizeof t->p)
        fail(path, line, "too long a text", "");
    if (t->n)
        t->p[t->n++] = ' ';
    else
        t->line = line;
    memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = 0;
}

static int
key_of(const char *name, size_t n)
{
    for (int k = 0; k < KEYS; k++)
        if (strlen(key_name[k]) == n && memcmp(key_name[k], name, n) == 0)
            return k;
    return -1;
}

/* Where the text of `-- name: text` goes. */
static struct text *
place(struct kpi *k, const char *name, size_t n, bool in_keys, const char *path, int line)
{
    int  key = key_of(name, n);
    char shown[64];
    bool is_edge = n == 4 && memcmp(name, "edge", 4) == 0;
    bool is_formula = n == 7 && memcmp(name, "formula", 7) == 0;

    snprintf(shown, sizeof shown, "%.*s", (int)n, name);
    if (in_keys && key >= 0) {
        if (k->key[key].line)
            fail(path, line, "said twice: ", shown);
        return &k->key[key];
    }
    if (in_keys)
        fail(path, line, "unknown key: ", shown);
    if (is_formula && !k->formula.line)
        return &k->formula;
    if (is_edge && k->edges < MOST_EDGES)
        return &k->edge[k->edges++];
    fail(path, line, "after the keys stand one formula and some edges, not: ", shown);
}

static const struct word *
word_of(const struct kpi *k, enum key key)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].key == key && strcmp(words[i].text, k->key[key].p) == 0)
            return &words[i];
    return NULL;
}

static void
check(const struct kpi *k, const char *path, int line)
{
    for (int key = 0; key < KEYS; key++) {
        const struct text *t = &k->key[key];
        bool               number = key == MIN_DEN || key == VERSION;

        if (!t->line)
            fail(path, line, "missing key: ", key_name[key]);
        if (number && (strspn(t->p, "0123456789") != t->n || t->n > 6 || t->p[0] == '0'))
            fail(path, t->line, "a whole number from 1 on: ", key_name[key]);
        if ((key == UNIT || key == BETTER || key == WINDOW) && !word_of(k, (enum key)key))
            fail(path, t->line, "not one of its words: ", key_name[key]);
        if (key == NEEDS && strspn(t->p, "abcdefghijklmnopqrstuvwxyz_ ") != t->n)
            fail(path, t->line, "event types, separated by blanks: ", key_name[key]);
    }
    if (!k->formula.line || !k->edges)
        fail(path, line, "missing: ", k->formula.line ? "edge" : "formula");
}

static void
id_of(const char *path, char *id, size_t size)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t      n = strlen(name);

    if (n < 5 || n - 4 >= size || strcmp(name + n - 4, ".sql") != 0 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n - 4)
        fail(path, 1, "the name of a KPI is [a-z0-9_]+.sql", "");
    memcpy(id, name, n - 4);
    id[n - 4] = 0;
}

/* One line of the head, without its "--". */
static void
take_line(struct kpi *k, const char *p, struct text **at, bool in_keys, const char *path, int line)
{
    const char *colon = strchr(p, ':');

    if (p[0] == ' ' && p[1] == ' ') {
        if (!*at)
            fail(path, line, "continues nothing", "");
        add(*at, p + strspn(p, " "), path, line);
        return;
    }
    if (p[0] != ' ' || !colon)
        fail(path, line, "should be `-- key: text`", "");
    *at = place(k, p + 1, (size_t)(colon - p - 1), in_keys, path, line);
    add(*at, colon + 1 + strspn(colon + 1, " "), path, line);
}

static void
read_kpi(const char *path, struct kpi *k)
{
    FILE        *f = fopen(path, "rb");
    char         buf[1000];
    bool         in_keys = true;
    struct text *at = NULL;
    int          line = 0;

    memset(k, 0, sizeof *k);
    id_of(path, k->id, sizeof k->id);
    if (!f)
        fail(path, 0, "cannot be read", "");
    while (fgets(buf, sizeof buf, f) && strncmp(buf, "--", 2) == 0) {
        line++;
        if (!strchr(buf, '\n'))
            fail(path, line, "too long a line", "");
        if (strcmp(buf, "--\n") == 0) {
            in_keys = false;
            at = NULL;
        } else {
            take_line(k, buf + 2, &at, in_keys, path, line);
        }
    }
    fclose(f);
    check(k, path, line + 1);
}

/* --- C --------------------------------------------------------------------------- */

static void
put_string(FILE *out, const char *p)
{
    fputc('"', out);
    for (; *p; p++)
        fprintf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    fputc('"', out);
}

static void
put_c(FILE *out, const struct kpi *k)
{
    static const enum key    texts[] = { TITLE_IT, TITLE_EN, QUESTION, NEEDS, CAVEAT };
    static const char *const member[] = { "title_it", "title_en", "question", "needs", "caveat" };

    fprintf(out, "    { .id = \"%s\", .stmt = &sql_kpi_%s,\n", k->id, k->id);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fprintf(out, "      .%s = ", member[i]);
        bool any = texts[i] == NEEDS && strcmp(k->key[NEEDS].p, "any") == 0;
        put_string(out, any ? "" : k->key[texts[i]].p);
        fprintf(out, ",\n");
    }
    fprintf(out, "      .unit = %s, .better = %s, .window = %s, .min_den = %s, .version = %s },\n",
            word_of(k, UNIT)->symbol, word_of(k, BETTER)->symbol, word_of(k, WINDOW)->symbol,
            k->key[MIN_DEN].p, k->key[VERSION].p);
}

static const char c_head[] = "/* generated by kpipack from sql/kpi/: do not edit */\n"
                             "#include \"collaudo/kpi.h\"\n\n#include \"sql_gen.h\"\n\n"
                             "const struct kpi_def kpi_defs[] = {\n";
static const char c_tail[] = "};\nconst size_t kpi_defs_n = sizeof kpi_defs / sizeof *kpi_defs;\n";

/* --- Markdown ---------------------------------------------------------------------- */

static void
put_md(FILE *out, const struct kpi *k)
{
    fprintf(out, "\n## `%s`: %s\n\n*%s*\n\n", k->id, k->key[TITLE_EN].p, k->key[QUESTION].p);
    fprintf(out, "**Formula.** %s\n\n", k->formula.p);
    fprintf(out,
            "| title in Italian | counts | window | better | no value below | reads | version |\n"
            "|---|---|---|---|---|---|---|\n| %s | %s | %s | %s | den %s | %s | %s |\n\n",
            k->key[TITLE_IT].p, word_of(k, UNIT)->in_words, word_of(k, WINDOW)->in_words,
            k->key[BETTER].p, k->key[MIN_DEN].p, k->key[NEEDS].p, k->key[VERSION].p);
    fprintf(out, "**Edge cases.**\n\n");
    for (int i = 0; i < k->edges; i++)
        fprintf(out, "* %s\n", k->edge[i].p);
    fprintf(out, "\n**What it does not say.** %s\n", k->key[CAVEAT].p);
}

static const char md_head[] =
    "# KPIs: what each number means\n\n"
    "Written by the build from the heads of `sql/kpi/*.sql` (`ninja docs`); do not edit.\n\n"
    "Every KPI gives whole numbers `num` and `den` per week, subject (a team, or `*` for the "
    "whole\n"
    "pilot) and part. The value is num / den and has no value while den is below its minimum.\n"
    "Weeks are ISO weeks of the pilot's time zone; figures are cut at the last local midnight;\n"
    "weeks are pooled by adding num and den. `excluded` is what was left out of both, by the edge\n"
    "cases below. Figures about people pass the filter for small groups before anybody sees them\n"
    "(`include/collaudo/kpi.h` says how).\n";

int
main(int argc, char **argv)
{
    static struct kpi k;

    if (argc < 4 || (strcmp(argv[1], "c") != 0 && strcmp(argv[1], "md") != 0)) {
        fprintf(stderr, "usage: kpipack c|md OUT FILE...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) /* first all of it: a bad file leaves no half output behind */
        read_kpi(argv[i], &k);
    bool  md = strcmp(argv[1], "md") == 0;
    FILE *out = fopen(argv[2], "w");
    if (!out) {
        perror(argv[2]);
        return 1;
    }
    fputs(md ? md_head : c_head, out);
    for (int i = 3; i < argc; i++) {
        read_kpi(argv[i], &k);
        (md ? put_md : put_c)(out, &k);
    }
    fputs(md ? "" : c_tail, out);
    return fclose(out) != 0;
}
