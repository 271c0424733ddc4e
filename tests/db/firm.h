/* firm.h - a company that pilots: a fresh database, a vault, and declarations to apply.
 *
 *     struct firm f = firm_open();
 *     struct declare_plan p = firm_apply(&f, FIRM);
 *     firm_close(&f); */
#ifndef FIRM_H
#define FIRM_H

#include "pg.h"
#include "t.h"

#include "collaudo/declare.h"
#include "collaudo/pilot.h"
#include "collaudo/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sixteen identifiers in two sources; a Monday to a Sunday twelve weeks later. */
#define FIRM_HEAD                                                                                  \
    "workspace: {code: rossi, name: Rossi Impianti}\n"                                             \
    "tools:\n"                                                                                     \
    "  - {code: crm, name: CRM X, owner: IT}\n"                                                    \
    "  - {code: billing}\n"                                                                        \
    "sources:\n"                                                                                   \
    "  - {name: crm, tool: crm, cadence: hourly}\n"                                                \
    "  - {name: billing, tool: billing}\n"
#define FIRM_PEOPLE                                                                                \
    "people:\n"                                                                                    \
    "  - {id: Anna.Bianchi@rossi.example, team: sales, role: manager, aliases: [a.bianchi]}\n"     \
    "  - {id: bob, email: bob@rossi.example, team: sales, joined: 2026-09-14}\n"                   \
    "  - {email: carla@rossi.example, team: office, role: champion, seniority: senior}\n"          \
    "  - {id: dora, team: office}\n"                                                               \
    "  - {id: enzo, team: office}\n"                                                               \
    "  - {id: fulvia, team: stock}\n"                                                              \
    "  - {id: sync-bot, role: service}\n"                                                          \
    "  - {id: agency1, role: external, team: partners}\n"
#define FIRM_PILOT "pilot: {id: crm-2026, name: Pilota CRM, start: 2026-09-07, end: 2026-11-29}\n"
#define FIRM_CHARTER                                                                               \
    "value_events: [deal.*, contact_new, note.?dd]\n"                                              \
    "features: [contacts, quotes]\n"                                                               \
    "criteria:\n"                                                                                  \
    "  - {id: use, kpi: weekly_active, target: {ge: 0.70}, floor: {ge: 0.50}, must: true, "        \
    "weight: 2}\n"
#define FIRM_PRIVACY "privacy: {agreement_ref: acc. 12/2026, min_group: 3}\n"
#define FIRM FIRM_HEAD FIRM_PEOPLE FIRM_PILOT FIRM_CHARTER FIRM_PRIVACY

struct firm {
    struct pg     pg;
    struct vault *vault;
    char          dir[64];
    struct arena  mem;
    usec_t        now;
};

static inline usec_t
firm_time(const char *text)
{
    usec_t t = 0;

    if (!time_parse(text, strlen(text), &t))
        abort();
    return t;
}

static inline struct firm
firm_open(void)
{
    struct firm f = { .pg = pg_fresh(), .now = firm_time("2026-08-01T10:00:00+02:00") };
    struct err  e = ERR_INIT;

    snprintf(f.dir, sizeof f.dir, "/tmp/firm-test.XXXXXX");
    arena_init(&f.mem, (size_t)2 << 30);
    if (!mkdtemp(f.dir) || !vault_open(f.dir, &f.vault, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    return f;
}

static inline void
firm_close(struct firm *f)
{
    char cmd[128];

    vault_close(f->vault);
    snprintf(cmd, sizeof cmd, "rm -r '%s'", f->dir);
    CHECK(system(cmd) == 0);
    arena_free(&f->mem);
    pg_drop(&f->pg);
}

/* A declaration of one file; its plan, also when it was refused. */
static inline struct declare_plan
firm_declare(struct firm *f, const char *name, const char *text, enum declare_mode mode)
{
    struct declare_plan p = { .n = 0 };
    struct err          e = ERR_INIT;

    if (!declare_plan(pg_app(&f->pg), f->vault, &(struct conf_text){ name, text, strlen(text) }, 1,
                      mode, f->now, &f->mem, &p, &e))
        fprintf(stderr, "declare: %s (%s:%d)\n", e.text, e.file, e.line);
    CHECK_I(e.code, ERR_NONE);
    return p;
}

static inline struct declare_plan
firm_try(struct firm *f, const char *text)
{
    return firm_declare(f, "t.yaml", text, DECLARE_APPLY);
}

static inline struct declare_plan
firm_apply(struct firm *f, const char *text)
{
    struct declare_plan p = firm_try(f, text);
    struct err          e = ERR_INIT;

    if (!CHECK(declare_check(&p, &e)))
        fprintf(stderr, "refused: %s\n", e.text);
    CHECK(p.applied);
    return p;
}

/* The text with the first `from` in it replaced; `from` must be there. */
static inline char *
firm_with(struct firm *f, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    struct str  s;

    str_init(&s, &f->mem);
    if (!CHECK(at))
        return s.p;
    str_addn(&s, text, (size_t)(at - text));
    str_add(&s, to);
    str_add(&s, at + strlen(from));
    return s.p;
}

/* Is there a line of the plan with this act, kind and text in it? */
static inline bool
firm_has(const struct declare_plan *p, enum declare_act act, const char *kind, const char *text)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].act == act && strcmp(p->items[i].kind, kind) == 0 &&
            strstr(p->items[i].text, text))
            return true;
    return false;
}

/* The same; when there is none, prints the plan. */
static inline bool
firm_says(const struct declare_plan *p, enum declare_act act, const char *kind, const char *text)
{
    if (firm_has(p, act, kind, text))
        return true;
    for (size_t i = 0; i < p->n; i++)
        fprintf(stderr, "  plan: %s %s %s:%d %s: %s\n", declare_act_name(p->items[i].act),
                p->items[i].kind, p->items[i].file, p->items[i].line, p->items[i].name,
                p->items[i].text);
    return false;
}

#endif
