/* gate_help.c - see gate_help.h. */
#include "gate_help.h"

#include "t.h"

#include <stdio.h>

static struct arena mem;

struct arena *
help_mem(void)
{
    arena_free(&mem);
    arena_init(&mem, 1 << 22);
    return &mem;
}

struct arena *
help_same_mem(void)
{
    return &mem;
}

void
help_gate(struct help_gate *m)
{
    struct err e = ERR_INIT;

    *m = (struct help_gate){ 0 };
    m->pilot = (struct pilot){ .code = "healthy",
                               .start = time_day(2026, 3, 2),
                               .end = time_day(2026, 5, 30),
                               .charter = { .go_e4 = 8500,
                                            .conditional_e4 = 7000,
                                            .min_coverage_e4 = 8000,
                                            .late_grace_h = 72 } };
    CHECK(time_zone_find("Europe/Rome", &m->pilot.zone, &e));
    m->source[0] = (struct gate_source){ .code = "crm", .tool = "CRM", .owner = "IT" };
    m->r = (struct gate_record){ .pilot = &m->pilot,
                                 .as_of = (usec_t)1780000000 * USEC_SECOND,
                                 .cut = time_day(2026, 5, 31),
                                 .state = PILOT_FROZEN,
                                 .final = true,
                                 .problems = m->problem,
                                 .sources = m->source,
                                 .criteria = m->c,
                                 .guards = m->guard };
}

struct gate_criterion *
help_add(struct help_gate *m, const char *id, bool must, int64_t weight, enum gate_state state,
         int64_t num, int64_t den)
{
    size_t                    i = m->r.criteria_n++;
    struct charter_criterion *rule = &m->rule[i];

    *rule = (struct charter_criterion){ .id = id,
                                        .kpi = "sustained_users",
                                        .params = "{\"min_active\":6,\"weeks\":8}",
                                        .target = { true, CHARTER_AT_LEAST, 7000 },
                                        .floor = { true, CHARTER_AT_LEAST, 5000 },
                                        .must = must,
                                        .weight = weight,
                                        .min_n = 5,
                                        .min_weeks = 6,
                                        .owner = "" };
    m->c[i] =
        (struct gate_criterion){ .rule = rule,
                                 .params = rule->params,
                                 .name = { "Sustained users", "Utenti costanti" },
                                 .version = 1,
                                 .unit = KPI_PEOPLE,
                                 .window = KPI_PILOT,
                                 .people = true,
                                 .min_n = 5,
                                 .line = { .state = state, .num = num, .den = den, .weeks = 8 },
                                 .shown = { num, den } };
    return &m->c[i];
}

void
help_running(struct help_gate *m)
{
    m->r.cut = time_day(2026, 4, 20);
    m->r.state = PILOT_RUNNING;
    m->r.final = false;
}

void
help_conclude(struct help_gate *m, struct arena *a)
{
    struct err e = ERR_INIT;

    if (!CHECK(gate_conclude(&m->r, a, &e)))
        fprintf(stderr, "%s\n", e.text);
}
