/* decide.c - the pilot's verdict: nine rules in order, the first that matches. */
#include "collaudo/gate.h"

#include <string.h>

typedef __int128 wide;

static const struct {
    int         exit_code;
    const char *name;
} verdicts[GATE_VERDICT_COUNT] = {
#define X(verdict, exit_code, name) [verdict] = { exit_code, name },
    GATE_VERDICTS(X)
#undef X
};

static const struct {
    bool decided;
    int  halves;
} worth[GATE_STATE_COUNT] = {
#define X(state, decided, halves, name) [state] = { decided, halves },
    GATE_STATES(X)
#undef X
};

const char *
gate_verdict_name(enum gate_verdict v)
{
    return verdicts[v].name;
}

int
gate_verdict_exit(enum gate_verdict v)
{
    return verdicts[v].exit_code;
}

bool
gate_verdict_find(const char *name, enum gate_verdict *ret)
{
    for (int v = 0; v < GATE_VERDICT_COUNT; v++)
        if (strcmp(verdicts[v].name, name) == 0) {
            *ret = (enum gate_verdict)v;
            return true;
        }
    return false;
}

static int64_t
weight_of(const struct gate_case *c)
{
    return c->weight < 0 ? 0 : c->weight > GATE_WEIGHT_MAX ? GATE_WEIGHT_MAX : c->weight;
}

static bool
is_must(const struct gate_case *c)
{
    return c->must && c->state != GATE_OBSERVE;
}

/* How many musts stand in one of the states of a bit set. */
static size_t
musts(const struct gate_question *q, unsigned states)
{
    size_t n = 0;

    for (size_t i = 0; i < q->n; i++)
        n += is_must(&q->cases[i]) && (states >> q->cases[i].state & 1);
    return n;
}

#define IN(state) (1u << (state))
#define ANY_STATE (~0u)

static bool
breached(const struct gate_question *q, bool stop_only)
{
    for (size_t i = 0; i < q->guards_n; i++)
        if (q->guards[i].state == GATE_GUARD_BREACHED && (q->guards[i].stop || !stop_only))
            return true;
    return false;
}

static void
weigh(const struct gate_question *q, struct gate_answer *a)
{
    for (size_t i = 0; i < q->n; i++) {
        const struct gate_case *c = &q->cases[i];
        int64_t                 w = weight_of(c);

        if (c->state == GATE_OBSERVE)
            continue;
        a->coverage.den += w;
        if (!worth[c->state].decided)
            continue;
        a->coverage.num += w;
        a->score.num += w * worth[c->state].halves;
        a->score.den += w * 2;
    }
}

/* At least the mark; never when nothing was weighed. */
static bool
reaches(struct gate_share s, int64_t mark_e4)
{
    return s.den > 0 && (wide)s.num * 10000 >= (wide)mark_e4 * s.den;
}

/* --- the rules ------------------------------------------------------------------------- */

static bool
broken_evidence(const struct gate_question *q, const struct gate_answer *a)
{
    (void)a;
    return q->broken;
}

static bool
empty_gate(const struct gate_question *q, const struct gate_answer *a)
{
    (void)a;
    return musts(q, ANY_STATE) == 0;
}

static bool
must_missed(const struct gate_question *q, const struct gate_answer *a)
{
    (void)a;
    return musts(q, IN(GATE_NOT_MET)) > 0 || breached(q, true);
}

/* A waived must is settled by people; when all are, nothing is left that must be met. */
static bool
must_unknown(const struct gate_question *q, const struct gate_answer *a)
{
    (void)a;
    return musts(q, IN(GATE_NO_DATA) | IN(GATE_INSUFFICIENT) | IN(GATE_UNSOUND)) > 0 ||
           musts(q, IN(GATE_WAIVED)) == musts(q, ANY_STATE);
}

static bool
too_little_decided(const struct gate_question *q, const struct gate_answer *a)
{
    return a->score.den == 0 || !reaches(a->coverage, q->min_coverage_e4);
}

static bool
must_borderline(const struct gate_question *q, const struct gate_answer *a)
{
    (void)a;
    return musts(q, IN(GATE_BORDERLINE)) > 0;
}

static bool
good_score(const struct gate_question *q, const struct gate_answer *a)
{
    return reaches(a->score, q->go_e4) && !breached(q, false);
}

static bool
fair_score(const struct gate_question *q, const struct gate_answer *a)
{
    return reaches(a->score, q->conditional_e4);
}

static bool
otherwise(const struct gate_question *q, const struct gate_answer *a)
{
    (void)q;
    (void)a;
    return true;
}

/* clang-format off */
static const struct {
    bool            (*matches)(const struct gate_question *, const struct gate_answer *);
    enum gate_verdict verdict;
} rules[] = { /* GATE.md section 3; the first is rule 1 */
    { broken_evidence,    GATE_INVALID },
    { empty_gate,         GATE_INVALID },
    { must_missed,        GATE_NO_GO },
    { must_unknown,       GATE_INCONCLUSIVE },
    { too_little_decided, GATE_INCONCLUSIVE },
    { must_borderline,    GATE_INCONCLUSIVE },
    { good_score,         GATE_GO },
    { fair_score,         GATE_GO_WITH_CONDITIONS },
    { otherwise,          GATE_NO_GO },
};
/* clang-format on */

static bool
hopeless(const struct gate_question *q)
{
    for (size_t i = 0; i < q->n; i++)
        if (is_must(&q->cases[i]) && q->cases[i].impossible && q->cases[i].state != GATE_WAIVED)
            return true;
    return breached(q, true);
}

struct gate_answer
gate_decide(const struct gate_question *q)
{
    struct gate_answer a = { .rule = 0 };
    int                i = 0;

    weigh(q, &a);
    while (!rules[i].matches(q, &a))
        i++;
    a.provisional = rules[i].verdict;
    a.provisional_rule = i + 1;
    if (q->final) {
        a.verdict = a.provisional;
        a.rule = a.provisional_rule;
    } else if (a.provisional_rule > 2 && hopeless(q)) {
        a.verdict = GATE_NO_GO;
        a.rule = 3;
    } else {
        a.verdict = GATE_INCONCLUSIVE;
        a.rule = 0;
    }
    return a;
}
