/* gate_help.h - a record of the gate made by hand, for the tests of its words. */
#ifndef GATE_HELP_H
#define GATE_HELP_H

#include "phrases.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define NB "\xc2\xa0" /* no-break space */

/* One arena for all: emptied, or as it is. */
struct arena *help_mem(void);
struct arena *help_same_mem(void);

struct help_gate {
    struct charter_criterion rule[4];
    struct gate_criterion    c[4];
    struct gate_guard        guard[2];
    struct gate_problem      problem[2];
    struct gate_source       source[1];
    struct pilot             pilot;
    struct gate_record       r;
};

/* A frozen pilot (2 March to 30 May 2026, marks of GATE.md) without criteria. *m must stay
 * where it is. */
void help_gate(struct help_gate *m);

/* One more criterion: sustained_users, target 70 %, floor 50 %, num of den people. */
struct gate_criterion *help_add(struct help_gate *m, const char *id, bool must, int64_t weight,
                                enum gate_state state, int64_t num, int64_t den);

/* The same pilot on a day of April. */
void help_running(struct help_gate *m);

void help_conclude(struct help_gate *m, struct arena *a);

#endif
