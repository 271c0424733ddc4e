/* main.c - wiring: which parts there are, in which order they start and stop. */
#include "collaudo/api.h"
#include "collaudo/cli.h"
#include "collaudo/cluster.h"
#include "collaudo/draw.h"
#include "collaudo/log.h"
#include "collaudo/outbound.h"
#include "collaudo/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READERS 8 /* connections for pages and the reading API */
#define WRITERS 4 /* for administration */

/* Everything a running service consists of, in the order it is started. */
struct house {
    const struct cli_serve *opts;
    const char             *data;
    struct arena            mem;
    struct cluster_choice   choice;  /* which PostgreSQL: named now, or when DIR was made */
    struct cluster         *cluster; /* NULL: one elsewhere */
    const char             *conninfo;
    struct vault           *vault;
    struct journal         *journal;
    struct db_pool         *read, *write, *fleet;
    struct auth_ring       *ring;
    struct ingest_sources  *sources;
    struct ingest_ledger   *ledger;
    struct worker          *worker;
    struct app             *app;
    struct http            *http;
};

/* --- hooks: what the doors may know of the clockwork ----------------------------------- */

static bool
settled(void *w, usec_t timeout)
{
    return worker_settled(w, timeout);
}

static void
nudge(void *w)
{
    worker_nudge(w);
}

static void
backlog(void *w, struct api_backlog *ret)
{
    struct worker_stats s;

    worker_stats(w, &s);
    *ret = (struct api_backlog){ .bytes = s.backlog,
                                 .events = s.backlog_events,
                                 .lag = s.lag,
                                 .known = s.position_known,
                                 .stuck = s.fault != WORKER_FINE,
                                 .gap = s.fault == WORKER_GAP,
                                 .damaged = s.fault == WORKER_DAMAGE,
                                 .unbalanced = s.unbalanced };
    snprintf(ret->why, sizeof ret->why, "%s", s.why);
}

static void
metrics(void *w, struct str *out)
{
    struct worker_stats s;

    worker_stats(w, &s);
    const struct {
        const char *name, *kind, *help;
        uint64_t    v;
    } rows[] = {
        { "backlog_bytes", "gauge", "durable and not loaded", s.backlog },
        { "lag_microseconds", "gauge", "age of the oldest record that waits", (uint64_t)s.lag },
        { "stuck", "gauge", "1: the loader cannot go on without help", s.fault != WORKER_FINE },
        { "events_loaded_total", "counter", "events stored", s.loaded },
        { "events_duplicate_total", "counter", "events that were there", s.duplicates },
        { "events_quarantined_total", "counter", "refused at the door", s.quarantined },
        { "events_conflict_total", "counter", "same id, other content", s.conflicts },
        { "events_refused_total", "counter", "refused by the database", s.refused },
        { "events_reread_total", "counter", "lines of a file imported again", s.reread },
        { "events_skipped_total", "counter", "of sources that are gone", s.skipped },
        { "heartbeats_total", "counter", "heartbeats", s.heartbeats },
        { "batches_total", "counter", "transactions committed", s.batches },
        { "batches_slow_total", "counter", "of those, with ids looked up", s.slow },
        { "failures_total", "counter", "transactions lost and tried again", s.failures },
        { "audits_total", "counter", "looks whether everything taken is there", s.audits },
        { "unbalanced", "gauge", "1: something taken was lost or doubled", s.unbalanced },
        { "rollup_days_total", "counter", "days counted again", s.rollup_days },
        { "rollup_failures_total", "counter", "rollups lost and tried again", s.rollup_failures },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        str_addf(out,
                 "# HELP collaudo_loader_%s %s\n# TYPE collaudo_loader_%s %s\n"
                 "collaudo_loader_%s %" PRIu64 "\n",
                 rows[i].name, rows[i].help, rows[i].name, rows[i].kind, rows[i].name, rows[i].v);
}

static bool
find(struct journal *j, int64_t workspace, int64_t source, const char *event_id, usec_t received,
     uint64_t *ret_position, struct err *e)
{
    return worker_find(j, workspace, source, event_id, received, USEC_SECOND, ret_position, e);
}

/* --- starting ---------------------------------------------------------------------------- */

/* What the command line says; else what the data directory remembers. */
static bool
choose_database(struct house *h, struct err *e)
{
    const struct cli_serve *o = h->opts;

    if (o->database) {
        h->choice = (struct cluster_choice){ o->database, o->database_read };
        return cluster_may_leave(h->data, e);
    }
    if (!cluster_recall(h->data, &h->mem, &h->choice, e))
        return false;
    if (h->choice.database)
        log_line(LOG_INFO, "serve", "the database is the one named in %s/database", h->data);
    if (!h->choice.database && o->database_read)
        return err_set(e, ERR_INVALID,
                       "--database-read names a replica of --database: the embedded PostgreSQL "
                       "has none");
    if (o->database_read)
        h->choice.database_read = o->database_read;
    return true;
}

static bool
start_database(struct house *h, struct err *e)
{
    if (!choose_database(h, e))
        return false;
    if (h->choice.database) {
        if (mkdir(h->data, 0700) < 0 && errno != EEXIST)
            return err_errno(e, errno, "cannot make %s", h->data);
        h->conninfo = h->choice.database;
        return db_migrate(h->conninfo, time_now(), e);
    }
    if (!cluster_start(h->data, &h->cluster, e))
        return false;
    h->conninfo = cluster_conninfo(h->cluster);
    return db_migrate(cluster_conninfo_owner(h->cluster), time_now(), e);
}

static struct db_pool *
pool(const char *conninfo, enum db_role role, size_t most, bool read_only)
{
    struct db_opts o = { .conninfo = conninfo, .role = role, .read_only = read_only };

    return db_pool_new(&o, most);
}

/* The journal, with an epoch of ours. Left open by another machine, it may still be written by
 * that one, on a disk that both share and whose locks reach nowhere. Now that it has lost its
 * epoch it notices within a second or so; whoever still writes then has no database. */
static bool
open_journal(struct house *h, const struct journal_opts *o, struct err *e)
{
    const struct timespec quiet = { .tv_sec = 3 };
    bool                  take = !h->opts->looks_only;

    if (!journal_open(o, &h->journal, e) ||
        !worker_introduce(h->conninfo, h->journal, take, time_now(), e))
        return false;
    if (!take || !journal_was_elsewhere(h->journal))
        return true;
    uint64_t end = journal_durable(h->journal);
    journal_close(h->journal);
    h->journal = NULL;
    log_line(LOG_INFO, "serve",
             "the journal was left open by another machine, or before this one was started again: "
             "waiting 3 s, in case somebody still writes");
    nanosleep(&quiet, NULL);
    if (!journal_open(o, &h->journal, e))
        return false;
    if (journal_durable(h->journal) != end)
        return err_set(
            e, ERR_CONFLICT,
            "another machine was writing to the journal in %s a moment ago: two services "
            "share one disk, and its locks do not work. Stop one of them for good, then "
            "start the other again",
            o->dir);
    return journal_set_epoch(h->journal, journal_epoch(h->journal), e);
}

static bool
start_stores(struct house *h, struct err *e)
{
    struct journal_opts j;
    char                dir[4096];

    if (snprintf(dir, sizeof dir, "%s/journal", h->data) >= (int)sizeof dir)
        return err_set(e, ERR_INVALID, "the name of the data directory is too long");
    j = journal_defaults(dir);
    if (!vault_open(h->data, &h->vault, e) || !open_journal(h, &j, e) ||
        (h->choice.database && !cluster_remember(h->data, &h->choice, e)))
        return false;
    h->read = pool(h->choice.database_read ? h->choice.database_read : h->conninfo, DB_APP, READERS,
                   true);
    h->write = pool(h->conninfo, DB_APP, WRITERS, false);
    h->fleet = pool(h->conninfo, DB_LOADER, 2, false);
    h->ring = auth_ring_new();
    h->sources = ingest_sources_new(h->vault);
    h->ledger = ingest_ledger_new(h->journal);
    if (!h->read || !h->write || !h->fleet || !h->ring || !h->sources || !h->ledger)
        return err_set(e, ERR_NOMEM, "no memory to start");
    return true;
}

/* Keys and sources as the database has them; called every second, so that a revoked key ends
 * within one. While the database is away the old ones stay. */
static bool
refresh(struct house *h, struct err *e)
{
    struct db *db = NULL;

    if (!db_take(h->fleet, &db, e)) {
        auth_ring_refresh(h->ring, NULL, &(struct err){ .code = ERR_NONE });
        return false;
    }
    bool ok = auth_ring_refresh(h->ring, db, e) && ingest_sources_load(h->sources, db, e);
    db_give(h->fleet, db);
    return ok;
}

/* Before anything is started: what cannot work is said at once. */
static bool
check_opts(const struct cli_serve *o, struct err *e)
{
    for (int i = 0; i < o->listen_n; i++)
        if (!http_check_address(o->listen[i], e))
            return err_wrap(e, "--listen");
    return true;
}

static bool
start_doors(struct house *h, struct err *e)
{
    struct worker_opts w = {
        .conninfo = h->conninfo, .journal = h->journal, .vault = h->vault, .ledger = h->ledger
    };
    struct api_opts a = { .read = h->read,
                          .write = h->write,
                          .fleet = h->fleet,
                          .vault = h->vault,
                          .journal = h->journal,
                          .ring = h->ring,
                          .sources = h->sources,
                          .ledger = h->ledger,
                          .now = time_now };
    const char     *listen[CLI_MOST_LISTEN + 1];
    char            socket[CLI_MOST_DATA + 32];

    if (!worker_start(&w, &h->worker, e))
        return false;
    a.hooks = (struct api_hooks){ h->worker, settled, nudge, backlog, metrics, find };
    if (!(h->app = api_new(&a)))
        return err_set(e, ERR_NOMEM, "no memory to start");
    snprintf(socket, sizeof socket, "unix:%s/" CLI_SOCKET, h->data);
    for (int i = 0; i < h->opts->listen_n; i++)
        listen[i] = h->opts->listen[i];
    listen[h->opts->listen_n] = socket;
    struct http_opts o = api_http_opts(h->app);
    o.listen = listen;
    o.listen_n = (size_t)h->opts->listen_n + 1;
    if (!http_start(&o, &h->http, e)) {
        struct err why = *e;

        return why.code == ERR_CONFLICT
                   ? err_set(e, why.code, "%s: choose another address with --listen", why.text)
                   : false;
    }
    api_set_http(h->app, h->http);
    return true;
}

static void
announce(const struct house *h)
{
    char url[HTTP_URL_LEN];

    for (size_t i = 0; http_url(h->http, i, url); i++)
        log_line(LOG_INFO, "serve", "pages and doors on %s", url);
    if (h->opts->ready_fd >= 0 && write(h->opts->ready_fd, "r", 1) < 0)
        return; /* whoever waited is gone */
}

/* --- running and stopping --------------------------------------------------------------------- */

/* Until SIGTERM or SIGINT: once a second what must be looked after. A fault is logged when it
 * begins, not every second. */
static void
keep(struct house *h, const sigset_t *stop)
{
    const struct timespec second = { .tv_sec = 1 };
    bool                  ill = false;

    while (sigtimedwait(stop, NULL, &second) < 0) {
        struct err e = ERR_INIT;
        bool       ok = (!h->cluster || cluster_keep(h->cluster, &e)) && refresh(h, &e);

        if (!ok && !ill)
            log_err("serve", &e, "keys and sources cannot be read");
        else if (ok && ill)
            log_line(LOG_INFO, "serve", "keys and sources are read again");
        ill = !ok;
    }
}

/* In the opposite order; each part takes NULL. Nothing answered is lost. */
static bool
stop_house(struct house *h, struct err *e)
{
    bool ok = true;

    http_stop(h->http);
    if (h->journal)
        journal_stop(h->journal);
    worker_stop(h->worker);
    if (h->journal)
        journal_close(h->journal);
    api_close(h->app);
    ingest_ledger_close(h->ledger);
    ingest_sources_close(h->sources);
    auth_ring_close(h->ring);
    db_pool_close(h->fleet);
    db_pool_close(h->write);
    db_pool_close(h->read);
    vault_close(h->vault);
    if (h->cluster)
        ok = cluster_stop(h->cluster, e);
    cluster_close(h->cluster);
    return ok;
}

static bool
serve(const struct cli_serve *opts, struct err *e)
{
    struct house h = { .opts = opts };
    struct err   later = ERR_INIT;
    sigset_t     stop;

    arena_init(&h.mem, 1 << 20);
    if (!check_opts(opts, e) || !cluster_drop_root(opts->data, &h.data, e) ||
        !draw_init(getenv("COLLAUDO_FONTS"), e))
        return false;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL); /* inherited by every thread */
    bool ok = start_database(&h, e) && start_stores(&h, e) && refresh(&h, e) && start_doors(&h, e);
    if (ok) {
        announce(&h);
        keep(&h, &stop);
        log_line(LOG_INFO, "serve", "stopping");
    }
    bool stopped = stop_house(&h, &later);
    draw_end();
    arena_free(&h.mem);
    if (ok && !stopped)
        *e = later;
    return ok && stopped;
}

int
main(int argc, char **argv)
{
    log_init(LOG_INFO);
    hash_init();
    arena_init_cjson();
    outbound_init();
    return cli_main(argc, argv, serve);
}
