/* journal_kill.c - kill -9 of a process that writes a journal: at random, and at each of the
 * named crash points. Whatever it acknowledged must be read back once and in order, and
 * nothing it never sent.
 *
 *     fault_journal_kill [--long]
 *
 * Short: 100 random kills, each point 3 times. Long: 1,000, and 20 times. The child has four
 * writing threads and a loader, small segments and no retention, so that segments of all
 * kinds come and go. Who sent what, and what was acknowledged or loaded, is noted in memory
 * that outlives the child, as a client's and a database's memory would.
 */
#include "journal_t.h"

#include "collaudo/hash.h"
#include "collaudo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LANES 4
#define WINDOW 4
#define MOST 40000 /* bytes; one in sixteen is large, some larger than a segment */
#define SEQS 500000
#define KIB ((size_t)1 << 10)

#define NOWHERE UINT64_MAX

/* Zero is "never": the memory comes zeroed. */
static struct book {
    atomic_uint           next[LANES]; /* records sent so far */
    atomic_bool           acked[LANES][SEQS];
    atomic_uint_least64_t seen[LANES][SEQS]; /* position + 1 where the loader found it */
    atomic_uint_least64_t loaded;            /* the position row of the database */
    atomic_uint           wrong;             /* found by the child itself */
} * book;

static bool go_long;

/* --- the child --------------------------------------------------------------------------- */

struct parcel {
    uint32_t lane, seq;
    sem_t   *window;
};

static void
done(void *ctx, bool ok, uint64_t after)
{
    struct parcel *p = ctx;

    (void)after;
    if (ok)
        atomic_store(&book->acked[p->lane][p->seq], true);
    sem_post(p->window);
    free(p);
}

struct lane_arg {
    struct journal    *j;
    uint32_t           lane, records;
    pthread_barrier_t *rest; /* now and then all pause, so that the journal is idle too */
};

static void
wait_all(sem_t *window)
{
    for (int i = 0; i < WINDOW; i++)
        while (sem_wait(window) != 0)
            continue;
}

static void *
write_lane(void *arg)
{
    struct lane_arg *a = arg;
    struct err       e = ERR_INIT;
    unsigned char   *buf = malloc(MOST);
    sem_t            window;

    sem_init(&window, 0, WINDOW);
    for (uint32_t i = 0; i < a->records; i++) {
        uint32_t       seq = atomic_fetch_add(&book->next[a->lane], 1); /* sent from here on */
        struct parcel *p = malloc(sizeof *p);

        if (seq >= SEQS)
            _exit(4); /* the book is full */
        *p = (struct parcel){ .lane = a->lane, .seq = seq, .window = &window };
        while (sem_wait(&window) != 0)
            continue;
        if (!journal_append(a->j, buf, jt_make(a->lane, seq, MOST, buf), done, p, &e))
            atomic_fetch_add(&book->wrong, 1);
        if (i % 40 == 39) {
            wait_all(&window);
            pthread_barrier_wait(a->rest);
            usleep(1000);
            for (int k = 0; k < WINDOW; k++)
                sem_post(&window);
        }
    }
    wait_all(&window);
    free(buf);
    return NULL;
}

/* Notes where a record was found. False: it is not one that was sent, or it is there twice. */
static bool
see(const struct journal_record *rec, uint32_t *ret_lane, uint32_t *ret_seq)
{
    if (!jt_parse(rec->payload, rec->len, MOST, ret_lane, ret_seq) || *ret_lane >= LANES ||
        *ret_seq >= atomic_load(&book->next[*ret_lane]))
        return false;
    uint_least64_t before = atomic_exchange(&book->seen[*ret_lane][*ret_seq], rec->position + 1);
    return before == 0 || before == rec->position + 1; /* read again before it was committed */
}

static void *
load(void *arg)
{
    struct journal        *j = arg;
    struct err             e = ERR_INIT;
    struct journal_reader *r;
    struct journal_record  rec;
    uint32_t               lane, seq;
    uint64_t               at = atomic_load(&book->loaded);

    if (!journal_reader_open(j, at, &r, &e)) {
        atomic_fetch_add(&book->wrong, 1);
        return NULL;
    }
    journal_loaded(j, at);
    for (int n = 1;; n++) {
        if (!journal_read(r, &rec, &e) || (rec.payload && !see(&rec, &lane, &seq)))
            atomic_fetch_add(&book->wrong, 1);
        if (e.code || (!rec.payload && !journal_wait(j, rec.after, USEC_HOUR)))
            break; /* journal_stop() */
        if (n % 16 && rec.payload)
            continue;
        atomic_store(&book->loaded, rec.after); /* the commit */
        journal_loaded(j, rec.after);
    }
    journal_reader_close(r);
    return NULL;
}

static struct journal_opts
options(const char *dir)
{
    struct journal_opts o = jt_opts(dir, 32 * KIB);

    o.keep = 0;
    return o;
}

/* Writes `records` per thread, then ends in peace. */
static int
child(const char *dir, uint32_t records)
{
    struct journal_opts o = options(dir);
    struct journal     *j;
    struct err          e = ERR_INIT;
    struct lane_arg     arg[LANES];
    pthread_t           writer[LANES], loader;
    pthread_barrier_t   rest;

    if (!journal_open(&o, &j, &e)) {
        fprintf(stderr, "child: %s\n", e.text);
        return 3;
    }
    pthread_barrier_init(&rest, NULL, LANES);
    pthread_create(&loader, NULL, load, j);
    for (uint32_t i = 0; i < LANES; i++) {
        arg[i] = (struct lane_arg){ .j = j, .lane = i, .records = records, .rest = &rest };
        pthread_create(&writer[i], NULL, write_lane, &arg[i]);
    }
    for (int i = 0; i < LANES; i++)
        pthread_join(writer[i], NULL);
    journal_stop(j);
    pthread_join(loader, NULL);
    journal_close(j);
    return 0;
}

/* --- the parent ------------------------------------------------------------------------------ */

static pid_t
start(const char *dir, uint32_t records, const char *crash)
{
    fflush(NULL);
    pid_t pid = fork();

    if (pid == 0) {
        if (crash)
            setenv("COLLAUDO_CRASH", crash, 1);
        _exit(child(dir, records));
    }
    CHECK(pid > 0);
    return pid;
}

static int
wait_for(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* Opens what it left behind and compares with the book. */
static void
check_book(const char *dir)
{
    struct journal_opts    o = options(dir);
    struct journal        *j = jt_open(&o);
    struct journal_reader *r = NULL;
    struct journal_record  rec;
    struct err             e = ERR_INIT;
    uint32_t               lane = 0, seq = 0, last[LANES] = { 0 };
    long                   lost = 0;

    CHECK_I(atomic_load(&book->wrong), 0);
    CHECK(journal_reader_open(j, atomic_load(&book->loaded), &r, &e));
    while (r && CHECK(journal_read(r, &rec, &e)) && rec.payload) {
        if (!CHECK(see(&rec, &lane, &seq)) || !CHECK(seq >= last[lane]))
            break;
        last[lane] = seq + 1;
    }
    if (e.code)
        fprintf(stderr, "%s\n", e.text);
    journal_reader_close(r);
    journal_close(j);
    for (lane = 0; lane < LANES; lane++)
        for (seq = 0; seq < atomic_load(&book->next[lane]) && seq < SEQS; seq++)
            lost += atomic_load(&book->acked[lane][seq]) && !atomic_load(&book->seen[lane][seq]);
    CHECK_I(lost, 0);
}

/* In the order of the journal each thread's records count up: seen[] holds positions. */
static void
check_order(void)
{
    long acked = 0, seen = 0, sent = 0;

    for (int lane = 0; lane < LANES; lane++) {
        uint_least64_t before = 0;

        for (uint32_t seq = 0; seq < atomic_load(&book->next[lane]) && seq < SEQS; seq++) {
            uint_least64_t at = atomic_load(&book->seen[lane][seq]);

            sent++;
            acked += atomic_load(&book->acked[lane][seq]);
            if (!at)
                continue;
            seen++;
            if (!CHECK(at > before))
                return;
            before = at;
        }
    }
    printf("     %ld records sent, %ld acknowledged, %ld found\n", sent, acked, seen);
    CHECK(acked > 0 && seen >= acked && sent >= seen);
}

static void
new_book(void)
{
    if (book)
        munmap(book, sizeof *book);
    book = mmap(NULL, sizeof *book, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (book == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
}

static void
test_random_kills(void)
{
    char    *dir = jt_dir(false);
    int      cycles = go_long ? 1000 : 100;
    uint32_t r;

    new_book();
    for (int i = 0; i < cycles; i++) {
        hash_random(&r, sizeof r);
        pid_t pid = start(dir, SEQS, NULL);
        usleep(r % (i % 2 ? 8000 : 60000)); /* some while it still recovers */
        kill(pid, SIGKILL);
        int status = wait_for(pid);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        if (i % 3 == 2) /* else the next child meets what the kill left */
            check_book(dir);
    }
    check_book(dir);
    check_order();
    jt_remove(dir);
}

/* Stopped in peace nothing is left over: all that was sent was acknowledged and loaded. */
static void
test_no_kill(void)
{
    char *dir = jt_dir(false);

    new_book();
    for (int i = 0; i < 3; i++)
        CHECK_I(wait_for(start(dir, 200, NULL)), 0);
    check_book(dir);
    check_order();
    for (int lane = 0; lane < LANES; lane++)
        for (uint32_t seq = 0; seq < 600; seq++)
            CHECK(atomic_load(&book->acked[lane][seq]) && atomic_load(&book->seen[lane][seq]));
    jt_remove(dir);
}

#ifdef CRASH_POINTS
/* Every point there is; test_list compares. */
static const char *const points[] = {
    "journal/segment_created",
    "journal/segment_zeroed",
    "journal/segment_synced",
    "journal/segment_renamed",
    "journal/segment_dir_synced",
    "journal/claim_written",
    "journal/claim_synced",
    "journal/claim_renamed",
    "journal/claim_dir_synced",
    "journal/sealed",
    "journal/named",
    "journal/before_write",
    "journal/torn_write",
    "journal/after_write",
    "journal/after_sync",
    "journal/after_ack",
    "journal/marked",
    "journal/deleted",
    "journal/delete_dir_synced",
};
#define POINTS (sizeof points / sizeof *points)

/* What the child says when asked for a list: exactly the table above. */
static void
test_list(void)
{
    char *dir = jt_dir(false), line[200], name[200];
    int   fd[2], known = 0, unknown = 0;

    new_book();
    if (!CHECK(pipe(fd) == 0))
        return;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fd[1], STDERR_FILENO);
        close(fd[0]);
        close(fd[1]);
        setenv("COLLAUDO_CRASH", "list", 1);
        _exit(child(dir, 200));
    }
    close(fd[1]);
    FILE *f = fdopen(fd[0], "r");
    while (f && fgets(line, sizeof line, f)) {
        size_t i = 0;

        if (sscanf(line, "crash point %199s", name) != 1)
            continue;
        while (i < POINTS && strcmp(points[i], name) != 0)
            i++;
        known += i < POINTS;
        unknown += i == POINTS;
        if (i == POINTS)
            fprintf(stderr, "crash point %s is not in the table of this test\n", name);
    }
    fclose(f);
    CHECK_I(wait_for(pid), 0);
    CHECK_I(unknown, 0);
    CHECK_I(known, POINTS);
    jt_remove(dir);
}

static void
test_each_point(void)
{
    static const int nth_short[] = { 1, 2, 6 };
    int              kills = 0;

    for (size_t i = 0; i < POINTS; i++) {
        char *dir = jt_dir(false);
        bool  once = strcmp(points[i], "journal/named") == 0;

        new_book();
        for (int k = 0; k < (once ? 1 : go_long ? 20 : 3); k++) {
            char row[100];

            snprintf(row, sizeof row, "%s:%d", points[i], go_long ? k + 1 : nth_short[k]);
            t_row = row;
            int status = wait_for(start(dir, go_long ? 4000 : 400, row));
            if (!CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
                fprintf(stderr, "status %x\n", (unsigned)status);
            kills++;
            if (k % 2)
                check_book(dir);
        }
        check_book(dir);
        pid_t pid = start(dir, 20, NULL); /* and it goes on as if nothing had been */
        CHECK_I(wait_for(pid), 0);
        check_book(dir);
        check_order();
        jt_remove(dir);
    }
    t_row = NULL;
    printf("     %d kills at %zu points\n", kills, POINTS);
}
#endif

int
main(int argc, char **argv)
{
    go_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    log_init(LOG_ERROR);
    T_RUN(test_no_kill);
    T_RUN(test_random_kills);
#ifdef CRASH_POINTS
    T_RUN(test_list);
    T_RUN(test_each_point);
#else
    if (!CHECK(!getenv("COLLAUDO_WANT_CRASH_POINTS")))
        fprintf(stderr, "crash points were asked for: build with -DCRASH_POINTS=ON\n");
#endif
    return t_end();
}
