/* vault.c - keys of pilots: kept, wrapped, damaged, destroyed, made by two at once. */
#include "t.h"

#include "collaudo/vault.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static void
fresh_dir(void)
{
    snprintf(dir, sizeof dir, "/tmp/vault-test.XXXXXX");
    if (!mkdtemp(dir))
        abort();
}

static const char *
file(const char *name)
{
    static char path[160];

    snprintf(path, sizeof path, "%s/keys/%s", dir, name);
    return path;
}

static void
remove_dir(void)
{
    char cmd[128];

    snprintf(cmd, sizeof cmd, "rm -r '%s'", dir);
    CHECK(system(cmd) == 0);
}

static void
put(const char *name, const void *p, size_t n, int mode)
{
    int fd;

    unlink(file(name));
    fd = open(file(name), O_WRONLY | O_CREAT | O_EXCL, mode);
    CHECK(fd >= 0 && write(fd, p, n) == (ssize_t)n);
    close(fd);
}

static void
test_keys_stay(void)
{
    struct vault          *v = NULL;
    const struct hash_key *a = NULL, *b = NULL, *again = NULL;
    struct hash_key        was;
    struct err             e = ERR_INIT;
    struct stat            st;

    fresh_dir();
    CHECK(vault_open(dir, &v, &e));
    CHECK(!vault_key(v, 1, 1, false, &a, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    e = (struct err)ERR_INIT;
    CHECK(vault_key(v, 1, 1, true, &a, &e) && vault_key(v, 1, 2, true, &b, &e));
    CHECK(vault_key(v, 1, 1, false, &again, &e));
    CHECK(a == again && memcmp(a, b, sizeof *a) != 0);
    was = *a;
    CHECK(stat(file(""), &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK(stat(file("w1-p1.key"), &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK_I(st.st_size, HASH_KEY_LEN + HASH_BOX_MORE);
    for (int i = 3; i < 400; i++) /* more than one page of the cache; addresses stay */
        CHECK(vault_key(v, 1, i, true, &b, &e));
    CHECK(vault_key(v, 1, 1, false, &again, &e) && again == a);
    CHECK(memcmp(&was, a, sizeof was) == 0);
    vault_close(v);

    CHECK(vault_open(dir, &v, &e));
    CHECK(vault_key(v, 1, 1, false, &a, &e));
    CHECK(memcmp(&was, a, sizeof was) == 0);
    CHECK(vault_destroy(v, 1, 1, &e));
    CHECK(stat(file("w1-p1.key"), &st) != 0);
    CHECK(!vault_key(v, 1, 1, false, &a, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    CHECK(!vault_destroy(v, 1, 1, &e));
    CHECK_I(e.code, ERR_NOT_FOUND);
    e = (struct err)ERR_INIT;
    CHECK(vault_key(v, 1, 1, true, &a, &e)); /* another key: the old one is gone for ever */
    CHECK(memcmp(&was, a, sizeof was) != 0);
    vault_close(v);
    remove_dir();
}

/* The clear key is nowhere in the files but the installation's own. */
static void
test_wrapped(void)
{
    struct vault          *v = NULL;
    const struct hash_key *a = NULL;
    struct err             e = ERR_INIT;
    size_t                 n;

    fresh_dir();
    CHECK(vault_open(dir, &v, &e) && vault_key(v, 7, 8, true, &a, &e));
    char *text = t_file(file("w7-p8.key"), &n);
    CHECK(!memmem(text, n, a->b, 8));
    free(text);
    vault_close(v);
    remove_dir();
}

static void
test_damage(void)
{
    static const struct {
        const char   *name, *what;
        int           mode;
        size_t        n;
        enum err_code code;
    } row[] = {
        { "installation.key", "too short", 0600, 31, ERR_INVALID },
        { "installation.key", "too long", 0600, 33, ERR_INVALID },
        { "installation.key", "another key", 0600, 32, ERR_INVALID },
        { "w1-p1.key", "too short", 0600, 71, ERR_INVALID },
        { "w1-p1.key", "other bytes", 0600, 72, ERR_INVALID },
    };
    static const uint8_t zero[128];

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct vault          *v = NULL;
        const struct hash_key *a = NULL;
        struct err             e = ERR_INIT;

        t_row = row[i].what;
        fresh_dir();
        CHECK(vault_open(dir, &v, &e) && vault_key(v, 1, 1, true, &a, &e));
        vault_close(v);
        umask(0);
        put(row[i].name, zero, row[i].n, row[i].mode);
        v = NULL;
        CHECK(!(vault_open(dir, &v, &e) && vault_key(v, 1, 1, true, &a, &e)));
        CHECK_I(e.code, row[i].code);
        vault_close(v);
        remove_dir();
    }
    struct vault *v = NULL;
    struct err    e = ERR_INIT;
    CHECK(!vault_open("/nowhere/at/all", &v, &e));
    CHECK_I(e.code, ERR_IO);
}

/* The right bytes, but anybody might have read them. */
static void
test_open_to_others(void)
{
    static const struct {
        const char *name;
        mode_t      mode;
    } row[] = { { "installation.key", 0604 },
                { "installation.key", 0640 },
                { "w1-p1.key", 0644 },
                { "w1-p1.key", 0610 } };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct vault          *v = NULL;
        const struct hash_key *a = NULL;
        struct err             e = ERR_INIT;

        t_row = row[i].name;
        fresh_dir();
        CHECK(vault_open(dir, &v, &e) && vault_key(v, 1, 1, true, &a, &e));
        vault_close(v);
        CHECK(chmod(file(row[i].name), row[i].mode) == 0);
        v = NULL;
        CHECK(!(vault_open(dir, &v, &e) && vault_key(v, 1, 1, true, &a, &e)));
        CHECK_I(e.code, ERR_INVALID);
        CHECK(strstr(e.text, "chmod 600"));
        vault_close(v);
        e = (struct err)ERR_INIT;
        CHECK(chmod(file(row[i].name), 0600) == 0);
        CHECK(vault_open(dir, &v, &e) && vault_key(v, 1, 1, false, &a, &e));
        vault_close(v);
        remove_dir();
    }
}

static void *
make_one(void *ret)
{
    struct vault          *v = NULL;
    const struct hash_key *k = NULL;
    struct err             e = ERR_INIT;

    if (vault_open(dir, &v, &e) && vault_key(v, 1, 1, true, &k, &e))
        memcpy(ret, k, sizeof *k);
    vault_close(v);
    return NULL;
}

/* Each thread is like a process of its own: a vault of its own over the same files. */
static void
test_two_at_once(void)
{
    enum { N = 8 };

    for (int round = 0; round < 10; round++) {
        pthread_t       t[N];
        struct hash_key key[N] = { { { 0 } } }, zero = { { 0 } };

        fresh_dir();
        for (int i = 0; i < N; i++)
            pthread_create(&t[i], NULL, make_one, &key[i]);
        for (int i = 0; i < N; i++)
            pthread_join(t[i], NULL);
        CHECK(memcmp(&key[0], &zero, sizeof zero) != 0);
        for (int i = 1; i < N; i++)
            CHECK(memcmp(&key[0], &key[i], sizeof zero) == 0);
        remove_dir();
    }
}

static void
test_pseudonyms(void)
{
    const struct hash_key k = { { 1 } }, other = { { 2 } };
    struct arena          mem;

    arena_init(&mem, 1 << 20);
    struct hash_id a = vault_account(&k, "crm", " U08@Azienda.example ", 21, &mem);
    struct hash_id b = vault_account(&k, "crm", "u08@azienda.example", 19, &mem);
    struct hash_id c = vault_account(&k, "erp", "u08@azienda.example", 19, &mem);
    struct hash_id d = vault_account(&other, "crm", "u08@azienda.example", 19, &mem);
    struct hash_id p = vault_person(&k, "U08@azienda.example", 19, &mem);
    struct hash_id q = vault_person(&k, "u08@azienda.example", 19, &mem);
    CHECK(memcmp(&a, &b, sizeof a) == 0 && memcmp(&p, &q, sizeof p) == 0);
    CHECK(memcmp(&b, &c, sizeof b) != 0 && memcmp(&b, &d, sizeof b) != 0);
    CHECK(memcmp(&b, &p, sizeof b) != 0);
    /* the parts cannot slide into one another */
    a = vault_account(&k, "cr", "mu", 2, &mem);
    b = vault_account(&k, "crm", "u", 1, &mem);
    CHECK(memcmp(&a, &b, sizeof a) != 0);
    arena_free(&mem);
}

int
main(void)
{
    T_RUN(test_keys_stay);
    T_RUN(test_wrapped);
    T_RUN(test_damage);
    T_RUN(test_open_to_others);
    T_RUN(test_two_at_once);
    T_RUN(test_pseudonyms);
    return t_end();
}
