/* notice.c - the record of what the people were told; any change of it is a new version. */
#include "declare_int.h"

#include "sql_gen.h"

#include <string.h>

/* What is kept of an event (EVENTS.md), and who sees what of it (PRIVACY.md section 1), in the
 * words of the notice. A change of these words is a change of the notice, too. */
static const char *const fields[] = {
    "time",
    "pseudonym of the account",
    "action",
    "feature",
    "object type and id",
    "status",
    "case number",
    "properties on the list of the event's type",
};
static const char *const roles[] = {
    "employee: own events and progress",
    "champion: figures of the own team, from the smallest group shown",
    "manager: figures of fixed groups, from the smallest group shown, cut at midnight",
    "administrator: state of sources and accounts, pseudonyms only",
    "privacy officer: notices, agreements, erasure; names only by two people, logged",
    "approver and auditor: decision and evidence",
    "vendor: figures of the own tool",
    "external agency: what its role grants, until its last day",
};

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

struct notice_row {
    int64_t         version;
    struct db_bytes hash;
};

static const struct db_col notice_cols[] = {
    DB_COL(struct notice_row, version, DB_INT8),
    DB_COL(struct notice_row, hash, DB_BYTES),
    DB_COLS_END,
};

/* The last version; version 0 when there is none. */
static bool
last(struct declare_job *j, struct notice_row *ret)
{
    if (db_one(j->db, &sql_pilot_get_notice, DB_ARGS(db_int8(j->workspace), db_int8(j->pilot)),
               notice_cols, j->mem, ret, j->e))
        return true;
    if (j->e->code != ERR_NOT_FOUND)
        return false;
    *j->e = (struct err)ERR_INIT;
    return true;
}

/* Inside arena_enter(). */
static cJSON *
build(const struct declare_job *j, const cJSON *privacy)
{
    const struct charter *c = &j->is.charter;
    cJSON                *body = cJSON_CreateObject(), *list;

    cJSON_AddStringToObject(body, "pilot", j->is.code);
    cJSON_AddItemToObject(body, "privacy", cJSON_Duplicate(privacy, true));
    cJSON_AddItemToObject(body, "fields", cJSON_CreateStringArray(fields, COUNT(fields)));
    cJSON_AddItemToObject(body, "roles", cJSON_CreateStringArray(roles, COUNT(roles)));
    cJSON_AddItemToObject(body, "value_events",
                          cJSON_CreateStringArray(c->value_events, (int)c->value_events_n));
    list = cJSON_AddArrayToObject(body, "sources");
    for (size_t i = 0; i < j->sources_n; i++) {
        cJSON *s = cJSON_CreateObject();

        cJSON_AddStringToObject(s, "source", j->sources[i].code);
        cJSON_AddStringToObject(s, "tool", j->sources[i].tool);
        cJSON_AddItemToArray(list, s);
    }
    return body;
}

static bool
body(struct declare_job *j, const char **ret, size_t *ret_n)
{
    const cJSON *privacy;

    if (!json_parse(j->mem, j->privacy, strlen(j->privacy), &privacy, j->e))
        return false;
    struct arena *outer = arena_enter(j->mem);
    cJSON        *doc = build(j, privacy);
    arena_leave(outer);
    if (j->mem->denied)
        return err_set(j->e, ERR_NOMEM, "no memory for a notice");
    return json_canonical(j->mem, doc, ret, ret_n, j->e);
}

bool
declare_put_notice(struct declare_job *j)
{
    struct notice_row was = { 0 };
    const char       *text;
    size_t            n;
    uint8_t           hash[32];

    if (!last(j, &was))
        return false;
    if (!was.version && !conf_given(&declare_table, j->d, "privacy")) {
        declare_note(j, DECLARE_SAME, "notice", "",
                     "none: without a privacy section there are no keys and no seal");
        return true;
    }
    if (!body(j, &text, &n))
        return false;
    hash_sha256(text, n, hash);
    if (was.version && was.hash.n == sizeof hash && memcmp(was.hash.p, hash, sizeof hash) == 0) {
        declare_note(j, DECLARE_SAME, "notice", "", "version %d", (int)was.version);
        return true;
    }
    declare_note(j, was.version ? DECLARE_CHANGE : DECLARE_CREATE, "notice", "", "version %d",
                 (int)was.version + 1);
    return db_exec(j->db, &sql_pilot_insert_notice,
                   DB_ARGS(db_int8(j->workspace), db_int8(j->pilot), db_int8(was.version + 1),
                           db_json(text), db_bytes(hash, sizeof hash), db_time(j->now)),
                   NULL, j->e);
}
