/* conclude.c - decides over a filled record and writes its sentences. */
#include "phrases.h"

struct gate_question
gate_question_of(const struct gate_record *r, struct gate_case *cases)
{
    const struct charter *ch = &r->pilot->charter;

    for (size_t i = 0; i < r->criteria_n; i++) {
        const struct gate_criterion *c = &r->criteria[i];

        cases[i] = (struct gate_case){
            .must = c->rule->must,
            .weight = c->rule->weight,
            .state = c->line.state,
            .impossible = c->flags & GATE_IMPOSSIBLE,
        };
    }
    return (struct gate_question){
        .broken = r->problems_n > 0,
        .cases = cases,
        .n = r->criteria_n,
        .guards = r->guards,
        .guards_n = r->guards_n,
        .go_e4 = ch->go_e4,
        .conditional_e4 = ch->conditional_e4,
        .min_coverage_e4 = ch->min_coverage_e4,
        .final = r->final,
    };
}

bool
gate_conclude(struct gate_record *r, struct arena *mem, struct err *e)
{
    struct gate_case    *cases = arena_new(mem, struct gate_case, r->criteria_n);
    struct gate_question q;

    if (!cases)
        return err_set(e, ERR_NOMEM, "no memory to decide over %zu criteria", r->criteria_n);
    q = gate_question_of(r, cases);
    r->answer = gate_decide(&q);
    for (size_t i = 0; i < r->criteria_n; i++)
        r->criteria[i].reason = gate_say_reason(mem, &r->criteria[i]);
    r->rule = gate_say_rule(mem, r, r->answer.rule, !r->final);
    r->provisional_rule = gate_say_rule(mem, r, r->answer.provisional_rule, false);
    if (!gate_plan(r, mem, e))
        return false;
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "no memory for the sentences of the gate");
    return true;
}
