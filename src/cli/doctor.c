/* doctor.c - collaudo doctor: what is wrong and what to do, a line per check.
 *
 * Machine and clock are looked at here; the rest is asked of the service, which runs for this
 * command alone when there is none: then it takes no events and takes the journal from nobody. */
#include "cli_int.h"

#include "collaudo/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#define GIB ((uint64_t)1 << 30)
#define MIB ((uint64_t)1 << 20)
#define LEAST_MEMORY (256 * MIB) /* the service has 64 under load, PostgreSQL 128 of its own */
#define MOST_PROBLEMS 64
#define PATIENCE "the service did not answer"

enum state { OK, WARNING, PROBLEM };

static const char *const states[] = { "ok", "warning", "problem" };

struct finding {
    const char *check, *text, *next;
    enum state  state;
};

struct visit {
    struct cli    *c;
    struct finding list[MOST_PROBLEMS];
    size_t         n;
};

static void
find(struct visit *v, const char *check, enum state s, const char *text, const char *next)
{
    if (v->n < MOST_PROBLEMS)
        v->list[v->n++] = (struct finding){ check, text ? text : "no memory", next, s };
}

/* --- the machine ------------------------------------------------------------------ */

static void
check_disk(struct visit *v, const char *name)
{
    struct statvfs st;
    struct arena  *mem = &v->c->mem;

    if (statvfs(v->c->data, &st) != 0) {
        find(v, name, PROBLEM, arena_printf(mem, "%s cannot be looked at", v->c->data),
             "name the right directory with --data");
        return;
    }
    uint64_t free_bytes = (uint64_t)st.f_bavail * st.f_frsize;
    uint64_t all = (uint64_t)st.f_blocks * st.f_frsize;
    char *text = arena_printf(mem, "%.1f of %.1f GiB free for %s", (double)free_bytes / (double)GIB,
                              (double)all / (double)GIB, v->c->data);
    bool  no_files = st.f_files && st.f_favail < 1000;

    if (no_files)
        text = arena_printf(mem, "%" PRIu64 " more files fit on the disk of %s",
                            (uint64_t)st.f_favail, v->c->data);
    find(v, name,
         free_bytes < GIB || no_files ? PROBLEM
         : free_bytes < 5 * GIB       ? WARNING
                                      : OK,
         text,
         free_bytes < 5 * GIB || no_files ? "make room, or move the directory to a larger disk"
                                          : "");
}

/* "MemAvailable:  123 kB" of /proc/meminfo in bytes; 0: not to be had. */
static uint64_t
memory_available(void)
{
    FILE    *f = fopen("/proc/meminfo", "re");
    char     line[128];
    uint64_t kib = 0;

    while (f && !kib && fgets(line, sizeof line, f))
        if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) != 1)
            kib = 0;
    if (f)
        fclose(f);
    return kib << 10;
}

static void
check_memory(struct visit *v, const char *name)
{
    uint64_t n = memory_available();

    if (!n)
        find(v, name, WARNING, "free memory is not to be had from /proc/meminfo", "free -m");
    else
        find(v, name, n < LEAST_MEMORY ? WARNING : OK,
             arena_printf(&v->c->mem, "%" PRIu64 " MiB available", n / MIB),
             n < LEAST_MEMORY ? "end what is not needed (top), or give the machine more" : "");
}

static void
check_zones(struct visit *v, const char *name)
{
    const struct time_zone *zone;
    struct err              e = ERR_INIT;

    if (time_zone_find("Europe/Rome", &zone, &e))
        find(v, name, OK, "time zone data are there", "");
    else
        find(v, name, PROBLEM, arena_printf(&v->c->mem, "%s", e.text), "apt-get install tzdata");
}

/* What the kernel knows; nobody is asked over the network. */
static void
check_ntp(struct visit *v, const char *name)
{
    struct timex t = { .modes = 0 };
    int          state = adjtimex(&t);

    if (state < 0)
        find(v, name, WARNING, "the kernel does not say whether the clock is kept by NTP",
             "timedatectl");
    else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
        find(v, name, WARNING, "the clock is not kept by NTP: it may run away",
             "timedatectl set-ntp true (in a container: on its host)");
    else
        find(v, name, OK, "the clock is kept by NTP", "");
}

/* clang-format off */
static const struct {
    const char *name;
    void (*run)(struct visit *v, const char *name);
} checks[] = {
    { "disk",            check_disk },
    { "memory",          check_memory },
    { "time zones",      check_zones },
    { "clock and NTP",   check_ntp },
};
/* clang-format on */

/* --- the service ---------------------------------------------------------------------- */

static void
take_finding(struct visit *v, const cJSON *x)
{
    const char *check = json_text(x, "check"), *state = json_text(x, "state");
    const char *text = json_text(x, "text"), *next = json_text(x, "next");
    enum state  s = PROBLEM;

    for (int i = OK; state && i <= PROBLEM; i++)
        if (strcmp(state, states[i]) == 0)
            s = (enum state)i;
    find(v, check ? check : "?", s, text ? text : "", next ? next : "");
}

static void
ask_service(struct visit *v)
{
    struct cli  *c = v->c;
    const cJSON *doc, *x;
    struct err   e = ERR_INIT;

    c->looks_only = true;
    if (!cli_link(c, &e)) {
        find(v, "service", PROBLEM, arena_printf(&c->mem, "cannot start: %s", e.text),
             "mend that, then: collaudo doctor");
        return;
    }
    find(v, "service", OK,
         c->child ? "none runs; one was started to look, and takes nothing" : "runs and answers",
         "");
    if (!cli_ask_json(c, "GET", "/admin/doctor", NULL, 0, &doc, &e)) {
        find(v, "service", PROBLEM, arena_printf(&c->mem, PATIENCE ": %s", e.text),
             "the end of its log (journalctl -u collaudo)");
        return;
    }
    cJSON_ArrayForEach (x, json_get(doc, "checks"))
        take_finding(v, x);
}

/* --- output --------------------------------------------------------------------------- */

static void
print_json(const struct visit *v)
{
    struct str s;

    str_init(&s, &v->c->mem);
    str_add(&s, "{\"checks\":[");
    for (size_t i = 0; i < v->n; i++) {
        const struct finding *f = &v->list[i];

        str_addf(&s, "%s{\"check\":", i ? "," : "");
        str_json(&s, f->check);
        str_addf(&s, ",\"state\":\"%s\",\"text\":", states[f->state]);
        str_json(&s, f->text);
        str_add(&s, ",\"next\":");
        str_json(&s, f->next);
        str_addc(&s, '}');
    }
    printf("%s]}\n", s.p);
}

int
cli_run_doctor(struct cli *c, struct err *e)
{
    struct visit *v = arena_new(&c->mem, struct visit, 1);
    enum state    worst = OK;

    if (!v) {
        err_set(e, ERR_NOMEM, "no memory for the doctor");
        return -1;
    }
    *v = (struct visit){ .c = c };
    if (!cli_check_data(c, e))
        return -1;
    ask_service(v); /* before the machine: a new directory is made by it */
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        checks[i].run(v, checks[i].name);
    for (size_t i = 0; i < v->n; i++)
        worst = v->list[i].state > worst ? v->list[i].state : worst;
    if (cli_opt(c, "json")) {
        print_json(v);
        return worst == PROBLEM;
    }
    for (size_t i = 0; i < v->n; i++)
        printf("%-8s %-19s %s%s%s\n", states[v->list[i].state], v->list[i].check, v->list[i].text,
               *v->list[i].next ? " -> " : "", v->list[i].next);
    return worst == PROBLEM;
}
