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

#define BATCH_BYTES ((size_t)1 << 20) /* of one request; well below the door's limit */
#define BATCH_LINES 2000
#define MOST_JSON ((size_t)256 << 20) /* an array is read whole */
#define MOST_TOLD 20

struct import {
    struct cli           *c;
    const char           *target;
    struct ingest_frames *frames;
    struct str            line; /* the unfinished last line of the stream */
    int64_t               lines, received, accepted, rejected, told;
    off_t                 size, read; /* of the file; size 0: not known */
    bool                  bar;
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
    if (ok)
        tell_refusals(im, doc);
    arena_free(&im->c->mem);
    im->c->mem = whole;
    im->lines += (int64_t)lines;
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

/* A piece of the (decompressed) file: whole lines go on, the rest waits. */
static bool
take_piece(void *to, const void *bytes, size_t n, struct err *e)
{
    struct import *im = to;
    const char    *p = bytes, *end = p + n, *nl;

    while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
        if (im->line.n) {
            str_addn(&im->line, p, (size_t)(nl - p));
            if (!add(im, im->line.p, im->line.n, e))
                return false;
            im->line.n = 0;
        } else if (!add(im, p, (size_t)(nl - p), e)) {
            return false;
        }
        p = nl + 1;
    }
    str_addn(&im->line, p, (size_t)(end - p));
    return !im->c->mem.denied || err_set(e, ERR_TOO_LARGE, "a line is too long");
}

static bool
take_lines(struct import *im, int fd, struct err *e)
{
    static char    buf[65536];
    struct zip_in *zip = NULL;
    bool           ok = true, first = true;
    ssize_t        got = 0;

    while (ok && (got = read(fd, buf, sizeof buf)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            ok = err_errno(e, errno, "cannot read the file");
            break;
        }
        if (first && got > 1 && buf[0] == '\x1f' && buf[1] == '\x8b' &&
            !(zip = zip_in_new(SIZE_MAX / 2)))
            ok = err_set(e, ERR_NOMEM, "no memory to decompress");
        first = false;
        im->read += got;
        ok = ok && (zip ? zip_in_push(zip, buf, (size_t)got, take_piece, im, e)
                        : take_piece(im, buf, (size_t)got, e));
    }
    if (ok && zip)
        ok = zip_in_end(zip, e);
    zip_in_close(zip);
    return ok && (!im->line.n || add(im, im->line.p, im->line.n, e)) && send(im, e);
}

/* The elements of an array (or the one object) as lines of their own. */
static bool
take_json(struct import *im, const char *path, struct err *e)
{
    const char        *text;
    size_t             n, values;
    struct json_slice *v;

    if (!cli_slurp(im->c, path, MOST_JSON, &text, &n, e) ||
        !json_cut(&im->c->mem, text, n, JSON_AUTO, SIZE_MAX, &v, &values, e))
        return false;
    for (size_t i = 0; i < values; i++)
        if (!add(im, v[i].p, v[i].n, e))
            return false;
    return send(im, e);
}

static bool
take_file(struct import *im, struct err *e)
{
    const char *path = im->c->arg[0], *format = cli_opt(im->c, "format");
    struct stat st;

    if (format && strcmp(format, "json") == 0)
        return take_json(im, path, e);
    if (format && strcmp(format, "ndjson") != 0)
        return err_set(e, ERR_INVALID, "--format is ndjson or json, not %s", format);
    AUTO_FD fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, errno, "cannot read %s", path);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        im->size = st.st_size;
    if (!format && im->size) {
        char byte = 0;

        if (pread(fd, &byte, 1, 0) == 1 && byte == '[')
            return take_json(im, path, e);
    }
    return take_lines(im, fd, e);
}

/* --- the command ----------------------------------------------------------------------- */

/* Waits until the database has everything and the days are counted. */
static bool
settle(struct cli *c, struct err *e)
{
    const cJSON *doc;

    return cli_ask_json(c, "POST", "/admin/settle", NULL, 0, &doc, e);
}

int
cli_run_import(struct cli *c, struct err *e)
{
    struct import im = { .c = c, .bar = isatty(STDERR_FILENO) && !cli_opt(c, "json") };
    const char   *source = cli_opt(c, "source");

    if (!source) {
        err_set(e, ERR_INVALID, "which source? collaudo import --source S FILE");
        return -1;
    }
    im.target = cli_target(c, "/admin/import", "workspace", c->workspace, "source", source,
                           "replay", cli_opt(c, "replay"), NULL);
    str_init(&im.line, &c->mem);
    AUTO_STRUCT(ingest_frames) *frames = ingest_frames_new(cli_opt(c, "replay") != NULL);
    if (!(im.frames = frames)) {
        err_set(e, ERR_NOMEM, "no memory for an import");
        return -1;
    }
    if (!cli_link(c, e))
        return -1;
    bool ok = take_file(&im, e);
    if (im.bar)
        fprintf(stderr, "\n");
    if (!ok) {
        if (im.lines)
            err_wrap(e, "after %" PRId64 " lines (repeat the command to go on)", im.lines);
        return -1;
    }
    if (!settle(c, e))
        return -1;
    if (im.told > MOST_TOLD)
        fprintf(stderr, "... and %" PRId64 " more\n", im.rejected - MOST_TOLD);
    printf(cli_opt(c, "json")
               ? "{\"lines\":%" PRId64 ",\"accepted\":%" PRId64 ",\"quarantined\":%" PRId64 "}\n"
               : "%" PRId64 " lines read: %" PRId64 " accepted, %" PRId64 " to quarantine\n",
           im.received, im.accepted, im.rejected);
    return 0;
}
