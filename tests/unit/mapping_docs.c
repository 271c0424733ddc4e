/* mapping_docs.c - the examples of docs/mapping.md do what the page says they do, and every
 * operator has one. */
#include "mapping_t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                       \
    "{\"mapping\":\"x\",\"version\":1,\"format\":\"json\",\"common\":{\"/id\":{\"const\":\"1\"},"
#define SET                                                                                        \
    "\"/source\":{\"const\":\"s\"},\"/type\":{\"const\":\"pilot.usage\"},\"/"                      \
    "time\":{\"const\":\"2026-03-02T09:00:00Z\"}"

static const char *const operators[] = {
    "const",  "first", "kv",   "map",  "bool", "time",  "concat", "lower", "string",
    "number", "split", "hash", "json", "list", "names", "diff",   "pick",  "kvobject"
};
#define OPERATORS (sizeof operators / sizeof *operators)

static bool shown[OPERATORS];

struct example {
    char                 *record, *expr, *when, *gives;
    char                 *fault[8];
    size_t                faults;
    struct mapping_header header[4];
    size_t                headers;
};

/* The lines "word  rest" of one fenced block; the text is cut up. */
static struct example
read_example(char *text)
{
    struct example x = { 0 };

    for (char *line = text, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        if (*next)
            *next++ = 0;
        char *rest = line + strcspn(line, " ");
        if (*rest)
            *rest++ = 0;
        rest += strspn(rest, " ");
        if (strcmp(line, "record") == 0)
            x.record = rest;
        else if (strcmp(line, "expr") == 0)
            x.expr = rest;
        else if (strcmp(line, "when") == 0)
            x.when = rest;
        else if (strcmp(line, "gives") == 0)
            x.gives = rest;
        else if (strcmp(line, "fault") == 0 && x.faults < 8)
            x.fault[x.faults++] = rest;
        else if (strcmp(line, "header") == 0 && x.headers < 4) {
            char *colon = strstr(rest, ": ");

            if (CHECK(colon != NULL)) {
                *colon = 0;
                x.header[x.headers++] = (struct mapping_header){ rest, colon + 2 };
            }
        } else {
            fprintf(stderr, "docs/mapping.md: unknown line \"%s\"\n", line);
            t_check(false, __FILE__, __LINE__, "a known line");
        }
    }
    return x;
}

static void
try_faults(const struct example *x, const char *doc, struct arena *mem)
{
    const struct mapping *m;
    struct mapping_faults faults;
    struct err            e = ERR_INIT;

    CHECK(!mapping_read(doc, strlen(doc), mem, &m, &faults, &e));
    CHECK_I(faults.n, x->faults);
    for (size_t i = 0; i < faults.n && i < x->faults; i++)
        CHECK_S(arena_printf(mem, "%s: %s", faults.list[i].pointer, faults.list[i].text),
                x->fault[i]);
}

static void
try_value(const struct example *x, const char *doc, struct arena *mem)
{
    const struct mapping  *m = t_mapping(doc, strlen(doc), mem);
    struct mapping_source  from = { .headers = x->header, .headers_n = x->headers };
    struct mapping_result *res;
    struct err             e = ERR_INIT;
    struct str             got;
    size_t                 n;

    if (!m || !CHECK(x->record && json_parse(mem, x->record, strlen(x->record), &from.record, &e)))
        return;
    mapping_apply(m, &from, mem, &res, &n);
    CHECK_I(n, 1);
    str_init(&got, mem);
    if (x->when) {
        str_add(&got, res->outcome == MAPPING_MADE ? "true" : "false");
    } else if (CHECK_I(res->outcome, MAPPING_MADE)) {
        const cJSON *v = json_at(res->event, "/data/properties/x");

        if (v)
            mapping_print(v, &got);
        else
            str_add(&got, "nothing");
    }
    CHECK_S(got.p, x->gives);
}

static void
try_example(char *text)
{
    struct example x = read_example(text);
    struct arena   mem;
    char          *doc;

    t_row = x.expr ? x.expr : x.when;
    arena_init(&mem, 16 << 20);
    for (size_t i = 0; x.expr && i < OPERATORS; i++)
        shown[i] |= strncmp(x.expr + 2, operators[i], strlen(operators[i])) == 0 &&
                    x.expr[2 + strlen(operators[i])] == '"';
    if (x.expr)
        doc = arena_printf(&mem, HEAD SET ",\"/data/properties/x\":%s},\"rules\":[{\"set\":{}}]}",
                           x.expr);
    else
        doc = arena_printf(&mem, HEAD SET "},\"rules\":[{\"when\":%s,\"set\":{}}]}", x.when);
    if (x.faults)
        try_faults(&x, doc, &mem);
    else
        try_value(&x, doc, &mem);
    arena_free(&mem);
    t_row = NULL;
}

/* The next block fenced with ```KIND; cuts it out of the page. */
static char *
next_block(char **page, const char *kind)
{
    char fence[32];

    snprintf(fence, sizeof fence, "\n```%s\n", kind);
    char *from = strstr(*page, fence), *end = from ? strstr(from + 4, "\n```") : NULL;
    if (!end)
        return NULL;
    *page = end + 4;
    end[1] = 0;
    return from + strlen(fence);
}

static void
test_examples(void)
{
    char *text = t_file("docs/mapping.md", NULL), *page = text, *block;
    int   n = 0;

    while ((block = next_block(&page, "mapping"))) {
        try_example(block);
        n++;
    }
    free(text);
    CHECK(n >= 30);
    for (size_t i = 0; i < OPERATORS; i++) {
        t_row = operators[i];
        CHECK(shown[i]);
    }
    t_row = NULL;
}

static void
test_whole_one(void)
{
    char        *text = t_file("docs/mapping.md", NULL), *page = text;
    char        *in = next_block(&page, "in"), *map = next_block(&page, "map");
    char        *out = next_block(&page, "out");
    struct arena mem;

    arena_init(&mem, 16 << 20);
    if (CHECK(in && map && out))
        t_same_lines(t_apply(t_mapping(map, strlen(map), &mem), in, strlen(in), NULL, 0, &mem),
                     out);
    arena_free(&mem);
    free(text);
}

int
main(void)
{
    T_RUN(test_examples);
    T_RUN(test_whole_one);
    return t_end();
}
