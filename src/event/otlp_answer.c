/* otlp_answer.c - what a sender of OpenTelemetry logs is told, in its own encoding. */
#include "collaudo/event_dialects.h"

#include "otlp.pb-c.h"

static void
pack(const ProtobufCMessage *m, struct str *out)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    char  *to = str_room(out, n);

    if (to)
        out->n += protobuf_c_message_pack(m, (uint8_t *)to);
}

void
event_answer_otlp(bool protobuf, size_t rejected, const char *message, struct str *out)
{
    if (!rejected) { /* a Response without members is no byte at all */
        str_add(out, protobuf ? "" : "{}");
        return;
    }
    if (!protobuf) {
        str_addf(out,
                 "{\"partialSuccess\":{\"rejectedLogRecords\":\"%zu\",\"errorMessage\":", rejected);
        str_json(out, message);
        str_add(out, "}}");
        return;
    }
    EventOtlp__PartialSuccess part = EVENT_OTLP__PARTIAL_SUCCESS__INIT;
    EventOtlp__Response       all = EVENT_OTLP__RESPONSE__INIT;
    part.rejected_log_records = (int64_t)rejected;
    part.error_message = (char *)(uintptr_t)message;
    all.partial_success = &part;
    pack(&all.base, out);
}

void
event_answer_otlp_status(bool protobuf, int code, const char *message, struct str *out)
{
    if (!protobuf) {
        str_addf(out, "{\"code\":%d,\"message\":", code);
        str_json(out, message);
        str_addc(out, '}');
        return;
    }
    EventOtlp__Status status = EVENT_OTLP__STATUS__INIT;
    status.code = code;
    status.message = (char *)(uintptr_t)message;
    pack(&status.base, out);
}
