/* mapping.c - worked mappings give exactly their expected results: those that came with the
 * test vectors, and those that are shipped. */
#include "mapping_t.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VECTORS "tests/data/mapping/vectors"
#define OURS "tests/data/mapping"

/* The vectors name two refusals in words of their own, and say nothing of the place. */
static char *
in_vector_words(const char *lines, struct arena *mem)
{
    struct str out;

    str_init(&out, mem);
    while (*lines) {
        size_t      n = strcspn(lines, "\n");
        char       *line = arena_strndup(mem, lines, n);
        const char *index = strstr(line, ",\"index\":");

        if (strncmp(line, "{\"rejected\":\"bad_time\"", 22) == 0)
            str_addf(&out, "{\"rejected\":\"missing_or_invalid_time\"%s\n", index);
        else if (strncmp(line, "{\"rejected\":\"not_json\"", 22) == 0)
            str_addf(&out, "{\"rejected\":\"malformed_json\"%s\n", index);
        else
            str_addf(&out, "%s\n", line);
        lines += n + (lines[n] == '\n');
    }
    return out.p;
}

static void
try_vector(const char *name, const char *map, size_t map_n)
{
    struct arena                 mem;
    const struct mapping_header *h;
    char                         path[512];
    size_t                       n;

    arena_init(&mem, 64 << 20);
    snprintf(path, sizeof path, VECTORS "/samples/%s.headers.json", name);
    size_t h_n = t_headers(path, &mem, &h);
    char  *sample = t_sample(VECTORS "/samples", name, &n);
    snprintf(path, sizeof path, VECTORS "/expected/%s.ndjson", name);
    char *want = t_file(path, NULL);
    if (CHECK(sample != NULL)) {
        char *got = t_apply(t_mapping(map, map_n, &mem), sample, n, h, h_n, &mem);

        t_same_lines(in_vector_words(got, &mem), want);
    }
    free(sample);
    free(want);
    arena_free(&mem);
}

static void
test_vectors(void)
{
    DIR           *d = opendir(VECTORS "/maps");
    struct dirent *e;
    int            seen = 0;

    while (d && (e = readdir(d))) {
        char   path[512], name[256];
        size_t n;

        snprintf(name, sizeof name, "%s", e->d_name);
        char *dot = strrchr(name, '.');
        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        *dot = 0;
        t_row = name;
        snprintf(path, sizeof path, VECTORS "/maps/%s.json", name);
        char *map = t_file(path, &n);
        try_vector(name, map, n);
        free(map);
        t_row = name;
        const struct mapping_text *ours = mapping_shipped(name);
        if (CHECK(ours != NULL)) /* ours of that name must not do worse */
            try_vector(name, ours->text, ours->n);
        seen++;
    }
    t_row = NULL;
    if (d)
        closedir(d);
    CHECK_I(seen, 10);
}

/* --- what is shipped ------------------------------------------------------------------------ */

static void
try_shipped(const struct mapping_text *t)
{
    struct arena                 mem;
    const struct mapping_header *h;
    char                         path[512];
    size_t                       n;

    arena_init(&mem, 64 << 20);
    const struct mapping *m = t_mapping(t->text, t->n, &mem);
    if (m) {
        CHECK_S(mapping_name(m), t->name);
        CHECK(mapping_version(m) >= 1);
        CHECK(mapping_shipped(t->name) == t);
    }
    snprintf(path, sizeof path, OURS "/samples/%s.headers.json", t->name);
    size_t h_n = t_headers(path, &mem, &h);
    char  *sample = t_sample(OURS "/samples", t->name, &n);
    snprintf(path, sizeof path, OURS "/expected/%s.ndjson", t->name);
    char *want = t_file(path, NULL);
    if (CHECK(sample != NULL))
        t_same_lines(t_apply(m, sample, n, h, h_n, &mem), want);
    free(sample);
    free(want);
    arena_free(&mem);
}

static void
test_shipped(void)
{
    for (size_t i = 0; i < mapping_texts_n; i++) {
        t_row = mapping_texts[i].name;
        try_shipped(&mapping_texts[i]);
        CHECK(!i || strcmp(mapping_texts[i - 1].name, mapping_texts[i].name) < 0);
    }
    t_row = NULL;
    CHECK_I(mapping_texts_n, 17);
    CHECK(!mapping_shipped("crm"));
    CHECK(!mapping_shipped(""));
}

int
main(void)
{
    T_RUN(test_vectors);
    T_RUN(test_shipped);
    return t_end();
}
