/* zip.h - gzip and deflate, both ways, with the size counted while streaming.
 *
 * A bomb is refused at the byte that crosses the limit, not after it has burst.
 */
#ifndef COLLAUDO_ZIP_H
#define COLLAUDO_ZIP_H

#include "collaudo/arena.h"
#include "collaudo/auto.h"
#include "collaudo/err.h"

#include <stdint.h>

struct zip_in; /* one stream being decompressed; one thread at a time */

/* Takes decompressed bytes; false stops the stream (and fills *e). */
typedef bool zip_sink(void *to, const void *bytes, size_t n, struct err *e);

/* gzip or zlib by its header; raw deflate (some senders call it deflate) too.
 * `most`: decompressed bytes at most. NULL: no memory. */
struct zip_in *zip_in_new(size_t most);
void           zip_in_close(struct zip_in *z);
AUTO_DEFINE_STRUCT(zip_in, zip_in_close)

/* ERR_INVALID: damaged; ERR_TOO_LARGE: beyond `most`; or what the sink says. */
must_check bool zip_in_push(struct zip_in *z, const void *p, size_t n, zip_sink *sink, void *to,
                            struct err *e);
/* Was the stream whole? ERR_INVALID when it was cut off. */
must_check bool zip_in_end(struct zip_in *z, struct err *e);

/* A gzip file of the bytes in `mem`; level 1 (fast) .. 9 (small). Same bytes each run. */
must_check bool zip_gzip(struct arena *mem, int level, const void *p, size_t n, const void **ret,
                         size_t *ret_n, struct err *e);

#endif
