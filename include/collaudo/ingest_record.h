/* ingest_record.h - what stands in one journal record: one request, ready for the loader.
 *
 *     head   "CR"  u8 version  u8 kind  u32 items  i64 workspace  i64 pilot  i64 received
 *     item   u8 kind  u8 flags  u32 bytes that follow  i64 source  [i64 received]
 *            [16 bytes line digest]  [i64 correction]  and then
 *       event       16 bytes hash, [u16 n, mapping], canonical bytes (event.h) to the end
 *       quarantine  16 bytes id, u16 reason, u64 size, u16 n pointer, u16 n detail,
 *                   sealed bytes to the end
 *       heartbeat   i64 hour
 *
 * Little-endian. A record is self-contained: reading it needs no other record. Reading
 * copies nothing, allocates nothing, and never looks beyond the bytes given, whatever is in
 * them. A new version is written under a new number; old ones stay readable as long as a
 * journal may hold them.
 */
#ifndef COLLAUDO_INGEST_RECORD_H
#define COLLAUDO_INGEST_RECORD_H

#include "collaudo/event.h"

enum ingest_record_kind {
    INGEST_RECORD_EVENTS = 1,
    INGEST_RECORD_HEARTBEAT = 2,
    INGEST_RECORD_IMPORT = 3,
};

enum ingest_item_kind {
    INGEST_ITEM_EVENT = 1,
    INGEST_ITEM_QUARANTINE = 2,
    INGEST_ITEM_HEARTBEAT = 3,
};

struct ingest_record_quarantine {
    struct hash_id    id;
    enum event_drop   why;
    uint64_t          size;            /* of the raw bytes, also of those not kept */
    struct event_text pointer, detail; /* may be empty */
    const void       *sealed;          /* the raw bytes kept, closed with the pilot's key */
    size_t            sealed_n;
};

struct ingest_record_item {
    enum ingest_item_kind kind;
    int64_t               source;
    usec_t                received; /* the item's own (replayed), else the record's */
    bool                  has_line;
    struct hash_id        line; /* import: digest of the line and its occurrence */

    struct hash_id    hash;    /* event: of the canonical bytes */
    struct event_text mapping; /* event: name@version, may be empty */
    struct event      event;
    struct event_text canonical; /* event: its bytes */

    struct ingest_record_quarantine quarantine;

    usec_t hour; /* heartbeat */
};

struct ingest_record {
    enum ingest_record_kind kind;
    int64_t                 workspace, pilot;
    usec_t                  received;
    uint32_t                items; /* in the record */
    uint32_t                left;  /* not yet read */
    const char             *at, *end;
};

/* --- writing ----------------------------------------------------------------------- */

/* Adds a head to `out`, which must be empty. When memory runs out, out->mem->denied. */
void ingest_record_begin(struct str *out, enum ingest_record_kind kind, int64_t workspace,
                         int64_t pilot, usec_t received);
/* item->kind, source, has_line, line, mapping and the part of its kind are used; received
 * when it differs from the record's. An event is encoded from item->event and hashed. */
void ingest_record_add(struct str *out, const struct ingest_record_item *item, usec_t received);

/* --- reading ----------------------------------------------------------------------- */

/* ERR_INVALID: no record, or of a version this program does not know. */
must_check bool ingest_record_open(const void *p, size_t n, struct ingest_record *ret,
                                   struct err *e);
/* The next item; call it r->items times. ERR_INVALID: the bytes make no sense. */
must_check bool ingest_record_next(struct ingest_record *r, struct ingest_record_item *ret,
                                   struct err *e);

#endif
