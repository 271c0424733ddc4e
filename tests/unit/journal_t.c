/* journal_t.c - see journal_t.h. */
#include "journal_t.h"

#include "collaudo/hash.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
jt_dir(bool fast)
{
    const char *in = fast && access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    char        made[256];
    char       *path;

    snprintf(made, sizeof made, "%s/collaudo-journal.XXXXXX", in ? in : "/tmp");
    if (!mkdtemp(made) || asprintf(&path, "%s/journal", made) < 0) {
        perror(made);
        exit(1);
    }
    return path;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void
jt_remove(char *dir)
{
    *strrchr(dir, '/') = 0;
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(dir);
}

int
jt_files(const char *dir, const char *end)
{
    DIR           *d = opendir(dir);
    struct dirent *f;
    int            n = 0;

    while (d && (f = readdir(d))) {
        size_t k = strlen(f->d_name);

        n += k >= strlen(end) && strcmp(f->d_name + k - strlen(end), end) == 0;
    }
    closedir(d);
    return n;
}

struct journal_opts
jt_opts(const char *dir, size_t segment_bytes)
{
    struct journal_opts o = journal_defaults(dir);

    o.segment_bytes = segment_bytes;
    o.min_free = 0;
    return o;
}

struct journal *
jt_open(const struct journal_opts *o)
{
    struct err      e = ERR_INIT;
    struct journal *j;

    if (!journal_open(o, &j, &e)) {
        fprintf(stderr, "%s: %s\n", t_row ? t_row : "", e.text);
        exit(1);
    }
    return j;
}

/* --- records ---------------------------------------------------------------------- */

static uint64_t
mix(uint64_t x) /* splitmix64 */
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

size_t
jt_make(uint32_t lane, uint32_t seq, size_t most, unsigned char *buf)
{
    uint64_t r = mix((uint64_t)lane << 32 | seq);
    size_t   span = r % 16 == 0 ? most - 8 : most / 64;
    size_t   n = 8 + (span ? (r >> 8) % (span + 1) : 0);

    memcpy(buf, &lane, 4);
    memcpy(buf + 4, &seq, 4);
    for (size_t i = 8; i < n; i++) {
        if (i % 8 == 0)
            r = mix(r);
        buf[i] = (unsigned char)(r >> (i % 8 * 8));
    }
    return n;
}

bool
jt_parse(const void *p, size_t n, size_t most, uint32_t *ret_lane, uint32_t *ret_seq)
{
    static _Thread_local unsigned char want[65536]; /* no malloc: tests make that fail */

    uint32_t lane, seq;

    if (n < 8)
        return false;
    memcpy(&lane, p, 4);
    memcpy(&seq, (const char *)p + 4, 4);
    if (most > sizeof want)
        abort();
    bool same = jt_make(lane, seq, most, want) == n && memcmp(want, p, n) == 0;
    *ret_lane = lane;
    *ret_seq = seq;
    return same;
}

/* --- writing and reading ------------------------------------------------------------- */

void
jt_answer_init(struct jt_answer *a)
{
    *a = (struct jt_answer){ .ok = false };
    sem_init(&a->come, 0, 0);
}

void
jt_done(void *answer, bool ok, uint64_t after)
{
    struct jt_answer *a = answer;

    a->ok = ok;
    a->after = after;
    sem_post(&a->come);
}

bool
jt_append(struct journal *j, const void *p, size_t n, uint64_t *ret_after)
{
    struct err       e = ERR_INIT;
    struct jt_answer a;

    jt_answer_init(&a);
    if (!journal_append(j, p, n, jt_done, &a, &e))
        return false;
    while (sem_wait(&a.come) != 0)
        continue;
    if (a.ok && ret_after)
        *ret_after = a.after;
    return a.ok;
}

void
jt_fill(struct journal *j, uint32_t lane, uint32_t from, uint32_t to, size_t most)
{
    unsigned char *buf = malloc(most);

    for (uint32_t seq = from; seq < to; seq++)
        CHECK(jt_append(j, buf, jt_make(lane, seq, most, buf), NULL));
    free(buf);
}

int
jt_read_all(struct journal *j, uint64_t position, uint32_t lane, uint32_t from, size_t most,
            struct err *e)
{
    struct journal_reader *r = NULL;
    struct journal_record  rec;
    uint32_t               got_lane = 0, got_seq = 0;
    int                    n = 0;

    if (!journal_reader_open(j, position, &r, e))
        return -1;
    for (;; n++) {
        if (!journal_read(r, &rec, e)) {
            n = -1;
            break;
        }
        if (!rec.payload)
            break;
        if (!CHECK(jt_parse(rec.payload, rec.len, most, &got_lane, &got_seq)) ||
            !CHECK_I(got_lane, lane) || !CHECK_I(got_seq, from + (uint32_t)n)) {
            n = -1;
            break;
        }
    }
    journal_reader_close(r);
    return n;
}

int
jt_count(struct journal *j, uint64_t position)
{
    struct err             e = ERR_INIT;
    struct journal_reader *r = NULL;
    struct journal_record  rec;
    int                    n = 0;

    if (!journal_reader_open(j, position, &r, &e))
        return -1;
    while (journal_read(r, &rec, &e) && rec.payload)
        n++;
    journal_reader_close(r);
    return e.code ? -1 : n;
}
