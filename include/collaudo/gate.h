/* gate.h - from a sealed charter to a verdict anyone can recompute.
 *
 * Three layers, each usable without the one above it:
 *
 *   pure      gate_judge(), gate_outlook(), gate_decide(): whole numbers in, states and a
 *             verdict out. No database, no clock, no allocation, no floating point. Shares are
 *             compared as num x 10000 with mark x den in 128 bits, never divided.
 *   words     gate_conclude(): decides over a filled record and writes its sentences in
 *             Italian and English, and what would change the verdict. Pure but for the arena.
 *   database  gate_evaluate(): fills a record from one snapshot, then concludes.
 *
 * Exact figures decide; what the record carries of them has gone through kpi_publish()
 * (PRIVACY.md section 3), and its sentences are made of the published figures only.
 *
 * A record borrows the pilot it is about. Shares are in ten-thousandths (_e4); days are day numbers
 * (time.h). Texts are UTF-8 in the arena given, or static. Nothing here keeps state: any number of
 * threads, one `db` each.
 */
#ifndef COLLAUDO_GATE_H
#define COLLAUDO_GATE_H

#include "collaudo/kpi.h"
#include "collaudo/pilot.h"

/* --- words of the gate --------------------------------------------------------- */

/* clang-format off */
/*    verdict                   exit  name (part of the API) */
#define GATE_VERDICTS(X)                               \
    X(GATE_GO,                   0, "GO")               \
    X(GATE_GO_WITH_CONDITIONS,  10, "GO_WITH_CONDITIONS") \
    X(GATE_NO_GO,               20, "NO_GO")            \
    X(GATE_INCONCLUSIVE,        30, "INCONCLUSIVE")     \
    X(GATE_INVALID,             40, "INVALID")

/*    state of a criterion   decided  halves of its weight  name */
#define GATE_STATES(X)                                 \
    X(GATE_MET,              true,    2, "MET")          \
    X(GATE_BORDERLINE,       true,    1, "BORDERLINE")   \
    X(GATE_NOT_MET,          true,    0, "NOT_MET")      \
    X(GATE_INSUFFICIENT,     false,   0, "INSUFFICIENT") \
    X(GATE_NO_DATA,          false,   0, "NO_DATA")      \
    X(GATE_UNSOUND,          false,   0, "INVALID")      \
    X(GATE_WAIVED,           false,   0, "WAIVED")       \
    X(GATE_OBSERVE,          false,   0, "OBSERVE")
/* clang-format on */

enum gate_verdict {
#define X(verdict, exit_code, name) verdict,
    GATE_VERDICTS(X)
#undef X
        GATE_VERDICT_COUNT
};

enum gate_state {
#define X(state, decided, halves, name) state,
    GATE_STATES(X)
#undef X
        GATE_STATE_COUNT
};

const char *gate_verdict_name(enum gate_verdict v); /* "GO_WITH_CONDITIONS" */
int         gate_verdict_exit(enum gate_verdict v); /* exit code of `collaudo gate` */
/* The verdict of that name; false when there is none. */
bool        gate_verdict_find(const char *name, enum gate_verdict *ret);
const char *gate_state_name(enum gate_state s); /* "NOT_MET"; GATE_UNSOUND is "INVALID" */

/* Why a criterion could not be judged. */
enum gate_why {
    GATE_WHY_NONE,
    GATE_WHY_NO_KPI,     /* UNSOUND: this program has no such KPI */
    GATE_WHY_NO_TARGET,  /* UNSOUND: the charter names none */
    GATE_WHY_DAMAGED,    /* UNSOUND: negative, or beyond GATE_FIGURE_MAX */
    GATE_WHY_NO_WEEK,    /* INSUFFICIENT: no week is complete */
    GATE_WHY_FEW_WEEKS,  /* INSUFFICIENT: fewer weeks with data than min_weeks */
    GATE_WHY_FEW,        /* INSUFFICIENT: den below min_n, min_records or the KPI's min_den */
    GATE_WHY_OPEN_WEEKS, /* INSUFFICIENT: weeks that cannot be judged may still decide */
    GATE_WHY_SILENT,     /* NO_DATA */
};

enum gate_flag { GATE_SECURED = 1, GATE_IMPOSSIBLE = 2 };

/* --- one criterion: pure --------------------------------------------------------- */

#define GATE_FIGURE_MAX (((int64_t)1 << 53) - 1) /* what JSON carries exactly */

struct gate_share {
    int64_t num, den;
};

struct gate_week {
    int32_t monday;
    int64_t num, den;
    bool    no_data; /* no source was heard: leaves num and den */
};

/* What is known of one criterion. */
struct gate_figures {
    bool    unknown_kpi, waived;
    int64_t min_den; /* of the KPI's definition */
    /* weekly: a row per complete week, oldest first, none missing: the criterion's `weeks` and
     * `sustain` choose among the newest. Else: the points of a KPI that pools by itself, or
     * the cohorts; all are added. */
    bool                    weekly;
    const struct gate_week *week;
    size_t                  n;
    int64_t                 weeks_heard; /* not weekly: complete weeks with data, for min_weeks */
};

struct gate_line {
    enum gate_state state;
    enum gate_why   why;
    int64_t         num, den;  /* pooled; 0, 0 when there is nothing sound to pool */
    int64_t         weeks;     /* weeks with data that are in them (weekly), else weeks_heard */
    int64_t         first;     /* index of the oldest pooled row of week[] */
    int64_t         met_weeks; /* sustain: weeks at the target */
    int64_t         open;      /* sustain: weeks of the last `of` that cannot be judged */
};

/* GATE.md section 2. A floor that is not given is the target. A week of `sustain` counts as
 * open when it has no data or its den is below the minimum: the criterion is MET or NOT_MET
 * only when the open weeks cannot change that. */
struct gate_line gate_judge(const struct charter_criterion *c, const struct gate_figures *f);

/* num/den on the right side of the mark; false when den is 0. */
bool gate_meets(const struct charter_mark *m, int64_t num, int64_t den);

/* How many of den are at the mark: ceil(mark x den) for ge, floor for le. */
int64_t gate_goal(const struct charter_mark *m, int64_t den);

/* What the weeks still to come can do. */
struct gate_future {
    size_t settled; /* the first rows of week[] that late events no longer change */
    size_t total;   /* weekly: whole weeks in the pilot's window */
    /* weekly: the largest den one week can have; else how much den may still be added. Shares
     * of people only; below 0: not known, and only `sustain` can be foretold. */
    int64_t room;
    /* A KPI that knows its own extremes: the highest and lowest share at the end. */
    bool              bounded;
    struct gate_share high, low;
};

/* enum gate_flag, or-ed: SECURED when the target is met whatever comes, IMPOSSIBLE when
 * nothing that may come can meet it. Arithmetic on the remaining weeks, no statistics. */
unsigned gate_outlook(const struct charter_criterion *c, const struct gate_figures *f,
                      const struct gate_future *next);

/* --- the verdict: pure --------------------------------------------------------------- */

#define GATE_WEIGHT_MAX 1000000000 /* a weight counts as 0 to this; sealing refuses others */

struct gate_case {
    bool            must;
    int64_t         weight;
    enum gate_state state;
    bool            impossible;
};

enum gate_guard_state { GATE_GUARD_HELD, GATE_GUARD_BREACHED, GATE_GUARD_UNKNOWN };

struct gate_guard {
    const char           *id;
    bool                  stop; /* action "stop"; else "review" */
    enum gate_guard_state state;
};

struct gate_question {
    bool                     broken; /* evidence: rule 1 */
    const struct gate_case  *cases;
    size_t                   n;
    const struct gate_guard *guards;
    size_t                   guards_n;
    int64_t                  go_e4, conditional_e4, min_coverage_e4;
    bool                     final; /* FROZEN: the window and late_grace are over */
};

struct gate_answer {
    enum gate_verdict verdict;
    int               rule; /* 0 still running, 1-9 of GATE.md section 3 */
    /* The nine rules over today's states. When final, the same as above. */
    enum gate_verdict provisional;
    int               provisional_rule;
    struct gate_share score;    /* in halves of a weight: 2, 1, 0 of 2 */
    struct gate_share coverage; /* decided weight of all but OBSERVE */
};

/* Before the end: INCONCLUSIVE by rule 0, but NO_GO by rule 3 when a must is IMPOSSIBLE or a
 * stop guardrail is breached and the evidence is sound (rules 1 and 2 come first). */
struct gate_answer gate_decide(const struct gate_question *q);

/* --- the record of an evaluation -------------------------------------------------------- */

struct gate_text {
    const char *en, *it;
};

struct gate_criterion {
    const struct charter_criterion *rule;
    const char                     *params; /* as the KPI got them */
    struct gate_text                name;
    int                             version; /* of the KPI's definition, 0: no such KPI */
    enum kpi_unit                   unit;
    enum kpi_window_kind            window;
    struct gate_line                line;     /* exact; never leaves through gate_json() */
    int64_t                         min_n;    /* the den it needs, see GATE_WHY_FEW */
    struct gate_share               shown;    /* published figures */
    int64_t                         excluded; /* left out of it, KPI_WITHHELD: not shown */
    enum kpi_band                   band;     /* of `shown`; KPI_HIDDEN: no figures */
    bool                            people; /* shown counts persons: not person-weeks, not things */
    bool                            sustained; /* judged week by week: line.met_weeks */
    unsigned                        flags;
    int32_t                         impossible_since; /* last day of the week that decided it */
    struct gate_text                silent;           /* NO_DATA: sources and owners; NULLs else */
    bool                            silent_owned; /* silent names sources, each with its owner */
    const struct gate_source       *worst;        /* that weighs most against it; NULL: none */
    const char      *worst_why; /* its commonest reason of quarantine (event.h); NULL: none */
    struct gate_text reason;    /* "15 of 20 people, target 14" */
};

struct gate_source {
    const char       *code, *tool, *owner; /* owner "": not named */
    bool              judged;              /* its cadence expects something */
    struct gate_share covered;             /* periods heard of periods expected */
    bool              heard;
    int32_t           last_day; /* when heard */
};

/* What of the evidence does not hold, and what to do about it. */
struct gate_problem {
    struct gate_text text, mend; /* one sentence each, mend with who can do it */
    bool             late;       /* as in struct gate_action */
};

#define GATE_NO_CRITERION SIZE_MAX

/* What to do next about one criterion, or about the evidence. */
struct gate_action {
    size_t            criterion; /* index; GATE_NO_CRITERION: mends the evidence */
    bool              flips;     /* this one met or mended, nothing else, gives a better verdict */
    bool              enough;    /* who does what `text` says has met it */
    bool              late;      /* the pilot is over: `text` says what it would have taken */
    enum gate_verdict then;      /* the verdict with this one met, all else as it is */
    struct gate_text  text;
};

/* What is received and not yet in the figures. */
struct gate_wait {
    int64_t events, bytes;  /* not loaded */
    int64_t days, new_days; /* to be counted; of them, with nothing counted so far */
    bool    stuck;          /* loading stands still, without a loss */
};

struct gate_record {
    const struct pilot *pilot;
    usec_t              as_of;
    int32_t             cut; /* first day not counted */
    enum pilot_state    state;
    bool                final;

    struct gate_wait       wait;     /* all 0 behind gate_evaluate() */
    struct gate_problem   *problems; /* broken evidence */
    size_t                 problems_n;
    struct gate_source    *sources;
    size_t                 sources_n;
    struct gate_criterion *criteria;
    size_t                 criteria_n;
    struct gate_guard     *guards;
    size_t                 guards_n;

    /* set by gate_conclude() */
    struct gate_answer  answer;
    struct gate_text    rule, provisional_rule; /* sentences */
    struct gate_action *actions;                /* the most useful first */
    size_t              actions_n;
};

/* Decides over what the record holds, and writes reasons, rule and actions. ERR_NOMEM. */
must_check bool gate_conclude(struct gate_record *r, struct arena *mem, struct err *e);

/* What the caller knows about the way in (RELIABILITY.md rule 10). */
struct gate_health {
    int64_t backlog_events, backlog_bytes; /* acknowledged, not yet loaded; 0: nothing waits */
    bool    stuck;                         /* loading stands still, and nothing is lost */
    bool    gap;                           /* a piece of the journal is missing */
    bool    corruption;                    /* acknowledged data are damaged */
};

/* Evaluates a pilot as its clock stands at as_of, in one reading transaction of its own on
 * `db` (none may be open). An as_of after `now` counts as now, unless history is replayed.
 *   ERR_BUSY   events wait to be loaded, or days to be counted: says how many
 *   others     those of db_query(), ERR_NOMEM */
must_check bool gate_evaluate(struct db *db, const struct pilot *p, usec_t as_of, usec_t now,
                              const struct gate_health *health, struct arena *mem,
                              struct gate_record *ret, struct err *e);

/* The same for those who only look: whatever waits, over the figures as they were last counted.
 * ret->wait says what waits; while anything does (gate_waits()), nothing of it is a verdict.
 * In the open transaction of `kpis`, so that other figures shown beside it are of one snapshot. */
must_check bool gate_look(struct kpi_reader *kpis, usec_t as_of, usec_t now,
                          const struct gate_health *health, struct gate_record *ret, struct err *e);
bool            gate_waits(const struct gate_wait *w);

/* The record as canonical JSON (RFC 8785), as INTERFACES.md has it. ERR_NOMEM. */
must_check bool gate_json(const struct gate_record *r, struct arena *mem, const char **ret_text,
                          size_t *ret_n, struct err *e);

#endif
