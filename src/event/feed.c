/* feed.c - a tree into a keyed hash: ids for records that bring none. See event_int.h. */
#include "event_int.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

void
event_feed_bytes(struct hash_mac *m, char kind, const void *p, size_t n)
{
    uint64_t length = htole64(n);

    hash_mac_add(m, &kind, 1);
    hash_mac_add(m, &length, sizeof length);
    if (n)
        hash_mac_add(m, p, n);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static size_t
count(const cJSON *v)
{
    size_t       n = 0;
    const cJSON *c;

    cJSON_ArrayForEach (c, v)
        n++;
    return n;
}

static bool
feed_object(struct hash_mac *m, const cJSON *object, struct arena *mem)
{
    size_t        n = count(object), i = 0;
    const cJSON **sorted = arena_new(mem, const cJSON *, n + 1);
    const cJSON  *c;

    if (!sorted)
        return false;
    cJSON_ArrayForEach (c, object)
        sorted[i++] = c;
    qsort(sorted, n, sizeof *sorted, by_name);
    event_feed_bytes(m, '{', NULL, 0);
    for (i = 0; i < n; i++) {
        event_feed_bytes(m, 'k', sorted[i]->string, strlen(sorted[i]->string));
        if (!event_feed_tree(m, sorted[i], mem))
            return false;
    }
    event_feed_bytes(m, '}', NULL, 0);
    return true;
}

static bool
feed_array(struct hash_mac *m, const cJSON *array, struct arena *mem)
{
    const cJSON *c;

    event_feed_bytes(m, '[', NULL, 0);
    cJSON_ArrayForEach (c, array)
        if (!event_feed_tree(m, c, mem))
            return false;
    event_feed_bytes(m, ']', NULL, 0);
    return true;
}

/* Never deeper than JSON_MAX_DEPTH: the policy, or the reader of protobuf, refused the rest. */
bool
event_feed_tree(struct hash_mac *m, const cJSON *v, struct arena *mem)
{
    if (cJSON_IsObject(v))
        return feed_object(m, v, mem);
    if (cJSON_IsArray(v))
        return feed_array(m, v, mem);
    if (cJSON_IsString(v)) {
        event_feed_bytes(m, 's', v->valuestring, strlen(v->valuestring));
    } else if (cJSON_IsNumber(v)) {
        uint64_t bits;

        memcpy(&bits, &v->valuedouble, sizeof bits);
        bits = htole64(bits);
        event_feed_bytes(m, 'n', &bits, sizeof bits);
    } else {
        event_feed_bytes(m, cJSON_IsTrue(v) ? 't' : cJSON_IsFalse(v) ? 'f' : '0', NULL, 0);
    }
    return true;
}
