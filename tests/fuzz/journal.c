/* journal.c - fuzz target: a journal is opened whose newest segment holds almost anything.
 *
 * Random bytes never pass a checksum, so the input is a script. Each step is an operation, a
 * length and an offset: write a valid record at the place reached, bytes of the input, zeroes;
 * go back and spoil something. Opening such a segment must succeed or say why not; what is
 * readable then stays readable, and one record more fits behind it. */
#include "fuzz.h"

#include "journal_int.h"
#include "journal_t.h"

#include "collaudo/hash.h"
#include "collaudo/log.h"

#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#define SEGMENT ((size_t)32 << 10)
#define STEP_HEAD 4

static struct journal_opts opts;
static char                segment_path[512];
static unsigned char       whole[SEGMENT]; /* as it was made: head, one record, a mark */
static uint32_t            seed;

struct script {
    const uint8_t *p;
    size_t         n;
    unsigned char  bytes[SEGMENT];
    size_t         at;    /* the next record goes there */
    uint64_t       group; /* position of its group */
};

static void
load(void)
{
    int fd = open(segment_path, O_RDONLY);

    FUZZ_MUST(fd >= 0 && read(fd, whole, sizeof whole) == (ssize_t)sizeof whole);
    close(fd);
}

static void
once(void)
{
    glob_t found;

    if (opts.dir)
        return;
    fuzz_once();
    log_init(LOG_ERROR);
    opts = jt_opts(jt_dir(true), SEGMENT);
    struct journal *j = jt_open(&opts);
    jt_fill(j, 0, 0, 1, 64);
    journal_close(j);
    char pattern[400];
    snprintf(pattern, sizeof pattern, "%s/*.seg", opts.dir);
    FUZZ_MUST(glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1);
    snprintf(segment_path, sizeof segment_path, "%s", found.gl_pathv[0]);
    globfree(&found);
    load();
    struct segment_head h;
    memcpy(&h, whole, sizeof h);
    seed = journal_seed(h.uuid);
}

/* A record that is as the journal writes them, unless `kind` is none of its kinds. */
static void
put_record(struct script *s, uint32_t kind, size_t len)
{
    size_t             size = journal_record_size(len);
    struct record_head h = {
        .len = (uint32_t)len, .position = s->at - JT_HEAD, .group = s->group, .kind = kind
    };

    if (size > SEGMENT - s->at)
        return;
    unsigned char *to = s->bytes + s->at;
    memset(to, 0, size);
    memset(to + RECORD_HEAD, 'x', len);
    journal_head_make(&h, hash_crc32c(seed, to + RECORD_HEAD, size - RECORD_HEAD));
    memcpy(to, &h, sizeof h);
    s->at += kind == RECORD_DATA ? size : 0; /* the next one overwrites a mark */
}

/* Up to `len` bytes of the input. */
static void
put_bytes(struct script *s, size_t at, size_t len)
{
    size_t room = SEGMENT - at;

    len = len < s->n ? len : s->n;
    len = len < room ? len : room;
    memcpy(s->bytes + at, s->p, len);
    s->p += len;
    s->n -= len;
}

static void
step(struct script *s)
{
    uint8_t op = s->p[0];
    size_t  len = s->p[1];
    size_t  offset = s->p[2] | (size_t)s->p[3] << 8;

    s->p += STEP_HEAD;
    s->n -= STEP_HEAD;
    switch (op % 8) {
    case 0:
    case 1: /* begins a group */
        s->group = s->at - JT_HEAD;
        put_record(s, RECORD_DATA, len * (op >> 3));
        break;
    case 2: /* goes on in it */
        put_record(s, RECORD_DATA, len);
        break;
    case 3:
        put_record(s, op >> 3, len);
        break;
    case 4: /* leaves a hole */
        s->at += offset % (SEGMENT - s->at + 1) & ~(size_t)7;
        break;
    case 5: /* spoils anything, the head too */
        put_bytes(s, offset % SEGMENT, len);
        break;
    case 6:
        put_bytes(s, s->at, len);
        break;
    default: /* a record that claims another group */
        s->group = offset;
        put_record(s, RECORD_DATA, len);
    }
}

static void
write_segment(const struct script *s)
{
    int fd = open(segment_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    FUZZ_MUST(fd >= 0 && write(fd, s->bytes, SEGMENT) == (ssize_t)SEGMENT);
    close(fd);
}

/* Segments that were begun behind the first one go again. */
static void
tidy(void)
{
    glob_t found;
    char   pattern[400];

    snprintf(pattern, sizeof pattern, "%s/*.seg", opts.dir);
    FUZZ_MUST(glob(pattern, 0, NULL, &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (strcmp(found.gl_pathv[i], segment_path) != 0)
            unlink(found.gl_pathv[i]);
    globfree(&found);
}

/* How many records a reader finds; a fault must have a text. */
static int
readable(struct journal *j)
{
    struct err             e = ERR_INIT;
    struct journal_reader *r = NULL;
    struct journal_record  rec;
    int                    n = 0;

    FUZZ_MUST(journal_reader_open(j, journal_first(j), &r, &e));
    while (journal_read(r, &rec, &e) && rec.payload)
        n++;
    FUZZ_MUST(!e.code || *e.text);
    journal_reader_close(r);
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err           e = ERR_INIT;
    struct journal      *j;
    static struct script s;

    once();
    s = (struct script){ .p = data, .n = n, .at = JT_HEAD };
    memcpy(s.bytes, whole, SEGMENT);
    while (s.n >= STEP_HEAD)
        step(&s);
    write_segment(&s);
    if (!journal_open(&opts, &j, &e)) {
        FUZZ_MUST(e.code && *e.text);
        return 0;
    }
    int before = readable(j);
    FUZZ_MUST(jt_append(j, "one more", 8, NULL));
    FUZZ_MUST(readable(j) >= before);
    journal_close(j);
    tidy();
    return 0;
}
