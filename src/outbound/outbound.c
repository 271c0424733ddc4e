/* outbound.c - HTTP requests over libcurl. See outbound.h. */
#include "collaudo/outbound.h"

#include "collaudo/str.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct outbound {
    CURL *curl;
    char  socket[108];
};

AUTO_DEFINE_STRUCT(curl_slist, curl_slist_free_all)

void
outbound_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct outbound *
outbound_unix(const char *socket_path)
{
    struct outbound *o = calloc(1, sizeof *o);

    if (!o || strlen(socket_path) >= sizeof o->socket || !(o->curl = curl_easy_init())) {
        free(o);
        return NULL;
    }
    memcpy(o->socket, socket_path, strlen(socket_path));
    return o;
}

void
outbound_close(struct outbound *o)
{
    if (!o)
        return;
    curl_easy_cleanup(o->curl);
    free(o);
}

/* libcurl hands over a piece of the answer; fewer bytes than given ends the transfer. */
static size_t
take(char *p, size_t size, size_t n, void *to)
{
    struct str *s = to;

    str_addn(s, p, size * n);
    return s->mem->denied ? 0 : size * n;
}

static bool
set_up(struct outbound *o, const char *method, const char *url, const void *body, size_t n,
       long timeout_s, struct str *to)
{
    CURL *c = o->curl;

    curl_easy_reset(c);
    return !curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, o->socket) &&
           !curl_easy_setopt(c, CURLOPT_URL, url) &&
           !curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L) && /* "..": the service's to refuse */
           !curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method) &&
           !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) && !curl_easy_setopt(c, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(c, CURLOPT_TIMEOUT, timeout_s ? timeout_s : 600L) &&
           !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) &&
           !curl_easy_setopt(c, CURLOPT_WRITEDATA, to) &&
           (!body || (!curl_easy_setopt(c, CURLOPT_POSTFIELDS, body) &&
                      !curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n)));
}

bool
outbound_send(struct outbound *o, const char *method, const char *target, const char *type,
              const void *body, size_t n, long timeout_s, struct arena *mem,
              struct outbound_answer *ret, struct err *e)
{
    struct str answer;
    long       status = 0;
    char      *url = arena_printf(mem, "http://localhost%s", target);
    char      *head = type ? arena_printf(mem, "Content-Type: %s", type) : NULL;

    str_init(&answer, mem);
    if (!url || (type && !head) || !set_up(o, method, url, body, n, timeout_s, &answer))
        return err_set(e, ERR_NOMEM, "no memory for a request to the service");
    AUTO_STRUCT(curl_slist) *heads = curl_slist_append(NULL, "Expect:");
    if (head)
        curl_slist_append(heads, head); /* the list exists, so it is only longer */
    curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, heads);
    CURLcode r = curl_easy_perform(o->curl);
    if (mem->denied)
        return err_set(e, ERR_NOMEM, "the answer of the service needs too much memory");
    if (r == CURLE_OPERATION_TIMEDOUT)
        return err_set(e, ERR_TIMEOUT, "the service did not answer in time");
    if (r != CURLE_OK)
        return err_set(e, ERR_BUSY, "no answer from the service on %s: %s", o->socket,
                       curl_easy_strerror(r));
    curl_easy_getinfo(o->curl, CURLINFO_RESPONSE_CODE, &status);
    *ret = (struct outbound_answer){ (int)status, answer.p, answer.n };
    return true;
}
