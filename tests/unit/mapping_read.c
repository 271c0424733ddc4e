/* mapping_read.c - what a mapping document may say: each fault has its place and its words, and
 * all are found at once. */
#include "mapping_t.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON                                                                                     \
    "\"common\":{\"/id\":\"/id\",\"/source\":{\"const\":\"s\"},\"/"                                \
    "type\":{\"const\":\"pilot.usage\"},"                                                          \
    "\"/time\":{\"time\":{\"from\":\"/t\"}}}"
#define RULES "\"rules\":[{\"set\":{}}]"
#define HEAD "\"mapping\":\"m\",\"version\":1,\"format\":\"json\""

struct row {
    const char *doc, *pointer, *words; /* words: what the fault's text holds */
};

/* clang-format off */
static const struct row rows[] = {
    { "", "", "not JSON" },
    { "{", "", "not JSON" },
    { "[]", "", "a mapping: a JSON object" },
    { "{\"a\":1,\"a\":2}", "", "repeated key" },
    /* the head */
    { "{\"version\":1,\"format\":\"json\"," COMMON "," RULES "}", "/mapping", "name" },
    { "{\"mapping\":\"A b\",\"version\":1,\"format\":\"json\"," COMMON "," RULES "}", "/mapping", "a-z 0-9" },
    { "{\"mapping\":\"m\",\"format\":\"json\"," COMMON "," RULES "}", "/version", "from 1 on" },
    { "{\"mapping\":\"m\",\"version\":0,\"format\":\"json\"," COMMON "," RULES "}", "/version", "from 1 on" },
    { "{\"mapping\":\"m\",\"version\":1.5,\"format\":\"json\"," COMMON "," RULES "}", "/version", "from 1 on" },
    { "{\"mapping\":\"m\",\"version\":1," COMMON "," RULES "}", "/format", "name of a format" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"jsonl\"," COMMON "," RULES "}", "/format", "did you mean \"json\"?" },
    { "{" HEAD ",\"formt\":1," COMMON "," RULES "}", "/formt", "did you mean \"format\"?" },
    { "{" HEAD ",\"description\":1," COMMON "," RULES "}", "/description", "a text" },
    { "{" HEAD ",\"csv\":{}," COMMON "," RULES "}", "/csv", "only" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\",\"csv\":{\"delimiter\":\":\"}," COMMON "," RULES "}", "/csv/delimiter", "one of , ; |" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\",\"csv\":{\"delimiter\":\";;\"}," COMMON "," RULES "}", "/csv/delimiter", "one of , ; |" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\",\"csv\":{\"encoding\":\"windows-1251\"}," COMMON "," RULES "}", "/csv/encoding", "did you mean \"windows-1252\"?" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\",\"csv\":{\"quote\":\"'\"}," COMMON "," RULES "}", "/csv/quote", "there is no option" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\",\"csv\":3," COMMON "," RULES "}", "/csv", "delimiter and encoding" },
    { "{" HEAD ",\"each\":\"items\"," COMMON "," RULES "}", "/each", "JSON Pointer" },
    { "{" HEAD ",\"explode\":7," COMMON "," RULES "}", "/explode", "JSON Pointer" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"ndjson\",\"each\":\"/items\"," COMMON "," RULES "}", "/each", "explode" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\",\"explode\":\"/items\"," COMMON "," RULES "}", "/explode", "a row has no list" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\"," COMMON ",\"rules\":[{\"set\":{\"/subject\":\"/a/b\"}}]}", "/rules/0/set/~1subject", "~1" },
    { "{\"mapping\":\"m\",\"version\":1,\"format\":\"csv\"," COMMON ",\"rules\":[{\"set\":{\"/subject\":\"doc:/a\"}}]}", "/rules/0/set/~1subject", "doc:" },
    /* rules */
    { "{" HEAD "," COMMON "}", "/rules", "list of rules" },
    { "{" HEAD "," COMMON ",\"rules\":[]}", "/rules", "not empty" },
    { "{" HEAD "," COMMON ",\"rules\":[1]}", "/rules/0", "a rule" },
    { "{" HEAD "," COMMON ",\"rules\":[{}]}", "/rules/0", "\"set\"" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"drop\":false,\"set\":{}}]}", "/rules/0/drop", "true" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"drop\":true,\"set\":{}}]}", "/rules/0/set", "drops" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"name\":\"\",\"set\":{}}]}", "/rules/0/name", "a name" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{}},{\"set\":{}}]}", "/rules/1", "never comes into play" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"wen\":{},\"set\":{}}]}", "/rules/0/wen", "did you mean \"when\"?" },
    { "{" HEAD ",\"rules\":[{\"set\":{\"/id\":\"/i\",\"/source\":\"/s\",\"/type\":\"/t\"}}]}", "/rules/0/set", "nothing sets /time" },
    /* conditions */
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":7,\"set\":{}}]}", "/rules/0/when", "a condition" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\"},\"set\":{}}]}", "/rules/0/when", "exactly one of" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"eq\":1,\"in\":[1]},\"set\":{}}]}", "/rules/0/when", "exactly one of" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"eq\":1},\"set\":{}}]}", "/rules/0/when", "\"of\" is missing" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"eq\":null},\"set\":{}}]}", "/rules/0/when/eq", "a text, a number" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"in\":[1,{}]},\"set\":{}}]}", "/rules/0/when/in/1", "a text, a number" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"in\":[]},\"set\":{}}]}", "/rules/0/when/in", "not empty" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"exists\":1},\"set\":{}}]}", "/rules/0/when/exists", "true or false" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"prefix\":\"\"},\"set\":{}}]}", "/rules/0/when/prefix", "not empty" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"matches\":\"^x\"},\"set\":{}}]}", "/rules/0/when/matches", "there is no condition" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"all\":[{\"not\":{\"of\":\"a\",\"eq\":1}}]},\"set\":{}}]}", "/rules/0/when/all/0/not/of", "is no source" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"any\":[]},\"set\":{}}]}", "/rules/0/when/any", "not empty" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"when\":{\"of\":\"/a\",\"all\":[{\"of\":\"/a\",\"eq\":1}]},\"set\":{}}]}", "/rules/0/when/of", "no meaning" },
    /* targets */
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":[]}]}", "/rules/0/set", "from target to expression" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"subject\":\"/a\"}}]}", "/rules/0/set/subject", "is no JSON Pointer" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/~2\":\"/a\"}}]}", "/rules/0/set/~1~02", "is no JSON Pointer" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"\":\"/a\"}}]}", "/rules/0/set/", "a target is a member" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/data\":\"/a\"}}]}", "/rules/0/set/~1data", "a target is a member" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/tipe\":\"/a\"}}]}", "/rules/0/set/~1tipe", "did you mean \"type\"?" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/specversion\":\"/a\"}}]}", "/rules/0/set/~1specversion", "an event has no" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/id/x\":\"/a\"}}]}", "/rules/0/set/~1id~1x", "a target is a member" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/data/actr/user/uid\":\"/a\"}}]}", "/rules/0/set/~1data~1actr~1user~1uid", "did you mean \"actor\"?" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/data/entity\":{\"const\":\"x\"},\"/data/entity/uid\":\"/a\"}}]}", "/rules/0/set/~1data~1entity~1uid", "never an object" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/type\":{\"const\":\"pilot.usge\"}}}]}", "/rules/0/set/~1type/const", "did you mean \"pilot.usage\"?" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/type\":{\"map\":{\"from\":\"/a\",\"table\":{\"x\":\"audit\"}}}}}]}", "/rules/0/set/~1type/map/table/x", "there is no type \"audit\"" },
    { "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/type\":{\"map\":{\"from\":\"/a\",\"table\":{\"x\":\"pilot.audit\"},\"default\":3}}}}]}", "/rules/0/set/~1type/map/default", "there is no type" },
};

/* One expression, as the value of /subject in common. */
static const struct row exprs[] = {
    { "7", "", "an expression" },
    { "null", "", "an expression" },
    { "{}", "", "an expression" },
    { "{\"lower\":\"/a\",\"string\":\"/b\"}", "", "one operator" },
    { "\"a\"", "", "\"/a\"" },
    { "\"/a~\"", "", "~ is followed" },
    { "\"itm:/a\"", "", "did you mean \"item:\"?" },
    { "\"item:/a\"", "", "explode" },
    { "\"header:\"", "", "HTTP header" },
    { "\"header:x y\"", "", "HTTP header" },
    { "{\"const\":null}", "/const", "a value" },
    { "{\"regex\":\"x\"}", "/regex", "there is no operator" },
    { "{\"first\":[]}", "/first", "not empty" },
    { "{\"first\":\"/a\"}", "/first", "a list of expressions" },
    { "{\"hash\":[\"/a\",\"b\"]}", "/hash/1", "is no source" },
    { "{\"kv\":{\"in\":\"/a\"}}", "/kv", "\"key\" is missing" },
    { "{\"kv\":{\"key\":\"k\"}}", "/kv", "\"in\" is missing" },
    { "{\"kv\":{\"in\":\"/a\",\"key\":1}}", "/kv/key", "a text" },
    { "{\"kv\":{\"in\":\"/a\",\"key\":\"k\",\"name\":\"n\"}}", "/kv/name", "JSON Pointer" },
    { "{\"kv\":{\"in\":\"/a\",\"key\":\"k\",\"value\":[\"/v\",\"w\"]}}", "/kv/value/1", "JSON Pointer" },
    { "{\"kv\":{\"in\":\"/a\",\"key\":\"k\",\"value\":[]}}", "/kv/value", "at least one" },
    { "{\"kv\":\"/a\"}", "/kv", "operator's arguments" },
    { "{\"map\":{\"from\":\"/a\"}}", "/map", "\"table\" is missing" },
    { "{\"map\":{\"from\":\"/a\",\"table\":{}}}", "/map/table", "not empty" },
    { "{\"map\":{\"from\":\"/a\",\"table\":{\"x\":[1]}}}", "/map/table/x", "a text, a number" },
    { "{\"map\":{\"from\":\"/a\",\"table\":{\"x\":1},\"default\":{}}}", "/map/default", "a text, a number" },
    { "{\"map\":{\"from\":\"/a\",\"table\":{\"x\":1},\"nocase\":1}}", "/map/nocase", "true or false" },
    { "{\"map\":{\"from\":\"/a\",\"table\":{\"x\":1},\"defualt\":1}}", "/map/defualt", "did you mean \"default\"?" },
    { "{\"bool\":{\"from\":\"/a\",\"true\":[\"Si\"]}}", "/bool/true/0", "lower case" },
    { "{\"bool\":{\"from\":\"/a\",\"true\":\"si\"}}", "/bool/true", "a list of texts" },
    { "{\"time\":{\"from\":\"/a\",\"tz\":\"Europe/Roma\"}}", "/time/tz", "IANA" },
    { "{\"time\":{\"from\":\"/a\",\"tz\":\"../../etc/passwd\"}}", "/time/tz", "IANA" },
    { "{\"time\":{\"from\":\"/a\",\"format\":\"epoc_ms\"}}", "/time/format", "did you mean \"epoch_ms\"?" },
    { "{\"time\":{\"from\":\"/a\",\"format\":[\"rfc3339\",1]}}", "/time/format/1", "time format" },
    { "{\"time\":\"/a\"}", "/time", "operator's arguments" },
    { "{\"concat\":{\"of\":[\"/a\"],\"sep\":1}}", "/concat/sep", "a text" },
    { "{\"split\":{\"from\":\"/a\",\"by\":\"\",\"index\":0}}", "/split/by", "not empty" },
    { "{\"split\":{\"from\":\"/a\",\"by\":\".\",\"index\":-1}}", "/split/index", "from 0" },
    { "{\"split\":{\"from\":\"/a\",\"by\":\".\",\"index\":0.5}}", "/split/index", "from 0" },
    { "{\"json\":{\"from\":\"/a\",\"at\":\"x\"}}", "/json/at", "JSON Pointer" },
    { "{\"list\":{\"in\":\"/a\",\"item\":{}}}", "/list/item", "not empty" },
    { "{\"list\":{\"in\":\"/a\",\"item\":{\"x/y\":\"b\"}}}", "/list/item/x~1y", "is no source" },
    { "{\"names\":{\"in\":\"/a\",\"by\":\"\"}}", "/names/by", "not empty" },
    { "{\"diff\":{\"old\":\"/a\"}}", "/diff", "\"new\" is missing" },
    { "{\"pick\":{\"fields\":[]}}", "/pick/fields", "at least one" },
    { "{\"pick\":{\"fields\":[1]}}", "/pick/fields/0", "a text" },
    { "{\"kvobject\":{}}", "/kvobject", "\"in\" is missing" },
};
/* clang-format on */

static void
try_one(const char *doc, const char *pointer, const char *words)
{
    struct arena          mem;
    const struct mapping *m = NULL;
    struct mapping_faults faults;
    struct err            e = ERR_INIT;

    t_row = doc;
    arena_init(&mem, 4 << 20);
    CHECK(!mapping_read(doc, strlen(doc), &mem, &m, &faults, &e));
    CHECK_I(e.code, ERR_INVALID);
    CHECK(!m);
    if (CHECK_I(faults.n, 1)) {
        CHECK_S(faults.list[0].pointer, pointer);
        if (!CHECK(strstr(faults.list[0].text, words)))
            fprintf(stderr, "  %s\n", faults.list[0].text);
    }
    for (size_t i = 1; i < faults.n; i++)
        fprintf(stderr, "  too many: %s: %s\n", faults.list[i].pointer, faults.list[i].text);
    arena_free(&mem);
    t_row = NULL;
}

static void
test_documents(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        try_one(rows[i].doc, rows[i].pointer, rows[i].words);
}

static void
test_expressions(void)
{
    struct arena mem;

    arena_init(&mem, 16 << 20);
    for (size_t i = 0; i < sizeof exprs / sizeof *exprs; i++)
        try_one(arena_printf(&mem, "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/subject\":%s}}]}",
                             exprs[i].doc),
                arena_printf(&mem, "/rules/0/set/~1subject%s", exprs[i].pointer), exprs[i].words);
    arena_free(&mem);
}

/* Every fault of a document at once, up to a limit. */
static void
test_all_at_once(void)
{
    struct arena          mem;
    const struct mapping *m;
    struct mapping_faults faults;
    struct err            e = ERR_INIT;
    struct str            doc;
    static const char     six[] =
        "{\"mapping\":\"\",\"version\":\"1\",\"format\":\"xml\",\"x\":1,"
        "\"common\":{\"/id\":{\"lowr\":\"/a\"},\"/source\":\"s\",\"/type\":\"/t\","
        "\"/time\":\"/t\"},\"rules\":[{\"set\":{}}]}";

    arena_init(&mem, 16 << 20);
    CHECK(!mapping_read(six, sizeof six - 1, &mem, &m, &faults, &e));
    CHECK_I(faults.n, 6);
    CHECK_S(e.text, "the mapping has 6 faults");
    CHECK(!faults.more);

    str_init(&doc, &mem);
    str_add(&doc, "{" HEAD "," COMMON ",\"rules\":[{\"set\":{\"/subject\":{\"first\":[7");
    for (int i = 0; i < 150; i++)
        str_add(&doc, ",7");
    str_add(&doc, "]}}}]}");
    CHECK(!mapping_read(doc.p, doc.n, &mem, &m, &faults, &e));
    CHECK_I(faults.n, MAPPING_MAX_FAULTS);
    CHECK(faults.more);
    arena_free(&mem);
}

static void
nested(struct str *doc, const char *open, const char *inside, const char *close, int depth)
{
    for (int i = 0; i < depth; i++)
        str_add(doc, open);
    str_add(doc, inside);
    for (int i = 0; i < depth; i++)
        str_add(doc, close);
}

/* How deep, how many, how long. */
static void
test_limits(void)
{
    struct arena          mem;
    const struct mapping *m;
    struct mapping_faults faults;
    struct err            e = ERR_INIT;
    struct str            doc;

    for (int depth = 14; depth < 19; depth++) {
        arena_init(&mem, 16 << 20);
        str_init(&doc, &mem);
        str_add(&doc, "{" HEAD "," COMMON ",\"rules\":[{\"when\":");
        nested(&doc, "{\"not\":", "{\"of\":\"/a\",\"eq\":1}", "}", depth);
        str_add(&doc, ",\"set\":{\"/subject\":");
        nested(&doc, "{\"lower\":", "\"/a\"", "}", depth);
        str_add(&doc, "}}]}");
        bool ok = mapping_read(doc.p, doc.n, &mem, &m, &faults, &e);
        CHECK(ok == (depth < MAPPING_MAX_NESTING));
        CHECK_I(faults.n, ok ? 0 : 2);
        arena_free(&mem);
    }
    arena_init(&mem, 64 << 20);
    str_init(&doc, &mem);
    str_add(&doc, "{" HEAD "," COMMON ",\"description\":\"");
    for (size_t i = 0; i < MAPPING_MAX_BYTES; i++)
        str_addc(&doc, 'x');
    str_add(&doc, "\"," RULES "}");
    CHECK(!mapping_read(doc.p, doc.n, &mem, &m, &faults, &e));
    CHECK(faults.n == 1 && strstr(faults.list[0].text, "at most 262144"));

    str_init(&doc, &mem);
    str_add(&doc, "{" HEAD "," COMMON ",\"rules\":[");
    for (size_t i = 0; i <= MAPPING_MAX_RULES; i++)
        str_addf(&doc, "%s{\"when\":{\"of\":\"/a\",\"eq\":%zu},\"set\":{}}", i ? "," : "", i);
    str_add(&doc, "]}");
    CHECK(!mapping_read(doc.p, doc.n, &mem, &m, &faults, &e));
    CHECK(faults.n == 1 && strcmp(faults.list[0].pointer, "/rules") == 0);
    arena_free(&mem);
}

/* Less and less memory: "no memory", never "your mapping is wrong". */
static void
test_starved(void)
{
    const struct mapping_text *t = mapping_shipped("m365-management-activity");
    int                        starved = 0, ok = 0;

    for (size_t limit = 512; limit < 600000; limit += limit / 8 + 64) {
        struct arena          mem;
        const struct mapping *m;
        struct mapping_faults faults;
        struct err            e = ERR_INIT;

        arena_init(&mem, limit);
        if (mapping_read(t->text, t->n, &mem, &m, &faults, &e)) {
            ok++;
        } else {
            CHECK_I(e.code, ERR_NOMEM);
            CHECK_I(faults.n, 0);
            starved++;
        }
        arena_free(&mem);
    }
    CHECK(ok > 0 && starved > 20);
}

/* One mapping, four threads. */
struct thread_arg {
    const struct mapping *m;
    const char           *sample;
    size_t                n;
    char                  first[512];
    bool                  same;
};

static void *
apply_often(void *p)
{
    struct thread_arg *a = p;

    a->same = true;
    for (int i = 0; i < 50; i++) {
        struct arena           mem;
        struct mapping_reader *r;
        struct mapping_record  rec;
        struct err             e = ERR_INIT;
        struct str             out;

        arena_init(&mem, 8 << 20);
        str_init(&out, &mem);
        if (!mapping_open(a->m, a->sample, a->n, NULL, 0, &mem, &r, &e))
            a->same = false;
        else
            while (mapping_next(r, &mem, &rec))
                if (rec.results[0].event)
                    mapping_print(rec.results[0].event, &out);
        if (!i)
            snprintf(a->first, sizeof a->first, "%s", out.p);
        a->same = a->same && out.n > 100 && strncmp(a->first, out.p, sizeof a->first - 1) == 0;
        arena_free(&mem);
    }
    return NULL;
}

static void
test_threads(void)
{
    const struct mapping_text *t = mapping_shipped("odoo-auditlog");
    struct arena               mem;
    struct thread_arg          arg[4];
    pthread_t                  thread[4];
    size_t                     n;
    char                      *sample = t_sample("tests/data/mapping/samples", t->name, &n);

    arena_init(&mem, 8 << 20);
    const struct mapping *m = t_mapping(t->text, t->n, &mem);
    for (int i = 0; i < 4; i++) {
        arg[i] = (struct thread_arg){ .m = m, .sample = sample, .n = n };
        CHECK(pthread_create(&thread[i], NULL, apply_often, &arg[i]) == 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        CHECK(arg[i].same);
        CHECK_S(arg[i].first, arg[0].first);
    }
    free(sample);
    arena_free(&mem);
}

int
main(void)
{
    T_RUN(test_documents);
    T_RUN(test_expressions);
    T_RUN(test_all_at_once);
    T_RUN(test_limits);
    T_RUN(test_starved);
    T_RUN(test_threads);
    return t_end();
}
