/* journal_wrap.h - system calls of the journal that fail, stop short or hang on demand.
 *
 * The linker puts functions of ours in the place of the journal's calls (--wrap in
 * cmake/tests.cmake). What they are to do stands in memory shared with child processes,
 * so that a test can look at what happened in one that was aborted.
 */
#ifndef JOURNAL_WRAP_H
#define JOURNAL_WRAP_H

#include <stdatomic.h>
#include <stdbool.h>

/* clang-format off */
enum jw_call { JW_NONE, JW_OPENAT, JW_PREAD, JW_PWRITE, JW_PWRITEV, JW_FDATASYNC, JW_FSYNC,
               JW_RENAMEAT, JW_UNLINKAT, JW_MALLOC, JW_CALLOC, JW_REALLOC, JW_CALLS };
/* clang-format on */
extern const char *const jw_name[];

/* Instead of an errno: do only half of it; refuse what makes a file longer (ENOSPC); do all
 * of it and say ENOSPC. */
#define JW_SHORT (-1)
#define JW_FULL (-2)
#define JW_LATE (-3)
#define JW_RECORDS 4096

extern struct jw_shared {
    atomic_int  calls[JW_CALLS];
    atomic_int  fail_call, fail_nth, fail_how; /* set by jw_plan() */
    atomic_bool hit;                           /* it has come to that */
    atomic_bool hold_sync;                     /* fdatasync waits as long as this is set */
    atomic_uint syncing;                       /* fdatasyncs that do */
    atomic_int  steps_n;
    struct jw_step {
        atomic_ulong thread;
        atomic_char  what; /* see jw_steps() */
    } steps[512];
    atomic_bool acked[JW_RECORDS], sent[JW_RECORDS], loaded[JW_RECORDS]; /* for the tests */
} * jw;

void jw_init(void); /* first of all */

/* The nth call of this kind from now on (0: every one) fails with errno `how`. */
void jw_plan(enum jw_call c, int nth, int how);

/* What the given thread did to the disk since the last jw_clear(), a letter per step, zero-fill
 * and marks as one or none: z zero-fill, h head of a segment, W group, l lock file, S fdatasync
 * came back, f fsync of a file, d of a directory, n renamed to a segment, p renamed else,
 * u unlinked. */
const char *jw_steps(unsigned long thread);
/* The thread of the first step of this kind; 0: there is none. */
unsigned long jw_who(char what);
void          jw_clear(void);

#endif
