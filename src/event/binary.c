/* binary.c - a CloudEvent in headers becomes the same event as JSON. See event_dialects.h.
 *
 * What a binary event says is put into one text, so that everything after it is shared with
 * the other modes: the checks, the reader, and what quarantine keeps. */
#include "collaudo/event_dialects.h"

#include "event_int.h"

#include <string.h>
#include <strings.h>

static bool
is_attribute(const struct event_header *h)
{
    return strncasecmp(h->name, "ce-", 3) == 0 && h->name[3] &&
           strcasecmp(h->name + 3, "datacontenttype") != 0;
}

bool
event_is_binary(const struct event_header *headers, size_t n)
{
    static const char *const names[] = { "ce-id", "ce-type", "ce-source", "ce-specversion" };

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (strcasecmp(headers[i].name, names[k]) == 0)
                return true;
    return false;
}

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes a header value stands for: quotes and backslashes undone when all of it is quoted,
 * percent-encoding where it is sound; a lone % is a per cent sign. */
static char *
decode(const char *value, struct arena *mem, size_t *ret_n)
{
    size_t n = strlen(value);
    bool   quoted = n > 1 && value[0] == '"' && value[n - 1] == '"';
    char  *out = arena_alloc(mem, n + 1), *to = out;

    for (size_t i = quoted; out && i < n - quoted; i++) {
        if (quoted && value[i] == '\\' && i + 1 < n - quoted)
            i++;
        if (value[i] == '%' && hex(value[i + 1]) >= 0 && hex(value[i + 2]) >= 0) {
            *to++ = (char)(hex(value[i + 1]) * 16 + hex(value[i + 2]));
            i += 2;
        } else {
            *to++ = value[i];
        }
    }
    *ret_n = out ? (size_t)(to - out) : 0;
    return out;
}

static void
add_latin1(struct str *out, const char *p, size_t n)
{
    struct str utf8;

    str_init(&utf8, out->mem);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];

        if (c >= 0x80)
            str_addc(&utf8, (char)(0xc0 | c >> 6));
        str_addc(&utf8, (char)(c < 0x80 ? c : (0x80 | (c & 0x3f))));
    }
    str_jsonn(out, utf8.p, utf8.n);
}

static void
add_attribute(struct str *out, const struct event_header *h)
{
    char   name[64];
    size_t n = 0, len = strlen(h->name + 3);

    for (; n < len && n < sizeof name - 1; n++) {
        char c = h->name[3 + n];

        name[n] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
    }
    name[n] = 0;
    char *value = decode(h->value, out->mem, &n);
    if (!value)
        return;
    str_addc(out, out->n > 1 ? ',' : ' ');
    str_json(out, name);
    str_addc(out, ':');
    if (str_is_utf8(value, n))
        str_jsonn(out, value, n);
    else
        add_latin1(out, value, n);
}

/* "application/json", "application/vnd.acme+json; charset=utf-8", or not said. */
bool
event_says_json(const char *type)
{
    size_t n = type ? strcspn(type, "; ") : 0;

    return !n || (n == 16 && strncasecmp(type, "application/json", n) == 0) ||
           (n == 9 && strncasecmp(type, "text/json", n) == 0) ||
           (n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0);
}

bool
event_from_headers(const struct event_header *headers, size_t n, const char *type, const char *body,
                   size_t body_n, struct arena *mem, const char **ret_text, size_t *ret_n,
                   struct err *e)
{
    struct json_slice *s = NULL;
    size_t             count;
    struct str         out;

    if (body_n && !event_says_json(type))
        return err_set(e, ERR_MEDIA_TYPE, "the data of an event in headers must be JSON");
    if (body_n && !json_cut(mem, body, body_n, JSON_ONE, 1, &s, &count, e))
        return false;
    str_init(&out, mem);
    str_addc(&out, '{');
    for (size_t i = 0; i < n; i++)
        if (is_attribute(&headers[i]))
            add_attribute(&out, &headers[i]);
    if (body_n && type) {
        str_add(&out, out.n > 1 ? "," : "");
        str_add(&out, "\"datacontenttype\":");
        str_json(&out, str_is_utf8(type, strlen(type)) ? type : "application/json");
    }
    if (body_n) {
        str_add(&out, out.n > 1 ? "," : "");
        str_add(&out, "\"data\":");
        str_addn(&out, s->p, s->n);
    }
    str_addc(&out, '}');
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "the event needs more memory than a request may take");
    *ret_text = out.p;
    *ret_n = out.n;
    return true;
}
