/* canon.c - the canonical bytes of an event. See event.h.
 *
 *     u8 1  u8 type  u8 status  u8 flags  i64 time  [16 bytes actor]
 *     u16 length and bytes of: id, action, feature*, object_type*, object_id*, correlation*
 *     u32 length and bytes of: properties*
 *
 * Little-endian. Actor and the texts marked * are there when their flag is set; a feature
 * that is the action is left out. FROZEN: hashes of these bytes are in databases. Another
 * form needs another first byte, and the old one for events whose hash is compared. */
#include "event_int.h"

#include <endian.h>
#include <string.h>

#define FORM 1

enum flag {
    HAS_ACTOR = 1,
    HAS_FEATURE = 2,
    HAS_OBJECT_TYPE = 4,
    HAS_OBJECT_ID = 8,
    HAS_CORRELATION = 16,
    HAS_PROPERTIES = 32,
    ALL_FLAGS = 63,
};

#define HEAD ((size_t)12) /* before the actor */

static unsigned
flags_of(const struct event *ev)
{
    bool own_feature =
        ev->feature.n != ev->action.n || memcmp(ev->feature.p, ev->action.p, ev->feature.n) != 0;

    return (ev->has_actor ? HAS_ACTOR : 0u) | (own_feature ? HAS_FEATURE : 0u) |
           (ev->object_type.n ? HAS_OBJECT_TYPE : 0u) | (ev->object_id.n ? HAS_OBJECT_ID : 0u) |
           (ev->correlation.n ? HAS_CORRELATION : 0u) | (ev->properties.n ? HAS_PROPERTIES : 0u);
}

static char *
put(char *at, struct event_text t)
{
    uint16_t n = htole16((uint16_t)t.n);

    memcpy(at, &n, 2);
    if (t.n)
        memcpy(at + 2, t.p, t.n);
    return at + 2 + t.n;
}

void
event_encode(const struct event *ev, struct str *out)
{
    unsigned flags = flags_of(ev);
    size_t   most = HEAD + sizeof ev->actor + 6 * 2 + 4 + ev->id.n + ev->action.n + ev->feature.n +
                  ev->object_type.n + ev->object_id.n + ev->correlation.n + ev->properties.n;
    char *from = str_room(out, most), *at = from;

    if (!at)
        return;
    *at++ = FORM;
    *at++ = (char)ev->type;
    *at++ = (char)ev->status;
    *at++ = (char)flags;
    uint64_t time = htole64((uint64_t)(ev->time - ev->correction));
    at = (char *)memcpy(at, &time, 8) + 8;
    if (flags & HAS_ACTOR)
        at = (char *)memcpy(at, &ev->actor, sizeof ev->actor) + sizeof ev->actor;
    at = put(put(at, ev->id), ev->action);
    if (flags & HAS_FEATURE)
        at = put(at, ev->feature);
    if (flags & HAS_OBJECT_TYPE)
        at = put(at, ev->object_type);
    if (flags & HAS_OBJECT_ID)
        at = put(at, ev->object_id);
    if (flags & HAS_CORRELATION)
        at = put(at, ev->correlation);
    if (flags & HAS_PROPERTIES) {
        uint32_t n = htole32((uint32_t)ev->properties.n);

        memcpy(at, &n, 4);
        memcpy(at + 4, ev->properties.p, ev->properties.n);
        at += 4 + ev->properties.n;
    }
    out->n += (size_t)(at - from);
    out->p[out->n] = 0;
}

struct hash_id
event_hash(const void *canonical, size_t n)
{
    return hash_of(canonical, n);
}

/* --- and back ------------------------------------------------------------------- */

struct in {
    const char *at, *end;
    bool        bad;
};

/* A text of 1 to `most` bytes. */
static struct event_text
get(struct in *in, size_t most)
{
    uint16_t n;

    if (in->end - in->at < 2) {
        in->bad = true;
        return (struct event_text){ 0 };
    }
    memcpy(&n, in->at, 2);
    n = le16toh(n);
    if (!n || n > most || (size_t)(in->end - in->at) - 2 < n) {
        in->bad = true;
        return (struct event_text){ 0 };
    }
    struct event_text t = { in->at + 2, n };
    in->at += 2 + n;
    return t;
}

static struct event_text
get_properties(struct in *in)
{
    uint32_t n;

    if (in->end - in->at >= 4) {
        memcpy(&n, in->at, 4);
        n = le32toh(n);
        if (n && (size_t)(in->end - in->at) - 4 == n) {
            struct event_text t = { in->at + 4, n };

            in->at += 4 + n;
            return t;
        }
    }
    in->bad = true;
    return (struct event_text){ 0 };
}

static void
get_texts(struct in *in, unsigned flags, struct event *ev)
{
    ev->id = get(in, F_ID_MOST);
    ev->action = get(in, F_ACTION_MOST);
    ev->feature = in->bad || !(flags & HAS_FEATURE) ? ev->action : get(in, F_FEATURE_MOST);
    if (!in->bad && flags & HAS_OBJECT_TYPE)
        ev->object_type = get(in, F_OBJECT_TYPE_MOST);
    if (!in->bad && flags & HAS_OBJECT_ID)
        ev->object_id = get(in, F_OBJECT_ID_MOST);
    if (!in->bad && flags & HAS_CORRELATION)
        ev->correlation = get(in, F_CORRELATION_MOST);
    if (!in->bad && flags & HAS_PROPERTIES)
        ev->properties = get_properties(in);
}

bool
event_decode(const void *canonical, size_t n, struct event *ret)
{
    const uint8_t *b = canonical;
    struct in      in = { .at = canonical, .end = (const char *)canonical + n };
    struct event   ev = { 0 };
    uint64_t       time;

    if (n < HEAD || b[0] != FORM || !event_type_name(b[1]) || !event_status_name(b[2]) ||
        b[3] & ~(unsigned)ALL_FLAGS)
        return false;
    ev.type = (enum event_type)b[1];
    ev.status = (enum event_status)b[2];
    memcpy(&time, b + 4, 8);
    ev.time = (usec_t)le64toh(time);
    in.at += HEAD;
    if (b[3] & HAS_ACTOR) {
        if ((size_t)(in.end - in.at) < sizeof ev.actor)
            return false;
        ev.has_actor = true;
        memcpy(&ev.actor, in.at, sizeof ev.actor);
        in.at += sizeof ev.actor;
    }
    get_texts(&in, b[3], &ev);
    if (in.bad || in.at != in.end)
        return false;
    *ret = ev;
    return true;
}

/* --- for people ------------------------------------------------------------------- */

static void
print_text(struct str *out, const char *name, struct event_text t)
{
    if (!t.n)
        return;
    str_addf(out, ",\"%s\":", name);
    str_jsonn(out, t.p, t.n);
}

void
event_print(const struct event *ev, struct str *out)
{
    char when[TIME_TEXT_LEN], hex[HASH_ID_LEN * 2 + 1];

    time_format(ev->time, when);
    str_addf(out, "{\"time\":\"%s\",\"type\":\"%s\",\"status\":\"%s\"", when,
             event_type_name(ev->type), event_status_name(ev->status));
    if (ev->has_actor) {
        hash_hex(&ev->actor, sizeof ev->actor, hex);
        str_addf(out, ",\"actor\":\"%s\"", hex);
    }
    print_text(out, "id", ev->id);
    print_text(out, "source", ev->source);
    print_text(out, "action", ev->action);
    print_text(out, "feature", ev->feature);
    print_text(out, "object_type", ev->object_type);
    print_text(out, "object_id", ev->object_id);
    print_text(out, "correlation", ev->correlation);
    if (ev->properties.n) {
        str_add(out, ",\"properties\":");
        str_addn(out, ev->properties.p, ev->properties.n);
    }
    str_addc(out, '}');
}
