/* http.c - from bytes to a route: the guard, targets, the table of routes. */
#include "t.h"

#include "http_int.h"

#include <string.h>

/* --- the guard ---------------------------------------------------------------- */

/* Headers as "Name: value\n..." into fields; values may hold what a wire could not. */
static size_t
fields(const char *text, struct http_field *f)
{
    size_t n = 0;

    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n"), colon = strcspn(line, ":");

        f[n].name = line;
        f[n].name_n = colon;
        f[n].value = line + colon + 2;
        f[n].value_n = len - colon - 2;
        n++;
        line += len + (line[len] == '\n');
    }
    return n;
}

static void
test_guard(void)
{
    static const struct {
        const char   *name, *method, *version, *headers;
        enum err_code want; /* ERR_NONE: passes */
        uint64_t      length;
        bool          chunked, expects;
    } row[] = {
        { "plain", "GET", "HTTP/1.1", "Host: a", ERR_NONE, 0, false, false },
        { "1.0 without Host", "GET", "HTTP/1.0", "", ERR_NONE, 0, false, false },
        { "1.1 without Host", "GET", "HTTP/1.1", "", ERR_INVALID, 0, false, false },
        { "length", "POST", "HTTP/1.1", "host: a\ncontent-LENGTH: 7", ERR_NONE, 7, false, false },
        { "18 digits", "POST", "HTTP/1.1", "Host: a\nContent-Length: 999999999999999999", ERR_NONE,
          999999999999999999, false, false },
        { "19 digits", "POST", "HTTP/1.1", "Host: a\nContent-Length: 1000000000000000000",
          ERR_INVALID, 0, false, false },
        { "minus", "POST", "HTTP/1.1", "Host: a\nContent-Length: -1", ERR_INVALID, 0, false,
          false },
        { "two lengths", "POST", "HTTP/1.1", "Host: a\nContent-Length: 1\nContent-Length: 1",
          ERR_INVALID, 0, false, false },
        { "chunked", "POST", "HTTP/1.1", "Host: a\nTransfer-Encoding: CHUNKED", ERR_NONE, 0, true,
          false },
        { "chunked in 1.0", "POST", "HTTP/1.0", "Transfer-Encoding: chunked", ERR_INVALID, 0, false,
          false },
        { "both", "POST", "HTTP/1.1", "Host: a\nContent-Length: 1\nTransfer-Encoding: chunked",
          ERR_INVALID, 0, false, false },
        { "chunked and blank", "POST", "HTTP/1.1", "Host: a\nTransfer-Encoding: chunked ",
          ERR_INVALID, 0, false, false },
        { "expects", "PUT", "HTTP/1.1", "Host: a\nExpect: 100-Continue\nContent-Length: 1",
          ERR_NONE, 1, false, true },
        { "1.0 expects nothing", "PUT", "HTTP/1.0", "Expect: 100-continue\nContent-Length: 1",
          ERR_NONE, 1, false, false },
        { "expects another", "PUT", "HTTP/1.1", "Host: a\nExpect: x", ERR_INVALID, 0, false,
          false },
        { "method", "BREW", "HTTP/1.1", "Host: a", ERR_INVALID, 0, false, false },
        { "small method", "get", "HTTP/1.1", "Host: a", ERR_INVALID, 0, false, false },
        { "version", "GET", "HTTP/1.2", "Host: a", ERR_INVALID, 0, false, false },
        { "blank in name", "GET", "HTTP/1.1", "Host: a\nX : b", ERR_INVALID, 0, false, false },
        { "no name", "GET", "HTTP/1.1", "Host: a\n: b", ERR_INVALID, 0, false, false },
        { "control byte", "GET", "HTTP/1.1", "Host: a\nX: \x01", ERR_INVALID, 0, false, false },
        { "tab", "GET", "HTTP/1.1", "Host: a\nX: a\tb", ERR_NONE, 0, false, false },
        { "host list", "GET", "HTTP/1.1", "Host: a,b", ERR_INVALID, 0, false, false },
        { "two keys", "GET", "HTTP/1.1", "Host: a\nAuthorization: b\nauthorization: c", ERR_INVALID,
          0, false, false },
        { "list header twice", "GET", "HTTP/1.1", "Host: a\nAccept: b\nAccept: c", ERR_NONE, 0,
          false, false },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct http_field   f[8];
        struct http_head    h = { .method = row[i].method, .version = row[i].version, .field = f };
        enum http_method    m;
        struct http_framing fr = { .length = 0 };
        struct err          e = ERR_INIT;

        t_row = row[i].name;
        h.n = fields(row[i].headers, f);
        CHECK_I(http_guard(&h, &m, &fr, &e), row[i].want == ERR_NONE);
        CHECK_I(e.code, row[i].want);
        CHECK_I(fr.length, row[i].length);
        CHECK(fr.chunked == row[i].chunked && fr.expects == row[i].expects);
        if (!e.code)
            CHECK_S(http_method_name(m), row[i].method);
    }
}

static void
test_guard_size(void)
{
    static const struct http_field many[HTTP_MAX_FIELDS + 1];
    struct http_head               h = { .method = "GET", .version = "HTTP/1.1", .field = many };
    enum http_method               m;
    struct http_framing            fr;
    struct err                     e = ERR_INIT;

    h.n = HTTP_MAX_FIELDS + 1;
    CHECK(!http_guard(&h, &m, &fr, &e) && e.code == ERR_HEADERS);
    h.n = 0;
    h.bytes = HTTP_MAX_HEAD + 1;
    CHECK(!http_guard(&h, &m, &fr, &e) && e.code == ERR_HEADERS);
}

/* The head as a strict parser leaves it: blanks, colons, CR and LF have become NUL. */
static void
test_layout(void)
{
    static char       raw[] = "GET\0/a\0HTTP/1.1\0\0Host\0 b\0\0X\0c\0\0\0";
    struct http_field f[2] = { { raw + 17, raw + 23, 4, 1 }, { raw + 26, raw + 28, 1, 1 } };
    struct http_head  h = { .method = raw,
                            .target = raw + 4,
                            .version = raw + 7,
                            .target_n = 2,
                            .bytes = sizeof raw,
                            .field = f,
                            .n = 2 };

    CHECK(http_guard_layout(&h));
    h.bytes--;
    CHECK(!http_guard_layout(&h)); /* a bare line feed ends the head */
    h.bytes++;
    h.target_n = 1;
    CHECK(!http_guard_layout(&h)); /* a NUL in the target */
    h.target_n = 2;
    f[0].value_n = 0;
    CHECK(!http_guard_layout(&h)); /* a NUL in a value, or a folded line */
    f[0].value_n = 1;
    f[1].name--;
    CHECK(!http_guard_layout(&h)); /* a bare line feed between two headers */
    f[1].name++;
    h.target++;
    CHECK(!http_guard_layout(&h)); /* two blanks after the method */
}

/* --- targets --------------------------------------------------------------------- */

static void
test_target(void)
{
    static const struct {
        const char *raw, *segments; /* joined by '|'; NULL: refused */
    } row[] = {
        { "/", "" },
        { "/a", "a" },
        { "/a/", "a|" },
        { "//", "|" },
        { "/a/b?c/d", "a|b" },
        { "/a%20b/c+d", "a b|c+d" },
        { "/%c3%a9", "\xc3\xa9" },
        { "/%252f", "%2f" },
        { "/...", "..." },
        { "", NULL },
        { "a", NULL },
        { "*", NULL },
        { "/a b", NULL },
        { "/a\tb", NULL },
        { "/\xc3\xa9", NULL },
        { "/%ff", NULL },
        { "/%c0%ae", NULL },
        { "/%00", NULL },
        { "/%2", NULL },
        { "/%", NULL },
        { "/%g0", NULL },
        { "/%2e", NULL },
        { "/a%2Fb", NULL },
        { "/a%5Cb", NULL },
        { "/a\\b", NULL },
        { "/.", NULL },
        { "/..", NULL },
        { "/../a", NULL },
        { "/a/./b", NULL },
        { "/a/..?x", NULL },
        { "/a#b", NULL },
        { "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16" },
        { "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", NULL },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena       mem;
        struct http_target t;
        struct err         e = ERR_INIT;
        struct str         s;

        t_row = row[i].raw;
        arena_init(&mem, 1 << 20);
        if (CHECK_I(http_target_read(&mem, row[i].raw, &t, &e), row[i].segments != NULL) &&
            row[i].segments) {
            str_init(&s, &mem);
            for (size_t k = 0; k < t.segments; k++) {
                str_add(&s, k ? "|" : "");
                str_add(&s, t.segment[k]);
            }
            CHECK_S(s.p, row[i].segments);
        } else {
            CHECK_I(e.code, ERR_INVALID);
        }
        arena_free(&mem);
    }
}

static void
test_query(void)
{
    static const struct {
        const char *raw, *pairs; /* name=value; ... NULL: refused */
    } row[] = {
        { "/", "" },
        { "/?", "" },
        { "/?a", "a=;" },
        { "/?a=", "a=;" },
        { "/?a=1&b=2", "a=1;b=2;" },
        { "/?a=1&a=2", "a=1;a=2;" },
        { "/?a=b=c", "a=b=c;" },
        { "/?=x&&", "=x;" },
        { "/?a+b=c+d%2B", "a b=c d+;" },
        { "/?q=%e2%82%ac%26", "q=\xe2\x82\xac&;" },
        { "/?q=..%2f%5c", "q=../\\;" },
        { "/?q=%00", NULL },
        { "/?q=%ff", NULL },
        { "/?q=%", NULL },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena       mem;
        struct http_target t;
        struct err         e = ERR_INIT;
        struct str         s;

        t_row = row[i].raw;
        arena_init(&mem, 1 << 20);
        if (CHECK_I(http_target_read(&mem, row[i].raw, &t, &e), row[i].pairs != NULL) &&
            row[i].pairs) {
            str_init(&s, &mem);
            for (size_t k = 0; k < t.query_n; k++)
                str_addf(&s, "%s=%s;", t.query[k].name, t.query[k].value);
            CHECK_S(s.p, row[i].pairs);
        }
        arena_free(&mem);
    }
}

/* Every target of three bytes after the slash, from the bytes that matter: never a
 * crash, never a NUL, a slash or bad UTF-8 in a segment. */
static void
test_targets_exhaustively(void)
{
    static const char bytes[] = "%25ef0/.?&=+\\a\x80#";
    size_t            n = sizeof bytes - 1, accepted = 0;

    for (size_t i = 0; i < n * n * n * n; i++) {
        char raw[] = {
            '/', bytes[i % n], bytes[i / n % n], bytes[i / n / n % n], bytes[i / n / n / n], 0
        };
        struct arena       mem;
        struct http_target t;
        struct err         e;

        arena_init(&mem, 1 << 16);
        if (http_target_read(&mem, raw, &t, &e)) {
            accepted++;
            for (size_t k = 0; k < t.segments; k++)
                if (strpbrk(t.segment[k], "/\\") || strcmp(t.segment[k], "..") == 0 ||
                    !str_is_utf8(t.segment[k], strlen(t.segment[k])))
                    CHECK_S(raw, "refused");
        }
        arena_free(&mem);
    }
    CHECK(accepted > 1000 && accepted < n * n * n * n / 2);
}

static void
test_target_without_memory(void)
{
    for (size_t limit = 0; limit < 6000; limit += 64) {
        struct arena       mem;
        struct http_target t;
        struct err         e = ERR_INIT;

        arena_init(&mem, limit);
        if (!http_target_read(&mem, "/a/b/c?d=e&f=g", &t, &e))
            CHECK_I(e.code, ERR_NOMEM);
        else
            CHECK(t.segments == 3 && t.query_n == 2);
        arena_free(&mem);
    }
}

/* --- routes -------------------------------------------------------------------------- */

static bool
nothing(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)app, (void)req, (void)ret_res, (void)e;
    return true;
}

static void
test_routes(void)
{
    /* clang-format off */
    static const struct http_route table[] = {
        { HTTP_GET,     "/",              1, 0, nothing, .doc = "0" },
        { HTTP_GET,     "/pilots",        1, 0, nothing, .doc = "1" },
        { HTTP_POST,    "/pilots",        1, 0, nothing, .doc = "2" },
        { HTTP_GET,     "/pilots/{id}",   1, 0, nothing, .doc = "3" },
        { HTTP_POST,    "/pilots/new",    1, 0, nothing, .doc = "4" },
        { HTTP_GET,     "/pilots/old",    1, 0, nothing, .doc = "5" },
        { HTTP_GET,     "/{a}/x/{b}",     1, 0, nothing, .doc = "6" },
        { HTTP_GET,     "/pilots/x/{b}",  1, 0, nothing, .doc = "7" },
        { HTTP_GET,     "/pilots/{a}/y",  1, 0, nothing, .doc = "8" },
        { HTTP_OPTIONS, "/own",           1, 0, nothing, .doc = "9" },
    };
    static const struct {
        enum http_method method;
        const char      *path, *allow, *args;
        int              want;
    } row[] = {
        { HTTP_GET,     "/",             "GET, HEAD, OPTIONS",       "",     0 },
        { HTTP_HEAD,    "/",             "GET, HEAD, OPTIONS",       "",     0 },
        { HTTP_GET,     "/pilots",       "GET, HEAD, POST, OPTIONS", "",     1 },
        { HTTP_POST,    "/pilots",       "GET, HEAD, POST, OPTIONS", "",     2 },
        { HTTP_DELETE,  "/pilots",       "GET, HEAD, POST, OPTIONS", "",    -1 },
        { HTTP_OPTIONS, "/pilots",       "GET, HEAD, POST, OPTIONS", "",    -1 },
        { HTTP_GET,     "/pilots/7",     "GET, HEAD, OPTIONS",       "7,",   3 },
        { HTTP_GET,     "/pilots/new",   "GET, HEAD, POST, OPTIONS", "new,", 3 },
        { HTTP_POST,    "/pilots/new",   "GET, HEAD, POST, OPTIONS", "",     4 },
        { HTTP_GET,     "/pilots/old",   "GET, HEAD, OPTIONS",       "",     5 },
        { HTTP_GET,     "/pilots/x/y",   "GET, HEAD, OPTIONS",       "y,",   7 },
        { HTTP_GET,     "/pilots/z/y",   "GET, HEAD, OPTIONS",       "z,",   8 },
        { HTTP_GET,     "/a/x/b",        "GET, HEAD, OPTIONS",       "a,b,", 6 },
        { HTTP_OPTIONS, "/own",          "OPTIONS",                  "",     9 },
        { HTTP_GET,     "/own",          "OPTIONS",                  "",    -1 },
        { HTTP_GET,     "/pilots/",      "",                         "",    -1 },
        { HTTP_GET,     "/pilots//x",    "",                         "",    -1 },
        { HTTP_GET,     "/Pilots",       "",                         "",    -1 },
        { HTTP_GET,     "/none",         "",                         "",    -1 },
    };
    /* clang-format on */
    struct arena       mem;
    struct http_router r;
    struct err         e = ERR_INIT;

    arena_init(&mem, 1 << 20);
    CHECK(http_router_init(&r, table, sizeof table / sizeof *table, &mem, &e));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char        *args[HTTP_MAX_ARGS] = { NULL };
        struct http_target t;
        unsigned           methods;
        char               allow[80];
        struct str         s;

        t_row = row[i].path;
        CHECK(http_target_read(&mem, row[i].path, &t, &e));
        CHECK_I(http_router_find(&r, row[i].method, &t, &methods, args), row[i].want);
        http_router_allow(methods, allow, sizeof allow);
        CHECK_S(allow, row[i].allow);
        str_init(&s, &mem);
        for (int k = 0; args[k]; k++)
            str_addf(&s, "%s,", args[k]);
        CHECK_S(s.p, row[i].args);
    }
    arena_free(&mem);
}

static void
test_bad_tables(void)
{
    /* clang-format off */
    static const struct http_route row[][2] = {
        { { HTTP_GET, "/a",         1, 0, nothing, .doc = "twice" }, { HTTP_GET, "/a", 1, 0, nothing, .doc = "" } },
        { { HTTP_GET, "/{a}/b",     1, 0, nothing, .doc = "shape" }, { HTTP_GET, "/{c}/b", 1, 0, nothing, .doc = "" } },
        { { HTTP_GET, "a",          1, 0, nothing, .doc = "no slash" } },
        { { HTTP_GET, "/a/",        1, 0, nothing, .doc = "slash at the end" } },
        { { HTTP_GET, "/a//b",      1, 0, nothing, .doc = "empty segment" } },
        { { HTTP_GET, "/x{a}",      1, 0, nothing, .doc = "half a name" } },
        { { HTTP_GET, "/{}",        1, 0, nothing, .doc = "no name" } },
        { { HTTP_GET, "/a",         1, 0, NULL,    .doc = "no handler" } },
        { { HTTP_HEAD, "/a",        1, 0, nothing, .doc = "HEAD is GET's" } },
        { { HTTP_POST, "/a",        1, 0, nothing, HTTP_RAW_ON_BAD_ENCODING, .doc = "raw nothing" } },
        { { HTTP_GET, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", 1, 0, nothing, .doc = "9 names" } },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena       mem;
        struct http_router r;
        struct err         e = ERR_INIT;

        t_row = row[i][0].doc;
        arena_init(&mem, 1 << 20);
        CHECK(!http_router_init(&r, row[i], row[i][1].path ? 2 : 1, &mem, &e));
        CHECK_I(e.code, ERR_INVALID);
        arena_free(&mem);
    }
}

int
main(void)
{
    T_RUN(test_guard);
    T_RUN(test_guard_size);
    T_RUN(test_layout);
    T_RUN(test_target);
    T_RUN(test_query);
    T_RUN(test_targets_exhaustively);
    T_RUN(test_target_without_memory);
    T_RUN(test_routes);
    T_RUN(test_bad_tables);
    return t_end();
}
