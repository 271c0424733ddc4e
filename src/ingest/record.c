/* record.c - journal records to bytes and back. See ingest_record.h. */
#include "collaudo/ingest_record.h"

#include <endian.h>
#include <string.h>

#define VERSION 1
#define HEAD ((size_t)32)
#define ITEM_HEAD ((size_t)6)
#define ITEM_LEAST (ITEM_HEAD + 8) /* and its source */
#define COUNT_AT 4                 /* of the items, in the head */

enum item_flag {
    OWN_RECEIVED = 1,
    HAS_LINE = 2,
    HAS_MAPPING = 4,
    HAS_CORRECTION = 8,
    ALL_FLAGS = 15,
};

/* --- writing ------------------------------------------------------------------------ */

static void
put16(struct str *out, size_t v)
{
    uint16_t b = htole16((uint16_t)v);

    str_addn(out, &b, sizeof b);
}

static void
put64(struct str *out, int64_t v)
{
    uint64_t b = htole64((uint64_t)v);

    str_addn(out, &b, sizeof b);
}

static void
put_text(struct str *out, struct event_text t)
{
    put16(out, t.n);
    str_addn(out, t.p, t.n);
}

void
ingest_record_begin(struct str *out, enum ingest_record_kind kind, int64_t workspace, int64_t pilot,
                    usec_t received)
{
    const char begin[8] = { 'C', 'R', VERSION, (char)kind };

    str_addn(out, begin, sizeof begin);
    put64(out, workspace);
    put64(out, pilot);
    put64(out, received);
}

/* The hash goes before the bytes it is taken over. */
static void
put_event(struct str *out, const struct ingest_record_item *item)
{
    static const struct hash_id none;
    size_t                      at = out->n;

    str_addn(out, &none, sizeof none);
    if (item->mapping.n)
        put_text(out, item->mapping);
    size_t canonical = out->n;
    event_encode(&item->event, out);
    if (out->mem->denied)
        return;
    struct hash_id hash = event_hash(out->p + canonical, out->n - canonical);
    memcpy(out->p + at, &hash, sizeof hash);
}

static void
put_quarantine(struct str *out, const struct ingest_record_quarantine *q)
{
    str_addn(out, &q->id, sizeof q->id);
    put16(out, (size_t)q->why);
    put64(out, (int64_t)q->size);
    put_text(out, q->pointer);
    put_text(out, q->detail);
    str_addn(out, q->sealed, q->sealed_n);
}

void
ingest_record_add(struct str *out, const struct ingest_record_item *item, usec_t received)
{
    bool own = item->received != received;
    bool corrected = item->kind == INGEST_ITEM_EVENT && item->event.correction;
    char head[6] = { (char)item->kind,
                     (char)((own ? OWN_RECEIVED : 0) | (item->has_line ? HAS_LINE : 0) |
                            (item->mapping.n ? HAS_MAPPING : 0) |
                            (corrected ? HAS_CORRECTION : 0)) };

    size_t at = out->n;
    str_addn(out, head, sizeof head);
    put64(out, item->source);
    if (own)
        put64(out, item->received);
    if (item->has_line)
        str_addn(out, &item->line, sizeof item->line);
    if (corrected)
        put64(out, item->event.correction);
    if (item->kind == INGEST_ITEM_EVENT)
        put_event(out, item);
    else if (item->kind == INGEST_ITEM_QUARANTINE)
        put_quarantine(out, &item->quarantine);
    else
        put64(out, item->hour);
    if (out->mem->denied)
        return;

    uint32_t n = htole32((uint32_t)(out->n - at - ITEM_HEAD)), count;
    memcpy(out->p + at + 2, &n, sizeof n);
    memcpy(&count, out->p + COUNT_AT, sizeof count);
    count = htole32(le32toh(count) + 1);
    memcpy(out->p + COUNT_AT, &count, sizeof count);
}

/* --- reading -------------------------------------------------------------------------- */

/* Bytes that are taken from the front; once there are too few, `bad` for good. */
struct in {
    const char *at, *end;
    bool        bad;
};

static const char *
take(struct in *in, size_t n)
{
    const char *p = in->at;

    if (in->bad || (size_t)(in->end - p) < n) {
        in->bad = true;
        return NULL;
    }
    in->at += n;
    return p;
}

static uint16_t
get16(struct in *in)
{
    const char *p = take(in, 2);
    uint16_t    v = 0;

    if (p)
        memcpy(&v, p, 2);
    return le16toh(v);
}

static int64_t
get64(struct in *in)
{
    const char *p = take(in, 8);
    uint64_t    v = 0;

    if (p)
        memcpy(&v, p, 8);
    return (int64_t)le64toh(v);
}

static void
get_id(struct in *in, struct hash_id *ret)
{
    const char *p = take(in, sizeof *ret);

    if (p)
        memcpy(ret, p, sizeof *ret);
}

static struct event_text
get_text(struct in *in)
{
    size_t      n = get16(in);
    const char *p = take(in, n);

    return (struct event_text){ p, p ? n : 0 };
}

bool
ingest_record_open(const void *p, size_t n, struct ingest_record *ret, struct err *e)
{
    const uint8_t *b = p;
    struct in      in = { .at = p, .end = (const char *)p + n };

    if (n < HEAD || b[0] != 'C' || b[1] != 'R')
        return err_set(e, ERR_INVALID, "a journal record of %zu bytes is none of ours", n);
    if (b[2] != VERSION)
        return err_set(e, ERR_INVALID, "a journal record has version %u, this program knows %d",
                       b[2], VERSION);
    if (b[3] < INGEST_RECORD_EVENTS || b[3] > INGEST_RECORD_IMPORT)
        return err_set(e, ERR_INVALID, "a journal record is of kind %u, which does not exist",
                       b[3]);
    struct ingest_record r = { .kind = (enum ingest_record_kind)b[3], .end = in.end };
    memcpy(&r.items, b + COUNT_AT, sizeof r.items);
    r.items = r.left = le32toh(r.items);
    if (r.items > (n - HEAD) / ITEM_LEAST)
        return err_set(e, ERR_INVALID, "a journal record of %zu bytes cannot hold %u items", n,
                       r.items);
    in.at += 8;
    r.workspace = get64(&in);
    r.pilot = get64(&in);
    r.received = get64(&in);
    r.at = in.at;
    *ret = r;
    return true;
}

/* The canonical bytes have the time as its sender wrote it. */
static bool
get_event(struct in *in, unsigned flags, usec_t correction, struct ingest_record_item *item)
{
    get_id(in, &item->hash);
    if (flags & HAS_MAPPING)
        item->mapping = get_text(in);
    if (in->bad)
        return false;
    item->canonical = (struct event_text){ in->at, (size_t)(in->end - in->at) };
    if (!event_decode(item->canonical.p, item->canonical.n, &item->event) ||
        __builtin_add_overflow(item->event.time, correction, &item->event.time))
        return false;
    item->event.correction = correction;
    return true;
}

static bool
get_quarantine(struct in *in, struct ingest_record_quarantine *q)
{
    get_id(in, &q->id);
    unsigned why = get16(in);
    q->size = (uint64_t)get64(in);
    q->pointer = get_text(in);
    q->detail = get_text(in);
    if (in->bad || !event_drop_name(why))
        return false;
    q->why = (enum event_drop)why;
    q->sealed = in->at;
    q->sealed_n = (size_t)(in->end - in->at);
    return true;
}

static bool
get_item(const struct ingest_record *r, struct in *in, unsigned kind, unsigned flags,
         struct ingest_record_item *item)
{
    item->source = get64(in);
    item->received = flags & OWN_RECEIVED ? get64(in) : r->received;
    item->has_line = flags & HAS_LINE;
    if (item->has_line)
        get_id(in, &item->line);
    usec_t correction = flags & HAS_CORRECTION ? get64(in) : 0;
    item->kind = (enum ingest_item_kind)kind;
    switch (item->kind) {
    case INGEST_ITEM_EVENT:
        return get_event(in, flags, correction, item);
    case INGEST_ITEM_QUARANTINE:
        return get_quarantine(in, &item->quarantine);
    case INGEST_ITEM_HEARTBEAT:
        item->hour = get64(in);
        return !in->bad && in->at == in->end;
    }
    return false;
}

bool
ingest_record_next(struct ingest_record *r, struct ingest_record_item *ret, struct err *e)
{
    struct ingest_record_item item = { .source = 0 };
    struct in                 all = { .at = r->at, .end = r->end };
    const uint8_t            *head = (const uint8_t *)take(&all, ITEM_HEAD);
    uint32_t                  n = 0;

    if (head)
        memcpy(&n, head + 2, sizeof n);
    n = le32toh(n);
    const char *body = take(&all, n);
    struct in   in = { .at = body, .end = body ? body + n : NULL };
    bool        ok = r->left && body && !(head[1] & ~(unsigned)ALL_FLAGS) &&
              get_item(r, &in, head[0], head[1], &item);

    if (!ok || (r->left == 1 && all.at != all.end))
        return err_set(e, ERR_INVALID, "item %u of %u in a journal record makes no sense",
                       r->items - r->left + 1, r->items);
    r->left--;
    r->at = all.at;
    *ret = item;
    return true;
}
