/* gate_force.c - the gate against brute force: a slow second reading of GATE.md that shares no
 * code with the first, in rationals, and every way the weeks to come can go. */
#include "t.h"

#include "collaudo/gate.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static uint64_t dice_state = 20260302;

static int64_t
dice(int64_t below)
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (int64_t)(dice_state % (uint64_t)below);
}

/* A rational in lowest terms, den > 0. */
struct ratio {
    __int128 p, q;
};

static struct ratio
ratio(__int128 p, __int128 q)
{
    __int128 a = p < 0 ? -p : p, b = q;

    while (b) {
        __int128 t = a % b;

        a = b;
        b = t;
    }
    return (struct ratio){ p / a, q / a };
}

static struct ratio
plus(struct ratio a, struct ratio b)
{
    return ratio(a.p * b.q + b.p * a.q, a.q * b.q);
}

/* <0, 0, >0 by the sign of the difference */
static int
order(struct ratio a, struct ratio b)
{
    struct ratio d = plus(a, (struct ratio){ -b.p, b.q });

    return d.p < 0 ? -1 : d.p > 0;
}

static bool
slow_meets(const struct charter_mark *m, int64_t num, int64_t den)
{
    int o = order(ratio(num, den), ratio(m->e4, 10000));

    return m->side == CHARTER_AT_LEAST ? o >= 0 : o <= 0;
}

/* Every way the open weeks could have gone (0 below, 1 at the floor, 2 at the target): the set
 * of states they lead to, as bits. */
static unsigned
futures(const struct charter_criterion *c, int at_target, int at_floor, int open)
{
    unsigned states = 0;

    if (!open) {
        if (at_target >= c->sustain_pass)
            return 1u << GATE_MET;
        return at_floor >= c->sustain_pass ? 1u << GATE_BORDERLINE : 1u << GATE_NOT_MET;
    }
    states |= futures(c, at_target, at_floor, open - 1);
    states |= futures(c, at_target, at_floor + 1, open - 1);
    states |= futures(c, at_target + 1, at_floor + 1, open - 1);
    return states;
}

static enum gate_state
slow_judge(const struct charter_criterion *c, const struct gate_figures *f)
{
    size_t  from = 0, heard = 0;
    int     at_target = 0, at_floor = 0, known = 0;
    int64_t num = 0, den = 0, least = 1;
    bool    by_week = f->weekly && c->sustain_of > 0;

    if (c->observe)
        return GATE_OBSERVE;
    if (f->waived)
        return GATE_WAIVED;
    if (!f->n)
        return GATE_INSUFFICIENT;
    least = c->min_n > least ? c->min_n : least;
    least = f->min_den > least ? f->min_den : least;
    if (by_week)
        from = (int64_t)f->n > c->sustain_of ? f->n - (size_t)c->sustain_of : 0;
    else if (f->weekly && c->weeks > 0)
        from = (int64_t)f->n > c->weeks ? f->n - (size_t)c->weeks : 0;
    for (size_t i = from; i < f->n; i++) {
        const struct gate_week *w = &f->week[i];

        if (w->no_data)
            continue;
        heard++;
        num += w->num;
        den += w->den;
        if (w->den < least)
            continue;
        known++;
        at_target += slow_meets(&c->target, w->num, w->den);
        at_floor += slow_meets(c->floor.given ? &c->floor : &c->target, w->num, w->den);
    }
    if (!heard)
        return GATE_NO_DATA;
    if ((int64_t)(f->weekly ? heard : (size_t)f->weeks_heard) < c->min_weeks)
        return GATE_INSUFFICIENT;
    if (by_week) {
        unsigned s = futures(c, at_target, at_floor, (int)c->sustain_of - known);

        if (!known)
            return GATE_INSUFFICIENT;
        if (s == 1u << GATE_MET)
            return GATE_MET;
        if (s == 1u << GATE_BORDERLINE)
            return GATE_BORDERLINE;
        return s == 1u << GATE_NOT_MET ? GATE_NOT_MET : GATE_INSUFFICIENT;
    }
    if (den < least)
        return GATE_INSUFFICIENT;
    if (slow_meets(&c->target, num, den))
        return GATE_MET;
    return c->floor.given && slow_meets(&c->floor, num, den) ? GATE_BORDERLINE : GATE_NOT_MET;
}

static struct charter_criterion
any_criterion(void)
{
    bool                     ge = dice(2);
    int64_t                  lo = dice(11) * 1000, hi = lo + dice(4) * 500;
    struct charter_criterion c = {
        .target = { true, ge ? CHARTER_AT_LEAST : CHARTER_AT_MOST, ge ? hi : lo },
        .floor = { dice(2), ge ? CHARTER_AT_LEAST : CHARTER_AT_MOST, ge ? lo : hi },
        .weeks = dice(4),
        .min_n = dice(3) ? 0 : dice(5),
        .min_weeks = dice(3) ? 0 : dice(4),
        .observe = dice(20) == 0,
    };

    if (dice(2)) {
        c.sustain_of = 1 + dice(4);
        c.sustain_pass = 1 + dice(c.sustain_of);
    }
    return c;
}

static size_t
any_weeks(struct gate_week *week, size_t most)
{
    size_t n = (size_t)dice((int64_t)most + 1);

    for (size_t i = 0; i < n; i++) {
        int64_t den = dice(7);

        week[i] = (struct gate_week){ .num = den ? dice(den + 1) : 0,
                                      .den = den,
                                      .no_data = dice(6) == 0 };
    }
    return n;
}

static void
test_judge_by_force(void)
{
    int seen[GATE_STATE_COUNT] = { 0 }, wrong = 0;

    for (int i = 0; i < 200000; i++) {
        struct charter_criterion c = any_criterion();
        struct gate_week         week[6];
        struct gate_figures      f = { .weekly = dice(3),
                                       .week = week,
                                       .min_den = dice(4),
                                       .weeks_heard = dice(5),
                                       .waived = dice(30) == 0 };
        enum gate_state          slow, fast;

        f.n = any_weeks(week, COUNT(week));
        slow = slow_judge(&c, &f);
        fast = gate_judge(&c, &f).state;
        seen[slow]++;
        wrong += slow != fast;
    }
    CHECK_I(wrong, 0);
    for (int s = 0; s < GATE_STATE_COUNT; s++)
        if (s != GATE_UNSOUND)
            CHECK(seen[s] > 1000);
}

/* The verdict from the text: collect every rule that holds, take the lowest. */
static int
slow_rule(const struct gate_question *q)
{
    struct ratio score = { 0, 1 }, decided = { 0, 1 }, total = { 0, 1 };
    int          musts = 0, in[GATE_STATE_COUNT] = { 0 };
    bool         holds[10] = { false }, stop = false, any = false;

    for (size_t i = 0; i < q->n; i++) {
        const struct gate_case *c = &q->cases[i];
        struct ratio            w = { c->weight, 1 };

        if (c->state == GATE_OBSERVE)
            continue;
        if (c->must) {
            musts++;
            in[c->state]++;
        }
        total = plus(total, w);
        if (c->state > GATE_NOT_MET)
            continue;
        decided = plus(decided, w);
        if (c->state == GATE_MET)
            score = plus(score, w);
        if (c->state == GATE_BORDERLINE)
            score = plus(score, ratio(c->weight, 2));
    }
    for (size_t i = 0; i < q->guards_n; i++) {
        any = any || q->guards[i].state == GATE_GUARD_BREACHED;
        stop = stop || (q->guards[i].state == GATE_GUARD_BREACHED && q->guards[i].stop);
    }
    holds[1] = q->broken;
    holds[2] = !musts;
    holds[3] = in[GATE_NOT_MET] || stop;
    holds[4] =
        in[GATE_NO_DATA] || in[GATE_INSUFFICIENT] || in[GATE_UNSOUND] || in[GATE_WAIVED] == musts;
    holds[5] = !decided.p || order(ratio(decided.p, total.p), ratio(q->min_coverage_e4, 10000)) < 0;
    holds[6] = in[GATE_BORDERLINE];
    if (decided.p) {
        struct ratio s = ratio(score.p * decided.q, score.q * decided.p);

        holds[7] = order(s, ratio(q->go_e4, 10000)) >= 0 && !any;
        holds[8] = order(s, ratio(q->conditional_e4, 10000)) >= 0;
    }
    for (int i = 1; i < 9; i++)
        if (holds[i])
            return i;
    return 9;
}

static void
test_rules_by_force(void)
{
    static const enum gate_verdict of_rule[] = {
        GATE_INVALID,      GATE_INVALID,      GATE_INVALID,
        GATE_NO_GO,        GATE_INCONCLUSIVE, GATE_INCONCLUSIVE,
        GATE_INCONCLUSIVE, GATE_GO,           GATE_GO_WITH_CONDITIONS,
        GATE_NO_GO,
    };
    int seen[10] = { 0 }, wrong = 0;

    for (int i = 0; i < 300000; i++) {
        struct gate_case     cases[5];
        struct gate_guard    guards[2];
        struct gate_question q = { .broken = dice(12) == 0,
                                   .cases = cases,
                                   .n = (size_t)dice(6),
                                   .guards = guards,
                                   .guards_n = (size_t)dice(3),
                                   .go_e4 = dice(21) * 500,
                                   .conditional_e4 = dice(21) * 500,
                                   .min_coverage_e4 = dice(21) * 500,
                                   .final = true };
        int64_t              kind = dice(8); /* mostly met: the late rules want that */

        for (size_t k = 0; k < q.n; k++)
            cases[k] = (struct gate_case){
                .must = dice(2),
                .weight = dice(6),
                .state = kind && dice(5) ? (enum gate_state)dice(2)
                                         : (enum gate_state)dice(GATE_STATE_COUNT),
            };
        for (size_t k = 0; k < q.guards_n; k++)
            guards[k] = (struct gate_guard){ .stop = dice(3) == 0,
                                             .state = (enum gate_guard_state)dice(3) };

        struct gate_answer a = gate_decide(&q);
        int                slow = slow_rule(&q);
        seen[slow]++;
        wrong += a.rule != slow || a.verdict != of_rule[slow];
    }
    CHECK_I(wrong, 0);
    for (int r = 1; r < 10; r++)
        CHECK(seen[r] > 1000);
}

/* Every way the open weeks can go: does some way meet the target, does some way miss it? A way
 * that counts nobody is neither. */
static void
ways(const struct charter_criterion *c, const struct gate_figures *f,
     const struct gate_future *next, struct gate_week *all, size_t i, bool *some, bool *miss)
{
    if (i == next->total) {
        struct charter_criterion plain = *c;
        struct gate_figures      end = { .weekly = true, .week = all, .n = next->total };
        enum gate_state          s;

        plain.floor.given = false;
        s = slow_judge(&plain, &end);
        *some = *some || s == GATE_MET;
        *miss = *miss || s == GATE_NOT_MET;
        return;
    }
    if (i < next->settled) {
        all[i] = f->week[i];
        ways(c, f, next, all, i + 1, some, miss);
        return;
    }
    for (int64_t den = 0; den <= next->room; den++)
        for (int64_t num = 0; num <= den; num++) {
            all[i] = (struct gate_week){ .num = num, .den = den };
            ways(c, f, next, all, i + 1, some, miss);
        }
}

static void
test_outlook_by_force(void)
{
    int seen[3] = { 0 }, wrong = 0;

    for (int i = 0; i < 20000; i++) {
        struct charter_criterion c = any_criterion();
        struct gate_week         week[3], all[4];
        struct gate_figures      f = { .weekly = true, .week = week };
        struct gate_future       next = { .room = 1 + dice(3) };
        bool                     some = false, miss = false;
        unsigned                 flags;

        c.min_n = c.min_weeks = 0;
        c.observe = false;
        c.target.e4 = c.target.e4 > 10000 ? 10000 : c.target.e4; /* these are shares */
        f.n = any_weeks(week, COUNT(week));
        for (size_t k = 0; k < f.n; k++) {
            if (week[k].den > next.room) {
                week[k].den = next.room;
                week[k].num = week[k].num > next.room ? next.room : week[k].num;
            }
            if (c.sustain_of > 0) { /* silence proves nothing: tested in the table */
                week[k].no_data = false;
                week[k].den += week[k].den == 0;
            }
        }
        next.settled = f.n ? (size_t)dice((int64_t)f.n + 1) : 0;
        next.total = f.n + (size_t)dice((int64_t)(COUNT(all) - f.n));
        flags = gate_outlook(&c, &f, &next);
        ways(&c, &f, &next, all, 0, &some, &miss);
        seen[flags]++;
        /* a flag is a promise; where no flag is given both must really be possible */
        if (flags == GATE_IMPOSSIBLE)
            wrong += some;
        else if (flags == GATE_SECURED)
            wrong += miss;
        else if (c.sustain_of == 0)
            wrong += some != miss;
        else
            wrong += !some;
    }
    CHECK_I(wrong, 0);
    CHECK(seen[0] > 1000 && seen[GATE_SECURED] > 1000 && seen[GATE_IMPOSSIBLE] > 1000);
}

/* One table of verdicts: the command line reads names and gives exit codes by it. */
static void
test_verdict_names(void)
{
    enum gate_verdict v = GATE_GO;

    for (int k = 0; k < GATE_VERDICT_COUNT; k++) {
        CHECK(gate_verdict_find(gate_verdict_name((enum gate_verdict)k), &v));
        CHECK_I(v, k);
        CHECK_I(gate_verdict_exit(v), 10 * k);
    }
    v = GATE_NO_GO;
    CHECK(!gate_verdict_find("NO", &v) && !gate_verdict_find("", &v));
    CHECK_I(v, GATE_NO_GO);
}

int
main(void)
{
    T_RUN(test_judge_by_force);
    T_RUN(test_rules_by_force);
    T_RUN(test_outlook_by_force);
    T_RUN(test_verdict_names);
    return t_end();
}
