/* json.c - the grammar against JSONTestSuite, the policy, and what cJSON would lose. */
#include "json_t.h"
#include "t.h"

#include "collaudo/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE "tests/data/json/JSONTestSuite/test_parsing"

static void
test_suite(void)
{
    DIR           *d = opendir(SUITE);
    struct dirent *f;
    int            yes = 0, no = 0, wrong = 0;

    if (!CHECK(d))
        return;
    while ((f = readdir(d))) {
        char   path[512], *text;
        size_t n;

        if (f->d_name[0] != 'y' && f->d_name[0] != 'n')
            continue;
        snprintf(path, sizeof path, SUITE "/%s", f->d_name);
        text = t_file(path, &n);
        bool ok = json_t_valid(text, n);
        yes += ok && f->d_name[0] == 'y';
        no += !ok && f->d_name[0] == 'n';
        if (ok != (f->d_name[0] == 'y')) {
            fprintf(stderr, "wrong about %s\n", f->d_name);
            wrong++;
        }
        free(text);
    }
    closedir(d);
    CHECK_I(yes, 95);
    CHECK_I(no, 188);
    CHECK_I(wrong, 0);
}

/* Every prefix of a document, and every document with one byte changed, is either
 * accepted by both the scan and cJSON or never reaches cJSON. ASan watches. */
static void
test_prefixes(void)
{
    static const char doc[] =
        "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00\",{\"b\":null}],\"c\":true}";
    size_t n = sizeof doc - 1;

    CHECK(json_t_valid(doc, n));
    for (size_t i = 0; i < n; i++) {
        char *copy = malloc(i + 1); /* exact size: reading over the end is found */

        memcpy(copy, doc, i);
        CHECK(!json_t_valid(copy, i));
        free(copy);
    }
}

static void
test_policy(void)
{
    static const struct {
        const char      *text;
        enum json_unsafe want;
    } row[] = {
        { "{\"a\":1,\"b\":2}", JSON_SAFE },
        { "{\"a\":1,\"a\":2}", JSON_DUPLICATE_KEY },
        { "{\"x\":{\"a\":1,\"\\u0061\":2}}", JSON_DUPLICATE_KEY },
        { "[{\"a\":1},{\"a\":2}]", JSON_SAFE },
        { "\"a\\u0000b\"", JSON_BAD_UNICODE },
        { "\"\\ud800\"", JSON_BAD_UNICODE },
        { "\"\\ud800\\ud800\\udc00\"", JSON_BAD_UNICODE },
        { "\"\\udc00\"", JSON_BAD_UNICODE },
        { "\"\\ud83d\\ude00\"", JSON_SAFE },
        { "\"\xff\"", JSON_BAD_UNICODE },
        { "\"\xed\xa0\x80\"", JSON_BAD_UNICODE },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena       mem;
        struct err         e = ERR_INIT;
        struct json_slice *s;
        size_t             n;
        const cJSON       *doc = NULL;
        enum json_unsafe   got;

        t_row = row[i].text;
        arena_init(&mem, 1 << 20);
        if (CHECK(json_cut(&mem, row[i].text, strlen(row[i].text), JSON_ONE, 1, &s, &n, &e))) {
            got = json_policy(s, NULL, NULL);
            if (!got && CHECK(json_parse_slice(&mem, s, &doc, &e)))
                got = json_policy(s, doc, NULL);
            CHECK_I(got, row[i].want);
        }
        arena_free(&mem);
    }
}

static void
test_depth(void)
{
    for (size_t depth = 1; depth <= JSON_HARD_DEPTH + 1; depth += depth < 70 ? 1 : 1007) {
        char              *text = malloc(2 * depth + 1);
        struct arena       mem;
        struct err         e = ERR_INIT;
        struct json_slice *s;
        size_t             n;

        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        arena_init(&mem, 1 << 20);
        bool read = json_cut(&mem, text, 2 * depth, JSON_ONE, 1, &s, &n, &e);
        CHECK(read == (depth <= JSON_HARD_DEPTH));
        if (read)
            CHECK_I(json_policy(s, NULL, NULL),
                    depth <= JSON_MAX_DEPTH ? JSON_SAFE : JSON_TOO_DEEP);
        arena_free(&mem);
        free(text);
    }
}

static void
test_cutting(void)
{
    static const struct {
        const char    *text;
        enum json_form form;
        int            n, broken; /* n = -1: refused */
    } row[] = {
        { "{\"a\":1}", JSON_AUTO, 1, 0 },
        { " [ {\"a\":1} , 2 , [3,4] ] ", JSON_AUTO, 3, 0 },
        { "[]", JSON_AUTO, 0, 0 },
        { "[1,]", JSON_AUTO, -1, 0 },
        { "[1", JSON_AUTO, -1, 0 },
        { "", JSON_AUTO, -1, 0 },
        { "{\"a\":1}\n{\"a\":2}\n", JSON_AUTO, 2, 0 },
        { "{\"a\":1} {\"a\":2}", JSON_AUTO, -1, 0 },
        { "{\"a\":1}\r\n\r\n{oops}\n{\"a\":2}", JSON_LINES, 3, 1 },
        { "{\"a\":1}\n{\"a\":", JSON_LINES, 2, 1 },
        { "{\"a\":1} 2\n3", JSON_LINES, 2, 1 },
        { "[1,2]\n[3]", JSON_LINES, 2, 0 },
        { "[1,2]", JSON_ONE, 1, 0 },
        { "1 2", JSON_ONE, -1, 0 },
        { "[1,2,3,4,5]", JSON_AUTO, -2, 0 }, /* over the limit of 4 */
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena       mem;
        struct err         e = ERR_INIT;
        struct json_slice *s;
        size_t             n = 0;
        int                broken = 0;

        t_row = row[i].text;
        arena_init(&mem, 1 << 20);
        bool ok = json_cut(&mem, row[i].text, strlen(row[i].text), row[i].form, 4, &s, &n, &e);
        CHECK(ok == (row[i].n >= 0));
        if (ok) {
            CHECK_I(n, row[i].n);
            for (size_t k = 0; k < n; k++)
                broken += s[k].broken;
            CHECK_I(broken, row[i].broken);
        } else {
            CHECK_I(e.code, row[i].n == -2 ? ERR_TOO_LARGE : ERR_INVALID);
        }
        arena_free(&mem);
    }
}

static void
test_numbers_survive(void)
{
    static const struct {
        const char *in, *out;
    } row[] = {
        { "{\"id\":123456789012345678}", "{\"id\":\"123456789012345678\"}" },
        { "[-9007199254740993,1]", "[\"-9007199254740993\",1]" },
        { "[1e400]", "[\"1e400\"]" },
        { "[\"1e400\",123456789012345]", "[\"1e400\",123456789012345]" },
        { "{\"123456789012345678\":\"a 123456789012345678\"}",
          "{\"123456789012345678\":\"a 123456789012345678\"}" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena mem;
        struct err   e = ERR_INIT;
        const cJSON *doc;
        const char  *text = NULL;
        size_t       n;

        t_row = row[i].in;
        arena_init(&mem, 1 << 20);
        CHECK(json_parse(&mem, row[i].in, strlen(row[i].in), &doc, &e) &&
              json_print(&mem, doc, &text, &n, &e));
        CHECK_S(text, row[i].out);
        arena_free(&mem);
    }
}

static void
test_pointer(void)
{
    static const char doc[] =
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"m~n\":8,\"k\":{\"l\":2}}";
    static const struct {
        const char *pointer;
        bool        there;
    } row[] = { { "", true },      { "/foo", true },    { "/foo/0", true }, { "/foo/2", false },
                { "/", true },     { "/a~1b", true },   { "/m~0n", true },  { "/k/l", true },
                { "/k/m", false }, { "/foo/x", false }, { "foo", false },   { "/foo/00", false } };
    struct arena mem;
    struct err   e = ERR_INIT;
    const cJSON *d;

    arena_init(&mem, 1 << 20);
    CHECK(json_parse(&mem, doc, sizeof doc - 1, &d, &e));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        t_row = row[i].pointer;
        CHECK((json_at(d, row[i].pointer) != NULL) == row[i].there);
    }
    arena_free(&mem);
}

static void
test_canonical(void)
{
    static const char in[] =
        "{ \"b\": [1, -2, true, null], \"a\": \"\\u000f\\n\\u00e9\\\"\", \"\": {} }";
    struct arena mem;
    struct err   e = ERR_INIT;
    const cJSON *d;
    const char  *text = NULL;
    size_t       n;

    arena_init(&mem, 1 << 20);
    CHECK(json_parse(&mem, in, sizeof in - 1, &d, &e) && json_canonical(&mem, d, &text, &n, &e));
    CHECK_S(text, "{\"\":{},\"a\":\"\\u000f\\n\xc3\xa9\\\"\",\"b\":[1,-2,true,null]}");
    CHECK(json_parse(&mem, "[0.5]", 5, &d, &e));
    CHECK(!json_canonical(&mem, d, &text, &n, &e));
    arena_free(&mem);
}

/* Starved of memory at every size, a sound document is never called bad JSON. */
static void
test_no_memory_is_not_bad_json(void)
{
    static const char doc[] = "{\"a\":[1,2,3,{\"b\":\"cdefghijklmnop\"}],\"n\":123456789012345678}";
    int               starved = 0, fine = 0;

    for (size_t limit = 64; limit < 16384; limit += 16) {
        struct arena mem;
        struct err   e = ERR_INIT;
        const cJSON *d;

        arena_init(&mem, limit);
        if (json_parse(&mem, doc, sizeof doc - 1, &d, &e))
            fine++;
        else if (CHECK_I(e.code, ERR_NOMEM))
            starved++;
        arena_free(&mem);
    }
    CHECK(starved > 10 && fine > 10);
}

int
main(void)
{
    T_RUN(test_suite);
    T_RUN(test_prefixes);
    T_RUN(test_policy);
    T_RUN(test_depth);
    T_RUN(test_cutting);
    T_RUN(test_numbers_survive);
    T_RUN(test_pointer);
    T_RUN(test_canonical);
    T_RUN(test_no_memory_is_not_bad_json);
    return t_end();
}
