/* roster.c - who is who: every identifier belongs to one person. See docs/charter.md. */
#include "declare_int.h"

#include <stdlib.h>
#include <string.h>

static const char *
path(const struct conf_faults *f, const void *row)
{
    return conf_path(((const struct conf_place *)row)->node, f->mem);
}

/* Roles that count belong to a team once anybody does; days are in order and in the window. */
static void
check_days(const struct declaration *d, const struct decl_person *p, struct conf_faults *f)
{
    const cJSON *at = p->at.node;

    if (p->left && p->joined && p->left < p->joined)
        conf_fault(f, at, "%s left before joining", path(f, p));
    if (!d->has_charter || !d->pilot.start || !d->pilot.end)
        return;
    if (p->joined > d->pilot.end)
        conf_fault(f, at, "%s joins after the pilot has ended", path(f, p));
    if (p->left && p->left < d->pilot.start)
        conf_fault(f, at, "%s left before the pilot begins: leave this person out", path(f, p));
}

static int
by_text(const void *a, const void *b)
{
    const struct declare_ident *x = a, *y = b;
    int                         order = strcmp(x->folded, y->folded);

    return order ? order : (x->person > y->person) - (x->person < y->person);
}

struct idents {
    struct declare_ident *v;
    size_t                n;
    struct conf_faults   *f;
};

static void
add(struct idents *l, size_t person, const char *text, const cJSON *node)
{
    char *folded = text ? str_fold(l->f->mem, text, strlen(text)) : NULL;

    if (!text || !folded)
        return;
    if (!*folded)
        conf_fault(l->f, node, "%s has an identifier of nothing but blanks",
                   conf_path(node, l->f->mem));
    l->v[l->n++] = (struct declare_ident){ .folded = folded, .person = person, .node = node };
}

/* The line of one identifier: that of its own node where it has one. */
static const cJSON *
where(const struct decl_person *p, const char *key)
{
    const cJSON *n = json_get(p->at.node, key);

    return n ? n : p->at.node;
}

static void
collect(const struct declaration *d, struct idents *l)
{
    const struct decl_person *p = d->people.rows;

    for (size_t i = 0; i < d->people.n; i++) {
        const cJSON *alias = cJSON_IsArray(p[i].aliases.node) ? p[i].aliases.node->child : NULL;

        if (!p[i].id && !p[i].email)
            conf_fault(l->f, p[i].at.node, "%s has neither id nor email", path(l->f, &p[i]));
        add(l, i, p[i].id, where(&p[i], "id"));
        add(l, i, p[i].email, where(&p[i], "email"));
        for (size_t k = 0; k < p[i].aliases.n; k++) {
            add(l, i, p[i].aliases.v[k], alias ? alias : p[i].at.node);
            alias = alias ? alias->next : NULL;
        }
    }
}

/* Two rows with one identifier: says what that means. */
static void
clash(const struct declaration *d, const struct declare_ident *a, const struct declare_ident *b,
      struct conf_faults *f)
{
    const struct decl_person *p = d->people.rows, *x = &p[a->person], *y = &p[b->person];
    const char               *own = y->id ? y->id : y->email, *other = x->id ? x->id : x->email;
    bool                      same =
        own && other &&
        strcmp(str_fold(f->mem, own, strlen(own)), str_fold(f->mem, other, strlen(other))) == 0;

    if (same && x->team && y->team && strcmp(x->team, y->team) != 0)
        conf_fault(f, b->node, "%s is in two teams: also %s (line %d)", path(f, y), path(f, x),
                   conf_line(x->at.node));
    else if (same)
        conf_fault(f, b->node, "%s is listed twice: also %s (line %d)", path(f, y), path(f, x),
                   conf_line(x->at.node));
    else
        conf_fault(f, b->node, "%s has an identifier of another person: %s (line %d)",
                   conf_path(b->node, f->mem), path(f, x), conf_line(a->node));
}

/* Drops what one person has twice (tools differ in case only), and reports what two have. */
static size_t
unique(const struct declaration *d, struct declare_ident *v, size_t n, struct conf_faults *f)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (kept && strcmp(v[kept - 1].folded, v[i].folded) == 0) {
            if (v[kept - 1].person != v[i].person)
                clash(d, &v[kept - 1], &v[i], f);
            continue;
        }
        v[kept++] = v[i];
    }
    return kept;
}

void
declare_roster(const struct declaration *d, struct declare_ident **ret, size_t *ret_n,
               struct conf_faults *f)
{
    const struct decl_person *p = d->people.rows;
    struct idents             l = { .f = f };
    size_t                    most = 0;

    for (size_t i = 0; i < d->people.n; i++) {
        check_days(d, &p[i], f);
        most += 2 + p[i].aliases.n;
    }
    *ret = l.v = arena_new(f->mem, struct declare_ident, most);
    *ret_n = 0;
    if (!l.v)
        return;
    collect(d, &l);
    qsort(l.v, l.n, sizeof *l.v, by_text);
    *ret_n = unique(d, l.v, l.n, f);
}
