/* declare_int.h - what the files say, as structs, and how a declaration goes through the module. */
#ifndef DECLARE_INT_H
#define DECLARE_INT_H

#include "collaudo/calendar.h"
#include "collaudo/conf.h"
#include "collaudo/declare.h"
#include "pilot_int.h"

#define DECLARE_MAX_DAYS 400 /* of a window or a closure */

/* --- what the files say: one struct per object, one table per struct (keys.c) ------- */

struct decl_workspace {
    struct conf_place at;
    const char       *code, *name;
};

struct decl_tool {
    struct conf_place at;
    const char       *code, *name, *owner;
};

struct decl_source {
    struct conf_place at;
    const char       *name, *tool, *mapping;
    int               cadence;
};

enum decl_role {
    ROLE_MEMBER,
    ROLE_MANAGER,
    ROLE_CHAMPION,
    ROLE_VENDOR,
    ROLE_EXTERNAL,
    ROLE_SERVICE,
    ROLE_TEST
};

struct decl_person {
    struct conf_place at;
    const char       *id, *email, *team;
    struct conf_texts aliases;
    int               role, seniority;
    bool              seat;
    int32_t           joined, left;
};

struct decl_closure {
    struct conf_place at;
    const char       *name;
    int32_t           day, from, to;
};

struct decl_calendar {
    struct conf_place at;
    const char       *name;
    struct conf_list  closures;
};

struct decl_network {
    struct conf_place at;
    const char       *name;
    struct conf_texts ranges;
};

struct decl_record {
    struct conf_place at;
    const char       *entity, *master;
    struct conf_texts required, identity;
};

struct decl_flow {
    struct conf_place at;
    const char       *id, *from, *to;
    int64_t           within_s;
    struct conf_texts fields;
};

struct decl_mark {
    struct conf_place at;
    int64_t           ge, le;
};

struct decl_params {
    struct conf_place at;
    int64_t           weeks, min_active, week;
    const char       *entity;
    int               kind;
};

struct decl_sustain {
    struct conf_place at;
    int64_t           pass, breach, of;
};

struct decl_versus {
    struct conf_place at;
    const char       *baseline;
    bool              not_worse;
};

struct decl_criterion {
    struct conf_place   at;
    const char         *id, *kpi, *owner;
    struct decl_params  params;
    struct decl_mark    target, floor;
    struct decl_sustain sustain;
    struct decl_versus  vs;
    bool                must, strict;
    int64_t             weight, min_n, min_weeks, min_records, min_response;
    int                 mode;
};

enum decl_mode { MODE_JUDGE, MODE_OBSERVE };

struct decl_guardrail {
    struct conf_place   at;
    const char         *id, *kpi, *owner;
    struct decl_params  params;
    struct decl_mark    limit;
    struct decl_sustain sustain;
    int                 action;
};

struct decl_pilot {
    struct conf_place at;
    const char       *id, *name, *tz;
    struct conf_texts tools, calendar;
    int32_t           start, end;
};

struct decl_population {
    struct conf_place at;
    const char       *roster;
    int64_t           company_seats, price;
    struct conf_texts exclude;
};

struct decl_score {
    struct conf_place at;
    int64_t           go, conditional, min_coverage;
};

struct decl_override {
    struct conf_place at;
    bool              second_person;
    int64_t           reason_min;
};

struct decl_governance {
    struct conf_place    at;
    struct conf_texts    approvers;
    int64_t              quorum;
    struct decl_override override;
};

struct decl_privacy {
    struct conf_place at;
    const char       *legal_basis, *agreement_ref, *notice_ref;
    int64_t           min_group, raw_retention_days;
};

struct declaration {
    struct conf_place      at;
    int64_t                version;
    struct decl_workspace  workspace;
    struct conf_list       tools, sources, people, calendars, networks, records;
    struct decl_pilot      pilot;
    struct decl_population population;
    struct conf_texts      value_events, features;
    struct conf_list       criteria, guardrails, flows;
    struct decl_score      score;
    int64_t                late_grace_h;
    struct decl_governance governance;
    struct decl_privacy    privacy;
    bool                   has_charter; /* not only a pilot's id: a whole charter */
};

extern const struct conf_table declare_table;
extern const char *const declare_roles[], *const declare_cadences[];
extern const struct conf_table declare_people_table;

/* A person's identifiers as accounts are compared by; the first is the person's own. */
struct declare_ident {
    const char  *folded;
    size_t       person; /* row of d->people */
    const cJSON *node;   /* where it was written */
};

/* --- steps, in order ------------------------------------------------------------- */

/* files.c: all files as one declaration; what is wrong goes to *f. False: no memory. */
must_check bool declare_read(const struct conf_text *files, size_t n, struct arena *mem,
                             struct declaration *ret, struct conf_faults *f, struct err *e);

/* check.c: what a table cannot say: references, order, repetitions. */
void declare_check_all(const struct declaration *d, struct conf_faults *f);

/* roster.c: every identifier of everybody, sorted by its folded text; the faults are people
 * listed twice or sharing an identifier. */
void declare_roster(const struct declaration *d, struct declare_ident **ret, size_t *ret_n,
                    struct conf_faults *f);

/* --- one declaration on its way into the database ------------------------------------- */

struct declare_source {
    int64_t     source_id, pilot_id, tool_id;
    const char *code, *cadence, *mapping, *pilot, *tool;
};

struct declare_job {
    struct db                *db;
    struct vault             *vault;
    const struct declaration *d;
    struct arena             *mem;
    usec_t                    now;
    struct declare_plan      *plan;
    size_t                    cap; /* of plan->items */
    struct err               *e;
    int64_t                   workspace, pilot;
    bool                      new_pilot, sealed, dry, made_key;
    bool                      frozen;  /* by the clock: what would move its figures is refused */
    bool                      recount; /* events are rolled up by other value events */
    const struct hash_key    *key;
    struct hash_key           try_key; /* for a plan about a pilot that is not there */
    struct pilot              is;      /* the pilot as it will be */
    const char               *privacy; /* canonical JSON of the charter's privacy section */
    struct declare_source    *sources; /* of this pilot, stored and new */
    size_t                    sources_n;
    struct declare_ident     *idents; /* everybody's, no two alike */
    size_t                    idents_n;
    int64_t                  *missing; /* people who are stored but in no file, by id */
    size_t                    missing_n;
};

/* A line of the plan; name and text are formatted into the job's arena. */
void declare_note(struct declare_job *j, enum declare_act act, const char *kind, const char *name,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same for what is refused: the place is where it was written. */
void declare_refuse(struct declare_job *j, enum err_code why, const char *kind, const cJSON *at,
                    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* settled.c: what the clock has settled. */

/* Of j->frozen: refuses "WHAT: the verdict of ... is final since ...". */
void declare_refuse_final(struct declare_job *j, const char *kind, const cJSON *at,
                          const char *what);
/* Refuses a change of the roster that reaches too far back: `key` of this person would change the
 * figures of a sealed pilot from the day `first` on. */
void declare_check_reach(struct declare_job *j, const struct decl_person *p, const char *key,
                         int32_t first);

must_check bool declare_put_tools(struct declare_job *j);   /* sources.c */
must_check bool declare_put_sources(struct declare_job *j); /* sources.c */
must_check bool declare_put_pilot(struct declare_job *j);   /* charter_put.c */
must_check bool declare_put_notice(struct declare_job *j);  /* notice.c */
must_check bool declare_put_days(struct declare_job *j);    /* days.c */
must_check bool declare_put_people(struct declare_job *j);  /* people.c */

/* accounts.c: the accounts of everybody in j->idents, in every source of the pilot. owner[i] is
 * the person of row i: an id, and the role that says what kind of account it is. */
struct declare_owner {
    int64_t person_id;
    int     role;
};
must_check bool declare_put_accounts(struct declare_job *j, const struct declare_owner *owner);
/* people.c: is this person of j->missing? */
bool declare_is_missing(const struct declare_job *j, int64_t person);

#endif
