/* zip.c - gzip and deflate over zlib. See zip.h. */
#include "collaudo/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct zip_in {
    z_stream z;
    size_t   most, made;
    size_t   seen; /* compressed bytes taken so far */
    bool     raw, done;
};

struct zip_in *
zip_in_new(size_t most)
{
    struct zip_in *z = calloc(1, sizeof *z);

    if (!z)
        return NULL;
    z->most = most;
    if (inflateInit2(&z->z, 15 + 32) != Z_OK) { /* 32: gzip or zlib by header */
        free(z);
        return NULL;
    }
    return z;
}

void
zip_in_close(struct zip_in *z)
{
    if (!z)
        return;
    inflateEnd(&z->z);
    free(z);
}

/* Neither gzip nor zlib at the very first bytes: once more as raw deflate. */
static bool
try_raw(struct zip_in *z, const void *p, size_t n)
{
    if (z->raw || z->seen || z->made || inflateReset2(&z->z, -15) != Z_OK)
        return false;
    z->raw = true;
    z->z.next_in = (Bytef *)(uintptr_t)p;
    z->z.avail_in = (uInt)n;
    return true;
}

bool
zip_in_push(struct zip_in *z, const void *p, size_t n, zip_sink *sink, void *to, struct err *e)
{
    uint8_t out[16384];

    z->z.next_in = (Bytef *)(uintptr_t)p;
    z->z.avail_in = (uInt)n;
    while (z->z.avail_in && !z->done) {
        z->z.next_out = out;
        z->z.avail_out = sizeof out;

        int    r = inflate(&z->z, Z_NO_FLUSH);
        size_t made = sizeof out - z->z.avail_out;

        if (r == Z_DATA_ERROR && try_raw(z, p, n))
            continue;
        if (r == Z_MEM_ERROR)
            return err_set(e, ERR_NOMEM, "no memory to decompress");
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            return err_set(e, ERR_INVALID, "the compressed body is damaged");
        z->made += made;
        if (z->made > z->most)
            return err_set(e, ERR_TOO_LARGE, "the body is over %zu bytes decompressed", z->most);
        if (made && !sink(to, out, made, e))
            return false;
        z->done = r == Z_STREAM_END;
    }
    z->seen += n;
    if (z->done && z->z.avail_in)
        return err_set(e, ERR_INVALID, "something follows the compressed body");
    return true;
}

bool
zip_in_end(struct zip_in *z, struct err *e)
{
    if (!z->done)
        return err_set(e, ERR_INVALID, "the compressed body is cut off");
    return true;
}

bool
zip_gzip(struct arena *mem, int level, const void *p, size_t n, const void **ret, size_t *ret_n,
         struct err *e)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n };

    if (n > UINT32_MAX / 2 ||
        deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(e, ERR_NOMEM, "no memory to compress");
    size_t   most = deflateBound(&z, n);
    uint8_t *out = arena_alloc(mem, most);
    if (!out) {
        deflateEnd(&z);
        return err_set(e, ERR_NOMEM, "no memory to compress");
    }
    z.next_out = out;
    z.avail_out = (uInt)most;
    deflate(&z, Z_FINISH); /* one call: the output has room for the worst case */
    *ret_n = most - z.avail_out;
    deflateEnd(&z);
    *ret = out;
    return true;
}
