/* hash.c - checksums, hashes, pseudonyms and sealed boxes. See hash.h. */
#include "collaudo/hash.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static uint8_t  sip_key[crypto_shorthash_KEYBYTES];
static uint32_t crc_table[256];

void
hash_init(void)
{
    if (sodium_init() < 0)
        abort(); /* no random bytes: nothing here can be trusted */
    randombytes_buf(sip_key, sizeof sip_key);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int k = 0; k < 8; k++)
            c = (c & 1) ? 0x82f63b78u ^ (c >> 1) : c >> 1;
        crc_table[i] = c;
    }
}

static uint32_t
crc_plain(uint32_t c, const uint8_t *p, size_t n)
{
    while (n--)
        c = crc_table[(c ^ *p++) & 0xff] ^ (c >> 8);
    return c;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t
crc_sse42(uint32_t crc, const uint8_t *p, size_t n)
{
    uint64_t c = crc;

    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word;

        memcpy(&word, p, 8);
        c = __builtin_ia32_crc32di(c, word);
    }
    crc = (uint32_t)c;
    while (n--)
        crc = __builtin_ia32_crc32qi(crc, *p++);
    return crc;
}
#endif

uint32_t
hash_crc32c(uint32_t crc, const void *p, size_t n)
{
    assert(crc_table[1] && "hash_init() first");
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_sse42(~crc, p, n);
#endif
    return ~crc_plain(~crc, p, n);
}

void
hash_sha256(const void *p, size_t n, uint8_t ret[32])
{
    crypto_hash_sha256(ret, p, n);
}

struct hash_id
hash_of(const void *p, size_t n)
{
    struct hash_id id;

    crypto_generichash(id.b, sizeof id.b, p, n, NULL, 0);
    return id;
}

_Static_assert(sizeof(crypto_auth_hmacsha256_state) <= sizeof(struct hash_mac), "room for it");

void
hash_mac_init(struct hash_mac *m, const struct hash_key *key)
{
    crypto_auth_hmacsha256_init((crypto_auth_hmacsha256_state *)(void *)m->state, key->b,
                                sizeof key->b);
}

void
hash_mac_add(struct hash_mac *m, const void *p, size_t n)
{
    crypto_auth_hmacsha256_update((crypto_auth_hmacsha256_state *)(void *)m->state, p, n);
}

struct hash_id
hash_mac_end(struct hash_mac *m)
{
    uint8_t        full[crypto_auth_hmacsha256_BYTES];
    struct hash_id id;

    crypto_auth_hmacsha256_final((crypto_auth_hmacsha256_state *)(void *)m->state, full);
    memcpy(id.b, full, sizeof id.b);
    return id;
}

struct hash_id
hash_pseudonym(const struct hash_key *key, const char *const *parts, size_t n)
{
    struct hash_mac m;

    hash_mac_init(&m, key);
    for (size_t i = 0; i < n; i++)
        hash_mac_add(&m, parts[i], strlen(parts[i]) + 1);
    return hash_mac_end(&m);
}

uint64_t
hash_table(const void *p, size_t n)
{
    uint64_t h;

    crypto_shorthash((uint8_t *)&h, p, n, sip_key);
    return h;
}

bool
hash_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void
hash_random(void *p, size_t n)
{
    randombytes_buf(p, n);
}

void
hash_wipe(void *p, size_t n)
{
    sodium_memzero(p, n);
}

void
hash_hex(const void *p, size_t n, char *ret)
{
    sodium_bin2hex(ret, n * 2 + 1, p, n);
}

bool
hash_unhex(const char *hex, void *ret, size_t n)
{
    size_t got;

    return strlen(hex) == n * 2 && sodium_hex2bin(ret, n, hex, n * 2, NULL, &got, NULL) == 0 &&
           got == n;
}

bool
hash_unbase64(const char *text, void *ret, size_t most, size_t *ret_n)
{
    size_t len = strlen(text);
    int    variant = len && text[len - 1] == '=' ? sodium_base64_VARIANT_ORIGINAL
                                                 : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

    return sodium_base642bin(ret, most, text, len, NULL, ret_n, NULL, variant) == 0;
}

uint8_t *
hash_seal(const struct hash_key *key, const void *p, size_t n, struct arena *mem)
{
    uint8_t *box = arena_alloc(mem, n + HASH_BOX_MORE);

    if (!box)
        return NULL;
    randombytes_buf(box, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, p, n, box, key->b);
    return box;
}

bool
hash_open(const struct hash_key *key, const void *box, size_t n, struct arena *mem, char **ret_text,
          struct err *e)
{
    const uint8_t *nonce = box;

    if (n < HASH_BOX_MORE)
        return err_set(e, ERR_INVALID, "a sealed text of %zu bytes is too short", n);
    char *text = arena_alloc(mem, n - HASH_BOX_MORE + 1);
    if (!text)
        return err_set(e, ERR_NOMEM, "no memory for a sealed text of %zu bytes", n);
    if (crypto_secretbox_open_easy((uint8_t *)text, nonce + crypto_secretbox_NONCEBYTES,
                                   n - crypto_secretbox_NONCEBYTES, nonce, key->b) != 0)
        return err_set(e, ERR_INVALID, "a sealed text does not open: another key, or damaged");
    *ret_text = text;
    return true;
}
