/* ingest.c - one request in, one record and one answer out. */
#include "t.h"

#include "collaudo/ingest.h"
#include "collaudo/ingest_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1773136800000000) /* 2026-03-10T10:00:00Z */
#define OK(id)                                                                                     \
    "{\"id\":\"" id "\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"ann\",\"action\":\"a\"}"

static struct arena         mem;
static struct ingest_source crm = { .workspace = 1, .id = 5, .pilot = 2, .name = "crm" };

static const struct ingest_form native = { .dialect = INGEST_NATIVE, .cut = JSON_AUTO };

static void
init(void)
{
    arena_init(&mem, 256 << 20);
    memset(&crm.key, 7, sizeof crm.key);
    hash_mac_init(&crm.account, &crm.key);
    hash_mac_add(&crm.account, "account\0crm", 12);
}

static bool
take(const struct ingest_form *form, const char *body, struct ingest_intake *in)
{
    struct err e = ERR_INIT;

    return CHECK(ingest_take(&crm, form, body, strlen(body), NOW, &mem, in, &e));
}

/* Item i of the record. */
static struct ingest_record_item
item_of(const struct ingest_intake *in, size_t i)
{
    struct ingest_record      r;
    struct ingest_record_item item = { .source = 0 };
    struct err                e = ERR_INIT;

    if (CHECK(ingest_record_open(in->record, in->record_n, &r, &e)) && CHECK(i < r.items))
        do
            CHECK(ingest_record_next(&r, &item, &e));
        while (i--);
    return item;
}

/* The raw bytes item i keeps in quarantine. */
static const char *
kept(const struct ingest_intake *in, size_t i)
{
    struct ingest_record_item item = item_of(in, i);
    struct err                e = ERR_INIT;
    char                     *text = NULL;

    if (!CHECK(item.kind == INGEST_ITEM_QUARANTINE) ||
        !CHECK(
            hash_open(&crm.key, item.quarantine.sealed, item.quarantine.sealed_n, &mem, &text, &e)))
        return "";
    return text;
}

/* --- every reason ------------------------------------------------------------------ */

struct refusal {
    const char     *event; /* between two good neighbours */
    enum event_drop why;
    const char     *pointer;
};

/* clang-format off */
static const struct refusal refusals[] = {
    { "[]",                                                                  EVENT_NOT_OBJECT,      "" },
    { "{\"id\":\"\xff\"}",                                                   EVENT_BAD_UNICODE,     "" },
    { "{\"id\":\"a\\u0000b\"}",                                              EVENT_BAD_UNICODE,     "" },
    { "{\"id\":\"\\ud800\"}",                                                EVENT_BAD_UNICODE,     "" },
    { "{\"id\":\"1\",\"id\":\"2\"}",                                         EVENT_DUPLICATE_KEY,   "/id" },
    { "{\"a/b~c\":1,\"a\\/b~c\":2}",                                         EVENT_DUPLICATE_KEY,   "/a~1b~0c" },
    { "{\"id\":\"1\",\"properties\":{\"x\":1,\"x\":2}}",                     EVENT_DUPLICATE_KEY,   "" },
    { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",EVENT_TOO_DEEP, "" },
    { "{\"time\":\"2026-03-09T10:00:00Z\"}",                                EVENT_MISSING_ID,      "" },
    { "{\"id\":\"9\"}",                                                      EVENT_MISSING_TIME,    "" },
    { "{\"id\":\"9\",\"time\":\"2026-03-09T10:00:00Z\",\"action\":\"x\"}",   EVENT_MISSING_USER,    "" },
    { "{\"id\":\"9\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"x\"}",     EVENT_MISSING_ACTION,  "" },
    { "{\"id\":\"9\",\"time\":\"soon\"}",                                    EVENT_BAD_TIME,        "/time" },
    { "{\"id\":\"9\",\"time\":\"2027-03-09T10:00:00Z\"}",                    EVENT_TIME_IN_FUTURE,  "/time" },
    { "{\"id\":\"9\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"x\",\"action\":\"y\",\"source\":\"erp\"}", EVENT_SOURCE_MISMATCH, "/source" },
    { "{\"id\":\"9\",\"time\":\"2026-03-09T10:00:00Z\",\"type\":\"x\"}",     EVENT_UNKNOWN_TYPE,    "/type" },
    { "{\"id\":\"9\",\"time\":\"2026-03-09T10:00:00Z\",\"type\":\"audit\",\"action\":\"y\"}", EVENT_TYPE_NOT_ALLOWED, "/type" },
};
/* clang-format on */

/* A bad event is kept with its reason and its bytes, and its neighbours are taken. */
static void
test_refusals(void)
{
    const struct ingest_form usage_only = { INGEST_NATIVE, JSON_AUTO, 1u << EVENT_USAGE };
    static const char *const frames[] = { "[%s,%s,%s]", "%s\n%s\n\n%s\n" };

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
            const struct refusal *r = &refusals[i];
            struct ingest_intake  in;
            char                  body[2048];

            t_row = r->event;
            snprintf(body, sizeof body, frames[k], OK("1"), r->event, OK("3"));
            take(&usage_only, body, &in);
            CHECK_I(in.received, 3);
            CHECK_I(in.accepted, 2);
            CHECK_I(in.rejected, 1);
            CHECK(!in.unreadable);
            if (CHECK_I(in.results_n, 1)) {
                CHECK_S(event_drop_name(in.results[0].why), event_drop_name(r->why));
                CHECK_S(in.results[0].pointer, r->pointer);
                CHECK_I(in.results[0].index, 1);
            }
            struct ingest_record_item item = item_of(&in, 1);
            CHECK_I(item.quarantine.why, r->why);
            CHECK_I(item.quarantine.size, strlen(r->event));
            CHECK(memcmp(&item.quarantine.id, &in.results[0].quarantine, 16) == 0);
            CHECK_S(kept(&in, 1), r->event);
            CHECK(item_of(&in, 2).event.id.p[0] == '3');
            arena_reset(&mem);
        }
    t_row = NULL;
}

/* Those that only lines can show, and size. */
static void
test_refused_lines(void)
{
    struct ingest_form   lines = { .cut = JSON_LINES };
    struct ingest_intake in;

    take(&lines, OK("1") "\n{\"id\":\n  \n" OK("2") " x\r\n" OK("3") "\r\nnull\n", &in);
    CHECK_I(in.received, 5);
    CHECK_I(in.accepted, 2);
    CHECK_I(in.results[0].why, EVENT_NOT_JSON);
    CHECK_I(in.results[1].why, EVENT_NOT_JSON);
    CHECK_I(in.results[1].index, 2);
    CHECK_I(in.results[2].why, EVENT_NOT_OBJECT);
    arena_reset(&mem);

    /* the largest event there may be, and one byte more */
    static const char head[] = "{\"id\":\"2\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\","
                               "\"action\":\"a\",\"properties\":{\"x\":\"";
    for (size_t over = 0; over < 2; over++) {
        size_t     fill = EVENT_MAX_BYTES + over - strlen(head) - 3;
        struct str body;

        str_init(&body, &mem);
        str_addf(&body, "[%s,%s", OK("1"), head);
        memset(str_room(&body, fill), 'y', fill);
        body.n += fill;
        str_add(&body, "\"}}]");
        take(&native, body.p, &in);
        CHECK_I(in.accepted, 2 - (int)over);
        if (over && CHECK(in.results_n)) {
            CHECK_I(in.results[0].why, EVENT_TOO_LARGE);
            CHECK_I(item_of(&in, 1).quarantine.size, EVENT_MAX_BYTES + 1);
            CHECK_I(strlen(kept(&in, 1)), INGEST_MAX_RAW);
        }
        arena_reset(&mem);
    }
}

/* Every reason is met somewhere in these tests, or known to come from elsewhere. */
static void
test_no_reason_is_forgotten(void)
{
    bool met[EVENT_DROP_MAX + 1] = { [EVENT_NOT_JSON] = true, [EVENT_TOO_LARGE] = true };

    met[EVENT_NO_RULE] = true;       /* mappings */
    met[EVENT_BAD_SIGNATURE] = true; /* webhooks */
    met[EVENT_ID_CONFLICT] = true;   /* tests/db/loader.c */
    met[EVENT_STORE_REFUSED] = true; /* tests/db/loader.c */
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        met[refusals[i].why] = true;
    for (int i = 1; i <= EVENT_DROP_MAX; i++) {
        t_row = event_drop_name(i);
        CHECK(met[i]);
    }
    t_row = NULL;
}

/* --- whole requests -------------------------------------------------------------------- */

static void
test_unreadable(void)
{
    static const char *const bodies[] = { "",         "[",    "[1,2", "{\"id\"",       "nonsense",
                                          "\xff\xfe", "[1]]", "]",    "[" OK("1") ",", "{} {}" };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct ingest_intake in;

        t_row = bodies[i];
        take(&native, bodies[i], &in);
        CHECK(in.unreadable && in.why && strstr(in.why, "not JSON"));
        CHECK_I(in.received, 1);
        CHECK_I(in.accepted, 0);
        CHECK_I(in.rejected, 1);
        CHECK_S(kept(&in, 0), bodies[i]);
        CHECK_I(item_of(&in, 0).quarantine.why, EVENT_NOT_JSON);
        arena_reset(&mem);
    }
    t_row = NULL;
}

static void
test_nothing(void)
{
    struct ingest_form   lines = { .cut = JSON_LINES };
    struct ingest_intake in;

    take(&native, " [ ] ", &in);
    CHECK(in.received == 0 && !in.record && !in.unreadable);
    take(&lines, "\n \n", &in);
    CHECK(in.received == 0 && !in.record && !in.unreadable);
}

static void
test_how_many(void)
{
    char                *body = malloc(11000 * 100);
    struct ingest_intake in;
    struct err           e = ERR_INIT;

    for (size_t count = INGEST_MAX_EVENTS; count <= INGEST_MAX_EVENTS + 1; count++) {
        size_t n = 0;

        for (size_t i = 0; i < count; i++)
            n += (size_t)snprintf(body + n, 100,
                                  "{\"id\":\"%zu\",\"time\":\"2026-03-09T10:00:00Z\"%s}\n", i,
                                  i % 2 ? "" : ",\"user\":\"u\",\"action\":\"a\"");
        bool ok = ingest_take(&crm, &native, body, n, NOW, &mem, &in, &e);
        if (count == INGEST_MAX_EVENTS) {
            CHECK(ok);
            CHECK_I(in.accepted, 5000);
            CHECK_I(in.rejected, 5000);
            CHECK_I(in.results_n, INGEST_MAX_RESULTS);
            CHECK_I(in.results[99].index, 199);
            CHECK_I(item_of(&in, 9999).quarantine.why, EVENT_MISSING_USER);
        } else {
            CHECK(!ok);
            CHECK_I(e.code, ERR_TOO_LARGE);
        }
        arena_reset(&mem);
    }
    free(body);
}

static void
test_cloudevents(void)
{
    const struct ingest_form one = { INGEST_CLOUDEVENTS, JSON_ONE, 0 },
                             batch = { INGEST_CLOUDEVENTS, JSON_AUTO, 0 };
    struct ingest_intake in;

#define CE(id)                                                                                     \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"crm\",\"type\":\"t\",\"time\":"       \
    "\"2026-03-09T10:00:00Z\",\"actorid\":\"ann\"}"
    take(&one, CE("1"), &in);
    CHECK_I(in.accepted, 1);
    take(&batch, "[" CE("1") "," CE("2") ",{\"specversion\":\"2.0\",\"id\":\"3\"}]", &in);
    CHECK_I(in.accepted, 2);
    CHECK_I(in.rejected, 1);
    CHECK(in.results[0].id.n == 1 && *in.results[0].id.p == '3');
    take(&one, "[" CE("1") "]", &in); /* an array is no single event */
    CHECK_I(in.results[0].why, EVENT_NOT_OBJECT);
    arena_reset(&mem);
}

/* --- names stay outside -------------------------------------------------------------------- */

static void
test_no_names_inside(void)
{
    struct ingest_intake in;
    struct ingest_form   lines = { .cut = JSON_LINES };

    take(&lines,
         "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"Planted.Name@x.it\","
         "\"action\":\"a\","
         "\"name\":\"PlantedToo\",\"properties\":{\"mail\":\"PlantedThree\"}}\n"
         "{\"id\":\"2\",\"time\":\"bad\",\"user\":\"PlantedFour\",\"action\":\"a\"}\n",
         &in);
    CHECK(in.accepted == 1 && in.rejected == 1);
    CHECK(!memmem(in.record, in.record_n, "lanted", 6));
    CHECK(strstr(kept(&in, 1), "PlantedFour")); /* it is there, but sealed */
    CHECK_I(in.dropped, 2);
    arena_reset(&mem);
}

/* One person's spellings are one account; another source's are another. */
static void
test_pseudonyms(void)
{
    struct ingest_intake in;
    struct hash_id       want = vault_account(&crm.key, "crm", "anna@x.it", 9, &mem);

    take(
        &native,
        "[{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"Anna@X.it\",\"action\":\"a\"},"
        "{\"id\":\"2\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\" "
        "anna@x.IT\\t\",\"action\":\"a\"},"
        "{\"id\":\"3\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"anna\",\"action\":\"a\"}]",
        &in);
    for (size_t i = 0; i < 3; i++) {
        struct ingest_record_item item = item_of(&in, i);

        CHECK((memcmp(&item.event.actor, &want, sizeof want) == 0) == (i < 2));
    }
    arena_reset(&mem);
}

/* --- naughty strings ------------------------------------------------------------------------- */

static bool
is_blank(const char *s)
{
    while (*s && (unsigned char)*s <= ' ')
        s++;
    return !*s;
}

static void
test_naughty_strings(void)
{
    size_t       n;
    char        *text = t_file("tests/data/blns/blns.json", &n);
    struct arena doc_mem;
    const cJSON *doc, *s;
    struct err   e = ERR_INIT;
    int          taken = 0, refused = 0;

    arena_init(&doc_mem, 16 << 20);
    if (CHECK(json_parse(&doc_mem, text, n, &doc, &e)))
        cJSON_ArrayForEach (s, doc) {
            struct str           body;
            struct ingest_intake in;
            const char          *v = s->valuestring;

            t_row = v;
            str_init(&body, &mem);
            str_add(&body,
                    "{\"id\":\"n\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":");
            str_json(&body, v);
            str_add(&body, ",\"object_id\":");
            str_json(&body, v);
            str_addc(&body, '}');
            take(&native, body.p, &in);
            if (in.accepted) {
                struct ingest_record_item item = item_of(&in, 0);

                CHECK(item.event.action.n == strlen(v) &&
                      memcmp(item.event.action.p, v, strlen(v)) == 0);
                CHECK(item.event.object_id.n == strlen(v) &&
                      memcmp(item.event.object_id.p, v, strlen(v)) == 0);
                taken++;
            } else {
                CHECK_I(in.results[0].why, is_blank(v) ? EVENT_MISSING_ACTION : EVENT_TOO_LARGE);
                CHECK(is_blank(v) || strlen(v) > 256);
                refused++;
            }
            arena_reset(&mem);
        }
    t_row = NULL;
    CHECK_I(taken + refused, 515);
    CHECK_I(refused, 9); /* two blank ones, seven of more than 256 bytes */
    arena_free(&doc_mem);
    free(text);
}

/* --- answers --------------------------------------------------------------------------------- */

static void
test_answers(void)
{
    struct ingest_intake in;
    struct str           out;
    struct err           e = ERR_INIT;
    const cJSON         *doc;
    char                 want[33];

    take(&native, "[" OK("1") ",{\"id\":\"tw\\\"o\",\"time\":\"x\"},7,{\"id\":{}}]", &in);
    str_init(&out, &mem);
    ingest_answer(&in, "r\"1", &out);
    if (!CHECK(json_parse(&mem, out.p, out.n, &doc, &e)))
        return;
    CHECK_S(json_text(doc, "request_id"), "r\"1");
    const cJSON *list = json_get(doc, "results");
    CHECK_I(cJSON_GetArraySize(list), 3);
    CHECK_S(json_text(json_at(doc, "/results/0"), "id"), "tw\"o");
    CHECK_S(json_text(json_at(doc, "/results/0"), "status"), "quarantined");
    CHECK_S(json_text(json_at(doc, "/results/0"), "code"), "bad_time");
    CHECK_S(json_text(json_at(doc, "/results/0"), "pointer"), "/time");
    CHECK_S(json_text(json_at(doc, "/results/0"), "detail"), event_drop_sentence(EVENT_BAD_TIME));
    hash_hex(&in.results[0].quarantine, 16, want);
    CHECK_S(json_text(json_at(doc, "/results/0"), "quarantine_id"), want);
    CHECK(cJSON_IsNull(json_at(doc, "/results/1/id")));
    CHECK_S(json_text(json_at(doc, "/results/2"), "detail"),
            "An event needs an id of its own. (it is neither text nor a whole number)");
    int64_t v = 0;
    CHECK(json_int(doc, "received", &v) && v == 4);
    CHECK(json_int(doc, "accepted", &v) && v == 1);
    CHECK(json_int(doc, "rejected", &v) && v == 3);

    str_init(&out, &mem);
    ingest_answer_short(&in, "r1", &out);
    CHECK_S(out.p, "{\"success\":true,\"accepted\":1,\"quarantined\":3,\"request_id\":\"r1\"}");
    arena_reset(&mem);
}

/* --- starved ------------------------------------------------------------------------------------
 */

/* With too little memory the request is refused as a whole: nothing is taken half. */
static void
test_starved(void)
{
    static const char body[] = "[" OK("1") ",{\"id\":\"2\"}," OK("3") "," OK("4") "]";
    int               starved = 0;
    bool              fitted = false;

    for (size_t limit = 128; limit < 200000 && !fitted; limit += 128) {
        struct arena         small;
        struct ingest_intake in;
        struct err           e = ERR_INIT;

        arena_init(&small, limit);
        fitted = ingest_take(&crm, &native, body, sizeof body - 1, NOW, &small, &in, &e);
        if (fitted) {
            CHECK_I(in.accepted, 3);
            CHECK_I(in.rejected, 1);
        } else {
            CHECK_I(e.code, ERR_NOMEM);
            starved++;
        }
        arena_free(&small);
    }
    CHECK(fitted && starved > 10);

    struct arena_budget  budget = { .limit = 200000 };
    struct arena         shared;
    struct ingest_intake in;
    struct err           e = ERR_INIT;
    arena_init(&shared, 1 << 20);
    shared.budget = &budget;
    CHECK(ingest_take(&crm, &native, body, sizeof body - 1, NOW, &shared, &in, &e));
    budget.limit = budget.used; /* the trees of events are charged too */
    CHECK(!ingest_take(&crm, &native, body, sizeof body - 1, NOW, &shared, &in, &e));
    CHECK_I(e.code, ERR_NOMEM);
    arena_free(&shared);
    CHECK_I(budget.used, 0);
}

/* --- import
 * ----------------------------------------------------------------------------------------- */

static void
add(struct ingest_frames *f, const char *line)
{
    struct err e = ERR_INIT;

    CHECK(ingest_frames_add(f, line, strlen(line), &e));
}

static bool
import(struct ingest_frames *f, bool replay, struct ingest_intake *in)
{
    struct err             e = ERR_INIT;
    size_t                 n;
    const void            *body = ingest_frames_body(f, &n);
    struct ingest_sources *none = ingest_sources_new(NULL);
    bool ok = CHECK(ingest_import_take(&crm, none, replay, body, n, NOW, &mem, in, &e));

    ingest_sources_close(none);
    return ok;
}

static void
test_import(void)
{
    struct ingest_frames *f = ingest_frames_new(false);
    struct ingest_intake  in;

    add(f, OK("1"));
    add(f, "");
    add(f, " \r");
    add(f, OK("1"));
    add(f, "[1");
    add(f, "\xff");
    CHECK_I(ingest_frames_lines(f), 4);
    import(f, false, &in);
    CHECK_I(in.accepted, 2);
    CHECK_I(in.rejected, 2);
    CHECK_I(in.results[1].why, EVENT_NOT_JSON);
    struct ingest_record_item a = item_of(&in, 0), b = item_of(&in, 1);
    CHECK(a.has_line && b.has_line && memcmp(&a.line, &b.line, sizeof a.line) != 0);
    CHECK(memcmp(&a.hash, &b.hash, sizeof a.hash) == 0);
    CHECK_I(a.received, NOW);
    CHECK_S(kept(&in, 3), "\xff");

    /* the same file again, in another order: the same digests */
    struct ingest_frames *g = ingest_frames_new(false);
    struct ingest_intake  again;
    add(g, "[1");
    add(g, OK("1"));
    ingest_frames_clear(g); /* sent; the counting goes on */
    add(g, OK("1"));
    add(g, "\xff");
    import(g, false, &again);
    struct ingest_record_item c = item_of(&again, 0), d = item_of(&again, 1), x = item_of(&in, 3);
    CHECK(memcmp(&c.line, &b.line, sizeof c.line) == 0);
    CHECK(memcmp(&d.line, &x.line, sizeof d.line) == 0);
    ingest_frames_close(f);
    ingest_frames_close(g);
    arena_reset(&mem);
}

static void
test_replay(void)
{
    /* clang-format off */
    static const struct {
        const char *line, *raw; /* what is kept of it: they are all refused */
        usec_t      received;
    } row[] = {
        { "{\"received\":\"2026-03-09T11:00:00+01:00\",\"line\":\"[1]\"}", "[1]", INT64_C(1773050400000000) },
        { "{\"line\":\"[1]\",\"received\":\"2026-03-09T10:00:00Z\"}", "[1]", INT64_C(1773050400000000) },
        { " { \"line\" : \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e8\\u20ac\\ud83d\\ude00\" } ",
          "a\"\\/\b\f\n\r\t\xc3\xa8\xe2\x82\xac\xf0\x9f\x98\x80", NOW },
        { "{\"line\":\"x\\udcffy\\udc80\"}", "x\xffy\x80", NOW },
        { "{\"line\":\"per\xc3\xb2 \\udcc3\\udcb2\"}", "per\xc3\xb2 \xc3\xb2", NOW },
        { "{\"line\":\"x\\ud800y\"}", NULL, NOW }, /* stands for nothing: the line as it is */
        { "{\"line\":\"x\\udc7f\"}", NULL, NOW },
        { "{\"line\":\"x\\ud83d\\u0041\"}", NULL, NOW },
        { "{\"line\":\"1\",\"line\":\"2\"}", NULL, NOW },
        { "{\"line\":\"1\",\"more\":\"2\"}", NULL, NOW },
        { "{\"line\":1}", NULL, NOW },
        { "{\"line\":{\"line\":\"1\"}}", NULL, NOW },
        { "{\"received\":\"today\",\"line\":\"1\"}", NULL, NOW },
        { "{\"received\":\"2026-03-09T10:00:00Z\"}", NULL, NOW },
        { "{}", NULL, NOW },
        { "[]", NULL, NOW },
        { "{\"line\":\"1\"", NULL, NOW },
        { "{\"line\":\"\xff\"}", NULL, NOW },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct ingest_frames *f = ingest_frames_new(true);
        struct ingest_intake  in;

        t_row = row[i].line;
        add(f, row[i].line);
        import(f, true, &in);
        CHECK_I(in.rejected, 1);
        CHECK_S(kept(&in, 0), row[i].raw ? row[i].raw : row[i].line);
        CHECK_I(item_of(&in, 0).received, row[i].received);
        ingest_frames_close(f);
        arena_reset(&mem);
    }
    t_row = NULL;

    /* received: as said; not said: when it happened; and in the future only from there */
    struct ingest_frames *f = ingest_frames_new(true);
    struct ingest_intake  in;
#define QUOTED(time)                                                                               \
    "{\\\"id\\\":\\\"1\\\",\\\"time\\\":\\\"" time                                                 \
    "\\\",\\\"user\\\":\\\"u\\\",\\\"action\\\":\\\"a\\\"}"
    add(f, "{\"line\":\"" QUOTED("2026-01-09T10:00:00Z") "\"}");
    add(f,
        "{\"received\":\"2026-01-09T10:00:01Z\",\"line\":\"" QUOTED("2026-01-09T10:00:00Z") "\"}");
    add(f,
        "{\"received\":\"2026-01-09T09:00:00Z\",\"line\":\"" QUOTED("2026-01-09T10:00:00Z") "\"}");
    import(f, true, &in);
    CHECK_I(in.accepted, 2);
    CHECK(item_of(&in, 0).received == item_of(&in, 0).event.time);
    CHECK_I(item_of(&in, 1).received - item_of(&in, 1).event.time, USEC_SECOND);
    CHECK_I(in.results[0].why, EVENT_TIME_IN_FUTURE);
    ingest_frames_close(f);
    arena_reset(&mem);
}

static void
test_import_bodies(void)
{
    struct ingest_frames  *f = ingest_frames_new(false);
    struct ingest_sources *none = ingest_sources_new(NULL);
    struct ingest_intake   in;
    struct err             e = ERR_INIT;
    size_t                 n, whole = 0;

    add(f, OK("1"));
    const char *body = ingest_frames_body(f, &n);
    whole = n;
    add(f, OK("2"));
    body = ingest_frames_body(f, &n);
    for (size_t cut = 0; cut <= n; cut++) {
        char *part = malloc(cut ? cut : 1);
        bool  ok;

        memcpy(part, body, cut);
        ok = ingest_import_take(&crm, none, false, part, cut, NOW, &mem, &in, &e);
        CHECK(ok == (cut == 0 || cut == whole || cut == n));
        CHECK(ok || e.code == ERR_INVALID);
        free(part);
        arena_reset(&mem);
    }
    while (ingest_frames_lines(f) <= INGEST_MAX_EVENTS)
        add(f, "x");
    body = ingest_frames_body(f, &n);
    CHECK(!ingest_import_take(&crm, none, false, body, n, NOW, &mem, &in, &e));
    CHECK_I(e.code, ERR_TOO_LARGE);
    ingest_frames_close(f);
    ingest_sources_close(none);
    arena_reset(&mem);
}

int
main(void)
{
    hash_init();
    init();
    T_RUN(test_refusals);
    T_RUN(test_refused_lines);
    T_RUN(test_no_reason_is_forgotten);
    T_RUN(test_unreadable);
    T_RUN(test_nothing);
    T_RUN(test_how_many);
    T_RUN(test_cloudevents);
    T_RUN(test_no_names_inside);
    T_RUN(test_pseudonyms);
    T_RUN(test_naughty_strings);
    T_RUN(test_answers);
    T_RUN(test_starved);
    T_RUN(test_import);
    T_RUN(test_replay);
    T_RUN(test_import_bodies);
    arena_free(&mem);
    return t_end();
}
