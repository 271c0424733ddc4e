/* ingest_int.h - what the files of ingest share: one request on its way into a record. */
#ifndef INGEST_INT_H
#define INGEST_INT_H

#include "collaudo/ingest.h"
#include "collaudo/ingest_record.h"

#define INGEST_MOST_SOURCES 64 /* other sources named in one request */

struct take {
    const struct ingest_source *src; /* of the key; of lines that name none */
    const struct ingest_form   *form;
    usec_t                      now;
    struct arena               *mem; /* what is returned */
    struct arena                sub; /* one event's tree; reset for the next */
    struct str                  out; /* the record */
    struct ingest_intake        in;
    /* Another source an event may speak for, by its name; NULL: none but src. */
    const struct ingest_source *(*other)(void *ctx, struct event_text name);
    void *ctx;
};

/* One delivery on its way: bytes, where they stand in the request, what is known of them. */
struct piece {
    size_t         index;
    const char    *raw;
    size_t         n;
    usec_t         received;
    bool           own_time; /* received when it happened */
    bool           has_line;
    struct hash_id line;
};

void ingest_take_init(struct take *t, const struct ingest_source *src,
                      const struct ingest_form *form, usec_t now, struct arena *mem);
/* The record begins, with room for deliveries of `bytes` in all. */
void ingest_take_begin(struct take *t, enum ingest_record_kind kind, size_t bytes, size_t pieces);
/* One cut value: an event, or quarantine. */
void ingest_take_value(struct take *t, const struct piece *p, const struct json_slice *s);
/* Into quarantine, sealed, counted and told. */
void ingest_take_refuse(struct take *t, const struct piece *p, const struct ingest_source *src,
                        const struct event_fault *why);
/* One more item of a source: taken, or refused. */
void ingest_take_count(struct take *t, const struct ingest_source *src, bool accepted,
                       unsigned dropped);
/* References of the event that may name somebody become pseudonyms; ev->user is still there. */
void ingest_take_hide(struct take *t, const struct ingest_source *src, struct event *ev);
/* Frees what is not returned. ERR_NOMEM when memory ran out on the way. */
must_check bool ingest_take_end(struct take *t, struct ingest_intake *ret, struct err *e);

#endif
