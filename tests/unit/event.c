/* event.c - reading events of both dialects, their refusals, and their canonical bytes. */
#include "json_t.h"
#include "t.h"

#include "collaudo/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1773136800000000) /* 2026-03-10T10:00:00Z */

typedef bool reader(const cJSON *, const struct event_defaults *, usec_t, struct arena *,
                    struct event *, struct event_fault *);

static struct arena mem;

static bool
read_with(reader *fn, const char *text, struct event *ev, struct event_fault *why)
{
    struct event_defaults d = { .source = event_text("crm") };
    struct err            e = ERR_INIT;
    const cJSON          *doc;

    if (!CHECK(json_parse(&mem, text, strlen(text), &doc, &e)))
        return false;
    return fn(doc, &d, NOW, &mem, ev, why);
}

static bool
same(struct event_text t, const char *want)
{
    return want ? t.p && t.n == strlen(want) && memcmp(t.p, want, t.n) == 0 : !t.p;
}

#define CHECK_T(got, want) t_check(same((got), (want)), __FILE__, __LINE__, #got)

/* --- what is taken --------------------------------------------------------------- */

struct good {
    const char       *json;
    enum event_type   type;
    enum event_status status;
    const char       *id, *source, *user, *action, *feature, *object_type, *object_id, *correlation;
    unsigned          dropped;
};

/* clang-format off */
static const struct good natives[] = {
    { "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"ann\",\"action\":\"a.b\"}",
      EVENT_USAGE, EVENT_UNKNOWN, "1", "crm", "ann", "a.b", "a.b", NULL, NULL, NULL, 0 },
    { "{\"id\":17,\"source\":\"erp\",\"time\":\"2026-03-09T10:00:00Z\",\"type\":\"audit\",\"user\":4711,\"action\":\"x\","
      "\"object_type\":\"order\",\"object_id\":12,\"feature\":\"f\",\"status\":\"success\",\"correlation\":\"c\"}",
      EVENT_AUDIT, EVENT_SUCCESS, "17", "erp", "4711", "x", "f", "order", "12", "c", 0 },
    { "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":123456789012345678,\"action\":\"x\"}",
      EVENT_USAGE, EVENT_UNKNOWN, "1", "crm", "123456789012345678", "x", "x", NULL, NULL, NULL, 0 },
    { "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"type\":\"heartbeat\"}",
      EVENT_HEARTBEAT, EVENT_UNKNOWN, "1", "crm", NULL, "heartbeat", "heartbeat", NULL, NULL, NULL, 0 },
    { "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"type\":\"record\",\"action\":\"snapshot\"}",
      EVENT_RECORD, EVENT_UNKNOWN, "1", "crm", NULL, "snapshot", "snapshot", NULL, NULL, NULL, 0 },
    { "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"type\":\"auth\",\"action\":\"logon\",\"user\":\"\"}",
      EVENT_AUTH, EVENT_UNKNOWN, "1", "crm", NULL, "logon", "logon", NULL, NULL, NULL, 0 },
    { "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":\"x\",\"object_id\":null,\"object_type\":\"\","
      "\"feature\":\"\",\"correlation\":[1],\"status\":\"maybe\",\"type\":null,\"recordedtime\":1,\"sentAt\":2,\"odd\":3}",
      EVENT_USAGE, EVENT_UNKNOWN, "1", "crm", "u", "x", "x", NULL, NULL, NULL, 2 },
    { "{\"id\":\"1\",\"time\":\"2026-03-10T10:05:00Z\",\"user\":\"u\",\"action\":\"x\",\"status\":\"failure\"}",
      EVENT_USAGE, EVENT_FAILURE, "1", "crm", "u", "x", "x", NULL, NULL, NULL, 0 },
};

#define CE "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"crm\",\"time\":\"2026-03-09T10:00:00Z\","

static const struct good clouds[] = {
    { CE "\"type\":\"contact.create\",\"actorid\":\"ann\"}",
      EVENT_USAGE, EVENT_UNKNOWN, "1", "crm", "ann", "contact.create", "contact.create", NULL, NULL, NULL, 0 },
    { CE "\"type\":\"com.example.thing\",\"subject\":\"contact/45/11\",\"datacontenttype\":\"application/json; charset=utf-8\","
      "\"data\":{\"user\":\"bob\",\"action\":\"open\",\"feature\":\"f\",\"status\":\"success\",\"correlation\":\"c\",\"email\":\"x\"}}",
      EVENT_USAGE, EVENT_SUCCESS, "1", "crm", "bob", "open", "f", "contact", "45/11", "c", 1 },
    { CE "\"type\":\"pilot.audit\",\"subject\":\"4711\",\"data\":{\"activity_name\":\"modifica\",\"object_type\":\"order\"}}",
      EVENT_AUDIT, EVENT_UNKNOWN, "1", "crm", NULL, "modifica", "modifica", "order", "4711", NULL, 0 },
    { CE "\"type\":\"t\",\"actorid\":\"ann\",\"datacontenttype\":\"application/vnd.x+json\",\"data\":{\"user\":\"bob\"},\"traceparent\":\"x\"}",
      EVENT_USAGE, EVENT_UNKNOWN, "1", "crm", "ann", "t", "t", NULL, NULL, NULL, 1 },
    { CE "\"type\":\"t\",\"actorid\":\"ann\",\"data\":null,\"subject\":\"\"}",
      EVENT_USAGE, EVENT_UNKNOWN, "1", "crm", "ann", "t", "t", NULL, NULL, NULL, 0 },
};
/* clang-format on */

static void
check_good(reader *fn, const struct good *g)
{
    struct event       ev;
    struct event_fault why;

    t_row = g->json;
    if (!CHECK(read_with(fn, g->json, &ev, &why))) {
        fprintf(stderr, "  %s at %s\n", event_drop_name(why.why), why.pointer);
        return;
    }
    CHECK_I(ev.type, g->type);
    CHECK_I(ev.status, g->status);
    CHECK_T(ev.id, g->id);
    CHECK_T(ev.source, g->source);
    CHECK_T(ev.user, g->user);
    CHECK_T(ev.action, g->action);
    CHECK_T(ev.feature, g->feature);
    CHECK_T(ev.object_type, g->object_type);
    CHECK_T(ev.object_id, g->object_id);
    CHECK_T(ev.correlation, g->correlation);
    CHECK_I(ev.dropped, g->dropped);
    CHECK(!ev.has_actor && !ev.properties.p);
    t_row = NULL;
}

static void
test_good(void)
{
    for (size_t i = 0; i < sizeof natives / sizeof *natives; i++)
        check_good(event_read_native, &natives[i]);
    for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++)
        check_good(event_read_cloudevent, &clouds[i]);
    arena_free(&mem);
}

/* --- what is refused --------------------------------------------------------------- */

struct bad {
    const char     *json;
    enum event_drop why;
    const char     *pointer;
};

/* 129, 257 and 321 bytes of text */
#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16
#define X129 X64 X64 "x"
#define X257 X64 X64 X64 X64 "x"
#define X321 X257 X64
#define T "\"time\":\"2026-03-09T10:00:00Z\""
#define REST T ",\"user\":\"u\",\"action\":\"a\"}"

/* clang-format off */
static const struct bad bad_natives[] = {
    { "[1]",                                                       EVENT_NOT_OBJECT, "" },
    { "\"x\"",                                                     EVENT_NOT_OBJECT, "" },
    { "null",                                                      EVENT_NOT_OBJECT, "" },
    { "{}",                                                        EVENT_MISSING_ID, "" },
    { "{\"id\":null," REST,                                        EVENT_MISSING_ID, "" },
    { "{\"id\":\"\"," REST,                                        EVENT_MISSING_ID, "/id" },
    { "{\"id\":\" \\t\"," REST,                                    EVENT_MISSING_ID, "/id" },
    { "{\"id\":1.5," REST,                                         EVENT_MISSING_ID, "/id" },
    { "{\"id\":{}," REST,                                          EVENT_MISSING_ID, "/id" },
    { "{\"id\":true," REST,                                        EVENT_MISSING_ID, "/id" },
    { "{\"ID\":\"1\"," REST,                                       EVENT_MISSING_ID, "" },
    { "{\"id\":\"" X129 "\"," REST,                                EVENT_TOO_LARGE, "/id" },
    { "{\"id\":\"1\",\"source\":7.5," REST,                        EVENT_SOURCE_MISMATCH, "/source" },
    { "{\"id\":\"1\",\"source\":\"\"," REST,                       EVENT_SOURCE_MISMATCH, "/source" },
    { "{\"id\":\"1\",\"source\":\"" X257 "\"," REST,               EVENT_SOURCE_MISMATCH, "/source" },
    { "{\"id\":\"1\",\"type\":\"Usage\"," REST,                    EVENT_UNKNOWN_TYPE, "/type" },
    { "{\"id\":\"1\",\"type\":1," REST,                            EVENT_UNKNOWN_TYPE, "/type" },
    { "{\"id\":\"1\",\"type\":\"\"," REST,                         EVENT_UNKNOWN_TYPE, "/type" },
    { "{\"id\":\"1\",\"user\":\"u\",\"action\":\"a\"}",            EVENT_MISSING_TIME, "" },
    { "{\"id\":\"1\",\"time\":null,\"user\":\"u\",\"action\":\"a\"}", EVENT_MISSING_TIME, "" },
    { "{\"id\":\"1\",\"time\":1773000000,\"user\":\"u\",\"action\":\"a\"}", EVENT_BAD_TIME, "/time" },
    { "{\"id\":\"1\",\"time\":\"now\",\"user\":\"u\",\"action\":\"a\"}", EVENT_BAD_TIME, "/time" },
    { "{\"id\":\"1\",\"time\":\"infinity\",\"user\":\"u\",\"action\":\"a\"}", EVENT_BAD_TIME, "/time" },
    { "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00\",\"user\":\"u\",\"action\":\"a\"}", EVENT_BAD_TIME, "/time" },
    { "{\"id\":\"1\",\"time\":\"2026-13-01T10:00:00Z\",\"user\":\"u\",\"action\":\"a\"}", EVENT_BAD_TIME, "/time" },
    { "{\"id\":\"1\",\"time\":\"2026-03-09T24:00:00Z\",\"user\":\"u\",\"action\":\"a\"}", EVENT_BAD_TIME, "/time" },
    { "{\"id\":\"1\",\"time\":\"2026-03-10T10:05:00.000001Z\",\"user\":\"u\",\"action\":\"a\"}", EVENT_TIME_IN_FUTURE, "/time" },
    { "{\"id\":\"1\",\"time\":\"9999-12-31T23:59:59Z\",\"user\":\"u\",\"action\":\"a\"}", EVENT_TIME_IN_FUTURE, "/time" },
    { "{\"id\":\"1\"," T ",\"action\":\"a\"}",                     EVENT_MISSING_USER, "" },
    { "{\"id\":\"1\"," T ",\"user\":\" \",\"action\":\"a\"}",      EVENT_MISSING_USER, "/user" },
    { "{\"id\":\"1\"," T ",\"user\":[\"u\"],\"action\":\"a\"}",    EVENT_MISSING_USER, "/user" },
    { "{\"id\":\"1\"," T ",\"user\":\"" X321 "\",\"action\":\"a\"}", EVENT_TOO_LARGE, "/user" },
    { "{\"id\":\"1\"," T ",\"user\":\"u\"}",                       EVENT_MISSING_ACTION, "" },
    { "{\"id\":\"1\"," T ",\"user\":\"u\",\"action\":\"\"}",       EVENT_MISSING_ACTION, "/action" },
    { "{\"id\":\"1\"," T ",\"user\":\"u\",\"action\":{}}",         EVENT_MISSING_ACTION, "/action" },
    { "{\"id\":\"1\"," T ",\"user\":\"u\",\"action\":\"" X257 "\"}", EVENT_TOO_LARGE, "/action" },
    { "{\"id\":\"1\",\"object_id\":\"" X257 "\"," REST,            EVENT_TOO_LARGE, "/object_id" },
    { "{\"id\":\"1\",\"object_type\":\"" X257 "\"," REST,          EVENT_TOO_LARGE, "/object_type" },
    { "{\"id\":\"1\",\"feature\":\"" X257 "\"," REST,              EVENT_TOO_LARGE, "/feature" },
    { "{\"id\":\"1\",\"correlation\":\"" X257 "\"," REST,          EVENT_TOO_LARGE, "/correlation" },
    { "{\"id\":\"1\",\"properties\":[]," REST,                     EVENT_NOT_OBJECT, "/properties" },
};

static const struct bad bad_clouds[] = {
    { "[]",                                                        EVENT_NOT_OBJECT, "" },
    { "{\"specversion\":\"1.0\"}",                                 EVENT_MISSING_ID, "" },
    { "{\"id\":\"1\",\"type\":\"t\",\"actorid\":\"u\"," T "}",     EVENT_UNKNOWN_TYPE, "" },
    { "{\"specversion\":\"0.3\",\"id\":\"1\",\"type\":\"t\",\"actorid\":\"u\"," T "}", EVENT_UNKNOWN_TYPE, "/specversion" },
    { CE "\"actorid\":\"u\"}",                                     EVENT_UNKNOWN_TYPE, "" },
    { CE "\"type\":\"\",\"actorid\":\"u\"}",                       EVENT_UNKNOWN_TYPE, "/type" },
    { CE "\"type\":\"pilot.nothing\",\"actorid\":\"u\"}",          EVENT_UNKNOWN_TYPE, "/type" },
    { CE "\"type\":\"pilot.usage\",\"actorid\":\"u\"}",            EVENT_MISSING_ACTION, "" },
    { CE "\"type\":\"t\"}",                                        EVENT_MISSING_USER, "" },
    { CE "\"type\":\"t\",\"data\":{\"user\":\"\"}}",               EVENT_MISSING_USER, "/data/user" },
    { CE "\"type\":\"t\",\"actorid\":\"\",\"data\":{\"user\":\"bob\"}}", EVENT_MISSING_USER, "/actorid" },
    { CE "\"type\":\"t\",\"actorid\":\"u\",\"data\":[]}",          EVENT_NOT_OBJECT, "/data" },
    { CE "\"type\":\"t\",\"actorid\":\"u\",\"data_base64\":\"AA==\"}", EVENT_NOT_OBJECT, "/data" },
    { CE "\"type\":\"t\",\"actorid\":\"u\",\"datacontenttype\":\"text/xml\",\"data\":{}}", EVENT_NOT_OBJECT, "/data" },
    { CE "\"type\":\"t\",\"actorid\":\"u\",\"data\":{\"properties\":1}}", EVENT_NOT_OBJECT, "/data/properties" },
    { CE "\"type\":\"t\",\"actorid\":\"u\",\"subject\":\"contact/" X257 "\"}", EVENT_TOO_LARGE, "/subject" },
    { CE "\"type\":\"" X257 "\",\"actorid\":\"u\"}",               EVENT_TOO_LARGE, "/type" },
    { "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\",\"actorid\":\"u\"}", EVENT_MISSING_TIME, "" },
};
/* clang-format on */

static void
check_bad(reader *fn, const struct bad *b)
{
    struct event       ev = { .dropped = 99 };
    struct event_fault why;

    t_row = b->json;
    CHECK(!read_with(fn, b->json, &ev, &why));
    CHECK_S(event_drop_name(why.why), event_drop_name(b->why));
    CHECK_S(why.pointer, b->pointer);
    CHECK_I(ev.dropped, 99); /* nothing is set */
    t_row = NULL;
}

static void
test_bad(void)
{
    for (size_t i = 0; i < sizeof bad_natives / sizeof *bad_natives; i++)
        check_bad(event_read_native, &bad_natives[i]);
    for (size_t i = 0; i < sizeof bad_clouds / sizeof *bad_clouds; i++)
        check_bad(event_read_cloudevent, &bad_clouds[i]);
    arena_free(&mem);
}

/* A refusal names the event as far as it could be read. */
static void
test_a_refusal_knows_the_event(void)
{
    struct event       ev;
    struct event_fault why;

    CHECK(!read_with(event_read_native, "{\"id\":\"77\",\"source\":\"erp\"}", &ev, &why));
    CHECK_T(why.id, "77");
    CHECK_T(why.source, "erp");
    CHECK(!read_with(event_read_native, "{\"id\":\"\",\"source\":\"erp\"}", &ev, &why));
    CHECK_T(why.id, NULL);
    CHECK_T(why.source, "erp");
    CHECK(!read_with(event_read_native, "[]", &ev, &why));
    CHECK_T(why.source, "crm");
    arena_free(&mem);
}

/* --- tables ------------------------------------------------------------------------------ */

static void
test_tables(void)
{
    for (int i = 1; i <= EVENT_DROP_MAX; i++)
        CHECK(event_drop_name(i) && event_drop_sentence(i));
    CHECK(!event_drop_name(0) && !event_drop_name(-1) && !event_drop_name(EVENT_DROP_MAX + 1));
    CHECK_I(event_type_of("usage", 5), 1); /* these numbers are in databases */
    CHECK_I(event_type_of("heartbeat", 9), 11);
    CHECK_I(event_type_of("usagex", 5), 1);
    CHECK_I(event_type_of("usag", 4), 0);
    CHECK_S(event_drop_name(1), "not_json");
    CHECK_S(event_drop_name(17), "id_conflict");
    CHECK_S(event_drop_name(19), "store_refused");
    CHECK_S(event_status_name(0), "unknown");
    CHECK_S(event_status_name(1), "success");
    CHECK_S(event_status_name(2), "failure");
    CHECK(!event_status_name(3) && !event_type_name(0) && !event_type_name(12));
}

/* --- properties ----------------------------------------------------------------------------- */

static void
test_keep(void)
{
    static const char *const names[] = { "b", "a", "n", "t", "o", "long", "z" };
    const struct event_allow allow = { names, sizeof names / sizeof *names }, none = { NULL, 0 };
    struct event             ev;
    struct event_fault       why;
    char                     json[4096];

    snprintf(
        json, sizeof json,
        "{\"id\":\"1\",\"properties\":{\"z\":null,\"b\":\"x\\\"y\",\"a\":0.1,\"n\":-12,\"t\":true,"
        "\"o\":{\"a\":1},\"other\":1,\"long\":\"%s%s%s%s\"}," REST,
        X257, X257, X257, X257);
    CHECK(read_with(event_read_native, json, &ev, &why));
    event_keep(&ev, &allow, &mem);
    CHECK_T(ev.properties, "{\"a\":0.1,\"b\":\"x\\\"y\",\"n\":-12,\"t\":true}");
    CHECK_I(ev.dropped, 3); /* the object, the long one, the one not allowed */
    CHECK(read_with(event_read_native, json, &ev, &why));
    event_keep(&ev, &none, &mem);
    CHECK_T(ev.properties, NULL);
    CHECK_I(ev.dropped, 7);
    CHECK(read_with(event_read_native,
                    "{\"id\":\"1\",\"properties\":{\"n\":1e300,\"a\":1.25e-7}," REST, &ev, &why));
    event_keep(&ev, &allow, &mem);
    CHECK(ev.properties.n && json_t_valid(ev.properties.p, ev.properties.n));
    arena_free(&mem);
}

/* --- canonical bytes ---------------------------------------------------------------------------
 */

static void
check_same_event(const struct event *a, const struct event *b)
{
    CHECK_I(a->type, b->type);
    CHECK_I(a->status, b->status);
    CHECK_I(a->time, b->time);
    CHECK(a->has_actor == b->has_actor && memcmp(&a->actor, &b->actor, sizeof a->actor) == 0);
#define SAME(member)                                                                               \
    CHECK(a->member.n == b->member.n &&                                                            \
          (!a->member.n || memcmp(a->member.p, b->member.p, a->member.n) == 0))
    SAME(id);
    SAME(action);
    SAME(feature);
    SAME(object_type);
    SAME(object_id);
    SAME(correlation);
    SAME(properties);
#undef SAME
}

static void
test_canonical(void)
{
    struct event       ev, back;
    struct event_fault why;

    for (size_t i = 0; i < sizeof natives / sizeof *natives; i++) {
        struct str out, again;

        t_row = natives[i].json;
        CHECK(read_with(event_read_native, natives[i].json, &ev, &why));
        if (i & 1) {
            ev.has_actor = true;
            ev.actor = hash_of("ann", 3);
            ev.properties = event_text("{\"a\":1}");
        }
        str_init(&out, &mem);
        event_encode(&ev, &out);
        if (CHECK(event_decode(out.p, out.n, &back)))
            check_same_event(&ev, &back);
        str_init(&again, &mem);
        event_encode(&back, &again);
        CHECK(again.n == out.n && memcmp(again.p, out.p, out.n) == 0);
        for (size_t n = 0; n < out.n; n++) { /* every truncation, at the very end of its memory */
            char *cut = malloc(n ? n : 1);

            CHECK(!event_decode(memcpy(cut, out.p, n), n, &back));
            free(cut);
        }
        arena_reset(&mem);
    }
    t_row = NULL;
    arena_free(&mem);
}

/* The bytes are frozen: hashes of them are kept for the life of a pilot. */
static void
test_frozen(void)
{
    struct event       ev;
    struct event_fault why;
    struct str         out;
    char               hex[600];

    CHECK(read_with(event_read_native, natives[1].json, &ev, &why));
    ev.has_actor = true;
    memset(&ev.actor, 0xab, sizeof ev.actor);
    ev.properties = event_text("{\"a\":1}");
    str_init(&out, &mem);
    event_encode(&ev, &out);
    hash_hex(out.p, out.n, hex);
    CHECK_S(hex, "0102013f"
                 "00c84277944c0600"
                 "abababababababababababababababab"
                 "02003137"
                 "010078"
                 "010066"
                 "05006f72646572"
                 "02003132"
                 "010063"
                 "070000007b2261223a317d");
    struct hash_id h = event_hash(out.p, out.n);
    hash_hex(&h, sizeof h, hex);
    CHECK_S(hex, "a9e7a07dc47fd020918ced1a2819ae52");
    arena_free(&mem);
}

/* The same event said in other words has the same bytes. */
static void
test_same_in_other_words(void)
{
    static const char *const same_as[] = {
        "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":\"a\"}",
        "{\"action\":\"a\",\"feature\":\"a\",\"time\":\"2026-03-09T11:00:00.000+01:00\",\"user\":"
        "\"v\",\"id\":1,"
        "\"type\":\"usage\",\"status\":\"unknown\",\"properties\":{\"x\":1},\"sentAt\":\"x\","
        "\"source\":\"crm\"}",
    };
    static const char *const differs[] = {
        "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00.000001Z\",\"user\":\"u\",\"action\":\"a\"}",
        "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":\"a\","
        "\"feature\":\"b\"}",
        "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":\"a\","
        "\"status\":\"success\"}",
        "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":\"a\",\"object_"
        "type\":\"b\"}",
        "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":\"a\",\"object_"
        "id\":\"b\"}",
        "{\"id\":\"1\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"u\",\"action\":\"a\","
        "\"correlation\":\"b\"}",
    };
    struct event       ev;
    struct event_fault why;
    struct str         first, other;

    CHECK(read_with(event_read_native, same_as[0], &ev, &why));
    str_init(&first, &mem);
    event_encode(&ev, &first);
    CHECK(read_with(event_read_native, same_as[1], &ev, &why));
    str_init(&other, &mem);
    event_encode(&ev, &other);
    CHECK(first.n == other.n && memcmp(first.p, other.p, first.n) == 0);
    for (size_t i = 0; i < sizeof differs / sizeof *differs; i++) {
        t_row = differs[i];
        CHECK(read_with(event_read_native, differs[i], &ev, &why));
        str_init(&other, &mem);
        event_encode(&ev, &other);
        CHECK(first.n != other.n || memcmp(first.p, other.p, first.n) != 0);
    }
    t_row = NULL;
    arena_free(&mem);
}

static void
test_print(void)
{
    struct event       ev, back;
    struct event_fault why;
    struct str         out;

    CHECK(read_with(event_read_native, natives[1].json, &ev, &why));
    ev.properties = event_text("{\"a\":1}");
    str_init(&out, &mem);
    event_print(&ev, &out);
    CHECK(!strstr(out.p, "user") && !strstr(out.p, "4711"));
    CHECK(!read_with(event_read_native, out.p, &back, &why) || back.type == EVENT_AUDIT);
    CHECK(read_with(event_read_native, out.p, &back, &why)); /* an audit event needs no user */
    back.properties = ev.properties;
    check_same_event(&ev, &back);
    arena_free(&mem);
}

int
main(void)
{
    arena_init(&mem, 64 << 20);
    T_RUN(test_good);
    T_RUN(test_bad);
    T_RUN(test_a_refusal_knows_the_event);
    T_RUN(test_tables);
    T_RUN(test_keep);
    T_RUN(test_canonical);
    T_RUN(test_frozen);
    T_RUN(test_same_in_other_words);
    T_RUN(test_print);
    return t_end();
}
