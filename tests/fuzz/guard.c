/* guard.c - fuzz target: the head of a request, and its path and query.
 *
 * The input is a head as it stands on the wire. It is cut here as the library cuts it when all
 * is well; what the guard then takes is looked at with rules written a second time. */
#include "fuzz.h"

#include "http_int.h"

#include <string.h>
#include <strings.h>

#define MOST_FIELDS 120

struct cut {
    char             *text;
    size_t            n;
    struct http_field field[MOST_FIELDS];
    struct http_head  head;
};

/* Ends the text at the next `end` and goes behind it; NULL when there is none. */
static char *
upto(struct cut *c, char **at, const char *end)
{
    size_t len = strlen(end);
    char  *from = *at, *hit = memmem(from, (size_t)(c->text + c->n - from), end, len);

    if (!hit)
        return NULL;
    memset(hit, 0, len);
    *at = hit + len;
    return from;
}

static bool
cut_fields(struct cut *c, char *at)
{
    while (c->head.n < MOST_FIELDS) {
        char *line = upto(c, &at, "\r\n");

        if (!line)
            return false;
        if (!*line) {
            c->head.bytes = (size_t)(at - c->text);
            return true;
        }
        struct http_field *f = &c->field[c->head.n++];
        char              *colon = strchr(line, ':');

        if (!colon)
            return false;
        *colon = 0;
        f->name = line;
        f->name_n = (size_t)(colon - line);
        f->value = colon + 1 + strspn(colon + 1, " \t");
        f->value_n = strlen(f->value);
        if (f->value == colon + 1 && !f->value_n)
            f->value_n = 0;
    }
    return false;
}

static bool
cut_head(struct cut *c)
{
    char *at = c->text;

    c->head.field = c->field;
    c->head.method = upto(c, &at, " ");
    c->head.target = c->head.method ? upto(c, &at, " ") : NULL;
    c->head.version = c->head.target ? upto(c, &at, "\r\n") : NULL;
    if (!c->head.version)
        return false;
    c->head.target_n = strlen(c->head.target);
    return cut_fields(c, at);
}

static size_t
times(const struct http_head *h, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < h->n; i++)
        n += h->field[i].name_n == strlen(name) &&
             strncasecmp(h->field[i].name, name, h->field[i].name_n) == 0;
    return n;
}

/* Two parsers read such a head alike. */
static void
is_plain(const struct http_head *h, const struct http_framing *f)
{
    FUZZ_MUST(times(h, "Content-Length") <= 1 && times(h, "Transfer-Encoding") <= 1);
    FUZZ_MUST(!times(h, "Content-Length") || !times(h, "Transfer-Encoding"));
    FUZZ_MUST(f->chunked == (times(h, "Transfer-Encoding") == 1));
    FUZZ_MUST(times(h, "Host") <= 1 && h->n <= HTTP_MAX_FIELDS);
    for (size_t i = 0; i < h->n; i++) {
        FUZZ_MUST(http_is_token(h->field[i].name, h->field[i].name_n));
        for (size_t k = 0; k < h->field[i].value_n; k++) {
            unsigned char ch = (unsigned char)h->field[i].value[k];

            FUZZ_MUST(ch == '\t' || (ch >= ' ' && ch != 127));
        }
    }
}

static void
target(const char *raw)
{
    struct arena       mem;
    struct err         e = ERR_INIT;
    struct http_target t;

    arena_init(&mem, 1u << 20);
    if (http_target_read(&mem, raw, &t, &e)) {
        FUZZ_MUST(t.segments <= HTTP_MAX_SEGMENTS && t.query_n <= HTTP_MAX_QUERY);
        for (size_t i = 0; i < t.segments; i++)
            FUZZ_MUST(t.segment[i]);
    }
    arena_free(&mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct cut c = { .text = malloc(n + 1), .n = n };

    fuzz_once();
    FUZZ_MUST(c.text);
    memcpy(c.text, data, n);
    c.text[n] = 0;
    if (cut_head(&c)) {
        enum http_method    m;
        struct http_framing f = { .length = 0 };
        struct err          e = ERR_INIT;

        if (http_guard_layout(&c.head) && http_guard(&c.head, &m, &f, &e))
            is_plain(&c.head, &f);
        target(c.head.target);
    }
    free(c.text);
    return 0;
}
