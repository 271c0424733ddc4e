/* charter_put.c - the pilot and its charter: canonical bytes compared with the stored ones. */
#include "declare_int.h"

#include "sql_gen.h"

#include <string.h>

/* A charter on its way: canonical bytes, their hash, and what the columns repeat of it. */
struct made {
    const char        *text;
    size_t             n;
    uint8_t            hash[32];
    const char *const *like;
};

/* A glob over action as a LIKE pattern. */
static const char *
like(const char *glob, struct arena *mem)
{
    struct str out;

    str_init(&out, mem);
    for (; *glob; glob++) {
        if (*glob == '%' || *glob == '_' || *glob == '\\')
            str_addc(&out, '\\');
        str_addc(&out, (char)(*glob == '*' ? '%' : *glob == '?' ? '_' : *glob));
    }
    return out.p;
}

static bool
make(struct declare_job *j, struct made *ret)
{
    const struct conf_texts *v = &j->d->value_events;
    const cJSON             *doc = conf_canonical(&declare_table, j->d, j->mem);
    const char             **patterns = arena_new(j->mem, const char *, v->n);

    if (!patterns || !doc || j->mem->denied)
        return err_set(j->e, ERR_NOMEM, "no memory for a charter");
    if (!json_canonical(j->mem, doc, &ret->text, &ret->n, j->e))
        return false;
    hash_sha256(ret->text, ret->n, ret->hash);
    for (size_t i = 0; i < v->n; i++)
        patterns[i] = like(v->v[i], j->mem);
    ret->like = patterns;
    return true;
}

/* --- what differs ----------------------------------------------------------------- */

static const char *
printed(struct declare_job *j, const cJSON *o, const char *key)
{
    const cJSON *v = json_get(o, key);
    const char  *text = "";
    size_t       n;
    struct err   ignored = ERR_INIT;

    return v && json_canonical(j->mem, v, &text, &n, &ignored) ? text : "";
}

/* "pilot, criteria": the parts of a charter that are not as they were. */
static const char *
differences(struct declare_job *j, const char *was, const char *is)
{
    const cJSON *a, *b;
    struct err   ignored = ERR_INIT;
    struct str   out;

    str_init(&out, j->mem);
    if (!json_parse(j->mem, was, strlen(was), &a, &ignored) ||
        !json_parse(j->mem, is, strlen(is), &b, &ignored))
        return "";
    for (const struct conf_key *k = declare_table.keys; k->type != CONF_END; k++)
        if (strcmp(printed(j, a, k->name), printed(j, b, k->name)) != 0)
            str_addf(&out, "%s%s", out.n ? ", " : "", k->name);
    return out.p;
}

/* --- the key -------------------------------------------------------------------------- */

static bool
open_key(struct declare_job *j)
{
    if (!j->new_pilot)
        return vault_key(j->vault, j->workspace, j->pilot, false, &j->key, j->e) ||
               err_wrap(j->e, "pilot %s", j->is.code);
    if (j->dry) { /* any key will do: nobody of this roster is stored */
        hash_random(&j->try_key, sizeof j->try_key);
        j->key = &j->try_key;
        return true;
    }
    j->made_key = vault_key(j->vault, j->workspace, j->pilot, true, &j->key, j->e);
    return j->made_key;
}

/* --- the rows --------------------------------------------------------------------------- */

static bool
insert(struct declare_job *j, const struct made *m)
{
    const struct decl_pilot *p = &j->d->pilot;
    const struct db_col      cols[] = { { .name = "pilot_id", .type = DB_INT8 }, DB_COLS_END };

    j->new_pilot = true;
    declare_note(j, DECLARE_CREATE, "pilot", p->id, "%s, draft", p->name);
    return db_one(j->db, &sql_pilot_insert_pilot,
                  DB_ARGS(db_int8(j->workspace), db_text(p->id), db_text(p->name), db_text(p->tz),
                          db_date(p->start), db_date(p->end), db_int8(j->d->late_grace_h),
                          db_int8(j->d->privacy.min_group), db_texts(m->like, j->d->value_events.n),
                          db_text(m->text), db_bytes(m->hash, sizeof m->hash), db_time(j->now)),
                  cols, j->mem, &j->pilot, j->e) &&
           db_exec(j->db, &sql_pilot_insert_code,
                   DB_ARGS(db_text(p->id), db_int8(j->workspace), db_int8(j->pilot)), NULL, j->e);
}

static bool
has_events(struct declare_job *j, bool *ret)
{
    const struct db_col cols[] = { { .name = "yes", .type = DB_BOOL }, DB_COLS_END };

    return db_one(j->db, &sql_pilot_has_events, DB_ARGS(db_int8(j->workspace), db_int8(j->pilot)),
                  cols, j->mem, ret, j->e);
}

/* Other value events, or another moment from which on events come too late: what is rolled up
 * already was counted with the old ones. */
static bool
counts_anew(const struct declare_job *j)
{
    const struct charter *was = &j->is.charter;
    bool same = was->value_events_n == j->d->value_events.n && j->is.end == j->d->pilot.end &&
                was->late_grace_h == j->d->late_grace_h;

    for (size_t i = 0; same && i < was->value_events_n; i++)
        same = strcmp(was->value_events[i], j->d->value_events.v[i]) == 0;
    return !same;
}

static bool
update(struct declare_job *j, const struct made *m)
{
    const struct decl_pilot *p = &j->d->pilot;
    bool                     events = false;

    declare_note(j, DECLARE_CHANGE, "pilot", p->id, "%s",
                 differences(j, j->is.charter_text, m->text));
    if (!has_events(j, &events))
        return false;
    if (events && strcmp(time_zone_name(j->is.zone), p->tz) != 0)
        declare_refuse(j, ERR_CONFLICT, "pilot", p->at.node,
                       "pilot.tz cannot change once events have come: their days are counted");
    j->recount = events && counts_anew(j);
    return db_exec(j->db, &sql_pilot_update_pilot,
                   DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_text(p->name),
                           db_text(p->tz), db_date(p->start), db_date(p->end),
                           db_int8(j->d->late_grace_h), db_int8(j->d->privacy.min_group),
                           db_texts(m->like, j->d->value_events.n), db_text(m->text),
                           db_bytes(m->hash, sizeof m->hash), db_time(j->now)),
                   NULL, j->e);
}

/* The pilot as it stands now; *ret_there false: there is none of this name. */
static bool
stored(struct declare_job *j, bool *ret_there)
{
    struct pilot_row row = { 0 };

    *ret_there =
        db_one(j->db, &sql_pilot_get_pilot, DB_ARGS(db_int8(j->workspace), db_text(j->d->pilot.id)),
               pilot_cols, j->mem, &row, j->e);
    if (!*ret_there) {
        if (j->e->code != ERR_NOT_FOUND)
            return false;
        *j->e = (struct err)ERR_INIT;
        return true;
    }
    j->pilot = row.pilot_id;
    return db_exec(j->db, &sql_pilot_lock_pilot, DB_ARGS(db_int8(j->workspace), db_int8(j->pilot)),
                   NULL, j->e) &&
           pilot_from_row(j->workspace, &row, j->mem, &j->is, j->e);
}

/* Is the id free, or ours? It may belong to another company of this installation. */
static bool
is_free(struct declare_job *j, bool *ret)
{
    struct row {
        int64_t workspace_id, pilot_id;
    } row = { 0 };
    static const struct db_col cols[] = { DB_COL(struct row, workspace_id, DB_INT8),
                                          DB_COL(struct row, pilot_id, DB_INT8), DB_COLS_END };

    *ret = !db_one(j->db, &sql_pilot_find_code, DB_ARGS(db_text(j->d->pilot.id)), cols, j->mem,
                   &row, j->e);
    if (!*ret)
        return true;
    if (j->e->code != ERR_NOT_FOUND)
        return false;
    *j->e = (struct err)ERR_INIT;
    return true;
}

/* A whole charter, for a pilot that is there or not. */
static bool
put_charter(struct declare_job *j, bool there)
{
    struct made m = { 0 };
    bool        same;

    if (!make(j, &m))
        return false;
    same = there && memcmp(m.hash, j->is.charter_hash, sizeof m.hash) == 0;
    if (same) {
        declare_note(j, DECLARE_SAME, "pilot", j->d->pilot.id, "charter as it was");
        return true;
    }
    if (there && j->sealed) {
        declare_refuse(j, ERR_CONFLICT, "pilot", j->d->pilot.at.node,
                       "pilot %s is sealed; its charter changes by amendment only (%s differ)",
                       j->d->pilot.id, differences(j, j->is.charter_text, m.text));
        return true;
    }
    if (!(there ? update : insert)(j, &m))
        return false;
    struct pilot_row row = { .pilot_id = j->pilot,
                             .code = j->d->pilot.id,
                             .name = j->d->pilot.name,
                             .workspace_name = j->d->workspace.name,
                             .state = "draft",
                             .tz = j->d->pilot.tz,
                             .start_day = j->d->pilot.start,
                             .end_day = j->d->pilot.end,
                             .charter = m.text,
                             .charter_hash = { m.hash, sizeof m.hash } };
    return pilot_from_row(j->workspace, &row, j->mem, &j->is, j->e);
}

static bool
keep_privacy(struct declare_job *j)
{
    const cJSON *doc;

    if (!json_parse(j->mem, j->is.charter_text, strlen(j->is.charter_text), &doc, j->e))
        return false;
    j->privacy = printed(j, doc, "privacy");
    return true;
}

bool
declare_put_pilot(struct declare_job *j)
{
    const struct decl_pilot *p = &j->d->pilot;
    bool                     there = false, free = false;

    if (!stored(j, &there) || (!there && !is_free(j, &free)))
        return false;
    if (!there && !free) {
        declare_refuse(j, ERR_CONFLICT, "pilot", p->at.node,
                       "pilot.id %s is taken by another workspace: choose another", p->id);
        return true;
    }
    if (!there && !j->d->has_charter) {
        declare_refuse(j, ERR_NOT_FOUND, "pilot", p->at.node,
                       "there is no pilot %s yet: declare its charter too", p->id);
        return true;
    }
    j->sealed = there && !j->is.draft;
    j->frozen = j->sealed && pilot_state_at(&j->is, j->now) >= PILOT_FROZEN;
    if (j->d->has_charter) {
        if (!put_charter(j, there))
            return false;
    } else {
        declare_note(j, DECLARE_SAME, "pilot", p->id, "charter not among the files");
    }
    return open_key(j) && keep_privacy(j);
}
