/* wire.c - captured requests and events as text. See wire.h. */
#include "wire.h"

#include "collaudo/zip.h"
#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *
wire_header(const struct wire_request *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            return r->headers[i].value;
    return NULL;
}

static bool
take(void *to, const void *p, size_t n, struct err *e)
{
    (void)e;
    str_addn(to, p, n);
    return true;
}

static void
unzip(struct wire_request *r, struct arena *mem)
{
    struct zip_in *zip = zip_in_new(1 << 20);
    struct err     e = ERR_INIT;
    struct str     out;

    str_init(&out, mem);
    CHECK(zip && zip_in_push(zip, r->body, r->body_n, take, &out, &e) && zip_in_end(zip, &e));
    zip_in_close(zip);
    r->body = out.p;
    r->body_n = out.n;
}

static void
dechunk(struct wire_request *r, struct arena *mem)
{
    const char *at = r->body, *end = at + r->body_n;
    struct str  out;

    str_init(&out, mem);
    while (at < end) {
        size_t n = strtoul(at, NULL, 16);

        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        if (!n)
            break;
        str_addn(&out, at, n);
        at += n + 2;
    }
    r->body = out.p;
    r->body_n = out.n;
}

struct wire_request
wire_read(const char *name, struct arena *mem)
{
    struct wire_request r = { 0 };
    size_t              n;
    char               *file = t_file(arena_printf(mem, "tests/data/wire/%s.http", name), &n);
    char               *text = arena_strndup(mem, file, n);
    char               *end = strstr(text, "\r\n\r\n");

    free(file);
    *end = 0;
    r.body = end + 4;
    r.body_n = n - (size_t)(r.body - text);
    for (char *line = text; line;) {
        char *next = strstr(line, "\r\n"), *colon = strstr(line, ": ");

        if (next)
            *next = 0;
        if (line == text) {
            r.path = strchr(line, ' ') + 1;
            *strchr(strchr(line, ' ') + 1, ' ') = 0;
        } else if (colon && r.n < 32) {
            *colon = 0;
            r.headers[r.n++] = (struct event_header){ line, colon + 2 };
        }
        line = next ? next + 2 : NULL;
    }
    if (wire_header(&r, "Transfer-Encoding"))
        dechunk(&r, mem);
    if (wire_header(&r, "Content-Encoding"))
        unzip(&r, mem);
    return r;
}

static void
tell(struct str *out, const char *name, struct event_text t)
{
    if (!t.p)
        return;
    str_addf(out, " %s=", name);
    str_addn(out, t.p, t.n);
}

const char *
wire_tell(const struct event *ev, struct arena *mem)
{
    char        when[TIME_TEXT_LEN];
    const char *properties;
    size_t      n;
    struct err  e = ERR_INIT;
    struct str  out;

    str_init(&out, mem);
    time_format(ev->time, when);
    str_addf(&out, "%s %s %s", event_type_name(ev->type), event_status_name(ev->status), when);
    if (ev->correction)
        str_addf(&out, " correction=%" PRId64, ev->correction);
    tell(&out, "id", ev->id);
    tell(&out, "user", ev->user);
    tell(&out, "action", ev->action);
    if (ev->feature.n != ev->action.n || memcmp(ev->feature.p, ev->action.p, ev->action.n) != 0)
        tell(&out, "feature", ev->feature);
    tell(&out, "type", ev->object_type);
    tell(&out, "object", ev->object_id);
    tell(&out, "correlation", ev->correlation);
    if (ev->dropped)
        str_addf(&out, " dropped=%u", ev->dropped);
    if (ev->sent && CHECK(json_print(mem, ev->sent, &properties, &n, &e)))
        str_addf(&out, " %s", properties);
    return out.p;
}

const char *
wire_outcome(bool ok, const struct event *ev, const struct event_fault *why, struct arena *mem)
{
    if (ok)
        return wire_tell(ev, mem);
    return arena_printf(mem, "%s %s%s%s%s", event_drop_name(why->why), why->pointer,
                        why->detail ? "(" : "", why->detail ? why->detail : "",
                        why->detail ? ")" : "");
}
