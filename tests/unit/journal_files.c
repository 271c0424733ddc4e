/* journal_files.c - segments that are cut, missing, foreign or misplaced, and leftovers. */
#include "journal_disk.h"

#include "collaudo/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)

static void
test_cut_files(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 100);
    size_t              n, last;
    struct jd_file     *f = jd_take(dir, &n);
    char                row[160];

    CHECK(n >= 3);
    for (size_t i = 0; i < n; i++) {
        size_t end = jd_end(&f[i], &last);

        for (size_t size = 0; size < f[i].n; size = size < last ? size + 509 : size + 1) {
            if (size > end + 40 && size < f[i].n - 1)
                size = f[i].n - 1;
            snprintf(row, sizeof row, "segment %zu cut to %zu bytes", i, size);
            t_row = row;
            CHECK(truncate(f[i].path, (off_t)size) == 0);
            jd_refused(&o, ERR_IO, size < JT_HEAD ? "is cut off" : "bytes instead of");
            jd_put(f[i].path, f[i].p, f[i].n);
        }
        t_row = "a byte too many";
        CHECK(truncate(f[i].path, (off_t)f[i].n + 1) == 0);
        jd_refused(&o, ERR_IO, "bytes instead of");
        jd_put(f[i].path, f[i].p, f[i].n);
    }
    t_row = NULL;
    CHECK(jd_whole(&o, 100));
    jd_drop(f, n);
    jt_remove(dir);
}

static void
test_missing_files(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 100);
    size_t              n;
    struct jd_file     *f = jd_take(dir, &n);
    struct err          e = ERR_INIT;
    struct journal     *j;

    for (size_t i = 1; i < n; i++) { /* also when no record is looked at */
        o.check_bytes = i % 2 ? UINT64_MAX : 0;
        unlink(f[i].path);
        jd_refused(&o, ERR_IO, i + 1 == n ? "goes on in it" : "a segment is missing");
        jd_restore(dir, f, n);
    }
    unlink(f[0].path); /* as if deleted when it was loaded and old: the database knows */
    j = jt_open(&o);
    CHECK_I(journal_first(j), f[1].base);
    CHECK_I(jt_read_all(j, 0, 1, 0, JD_MOST, &e), -1);
    CHECK_I(e.code, ERR_CONFLICT);
    journal_close(j);
    for (size_t i = 1; i < n; i++)
        unlink(f[i].path);
    jd_refused(&o, ERR_IO, "all segments are missing");
    jd_restore(dir, f, n);
    CHECK(jd_whole(&o, 100));
    jd_drop(f, n);
    jt_remove(dir);
}

static void
test_wrong_files(void)
{
    char               *dir, *other;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 100), o2 = jd_filled(&other, 8 * KIB, 100);
    size_t              n, n2;
    struct jd_file     *f = jd_take(dir, &n), *f2 = jd_take(other, &n2);

    CHECK_I(n, n2); /* the same records: they differ in the UUID alone */
    for (size_t i = 0; i < n; i++) {
        jd_put(f[i].path, f2[i].p, f2[i].n);
        jd_refused(&o, ERR_CONFLICT, "belongs to another journal");
        jd_put(f[i].path, f[i].p, f[i].n);
    }
    jd_restore(dir, f2, 0); /* all segments of the other one, in the directory of this one */
    for (size_t i = 0; i < n2; i++)
        jd_put(f[i].path, f2[i].p, f2[i].n);
    jd_refused(&o, ERR_CONFLICT, "belongs to another journal");
    unlink(jd_path(dir, "lock")); /* without a name of its own it is simply that journal */
    CHECK(jd_whole(&o, 100));
    unlink(jd_path(dir, "lock"));
    jd_restore(dir, f, n);
    CHECK(jd_whole(&o, 100)); /* and the lock file was written again */
    char *lock = t_file(jd_path(dir, "lock"), NULL);
    CHECK_I(strlen(lock), JOURNAL_UUID_LEN + 21 + 37); /* epoch and boot */
    free(lock);

    jd_put(f[1].path, f[2].p, f[2].n); /* two segments change places */
    jd_put(f[2].path, f[1].p, f[1].n);
    jd_refused(&o, ERR_IO, "was renamed");
    jd_restore(dir, f, n);
    jd_put(jd_path(dir, "12.seg"), "x", 1);
    jd_refused(&o, ERR_IO, "is not a name of a segment");
    unlink(jd_path(dir, "12.seg"));
    jd_put(jd_path(dir, "00000000000FFFFF.seg"), f[1].p, f[1].n);
    jd_refused(&o, ERR_IO, "is not a name of a segment");
    unlink(jd_path(dir, "00000000000FFFFF.seg"));
    jd_put(jd_path(dir, "lock"), "what is this?", 13);
    CHECK(jd_whole(&o, 100));
    jd_drop(f, n);
    jd_drop(f2, n2);
    jt_remove(dir);
    jt_remove(other);
    (void)o2;
}

/* The epoch, and which machine has it open, over stops of every kind. */
static void
test_epoch_and_machine(void)
{
    static const char   other[] = "01234567-89ab-cdef-0123-456789abcdef";
    char               *dir = jt_dir(true);
    struct journal_opts o = jt_opts(dir, 8 * KIB);
    struct journal     *j = jt_open(&o);
    struct err          e = ERR_INIT;
    struct jt_answer    a;

    CHECK_I(journal_epoch(j), 0);
    CHECK(journal_set_epoch(j, 7, &e)); /* before there is a name in the lock file */
    jt_fill(j, 1, 0, 3, 100);
    char *open_lock = t_file(jd_path(dir, "lock"), NULL);
    CHECK(journal_set_epoch(j, UINT64_MAX, &e));
    CHECK(!journal_was_elsewhere(j));
    journal_close(j);
    j = jt_open(&o);
    CHECK(journal_epoch(j) == UINT64_MAX && !journal_was_elsewhere(j));
    journal_close(j);

    jd_put(jd_path(dir, "lock"), open_lock, strlen(open_lock)); /* as a kill leaves it */
    j = jt_open(&o);
    CHECK(journal_epoch(j) == 7 && !journal_was_elsewhere(j));
    journal_close(j);
    memcpy(open_lock + JOURNAL_UUID_LEN + 21, other, 36);
    jd_put(jd_path(dir, "lock"), open_lock, strlen(open_lock));
    j = jt_open(&o);
    CHECK(journal_epoch(j) == 7 && journal_was_elsewhere(j));
    journal_close(j); /* without an epoch of ours nothing is noted */
    j = jt_open(&o);
    CHECK(journal_was_elsewhere(j) && journal_set_epoch(j, 8, &e));
    journal_fence(j);
    jt_answer_init(&a);
    CHECK(!journal_append(j, "x", 1, jt_done, &a, &e));
    CHECK_I(e.code, ERR_FENCED);
    CHECK_I(jt_count(j, 0), 3); /* read as before */
    journal_close(j);
    jd_put(jd_path(dir, "lock"), open_lock, JOURNAL_UUID_LEN); /* of a program before epochs */
    j = jt_open(&o);
    CHECK(journal_epoch(j) == 0 && !journal_was_elsewhere(j));
    jt_fill(j, 1, 3, 5, 100);
    journal_close(j);
    free(open_lock);
    jt_remove(dir);
}

static void
test_leftovers(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 20);
    size_t              n;
    struct jd_file     *f = jd_take(dir, &n);

    jd_put(jd_path(dir, "spare.tmp"), f->p, 5000);
    jd_put(jd_path(dir, "large.tmp"), "", 0);
    jd_put(jd_path(dir, "large"), f->p, f->n);
    jd_put(jd_path(dir, "spare"), f->p, f->n); /* with a head, as after a kill in a switch */
    jd_put(jd_path(dir, "README"), "not ours", 8);
    CHECK(jd_whole(&o, 20));
    CHECK(access(jd_path(dir, "spare.tmp"), F_OK) != 0);
    CHECK(access(jd_path(dir, "large.tmp"), F_OK) != 0);
    CHECK(access(jd_path(dir, "large"), F_OK) != 0);
    CHECK(access(jd_path(dir, "README"), F_OK) == 0);
    struct journal *j = jt_open(&o);
    jt_fill(j, 1, 20, 100, JD_MOST); /* the spare that is used is a fresh one */
    journal_close(j);
    CHECK(jd_whole(&o, 100));
    jd_drop(f, n);

    f = jd_take(dir, &n); /* a journal that is refused is left as it is, leftovers too */
    jd_put(jd_path(dir, "spare.tmp"), "x", 1);
    jd_poke(f[0].path, JT_HEAD + 3, "?", 1);
    jd_refused(&o, ERR_IO, "is damaged at offset 4096");
    CHECK(access(jd_path(dir, "spare.tmp"), F_OK) == 0);
    jd_drop(f, n);
    jt_remove(dir);
}

/* Beyond check_bytes only heads are looked at; what is wrong there shows when it is read. */
static void
test_damage_found_by_the_reader(void)
{
    char               *dir;
    struct journal_opts o = jd_filled(&dir, 8 * KIB, 100);
    size_t              n, last;
    struct jd_file     *f = jd_take(dir, &n);
    struct err          e = ERR_INIT;

    jd_end(&f[1], &last);
    unsigned char wrong = f[1].p[last + 33] ^ 4;
    jd_poke(f[1].path, last + 33, &wrong, 1);
    jd_refused(&o, ERR_IO, "is damaged at offset");
    o.check_bytes = 0;
    struct journal        *j = jt_open(&o);
    struct journal_reader *r = NULL;
    struct journal_record  rec = { .after = 0 };
    CHECK(journal_reader_open(j, 0, &r, &e));
    while (journal_read(r, &rec, &e) && rec.payload)
        continue;
    CHECK_I(e.code, ERR_IO);
    CHECK_I(rec.after, f[1].base + (last - JT_HEAD)); /* all before it was given */
    CHECK(strstr(e.text, "is damaged"));
    e = (struct err)ERR_INIT;
    CHECK(!journal_read(r, &rec, &e) && e.code == ERR_IO); /* it does not step over */
    jd_poke(f[1].path, last + 33, &f[1].p[last + 33], 1);
    journal_reader_close(r);
    CHECK_I(jt_read_all(j, 0, 1, 0, JD_MOST, &e), 100);
    journal_close(j);

    jd_poke(f[0].path, 100, "x", 1); /* heads are always looked at */
    jd_refused(&o, ERR_IO, "its head is not valid");
    jd_drop(f, n);
    jt_remove(dir);
}

int
main(void)
{
    log_init(LOG_ERROR);
    T_RUN(test_cut_files);
    T_RUN(test_missing_files);
    T_RUN(test_wrong_files);
    T_RUN(test_epoch_and_machine);
    T_RUN(test_leftovers);
    T_RUN(test_damage_found_by_the_reader);
    return t_end();
}
