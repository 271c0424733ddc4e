/* binary.c - CloudEvents in headers: the same event as in JSON. */
#include "t.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

#define NOW INT64_C(1795278500000000)

static struct arena mem;

static const char *
read_text(const char *text, size_t n)
{
    struct event_defaults d = { .source = event_text("crm") };
    struct event_fault    why;
    struct event          ev;
    struct err            e = ERR_INIT;
    const cJSON          *doc;

    if (!json_parse(&mem, text, n, &doc, &e))
        return arena_strdup(&mem, e.text);
    return wire_outcome(event_read_cloudevent(doc, &d, NOW, &mem, &ev, &why), &ev, &why, &mem);
}

static const char *
outcome(const struct event_header *h, size_t n, const char *type, const char *body, size_t body_n)
{
    const char *text;
    size_t      text_n;
    struct err  e = ERR_INIT;

    if (!event_from_headers(h, n, type, body, body_n, &mem, &text, &text_n, &e))
        return arena_printf(&mem, "%s: %s", err_name(e.code), e.text);
    return read_text(text, text_n);
}

static const char *
outcome_of_file(const char *name)
{
    struct wire_request r = wire_read(name, &mem);

    return event_is_binary(r.headers, r.n)
               ? outcome(r.headers, r.n, wire_header(&r, "Content-Type"), r.body, r.body_n)
               : read_text(r.body, r.body_n);
}

static void
test_captured(void)
{
#define WANT(ms, id)                                                                               \
    "usage unknown 2026-11-21T16:27:" ms "Z id=" id " user=user0@example.it "                      \
    "action=it.pilot.crm.contact.updated feature=contact.create type=contact object=C-0 dropped=3"

    CHECK_S(outcome_of_file("cloudevents/binary-chunked"),
            WANT("53.152", "b0e84a72-6f20-463b-8bbb-25f236726bea"));
    CHECK_S(outcome_of_file("cloudevents/binary-length"),
            WANT("53.543", "b541d7cb-21e8-4c08-afc8-33471ca784b8"));
    CHECK_S(outcome_of_file("cloudevents/structured-chunked"),
            WANT("54.162", "ab987f9f-eb54-44f0-9694-dca7f380e94b"));
    CHECK_S(outcome_of_file("curl/http10-structured"),
            "usage unknown 2026-03-02T09:15:01Z id=curl-1 user=anna@example.it "
            "action=it.pilot.erp.invoice.created type=invoice object=F-1 dropped=2");
    CHECK_S(outcome_of_file("curl/ce-binary-percent-encoded"), "missing_time ");
    struct wire_request r = wire_read("cloudevents/batch", &mem);
    struct json_slice  *s;
    struct err          e = ERR_INIT;
    size_t              n;
    CHECK(json_cut(&mem, r.body, r.body_n, JSON_AUTO, 9, &s, &n, &e) && n == 3);
    CHECK_S(read_text(s[0].p, s[0].n), WANT("54.518", "bffa54b0-fa1d-4d03-85c1-3b8cb579d4ce"));
#undef WANT
    arena_free(&mem);
}

/* --- header values ------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *subject, *object;
} values[] = {
    { "t/plain",                           "plain" },
    { "t/Forl%C3%AC%20%22nord%22",         "Forl\xc3\xac \"nord\"" },
    { "t/%e2%82%ac",                       "\xe2\x82\xac" },
    { "t/100%",                            "100%" },
    { "t/50%zz%4",                         "50%zz%4" },
    { "t/Forl\xec",                        "Forl\xc3\xac" },          /* Latin-1 bytes */
    { "t/Forl\xc3\xac",                    "Forl\xc3\xac" },          /* UTF-8 bytes */
    { "t/Forl%EC",                         "Forl\xc3\xac" },          /* Latin-1, encoded */
    { "\"t/a b\"",                         "a b" },
    { "\"t/a \\\"b\\\" \\\\\"",            "a \"b\" \\" },
    { "t/\"half",                          "\"half" },
    { "t/a+b",                             "a+b" },
    { "t/x%09y",                           "x\ty" },
};
/* clang-format on */

static void
test_values(void)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct event_header h[] = { { "CE-Id", "1" },
                                    { "ce-SOURCE", "/crm" },
                                    { "Ce-Type", "x" },
                                    { "ce-specversion", "1.0" },
                                    { "ce-actorid", "ann" },
                                    { "ce-subject", values[i].subject },
                                    { "ce-time", "2026-03-02T09:00:00Z" },
                                    { "X-ce-id", "2" } };

        t_row = values[i].subject;
        CHECK_S(outcome(h, sizeof h / sizeof *h, NULL, "", 0),
                arena_printf(&mem,
                             "usage unknown 2026-03-02T09:00:00Z id=1 user=ann action=x type=t "
                             "object=%s",
                             values[i].object));
    }
    t_row = NULL;
    arena_free(&mem);
}

/* --- bodies and their types ------------------------------------------------------------------ */

#define GOOD "usage unknown 2026-03-02T09:00:00Z id=1 user=ann action=x"
#define NOT_JSON "media_type: the data of an event in headers must be JSON"

/* clang-format off */
static const struct {
    const char *type, *body, *want;
} bodies[] = {
    { NULL,                                  "",                              GOOD },
    { "text/plain",                          "",                              GOOD },
    { NULL,                                  "{\"user\":\"bob\"}",            GOOD },
    { "application/json",                    "{\"feature\":\"f\"}",           GOOD " feature=f" },
    { "Application/JSON; charset=utf-8",     " {\"feature\":\"f\"}\n",        GOOD " feature=f" },
    { "application/vnd.acme+json",           "{\"feature\":\"f\"}",           GOOD " feature=f" },
    { "text/json",                           "{\"feature\":\"f\"}",           GOOD " feature=f" },
    { "application/json",                    "null",                          GOOD },
    { "application/json",                    "[1]",                           "not_object /data(the data must be a JSON object)" },
    { "application/json",                    "\"x\"",                         "not_object /data(the data must be a JSON object)" },
    { "application/json",                    "{}, \"id\":\"2\"",              "invalid: not JSON: something follows the document at byte 2" },
    { "application/json",                    "{\"a\":",                       "invalid: not JSON at byte 5: a value should stand here" },
    { "application/json",                    "  ",                            "invalid: not JSON: the body is empty" },
    { "text/plain",                          "{}",                            NOT_JSON },
    { "application/xml",                     "<a/>",                          NOT_JSON },
    { "application/jsonp",                   "{}",                            NOT_JSON },
    { "application/octet-stream",            "\xff",                          NOT_JSON },
};
/* clang-format on */

static void
test_bodies(void)
{
    static const struct event_header h[] = { { "ce-id", "1" },
                                             { "ce-source", "/crm" },
                                             { "ce-type", "x" },
                                             { "ce-specversion", "1.0" },
                                             { "ce-actorid", "ann" },
                                             { "ce-datacontenttype", "text/plain" },
                                             { "ce-time", "2026-03-02T09:00:00Z" } };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        t_row = bodies[i].body;
        CHECK_S(outcome(h, sizeof h / sizeof *h, bodies[i].type, bodies[i].body,
                        strlen(bodies[i].body)),
                bodies[i].want);
    }
    t_row = NULL;
    arena_free(&mem);
}

/* --- refusals -------------------------------------------------------------------------------- */

static void
test_refusals(void)
{
    static const struct event_header twice[] = { { "ce-id", "1" }, { "Ce-Id", "2" } };
    static const struct event_header nul[] = { { "ce-id", "a%00b" } };
    static const struct event_header none[] = { { "ce-", "1" }, { "cex", "2" }, { "ce_id", "3" } };
    static const struct event_header version[] = { { "ce-id", "1" }, { "ce-specversion", "0.3" } };
    static const struct event_header data[] = {
        { "ce-id", "1" }, { "ce-specversion", "1.0" }, { "ce-type", "x" }, { "ce-data", "{}" }
    };

    CHECK(strstr(outcome(twice, 2, NULL, "", 0), "repeated key id"));
    CHECK(strstr(outcome(nul, 1, NULL, "", 0), "U+0000"));
    CHECK(event_is_binary(twice, 2) && !event_is_binary(none, 3));
    CHECK_S(outcome(none, 3, NULL, "", 0), "missing_id ");
    CHECK_S(outcome(version, 2, NULL, "", 0),
            "unknown_type /specversion(a CloudEvent needs specversion 1.0)");
    CHECK_S(outcome(data, 4, NULL, "", 0), "not_object /data(the data must be a JSON object)");
    arena_free(&mem);
}

/* A producer's own name for itself is none of ours; a name of ours still is. */
static void
test_sources(void)
{
    static const struct {
        const char *source, *want;
    } row[] = {
        { "/crm/prod", "crm" }, { "urn:x:1", "crm" }, { "https://crm.example.it", "crm" },
        { "crm", "crm" },       { "erp", "erp" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct event_defaults d = { .source = event_text("crm") };
        struct event_fault    why;
        struct event          ev;
        struct err            e = ERR_INIT;
        const cJSON          *doc;
        const char           *text =
            arena_printf(&mem,
                         "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"x\",\"actorid\":\"a\","
                         "\"time\":\"2026-03-02T09:00:00Z\",\"source\":\"%s\"}",
                         row[i].source);

        t_row = row[i].source;
        CHECK(json_parse(&mem, text, strlen(text), &doc, &e));
        if (CHECK(event_read_cloudevent(doc, &d, NOW, &mem, &ev, &why)))
            CHECK_S(arena_strndup(&mem, ev.source.p, ev.source.n), row[i].want);
    }
    t_row = NULL;
    arena_free(&mem);
}

int
main(void)
{
    arena_init_cjson();
    arena_init(&mem, 64 << 20);
    T_RUN(test_captured);
    T_RUN(test_values);
    T_RUN(test_bodies);
    T_RUN(test_refusals);
    T_RUN(test_sources);
    return t_end();
}
