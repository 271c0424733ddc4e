/* journal.c - the journal while all goes well: what goes in comes out, once, in order. */
#include "journal_t.h"

#include "collaudo/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)

/* --- one record and many --------------------------------------------------------------- */

/* clang-format off */
static const size_t sizes[] = {
    0, 1, 7, 8, 9, 31, 32, 33, 1000, 4032, 4064,
    16 * KIB - 4096 - 64 - 1, /* fills a segment to the last byte */
    16 * KIB - 4096 - 64,
    16 * KIB - 4096 - 64 + 1, /* needs one of its own */
    16 * KIB, 25000, 1024 * KIB, 17000000, JOURNAL_MAX_RECORD, 5,
};
/* clang-format on */
#define SIZES (sizeof sizes / sizeof *sizes)

/* The record of that size, checked whole. */
static void
check_record(const struct journal_record *rec, size_t len, const unsigned char *bytes,
             uint64_t position)
{
    CHECK(rec->payload);
    CHECK_I(rec->len, len);
    CHECK_I(rec->position, position);
    CHECK(rec->payload && rec->len == len && memcmp(rec->payload, bytes, len) == 0);
}

static void
read_sizes(struct journal *j, const uint64_t *at, const unsigned char *bytes, size_t from)
{
    struct err             e = ERR_INIT;
    struct journal_reader *r = NULL;
    struct journal_record  rec;

    CHECK(journal_reader_open(j, at[from], &r, &e));
    for (size_t i = from; r && i < SIZES; i++) {
        if (!CHECK(journal_read(r, &rec, &e)))
            break;
        check_record(&rec, sizes[i], bytes + i, at[i]);
        CHECK_I(rec.after, at[i + 1]);
    }
    CHECK(r && journal_read(r, &rec, &e) && !rec.payload && rec.after == at[SIZES]);
    journal_reader_close(r);
}

static void
test_sizes(void)
{
    char               *dir = jt_dir(false);
    struct journal_opts o = jt_opts(dir, 16 * KIB);
    struct journal     *j = jt_open(&o);
    struct err          e = ERR_INIT;
    uint64_t            at[SIZES + 1] = { 0 };
    unsigned char      *bytes = malloc(JOURNAL_MAX_RECORD + 64);

    for (size_t i = 0; i < JOURNAL_MAX_RECORD + 64; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    for (size_t i = 0; i < SIZES; i++) {
        CHECK(jt_append(j, bytes + i, sizes[i], &at[i + 1]));
        CHECK_I(at[i + 1] - at[i], (JT_RECORD_HEAD + sizes[i] + 7) / 8 * 8);
        CHECK_I(journal_durable(j), at[i + 1]);
    }
    CHECK(!journal_append(j, bytes, JOURNAL_MAX_RECORD + 1, jt_done, NULL, &e));
    CHECK_I(e.code, ERR_TOO_LARGE);
    for (size_t i = 0; i < SIZES; i += 3)
        read_sizes(j, at, bytes, i);
    journal_close(j);

    j = jt_open(&o);
    CHECK_I(journal_durable(j), at[SIZES]);
    CHECK_I(journal_first(j), 0);
    read_sizes(j, at, bytes, 0);
    journal_close(j);
    free(bytes);
    jt_remove(dir);
}

/* --- open, close, open --------------------------------------------------------------------- */

static void
test_reopen(void)
{
    char               *dir = jt_dir(false);
    struct journal_opts o = jt_opts(dir, 64 * KIB);
    struct journal     *j = jt_open(&o);
    struct err          e = ERR_INIT;
    struct stat         st;
    char                uuid[JOURNAL_UUID_LEN], again[JOURNAL_UUID_LEN];

    CHECK_I(jt_read_all(j, 0, 1, 0, 512, &e), 0);
    CHECK(stat(dir, &st) == 0 && (st.st_mode & 07777) == 0700);
    journal_close(j); /* nothing was ever written */
    CHECK_I(jt_files(dir, ".seg"), 0);

    j = jt_open(&o);
    jt_fill(j, 1, 0, 3, 512);
    journal_uuid(j, uuid);
    journal_close(j);
    for (uint32_t i = 1; i < 20; i++) { /* a stop without a fault costs no segment */
        j = jt_open(&o);
        journal_uuid(j, again);
        CHECK_S(again, uuid);
        CHECK_I(jt_read_all(j, 0, 1, 0, 512, &e), i * 3);
        jt_fill(j, 1, i * 3, i * 3 + 3, 512);
        journal_close(j);
    }
    CHECK_I(jt_files(dir, ".seg"), 1);
    CHECK_I(jt_files(dir, ".tmp"), 0);
    jt_remove(dir);
}

static void
test_refusals(void)
{
    char               *dir = jt_dir(false);
    struct journal_opts o = jt_opts(dir, 64 * KIB), bad;
    struct journal     *j = jt_open(&o), *other = NULL;
    struct err          e = ERR_INIT;
    int                 status;

    CHECK(!journal_open(&o, &other, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    CHECK(strstr(e.text, "another instance uses the journal"));
    CHECK(!other);
    pid_t pid = fork();
    if (pid == 0)
        _exit(journal_open(&o, &other, &e) ? 0 : e.code == ERR_CONFLICT ? 7 : 1);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    jt_fill(j, 1, 0, 1, 512); /* the first is none the worse */
    journal_close(j);

    bad = o;
    bad.segment_bytes = 4096;
    CHECK(!journal_open(&bad, &other, &e) && e.code == ERR_INVALID);
    bad = o;
    bad.dir = "";
    CHECK(!journal_open(&bad, &other, &e) && e.code == ERR_INVALID);
    bad.dir = "/nonexistent/deeper/journal";
    CHECK(!journal_open(&bad, &other, &e) && e.code == ERR_IO);
    bad.dir = "/dev/null";
    CHECK(!journal_open(&bad, &other, &e) && e.code == ERR_IO);
    jt_remove(dir);
}

static void
test_positions(void)
{
    char                  *dir = jt_dir(false);
    struct journal_opts    o = jt_opts(dir, 64 * KIB);
    struct journal        *j = jt_open(&o);
    struct err             e = ERR_INIT;
    struct journal_reader *r = NULL;
    struct journal_record  rec;

    jt_fill(j, 1, 0, 10, 512);
    CHECK(!journal_reader_open(j, journal_durable(j) + 8, &r, &e));
    CHECK_I(e.code, ERR_CONFLICT);
    CHECK(strstr(e.text, "beyond the journal's end"));
    for (uint64_t wrong = 1; wrong < 32; wrong++) { /* inside a record: no record begins there */
        CHECK(journal_reader_open(j, wrong, &r, &e));
        for (int twice = 0; twice < 2; twice++) {
            e = (struct err)ERR_INIT;
            CHECK(!journal_read(r, &rec, &e));
            CHECK_I(e.code, ERR_IO);
        }
        journal_reader_close(r);
    }
    CHECK(journal_reader_open(j, journal_durable(j), &r, &e));
    CHECK(journal_read(r, &rec, &e) && !rec.payload);
    jt_fill(j, 1, 10, 11, 512); /* a reader at the end goes on when something comes */
    CHECK(journal_read(r, &rec, &e) && rec.payload);
    journal_reader_close(r);
    journal_close(j);
    jt_remove(dir);
}

/* --- all at once: writers, a reader across segments, deletion -------------------------------- */

#define LANES 8
#define EACH 1500
#define MOST 3000

struct crowd {
    struct journal *j;
    atomic_uint     acked[LANES]; /* records of that lane answered so far, in order */
    atomic_uint     bad;
};

struct parcel {
    struct crowd *c;
    uint32_t      lane, seq;
    sem_t        *window;
};

static void
crowd_done(void *ctx, bool ok, uint64_t after)
{
    struct parcel *p = ctx;

    if (!ok || !after || atomic_load(&p->c->acked[p->lane]) != p->seq)
        atomic_fetch_add(&p->c->bad, 1);
    atomic_fetch_add(&p->c->acked[p->lane], 1);
    sem_post(p->window);
    free(p);
}

struct lane_arg {
    struct crowd *c;
    uint32_t      lane;
};

static void *
crowd_writer(void *arg)
{
    struct lane_arg *a = arg;
    struct err       e = ERR_INIT;
    unsigned char    buf[MOST];
    sem_t            window;

    sem_init(&window, 0, 16);
    for (uint32_t seq = 0; seq < EACH; seq++) {
        struct parcel *p = malloc(sizeof *p);

        *p = (struct parcel){ .c = a->c, .lane = a->lane, .seq = seq, .window = &window };
        while (sem_wait(&window) != 0)
            continue;
        if (!journal_append(a->c->j, buf, jt_make(a->lane, seq, MOST, buf), crowd_done, p, &e)) {
            atomic_fetch_add(&a->c->bad, 1);
            free(p);
            break;
        }
    }
    for (int i = 0; i < 16; i++)
        while (sem_wait(&window) != 0)
            continue;
    return NULL;
}

/* Reads along until all have come; says every now and then how far it is. */
static void
read_along(struct crowd *c)
{
    struct err             e = ERR_INIT;
    struct journal_reader *r = NULL;
    struct journal_record  rec;
    uint32_t               next[LANES] = { 0 }, lane = 0, seq = 0;
    uint64_t               at = 0;

    CHECK(journal_reader_open(c->j, 0, &r, &e));
    for (uint32_t n = 0; n < LANES * EACH;) {
        if (!CHECK(journal_read(r, &rec, &e)))
            break;
        if (!rec.payload) {
            journal_loaded(c->j, at);
            if (!journal_wait(c->j, at, 20 * USEC_SECOND) && !CHECK(false))
                break;
            continue;
        }
        if (!jt_parse(rec.payload, rec.len, MOST, &lane, &seq) || lane >= LANES ||
            seq != next[lane] || rec.position != at || rec.after > journal_durable(c->j)) {
            t_check(false, __FILE__, __LINE__, "in order, whole, and only once durable");
            break;
        }
        next[lane]++;
        at = rec.after;
        if (++n % 97 == 0)
            journal_loaded(c->j, at);
    }
    CHECK_I(at, journal_durable(c->j));
    journal_loaded(c->j, at);
    journal_reader_close(r);
}

static void
test_crowd(void)
{
    char                *dir = jt_dir(false);
    struct journal_opts  o = jt_opts(dir, 64 * KIB);
    struct crowd         c = { .j = NULL };
    struct lane_arg      arg[LANES];
    pthread_t            t[LANES];
    struct journal_stats st;

    o.keep = 0;
    c.j = jt_open(&o);
    for (uint32_t i = 0; i < LANES; i++) {
        arg[i] = (struct lane_arg){ .c = &c, .lane = i };
        CHECK_I(pthread_create(&t[i], NULL, crowd_writer, &arg[i]), 0);
    }
    read_along(&c);
    for (int i = 0; i < LANES; i++)
        pthread_join(t[i], NULL);
    CHECK_I(atomic_load(&c.bad), 0);
    for (int i = 0; i < LANES; i++)
        CHECK_I(atomic_load(&c.acked[i]), EACH);
    for (int i = 0; i < 500; i++) { /* the keeper works in its own time */
        journal_stats(c.j, &st);
        if (st.segments == 1)
            break;
        usleep(10000);
    }
    CHECK_I(jt_files(dir, ".seg"), 1);
    CHECK_I(st.records, LANES * EACH);
    CHECK_I(st.backlog, 0);
    CHECK_I(st.queued, 0);
    CHECK_I(st.segments, 1);
    CHECK_I(st.deleted, st.switches - 1);
    CHECK(st.switches > 20);
    CHECK(st.groups < st.records); /* they did travel together */
    journal_close(c.j);
    jt_remove(dir);
}

/* --- waiting --------------------------------------------------------------------------------- */

static void *
append_soon(void *arg)
{
    usleep(30000);
    return jt_append(arg, "x", 1, NULL) ? arg : NULL;
}

static void *
stop_soon(void *arg)
{
    usleep(30000);
    journal_stop(arg);
    return NULL;
}

static void
test_wait(void)
{
    char               *dir = jt_dir(false);
    struct journal_opts o = jt_opts(dir, 64 * KIB);
    struct journal     *j = jt_open(&o);
    struct err          e = ERR_INIT;
    pthread_t           t;
    void               *appended = NULL;

    usec_t from = time_monotonic();
    CHECK(!journal_wait(j, 0, 50000));
    CHECK(time_monotonic() - from >= 50000);
    CHECK_I(pthread_create(&t, NULL, append_soon, j), 0);
    from = time_monotonic();
    CHECK(journal_wait(j, 0, INT64_MAX));
    CHECK(time_monotonic() - from < 10 * USEC_SECOND);
    pthread_join(t, &appended);
    CHECK(appended);
    CHECK(journal_wait(j, 0, 0)); /* there is something already */

    uint64_t end = journal_durable(j);
    CHECK_I(pthread_create(&t, NULL, stop_soon, j), 0);
    from = time_monotonic();
    CHECK(!journal_wait(j, end, 20 * USEC_SECOND));
    CHECK(time_monotonic() - from < 10 * USEC_SECOND);
    pthread_join(t, NULL);
    CHECK(!journal_append(j, "y", 1, jt_done, NULL, &e));
    CHECK_I(e.code, ERR_BUSY);
    CHECK_S(e.text, "the journal is stopping");
    CHECK(journal_wait(j, 0, 0)); /* what is there can be read and loaded to the end */
    journal_loaded(j, end);
    journal_close(j);
    jt_remove(dir);
}

struct heard {
    int loaded, lost;
};

static void
hear(void *ctx, bool loaded)
{
    struct heard *h = ctx;

    h->loaded += loaded;
    h->lost += !loaded;
}

static void
test_when_loaded(void)
{
    char               *dir = jt_dir(false);
    struct journal_opts o = jt_opts(dir, 64 * KIB);
    struct journal     *j = jt_open(&o);
    struct err          e = ERR_INIT;
    struct heard        h[6] = { { 0, 0 } };
    uint64_t            at[6] = { 0 };

    for (int i = 0; i < 6; i++) {
        CHECK(jt_append(j, "abc", 3, &at[i]));
        CHECK(journal_when_loaded(j, at[i], hear, &h[i], &e));
    }
    CHECK_I(h[0].loaded, 0);
    journal_loaded(j, at[0] - 8);
    CHECK_I(h[0].loaded, 0);
    journal_loaded(j, at[2]);
    CHECK(h[0].loaded == 1 && h[1].loaded == 1 && h[2].loaded == 1 && h[3].loaded == 0);
    CHECK(journal_when_loaded(j, at[1], hear, &h[1], &e)); /* long since */
    CHECK_I(h[1].loaded, 2);
    journal_loaded(j, at[4]);
    CHECK(h[3].loaded == 1 && h[4].loaded == 1 && h[5].loaded == 0);
    journal_close(j);
    for (int i = 0; i < 6; i++)
        CHECK_I(h[i].lost, i == 5);
    jt_remove(dir);
}

int
main(void)
{
    log_init(LOG_ERROR + 1); /* what is refused on purpose need not be read */
    T_RUN(test_sizes);
    T_RUN(test_reopen);
    T_RUN(test_refusals);
    T_RUN(test_positions);
    T_RUN(test_crowd);
    T_RUN(test_wait);
    T_RUN(test_when_loaded);
    return t_end();
}
