/* ingest_t.c - what the tests of ingest share. See ingest_t.h. */
#include "ingest_t.h"

#include "t.h"

#include <string.h>

struct arena         mem;
struct ingest_source crm = { .workspace = 1, .id = 5, .pilot = 2, .name = "crm" };

void
ingest_t_init(void)
{
    hash_init();
    arena_init(&mem, 256 << 20);
    memset(&crm.key, 7, sizeof crm.key);
    hash_mac_init(&crm.account, &crm.key);
    hash_mac_add(&crm.account, "account\0crm", 12);
    hash_mac_init(&crm.reference, &crm.key);
    hash_mac_add(&crm.reference, "reference", 10);
}

struct ingest_record_item
item_of(const struct ingest_intake *in, size_t i)
{
    struct ingest_record      r;
    struct ingest_record_item item = { .source = 0 };
    struct err                e = ERR_INIT;

    if (CHECK(ingest_record_open(in->record, in->record_n, &r, &e)) && CHECK(i < r.items))
        do
            CHECK(ingest_record_next(&r, &item, &e));
        while (i--);
    return item;
}

const char *
kept(const struct ingest_intake *in, size_t i)
{
    struct ingest_record_item item = item_of(in, i);
    struct err                e = ERR_INIT;
    char                     *text = NULL;

    if (!CHECK(item.kind == INGEST_ITEM_QUARANTINE) ||
        !CHECK(
            hash_open(&crm.key, item.quarantine.sealed, item.quarantine.sealed_n, &mem, &text, &e)))
        return "";
    return text;
}
