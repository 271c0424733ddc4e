/* hash.h - checksums, hashes, pseudonyms, random bytes and sealed boxes.
 *
 * Everything cryptographic is libsodium's; this header says which primitive we
 * use for what, so that the choice stands in one place:
 *
 *   CRC-32C                  journal records (errors of the disk, not attackers)
 *   SHA-256                  stored keys, charter and evidence hashes
 *   BLAKE2b, 16 bytes        canonical hash of an event
 *   HMAC-SHA-256, 16 bytes   pseudonyms
 *   SipHash-2-4              tables in memory fed by strangers
 *   XSalsa20-Poly1305        directory and quarantined bytes at rest
 */
#ifndef COLLAUDO_HASH_H
#define COLLAUDO_HASH_H

#include "collaudo/arena.h"
#include "collaudo/err.h"

#include <stdint.h>

#define HASH_KEY_LEN 32  /* bytes of every secret key */
#define HASH_ID_LEN 16   /* bytes of a pseudonym or a canonical hash */
#define HASH_BOX_MORE 40 /* bytes a sealed text is longer than the clear one */

struct hash_id {
    uint8_t b[HASH_ID_LEN];
};

struct hash_key {
    uint8_t b[HASH_KEY_LEN];
};

void hash_init(void); /* call once, before any thread starts */

/* crc = 0 to begin; the result may be fed back in to go on. */
uint32_t hash_crc32c(uint32_t crc, const void *p, size_t n);

void           hash_sha256(const void *p, size_t n, uint8_t ret[32]);
struct hash_id hash_of(const void *p, size_t n);

/* HMAC-SHA-256 over the parts, each followed by a 0 byte, cut to 16 bytes. */
struct hash_id hash_pseudonym(const struct hash_key *key, const char *const *parts, size_t n);

/* The same in steps, over any bytes. A struct copied midway goes on from there: the beginning
 * that many pseudonyms share is computed once. Wipe it as the key. */
struct hash_mac {
    _Alignas(16) uint8_t state[208];
};
void           hash_mac_init(struct hash_mac *m, const struct hash_key *key);
void           hash_mac_add(struct hash_mac *m, const void *p, size_t n);
struct hash_id hash_mac_end(struct hash_mac *m); /* m is spent */

/* 64 bits for hash tables, keyed by a secret of this process. */
uint64_t hash_table(const void *p, size_t n);

bool hash_equal(const void *a, const void *b, size_t n); /* in constant time */
void hash_random(void *p, size_t n);
void hash_wipe(void *p, size_t n); /* zeroes, and is not optimised away */

/* Lower-case hex with a 0 at the end: ret holds 2n + 1 bytes. */
void hash_hex(const void *p, size_t n, char *ret);
bool hash_unhex(const char *hex, void *ret, size_t n); /* exactly 2n digits */

/* RFC 4648, with its padding or without. False: no base64, or more than `most` bytes. */
bool hash_unbase64(const char *text, void *ret, size_t most, size_t *ret_n);

/* n + HASH_BOX_MORE bytes in `mem`: nonce, tag, cipher text. NULL: no memory. */
uint8_t *hash_seal(const struct hash_key *key, const void *p, size_t n, struct arena *mem);
/* The clear text, 0-terminated, in `mem`; its length is n - HASH_BOX_MORE.
 * ERR_INVALID when the key is another or a bit is wrong. */
must_check bool hash_open(const struct hash_key *key, const void *box, size_t n, struct arena *mem,
                          char **ret_text, struct err *e);

#endif
