/* route.c - the table of routes, compiled once; from method and path to a row. Pure.
 *
 * A path is compared segment by segment. Where several rows fit, the one with a literal
 * at the first place they differ wins: /pilots/new before /pilots/{pilot}.
 */
#include "http_int.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool
bad(const struct http_route *r, const char *why, struct err *e)
{
    return err_set(e, ERR_INVALID, "route %s: %s", r->path ? r->path : "(none)", why);
}

static bool
add_segment(struct http_pattern *p, const struct http_route *r, const char *s, size_t n,
            struct arena *mem, struct err *e)
{
    bool any = n > 2 && s[0] == '{' && s[n - 1] == '}';

    if (p->segments == HTTP_MAX_SEGMENTS)
        return bad(r, "too many segments", e);
    if (!n || (!any && memchr(s, '{', n)))
        return bad(r, "a segment is empty, or {name} is only a part of it", e);
    if (any) {
        if (++p->args > HTTP_MAX_ARGS)
            return bad(r, "too many {names}", e);
    } else {
        p->literals |= 1u << (HTTP_MAX_SEGMENTS - p->segments);
        if (!(p->segment[p->segments] = arena_strndup(mem, s, n)))
            return err_set(e, ERR_NOMEM, "no memory for the routes");
    }
    p->segments++;
    return true;
}

static bool
compile(struct http_pattern *p, const struct http_route *r, struct arena *mem, struct err *e)
{
    if (!r->path || r->path[0] != '/')
        return bad(r, "the path must begin with a slash", e);
    if (!r->fn || r->method >= HTTP_METHODS || r->method == HTTP_HEAD)
        return bad(r, "no handler, or a method that cannot be routed", e);
    if ((r->flags & HTTP_RAW_ON_BAD_ENCODING) && !r->max_body)
        return bad(r, "raw bodies, but takes no body", e);
    for (const char *s = r->path; *s && s[1];) {
        size_t n = strcspn(++s, "/");

        if (!add_segment(p, r, s, n, mem, e))
            return false;
        s += n;
        if (*s && !s[1])
            return bad(r, "the path ends with a slash", e);
    }
    return true;
}

static bool
same_shape(const struct http_pattern *a, const struct http_pattern *b)
{
    if (a->segments != b->segments || a->literals != b->literals)
        return false;
    for (size_t i = 0; i < a->segments; i++)
        if (a->segment[i] && strcmp(a->segment[i], b->segment[i]) != 0)
            return false;
    return true;
}

bool
http_router_init(struct http_router *r, const struct http_route *routes, size_t n,
                 struct arena *mem, struct err *e)
{
    struct http_pattern *p = arena_new(mem, struct http_pattern, n ? n : 1);

    if (!p)
        return err_set(e, ERR_NOMEM, "no memory for the routes");
    for (size_t i = 0; i < n; i++) {
        if (!compile(&p[i], &routes[i], mem, e))
            return false;
        for (size_t j = 0; j < i; j++)
            if (routes[i].method == routes[j].method && same_shape(&p[i], &p[j]))
                return bad(&routes[i], "is there twice", e);
    }
    *r = (struct http_router){ .routes = routes, .patterns = p, .n = n };
    return true;
}

static bool
fits(const struct http_pattern *p, const struct http_target *t)
{
    if (p->segments != t->segments)
        return false;
    for (size_t i = 0; i < p->segments; i++)
        if (p->segment[i] ? strcmp(p->segment[i], t->segment[i]) != 0 : !*t->segment[i])
            return false;
    return true;
}

int
http_router_find(const struct http_router *r, enum http_method m, const struct http_target *t,
                 unsigned *ret_methods, const char *ret_args[HTTP_MAX_ARGS])
{
    int      best = -1;
    unsigned methods = 0;

    for (size_t i = 0; i < r->n; i++) {
        if (!fits(&r->patterns[i], t))
            continue;
        methods |= 1u << r->routes[i].method;
        if (r->routes[i].method == (m == HTTP_HEAD ? HTTP_GET : m) &&
            (best < 0 || r->patterns[i].literals > r->patterns[best].literals))
            best = (int)i;
    }
    if (methods)
        methods |= 1u << HTTP_OPTIONS;
    if (methods & 1u << HTTP_GET)
        methods |= 1u << HTTP_HEAD;
    for (size_t i = 0, arg = 0; best >= 0 && i < t->segments; i++)
        if (!r->patterns[best].segment[i])
            ret_args[arg++] = t->segment[i];
    *ret_methods = methods;
    return best;
}

void
http_router_allow(unsigned methods, char *ret, size_t size)
{
    size_t n = 0;

    *ret = 0;
    for (int m = 0; m < HTTP_METHODS; m++)
        if (methods & 1u << m) {
            int more = snprintf(ret + n, size - n, "%s%s", n ? ", " : "",
                                http_method_name((enum http_method)m));

            assert(more > 0 && (size_t)more < size - n);
            n += (size_t)more;
        }
}
