/* worker_int.h - what the files of worker share. */
#ifndef WORKER_INT_H
#define WORKER_INT_H

#include "collaudo/db.h"
#include "collaudo/ingest_record.h"
#include "collaudo/worker.h"

#include <pthread.h>

/* --- the worker ------------------------------------------------------------------- */

struct worker {
    struct worker_opts opts; /* with the defaults filled in; texts are copies */
    char              *conninfo;
    struct hash_id     journal_id;
    uint64_t           begins; /* where the journal ended when it was opened: ours come after */
    pthread_t          loader, rollup, audit;

    pthread_mutex_t lock;
    pthread_cond_t  changed; /* any of what follows */
    /* under lock */
    bool                stop;
    bool                rollup_due;   /* some day is dirty */
    uint64_t            clean_wanted; /* tickets of those who wait for a clean state */
    uint64_t            clean_given;
    usec_t              waiting_since; /* received of the oldest record in the loader's hands */
    struct worker_stats stats;
};

void *worker_loader(void *w);
void *worker_rollup(void *w);
void *worker_audit(void *w);

struct hash_id worker_journal_id(const struct journal *j);

bool worker_stopping(struct worker *w);
/* Sleeps; false: the worker is stopping. */
bool worker_pause(struct worker *w, usec_t how_long);

/* --- recent.c: ids seen lately ------------------------------------------------------- */

struct recent_entry {
    uint64_t       key; /* of source and id; 0: free */
    struct hash_id hash;
    uint32_t       batch, row; /* where it was put */
};

struct recent_table {
    struct recent_entry *slots;
    size_t               n, used; /* n: a power of two */
};

/* The newest ids, in two generations: when the young one is full, the old one is forgotten. */
struct recent {
    struct recent_table young, old;
};

must_check bool worker_recent_init(struct recent *r, size_t ids, struct err *e);
void            worker_recent_free(struct recent *r);
void            worker_recent_reset(struct recent *r);
uint64_t        worker_recent_key(int64_t workspace, int64_t source, struct event_text id);
/* The entry of this key, or NULL. */
struct recent_entry *worker_recent_find(struct recent *r, uint64_t key);
void worker_recent_put(struct recent *r, uint64_t key, const struct hash_id *hash, uint32_t batch,
                       uint32_t row);

/* --- batch.c: what one transaction brings ---------------------------------------------- */

enum outcome {
    ROW_LOAD,      /* event to be stored; in the end: stored */
    ROW_DUPLICATE, /* it is there */
    ROW_CONFLICT,  /* another event has its id */
    ROW_REFUSED,   /* the database does not take it */
    ROW_BAD,       /* quarantined before the journal */
    ROW_REREAD,    /* a line imported before */
    ROW_HEARTBEAT,
    ROW_SKIPPED, /* its source is gone */
};

struct row {
    enum outcome              outcome;
    bool                      in_batch; /* decided against another row of this batch */
    unsigned                  source;   /* index into batch.sources */
    uint64_t                  key;      /* event: worker_recent_key() */
    struct ingest_record_item item;
};

#define BATCH_SOURCES 256

struct batch_source {
    int64_t                 workspace, id;
    bool                    known; /* it exists */
    int64_t                 pilot;
    const struct time_zone *zone;
    int32_t                 end;         /* last day of the pilot's window */
    usec_t                  frozen_from; /* what comes later for a day of it is in no figure */
};

struct batch {
    uint64_t            from, after; /* positions */
    usec_t              received;    /* of its first record */
    uint64_t            records;
    bool                cut; /* a fault lies behind it, which the reader has passed */
    struct row         *rows;
    size_t              n, cap;
    struct batch_source sources[BATCH_SOURCES];
    unsigned            sources_n;
    uint32_t            serial;
    struct arena        mem; /* the records' bytes, and all that one attempt needs */
};

void worker_batch_free(struct batch *b);
/* Records from the reader until there is no more or the batch is full; n = 0: there was none.
 * Undecodable records are an error, never skipped. */
must_check bool worker_batch_fill(struct batch *b, const struct worker_opts *o,
                                  struct journal_reader *r, uint64_t from, struct err *e);

/* --- tally.c: what was delivered on which day -------------------------------------------- */

struct tally {
    unsigned source;
    int32_t  day;
    int16_t  reason;
    int64_t  loaded, duplicates, quarantined, reread;
};

/* Days by source and reason, small: linear probing in an arena. Zero it to begin. */
struct tallies {
    struct arena *mem;
    struct tally *list;
    size_t        n, cap;
    uint32_t     *slots; /* index + 1 */
    size_t        slots_n;
    size_t        last;
};

/* NULL: no memory. */
struct tally *worker_tally(struct tallies *t, unsigned source, int32_t day, int16_t reason);
/* By workspace, source, day, reason: every loader takes row locks in one order. */
void worker_tally_sort(struct tallies *t, const struct batch *b);

/* --- load.c, classify.c, write.c ------------------------------------------------------------ */

struct loader {
    struct worker         *w;
    struct db             *db;
    struct journal_reader *reader;
    struct recent          recent;
    struct batch           batch;
    unsigned               look_first; /* batches left that ask the database before they COPY */
    bool                   slow;       /* this batch had to look */
    bool                   reading;    /* what is done now is about the journal */
    bool                   unsure;     /* the end of this batch's transaction was not seen */
    bool                   lower;      /* the database knows an older epoch than we have */
    bool                   branched;   /* fenced: what is ours alone goes in under another name: */
    struct hash_id         branch;
    bool                   branch_told;
    usec_t                 looked; /* when the database was asked last who goes on */
    usec_t                 backoff;
    struct err             told; /* the fault logged last: each once */
};

/* --- fence.c: who goes on with the journal ------------------------------------------------ */

struct worker_row {
    int64_t position, epoch;
};

/* The journal's row, in the open transaction. ERR_CONFLICT: there is none. */
must_check bool worker_journal_row(struct db *db, const struct hash_id *id, bool lock,
                                   struct worker_row *ret, struct err *e);
/* The position, if we may still load under the name in use; l->lower is set when the database
 * is older than our epoch. ERR_FENCED: somebody has taken over. */
must_check bool worker_look(struct loader *l, bool lock, uint64_t *ret_position, struct err *e);
/* An older copy of the database learns of our epoch again; after a look with the lock. */
must_check bool worker_reassert(struct loader *l, struct err *e);
/* Fenced: no more events are taken; the next start_over() begins with the branch. */
void worker_fence(struct loader *l);
/* Makes the row of the branch, if we are on one. */
must_check bool worker_begin_branch(struct loader *l, struct err *e);

/* The batch in one transaction, position and all. *ret_dirty: some day was marked. */
must_check bool worker_load(struct loader *l, bool *ret_dirty, struct err *e);

/* Which sources there are, and that they stay while this transaction lasts. */
must_check bool worker_find_sources(struct loader *l, struct err *e);
/* Lines imported before become ROW_REREAD; the others are noted. */
must_check bool worker_find_lines(struct loader *l, struct err *e);
/* Repetitions and conflicts among what was seen lately. */
must_check bool worker_find_recent(struct loader *l, struct err *e);
/* The same by asking the database, for the rows [from, to) still to be loaded. */
must_check bool worker_find_stored(struct loader *l, size_t from, size_t to, struct err *e);

/* COPY into event, whatever the database refuses aside. */
must_check bool worker_write_events(struct loader *l, struct err *e);
must_check bool worker_write_quarantine(struct loader *l, struct err *e);
/* heard.c: when each source of the batch was heard. */
must_check bool worker_note_heard(struct loader *l, struct err *e);

#endif
