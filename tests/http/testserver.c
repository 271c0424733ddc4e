/* testserver.c - a server with toy routes for the tests in this folder.
 *
 *     testserver [name=value ...]      loops=1 later_ms=500 listen=unix:/tmp/x.sock ...
 *
 * Prints {"ports":[...]} when it listens, stops on SIGTERM, prints its counters, and
 * exits with 0 when every later was finished and no memory of requests is held.
 */
#include "collaudo/hash.h"
#include "collaudo/http.h"
#include "collaudo/log.h"
#include "collaudo/zip.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANYBODY = 1, KEY = 2 };

struct waiting { /* a later and when it is to be finished */
    struct waiting        *next;
    const struct http_req *req; /* of the later */
    struct http_later     *later;
    usec_t                 due; /* monotonic; INT64_MAX: when /open is called */
};

struct app {
    pthread_mutex_t lock;
    pthread_cond_t  more;
    struct waiting *list;
    bool            stop;
    unsigned long   finished;
};

static int64_t
number(const struct http_req *req, const char *name, int64_t otherwise)
{
    const char *text = http_query(req, name);
    int64_t     n;

    return text && str_int(text, &n) ? n : otherwise;
}

static bool
say(struct http_res *res, const struct http_req *req, const char *type, const char *text,
    struct err *e)
{
    if (!text || req->mem->denied)
        return err_set(e, ERR_NOMEM, "no memory for the answer");
    res->type = type;
    res->body = text;
    res->body_len = strlen(text);
    return true;
}

/* --- plain handlers ------------------------------------------------------------- */

static bool
get_hello(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)app;
    return say(ret_res, req, "text/plain", "hello\n", e);
}

static bool
echo_body(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)app, (void)e;
    ret_res->type = "text/plain";
    ret_res->body = req->body;
    ret_res->body_len = req->body_len;
    http_res_header(ret_res, "X-Broken", req->body_broken ? "yes" : "no");
    return true;
}

static bool
sink(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)app;
    return say(ret_res, req, NULL,
               arena_printf(req->mem, "{\"n\":%zu,\"crc\":%" PRIu32 ",\"broken\":%s}",
                            req->body_len, hash_crc32c(0, req->body, req->body_len),
                            req->body_broken ? "true" : "false"),
               e);
}

static bool
get_args(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct str s;

    (void)app;
    str_init(&s, req->mem);
    str_add(&s, "{\"a\":");
    str_json(&s, http_arg(req, 0));
    str_add(&s, ",\"b\":");
    str_json(&s, http_arg(req, 1));
    str_add(&s, ",\"q\":");
    str_json(&s, http_query(req, "q"));
    str_addf(&s, ",\"head\":%s,\"id\":\"%s\",\"who\":\"%s\"}", req->head ? "true" : "false",
             req->id, *req->who ? (const char *)*req->who : "nobody");
    return say(ret_res, req, NULL, s.p, e);
}

static bool
get_loopback(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    static const char *const peer[] = { "unix", "loopback", "other" };

    (void)app;
    return say(ret_res, req, NULL,
               arena_printf(req->mem, "{\"plain\":%s,\"local\":%s,\"peer\":\"%s\"}",
                            http_is_plain_loopback(req) ? "true" : "false",
                            req->local ? "true" : "false", peer[req->peer]),
               e);
}

static bool
get_asset(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    static const char css[] = "body { margin: 0 }\n";

    (void)app;
    if (!zip_gzip(req->mem, 9, css, sizeof css - 1, &ret_res->gzip, &ret_res->gzip_len, e))
        return false;
    ret_res->type = "text/css";
    ret_res->body = css;
    ret_res->body_len = sizeof css - 1;
    ret_res->etag = "v1";
    ret_res->cache = http_query(req, "forever") ? HTTP_CACHE_FOREVER : HTTP_CACHE_REVALIDATE;
    return true;
}

/* n bytes: digits, or noise that does not compress. */
static bool
get_big(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    size_t n = (size_t)number(req, "n", 100000);
    char  *p = arena_alloc(req->mem, n);

    (void)app;
    if (!p)
        return err_set(e, ERR_NOMEM, "no memory for %zu bytes", n);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('0' + i % 10);
    if (http_query(req, "noise"))
        hash_random(p, n);
    ret_res->type = http_query(req, "noise") ? "application/octet-stream" : "text/plain";
    ret_res->no_gzip = http_query(req, "no_gzip") != NULL;
    ret_res->body = p;
    ret_res->body_len = n;
    return true;
}

static bool
get_fail(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    const char   *name = http_query(req, "code");
    enum err_code code = name ? err_of_name(name) : ERR_NONE;

    (void)app, (void)ret_res;
    err_set(e, code ? code : ERR_INVALID, "as \"asked\" in /etc/secret");
    e->wait = (unsigned)number(req, "wait", 0);
    return false;
}

static bool
get_page(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)app;
    if (http_query(req, "fail"))
        return err_set(e, ERR_NOT_FOUND, "no such <page>");
    return say(ret_res, req, "text/html; charset=utf-8", "<!doctype html><title>page</title>", e);
}

static bool
get_bad_header(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)app;
    http_res_header(ret_res, "X-Split", "a\r\nSet-Cookie: b");
    return say(ret_res, req, "text/plain", "never sent", e);
}

static bool
cors(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)app, (void)req, (void)e;
    http_res_header(ret_res, "Access-Control-Allow-Origin", "*");
    http_res_header(ret_res, "Content-Security-Policy", "default-src 'none'");
    return true;
}

static bool
get_metrics(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    struct str s;

    (void)app;
    str_init(&s, req->mem);
    http_metrics(req->http, &s);
    return say(ret_res, req, "text/plain; version=0.0.4", s.p, e);
}

static void
nap(int64_t ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static bool
in_pool(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    nap(number(req, "ms", 0));
    if (req->body_len)
        return echo_body(app, req, ret_res, e);
    return say(ret_res, req, "text/plain", arena_strdup(req->mem, "from the pool\n"), e);
}

/* --- deferred ones: a thread finishes them, as the committer of a journal would ------ */

static bool
defer(struct app *app, const struct http_req *req, usec_t due, struct err *e)
{
    struct waiting *w = arena_new(req->mem, struct waiting, 1);

    if (!w)
        return err_set(e, ERR_NOMEM, "no memory to wait");
    w->due = due;
    w->req = req;
    pthread_mutex_lock(&app->lock);
    w->later = http_later(req);
    w->next = app->list;
    app->list = w;
    pthread_cond_signal(&app->more);
    pthread_mutex_unlock(&app->lock);
    return true;
}

static bool
get_later(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    int64_t ms = number(req, "ms", 0);

    (void)ret_res;
    return defer(app, req, ms ? time_monotonic() + ms * 1000 : 0, e);
}

static bool
get_gate(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    (void)ret_res;
    return defer(app, req, INT64_MAX, e);
}

static struct waiting *
take_due(struct app *app, usec_t now)
{
    struct waiting *due = NULL, **at = &app->list;

    while (*at) {
        struct waiting *w = *at;

        if (w->due > now) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        w->next = due;
        due = w;
    }
    return due;
}

static unsigned
finish(struct app *app, struct waiting *w)
{
    static const struct http_res ok = { .type = "text/plain", .body = "later\n", .body_len = 6 };
    struct err                   e;
    unsigned                     n = 0;

    for (struct waiting *next; w; w = next, n++) {
        const struct http_req *req = w->req;

        next = w->next; /* w lives in the request's arena */
        __atomic_add_fetch(&app->finished, 1, __ATOMIC_RELAXED);
        if (http_query(req, "fail")) {
            err_set(&e, ERR_CONFLICT, "finished with a fault");
            http_fail(w->later, &e);
        } else if (http_query(req, "say")) { /* an answer in the arena, made by this thread */
            struct http_res res = { .type = "text/plain" };

            res.body =
                arena_printf(req->mem, "%s and %zu bytes\n", http_query(req, "say"), req->body_len);
            res.body_len = res.body ? strlen(res.body) : 0;
            http_finish(w->later, &res);
        } else {
            http_finish(w->later, &ok);
        }
    }
    return n;
}

static bool
open_gate(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    pthread_mutex_lock(&app->lock);
    struct waiting *all = take_due(app, INT64_MAX);
    pthread_mutex_unlock(&app->lock);
    return say(ret_res, req, NULL, arena_printf(req->mem, "{\"opened\":%u}", finish(app, all)), e);
}

static bool
count_gate(struct app *app, const struct http_req *req, struct http_res *ret_res, struct err *e)
{
    unsigned n = 0;

    pthread_mutex_lock(&app->lock);
    for (struct waiting *w = app->list; w; w = w->next)
        n++;
    pthread_mutex_unlock(&app->lock);
    return say(ret_res, req, NULL, arena_printf(req->mem, "{\"waiting\":%u}", n), e);
}

static void *
committer(void *arg)
{
    struct app *app = arg;

    pthread_mutex_lock(&app->lock);
    while (!app->stop) {
        struct waiting *due = take_due(app, time_monotonic());

        if (due) {
            pthread_mutex_unlock(&app->lock);
            finish(app, due);
            pthread_mutex_lock(&app->lock);
        } else {
            struct timespec t;

            clock_gettime(CLOCK_REALTIME, &t);
            t.tv_nsec += 2000000;
            if (t.tv_nsec >= 1000000000)
                t.tv_sec++, t.tv_nsec -= 1000000000;
            pthread_cond_timedwait(&app->more, &app->lock, &t);
        }
    }
    pthread_mutex_unlock(&app->lock);
    return NULL;
}

/* --- the table ---------------------------------------------------------------------- */

#define KIB ((size_t)1024)
#define MIB ((size_t)1 << 20)

/* clang-format off */
static const struct http_route routes[] = {
    { HTTP_GET,    "/",             ANYBODY,       0, get_hello,  .doc = "battery" },
    { HTTP_GET,    "/url",          ANYBODY, 64 * KIB, sink,      .doc = "battery" },
    { HTTP_PUT,    "/url",          ANYBODY, 64 * KIB, sink,      .doc = "battery" },
    { HTTP_POST,   "/url",          ANYBODY, 64 * KIB, sink,      .doc = "battery" },
    { HTTP_POST,   "/",             ANYBODY, 64 * KIB, sink,      .doc = "battery" },
    { HTTP_GET,    "/hello",        ANYBODY,       0, get_hello,  .doc = "the shortest one" },
    { HTTP_GET,    "/args/{a}/{b}", ANYBODY,       0, get_args,   .doc = "what was in the path" },
    { HTTP_GET,    "/args/{a}/fix", ANYBODY,       0, get_hello,  .doc = "a literal beats a name" },
    { HTTP_DELETE, "/args/{a}/fix", KEY,           0, get_hello,  .doc = "another method" },
    { HTTP_POST,   "/echo",         ANYBODY,     MIB, echo_body,  .doc = "the body back" },
    { HTTP_POST,   "/sink",         ANYBODY, 8 * MIB, sink,       .doc = "length and checksum" },
    { HTTP_POST,   "/small",        ANYBODY,      10, sink, .doc = "few bytes", .max_plain = 20 },
    { HTTP_POST,   "/raw",          ANYBODY, 64 * KIB, sink, HTTP_RAW_ON_BAD_ENCODING, .doc = "raw" },
    { HTTP_POST,   "/private",      KEY,         MIB, sink,       .doc = "needs a key" },
    { HTTP_POST,   "/early",        KEY,         MIB, sink, HTTP_AUTH_EARLY, .doc = "needs it first" },
    { HTTP_GET,    "/closed",       0,             0, get_hello,  .doc = "serves nobody" },
    { HTTP_GET,    "/loopback",     ANYBODY,       0, get_loopback, .doc = "the rule" },
    { HTTP_GET,    "/asset",        ANYBODY,       0, get_asset,  .doc = "static" },
    { HTTP_GET,    "/big",          ANYBODY,       0, get_big, .doc = "long", .max_mem = 64 * MIB },
    { HTTP_GET,    "/fail",         ANYBODY,       0, get_fail,   .doc = "an error" },
    { HTTP_GET,    "/page",         ANYBODY,       0, get_page, HTTP_PAGE, .doc = "HTML" },
    { HTTP_GET,    "/badheader",    ANYBODY,       0, get_bad_header, .doc = "a broken handler" },
    { HTTP_OPTIONS,"/cors",         ANYBODY,       0, cors,       .doc = "own OPTIONS" },
    { HTTP_POST,   "/cors",         ANYBODY,     KIB, sink,       .doc = "its POST" },
    { HTTP_GET,    "/pool",         ANYBODY,       0, in_pool, HTTP_POOL, .doc = "may block" },
    { HTTP_POST,   "/pool",         ANYBODY,     MIB, in_pool, HTTP_POOL, .doc = "with a body" },
    { HTTP_POST,   "/poolkey",      KEY,         MIB, in_pool, HTTP_POOL, .doc = "with a key" },
    { HTTP_GET,    "/poolpage",     ANYBODY,       0, in_pool, HTTP_POOL | HTTP_PAGE, .doc = "" },
    { HTTP_GET,    "/poollater",    ANYBODY,       0, get_later, HTTP_POOL, .doc = "both" },
    { HTTP_GET,    "/later",        ANYBODY,       0, get_later,  .doc = "after ?ms" },
    { HTTP_POST,   "/later",        ANYBODY, 8 * MIB, get_later,  .doc = "after ?ms" },
    { HTTP_GET,    "/gate",         ANYBODY,       0, get_gate,   .doc = "after /open" },
    { HTTP_GET,    "/tight",        ANYBODY,       0, get_big, .doc = "", .max_mem = 20000 },
    { HTTP_GET,    "/short",        ANYBODY,       0, get_gate, .doc = "", .deadline = 150000 },
    { HTTP_POST,   "/gate",         ANYBODY, 8 * MIB, get_gate,   .doc = "after /open" },
    { HTTP_GET,    "/open",         ANYBODY,       0, open_gate,  .doc = "finishes all" },
    { HTTP_GET,    "/waiting",      ANYBODY,       0, count_gate, .doc = "how many" },
    { HTTP_GET,    "/metrics",      ANYBODY,       0, get_metrics, .doc = "counters" },
};
/* clang-format on */

static bool
allow(struct app *app, const struct http_req *req, unsigned need, struct err *e)
{
    const char *key = http_header(req, "authorization");

    (void)app;
    if (key && strcmp(key, "Bearer good") == 0)
        *req->who = (void *)(uintptr_t) "somebody";
    if (need == ANYBODY || *req->who)
        return true;
    return key ? err_set(e, ERR_DENIED, "not with this key")
               : err_set(e, ERR_UNKNOWN_WHO, "a key is needed");
}

static bool
error_page(struct app *app, const struct http_req *req, const struct err *why, struct arena *mem,
           struct http_res *ret_res)
{
    struct str s;

    (void)app;
    (void)req;
    str_init(&s, mem);
    str_add(&s, "<!doctype html><title>Sorry</title><p>");
    str_html(&s, why->text);
    if (mem->denied)
        return false;
    ret_res->type = "text/html; charset=utf-8";
    ret_res->body = s.p;
    ret_res->body_len = s.n;
    return true;
}

/* --- options and main ------------------------------------------------------------------ */

static const struct {
    const char *name;
    size_t      at;
    enum { NUMBER, SIZE, MS } kind;
} settings[] = {
#define AT(member) offsetof(struct http_opts, member)
    { "loops", AT(loops), NUMBER },       { "workers", AT(workers), NUMBER },
    { "queue", AT(queue), NUMBER },       { "connections", AT(connections), NUMBER },
    { "memory", AT(memory), SIZE },       { "drain", AT(drain), SIZE },
    { "body_rate", AT(body_rate), SIZE }, { "head_ms", AT(head_time), MS },
    { "body_ms", AT(body_time), MS },     { "drain_ms", AT(drain_time), MS },
    { "rate_ms", AT(rate_time), MS },     { "idle_ms", AT(idle_time), MS },
    { "later_ms", AT(later_time), MS },   { "pool_ms", AT(pool_time), MS },
    { "send_ms", AT(send_time), MS },     { "stop_ms", AT(stop_time), MS },
    { "many_ms", AT(many_time), MS },     { "unknown_ms", AT(unknown_time), MS },
#undef AT
};

static bool
set(struct http_opts *o, const char *arg)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        size_t  n = strlen(settings[i].name);
        char   *at = (char *)o + settings[i].at;
        int64_t v;

        if (strncmp(arg, settings[i].name, n) != 0 || arg[n] != '=' || !str_int(arg + n + 1, &v))
            continue;
        if (settings[i].kind == NUMBER)
            *(unsigned *)at = (unsigned)v;
        else if (settings[i].kind == SIZE)
            *(size_t *)at = (size_t)v;
        else
            *(usec_t *)at = v * 1000;
        return true;
    }
    return false;
}

static void
print_ready(const struct http *h, size_t n)
{
    printf("{\"ports\":[");
    for (size_t i = 0; i < n; i++) {
        char url[HTTP_URL_LEN] = ":0"; /* what a Unix socket says */

        (void)http_url(h, i, url);
        printf("%s%lu", i ? "," : "", strtoul(strrchr(url, ':') + 1, NULL, 10));
    }
    printf("]}\n");
    fflush(stdout);
}

/* After the stop: whoever still waits is finished, into the void. */
static void
end(struct app *app, pthread_t thread)
{
    pthread_mutex_lock(&app->lock);
    app->stop = true;
    pthread_cond_signal(&app->more);
    struct waiting *left = take_due(app, INT64_MAX);
    pthread_mutex_unlock(&app->lock);
    pthread_join(thread, NULL);
    finish(app, left);
}

int
main(int argc, char **argv)
{
    static struct app app = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };
    const char       *listen[8];
    struct http_opts  o = { .app = &app,
                            .routes = routes,
                            .listen = listen,
                            .allow = allow,
                            .routes_n = sizeof routes / sizeof *routes,
                            .error_page = error_page };
    struct err        e = ERR_INIT;
    struct http      *http;
    sigset_t          wait;
    pthread_t         thread;
    int               sig;

    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "listen=", 7) == 0 && o.listen_n < 8)
            listen[o.listen_n++] = argv[i] + 7;
        else if (!set(&o, argv[i]))
            return fprintf(stderr, "what is %s?\n", argv[i]), 2;
    if (!o.listen_n)
        listen[o.listen_n++] = "127.0.0.1:0";
    hash_init();
    arena_init_cjson();
    log_init(LOG_WARN);
    sigemptyset(&wait);
    sigaddset(&wait, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &wait, NULL);
    if (!http_start(&o, &http, &e)) {
        fprintf(stderr, "%s: %s\n", err_name(e.code), e.text);
        return err_exit(e.code);
    }
    pthread_create(&thread, NULL, committer, &app);
    print_ready(http, o.listen_n);
    sigwait(&wait, &sig);

    http_stop(http);
    end(&app, thread);
    printf("{\"finished\":%lu}\n", app.finished);
    return 0;
}
