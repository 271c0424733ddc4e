/* xapi.c - statements of learning systems as events of training. */
#include "t.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

#define NOW INT64_C(1795278500000000) /* 2026-11-21T16:28:20Z */

static struct arena    mem;
static struct hash_mac ids;

static const char *
outcome_at(const char *text, const char *put_id, usec_t now, struct hash_id *ret_hash)
{
    struct event_defaults d = { .source = event_text("lms"), .ids = &ids };
    struct event_fault    why;
    struct event          ev;
    struct err            e = ERR_INIT;
    struct str            out;
    const cJSON          *doc;

    if (!CHECK(json_parse(&mem, text, strlen(text), &doc, &e)))
        return "";
    bool ok = event_read_xapi(doc, event_text(put_id), &d, now, &mem, &ev, &why);
    if (ok && ret_hash) {
        str_init(&out, &mem);
        event_encode(&ev, &out);
        *ret_hash = event_hash(out.p, out.n);
    }
    return wire_outcome(ok, &ev, &why, &mem);
}

#define ID "\"id\":\"12345678-1234-4234-8234-123456789012\","
#define T "\"timestamp\":\"2026-03-02T09:15:04.1+01:00\","
#define WHO "\"actor\":{\"mbox\":\"mailto:Anna.Rossi@example.it\",\"name\":\"Anna\"},"
#define VERB(v) "\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/" v "\"},"
#define OBJECT "\"object\":{\"id\":\"https://lms.example.it/c/1\"}"
#define WHEN " 2026-03-02T08:15:04.100Z id=12345678-1234-4234-8234-123456789012"
#define ANNA " user=Anna.Rossi@example.it"
#define COURSE " type=activity object=https://lms.example.it/c/1"

/* clang-format off */
static const struct {
    const char *json, *put_id, *want;
} row[] = {
    { "{" ID T WHO VERB("completed") OBJECT ",\"result\":{\"success\":true,\"score\":{\"scaled\":0.9}}}", NULL,
      "training success" WHEN ANNA " action=completed" COURSE " {\"score_scaled\":0.9}" },
    { "{" ID T WHO VERB("failed") OBJECT ",\"result\":{\"success\":false,\"completion\":true,\"duration\":\"PT5M\",\"response\":\"free text\"}}", NULL,
      "training failure" WHEN ANNA " action=failed" COURSE " {\"completion\":true,\"duration\":\"PT5M\"}" },
    { "{" ID T WHO VERB("launched") OBJECT "}", NULL, "training unknown" WHEN ANNA " action=started" COURSE },
    { "{" ID T WHO VERB("initialized") OBJECT "}", NULL, "training unknown" WHEN ANNA " action=started" COURSE },
    { "{" ID T WHO VERB("attempted") OBJECT "}", NULL, "training unknown" WHEN ANNA " action=started" COURSE },
    { "{" ID T WHO VERB("passed") OBJECT "}", NULL, "training unknown" WHEN ANNA " action=completed" COURSE },
    { "{" ID T WHO "\"verb\":{\"id\":\"http://activitystrea.ms/schema/1.0/assign\"}," OBJECT "}", NULL,
      "training unknown" WHEN ANNA " action=assigned" COURSE },
    { "{" ID T WHO "\"verb\":{\"id\":\"https://w3id.org/xapi/x#experienced\"}," OBJECT "}", NULL,
      "training unknown" WHEN ANNA " action=experienced" COURSE },
    { "{" ID T "\"actor\":{\"account\":{\"homePage\":\"https://x\",\"name\":\"anna\"}}," VERB("completed") OBJECT
      ",\"context\":{\"registration\":\"r-1\",\"instructor\":{\"mbox\":\"mailto:x@y\"}}}", NULL,
      "training unknown" WHEN " user=anna action=completed" COURSE " correlation=r-1" },
    { "{" ID T "\"actor\":{\"openid\":\"https://anna.example.it\"}," VERB("completed") OBJECT "}", NULL,
      "training unknown" WHEN " user=https://anna.example.it action=completed" COURSE },
    { "{" ID T "\"actor\":{\"mbox_sha1sum\":\"0123abc\"}," VERB("completed") OBJECT "}", NULL,
      "training unknown" WHEN " user=0123abc action=completed" COURSE },
    { "{" ID T "\"actor\":{\"objectType\":\"Group\",\"mbox\":\"mailto:all@example.it\"}," VERB("completed") OBJECT ",\"attachments\":[]}", NULL,
      "training unknown" WHEN " action=completed" COURSE " dropped=1" },
    { "{" ID T WHO VERB("voided") "\"object\":{\"objectType\":\"StatementRef\",\"id\":\"s-1\"}}", NULL,
      "training unknown" WHEN ANNA " action=voided type=statement object=s-1" },
    { "{" ID T WHO VERB("completed") "\"object\":{\"objectType\":\"Agent\",\"mbox\":\"mailto:x@y\"}}", NULL,
      "training unknown" WHEN ANNA " action=completed dropped=1" },
    { "{" T WHO VERB("completed") OBJECT "}", "12345678-1234-4234-8234-123456789012", "training unknown" WHEN ANNA " action=completed" COURSE },
    { "{\"id\":\"ABCDEF\"," T WHO VERB("completed") OBJECT "}", "abcdef",
      "training unknown 2026-03-02T08:15:04.100Z id=abcdef" ANNA " action=completed" COURSE },
    { "{" ID WHO VERB("completed") OBJECT "}", NULL,
      "training unknown 2026-11-21T16:28:20Z correction=1795278500000000 id=12345678-1234-4234-8234-123456789012" ANNA " action=completed" COURSE },

    { "17", NULL, "not_object " },
    { "{" ID T WHO OBJECT "}", NULL, "missing_action " },
    { "{" ID T WHO "\"verb\":{\"id\":\"\"}," OBJECT "}", NULL, "missing_action /verb/id(it is empty)" },
    { "{" ID "\"timestamp\":\"yesterday\"," WHO VERB("completed") OBJECT "}", NULL, "bad_time /timestamp" },
    { "{" ID "\"timestamp\":\"2026-11-21T16:34:00Z\"," WHO VERB("completed") OBJECT "}", NULL, "time_in_future /timestamp" },
    { "{" ID T WHO VERB("completed") OBJECT "}", "other", "missing_id /id(it is not the statementId)" },
    { "{\"id\":[]," T WHO VERB("completed") OBJECT "}", NULL, "missing_id /id(it is neither text nor a whole number)" },
};
/* clang-format on */

static void
test_statements(void)
{
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        t_row = row[i].json;
        CHECK_S(outcome_at(row[i].json, row[i].put_id, NOW, NULL), row[i].want);
        arena_reset(&mem);
    }
    t_row = NULL;
    arena_free(&mem);
}

/* A statement without id and without time, sent twice, is one event. */
static void
test_sent_again(void)
{
    static const char one[] = "{" WHO VERB("completed") OBJECT "}";
    static const char                 same[] =
        "{" OBJECT "," VERB("completed") "\"actor\":{\"name\":\"Anna\","
                                         "\"mbox\":\"mailto:Anna.Rossi@example.it\"}}";
    static const char other[] = "{" WHO VERB("passed") OBJECT "}";
    struct hash_id                      a, b;

    const char *first = strstr(outcome_at(one, NULL, NOW, &a), "id=");
    const char *again = strstr(outcome_at(same, NULL, NOW + 77, &b), "id=");
    if (CHECK(first && again)) {
        CHECK_S(again, first);
        CHECK(strspn(first + 3, "0123456789abcdef-") == 36 && first[3 + 14] == '8');
    }
    CHECK(memcmp(&a, &b, sizeof a) == 0);
    CHECK(strncmp(strstr(outcome_at(other, NULL, NOW, NULL), "id="), first, 39) != 0);
    arena_free(&mem);
}

int
main(void)
{
    arena_init_cjson();
    hash_init();
    hash_mac_init(&ids, &(struct hash_key){ .b = { 0 } });
    arena_init(&mem, 64 << 20);
    T_RUN(test_statements);
    T_RUN(test_sent_again);
    return t_end();
}
