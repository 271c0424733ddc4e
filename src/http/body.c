/* body.c - collects a body in memory, decompressing while it comes, within its limits.
 *
 * Two numbers hold: bytes on the wire and bytes decompressed, the second counted by the
 * decompressor at the byte that crosses it. Memory grows with what has arrived, never
 * with what was announced, and is charged to the budget all requests share.
 */
#include "http_int.h"

#include <stdlib.h>
#include <string.h>

#define FIRST ((size_t)4096)
#define GZIP_FIRST 0x1f /* no text begins with this byte */

static bool
buf_add(struct http_buf *b, const void *p, size_t n, struct err *e)
{
    if (b->cap - b->n <= n) { /* one byte more: the text ends with a 0 */
        size_t cap = b->cap ? b->cap * 2 : FIRST;

        if (cap < b->n + n + 1)
            cap = b->n + n + 1;
        if (!arena_budget_take(b->budget, cap - b->cap))
            return err_set(e, ERR_BUSY, "too much is being read just now");
        char *bigger = realloc(b->p, cap);
        if (!bigger) {
            arena_budget_give(b->budget, cap - b->cap);
            return err_set(e, ERR_NOMEM, "no memory for a body");
        }
        b->p = bigger;
        b->cap = cap;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
    return true;
}

static void
buf_free(struct http_buf *b)
{
    free(b->p);
    if (b->cap)
        arena_budget_give(b->budget, b->cap);
    *b = (struct http_buf){ .budget = b->budget };
}

static bool
take_plain(void *to, const void *p, size_t n, struct err *e)
{
    return buf_add(to, p, n, e);
}

bool
http_body_open(struct http_body *b, const struct http_body_opts *o, struct err *e)
{
    *b = (struct http_body){ .max_wire = o->max_wire,
                             .max_plain = o->max_plain,
                             .keep_raw = o->keep_raw,
                             .find_gzip = o->find_gzip };
    b->wire.budget = b->plain.budget = o->budget;
    if (o->zipped && !(b->zip = zip_in_new(o->max_plain)))
        return err_set(e, ERR_NOMEM, "no memory to decompress");
    return true;
}

/* What was sent is no gzip. With keep_raw that is for the handler to say. */
static bool
give_up(struct http_body *b)
{
    zip_in_close(b->zip);
    b->zip = NULL;
    buf_free(&b->plain);
    b->broken = true;
    return b->keep_raw;
}

bool
http_body_push(struct http_body *b, const char *p, size_t n, struct err *e)
{
    struct err why;

    if (n && !b->seen && b->find_gzip && !b->zip && *p == GZIP_FIRST &&
        !(b->zip = zip_in_new(b->max_plain)))
        return err_set(e, ERR_NOMEM, "no memory to decompress");
    b->seen += n;
    if (b->seen > b->max_wire)
        return err_set(e, ERR_TOO_LARGE, "the body is over %zu bytes", b->max_wire);
    if ((!b->zip || b->keep_raw) && !buf_add(&b->wire, p, n, e))
        return false;
    if (!b->zip || zip_in_push(b->zip, p, n, take_plain, &b->plain, &why))
        return true;
    if (why.code == ERR_INVALID && give_up(b))
        return true;
    *e = why;
    return false;
}

bool
http_body_end(struct http_body *b, const char **ret_p, size_t *ret_n, bool *ret_broken,
              struct err *e)
{
    struct err why;

    /* no byte at all is an empty body, whatever its encoding was to be */
    if (b->zip && b->seen && !zip_in_end(b->zip, &why) && !give_up(b)) {
        *e = why;
        return false;
    }
    if (b->zip)
        buf_free(&b->wire);

    const struct http_buf *got = b->zip ? &b->plain : &b->wire;
    *ret_p = got->p ? got->p : "";
    *ret_n = got->n;
    *ret_broken = b->broken;
    return true;
}

void
http_body_free(struct http_body *b)
{
    zip_in_close(b->zip);
    b->zip = NULL;
    if (b->wire.budget)
        buf_free(&b->wire);
    if (b->plain.budget)
        buf_free(&b->plain);
}
