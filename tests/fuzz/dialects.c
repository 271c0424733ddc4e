/* dialects.c - fuzz target: what other people's clients send, cut and read. The first byte says
 * which dialect it is. */
#include "fuzz.h"

#include "collaudo/event_dialects.h"

#include <string.h>

#define NOW (INT64_C(1795278500) * USEC_SECOND) /* 21 November 2026 */
#define MOST 50

struct fuzz {
    struct arena          mem, sub; /* sub: of one event */
    struct event_defaults d;
    struct hash_mac       ids;
};

/* What is accepted holds what every event holds, and survives being kept. */
static void
judge(struct fuzz *f, bool ok, struct event *ev, const struct event_fault *why)
{
    struct str   first, second;
    struct event back;

    if (f->sub.denied)
        return;
    if (!ok) {
        FUZZ_MUST(event_drop_name(why->why) && why->pointer);
        return;
    }
    FUZZ_MUST(ev->id.n && ev->source.n && ev->action.n && event_type_name(ev->type));
    FUZZ_MUST(ev->time <= NOW + EVENT_MAX_AHEAD);
    event_keep(ev, &(struct event_allow){ .n = 0 }, &f->sub);
    str_init(&first, &f->sub);
    str_init(&second, &f->sub);
    event_encode(ev, &first);
    if (f->sub.denied)
        return;
    FUZZ_MUST(event_decode(first.p, first.n, &back));
    FUZZ_MUST(back.time == ev->time - ev->correction);
    event_encode(&back, &second);
    FUZZ_MUST(f->sub.denied || (first.n == second.n && memcmp(first.p, second.p, first.n) == 0));
}

/* The tree of one cut value; NULL when the policy refuses it, as ingest would. */
static const cJSON *
tree(struct fuzz *f, const struct json_slice *s)
{
    const cJSON *doc;
    struct err   e = ERR_INIT;

    arena_reset(&f->sub);
    if (s->broken || s->n > EVENT_MAX_BYTES || json_policy(s, NULL, NULL) ||
        !json_parse_slice(&f->sub, s, &doc, &e) || json_policy(s, doc, NULL))
        return NULL;
    return doc;
}

static void
segment(struct fuzz *f, enum event_call call, const char *p, size_t n)
{
    struct event_segment s;
    struct event         ev;
    struct event_fault   why;
    struct err           e = ERR_INIT;
    const cJSON         *doc;

    (void)event_segment_key(p, n, &f->mem);
    if (!event_cut_segment(call, p, n, MOST, &f->mem, &s, &e))
        return;
    for (size_t i = 0; i < s.n; i++)
        if ((doc = tree(f, &s.calls[i])))
            judge(f, event_read_segment(doc, &s, &f->d, NOW, &f->sub, &ev, &why), &ev, &why);
}

static void
otlp(struct fuzz *f, bool protobuf, const char *p, size_t n)
{
    struct event_logs  l;
    struct event       ev;
    struct event_fault why;
    struct err         e = ERR_INIT;
    const cJSON       *doc;

    if (!event_cut_otlp(protobuf, p, n, MOST, &f->mem, &l, &e))
        return;
    for (size_t i = 0; i < l.n; i++) {
        const struct event_log *log = &l.logs[i];

        arena_reset(&f->sub);
        if (protobuf)
            judge(f,
                  event_read_otlp_bytes(log->s.p, log->s.n, log->resource, &f->d, NOW, &f->sub, &ev,
                                        &why),
                  &ev, &why);
        else if ((doc = tree(f, &log->s)))
            judge(f, event_read_otlp(doc, log->resource, &f->d, NOW, &f->sub, &ev, &why), &ev,
                  &why);
    }
}

static void
xapi(struct fuzz *f, const char *p, size_t n)
{
    struct json_slice *s;
    struct event       ev;
    struct event_fault why;
    struct err         e = ERR_INIT;
    const cJSON       *doc;
    size_t             count;

    if (!json_cut(&f->mem, p, n, JSON_AUTO, MOST, &s, &count, &e))
        return;
    for (size_t i = 0; i < count; i++)
        if ((doc = tree(f, &s[i])))
            judge(f, event_read_xapi(doc, event_text(NULL), &f->d, NOW, &f->sub, &ev, &why), &ev,
                  &why);
}

/* Lines "ce-name: value", an empty one, and the body. */
static void
headers(struct fuzz *f, const char *p, size_t n)
{
    struct event_header h[8];
    struct json_slice  *s;
    struct event        ev;
    struct event_fault  why;
    struct err          e = ERR_INIT;
    const cJSON        *doc;
    const char         *text;
    size_t              count = 0, text_n;
    char               *at = arena_strndup(&f->mem, p, n), *end = at ? at + strlen(at) : NULL;

    while (at && at < end && count < 8) {
        char *nl = strchr(at, '\n'), *colon = strstr(at, ": ");

        if (nl)
            *nl = 0;
        if (nl == at || !colon || (nl && colon > nl))
            break;
        *colon = 0;
        h[count++] = (struct event_header){ at, colon + 2 };
        at = nl ? nl + 1 : end;
    }
    if (!at)
        return;
    size_t rest = (size_t)(end - at);
    if (!event_from_headers(h, count, NULL, at, rest, &f->mem, &text, &text_n, &e))
        return;
    FUZZ_MUST(json_cut(&f->mem, text, text_n, JSON_ONE, 1, &s, &count, &e) || f->mem.denied);
    if (!f->mem.denied && (doc = tree(f, s)))
        judge(f, event_read_cloudevent(doc, &f->d, NOW, &f->sub, &ev, &why), &ev, &why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct fuzz f;
    const char *p = (const char *)data + 1;

    fuzz_once();
    if (!n--)
        return 0;
    arena_init(&f.mem, 8u << 20);
    arena_init(&f.sub, 16u << 20);
    hash_mac_init(&f.ids, &(struct hash_key){ .b = { 1 } });
    f.d = (struct event_defaults){ .source = event_text("crm"), .ids = &f.ids };
    switch (*data) {
    case 'b':
        segment(&f, EVENT_BATCH, p, n);
        break;
    case 't':
        segment(&f, EVENT_TRACK, p, n);
        break;
    case 'p':
        segment(&f, EVENT_PAGE, p, n);
        break;
    case 'o':
        otlp(&f, false, p, n);
        break;
    case 'O':
        otlp(&f, true, p, n);
        break;
    case 'x':
        xapi(&f, p, n);
        break;
    case 'h':
        headers(&f, p, n);
        break;
    }
    arena_free(&f.sub);
    arena_free(&f.mem);
    return 0;
}
