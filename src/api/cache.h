/* cache.h - answers kept in memory as long as what they were made of stays the same.
 *
 * The key says everything an answer depends on, the version of the pilot's figures included
 * (sql/api/get_version.sql), so an entry is never wrong, only unused. A few dozen entries; the
 * one longest unused goes. Any thread.
 */
#ifndef COLLAUDO_CACHE_H
#define COLLAUDO_CACHE_H

#include "collaudo/arena.h"

struct api_cache;

struct api_cache *api_cache_new(void); /* NULL: no memory */
void              api_cache_close(struct api_cache *c);

/* A copy in `mem` of what was kept under the key; NULL: nothing, or no memory. */
const char *api_cache_get(struct api_cache *c, const char *key, struct arena *mem, size_t *ret_n);
/* Keeps a copy; does nothing when it is too large or there is no memory. */
void api_cache_put(struct api_cache *c, const char *key, const char *p, size_t n);

#endif
