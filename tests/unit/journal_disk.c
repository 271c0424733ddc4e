/* journal_disk.c - see journal_disk.h. */
#include "journal_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- files --------------------------------------------------------------------------- */

const char *
jd_path(const char *dir, const char *name)
{
    static char path[2][400];
    static int  turn;

    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

void
jd_put(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");

    if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

/* Some bytes in place, as the disk would. */
void
jd_poke(const char *path, size_t at, const void *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || pwrite(fd, p, n, (off_t)at) != (ssize_t)n) {
        perror(path);
        exit(1);
    }
    close(fd);
}

static int
by_base(const void *a, const void *b)
{
    const struct jd_file *x = a, *y = b;

    return x->base < y->base ? -1 : x->base > y->base;
}

/* The segments in order; free with jd_drop(). */
struct jd_file *
jd_take(const char *dir, size_t *ret_n)
{
    DIR            *d = opendir(dir);
    struct dirent  *f;
    struct jd_file *all = calloc(256, sizeof *all);
    size_t          n = 0;

    while (d && (f = readdir(d)) && n < 256)
        if (strlen(f->d_name) == 20 && strcmp(f->d_name + 16, ".seg") == 0) {
            snprintf(all[n].path, sizeof all[n].path, "%s", jd_path(dir, f->d_name));
            all[n].p = (unsigned char *)t_file(all[n].path, &all[n].n);
            all[n].base = strtoull(f->d_name, NULL, 16);
            n++;
        }
    closedir(d);
    qsort(all, n, sizeof *all, by_base);
    *ret_n = n;
    return all;
}

void
jd_drop(struct jd_file *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(all[i].p);
    free(all);
}

/* Puts every segment back as it was and removes others that appeared. */
void
jd_restore(const char *dir, const struct jd_file *all, size_t n)
{
    size_t          have;
    struct jd_file *now = jd_take(dir, &have);

    for (size_t i = 0; i < have; i++)
        unlink(now[i].path);
    jd_drop(now, have);
    for (size_t i = 0; i < n; i++)
        jd_put(all[i].path, all[i].p, all[i].n);
}

bool
jd_untouched(const char *dir, const struct jd_file *all, size_t n)
{
    size_t          have;
    struct jd_file *now = jd_take(dir, &have);
    bool            same = have == n;

    for (size_t i = 0; same && i < n; i++)
        same = now[i].n == all[i].n && memcmp(now[i].p, all[i].p, all[i].n) == 0;
    jd_drop(now, have);
    return same;
}

/* --- opening --------------------------------------------------------------------------- */

bool
jd_refused(const struct journal_opts *o, enum err_code code, const char *words)
{
    struct err      e = ERR_INIT;
    struct journal *j = NULL;

    if (!CHECK(!journal_open(o, &j, &e))) {
        journal_close(j);
        return false;
    }
    bool same = CHECK_I(e.code, code);
    return CHECK(strstr(e.text, words)) && same;
}

/* Opens, finds records 0 .. n - 1 of lane 1 and nothing else; closes. */
bool
jd_whole(const struct journal_opts *o, int n)
{
    struct err      e = ERR_INIT;
    struct journal *j = NULL;

    if (!CHECK(journal_open(o, &j, &e))) {
        fprintf(stderr, "%s: %s\n", t_row ? t_row : "", e.text);
        return false;
    }
    bool same = CHECK_I(jt_read_all(j, 0, 1, 0, JD_MOST, &e), n);
    journal_close(j);
    return same;
}

/* A directory with n records of lane 1, each a group of its own, closed cleanly. */
struct journal_opts
jd_filled(char **ret_dir, size_t segment_bytes, uint32_t n)
{
    *ret_dir = jt_dir(true);

    struct journal_opts o = jt_opts(*ret_dir, segment_bytes);
    struct journal     *j = jt_open(&o);
    jt_fill(j, 1, 0, n, JD_MOST);
    journal_close(j);
    return o;
}

/* Offset in the file of the byte behind the last record (found by walking), and of the
 * last record itself. Trusts the file. */
size_t
jd_end(const struct jd_file *f, size_t *ret_last)
{
    size_t   at = JT_HEAD;
    uint32_t word[2], kind;

    *ret_last = at;
    for (;; at += (JT_RECORD_HEAD + word[1] + 7) / 8 * 8) {
        memcpy(word, f->p + at, sizeof word);
        memcpy(&kind, f->p + at + 24, sizeof kind);
        if (at + JT_RECORD_HEAD > f->n || !word[0] || kind != 0)
            return at;
        *ret_last = at;
    }
}
