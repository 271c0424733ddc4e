/* http.h - HTTP/1.1 in and out; knows no route of the service, it is given a table.
 *
 * One table of routes, one authorisation callback, some addresses: http_start() runs
 * loop threads that read requests, and a small pool of threads for handlers that may
 * block. What a handler gets is whole, checked and in memory; what it fills is plain.
 *
 *   request    the guard refuses what two parsers could read differently (400, then the
 *              connection closes); the path and the query are decoded and valid UTF-8;
 *              the body is complete, decompressed, within the route's limits.
 *   memory     everything of a request lives until its answer is sent: the arena
 *              req->mem (limit: route->max_mem) and the body. All requests together
 *              share one budget (http_opts.memory); above it 503.
 *   strangers  whom allow() has put no name to (*req->who, or a Unix socket) may hold half
 *              of that memory with their bodies, and where connections are short, theirs end first.
 *              An answer 401 or 429 is held back for a moment, without a thread: who comes again
 *              at once comes slowly.
 *   time       absolute: headers, body, a deferred answer, sending. All in http_opts.
 *   errors     a handler returns false and a struct err; the server alone makes the
 *              answer of it: {"error":{"code","message"},"request_id"} with err_http(),
 *              or a page for routes flagged HTTP_PAGE.
 *   threads    handlers run on a loop thread and must not block, or with HTTP_POOL on a
 *              pool thread; several at once either way. A handler may put its answer
 *              off: http_later().
 *
 * Nothing here logs a path, a header, a body or a client's address.
 */
#ifndef COLLAUDO_HTTP_H
#define COLLAUDO_HTTP_H

#include "collaudo/arena.h"
#include "collaudo/err.h"
#include "collaudo/str.h"
#include "collaudo/time.h"

struct app; /* the service's own; passed through, never looked into */
struct http;
struct http_later;

enum http_method {
    HTTP_GET, /* also serves HEAD */
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS, /* answered with Allow unless a route exists */
    HTTP_METHODS
};

struct http_pair {
    const char *name, *value;
};

/* --- the request ---------------------------------------------------------- */

enum http_peer { HTTP_PEER_UNIX, HTTP_PEER_LOOPBACK, HTTP_PEER_OTHER };

#define HTTP_ID_LEN 17

struct http_req {
    enum http_method         method; /* the route's: HEAD arrives as HTTP_GET */
    bool                     head;   /* it was HEAD: the body will not be sent */
    const char              *path;   /* as sent, percent-encoded, without query */
    const struct http_route *route;
    const char              *body; /* 0-terminated, "" when there is none */
    size_t                   body_len;
    bool                     body_broken; /* HTTP_RAW_ON_BAD_ENCODING: `body` is what was
                                           * sent and does not decompress */
    usec_t             received;          /* wall clock when the headers were complete */
    char               id[HTTP_ID_LEN];   /* random; in the answer as X-Request-Id */
    enum http_peer     peer;
    bool               local; /* came over a Unix socket */
    const struct http *http;  /* the server, for http_metrics() */
    struct arena      *mem;   /* one thread at a time: the handler's, then the later's holder's */
    void             **who;   /* *who is NULL until allow() or the handler puts something there */
};

/* Values live as long as the request; NULL when there is none. Of several headers or
 * parameters of one name the first. Header names in any case; values without
 * surrounding blanks, printable but for tabs and bytes from 0x80. */
const char *http_header(const struct http_req *req, const char *name);
const char *http_query(const struct http_req *req, const char *name);
/* All headers, in the order sent; *ret_n of them. */
const struct http_pair *http_headers(const struct http_req *req, size_t *ret_n);
/* The i-th {segment} of the route's path, decoded, valid UTF-8, without '/' and NUL. */
const char *http_arg(const struct http_req *req, unsigned i);
/* Is the media type of Content-Type this one ("application/json"), parameters aside? */
bool http_content_is(const struct http_req *req, const char *type);

/* The rule for pages before accounts exist: a loopback peer that names a loopback
 * literal as Host and passed no proxy that says so; or req->local. */
bool http_is_plain_loopback(const struct http_req *req);

/* --- the answer ----------------------------------------------------------- */

enum http_cache {
    HTTP_CACHE_NONE,       /* no-store: everything that is data */
    HTTP_CACHE_REVALIDATE, /* may be kept, but asked about each time (give an etag) */
    HTTP_CACHE_FOREVER,    /* the name changes with the content */
};

#define HTTP_MAX_HEADERS 12

/* Comes zeroed. Pointers are into req->mem or static. */
struct http_res {
    int              status; /* 0 is 200 */
    const char      *type;   /* NULL is application/json */
    const void      *body;
    size_t           body_len;
    const void      *gzip;     /* the same body compressed beforehand, or NULL: then text */
    size_t           gzip_len; /* over 1 KiB is compressed here, if the client takes it */
    bool             no_gzip;  /* never compress (a secret beside what a stranger chose) */
    const char      *etag;     /* no quotes, <= 80 bytes; 304 when the client has it */
    enum http_cache  cache;
    unsigned         headers_n;
    struct http_pair headers[HTTP_MAX_HEADERS]; /* by http_res_header() */
};

/* `name` and `value` as the pointers above. Replaces a header the server would send by
 * itself (Content-Security-Policy, Cache-Control ...). A value that cannot be a header
 * (control bytes) makes the answer a 503. */
void http_res_header(struct http_res *res, const char *name, const char *value);

/* --- routes --------------------------------------------------------------- */

/* Fills *ret_res and returns true; or returns false and a filled *e. */
typedef bool http_fn(struct app *app, const struct http_req *req, struct http_res *ret_res,
                     struct err *e);

enum http_flag {
    HTTP_POOL = 1,                /* the handler (and allow()) may block: run it on a pool thread */
    HTTP_AUTH_EARLY = 2,          /* call allow() before the body is read; it must not block then */
    HTTP_RAW_ON_BAD_ENCODING = 4, /* an undecompressable body reaches the handler raw */
    HTTP_PAGE = 8,                /* errors are shown by http_opts.error_page */
    /* With HTTP_AUTH_EARLY: a request without Authorization is asked with its body, for a key
     * that stands in it. Whoever may be a stranger sends HTTP_STRANGER_BODY bytes at most. */
    HTTP_KEY_IN_BODY = 16,
    HTTP_FIND_GZIP = 32,  /* a body that begins as gzip does is gzip, whatever the headers say */
    HTTP_ANY_ORIGIN = 64, /* scripts of every site may read the answers, errors included */
};

struct http_route {
    enum http_method method;
    const char      *path;     /* "/v1/pilots/{pilot}/events"; a literal beats a {name} */
    unsigned         need;     /* rights for allow(); 0 is a closed door: serves nobody */
    size_t           max_body; /* bytes on the wire; 0: takes no body */
    http_fn         *fn;
    unsigned         flags;
    const char      *doc; /* one sentence for people; written .doc = "", as -Wextra wants
                           * a name before members are left out */
    size_t max_plain;     /* bytes decompressed; 0: four times max_body */
    size_t max_mem;       /* bytes of the arena, the head aside; 0: HTTP_ROUTE_MEM */
    usec_t deadline;      /* of a deferred answer; 0: the server's */
};

#define HTTP_ROUTE_MEM ((size_t)16 << 20)
#define HTTP_STRANGER_BODY ((size_t)1 << 20) /* on the wire; four times that decompressed */
#define HTTP_MAX_ARGS 8

/* --- deferred answers ------------------------------------------------------ */

/* Puts the answer off: the handler hands the result to whoever will finish it (once,
 * from any thread, also before the handler has returned) and returns true; *ret_res is
 * ignored. From the hand-over on the request belongs to the finisher: the handler
 * touches neither req nor its arena again. A handler that took a later must not fail.
 *
 * Answered or not (the deadline passed, the client vanished, the server stopped), the
 * later stays valid until it is finished, and must be finished for its memory to return.
 * A client that closes its sending side before a deferred answer does not get it. */
struct http_later *http_later(const struct http_req *req);
void               http_finish(struct http_later *later, const struct http_res *res);
void               http_fail(struct http_later *later, const struct err *e);

/* --- the server ------------------------------------------------------------ */

/* May this request do what needs `need`? Fills *e (ERR_UNKNOWN_WHO, ERR_DENIED, ...) and
 * returns false if not. Called once per request before its handler, on its thread. */
typedef bool http_allow_fn(struct app *app, const struct http_req *req, unsigned need,
                           struct err *e);
/* Fills a page for an error of a HTTP_PAGE route or of a browser's wrong address (then
 * req->route is NULL), on any thread of the server; it must not block. What it needs comes
 * from `mem`, not req->mem: behind a deadline the handler may still be using that. False:
 * show the plain JSON after all. */
typedef bool http_page_fn(struct app *app, const struct http_req *req, const struct err *e,
                          struct arena *mem, struct http_res *ret_res);

/* A number that is 0 has the value in brackets. */
struct http_opts {
    struct app              *app;
    const struct http_route *routes; /* outlive the server, as all strings here */
    size_t                   routes_n;
    const char *const       *listen; /* "127.0.0.1:8080", "[::1]:0", "unix:/run/x.sock" */
    size_t                   listen_n;
    http_allow_fn           *allow;
    http_page_fn            *error_page;  /* or NULL */
    const char              *html_policy; /* CSP of text/html [nothing but the own host] */
    const char              *challenge;   /* WWW-Authenticate of a 401 [Bearer ...] */
    unsigned                 loops;       /* threads that read and write [2] */
    unsigned                 workers;     /* threads of the pool [4] */
    unsigned                 queue;       /* requests waiting for the pool at most [256] */
    unsigned                 connections; /* at most, all together [2048] */
    size_t                   memory;      /* of all requests together [512 MiB] */
    size_t                   drain;       /* bytes of a refused body read and dropped [64 MiB] */
    unsigned                 retry_after; /* seconds, in 429 and 503 [5] */
    usec_t                   head_time;   /* for the headers [10 s] */
    usec_t                   body_time;   /* for the body [30 s], refused ones drain_time */
    usec_t                   drain_time;  /* [10 s] */
    usec_t                   rate_time;   /* after this long [5 s] a body needs ... */
    size_t                   body_rate;   /* ... at least so many bytes a second [1024] */
    usec_t                   idle_time;   /* between two requests [75 s]; clients are told
                                           * to leave 15 s (or a fifth) earlier */
    usec_t later_time;                    /* for a deferred answer [4 s] */
    usec_t pool_time;                     /* for an answer from the pool [30 s] */
    usec_t send_time;                     /* to take an answer, plus 1 s per 16 KiB [30 s] */
    usec_t stop_time;                     /* for what is under way at http_stop() [5 s] */
    usec_t unknown_time;                  /* a 401 is held so long [250 ms], */
    usec_t many_time;                     /* a 429 for err.wait, this at most [2 s] */
};

/* Could one listen there, as far as the text tells? For a caller that has much to do before.
 * ERR_INVALID says what an address is like. */
must_check bool http_check_address(const char *address, struct err *e);

/* Ignores SIGPIPE, raises the soft limit of open files if needed, binds and listens on
 * every address, then starts the threads. A Unix socket gets mode 0600; its file is
 * replaced only when nobody answers on it.
 * ERR_INVALID: the table or an address is wrong; ERR_CONFLICT: an address is taken. */
must_check bool http_start(const struct http_opts *opts, struct http **ret_http, struct err *e);

#define HTTP_URL_LEN 80
/* Where opts->listen[i] is reached, with the port as bound: "http://127.0.0.1:8080/". False: a Unix
 * socket, or there are no more. Any thread. */
bool http_url(const struct http *h, size_t i, char ret[HTTP_URL_LEN]);

/* Stops accepting, finishes what is under way (stop_time at most, then 503), waits for
 * handlers in the pool to return, and ends all threads. Laters still open stay valid and
 * answer nobody. NULL is fine. */
void http_stop(struct http *h);

struct http_counts {
    uint64_t requests;                       /* with a route or without */
    uint64_t refused;                        /* by the guard or, before it, by the parser */
    uint64_t timeouts;                       /* connections cut by a deadline of ours */
    uint64_t late;                           /* deferred answers that missed theirs */
    uint64_t bytes_in;                       /* of bodies, as sent */
    uint64_t bytes_out;                      /* of bodies, as sent */
    uint64_t accepted;                       /* connections */
    uint64_t evicted;                        /* connections closed to make room */
    uint64_t held;                           /* answers 401 and 429 held back */
    uint64_t connections, suspended, memory; /* now */
};

void http_counts(const struct http *h, struct http_counts *ret);
/* All of it and requests by route and status class, in the text format of Prometheus. */
void http_metrics(const struct http *h, struct str *out);

/* "GET", ...; NULL for none of them. */
const char *http_method_name(enum http_method m);

#endif
