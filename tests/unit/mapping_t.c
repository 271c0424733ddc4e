/* mapping_t.c - helpers of the tests of mapping. See mapping_t.h. */
#include "mapping_t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct mapping *
t_mapping(const char *text, size_t n, struct arena *mem)
{
    const struct mapping *m = NULL;
    struct mapping_faults faults;
    struct err            e = ERR_INIT;

    if (CHECK(mapping_read(text, n, mem, &m, &faults, &e)))
        return m;
    fprintf(stderr, "%s\n", e.text);
    for (size_t i = 0; i < faults.n; i++)
        fprintf(stderr, "  %s: %s\n", faults.list[i].pointer, faults.list[i].text);
    return NULL;
}

static void
add_fault(struct str *out, const struct event_fault *f, size_t index)
{
    str_addf(out, "{\"rejected\":\"%s\",\"pointer\":", event_drop_name(f->why));
    str_json(out, f->pointer);
    str_addf(out, ",\"index\":%zu}\n", index);
}

typedef void line_fn(struct str *, const struct mapping_result *, size_t, struct arena *, void *);

static char *
all(const struct mapping *m, const char *body, size_t n, const struct mapping_header *headers,
    size_t headers_n, struct arena *mem, line_fn *fn, void *with)
{
    struct mapping_reader *r;
    struct mapping_record  rec;
    struct str             out;
    struct err             e = ERR_INIT;
    struct arena           sub;

    str_init(&out, mem);
    if (!m || !mapping_open(m, body, n, headers, headers_n, mem, &r, &e)) {
        str_addf(&out, "unreadable: %s\n", e.text);
        return out.p;
    }
    arena_init(&sub, 64 << 20);
    while (mapping_next(r, &sub, &rec)) {
        CHECK(!sub.denied);
        for (size_t i = 0; i < rec.n; i++) {
            const struct mapping_result *res = &rec.results[i];

            if (res->outcome == MAPPING_REFUSED)
                add_fault(&out, &res->fault, rec.index);
            else if (res->outcome == MAPPING_DROPPED)
                str_addf(&out, "{\"dropped\":\"%s\",\"index\":%zu}\n", res->rule, rec.index);
            else
                fn(&out, res, rec.index, &sub, with);
        }
        arena_reset(&sub);
    }
    arena_free(&sub);
    return out.p;
}

static void
canonical_line(struct str *out, const struct mapping_result *res, size_t index, struct arena *mem,
               void *with)
{
    (void)index;
    (void)mem;
    (void)with;
    mapping_print(res->event, out);
    str_addc(out, '\n');
}

char *
t_apply(const struct mapping *m, const char *body, size_t n, const struct mapping_header *headers,
        size_t headers_n, struct arena *mem)
{
    return all(m, body, n, headers, headers_n, mem, canonical_line, NULL);
}

static void
event_line(struct str *out, const struct mapping_result *res, size_t index, struct arena *mem,
           void *with)
{
    struct event_defaults d = { .source = event_text(with) };
    struct event          ev;
    struct event_fault    why;

    if (!mapping_event(res, &d, T_NOW, mem, &ev, &why)) {
        add_fault(out, &why, index);
        return;
    }
    str_addf(out, "{\"user\":");
    str_jsonn(out, ev.user.p ? ev.user.p : "", ev.user.n);
    str_addc(out, ',');
    size_t at = out->n;
    event_print(&ev, out);
    memmove(out->p + at, out->p + at + 1, out->n - at); /* its opening brace */
    out->n--;
    if (ev.sent) {
        out->n--;
        str_add(out, ",\"sent\":");
        mapping_print(ev.sent, out);
        str_addc(out, '}');
    }
    str_addc(out, '\n');
}

char *
t_events(const struct mapping *m, const char *body, size_t n, const struct mapping_header *headers,
         size_t headers_n, const char *source, struct arena *mem)
{
    return all(m, body, n, headers, headers_n, mem, event_line, (void *)(uintptr_t)source);
}

size_t
t_headers(const char *path, struct arena *mem, const struct mapping_header **ret)
{
    struct mapping_header *h;
    const cJSON           *doc, *c;
    struct err             e = ERR_INIT;
    size_t                 n = 0, len;

    *ret = NULL;
    if (access(path, R_OK) != 0)
        return 0;
    char *raw = t_file(path, &len), *text = arena_strndup(mem, raw, len);
    free(raw);
    if (!CHECK(json_parse(mem, text, len, &doc, &e)))
        return 0;
    h = arena_new(mem, struct mapping_header, 32);
    cJSON_ArrayForEach (c, doc)
        h[n++] = (struct mapping_header){ c->string, c->valuestring };
    *ret = h;
    return n;
}

char *
t_sample(const char *dir, const char *name, size_t *ret_n)
{
    static const char *const suffix[] = { "json", "ndjson", "csv" };
    char                     path[512];

    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", dir, name, suffix[i]);
        if (access(path, R_OK) == 0)
            return t_file(path, ret_n);
    }
    return NULL;
}

void
t_same_lines(const char *got, const char *want)
{
    const char *row = t_row;
    size_t      line = 1;

    while (*got || *want) {
        size_t g = strcspn(got, "\n"), w = strcspn(want, "\n");

        if (g != w || memcmp(got, want, g) != 0) {
            fprintf(stderr, "%s, line %zu:\n  got    %.*s\n  wanted %.*s\n", row ? row : "", line,
                    (int)g, got, (int)w, want);
            t_check(false, __FILE__, __LINE__, "the lines agree");
        } else {
            CHECK(g == w);
        }
        got += g + (got[g] == '\n');
        want += w + (want[w] == '\n');
        line++;
    }
}
