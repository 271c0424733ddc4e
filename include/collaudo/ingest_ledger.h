/* ingest_ledger.h - conservation: what the doors took is what the loader brought, source by
 * source, and what waits between them.
 *
 *   taken     noted when a request is durable, before its sender is answered
 *   brought   noted when the loader's transaction is committed
 *   waiting   taken and not brought, in items (events, refused ones, heartbeats)
 *
 * Taken and brought are counted by different hands, and what really waits stands in the
 * journal: ingest_ledger_check() counts it there and compares. Counts are those of this
 * process; what an earlier one left in the journal is counted from the journal once
 * (ingest_ledger_begin()). Any thread; nothing here blocks but for reading the journal.
 */
#ifndef COLLAUDO_INGEST_LEDGER_H
#define COLLAUDO_INGEST_LEDGER_H

#include "collaudo/ingest.h"
#include "collaudo/journal.h"

struct ingest_ledger;

/* NULL: no memory. The journal outlives it; nothing has been appended to it yet. */
struct ingest_ledger *ingest_ledger_new(struct journal *j);
void                  ingest_ledger_close(struct ingest_ledger *l);
AUTO_DEFINE_STRUCT(ingest_ledger, ingest_ledger_close)

/* A request is durable; `after` as journal_done was told, in its order. */
void ingest_ledger_take(struct ingest_ledger *l, const struct ingest_intake *in, uint64_t after);

/* What became of the items of one source in one transaction. */
struct ingest_brought {
    int64_t  workspace, source;
    uint64_t loaded;      /* events stored */
    uint64_t duplicates;  /* events that were there */
    uint64_t quarantined; /* refused at the door or when loading */
    uint64_t reread;      /* lines imported before */
    uint64_t heartbeats;
    uint64_t skipped; /* the source is gone */
};

/* The journal is in the database up to `after`. */
void ingest_ledger_bring(struct ingest_ledger *l, const struct ingest_brought *b, size_t n,
                         uint64_t after);

/* Where the database stands, as the loader reads it when it connects. When that is not where
 * the ledger thought it was (the first time; an older copy; a transaction whose end was not
 * seen), what waits is to be counted anew: ingest_ledger_begin(). */
void ingest_ledger_stands(struct ingest_ledger *l, uint64_t position);

/* Counts what waits from the journal, when that is due; else does nothing. `stop` is asked now and
 * then: true gives up. False: it could not be read, and is due still. */
bool ingest_ledger_begin(struct ingest_ledger *l, bool (*stop)(void *ctx), void *ctx);

/* Items that wait, of all sources. False: not known (yet). */
bool ingest_ledger_waiting(struct ingest_ledger *l, uint64_t *ret);

/* When something of a source was taken last in this process; 0: not yet. */
usec_t ingest_ledger_heard(struct ingest_ledger *l, int64_t workspace, int64_t source);

enum ingest_balance {
    INGEST_BALANCE_UNKNOWN, /* not counted: too much waits, or the journal cannot be read */
    INGEST_BALANCE_EVEN,
    INGEST_BALANCE_OFF, /* items were lost or doubled between journal and loader: */
};

/* Compares with what stands in the journal, if that is at most `most` bytes. OFF: *ret_why says
 * for which source and by how many. */
enum ingest_balance ingest_ledger_check(struct ingest_ledger *l, uint64_t most, char ret_why[240]);

/* Everything by source, as Prometheus text. Sources that are gone are told by their number. */
void ingest_ledger_metrics(struct ingest_ledger *l, struct ingest_sources *sources,
                           struct str *out);

#endif
