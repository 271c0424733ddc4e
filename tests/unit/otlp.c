/* otlp.c - OpenTelemetry logs of both encodings: what becomes of them, and what is refused. */
#include "t.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1795278500000000)

static struct arena    mem;
static struct hash_mac ids;

static const char *
outcome_of(const struct event_logs *l, size_t i, bool with_ids)
{
    struct event_defaults   d = { .source = event_text("crm"), .ids = with_ids ? &ids : NULL };
    const struct event_log *log = &l->logs[i];
    struct event_fault      why;
    struct event            ev;
    struct err              e = ERR_INIT;
    const cJSON            *doc;
    bool                    ok;

    if (l->protobuf) {
        ok = event_read_otlp_bytes(log->s.p, log->s.n, log->resource, &d, NOW, &mem, &ev, &why);
    } else {
        if (!CHECK(!json_policy(&log->s, NULL, NULL) && json_parse_slice(&mem, &log->s, &doc, &e)))
            return "";
        ok = event_read_otlp(doc, log->resource, &d, NOW, &mem, &ev, &why);
    }
    CHECK(!mem.denied);
    return wire_outcome(ok, &ev, &why, &mem);
}

/* Cuts and reads a whole body; the outcomes, one a line. */
static const char *
outcomes(bool protobuf, const char *body, size_t n)
{
    struct event_logs l;
    struct err        e = ERR_INIT;
    struct str        out;

    str_init(&out, &mem);
    if (!event_cut_otlp(protobuf, body, n, 100, &mem, &l, &e))
        str_addf(&out, "%s: %s", err_name(e.code), e.text);
    else
        for (size_t i = 0; i < l.n; i++)
            str_addf(&out, "%s%s", i ? "\n" : "", outcome_of(&l, i, true));
    return out.p;
}

/* --- captured ----------------------------------------------------------------------------- */

#define REST(n, f)                                                                                 \
    "feature=" f " type=contact object=C-" #n " dropped=1 "                                        \
    "{\"user.email\":\"user" #n "@example.it\",\"client.address\":\"192.0.2." #n "\",\"seq\":" #n  \
    ",\"run\":\"run1\",\"tool\":\"crm\",\"ratio\":0.5,\"ok\":true,\"tags\":[\"a\",\"b\"]}"

static void
test_captured(void)
{
    static const char *const want =
        "usage success 2026-11-21T16:27:55.385Z id=98e24eef-f42c-408b-8639-1a8611e31e3e "
        "user=user0@example.it action=crm.contact.updated " REST(
            0, "contact.create") "\n"
                                 "usage success 2026-11-21T16:27:55.386Z "
                                 "id=147e8f9d-c0bb-4942-83e1-1b2fe47af49c "
                                 "user=user1@example.it action=crm.contact.updated " REST(
                                     1, "contact.update");
    struct wire_request r = wire_read("otlp/json-chunked", &mem);

    CHECK_S(outcomes(false, r.body, r.body_n), want);
    r = wire_read("otlp/json-gzip-chunked", &mem);
    const char *got = outcomes(false, r.body, r.body_n);
    CHECK(strncmp(got, "usage success 2026-11-21T16:27:55.898Z id=22b9ea99-", 51) == 0);
    CHECK(strstr(got, REST(1, "contact.update")));
    arena_free(&mem);
}

/* The same records by the same library in both encodings: the same events, and for the record
 * that brings no id the same id. */
static void
test_both_encodings(void)
{
    struct wire_request json = wire_read("otlp/same-as-protobuf", &mem);
    struct wire_request plain = wire_read("otlp/protobuf", &mem);
    struct wire_request zipped = wire_read("otlp/protobuf-gzip", &mem);
    const char         *got = outcomes(false, json.body, json.body_n);

    CHECK_S(outcomes(true, plain.body, plain.body_n), got);
    CHECK_S(outcomes(true, zipped.body, zipped.body_n), got);
    CHECK(strncmp(got, "usage success 2026-11-21T16:27:55.385123Z id=", 45) == 0);
    CHECK_S(got + 45 + 32,
            " user=Zo\xc3\xab@example.it action=crm.contact.updated feature=contact.update "
            "type=contact object=17 dropped=1 {\"n\":-7,\"big\":\"9007199254740992\",\"half\":0.5,"
            "\"yes\":true,\"tags\":[\"a\",\"\",\"b\"],\"bytes\":\"+/8AYQ==\",\"empty\":\"\"}\n"
            "usage unknown 2026-11-21T16:27:55.385Z id=e-2 user=ann action=crm.login dropped=1 "
            "{\"user.email\":\"ann@example.it\"}");
    arena_free(&mem);
}

/* --- written, in JSON ------------------------------------------------------------------------ */

#define ENVELOPE(r) "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[" r "]}]}]}"
#define A(k, v) "{\"key\":\"" k "\",\"value\":{\"stringValue\":\"" v "\"}}"
#define T "\"timeUnixNano\":\"1795278475385123456\","
#define WHEN "usage unknown 2026-11-21T16:27:55.385123Z id=i user=ann action="
#define I A("event.id", "i") "," A("user.id", "ann")

/* clang-format off */
static const struct {
    const char *record, *want;
} row[] = {
    { "{" T "\"eventName\":\"x\",\"attributes\":[" I "]}", WHEN "x" },
    { "{\"time_unix_nano\":1795278475385123456,\"event_name\":\"x\",\"attributes\":[{\"key\":\"event.id\",\"value\":{\"int_value\":\"17\"}},"
      "{\"key\":\"user.id\",\"value\":{\"string_value\":\"ann\"}}]}",
      "usage unknown 2026-11-21T16:27:55.385123Z id=17 user=ann action=x" },
    { "{\"timeUnixNano\":\"0\",\"observedTimeUnixNano\":\"1795278475385123456\",\"eventName\":\"x\",\"attributes\":[" I "]}", WHEN "x" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" I "," A("event.name", "y") "]}", WHEN "x" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" I "," A("collaudo.action", "y") "]}", WHEN "y" },
    { "{" T "\"attributes\":[" I "," A("event.name", "y") "]}", WHEN "y" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" A("enduser.id", "bob") "," A("log.record.uid", "j") "," I "]}", WHEN "x" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" I "," A("feature", "f") "," A("collaudo.feature", "g") "," A("correlation", "c") "," A("a", "b") "]}",
      WHEN "x feature=g correlation=c {\"a\":\"b\"}" },
    { "{" T "\"body\":{\"stringValue\":\"Mario Rossi\"},\"attributes\":[" A("collaudo.type", "audit") "," A("event.id", "i") "," A("event.name", "x") "," A("event.outcome", "failure") "]}",
      "audit failure 2026-11-21T16:27:55.385123Z id=i action=x dropped=1" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" I ",{\"key\":\"d\",\"value\":{\"doubleValue\":\"NaN\"}},{\"key\":\"e\",\"value\":{\"doubleValue\":\"1.5\"}},"
      "{\"key\":\"f\",\"value\":{\"intValue\":\"-9223372036854775808\"}},{\"key\":\"g\",\"value\":null},{\"key\":\"h\"},{\"key\":\"k\",\"value\":{\"kvlistValue\":{}}}]}",
      WHEN "x {\"d\":null,\"e\":1.5,\"f\":\"-9223372036854775808\",\"g\":null,\"h\":null,\"k\":{}}" },
    { "{" T "\"eventName\":\"x\",\"traceId\":\"nonsense\",\"spanId\":17,\"attributes\":[" I "]}", WHEN "x" },

    { "17", "not_object " },
    { "{\"eventName\":\"x\",\"attributes\":[" I "]}", "missing_time " },
    { "{\"timeUnixNano\":\"0\",\"eventName\":\"x\",\"attributes\":[" I "]}", "missing_time " },
    { "{\"timeUnixNano\":\"2026-11-21\",\"eventName\":\"x\",\"attributes\":[" I "]}", "bad_time /timeUnixNano(it counts nanoseconds)" },
    { "{\"timeUnixNano\":-1,\"eventName\":\"x\",\"attributes\":[" I "]}", "bad_time /timeUnixNano(it counts nanoseconds)" },
    { "{\"timeUnixNano\":\"18446744073709551616\",\"eventName\":\"x\",\"attributes\":[" I "]}", "bad_time /timeUnixNano(it counts nanoseconds)" },
    { "{\"timeUnixNano\":\"18446744073709551615\",\"eventName\":\"x\",\"attributes\":[" I "]}", "time_in_future /timeUnixNano" },
    { "{" T "\"attributes\":[" I "]}", "missing_action " },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" A("event.id", "i") "]}", "missing_user " },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" A("event.id", "") "," A("user.id", "ann") "]}", "missing_id /attributes/0/value(it is empty)" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" I ",{\"key\":\"user.id\",\"value\":{\"arrayValue\":{}}}]}", "duplicate_key /attributes" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" A("event.id", "i") ",{\"key\":\"user.id\",\"value\":{\"arrayValue\":{}}}]}",
      "missing_user /attributes/1/value(it is neither text nor a whole number)" },
    { "{" T "\"eventName\":\"x\",\"attributes\":[" I "," A("collaudo.type", "nonsense") "]}", "unknown_type /attributes/2/value" },
};

static const struct {
    const char *body, *want;
} bodies[] = {
    { "{}", "" },
    { "{\"resourceLogs\":null}", "" },
    { "{\"resource_logs\":[{\"resource\":{},\"scope_logs\":[{\"log_records\":[17]},{}]},{}]}", "not_object " },
    { "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[1,{}]},{\"logRecords\":[]}]},{\"scopeLogs\":[{\"logRecords\":[2]}]}]}",
      "not_object \nmissing_time \nnot_object " },
    { "[]", "invalid: a request of OpenTelemetry logs is an object" },
    { "", "invalid: not JSON: the body is empty" },
    { "{\"resourceLogs\":", "invalid: not JSON at byte 16: a value should stand here" },
    { "{\"resourceLogs\":{}}", "invalid: resourceLogs is no array" },
    { "{\"resourceLogs\":[17]}", "invalid: an element of resourceLogs is no object" },
    { "{\"resourceLogs\":[{\"scopeLogs\":[[]]}]}", "invalid: an element of scopeLogs is no object" },
    { "{\"resourceLogs\":[],\"resource_logs\":[{}]}", "invalid: the envelope says resourceLogs twice" },
    { "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[],\"log_records\":[]}]}]}", "invalid: the envelope says logRecords twice" },
    { "{\"resource\\u004cogs\":[]}", "invalid: the envelope has a key with escapes" },
};
/* clang-format on */

static void
test_written(void)
{
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *body = arena_printf(&mem, ENVELOPE("%s"), row[i].record);

        t_row = row[i].record;
        CHECK_S(outcomes(false, body, strlen(body)), row[i].want);
        arena_reset(&mem);
    }
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        t_row = bodies[i].body;
        CHECK_S(outcomes(false, bodies[i].body, strlen(bodies[i].body)), bodies[i].want);
    }
    t_row = NULL;
    arena_free(&mem);
}

/* --- ids of records that bring none ------------------------------------------------------------
 */

static const char *
id_of(const char *resource, const char *record)
{
    const char *body = arena_printf(&mem,
                                    "{\"resourceLogs\":[{\"resource\":{\"attributes\":[%s]},"
                                    "\"scopeLogs\":[{\"logRecords\":[%s]}]}]}",
                                    resource, record);
    const char *got = outcomes(false, body, strlen(body)), *id = strstr(got, "id=");

    return CHECK(id) ? arena_strndup(&mem, id + 3, strcspn(id + 3, " ")) : "";
}

static void
test_made_ids(void)
{
#define N A("user.id", "ann") "," A("event.name", "x")
    static const char *const same[] = {
        "{" T "\"attributes\":[" N "]}",
        "{\"observedTimeUnixNano\":\"9\",\"severityNumber\":\"SEVERITY_NUMBER_INFO\"," T
        "\"attributes\":[" A("event.name", "x") "," A("user.id", "ann") "]}",
    };
    static const char *const differs[] = {
        "{\"timeUnixNano\":\"1795278475385123457\",\"attributes\":[" N "]}",
        "{" T "\"attributes\":[" A("user.id", "bob") "," A("event.name", "x") "]}",
        "{" T "\"attributes\":[" N "," A("a", "b") "]}",
        "{" T "\"body\":{\"stringValue\":\"\"},\"attributes\":[" N "]}",
        "{" T "\"traceId\":\"0af7651916cd43dd8448eb211c80319c\",\"attributes\":[" N "]}",
        "{" T "\"spanId\":\"b7ad6b7169203331\",\"attributes\":[" N "]}",
        "{" T "\"eventName\":\"x\",\"attributes\":[" N "]}",
    };
    const char       *first = id_of("", same[0]);
    struct event_logs l;
    struct err        e = ERR_INIT;

    CHECK_I(strlen(first), 32);
    CHECK_S(id_of(A("service.version", "1"), same[1]), first);
    CHECK(strcmp(id_of(A("service.instance.id", "1"), same[0]), first) != 0);
    CHECK(strcmp(id_of(A("service.instance.id", "1"), same[0]),
                 id_of(A("service.instance.id", "2"), same[0])) != 0);
    for (size_t i = 0; i < sizeof differs / sizeof *differs; i++) {
        t_row = differs[i];
        CHECK(strcmp(id_of("", differs[i]), first) != 0);
    }
    t_row = NULL;
    /* hex and base64 are the same trace */
    CHECK_S(id_of("", "{" T "\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
                      "\"spanId\":\"b7ad6b7169203331\",\"attributes\":[" N "]}"),
            id_of("", "{" T "\"trace_id\":\"CvdlGRbNQ92ESOshHIAxnA==\","
                      "\"span_id\":\"t61rcWkgMzE=\",\"attributes\":[" N "]}"));
    /* another pilot's key makes another id, so nobody can find out by trying */
    ids = (struct hash_mac){ 0 };
    hash_mac_init(&ids, &(struct hash_key){ .b = { 1 } });
    CHECK(strcmp(id_of("", same[0]), first) != 0);
    hash_mac_init(&ids, &(struct hash_key){ .b = { 0 } });
    CHECK_S(id_of("", same[0]), first);
    /* without a key there is no id */
    const char *body = arena_printf(&mem, ENVELOPE("%s"), same[0]);
    CHECK(event_cut_otlp(false, body, strlen(body), 9, &mem, &l, &e));
    CHECK_S(outcome_of(&l, 0, false), "missing_id ");
    arena_free(&mem);
#undef N
}

/* --- written, in protobuf ------------------------------------------------------------------------
 */

/* A message field: tag, length, bytes. */
static void
put(struct str *out, unsigned field, const void *p, size_t n)
{
    char head[12];
    int  k = 0;

    head[k++] = (char)(field << 3 | 2);
    for (size_t v = n;; v >>= 7) {
        head[k++] = (char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        if (v <= 0x7f)
            break;
    }
    str_addn(out, head, (size_t)k);
    str_addn(out, p, n);
}

static struct str
wrap(unsigned field, const void *p, size_t n)
{
    struct str out;

    str_init(&out, &mem);
    put(&out, field, p, n);
    return out;
}

/* KeyValue {key, AnyValue{string}} as field 6 of a record. */
static void
put_attribute(struct str *record, const char *key, const char *value, size_t value_n)
{
    struct str any = wrap(1, value, value_n), pair = wrap(1, key, strlen(key));

    put(&pair, 2, any.p, any.n);
    put(record, 6, pair.p, pair.n);
}

static struct str
begin_record(void)
{
    struct str out;

    str_init(&out, &mem);
    str_addn(&out,
             "\x09"
             "\x80\x32\x3c\xf6\x42\x1c\xea\x18",
             9);
    put_attribute(&out, "event.id", "i", 1);
    put_attribute(&out, "user.id", "ann", 3);
    put(&out, 12, "x", 1);
    return out;
}

static const char *
outcome_of_record(const struct str *record)
{
    struct str scope = wrap(2, record->p, record->n), resource, request;

    resource = wrap(2, scope.p, scope.n);
    request = wrap(1, resource.p, resource.n);
    return outcomes(true, request.p, request.n);
}

/* An AnyValue of n arrays in arrays. */
static struct str
nested(int n)
{
    struct str v;

    str_init(&v, &mem);
    for (int i = 0; i < n; i++) {
        struct str inner = wrap(1, v.p, v.n);

        v = wrap(5, inner.p, inner.n);
    }
    return v;
}

static void
test_protobuf(void)
{
    struct str r = begin_record();
    const char no[] = "not_json (it is no LogRecord in protobuf)";

    const char *got = outcome_of_record(&r);
    CHECK_S(got, "usage unknown 2026-11-21T16:27:55.385123Z id=i user=ann action=x");
    /* what we do not know is skipped: all four wire types */
    str_addn(&r,
             "\xf8\x01\x05\xf9\x01"
             "12345678"
             "\xfa\x01\x01"
             "x"
             "\xfd\x01"
             "1234",
             23);
    CHECK_S(outcome_of_record(&r), got);
    put_attribute(&r, "user.id", "bob", 3);
    CHECK_S(outcome_of_record(&r), "duplicate_key /attributes");
    r = begin_record();
    put_attribute(&r, "a", "b\0c", 3);
    CHECK_S(outcome_of_record(&r), "bad_unicode ");
    r = begin_record();
    put_attribute(&r, "a\xff", "b", 1);
    CHECK_S(outcome_of_record(&r), "bad_unicode ");
    r = begin_record();
    put(&r, 12, "\xc3", 1);
    CHECK_S(outcome_of_record(&r), "bad_unicode ");
    r = begin_record();
    str_addc(&r, '\x0b'); /* a group begins: nobody speaks that any more */
    CHECK_S(outcome_of_record(&r), no);
    r = begin_record();
    put(&r, 6,
        "\x0a\x05"
        "a",
        3); /* an attribute cut off */
    CHECK_S(outcome_of_record(&r), no);
    r = begin_record();
    r.n--;
    CHECK_S(outcome_of_record(&r), no);
    arena_free(&mem);
}

static void
test_protobuf_limits(void)
{
    struct str r = begin_record(), deep = nested(31);
    size_t     used;

    put(&r, 5, deep.p, deep.n);
    CHECK(strncmp(outcome_of_record(&r), "usage", 5) == 0);
    r = begin_record();
    deep = nested(32);
    put(&r, 5, deep.p, deep.n);
    CHECK_S(outcome_of_record(&r), "too_deep ");
    arena_reset(&mem);
    r = begin_record();
    deep = nested(1000);
    put(&r, 5, deep.p, deep.n);
    CHECK_S(outcome_of_record(&r), "too_deep ");
    arena_reset(&mem);
    r = begin_record(); /* the densest there is: two bytes for each attribute */
    for (int i = 0; i < 130000; i++)
        str_addn(&r, "\x32", 2);
    used = mem.used;
    CHECK_S(outcome_of_record(&r), "event_too_large (it has too many values)");
    CHECK(mem.used - used < 4 << 20);
    arena_reset(&mem);
    r = begin_record();
    char *big = arena_alloc(&mem, EVENT_MAX_BYTES);
    memset(big, 'x', EVENT_MAX_BYTES);
    put_attribute(&r, "a", big, EVENT_MAX_BYTES);
    CHECK_S(outcome_of_record(&r), "event_too_large ");
    arena_free(&mem);
}

static void
test_protobuf_envelope(void)
{
    static const struct {
        const char *bytes, *want;
        size_t      n;
    } bad[] = {
        { "", "", 0 },
        { "\x0a\x00", "", 2 },
        { "\x0a\x04\x12\x02\x12\x00", "missing_time ", 6 },
        { "\x10\x01", "", 2 }, /* a member we do not know */
        { "\x0a\x05", "invalid: not protobuf: the request is no message", 2 },
        { "\x08\x01", "invalid: not protobuf: the request is no message", 2 },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
          "invalid: not protobuf: the request is no message", 11 },
        { "\x0a\x02\x12\x05", "invalid: not protobuf: ResourceLogs is no message", 4 },
        { "\x0a\x02\x10\x01", "invalid: not protobuf: ResourceLogs is no message", 4 },
        { "\x0a\x04\x12\x02\x12\x09", "invalid: not protobuf: ScopeLogs is no message", 6 },
        { "{\"resourceLogs\":[]}", "invalid: not protobuf: the request is no message", 19 },
        { "\x0a\x06\x0a\x02\x0a\x7f\x12\x00", "", 8 }, /* the resource alone is broken */
    };
    struct str many, scope, resource;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        t_row = bad[i].want;
        CHECK_S(outcomes(true, arena_memdup(&mem, bad[i].bytes, bad[i].n), bad[i].n), bad[i].want);
    }
    t_row = NULL;
    str_init(&many, &mem);
    for (int i = 0; i < 101; i++)
        put(&many, 2, "", 0);
    scope = wrap(2, many.p, many.n);
    resource = wrap(1, scope.p, scope.n);
    CHECK_S(outcomes(true, resource.p, resource.n),
            "too_large: more than 100 events in one request");
    arena_free(&mem);
}

/* Cut at every byte and with every byte changed: no answer is checked but that there is one. */
static void
test_damaged(void)
{
    struct arena        keep;
    struct wire_request r;
    int                 taken = 0, refused = 0;

    arena_init(&keep, 1 << 20);
    r = wire_read("otlp/protobuf", &keep);
    for (size_t i = 0; i < 2 * r.body_n; i++) {
        size_t n = i < r.body_n ? i : r.body_n;
        char  *own = malloc(n + 1);

        memcpy(own, r.body, n);
        if (i >= r.body_n)
            own[i - r.body_n] ^= (char)(1 << i % 8);
        char *exact = realloc(own, n ? n : 1);
        if (strstr(outcomes(true, exact, n), "usage"))
            taken++;
        else
            refused++;
        free(exact);
        arena_reset(&mem);
    }
    CHECK(taken > 100 && refused > 100);
    arena_free(&keep);
    arena_free(&mem);
}

/* --- answers
 * --------------------------------------------------------------------------------------- */

static const char *
answer(bool protobuf, size_t rejected, const char *message)
{
    struct str out;

    str_init(&out, &mem);
    event_answer_otlp(protobuf, rejected, message, &out);
    if (!protobuf)
        return out.p;
    char *hex = arena_alloc(&mem, 2 * out.n + 1);
    hash_hex(out.p, out.n, hex);
    return hex;
}

static void
test_answers(void)
{
    struct str out;

    CHECK_S(answer(false, 0, ""), "{}");
    CHECK_S(answer(true, 0, ""), "");
    CHECK_S(
        answer(false, 300, "a \"b\""),
        "{\"partialSuccess\":{\"rejectedLogRecords\":\"300\",\"errorMessage\":\"a \\\"b\\\"\"}}");
    CHECK_S(answer(true, 300, "why"), "0a0808ac021203776879");
    str_init(&out, &mem);
    event_answer_otlp_status(false, 3, "bad", &out);
    CHECK_S(out.p, "{\"code\":3,\"message\":\"bad\"}");
    str_init(&out, &mem);
    event_answer_otlp_status(true, 3, "bad", &out);
    CHECK(out.n == 7 && memcmp(out.p,
                               "\x08\x03\x12\x03"
                               "bad",
                               7) == 0);
    arena_free(&mem);
}

int
main(void)
{
    arena_init_cjson();
    hash_init();
    hash_mac_init(&ids, &(struct hash_key){ .b = { 0 } });
    arena_init(&mem, 64 << 20);
    T_RUN(test_captured);
    T_RUN(test_both_encodings);
    T_RUN(test_written);
    T_RUN(test_made_ids);
    T_RUN(test_protobuf);
    T_RUN(test_protobuf_limits);
    T_RUN(test_protobuf_envelope);
    T_RUN(test_damaged);
    T_RUN(test_answers);
    return t_end();
}
