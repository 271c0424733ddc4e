/* xml.c - see xml.h. */
#include "xml.h"

#include "collaudo/str.h"

#include <string.h>

#define DEPTH 32
#define ATTRS 32

struct name {
    const char *p;
    size_t      n;
};

struct xml {
    const char *p, *end;
    struct name open[DEPTH];
    int         depth;
    bool        closed; /* the root has been seen and left */
};

static bool
same(struct name a, struct name b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static void
skip_blanks(struct xml *x)
{
    while (x->p < x->end && strchr(" \t\r\n", *x->p))
        x->p++;
}

static struct name
read_name(struct xml *x)
{
    struct name n = { x->p, 0 };

    while (x->p < x->end && (strchr("-_.:", *x->p) || (*x->p >= '0' && *x->p <= '9') ||
                             ((*x->p | 32) >= 'a' && (*x->p | 32) <= 'z')))
        x->p++;
    n.n = (size_t)(x->p - n.p);
    if (n.n && strchr("-.0123456789", *n.p))
        n.n = 0;
    return n;
}

/* One character of text or of an attribute's value. */
static const char *
read_char(struct xml *x)
{
    static const char *const entity[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

    if (*x->p == '&') {
        for (size_t i = 0; i < sizeof entity / sizeof *entity; i++) {
            size_t n = strlen(entity[i]);

            if ((size_t)(x->end - x->p) >= n && memcmp(x->p, entity[i], n) == 0) {
                x->p += n;
                return NULL;
            }
        }
        return "an entity that is none";
    }
    if (*x->p == '<')
        return "a raw <";
    if ((unsigned char)*x->p < ' ' && !strchr("\t\r\n", *x->p))
        return "a control character";
    x->p++;
    return NULL;
}

static const char *
read_attrs(struct xml *x)
{
    struct name seen[ATTRS];
    int         n = 0;

    for (;;) {
        const char *before = x->p, *fault;

        skip_blanks(x);
        if (x->p >= x->end || *x->p == '>' || *x->p == '/')
            return NULL;
        if (x->p == before)
            return "no blank before an attribute";
        struct name a = read_name(x);
        if (!a.n)
            return "no name of an attribute";
        for (int i = 0; i < n; i++)
            if (same(seen[i], a))
                return "an attribute twice";
        if (n == ATTRS)
            return "too many attributes for this checker";
        seen[n++] = a;
        if (x->end - x->p < 2 || x->p[0] != '=' || x->p[1] != '"')
            return "an attribute without quotes";
        for (x->p += 2; x->p < x->end && *x->p != '"';)
            if ((fault = read_char(x)))
                return fault;
        if (x->p++ >= x->end)
            return "an attribute without end";
    }
}

static const char *
read_tag(struct xml *x)
{
    const char *fault;

    x->p++;
    if (x->p < x->end && *x->p == '/') {
        x->p++;
        struct name n = read_name(x);
        if (!x->depth || !same(n, x->open[x->depth - 1]))
            return "an end tag that fits nothing";
        x->closed = --x->depth == 0;
    } else {
        struct name n = read_name(x);
        if (!n.n)
            return "no name of an element";
        if (x->closed)
            return "a second root";
        if ((fault = read_attrs(x)))
            return fault;
        if (x->depth == DEPTH)
            return "too deep for this checker";
        if (x->p < x->end && *x->p == '/') {
            x->p++;
            x->closed = x->depth == 0;
        } else {
            x->open[x->depth++] = n;
        }
    }
    if (x->p >= x->end || *x->p++ != '>')
        return "a tag without end";
    return NULL;
}

const char *
xml_fault(const char *text, size_t n, size_t *ret_at)
{
    struct xml  x = { .p = text, .end = text + n };
    const char *fault = str_is_utf8(text, n) ? NULL : "not UTF-8";

    while (!fault && x.p < x.end) {
        if (*x.p == '<')
            fault = read_tag(&x);
        else if (!x.depth && !strchr(" \t\r\n", *x.p))
            fault = "text outside the root";
        else
            fault = read_char(&x);
    }
    if (!fault && (x.depth || !x.closed))
        fault = "an element without end";
    *ret_at = (size_t)(x.p - text);
    return fault;
}
