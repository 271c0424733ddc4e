/* http.c - batches posted with a key, over libcurl. See outbound_http.h. */
#include "collaudo/outbound_http.h"

#include "collaudo/str.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ANSWER ((size_t)4 << 20)

AUTO_DEFINE_STRUCT(curl_slist, curl_slist_free_all)

struct outbound_http {
    CURL *curl;
    char *base, *socket; /* socket: NULL over TCP */
};

struct outbound_http *
outbound_http_new(const char *base_url, const char *socket_path)
{
    struct outbound_http *o = calloc(1, sizeof *o);
    const char           *base = socket_path ? "http://localhost" : base_url;
    size_t                n = strlen(base);

    if (!o)
        return NULL;
    while (n && base[n - 1] == '/')
        n--;
    o->curl = curl_easy_init();
    o->base = strndup(base, n);
    o->socket = socket_path ? strdup(socket_path) : NULL;
    if (!o->curl || !o->base || (socket_path && (!o->socket || strlen(socket_path) > 107))) {
        outbound_http_close(o);
        return NULL;
    }
    return o;
}

void
outbound_http_close(struct outbound_http *o)
{
    if (!o)
        return;
    curl_easy_cleanup(o->curl);
    free(o->base);
    free(o->socket);
    free(o);
}

/* A piece of the answer; fewer bytes than given ends the transfer. */
static size_t
take(char *p, size_t size, size_t n, void *to)
{
    struct str *s = to;

    str_addn(s, p, size * n);
    return s->mem->denied || s->n > MOST_ANSWER ? 0 : size * n;
}

static bool
set_up(struct outbound_http *o, const struct outbound_http_post *p, const char *url, struct str *to)
{
    CURL *c = o->curl;

    curl_easy_reset(c); /* the connection stays */
    return !curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, o->socket) &&
           !curl_easy_setopt(c, CURLOPT_URL, url) &&
           !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) && !curl_easy_setopt(c, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L) &&
           !curl_easy_setopt(c, CURLOPT_TIMEOUT, p->timeout_s) &&
           !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) &&
           !curl_easy_setopt(c, CURLOPT_WRITEDATA, to) &&
           !curl_easy_setopt(c, CURLOPT_POSTFIELDS, p->body) &&
           !curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->n);
}

/* NULL: no memory. The texts stay in the arena: they hold the key. */
static struct curl_slist *
heads_of(const struct outbound_http_post *p, struct arena *mem)
{
    const char        *line[] = { "Expect:", arena_printf(mem, "Content-Type: %s", p->type),
                                  arena_printf(mem, "Authorization: Bearer %s", p->key),
                           p->gzip ? "Content-Encoding: gzip" : "Accept:" };
    struct curl_slist *heads = NULL;

    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        struct curl_slist *more = line[i] ? curl_slist_append(heads, line[i]) : NULL;

        if (!more) {
            curl_slist_free_all(heads);
            return NULL;
        }
        heads = more;
    }
    return heads;
}

bool
outbound_http_send(struct outbound_http *o, const struct outbound_http_post *p, struct arena *mem,
                   struct outbound_http_answer *ret, struct err *e)
{
    struct str answer;
    long       status = 0;
    curl_off_t wait = 0;
    char      *url = arena_printf(mem, "%s%s", o->base, p->target);

    str_init(&answer, mem);
    AUTO_STRUCT(curl_slist) *heads = heads_of(p, mem);
    if (!url || !heads || !set_up(o, p, url, &answer) ||
        curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, heads))
        return err_set(e, ERR_NOMEM, "no memory for a request");
    CURLcode r = curl_easy_perform(o->curl);
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "the answer needs too much memory");
    if (r == CURLE_URL_MALFORMAT || r == CURLE_UNSUPPORTED_PROTOCOL)
        return err_set(e, ERR_INVALID, "%s is no address of a service: http://HOST:PORT", o->base);
    if (r == CURLE_OPERATION_TIMEDOUT)
        return err_set(e, ERR_TIMEOUT, "%s did not answer within %ld s", o->base, p->timeout_s);
    if (r != CURLE_OK)
        return err_set(e, ERR_BUSY, "%s does not answer: %s", o->socket ? o->socket : o->base,
                       curl_easy_strerror(r));
    curl_easy_getinfo(o->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(o->curl, CURLINFO_RETRY_AFTER, &wait);
    *ret = (struct outbound_http_answer){
        .status = (int)status, .retry_after_s = (long)wait, .body = answer.p, .n = answer.n
    };
    return true;
}
