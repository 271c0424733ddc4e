/* guard.c - refuses heads that two parsers could read differently. Pure.
 *
 * The library below is lenient: it takes two lengths, a length beside chunked, a blank
 * before the colon, folded lines, bare line feeds, NUL bytes. Each of these is a way to
 * smuggle one request inside another past a proxy, so all of them end here.
 */
#include "http_int.h"

#include <string.h>
#include <strings.h>

static const char *const method_names[HTTP_METHODS] = {
    [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS",
};

/* Headers that may stand in a request only once. */
enum single { HOST, LENGTH, CODING, EXPECT, AUTHORIZATION, TYPE, ENCODING, SINGLES };

static const char *const single_names[SINGLES] = {
    [HOST] = "Host",
    [LENGTH] = "Content-Length",
    [CODING] = "Transfer-Encoding",
    [EXPECT] = "Expect",
    [AUTHORIZATION] = "Authorization",
    [TYPE] = "Content-Type",
    [ENCODING] = "Content-Encoding",
};

const char *
http_method_name(enum http_method m)
{
    return m < HTTP_METHODS ? method_names[m] : NULL;
}

static bool
is_token_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool
http_is_token(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_token_char((unsigned char)s[i]))
            return false;
    return n > 0;
}

bool
http_guard_layout(const struct http_head *head)
{
    const char *at = head->method + strlen(head->method) + 1;

    if (head->target != at || strlen(head->version) != 8)
        return false;
    at += head->target_n + 1;
    if (head->version != at)
        return false;
    at += 8 + 2; /* CR and LF have become NUL */
    for (size_t i = 0; i < head->n; i++) {
        const struct http_field *f = &head->field[i];

        if (f->name != at || f->value <= f->name + f->name_n)
            return false;
        at = f->value + f->value_n + 2;
    }
    return head->method + head->bytes == at + 2;
}

static bool
read_method(const char *name, enum http_method *ret)
{
    for (int m = 0; m < HTTP_METHODS; m++)
        if (strcmp(name, method_names[m]) == 0) {
            *ret = (enum http_method)m;
            return true;
        }
    return false;
}

/* A name or address with an optional port: what a Host header may hold. */
static bool
is_host(const char *s, size_t n)
{
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c && strchr("-._~:[]", c)))
            return false;
    }
    return n > 0;
}

static bool
read_length(const struct http_field *f, uint64_t *ret)
{
    uint64_t n = 0;

    if (f->value_n < 1 || f->value_n > 18)
        return false;
    for (size_t i = 0; i < f->value_n; i++) {
        if (f->value[i] < '0' || f->value[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(f->value[i] - '0');
    }
    *ret = n;
    return true;
}

static bool
check_field(const struct http_field *f, struct err *e)
{
    if (!http_is_token(f->name, f->name_n))
        return err_set(e, ERR_INVALID, "the name of a header is not a token");
    for (size_t i = 0; i < f->value_n; i++) {
        unsigned char c = (unsigned char)f->value[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return err_set(e, ERR_INVALID, "a header has a control byte");
    }
    return true;
}

static enum single
which_single(const struct http_field *f)
{
    for (int s = 0; s < SINGLES; s++)
        if (strlen(single_names[s]) == f->name_n &&
            strncasecmp(single_names[s], f->name, f->name_n) == 0)
            return (enum single)s;
    return SINGLES;
}

static bool
is_value(const struct http_field *f, const char *text)
{
    return f->value_n == strlen(text) && strncasecmp(f->value, text, f->value_n) == 0;
}

static bool
read_framing(const struct http_field *const got[SINGLES], bool is_1_1, struct http_framing *ret,
             struct err *e)
{
    struct http_framing fr = { .chunked = got[CODING] };

    if (got[LENGTH] && got[CODING])
        return err_set(e, ERR_INVALID, "a Content-Length beside a Transfer-Encoding");
    if (got[CODING] && !is_1_1)
        return err_set(e, ERR_INVALID, "a Transfer-Encoding in HTTP/1.0");
    if (got[CODING] && !is_value(got[CODING], "chunked"))
        return err_set(e, ERR_INVALID, "a Transfer-Encoding other than chunked");
    if (got[LENGTH] && !read_length(got[LENGTH], &fr.length))
        return err_set(e, ERR_INVALID, "the Content-Length is not a number");
    if (got[EXPECT] && !is_value(got[EXPECT], "100-continue"))
        return err_set(e, ERR_INVALID, "an Expect other than 100-continue");
    fr.expects = got[EXPECT] && is_1_1;
    *ret = fr;
    return true;
}

bool
http_guard(const struct http_head *head, enum http_method *ret_method,
           struct http_framing *ret_framing, struct err *e)
{
    const struct http_field *got[SINGLES] = { NULL };
    bool                     is_1_1 = strcmp(head->version, "HTTP/1.1") == 0;
    struct http_framing      framing;
    enum http_method         method;

    if (head->bytes > HTTP_MAX_HEAD || head->n > HTTP_MAX_FIELDS)
        return err_set(e, ERR_HEADERS, "the headers are over %zu bytes or %d lines", HTTP_MAX_HEAD,
                       HTTP_MAX_FIELDS);
    if (!read_method(head->method, &method))
        return err_set(e, ERR_INVALID, "a method this server does not know");
    if (!is_1_1 && strcmp(head->version, "HTTP/1.0") != 0)
        return err_set(e, ERR_INVALID, "a version other than HTTP/1.1 and HTTP/1.0");
    for (size_t i = 0; i < head->n; i++) {
        const struct http_field *f = &head->field[i];
        enum single              s = which_single(f);

        if (!check_field(f, e))
            return false;
        if (s == SINGLES)
            continue;
        if (got[s])
            return err_set(e, ERR_INVALID, "%s is there twice", single_names[s]);
        got[s] = f;
    }
    if (is_1_1 && !got[HOST])
        return err_set(e, ERR_INVALID, "a request in HTTP/1.1 without Host");
    if (got[HOST] && !is_host(got[HOST]->value, got[HOST]->value_n))
        return err_set(e, ERR_INVALID, "the Host is not a name or an address");
    if (!read_framing(got, is_1_1, &framing, e))
        return false;
    *ret_method = method;
    *ret_framing = framing;
    return true;
}
