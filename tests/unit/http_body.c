/* http_body.c - bodies and their limits, negotiation, the loopback rule, addresses. */
#include "t.h"

#include "http_int.h"

#include <stdio.h>
#include <string.h>

/* --- bodies ------------------------------------------------------------------------------ */

/* Pushes p in pieces of `step` and ends it. */
static bool
feed(struct http_body *b, const char *p, size_t n, size_t step, const char **ret_p, size_t *ret_n,
     bool *ret_broken, struct err *e)
{
    for (size_t at = 0; at < n; at += step)
        if (!http_body_push(b, p + at, n - at < step ? n - at : step, e))
            return false;
    return http_body_end(b, ret_p, ret_n, ret_broken, e);
}

static void
test_body(void)
{
    static const struct {
        const char   *name;
        size_t        plain; /* bytes of text */
        bool          zipped, keep_raw;
        size_t        cut, add; /* bytes cut off or added at the end */
        size_t        max_wire, max_plain;
        enum err_code want;
        bool          broken;
    } row[] = {
        { "plain", 5000, false, false, 0, 0, 5000, 0, ERR_NONE, false },
        { "plain, one too many", 5001, false, false, 0, 0, 5000, 0, ERR_TOO_LARGE, false },
        { "empty", 0, false, false, 0, 0, 10, 0, ERR_NONE, false },
        { "gzip", 50000, true, false, 0, 0, 5000, 50000, ERR_NONE, false },
        { "gzip, one too many", 50000, true, false, 0, 0, 5000, 49999, ERR_TOO_LARGE, false },
        { "gzip, one too many, raw", 50000, true, true, 0, 0, 5000, 49999, ERR_TOO_LARGE, false },
        { "gzip cut", 50000, true, false, 1, 0, 5000, 50000, ERR_INVALID, false },
        { "gzip cut, raw", 50000, true, true, 1, 0, 5000, 50000, ERR_NONE, true },
        { "gzip and more", 50000, true, false, 0, 1, 5000, 50000, ERR_INVALID, false },
        { "gzip and more, raw", 50000, true, true, 0, 100, 5000, 50000, ERR_NONE, true },
        { "gzip raw but fine", 50000, true, true, 0, 0, 5000, 50000, ERR_NONE, false },
        { "gzip over the wire", 50000, true, true, 0, 5000, 4000, 50000, ERR_TOO_LARGE, false },
    };
    static char text[50001], wire[60000];

    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        static const size_t steps[] = { 1, 7, 100000 };

        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            struct arena_budget budget = { .limit = 1 << 20 };
            struct arena        mem;
            struct err          e = ERR_INIT;
            struct http_body    b;
            const void         *zip = text;
            const char         *got;
            size_t              n = row[i].plain, got_n;
            bool                broken;

            t_row = row[i].name;
            arena_init(&mem, 1 << 20);
            if (row[i].zipped)
                CHECK(zip_gzip(&mem, 6, text, row[i].plain, &zip, &n, &e));
            memset(wire, 'z', sizeof wire);
            memcpy(wire, zip, n);
            n = n - row[i].cut + row[i].add;
            CHECK(http_body_open(&b,
                                 &(struct http_body_opts){ .max_wire = row[i].max_wire,
                                                           .max_plain = row[i].max_plain,
                                                           .zipped = row[i].zipped,
                                                           .keep_raw = row[i].keep_raw,
                                                           .budget = &budget },
                                 &e));
            bool ok = feed(&b, wire, n, steps[k], &got, &got_n, &broken, &e);
            CHECK_I(ok, row[i].want == ERR_NONE);
            CHECK_I(e.code, row[i].want);
            if (ok) {
                const char *want = row[i].broken ? wire : text;
                size_t      want_n = row[i].broken ? n : row[i].plain;

                CHECK_I(broken, row[i].broken);
                CHECK(got_n == want_n && memcmp(got, want, want_n) == 0 && !got[got_n]);
            }
            http_body_free(&b);
            CHECK_I(budget.used, 0);
            arena_free(&mem);
        }
    }
}

/* A body that begins as gzip does is gzip, whatever nobody said; any other is what it is. */
static void
test_found_gzip(void)
{
    static const char     text[] = "{\"batch\":[]}";
    struct arena_budget   budget = { .limit = 1 << 20 };
    struct http_body_opts o = { .max_wire = 1 << 20,
                                .max_plain = 4096,
                                .keep_raw = true,
                                .find_gzip = true,
                                .budget = &budget };
    struct arena          mem;
    const void           *zip;
    const char           *got;
    size_t                n, got_n;
    bool                  broken;

    arena_init(&mem, 1 << 20);
    for (int k = 0; k < 4; k++) {
        struct http_body b;
        struct err       e = ERR_INIT;

        CHECK(zip_gzip(&mem, 6, text, sizeof text - 1, &zip, &n, &e));
        if (k == 1) { /* not compressed */
            zip = text;
            n = sizeof text - 1;
        } else if (k == 2) { /* begins so, and is none */
            zip = "\x1f\x8bnonsense";
            n = 10;
        } else if (k == 3) { /* nobody looks */
            o.find_gzip = false;
        }
        CHECK(http_body_open(&b, &o, &e));
        for (size_t i = 0; i < n; i++) /* byte by byte */
            CHECK(http_body_push(&b, (const char *)zip + i, 1, &e));
        CHECK(http_body_end(&b, &got, &got_n, &broken, &e));
        CHECK_I(broken, k == 2);
        if (k < 2)
            CHECK_S(got, text);
        else
            CHECK(got_n == n && memcmp(got, zip, n) == 0);
        http_body_free(&b);
        CHECK_I(budget.used, 0);
    }
    arena_free(&mem);
}

static void
test_body_budget(void)
{
    struct arena_budget   budget = { .limit = 20000 };
    struct http_body      one, two;
    static char           text[15000];
    struct err            e = ERR_INIT;
    struct http_body_opts o = { .max_wire = 1 << 20, .max_plain = 1 << 20, .budget = &budget };

    CHECK(http_body_open(&one, &o, &e) && http_body_open(&two, &o, &e));
    CHECK(http_body_push(&one, text, sizeof text, &e));
    CHECK(!http_body_push(&two, text, sizeof text, &e) && e.code == ERR_BUSY);
    CHECK(budget.used > 15000 && budget.used <= budget.limit);
    http_body_free(&one);
    CHECK(http_body_push(&two, text, sizeof text, &e));
    http_body_free(&two);
    CHECK_I(budget.used, 0);
}

/* --- what the client takes ----------------------------------------------------------------- */

static void
test_negotiation(void)
{
    static const struct {
        const char *list;
        bool        gzip;
    } accept[] = {
        { NULL, false },
        { "", false },
        { "gzip", true },
        { "GZip, deflate, br", true },
        { "br;q=1.0, gzip;q=0.8, *;q=0.1", true },
        { "gzip;q=0", false },
        { "gzip; q=0.000", false },
        { "gzip ;q=0.001", true },
        { "deflate, gzip;q=0, *", false },
        { "*", true },
        { "*;q=0", false },
        { "gzipped", false },
        { "identity", false },
        { ",,, gzip", true },
    };
    static const struct {
        const char *list;
        bool        match;
    } etag[] = {
        { NULL, false },         { "", false },
        { "\"v1\"", true },      { "W/\"v1\"", true },
        { "\"v1-gz\"", true },   { "\"v0\", \"v1\"", true },
        { "*", true },           { "v1", false },
        { "\"v11\"", false },    { "\"v1-gzip\"", false },
        { "\"v0\" \"x", false }, { "\"v", false },
    };

    for (size_t i = 0; i < sizeof accept / sizeof *accept; i++) {
        t_row = accept[i].list;
        CHECK_I(http_accepts_gzip(accept[i].list), accept[i].gzip);
    }
    for (size_t i = 0; i < sizeof etag / sizeof *etag; i++) {
        t_row = etag[i].list;
        CHECK_I(http_etag_matches(etag[i].list, "v1"), etag[i].match);
    }
}

/* --- the questions a handler asks ------------------------------------------------------------ */

static void
test_loopback_rule(void)
{
    static const struct {
        const char    *host, *other; /* other: the name of one more header */
        enum http_peer peer;
        bool           want;
    } row[] = {
        { "127.0.0.1", NULL, HTTP_PEER_LOOPBACK, true },
        { "127.0.0.1:8080", NULL, HTTP_PEER_LOOPBACK, true },
        { "127.255.1.2", NULL, HTTP_PEER_LOOPBACK, true },
        { "[::1]:80", NULL, HTTP_PEER_LOOPBACK, true },
        { "localhost", NULL, HTTP_PEER_LOOPBACK, true },
        { "LocalHost:1", NULL, HTTP_PEER_LOOPBACK, true },
        { "localhost", "Accept", HTTP_PEER_LOOPBACK, true },
        { "localhost", NULL, HTTP_PEER_OTHER, false },
        { "collaudo.example", NULL, HTTP_PEER_LOOPBACK, false },
        { "localhost.example", NULL, HTTP_PEER_LOOPBACK, false },
        { "127.0.0.1.example", NULL, HTTP_PEER_LOOPBACK, false },
        { "127.0.0.256", NULL, HTTP_PEER_LOOPBACK, false },
        { "128.0.0.1", NULL, HTTP_PEER_LOOPBACK, false },
        { "[::1].example", NULL, HTTP_PEER_LOOPBACK, false },
        { "localhost:80x", NULL, HTTP_PEER_LOOPBACK, false },
        { "localhost", "Forwarded", HTTP_PEER_LOOPBACK, false },
        { "localhost", "x-forwarded-for", HTTP_PEER_LOOPBACK, false },
        { "localhost", "X-FORWARDED-HOST", HTTP_PEER_LOOPBACK, false },
        { "localhost", "Via", HTTP_PEER_LOOPBACK, false },
        { "localhost", "X-Real-Ip", HTTP_PEER_LOOPBACK, false },
        { "anything", "Forwarded", HTTP_PEER_UNIX, true },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct http_pair f[] = { { "HOST", row[i].host }, { row[i].other, "x" } };
        struct http_ex   ex = { .fields = f, .fields_n = row[i].other ? 2 : 1 };

        t_row = row[i].other ? row[i].other : row[i].host;
        ex.req.peer = row[i].peer;
        ex.req.local = row[i].peer == HTTP_PEER_UNIX;
        CHECK_I(http_is_plain_loopback(&ex.req), row[i].want);
    }
}

static void
test_content_type(void)
{
    struct http_pair f[] = { { "content-type", "Application/JSON; charset=utf-8" } };
    struct http_ex   ex = { .fields = f, .fields_n = 1 };

    CHECK(http_content_is(&ex.req, "application/json"));
    CHECK(!http_content_is(&ex.req, "application/js"));
    CHECK(!http_content_is(&ex.req, "application/json2"));
    ex.fields_n = 0;
    CHECK(!http_content_is(&ex.req, "application/json"));
}

/* --- addresses ---------------------------------------------------------------------------------
 */

static void
test_addresses(void)
{
    static const char *const bad[] = { "",        "127.0.0.1",    ":80",          "127.0.0.1:",
                                       "[::1]",   "::1:80",       "host.name:80", "127.0.0.1:65536",
                                       "1.2.3:x", "127.0.0.1:-1", "unix:" };
    struct arena             mem;
    struct err               e = ERR_INIT;
    struct http_listener     l;

    arena_init(&mem, 1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        t_row = bad[i];
        CHECK(!http_listen(bad[i], &l, &mem, &e) && e.code == ERR_INVALID);
    }
    t_row = NULL;
    if (CHECK(http_listen("localhost:0", &l, &mem, &e))) {
        char taken[40];

        CHECK(l.port > 0);
        snprintf(taken, sizeof taken, "127.0.0.1:%u", l.port);
        CHECK(!http_listen(taken, &l, &mem, &e) && e.code == ERR_CONFLICT);
        http_listen_close(&l);
    }
    arena_free(&mem);
}

int
main(void)
{
    T_RUN(test_body);
    T_RUN(test_found_gzip);
    T_RUN(test_body_budget);
    T_RUN(test_negotiation);
    T_RUN(test_loopback_rule);
    T_RUN(test_content_type);
    T_RUN(test_addresses);
    return t_end();
}
