/* import.c - a file of events, line by line, to the service.
 *
 * Lines are numbered among their equals (ingest_frames), so the service knows a line it has
 * read before: an import may be interrupted and repeated, in any order. */
#include "cli_int.h"

#include "collaudo/ingest.h"
#include "collaudo/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOM "\xef\xbb\xbf"
#define BATCH_BYTES ((size_t)1 << 20) /* of one request; well below the door's limit */
#define BATCH_LINES 2000
#define MOST_JSON ((size_t)256 << 20) /* an array is read whole */
#define MOST_TOLD 20

/* What the (decompressed) bytes are: told by --format, or seen at the first that is no blank. */
enum shape { SHAPE_UNSEEN, SHAPE_LINES, SHAPE_WHOLE };

struct import {
    struct cli           *c;
    const char           *target;
    struct ingest_frames *frames;
    enum shape            shape, wanted; /* wanted: by --format, or unseen */
    struct str            rest; /* not yet used: the stream's head, its unfinished last line, or
                                 * all of a JSON document */
    int64_t lines;              /* sent and answered */
    int64_t received, accepted, rejected, told;
    off_t   size, read; /* of the file; size 0: not known */
    bool    bar;
};

/* --- sending --------------------------------------------------------------------- */

static void
tell_refusals(struct import *im, const cJSON *answer)
{
    const cJSON *r;

    cJSON_ArrayForEach (r, json_get(answer, "results")) {
        int64_t index = 0;

        if (im->told++ >= MOST_TOLD)
            continue;
        (void)json_int(r, "index", &index);
        fprintf(stderr, "line %" PRId64 ": %s %s %s\n", im->lines + index + 1, json_text(r, "code"),
                json_text(r, "pointer"), json_text(r, "detail") ? json_text(r, "detail") : "");
    }
}

static void
show_bar(const struct import *im)
{
    if (!im->bar)
        return;
    if (im->size)
        fprintf(stderr, "\r%3d %%  %" PRId64 " lines", (int)(im->read * 100 / im->size), im->lines);
    else
        fprintf(stderr, "\r%" PRId64 " lines", im->lines);
}

static bool
count(const cJSON *answer, const char *name, int64_t *sum)
{
    int64_t n;

    if (!json_int(answer, name, &n))
        return false;
    *sum += n;
    return true;
}

/* What is gathered goes out; an arena of its own, since there may be thousands. */
static bool
send(struct import *im, struct err *e)
{
    struct outbound_answer a;
    const cJSON           *doc;
    struct arena           mem;
    size_t                 n, lines = ingest_frames_lines(im->frames);
    const void            *body = ingest_frames_body(im->frames, &n);

    if (!lines)
        return true;
    arena_init(&mem, (size_t)64 << 20);
    struct arena whole = im->c->mem;
    im->c->mem = mem;
    bool ok = cli_ask(im->c, "POST", im->target, "application/octet-stream", body, n, 0, &a, e) &&
              json_parse(&im->c->mem, a.body, a.n, &doc, e);
    if (ok && !(count(doc, "received", &im->received) && count(doc, "accepted", &im->accepted) &&
                count(doc, "rejected", &im->rejected)))
        ok = err_set(e, ERR_IO, "the service's answer makes no sense");
    if (ok) {
        tell_refusals(im, doc);
        im->lines += (int64_t)lines;
    }
    arena_free(&im->c->mem);
    im->c->mem = whole;
    ingest_frames_clear(im->frames);
    show_bar(im);
    return ok;
}

static bool
add(struct import *im, const char *line, size_t n, struct err *e)
{
    size_t bytes;

    if (!ingest_frames_add(im->frames, line, n, e))
        return false;
    ingest_frames_body(im->frames, &bytes);
    return (bytes < BATCH_BYTES && ingest_frames_lines(im->frames) < BATCH_LINES) || send(im, e);
}

/* --- reading ----------------------------------------------------------------------- */

/* Whole lines go on, the rest waits. */
static bool
take_lines(struct import *im, const char *p, size_t n, struct err *e)
{
    const char *end = p + n, *nl;

    while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
        if (im->rest.n) {
            str_addn(&im->rest, p, (size_t)(nl - p));
            if (!add(im, im->rest.p, im->rest.n, e))
                return false;
            im->rest.n = 0;
        } else if (!add(im, p, (size_t)(nl - p), e)) {
            return false;
        }
        p = nl + 1;
    }
    str_addn(&im->rest, p, (size_t)(end - p));
    return !im->c->mem.denied || err_set(e, ERR_TOO_LARGE, "a line is too long");
}

static bool
take_whole(struct import *im, const char *p, size_t n, struct err *e)
{
    bool fits = im->rest.n + n <= MOST_JSON;

    if (fits)
        str_addn(&im->rest, p, n);
    return (fits && !im->c->mem.denied) ||
           err_set(e, ERR_TOO_LARGE,
                   "a JSON array is read whole, at most %zu MiB: make it one event per line",
                   MOST_JSON >> 20);
}

/* The stream's head is kept until its first byte that is no blank: an array is read whole. A byte
 * order mark, as Windows programs write it, is none of the events' business. */
static bool
take_head(struct import *im, const char *bytes, size_t n, struct err *e)
{
    str_addn(&im->rest, bytes, n);
    if (im->c->mem.denied)
        return err_set(e, ERR_NOMEM, "no memory for the head of the file");
    struct str  head = im->rest;
    bool        bom = head.n >= 3 && memcmp(head.p, BOM, 3) == 0;
    const char *p = head.p + (bom ? 3 : 0), *first = p, *end = head.p + head.n;

    while (first < end && strchr(" \t\r\n", *first))
        first++;
    if (first == end || (head.n < 3 && memcmp(head.p, BOM, head.n) == 0))
        return true;
    im->shape = im->wanted != SHAPE_UNSEEN ? im->wanted : *first == '[' ? SHAPE_WHOLE : SHAPE_LINES;
    str_init(&im->rest, &im->c->mem);
    return im->shape == SHAPE_WHOLE ? take_whole(im, p, (size_t)(end - p), e)
                                    : take_lines(im, p, (size_t)(end - p), e);
}

/* A piece of the (decompressed) file. */
static bool
take_piece(void *to, const void *bytes, size_t n, struct err *e)
{
    struct import *im = to;

    switch (im->shape) {
    case SHAPE_LINES:
        return take_lines(im, bytes, n, e);
    case SHAPE_WHOLE:
        return take_whole(im, bytes, n, e);
    default:
        return take_head(im, bytes, n, e);
    }
}

/* The elements of an array (or the one object) as lines of their own; the last line. */
static bool
take_end(struct import *im, struct err *e)
{
    struct json_slice *v;
    size_t             n;

    if (im->shape == SHAPE_LINES && im->rest.n && !add(im, im->rest.p, im->rest.n, e))
        return false;
    if (im->shape == SHAPE_WHOLE) {
        if (!json_cut(&im->c->mem, im->rest.p, im->rest.n, JSON_AUTO, SIZE_MAX, &v, &n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            if (!add(im, v[i].p, v[i].n, e))
                return false;
    }
    return send(im, e);
}

/* At least two bytes, or all there are: gzip shows in those. */
static bool
read_some(int fd, char *buf, size_t room, size_t *ret_n, struct err *e)
{
    size_t n = 0;

    while (n < 2) {
        ssize_t got = read(fd, buf + n, room - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, errno, "cannot read the file");
        if (!got)
            break;
        n += (size_t)got;
    }
    *ret_n = n;
    return true;
}

static bool
take_stream(struct import *im, int fd, struct err *e)
{
    static char buf[65536];
    AUTO_STRUCT(zip_in) *zip = NULL;
    size_t n;

    if (!read_some(fd, buf, sizeof buf, &n, e))
        return false;
    if (n > 1 && buf[0] == '\x1f' && buf[1] == '\x8b' && !(zip = zip_in_new(SIZE_MAX / 2)))
        return err_set(e, ERR_NOMEM, "no memory to decompress");
    while (n) {
        im->read += (off_t)n;
        if (!(zip ? zip_in_push(zip, buf, n, take_piece, im, e) : take_piece(im, buf, n, e)) ||
            !read_some(fd, buf, sizeof buf, &n, e))
            return false;
    }
    return (!zip || zip_in_end(zip, e)) && take_end(im, e);
}

static bool
take_file(struct import *im, struct err *e)
{
    const char *path = im->c->arg[0];
    struct stat st;
    AUTO_FD     fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_errno(e, errno, "cannot read %s", path);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        im->size = st.st_size;
    return take_stream(im, fd, e);
}

/* --- the command ----------------------------------------------------------------------- */

/* Waits until the database has everything and the days are counted. */
static bool
settle(struct cli *c, struct err *e)
{
    const cJSON *doc;

    return cli_ask_json(c, "POST", "/admin/settle", NULL, 0, &doc, e);
}

static bool
read_opts(struct import *im, struct err *e)
{
    const char *format = cli_opt(im->c, "format"), *source = cli_opt(im->c, "source");

    if (!source)
        return err_set(e, ERR_INVALID, "which source? collaudo import --source S FILE");
    if (format)
        im->wanted = strcmp(format, "json") == 0 ? SHAPE_WHOLE : SHAPE_LINES;
    im->target = cli_target(im->c, "/admin/import", "workspace", im->c->workspace, "source", source,
                            "replay", cli_opt(im->c, "replay"), NULL);
    return true;
}

/* What was sent before the fault stays; only a fault that passes is worth the same again. */
static bool
tell_where(const struct import *im, struct err *e)
{
    bool passes = e->code == ERR_BUSY || e->code == ERR_TIMEOUT || e->code == ERR_DB;

    if (im->lines)
        err_wrap(e, "after %" PRId64 " lines, which are stored%s", im->lines,
                 passes ? " (repeat the command to go on)" : "");
    return false;
}

static bool
print_counts(const struct import *im, struct err *e)
{
    if (im->told > MOST_TOLD)
        fprintf(stderr, "... and %" PRId64 " more\n", im->rejected - MOST_TOLD);
    printf(cli_opt(im->c, "json")
               ? "{\"lines\":%" PRId64 ",\"accepted\":%" PRId64 ",\"quarantined\":%" PRId64 "}\n"
               : "%" PRId64 " lines read: %" PRId64 " accepted, %" PRId64 " to quarantine\n",
           im->received, im->accepted, im->rejected);
    return im->accepted || !im->received ||
           err_set(e, ERR_INVALID,
                   "nothing was accepted: is it the right file, --source and --format?");
}

static bool
run(struct import *im, struct err *e)
{
    if (!cli_link(im->c, e))
        return false;
    bool ok = take_file(im, e);
    if (im->bar)
        fprintf(stderr, "\n");
    return ok ? settle(im->c, e) && print_counts(im, e) : tell_where(im, e);
}

int
cli_run_import(struct cli *c, struct err *e)
{
    struct import im = { .c = c, .bar = isatty(STDERR_FILENO) && !cli_opt(c, "json") };

    if (!read_opts(&im, e))
        return -1;
    str_init(&im.rest, &c->mem);
    AUTO_STRUCT(ingest_frames) *frames = ingest_frames_new(cli_opt(c, "replay") != NULL);
    if (!(im.frames = frames)) {
        err_set(e, ERR_NOMEM, "no memory for an import");
        return -1;
    }
    return run(&im, e) ? 0 : -1;
}
