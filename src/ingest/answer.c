/* answer.c - what the sender is told. See ingest.h. */
#include "collaudo/ingest.h"

static void
add_result(const struct ingest_result *r, struct str *out)
{
    char hex[HASH_ID_LEN * 2 + 1];

    hash_hex(&r->quarantine, sizeof r->quarantine, hex);
    str_addf(out, "{\"index\":%zu,\"id\":", r->index);
    if (r->id.p)
        str_jsonn(out, r->id.p, r->id.n);
    else
        str_add(out, "null");
    str_addf(out,
             ",\"status\":\"quarantined\",\"code\":\"%s\",\"pointer\":", event_drop_name(r->why));
    str_json(out, r->pointer);
    str_add(out, ",\"detail\":");
    if (r->detail)
        str_json(out, arena_printf(out->mem, "%s (%s)", event_drop_sentence(r->why), r->detail));
    else
        str_json(out, event_drop_sentence(r->why));
    str_addf(out, ",\"quarantine_id\":\"%s\"}", hex);
}

void
ingest_answer(const struct ingest_intake *in, const char *request_id, struct str *out)
{
    str_add(out, "{\"request_id\":");
    str_json(out, request_id);
    str_addf(out, ",\"received\":%zu,\"accepted\":%zu,\"rejected\":%zu,\"results\":[", in->received,
             in->accepted, in->rejected);
    for (size_t i = 0; i < in->results_n; i++) {
        if (i)
            str_addc(out, ',');
        add_result(&in->results[i], out);
    }
    str_add(out, "]}");
}

void
ingest_answer_short(const struct ingest_intake *in, const char *request_id, struct str *out)
{
    str_addf(out,
             "{\"success\":true,\"accepted\":%zu,\"quarantined\":%zu,\"request_id\":", in->accepted,
             in->rejected);
    str_json(out, request_id);
    str_addc(out, '}');
}

void
ingest_answer_otlp(const struct ingest_intake *in, bool protobuf, struct str *out)
{
    const char *why = "";

    if (in->results_n)
        why = arena_printf(out->mem,
                           "%zu of %zu log records are in quarantine; the first is number %zu: %s",
                           in->rejected, in->received, in->results[0].index,
                           event_drop_sentence(in->results[0].why));
    event_answer_otlp(protobuf, in->rejected, why ? why : "", out);
}

void
ingest_answer_ids(const struct ingest_intake *in, struct str *out)
{
    str_addc(out, '[');
    for (size_t i = 0; i < in->received; i++) {
        if (i)
            str_addc(out, ',');
        str_jsonn(out, in->ids[i].n ? in->ids[i].p : "", in->ids[i].n);
    }
    str_addc(out, ']');
}
