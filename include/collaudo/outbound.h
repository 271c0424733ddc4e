/* outbound.h - HTTP requests of ours; libcurl's only keeper.
 *
 * For now the command line's way to a running service: its admin socket, a Unix socket
 * in the data directory. One `struct outbound` is one kept-alive connection and belongs
 * to one thread.
 */
#ifndef COLLAUDO_OUTBOUND_H
#define COLLAUDO_OUTBOUND_H

#include "collaudo/arena.h"
#include "collaudo/auto.h"
#include "collaudo/err.h"

#include <stddef.h>

struct outbound;

struct outbound_answer {
    int         status;
    const char *body; /* 0-terminated, in the arena given */
    size_t      n;
};

void outbound_init(void); /* call once, before any thread starts */

/* Nothing is sent yet. NULL: no memory. */
struct outbound *outbound_unix(const char *socket_path);
void             outbound_close(struct outbound *o);
AUTO_DEFINE_STRUCT(outbound, outbound_close)

/* One request and its whole answer, whatever its status. `type` is the content type, NULL
 * without a body. timeout_s 0: ten minutes. ERR_BUSY: nobody answers on the socket. */
must_check bool outbound_send(struct outbound *o, const char *method, const char *target,
                              const char *type, const void *body, size_t n, long timeout_s,
                              struct arena *mem, struct outbound_answer *ret, struct err *e);

#endif
