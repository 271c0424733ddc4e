/* err.h - the one error type of the house.
 *
 * A function that can fail returns bool and takes `struct err *e` as its last
 * parameter.
 *
 *   true    success: *e is untouched, every ret_ parameter is set.
 *   false   failure: *e is filled, no ret_ parameter is touched, and the
 *           caller has nothing to release.
 *
 * Whoever first meets the fault fills *e. Callers pass it on, or put one
 * phrase in front with err_wrap(). Only the outermost loop logs it, and only
 * http turns it into an answer. Nothing here allocates, so an error can always
 * be reported, out of memory included.
 *
 * A broken promise inside our own code is not an error: use assert(), which
 * stays on in production.
 */
#ifndef COLLAUDO_ERR_H
#define COLLAUDO_ERR_H

#include <stdbool.h>

/* One row per kind of fault. This table is the only place that knows how a
 * fault looks from outside: HTTP status, exit code of the CLI (1-9; the
 * verdicts of `collaudo gate` start at 10), stable name.
 * Faults of the machine answer 503: the client did nothing wrong and may
 * come again; several SDKs drop their events on a 500. */
/* clang-format off */
/*    code              http  exit  stable name (part of the API, never renamed) */
#define ERR_TABLE(X)                                    \
    X(ERR_INVALID,       400,  2,  "invalid")            \
    X(ERR_UNKNOWN_WHO,   401,  3,  "unknown_who")        \
    X(ERR_KEY_EXPIRED,   401,  3,  "key_expired")        \
    X(ERR_DENIED,        403,  3,  "denied")             \
    X(ERR_NO_PILOT,      403,  3,  "no_pilot")           \
    X(ERR_NOT_FOUND,     404,  4,  "not_found")          \
    X(ERR_METHOD,        405,  2,  "method")             \
    X(ERR_TIMEOUT,       408,  6,  "timeout")            \
    X(ERR_CONFLICT,      409,  5,  "conflict")           \
    X(ERR_TOO_LARGE,     413,  2,  "too_large")          \
    X(ERR_MEDIA_TYPE,    415,  2,  "media_type")         \
    X(ERR_TOO_MANY,      429,  6,  "too_many")           \
    X(ERR_HEADERS,       431,  2,  "headers_too_large")  \
    X(ERR_BUSY,          503,  6,  "busy")               \
    X(ERR_FENCED,        503,  6,  "fenced")             \
    X(ERR_DB,            503,  7,  "database")           \
    X(ERR_IO,            503,  7,  "io")                 \
    X(ERR_NOMEM,         503,  7,  "no_memory")
/* clang-format on */

enum err_code {
    ERR_NONE = 0,
#define X(code, http, exit_code, name) code,
    ERR_TABLE(X)
#undef X
        ERR_COUNT
};

struct err {
    enum err_code code;
    char          sqlstate[6]; /* "" unless code is ERR_DB or ERR_CONFLICT */
    const char   *file;        /* where it was first met */
    int           line;
    unsigned      wait;      /* seconds after which it is worth trying again; 0: not known */
    char          text[240]; /* for a person. Printable ASCII without " or \, so it
                              * is safe in JSON, in a log line and in a header:
                              * any other byte becomes '?'. No event payloads. */
};

#define ERR_INIT                                                                                   \
    {                                                                                              \
        .code = ERR_NONE                                                                           \
    }

/* Fills *e and returns false, so that a fault is one line:
 *     return err_set(e, ERR_INVALID, "window of %d days, at most 400", days); */
#define err_set(e, code, ...) err_set_at((e), (code), __FILE__, __LINE__, __VA_ARGS__)

bool err_set_at(struct err *e, enum err_code code, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The same with the reason of an errno value at the end: "...: No space left". */
#define err_errno(e, no, ...) err_errno_at((e), (no), __FILE__, __LINE__, __VA_ARGS__)

bool err_errno_at(struct err *e, int no, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Puts one phrase in front of the text of a filled *e ("phrase: text"); returns false. */
bool err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int           err_http(enum err_code code);  /* e.g. 404 */
int           err_exit(enum err_code code);  /* e.g. 4   */
const char   *err_name(enum err_code code);  /* e.g. "not_found"; "none" for ERR_NONE */
enum err_code err_of_name(const char *name); /* ERR_NONE when there is no such name */

#define must_check __attribute__((warn_unused_result))

#endif
