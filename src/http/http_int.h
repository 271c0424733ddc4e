/* http_int.h - what the files of http share: the request's head, its life, the loops.
 *
 * Reading order: guard and target and route are pure; body collects; exchange is one
 * request's life; answer turns results into bytes; conn keeps the deadlines; loop runs
 * it all; later and pool are the ways other threads come in; server starts and stops.
 */
#ifndef HTTP_INT_H
#define HTTP_INT_H

#include "collaudo/http.h"
#include "collaudo/zip.h"

#include <microhttpd.h>
#include <pthread.h>

/* Limits of the wire: EVENTS.md's table, and what follows from it. */
#define HTTP_MAX_HEAD ((size_t)16 << 10)      /* bytes of request line and headers */
#define HTTP_MAX_FIELDS 100                   /* headers */
#define HTTP_MAX_SEGMENTS 16                  /* of a path */
#define HTTP_MAX_QUERY 64                     /* parameters */
#define HTTP_POOL_PER_CONN ((size_t)32 << 10) /* the library's buffer; holds the head twice */
#define HTTP_GZIP_FROM ((size_t)1024)         /* shorter texts are sent as they are */

/* --- guard.c: is the head one that any two parsers read alike? -------------- */

struct http_field {
    const char *name, *value;
    size_t      name_n, value_n;
};

struct http_head {
    const char              *method, *target, *version;
    size_t                   target_n; /* its bytes when it was first seen */
    size_t                   bytes;    /* of the whole head, with its line ends */
    const struct http_field *field;
    size_t                   n;
};

struct http_framing {
    bool     chunked;
    bool     expects; /* Expect: 100-continue */
    uint64_t length;  /* Content-Length, 0 without */
};

/* ERR_INVALID or ERR_HEADERS, with a text that quotes nothing. */
must_check bool http_guard(const struct http_head *head, enum http_method *ret_method,
                           struct http_framing *ret_framing, struct err *e);
/* Do the pieces stand in memory as a strict parser would have left them? Finds bare line
 * feeds, folded lines and NUL bytes, which the library takes and hides. */
bool http_guard_layout(const struct http_head *head);
bool http_is_token(const char *s, size_t n);

/* --- target.c: path and query, decoded ------------------------------------- */

struct http_target {
    const char       *path;                       /* raw, without query */
    const char       *segment[HTTP_MAX_SEGMENTS]; /* decoded; none for "/" */
    size_t            segments;
    struct http_pair *query;
    size_t            query_n;
};

/* ERR_INVALID: not a target we read; ERR_NOMEM. */
must_check bool http_target_read(struct arena *mem, const char *raw, struct http_target *ret,
                                 struct err *e);

/* --- route.c: from method and path to a route ------------------------------- */

struct http_pattern {
    const char *segment[HTTP_MAX_SEGMENTS]; /* NULL where anything fits */
    size_t      segments, args;
    unsigned    literals; /* bit set for each literal, first segment highest */
};

struct http_router {
    const struct http_route *routes;
    struct http_pattern     *patterns; /* beside routes */
    size_t                   n;
};

/* ERR_INVALID: a row is wrong or there twice. */
must_check bool http_router_init(struct http_router *r, const struct http_route *routes, size_t n,
                                 struct arena *mem, struct err *e);
/* Index of the best route, or -1. ret_methods: bits of all methods the path knows (HEAD
 * with GET, OPTIONS always); 0 when no route has this path. ret_args: decoded segments. */
int  http_router_find(const struct http_router *r, enum http_method m, const struct http_target *t,
                      unsigned *ret_methods, const char *ret_args[HTTP_MAX_ARGS]);
void http_router_allow(unsigned methods, char *ret, size_t size); /* "GET, HEAD, OPTIONS" */

/* --- body.c: a body arriving in pieces --------------------------------------- */

struct http_buf {
    char                *p;
    size_t               n, cap;
    struct arena_budget *budget;
};

struct http_body {
    struct http_buf wire;  /* as sent: of a plain body, or kept in case it is broken */
    struct http_buf plain; /* decompressed */
    struct zip_in  *zip;   /* NULL: the body is plain */
    size_t          max_wire, max_plain, seen;
    bool            keep_raw, find_gzip, broken;
};

struct http_body_opts {
    size_t               max_wire, max_plain;
    bool                 zipped, keep_raw, find_gzip;
    struct arena_budget *budget;
};

/* ERR_NOMEM. The body must be freed in any case. */
must_check bool http_body_open(struct http_body *b, const struct http_body_opts *o, struct err *e);
/* ERR_TOO_LARGE, ERR_INVALID (does not decompress), ERR_BUSY (the budget is exhausted). */
must_check bool http_body_push(struct http_body *b, const char *p, size_t n, struct err *e);
must_check bool http_body_end(struct http_body *b, const char **ret_p, size_t *ret_n,
                              bool *ret_broken, struct err *e);
void            http_body_free(struct http_body *b);

/* --- the life of a request --------------------------------------------------- */

enum http_state {
    HTTP_EX_HEAD,  /* the request line is here */
    HTTP_EX_BODY,  /* the head was read (and perhaps refused); the body comes */
    HTTP_EX_WAIT,  /* suspended; somebody else has it */
    HTTP_EX_READY, /* resumed with a result */
    HTTP_EX_SENT,  /* the answer is queued */
};

/* Who settles a suspended request: the finisher or the deadline. Once, by exchange. */
enum http_race { HTTP_RACE_NONE, HTTP_RACE_OPEN, HTTP_RACE_DONE, HTTP_RACE_LATE };

struct http_ex {
    struct http_req        req; /* first: a const pointer to it is a pointer to this */
    struct http           *h;
    struct http_conn      *conn; /* NULL once the connection is through with us */
    struct http_loop      *loop;
    struct MHD_Connection *mhd;
    atomic_int             refs; /* the connection, a later, a pool thread */
    struct arena           mem;
    enum http_state        state;
    const char            *uri; /* as the library gave it, for the layout only */
    size_t                 uri_n;
    struct http_pair      *fields;
    size_t                 fields_n;
    struct http_target     target;
    struct http_framing    framing;
    const char            *args[HTTP_MAX_ARGS];
    void                  *who;
    int                    route; /* index, -1: none */
    unsigned               methods;
    bool                   refused; /* err is the answer; the body is dropped */
    size_t                 drained;
    bool                   allowed; /* allow() said yes already */
    bool                   close;   /* the connection ends with this answer */
    struct http_body       body;
    bool                   later_taken; /* by the handler's thread */
    atomic_int             race;
    struct http_ex        *next;     /* in the pool's queue or the loop's */
    bool                   failed;   /* err holds, else res */
    struct arena           late_mem; /* of an error page when late */
    bool                   late;     /* the deadline won: arena and result are not the loop's */
    bool                   held;     /* the answer was held back once */
    struct http_res        res;
    struct err             err;
    bool                   packed;     /* compression was thought about */
    char                   small[512]; /* body of an error: needs no memory that may lack */
};

struct http_ex *http_ex_of(const struct http_req *req);
void            http_ex_release(struct http_ex *ex);
/* allow() and the handler, on whatever thread this is; leaves the result in ex. */
void http_ex_handle(struct http_ex *ex);

/* The three callbacks of the library. */
void           *http_ex_on_uri(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result http_ex_on_call(void *cls, struct MHD_Connection *mhd, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *data_n, void **ret_ex);
void            http_ex_on_end(void *cls, struct MHD_Connection *mhd, void **ret_ex,
                               enum MHD_RequestTerminationCode why);

/* head.c: guard, copies of the headers, target. Fills ex->req. */
must_check bool http_ex_read_head(struct http_ex *ex, const char *method, const char *version,
                                  struct err *e);

/* answer.c */
enum MHD_Result http_answer(struct http_ex *ex);      /* queues ex's result */
void            http_answer_pack(struct http_ex *ex); /* compresses where it pays */
bool            http_accepts_gzip(const char *accept_encoding);
bool            http_etag_matches(const char *if_none_match, const char *etag);
/* error.c */
void http_error_res(struct http_ex *ex, const struct err *e, struct http_res *ret_res);
/* Past the library, which takes no answer before a request is complete. The connection
 * must then be ended. */
void http_error_send(const struct http_ex *ex, const struct err *e);

/* --- later.c ------------------------------------------------------------------ */

void http_later_done(struct http_ex *ex);     /* the result is in ex: race for it, wake the loop */
void http_later_suspend(struct http_ex *ex);  /* loop thread, inside the callback */
bool http_later_expire(struct http_ex *ex);   /* loop thread: true if the deadline won */
void http_later_collect(struct http_loop *l); /* loop thread: resumes what is done */
/* Holds the result of ex back; loop thread, inside the callback. And lets it go. */
void http_later_hold(struct http_ex *ex, usec_t most);
void http_later_release(struct http_ex *ex);

/* --- pool.c --------------------------------------------------------------------- */

struct http_job_queue {
    pthread_mutex_t lock;
    pthread_cond_t  more;
    struct http_ex *head, **tail;
    unsigned        n, most;
    bool            stop;
    pthread_t      *threads;
    unsigned        threads_n;
};

void            http_pool_init(struct http_job_queue *q, unsigned most);
must_check bool http_pool_start(struct http_job_queue *q, unsigned threads, struct arena *mem,
                                struct err *e);
must_check bool http_pool_submit(struct http_job_queue *q, struct http_ex *ex, struct err *e);
void            http_pool_stop(struct http_job_queue *q);

/* --- conn.c: one connection and its deadlines -------------------------------------- */

enum http_phase {
    HTTP_IDLE, /* no request line yet */
    HTTP_HEAD_COMES,
    HTTP_BODY_COMES,
    HTTP_WAITS, /* suspended */
    HTTP_HOLDS, /* suspended, its answer is ready */
    HTTP_SENDS,
    HTTP_CUT, /* shut down by us; the library will notice */
};

struct http_conn {
    struct http_conn *prev, *next; /* of the loop */
    struct http_loop *loop;
    struct http_ex   *ex; /* NULL between requests */
    int               fd;
    enum http_peer    peer;
    enum http_phase   phase;
    bool              used;   /* has had a request */
    bool              known;  /* allow() put a name to its last request */
    bool              looked; /* whether the client has ended its side, in this phase */
    bool              linger; /* the client may still be sending: close gently */
    usec_t            since;  /* the phase began; monotonic, as the deadline */
    usec_t            deadline;
    size_t            got; /* bytes of the body since then */
};

void http_conn_on_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
                         enum MHD_ConnectionNotificationCode code);
void http_conn_phase(struct http_conn *c, enum http_phase phase, usec_t most);
void http_conn_cut(struct http_conn *c);
void http_conn_sweep(struct http_loop *l, usec_t now);
bool http_conn_evict(struct http_loop *l); /* ends the one that can best go; false: none can */
void http_conn_drain(struct http_loop *l); /* closes what is idle */
void http_conn_expire_all(struct http_loop *l);

/* --- loop.c ------------------------------------------------------------------------- */

enum http_watch_kind { HTTP_WATCH_MHD, HTTP_WATCH_WAKE, HTTP_WATCH_LISTEN, HTTP_WATCH_LINGER };

struct http_watch { /* what an event of the loop's epoll is about */
    enum http_watch_kind kind;
    int                  fd;
};

struct http_linger { /* a connection answered and half closed, read until the client ends */
    struct http_watch   w;
    struct http_linger *prev, *next;
    usec_t              deadline;
    size_t              seen;
};

struct http_loop {
    struct http        *h;
    pthread_t           thread;
    bool                started;
    struct MHD_Daemon  *mhd;
    int                 epoll;
    struct http_watch   mhd_watch, wake;
    struct http_conn   *conns;
    struct http_linger *lingers;
    unsigned            lingers_n, suspended;
    enum http_peer      accepting; /* peer of the connection being added */
    bool                listening; /* the listen sockets are in the epoll set */
    bool                draining;
    usec_t              next_sweep, complained;
    pthread_mutex_t     lock; /* of the list below, which any thread appends to */
    struct http_ex     *done, **done_tail;
};

must_check bool http_loop_open(struct http_loop *l, struct http *h, struct err *e);
must_check bool http_loop_start(struct http_loop *l, struct err *e);
void            http_loop_wake(struct http_loop *l);
void            http_loop_close(struct http_loop *l); /* after its thread has ended */
void            http_linger_add(struct http_loop *l, int fd);

/* --- listen.c ------------------------------------------------------------------------ */

struct http_listener {
    const char       *address; /* as it was asked for */
    struct http_watch w;
    unsigned          port; /* 0: a Unix socket */
    const char       *path; /* of a Unix socket */
    int               lock; /* held beside the socket file */
    uint64_t          dev, ino;
};

must_check bool http_listen(const char *address, struct http_listener *ret, struct arena *mem,
                            struct err *e);
void            http_listen_close(struct http_listener *l);

/* --- stats.c --------------------------------------------------------------------------- */

struct http_stats {
    atomic_ullong requests, refused, timeouts, late, bytes_in, bytes_out, accepted, evicted, held;
    atomic_ullong connections, suspended;
    atomic_ullong (*by_class)[6]; /* route index + 1, status / 100 */
    atomic_ullong log_second, log_n;
};

#define http_count(counter, n) atomic_fetch_add_explicit(&(counter), (n), memory_order_relaxed)
#define http_uncount(counter, n) atomic_fetch_sub_explicit(&(counter), (n), memory_order_relaxed)

void http_stats_fault(struct http *h, const struct http_ex *ex, const struct err *e);

/* --- server.c ---------------------------------------------------------------------------- */

struct http {
    atomic_int            refs; /* http_start's and one per request */
    struct http_opts      opts; /* with the defaults filled in */
    struct arena          mem;
    struct http_router    router;
    struct arena_budget   budget, strangers; /* the second is a part of the first */
    struct http_stats     stats;
    struct http_listener *listeners;
    size_t                listeners_n;
    struct http_loop     *loops;
    unsigned              loops_n;
    struct http_job_queue pool;
    atomic_int            accepting; /* loops that still accept */
    atomic_bool           stopping;
    usec_t                stop_at; /* monotonic; set before `stopping` */
    bool                  strict_layout;
    char                  keep_alive[32]; /* "timeout=60" */
};

void http_unref(struct http *h);
/* A thread with all signals blocked and a name. */
must_check bool http_thread(pthread_t *ret, const char *name, void *(*fn)(void *), void *arg,
                            struct err *e);

#endif
