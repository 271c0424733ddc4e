/* mapping_apply.c - applying a mapping: struct events and refusals, bodies of senders, bounds,
 * and the traps that vendors set. */
#include "mapping_t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define M(format, more, set)                                                                       \
    "{\"mapping\":\"m\",\"version\":1,\"format\":\"" format "\"" more                              \
    ",\"common\":{\"/id\":\"/id\",\"/source\":{\"const\":\"tool\"},\"/"                            \
    "time\":{\"time\":{\"from\":\"/t\"}}},"                                                        \
    "\"rules\":[{\"set\":{\"/type\":{\"first\":[\"/type\",{\"const\":\"pilot.usage\"}]}" set       \
    "}}]}"
#define USER ",\"/data/actor/user/uid\":\"/u\",\"/data/activity_name\":\"/a\""
#define T "\"t\":\"2026-03-02T09:00:00Z\""

struct row {
    const char *map, *body, *want;
};

static void
try_rows(const struct row *rows, size_t n, bool events)
{
    for (size_t i = 0; i < n; i++) {
        struct arena mem;

        t_row = rows[i].body;
        arena_init(&mem, 32 << 20);
        const struct mapping *m = t_mapping(rows[i].map, strlen(rows[i].map), &mem);
        size_t                body_n = strlen(rows[i].body);
        CHECK_S(events ? t_events(m, rows[i].body, body_n, NULL, 0, "crm", &mem)
                       : t_apply(m, rows[i].body, body_n, NULL, 0, &mem),
                rows[i].want);
        arena_free(&mem);
    }
    t_row = NULL;
}

/* --- struct events ------------------------------------------------------------------------ */

#define EV(user, type, status)                                                                     \
    "{\"user\":\"" user "\",\"time\":\"2026-03-02T09:00:00Z\",\"type\":\"" type                    \
    "\",\"status\":\"" status "\",\"id\":\"1\",\"source\":\"crm\","

/* clang-format off */
static const struct row events[] = {
    { M("json", "", USER), "{\"id\":1," T ",\"u\":\"ann\",\"a\":\"deal.move\"}",
      EV("ann", "usage", "unknown") "\"action\":\"deal.move\",\"feature\":\"deal.move\"}\n" },
    /* what the event is told by other words: subject, status, feature, correlation */
    { M("json", "", USER ",\"/subject\":{\"const\":\"contact/45/11\"},\"/data/status\":{\"const\":\"Failure\"},\"/data/feature\":{\"const\":\"f\"},\"/data/correlation\":\"/c\""),
      "{\"id\":\"1\"," T ",\"u\":17,\"a\":\"x\",\"c\":\"case-9\"}",
      EV("17", "usage", "failure") "\"action\":\"x\",\"feature\":\"f\",\"object_type\":\"contact\",\"object_id\":\"45/11\",\"correlation\":\"case-9\"}\n" },
    { M("json", "", ",\"/actorid\":\"/u\",\"/data/action\":\"/a\",\"/data/object_type\":{\"const\":\"o\"},\"/data/object_id\":{\"const\":3},\"/subject\":{\"const\":\"p/4\"}"),
      "{\"id\":\"1\"," T ",\"u\":\"ann\",\"a\":\"x\"}",
      EV("ann", "usage", "unknown") "\"action\":\"x\",\"feature\":\"x\",\"object_type\":\"o\",\"object_id\":\"3\"}\n" },
    /* the action by OCSF's numbers */
    { M("json", "", ",\"/data/class_uid\":{\"const\":3002},\"/data/activity_id\":{\"const\":2},\"/data/status_id\":\"/s\""),
      "{\"id\":\"1\"," T ",\"s\":1,\"type\":\"pilot.auth\"}",
      EV("", "auth", "success") "\"action\":\"logoff\",\"feature\":\"logoff\"}\n" },
    { M("json", "", ",\"/data/class_uid\":{\"const\":3004},\"/data/activity_id\":{\"const\":99},\"/data/status_id\":\"/s\""),
      "{\"id\":\"1\"," T ",\"s\":\"2\",\"type\":\"pilot.audit\"}", "{\"rejected\":\"missing_action\",\"pointer\":\"\",\"index\":0}\n" },
    { M("json", "", ""), "{\"id\":\"1\"," T ",\"type\":\"pilot.record\"}",
      EV("", "record", "unknown") "\"action\":\"record\",\"feature\":\"record\"}\n" },
    /* properties: own names first, then paths; what is not said is not there */
    { M("json", "", USER ",\"/data/properties/plan\":\"/p\",\"/data/actor/session/is_mfa\":\"/mfa\",\"/data/device/is_managed\":\"/dev\",\"/data/unmapped/note\":\"/n\",\"/data/changes\":\"/ch\""),
      "{\"id\":\"1\"," T ",\"u\":\"ann\",\"a\":\"x\",\"p\":\"pro\",\"mfa\":false,\"n\":\"ciao\",\"ch\":[{\"field\":\"a\"}]}",
      EV("ann", "usage", "unknown") "\"action\":\"x\",\"feature\":\"x\",\"sent\":{\"plan\":\"pro\",\"session.mfa\":false,\"unmapped.note\":\"ciao\",\"changes\":[{\"field\":\"a\"}]}}\n" },
    /* refusals of event_read_native(), at their place in the record */
    { M("json", "", USER), "{\"id\":\"1\"," T ",\"a\":\"x\"}", "{\"rejected\":\"missing_user\",\"pointer\":\"\",\"index\":0}\n" },
    { M("json", "", USER), "{\"id\":\"1\"," T ",\"u\":[1],\"a\":\"x\"}", "{\"rejected\":\"missing_user\",\"pointer\":\"/u\",\"index\":0}\n" },
    { M("json", "", USER), "{\"id\":\"1\"," T ",\"u\":\"  \",\"a\":\"x\"}", "{\"rejected\":\"missing_user\",\"pointer\":\"/u\",\"index\":0}\n" },
    { M("json", "", USER), "{\"id\":\"1\"," T ",\"u\":\"ann\",\"a\":1.5}", "{\"rejected\":\"missing_action\",\"pointer\":\"/a\",\"index\":0}\n" },
    { M("json", "", USER), "{\"id\":\"1\",\"t\":\"2099-03-02T09:00:00Z\",\"u\":\"ann\",\"a\":\"x\"}", "{\"rejected\":\"time_in_future\",\"pointer\":\"/t\",\"index\":0}\n" },
    { M("json", "", USER), "{\"id\":\"1\"," T ",\"u\":\"ann\",\"a\":\"x\",\"type\":\"com.example\"}", "{\"rejected\":\"unknown_type\",\"pointer\":\"/type\",\"index\":0}\n" },
    { M("json", "", USER), "{\"id\":\"1\"," T ",\"u\":\"ann\",\"a\":\"x\",\"type\":\"pilot.\"}", "{\"rejected\":\"unknown_type\",\"pointer\":\"/type\",\"index\":0}\n" },
    { M("json", "", USER), "{\"id\":{},\"t\":\"2026-03-02T09:00:00Z\",\"u\":\"ann\",\"a\":\"x\"}", "{\"rejected\":\"missing_id\",\"pointer\":\"\",\"index\":0}\n" },
    { M("json", ",\"explode\":\"/e\"", ",\"/data/actor/user/uid\":\"item:/u\",\"/data/activity_name\":{\"const\":\"x\"}"),
      "{\"id\":\"1\"," T ",\"e\":[{\"u\":\"ann\"},{\"u\":\" \"}]}",
      "{\"user\":\"ann\",\"time\":\"2026-03-02T09:00:00Z\",\"type\":\"usage\",\"status\":\"unknown\",\"id\":\"1#0\",\"source\":\"crm\",\"action\":\"x\",\"feature\":\"x\"}\n"
      "{\"rejected\":\"missing_user\",\"pointer\":\"/e/1/u\",\"index\":0}\n" },
};
/* clang-format on */

static void
test_events(void)
{
    try_rows(events, sizeof events / sizeof *events, true);
}

/* A key speaks for its source; without one the mapping's own counts. */
static void
test_source(void)
{
    static const char map[] = M("json", "", USER);
    static const char body[] = "{\"id\":\"1\"," T ",\"u\":\"ann\",\"a\":\"x\"}";
    struct arena      mem;

    arena_init(&mem, 4 << 20);
    const struct mapping *m = t_mapping(map, sizeof map - 1, &mem);
    CHECK(strstr(t_events(m, body, sizeof body - 1, NULL, 0, "erp", &mem), "\"source\":\"erp\""));
    CHECK(strstr(t_events(m, body, sizeof body - 1, NULL, 0, "", &mem), "\"source\":\"tool\""));
    arena_free(&mem);
}

/* Texts longer than their limit are refused at the place they came from. */
static void
test_long_texts(void)
{
    static const char map[] = M("json", "", USER ",\"/data/entity/uid\":\"/o\"");
    static const struct {
        const char *member;
        size_t      most;
    } row[] = { { "id", 128 }, { "u", 320 }, { "a", 256 }, { "o", 256 } };
    struct arena mem;

    arena_init(&mem, 16 << 20);
    const struct mapping *m = t_mapping(map, sizeof map - 1, &mem);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (size_t n = row[i].most; n <= row[i].most + 1; n++) {
            char *text = arena_alloc(&mem, n + 1);

            t_row = row[i].member;
            memset(text, 'x', n);
            const char *body = arena_printf(
                &mem, "{\"id\":\"%s\"," T ",\"u\":\"%s\",\"a\":\"%s\",\"o\":\"%s\"}",
                i == 0 ? text : "1", i == 1 ? text : "u", i == 2 ? text : "a", i == 3 ? text : "o");
            char *got = t_events(m, body, strlen(body), NULL, 0, "crm", &mem);
            char *want = arena_printf(
                &mem, "{\"rejected\":\"event_too_large\",\"pointer\":\"/%s\",\"index\":0}\n",
                row[i].member);
            CHECK((strcmp(got, want) == 0) == (n > row[i].most));
        }
    t_row = NULL;
    arena_free(&mem);
}

/* --- bodies -------------------------------------------------------------------------------- */

#define CE(id)                                                                                     \
    "{\"specversion\":\"1.0\",\"id\":\"" id                                                        \
    "\",\"source\":\"tool\",\"time\":\"2026-03-02T09:00:00.000Z\",\"type\":\"pilot.usage\"}\n"
#define NO(why, at, index)                                                                         \
    "{\"rejected\":\"" why "\",\"pointer\":\"" at "\",\"index\":" #index "}\n"
#define R(id) "{\"id\":\"" id "\"," T "}"

/* clang-format off */
static const struct row bodies[] = {
    { M("json", "", ""), R("1"), CE("1") },
    { M("json", "", ""), "\xef\xbb\xbf " R("1") " ", CE("1") },
    { M("json", "", ""), "[]", "" },
    { M("json", "", ""), "[" R("1") "," R("2") "]", CE("1") CE("2") },
    { M("json", "", ""), "[" R("1") ",7,null,\"x\",[]," R("2") "]",
      CE("1") NO("not_object", "", 1) NO("not_object", "", 2) NO("not_object", "", 3) NO("missing_id", "", 4) CE("2") },
    { M("json", "", ""), "[" R("1") ",{\"id\":1,\"id\":2},{\"id\":\"a\\u0000b\"},{\"id\":\"\\ud800\"}]",
      CE("1") NO("duplicate_key", "", 1) NO("bad_unicode", "", 2) NO("bad_unicode", "", 3) },
    { M("json", "", ""), "{\"id\":1", "unreadable: not JSON at byte 7: unfinished array or object\n" },
    { M("json", "", ""), "webhook_id=17", "unreadable: not JSON at byte 0: not a value\n" }, /* WooCommerce's ping is a form */
    { M("json", ",\"each\":\"/a/1/b~1c\"", ""), "{\"x\":[{\"a\":1}],\"a\":[{},{\"b\\/c\":[" R("1") "," R("2") "],\"z\":\"]}\\\"\"}]}", CE("1") CE("2") },
    { M("json", ",\"each\":\"/items\"", ""), "{\"items\":" R("1") "}", CE("1") },
    { M("json", ",\"each\":\"/items\"", ""), "{\"items\":[]}", "" },
    { M("json", ",\"each\":\"/items\"", ""), "{\"item\":[]}", "unreadable: the document has nothing at /items, where its records should be\n" },
    { M("json", ",\"each\":\"/items\"", ""), "[1,2]", "unreadable: the document has nothing at /items, where its records should be\n" },
    { M("json", ",\"each\":\"/items\"", ""), "7", "unreadable: the document has nothing at /items, where its records should be\n" },
    { M("json", ",\"each\":\"/items\"", ""), "{\"items\":[" R("1") "],\"it\\u0065ms\":[" R("2") "]}", "unreadable: a key on the way to /items is repeated\n" },
    { M("json", ",\"each\":\"/items\"", ",\"/subject\":\"doc:/org/name\""), "{\"org\":{\"name\":\"acme\"},\"items\":[" R("1") "]}",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"tool\",\"time\":\"2026-03-02T09:00:00.000Z\",\"type\":\"pilot.usage\",\"subject\":\"acme\"}\n" },
    { M("json", ",\"each\":\"/items\"", ",\"/subject\":\"doc:/org/name\""), "{\"items\":[" R("1") "]}", CE("1") },
    { M("json", ",\"each\":\"/items\"", ",\"/subject\":\"doc:/org/name\""), "{\"org\":1,\"org\":2,\"items\":[" R("1") "]}", "unreadable: a key on the way to /org/name is repeated\n" },
    { M("json", ",\"each\":\"/items\"", ",\"/subject\":\"doc:/org\""), "{\"org\":{\"a\":1,\"a\":2},\"items\":[" R("1") "]}", "unreadable: at /org: the document has a repeated key a\n" },
    { M("ndjson", "", ""), R("1") "\n\n  \r\n{broken\n" R("2"), CE("1") NO("not_json", "", 1) CE("2") },
    { M("ndjson", "", ""), "", "" },
    { M("ndjson", "", ",\"/subject\":\"doc:/id\""), R("1") "\n", /* the line is the document */
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"tool\",\"time\":\"2026-03-02T09:00:00.000Z\",\"type\":\"pilot.usage\",\"subject\":\"1\"}\n" },
    { M("json", ",\"explode\":\"/e\"", ""), "{\"id\":\"1\"," T ",\"e\":[]}", "" },
    { M("json", ",\"explode\":\"/e\"", ""), "{\"id\":\"1\"," T ",\"e\":[1]}", CE("1") },
    { M("json", ",\"explode\":\"/e\"", ""), "{\"id\":\"1\"," T ",\"e\":[1,2]}", CE("1#0") CE("1#1") },
    { M("json", ",\"explode\":\"/e\"", ""), "{\"id\":\"1\"," T "}", NO("not_object", "/e", 0) },
    { M("json", ",\"explode\":\"/e\"", ""), "{\"id\":\"1\"," T ",\"e\":{}}", NO("not_object", "/e", 0) },
    /* integers beyond a double stay what they are */
    { M("json", "", ""), "{\"id\":12345678901234567890," T "}", CE("12345678901234567890") },
    /* 0 and false are something; null and "" are nothing */
    { M("json", "", ",\"/data/properties/a\":\"/z\",\"/data/properties/b\":\"/f\",\"/data/properties/c\":\"/n\",\"/data/properties/d\":\"/e\""),
      "{\"id\":\"1\"," T ",\"z\":0,\"f\":false,\"n\":null,\"e\":\"\"}",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"tool\",\"time\":\"2026-03-02T09:00:00.000Z\",\"type\":\"pilot.usage\",\"data\":{\"properties\":{\"a\":0,\"b\":false}}}\n" },
    /* a rule's target goes over the common one, at its place; an object goes over what is none */
    { M("json", "", ",\"/id\":\"/other\",\"/data/entity\":\"/ent\",\"/data/entity/uid\":{\"const\":\"u\"}"),
      "[{\"id\":\"1\"," T ",\"other\":\"2\",\"ent\":{\"type\":\"t\"}},{\"id\":\"1\"," T ",\"ent\":\"plain\"}]",
      "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"tool\",\"time\":\"2026-03-02T09:00:00.000Z\",\"type\":\"pilot.usage\",\"data\":{\"entity\":{\"type\":\"t\",\"uid\":\"u\"}}}\n"
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"tool\",\"time\":\"2026-03-02T09:00:00.000Z\",\"type\":\"pilot.usage\",\"data\":{\"entity\":{\"uid\":\"u\"}}}\n" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"json\",\"common\":{\"/id\":\"/id\",\"/source\":\"/s\",\"/type\":\"/ty\",\"/time\":\"/t\"},\"rules\":[{\"name\":\"bots\",\"when\":{\"of\":\"/bot\",\"eq\":true},\"drop\":true},{\"when\":{\"of\":\"/s\",\"prefix\":\"c\"},\"set\":{}}]}",
      "[{\"bot\":true},{\"s\":\"x\"},{\"s\":\"crm\",\"id\":\"1\",\"ty\":\"pilot.audit\"},{\"s\":\"crm\",\"id\":\"1\",\"t\":\"2026-03-02T09:00:00Z\"}]",
      "{\"dropped\":\"bots\",\"index\":0}\n" NO("no_rule", "", 1) NO("missing_time", "", 2) NO("unknown_type", "", 3) },
};
/* clang-format on */

static void
test_bodies(void)
{
    try_rows(bodies, sizeof bodies / sizeof *bodies, false);
}

/* --- bounds ----------------------------------------------------------------------------------- */

static enum event_drop
drop_of(const struct mapping *m, const char *body, size_t n)
{
    struct arena           mem;
    struct mapping_reader *r;
    struct mapping_record  rec;
    struct err             e = ERR_INIT;
    enum event_drop        why = EVENT_TAKEN;

    arena_init(&mem, 256 << 20);
    if (CHECK(mapping_open(m, body, n, NULL, 0, &mem, &r, &e)) &&
        CHECK(mapping_next(r, &mem, &rec))) {
        CHECK(!mem.denied);
        why = rec.n ? rec.results[rec.n - 1].fault.why : EVENT_TAKEN;
    }
    arena_free(&mem);
    return why;
}

static void
repeat(struct str *s, const char *text, size_t n)
{
    while (n--)
        str_add(s, text);
}

static void
test_bounds(void)
{
    static const char exploding[] = M("json", ",\"explode\":\"/e\"", "");
    static const char plain[] = M("ndjson", "", "");
    struct arena      mem;
    struct str        s;

    arena_init(&mem, 64 << 20);
    const struct mapping *m = t_mapping(exploding, sizeof exploding - 1, &mem);
    for (size_t n = MAPPING_MAX_ITEMS; n <= MAPPING_MAX_ITEMS + 1; n++) {
        str_init(&s, &mem);
        str_add(&s, "{\"id\":\"1\"," T ",\"e\":[1");
        repeat(&s, ",1", n - 1);
        str_add(&s, "]}");
        CHECK_I(drop_of(m, s.p, s.n), n > MAPPING_MAX_ITEMS ? EVENT_TOO_LARGE : EVENT_TAKEN);
    }
    m = t_mapping(plain, sizeof plain - 1, &mem);
    for (size_t depth = JSON_MAX_DEPTH - 1; depth <= JSON_MAX_DEPTH; depth++) {
        str_init(&s, &mem);
        str_add(&s, "{\"id\":\"1\"," T ",\"x\":");
        repeat(&s, "[", depth);
        repeat(&s, "]", depth);
        str_add(&s, "}");
        CHECK_I(drop_of(m, s.p, s.n), depth >= JSON_MAX_DEPTH ? EVENT_TOO_DEEP : EVENT_TAKEN);
    }
    for (size_t n = EVENT_MAX_BYTES; n <= EVENT_MAX_BYTES + 1; n++) {
        str_init(&s, &mem);
        str_add(&s, "{\"id\":\"1\"," T ",\"x\":\"");
        repeat(&s, "x", n - s.n - 2);
        str_add(&s, "\"}");
        CHECK_I(s.n, n);
        CHECK_I(drop_of(m, s.p, s.n), n > EVENT_MAX_BYTES ? EVENT_TOO_LARGE : EVENT_TAKEN);
    }
    arena_free(&mem);
}

/* Records made to cost much: many members times many elements, lists in every operator, JSON
 * in JSON. Each ends as too large, none takes long or much. */
static void
test_work(void)
{
    static const char *const maps[] = {
        M("json", ",\"explode\":\"/e\"",
          ",\"/subject\":\"/last\",\"/data/properties/a\":\"/last\",\"/data/properties/b\":\"/"
          "last\""),
        M("json", "",
          ",\"/subject\":{\"kv\":{\"in\":\"/e\",\"name\":\"/x/y\",\"key\":\"k\"}},\"/data/"
          "properties/x\":{\"first\":[{\"split\":{\"from\":{\"json\":{\"from\":\"/j\",\"at\":\"/"
          "0\"}},\"by\":\",\",\"index\":9}},{\"json\":{\"from\":\"/j\",\"at\":\"/"
          "x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/"
          "x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/"
          "x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/"
          "x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/"
          "x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/x\"}},{\"json\":{\"from\":\"/j\",\"at\":\"/"
          "x\"}}]}"),
        M("json", "", ",\"/data/changes\":{\"diff\":{\"old\":\"/m\",\"new\":\"/m2\"}}"),
    };
    struct arena mem;
    struct str   s;

    arena_init(&mem, 64 << 20);
    str_init(&s, &mem);
    str_add(&s, "{\"id\":\"1\"," T ",\"e\":[0");
    repeat(&s, ",0", 999);
    str_add(&s, "],\"m\":{\"0\":0");
    for (int i = 1; i < 5000; i++)
        str_addf(&s, ",\"%d\":0", i);
    str_add(&s, "},\"m2\":{\"x\":0");
    for (int i = 1; i < 5000; i++)
        str_addf(&s, ",\"x%d\":0", i);
    str_add(&s, "},\"j\":\"[0");
    repeat(&s, ",0", 50000);
    str_add(&s, "]\"");
    for (int i = 0; i < 2000; i++)
        str_addf(&s, ",\"k%d\":0", i);
    str_add(&s, ",\"last\":\"x\"}");
    CHECK(s.n < EVENT_MAX_BYTES);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        const struct mapping *m = t_mapping(maps[i], strlen(maps[i]), &mem);

        t_row = maps[i];
        if (m)
            CHECK_I(drop_of(m, s.p, s.n), EVENT_TOO_LARGE);
    }
    t_row = NULL;
    arena_free(&mem);
}

/* An export of 20 MB is read record by record: memory for one record, and the table of cuts. */
static void
test_big_export(void)
{
    static const char map[] =
        M("json", ",\"each\":\"/records\"", USER ",\"/subject\":\"doc:/org\"");
    struct arena           text, keep, sub;
    struct mapping_reader *r;
    struct mapping_record  rec;
    struct err             e = ERR_INIT;
    struct str             s;
    size_t                 n = 0;

    arena_init(&text, 128 << 20);
    arena_init(&keep, 16 << 20);
    arena_init(&sub, 1 << 20);
    str_init(&s, &text);
    str_add(&s, "{\"records\":[");
    for (int i = 0; i < 100000; i++)
        str_addf(&s,
                 "%s{\"id\":\"%d\"," T
                 ",\"u\":\"user%d@example.it\",\"a\":\"deal.move\",\"filler\":\"%0130d\"}",
                 i ? "," : "", i, i % 100, i);
    str_add(&s, "],\"org\":\"acme\"}");
    CHECK(s.n > 20000000);
    const struct mapping *m = t_mapping(map, sizeof map - 1, &keep);
    if (CHECK(mapping_open(m, s.p, s.n, NULL, 0, &keep, &r, &e)))
        while (mapping_next(r, &sub, &rec)) {
            if (rec.n != 1 || rec.results[0].outcome != MAPPING_MADE || sub.denied ||
                strcmp(json_text(rec.results[0].event, "subject"), "acme") != 0)
                t_check(false, __FILE__, __LINE__, "a good record");
            n++;
            arena_reset(&sub);
        }
    CHECK_I(n, 100000);
    arena_free(&sub);
    arena_free(&keep);
    arena_free(&text);
}

/* Memory that ends anywhere: either denied, or the same as with plenty. */
static void
test_starved(void)
{
    const struct mapping_text *t = mapping_shipped("google-workspace-reports");
    size_t                     n;
    char                      *sample = t_sample("tests/data/mapping/samples", t->name, &n);
    struct arena               keep;
    int                        starved = 0, whole = 0;

    arena_init(&keep, 16 << 20);
    const struct mapping *m = t_mapping(t->text, t->n, &keep);
    char                 *want = t_events(m, sample, n, NULL, 0, "g", &keep);
    CHECK(strlen(want) > 1000);
    for (size_t limit = 256; limit < 400000; limit += 1500) {
        struct arena           mem;
        struct mapping_reader *r;
        struct mapping_record  rec;
        struct err             e = ERR_INIT;

        arena_init(&mem, limit);
        if (mapping_open(m, sample, n, NULL, 0, &mem, &r, &e)) {
            while (!mem.denied && mapping_next(r, &mem, &rec))
                for (size_t i = 0; i < rec.n && !mem.denied; i++) {
                    struct event_defaults d = { .source = event_text("g") };
                    struct event          ev;
                    struct event_fault    why;

                    if (rec.results[i].outcome == MAPPING_MADE)
                        CHECK(mapping_event(&rec.results[i], &d, T_NOW, &mem, &ev, &why) ||
                              mem.denied);
                }
        } else {
            CHECK_I(e.code, ERR_NOMEM);
        }
        starved += mem.denied;
        whole += !mem.denied;
        arena_free(&mem);
    }
    CHECK(starved > 5 && whole > 5);
    free(sample);
    arena_free(&keep);
}

/* --- traps ---------------------------------------------------------------------------------- */

static const char *
status_of_logon(const char *fields, struct arena *mem)
{
    const struct mapping_text *t = mapping_shipped("m365-management-activity");
    const char                *body = arena_printf(
                       mem,
                       "[{\"Id\":\"1\",\"CreationTime\":\"2026-03-02T08:15:04\",\"UserId\":\"A@example.it\","
                                      "\"Workload\":\"AzureActiveDirectory\"%s}]",
                       fields);
    const char *got =
        t_events(t_mapping(t->text, t->n, mem), body, strlen(body), NULL, 0, "m", mem);

    CHECK(strstr(got,
                 "\"user\":\"a@example.it\",\"time\":\"2026-03-02T08:15:04Z\",\"type\":\"auth\""));
    return strstr(got, "\"status\":\"success\"")   ? "success"
           : strstr(got, "\"status\":\"failure\"") ? "failure"
                                                   : "unknown";
}

/* Succeeded means that Microsoft handled the request. */
static void
test_m365_logons(void)
{
    struct arena mem;

#define IN ",\"Operation\":\"UserLoggedIn\""
#define OK ",\"ResultStatus\":\"Succeeded\""
    static const struct {
        const char *fields, *status;
    } row[] = {
        { IN OK, "unknown" },
        { IN ",\"ResultStatus\":\"Success\"", "unknown" },
        { IN OK ",\"ErrorNumber\":\"0\"", "success" },
        { IN OK ",\"ErrorCode\":0", "success" },
        { IN OK ",\"ErrorNumber\":\"50126\"", "failure" },
        { IN OK ",\"ErrorCode\":50074", "failure" },
        { IN OK ",\"LogonError\":\"InvalidUserNameOrPassword\"", "failure" },
        { IN OK ",\"ErrorNumber\":\"0\",\"LogonError\":\"BlockedByConditionalAccess\"", "failure" },
        { IN OK ",\"ErrorNumber\":\"0\",\"LogonError\":\"\"", "success" },
        { ",\"Operation\":\"UserLoginFailed\"" OK ",\"ErrorNumber\":\"0\"", "failure" },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        arena_init(&mem, 16 << 20);
        t_row = row[i].fields;
        CHECK_S(status_of_logon(row[i].fields, &mem), row[i].status);
        arena_free(&mem);
    }
    t_row = NULL;
}

/* The delivery id is not unique, and two deliveries of one change are one event. */
static void
test_woocommerce(void)
{
    const struct mapping_text *t = mapping_shipped("woocommerce");
    struct mapping_header      h[] = { { "X-WC-Webhook-Topic", "order.updated" },
                                       { "X-WC-Webhook-Resource", "order" },
                                       { "X-WC-Webhook-Event", "updated" },
                                       { "X-WC-Webhook-Delivery-ID", "17" },
                                       { "X-WC-Webhook-Source", "\xff" } };
    static const char *const   body[] = {
          "{\"id\":1,\"status\":\"new\",\"date_modified_gmt\":\"2026-03-02T09:16:30\"}",
          "{\"id\":1,\"status\":\"paid\",\"date_modified_gmt\":\"2026-03-02T09:16:30\"}",
          "{\"id\":1,\"status\":\"new\",\"date_modified_gmt\":\"2026-03-02T09:16:30\"}",
          "{\"webhook_id\":17}",
    };
    struct arena mem;
    char        *got[4];

    arena_init(&mem, 32 << 20);
    const struct mapping *m = t_mapping(t->text, t->n, &mem);
    for (int i = 0; i < 4; i++) {
        h[3].value = i == 2 ? "18" : "17";
        got[i] = t_apply(m, body[i], strlen(body[i]), h, 5, &mem);
    }
    CHECK(strstr(got[0], "\"subject\":\"order/1\""));
    CHECK(strstr(got[0], "/woocommerce/unknown")); /* a header that is no UTF-8 is none */
    CHECK(strncmp(got[0], got[1], 80) != 0);
    CHECK_S(got[2], got[0]);
    CHECK_S(got[3], "{\"dropped\":\"ping\",\"index\":0}\n");
    arena_free(&mem);
}

/* Ids that differ by case are two events; users that differ by case are one. */
static void
test_case(void)
{
    const struct mapping_text *t = mapping_shipped("salesforce-loginhistory");
    static const char          body[] =
        "{\"records\":[{\"Id\":\"0YaA\",\"LoginTime\":\"2026-03-02T08:15:04.000+0000\","
        "\"LoginType\":\"x\",\"Status\":\"Success\",\"User\":{\"Username\":\"Ann@example.it\"}},"
        "{\"Id\":\"0Yaa\",\"LoginTime\":\"2026-03-02T08:15:04.000+0000\",\"LoginType\":\"x\","
        "\"Status\":\"Success\",\"User\":{\"Username\":\"ANN@example.it\"}}]}";
    struct arena mem;

    arena_init(&mem, 16 << 20);
    char *got =
        t_events(t_mapping(t->text, t->n, &mem), body, sizeof body - 1, NULL, 0, "sf", &mem);
    char *second = strchr(got, '\n') + 1;
    CHECK(strncmp(got, "{\"user\":\"ann@example.it\"", 24) == 0);
    CHECK(strncmp(second, "{\"user\":\"ann@example.it\"", 24) == 0);
    CHECK(strstr(got, "\"id\":\"0YaA\"") && strstr(second, "\"id\":\"0Yaa\""));
    arena_free(&mem);
}

int
main(void)
{
    T_RUN(test_events);
    T_RUN(test_source);
    T_RUN(test_long_texts);
    T_RUN(test_bodies);
    T_RUN(test_bounds);
    T_RUN(test_work);
    T_RUN(test_big_export);
    T_RUN(test_starved);
    T_RUN(test_m365_logons);
    T_RUN(test_woocommerce);
    T_RUN(test_case);
    return t_end();
}
