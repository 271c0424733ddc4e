/* str.c - text built up in an arena, comparing and folding. See str.h. */
#include "collaudo/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char empty[1]; /* what p points to when not a byte could be had */

void
str_init(struct str *s, struct arena *mem)
{
    *s = (struct str){ .mem = mem };
    if (!str_room(s, 64))
        s->p = empty;
}

char *
str_room(struct str *s, size_t n)
{
    if (s->cap - s->n <= n) {
        size_t cap = s->cap * 2 > s->n + n + 1 ? s->cap * 2 : s->n + n + 1;
        char  *p = n > SIZE_MAX / 4 ? NULL : arena_alloc(s->mem, cap);

        if (!p) {
            s->mem->denied = true;
            return NULL;
        }
        if (s->n)
            memcpy(p, s->p, s->n);
        s->p = p;
        s->cap = cap;
    }
    return s->p + s->n;
}

void
str_addn(struct str *s, const void *bytes, size_t n)
{
    char *at = str_room(s, n);

    if (!at || !n)
        return;
    memcpy(at, bytes, n);
    s->n += n;
    s->p[s->n] = 0;
}

void
str_add(struct str *s, const char *text)
{
    str_addn(s, text, strlen(text));
}

void
str_addc(struct str *s, char c)
{
    str_addn(s, &c, 1);
}

void
str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap;
    char    small[256];
    int     n;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    if ((size_t)n < sizeof small) {
        str_addn(s, small, (size_t)n);
        return;
    }
    if (!str_room(s, (size_t)n))
        return;
    va_start(ap, fmt);
    vsnprintf(s->p + s->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    s->n += (size_t)n;
}

void
str_addi(struct str *s, int64_t number)
{
    char text[24];
    int  n = snprintf(text, sizeof text, "%" PRId64, number);

    str_addn(s, text, (size_t)n);
}

void
str_html(struct str *s, const char *text)
{
    static const char *const as[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"
    };

    for (const char *from = text; text && *text;) {
        while (*text && !as[(unsigned char)*text])
            text++;
        str_addn(s, from, (size_t)(text - from));
        if (*text)
            str_add(s, as[(unsigned char)*text++]);
        from = text;
    }
}

/* The escapes of RFC 8785, so that the same text always gives the same bytes. */
void
str_jsonn(struct str *s, const char *text, size_t n)
{
    static const char short_form[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
    };
    const char *end = text + n;

    str_addc(s, '"');
    while (text < end) {
        const char *from = text;

        while (text < end && (unsigned char)*text >= 0x20 && *text != '"' && *text != '\\')
            text++;
        str_addn(s, from, (size_t)(text - from));
        if (text == end)
            break;
        if (*text == '"' || *text == '\\')
            str_addf(s, "\\%c", *text);
        else if (short_form[(unsigned char)*text])
            str_addf(s, "\\%c", short_form[(unsigned char)*text]);
        else
            str_addf(s, "\\u%04x", (unsigned char)*text);
        text++;
    }
    str_addc(s, '"');
}

void
str_json(struct str *s, const char *text)
{
    if (text)
        str_jsonn(s, text, strlen(text));
    else
        str_add(s, "null");
}

void
str_url(struct str *s, const char *text)
{
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            strchr("-._~", c))
            str_addc(s, (char)c);
        else
            str_addf(s, "%%%02X", c);
    }
}

/* Bytes of the UTF-8 sequence at p, 0 when it is none. */
static size_t
utf8_len(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    size_t len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return len;
}

bool
str_is_utf8(const char *p, size_t n)
{
    const unsigned char *at = (const unsigned char *)p, *end = at + n;

    while (at < end) {
        size_t len = utf8_len(at, (size_t)(end - at));

        if (!len)
            return false;
        at += len;
    }
    return true;
}

/* Lower case of a two-byte letter: Latin-1, Latin Extended-A, Greek, Cyrillic. */
static unsigned
fold_letter(unsigned u)
{
    if ((u >= 0xc0 && u <= 0xde && u != 0xd7) || (u >= 0x391 && u <= 0x3ab && u != 0x3a2) ||
        (u >= 0x410 && u <= 0x42f))
        return u + 32;
    if (u >= 0x400 && u <= 0x40f)
        return u + 80;
    if ((u >= 0x139 && u <= 0x148) || (u >= 0x179 && u <= 0x17e))
        return u + (u & 1);
    if (u >= 0x100 && u <= 0x177 && u != 0x130 && u != 0x131)
        return u | 1;
    return u == 0x178 ? 0xff : u;
}

char *
str_fold(struct arena *mem, const char *p, size_t n)
{
    while (n && (unsigned char)p[n - 1] <= ' ')
        n--;
    while (n && (unsigned char)*p <= ' ')
        p++, n--;

    char *out = arena_strndup(mem, p, n);
    for (unsigned char *c = (unsigned char *)out; out && *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (unsigned char)(*c + 32);
        } else if (*c >= 0xc3 && *c <= 0xd0 && (c[1] & 0xc0) == 0x80) {
            unsigned u = fold_letter(((*c & 0x1fu) << 6) | (c[1] & 0x3fu));

            *c++ = (unsigned char)(0xc0 | (u >> 6));
            *c = (unsigned char)(0x80 | (u & 0x3f));
        }
    }
    return out;
}

/* Edit distance (Levenshtein) of two short names. */
static size_t
distance(const char *a, const char *b)
{
    size_t row[64], n = strlen(b);

    if (n >= sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

const char *
str_nearest(const char *text, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t      least = strlen(text) / 3 + 1;

    for (size_t i = 0; i < n; i++) {
        size_t d = distance(text, names[i]);

        if (d < least || (d == least && !best)) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

bool
str_int(const char *text, int64_t *ret_number)
{
    char *end;

    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (errno || end == text || *end || *text == ' ' || *text == '+')
        return false;
    *ret_number = n;
    return true;
}
