/* worker_kill.c - the loader is killed between each two of its steps: everything counts once.
 *
 * A child joins the house and works until it is killed at the named place; then this process
 * works on what is left. The program is built with crash points, whatever the rest is. */
#include "house.h"
#include "t.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const points[] = {
    "worker/epoch_remembered",
    "worker/begun",
    "worker/locked",
    "worker/found",
    "worker/events",
    "worker/quarantine",
    "worker/counted",
    "worker/marked",
    "worker/moved",
    "worker/committed",
    "worker/loaded",
    "worker/rollup_taken",
    "worker/rollup_counted",
    "worker/rollup_committed",
};
#define POINTS (sizeof points / sizeof *points)

static const char *self;

/* --- the child -------------------------------------------------------------------- */

static int
child(const char *database, const char *dir)
{
    struct pg    pg = { .app = NULL };
    struct house h;

    hash_init();
    arena_init_cjson();
    snprintf(pg.name, sizeof pg.name, "%s", database);
    snprintf(pg.conninfo, sizeof pg.conninfo, "dbname=%s options='-c search_path=collaudo'",
             database);
    h = house_join(&pg, dir);
    h.opts.batch_rows = 60;
    house_work(&h);
    house_leave(&h);
    return 0;
}

/* How the child ended: the signal, or 0. */
static int
run_child(const struct house *h, const char *crash, const char *out)
{
    pid_t pid = fork();
    int   status;

    if (pid == 0) {
        setenv("COLLAUDO_CRASH", crash, 1);
        if (!freopen(out, "w", stderr))
            _exit(2);
        execl(self, self, "child", h->pg.name, h->dir, (char *)NULL);
        _exit(2);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        exit(1);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* --- what it is to load -------------------------------------------------------------- */

struct sums {
    int64_t events, duplicates, bad, conflicts, reread;
};

static void
send_events(struct house *h, int from, int n, const char *word)
{
    for (int i = from; i < from + n; i += 10) {
        char   body[4000];
        size_t at = 0;

        for (int k = i; k < i + 10; k++)
            at += (size_t)snprintf(body + at, sizeof body - at,
                                   "{\"id\":\"e%06d\",\"time\":\"2026-03-%02dT08:00:00Z\",\"user\":"
                                   "\"u%d\",\"action\":\"contact.%s\"}\n",
                                   k, 2 + k % 7, k % 9, word);
        house_send(h, "crm", body);
    }
}

static void
import_lines(struct house *h, int from, int n)
{
    struct ingest_frames *f = ingest_frames_new(false);
    struct err            e = ERR_INIT;
    char                  line[200];

    for (int i = from; i < from + n; i++) {
        int len =
            snprintf(line, sizeof line,
                     "{\"id\":\"i%06d\",\"source\":\"billing\",\"time\":\"2026-03-04T08:00:00Z\","
                     "\"user\":\"u1\",\"action\":\"contact.x\"}",
                     i);
        CHECK(ingest_frames_add(f, line, (size_t)len, &e));
    }
    CHECK(ingest_frames_add(f, "{\"broken", 8, &e));
    house_import(h, "crm", false, f);
    ingest_frames_close(f);
}

/* New, repeated, conflicting and bad ones, a file twice, a heartbeat. */
static void
send_round(struct house *h, int round, struct sums *s)
{
    int from = round * 1000;

    send_events(h, from, 200, "a");
    send_events(h, from + 50, 20, "a");
    send_events(h, from + 100, 10, "other");
    house_send(h, "tickets", "[{\"id\":\"x\"},3]");
    import_lines(h, from, 30);
    import_lines(h, from, 30);
    house_beat(h, "crm", "");
    s->events += 200 + 30;
    s->duplicates += 20;
    s->conflicts += 10;
    s->bad += 2 + (round == 0); /* the broken line is the same in every file */
    s->reread += 31 + (round > 0);
}

static void
check_sums(struct house *h, const struct sums *s)
{
    CHECK_I(pg_int(&h->pg, "select count(*) from event"), s->events);
    CHECK_I(pg_int(&h->pg, "select sum(loaded) from intake_day"), s->events);
    CHECK_I(pg_int(&h->pg, "select sum(duplicates) from intake_day"), s->duplicates);
    CHECK_I(pg_int(&h->pg, "select sum(reread) from intake_day"), s->reread);
    CHECK_I(pg_int(&h->pg, "select count(*) from quarantine where reason = 17"), s->conflicts);
    CHECK_I(pg_int(&h->pg, "select count(*) from quarantine where reason <> 17"), s->bad);
    CHECK_I(pg_int(&h->pg, "select sum(quarantined) from intake_day"), s->conflicts + s->bad);
    CHECK_I(pg_int(&h->pg, "select sum(events) from usage_day"), s->events);
    CHECK_I(pg_int(&h->pg, "select count(*) from event where action like '%%other'"), 0);
    CHECK_I(pg_int(&h->pg, "select count(*) from dirty_day"), 0);
    CHECK_I(pg_int(&h->pg, "select count(*) from heartbeat"), 1);
    CHECK_I(pg_int(&h->pg, "select position from journal"), (int64_t)journal_durable(h->journal));
}

static void
test_every_point(void)
{
    struct house h = house_make();
    struct sums  s = { 0 };
    int          round = 0;

    for (size_t i = 0; i < POINTS; i++)
        for (int nth = 1; nth <= 3; nth += 2) {
            char crash[80];

            if (nth > 1 && (strstr(points[i], "rollup") || strstr(points[i], "epoch")))
                continue; /* how often that is passed depends on the clock, or it is once */
            snprintf(crash, sizeof crash, "%s:%d", points[i], nth);
            t_row = crash;
            send_round(&h, round++, &s);
            house_leave(&h);
            CHECK_I(run_child(&h, crash, "/dev/null"), SIGKILL);
            h = house_join(&h.pg, h.dir);
            house_work(&h);
            check_sums(&h, &s);
            house_stop(&h); /* the next round is for the next child */
            t_row = NULL;
        }
    house_drop(&h);
}

/* Killed again and again at the same place, it still gets there: each life takes some on. */
static void
test_many_lives(void)
{
    struct house h = house_make();
    struct sums  s = { 0 };

    for (int round = 0; round < 5; round++)
        send_round(&h, round, &s);
    house_leave(&h);
    int lives = 0;
    while (lives < 100 && run_child(&h, "worker/committed", "/dev/null") == SIGKILL)
        lives++;
    CHECK(lives > 10 && lives < 100);
    h = house_join(&h.pg, h.dir);
    house_work(&h);
    check_sums(&h, &s);
    house_drop(&h);
}

/* No place is forgotten in the table above. */
static void
test_the_table_is_complete(void)
{
    struct house h = house_make();
    struct sums  s = { 0 };
    char         out[96];
    size_t       n, found = 0;

    send_round(&h, 0, &s);
    house_leave(&h);
    snprintf(out, sizeof out, "%s/points", h.dir);
    CHECK_I(run_child(&h, "list", out), 0);
    char *text = t_file(out, &n);
    for (const char *p = text; (p = strstr(p, "crash point worker/")); p++)
        found++;
    CHECK_I(found, POINTS);
    for (size_t i = 0; i < POINTS; i++) {
        t_row = points[i];
        CHECK(strstr(text, points[i]));
    }
    t_row = NULL;
    free(text);
    h = house_join(&h.pg, h.dir);
    house_work(&h);
    check_sums(&h, &s);
    house_drop(&h);
}

int
main(int argc, char **argv)
{
    self = argv[0];
    if (argc == 4)
        return child(argv[2], argv[3]);
    T_RUN(test_the_table_is_complete);
    T_RUN(test_every_point);
    T_RUN(test_many_lives);
    return t_end();
}
