/* csv.c - one row of CSV off the front of a window. See mapping_csv.h. */
#include "collaudo/mapping_csv.h"

#include <string.h>

void
mapping_csv_init(struct mapping_csv *c, char delimiter, enum mapping_encoding encoding)
{
    *c = (struct mapping_csv){ .delimiter = delimiter, .encoding = encoding, .line = 1 };
}

static bool
is_end(char b)
{
    return b == '\n' || b == '\r';
}

/* Counts the lines that n bytes end; a CRLF that is cut in two counts once. */
static void
advance(struct mapping_csv *c, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        c->line += is_end(p[i]) && !(p[i] == '\n' && c->after_cr);
        c->after_cr = p[i] == '\r';
    }
}

/* --- where the row ends ------------------------------------------------------------------ */

enum state { AT_START, PLAIN, QUOTED, AFTER_QUOTE };
enum shape { SOUND, OPEN, BAD_QUOTE, UNCLOSED, TOO_LONG };

/* Walks over one row. *ret_n: its bytes without the line's end. */
static enum shape
scan(const struct mapping_csv *c, const char *p, size_t n, bool last, size_t *ret_n)
{
    enum state s = AT_START;
    size_t     i = 0;

    for (; i < n && i < MAPPING_CSV_MAX_ROW; i++) {
        if (s == QUOTED) {
            s = p[i] == '"' ? AFTER_QUOTE : QUOTED;
        } else if (p[i] == '"') {
            if (s == PLAIN)
                return BAD_QUOTE;
            s = QUOTED; /* an opening one, or the second of a doubled one */
        } else if (p[i] == c->delimiter) {
            s = AT_START;
        } else if (is_end(p[i])) {
            *ret_n = i;
            return SOUND;
        } else if (s == AFTER_QUOTE) {
            return BAD_QUOTE;
        } else {
            s = PLAIN;
        }
    }
    if (i == MAPPING_CSV_MAX_ROW)
        return TOO_LONG;
    if (!last)
        return OPEN;
    *ret_n = n;
    return s == QUOTED ? UNCLOSED : SOUND;
}

/* --- texts ------------------------------------------------------------------------------------ */

/* Windows-1252 from 0x80 to 0x9f; 0: not used. */
static const uint16_t cp1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static char *
put_utf8(char *out, unsigned u)
{
    if (u < 0x80) {
        *out++ = (char)u;
    } else if (u < 0x800) {
        *out++ = (char)(0xc0 | (u >> 6));
        *out++ = (char)(0x80 | (u & 0x3f));
    } else {
        *out++ = (char)(0xe0 | (u >> 12));
        *out++ = (char)(0x80 | ((u >> 6) & 0x3f));
        *out++ = (char)(0x80 | (u & 0x3f));
    }
    return out;
}

/* NULL: a byte that is no letter. */
static const char *
to_utf8(enum mapping_encoding encoding, const char *p, size_t n, struct arena *mem, size_t *ret_n)
{
    char *text, *out;

    if (memchr(p, 0, n))
        return NULL;
    if (encoding == MAPPING_UTF8) {
        *ret_n = n;
        return str_is_utf8(p, n) ? p : NULL;
    }
    out = text = arena_alloc(mem, 3 * n + 1);
    for (size_t i = 0; text && i < n; i++) {
        unsigned u = (unsigned char)p[i];

        if (u >= 0x80 && u < 0xa0) /* in ISO 8859-1 these are control characters: a mistake */
            u = encoding == MAPPING_WINDOWS_1252 ? cp1252[u - 0x80] : 0;
        if (!u)
            return NULL;
        out = put_utf8(out, u);
    }
    *ret_n = text ? (size_t)(out - text) : 0;
    return text;
}

/* The field without its quotes, doubled ones undone. */
static const char *
unquote(const char *p, size_t n, struct arena *mem, size_t *ret_n)
{
    bool   quoted = n && *p == '"';
    char  *text = arena_alloc(mem, n + 1);
    size_t out = 0;

    if (!text)
        return NULL;
    if (!quoted) {
        memcpy(text, p, n);
        *ret_n = n;
        return text;
    }
    for (size_t i = 1; i + 1 < n; i++) {
        text[out++] = p[i];
        i += p[i] == '"';
    }
    text[out] = 0;
    *ret_n = out;
    return text;
}

static size_t
field_len(char delimiter, const char *p, size_t n)
{
    bool   inside = false;
    size_t i = 0;

    for (; i < n && (inside || p[i] != delimiter); i++)
        inside ^= p[i] == '"';
    return i;
}

static size_t
count_fields(char delimiter, const char *p, size_t n)
{
    size_t count = 1;

    for (size_t i = field_len(delimiter, p, n); i < n;
         i += 1 + field_len(delimiter, p + i + 1, n - i - 1))
        count++;
    return count;
}

static enum mapping_csv_got
bad(struct mapping_csv_row *row, enum event_drop why, const char *detail)
{
    row->why = why;
    row->detail = detail ? detail : "";
    row->field = NULL;
    row->n = 0;
    return MAPPING_CSV_FAULT;
}

static enum mapping_csv_got
cut(const struct mapping_csv *c, struct arena *mem, struct mapping_csv_row *row)
{
    const char *p = row->raw.p, *end = p + row->raw.n;
    size_t      n = count_fields(c->delimiter, p, row->raw.n);

    if (n > MAPPING_CSV_MAX_COLUMNS)
        return bad(row, EVENT_TOO_LARGE, "the row has more than 1000 columns");
    if (c->columns && n != c->columns)
        return bad(row, EVENT_NOT_OBJECT,
                   arena_printf(mem, "the row has %zu columns, its head row %u", n, c->columns));
    if (!(row->field = arena_new(mem, struct event_text, n)))
        return bad(row, EVENT_TOO_LARGE, NULL);
    for (row->n = 0; row->n < n; row->n++) {
        size_t             len = field_len(c->delimiter, p, (size_t)(end - p));
        struct event_text *f = &row->field[row->n];
        const char        *clean = unquote(p, len, mem, &f->n);

        f->p = clean ? to_utf8(c->encoding, clean, f->n, mem, &f->n) : NULL;
        if (!f->p)
            return bad(row, EVENT_BAD_UNICODE,
                       arena_printf(mem, "column %zu has bytes that the encoding has no letter for",
                                    row->n + 1));
        p += len + (p + len < end);
    }
    return MAPPING_CSV_ROW;
}

/* --- one row ------------------------------------------------------------------------------------
 */

/* Bytes of the byte-order mark; *ret_bad when the text is not in the encoding it should be. */
static size_t
mark(const struct mapping_csv *c, const char *p, size_t n, const char **ret_bad)
{
    *ret_bad = NULL;
    if (n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0)) {
        *ret_bad = "the text is UTF-16: save it as UTF-8";
        return 2;
    }
    if (n < 3 || memcmp(p, "\xef\xbb\xbf", 3) != 0)
        return 0;
    if (c->encoding != MAPPING_UTF8)
        *ret_bad = "the text begins with the mark of UTF-8, but another encoding is announced";
    return 3;
}

static size_t
line_len(const char *p, size_t n)
{
    size_t i = 0;

    while (i < n && !is_end(p[i]))
        i++;
    return i;
}

/* A row that cannot be read costs its first line: the ones below may be whole. */
static enum mapping_csv_got
refuse_line(struct mapping_csv *c, enum shape why, const char *p, size_t n, size_t *ret_n,
            struct mapping_csv_row *row)
{
    size_t line = line_len(p, n);

    row->raw = (struct event_text){ p, line };
    *ret_n = line;
    c->skipping = line == n; /* its end is still to come */
    if (why == TOO_LONG)
        return bad(row, EVENT_TOO_LARGE,
                   line >= MAPPING_CSV_MAX_ROW ? "the line is longer than 256 KiB"
                                               : "a quote is not closed within 256 KiB");
    return bad(row, EVENT_NOT_JSON,
               why == UNCLOSED ? "a quote is not closed"
                               : "a quote stands inside a field, or something after its end");
}

static enum mapping_csv_got
take(struct mapping_csv *c, const char *p, size_t n, bool last, struct arena *mem,
     struct mapping_csv_row *row, size_t *ret_n)
{
    enum shape shape = scan(c, p, n, last, ret_n);

    *row = (struct mapping_csv_row){ .line = c->line };
    if (shape == OPEN) {
        *ret_n = 0;
        return MAPPING_CSV_MORE;
    }
    if (shape != SOUND)
        return refuse_line(c, shape, p, n, ret_n, row);
    row->raw = (struct event_text){ p, *ret_n };
    return cut(c, mem, row);
}

/* Bytes before the row: the rest of a line that was too long, blank lines. */
static size_t
skip(struct mapping_csv *c, const char *p, size_t n)
{
    size_t i = c->skipping ? line_len(p, n) : 0;

    if (i < n)
        c->skipping = false;
    while (!c->skipping && i < n && is_end(p[i]))
        i++;
    return i;
}

enum mapping_csv_got
mapping_csv_next(struct mapping_csv *c, const char *window, size_t n, bool last, struct arena *mem,
                 struct mapping_csv_row *ret, size_t *ret_used)
{
    const char *wrong = NULL;
    size_t      at = 0, row_n = 0;

    *ret_used = 0;
    if (!c->begun) {
        if (n < 3 && !last)
            return MAPPING_CSV_MORE;
        c->begun = true;
        at = mark(c, window, n, &wrong);
    }
    if (wrong) {
        *ret = (struct mapping_csv_row){ .line = 1, .raw = { window, at } };
        *ret_used = at;
        return bad(ret, EVENT_BAD_UNICODE, wrong);
    }
    size_t skipped = skip(c, window + at, n - at);
    advance(c, window + at, skipped);
    at += skipped;
    *ret_used = at;
    if (at == n)
        return last ? MAPPING_CSV_END : MAPPING_CSV_MORE;
    enum mapping_csv_got got = take(c, window + at, n - at, last, mem, ret, &row_n);
    advance(c, window + at, row_n);
    *ret_used += row_n;
    return got;
}
