/* worker.h - the clockwork behind the doors: what is durable gets loaded, what is loaded gets
 * counted.
 *
 * Three threads, each with a connection of its own (role DB_LOADER):
 *
 *   loader   reads the journal in batches and brings each into PostgreSQL in one transaction,
 *            which also moves the journal's position there: exactly once, however often it is
 *            stopped. Repeated events are counted, conflicting and refused ones quarantined.
 *   rollup   takes days marked dirty and has collaudo.rollup_days() count them again.
 *   audit    once a minute: is everything that was taken loaded or waiting, and is everything
 *            that was counted as loaded stored? (RELIABILITY.md section 1, rule 10)
 *
 * Nothing here stops for good while the database is away: they try again, at most every 5 s.
 *
 * Counted since the start of the process, in what senders were told is accepted:
 *   accepted = loaded + duplicates + conflicts + refused + reread + skipped + heartbeats + backlog
 */
#ifndef COLLAUDO_WORKER_H
#define COLLAUDO_WORKER_H

#include "collaudo/ingest_ledger.h"
#include "collaudo/journal.h"

typedef struct worker worker; /* the short name is for AUTO() */

struct worker_opts {
    const char           *conninfo;    /* the loader's role must be reachable by SET ROLE */
    struct journal       *journal;     /* outlives the worker */
    struct vault         *vault;       /* outlives the worker */
    struct ingest_ledger *ledger;      /* of what the doors take; outlives the worker. NULL: none */
    size_t                batch_rows;  /* items in one transaction; 0: 10,000 */
    size_t                batch_bytes; /* 0: 8 MiB; one record may be larger */
    size_t                recent;      /* ids remembered to know repetitions; 0: 262,144 */
    usec_t                rollup_pause; /* between two rounds; 0: 2 s */
    usec_t                audit_pause;  /* between two looks; 0: one minute */
    usec_t (*now)(void);                /* the wall clock; NULL: time_now() */
};

/* Makes a new journal known to the database, before its first event is accepted, and takes an
 * epoch: from now on nobody else goes on with it. When another instance did so since this one's
 * last start, or the directory is an older copy, the journal is fenced instead (the log says
 * what to do), and the worker only loads what is this instance's alone.
 * ERR_CONFLICT: the journal holds events and the database has never heard of it, so it is the
 * wrong one. Without `take` no epoch is taken, and nothing may be appended: for those who only
 * look, beside another instance that goes on. */
must_check bool worker_introduce(const char *conninfo, struct journal *j, bool take, usec_t now,
                                 struct err *e);

/* Does not wait for the database. ERR_NOMEM. */
must_check bool worker_start(const struct worker_opts *o, struct worker **ret, struct err *e);

/* Ends all threads after the transaction they are in. What is not loaded stays in the
 * journal. NULL is fine. */
void worker_stop(struct worker *w);
AUTO_DEFINE(worker, worker_stop)

/* Waits until all that was durable when called is loaded, and no day is dirty. False: not
 * within `timeout`. */
bool worker_settled(struct worker *w, usec_t timeout);

/* Days became dirty by another hand (an account was assigned): do not wait for the next look. */
void worker_nudge(struct worker *w);

/* Why the loader cannot go on without help. */
enum worker_fault {
    WORKER_FINE,
    WORKER_GAP,    /* a piece of the journal that is not loaded is missing */
    WORKER_DAMAGE, /* a durable record cannot be read or makes no sense */
    WORKER_STUCK,  /* anything else, such as a PostgreSQL without disk space: nothing is lost */
};

struct worker_stats {
    uint64_t          position; /* of the journal, in the database */
    bool              position_known;
    uint64_t          backlog;        /* bytes durable but not loaded */
    uint64_t          backlog_events; /* items in them, as far as they are counted */
    usec_t            lag;            /* age of the oldest record that waits; 0: none does */
    uint64_t          records;        /* loaded, and of their items: */
    uint64_t          loaded;         /* events stored */
    uint64_t          duplicates;     /* events that were there */
    uint64_t          quarantined;    /* refused before the journal */
    uint64_t          conflicts;      /* quarantined at load: id_conflict */
    uint64_t          refused;        /* quarantined at load: store_refused */
    uint64_t          reread;         /* accepted events of lines imported before */
    uint64_t          reread_bad;     /* quarantined items of lines imported before */
    uint64_t          heartbeats;
    uint64_t          skipped;     /* accepted events of sources that are gone */
    uint64_t          skipped_bad; /* quarantined items of such */
    uint64_t          batches;     /* transactions committed */
    uint64_t          slow;        /* of those, looked up because an id was there already */
    uint64_t          failures;    /* transactions lost and tried again */
    uint64_t          rollups, rollup_days, rollup_failures;
    bool              fenced; /* another instance goes on with the journal */
    enum worker_fault fault;
    char              why[240];       /* in words, while there is a fault */
    uint64_t          audits;         /* looks that could tell */
    bool              unbalanced;     /* the last of them found something lost or doubled: */
    char              imbalance[240]; /* what */
};

void worker_stats(struct worker *w, struct worker_stats *ret);

/* The journal position of the record that brought an event, found by reading what the journal
 * still keeps; gives up (ERR_TIMEOUT) after `patience`. ERR_NOT_FOUND: no kept record has it. */
must_check bool worker_find(struct journal *j, int64_t workspace, int64_t source,
                            const char *event_id, usec_t received, usec_t patience,
                            uint64_t *ret_position, struct err *e);

#endif
