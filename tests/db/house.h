/* house.h - a small house for tests of the way in: a fresh database with one pilot, a vault, a
 * journal in a folder of its own, and a worker when it is wanted.
 *
 *     struct house h = house_make();
 *     house_send(&h, "crm", "[{...}]");    taken, durable
 *     house_work(&h);                      a worker loads and counts everything
 *     house_drop(&h);
 *
 * Workspace 1, pilot 1 (Europe/Rome, 2 March to 30 May 2026), sources crm 1, billing 2,
 * tickets 3. The clock stands at HOUSE_NOW. A failure in here ends the program. */
#ifndef HOUSE_H
#define HOUSE_H

#include "collaudo/worker.h"

#include "pg.h"

#define HOUSE_NOW INT64_C(1773136800000000) /* 2026-03-10T10:00:00Z */

struct house {
    struct pg              pg;
    char                   dir[64];
    struct vault          *vault;
    struct journal        *journal;
    struct ingest_sources *sources;
    struct ingest_ledger  *ledger;
    struct worker         *worker;
    struct worker_opts     opts; /* change before house_start() */
    usec_t                 now;  /* received of what is sent */
    struct ingest_intake   in;   /* the last one; its arena is `mem` */
    struct arena           mem;
    size_t                 received, accepted, rejected; /* sums */
};

struct house house_make(void);
void         house_drop(struct house *h);

/* Opens what another process (or house_leave) left: same database, same folder. */
struct house house_join(const struct pg *pg, const char *dir);
void         house_leave(struct house *h); /* closes all, keeps database and folder */

/* Taken and appended to the journal; returns when it is durable. */
void house_send(struct house *h, const char *source, const char *body);
void house_sendn(struct house *h, const char *source, const void *body, size_t n);
void house_beat(struct house *h, const char *source, const char *body);
/* An array of events e<from> .. e<to - 1> of seven days and twenty people; `word` is their
 * action, by which their content differs. From malloc. */
char *house_events(int from, int to, const char *word);
void  house_send_many(struct house *h, const char *source, int from, int to, const char *word);
/* "select count(*) from " and what follows. */
int64_t house_count(struct house *h, const char *what);
/* Any bytes as a record. */
void house_append(struct house *h, const void *record, size_t n);
/* Frames collected with ingest_frames_add(). */
void house_import(struct house *h, const char *source, bool replay, struct ingest_frames *f);

void house_start(struct house *h); /* the worker */
void house_stop(struct house *h);
void house_work(struct house *h); /* starts it if need be, and waits until it has settled */

struct worker_stats house_stats(struct house *h);
/* The sum of what was told to senders is the sum of what became of it. */
void house_conserved(struct house *h);

#endif
