/* simulate.c - an invented pilot: into files, over HTTP to a service, or both. */
#include "cli_int.h"
#include "send.h"

#include "collaudo/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONE "Europe/Rome"
#define FIRST_DAY "2026-03-02" /* of files: the same every day */
#define PATIENCE (600 * USEC_SECOND)
#define KEY_LIFE (24 * USEC_HOUR)
#define MOST_KEYS ((size_t)64 << 10)
#define FILE_BUFFER ((size_t)1 << 20)

/* One run of the command. */
struct run {
    struct cli          *c;
    struct simulate_opts o;
    struct cli_send_opts send;
    const char          *out; /* the folder of files; NULL: none */
    const char          *truth;
    bool                 service; /* the one of --data is sent to, over its admin socket */
    struct simulate     *sim;
    FILE                *file[SIMULATE_SOURCES];
    const char          *key_id[SIMULATE_SOURCES]; /* made for this run */
    int64_t              lines;
    struct cli_send_sum  sum;
};

/* --- options --------------------------------------------------------------------------- */

static bool
number(struct cli *c, const char *name, int64_t low, int64_t high, int64_t *v, struct err *e)
{
    const char *text = cli_opt(c, name);
    int64_t     n;

    if (!text)
        return true;
    if (!str_int(text, &n) || n < low || n > high)
        return err_set(e, ERR_INVALID, "--%s is a number from %" PRId64 " to %" PRId64 ", not %s",
                       name, low, high, text);
    *v = n;
    return true;
}

/* "crm=clk_...,billing=clk_..." or one per line. */
static bool
split_keys(struct run *r, char *list, struct err *e)
{
    for (char *at = list, *end; *at; at = end) {
        size_t n = strcspn(at, ",\r\n"), name = strcspn(at, "=");
        int    source = 0;

        end = at + n + strspn(at + n, ",\r\n ");
        at[n] = 0;
        if (!n)
            continue;
        while (source < SIMULATE_SOURCES && (strlen(simulate_source(source)) != name ||
                                             memcmp(simulate_source(source), at, name) != 0))
            source++;
        if (name >= n || source == SIMULATE_SOURCES)
            return err_set(e, ERR_INVALID, "--key wants crm=KEY,billing=KEY,tickets=KEY");
        r->send.key[source] = at + name + 1;
    }
    for (int i = 0; i < SIMULATE_SOURCES; i++)
        if (!r->send.key[i])
            return err_set(e, ERR_INVALID,
                           "there is no key for source %s: --key crm=KEY,billing=KEY,tickets=KEY",
                           simulate_source(i));
    return true;
}

static bool
read_keys(struct run *r, struct err *e)
{
    const char *list = cli_opt(r->c, "key");
    size_t      n;

    if (!list)
        return err_set(e, ERR_INVALID,
                       "--to wants the keys, too: --key crm=KEY,billing=KEY,"
                       "tickets=KEY or --key @FILE");
    if (*list == '@' && !cli_slurp(r->c, list + 1, MOST_KEYS, &list, &n, e))
        return false;
    char *own = arena_strdup(&r->c->mem, list);
    return own ? split_keys(r, own, e) : err_set(e, ERR_NOMEM, "no memory for keys");
}

/* Where it goes: --out alone writes files; otherwise it is sent. */
static bool
read_target(struct run *r, struct err *e)
{
    const char *to = cli_opt(r->c, "to");
    int64_t     connections = 4, batch = 500;

    r->out = cli_opt(r->c, "out");
    r->service = to ? strcmp(to, "service") == 0 : !r->out;
    r->send.url = to && !r->service ? to : NULL;
    r->send.gzip = cli_opt(r->c, "gzip") != NULL;
    r->send.bar = isatty(STDERR_FILENO) && !cli_opt(r->c, "json");
    r->send.patience = PATIENCE;
    r->send.sources = SIMULATE_SOURCES;
    if (!number(r->c, "connections", 1, CLI_SEND_CONNECTIONS, &connections, e) ||
        !number(r->c, "batch", 1, CLI_SEND_BATCH, &batch, e) ||
        !number(r->c, "rate", 1, 100 * 1000 * 1000, &r->send.rate, e))
        return false;
    r->send.connections = (int)connections;
    r->send.batch = (size_t)batch;
    return !r->send.url || read_keys(r, e);
}

static bool
sends(const struct run *r)
{
    return r->service || r->send.url;
}

/* What is sent must have happened. A pilot for the service of --data ended yesterday, so that
 * its figures still take what comes; otherwise the first day does not depend on the clock. */
static bool
read_start(struct run *r, struct err *e)
{
    const char *text = cli_opt(r->c, "start");
    int32_t     today = time_local_day(r->o.zone, time_now());
    char        latest[TIME_DAY_LEN];

    if (!text && r->service)
        r->o.start = today - r->o.days;
    else if (!time_parse_day(text ? text : FIRST_DAY, &r->o.start))
        return err_set(e, ERR_INVALID, "--start is a day such as %s, not %s", FIRST_DAY, text);
    if (!sends(r) || r->o.start + r->o.days <= today)
        return true;
    time_day_name(today - r->o.days, latest);
    return err_set(e, ERR_INVALID,
                   "what has not happened cannot be sent: a pilot of %d days starts on %s at the "
                   "latest",
                   (int)r->o.days, latest);
}

static bool
read_options(struct run *r, struct err *e)
{
    struct cli *c = r->c;
    int64_t     people = 20, days = 90;

    r->o.profile = cli_opt(c, "profile") ? cli_opt(c, "profile") : "healthy";
    r->o.seed = 1;
    if (!number(c, "people", SIMULATE_FEWEST_PEOPLE, SIMULATE_MOST_PEOPLE, &people, e) ||
        !number(c, "days", SIMULATE_FEWEST_DAYS, SIMULATE_MOST_DAYS, &days, e) ||
        !number(c, "seed", 0, INT64_MAX, &r->o.seed, e) ||
        !number(c, "events", 1, SIMULATE_MOST_EVENTS, &r->o.events, e) ||
        !time_zone_find(ZONE, &r->o.zone, e) || !read_target(r, e))
        return false;
    r->o.people = (int32_t)people;
    r->o.days = (int32_t)days;
    r->o.pilot = cli_opt(c, "pilot")
                     ? cli_opt(c, "pilot")
                     : arena_printf(&c->mem, "sim-%s-%" PRId64, r->o.profile, r->o.seed);
    if (!r->o.pilot)
        return err_set(e, ERR_NOMEM, "no memory for a simulation");
    return read_start(r, e);
}

/* --- files --------------------------------------------------------------------------------- */

static const char *
path_of(struct run *r, const char *name, const char *suffix)
{
    return arena_printf(&r->c->mem, "%s/%s%s", r->out ? r->out : ".", name, suffix);
}

static bool
open_files(struct run *r, struct err *e)
{
    if (!r->out) {
        r->truth = path_of(r, r->o.pilot, ".truth.json");
        return r->truth && access(".", W_OK) == 0
                   ? true
                   : err_set(e, ERR_IO, "the truth cannot be written here: choose --out DIR");
    }
    if (mkdir(r->out, 0777) < 0 && errno != EEXIST)
        return err_errno(e, errno, "cannot make %s", r->out);
    r->truth = path_of(r, "truth", ".json");
    for (int i = 0; i < SIMULATE_SOURCES; i++) {
        const char *path = path_of(r, simulate_source(i), ".ndjson");

        if (!path || !(r->file[i] = fopen(path, "we")))
            return err_errno(e, errno, "cannot write %s", path ? path : r->out);
        setvbuf(r->file[i], NULL, _IOFBF, FILE_BUFFER);
    }
    return true;
}

static bool
close_files(struct run *r, struct err *e)
{
    bool ok = true;

    for (int i = 0; i < SIMULATE_SOURCES; i++) {
        FILE *f = r->file[i];

        r->file[i] = NULL;
        if (f && fclose(f) != 0 && ok)
            ok = err_errno(e, errno, "cannot write %s.ndjson", simulate_source(i));
    }
    return ok;
}

static bool
write_line(struct run *r, const struct simulate_line *l, struct err *e)
{
    static char buf[SIMULATE_MOST_REPLAY + 1];
    FILE       *f = r->file[l->source];

    if (!f)
        return true;
    size_t n = simulate_replay_line(l, buf);
    buf[n] = '\n';
    return fwrite(buf, 1, n + 1, f) == n + 1 ||
           err_errno(e, errno, "cannot write %s.ndjson", simulate_source(l->source));
}

/* --- the service beside us -------------------------------------------------------------------- */

static bool
ask(struct run *r, const char *target, const struct str *body, int also, const cJSON **ret,
    struct err *e)
{
    return cli_ask_json(r->c, "POST", target, body, also, ret, e);
}

static bool
declare(struct run *r, const struct str *yaml, struct err *e)
{
    const cJSON *doc, *problem;
    struct str   body;

    str_init(&body, &r->c->mem);
    str_add(&body, "{\"files\":[{\"name\":\"pilot.yaml\",\"text\":");
    str_json(&body, yaml->p);
    str_add(&body, "}]}");
    if (!ask(r, "/admin/apply", &body, 400, &doc, e))
        return false;
    problem = json_get(doc, "problems");
    if (!problem || !problem->child)
        return true;
    return err_set(e, ERR_CONFLICT, "%s (another pilot: --pilot ID)", problem->child->valuestring);
}

/* History: sealed as if it were before the first day, and marked so. */
static bool
seal(struct run *r, struct err *e)
{
    const char  *path = arena_printf(&r->c->mem, "/admin/pilots/%s/seal", r->o.pilot);
    const cJSON *doc, *problem;
    char         as_of[TIME_TEXT_LEN];
    struct str   body;

    time_format(time_day_start(r->o.zone, r->o.start - 2), as_of);
    str_init(&body, &r->c->mem);
    str_addf(&body, "{\"replay_as_of\":\"%s\"}", as_of);
    if (!ask(r, path, &body, 400, &doc, e)) {
        if (e->code != ERR_CONFLICT) /* else it was sealed by a run before, and is the same */
            return false;
        *e = (struct err)ERR_INIT;
        return true;
    }
    problem = json_get(doc, "problems");
    return !problem || !problem->child ||
           err_set(e, ERR_INVALID, "the pilot cannot be sealed: %s", problem->child->valuestring);
}

static bool
make_key(struct run *r, int source, struct err *e)
{
    const cJSON *doc;
    char         expires[TIME_TEXT_LEN];
    struct str   body;

    time_format(time_now() + KEY_LIFE, expires);
    str_init(&body, &r->c->mem);
    str_addf(&body, "{\"source\":\"%s\",\"expires\":\"%s\"}", simulate_source(source), expires);
    if (!ask(r, cli_target(r->c, "/admin/keys", "workspace", r->o.pilot, NULL), &body, 0, &doc, e))
        return false;
    r->key_id[source] = json_text(doc, "id");
    r->send.key[source] = json_text(doc, "key");
    return r->send.key[source] || err_set(e, ERR_IO, "the service's answer makes no sense");
}

static bool
prepare_service(struct run *r, const struct str *yaml, struct err *e)
{
    r->send.socket = arena_printf(&r->c->mem, "%s/admin.sock", r->c->data);
    if (!cli_link(r->c, e) || !declare(r, yaml, e))
        return false;
    for (int i = 0; i < SIMULATE_SOURCES; i++)
        if (!make_key(r, i, e))
            return false;
    return seal(r, e);
}

/* The keys of this run end with it, however it ended; else they end by themselves in a day. */
static void
drop_keys(struct run *r)
{
    for (int i = 0; i < SIMULATE_SOURCES; i++) {
        const cJSON *doc;
        struct err   ignored = ERR_INIT;

        if (r->key_id[i])
            (void)!ask(r, arena_printf(&r->c->mem, "/admin/keys/%s/revoke", r->key_id[i]), NULL, 0,
                       &doc, &ignored);
    }
}

/* --- running ---------------------------------------------------------------------------------- */

static bool
pour(struct run *r, struct cli_send *send, struct err *e)
{
    struct simulate_line l;
    bool                 end = false;

    while (simulate_next(r->sim, &l, &end, e)) {
        if (end)
            return true;
        r->lines++;
        if (!write_line(r, &l, e) || (send && !cli_send_line(send, l.source, l.p, l.n, e)))
            return false;
    }
    return false;
}

static bool
stream(struct run *r, struct err *e)
{
    if (!sends(r))
        return pour(r, NULL, e);
    AUTO_STRUCT(cli_send) *send = NULL;
    if (cli_send_start(&r->send, &send, e) && pour(r, send, e) && cli_send_finish(send, &r->sum, e))
        return true;
    return err_wrap(e, "after %" PRId64 " events (repeat the command: what was taken counts once)",
                    r->lines);
}

/* Declaration, deliveries, truth: the order in which a pilot comes to be. */
static bool
run(struct run *r, struct err *e)
{
    struct str   text;
    const cJSON *doc;

    if (!open_files(r, e))
        return false;
    str_init(&text, &r->c->mem);
    simulate_declaration(r->sim, &text);
    if (r->out && !cli_write(path_of(r, "pilot", ".yaml"), text.p, text.n, e))
        return false;
    if (r->service && !prepare_service(r, &text, e))
        return false;
    if (!stream(r, e) || !close_files(r, e) ||
        (r->service && !cli_ask_json(r->c, "POST", "/admin/settle", NULL, 0, &doc, e)))
        return false;
    str_init(&text, &r->c->mem);
    simulate_truth(r->sim, &text);
    if (r->c->mem.denied)
        return err_set(e, ERR_NOMEM, "no memory for the truth about so many people");
    return cli_write(r->truth, text.p, text.n, e);
}

/* From when on the pilot's figures stay as they are. */
static usec_t
frozen_from(const struct run *r)
{
    return time_day_start(r->o.zone, r->o.start + r->o.days) + SIMULATE_GRACE_HOURS * USEC_HOUR;
}

/* The verdict, which is final from a day on that may lie ahead. */
static void
print_where_to_look(const struct run *r)
{
    char day[TIME_DAY_LEN];

    time_day_name(r->o.start + r->o.days + SIMULATE_GRACE_HOURS / 24, day);
    if (frozen_from(r) > time_now())
        printf("and what the service says: collaudo gate %s; final: --as-of %sT12:00:00Z\n",
               r->o.pilot, day);
    else
        printf("its figures were frozen on %s: what was sent now is stored, and in none of them\n",
               day);
}

static void
print_json(const struct run *r, const char *from, const char *to)
{
    char frozen[TIME_TEXT_LEN];

    time_format(frozen_from(r), frozen);
    printf("{\"pilot\":\"%s\",\"profile\":\"%s\",\"seed\":%" PRId64 ",\"start\":\"%s\","
           "\"end\":\"%s\",\"frozen_from\":\"%s\",\"deliveries\":%" PRId64 ",\"sent\":",
           r->o.pilot, r->o.profile, r->o.seed, from, to, frozen, r->lines);
    if (!r->sum.requests) {
        printf("null}\n");
        return;
    }
    printf("{\"events\":%" PRId64 ",\"accepted\":%" PRId64 ",\"quarantined\":%" PRId64
           ",\"requests\":%" PRId64 ",\"again\":%" PRId64 ",\"microseconds\":%" PRId64
           ",\"p50_us\":%" PRId64 ",\"p99_us\":%" PRId64 "}}\n",
           r->sum.lines, r->sum.accepted, r->sum.quarantined, r->sum.requests, r->sum.again,
           r->sum.took, r->sum.p50, r->sum.p99);
}

static void
print_summary(const struct run *r)
{
    char from[TIME_DAY_LEN], to[TIME_DAY_LEN];

    time_day_name(r->o.start, from);
    time_day_name(r->o.start + r->o.days - 1, to);
    if (cli_opt(r->c, "json")) {
        print_json(r, from, to);
        return;
    }
    printf("pilot %s: %d people, %s to %s, %" PRId64 " deliveries\n", r->o.pilot, (int)r->o.people,
           from, to, r->lines);
    if (r->sum.requests)
        printf("sent: %" PRId64 " accepted, %" PRId64 " to quarantine, %" PRId64
               " requests sent again; %" PRId64 " events/s, p50 %.1f ms, p99 %.1f ms\n",
               r->sum.accepted, r->sum.quarantined, r->sum.again,
               r->sum.lines * USEC_SECOND / (r->sum.took + 1), (double)r->sum.p50 / 1000,
               (double)r->sum.p99 / 1000);
    printf("what is true of it: %s\n", r->truth);
    if (sends(r))
        print_where_to_look(r);
}

int
cli_run_simulate(struct cli *c, struct err *e)
{
    struct run r = { .c = c };
    struct err ignored = ERR_INIT;

    if (!read_options(&r, e) || !simulate_new(&r.o, &r.sim, e))
        return -1;
    bool ok = run(&r, e);
    (void)!close_files(&r, &ignored);
    drop_keys(&r);
    simulate_close(r.sim);
    if (!ok)
        return -1;
    print_summary(&r);
    return 0;
}
