/* doctor.c - what the service knows of its own health: one finding per check, for `collaudo
 * doctor`.
 *
 * What the machine is like is looked at by the command itself (src/cli/doctor.c). */
#include "app.h"

#include "sql_gen.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define GIB ((uint64_t)1 << 30)
#define LEAST_FILES 4096     /* 1,000 connections of senders, and room */
#define MOST_LAG USEC_MINUTE /* of the oldest record that waits */
#define MOST_DEAD 100000     /* rows of dirty_day that vacuum has yet to clear */
#define MOST_SKEW (2 * USEC_SECOND)
#define BAD_SKEW (5 * USEC_MINUTE)
#define OLDEST_VERSION 150000 /* of PostgreSQL; the newest known: */
#define NEWEST_VERSION 190000

enum state { OK, WARNING, PROBLEM };

struct server_row {
    usec_t      clock;
    int64_t     version, dead, dirty_bytes;
    const char *fsync, *full_page_writes, *synchronous_commit;
    bool        app_is_free, loader_is_fit, login_is_super;
};

static const struct db_col server_cols[] = {
    DB_COL(struct server_row, clock, DB_TIME),
    DB_COL(struct server_row, version, DB_INT8),
    DB_COL(struct server_row, fsync, DB_TEXT),
    DB_COL(struct server_row, full_page_writes, DB_TEXT),
    DB_COL(struct server_row, synchronous_commit, DB_TEXT),
    DB_COL(struct server_row, app_is_free, DB_BOOL),
    DB_COL(struct server_row, loader_is_fit, DB_BOOL),
    DB_COL(struct server_row, login_is_super, DB_BOOL),
    DB_COL(struct server_row, dead, DB_INT8),
    DB_COL(struct server_row, dirty_bytes, DB_INT8),
    DB_COLS_END,
};

struct watch_row {
    const char *workspace, *source, *cadence;
    int64_t     live, expired, expiring, silent, expected;
    bool        never;
};

static const struct db_col watch_cols[] = {
    DB_COL(struct watch_row, workspace, DB_TEXT),
    DB_COL(struct watch_row, source, DB_TEXT),
    DB_COL(struct watch_row, cadence, DB_TEXT),
    DB_COL(struct watch_row, live, DB_INT8),
    DB_COL(struct watch_row, expired, DB_INT8),
    DB_COL(struct watch_row, expiring, DB_INT8),
    { "silent", DB_INT8, offsetof(struct watch_row, silent), true,
      offsetof(struct watch_row, never) },
    DB_COL(struct watch_row, expected, DB_INT8),
    DB_COLS_END,
};

/* Everything the checks look at. */
struct visit {
    struct app             *app;
    bool                    asked; /* the database answered: */
    struct err              why;   /* else why not */
    struct server_row       server;
    int                     schema, our_schema;
    int64_t                 dirty;
    usec_t                  asked_at; /* by our clock, in the middle */
    usec_t                  took;
    const struct watch_row *watch;
    size_t                  watch_n;
    struct journal_stats    journal;
    struct api_backlog      backlog;
};

struct finding {
    enum state state;
    char       text[400], next[300];
};

static void find(struct finding *f, enum state s, const char *next, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
find(struct finding *f, enum state s, const char *next, const char *fmt, ...)
{
    va_list ap;

    f->state = s;
    snprintf(f->next, sizeof f->next, "%s", next);
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof f->text, fmt, ap);
    va_end(ap);
}

/* --- database --------------------------------------------------------------------- */

static void
check_database(const struct visit *v, struct finding *f)
{
    if (v->asked)
        find(f, OK, "", "answers in %" PRId64 " ms", v->took / 1000);
    else
        find(f, PROBLEM,
             "embedded: read the newest file of DIR/pg-log; else: look at your server. Events are "
             "taken and kept meanwhile",
             "does not answer: %.200s", v->why.text);
}

static void
check_version(const struct visit *v, struct finding *f)
{
    int64_t n = v->server.version;

    if (n < OLDEST_VERSION)
        find(f, PROBLEM, "move the data to PostgreSQL 15 or newer with pg_dump",
             "PostgreSQL %" PRId64 " is too old", n / 10000);
    else if (n >= NEWEST_VERSION)
        find(f, WARNING, "look for a newer collaudo", "PostgreSQL %" PRId64 " is newer than known",
             n / 10000);
    else
        find(f, OK, "", "PostgreSQL %" PRId64, n / 10000);
}

static void
check_settings(const struct visit *v, struct finding *f)
{
    const struct server_row *s = &v->server;
    bool                     lost = strcmp(s->synchronous_commit, "off") == 0;

    if (strcmp(s->fsync, "on") != 0 || strcmp(s->full_page_writes, "on") != 0 || lost)
        find(f, PROBLEM,
             "psql: alter system set fsync = on; alter system set full_page_writes = on; alter "
             "system set synchronous_commit = on; select pg_reload_conf()",
             "fsync = %.8s, full_page_writes = %.8s, synchronous_commit = %.16s: a crash of the "
             "machine can lose or damage what was loaded",
             s->fsync, s->full_page_writes, s->synchronous_commit);
    else
        find(f, OK, "", "fsync, full_page_writes and synchronous_commit are on");
}

static void
check_roles(const struct visit *v, struct finding *f)
{
    if (v->server.app_is_free)
        find(f, PROBLEM, "psql: alter role collaudo_app nosuperuser nobypassrls",
             "the role collaudo_app sees past the walls between workspaces");
    else if (!v->server.loader_is_fit)
        find(f, PROBLEM, "psql: alter role collaudo_loader nosuperuser bypassrls",
             "the role collaudo_loader is missing, cannot load, or is a superuser");
    else if (v->server.login_is_super)
        find(f, WARNING, "docs/operations.md, A PostgreSQL of your own: give the service a role",
             "the service logs in as a superuser");
    else
        find(f, OK, "", "each role may do what it needs and no more");
}

static void
check_schema(const struct visit *v, struct finding *f)
{
    if (v->schema != v->our_schema)
        find(f, PROBLEM, "start the newest collaudo: it brings the schema up by itself",
             "the database has schema %d, this program %d", v->schema, v->our_schema);
    else
        find(f, OK, "", "schema %d, as this program has it", v->schema);
}

static void
check_dirty(const struct visit *v, struct finding *f)
{
    if (v->server.dead > MOST_DEAD)
        find(f, WARNING,
             "psql: vacuum (analyze) collaudo.dirty_day; and look why autovacuum does not",
             "%" PRId64 " dead rows in dirty_day (%" PRId64 " MiB): vacuum does not keep up",
             v->server.dead, v->server.dirty_bytes >> 20);
    else
        find(f, OK, "", "%" PRId64 " days wait to be counted; %" PRId64 " KiB", v->dirty,
             v->server.dirty_bytes >> 10);
}

/* --- journal ------------------------------------------------------------------------ */

static void
check_journal(const struct visit *v, struct finding *f)
{
    if (v->backlog.stuck)
        find(f, PROBLEM,
             v->backlog.gap || v->backlog.damaged
                 ? "stop the service, copy DIR, bring back the missing file or the right database "
                   "from a backup, start; never delete a segment"
                 : "mend what the database says; loading goes on by itself",
             "%s: %.200s",
             v->backlog.gap       ? "a piece is missing"
             : v->backlog.damaged ? "damaged"
                                  : "not loaded",
             v->backlog.why);
    else if (v->journal.torn)
        find(f, OK, "", "whole; the last stop cut off a write that nobody was told of");
    else
        find(f, OK, "", "whole: %" PRIu64 " segments", v->journal.segments);
}

static void
check_backlog(const struct visit *v, struct finding *f)
{
    const struct api_backlog *b = &v->backlog;

    if (b->lag > MOST_LAG)
        find(f, WARNING, "look at database and machine; nothing is lost: it is loaded later",
             "%" PRIu64 " bytes wait to be loaded, the oldest for %" PRId64 " s", b->bytes,
             b->lag / USEC_SECOND);
    else
        find(f, OK, "", "%" PRIu64 " bytes wait to be loaded", b->bytes);
}

static void
check_room(const struct visit *v, struct finding *f)
{
    uint64_t free_bytes = v->journal.free_bytes, least = journal_defaults("").min_free;

    if (v->journal.no_segment || free_bytes < least)
        find(f, PROBLEM, "make room on the disk of DIR/journal: it goes on by itself",
             "%.1f GiB free for the journal: events are refused", (double)free_bytes / (double)GIB);
    else if (free_bytes < 5 * least)
        find(f, WARNING, "make room on the disk of DIR/journal",
             "%.1f GiB free for the journal; below %.1f events are refused",
             (double)free_bytes / (double)GIB, (double)least / (double)GIB);
    else
        find(f, OK, "", "%.1f GiB free for the journal", (double)free_bytes / (double)GIB);
}

static void
check_epoch(const struct visit *v, struct finding *f)
{
    if (v->journal.fenced)
        find(f, PROBLEM,
             "stop one of the two for good; to take events here too: stop, move DIR/journal out of "
             "DIR once its backlog is 0, start",
             "another instance goes on with this journal: no events are taken here");
    else
        find(f, OK, "", "this instance is the one that goes on with the journal");
}

static void
check_conservation(const struct visit *v, struct finding *f)
{
    if (v->backlog.unbalanced)
        find(f, PROBLEM,
             "copy DIR and the database as they are, and report it; the log has the counts",
             "what was taken and what was loaded do not add up");
    else
        find(f, OK, "", "what was taken is loaded or waits");
}

/* --- keys and sources ------------------------------------------------------------------ */

/* "acme/crm, acme/erp and 3 more" of the sources that are `bad`. */
static size_t
name_sources(const struct visit *v, bool (*bad)(const struct watch_row *), char *ret, size_t cap)
{
    size_t n = 0, at = 0;

    *ret = 0;
    for (size_t i = 0; i < v->watch_n; i++) {
        if (!bad(&v->watch[i]))
            continue;
        if (++n <= 3 && at < cap)
            at += (size_t)snprintf(ret + at, cap - at, "%s%.40s/%.40s", n > 1 ? ", " : "",
                                   v->watch[i].workspace, v->watch[i].source);
    }
    if (n > 3 && at < cap)
        snprintf(ret + at, cap - at, " and %zu more", n - 3);
    return n;
}

static bool
has_no_key(const struct watch_row *w)
{
    return w->live == 0;
}

static bool
has_old_key(const struct watch_row *w)
{
    return w->expired > 0 || w->expiring > 0;
}

static bool
never_came(const struct watch_row *w)
{
    return w->live > 0 && w->never && w->expected > 0;
}

/* In days: the last delivery is known by its day. A working day may come after a long weekend. */
static bool
is_silent(const struct watch_row *w)
{
    int64_t most = strcmp(w->cadence, "hourly") == 0 ? 1 : 4;

    return !w->never && strcmp(w->cadence, "none") != 0 && w->silent > most;
}

static void
check_live_keys(const struct visit *v, struct finding *f)
{
    char names[280];

    if (name_sources(v, has_no_key, names, sizeof names))
        find(f, WARNING, "collaudo key create --source S", "no live key: %s", names);
    else
        find(f, OK, "", "each of %zu sources of running pilots has one", v->watch_n);
}

static void
check_old_keys(const struct visit *v, struct finding *f)
{
    char names[280];

    if (name_sources(v, has_old_key, names, sizeof names))
        find(f, WARNING,
             "collaudo key list; then key create for the tool, and key revoke for the old",
             "keys that have expired or do so within 7 days: %s", names);
    else
        find(f, OK, "", "none has expired or does so within 7 days");
}

static void
check_unused_keys(const struct visit *v, struct finding *f)
{
    char names[280];

    if (name_sources(v, never_came, names, sizeof names))
        find(f, WARNING, "give the tool its key and address (docs/sending-events.md)",
             "a key, and nothing ever came with it: %s", names);
    else
        find(f, OK, "", "none is without deliveries");
}

static void
check_silence(const struct visit *v, struct finding *f)
{
    char names[280];

    if (name_sources(v, is_silent, names, sizeof names))
        find(f, WARNING, "ask the owner of the tool; collaudo sources shows the last day",
             "silent against their cadence: %s", names);
    else
        find(f, OK, "", "none is silent against its cadence");
}

/* --- the process and its clock ------------------------------------------------------------ */

static int64_t
files_open(void)
{
    DIR    *d = opendir("/proc/self/fd");
    int64_t n = 0;

    if (!d)
        return 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void
check_files(const struct visit *v, struct finding *f)
{
    struct rlimit r = { 0 };
    int64_t       used = files_open();

    (void)v;
    (void)getrlimit(RLIMIT_NOFILE, &r);
    if ((uint64_t)used * 10 > r.rlim_cur * 9)
        find(f, PROBLEM, "systemd: LimitNOFILE=65536, and restart the service",
             "%" PRId64 " of %llu open files in use", used, (unsigned long long)r.rlim_cur);
    else if (r.rlim_cur < LEAST_FILES)
        find(f, WARNING, "systemd: LimitNOFILE=65536, and restart the service",
             "at most %llu open files, %d are wanted for 1,000 senders at once",
             (unsigned long long)r.rlim_cur, LEAST_FILES);
    else
        find(f, OK, "", "%" PRId64 " of %llu open files in use", used,
             (unsigned long long)r.rlim_cur);
}

static void
check_skew(const struct visit *v, struct finding *f)
{
    usec_t skew = v->server.clock - v->asked_at, size = skew < 0 ? -skew : skew;
    size -= size > v->took ? v->took : size; /* no more is known than that */

    if (size > MOST_SKEW)
        find(f, size > BAD_SKEW ? PROBLEM : WARNING,
             "timedatectl set-ntp true, on both machines; events are dated by this one",
             "this machine's clock is %.1f s %s that of PostgreSQL", (double)size / 1e6,
             skew < 0 ? "ahead of" : "behind");
    else
        find(f, OK, "", "within %.3f s of that of PostgreSQL", (double)(size + v->took) / 1e6);
}

/* --- all of them ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *name;
    bool        of_database; /* not known while it does not answer */
    void (*run)(const struct visit *v, struct finding *ret);
} checks[] = {
    { "database",           false, check_database },
    { "database version",   true,  check_version },
    { "database settings",  true,  check_settings },
    { "database roles",     true,  check_roles },
    { "database schema",    true,  check_schema },
    { "dirty days",         true,  check_dirty },
    { "journal",            false, check_journal },
    { "journal backlog",    false, check_backlog },
    { "journal disk",       false, check_room },
    { "journal epoch",      false, check_epoch },
    { "conservation",       false, check_conservation },
    { "keys live",          true,  check_live_keys },
    { "keys expired",       true,  check_old_keys },
    { "keys unused",        true,  check_unused_keys },
    { "sources silent",     true,  check_silence },
    { "open files",         false, check_files },
    { "clock and database", true,  check_skew },
};
/* clang-format on */

static bool
ask(struct visit *v, struct db *db, struct arena *mem, struct err *e)
{
    static const struct db_col days[] = { { .name = "days", .type = DB_INT8 }, DB_COLS_END };
    usec_t                     now = v->app->o.now(), begun;
    void                      *rows;

    /* twice: the first time it is prepared, and only the second one is a measure of the clock */
    for (int i = 0; i < 2; i++) {
        begun = v->app->o.now();
        if (!db_begin_control(db, e) ||
            !db_one(db, &sql_api_get_server, DB_NO_ARGS, server_cols, mem, &v->server, e) ||
            !db_commit(db, e))
            return false;
        v->took = v->app->o.now() - begun;
        v->asked_at = begun + v->took / 2;
    }
    if (!db_begin_control(db, e) || !db_schema(db, &v->schema, &v->our_schema, e) ||
        !db_one(db, &sql_api_count_dirty, DB_NO_ARGS, days, mem, &v->dirty, e) ||
        !db_query(db, &sql_api_list_watch,
                  DB_ARGS(db_date((int32_t)(now / (24 * USEC_HOUR))), db_time(now)), watch_cols,
                  sizeof(struct watch_row), mem, &rows, &v->watch_n, e) ||
        !db_commit(db, e))
        return false;
    v->watch = rows;
    return true;
}

static void
look(struct visit *v, struct arena *mem)
{
    struct app *app = v->app;
    struct db  *db;

    if (db_take(app->o.fleet, &db, &v->why)) {
        v->asked = ask(v, db, mem, &v->why);
        db_give(app->o.fleet, db);
    }
    journal_stats(app->o.journal, &v->journal);
    app->o.hooks.backlog(app->o.hooks.worker, &v->backlog);
}

bool
api_get_doctor(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    static const char *const states[] = { "ok", "warning", "problem" };
    struct visit             v = { .app = app };
    struct str               s;

    look(&v, req->mem);
    str_init(&s, req->mem);
    str_add(&s, "{\"checks\":[");
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct finding f = { .state = OK };

        if (checks[i].of_database && !v.asked)
            find(&f, WARNING, "mend the database first", "not known: the database does not answer");
        else
            checks[i].run(&v, &f);
        str_addf(&s, "%s{\"check\":\"%s\",\"state\":\"%s\",\"text\":", i ? "," : "", checks[i].name,
                 states[f.state]);
        str_json(&s, f.text);
        str_add(&s, ",\"next\":");
        str_json(&s, f.next);
        str_addc(&s, '}');
    }
    str_add(&s, "]}\n");
    return api_answer(ret_res, &s, API_JSON, e);
}
