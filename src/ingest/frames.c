/* frames.c - the lines of a file, numbered, as the bodies an import sends. See ingest.h. */
#include "collaudo/ingest.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* How often a line was met, by a hash of it: open addressing, at most half full. */
struct seen {
    struct hash_id line;
    uint32_t       times; /* 0: free */
};

struct ingest_frames {
    bool         replay;
    struct arena scratch;
    char        *body;
    size_t       n, cap, lines;
    struct seen *seen;
    size_t       slots, used; /* slots: a power of two */
};

struct ingest_frames *
ingest_frames_new(bool replay)
{
    struct ingest_frames *f = calloc(1, sizeof *f);

    if (!f)
        return NULL;
    f->replay = replay;
    arena_init(&f->scratch, (size_t)1 << 30);
    return f;
}

void
ingest_frames_close(struct ingest_frames *f)
{
    if (!f)
        return;
    arena_free(&f->scratch);
    free(f->body);
    free(f->seen);
    free(f);
}

size_t
ingest_frames_lines(const struct ingest_frames *f)
{
    return f->lines;
}

const void *
ingest_frames_body(const struct ingest_frames *f, size_t *ret_n)
{
    *ret_n = f->n;
    return f->n ? f->body : "";
}

void
ingest_frames_clear(struct ingest_frames *f)
{
    f->n = f->lines = 0;
}

/* --- counting equal lines ------------------------------------------------------------ */

static struct seen *
slot_of(struct seen *table, size_t slots, const struct hash_id *line)
{
    uint64_t h;

    memcpy(&h, line, sizeof h);
    for (size_t i = (size_t)h & (slots - 1);; i = (i + 1) & (slots - 1))
        if (!table[i].times || memcmp(&table[i].line, line, sizeof *line) == 0)
            return &table[i];
}

static bool
grow(struct ingest_frames *f, struct err *e)
{
    size_t       slots = f->slots ? f->slots * 2 : 4096;
    struct seen *table = calloc(slots, sizeof *table);

    if (!table)
        return err_set(e, ERR_NOMEM, "no memory to number %zu lines", f->used);
    for (size_t i = 0; i < f->slots; i++)
        if (f->seen[i].times)
            *slot_of(table, slots, &f->seen[i].line) = f->seen[i];
    free(f->seen);
    f->seen = table;
    f->slots = slots;
    return true;
}

/* The how-many-th of its kind this line is: 1, 2, 3 ... */
static bool
number(struct ingest_frames *f, usec_t received, const char *p, size_t n, uint32_t *ret,
       struct err *e)
{
    char *text = arena_alloc(&f->scratch, n + sizeof received);

    if (!text)
        return err_set(e, ERR_NOMEM, "no memory for a line of %zu bytes", n);
    memcpy(text, &received, sizeof received);
    memcpy(text + sizeof received, p, n);
    struct hash_id line = hash_of(text, n + sizeof received);
    if (f->used * 2 >= f->slots && !grow(f, e))
        return false;
    struct seen *s = slot_of(f->seen, f->slots, &line);
    f->used += !s->times;
    s->line = line;
    *ret = ++s->times;
    return true;
}

/* --- replayed lines --------------------------------------------------------------------- */

struct text {
    const char *p;
    size_t      n;
};

static unsigned
hex4(const char *p)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++) {
        char c = p[i];

        v = v * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
}

static void
add_utf8(struct str *out, unsigned u)
{
    if (u < 0x80) {
        str_addc(out, (char)u);
    } else if (u < 0x800) {
        str_addc(out, (char)(0xc0 | u >> 6));
        str_addc(out, (char)(0x80 | (u & 0x3f)));
    } else if (u < 0x10000) {
        str_addc(out, (char)(0xe0 | u >> 12));
        str_addc(out, (char)(0x80 | (u >> 6 & 0x3f)));
        str_addc(out, (char)(0x80 | (u & 0x3f)));
    } else {
        str_addc(out, (char)(0xf0 | u >> 18));
        str_addc(out, (char)(0x80 | (u >> 12 & 0x3f)));
        str_addc(out, (char)(0x80 | (u >> 6 & 0x3f)));
        str_addc(out, (char)(0x80 | (u & 0x3f)));
    }
}

/* \uXXXX at p + 2; how many bytes of the escape are used up, 0 when it stands for nothing.
 * Half a pair is a raw byte in disguise (Python's surrogateescape), if it is that one. */
static size_t
add_escape(struct str *out, const char *p, const char *end)
{
    unsigned u = hex4(p + 2);

    if (u >= 0xd800 && u <= 0xdbff && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        unsigned low = hex4(p + 8);

        if (low >= 0xdc00 && low <= 0xdfff) {
            add_utf8(out, 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00));
            return 12;
        }
    }
    if (u >= 0xdc80 && u <= 0xdcff) {
        str_addc(out, (char)(u & 0xff));
        return 6;
    }
    if (u >= 0xd800 && u <= 0xdfff)
        return 0;
    add_utf8(out, u);
    return 6;
}

/* The bytes a JSON string stands for; `s` without its quotes, of a valid document. */
static bool
unescape(struct arena *mem, struct text s, struct text *ret)
{
    static const char plain[256] = { ['b'] = '\b', ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r',
                                     ['t'] = '\t', ['"'] = '"',  ['\\'] = '\\', ['/'] = '/' };
    const char       *at = s.p, *end = s.p + s.n;
    struct str        out;

    str_init(&out, mem);
    while (at < end) {
        const char *stop = memchr(at, '\\', (size_t)(end - at));
        size_t      used;

        if (!stop)
            stop = end;
        str_addn(&out, at, (size_t)(stop - at));
        at = stop;
        if (at == end)
            break;
        if (at[1] != 'u') {
            str_addc(&out, plain[(unsigned char)at[1]]);
            at += 2;
        } else if ((used = add_escape(&out, at, end))) {
            at += used;
        } else {
            return false;
        }
    }
    *ret = (struct text){ out.p, out.n };
    return true;
}

static const char *
blanks(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* A string at p: its inside; returns what follows it. NULL: none stands here. */
static const char *
string(const char *p, struct text *ret)
{
    if (*p != '"')
        return NULL;
    const char *from = ++p;
    while (*p != '"')
        p += *p == '\\' ? 2 : 1;
    *ret = (struct text){ from, (size_t)(p - from) };
    return p + 1;
}

static bool
is_key(struct text key, const char *name)
{
    return key.n == strlen(name) && memcmp(key.p, name, key.n) == 0;
}

/* The members of {"received"?, "line"}, all strings, nothing else. `doc`: valid JSON, ends
 * with 0. */
static bool
members(const char *doc, struct text *ret_received, struct text *ret_line)
{
    const char *p = blanks(doc);
    struct text key, value;

    if (*p != '{')
        return false;
    do {
        if (!(p = string(blanks(p + 1), &key)))
            return false;
        p = blanks(blanks(p) + 1); /* the colon */
        if (!(p = string(p, &value)))
            return false;
        if (is_key(key, "received") && !ret_received->p)
            *ret_received = value;
        else if (is_key(key, "line") && !ret_line->p)
            *ret_line = value;
        else
            return false;
        p = blanks(p);
    } while (*p == ',');
    return ret_line->p != NULL;
}

/* What a line of a replay file stands for, or false. */
static bool
unwrap(struct arena *mem, const char *p, size_t n, usec_t *ret_received, struct text *ret_line)
{
    struct json_slice *s;
    size_t             count;
    struct err         ignored;
    struct text        received = { 0 }, line = { 0 };
    usec_t             at = INGEST_NO_TIME;

    if (!json_cut(mem, p, n, JSON_ONE, 1, &s, &count, &ignored) || s->bad_utf8 || s->depth != 1)
        return false;
    const char *doc = arena_strndup(mem, s->p, s->n);
    if (!doc || !members(doc, &received, &line) ||
        (received.p && !time_parse(received.p, received.n, &at)) || !unescape(mem, line, &line))
        return false;
    *ret_received = at;
    *ret_line = line;
    return true;
}

/* --- adding -------------------------------------------------------------------------------- */

static bool
append(struct ingest_frames *f, uint32_t occurrence, usec_t received, struct text line,
       struct err *e)
{
    size_t   need = f->n + 16 + line.n;
    uint32_t o = htole32(occurrence), n = htole32((uint32_t)line.n);
    uint64_t r = htole64((uint64_t)received);

    if (need > f->cap) {
        size_t cap = need * 2;
        char  *body = realloc(f->body, cap);

        if (!body)
            return err_set(e, ERR_NOMEM, "no memory for %zu bytes of lines", need);
        f->body = body;
        f->cap = cap;
    }
    memcpy(f->body + f->n, &o, 4);
    memcpy(f->body + f->n + 4, &r, 8);
    memcpy(f->body + f->n + 12, &n, 4);
    if (line.n)
        memcpy(f->body + f->n + 16, line.p, line.n);
    f->n = need;
    f->lines++;
    return true;
}

static bool
is_blank(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
            return false;
    return true;
}

bool
ingest_frames_add(struct ingest_frames *f, const char *line, size_t n, struct err *e)
{
    struct text t = { line, n };
    usec_t      received = INGEST_NO_TIME;
    uint32_t    occurrence = 0;

    if (is_blank(line, n))
        return true;
    arena_reset(&f->scratch);
    if (f->replay && !unwrap(&f->scratch, line, n, &received, &t)) {
        t = (struct text){ line, n };
        received = INGEST_NO_TIME;
    }
    if (f->scratch.denied)
        return err_set(e, ERR_NOMEM, "no memory for a line of %zu bytes", n);
    return number(f, received, t.p, t.n, &occurrence, e) && append(f, occurrence, received, t, e);
}
