/* load.c - sends events over HTTP as fast as they are answered, and says how fast that was.
 *
 *   bench_load PORT KEY EVENTS BATCH CONNECTIONS [PREFIX [PER_SECOND [REPEATS]]]
 *
 * All requests are built before the clock starts. One thread per connection, keep-alive, the
 * next request when the last is answered; or, given PER_SECOND events, when it is due: an answer
 * then takes from there on, so that one who waits for a slow answer does not hide the next.
 * REPEATS of a thousand events have the id of one sent before. Prints one line of JSON: seconds,
 * events per second, answer times. An answer that is not 200 ends the program: a refused event
 * would flatter. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct request {
    char  *bytes;
    size_t n;
};

static struct request *requests;
static size_t          requests_n;
static atomic_size_t   next_request;
static double         *took; /* seconds, per request */
static int             port;
static double          start, pause_s; /* of the run; between two requests, 0: none */
static long            repeats;

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
    perror(what);
    exit(1);
}

/* One event as a CRM would send it: 60 days, 500 people, a dozen verbs. */
static int
put_event(char *at, size_t room, const char *prefix, long i)
{
    static const char *const verbs[] = { "contact.create", "contact.update", "deal.move",
                                         "note.add",       "task.close",     "email.send",
                                         "quote.create",   "report.view" };
    long                     minute = i * 7 % (60 * 24 * 60);

    return snprintf(
        at, room,
        "{\"id\":\"%s%08ld\",\"time\":\"2026-%02ld-%02ldT%02ld:%02ld:%02ld.%03ldZ\","
        "\"user\":\"user%03ld@example.com\",\"action\":\"%s\",\"object_type\":\"contact\","
        "\"object_id\":\"o%05ld\",\"properties\":{}}",
        prefix, i, 3 + minute / 43200, 1 + minute / 1440 % 28, minute / 60 % 24, minute % 60,
        i % 60, i % 1000, i * 31 % 500, verbs[i % 8], i * 17 % 20000);
}

static void
build(struct request *r, const char *key, const char *prefix, long first, long n)
{
    size_t room = (size_t)n * 320 + 512;
    char  *body = malloc(room);
    size_t at = 0;

    if (!body || !(r->bytes = malloc(room + 512)))
        die("memory");
    body[at++] = '[';
    for (long i = first; i < first + n; i++) {
        bool repeat = i * 7919 % 1000 < repeats;

        if (i > first)
            body[at++] = ',';
        at += (size_t)put_event(body + at, room - at, prefix, repeat ? i * 2 / 3 : i);
    }
    body[at++] = ']';
    int head =
        snprintf(r->bytes, 512,
                 "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 key, at);
    memcpy(r->bytes + head, body, at);
    r->n = (size_t)head + at;
    free(body);
}

static int
connect_to_service(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int                fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* Reads one answer whole: head, then as many bytes as it announces. */
static void
read_answer(int fd)
{
    char   buf[16384];
    size_t n = 0, want = 0;
    char  *body = NULL;

    while (!body || n < want) {
        ssize_t got = read(fd, buf + n, sizeof buf - 1 - n);

        if (got <= 0)
            die("the connection ended");
        n += (size_t)got;
        buf[n] = 0;
        if (!body && (body = strstr(buf, "\r\n\r\n"))) {
            char *length = strcasestr(buf, "Content-Length:");

            if (strncmp(buf, "HTTP/1.1 200", 12) != 0 || !length) {
                fprintf(stderr, "refused: %.300s\n", buf);
                exit(1);
            }
            want = (size_t)(body + 4 - buf) + strtoul(length + 15, NULL, 10);
        }
    }
}

/* When request i is due; waits for it. */
static double
due(size_t i)
{
    double at = start + (double)i * pause_s, left = at - now();

    if (pause_s <= 0)
        return now();
    if (left > 0) {
        struct timespec t = { (time_t)left, (long)((left - (double)(time_t)left) * 1e9) };
        nanosleep(&t, NULL);
    }
    return at;
}

static void *
client(void *arg)
{
    int    fd = connect_to_service();
    size_t i;

    (void)arg;
    while ((i = atomic_fetch_add(&next_request, 1)) < requests_n) {
        double begun = due(i);

        for (size_t sent = 0; sent < requests[i].n;) {
            ssize_t w = write(fd, requests[i].bytes + sent, requests[i].n - sent);

            if (w <= 0)
                die("write");
            sent += (size_t)w;
        }
        read_answer(fd);
        took[i] = now() - begun;
    }
    close(fd);
    return NULL;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "bench_load PORT KEY EVENTS BATCH CONNECTIONS "
                        "[PREFIX [PER_SECOND [REPEATS]]]\n");
        return 2;
    }
    port = (int)strtol(argv[1], NULL, 10);
    long        events = strtol(argv[3], NULL, 10), batch = strtol(argv[4], NULL, 10);
    int         connections = (int)strtol(argv[5], NULL, 10);
    const char *prefix = argc > 6 ? argv[6] : "b";
    double      per_second = argc > 7 ? strtod(argv[7], NULL) : 0;
    pthread_t   thread[1024];

    if (events < 1 || batch < 1 || connections < 1 || connections > 1024)
        return 2;
    repeats = argc > 8 ? strtol(argv[8], NULL, 10) : 0;
    pause_s = per_second > 0 ? (double)batch / per_second : 0;
    requests_n = (size_t)((events + batch - 1) / batch);
    requests = calloc(requests_n, sizeof *requests);
    took = calloc(requests_n, sizeof *took);
    if (!requests || !took)
        die("memory");
    for (size_t i = 0; i < requests_n; i++) {
        long first = (long)i * batch;

        build(&requests[i], argv[2], prefix, first,
              first + batch > events ? events - first : batch);
    }
    start = now();
    for (int i = 0; i < connections; i++)
        if (pthread_create(&thread[i], NULL, client, NULL) != 0)
            die("thread");
    for (int i = 0; i < connections; i++)
        pthread_join(thread[i], NULL);
    double s = now() - start;
    qsort(took, requests_n, sizeof *took, by_size);
    printf("{\"events\":%ld,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,"
           "\"worst_ms\":%.2f}\n",
           events, s, (double)events / s, took[requests_n / 2] * 1e3,
           took[requests_n - 1 - requests_n / 100] * 1e3, took[requests_n - 1] * 1e3);
    return 0;
}
