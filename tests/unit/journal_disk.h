/* journal_disk.h - the files of a journal in the hands of a test: spoilt, put back, and
 * what opening says to it. */
#ifndef JOURNAL_DISK_H
#define JOURNAL_DISK_H

#include "journal_t.h"

#define JD_MOST ((size_t)2000) /* bytes of a record */

struct jd_file {
    char           path[400];
    unsigned char *p;
    size_t         n;
    uint64_t       base; /* from its name */
};

const char *jd_path(const char *dir, const char *name);        /* good until the next but one */
void        jd_put(const char *path, const void *p, size_t n); /* the whole file */
/* Some bytes in place, as the disk would. */
void jd_poke(const char *path, size_t at, const void *p, size_t n);

/* The segments in order; free with jd_drop(). */
struct jd_file *jd_take(const char *dir, size_t *ret_n);
void            jd_drop(struct jd_file *all, size_t n);
/* Puts every segment back as it was and removes others that appeared. */
void jd_restore(const char *dir, const struct jd_file *all, size_t n);
bool jd_untouched(const char *dir, const struct jd_file *all, size_t n);

/* Offset in the file of the byte behind the last record, and of the last record itself.
 * Trusts the file. */
size_t jd_end(const struct jd_file *f, size_t *ret_last);

/* A directory with records 0 .. n - 1 of lane 1, each a group of its own, closed cleanly. */
struct journal_opts jd_filled(char **ret_dir, size_t segment_bytes, uint32_t n);

/* Checks that opening is refused with this code and these words. */
bool jd_refused(const struct journal_opts *o, enum err_code code, const char *words);
/* Checks that it opens and has records 0 .. n - 1 of lane 1 and nothing else; closes. */
bool jd_whole(const struct journal_opts *o, int n);

#endif
