/* segment.c - calls of Segment's SDKs: what becomes of them, and what is refused. */
#include "t.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

#define NOW INT64_C(1795278462000000) /* 2026-11-21T16:27:42Z, as the captured clients had it */

static struct arena mem;
static usec_t       now = NOW;

/* Cuts and reads a whole body; the outcomes, one a line. */
static const char *
outcomes(enum event_call call, const char *body, size_t n)
{
    struct event_defaults d = { .source = event_text("crm") };
    struct event_segment  s;
    struct err            e = ERR_INIT;
    struct str            out;

    str_init(&out, &mem);
    if (!event_cut_segment(call, body, n, 100, &mem, &s, &e)) {
        str_addf(&out, "%s: %s", err_name(e.code), e.text);
        return out.p;
    }
    for (size_t i = 0; i < s.n; i++) {
        struct event       ev;
        struct event_fault why;
        const cJSON       *doc;

        if (!CHECK(json_parse_slice(&mem, &s.calls[i], &doc, &e)))
            continue;
        bool ok = event_read_segment(doc, &s, &d, now, &mem, &ev, &why);
        str_addf(&out, "%s%s", i ? "\n" : "", wire_outcome(ok, &ev, &why, &mem));
    }
    return out.p;
}

/* --- captured ------------------------------------------------------------------------- */

#define MIX "2026-11-21T16:27:40."
#define ID "node-next-17952784601"
#define P(n) " {\"seq\":" #n ",\"run\":\"run1\",\"tool\":\"crm\""

static const struct {
    const char *name, *want;
} captured[] = {
    { "segment-node/one-track",
      "usage unknown 2026-11-21T16:27:39.053Z "
      "id=node-next-1795278459053-0d3bf2c2-d24d-4dfb-8b44-95871973471b user=user0@example.it "
      "action=Contact Updated feature=contact.create type=contact object=C-0" P(0) "}" },
    { "segment-node/mix",
      "identity unknown " MIX "117Z id=" ID "17-619fcfd8-0ae3-4efa-bf53-860bce391667 "
      "user=user0@example.it action=identify "
      "{\"name\":\"Utente 0\",\"email\":\"user0@example.it\",\"team\":\"vendite\"}\n"
      "usage unknown " MIX "118Z id=" ID "18-cfd80ae3-cefa-4f53-860b-ce391667fd3e "
      "user=user1@example.it action=Contact Updated feature=contact.update type=contact "
      "object=C-1" P(
          1) "}\n"
             "usage unknown " MIX "118Z id=" ID "18-0ae3cefa-bf53-460b-8e39-1667fd3e6e14 "
             "user=user2@example.it action=Contatti feature=deal.move type=contact object=C-2 "
             "dropped=1" P(
                 2) ",\"url\":\"https://crm.example.it/contatti\",\"category\":\"crm\"}\n"
                    "identity unknown " MIX "119Z id=" ID "19-cefabf53-860b-4e39-9667-fd3e6e144e03 "
                    "user=user3@example.it action=group type=group object=team-vendite "
                    "{\"name\":\"Vendite\"}\n"
                    "usage unknown " MIX "119Z id=" ID "19-bf53860b-ce39-4667-bd3e-6e144e036e3b "
                    "user=user4@example.it action=Scheda feature=contact.create type=contact "
                    "object=C-4" P(4) "}\n"
                                      "identity unknown " MIX "132Z id=" ID
                                      "32-860bce39-1667-4d3e-ae14-4e036e3b6adc "
                                      "user=user5@example.it action=alias dropped=1" },
};

static void
test_captured(void)
{
    for (size_t i = 0; i < sizeof captured / sizeof *captured; i++) {
        struct wire_request r = wire_read(captured[i].name, &mem);
        enum event_call     call;

        t_row = captured[i].name;
        CHECK(event_call_of(strrchr(r.path, '/') + 1, &call) && call == EVENT_BATCH);
        CHECK_S(outcomes(call, r.body, r.body_n), captured[i].want);
        CHECK_S(event_segment_key(r.body, r.body_n, &mem).p, "wk_test_123");
    }
    t_row = NULL;
    arena_free(&mem);
}

/* --- written ---------------------------------------------------------------------------- */

#define M "\"messageId\":\"m\","
#define T "\"timestamp\":\"2026-11-21T16:00:00Z\""
#define U "\"userId\":\"ann\","
#define WHEN "2026-11-21T16:00:00Z id=m"

/* clang-format off */
static const struct {
    enum event_call call;
    const char     *body, *want;
} row[] = {
    { EVENT_TRACK, "{" M U T ",\"event\":\"x\"}", "usage unknown " WHEN " user=ann action=x" },
    { EVENT_TRACK, "{\"messageId\":7,\"userId\":4711," T ",\"event\":\"x\",\"type\":\"page\"}",
      "usage unknown 2026-11-21T16:00:00Z id=7 user=4711 action=x" },
    { EVENT_TRACK, "{" M U T ",\"event\":\"x\",\"properties\":{\"status\":\"failure\",\"correlation\":\"c\",\"n\":1}}",
      "usage failure " WHEN " user=ann action=x correlation=c {\"n\":1}" },
    { EVENT_TRACK, "{" M U T ",\"event\":\"x\",\"properties\":[],\"traits\":{\"a\":1},\"channel\":\"web\"}",
      "usage unknown " WHEN " user=ann action=x dropped=2" },
    { EVENT_TRACK, "{" M U T ",\"event\":\"x\",\"context\":{\"library\":{},\"ip\":\"1.2.3.4\",\"userAgent\":\"Mozilla\",\"page\":{\"url\":\"u\"}}}",
      "usage unknown " WHEN " user=ann action=x dropped=3" },
    { EVENT_TRACK, "{" M U "\"originalTimestamp\":\"2026-11-21T16:00:00Z\",\"event\":\"x\"}",
      "usage unknown " WHEN " user=ann action=x" },
    { EVENT_TRACK, "{" M U "\"timestamp\":null,\"originalTimestamp\":\"2026-11-21T16:00:00Z\",\"event\":\"x\"}",
      "usage unknown " WHEN " user=ann action=x" },
    { EVENT_PAGE, "{" M U T "}", "usage unknown " WHEN " user=ann action=page" },
    { EVENT_PAGE, "{" M U T ",\"name\":\"\"}", "usage unknown " WHEN " user=ann action=page" },
    { EVENT_PAGE, "{" M U T ",\"name\":\"Home\",\"category\":\"c\"}",
      "usage unknown " WHEN " user=ann action=Home type=page object=Home dropped=1" },
    { EVENT_SCREEN, "{" M U T ",\"name\":\"Home\",\"properties\":{\"object_type\":\"deal\"}}",
      "usage unknown " WHEN " user=ann action=Home type=deal" },
    { EVENT_IDENTIFY, "{" M T ",\"anonymousId\":\"a\",\"traits\":{\"plan\":\"x\"}}",
      "identity unknown " WHEN " action=identify dropped=1 {\"plan\":\"x\"}" },
    { EVENT_ALIAS, "{" M U T ",\"previousId\":\"old@example.it\"}",
      "identity unknown " WHEN " user=ann action=alias dropped=1" },
    { EVENT_GROUP, "{" M U T ",\"groupId\":12}", "identity unknown " WHEN " user=ann action=group type=group object=12" },
    { EVENT_BATCH, "{\"batch\":[]}", "" },
    { EVENT_BATCH, " {\"x\":[{}],\"batch\":[{\"type\":\"track\"," M U T ",\"event\":\"x\"},{\"type\":\"t\"," M U T ",\"event\":\"y\"}]} ",
      "usage unknown " WHEN " user=ann action=x\nusage unknown " WHEN " user=ann action=y" },

    /* refused, its neighbours taken */
    { EVENT_BATCH, "{\"batch\":[{\"type\":\"track\"," M U T "},{\"type\":\"delete\"," M U T "},17,{\"type\":\"page\"," M U T "}]}",
      "missing_action \nunknown_type /type(a call is track, page, screen, identify, group or alias)\n"
      "not_object \nusage unknown " WHEN " user=ann action=page" },
    { EVENT_BATCH, "{\"batch\":[{" M U T "},{\"type\":\"batch\"," M U T "}]}",
      "unknown_type (a call is track, page, screen, identify, group or alias)\n"
      "unknown_type /type(a call is track, page, screen, identify, group or alias)" },
    { EVENT_TRACK, "{" M T ",\"event\":\"x\",\"anonymousId\":\"a\"}",
      "missing_user (an anonymousId is a browser, not a person; userId is missing)" },
    { EVENT_TRACK, "{" M T ",\"event\":\"x\"}", "missing_user " },
    { EVENT_TRACK, "{" M T ",\"event\":\"x\",\"userId\":\"\"}", "missing_user /userId(it is empty)" },
    { EVENT_TRACK, "{" U T ",\"event\":\"x\"}", "missing_id " },
    { EVENT_TRACK, "{" M U "\"event\":\"x\"}", "missing_time " },
    { EVENT_TRACK, "{" M U "\"timestamp\":\"now\",\"event\":\"x\"}", "bad_time /timestamp" },
    { EVENT_TRACK, "{" M U "\"originalTimestamp\":17,\"event\":\"x\"}", "bad_time /originalTimestamp" },
    { EVENT_TRACK, "{" M U "\"timestamp\":\"2026-11-21T16:33:00Z\",\"event\":\"x\"}", "time_in_future /timestamp" },
    { EVENT_TRACK, "{" M U T ",\"event\":null}", "missing_action " },
    { EVENT_TRACK, "{" M U T ",\"event\":\"\"}", "missing_action /event(it is empty)" },
    { EVENT_TRACK, "{" M U T ",\"event\":\"x\",\"properties\":\"p\"}", "not_object /properties" },
    { EVENT_BATCH, "{\"no\":1}", "missing_id " },
    { EVENT_BATCH, "{\"batch\":{}}", "missing_id " },
    { EVENT_BATCH, "[1]", "not_object " },

    /* nobody can read it */
    { EVENT_BATCH, "", "invalid: not JSON: the body is empty" },
    { EVENT_BATCH, "{\"batch\":[{}", "invalid: not JSON at byte 12: unfinished array or object" },
    { EVENT_BATCH, "{\"batch\":[],\"batch\":[{}]}", "invalid: the envelope says batch twice" },
    { EVENT_BATCH, "{\"sentAt\":\"x\",\"sentAt\":\"y\"}", "invalid: the envelope says sentAt twice" },
    { EVENT_BATCH, "{\"b\\u0061tch\":[{}]}", "invalid: the envelope has a key with escapes" },
};
/* clang-format on */

static void
test_written(void)
{
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        t_row = row[i].body;
        CHECK_S(outcomes(row[i].call, row[i].body, strlen(row[i].body)), row[i].want);
        arena_reset(&mem);
    }
    t_row = NULL;
    arena_free(&mem);
}

static void
test_too_many(void)
{
    struct str out;

    str_init(&out, &mem);
    str_add(&out, "{\"batch\":[0");
    for (int i = 1; i < 100; i++)
        str_add(&out, ",0");
    size_t fits = out.n;
    str_add(&out, "]}");
    CHECK(strncmp(outcomes(EVENT_BATCH, out.p, out.n), "not_object", 10) == 0);
    out.n = fits;
    str_add(&out, ",0]}");
    CHECK_S(outcomes(EVENT_BATCH, out.p, out.n), "too_large: more than 100 events in one request");
    arena_free(&mem);
}

/* --- clocks --------------------------------------------------------------------------------- */

/* NOW is 16:27:42. */
/* clang-format off */
static const struct {
    const char *sent, *time, *more, *want;
} clocks[] = {
    /* envelope    the call's time                     in the call   outcome */
    { NULL,        "2026-11-21T15:00:00Z", "", "15:00:00Z id" },
    { "16:27:41",  "2026-11-21T16:27:40Z", "", "16:27:40Z id" },
    { "16:25:42",  "2026-11-21T16:25:40Z", "", "16:25:40Z id" },                        /* 120 s exactly */
    { "16:25:41",  "2026-11-21T16:25:40Z", "", "16:27:41Z correction=121000000 id" },
    { "16:29:42",  "2026-11-21T16:29:40Z", "", "16:29:40Z id" },                        /* ahead by 120 s */
    { "16:29:43",  "2026-11-21T16:29:40Z", "", "16:27:39Z correction=-121000000 id" },
    { "19:27:42",  "2026-11-21T18:27:42Z", "", "15:27:42Z correction=-10800000000 id" },
    { "garbage",   "2026-11-21T15:00:00Z", "", "15:00:00Z id" },
    { "15:27:42",  "2026-11-21T15:27:40Z", ",\"sentAt\":\"2026-11-21T16:27:41Z\"", "15:27:40Z id" },
    { NULL,        "2026-11-21T15:27:40Z", ",\"sentAt\":\"2026-11-21T15:27:42Z\"", "16:27:40Z correction=3600000000 id" },
    { "15:27:42",  "2026-11-21T15:27:40Z", ",\"receivedAt\":\"2026-11-21T15:27:43Z\"", "15:27:40Z id" },
    { "15:27:42",  "2026-11-21T16:00:00Z", "", "time_in_future" },                       /* ahead of its own sending */
    { NULL,        "2026-11-21T16:00:00Z", ",\"sentAt\":\"9999-11-21T16:00:00Z\"", "bad_time" },
};
/* clang-format on */

static void
test_clocks(void)
{
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct str out;

        str_init(&out, &mem);
        str_add(&out, "{\"batch\":[{\"type\":\"track\"," M U "\"event\":\"x\",\"timestamp\":");
        str_json(&out, clocks[i].time);
        str_addf(&out, "%s}]", clocks[i].more);
        if (clocks[i].sent)
            str_addf(&out, ",\"sentAt\":\"2026-11-21T%sZ\"", clocks[i].sent);
        str_addc(&out, '}');
        t_row = out.p;
        const char *got = outcomes(EVENT_BATCH, out.p, out.n);
        if (!CHECK(strstr(got, clocks[i].want)))
            fprintf(stderr, "  %s, should have %s\n", got, clocks[i].want);
        CHECK(strstr(clocks[i].want, "correction") || !strstr(got, "correction"));
    }
    t_row = NULL;
    arena_free(&mem);
}

static struct hash_id
hash_from(const char *name, usec_t received)
{
    struct wire_request   r = wire_read(name, &mem);
    struct event_defaults d = { .source = event_text("crm") };
    struct event_segment  s;
    struct event          ev;
    struct event_fault    why;
    struct err            e = ERR_INIT;
    const cJSON          *doc;
    struct str            out;

    str_init(&out, &mem);
    CHECK(event_cut_segment(EVENT_BATCH, r.body, r.body_n, 100, &mem, &s, &e));
    CHECK(json_parse_slice(&mem, &s.calls[1], &doc, &e));
    CHECK(event_read_segment(doc, &s, &d, received, &mem, &ev, &why));
    CHECK(ev.correction);
    event_encode(&ev, &out);
    return event_hash(out.p, out.n);
}

/* A client with a wrong clock sends again after a 503: another sentAt, another moment of
 * receiving, so another correction; the same event all the same. */
static void
test_a_retry_hashes_alike(void)
{
    struct hash_id a = hash_from("segment-node/retry-after-503-1", NOW + 3 * USEC_HOUR);
    struct hash_id b =
        hash_from("segment-node/retry-after-503-2", NOW + 3 * USEC_HOUR + 2 * USEC_SECOND);

    CHECK(memcmp(&a, &b, sizeof a) == 0);
    arena_free(&mem);
}

/* --- calls and keys ----------------------------------------------------------------------------
 */

static void
test_calls(void)
{
    static const struct {
        const char     *name;
        enum event_call call;
    } known[] = { { "track", EVENT_TRACK },       { "t", EVENT_TRACK },
                  { "page", EVENT_PAGE },         { "p", EVENT_PAGE },
                  { "screen", EVENT_SCREEN },     { "s", EVENT_SCREEN },
                  { "identify", EVENT_IDENTIFY }, { "i", EVENT_IDENTIFY },
                  { "group", EVENT_GROUP },       { "g", EVENT_GROUP },
                  { "alias", EVENT_ALIAS },       { "a", EVENT_ALIAS },
                  { "batch", EVENT_BATCH },       { "b", EVENT_BATCH } };
    enum event_call call;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        t_row = known[i].name;
        CHECK(event_call_of(known[i].name, &call) && call == known[i].call);
    }
    t_row = NULL;
    CHECK(!event_call_of("", &call) && !event_call_of("tr", &call) &&
          !event_call_of("Track", &call));
}

/* clang-format off */
static const struct {
    const char *body, *key;
} keys[] = {
    { "{\"writeKey\":\"k\"}", "k" },
    { "{\"batch\":[{\"writeKey\":\"no\"}],\"writeKey\":\"k\"}", "k" },
    { " \n{\"api_key\" : \"k\"", "k" },
    { "{\"writeKey\":\"k\",\"batch\":[{oops", "k" },
    { "{\"batch\":[{\"writeKey\":\"no\"}]}", NULL },
    { "{\"writeKey\":\"\"}", NULL },
    { "{\"writeKey\":17}", NULL },
    { "{\"writeKey\":\"a\\u0062\"}", NULL },
    { "[{\"writeKey\":\"k\"}]", NULL },
    { "writeKey=k", NULL },
    { "{\"writeKey\"", NULL },
    { "{\"writeKey\" \"k\"}", NULL },
    { "{", NULL },
    { "", NULL },
};
/* clang-format on */

static void
test_keys(void)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t n = strlen(keys[i].body);
        char  *own = arena_memdup(&mem, keys[i].body, n); /* nothing behind it to stop at */

        t_row = keys[i].body;
        const char *got = event_segment_key(own, n, &mem).p;
        if (keys[i].key)
            CHECK_S(got ? got : "(none)", keys[i].key);
        else
            CHECK(!got);
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
    T_RUN(test_written);
    T_RUN(test_too_many);
    T_RUN(test_clocks);
    T_RUN(test_a_retry_hashes_alike);
    T_RUN(test_calls);
    T_RUN(test_keys);
    return t_end();
}
