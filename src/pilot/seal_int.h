/* seal_int.h - what sealing looks at, and the partition of the roster. */
#ifndef SEAL_INT_H
#define SEAL_INT_H

#include "collaudo/seal.h"
#include "collaudo/str.h"

#define SEAL_SPLIT_FROM 10     /* fewer people than this are shown as one total */
#define SEAL_TEAMLESS "-"      /* stands for "no team" in the code of a cell */
#define SEAL_MIN_MANAGERS 5    /* fewer are shown as "all" or "not all" */
#define SEAL_SUSTAINED_WEEKS 6 /* fewer eligible weeks: a person is not assessable */

struct seal_team {
    const char *team;   /* "": people without one */
    int64_t     people; /* who count */
    const char *cell;   /* set by seal_cells() */
};

/* The partition: teams merged until each cell has at least k people, the smallest into the next
 * smallest; "" for all when there is nothing to split. Pure; texts in `mem`. The cells' codes in
 * order, without "". */
void seal_cells(struct seal_team *teams, size_t n, int64_t k, struct arena *mem,
                const char *const **ret_cells, size_t *ret_n);

struct seal_source {
    const char *code;
    bool        live;  /* a key of it is in force */
    const char *types; /* what that key may send; "": everything */
};

struct seal_facts {
    const struct pilot     *p;
    const struct seal_opts *o;
    struct seal_source     *sources; /* a source with two keys is there twice */
    size_t                  sources_n;
    int64_t                 people, managers;
    int64_t                 weeks, judged, eligible; /* complete; after onboarding; of these with
                                                      * a working day */
    bool notice;
};

/* Sentences, in order of their finding. */
struct seal_texts {
    struct arena *mem;
    const char  **v;
    size_t        n, cap;
};

void seal_say(struct seal_texts *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Pure. */
void seal_judge(const struct seal_facts *f, struct seal_texts *problems,
                struct seal_texts *warnings);

#endif
