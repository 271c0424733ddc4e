/* key.c - ingest keys: made, listed, revoked. See auth.h. */
#include "auth_int.h"

#include "collaudo/str.h"

#include "sql_gen.h"

#include <string.h>

#define MOST_DAYS 3650  /* of a key's life, when it is said in days */
#define NOBODYS_TYPE 31 /* a bit that no event type has */

_Static_assert(AUTH_KEY_LEN == sizeof AUTH_PREFIX - 1 + AUTH_ID_LEN - 1 + 1 + AUTH_SECRET_LEN + 1,
               "clk_, id, _, secret, 0");

/* --- form ---------------------------------------------------------------------- */

bool
auth_key_cut(const char *key, size_t n, char ret_id[AUTH_ID_LEN], const char **ret_secret)
{
    size_t prefix = strlen(AUTH_PREFIX);

    if (n != AUTH_KEY_LEN - 1 || memcmp(key, AUTH_PREFIX, prefix) != 0 ||
        key[prefix + AUTH_ID_LEN - 1] != '_')
        return false;
    memcpy(ret_id, key + prefix, AUTH_ID_LEN - 1);
    ret_id[AUTH_ID_LEN - 1] = 0;
    *ret_secret = key + prefix + AUTH_ID_LEN;
    return strspn(ret_id, "0123456789abcdef") == AUTH_ID_LEN - 1;
}

uint32_t
auth_types_mask(const char *types)
{
    uint32_t mask = 0;

    for (size_t n; *types; types += n + strspn(types + n, " ")) {
        enum event_type t;

        n = strcspn(types, " ");
        t = event_type_of(types, n);
        mask |= UINT32_C(1) << (t ? (unsigned)t : NOBODYS_TYPE);
    }
    return mask;
}

static void
make_key(struct auth_key_made *k, uint8_t ret_hash[32])
{
    uint8_t id[(AUTH_ID_LEN - 1) / 2], secret[AUTH_SECRET_BYTES];
    size_t  prefix = strlen(AUTH_PREFIX);
    char   *at = k->text;

    hash_random(id, sizeof id);
    hash_random(secret, sizeof secret);
    hash_hex(id, sizeof id, k->id);
    memcpy(at, AUTH_PREFIX, prefix);
    memcpy(at + prefix, k->id, AUTH_ID_LEN - 1);
    at[prefix + AUTH_ID_LEN - 1] = '_';
    hash_hex(secret, sizeof secret, at + prefix + AUTH_ID_LEN);
    hash_sha256(at + prefix + AUTH_ID_LEN, AUTH_SECRET_LEN, ret_hash);
    hash_wipe(secret, sizeof secret);
}

/* --- creating --------------------------------------------------------------------- */

struct source_row {
    int64_t     source_id, live;
    const char *pilot, *tz, *live_ids;
    bool        archived, notice;
};

static const struct db_col source_cols[] = {
    DB_COL(struct source_row, source_id, DB_INT8), DB_COL(struct source_row, live, DB_INT8),
    DB_COL(struct source_row, pilot, DB_TEXT),     DB_COL(struct source_row, archived, DB_BOOL),
    DB_COL(struct source_row, notice, DB_BOOL),    DB_COL(struct source_row, tz, DB_TEXT),
    DB_COL(struct source_row, live_ids, DB_TEXT),  DB_COLS_END,
};

static bool
check_opts(const struct auth_key_opts *o, struct err *e)
{
    static const char *const names[] = {
#define X(symbol, number, name, ...) name,
        EVENT_TYPES(X)
#undef X
    };
    const char *near;

    if (o->rate < 0 || o->rate > AUTH_MOST_RATE)
        return err_set(e, ERR_INVALID, "a rate is 1 to %d events a second", AUTH_MOST_RATE);
    for (size_t i = 0; i < o->types_n; i++) {
        if (event_type_of(o->types[i], strlen(o->types[i])))
            continue;
        near = str_nearest(o->types[i], names, sizeof names / sizeof *names);
        return err_set(e, ERR_INVALID, "there is no event type %.40s%s%s%s", o->types[i],
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return true;
}

bool
auth_key_until(const char *text, struct auth_key_opts *o, struct err *e)
{
    size_t  digits = strspn(text, "0123456789");
    int64_t days = 0;
    char    number[8];

    if (digits && digits < sizeof number && strcmp(text + digits, "d") == 0) {
        memcpy(number, text, digits);
        number[digits] = 0;
        if (str_int(number, &days) && days > 0 && days <= MOST_DAYS) {
            o->expires = o->now + days * 24 * USEC_HOUR;
            return true;
        }
    }
    return time_parse_day(text, &o->last_day) || time_parse(text, strlen(text), &o->expires) ||
           err_set(e, ERR_INVALID,
                   "a key expires after some days (90d, at most %dd), with a day (2026-12-31) or "
                   "at an instant (2026-12-31T00:00:00+01:00)",
                   MOST_DAYS);
}

/* When it ends, 0: never. */
static bool
expiry(const struct auth_key_opts *o, const char *tz, usec_t *ret, struct err *e)
{
    const struct time_zone *zone;
    usec_t                  at = o->expires;

    if (o->last_day) {
        if (!time_zone_find(tz, &zone, e))
            return false;
        at = time_day_start(zone, o->last_day + 1);
    }
    if (at && at <= o->now)
        return err_set(e, ERR_INVALID, "the key would have expired already");
    *ret = at;
    return true;
}

static bool
no_source(struct db *db, const struct auth_key_opts *o, struct arena *mem, struct err *e)
{
    struct row {
        const char *code;
    };
    static const struct db_col cols[] = { DB_COL(struct row, code, DB_TEXT), DB_COLS_END };
    void                      *rows = NULL;
    size_t                     n = 0;
    const char                *near;

    if (!db_query(db, &sql_auth_list_sources, DB_ARGS(db_int8(o->workspace)), cols,
                  sizeof(struct row), mem, &rows, &n, e))
        return false;
    near = str_nearest(o->source, rows, n); /* rows of one text each: an array of texts */
    return err_set(e, ERR_NOT_FOUND, "there is no source %.80s%s%s%s", o->source,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* In an open transaction. The source's row is locked: two at once are counted one by one. */
static bool
create(struct db *db, const struct auth_key_opts *o, struct arena *mem, struct auth_key_made *k,
       struct err *e)
{
    struct source_row src = { 0 };
    uint8_t           hash[32];
    usec_t            expires = 0;

    if (!db_exec(db, &sql_auth_lock_source, DB_ARGS(db_int8(o->workspace), db_text(o->source)),
                 NULL, e))
        return false;
    if (!db_one(db, &sql_auth_get_source,
                DB_ARGS(db_int8(o->workspace), db_text(o->source), db_time(o->now)), source_cols,
                mem, &src, e)) {
        if (e->code != ERR_NOT_FOUND)
            return false;
        return no_source(db, o, mem, e);
    }
    if (src.archived)
        return err_set(e, ERR_CONFLICT, "pilot %s is archived: it takes no more events", src.pilot);
    if (!src.notice)
        return err_set(e, ERR_CONFLICT,
                       "pilot %s has no notice to its people: add a privacy section and apply it",
                       src.pilot);
    if (src.live >= AUTH_LIVE_KEYS)
        return err_set(e, ERR_CONFLICT,
                       "source %.60s has %d keys in force, %.45s: end the one that is used no "
                       "more (collaudo key list) with collaudo key revoke ID",
                       o->source, AUTH_LIVE_KEYS, src.live_ids);
    if (!expiry(o, src.tz, &expires, e))
        return false;
    make_key(k, hash);
    return db_exec(db, &sql_auth_insert_key,
                   DB_ARGS(db_int8(o->workspace), db_text(k->id), db_int8(src.source_id),
                           db_bytes(hash, sizeof hash), db_texts(o->types, o->types_n),
                           db_time(o->now), expires ? db_time(expires) : db_null(DB_TIME),
                           o->rate ? db_int8(o->rate) : db_null(DB_INT8)),
                   NULL, e);
}

bool
auth_key_create(struct db *db, const struct auth_key_opts *o, struct arena *mem,
                struct auth_key_made *ret, struct err *e)
{
    struct auth_key_made k = { .id = "" };
    bool                 ok;

    if (!check_opts(o, e) || !db_begin(db, o->workspace, e))
        return false;
    ok = create(db, o, mem, &k, e);
    if (!ok)
        db_rollback(db);
    ok = ok && db_commit(db, e);
    if (ok)
        *ret = k;
    hash_wipe(&k, sizeof k);
    return ok;
}

/* --- listing, revoking ---------------------------------------------------------------- */

static const struct db_col key_cols[] = {
    DB_COL(struct auth_key, id, DB_TEXT),
    DB_COL(struct auth_key, workspace, DB_TEXT),
    DB_COL(struct auth_key, source, DB_TEXT),
    DB_COL(struct auth_key, pilot, DB_TEXT),
    DB_COL(struct auth_key, types, DB_TEXT),
    DB_COL(struct auth_key, made, DB_TIME),
    DB_COL_NULL(struct auth_key, expires, DB_TIME),
    DB_COL_NULL(struct auth_key, revoked, DB_TIME),
    DB_COL_NULL(struct auth_key, used, DB_TIME),
    DB_COL_NULL(struct auth_key, rate, DB_INT8),
    DB_COLS_END,
};

bool
auth_key_list(struct db *db, int64_t workspace, usec_t now, struct arena *mem,
              struct auth_key **ret, size_t *ret_n, struct err *e)
{
    void            *rows = NULL;
    struct auth_key *k;
    size_t           n = 0;

    if (!db_begin_control(db, e))
        return false;
    if (!db_query(db, &sql_auth_list_keys, DB_ARGS(db_int8(workspace)), key_cols,
                  sizeof(struct auth_key), mem, &rows, &n, e)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, e))
        return false;
    k = rows;
    for (size_t i = 0; i < n; i++) {
        k[i].state = k[i].revoked                          ? AUTH_KEY_REVOKED
                     : k[i].expires && k[i].expires <= now ? AUTH_KEY_EXPIRED
                                                           : AUTH_KEY_LIVE;
        if (!k[i].rate)
            k[i].rate = AUTH_RATE;
    }
    *ret = k;
    *ret_n = n;
    return true;
}

const char *
auth_key_state_name(enum auth_key_state s)
{
    static const char *const names[] = {
        [AUTH_KEY_LIVE] = "live", [AUTH_KEY_EXPIRED] = "expired", [AUTH_KEY_REVOKED] = "revoked"
    };

    return names[s];
}

bool
auth_key_revoke(struct db *db, const char *id, usec_t now, struct err *e)
{
    int64_t n = 0;

    if (!db_begin_control(db, e))
        return false;
    if (!db_exec(db, &sql_auth_revoke_key, DB_ARGS(db_text(id), db_time(now)), &n, e)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, e))
        return false;
    return n > 0 || err_set(e, ERR_NOT_FOUND, "there is no key %.40s", id);
}
