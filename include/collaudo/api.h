/* api.h - every door of the service: ingest, reading API, pages, administration.
 *
 * One table of routes (api_routes), each with the right it needs. What the doors know of
 * the clockwork above their floor comes in as functions (api_hooks): main.c wires them.
 */
#ifndef COLLAUDO_API_H
#define COLLAUDO_API_H

#include "collaudo/auth.h"
#include "collaudo/db.h"
#include "collaudo/http.h"
#include "collaudo/ingest_ledger.h"
#include "collaudo/ingest_voice.h"
#include "collaudo/journal.h"
#include "collaudo/vault.h"

struct api_backlog {
    uint64_t bytes;  /* durable and not loaded */
    uint64_t events; /* in them, as far as they are counted: see worker.h */
    usec_t   lag;    /* age of the oldest record that waits */
    bool     known;  /* the database has been asked how far it is */
    /* The loader cannot go on without help (stuck), because a piece of the journal is missing
     * (gap), because durable data is damaged, or because of neither: nothing is lost then. */
    bool stuck, gap, damaged;
    char why[240];
    /* What was taken and what was loaded do not add up: items were lost or doubled. */
    bool unbalanced;
};

struct api_hooks {
    void *worker;
    /* Waits until everything durable is loaded and no day is dirty. False: not in time. */
    bool (*settled)(void *worker, usec_t timeout);
    void (*nudge)(void *worker); /* days became dirty by another hand */
    void (*backlog)(void *worker, struct api_backlog *ret);
    void (*metrics)(void *worker, struct str *out);
    /* The journal position of the record that brought an event. */
    bool (*find)(struct journal *j, int64_t workspace, int64_t source, const char *event_id,
                 usec_t received, uint64_t *ret_position, struct err *e);
};

struct api_opts {
    struct db_pool        *read, *write; /* role DB_APP */
    struct db_pool        *fleet;        /* role DB_LOADER: across workspaces */
    struct vault          *vault;
    struct journal        *journal;
    struct auth_ring      *ring;
    struct ingest_sources *sources;
    struct ingest_ledger  *ledger;
    struct api_hooks       hooks;
    usec_t (*now)(void); /* the wall clock; tests set another */
};

/* The app of http_opts. Everything in opts outlives it. NULL: no memory. */
struct app *api_new(const struct api_opts *opts);
void        api_close(struct app *app);

/* For /metrics; until then it tells nothing of the server. */
void api_set_http(struct app *app, struct http *http);

/* http_opts of the service: routes, authorisation, error pages, policy. The caller adds
 * addresses and limits. */
struct http_opts api_http_opts(struct app *app);

#endif
