/* seal.c - the partition of a roster, and every reason to refuse or to warn, without a database. */
#include "t.h"

#include "seal_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena mem;

/* --- cells ------------------------------------------------------------------------ */

static void
test_cells(void)
{
    static const struct {
        int64_t     k;
        const char *teams; /* "a:7 b:5", "" before the colon: no team */
        const char *want;  /* cell of each team, in order; '.' for none */
    } row[] = {
        { 5, "vendite:7 ammin:7 assist:6", "vendite ammin assist" },
        { 5, "a:5 b:5", "a b" },
        { 5, "a:5 b:4", ". ." }, /* nine people: one total */
        { 5, "a:6 b:4", ". ." }, /* merged into one */
        { 5, "a:6 b:3 c:2", "a b+c b+c" },
        { 5, "a:9 b:1", ". ." },
        { 5, "a:10", "." }, /* a part that is the whole is none */
        { 5, "a:741", "." },
        { 5, "a:4", "." },
        { 5, "", "" },
        { 5, "a:2 b:2 c:2 d:6", "a+b+c a+b+c a+b+c d" },
        { 5, "d:6 c:2 b:2 a:2", "d a+b+c a+b+c a+b+c" }, /* in any order the same */
        { 5, "a:4 b:4 c:4 d:4", "a+b a+b c+d c+d" },
        { 5, "a:1 b:5 c:9", "a+b a+b c" },
        { 5, "a:3 b:5 c:5", "a+b a+b c" }, /* equal sizes: by name */
        { 5, "a:0 b:5 c:5", ". b c" },
        { 5, ":4 b:5 c:7", "-+b -+b c" },
        { 5, ":5 b:5 c:7", "- b c" },
        { 3, "a:3 b:3 c:3", ". . ." }, /* nine people */
        { 3, "a:3 b:3 c:4", "a b c" },
        { 5, "ab:6 b:6 a:2", "a+ab b a+ab" }, /* codes within codes */
        { 20, "a:19 b:19 c:19", ". . ." },
        { 20, "a:19 b:19 c:20", "a+b a+b c" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct seal_team   t[8] = { { 0 } };
        const char *const *cells = NULL;
        size_t             n = 0, cells_n = 9;
        char               got[128] = "", copy[64];
        int64_t            sum = 0;

        t_row = row[i].teams;
        snprintf(copy, sizeof copy, "%s", row[i].teams);
        for (char *p = copy, *end; *p; n++) {
            end = p + strcspn(p, ":");
            *end = 0;
            t[n] = (struct seal_team){ .team = p, .people = strtol(end + 1, &p, 10) };
            p += *p == ' ';
        }
        seal_cells(t, n, row[i].k, &mem, &cells, &cells_n);
        for (size_t k = 0; k < n; k++) {
            strncat(got, k ? " " : "", 2);
            strncat(got, *t[k].cell ? t[k].cell : ".", 60);
        }
        CHECK_S(got, row[i].want);
        for (size_t c = 0; c < cells_n; c++) {
            sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += strcmp(t[k].cell, cells[c]) == 0 ? t[k].people : 0;
            CHECK(sum >= row[i].k);
            CHECK(!c || strcmp(cells[c - 1], cells[c]) < 0);
        }
        CHECK(cells_n != 1);
    }
}

/* --- what is refused ------------------------------------------------------------------ */

static const struct seal_kpi kpis[] = {
    { "weekly_active", true, true, "usage", false },
    { "sustained_users", true, true, "usage", false },
    { "manager_participation", true, true, "usage", false },
    { "retention", true, true, "usage", false },
    { "duplicate_events", false, true, "", true },
    { "support_load", false, false, "support", false },
    { "completeness", false, true, "record", false },
};

/* A charter that can work: one criterion over 12 people, 3 of them managers, from Monday 7
 * September to Sunday 29 November. */
struct state {
    struct pilot             p;
    struct charter_criterion c[5];
    struct seal_opts         o;
    struct seal_source       src[3];
    struct seal_facts        f;
    struct seal_texts        no, warn;
};

static usec_t
at(const char *text)
{
    usec_t t = 0;

    CHECK(time_parse(text, strlen(text), &t));
    return t;
}

static void
sound(struct state *s)
{
    struct err e = ERR_INIT;

    *s = (struct state){
        .p = { .code = "p",
               .start = time_day(2026, 9, 7),
               .end = time_day(2026, 11, 29),
               .charter_text = "{\"criteria\":[]}",
               .charter = { .criteria = s->c,
                            .criteria_n = 1,
                            .min_group = 5,
                            .agreement_ref = "acc. 12" } },
        .o = { .pilot = "p",
               .now = at("2026-09-06T20:00:00+02:00"),
               .kpis = kpis,
               .kpis_n = sizeof kpis / sizeof *kpis },
        .src = { { "crm", true, "" }, { "erp", true, "audit usage" } },
        .f = { .p = &s->p,
               .o = &s->o,
               .sources = s->src,
               .sources_n = 2,
               .people = 12,
               .managers = 3,
               .weeks = 12,
               .judged = 10,
               .eligible = 10,
               .notice = true },
        .no = { .mem = &mem },
        .warn = { .mem = &mem },
    };
    for (size_t i = 0; i < 5; i++)
        s->c[i] = (struct charter_criterion){ .id = "use",
                                              .kpi = "weekly_active",
                                              .params = "{}",
                                              .target = { true, CHARTER_AT_LEAST, 7000 },
                                              .floor = { true, CHARTER_AT_LEAST, 5000 },
                                              .must = i < 1,
                                              .weight = 1,
                                              .owner = "" };
    CHECK(time_zone_find("Europe/Rome", &s->p.zone, &e));
}

#define LEAST(x) ((struct charter_mark){ true, CHARTER_AT_LEAST, (x) })
#define MOST(x) ((struct charter_mark){ true, CHARTER_AT_MOST, (x) })

static void
set_kpi(struct state *s, const char *kpi, const char *params, int64_t weeks)
{
    s->c[0].kpi = kpi;
    s->c[0].params = params;
    s->c[0].weeks = weeks;
}

/* One change each; X(name, what to change, what is said, in warnings?) */
/* clang-format off */
#define CASES(X)                                                                                    \
    X(nothing,        (void)s,                                        NULL, false)                   \
    X(no_criterion,   s->p.charter.criteria_n = 0,                    "no criterion: an empty gate never passes", false) \
    X(no_must,        s->c[0].must = false,                           "no criterion is a must", false) \
    X(weightless,     s->c[0].weight = 0,                             "criterion use: a must with weight 0", false) \
    X(floor_above,    s->c[0].floor = LEAST(7001),                    "the floor 0.7001 is on the wrong side of the target 0.70: it must be at most", false) \
    X(floor_equal,    s->c[0].floor = LEAST(7000),                    NULL, false)                   \
    X(floor_below,    (s->c[0].kpi = "duplicate_events", s->c[0].target = MOST(200), s->c[0].floor = MOST(100)), \
                                                                      "the floor 0.01 is on the wrong side of the target 0.02: it must be at least", false) \
    X(le_right,       (s->c[0].kpi = "duplicate_events", s->c[0].target = MOST(200), s->c[0].floor = MOST(500)), NULL, false) \
    X(sides,          s->c[0].floor = MOST(5000),                     "target and floor must both be ge", false) \
    X(above_one,      s->c[0].target = LEAST(12000),                  "1.20 of 12 needs 15, but there are 12 people", false) \
    X(just_above,     s->c[0].target = LEAST(10001),                  "1.0001 of 12 needs 13", false) \
    X(all_of_them,    s->c[0].target = LEAST(10000),                  NULL, false)                   \
    X(nobody,         s->f.people = 0,                                "there are no people to count", false) \
    X(min_n,          s->c[0].min_n = 13,                             "min_n is 13, but there are 12 people", false) \
    X(min_n_fits,     s->c[0].min_n = 12,                             NULL, false)                   \
    X(below_zero,     (s->c[0].target = MOST(-1), s->c[0].floor = MOST(0)), "the target -0.0001 is below 0", false) \
    X(share,          (s->c[0].kpi = "duplicate_events", s->c[0].target = LEAST(10001)), "the target 1.0001 is above 1.00, which no share can reach", false) \
    X(no_share,       (s->c[0].kpi = "support_load", s->c[0].target = LEAST(20000)), NULL, false)    \
    X(managers,       s->c[0].kpi = "manager_participation",          "with fewer than 5 managers only the target 1.0", false) \
    X(managers_all,   (s->c[0].kpi = "manager_participation", s->c[0].target = LEAST(10000)), NULL, false) \
    X(managers_five,  (s->c[0].kpi = "manager_participation", s->f.managers = 5), NULL, false)       \
    X(managers_none,  (s->c[0].kpi = "manager_participation", s->f.managers = 0), "there are no managers to count", false) \
    X(managers_min_n, (s->c[0].kpi = "manager_participation", s->c[0].target = LEAST(10000), s->c[0].min_n = 4), "min_n is 4, but there are 3 managers", false) \
    X(unknown_kpi,    s->c[0].kpi = "weekly_activ",                   "there is no KPI weekly_activ; did you mean weekly_active?", false) \
    X(strange_kpi,    s->c[0].kpi = "zzz",                            "there is no KPI zzz", false)  \
    X(observed_kpi,   (s->p.charter.criteria_n = 2, s->c[1].observe = true, s->c[1].kpi = "zzz"), "there is no KPI zzz", false) \
    X(no_key,         (s->src[0].live = false, s->src[1].live = false), "KPI weekly_active has no connected source for events of type usage: make one a key, with collaudo key create --source crm", false) \
    X(second_keyless, (s->src[0].types = "audit", s->src[1].live = false), "with collaudo key create --source erp", false) \
    X(all_keyed,      (s->src[0].types = s->src[1].types = "audit"),  "with collaudo key create --source crm", false) \
    X(no_sources,     s->f.sources_n = 0,                             "declare one under sources, then collaudo apply and collaudo key create --source NAME", false) \
    X(rewards_less,   (s->c[0].target = MOST(5000), s->c[0].floor = MOST(6000)), "criterion use: of weekly_active the higher is better, but the target le 0.50 lets the lower pass: write ge", false) \
    X(rewards_faults, (s->c[0].kpi = "duplicate_events", s->c[0].target = LEAST(200), s->c[0].floor = LEAST(100)), "of duplicate_events the lower is better, but the target ge 0.02 lets the higher pass: write le", false) \
    X(warns_of_less,  (s->p.charter.criteria_n = 2, s->c[1].target = MOST(5000), s->c[1].floor = MOST(6000)), "of weekly_active the higher is better", true) \
    X(one_manager,    (s->c[0].kpi = "manager_participation", s->c[0].target = LEAST(10000), s->f.managers = 1, s->c[0].min_n = 2), "min_n is 2, but there is 1 manager: lower it", false) \
    X(one_week,       (s->c[0].min_weeks = 2, s->f.weeks = 1),        "to 2026-11-29 there is 1 complete week: lower", false) \
    X(one_eligible,   (set_kpi(s, "sustained_users", "{}", 0), s->f.eligible = 1), "to 2026-11-29 there is 1 of them: move", false) \
    X(one_person,     s->f.people = 1,                                "1 person is fewer than privacy.min_group 5", true) \
    X(other_types,    (s->src[0].live = false, s->src[1].types = "audit usages"), "KPI weekly_active has no connected source", false) \
    X(right_types,    (s->src[0].live = false), NULL, false)                                         \
    X(any_type,       (s->src[0].live = false, s->src[1].types = "audit", s->c[0].kpi = "duplicate_events", s->c[0].target = MOST(200), s->c[0].floor = MOST(500)), NULL, false) \
    X(no_source,      s->f.sources_n = 0,                             "no source is declared", false) \
    X(weeks,          set_kpi(s, "weekly_active", "{\"weeks\":13}", 13), "params.weeks is 13, but from 2026-09-07 to 2026-11-29 there are 12 complete weeks: lower", false) \
    X(weeks_fit,      set_kpi(s, "weekly_active", "{\"weeks\":12}", 12), NULL, false)                \
    X(min_weeks,      s->c[0].min_weeks = 13,                         "min_weeks is 13", false)      \
    X(sustain,        (s->c[0].sustain_pass = 3, s->c[0].sustain_of = 13), "sustain.of is 13", false) \
    X(sustain_order,  (s->c[0].sustain_pass = 4, s->c[0].sustain_of = 3), "met in 4 of 3 weeks is impossible", false) \
    X(sustained,      set_kpi(s, "sustained_users", "{\"weeks\":11,\"min_active\":7}", 11), "params.weeks is 11, but from 2026-09-07 to 2026-11-29 there are 10 complete weeks after onboarding", false) \
    X(sustained_ok,   set_kpi(s, "sustained_users", "{\"weeks\":10,\"min_active\":7}", 10), NULL, false) \
    X(sustained_m,    set_kpi(s, "sustained_users", "{\"weeks\":8,\"min_active\":9}", 8), "active in 9 of 8 weeks is impossible", false) \
    X(sustained_few,  (set_kpi(s, "sustained_users", "{\"weeks\":5,\"min_active\":3}", 5), s->f.eligible = 5), "needs 6 complete working weeks after onboarding; from 2026-09-07 to 2026-11-29 there are 5", false) \
    X(retention,      set_kpi(s, "retention", "{\"kind\":\"calendar\",\"week\":12}", 0), "week +12 is never over in a window of 12 complete weeks", false) \
    X(retention_ok,   set_kpi(s, "retention", "{\"kind\":\"calendar\",\"week\":4}", 0), NULL, false) \
    X(retention_none, set_kpi(s, "retention", "{}", 0),               "say which week: params.week", false) \
    X(strange_param,  set_kpi(s, "weekly_active", "{\"min_active\":6}", 0), "params.min_active means nothing to weekly_active", false) \
    X(strange_week,   set_kpi(s, "sustained_users", "{\"week\":4}", 0), "params.week means nothing to sustained_users", false) \
    X(begun,          s->o.now = at("2026-09-07T00:00:00+02:00"),     "pilot.start 2026-09-07 has begun", false) \
    X(last_moment,    s->o.now = at("2026-09-06T23:59:59+02:00"),     NULL, false)                   \
    X(replayed,       (s->o.now = at("2027-01-01T00:00:00Z"), s->o.replay = true, s->o.replay_as_of = at("2026-09-07T00:00:00+02:00")), NULL, false) \
    X(replay_keyless, (s->o.now = at("2027-01-01T00:00:00Z"), s->o.replay = true, s->o.replay_as_of = at("2026-09-07T00:00:00+02:00"), s->src[0].live = s->src[1].live = false), NULL, false) \
    X(replay_late,    (s->o.now = at("2027-01-01T00:00:00Z"), s->o.replay = true, s->o.replay_as_of = at("2026-09-08T00:00:00+02:00")), "replay must begin on 2026-09-07 or before", false) \
    X(replay_future,  (s->o.replay = true, s->o.replay_as_of = at("2026-09-06T23:00:00+02:00")), "replay begins in the future", false) \
    X(no_notice,      s->f.notice = false,                            "there is no notice to the people", false) \
    X(no_agreement,   s->p.charter.agreement_ref = "",                "agreement_ref is empty", true) \
    X(four_musts,     (s->p.charter.criteria_n = 4, s->c[1].must = s->c[2].must = s->c[3].must = true), "4 criteria are musts", true) \
    X(three_musts,    (s->p.charter.criteria_n = 3, s->c[1].must = s->c[2].must = true), NULL, false) \
    X(sixty_days,     s->p.end = s->p.start + 59,                     "a window of 60 days leaves 10 weeks after onboarding: 4 of 6 weeks protects less", true) \
    X(silent,         s->src[1].live = false,                         "source erp has no key in force: nothing can come from it before collaudo key create --source erp", true) \
    X(few_people,     s->f.people = 4,                                "4 people are fewer than privacy.min_group 5", true) \
    X(always,         s->c[0].floor = s->c[0].target = LEAST(0),      "the target 0.00 is always met", true) \
    X(kept,           s->p.charter_text = "{\"criteria\":[{\"id\":\"x\",\"strict\":true}],\"guardrails\":[{}]}", "guardrails are sealed with the charter, but not judged yet", true) \
    X(kept_strict,    s->p.charter_text = "{\"criteria\":[{\"id\":\"x\",\"strict\":true}]}", "criterion x: strict, vs and min_response are not judged yet", true)
#define X(name, change, text, warn) static void change_##name(struct state *s) { change; }
CASES(X)
#undef X

static const struct {
    const char *name;
    void      (*change)(struct state *);
    const char *text;
    bool        warn;
} cases[] = {
#define X(name, change, text, warn) { #name, change_##name, text, warn },
    CASES(X)
#undef X
};
/* clang-format on */

static void
test_reasons(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct state             s;
        const struct seal_texts *t = cases[i].warn ? &s.warn : &s.no;
        bool                     found = false;

        t_row = cases[i].name;
        sound(&s);
        cases[i].change(&s);
        seal_judge(&s.f, &s.no, &s.warn);
        if (!cases[i].text || cases[i].warn) {
            if (!CHECK_I(s.no.n, 0))
                fprintf(stderr, "  it says: %s\n", s.no.v[0]);
            if (!cases[i].warn)
                continue;
        }
        for (size_t k = 0; k < t->n; k++)
            found = found || strstr(t->v[k], cases[i].text);
        if (!CHECK(found))
            for (size_t k = 0; k < t->n; k++)
                fprintf(stderr, "  it says: %s\n", t->v[k]);
    }
}

/* Everything that is wrong is said at once. */
static void
test_all_at_once(void)
{
    struct state s;

    sound(&s);
    change_weightless(&s);
    change_floor_above(&s);
    change_min_n(&s);
    change_begun(&s);
    change_no_notice(&s);
    s.c[0].kpi = "weekly_active";
    change_no_key(&s);
    seal_judge(&s.f, &s.no, &s.warn);
    CHECK_I(s.no.n, 6);
}

int
main(void)
{
    arena_init(&mem, 16 << 20);
    T_RUN(test_cells);
    T_RUN(test_reasons);
    T_RUN(test_all_at_once);
    arena_free(&mem);
    return t_end();
}
