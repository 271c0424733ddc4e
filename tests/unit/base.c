/* base.c - errors, arenas, text, hashes and compression. */
#include "t.h"

#include "collaudo/err.h"
#include "collaudo/hash.h"
#include "collaudo/str.h"
#include "collaudo/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
test_err(void)
{
    struct err e = ERR_INIT;

    CHECK(!err_set(&e, ERR_NOT_FOUND, "no pilot %s", "a\"b\\c\n\xc3\xa9"));
    CHECK_S(e.text, "no pilot a?b?c???");
    CHECK(!err_wrap(&e, "apply"));
    CHECK_S(e.text, "apply: no pilot a?b?c???");
    CHECK_I(err_http(e.code), 404);
    CHECK_I(err_exit(e.code), 4);
    CHECK_S(err_name(e.code), "not_found");
    CHECK_I(err_of_name("busy"), ERR_BUSY);
    CHECK_I(err_of_name("nothing"), ERR_NONE);
    CHECK(!err_errno(&e, ENOSPC, "cannot write"));
    CHECK_S(e.text, "cannot write: No space left on device");
    for (int i = 1; i < ERR_COUNT; i++)
        CHECK(err_exit((enum err_code)i) >= 1 && err_exit((enum err_code)i) <= 9);
}

static void
test_arena(void)
{
    struct arena a;

    arena_init(&a, 10000);
    char *p = arena_alloc(&a, 100);
    CHECK(p && (uintptr_t)p % 16 == 0 && p[0] == 0 && p[99] == 0);
    CHECK(!arena_alloc(&a, 20000) && a.denied);
    CHECK(arena_alloc(&a, 0));
    CHECK(!arena_array(&a, SIZE_MAX / 2, 8));
    arena_reset(&a);
    CHECK(!a.denied && a.used <= a.limit);
    for (int i = 0; i < 1000; i++)
        arena_alloc(&a, 64);
    CHECK(a.denied && a.used <= a.limit);
    arena_free(&a);
    CHECK(!a.chunks && !a.denied && a.limit == 10000);
    CHECK_S(arena_printf(&a, "%d %s", 7, "x"), "7 x");
    arena_free(&a);
}

static void
test_budget(void)
{
    struct arena_budget b = { .limit = 20000 };
    struct arena        one, two;

    arena_init(&one, 1 << 20);
    arena_init(&two, 1 << 20);
    one.budget = two.budget = &b;
    CHECK(arena_alloc(&one, 9000) && arena_alloc(&two, 9000));
    CHECK_I(b.used, one.used + two.used);
    CHECK(!arena_alloc(&two, 9000) && two.denied && !one.denied);
    CHECK_I(b.used, one.used + two.used); /* what was refused is not charged */
    arena_free(&one);
    CHECK(arena_alloc(&two, 9000)); /* what one gives back another may take */
    arena_reset(&two);              /* keeps one chunk, and is charged for that one */
    CHECK_I(b.used, two.used);
    arena_free(&two);
    CHECK_I(b.used, 0);
    CHECK(two.budget == &b && arena_alloc(&two, 1) && b.used > 0);
    arena_free(&two);
    CHECK(arena_budget_take(&b, 20000) && !arena_budget_take(&b, 1));
    arena_budget_give(&b, 20000);
    CHECK_I(b.used, 0);
}

static void
test_str(void)
{
    struct arena mem;
    struct str   s;

    arena_init(&mem, 1 << 20);
    str_init(&s, &mem);
    str_html(&s, "<a href='x'>\"&\"</a>");
    CHECK_S(s.p, "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
    str_init(&s, &mem);
    str_json(&s, "a\"b\\c\n\x01\xc3\xa9");
    str_json(&s, NULL);
    CHECK_S(s.p, "\"a\\\"b\\\\c\\n\\u0001\xc3\xa9\"null");
    str_init(&s, &mem);
    str_url(&s, "a b/\xc3\xa9~");
    CHECK_S(s.p, "a%20b%2F%C3%A9~");
    str_init(&s, &mem);
    for (int i = 0; i < 5000; i++)
        str_addi(&s, i % 10);
    CHECK_I(s.n, 5000);
    CHECK_I(strlen(s.p), 5000);
    str_init(&s, &mem);
    str_addf(&s, "%0*d", 1000, 7);
    CHECK_I(strlen(s.p), 1000);

    CHECK_S(str_fold(&mem, " U08@Azienda.Example\t", 21), "u08@azienda.example");
    CHECK_S(str_fold(&mem, "\xc3\x80\xc3\x88 \xd0\x96", 7), "\xc3\xa0\xc3\xa8 \xd0\xb6");
    static const char *const names[] = { "score", "criteria", "pilot" };
    CHECK_S(str_nearest("scoer", names, 3), "score");
    CHECK_S(str_nearest("criterion", names, 3), "criteria");
    CHECK_S(str_nearest("zzzzzz", names, 3), NULL);

    int64_t n;
    CHECK(str_int("-12", &n) && n == -12);
    CHECK(!str_int("12x", &n) && !str_int("", &n) && !str_int("99999999999999999999", &n));
    arena_free(&mem);

    arena_init(&mem, 200); /* growing beyond the arena: short, marked, never a crash */
    str_init(&s, &mem);
    for (int i = 0; i < 100; i++)
        str_add(&s, "0123456789");
    CHECK(mem.denied && strlen(s.p) == s.n);
    arena_free(&mem);
}

static void
test_base64(void)
{
    static const struct {
        const char *text, *clear; /* NULL: no base64 */
    } base64[] = { { "", "" },
                   { "Zg==", "f" },
                   { "Zg", "f" },
                   { "Zm8=", "fo" },
                   { "Zm9v", "foo" },
                   { "Zm9vYg", "foob" },
                   { "+/+/", "\xfb\xff\xbf" },
                   { "Zg=", NULL },
                   { "Z", NULL },
                   { "Zm9v!", NULL },
                   { "Zm 9v", NULL },
                   { "-_-_", NULL },
                   { "Zg==Zg==", NULL } };
    for (size_t i = 0; i < sizeof base64 / sizeof *base64; i++) {
        char   clear[16];
        size_t n = 99;
        bool   ok = hash_unbase64(base64[i].text, clear, sizeof clear, &n);

        t_row = base64[i].text;
        CHECK(ok == (base64[i].clear != NULL));
        CHECK(!ok || (n == strlen(base64[i].clear) && !memcmp(clear, base64[i].clear, n)));
    }
    t_row = NULL;
    CHECK(!hash_unbase64("Zm9v", (char[2]){ 0 }, 2, &(size_t){ 0 })); /* no room */
}

static void
test_hash(void)
{
    struct arena    mem;
    struct err      e = ERR_INIT;
    struct hash_key key = { { 1, 2, 3 } }, other = { { 9 } };
    uint8_t         sha[32];
    char            hex[65], *text = NULL;

    arena_init(&mem, 1 << 20);
    CHECK_I(hash_crc32c(0, "123456789", 9), 0xe3069283); /* RFC 3720 B.4 */
    CHECK_I(hash_crc32c(hash_crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
    hash_sha256("abc", 3, sha);
    hash_hex(sha, 32, hex);
    CHECK_S(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hash_unhex(hex, sha, 32) && !hash_unhex("zz", sha, 1) && !hash_unhex("aab", sha, 1));

    struct hash_id a = hash_pseudonym(&key, (const char *const[]){ "account", "crm", "ann" }, 3);
    struct hash_id b = hash_pseudonym(&key, (const char *const[]){ "account", "crma", "nn" }, 3);
    struct hash_id c = hash_pseudonym(&other, (const char *const[]){ "account", "crm", "ann" }, 3);
    CHECK(!hash_equal(&a, &b, sizeof a) && !hash_equal(&a, &c, sizeof a));

    struct hash_mac begun, ann, bob;
    hash_mac_init(&begun, &key);
    hash_mac_add(&begun, "account\0crm", 12);
    ann = bob = begun;
    hash_mac_add(&bob, "bob", 4);
    hash_mac_add(&ann, "an", 2);
    hash_mac_add(&ann, "n", 2);
    struct hash_id in_steps = hash_mac_end(&ann), of_bob = hash_mac_end(&bob);
    CHECK(hash_equal(&a, &in_steps, sizeof a) && !hash_equal(&a, &of_bob, sizeof a));

    uint8_t *box = hash_seal(&key, "segreto", 7, &mem);
    CHECK(hash_open(&key, box, 7 + HASH_BOX_MORE, &mem, &text, &e));
    CHECK_S(text, "segreto");
    CHECK(!hash_open(&other, box, 7 + HASH_BOX_MORE, &mem, &text, &e));
    box[30] ^= 1;
    CHECK(!hash_open(&key, box, 7 + HASH_BOX_MORE, &mem, &text, &e));
    CHECK(!hash_open(&key, box, 3, &mem, &text, &e));
    arena_free(&mem);
}

static bool
collect(void *to, const void *bytes, size_t n, struct err *e)
{
    (void)e;
    str_addn(to, bytes, n);
    return true;
}

static void
test_zip(void)
{
    struct arena mem;
    struct err   e = ERR_INIT;
    const void  *gz = NULL;
    size_t       n = 0, big = 200000;
    struct str   out;

    arena_init(&mem, 8 << 20);
    char *text = arena_alloc(&mem, big);
    for (size_t i = 0; i < big; i++)
        text[i] = (char)('a' + i % 7);
    CHECK(zip_gzip(&mem, 6, text, big, &gz, &n, &e) && n < 5000);

    struct zip_in *z = zip_in_new(big);
    str_init(&out, &mem);
    for (size_t i = 0; i < n; i++) /* a byte at a time, as the worst network would */
        if (!CHECK(zip_in_push(z, (const char *)gz + i, 1, collect, &out, &e)))
            break;
    CHECK(zip_in_end(z, &e));
    CHECK(out.n == big && memcmp(out.p, text, big) == 0);
    zip_in_close(z);

    z = zip_in_new(big - 1);
    CHECK(!zip_in_push(z, gz, n, collect, &out, &e));
    CHECK_I(e.code, ERR_TOO_LARGE);
    zip_in_close(z);

    z = zip_in_new(big);
    CHECK(zip_in_push(z, gz, n / 2, collect, &out, &e) && !zip_in_end(z, &e));
    zip_in_close(z);

    z = zip_in_new(big);
    CHECK(!zip_in_push(z, "this is no gzip at all", 22, collect, &out, &e));
    CHECK_I(e.code, ERR_INVALID);
    zip_in_close(z);
    arena_free(&mem);
}

int
main(void)
{
    T_RUN(test_err);
    T_RUN(test_arena);
    T_RUN(test_budget);
    T_RUN(test_str);
    T_RUN(test_base64);
    T_RUN(test_hash);
    T_RUN(test_zip);
    return t_end();
}
