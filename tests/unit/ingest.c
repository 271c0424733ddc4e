/* ingest.c - one request in, one record and one answer out. */
#include "ingest_t.h"
#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ingest_form native = { .dialect = INGEST_NATIVE, .cut = JSON_AUTO };

static bool
take(const struct ingest_form *form, const char *body, struct ingest_intake *in)
{
    struct err e = ERR_INIT;

    return CHECK(ingest_take(&crm, form, body, strlen(body), NOW, &mem, in, &e));
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
    { "{\"a/b~c\":1,\"a\\/b~c\":2}",                                         EVENT_DUPLICATE_KEY,   "" },
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

/* --- references that name somebody --------------------------------------------------------- */

#define PLAIN                                                                                      \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/#-" /* kept as it stands */

/* Is it v, or what stands for v when it is hidden? */
static bool
is_text(struct event_text t, const char *v, bool hidden)
{
    struct event_text want = event_text(v);

    if (hidden)
        want = ingest_hidden(&crm, want, &mem);
    return t.n == want.n && memcmp(t.p, want.p, want.n) == 0;
}

/* clang-format off */
static const struct ref_row {
    const char *user, *ref;
    bool        hidden;
} refs[] = {
    { "ann", "crm-000001-d", false },
    { "ann", "uci498-000001", false },
    { "ann", "deal/4511#2:A_b.c", false },
    { "ann", "Anna Verdi", true },
    { "ann", "anna.verdi@ditta.example", true },
    { "ann", "Niccol\303\262", true },
    { "ann", "a+b", true },
    { "ann", "a;b", true },
    { "anna.verdi", "anna.verdi", true },
    { "Anna.Verdi ", "aNNa.veRdi", true },
    { "anna.verdi@ditta.example", "Anna.Verdi", true },
    { "DITTA\\\\anna", "ANNA", true },
    { "anna.verdi@ditta.example", "anna.verd", false },
    { "anna@ditta", "contact-anna", false },
    { "@ditta", "x", false },
};
/* clang-format on */

static void
test_references(void)
{
    static const char *const members[] = { "id", "object_id", "correlation" };

    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        for (size_t k = 0; k < 3; k++) {
            struct ingest_intake in;
            char                 body[600];
            const char          *text = refs[i].ref;

            t_row = text;
            snprintf(body, sizeof body,
                     "{%s\"%s\":\"%s\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"%s\","
                     "\"action\":\"Awaiting User Info\"}",
                     k ? "\"id\":\"1\"," : "", members[k], text, refs[i].user);
            take(&native, body, &in);
            if (!CHECK_I(in.accepted, 1))
                continue;
            struct event ev = item_of(&in, 0).event;
            CHECK(is_text(!k       ? ev.id
                          : k == 1 ? ev.object_id
                                   : ev.correlation,
                          text, refs[i].hidden));
            CHECK(is_text(ev.action, "Awaiting User Info", false));
            arena_reset(&mem);
        }
    t_row = NULL;
}

/* A mail address is hidden wherever it stands; equal ones stay equal, in CloudEvents too. */
static void
test_addresses(void)
{
    static const char *const bodies[] = {
        "{\"id\":\"p@x.it\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"p@x.it\","
        "\"action\":\"p@x.it\",\"feature\":\"p@x.it\",\"object_type\":\"p@x.it\","
        "\"object_id\":\"p@x.it\",\"correlation\":\"p@x.it\",\"status\":\"p@x.it\","
        "\"recordedtime\":\"p@x.it\",\"session\":{\"p@x.it\":\"p@x.it\"},"
        "\"properties\":{\"p@x.it\":\"p@x.it\"},\"p@x.it\":1}",
        "{\"specversion\":\"1.0\",\"id\":\"p@x.it\",\"source\":\"crm\",\"type\":\"p@x.it\","
        "\"time\":\"2026-03-09T10:00:00Z\",\"actorid\":\"p@x.it\",\"subject\":\"p@x.it/p@x.it\","
        "\"dataschema\":\"p@x.it\",\"data\":{\"feature\":\"p@x.it\",\"correlation\":\"p@x.it\","
        "\"properties\":{\"mail\":\"p@x.it\"},\"p@x.it\":0}}",
        "{\"p@x.it\":1,\"p@x.it\":2,\"id\":\"1\"}", /* and no place of a fault names anybody */
    };
    const struct ingest_form cloud = { .dialect = INGEST_CLOUDEVENTS, .cut = JSON_ONE };

    for (size_t i = 0; i < 3; i++) {
        struct ingest_intake in;

        t_row = bodies[i];
        take(i == 1 ? &cloud : &native, bodies[i], &in);
        CHECK(!memmem(in.record, in.record_n, "x.it", 4));
        CHECK_I(in.accepted, i < 2);
        if (i == 2)
            continue;
        struct event ev = item_of(&in, 0).event;
        CHECK(is_text(ev.id, "p@x.it", true) && is_text(ev.action, "p@x.it", true) &&
              is_text(ev.feature, "p@x.it", true) && is_text(ev.object_id, "p@x.it", true) &&
              is_text(ev.object_type, "p@x.it", true) && is_text(ev.correlation, "p@x.it", true));
        CHECK(in.dropped >= 2);
        arena_reset(&mem);
    }
    t_row = NULL;
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

                CHECK(is_text(item.event.action, v, strchr(v, '@')));
                CHECK(is_text(item.event.object_id, v, strlen(v) != strspn(v, PLAIN)));
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

/* --- starved --- */

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

int
main(void)
{
    ingest_t_init();
    T_RUN(test_refusals);
    T_RUN(test_refused_lines);
    T_RUN(test_no_reason_is_forgotten);
    T_RUN(test_unreadable);
    T_RUN(test_nothing);
    T_RUN(test_how_many);
    T_RUN(test_cloudevents);
    T_RUN(test_no_names_inside);
    T_RUN(test_pseudonyms);
    T_RUN(test_references);
    T_RUN(test_addresses);
    T_RUN(test_naughty_strings);
    T_RUN(test_answers);
    T_RUN(test_starved);
    arena_free(&mem);
    return t_end();
}
