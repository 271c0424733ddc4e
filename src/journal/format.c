/* format.c - the bytes of a segment: its head, its records, its name.
 *
 *   segment   head block of 4096 bytes, then records without gaps, then zeroes
 *   head      struct segment_head, zeroes, CRC-32C of all before in the last 4 bytes
 *   record    struct record_head, payload, zeroes up to a multiple of 8
 *
 * Numbers are little-endian. A record's place follows from its position: it stands at
 * 4096 + position - base. `group` says where its group began, which tells a torn write
 * from damage: a valid record beyond an invalid one was written after the invalid one was
 * durable if, and only if, its group began behind it. The CRC is seeded with the journal's
 * UUID, so that a payload (which strangers send) cannot carry bytes that look like a
 * record of ours. Every byte of a record is covered, the padding too.
 */
#include "journal_int.h"

#include "collaudo/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECORD_MAGIC 0x314a4c43u /* "CLJ1" */
#define SEGMENT_MAGIC "CLJRNL1\n"
#define VERSION 1
#define CRC_AT (SEGMENT_HEAD - sizeof(uint32_t))

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");
_Static_assert(sizeof(struct record_head) == RECORD_HEAD, "no holes");
_Static_assert(offsetof(struct record_head, crc) == RECORD_HEAD - 4, "the CRC ends the head");
_Static_assert(sizeof(struct segment_head) == 64, "no holes");

uint32_t
journal_seed(const uint8_t uuid[16])
{
    return hash_crc32c(0, uuid, 16);
}

void
journal_head_make(struct record_head *h, uint32_t body_crc)
{
    h->magic = RECORD_MAGIC;
    h->crc = hash_crc32c(body_crc, h, offsetof(struct record_head, crc));
}

bool
journal_head_plausible(const struct record_head *h, uint64_t position)
{
    return h->magic == RECORD_MAGIC && h->position == position && h->len <= JOURNAL_MAX_RECORD &&
           h->kind <= RECORD_SEAL;
}

bool
journal_record_valid(uint32_t seed, const unsigned char *p, size_t room, uint64_t position,
                     struct record_head *ret)
{
    struct record_head h;

    if (room < RECORD_HEAD)
        return false;
    memcpy(&h, p, sizeof h);
    if (!journal_head_plausible(&h, position) || journal_record_size(h.len) > room)
        return false;
    uint32_t crc = hash_crc32c(seed, p + RECORD_HEAD, journal_record_size(h.len) - RECORD_HEAD);
    if (hash_crc32c(crc, &h, offsetof(struct record_head, crc)) != h.crc)
        return false;
    *ret = h;
    return true;
}

void
journal_segment_head_make(const struct segment_head *h, unsigned char ret[SEGMENT_HEAD])
{
    struct segment_head full = *h;
    uint32_t            crc;

    memcpy(full.magic, SEGMENT_MAGIC, sizeof full.magic);
    full.version = VERSION;
    full.head_bytes = SEGMENT_HEAD;
    memset(ret, 0, SEGMENT_HEAD);
    memcpy(ret, &full, sizeof full);
    crc = hash_crc32c(0, ret, CRC_AT);
    memcpy(ret + CRC_AT, &crc, sizeof crc);
}

bool
journal_segment_head_read(const unsigned char block[SEGMENT_HEAD], struct segment_head *ret)
{
    struct segment_head h;
    uint32_t            crc;

    memcpy(&h, block, sizeof h);
    memcpy(&crc, block + CRC_AT, sizeof crc);
    if (memcmp(h.magic, SEGMENT_MAGIC, sizeof h.magic) != 0 || h.version != VERSION ||
        h.head_bytes != SEGMENT_HEAD || crc != hash_crc32c(0, block, CRC_AT))
        return false;
    *ret = h;
    return true;
}

void
journal_segment_name(uint64_t base, char ret[SEGMENT_NAME_LEN])
{
    snprintf(ret, SEGMENT_NAME_LEN, "%016" PRIx64 ".seg", base);
}

bool
journal_segment_base(const char *name, uint64_t *ret_base)
{
    uint64_t base = 0;
    char     again[SEGMENT_NAME_LEN];

    if (sscanf(name, "%16" SCNx64, &base) != 1)
        return false;
    journal_segment_name(base, again);
    if (strcmp(name, again) != 0)
        return false;
    *ret_base = base;
    return true;
}
