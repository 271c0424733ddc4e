/* listen.c - from "127.0.0.1:8080" or "unix:/run/x.sock" to a socket that listens. */
#include "http_int.h"

#include "collaudo/auto.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096 /* the kernel cuts it to its own limit */

typedef struct addrinfo addrinfo;
AUTO_DEFINE(addrinfo, freeaddrinfo)

/* --- TCP ------------------------------------------------------------------------ */

/* "127.0.0.1:80", "[::1]:80", "localhost:80" into its two halves, in `mem`. */
static bool
split(const char *address, struct arena *mem, const char **ret_host, const char **ret_port,
      struct err *e)
{
    const char *colon = strrchr(address, ':');
    size_t      n = colon ? (size_t)(colon - address) : 0;
    bool        v6 = n > 2 && address[0] == '[' && address[n - 1] == ']';
    int64_t     port;

    if (!n || (!v6 && memchr(address, ':', n)) || !str_int(colon + 1, &port) || port < 0 ||
        port > 65535)
        return err_set(e, ERR_INVALID,
                       "listen address %s is not like 127.0.0.1:8080, [::1]:8080 "
                       "or unix:/path",
                       address);
    if (n == 9 && strncmp(address, "localhost", 9) == 0)
        *ret_host = "127.0.0.1";
    else
        *ret_host = v6 ? arena_strndup(mem, address + 1, n - 2) : arena_strndup(mem, address, n);
    *ret_port = colon + 1;
    return *ret_host || err_set(e, ERR_NOMEM, "no memory for an address");
}

static bool
resolve(const char *address, struct arena *mem, struct addrinfo **ret, struct err *e)
{
    struct addrinfo want = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM };
    const char     *host = NULL, *port = NULL;

    return split(address, mem, &host, &port, e) &&
           (getaddrinfo(host, port, &want, ret) == 0 ||
            err_set(e, ERR_INVALID, "listen address %s has no numeric host", address));
}

static unsigned
port_of(int fd)
{
    struct sockaddr_storage    a = { .ss_family = AF_UNSPEC };
    socklen_t                  n = sizeof a;
    const struct sockaddr_in  *v4 = (const void *)&a;
    const struct sockaddr_in6 *v6 = (const void *)&a;

    if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        return 0;
    return ntohs(a.ss_family == AF_INET6 ? v6->sin6_port : v4->sin_port);
}

static bool
listen_tcp(const char *address, struct http_listener *ret, struct arena *mem, struct err *e)
{
    struct addrinfo *found = NULL;
    int              one = 1;

    if (!resolve(address, mem, &found, e))
        return false;
    AUTO(addrinfo) *a = found;
    AUTO_FD         fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(e, errno, "cannot make a socket for %s", address);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        if (errno == EADDRINUSE)
            return err_set(e, ERR_CONFLICT, "%s is in use by another program", address);
        return err_errno(e, errno, "cannot listen on %s", address);
    }
    ret->port = port_of(fd);
    ret->w.fd = TAKE_FD(fd);
    return true;
}

/* --- Unix sockets ------------------------------------------------------------------ */

/* The lock beside the socket, held as long as we listen: of two that start at once only
 * one may come to the conclusion that the file is stale. */
static bool
lock_path(const char *path, int *ret_fd, struct arena *mem, struct err *e)
{
    const char *name = arena_printf(mem, "%s.lock", path);

    if (!name)
        return err_set(e, ERR_NOMEM, "no memory for an address");
    AUTO_FD fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_errno(e, errno, "cannot open %s", name);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return err_set(e, ERR_CONFLICT, "%s is in use by another process", path);
    *ret_fd = TAKE_FD(fd);
    return true;
}

/* Removes a socket nobody listens on. ERR_CONFLICT: somebody does, or it is no socket. */
static bool
clear_stale(const struct sockaddr_un *a, struct err *e)
{
    struct stat st;

    if (lstat(a->sun_path, &st) != 0)
        return errno == ENOENT || err_errno(e, errno, "cannot look at %s", a->sun_path);
    if (!S_ISSOCK(st.st_mode))
        return err_set(e, ERR_CONFLICT, "%s is there and is no socket", a->sun_path);
    AUTO_FD probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return err_errno(e, errno, "cannot make a socket");
    /* EAGAIN: its backlog is full, so it has one */
    if (connect(probe, (const struct sockaddr *)a, sizeof *a) == 0 || errno != ECONNREFUSED)
        return err_set(e, ERR_CONFLICT, "%s is in use by another process", a->sun_path);
    if (unlink(a->sun_path) != 0)
        return err_errno(e, errno, "cannot remove the stale %s", a->sun_path);
    return true;
}

static bool
check_unix(const char *path, struct err *e)
{
    const size_t most = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;

    return (*path && strlen(path) <= most) ||
           err_set(e, ERR_INVALID, "a socket path has 1 to %zu bytes", most);
}

static bool
listen_unix(const char *path, struct http_listener *ret, struct arena *mem, struct err *e)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    struct stat        st;

    if (!check_unix(path, e))
        return false;
    memcpy(a.sun_path, path, strlen(path) + 1);
    AUTO_FD lock = -1;
    if (!lock_path(path, &lock, mem, e) || !clear_stale(&a, e))
        return false;
    AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(e, errno, "cannot make a socket");
    /* the mode before the name: at no moment may others connect */
    if (fchmod(fd, 0600) != 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(fd, BACKLOG) != 0 || stat(path, &st) != 0)
        return err_errno(e, errno, "cannot listen on %s", path);
    ret->path = path;
    ret->dev = st.st_dev;
    ret->ino = st.st_ino;
    ret->lock = TAKE_FD(lock);
    ret->w.fd = TAKE_FD(fd);
    return true;
}

/* The path behind "unix:", or NULL. */
static const char *
unix_path(const char *address)
{
    return strncmp(address, "unix:", 5) == 0 ? address + 5 : NULL;
}

bool
http_check_address(const char *address, struct err *e)
{
    const char      *path = unix_path(address);
    struct addrinfo *found;
    struct arena     mem;

    if (path)
        return check_unix(path, e);
    arena_init(&mem, 4096 + 2 * strlen(address));
    bool ok = resolve(address, &mem, &found, e);
    if (ok)
        freeaddrinfo(found);
    arena_free(&mem);
    return ok;
}

bool
http_listen(const char *address, struct http_listener *ret, struct arena *mem, struct err *e)
{
    struct http_listener l = { .w = { HTTP_WATCH_LISTEN, -1 }, .lock = -1 };
    const char          *path = unix_path(address);

    if (!(path ? listen_unix(path, &l, mem, e) : listen_tcp(address, &l, mem, e)))
        return false;
    *ret = l;
    return true;
}

void
http_listen_close(struct http_listener *l)
{
    struct stat st;

    if (l->w.fd >= 0)
        close(l->w.fd);
    if (l->path && lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
        unlink(l->path); /* unless somebody has put another there */
    if (l->lock >= 0)
        close(l->lock);
    l->w.fd = l->lock = -1;
    l->path = NULL;
}
