/* eval.h - what the parts of an evaluation hand to one another; inside one transaction. */
#ifndef COLLAUDO_GATE_EVAL_H
#define COLLAUDO_GATE_EVAL_H

#include "collaudo/gate.h"

struct gate_eval {
    struct db          *db;
    const struct pilot *pilot;
    struct arena       *mem;
    struct kpi_reader  *kpis; /* of the same three */
    usec_t              as_of;
    int32_t             cut; /* first day not counted */
    bool                final;
    int64_t             people; /* the most one week can count */
    int32_t            *weeks;  /* Mondays of the complete weeks, oldest first */
    size_t              weeks_n;
    size_t              settled; /* of them: late_grace is over too */
    size_t              total;   /* whole weeks in the window */
    int64_t             weeks_heard;
};

/* One criterion, from its KPI's exact and published points. */
must_check bool gate_eval_criterion(const struct gate_eval *v, const struct charter_criterion *rule,
                                    const struct gate_record *r, struct gate_criterion *ret,
                                    struct err *e);

/* Figures of a criterion out of the points of its KPI, in `mem`. */
must_check bool gate_figures_of(const struct kpi_def *def, const struct charter_criterion *rule,
                                const char *part, const struct kpi_point *points, size_t n,
                                struct arena *mem, struct gate_figures *ret, struct err *e);
/* The part of a KPI's points that a criterion is about: "" or "calendar/+04". */
must_check bool gate_part_of(const struct kpi_def *def, const struct charter_criterion *rule,
                             struct arena *mem, const char **ret, struct err *e);

/* SECURED, IMPOSSIBLE and since when. */
must_check bool gate_eval_flags(const struct gate_eval *v, const struct kpi_def *def,
                                const char *part, const struct gate_figures *f,
                                struct gate_criterion *c, struct err *e);

/* Sources with their coverage, and what is broken of the evidence. */
must_check bool gate_eval_evidence(const struct gate_eval *v, const struct gate_health *h,
                                   usec_t now, struct gate_record *r, struct err *e);

#endif
