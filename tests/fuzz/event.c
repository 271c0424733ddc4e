/* event.c - fuzz target: every reader of events, and the bytes that are kept of one. */
#include "fuzz.h"

#include "collaudo/event.h"

#include <string.h>

#define NOW (INT64_C(1772406000) * USEC_SECOND) /* 2 March 2026 */

typedef bool reader(const cJSON *json, const struct event_defaults *d, usec_t received,
                    struct arena *mem, struct event *ret, struct event_fault *ret_fault);

static reader *const readers[] = { event_read_native, event_read_cloudevent };

/* Kept bytes are read as the same event: they hash alike. */
static void
kept(struct arena *mem, const struct event *ev)
{
    struct str   first, second;
    struct event back;

    str_init(&first, mem);
    str_init(&second, mem);
    event_encode(ev, &first);
    if (mem->denied)
        return;
    FUZZ_MUST(event_decode(first.p, first.n, &back));
    event_encode(&back, &second);
    FUZZ_MUST(mem->denied || (first.n == second.n && memcmp(first.p, second.p, first.n) == 0));
}

static void
read_one(struct arena *mem, const cJSON *doc)
{
    struct event_defaults d = { .source = event_text("crm") };

    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct event       ev = { .type = 0 };
        struct event_fault fault = { .why = EVENT_TAKEN };

        if (readers[i](doc, &d, NOW, mem, &ev, &fault)) {
            if (mem->denied)
                return;
            FUZZ_MUST(ev.id.n && ev.source.n && ev.action.n && event_type_name(ev.type));
            FUZZ_MUST(ev.time <= NOW + EVENT_MAX_AHEAD);
            event_keep(&ev, &(struct event_allow){ .n = 0 }, mem);
            kept(mem, &ev);
        } else {
            FUZZ_MUST(mem->denied || event_drop_name(fault.why));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena mem;
    struct err   e = ERR_INIT;
    const cJSON *doc;
    struct event ev;

    fuzz_once();
    arena_init(&mem, 8u << 20);
    if (json_parse(&mem, (const char *)data, n, &doc, &e))
        read_one(&mem, doc);
    if (event_decode(data, n, &ev)) /* as kept bytes, that a journal might hold */
        kept(&mem, &ev);
    arena_free(&mem);
    return 0;
}
