/* ingest_t.h - what the tests of ingest share: a source, an arena, a look into a record. */
#ifndef INGEST_T_H
#define INGEST_T_H

#include "collaudo/ingest.h"
#include "collaudo/ingest_record.h"

#define NOW INT64_C(1773136800000000) /* 2026-03-10T10:00:00Z */
#define OK(id)                                                                                     \
    "{\"id\":\"" id "\",\"time\":\"2026-03-09T10:00:00Z\",\"user\":\"ann\",\"action\":\"a\"}"

extern struct arena         mem;
extern struct ingest_source crm;

void ingest_t_init(void); /* first of all */

/* Item i of the record. */
struct ingest_record_item item_of(const struct ingest_intake *in, size_t i);
/* The raw bytes item i keeps in quarantine. */
const char *kept(const struct ingest_intake *in, size_t i);

#endif
