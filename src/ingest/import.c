/* import.c - numbered lines of a file, each an event or a refusal. See ingest.h. */
#include "ingest_int.h"

#include <endian.h>
#include <string.h>

#define FRAME_HEAD ((size_t)16) /* u32 occurrence, i64 received, u32 length */

struct frame {
    uint32_t    occurrence;
    usec_t      received;
    const char *p;
    size_t      n;
};

/* The sources its lines speak for, borrowed until the request is done. */
struct import {
    struct ingest_sources      *all;
    const struct ingest_source *src;
    const struct ingest_source *lent[INGEST_MOST_SOURCES];
    size_t                      lent_n;
};

static const struct ingest_source *
other_source(void *ctx, struct event_text name)
{
    struct import *im = ctx;

    if (strlen(im->src->name) == name.n && memcmp(im->src->name, name.p, name.n) == 0)
        return im->src;
    for (size_t i = 0; i < im->lent_n; i++)
        if (strlen(im->lent[i]->name) == name.n && memcmp(im->lent[i]->name, name.p, name.n) == 0)
            return im->lent[i];
    if (im->lent_n == INGEST_MOST_SOURCES)
        return NULL;
    const struct ingest_source *s =
        ingest_sources_named(im->all, im->src->workspace, name.p, name.n);
    if (s && s->pilot != im->src->pilot) {
        ingest_sources_put(im->all, s);
        s = NULL;
    }
    if (s)
        im->lent[im->lent_n++] = s;
    return s;
}

static bool
next_frame(const char **at, const char *end, struct frame *ret)
{
    uint32_t occurrence, n;
    uint64_t received;

    if ((size_t)(end - *at) < FRAME_HEAD)
        return false;
    memcpy(&occurrence, *at, 4);
    memcpy(&received, *at + 4, 8);
    memcpy(&n, *at + 12, 4);
    n = le32toh(n);
    *at += FRAME_HEAD;
    if ((size_t)(end - *at) < n)
        return false;
    *ret = (struct frame){ le32toh(occurrence), (usec_t)le64toh(received), *at, n };
    *at += n;
    return true;
}

static bool
count_frames(const char *at, const char *end, size_t *ret, struct err *e)
{
    struct frame f;
    size_t       n = 0;

    for (; at < end; n++)
        if (!next_frame(&at, end, &f))
            return err_set(e, ERR_INVALID, "an import body is cut off in line %zu", n + 1);
    if (n > INGEST_MAX_EVENTS)
        return err_set(e, ERR_TOO_LARGE, "more than %zu lines in one request", INGEST_MAX_EVENTS);
    *ret = n;
    return true;
}

/* What makes it this line and no other: when, how many times before, and its bytes. */
static struct hash_id
digest(const struct hash_key *key, const struct frame *f)
{
    struct hash_mac m;
    uint64_t        received = htole64((uint64_t)f->received);
    uint32_t        occurrence = htole32(f->occurrence);

    hash_mac_init(&m, key);
    hash_mac_add(&m, "import line", 12);
    hash_mac_add(&m, &received, sizeof received);
    hash_mac_add(&m, &occurrence, sizeof occurrence);
    hash_mac_add(&m, f->p, f->n);
    return hash_mac_end(&m);
}

static void
take_line(struct take *t, size_t index, const struct frame *f, bool replay)
{
    bool               said = f->received != INGEST_NO_TIME;
    struct piece       p = { .index = index,
                             .raw = f->p,
                             .n = f->n,
                             .received = said ? f->received : t->now,
                             .own_time = replay && !said,
                             .has_line = true,
                             .line = digest(&t->src->key, f) };
    struct json_slice *s, one = { .p = f->p, .n = f->n, .broken = true };
    size_t             n;
    struct err         why = ERR_INIT;

    arena_reset(&t->sub);
    if (json_cut(&t->sub, f->p, f->n, JSON_ONE, 1, &s, &n, &why))
        one = *s; /* the arena begins anew for the tree */
    ingest_take_value(t, &p, &one);
}

bool
ingest_import_take(const struct ingest_source *src, struct ingest_sources *all, bool replay,
                   const void *body, size_t n, usec_t now, struct arena *mem,
                   struct ingest_intake *ret, struct err *e)
{
    static const struct ingest_form native = { .dialect = INGEST_NATIVE };
    const char                     *at = body, *end = at + n;
    struct import                   im = { .all = all, .src = src };
    struct take                     t;
    struct frame                    f;
    size_t                          count = 0;

    if (!count_frames(at, end, &count, e))
        return false;
    ingest_take_init(&t, src, &native, now, mem);
    t.other = other_source;
    t.ctx = &im;
    ingest_take_begin(&t, INGEST_RECORD_IMPORT, n, count);
    for (size_t i = 0; i < count && !mem->denied && !t.sub.denied; i++)
        if (next_frame(&at, end, &f))
            take_line(&t, i, &f, replay);
    for (size_t i = 0; i < im.lent_n; i++)
        ingest_sources_put(all, im.lent[i]);
    return ingest_take_end(&t, ret, e);
}
