/* journal_t.h - what the tests of the journal share: directories, records whose bytes
 * follow from their number, appending and waiting, reading all. */
#ifndef JOURNAL_T_H
#define JOURNAL_T_H

#include "t.h"

#include "collaudo/journal.h"

#include <semaphore.h>

/* The format, written down a second time on purpose (src/journal/format.c). */
#define JT_HEAD ((size_t)4096)
#define JT_RECORD_HEAD ((size_t)32)

/* A path that does not exist yet, in a fresh directory of its own; from malloc.
 * `fast`: in memory if the machine has such a place, for tests that open thousands of times. */
char *jt_dir(bool fast);
void  jt_remove(char *dir); /* with everything in it; frees */

int jt_files(const char *dir, const char *end); /* names in it that end so */

/* Small segments, no limits that get in the way. */
struct journal_opts jt_opts(const char *dir, size_t segment_bytes);
struct journal     *jt_open(const struct journal_opts *o); /* ends the program when it cannot */

/* Record number `seq` of thread `lane`: at least 8 bytes, mostly a few hundred, sometimes
 * more than `most` / 2. The buffer has `most` bytes. */
size_t jt_make(uint32_t lane, uint32_t seq, size_t most, unsigned char *buf);
/* Is it such a record, unchanged? */
bool jt_parse(const void *p, size_t n, size_t most, uint32_t *ret_lane, uint32_t *ret_seq);

struct jt_answer {
    sem_t    come;
    bool     ok;
    uint64_t after;
};

void jt_answer_init(struct jt_answer *a);
void jt_done(void *answer, bool ok, uint64_t after); /* a journal_done */
/* Appends and waits; true when it is durable. ret_after may be NULL. */
bool jt_append(struct journal *j, const void *p, size_t n, uint64_t *ret_after);

/* Appends records lane/from .. lane/to - 1, one group each. */
void jt_fill(struct journal *j, uint32_t lane, uint32_t from, uint32_t to, size_t most);

/* Reads from `position` to the end. Checks that they are lane/from, lane/from + 1 ...;
 * returns how many there were, or -1 after a failed check or a fault (in *e). */
int jt_read_all(struct journal *j, uint64_t position, uint32_t lane, uint32_t from, size_t most,
                struct err *e);

/* How many records there are from `position` on, whatever they are; -1 after a fault. */
int jt_count(struct journal *j, uint64_t position);

#endif
