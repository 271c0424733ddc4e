/* journal_fault.c - the journal while system calls fail, stop short or hang.
 *
 * The calls are those of journal_wrap.c; the journal itself has no seam for tests.
 */
#include "journal_t.h"
#include "journal_wrap.h"

#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)

/* --- a short life of a journal, in a process of its own ----------------------------------- */

#define RECORDS 80
#define MOST 9000 /* some need a segment of their own */
#define WINDOW 4

struct parcel {
    uint32_t seq;
    sem_t   *window;
};

static void
life_done(void *ctx, bool ok, uint64_t after)
{
    struct parcel *p = ctx;

    (void)after;
    if (ok)
        atomic_store(&jw->acked[p->seq], true);
    sem_post(p->window);
}

/* As the loader does it: notes what it has, then says so. */
static void
load(struct journal *j, struct journal_reader *r)
{
    struct err            e = ERR_INIT;
    struct journal_record rec;
    uint32_t              lane, seq;

    for (;;) {
        if (!journal_read(r, &rec, &e))
            return;
        if (!rec.payload)
            break;
        if (!jt_parse(rec.payload, rec.len, MOST, &lane, &seq) || seq >= RECORDS)
            _exit(9);
        atomic_store(&jw->loaded[seq], true);
    }
    journal_loaded(j, rec.after);
}

static int
life(const struct journal_opts *o)
{
    static struct parcel   p[RECORDS];
    static unsigned char   buf[MOST];
    struct err             e = ERR_INIT;
    struct journal        *j = NULL;
    struct journal_reader *r = NULL;
    sem_t                  window;

    sem_init(&window, 0, WINDOW);
    if (!journal_open(o, &j, &e))
        return 3;
    if (!journal_reader_open(j, 0, &r, &e))
        r = NULL;
    for (uint32_t seq = 0; seq < RECORDS; seq++) {
        size_t n = jt_make(1, seq, MOST, buf);

        p[seq] = (struct parcel){ .seq = seq, .window = &window };
        while (sem_wait(&window) != 0)
            continue;
        atomic_store(&jw->sent[seq], true);
        if (!journal_append(j, buf, n, life_done, &p[seq], &e))
            sem_post(&window);
        if (r && seq % 10 == 9)
            load(j, r);
    }
    for (int i = 0; i < WINDOW; i++)
        while (sem_wait(&window) != 0)
            continue;
    if (r)
        load(j, r);
    journal_reader_close(r);
    journal_close(j);
    return 0;
}

static int
run_life(const struct journal_opts *o)
{
    int status = -1;

    for (int i = 0; i < RECORDS; i++) {
        atomic_store(&jw->acked[i], false);
        atomic_store(&jw->sent[i], false);
        atomic_store(&jw->loaded[i], false);
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

        dup2(null, STDERR_FILENO); /* the faults are meant */
        _exit(life(o));
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    return status;
}

/* Opens what it left: everything acknowledged is there or was loaded, once, in order. */
static void
check_remains(const struct journal_opts *o)
{
    struct err             e = ERR_INIT;
    struct journal        *j = NULL;
    struct journal_reader *r = NULL;
    struct journal_record  rec;
    bool                   here[RECORDS] = { false };
    uint32_t               lane, seq, last = 0;

    if (!CHECK(journal_open(o, &j, &e))) {
        fprintf(stderr, "%s: %s\n", t_row, e.text);
        return;
    }
    CHECK(journal_reader_open(j, journal_first(j), &r, &e));
    for (int n = 0;; n++) {
        if (!CHECK(journal_read(r, &rec, &e)) || !rec.payload)
            break;
        if (!CHECK(jt_parse(rec.payload, rec.len, MOST, &lane, &seq) && seq < RECORDS) ||
            !CHECK(!n || seq > last) || !CHECK(atomic_load(&jw->sent[seq])))
            break;
        here[seq] = true;
        last = seq;
    }
    for (int i = 0; i < RECORDS; i++)
        if (atomic_load(&jw->acked[i]))
            CHECK(here[i] || atomic_load(&jw->loaded[i]));
    journal_reader_close(r);
    journal_close(j);
}

/* Which ends are right after the fault. An abort only where going on could lie. */
static bool
right_end(int status, enum jw_call c, int how)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 || (WEXITSTATUS(status) == 3 && how != EINTR);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
           (c == JW_FDATASYNC || c == JW_FSYNC);
}

static void
one_fault(enum jw_call c, int nth, int how, int *hits, int *aborts)
{
    char               *dir = jt_dir(true);
    struct journal_opts o = jt_opts(dir, 8 * KIB);
    char                row[80];

    snprintf(row, sizeof row, "%s number %d: %s", jw_name[c], nth,
             how == JW_SHORT ? "short" : strerrorname_np(how));
    t_row = row;
    o.keep = 0;
    jw_plan(c, nth, how);
    int status = run_life(&o);
    *hits += atomic_load(&jw->hit);
    *aborts += WIFSIGNALED(status);
    if (!CHECK(right_end(status, c, how)))
        fprintf(stderr, "status %x\n", (unsigned)status);
    if (how == EINTR || how == JW_SHORT)
        for (int i = 0; i < RECORDS; i++)
            CHECK(atomic_load(&jw->acked[i]));
    jw_plan(JW_NONE, 0, 0);
    check_remains(&o);
    t_row = NULL;
    jt_remove(dir);
}

/* Each call of each kind fails once, in each way it can. */
static void
test_each_call_fails_once(void)
{
    /* clang-format off */
    static const struct { enum jw_call c; int how; } row[] = {
        { JW_OPENAT, EIO },    { JW_OPENAT, ENOSPC },    { JW_OPENAT, EMFILE },
        { JW_PREAD, EIO },     { JW_PREAD, EINTR },      { JW_PREAD, JW_SHORT },
        { JW_PWRITE, EIO },    { JW_PWRITE, ENOSPC },    { JW_PWRITE, EINTR },  { JW_PWRITE, JW_SHORT },
        { JW_PWRITEV, EIO },   { JW_PWRITEV, ENOSPC },   { JW_PWRITEV, EINTR }, { JW_PWRITEV, JW_SHORT },
        { JW_FDATASYNC, EIO }, { JW_FDATASYNC, ENOSPC },
        { JW_FSYNC, EIO },     { JW_FSYNC, ENOSPC },
        { JW_RENAMEAT, EIO },  { JW_RENAMEAT, ENOSPC },
        { JW_UNLINKAT, EIO },
        { JW_MALLOC, ENOMEM }, { JW_CALLOC, ENOMEM },    { JW_REALLOC, ENOMEM },
    };
    /* clang-format on */
    char               *dir = jt_dir(true);
    struct journal_opts o = jt_opts(dir, 8 * KIB);
    int                 calls[JW_CALLS], tried = 0, hits = 0, aborts = 0;

    o.keep = 0;
    jw_plan(JW_NONE, 0, 0);
    CHECK_I(run_life(&o), 0);
    for (int i = 0; i < JW_CALLS; i++)
        calls[i] = atomic_load(&jw->calls[i]);
    for (int i = 0; i < RECORDS; i++)
        CHECK(atomic_load(&jw->acked[i]) && atomic_load(&jw->loaded[i]));
    jt_remove(dir);

    const char *thin = getenv("COLLAUDO_TEST_LONG");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int n = calls[row[i].c], step = thin ? 1 : 1 + n / 24, before = hits;

        CHECK(n > 0);
        for (int nth = 1; nth <= n; nth += nth < 10 ? 1 : step) {
            one_fault(row[i].c, nth, row[i].how, &hits, &aborts);
            tried++;
        }
        CHECK(hits > before);
    }
    printf("     %d faults, %d met, %d aborts\n", tried, hits, aborts);
    CHECK(hits > tried * 3 / 4); /* group sizes vary, so the last few may not come */
    CHECK(aborts > 10);
}

/* --- a sync that fails: the one sentence all else rests on -------------------------------------
 */

static void
test_sync_error_aborts(void)
{
    char *dir = jt_dir(false);

    for (int nth = 1; nth <= 12; nth++) {
        struct journal_opts o = jt_opts(dir, 64 * KIB);
        struct err          e = ERR_INIT;
        int                 status;

        jw_plan(JW_FDATASYNC, nth + 2, EIO); /* 1: recovery or the first segment */
        memset(jw->acked, 0, sizeof jw->acked);
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            struct journal *j;

            dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
            if (!journal_open(&o, &j, &e))
                _exit(3);
            for (int i = 0; i < 100; i++)
                if (jt_append(j, &i, sizeof i, NULL))
                    atomic_store(&jw->acked[i], true);
            _exit(0);
        }
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        int acked = 0;
        while (atomic_load(&jw->acked[acked]))
            acked++;
        CHECK_I(atomic_load(&jw->calls[JW_FDATASYNC]), nth + 2); /* and it is not tried again */
        CHECK(acked >= nth - 1 && acked <= nth + 1);
        jw_plan(JW_NONE, 0, 0);
        struct journal *j = jt_open(&o);
        CHECK(journal_durable(j) >= (uint64_t)acked * 40);
        journal_close(j);
        jt_remove(dir);
        dir = jt_dir(false);
    }
    jt_remove(dir);
}

/* --- a disk that takes its time ------------------------------------------------------------------
 */

static void
hold_syncs(bool on)
{
    atomic_store(&jw->hold_sync, on);
}

static void
wait_until_syncing(void)
{
    for (int i = 0; i < 10000 && !atomic_load(&jw->syncing); i++)
        usleep(500);
    CHECK_I(atomic_load(&jw->syncing), 1);
}

/* Nobody is answered and nothing is read before the sync has come back; what gathers
 * meanwhile goes in one write; the next write waits for the sync. */
static void
test_nothing_before_the_sync(void)
{
    char                   *dir = jt_dir(true);
    struct journal_opts     o = jt_opts(dir, 1024 * KIB);
    struct err              e = ERR_INIT;
    static unsigned char    buf[MOST];
    static struct jt_answer a[65];
    struct journal_stats    st;

    jw_plan(JW_NONE, 0, 0);
    struct journal *j = jt_open(&o);
    jt_fill(j, 1, 0, 1, MOST); /* the segment is there */
    uint64_t end = journal_durable(j);
    jw_clear();
    hold_syncs(true);
    for (uint32_t i = 0; i < 65; i++) {
        jt_answer_init(&a[i]);
        CHECK(journal_append(j, buf, jt_make(1, i + 1, MOST, buf), jt_done, &a[i], &e));
        if (i == 0)
            wait_until_syncing();
    }
    usleep(20000);
    CHECK(sem_trywait(&a[0].come) != 0);
    CHECK_I(journal_durable(j), end);
    CHECK_I(jt_read_all(j, 0, 1, 0, MOST, &e), 1);
    CHECK(!journal_wait(j, end, 10000));
    journal_stats(j, &st);
    CHECK(st.queued > 65 * 40 && st.groups == 1);
    unsigned long committer = jw_who('W');
    CHECK_S(jw_steps(committer), "W");
    hold_syncs(false);
    for (int i = 0; i < 65; i++) {
        while (sem_wait(&a[i].come) != 0)
            continue;
        CHECK(a[i].ok && a[i].after > end);
        end = a[i].after;
    }
    CHECK_S(jw_steps(committer), "WSWS");
    CHECK_I(jt_read_all(j, 0, 1, 0, MOST, &e), 66);
    journal_stats(j, &st);
    CHECK_I(st.groups, 3);
    journal_close(j);
    jt_remove(dir);
}

/* Each step is durable before the next one leans on it. A kill cannot show a missing sync;
 * the order of the calls does. */
static void
test_order_of_steps(void)
{
    char                *dir = jt_dir(true);
    struct journal_opts  o = jt_opts(dir, 8 * KIB);
    static unsigned char buf[20000];
    unsigned long        me = (unsigned long)pthread_self();

    o.keep = 0;
    jw_plan(JW_NONE, 0, 0);
    jw_clear();
    struct journal *j = jt_open(&o);
    CHECK_S(jw_steps(me), "ddzfpd"); /* parent of the new directory, itself; the spare */
    jw_clear();
    CHECK(jt_append(j, buf, 3000, NULL));
    unsigned long committer = jw_who('W');
    CHECK_S(jw_steps(committer), "hSndlfWS");
    jw_clear();
    CHECK(jt_append(j, buf, 500, NULL)); /* has room */
    CHECK_S(jw_steps(committer), "WS");
    jw_clear();
    CHECK(jt_append(j, buf, 3000, NULL)); /* has not */
    CHECK_S(jw_steps(committer), "hSndWS");
    jw_clear();
    CHECK(jt_append(j, buf, sizeof buf, NULL)); /* needs one of its own */
    CHECK_S(jw_steps(committer), "zfpdhSndWS");
    usleep(50000); /* the keeper has made the spare */
    jw_clear();
    journal_loaded(j, journal_durable(j));
    struct journal_stats st = { .segments = 3 };
    for (int i = 0; i < 1000 && st.segments > 1; i++) {
        usleep(2000);
        journal_stats(j, &st);
    }
    CHECK(strstr(jw_steps(jw_who('u')), "udud")); /* the directory after each */
    jw_clear();
    journal_close(j);
    CHECK_S(jw_steps(me), "Slf"); /* and nobody has it open */
    jw_clear();
    j = jt_open(&o); /* names and bytes first, then what they say is believed */
    CHECK_S(jw_steps(me), "dSuzfpd");
    journal_close(j);
    jt_remove(dir);
}

static void
test_queue_limit(void)
{
    char                   *dir = jt_dir(true);
    struct journal_opts     o = jt_opts(dir, 1024 * KIB);
    struct err              e = ERR_INIT;
    static unsigned char    buf[10000];
    static struct jt_answer a[64];
    int                     n = 0;

    o.max_queue = 100000;
    struct journal *j = jt_open(&o);
    hold_syncs(true);
    for (; n < 64; n++) {
        jt_answer_init(&a[n]);
        if (!journal_append(j, buf, sizeof buf, jt_done, &a[n], &e))
            break;
    }
    CHECK_I(n, 9);
    CHECK_I(e.code, ERR_BUSY);
    CHECK(strstr(e.text, "wait for the disk"));
    hold_syncs(false);
    for (int i = 0; i < n; i++) {
        while (sem_wait(&a[i].come) != 0)
            continue;
        CHECK(a[i].ok);
    }
    CHECK(jt_append(j, buf, sizeof buf, NULL));
    journal_close(j);
    jt_remove(dir);
}

/* journal_close() answers what is queued; nothing is lost on a graceful stop. */
static void
test_close_answers(void)
{
    char                   *dir = jt_dir(true);
    struct journal_opts     o = jt_opts(dir, 64 * KIB);
    struct err              e = ERR_INIT;
    static unsigned char    buf[MOST];
    static struct jt_answer a[50];

    struct journal *j = jt_open(&o);
    for (uint32_t i = 0; i < 50; i++) {
        jt_answer_init(&a[i]);
        CHECK(journal_append(j, buf, jt_make(1, i, MOST, buf), jt_done, &a[i], &e));
    }
    journal_close(j);
    for (int i = 0; i < 50; i++)
        CHECK(sem_trywait(&a[i].come) == 0 && a[i].ok);
    j = jt_open(&o);
    CHECK_I(jt_read_all(j, 0, 1, 0, MOST, &e), 50);
    journal_close(j);
    jt_remove(dir);
}

int
main(void)
{
    log_init(LOG_ERROR);
    jw_init();
    T_RUN(test_sync_error_aborts);
    T_RUN(test_nothing_before_the_sync);
    T_RUN(test_order_of_steps);
    T_RUN(test_queue_limit);
    T_RUN(test_close_answers);
    T_RUN(test_each_call_fails_once);
    return t_end();
}
