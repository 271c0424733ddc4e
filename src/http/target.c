/* target.c - splits and decodes a request target: /path/segments?name=value. Pure. */
#include "http_int.h"

#include "collaudo/str.h"

#include <string.h>

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* What must not stand in a path, encoded or not: a server behind a proxy that reads
 * these otherwise than the proxy does has no rule left that holds. */
static bool
check_path(const char *p, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\\')
            return err_set(e, ERR_INVALID, "the path has a backslash");
        if (p[i] != '%')
            continue;
        int c = hex(p[i + 1]) * 16 + hex(p[i + 2]);
        if (c == '.' || c == '/' || c == '\\')
            return err_set(e, ERR_INVALID, "the path has an encoded dot or slash");
    }
    for (const char *s = p; s < p + n;) {
        size_t len = strcspn(++s, "/?");

        if ((len == 1 && s[0] == '.') || (len == 2 && s[0] == '.' && s[1] == '.'))
            return err_set(e, ERR_INVALID, "the path has a segment of dots");
        s += len;
    }
    return true;
}

static bool
check_bytes(const char *raw, struct err *e)
{
    for (const char *p = raw; *p; p++) {
        if (*p <= 0x20 || *p >= 0x7f || *p == '#')
            return err_set(e, ERR_INVALID, "the target has a byte that must be encoded");
        if (*p != '%')
            continue;
        if (hex(p[1]) < 0 || hex(p[2]) < 0)
            return err_set(e, ERR_INVALID, "the target has a broken percent-encoding");
        if (p[1] == '0' && p[2] == '0')
            return err_set(e, ERR_INVALID, "the target has an encoded NUL");
    }
    return true;
}

/* n bytes decoded, in `mem`. They were checked: every % has its two digits. */
static bool
decode(struct arena *mem, const char *p, size_t n, bool plus_is_blank, const char **ret,
       struct err *e)
{
    char *out = arena_strndup(mem, p, n), *to = out;

    if (!out)
        return err_set(e, ERR_NOMEM, "no memory for the target");
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '%') {
            *to++ = (char)(hex(p[i + 1]) * 16 + hex(p[i + 2]));
            i += 2;
        } else {
            *to++ = p[i] == '+' && plus_is_blank ? ' ' : p[i];
        }
    }
    *to = 0;
    if (!str_is_utf8(out, (size_t)(to - out)))
        return err_set(e, ERR_INVALID, "the target is not UTF-8");
    *ret = out;
    return true;
}

static bool
read_path(struct arena *mem, const char *raw, size_t n, struct http_target *t, struct err *e)
{
    if (!check_path(raw, n, e))
        return false;
    t->path = arena_strndup(mem, raw, n);
    if (!t->path)
        return err_set(e, ERR_NOMEM, "no memory for the target");
    for (const char *s = raw + 1, *end = raw + n; n > 1; s++) {
        size_t len = strcspn(s, "/?");

        if (t->segments == HTTP_MAX_SEGMENTS)
            return err_set(e, ERR_INVALID, "the path has over %d segments", HTTP_MAX_SEGMENTS);
        if (!decode(mem, s, len, false, &t->segment[t->segments++], e))
            return false;
        s += len;
        if (s >= end)
            break;
    }
    return true;
}

static bool
read_query(struct arena *mem, const char *q, struct http_target *t, struct err *e)
{
    size_t most = 1;

    for (const char *p = q; *p; p++)
        most += *p == '&';
    if (most > HTTP_MAX_QUERY)
        return err_set(e, ERR_INVALID, "the query has over %d parameters", HTTP_MAX_QUERY);
    t->query = arena_new(mem, struct http_pair, most);
    if (!t->query)
        return err_set(e, ERR_NOMEM, "no memory for the target");
    while (*q) {
        size_t            len = strcspn(q, "&"), name = strcspn(q, "=&");
        struct http_pair *pair = &t->query[t->query_n];

        if (len) {
            if (!decode(mem, q, name, true, &pair->name, e))
                return false;
            pair->value = "";
            if (name < len && !decode(mem, q + name + 1, len - name - 1, true, &pair->value, e))
                return false;
            t->query_n++;
        }
        q += len;
        q += *q == '&';
    }
    return true;
}

bool
http_target_read(struct arena *mem, const char *raw, struct http_target *ret, struct err *e)
{
    struct http_target t = { .path = NULL };
    size_t             n = strcspn(raw, "?");

    if (*raw != '/')
        return err_set(e, ERR_INVALID, "the target must begin with a slash");
    if (!check_bytes(raw, e) || !read_path(mem, raw, n, &t, e))
        return false;
    if (raw[n] && !read_query(mem, raw + n + 1, &t, e))
        return false;
    *ret = t;
    return true;
}
