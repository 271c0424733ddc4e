/* vault.c - the keys of the pilots in files and in locked memory. See vault.h. */
#include "collaudo/vault.h"

#include "collaudo/auto.h"
#include "collaudo/str.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PATH_LEN 512
#define PAGE_BYTES 4096
#define BOX_LEN (HASH_KEY_LEN + HASH_BOX_MORE)

struct slot {
    int64_t         workspace, pilot; /* 0, 0: free */
    struct hash_key key;
};

/* Keys stay at their address while they are lent out, so the cache grows by pages of its own:
 * locked into memory (never swapped) and left out of core dumps. */
struct page {
    struct page *next;
    struct slot  slots[(PAGE_BYTES - sizeof(struct page *)) / sizeof(struct slot)];
};

#define SLOTS (sizeof(((struct page *)0)->slots) / sizeof(struct slot))

struct vault {
    pthread_mutex_t lock;
    char            dir[PATH_LEN - 128]; /* room for a file's name in PATH_LEN */
    struct page    *pages;
    struct slot    *installation;
};

/* --- files --------------------------------------------------------------------- */

static bool
write_all(int fd, const uint8_t *p, size_t n)
{
    while (n) {
        ssize_t got = write(fd, p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool
sync_dir(const char *dir, struct err *e)
{
    AUTO_FD fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return (fd >= 0 && fsync(fd) == 0) || err_errno(e, errno, "cannot sync %s", dir);
}

/* Exactly n bytes, of a file nobody else may read. ERR_NOT_FOUND when there is none. */
static bool
read_secret(const char *path, uint8_t *ret, size_t n, struct err *e)
{
    AUTO_FD     fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    uint8_t     more;

    if (fd < 0 && errno == ENOENT)
        return err_set(e, ERR_NOT_FOUND, "there is no key %s", path);
    if (fd < 0 || fstat(fd, &st))
        return err_errno(e, errno, "cannot read the key %s", path);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
        return err_set(e, ERR_INVALID, "the key %s is open to others: chmod 600 it", path);
    if (st.st_size != (off_t)n || read(fd, ret, n) != (ssize_t)n || read(fd, &more, 1) != 0)
        return err_set(e, ERR_INVALID, "the key %s is damaged: it must have %zu bytes", path, n);
    return true;
}

/* The file appears whole or not at all; when another process made it meanwhile, that one
 * stays (*ret_lost). */
static bool
write_secret(const struct vault *v, const char *path, const uint8_t *p, size_t n, bool *ret_lost,
             struct err *e)
{
    char     tmp[PATH_LEN];
    uint64_t nonce;
    bool     ok;

    hash_random(&nonce, sizeof nonce);
    snprintf(tmp, sizeof tmp, "%s/.new-%016llx", v->dir, (unsigned long long)nonce);
    AUTO_FD fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, errno, "cannot make a key in %s", v->dir);
    ok = write_all(fd, p, n) && fsync(fd) == 0 && link(tmp, path) == 0;
    *ret_lost = !ok && errno == EEXIST;
    if (!ok && !*ret_lost)
        err_errno(e, errno, "cannot write the key %s", path);
    unlink(tmp);
    return (ok || *ret_lost) && sync_dir(v->dir, e);
}

/* Reads a key's file, or makes it with these bytes; *p holds what stands in the file. */
static bool
read_or_make(const struct vault *v, const char *path, uint8_t *p, size_t n, struct err *e)
{
    bool lost = false;

    return write_secret(v, path, p, n, &lost, e) && (!lost || read_secret(path, p, n, e));
}

/* --- the cache ------------------------------------------------------------------ */

static struct slot *
find(const struct vault *v, int64_t workspace, int64_t pilot)
{
    for (struct page *p = v->pages; p; p = p->next)
        for (size_t i = 0; i < SLOTS; i++)
            if (p->slots[i].workspace == workspace && p->slots[i].pilot == pilot)
                return &p->slots[i];
    return NULL;
}

static struct slot *
free_slot(struct vault *v, struct err *e)
{
    struct slot *s = find(v, 0, 0);
    struct page *p;

    if (s)
        return s;
    p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        err_set(e, ERR_NOMEM, "no memory for keys");
        return NULL;
    }
    /* Where the limit on locked memory is 0 the key can still be used: best effort. */
    (void)!mlock(p, sizeof *p);
    (void)!madvise(p, sizeof *p, MADV_DONTDUMP);
    p->next = v->pages;
    v->pages = p;
    return &p->slots[0];
}

/* --- one vault --------------------------------------------------------------------- */

static bool
load_installation(struct vault *v, struct err *e)
{
    char         path[PATH_LEN];
    struct slot *s = free_slot(v, e);

    if (!s)
        return false;
    snprintf(path, sizeof path, "%s/installation.key", v->dir);
    s->workspace = s->pilot = -1; /* no pilot's */
    v->installation = s;
    if (read_secret(path, s->key.b, sizeof s->key.b, e))
        return true;
    if (e->code != ERR_NOT_FOUND)
        return false;
    *e = (struct err)ERR_INIT;
    hash_random(&s->key, sizeof s->key);
    return read_or_make(v, path, s->key.b, sizeof s->key.b, e);
}

bool
vault_open(const char *data_dir, struct vault **ret, struct err *e)
{
    struct vault *v = calloc(1, sizeof *v);

    if (!v)
        return err_set(e, ERR_NOMEM, "no memory for the vault");
    pthread_mutex_init(&v->lock, NULL);
    if ((size_t)snprintf(v->dir, sizeof v->dir, "%s/keys", data_dir) >= sizeof v->dir) {
        vault_close(v);
        return err_set(e, ERR_INVALID, "the path of the data directory is too long");
    }
    if (mkdir(v->dir, 0700) && errno != EEXIST) {
        err_errno(e, errno, "cannot make %s", v->dir);
        vault_close(v);
        return false;
    }
    if (!load_installation(v, e)) {
        vault_close(v);
        return false;
    }
    *ret = v;
    return true;
}

void
vault_close(struct vault *v)
{
    if (!v)
        return;
    for (struct page *p = v->pages, *next; p; p = next) {
        next = p->next;
        hash_wipe(p, sizeof *p);
        munmap(p, sizeof *p);
    }
    pthread_mutex_destroy(&v->lock);
    free(v);
}

static void
path_of(const struct vault *v, int64_t workspace, int64_t pilot, char path[PATH_LEN])
{
    snprintf(path, PATH_LEN, "%s/w%lld-p%lld.key", v->dir, (long long)workspace, (long long)pilot);
}

/* A new key, sealed and on disk; *box holds what stands there afterwards. */
static bool
make_box(const struct vault *v, const char *path, uint8_t box[BOX_LEN], struct arena *mem,
         struct err *e)
{
    struct hash_key fresh;
    uint8_t        *sealed;

    hash_random(&fresh, sizeof fresh);
    sealed = hash_seal(&v->installation->key, &fresh, sizeof fresh, mem);
    hash_wipe(&fresh, sizeof fresh);
    if (!sealed)
        return err_set(e, ERR_NOMEM, "no memory for a key");
    memcpy(box, sealed, BOX_LEN);
    return read_or_make(v, path, box, BOX_LEN, e);
}

static bool
open_box(struct vault *v, const char *path, bool make, struct slot *s, struct arena *mem,
         struct err *e)
{
    uint8_t box[BOX_LEN];
    char   *clear;

    if (!read_secret(path, box, sizeof box, e)) {
        if (e->code != ERR_NOT_FOUND || !make)
            return false;
        *e = (struct err)ERR_INIT;
        if (!make_box(v, path, box, mem, e))
            return false;
    }
    if (!hash_open(&v->installation->key, box, sizeof box, mem, &clear, e))
        return err_wrap(e, "the key %s", path);
    memcpy(s->key.b, clear, sizeof s->key.b);
    hash_wipe(clear, sizeof s->key.b);
    return true;
}

static bool
key_locked(struct vault *v, int64_t workspace, int64_t pilot, bool make,
           const struct hash_key **ret, struct err *e)
{
    struct slot *s = find(v, workspace, pilot);
    char         path[PATH_LEN];
    struct arena mem;
    bool         ok;

    if (s) {
        *ret = &s->key;
        return true;
    }
    if (!(s = free_slot(v, e)))
        return false;
    path_of(v, workspace, pilot, path);
    arena_init(&mem, 1 << 16);
    ok = open_box(v, path, make, s, &mem, e);
    arena_free(&mem);
    if (!ok)
        return false;
    s->workspace = workspace;
    s->pilot = pilot;
    *ret = &s->key;
    return true;
}

bool
vault_key(struct vault *v, int64_t workspace, int64_t pilot, bool make, const struct hash_key **ret,
          struct err *e)
{
    bool ok;

    pthread_mutex_lock(&v->lock);
    ok = key_locked(v, workspace, pilot, make, ret, e);
    pthread_mutex_unlock(&v->lock);
    return ok;
}

/* Overwriting is a courtesy to disks that write in place; what counts is that no copy of the
 * key was ever anywhere else. */
static bool
shred(const char *path, struct err *e)
{
    AUTO_FD fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    uint8_t noise[BOX_LEN];

    if (fd < 0 && errno == ENOENT)
        return err_set(e, ERR_NOT_FOUND, "there is no key %s", path);
    hash_random(noise, sizeof noise);
    if (fd < 0 || !write_all(fd, noise, sizeof noise) || fsync(fd) || unlink(path))
        return err_errno(e, errno, "cannot destroy the key %s", path);
    return true;
}

bool
vault_destroy(struct vault *v, int64_t workspace, int64_t pilot, struct err *e)
{
    char         path[PATH_LEN];
    struct slot *s;
    bool         ok;

    path_of(v, workspace, pilot, path);
    pthread_mutex_lock(&v->lock);
    ok = shred(path, e) && sync_dir(v->dir, e);
    s = find(v, workspace, pilot);
    if (ok && s)
        hash_wipe(s, sizeof *s);
    pthread_mutex_unlock(&v->lock);
    return ok;
}

/* --- pseudonyms ------------------------------------------------------------------------ */

struct hash_id
vault_account(const struct hash_key *key, const char *source, const char *identifier, size_t n,
              struct arena *mem)
{
    const char *folded = str_fold(mem, identifier, n);

    return hash_pseudonym(key, (const char *[]){ "account", source, folded ? folded : "" }, 3);
}

struct hash_id
vault_person(const struct hash_key *key, const char *identifier, size_t n, struct arena *mem)
{
    const char *folded = str_fold(mem, identifier, n);

    return hash_pseudonym(key, (const char *[]){ "person", folded ? folded : "" }, 2);
}
