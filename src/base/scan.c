/* scan.c - the grammar of RFC 8259, without a tree and without recursion: cuts a
 * text into values and notes what the policy will ask about. See json.h. */
#include "collaudo/json.h"
#include "json_int.h"

#include <string.h>

struct scan {
    const char *at, *end;
    const char *why; /* set when the text is no JSON, at `at` */
};

static bool
no(struct scan *s, const char *why)
{
    s->why = why;
    return false;
}

static void
blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

/* Four hex digits at s->at. */
static bool
hex4(struct scan *s, unsigned *ret)
{
    unsigned v = 0;

    if (s->end - s->at < 4)
        return no(s, "unfinished \\u escape");
    for (int i = 0; i < 4; i++, s->at++) {
        char c = *s->at;

        if (c >= '0' && c <= '9')
            v = v * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            v = v * 16 + (unsigned)((c | 32) - 'a' + 10);
        else
            return no(s, "bad \\u escape");
    }
    *ret = v;
    return true;
}

/* After a backslash. */
static bool
escape(struct scan *s, struct json_slice *v)
{
    unsigned u, low;

    if (s->at == s->end || !*s->at || !strchr("\"\\/bfnrtu", *s->at))
        return no(s, "bad escape");
    if (*s->at++ != 'u')
        return true;
    if (!hex4(s, &u))
        return false;
    if (u == 0)
        v->has_nul = true;
    if (u < 0xd800 || u > 0xdfff)
        return true;
    if (u > 0xdbff || s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u') {
        v->lone_surrogate = true;
        return true;
    }
    const char *back = s->at;
    s->at += 2;
    if (!hex4(s, &low))
        return false;
    if (low < 0xdc00 || low > 0xdfff) {
        v->lone_surrogate = true;
        s->at = back; /* it may itself begin a pair */
    }
    return true;
}

static bool
string(struct scan *s, struct json_slice *v)
{
    const char *from = ++s->at;
    bool        high = false;

    for (;;) {
        while (s->at < s->end && *s->at != '"' && *s->at != '\\' && (unsigned char)*s->at >= 0x20) {
            high |= (*s->at & 0x80) != 0;
            s->at++;
        }
        if (s->at == s->end)
            return no(s, "unfinished string");
        if (*s->at == '"')
            break;
        if (*s->at != '\\')
            return no(s, "control byte in a string");
        s->at++;
        if (!escape(s, v))
            return false;
    }
    if (high && !str_is_utf8(from, (size_t)(s->at - from)))
        v->bad_utf8 = true;
    s->at++;
    return true;
}

static size_t
digits(struct scan *s)
{
    const char *from = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return (size_t)(s->at - from);
}

static bool
number(struct scan *s, struct json_slice *v)
{
    if (*s->at == '-')
        s->at++;

    const char *from = s->at;
    size_t      n = digits(s);

    if (!n || (n > 1 && *from == '0'))
        return no(s, "bad number");
    bool big = n > 15;
    if (s->at < s->end && *s->at == '.') {
        s->at++;
        if (!digits(s))
            return no(s, "bad number");
    }
    if (s->at < s->end && (*s->at | 32) == 'e') {
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
            s->at++;
        if (!(n = digits(s)))
            return no(s, "bad number");
        big |= n > 2;
    }
    v->big_number |= big;
    return true;
}

static bool
word(struct scan *s, const char *w)
{
    size_t n = strlen(w);

    if ((size_t)(s->end - s->at) < n || memcmp(s->at, w, n) != 0)
        return no(s, "not a value");
    s->at += n;
    return true;
}

static bool
scalar(struct scan *s, struct json_slice *v)
{
    switch (*s->at) {
    case '"':
        return string(s, v);
    case 't':
        return word(s, "true");
    case 'f':
        return word(s, "false");
    case 'n':
        return word(s, "null");
    case '-':
    case '0' ... '9':
        return number(s, v);
    default:
        return no(s, "not a value");
    }
}

/* "key" : before the value of a member. */
static bool
key(struct scan *s, struct json_slice *v)
{
    blanks(s);
    if (s->at == s->end || *s->at != '"')
        return no(s, "a key should stand here");
    if (!string(s, v))
        return false;
    blanks(s);
    if (s->at == s->end || *s->at != ':')
        return no(s, "a colon should stand here");
    s->at++;
    return true;
}

/* One bit per open bracket: is it an object? */
struct nest {
    uint8_t  object[JSON_HARD_DEPTH / 8];
    unsigned depth;
};

static bool
push(struct scan *s, struct nest *nest, struct json_slice *v, bool object)
{
    unsigned d = nest->depth;

    if (d == JSON_HARD_DEPTH)
        return no(s, "nested too deep");
    if (object)
        nest->object[d / 8] |= (uint8_t)(1u << d % 8);
    else
        nest->object[d / 8] &= (uint8_t) ~(1u << d % 8);
    if (++nest->depth > v->depth)
        v->depth = nest->depth;
    s->at++;
    return true;
}

static bool
in_object(const struct nest *nest)
{
    unsigned d = nest->depth - 1;

    return nest->object[d / 8] >> d % 8 & 1;
}

/* After a value: closes brackets, steps over a comma. *ret_more: another value follows. */
static bool
after_value(struct scan *s, struct nest *nest, struct json_slice *v, bool *ret_more)
{
    while (nest->depth) {
        bool object = in_object(nest);

        blanks(s);
        if (s->at == s->end)
            return no(s, "unfinished array or object");
        if (*s->at == ',') {
            s->at++;
            *ret_more = true;
            return !object || key(s, v);
        }
        if (*s->at != (object ? '}' : ']'))
            return no(s, "a comma or a closing bracket should stand here");
        s->at++;
        nest->depth--;
    }
    *ret_more = false;
    return true;
}

/* At an opening bracket: goes in, and straight out again when it is empty.
 * *ret_inside: a value follows. */
static bool
open_bracket(struct scan *s, struct nest *nest, struct json_slice *v, bool *ret_inside)
{
    bool object = *s->at == '{';

    if (!push(s, nest, v, object))
        return false;
    blanks(s);
    if (s->at < s->end && *s->at == (object ? '}' : ']')) {
        s->at++;
        nest->depth--;
        *ret_inside = false;
        return true;
    }
    *ret_inside = true;
    return !object || key(s, v);
}

/* One whole value at s->at. */
static bool
value(struct scan *s, struct json_slice *v)
{
    struct nest nest = { .depth = 0 };
    bool        more = true;

    *v = (struct json_slice){ .p = s->at };
    while (more) {
        bool inside = false;

        blanks(s);
        if (s->at == s->end)
            return no(s, "a value should stand here");
        if (*s->at == '[' || *s->at == '{') {
            if (!open_bracket(s, &nest, v, &inside))
                return false;
        } else if (!scalar(s, v)) {
            return false;
        }
        if (!inside && !after_value(s, &nest, v, &more))
            return false;
    }
    v->n = (size_t)(s->at - v->p);
    return true;
}

/* --- cutting ------------------------------------------------------------------ */

struct table {
    struct arena      *mem;
    struct json_slice *rows;
    size_t             n, cap, most;
};

static bool
add(struct table *t, const struct json_slice *v, struct err *e)
{
    if (t->n == t->most)
        return err_set(e, ERR_TOO_LARGE, "more than %zu events in one request", t->most);
    if (t->n == t->cap) {
        size_t             cap = t->cap ? t->cap * 2 : 16;
        struct json_slice *rows = arena_new(t->mem, struct json_slice, cap);

        if (!rows)
            return err_set(e, ERR_NOMEM, "too many events for the memory of one request");
        if (t->n)
            memcpy(rows, t->rows, t->n * sizeof *rows);
        t->rows = rows;
        t->cap = cap;
    }
    t->rows[t->n++] = *v;
    return true;
}

static bool
cut_lines(struct table *t, const char *text, size_t n, struct err *e)
{
    const char *end = text + n;

    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        struct scan s = { .at = text, .end = nl ? nl : end };

        blanks(&s);
        if (s.at < s.end) {
            struct json_slice v;
            const char       *from = s.at;
            bool              sound = value(&s, &v);

            blanks(&s);
            if (!sound || s.at < s.end)
                v = (struct json_slice){ .p = from, .n = (size_t)(s.end - from), .broken = true };
            if (!add(t, &v, e))
                return false;
        }
        text = s.end + 1;
    }
    return true;
}

static bool
fault(const struct scan *s, const char *text, struct err *e)
{
    return err_set(e, ERR_INVALID, "not JSON at byte %zu: %s", (size_t)(s->at - text), s->why);
}

/* The elements of the array at s->at. */
static bool
cut_array(struct table *t, struct scan *s, const char *text, struct err *e)
{
    struct json_slice v;

    s->at++;
    blanks(s);
    if (s->at < s->end && *s->at == ']') {
        s->at++;
        return true;
    }
    for (;;) {
        blanks(s);
        if (s->at == s->end || !value(s, &v)) {
            s->why = s->why ? s->why : "unfinished array";
            return fault(s, text, e);
        }
        if (!add(t, &v, e))
            return false;
        blanks(s);
        if (s->at == s->end || (*s->at != ',' && *s->at != ']')) {
            s->why = "a comma or ] should stand here";
            return fault(s, text, e);
        }
        if (*s->at++ == ']')
            return true;
    }
}

/* A first line that is a whole value, with more behind it: NDJSON without its name. */
static bool
looks_like_lines(const struct scan *s, const char *from)
{
    return s->at < s->end && memchr(from, '\n', (size_t)(s->at - from)) != NULL;
}

bool
json_cut(struct arena *mem, const char *text, size_t n, enum json_form form, size_t most,
         struct json_slice **ret, size_t *ret_n, struct err *e)
{
    struct table      t = { .mem = mem, .most = most };
    struct scan       s = { .at = text, .end = text + n };
    struct json_slice v;
    bool              ok;

    blanks(&s);
    if (form == JSON_LINES) {
        ok = cut_lines(&t, text, n, e);
    } else if (s.at == s.end) {
        return err_set(e, ERR_INVALID, "not JSON: the body is empty");
    } else if (form == JSON_AUTO && *s.at == '[') {
        ok = cut_array(&t, &s, text, e);
    } else {
        ok = value(&s, &v) ? add(&t, &v, e) : fault(&s, text, e);
    }
    if (!ok)
        return false;
    if (form != JSON_LINES) {
        const char *after = s.at;

        blanks(&s);
        if (s.at < s.end && form == JSON_AUTO && looks_like_lines(&s, after)) {
            t.n = 0;
            if (!cut_lines(&t, text, n, e))
                return false;
        } else if (s.at < s.end) {
            return err_set(e, ERR_INVALID, "not JSON: something follows the document at byte %zu",
                           (size_t)(s.at - text));
        }
    }
    *ret = t.rows;
    *ret_n = t.n;
    return true;
}

/* --- numbers that would not survive -------------------------------------------- */

char *
json_quote_numbers(struct arena *mem, const char *p, size_t n, size_t *ret_n)
{
    struct scan       s = { .at = p, .end = p + n };
    struct json_slice v = { 0 };
    struct str        out;

    str_init(&out, mem);
    while (s.at < s.end) {
        const char *from = s.at;

        if (*s.at == '"') {
            string(&s, &v);
        } else if (*s.at == '-' || (*s.at >= '0' && *s.at <= '9')) {
            v.big_number = false;
            number(&s, &v);
            if (v.big_number) {
                str_addc(&out, '"');
                str_addn(&out, from, (size_t)(s.at - from));
                str_addc(&out, '"');
                continue;
            }
        } else {
            s.at++;
        }
        str_addn(&out, from, (size_t)(s.at - from));
    }
    *ret_n = out.n;
    return mem->denied ? NULL : out.p;
}
