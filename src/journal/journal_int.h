/* journal_int.h - what the files of the journal share. Locks: see struct journal. */
#ifndef JOURNAL_INT_H
#define JOURNAL_INT_H

#include "collaudo/journal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

/* --- format.c: bytes on the disk ------------------------------------------------- */

#define SEGMENT_HEAD ((size_t)4096) /* bytes before the first record */
#define RECORD_HEAD ((size_t)32)
#define MARK_SIZE RECORD_HEAD /* kept free at the end of a segment for the seal */
#define NO_SEGMENT UINT64_MAX /* "predecessor" of the first segment */
#define SEGMENT_NAME_LEN 32   /* buffer for journal_segment_name() */
#define SEGMENT_LEAST ((size_t)8 << 10)
#define SEGMENT_MOST ((size_t)1 << 30)

enum record_kind {
    RECORD_DATA, /* a payload of the caller's */
    RECORD_MARK, /* no record: "all before is durable"; the next group overwrites it */
    RECORD_SEAL, /* no record: "it goes on in the next segment" */
};

struct record_head {
    uint32_t magic;
    uint32_t len;      /* of the payload */
    uint64_t position; /* of this record */
    uint64_t group;    /* position of the first record of its group */
    uint32_t kind;
    uint32_t crc; /* of the payload, padding and the head so far, seeded with the UUID */
};

struct segment_head {
    char     magic[8];
    uint32_t version, head_bytes;
    uint8_t  uuid[16];
    uint64_t base;    /* position of the first record */
    uint64_t prev;    /* base of the segment before, or NO_SEGMENT */
    uint64_t bytes;   /* size of the file */
    usec_t   created; /* = when the segment before ended */
};

static inline size_t
journal_record_size(size_t len) /* head, payload, zeroes up to a multiple of 8 */
{
    return (RECORD_HEAD + len + 7) & ~(size_t)7;
}

uint32_t journal_seed(const uint8_t uuid[16]);
void     journal_head_make(struct record_head *h, uint32_t body_crc);

/* Is a whole record at p, where `room` bytes can be read and `position` is expected? */
bool journal_record_valid(uint32_t seed, const unsigned char *p, size_t room, uint64_t position,
                          struct record_head *ret);
/* Only what can be seen from the head: its size may then be trusted to be in bounds. */
bool journal_head_plausible(const struct record_head *h, uint64_t position);

void journal_segment_head_make(const struct segment_head *h, unsigned char ret[SEGMENT_HEAD]);
bool journal_segment_head_read(const unsigned char block[SEGMENT_HEAD], struct segment_head *ret);

void journal_segment_name(uint64_t base, char ret[SEGMENT_NAME_LEN]);
bool journal_segment_base(const char *name, uint64_t *ret_base);

/* --- the journal -------------------------------------------------------------------- */

struct segment {
    uint64_t base, prev, bytes;
    usec_t   created;
};

/* A record on its way to the disk. bytes[] is what will be written. */
struct entry {
    struct entry *next;
    journal_done *done;
    void         *ctx;
    uint64_t      after;
    size_t        size; /* of bytes[] */
    uint32_t      body_crc;
    _Alignas(8) unsigned char bytes[];
};

struct waiter {
    struct waiter *next;
    journal_when  *fn;
    void          *ctx;
    uint64_t       after;
};

enum spare_state {
    SPARE_WANTED, /* the keeper is to make one, or is at it */
    SPARE_READY,
    SPARE_FAILED, /* see no_spare; tried again every second */
};

#define GROUP_RECORDS 1000 /* below IOV_MAX */
#define GROUP_BYTES ((size_t)4 << 20)

/* Two threads of its own: the committer (commit.c) writes, syncs and answers; the keeper
 * (keeper.c) prepares the spare segment, deletes old ones and looks at the free space.
 * `lock` is never held over I/O or over a call of the caller's functions. */
struct journal {
    /* fixed once journal_open() has returned */
    struct journal_opts opts;
    char               *dir; /* for messages */
    int                 dirfd, lockfd;
    uint8_t             uuid[16];
    uint32_t            seed;
    uint64_t            opened_at; /* position at open: back-pressure before loaded_known */
    bool                torn, identified;
    bool                elsewhere; /* another machine left it open */
    bool                noted; /* the lock file names this machine as the one that has it open */

    pthread_t committer, keeper;
    bool      committer_runs, keeper_runs; /* touched by the opening and closing thread only */

    pthread_mutex_t lock;
    pthread_cond_t  work;   /* to the committer: something is queued, or stop */
    pthread_cond_t  spares; /* to the committer: `spare_state` changed */
    pthread_cond_t  chores; /* to the keeper */
    pthread_cond_t  more;   /* to journal_wait() */

    /* under `lock` */
    struct entry        *queue, **queue_end;
    size_t               queued; /* bytes not yet answered */
    bool                 idle, stopping, keeper_stop;
    bool                 fenced;
    unsigned             waiting; /* threads in journal_wait() */
    struct segment      *segments;
    size_t               segments_n, segments_cap;
    bool                 dropping; /* segments[0] is being deleted: it counts no more */
    size_t               room;     /* of the current segment, for records */
    enum spare_state     spare_state;
    int                  spare; /* its descriptor; -1 unless SPARE_READY */
    struct err           no_spare;
    uint64_t             loaded;
    bool                 loaded_known;
    struct waiter       *waiters;
    struct journal_stats sum; /* counters only; positions are filled in on demand */

    _Atomic uint64_t durable;
    _Atomic uint64_t epoch; /* in the lock file, once that holds the UUID */

    /* the committer's alone */
    int          fd; /* current segment, -1: none yet */
    uint64_t     base;
    bool         named;      /* the lock file holds the UUID */
    bool         marked;     /* a mark stands behind the last record */
    usec_t       complained; /* when a fault was logged last */
    struct iovec iov[GROUP_RECORDS];
};

/* --- segment.c: files ---------------------------------------------------------------- */

/* `name`, zero-filled and durable under its name; its descriptor. ERR_BUSY: disk full. */
must_check bool journal_segment_make(struct journal *j, const char *name, size_t bytes, int *ret_fd,
                                     struct err *e);
/* The zero-filled file gets its head and its name. ERR_BUSY: disk full. */
must_check bool journal_segment_claim(struct journal *j, int fd, const char *from,
                                      const struct segment *s, struct err *e);
/* Opens it (O_RDONLY or O_RDWR) and checks its head against ours; the first one read gives
 * a journal that is not yet `identified` its UUID. */
must_check bool journal_segment_open(struct journal *j, uint64_t base, int flags, int *ret_fd,
                                     struct segment *ret, struct err *e);
must_check bool journal_segment_delete(struct journal *j, uint64_t base, struct err *e);

/* All n bytes or false with errno. A short write on a full disk ends with ENOSPC. */
bool journal_pwrite(int fd, const void *p, size_t n, uint64_t at);
bool journal_pread(int fd, void *p, size_t n, uint64_t at); /* errno 0: the file ends before */

/* Data of the journal that cannot be made durable: says so and aborts. */
_Noreturn void journal_abort(const struct journal *j, const char *what, int no);

/* --- lock.c ---------------------------------------------------------------------------- */

must_check bool journal_dir_open(struct journal *j, struct err *e);
/* UUID and epoch in the lock file, if they are there yet: then the journal is `identified`. */
must_check bool journal_lock_read(struct journal *j, struct err *e);
must_check bool journal_lock_write(struct journal *j, struct err *e);
/* Takes the note away that this machine has it open. */
void journal_lock_leave(struct journal *j);

/* --- recover.c --------------------------------------------------------------------------- */

/* Fills uuid, segments, durable and the committer's part. */
must_check bool journal_recover(struct journal *j, struct err *e);
/* Room for one more in `segments`; call with the lock held or before the threads run. */
must_check bool journal_segments_reserve(struct journal *j, struct err *e);

/* --- commit.c, keeper.c, switch.c --------------------------------------------------------- */

void *journal_committer(void *j);
void *journal_keeper(void *j);
/* Makes the spare and says so; for open and keeper. */
void journal_spare_make(struct journal *j);
void journal_free_space(struct journal *j);
/* May the oldest segment be deleted? With the lock held. */
bool journal_oldest_is_done(const struct journal *j);
/* The current segment has room for `need` more bytes, by beginning a new one if need be. */
must_check bool journal_make_room(struct journal *j, size_t need, struct err *e);
/* Writes a mark or a seal behind the last record; not synced. */
void journal_mark(struct journal *j, enum record_kind kind);

void journal_deadline(usec_t from_now, struct timespec *ret); /* for pthread_cond_timedwait */

#endif
