/* journal.h - the local durable log: whoever was answered is on the disk.
 *
 * Records are bytes of the caller's. journal_append() takes one and returns at once; its
 * journal_done function is called when the record is durable (fdatasync has returned),
 * together with all others that came while the disk was busy: one write and one sync per
 * group, however many there are. A loader reads the records in the order of their
 * positions and says how far they have reached the database; what is loaded and older
 * than `keep` is deleted.
 *
 * Position: a uint64_t that counts bytes of records (their heads included) since the
 * journal began. A reader starts at the position behind the last record that is safe in
 * the database; that number belongs into the same transaction as the data. 0 is the
 * start of a new journal.
 *
 * The promises:
 *   acknowledged  done(ok = true) => the record survives kill -9 and power cut, and is
 *                 read back once, unchanged, in order of acknowledgement.
 *   refused       done(ok = false), or journal_append() false => no promise; the client is
 *                 to send it again. (It may turn up after a crash all the same.)
 *   damage        acknowledged bytes that changed or vanished are never skipped:
 *                 journal_open() or journal_read() fails, names segment and offset, and
 *                 leaves the files as they are.
 *   a disk that does not sync: the process aborts. What fdatasync() could not write may
 *                 be gone from memory too, so that trying again would acknowledge nothing.
 *   a full disk:  shows only when a segment is created; appends are refused, what is
 *                 acknowledged stays readable, and it goes on by itself when space returns.
 *
 * In the directory: <base position, 16 hex digits>.seg, zero-filled before use;
 * `spare`, the next one; `lock`, which also holds the journal's UUID and epoch; *.tmp, unfinished.
 * The format stands in src/journal/format.c.
 */
#ifndef COLLAUDO_JOURNAL_H
#define COLLAUDO_JOURNAL_H

#include "collaudo/auto.h"
#include "collaudo/err.h"
#include "collaudo/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of one record at most: a request of 32 MiB always fits, encoded. A record that
 * is larger than a segment gets a segment of its own size. */
#define JOURNAL_MAX_RECORD ((size_t)64 << 20)
#define JOURNAL_UUID_LEN 37 /* buffer for journal_uuid() */

typedef struct journal        journal; /* the short names are for AUTO() */
typedef struct journal_reader journal_reader;

struct journal_opts {
    const char *dir;           /* made with mode 0700 if missing; its parent must exist */
    size_t      segment_bytes; /* 8 KiB .. 1 GiB */
    usec_t      keep;          /* a loaded segment stays this long after its last record */
    uint64_t    max_backlog;   /* durable or queued, but not loaded: ERR_BUSY from here on */
    uint64_t    min_free;      /* bytes free on the disk: ERR_BUSY below */
    size_t      max_queue;     /* bytes in memory that wait for the disk: ERR_BUSY above */
    uint64_t    check_bytes;   /* newest bytes of segments whose every record is checked at
                                * open; of older ones the heads (and all when read) */
    usec_t (*now)(void);       /* the wall clock; tests set another */
};

/* 16 MiB, 7 days, 16 GiB, 1 GiB, 256 MiB, 2 GiB, time_now(). */
struct journal_opts journal_defaults(const char *dir);

/* Recovers what a stop of any kind left behind, and goes on from there. Call hash_init()
 * before. Does not need free disk space: a full disk shows in journal_append().
 * ERR_INVALID: options out of range. ERR_CONFLICT: another instance has it open, or files of
 * another journal are among ours. ERR_IO: acknowledged data is damaged or missing. */
must_check bool journal_open(const struct journal_opts *opts, struct journal **ret, struct err *e);

/* Takes no more records (ERR_BUSY), finishes and answers the queued ones, and lets every
 * journal_wait() return from now on. Reading and journal_loaded() go on. Call it from one
 * thread, never from a journal_done function. Calling it twice does nothing more. */
void journal_stop(struct journal *j);

/* journal_stop(), answers who still waits in journal_when_loaded() with false, joins the
 * threads and frees. Close readers first. */
void journal_close(struct journal *j);
AUTO_DEFINE(journal, journal_close)

/* The journal's name, made with it: "01234567-89ab-...". Fixed for its whole life. */
void journal_uuid(const struct journal *j, char ret[JOURNAL_UUID_LEN]);

/* --- one writer ------------------------------------------------------------------
 *
 * The lock keeps two processes of one machine apart. It does not keep apart a directory and
 * its copy, or two machines with one disk: for that the database counts epochs. The journal
 * only remembers the epoch under which its last records were written, durably, and takes no
 * more when it is told that there is a newer one. */

/* The epoch it remembers; 0: none yet. */
uint64_t journal_epoch(const struct journal *j);

/* Remembers it: durable when it returns, or, in a journal without a record, before its first
 * one. To be called before the first record is appended. ERR_IO. */
must_check bool journal_set_epoch(struct journal *j, uint64_t epoch, struct err *e);

/* Was it left open by a machine that is not this one, or before this one was started again? On a
 * disk that two machines share, whose locks do not reach from one to the other, that machine may
 * still be writing. Known until journal_set_epoch(), which notes this machine; closing takes the
 * note away. */
bool journal_was_elsewhere(const struct journal *j);

/* No more records (ERR_FENCED) until it is opened again; those taken before are still
 * answered and can be read. Calling it again changes nothing. */
void journal_fence(struct journal *j);

/* --- writing: any thread ------------------------------------------------------ */

/* Called on the journal's own thread, in order, without a lock held: be quick, do not
 * block. `after` is the position behind the record (0 unless ok); the record is in the
 * database once journal_loaded() has been told that or more. */
typedef void journal_done(void *ctx, bool ok, uint64_t after);

/* Copies the payload and returns at once; then calls done exactly once. On failure done is
 * never called. ERR_BUSY: back-pressure, disk full or stopping, with the reason in words.
 * ERR_FENCED: another instance goes on with this journal.
 * ERR_TOO_LARGE: above JOURNAL_MAX_RECORD. ERR_NOMEM. */
must_check bool journal_append(struct journal *j, const void *payload, size_t len,
                               journal_done *done, void *ctx, struct err *e);

/* --- reading: any thread, each reader one thread at a time --------------------- */

uint64_t journal_first(struct journal *j);         /* oldest position that can be read */
uint64_t journal_durable(const struct journal *j); /* behind the last durable record */

struct journal_record {
    uint64_t    position; /* where it begins */
    uint64_t    after;    /* where the next one begins */
    const void *payload;  /* NULL: there is nothing more now */
    size_t      len;      /* may be 0 */
};

/* From `position` on: 0, journal_first() or the `after` of a record. ERR_CONFLICT: older
 * than the journal keeps, or beyond its end (the database knows more than the journal: one
 * of them is an older copy). */
must_check bool journal_reader_open(struct journal *j, uint64_t position,
                                    struct journal_reader **ret, struct err *e);
void            journal_reader_close(struct journal_reader *r);
AUTO_DEFINE(journal_reader, journal_reader_close)

/* The next durable record. Its payload belongs to the reader and is valid until the next
 * call with the same reader. ERR_IO: a durable record cannot be read (and stays so: the
 * reader does not move on). ERR_CONFLICT: it was deleted meanwhile. ERR_NOMEM. */
must_check bool journal_read(struct journal_reader *r, struct journal_record *ret, struct err *e);

/* Blocks until something beyond `position` is durable: true. False: nothing came within
 * `timeout`, or the journal is stopping. */
bool journal_wait(struct journal *j, uint64_t position, usec_t timeout);

/* --- the database has it -------------------------------------------------------- */

/* Everything before `position` (at most journal_durable()) is committed in the database.
 * Until the first call nothing is deleted, and back-pressure counts from where the journal
 * was opened. It may go back, when the database is an older copy. */
void journal_loaded(struct journal *j, uint64_t position);

/* loaded = false: the journal was closed before. */
typedef void journal_when(void *ctx, bool loaded);

/* Calls fn once everything before `after` is loaded: on the thread that calls
 * journal_loaded(), or before returning when that has been said already. ERR_NOMEM. */
must_check bool journal_when_loaded(struct journal *j, uint64_t after, journal_when *fn, void *ctx,
                                    struct err *e);

/* --- figures ---------------------------------------------------------------------- */

struct journal_stats {
    uint64_t first, durable, loaded; /* positions; loaded = first until it is known */
    bool     loaded_known;
    uint64_t backlog;      /* durable - loaded, bytes */
    uint64_t queued;       /* bytes that wait for the disk */
    uint64_t records;      /* acknowledged since open */
    uint64_t bytes;        /* their payloads */
    uint64_t failed;       /* answered with ok = false */
    uint64_t refused;      /* not taken by journal_append(): ERR_BUSY, ERR_FENCED */
    uint64_t groups;       /* = syncs of data */
    usec_t   sync_time;    /* their sum and the longest */
    usec_t   sync_longest; /* */
    uint64_t switches;     /* segments begun */
    usec_t   switch_time;  /* time the records waited for that */
    uint64_t deleted;      /* segments */
    uint64_t segments;     /* there are */
    uint64_t free_bytes;   /* on the disk, at most about a second old */
    bool     no_segment;   /* none could be made: disk full or worse */
    uint64_t epoch;        /* remembered */
    bool     fenced;       /* journal_fence() was called */
    bool     torn;         /* open found a torn tail, as after a crash in a write */
};

void journal_stats(struct journal *j, struct journal_stats *ret);

#endif
