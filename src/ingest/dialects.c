/* dialects.c - which reader reads what a door takes in. See event_dialects.h. */
#include "ingest_int.h"

bool
ingest_dialect_cut(struct take *t, const char *body, size_t n, struct cut *ret, struct err *e)
{
    const struct ingest_form *form = t->form;
    struct json_slice        *slices = NULL;
    struct event_logs         logs;
    size_t                    count = 0;

    switch (form->dialect) {
    case INGEST_NATIVE:
    case INGEST_CLOUDEVENTS:
    case INGEST_XAPI:
        if (!json_cut(t->mem, body, n, form->cut, INGEST_MAX_EVENTS, &slices, &count, e))
            return false;
        break;
    case INGEST_SEGMENT:
        if (!event_cut_segment(form->call, body, n, INGEST_MAX_EVENTS, t->mem, &t->around, e))
            return false;
        slices = t->around.calls;
        count = t->around.n;
        break;
    case INGEST_OTLP:
    case INGEST_OTLP_PROTOBUF:
        if (!event_cut_otlp(form->dialect == INGEST_OTLP_PROTOBUF, body, n, INGEST_MAX_EVENTS,
                            t->mem, &logs, e))
            return false;
        *ret = (struct cut){ .logs = logs.logs, .n = logs.n };
        return true;
    }
    *ret = (struct cut){ .slices = slices, .n = count };
    return true;
}

bool
ingest_dialect_read(const struct take *t, const struct piece *p, const cJSON *doc,
                    struct arena *mem, struct event *ret, struct event_fault *why)
{
    struct event_defaults d = { .source = event_text(t->src->name), .ids = &t->ids };

    switch (t->form->dialect) {
    case INGEST_NATIVE:
        return event_read_native(doc, &d, p->received, mem, ret, why);
    case INGEST_CLOUDEVENTS:
        return event_read_cloudevent(doc, &d, p->received, mem, ret, why);
    case INGEST_SEGMENT:
        return event_read_segment(doc, &t->around, &d, p->received, mem, ret, why);
    case INGEST_OTLP:
        return event_read_otlp(doc, p->resource, &d, p->received, mem, ret, why);
    case INGEST_OTLP_PROTOBUF:
        return event_read_otlp_bytes(p->raw, p->n, p->resource, &d, p->received, mem, ret, why);
    case INGEST_XAPI:
        return event_read_xapi(doc, t->form->put_id, &d, p->received, mem, ret, why);
    }
    return false;
}
