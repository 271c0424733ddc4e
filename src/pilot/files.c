/* files.c - several files as one declaration. See docs/charter.md. */
#include "declare_int.h"

#include <string.h>

static cJSON *
member(cJSON *o, const char *name)
{
    cJSON *c;

    cJSON_ArrayForEach (c, o)
        if (strcmp(c->string, name) == 0)
            return c;
    return NULL;
}

/* Lists of several files add up; anything else may stand in one of them only. */
static void
merge_key(cJSON *all, const cJSON *c, struct arena *mem, struct conf_faults *f)
{
    const struct conf_key *k = conf_key(&declare_table, c->string);
    cJSON                 *there = member(all, c->string);
    const cJSON           *item;

    if (!there) {
        conf_add(all, c, mem);
    } else if (k && (k->type == CONF_LIST || k->type == CONF_TEXTS) && cJSON_IsArray(there) &&
               cJSON_IsArray(c)) {
        cJSON_ArrayForEach (item, c)
            conf_add(there, item, mem);
    } else if (!k || k->type != CONF_INT || !conf_number(there) || !conf_number(c) ||
               strcmp(conf_number(there), conf_number(c)) != 0) {
        conf_fault(f, c, "%s stands in %s already (line %d)%s", conf_path(c, mem), conf_file(there),
                   conf_line(there),
                   strcmp(c->string, "pilot") == 0 ? ": apply one pilot at a time" : "");
    }
}

static cJSON *
merge(const struct conf_text *files, size_t n, struct arena *mem, struct conf_faults *f,
      struct err *e)
{
    cJSON *all = NULL;

    for (size_t i = 0; i < n; i++) {
        struct err   why = ERR_INIT;
        const cJSON *doc = NULL, *c, *next;

        if (!conf_parse(&files[i], mem, &doc, &why)) {
            if (why.code == ERR_NOMEM) {
                *e = why;
                return NULL;
            }
            conf_fault(f, NULL, "%s", why.text);
            continue;
        }
        if (!all)
            all = conf_group(doc, mem);
        for (c = doc->child; all && c; c = next) {
            next = c->next;
            merge_key(all, c, mem, f);
        }
    }
    return all;
}

/* Does anything of a charter stand there but the pilot's id? */
static bool
has_charter(const struct declaration *d)
{
    const struct conf_key *k = declare_table.keys,
                          *p = conf_key(&declare_table, "pilot")->sub->keys;

    for (size_t i = 0; k[i].type != CONF_END; i++)
        if (!k[i].apart && (d->at.given & (UINT64_C(1) << i)) && strcmp(k[i].name, "pilot") != 0 &&
            strcmp(k[i].name, "charter") != 0)
            return true;
    for (size_t i = 0; p[i].type != CONF_END; i++)
        if ((d->pilot.at.given & (UINT64_C(1) << i)) && strcmp(p[i].name, "id") != 0)
            return true;
    return false;
}

/* Defaults that depend on another value. */
static void
fill_in(struct declaration *d)
{
    struct decl_person    *p = d->people.rows;
    struct decl_tool      *t = d->tools.rows;
    struct decl_criterion *c = d->criteria.rows;

    if (!d->workspace.name)
        d->workspace.name = d->workspace.code;
    if (!d->pilot.name)
        d->pilot.name = d->pilot.id;
    for (size_t i = 0; i < d->tools.n; i++)
        if (!t[i].name)
            t[i].name = t[i].code;
    for (size_t i = 0; i < d->people.n; i++) {
        if (!conf_given(&declare_people_table, &p[i], "seat"))
            p[i].seat = p[i].role <= ROLE_CHAMPION;
        if (!p[i].team)
            p[i].team = "";
    }
    /* what is only looked at has no weight, said or not: one charter, one form */
    for (size_t i = 0; i < d->criteria.n; i++)
        if (c[i].mode == MODE_OBSERVE)
            c[i].weight = 0;
}

bool
declare_read(const struct conf_text *files, size_t n, struct arena *mem, struct declaration *ret,
             struct conf_faults *f, struct err *e)
{
    cJSON *all = merge(files, n, mem, f, e);

    if (e->code)
        return false;
    if (all && !f->n) {
        conf_read(&declare_table, all, ret, f);
        ret->has_charter = has_charter(ret);
        fill_in(ret);
    }
    if (!n)
        conf_fault(f, NULL, "name at least one file");
    return !mem->denied || err_set(e, ERR_NOMEM, "the files need more memory than they may take");
}
