/* record.c - fuzz target: the records of the journal, as the loader reads them. */
#include "fuzz.h"

#include "collaudo/ingest_record.h"

static void
inside(const struct event_text *t, const uint8_t *data, size_t n)
{
    const uint8_t *p = (const uint8_t *)t->p;

    FUZZ_MUST(!t->n || (p >= data && p + t->n <= data + n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ingest_record      r;
    struct ingest_record_item item;
    struct err                e = ERR_INIT;

    fuzz_once();
    if (!ingest_record_open(data, n, &r, &e))
        return 0;
    while (r.left && ingest_record_next(&r, &item, &e)) {
        inside(&item.mapping, data, n);
        if (item.kind == INGEST_ITEM_EVENT) {
            inside(&item.canonical, data, n);
            inside(&item.event.id, data, n);
            inside(&item.event.action, data, n);
            FUZZ_MUST(event_type_name(item.event.type));
        } else if (item.kind == INGEST_ITEM_QUARANTINE) {
            inside(&item.quarantine.pointer, data, n);
            inside(&item.quarantine.detail, data, n);
            inside(&(struct event_text){ item.quarantine.sealed, item.quarantine.sealed_n }, data,
                   n);
        }
    }
    return 0;
}
