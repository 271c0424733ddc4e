/* people.c - the roster as declared against the roster as stored, by pseudonym. */
#include "declare_int.h"

#include "sql_gen.h"

#include <stdlib.h>
#include <string.h>

struct person_row {
    int64_t         person_id;
    struct hash_id  ref;
    struct db_bytes sealed;
    const char     *role, *team, *cell, *seniority;
    bool            seat;
    int32_t         joined, left_on; /* 0: none; nobody joined in 1970 */
};

static const struct db_col person_cols[] = {
    DB_COL(struct person_row, person_id, DB_INT8),
    DB_COL(struct person_row, ref, DB_UUID),
    DB_COL(struct person_row, sealed, DB_BYTES),
    DB_COL(struct person_row, role, DB_TEXT),
    DB_COL(struct person_row, team, DB_TEXT),
    DB_COL(struct person_row, cell, DB_TEXT),
    DB_COL(struct person_row, seniority, DB_TEXT),
    DB_COL(struct person_row, seat, DB_BOOL),
    DB_COL_NULL(struct person_row, joined, DB_DATE),
    DB_COL_NULL(struct person_row, left_on, DB_DATE),
    DB_COLS_END,
};

/* One row of the files beside its row in the database. */
struct person {
    const struct decl_person *d;
    struct hash_id            ref;
    const char               *clear; /* what is sealed: canonical JSON of the identifiers */
    struct person_row        *was;   /* NULL: new */
    const char               *cell, *seniority;
};

struct people {
    struct declare_job   *j;
    struct person        *p; /* as declared, in the order of the files */
    size_t                n;
    struct person_row    *was;   /* as stored */
    bool                 *found; /* stored and declared */
    size_t                was_n;
    struct declare_owner *owner; /* of p[i] */
};

static const char *const seniority_names[] = { "", "junior", "senior" };

/* --- who is who -------------------------------------------------------------------- */

static const char *
clear_text(const struct decl_person *d, struct arena *mem)
{
    struct str out;

    str_init(&out, mem);
    str_add(&out, "{\"aliases\":[");
    for (size_t i = 0; i < d->aliases.n; i++) {
        if (i)
            str_addc(&out, ',');
        str_json(&out, d->aliases.v[i]);
    }
    str_add(&out, "],\"email\":");
    str_json(&out, d->email);
    str_add(&out, ",\"id\":");
    str_json(&out, d->id);
    str_addc(&out, '}');
    return out.p;
}

static int
by_ref(const void *a, const void *b)
{
    return memcmp(((const struct person_row *)a)->ref.b, ((const struct person_row *)b)->ref.b,
                  HASH_ID_LEN);
}

static bool
list_stored(struct people *q)
{
    struct declare_job *j = q->j;
    void               *rows = NULL;

    if (!db_query(j->db, &sql_pilot_list_people, DB_ARGS(db_int8(j->workspace), db_int8(j->pilot)),
                  person_cols, sizeof(struct person_row), j->mem, &rows, &q->was_n, j->e))
        return false;
    q->was = rows;
    qsort(q->was, q->was_n, sizeof *q->was, by_ref);
    q->found = arena_new(j->mem, bool, q->was_n);
    return q->found || err_set(j->e, ERR_NOMEM, "no memory for the roster");
}

static bool
match(struct people *q)
{
    struct declare_job       *j = q->j;
    const struct decl_person *d = j->d->people.rows;

    q->n = j->d->people.n;
    q->p = arena_new(j->mem, struct person, q->n);
    q->owner = arena_new(j->mem, struct declare_owner, q->n);
    if (!q->p || !q->owner)
        return err_set(j->e, ERR_NOMEM, "no memory for the roster");
    for (size_t i = 0; i < q->n; i++) {
        const char       *own = d[i].id ? d[i].id : d[i].email;
        struct person_row key;

        q->p[i] = (struct person){ .d = &d[i],
                                   .ref = vault_person(j->key, own, strlen(own), j->mem),
                                   .clear = clear_text(&d[i], j->mem),
                                   .seniority = seniority_names[d[i].seniority],
                                   .cell = d[i].team };
        key.ref = q->p[i].ref;
        q->p[i].was = bsearch(&key, q->was, q->was_n, sizeof key, by_ref);
        if (q->p[i].was)
            q->found[q->p[i].was - q->was] = true;
        q->owner[i].role = d[i].role;
        q->owner[i].person_id = q->p[i].was ? q->p[i].was->person_id : 0;
    }
    return !j->mem->denied || err_set(j->e, ERR_NOMEM, "no memory for the roster");
}

/* --- after the seal -------------------------------------------------------------------- */

static bool
counts(const char *role)
{
    return strcmp(role, "member") == 0 || strcmp(role, "manager") == 0 ||
           strcmp(role, "champion") == 0;
}

/* Is `team` one of the parts of "a+b+c"? */
static bool
is_part(const char *cell, const char *team)
{
    size_t n = strlen(team);

    for (; *cell; cell += strcspn(cell, "+"), cell += *cell == '+')
        if (n && strncmp(cell, team, n) == 0 && (cell[n] == '+' || !cell[n]))
            return true;
    return false;
}

/* The frozen cell a newcomer's team belongs to; NULL: the partition does not know the team. */
static const char *
cell_of(const struct people *q, const char *team)
{
    bool split = false;

    for (size_t i = 0; i < q->was_n; i++) {
        if (!counts(q->was[i].role) || !*q->was[i].cell)
            continue;
        split = true;
        if (is_part(q->was[i].cell, team))
            return q->was[i].cell;
    }
    return split ? NULL : "";
}

static void
check_newcomer(struct people *q, struct person *p)
{
    const cJSON *at = p->d->at.node;
    const char  *path = conf_path(at, q->j->mem);

    p->cell = "";
    if (q->j->frozen) {
        declare_refuse_final(q->j, "person", at, arena_printf(q->j->mem, "%s is new", path));
        return;
    }
    if (p->d->role > ROLE_CHAMPION) /* never counts: a program, an agency */
        return;
    p->cell = cell_of(q, p->d->team);
    if (!p->d->joined)
        declare_refuse(q->j, ERR_INVALID, "person", at,
                       "%s is new in a sealed pilot: write joined, the first day", path);
    else
        declare_check_reach(q->j, p->d, "joined", p->d->joined);
    if (!p->cell)
        declare_refuse(q->j, ERR_CONFLICT, "person", at,
                       "%s.team is new, but pilot %s is sealed: its groups are fixed; choose the "
                       "team nearest to it",
                       path, q->j->is.code);
}

/* What may not change any more: whom the figures are about. */
static void
check_fixed(struct people *q, const struct person *p)
{
    const struct person_row *was = p->was;
    const char              *what = NULL;

    if (strcmp(was->role, declare_roles[p->d->role]) != 0)
        what = "role";
    else if (was->seat != p->d->seat)
        what = "seat";
    else if (strcmp(was->seniority, p->seniority) != 0)
        what = "seniority";
    else if (was->joined != p->d->joined)
        what = "joined";
    if (what)
        declare_refuse(q->j, ERR_CONFLICT, "person", p->d->at.node,
                       "%s.%s: pilot %s is sealed; it changes by amendment only",
                       conf_path(p->d->at.node, q->j->mem), what, q->j->is.code);
}

/* Whoever leaves, or comes back, from a day on that is counted already. */
static void
check_left(struct people *q, const struct person *p)
{
    int32_t was = p->was->left_on, is = p->d->left;
    int32_t last = was && (!is || was < is) ? was : is;

    if (was != is && counts(p->was->role))
        declare_check_reach(q->j, p->d, "left", last + 1);
}

/* May this row change, once the pilot is sealed? `what` differs. */
static void
check_sealed(struct people *q, const struct person *p, const char *what)
{
    const cJSON *at = p->d->at.node;

    if (!q->j->frozen) {
        check_fixed(q, p);
        check_left(q, p);
    } else if (!q->j->is.replay || strcmp(what, "identifiers") != 0) {
        declare_refuse_final(q->j, "person", at,
                             arena_printf(q->j->mem, "%s (%s)", conf_path(at, q->j->mem), what));
    }
}

/* --- writing ------------------------------------------------------------------------------ */

static const char *
short_ref(const struct hash_id *ref, struct arena *mem)
{
    char hex[9];

    hash_hex(ref->b, 4, hex);
    return arena_strdup(mem, hex);
}

/* "team left identifiers": what is not as it was; "" when all is. ERR_INVALID: the sealed text
 * does not open. */
static bool
differences(struct people *q, const struct person *p, const char **ret)
{
    const struct person_row *was = p->was;
    struct str               out;
    char                    *clear;

    str_init(&out, q->j->mem);
    if (!hash_open(q->j->key, was->sealed.p, was->sealed.n, q->j->mem, &clear, q->j->e))
        return err_wrap(q->j->e, "the roster of pilot %s", q->j->is.code);
    if (strcmp(clear, p->clear) != 0)
        str_add(&out, "identifiers ");
    if (strcmp(was->role, declare_roles[p->d->role]) != 0)
        str_add(&out, "role ");
    if (strcmp(was->team, p->d->team) != 0)
        str_add(&out, "team ");
    if (strcmp(was->seniority, p->seniority) != 0)
        str_add(&out, "seniority ");
    if (was->seat != p->d->seat)
        str_add(&out, "seat ");
    if (was->joined != p->d->joined)
        str_add(&out, "joined ");
    if (was->left_on != p->d->left)
        str_add(&out, "left ");
    if (out.n)
        out.p[out.n - 1] = 0;
    *ret = out.p;
    return true;
}

static struct db_arg
day_or_null(int32_t day)
{
    return day ? db_date(day) : db_null(DB_DATE);
}

static bool
update(struct people *q, struct person *p, bool *ret_changed)
{
    struct declare_job *j = q->j;
    const char         *what = "";
    uint8_t            *box;

    if (j->sealed)
        p->cell = p->was->cell;
    if (!differences(q, p, &what))
        return false;
    *ret_changed = *what;
    if (!*what)
        return true;
    if (j->sealed)
        check_sealed(q, p, what);
    declare_note(j, DECLARE_CHANGE, "person", short_ref(&p->ref, j->mem), "%s", what);
    if (!(box = hash_seal(j->key, p->clear, strlen(p->clear), j->mem)))
        return err_set(j->e, ERR_NOMEM, "no memory for the roster");
    return db_exec(j->db, &sql_pilot_update_person,
                   DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_int8(p->was->person_id),
                           db_bytes(box, strlen(p->clear) + HASH_BOX_MORE),
                           db_text(declare_roles[p->d->role]), db_text(p->d->team),
                           db_text(p->cell), db_text(p->seniority), db_bool(p->d->seat),
                           day_or_null(p->d->joined), day_or_null(p->d->left)),
                   NULL, j->e);
}

/* Columns of new people, one array each. */
struct columns {
    struct hash_id *ref;
    const char    **sealed, **role, **team, **cell, **seniority, **joined, **left;
    int64_t        *seat;
    size_t          n;
};

static bool
columns(struct columns *c, size_t n, struct arena *mem)
{
    *c = (struct columns){ .ref = arena_new(mem, struct hash_id, n),
                           .sealed = arena_new(mem, const char *, n),
                           .role = arena_new(mem, const char *, n),
                           .team = arena_new(mem, const char *, n),
                           .cell = arena_new(mem, const char *, n),
                           .seniority = arena_new(mem, const char *, n),
                           .joined = arena_new(mem, const char *, n),
                           .left = arena_new(mem, const char *, n),
                           .seat = arena_new(mem, int64_t, n) };
    return !mem->denied;
}

static const char *
sealed_hex(const struct declare_job *j, const char *clear)
{
    size_t   n = strlen(clear);
    uint8_t *box = hash_seal(j->key, clear, n, j->mem);
    char    *hex = arena_alloc(j->mem, 2 * (n + HASH_BOX_MORE) + 1);

    if (!box || !hex)
        return "";
    hash_hex(box, n + HASH_BOX_MORE, hex);
    return hex;
}

static const char *
day_text(int32_t day, struct arena *mem)
{
    char name[TIME_DAY_LEN] = "";

    if (day)
        time_day_name(day, name);
    return arena_strdup(mem, name);
}

static void
add_row(struct columns *c, const struct declare_job *j, const struct person *p)
{
    size_t i = c->n++;

    c->ref[i] = p->ref;
    c->sealed[i] = sealed_hex(j, p->clear);
    c->role[i] = declare_roles[p->d->role];
    c->team[i] = p->d->team;
    c->cell[i] = p->cell ? p->cell : "";
    c->seniority[i] = p->seniority;
    c->seat[i] = p->d->seat;
    c->joined[i] = day_text(p->d->joined, j->mem);
    c->left[i] = day_text(p->d->left, j->mem);
}

struct made {
    int64_t        person_id;
    struct hash_id ref;
};

static int
by_made_ref(const void *a, const void *b)
{
    return memcmp(((const struct made *)a)->ref.b, ((const struct made *)b)->ref.b, HASH_ID_LEN);
}

static bool
insert_rows(struct people *q, const struct columns *c, struct made **ret)
{
    static const struct db_col cols[] = { DB_COL(struct made, person_id, DB_INT8),
                                          DB_COL(struct made, ref, DB_UUID), DB_COLS_END };
    struct declare_job        *j = q->j;
    void                      *rows = NULL;
    size_t                     n = 0;

    if (!db_query(j->db, &sql_pilot_insert_people,
                  DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_uuids(c->ref, c->n),
                          db_texts(c->sealed, c->n), db_texts(c->role, c->n),
                          db_texts(c->team, c->n), db_texts(c->cell, c->n),
                          db_texts(c->seniority, c->n), db_int8s(c->seat, c->n),
                          db_texts(c->joined, c->n), db_texts(c->left, c->n)),
                  cols, sizeof(struct made), j->mem, &rows, &n, j->e))
        return false;
    qsort(rows, n, sizeof(struct made), by_made_ref);
    *ret = rows;
    return true;
}

static bool
insert_new(struct people *q)
{
    struct declare_job *j = q->j;
    struct columns      c;
    struct made        *made = NULL;

    if (!columns(&c, q->n, j->mem))
        return err_set(j->e, ERR_NOMEM, "no memory for the roster");
    for (size_t i = 0; i < q->n; i++) {
        if (q->p[i].was)
            continue;
        if (j->sealed)
            check_newcomer(q, &q->p[i]);
        add_row(&c, j, &q->p[i]);
    }
    if (!c.n)
        return true;
    if (j->mem->denied)
        return err_set(j->e, ERR_NOMEM, "no memory for the roster");
    declare_note(j, DECLARE_CREATE, "people", "", "%zu new", c.n);
    if (!insert_rows(q, &c, &made))
        return false;
    for (size_t i = 0; i < q->n; i++)
        if (!q->p[i].was) {
            struct made key = { .ref = q->p[i].ref };

            q->owner[i].person_id =
                ((struct made *)bsearch(&key, made, c.n, sizeof key, by_made_ref))->person_id;
        }
    return true;
}

/* --- people who are in no file any more --------------------------------------------------- */

static int
by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

bool
declare_is_missing(const struct declare_job *j, int64_t person)
{
    return j->missing_n && bsearch(&person, j->missing, j->missing_n, sizeof person, by_id);
}

static void
refuse_missing(struct declare_job *j, const struct person_row *was)
{
    const char *who = short_ref(&was->ref, j->mem);

    if (j->frozen)
        declare_refuse_final(j, "person", NULL,
                             arena_printf(j->mem, "person %s is in no file", who));
    else
        declare_refuse(j, ERR_CONFLICT, "person", NULL,
                       "person %s is in no file, but pilot %s is sealed: write left, the last day",
                       who, j->is.code);
}

/* In a draft they go, later they must say when they left. */
static bool
find_missing(struct people *q)
{
    struct declare_job *j = q->j;

    j->missing = arena_new(j->mem, int64_t, q->was_n);
    if (!j->missing)
        return err_set(j->e, ERR_NOMEM, "no memory for the roster");
    for (size_t i = 0; i < q->was_n; i++) {
        if (q->found[i])
            continue;
        j->missing[j->missing_n++] = q->was[i].person_id;
        if (j->sealed)
            refuse_missing(j, &q->was[i]);
    }
    qsort(j->missing, j->missing_n, sizeof *j->missing, by_id);
    return true;
}

/* After their accounts, which name them. */
static bool
delete_missing(struct declare_job *j)
{
    if (j->sealed || !j->missing_n)
        return true;
    declare_note(j, DECLARE_CHANGE, "people", "", "%zu taken out", j->missing_n);
    return db_exec(
        j->db, &sql_pilot_delete_people,
        DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_int8s(j->missing, j->missing_n)), NULL,
        j->e);
}

/* --- when no file has a roster ------------------------------------------------------------- */

static void
add_ident(struct declare_job *j, size_t person, const cJSON *text)
{
    char *folded = cJSON_IsString(text)
                       ? str_fold(j->mem, text->valuestring, strlen(text->valuestring))
                       : NULL;

    if (folded)
        j->idents[j->idents_n++] = (struct declare_ident){ .folded = folded, .person = person };
}

static int
role_of(const char *name)
{
    int i = 0;

    while (declare_roles[i] && strcmp(declare_roles[i], name) != 0)
        i++;
    return i;
}

/* The identifiers of everybody who is stored: a new source needs their accounts, too. */
static bool
reopen(struct people *q)
{
    struct declare_job *j = q->j;
    size_t              most = q->was_n * 60; /* id, e-mail and at most 50 aliases each */

    q->owner = arena_new(j->mem, struct declare_owner, q->was_n);
    j->idents = arena_new(j->mem, struct declare_ident, most);
    if (!q->owner || !j->idents)
        return err_set(j->e, ERR_NOMEM, "no memory for the roster");
    for (size_t i = 0; i < q->was_n; i++) {
        const struct person_row *p = &q->was[i];
        const cJSON             *doc, *alias;
        char                    *clear;

        if (!hash_open(j->key, p->sealed.p, p->sealed.n, j->mem, &clear, j->e) ||
            !json_parse(j->mem, clear, strlen(clear), &doc, j->e))
            return err_wrap(j->e, "the roster of pilot %s", j->is.code);
        q->owner[i] = (struct declare_owner){ p->person_id, role_of(p->role) };
        add_ident(j, i, json_get(doc, "id"));
        add_ident(j, i, json_get(doc, "email"));
        cJSON_ArrayForEach (alias, json_get(doc, "aliases"))
            add_ident(j, i, alias);
    }
    return true;
}

bool
declare_put_people(struct declare_job *j)
{
    struct people q = { .j = j };
    size_t        changed = 0;

    if (!list_stored(&q))
        return false;
    if (!conf_given(&declare_table, j->d, "people"))
        return reopen(&q) && declare_put_accounts(j, q.owner);
    if (!match(&q))
        return false;
    for (size_t i = 0; i < q.n; i++) {
        bool differs = false;

        if (q.p[i].was && !update(&q, &q.p[i], &differs))
            return false;
        changed += differs;
    }
    if (!insert_new(&q) || !find_missing(&q))
        return false;
    if (q.n)
        declare_note(j, DECLARE_SAME, "people", "", "%zu in all, %zu changed", q.n, changed);
    return declare_put_accounts(j, q.owner) && delete_missing(j);
}
