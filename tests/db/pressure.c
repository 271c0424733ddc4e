/* pressure.c - too much waits, or the disk is nearly full: the doors say 503 and when to come
 * again, keep what they answered 200, and go on by themselves. Over HTTP, through a real journal of
 * small limits, on a disk whose free space this program decides. */
#include "house.h"
#include "t.h"

#include "collaudo/api.h"
#include "collaudo/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BATCH 500
#define MIB ((uint64_t)1 << 20)
#define SECRET "00000000000000000000000000000000000000000000000000000000000000aa"
#define KEY "clk_00000000000000a1_" SECRET

/* --- the disk ---------------------------------------------------------------------- */

static _Atomic uint64_t disk_free = 10000 * MIB;

int __real_fstatvfs(int fd, struct statvfs *st);
int __wrap_fstatvfs(int fd, struct statvfs *st);

int
__wrap_fstatvfs(int fd, struct statvfs *st)
{
    int r = __real_fstatvfs(fd, st);

    st->f_bavail = st->f_bfree = atomic_load(&disk_free) / st->f_frsize;
    return r;
}

/* --- the service, as far as the doors go ------------------------------------------------ */

struct doors {
    struct house      h;
    struct auth_ring *ring;
    struct app       *app;
    struct http      *http;
    unsigned          port;
};

static void
must(bool ok, const struct err *e)
{
    if (ok)
        return;
    fprintf(stderr, "pressure: %s\n", e->text);
    exit(1);
}

static void
backlog(void *of, struct api_backlog *ret)
{
    (void)of;
    *ret = (struct api_backlog){ .known = true };
}

static void
metrics(void *of, struct str *out)
{
    (void)of, (void)out;
}

static void
open_journal(struct house *h, uint64_t most)
{
    struct err          e = ERR_INIT;
    char                path[96];
    struct journal_opts o;

    ingest_ledger_close(h->ledger);
    journal_close(h->journal);
    snprintf(path, sizeof path, "%s/small", h->dir);
    o = journal_defaults(path);
    o.segment_bytes = MIB;
    o.max_backlog = most;
    o.min_free = 1024 * MIB;
    must(journal_open(&o, &h->journal, &e), &e);
    must(worker_introduce(h->pg.conninfo, h->journal, true, HOUSE_NOW, &e), &e);
    h->ledger = ingest_ledger_new(h->journal);
    h->opts.journal = h->journal;
    h->opts.ledger = h->ledger;
}

static void
open_doors(struct doors *d, uint64_t most)
{
    static const char *const listen[] = { "127.0.0.1:0" };
    struct err               e = ERR_INIT;
    char                     url[HTTP_URL_LEN];

    *d = (struct doors){ .h = house_make(), .ring = auth_ring_new() };
    open_journal(&d->h, most);
    pg_sql(&d->h.pg, "insert into ingest_key (workspace_id, key_id, source_id, hash, made_at)"
                     " values (1, '00000000000000a1', 1, sha256('" SECRET "'), '2026-01-01')");
    must(auth_ring_refresh(d->ring, pg_loader(&d->h.pg), &e), &e);
    struct api_opts a = { .vault = d->h.vault,
                          .journal = d->h.journal,
                          .ring = d->ring,
                          .sources = d->h.sources,
                          .ledger = d->h.ledger,
                          .hooks = { .backlog = backlog, .metrics = metrics },
                          .now = time_now };
    d->app = api_new(&a);
    struct http_opts o = api_http_opts(d->app);
    o.listen = listen;
    o.listen_n = 1;
    must(http_start(&o, &d->http, &e), &e);
    if (!http_url(d->http, 0, url))
        exit(1);
    d->port = (unsigned)strtoul(strrchr(url, ':') + 1, NULL, 10);
}

static void
close_doors(struct doors *d)
{
    http_stop(d->http);
    house_drop(&d->h);
    api_close(d->app);
    auth_ring_close(d->ring);
}

/* --- a sender ------------------------------------------------------------------------------ */

/* Status of the answer, its whole text in `ret`. */
static int
post(struct doors *d, const char *target, const char *body, char *ret, size_t size)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)d->port) };
    int                fd = socket(AF_INET, SOCK_STREAM, 0);
    char               head[256];
    size_t             n = 0;
    ssize_t            got;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        exit(1);
    int len = snprintf(head, sizeof head,
                       "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       "Authorization: Bearer " KEY "\r\nContent-Length: %zu\r\n\r\n",
                       target, strlen(body));
    CHECK(send(fd, head, (size_t)len, MSG_NOSIGNAL) == len);
    for (size_t at = 0; at < strlen(body); at += (size_t)got)
        if ((got = send(fd, body + at, strlen(body) - at, MSG_NOSIGNAL)) <= 0)
            exit(1);
    while (n < size - 1 && (got = recv(fd, ret + n, size - 1 - n, 0)) > 0)
        n += (size_t)got;
    ret[n] = 0;
    close(fd);
    return n > 12 ? (int)strtol(ret + 9, NULL, 10) : 0;
}

static int
post_events(struct doors *d, int from, int to, char *ret, size_t size)
{
    char *body = house_events(from, to, "deal.move");
    int   status = post(d, "/v1/events", body, ret, size);

    free(body);
    return status;
}

static void
refused(const char *answer, const char *why)
{
    CHECK(strstr(answer, "\r\nRetry-After: 5\r\n"));
    CHECK(strstr(answer, "\"code\":\"busy\""));
    if (!CHECK(strstr(answer, why)))
        fprintf(stderr, "%s\n", answer);
}

/* Batches until one is answered otherwise, at most 100; *n counts those taken. */
static int
post_many(struct doors *d, int *n, char *text, size_t size)
{
    int status = 200;

    for (int i = 0; i < 100 && status == 200; i++) {
        status = post_events(d, *n * BATCH, (*n + 1) * BATCH, text, size);
        *n += status == 200;
    }
    return status;
}

/* --- the tests ------------------------------------------------------------------------------- */

/* Nobody loads: at 2 MiB the doors close. A loader comes: they open, and all that was answered
 * 200, and nothing that was answered 503, is in the database once. */
static void
test_backlog(void)
{
    struct doors d;
    char         text[4096];
    int          n = 0;

    open_doors(&d, 2 * MIB);
    CHECK_I(post_many(&d, &n, text, sizeof text), 503);
    CHECK(n > 10);
    refused(text, "wait");
    struct journal_stats s;
    journal_stats(d.h.journal, &s);
    CHECK(s.backlog <= 3 * MIB && s.refused == 1);
    CHECK_I(post(&d, "/v1/heartbeat", "", text, sizeof text), 503); /* and stay closed */
    CHECK_I(post(&d, "/v1/events", "{oops", text, sizeof text), 503);
    house_work(&d.h);
    CHECK_I(house_count(&d.h, "event"), n * BATCH);
    CHECK_I(post_events(&d, n * BATCH, (n + 1) * BATCH, text, sizeof text), 200);
    CHECK_I(post(&d, "/v1/heartbeat", "", text, sizeof text), 200);
    house_work(&d.h);
    CHECK_I(house_count(&d.h, "event"), (n + 1) * BATCH);
    CHECK_I(house_count(&d.h, "quarantine"), 0);
    close_doors(&d);
}

/* The answer to heartbeats until it is the wanted one, for five seconds. */
static int
until(struct doors *d, int wanted, char *text, size_t size)
{
    int status = 0;

    for (int i = 0; i < 100 && status != wanted; i++) {
        status = post(d, "/v1/heartbeat", "", text, size);
        usleep(50000);
    }
    return status;
}

/* Below 1 GiB the doors close, within about a second; with room they open. */
static void
test_disk(void)
{
    struct doors d;
    char         text[4096];
    int          n = 0;

    open_doors(&d, 1000 * MIB);
    for (int turn = 0; turn < 3; turn++) {
        CHECK_I(until(&d, 200, text, sizeof text), 200);
        CHECK_I(post_events(&d, n * BATCH, (n + 1) * BATCH, text, sizeof text), 200);
        n++;
        atomic_store(&disk_free, 1000 * MIB);
        CHECK_I(until(&d, 503, text, sizeof text), 503);
        refused(text, "disk nearly full");
        CHECK_I(post_events(&d, 90000, 90100, text, sizeof text), 503);
        atomic_store(&disk_free, 10000 * MIB);
    }
    CHECK_I(until(&d, 200, text, sizeof text), 200);
    house_work(&d.h);
    CHECK_I(house_count(&d.h, "event"), n * BATCH);
    close_doors(&d);
}

int
main(void)
{
    T_RUN(test_backlog);
    T_RUN(test_disk);
    return t_end();
}
