/* auto.h - release on the line of the acquisition.
 *
 *     AUTO(PGresult) *res = PQexec(...);     cleared at the brace, however it is left
 *     ...
 *     *ret_res = TAKE(res);                  unless ownership leaves first
 *
 * Declare and initialise in one line. The destructor is never called with NULL.
 * No longjmp, no thread cancellation. Memory that is only memory lives in an
 * arena instead (arena.h).
 */
#ifndef COLLAUDO_AUTO_H
#define COLLAUDO_AUTO_H

#include <unistd.h>

#define AUTO(type) __attribute__((cleanup(auto_##type))) type

/* Defines auto_TYPE(), called with the address of the dying variable. */
#define AUTO_DEFINE(type, destroy)                                                                 \
    static inline void auto_##type(type **p)                                                       \
    {                                                                                              \
        if (*p)                                                                                    \
            destroy(*p);                                                                           \
    }

/* The same for a struct of ours: AUTO_STRUCT(db) *db = ...; */
#define AUTO_STRUCT(tag) __attribute__((cleanup(auto_struct_##tag))) struct tag

#define AUTO_DEFINE_STRUCT(tag, destroy)                                                           \
    static inline void auto_struct_##tag(struct tag **p)                                           \
    {                                                                                              \
        if (*p)                                                                                    \
            destroy(*p);                                                                           \
    }

/* The value of `ptr`, which becomes NULL: ownership leaves this block. */
#define TAKE(ptr)                                                                                  \
    ({                                                                                             \
        __typeof__(ptr) t_ = (ptr);                                                                \
        (ptr) = NULL;                                                                              \
        t_;                                                                                        \
    })

/* A file descriptor: `AUTO_FD fd = open(...)`; -1 is nothing. */
#define AUTO_FD __attribute__((cleanup(auto_fd))) int

static inline void
auto_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* The descriptor, which becomes -1: ownership leaves this block. */
#define TAKE_FD(fd)                                                                                \
    ({                                                                                             \
        int t_ = (fd);                                                                             \
        (fd) = -1;                                                                                 \
        t_;                                                                                        \
    })

#endif
