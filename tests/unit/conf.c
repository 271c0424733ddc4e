/* conf.c - YAML and JSON as people write them: types, lines, refusals, tables. */
#include "t.h"

#include "collaudo/conf.h"
#include "collaudo/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena mem;

/* The tree of a text called `name`; NULL: refused, *e says why. */
static const cJSON *
tree(const char *name, const char *text, struct err *e)
{
    const cJSON *doc = NULL;

    return conf_parse(&(struct conf_text){ name, text, strlen(text) }, &mem, &doc, e) ? doc : NULL;
}

/* What a plain YAML scalar is. */
static void
test_types(void)
{
    static const struct {
        const char *text, *want; /* s string, n number, b boolean, 0 nothing; then its text */
    } row[] = {
        { "true", "btrue" },
        { "false", "bfalse" },
        { "True", "sTrue" },
        { "yes", "syes" },
        { "no", "sno" },
        { "on", "son" },
        { "off", "soff" },
        { "y", "sy" },
        { "12", "n12" },
        { "-3", "n-3" },
        { "0", "n0" },
        { "012", "s012" },
        { "0x1F", "s0x1F" },
        { "0o17", "s0o17" },
        { "1_000", "s1_000" },
        { "+5", "s+5" },
        { "0.70", "n0.70" },
        { "-0.5", "n-0.5" },
        { ".5", "s.5" },
        { "5.", "s5." },
        { "1e3", "s1e3" },
        { "12:30", "s12:30" },
        { ".inf", "s.inf" },
        { ".nan", "s.nan" },
        { "2026-03-02", "s2026-03-02" },
        { "2026-03-02T09:00:00Z", "s2026-03-02T09:00:00Z" },
        { "~", "0" },
        { "null", "0" },
        { "", "0" },
        { "Null", "sNull" },
        { "\"12\"", "s12" },
        { "'true'", "strue" },
        { "\"\"", "s" },
        { "u01@azienda.example", "su01@azienda.example" },
        { "perch\xc3\xa9 no", "sperch\xc3\xa9 no" },
        { "123456789012345678", "n123456789012345678" },
        { "|\n  due\n  righe\n", "sdue\nrighe\n" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct err   e = ERR_INIT;
        char         text[128], got[128] = "?";
        const cJSON *v;

        t_row = row[i].text;
        snprintf(text, sizeof text, "a: %s\n", row[i].text);
        v = json_get(tree("t.yaml", text, &e), "a");
        if (cJSON_IsString(v))
            snprintf(got, sizeof got, "s%s", v->valuestring);
        else if (cJSON_IsNumber(v))
            snprintf(got, sizeof got, "n%s", conf_number(v));
        else if (cJSON_IsBool(v))
            snprintf(got, sizeof got, "b%s", cJSON_IsTrue(v) ? "true" : "false");
        else if (cJSON_IsNull(v))
            snprintf(got, sizeof got, "0");
        CHECK_S(got, row[i].want);
    }
}

static void
test_refusals(void)
{
    static const struct {
        const char *name, *text, *why;
    } row[] = {
        { "t.yaml", "a: &x 1\n", "t.yaml:1: anchors" },
        { "t.yaml", "a: 1\nb: *x\n", "t.yaml:2: aliases" },
        { "t.yaml", "a: [1, &y [2]]\n", "anchors" },
        { "t.yaml", "a: &z {}\n", "anchors" },
        { "t.yaml", "a: !!str 12\n", "tags" },
        { "t.yaml", "a: !!binary aGk=\n", "tags" },
        { "t.yaml", "a: !x [1]\n", "tags" },
        { "t.yaml", "!!str a: 1\n", "tags" },
        { "t.yaml", "a: 1\nb: 2\na: 3\n", "t.yaml:3: a is written twice (first on line 1)" },
        { "t.yaml", "a: 1\n\"a\": 3\n", "written twice" },
        { "t.yaml", "x:\n  - {b: 1, b: 2}\n", "x[0].b is written twice" },
        { "t.yaml", "a: 1\n---\nb: 2\n", "t.yaml:2: a second document" },
        { "t.yaml", "a: 1\n...\n---\n", "a second document" },
        { "t.yaml", "? [1, 2]\n: 3\n", "a key must be text" },
        { "t.yaml", "", "the file is empty" },
        { "t.yaml", "# only a comment\n", "the file is empty" },
        { "t.yaml", "- 1\n- 2\n", "must hold keys with values" },
        { "t.yaml", "hello\n", "must hold keys with values" },
        { "t.yaml", "a: [1, 2\nb: 3\n", "not YAML" },
        { "t.yaml", "a:\n\t- 1\n", "t.yaml:2: not YAML" },
        { "t.yaml", "a: b: c\n", "not YAML" },
        { "t.yaml", "a: \"x\\0y\"\n", "U+0000" },
        { "t.yaml", "a: \"\\ud800\"\n", "not YAML" },
        { "t.yaml", "a: \xff\n", "not UTF-8" },
        { "t.yaml", "a: \x01\n", "not YAML" },
        { "t.yaml", "a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", "nested too deep" },
        { "t.json", "{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", "nested too deep" },
        { "t.json", "{\"a\":1,\n\"a\":2}", "t.json:2: a is written twice" },
        { "t.json", "{\"a\":1,\n\"\\u0061\":2}", "t.json:2: a is written twice" },
        { "t.json", "{\"a\":01}", "t.json: " },
        { "t.json", "{\"a\":1} x", "t.json: " },
        { "t.json", "{\"a\":\"\\u0000\"}", "U+0000" },
        { "t.json", "a: 1\n", "t.json: " },
        { "t.json", "", "t.json: " },
        { "t.json", "[1]", "must hold keys with values" },
        { "t", " {\"a\":1,}", "t: " }, /* begins with a brace: JSON to the letter */
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct err e = ERR_INIT;

        t_row = row[i].text;
        CHECK(!tree(row[i].name, row[i].text, &e));
        CHECK_I(e.code, ERR_INVALID);
        if (!CHECK(strstr(e.text, row[i].why)))
            fprintf(stderr, "  it says: %s\n", e.text);
    }
}

/* Formats go by the name, else by the first byte; a byte order mark is passed over. */
static void
test_formats(void)
{
    struct err e = ERR_INIT;

    CHECK(json_get(tree("x.yml", "{a: 1}", &e), "a"));
    CHECK(json_get(tree("x.YAML", "a: 1", &e), "a"));
    CHECK(json_get(tree("-", "a: 1", &e), "a"));
    CHECK(json_get(tree("-", "\n {\"a\": 1}", &e), "a"));
    CHECK(json_get(tree("x.yaml",
                        "\xef\xbb\xbf"
                        "a: 1",
                        &e),
                   "a"));
    CHECK(json_get(tree("x.yaml", "%YAML 1.2\n---\na: 1\n", &e), "a"));
    CHECK_S(json_text(tree("x.json", "{\"a\":\"\\ud83d\\ude00\\/\\n\"}", &e), "a"),
            "\xf0\x9f\x98\x80/\n");
    CHECK_I(e.code, ERR_NONE);
}

static void
test_places(void)
{
    static const char yaml[] =
        "a: 1\n\nlist:\n  - x: 1\n    y:\n      deep: 0.50\n  - [1,\n     2]\n";
    static const char json[] =
        "{\"a\": 1,\n\n\"list\":\n [{\"x\": 1,\n \"y\":\n {\"deep\": 0.50}},\n [1,\n 2]]}";
    static const struct {
        const char *pointer, *path;
        int         yaml, json;
    } row[] = {
        { "/a", "a", 1, 1 },
        { "/list", "list", 3, 3 },
        { "/list/0/x", "list[0].x", 4, 4 },
        { "/list/0/y", "list[0].y", 5, 5 },
        { "/list/0/y/deep", "list[0].y.deep", 6, 6 },
        { "/list/1", "list[1]", 7, 7 },
        { "/list/1/1", "list[1][1]", 8, 8 },
    };
    struct err   e = ERR_INIT;
    const cJSON *y = tree("t.yaml", yaml, &e), *j = tree("t.json", json, &e);

    for (size_t i = 0; i < sizeof row / sizeof *row && CHECK(y && j); i++) {
        t_row = row[i].path;
        if (!CHECK(json_at(y, row[i].pointer) && json_at(j, row[i].pointer)))
            continue;
        CHECK_I(conf_line(json_at(y, row[i].pointer)), row[i].yaml);
        CHECK_I(conf_line(json_at(j, row[i].pointer)), row[i].json);
        CHECK_S(conf_path(json_at(y, row[i].pointer), &mem), row[i].path);
        CHECK_S(conf_path(json_at(j, row[i].pointer), &mem), row[i].path);
    }
    CHECK_S(conf_number(json_at(y, "/list/0/y/deep")), "0.50");
    CHECK_S(conf_number(json_at(j, "/list/0/y/deep")), "0.50");
    y = tree("t.yaml", "mario.rossi@azienda.example: {x: 1}", &e);
    CHECK_S(conf_path(json_at(y, "/mario.rossi@azienda.example/x"), &mem), "?.x");
}

static void
test_decimals(void)
{
    static const struct {
        const char *text;
        int         digits;
        bool        ok;
        int64_t     want;
    } row[] = {
        { "0.70", 4, true, 7000 },
        { "0.7", 4, true, 7000 },
        { "1", 4, true, 10000 },
        { "1.0000", 4, true, 10000 },
        { "0.70000", 4, false, 0 },
        { "-0.05", 4, true, -500 },
        { "0.0001", 4, true, 1 },
        { "68", 4, true, 680000 },
        { "39.00", 2, true, 3900 },
        { "39.005", 2, false, 0 },
        { "1e2", 4, false, 0 },
        { "", 4, false, 0 },
        { ".5", 4, false, 0 },
        { "0,7", 4, false, 0 },
        { "12", 0, true, 12 },
        { "12.0", 0, false, 0 },
        { "99999999999999999", 4, false, 0 },
        { "-", 4, false, 0 },
        { "0.29", 4, true, 2900 },
        { "4.35", 2, true, 435 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t v = 0;

        t_row = row[i].text;
        CHECK_I(conf_decimal(row[i].text, row[i].digits, &v), row[i].ok);
        CHECK_I(v, row[i].want);
    }
}

/* --- tables ---------------------------------------------------------------------- */

struct wheel {
    struct conf_place at;
    int64_t           size;
    struct conf_texts spokes;
};

struct car {
    struct conf_place at;
    const char       *name, *code;
    bool              fast;
    int64_t           seats, share, price;
    int32_t           built;
    int               colour;
    struct conf_texts tags;
    struct wheel      spare;
    struct conf_list  wheels;
};

static const char *const colours[] = { "red", "green", "blue", NULL };
static const char *const spokes[] = { "thin", "thick", NULL };

/* clang-format off */
static const struct conf_key wheel_keys[] = {
    { "size",   CONF_INT,   offsetof(struct wheel, size),   .must = true, .least = 1, .most = 99, .doc = "Inches." },
    { "spokes", CONF_TEXTS, offsetof(struct wheel, spokes), .words = spokes, .fallback = "thin", .doc = "Kinds." },
    { .type = CONF_END },
};
static const struct conf_table wheels = { "What it rolls on.", wheel_keys, sizeof(struct wheel) };
static const struct conf_key car_keys[] = {
    { "name",   CONF_TEXT,   offsetof(struct car, name),   .must = true, .least = 1, .most = 8, .doc = "Its name." },
    { "code",   CONF_CODE,   offsetof(struct car, code),   .fallback = "none", .doc = "Its code." },
    { "fast",   CONF_BOOL,   offsetof(struct car, fast),   .fallback = "true", .doc = "Is it?" },
    { "seats",  CONF_INT,    offsetof(struct car, seats),  .most = 9, .fallback = "5", .doc = "People." },
    { "share",  CONF_E4,     offsetof(struct car, share),  .fallback = "0.85", .doc = "Yours." },
    { "price",  CONF_E2,     offsetof(struct car, price),  .doc = "In euro." },
    { "built",  CONF_DAY,    offsetof(struct car, built),  .doc = "First day." },
    { "colour", CONF_WORD,   offsetof(struct car, colour), .words = colours, .fallback = "blue", .doc = "Paint." },
    { "tags",   CONF_TEXTS,  offsetof(struct car, tags),   .most = 3, .fallback = "a b", .doc = "Labels." },
    { "spare",  CONF_OBJECT, offsetof(struct car, spare),  .sub = &wheels, .doc = "The fifth." },
    { "wheels", CONF_LIST,   offsetof(struct car, wheels), .sub = &wheels, .most = 4, .doc = "The others." },
    { .type = CONF_END },
};
static const struct conf_table cars = { "A car.", car_keys, sizeof(struct car) };
/* clang-format on */

static void
test_reading(void)
{
    struct conf_faults f;
    struct err         e = ERR_INIT;
    struct car         c = { .at = { 0 } };

    conf_faults_init(&f, &mem);
    conf_read(&cars,
              tree("t.yaml",
                   "name: 4711\nshare: 0.70\nprice: 12.3\nbuilt: 2026-03-02\nfast: false\n"
                   "seats: 4\ncolour: green\ntags: one\ncode: a-1\n"
                   "wheels: [{size: 17}, {size: 18, spokes: [thick, thin]}]\n",
                   &e),
              &c, &f);
    CHECK(conf_faults_check(&f, &e));
    CHECK_S(c.name, "4711");
    CHECK_S(c.code, "a-1");
    CHECK(!c.fast && c.seats == 4 && c.share == 7000 && c.price == 1230 && c.colour == 1);
    CHECK_I(c.built, time_day(2026, 3, 2));
    CHECK(c.tags.n == 1 && c.tags.node);
    CHECK_S(c.tags.v[0], "one");
    const struct wheel *w = c.wheels.rows;
    if (CHECK(c.wheels.n == 2)) {
        CHECK(w[0].size == 17 && w[0].spokes.n == 1 && !w[0].spokes.node);
        CHECK(w[1].size == 18 && w[1].spokes.n == 2);
        CHECK(conf_given(&wheels, &w[1], "spokes") && !conf_given(&wheels, &w[0], "spokes"));
    }
    c = (struct car){ .at = { 0 } };
    conf_read(&cars, tree("t.json", "{\"name\":\"x\",\"tags\":null}", &e), &c, &f);
    CHECK(conf_faults_check(&f, &e));
    CHECK(!json_get(conf_canonical(&cars, &c, &mem), "spare")); /* absent as a whole */
    CHECK(c.fast && c.seats == 5 && c.share == 8500 && c.colour == 2 && c.tags.n == 2);
    CHECK_S(c.tags.v[1], "b");
    CHECK(!c.spare.at.node && c.spare.spokes.n == 1 && c.wheels.n == 0);
}

static void
test_faults(void)
{
    static const struct {
        const char *text, *why;
    } row[] = {
        { "nmae: x", "nmae is unknown; did you mean name?" },
        { "zzz: x", "zzz is unknown" },
        { "fast: true", "name is missing" },
        { "name:", "name is missing" },
        { "name: ''", "name wants text of 1 to 8 bytes" },
        { "name: 123456789", "name wants text of 1 to 8 bytes" },
        { "name: true", "name wants text: put it in quotes" },
        { "name: 0.5", "name wants text: put it in quotes" },
        { "name: [a]", "name wants text" },
        { "name: \"a\\nb\"", "name wants text of one line" },
        { "code: A", "code wants a short name" },
        { "code: -a", "code wants a short name" },
        { "fast: yes", "fast wants true or false" },
        { "fast: 1", "fast wants true or false" },
        { "seats: 10", "seats wants a number from 0 to 9" },
        { "seats: -1", "seats wants a number from 0 to 9" },
        { "seats: 4.0", "seats wants a whole number" },
        { "seats: '4'", "seats wants a whole number" },
        { "share: 0.70001", "share wants a number like 0.70, at most 4 decimals" },
        { "share: 70%", "share wants a number" },
        { "price: 1.005", "price wants an amount" },
        { "built: 2026-02-30", "built wants a day" },
        { "built: 02/03/2026", "built wants a day" },
        { "colour: gren", "colour wants red, green or blue; did you mean green?" },
        { "colour: 3", "colour wants red, green or blue" },
        { "tags: [a, b, c, d]", "tags wants 0 to 3 entries" },
        { "tags: [a, [b]]", "tags[1] wants text" },
        { "spare: 3", "spare wants keys with values" },
        { "spare: {}", "spare.size is missing" },
        { "spare: {size: 3, spoks: x}", "spare.spoks is unknown; did you mean spokes?" },
        { "spare: {size: 3, spokes: [thin, tick]}", "spokes[1] wants thin or thick; did you mean" },
        { "wheels: {size: 3}", "wheels wants a list" },
        { "wheels: [{size: 3}, 4]", "wheels[1] wants keys with values" },
        { "wheels: [{size: 3}, {size: 100}]", "wheels[1].size wants a number from 1 to 99" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct conf_faults f;
        struct err         e = ERR_INIT, why = ERR_INIT;
        struct car         c = { .at = { 0 } };
        bool               found = false;

        t_row = row[i].text;
        conf_faults_init(&f, &mem);
        conf_read(&cars, tree("t.yaml", row[i].text, &e), &c, &f);
        CHECK(!conf_faults_check(&f, &why));
        CHECK_I(why.code, ERR_INVALID);
        for (size_t k = 0; k < f.n; k++) {
            found = found || strstr(f.v[k].text, row[i].why);
            CHECK_S(f.v[k].file, "t.yaml");
            CHECK_I(f.v[k].line, 1);
        }
        if (!CHECK(found))
            fprintf(stderr, "  it says: %s\n", why.text);
    }
}

/* All faults are found at once, the first is the error, no value is quoted. */
static void
test_many_faults(void)
{
    struct conf_faults f;
    struct err         e = ERR_INIT;
    struct car         c = { .at = { 0 } };
    struct str         text;

    conf_faults_init(&f, &mem);
    conf_read(&cars, tree("a.yaml", "name: x\ncolour: anna.bianchi\nseats: 11\nfst: 1\n", &e), &c,
              &f);
    CHECK_I(f.n, 3);
    CHECK(!conf_faults_check(&f, &e));
    CHECK_S(e.text, "a.yaml:2: colour wants red, green or blue (and 2 more)");
    for (size_t i = 0; i < f.n; i++)
        CHECK(!strstr(f.v[i].text, "anna"));
    str_init(&text, &mem);
    str_add(&text, "name: x\n");
    for (int i = 0; i < 150; i++)
        str_addf(&text, "q%d: 1\n", i);
    conf_faults_init(&f, &mem);
    conf_read(&cars, tree("a.yaml", text.p, &e), &c, &f);
    CHECK_I(f.n, CONF_MAX_FAULTS);
    CHECK_I(f.more, 50);
}

static void
test_limits(void)
{
    struct str   text;
    struct err   e = ERR_INIT;
    struct arena small;
    const cJSON *doc;
    const char   nested[] = "a: {b: [1, 2, {c: \"x\"}]}\n";
    int          starved = 0;

    str_init(&text, &mem);
    for (int i = 0; i < CONF_MAX_KEYS; i++)
        str_addf(&text, "k%d: 1\n", i);
    CHECK(tree("t.yaml", text.p, &e));
    str_add(&text, "one_more: 1\n");
    CHECK(!tree("t.yaml", text.p, &e));
    CHECK_S(e.text, "t.yaml:257: more than 256 keys in one object");
    str_init(&text, &mem);
    str_add(&text, "people:\n");
    for (int i = 0; i < 20000; i++)
        str_addf(&text, "  - {id: user %d, team: it}\n", i);
    CHECK(cJSON_IsArray(json_get(tree("t.yaml", text.p, &e), "people")));
    /* every arena too small for it ends in ERR_NOMEM, whichever allocation fails */
    for (size_t limit = 100; limit < 6000; limit += 16) {
        struct err why = ERR_INIT;

        arena_init(&small, limit);
        if (!conf_parse(&(struct conf_text){ "t.yaml", nested, sizeof nested - 1 }, &small, &doc,
                        &why)) {
            starved++;
            CHECK_I(why.code, ERR_NOMEM);
        }
        arena_free(&small);
    }
    CHECK(starved > 10);
    doc = tree("t.yaml", "a: 1", &e);
    CHECK(!conf_parse(&(struct conf_text){ "t.yaml", text.p, CONF_MAX_BYTES + 1 }, &mem, &doc, &e));
    CHECK_I(e.code, ERR_TOO_LARGE);
}

/* One byte changed anywhere: accepted or refused, never a crash (sanitizers watch), and what is
 * accepted has lines. */
static void
test_changed_bytes(void)
{
    static const char yaml[] = "a: [1, {b: 'x', \"c\\u00e9\": ~}]\nd: |\n  e\n# f\ng: {h: -1.5}\n";
    static const char json[] = "{\"a\":[1,{\"b\":\"x\",\"c\\u00e9\":null}],\n\"g\":-1.5e2}";
    static const char bytes[] = "\0\"'[]{}:,&*!|>%@`#-?\n\t\\ \xff\xc3"
                                "0a";
    const struct conf_text file[] = { { "t.yaml", yaml, sizeof yaml - 1 },
                                      { "t.json", json, sizeof json - 1 } };
    int                    accepted = 0;

    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < file[f].n; i++)
            for (size_t b = 0; b < sizeof bytes - 1; b++) {
                char        *copy = malloc(file[f].n); /* exact size */
                struct err   e = ERR_INIT;
                const cJSON *doc = NULL;
                struct arena one;

                memcpy(copy, file[f].text, file[f].n);
                copy[i] = bytes[b];
                arena_init(&one, 1 << 20);
                if (conf_parse(&(struct conf_text){ file[f].name, copy, file[f].n }, &one, &doc,
                               &e)) {
                    accepted++;
                    t_int(conf_line(doc) >= 1, 1, __FILE__, __LINE__, "line");
                }
                arena_free(&one);
                free(copy);
            }
    CHECK(accepted > 100);
}

/* The same in YAML and JSON, defaults written or not: the same bytes. */
static void
test_canonical(void)
{
    static const struct {
        const char *name, *text;
    } row[] = {
        { "t.yaml", "name: x\nshare: 0.7\nprice: 39\nbuilt: 2026-03-02\n"
                    "wheels: [{size: 3}, {size: 4, spokes: thick}]\nspare: {size: 9}\n" },
        { "t.json", "{\"spare\":{\"spokes\":[\"thin\"],\"size\":9},\"name\":\"x\",\"share\":0.70,"
                    "\"price\":39.00,\"built\":\"2026-03-02\",\"seats\":5,\"fast\":true,"
                    "\"colour\":\"blue\",\"tags\":[\"a\",\"b\"],\"code\":\"none\","
                    "\"wheels\":[{\"size\":3},{\"size\":4,\"spokes\":\"thick\"}]}" },
    };
    static const char want[] =
        "{\"built\":\"2026-03-02\",\"code\":\"none\",\"colour\":\"blue\",\"fast\":true,\"name\":"
        "\"x\","
        "\"price_cents\":3900,\"seats\":5,\"share_e4\":7000,"
        "\"spare\":{\"size\":9,\"spokes\":[\"thin\"]},\"tags\":[\"a\",\"b\"],"
        "\"wheels\":[{\"size\":3,\"spokes\":[\"thin\"]},{\"size\":4,\"spokes\":[\"thick\"]}]}";

    for (size_t i = 0; i < 2; i++) {
        struct conf_faults f;
        struct err         e = ERR_INIT;
        struct car         c = { .at = { 0 } };
        const char        *text = NULL;
        size_t             n;

        t_row = row[i].name;
        conf_faults_init(&f, &mem);
        conf_read(&cars, tree(row[i].name, row[i].text, &e), &c, &f);
        CHECK(conf_faults_check(&f, &e));
        CHECK(json_canonical(&mem, conf_canonical(&cars, &c, &mem), &text, &n, &e));
        CHECK_S(text, want);
    }
}

/* Nodes keep their place when several files become one. */
static void
test_grouping(void)
{
    struct err   e = ERR_INIT;
    const cJSON *a = tree("a.yaml", "x: 1\nlist: [1, 2]\n", &e);
    const cJSON *b = tree("b.yaml", "\n\nlist:\n  - 3\n", &e);
    cJSON       *all = conf_group(NULL, &mem);

    conf_add(all, json_get(a, "x"), &mem);
    cJSON *list = conf_add(all, json_get(a, "list"), &mem);
    conf_add(list, json_at(b, "/list/0"), &mem);
    CHECK_S(conf_number(json_at(all, "/list/2")), "3");
    CHECK_S(conf_file(json_at(all, "/list/2")), "b.yaml");
    CHECK_S(conf_path(json_at(all, "/list/2"), &mem), "list[0]");
    CHECK_I(conf_line(json_at(all, "/list/2")), 4);
    CHECK_S(conf_file(json_at(all, "/list/1")), "a.yaml");
    CHECK(json_get(all, "x"));
}

static void
test_doc(void)
{
    struct str out;

    str_init(&out, &mem);
    conf_doc(&cars, &out);
    CHECK(strstr(out.p, "| `name` | text, 1 to 8 bytes | **required** | Its name. |\n"));
    CHECK(strstr(out.p, "| `share` | decimal | `0.85` | Yours. |\n"));
    CHECK(strstr(out.p, "| `colour` | word: `red`, `green`, `blue` | `blue` | Paint. |\n"));
    CHECK(strstr(out.p, "\n## `wheels[]`\n"));
    CHECK(strstr(out.p, "\n## `spare`\n"));
}

int
main(void)
{
    arena_init(&mem, 256 << 20);
    T_RUN(test_types);
    T_RUN(test_refusals);
    T_RUN(test_formats);
    T_RUN(test_places);
    T_RUN(test_decimals);
    T_RUN(test_reading);
    T_RUN(test_faults);
    T_RUN(test_many_faults);
    T_RUN(test_limits);
    T_RUN(test_changed_bytes);
    T_RUN(test_canonical);
    T_RUN(test_grouping);
    T_RUN(test_doc);
    arena_free(&mem);
    return t_end();
}
