/* stats.c - what is counted, and its text for Prometheus. */
#include "http_int.h"

#include "collaudo/log.h"

#include <inttypes.h>
#include <stddef.h>

#define LOG_PER_SECOND 10 /* faults in the log; a database that is down fails every request */

static uint64_t
get(const atomic_ullong *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

void
http_counts(const struct http *h, struct http_counts *ret)
{
    const struct http_stats *s = &h->stats;

    *ret = (struct http_counts){
        .requests = get(&s->requests),
        .refused = get(&s->refused),
        .timeouts = get(&s->timeouts),
        .late = get(&s->late),
        .bytes_in = get(&s->bytes_in),
        .bytes_out = get(&s->bytes_out),
        .accepted = get(&s->accepted),
        .evicted = get(&s->evicted),
        .held = get(&s->held),
        .connections = get(&s->connections),
        .suspended = get(&s->suspended),
        .memory = atomic_load_explicit(&h->budget.used, memory_order_relaxed),
    };
}

static void
put_totals(const struct http_counts *c, struct str *out)
{
    /* clang-format off */
    static const struct { const char *name, *type, *help; size_t at; } row[] = {
#define AT(member) offsetof(struct http_counts, member)
        { "refused_total",       "counter", "Requests refused by the guard",                AT(refused) },
        { "timeouts_total",      "counter", "Connections cut by a deadline",                AT(timeouts) },
        { "late_total",          "counter", "Deferred answers that missed their deadline",  AT(late) },
        { "body_bytes_in_total", "counter", "Bytes of request bodies, as sent",             AT(bytes_in) },
        { "body_bytes_out_total","counter", "Bytes of answer bodies, as sent",              AT(bytes_out) },
        { "accepted_total",      "counter", "Connections accepted",                         AT(accepted) },
        { "evicted_total",       "counter", "Connections closed to make room",              AT(evicted) },
        { "held_total",          "counter", "Answers 401 and 429 held back for a moment",   AT(held) },
        { "connections",         "gauge",   "Connections open now",                         AT(connections) },
        { "suspended",           "gauge",   "Requests whose answer is deferred now",        AT(suspended) },
        { "request_memory_bytes","gauge",   "Memory all requests hold now",                 AT(memory) },
#undef AT
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        str_addf(out,
                 "# HELP collaudo_http_%s %s\n# TYPE collaudo_http_%s %s\n"
                 "collaudo_http_%s %" PRIu64 "\n",
                 row[i].name, row[i].help, row[i].name, row[i].type, row[i].name,
                 *(const uint64_t *)((const char *)c + row[i].at));
}

void
http_metrics(const struct http *h, struct str *out)
{
    struct http_counts c;

    http_counts(h, &c);
    put_totals(&c, out);
    str_add(out, "# HELP collaudo_http_requests_total Requests answered, by route and class\n"
                 "# TYPE collaudo_http_requests_total counter\n");
    for (size_t r = 0; r <= h->router.n; r++) {
        const struct http_route *route = r ? &h->router.routes[r - 1] : NULL;

        for (int k = 1; k < 6; k++)
            if (get(&h->stats.by_class[r][k]))
                str_addf(out,
                         "collaudo_http_requests_total{method=\"%s\",route=\"%s\",code=\"%dxx\"} "
                         "%" PRIu64 "\n",
                         route ? http_method_name(route->method) : "", route ? route->path : "none",
                         k, get(&h->stats.by_class[r][k]));
    }
}

void
http_stats_fault(struct http *h, const struct http_ex *ex, const struct err *e)
{
    unsigned long long       now = (unsigned long long)(time_monotonic() / USEC_SECOND);
    const struct http_route *r = ex->req.route;

    if (atomic_exchange(&h->stats.log_second, now) != now)
        atomic_store(&h->stats.log_n, 0);
    unsigned long long n = atomic_fetch_add(&h->stats.log_n, 1);
    if (n < LOG_PER_SECOND)
        log_err("http", e, "request %s %s %s", ex->req.id, r ? http_method_name(r->method) : "-",
                r ? r->path : "-");
    else if (n == LOG_PER_SECOND)
        log_line(LOG_WARN, "http", "more faults in this second are not written down");
}
