/* worker_outage.c - PostgreSQL goes away while events come in: by crash, by cut connections, by
 * standing still. Run through a scratch-pg of its own, whose server it stops and starts. */
#include "house.h"
#include "t.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool commits_get_lost; /* synchronous_commit is off */

/* pg_ctl on the scratch server, which lives in $PGHOST/data. */
static void
pg_ctl(const char *what)
{
    char cmd[512];

    snprintf(
        cmd, sizeof cmd,
        "cd / && bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1); "
        "as=; [ \"$(id -u)\" = 0 ] && as='setpriv --reuid=postgres --regid=postgres"
        " --init-groups'; $as \"$bin/pg_ctl\" -D \"$PGHOST/data\" -l \"$PGHOST/log\" %s >/dev/null",
        what);
    if (system(cmd)) {
        fprintf(stderr, "%s\n", cmd);
        exit(1);
    }
}

#define START "-w -o \"-k $PGHOST -c listen_addresses= -c fsync=off -c synchronous_commit="

static void
restart(void)
{
    pg_ctl("-m immediate stop");
    usleep(300000);
    pg_ctl(commits_get_lost ? START "off\" start" : START "on\" start");
}

struct sender {
    struct house *h;
    _Atomic int   sent;
    _Atomic bool  stop;
};

/* Events, one in ten twice, as fast as they are answered. */
static void *
send_all(void *arg)
{
    struct sender *s = arg;

    while (!s->stop) {
        char   body[4000];
        size_t at = 0;
        int    from = s->sent;

        for (int k = from; k < from + 10; k++)
            at += (size_t)snprintf(body + at, sizeof body - at,
                                   "{\"id\":\"e%06d\",\"time\":\"2026-03-%02dT08:00:00Z\",\"user\":"
                                   "\"u%d\",\"action\":\"contact.a\"}\n",
                                   k, 2 + k % 7, k % 9);
        house_send(s->h, "crm", body);
        if (from % 100 == 0)
            house_send(s->h, "crm", body);
        s->sent = from + 10;
        usleep(500);
    }
    return NULL;
}

static void
check_all(struct house *h, int sent)
{
    int64_t twice = (sent + 90) / 100 * 10;

    CHECK_I(pg_int(&h->pg, "select count(*) from event"), sent);
    CHECK_I(pg_int(&h->pg, "select sum(loaded) from intake_day"), sent);
    CHECK_I(pg_int(&h->pg, "select sum(duplicates) from intake_day"), twice);
    CHECK_I(pg_int(&h->pg, "select sum(events) from usage_day"), sent);
    CHECK_I(pg_int(&h->pg, "select count(*) from quarantine"), 0);
    if (!commits_get_lost)
        house_conserved(h); /* else some are loaded twice, with the first time undone */
}

/* Whatever is done to the server while events come in. */
static void
during(void (*what)(struct house *h), int times)
{
    struct house  h = house_make();
    struct sender s = { .h = &h };
    pthread_t     t;

    pg_sql(&h.pg, "checkpoint"); /* what the test itself has made is not to get lost */
    db_close(h.pg.loader);       /* this one was only for the sources */
    h.pg.loader = NULL;
    h.opts.batch_rows = 50;
    house_start(&h);
    pthread_create(&t, NULL, send_all, &s);
    for (int i = 0; i < times; i++) {
        usleep(150000);
        what(&h);
    }
    usleep(150000);
    s.stop = true;
    pthread_join(t, NULL);
    house_work(&h);
    check_all(&h, s.sent);
    CHECK(house_stats(&h).fault == WORKER_FINE);
    CHECK(s.sent > 100);
    house_drop(&h);
}

static void
crash(struct house *h)
{
    (void)h;
    restart();
}

/* What the server forgot it was told comes from the journal again. */
static void
test_crashes(void)
{
    for (int lost = 1; lost >= 0; lost--) {
        commits_get_lost = lost;
        restart();
        during(crash, 4);
    }
}

static void
cut(struct house *h)
{
    pg_sql(&h->pg, "select pg_terminate_backend(pid) from pg_stat_activity"
                   " where application_name = 'collaudo'");
}

static void
test_cut_connections(void)
{
    during(cut, 20);
}

/* A server that stands still holds the loader up, and nothing else. */
static void
freeze(struct house *h)
{
    pid_t pid = (pid_t)pg_int(&h->pg, "select pid from pg_stat_activity where application_name ="
                                      " 'collaudo' order by backend_start limit 1");

    if (pid <= 1)
        return;
    kill(pid, SIGSTOP);
    usleep(400000);
    kill(pid, SIGCONT);
}

static void
test_a_frozen_server(void)
{
    during(freeze, 3);
}

/* Down from the start: taken all the same, and loaded when it is there. */
static void
test_down_from_the_start(void)
{
    struct house h = house_make();

    db_close(h.pg.loader);
    h.pg.loader = NULL;
    pg_ctl("-m immediate stop");
    house_start(&h);
    house_send(&h, "crm",
               "{\"id\":\"e1\",\"time\":\"2026-03-02T08:00:00Z\",\"user\":\"u\",\"action\":\"a\"}");
    CHECK(!worker_settled(h.worker, USEC_SECOND));
    struct worker_stats s = house_stats(&h);
    CHECK(s.failures > 1 && !s.position_known && s.why[0]);
    pg_ctl(START "on\" start");
    house_work(&h);
    CHECK_I(pg_int(&h.pg, "select count(*) from event"), 1);

    /* and while it is down, the worker can be stopped at once */
    pg_ctl("-m immediate stop");
    house_send(&h, "crm",
               "{\"id\":\"e2\",\"time\":\"2026-03-02T08:00:00Z\",\"user\":\"u\",\"action\":\"a\"}");
    usleep(800000);
    usec_t from = time_monotonic();
    house_stop(&h);
    CHECK(time_monotonic() - from < USEC_SECOND);
    pg_ctl(START "on\" start");
    house_drop(&h);
}

int
main(void)
{
    const char *host = getenv("PGHOST");

    if (!host || !strstr(host, "scratch-pg")) {
        fprintf(stderr, "only for a server of its own: scripts/scratch-pg %s\n",
                "fault_worker_outage");
        return 1;
    }
    T_RUN(test_crashes);
    T_RUN(test_cut_connections);
    T_RUN(test_a_frozen_server);
    T_RUN(test_down_from_the_start);
    return t_end();
}
