/* accounts.c - which account in which source belongs to whom: every identifier of everybody, in
 * every source. What changes hands is counted again from its first event. */
#include "declare_int.h"

#include "sql_gen.h"

#include <stdlib.h>
#include <string.h>

struct account {
    int64_t        source_id;
    struct hash_id aid;
    int64_t        person_id; /* 0: nobody */
    const char    *kind;
    const cJSON   *node; /* where the identifier was written */
};

static const struct db_col account_cols[] = {
    DB_COL(struct account, source_id, DB_INT8),
    DB_COL(struct account, aid, DB_UUID),
    DB_COL(struct account, person_id, DB_INT8),
    DB_COL(struct account, kind, DB_TEXT),
    DB_COLS_END,
};

struct accounts {
    struct account *v;
    size_t          n;
};

static int
by_key(const void *a, const void *b)
{
    const struct account *x = a, *y = b;

    if (x->source_id != y->source_id)
        return x->source_id < y->source_id ? -1 : 1;
    return memcmp(x->aid.b, y->aid.b, HASH_ID_LEN);
}

static const struct account *
find(const struct accounts *l, const struct account *key)
{
    return l->n ? bsearch(key, l->v, l->n, sizeof *key, by_key) : NULL;
}

static const char *
kind_of(int role)
{
    return role == ROLE_SERVICE                           ? "service"
           : role == ROLE_VENDOR || role == ROLE_EXTERNAL ? "external"
                                                          : "named";
}

/* What there should be, sorted. */
static bool
wanted(struct declare_job *j, const struct declare_owner *owner, struct accounts *ret)
{
    struct arena scratch;

    ret->n = 0;
    ret->v = arena_array(j->mem, j->idents_n * j->sources_n, sizeof *ret->v);
    if (!ret->v)
        return err_set(j->e, ERR_NOMEM, "no memory for the accounts");
    arena_init(&scratch, 1 << 16);
    for (size_t s = 0; s < j->sources_n; s++)
        for (size_t i = 0; i < j->idents_n; i++) {
            const struct declare_ident *id = &j->idents[i];

            arena_reset(&scratch);
            ret->v[ret->n++] = (struct account){
                .source_id = j->sources[s].source_id,
                .aid = vault_account(j->key, j->sources[s].code, id->folded, strlen(id->folded),
                                     &scratch),
                .person_id = owner[id->person].person_id,
                .kind = kind_of(owner[id->person].role),
                .node = id->node,
            };
        }
    arena_free(&scratch);
    qsort(ret->v, ret->n, sizeof *ret->v, by_key);
    return true;
}

static bool
stored(struct declare_job *j, const struct accounts *want, struct accounts *ret)
{
    struct hash_id *aids = arena_new(j->mem, struct hash_id, want->n);
    void           *rows = NULL;

    if (!aids)
        return err_set(j->e, ERR_NOMEM, "no memory for the accounts");
    for (size_t i = 0; i < want->n; i++)
        aids[i] = want->v[i].aid;
    if (!db_query(j->db, &sql_pilot_list_accounts,
                  DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_uuids(aids, want->n)),
                  account_cols, sizeof(struct account), j->mem, &rows, &ret->n, j->e))
        return false;
    ret->v = rows;
    return true;
}

/* --- what differs ------------------------------------------------------------------ */

struct change {
    struct accounts now; /* to be written */
    size_t          fresh, assigned, dropped;
};

/* Accounts to be there, or to belong to somebody else. */
static void
compare_wanted(struct declare_job *j, const struct accounts *want, const struct accounts *was,
               struct change *c)
{
    for (size_t i = 0; i < want->n; i++) {
        const struct account *w = &want->v[i], *old = find(was, w);

        if (old && old->person_id == w->person_id && strcmp(old->kind, w->kind) == 0)
            continue;
        if (old && old->person_id && old->person_id != w->person_id && j->sealed)
            declare_refuse(j, ERR_CONFLICT, "account", w->node,
                           "%s belongs to another person, and pilot %s is sealed",
                           w->node ? conf_path(w->node, j->mem) : "an identifier", j->is.code);
        c->fresh += !old;
        c->assigned += old && old->person_id != w->person_id;
        c->now.v[c->now.n++] = *w;
    }
}

/* Accounts that belong to somebody, but to nobody any more. */
static void
compare_stored(struct declare_job *j, const struct accounts *want, const struct accounts *was,
               struct change *c)
{
    for (size_t i = 0; i < was->n; i++) {
        struct account a = was->v[i];

        if (!a.person_id || find(want, &a))
            continue;
        if (j->sealed && declare_is_missing(j, a.person_id))
            continue; /* refused already, with a sentence that helps */
        if (j->sealed) {
            declare_refuse(j, ERR_CONFLICT, "account", NULL,
                           "an alias was taken away, but pilot %s is sealed: aliases are only "
                           "added",
                           j->is.code);
            return;
        }
        a.person_id = 0;
        a.kind = "unknown";
        c->dropped++;
        c->now.v[c->now.n++] = a;
    }
}

/* --- writing -------------------------------------------------------------------------- */

struct columns {
    int64_t        *source, *person;
    struct hash_id *aid;
    const char    **kind;
};

static bool
columns(const struct accounts *l, struct arena *mem, struct columns *c)
{
    *c = (struct columns){ .source = arena_new(mem, int64_t, l->n),
                           .person = arena_new(mem, int64_t, l->n),
                           .aid = arena_new(mem, struct hash_id, l->n),
                           .kind = arena_new(mem, const char *, l->n) };
    if (mem->denied)
        return false;
    for (size_t i = 0; i < l->n; i++) {
        c->source[i] = l->v[i].source_id;
        c->person[i] = l->v[i].person_id;
        c->aid[i] = l->v[i].aid;
        c->kind[i] = l->v[i].kind;
    }
    return true;
}

static bool
write_accounts(struct declare_job *j, const struct accounts *l, int64_t *ret_days)
{
    struct columns c;

    if (!columns(l, j->mem, &c))
        return err_set(j->e, ERR_NOMEM, "no memory for the accounts");
    if (!db_exec(j->db, &sql_pilot_put_accounts,
                 DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_int8s(c.source, l->n),
                         db_uuids(c.aid, l->n), db_int8s(c.person, l->n), db_texts(c.kind, l->n)),
                 NULL, j->e))
        return false;
    return j->new_pilot ||
           db_exec(j->db, &sql_pilot_mark_account_days,
                   DB_ARGS(db_int8(j->workspace), db_text(time_zone_name(j->is.zone)),
                           db_int8s(c.source, l->n), db_uuids(c.aid, l->n)),
                   ret_days, j->e);
}

bool
declare_put_accounts(struct declare_job *j, const struct declare_owner *owner)
{
    struct accounts want, was;
    struct change   c = { .fresh = 0 };
    int64_t         days = 0;

    if (!wanted(j, owner, &want) || !stored(j, &want, &was))
        return false;
    c.now.v = arena_array(j->mem, want.n + was.n, sizeof *c.now.v);
    if (!c.now.v)
        return err_set(j->e, ERR_NOMEM, "no memory for the accounts");
    compare_wanted(j, &want, &was, &c);
    compare_stored(j, &want, &was, &c);
    if (!c.now.n)
        return true;
    if (j->frozen && !j->is.replay && !j->plan->refused)
        declare_refuse_final(j, "account", NULL, "aliases");
    if (!write_accounts(j, &c.now, &days))
        return false;
    declare_note(j, c.fresh == c.now.n ? DECLARE_CREATE : DECLARE_CHANGE, "accounts", "",
                 "%zu new, %zu assigned, %zu taken away; %d %s to count again", c.fresh, c.assigned,
                 c.dropped, (int)days, days == 1 ? "day" : "days");
    return true;
}
