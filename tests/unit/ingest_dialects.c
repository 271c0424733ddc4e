/* ingest_dialects.c - other people's dialects into records: no name inside, raw bytes kept,
 * memory that runs out. */
#include "ingest_t.h"
#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two good events and a bad one in each dialect, with names wherever a name may stand. */
#define NAME "Planted.Name@x.it"
#define T "\"timestamp\":\"2026-03-09T10:00:00Z\""
#define NANO "\"timeUnixNano\":\"1773050400000000000\""
#define ATTR(k, v) "{\"key\":\"" k "\",\"value\":{\"stringValue\":\"" v "\"}}"

/* clang-format off */
static const struct sample {
    const char        *name;
    struct ingest_form form;
    const char        *body, *raw; /* raw: what is kept of the bad one */
} samples[] = {
    { "segment", { .dialect = INGEST_SEGMENT, .call = EVENT_BATCH },
      "{\"batch\":[{\"type\":\"track\",\"messageId\":\"1\"," T ",\"userId\":\"" NAME "\",\"event\":\"a\",\"anonymousId\":\"" NAME "\","
      "\"context\":{\"ip\":\"" NAME "\",\"traits\":{\"email\":\"" NAME "\"}},\"properties\":{\"object_id\":\"" NAME "\",\"x\":\"" NAME "\"}},"
      "{\"type\":\"alias\",\"messageId\":\"2\"," T ",\"userId\":\"" NAME "\",\"previousId\":\"Planted.Old@x.it\"},"
      "{\"type\":\"track\",\"userId\":\"" NAME "\"}],\"writeKey\":\"k\"}",
      "{\"type\":\"track\",\"userId\":\"" NAME "\"}" },
    { "otlp", { .dialect = INGEST_OTLP },
      "{\"resourceLogs\":[{\"resource\":{\"attributes\":[" ATTR("host.name", "" NAME) "]},\"scopeLogs\":[{\"logRecords\":["
      "{" NANO ",\"eventName\":\"a\",\"body\":{\"stringValue\":\"" NAME "\"},\"attributes\":[" ATTR("user.id", NAME) "," ATTR("user.email", NAME) "]},"
      "{" NANO ",\"eventName\":\"b\",\"attributes\":[" ATTR("user.id", NAME) "," ATTR("event.id", NAME) "," ATTR("object_id", "Planted.Name") "]},"
      "{\"body\":\"" NAME "\"}]}]}]}",
      "{\"body\":\"" NAME "\"}" },
    { "xapi", { .dialect = INGEST_XAPI, .cut = JSON_AUTO },
      "[{" T ",\"actor\":{\"mbox\":\"mailto:" NAME "\",\"name\":\"" NAME "\"},\"verb\":{\"id\":\"http://x/passed\",\"display\":{\"it\":\"" NAME "\"}},"
      "\"object\":{\"id\":\"mailto:" NAME "\"},\"result\":{\"response\":\"" NAME "\"}},"
      "{\"actor\":{\"openid\":\"https://x/Planted.Name\"},\"verb\":{\"id\":\"http://x/passed\"},\"object\":{\"objectType\":\"Agent\",\"mbox\":\"" NAME "\"}},"
      "{\"actor\":\"" NAME "\"}]",
      "{\"actor\":\"" NAME "\"}" },
};
/* clang-format on */

static bool
take(const struct ingest_form *form, const char *body, size_t n, struct arena *in_mem,
     struct ingest_intake *in)
{
    struct err e = ERR_INIT;
    bool       ok = ingest_take(&crm, form, body, n, NOW, in_mem, in, &e);

    CHECK(ok || e.code == ERR_NOMEM);
    return ok;
}

static void
test_no_names_inside(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct ingest_intake in;

        t_row = samples[i].name;
        CHECK(take(&samples[i].form, samples[i].body, strlen(samples[i].body), &mem, &in));
        CHECK_I(in.accepted, 2);
        CHECK_I(in.rejected, 1);
        CHECK(!memmem(in.record, in.record_n, "lanted", 6));
        CHECK_S(kept(&in, 2), samples[i].raw);
        for (size_t k = 0; k < 2; k++)
            CHECK(item_of(&in, k).event.has_actor);
        CHECK(in.dropped > 0);
        arena_reset(&mem);
    }
    t_row = NULL;
}

/* One person is one account whatever the door. */
static void
test_one_account(void)
{
    struct hash_id want = vault_account(&crm.key, "crm", "planted.name@x.it", 17, &mem);

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct ingest_intake in;

        t_row = samples[i].name;
        CHECK(take(&samples[i].form, samples[i].body, strlen(samples[i].body), &mem, &in));
        struct ingest_record_item item = item_of(&in, 0);
        CHECK(memcmp(&item.event.actor, &want, sizeof want) == 0);
    }
    t_row = NULL;
    arena_reset(&mem);
}

static void
test_protobuf(void)
{
    static const char        body[] = "\x0a\x19\x12\x17"
                                      "\x12\x0b\x09\x01\x02\x03\x04\x05\x06\x07\x00\x62\x00"
                                      "\x12\x08\x0a\x06Planta"; /* the second one has a stray field 1 */
    const struct ingest_form form = { .dialect = INGEST_OTLP_PROTOBUF };
    struct ingest_intake     in;

    CHECK(take(&form, body, sizeof body - 1, &mem, &in));
    CHECK_I(in.received, 2);
    CHECK_I(in.rejected, 2);
    CHECK(!in.unreadable);
    CHECK_I(item_of(&in, 0).quarantine.size, 11);
    CHECK(memcmp(kept(&in, 0), body + 6, 11) == 0);
    CHECK(!memmem(in.record, in.record_n, "Planta", 6));
    arena_reset(&mem);
}

static void
test_ids_of_statements(void)
{
    static const char body[] =
        "[{\"id\":\"A-1\"," T ",\"verb\":{\"id\":\"x\"}},7,"
        "{\"id\":\"a 2@x.it\"," T ",\"verb\":{\"id\":\"x\"}},{\"id\":\"b\"}]";
    const struct ingest_form form = { .dialect = INGEST_XAPI, .cut = JSON_AUTO };
    struct ingest_intake     in;
    struct str               out;

    CHECK(take(&form, body, sizeof body - 1, &mem, &in));
    str_init(&out, &mem);
    ingest_answer_ids(&in, &out);
    CHECK_S(out.p, "[\"a-1\",\"\",\"a 2@x.it\",\"b\"]"); /* as the sender knows them */
    CHECK(!memmem(in.record, in.record_n, "@x.it", 5));  /* but not in the record */
    arena_reset(&mem);
}

/* The correction stands beside the bytes that are hashed. */
static void
test_correction(void)
{
    static const char *const bodies[] = {
        "{\"batch\":[{\"type\":\"track\",\"messageId\":\"1\"," T
        ",\"userId\":\"u\",\"event\":\"a\"}],\"sentAt\":\"2026-03-10T09:00:00Z\"}",
        "{\"batch\":[{\"type\":\"track\",\"messageId\":\"1\"," T
        ",\"userId\":\"u\",\"event\":\"a\"}],\"sentAt\":\"2026-03-10T08:00:00Z\"}",
    };
    const struct ingest_form  form = { .dialect = INGEST_SEGMENT };
    struct ingest_record_item item[2];

    for (size_t i = 0; i < 2; i++) {
        struct ingest_intake in;

        CHECK(take(&form, bodies[i], strlen(bodies[i]), &mem, &in));
        item[i] = item_of(&in, 0);
        CHECK_I(item[i].event.correction, (usec_t)(i + 1) * USEC_HOUR);
        CHECK_I(item[i].event.time, NOW - 24 * USEC_HOUR + item[i].event.correction);
    }
    CHECK(memcmp(&item[0].hash, &item[1].hash, sizeof item[0].hash) == 0);
    arena_reset(&mem);
}

static void
test_unreadable(void)
{
    static const struct {
        struct ingest_form form;
        const char        *body;
    } row[] = {
        { { .dialect = INGEST_SEGMENT, .broken = true }, "{\"batch\":[]}" },
        { { .dialect = INGEST_OTLP_PROTOBUF, .broken = true }, "" },
        { { .dialect = INGEST_OTLP_PROTOBUF }, "{}" },
        { { .dialect = INGEST_OTLP }, "[]" },
        { { .dialect = INGEST_XAPI }, "{" },
        { { .dialect = INGEST_SEGMENT }, "{\"batch\":[],\"batch\":[]}" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct ingest_intake in;

        t_row = row[i].body;
        CHECK(take(&row[i].form, row[i].body, strlen(row[i].body), &mem, &in));
        CHECK(in.unreadable && in.why && in.received == 1 && in.rejected == 1);
        CHECK_S(kept(&in, 0), row[i].body);
        CHECK_I(item_of(&in, 0).quarantine.why, EVENT_NOT_JSON);
    }
    t_row = NULL;
    arena_reset(&mem);
}

/* With too little memory the request is refused as a whole, and never called unreadable. */
static void
test_starved(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        int  starved = 0;
        bool fitted = false;

        t_row = samples[i].name;
        for (size_t limit = 128; limit < 400000 && !fitted; limit += 128) {
            struct arena         small;
            struct ingest_intake in;

            arena_init(&small, limit);
            fitted = take(&samples[i].form, samples[i].body, strlen(samples[i].body), &small, &in);
            if (fitted)
                CHECK(!in.unreadable && in.accepted == 2 && in.rejected == 1);
            starved += !fitted;
            arena_free(&small);
        }
        CHECK(fitted && starved > 10);
    }
    t_row = NULL;
}

int
main(void)
{
    ingest_t_init();
    T_RUN(test_no_names_inside);
    T_RUN(test_one_account);
    T_RUN(test_protobuf);
    T_RUN(test_ids_of_statements);
    T_RUN(test_correction);
    T_RUN(test_unreadable);
    T_RUN(test_starved);
    arena_free(&mem);
    return t_end();
}
