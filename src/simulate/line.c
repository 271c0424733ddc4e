/* line.c - a delivery as its tool writes it, broken where it should be. */
#include "simulate_int.h"

#include <assert.h>
#include <string.h>

/* A line while it is written; it always has room (SIMULATE_MOST_LINE is far above the longest). */
struct line {
    char *p;
    bool  first; /* no member yet */
};

/* --- pieces ------------------------------------------------------------------------- */

static void
add(struct line *l, const char *text)
{
    size_t n = strlen(text);

    memcpy(l->p, text, n);
    l->p += n;
}

static void
add_digits(struct line *l, uint64_t v, int n)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        l->p[i] = (char)('0' + v % 10);
    l->p += n;
}

static void
add_hex(struct line *l, uint64_t v, int n)
{
    for (int i = n - 1; i >= 0; i--, v >>= 4)
        l->p[i] = "0123456789abcdef"[v & 15];
    l->p += n;
}

/* The name of a member, and up to its value. None of our names and values needs an escape. */
static void
key(struct line *l, const char *name)
{
    add(l, l->first ? "{\"" : ",\"");
    l->first = false;
    add(l, name);
    add(l, "\":");
}

static void
text(struct line *l, const char *name, const char *value)
{
    key(l, name);
    add(l, "\"");
    add(l, value);
    add(l, "\"");
}

/* Date and time of day of an instant, `digits` of its second's fraction. */
static void
add_clock(struct line *l, usec_t t, int digits)
{
    static const uint32_t unit[7] = { 0, 100000, 10000, 1000, 100, 10, 1 };
    int32_t               day = (int32_t)(t / (24 * USEC_HOUR));
    usec_t                rest = t % (24 * USEC_HOUR);
    struct time_civil     c;

    time_day_civil(day, &c);
    add_digits(l, (uint64_t)c.year, 4);
    add(l, "-");
    add_digits(l, (uint64_t)c.month, 2);
    add(l, "-");
    add_digits(l, (uint64_t)c.day, 2);
    add(l, "T");
    add_digits(l, (uint64_t)(rest / USEC_HOUR), 2);
    add(l, ":");
    add_digits(l, (uint64_t)(rest / USEC_MINUTE % 60), 2);
    add(l, ":");
    add_digits(l, (uint64_t)(rest / USEC_SECOND % 60), 2);
    if (!digits)
        return;
    add(l, ".");
    add_digits(l, (uint64_t)(rest % USEC_SECOND) / unit[digits], digits);
}

/* --- time ----------------------------------------------------------------------------- */

/* Asked once an hour: the stream goes along the time. */
static int
offset_at(struct simulate *s, usec_t t)
{
    if (t / USEC_HOUR != s->offset_hour) {
        s->offset_hour = t / USEC_HOUR;
        s->offset_s = (int)time_offset(s->o.zone, t);
    }
    return s->offset_s;
}

/* The CRM writes local time with its offset, billing whole seconds of UTC, tickets microseconds. */
static void
add_time(struct simulate *s, struct line *l, const struct sim_drop *d)
{
    int offset, minutes;

    if (d->source == BILLING) {
        add_clock(l, d->time, 0);
        add(l, "Z");
        return;
    }
    if (d->source == TICKETS) {
        add_clock(l, d->time, 6);
        add(l, "Z");
        return;
    }
    offset = offset_at(s, d->time);
    minutes = (offset < 0 ? -offset : offset) / 60;
    add_clock(l, d->time + offset * USEC_SECOND, 3);
    add(l, offset < 0 ? "-" : "+");
    add_digits(l, (uint64_t)minutes / 60, 2);
    add(l, ":");
    add_digits(l, (uint64_t)minutes % 60, 2);
}

static void
put_time(struct simulate *s, struct line *l, const struct sim_drop *d)
{
    if (d->fault == NO_TIME)
        return;
    key(l, "time");
    add(l, "\"");
    char *from = l->p;
    if (d->fault == LOCAL_TIME)
        add(l, "02/03/2026 10:15");
    else
        add_time(s, l, d);
    if (d->fault == FAR_FUTURE)
        memcpy(from, "2096", 4); /* a leap year: every day of ours exists in it */
    add(l, "\"");
}

/* --- members ------------------------------------------------------------------------------ */

static void
add_id(const struct simulate *s, struct line *l, const struct sim_drop *d)
{
    uint64_t h;

    switch (d->source) {
    case CRM:
        add(l, "crm-");
        add_digits(l, d->number, 9);
        break;
    case BILLING: /* a UUID of its own making: 96 bits of chance and the number keep it unique */
        h = sim_mix((uint64_t)s->o.seed + sim_mix(d->number));
        add_hex(l, h >> 32, 8);
        add(l, "-");
        add_hex(l, h >> 16 & 0xffff, 4);
        add(l, "-4");
        add_hex(l, h & 0xfff, 3);
        add(l, "-8");
        add_hex(l, h >> 12 & 0xf, 3);
        add(l, "-");
        add_hex(l, d->number, 12);
        break;
    default:
        add(l, "TK/");
        add_digits(l, d->number, 10);
    }
}

static void
put_id(const struct simulate *s, struct line *l, const struct sim_drop *d)
{
    if (d->fault == NO_ID)
        return;
    key(l, "id");
    add(l, "\"");
    add_id(s, l, d);
    add(l, "\"");
}

/* Billing never says who it is. */
static void
put_source(struct line *l, const struct sim_drop *d)
{
    if (d->fault == OTHER_SOURCE)
        text(l, "source", "staging");
    else if (d->source != BILLING)
        text(l, "source", simulate_source_names[d->source]);
}

/* A logon needs no user: then it is called usage, or it would not be refused. */
static void
put_type(struct line *l, const struct sim_drop *d)
{
    if (d->fault == NO_SUCH_TYPE)
        text(l, "type", "click");
    else if (d->action == ACTION_LOGON && d->fault != NO_USER)
        text(l, "type", "auth");
}

static void
put_user(const struct simulate *s, struct line *l, const struct sim_drop *d)
{
    const struct sim_person *p = &s->person[d->who];

    key(l, "user");
    if (d->fault == NO_USER) {
        add(l, "null");
        return;
    }
    add(l, "\"");
    char *from = l->p;
    add(l, d->alias ? p->alias : p->id);
    for (; d->shout && from < l->p; from++)
        if (*from >= 'a' && *from <= 'z')
            *from = (char)(*from - 'a' + 'A');
    add(l, "\"");
}

static void
put_act(struct line *l, const struct sim_drop *d)
{
    const struct sim_action *a = &simulate_actions[d->action];

    text(l, "action", d->fault == NO_ACTION ? "" : a->verb);
    if (a->feature)
        text(l, "feature", a->feature);
    if (!*a->object)
        return;
    text(l, "object_type", a->object);
    key(l, "object_id");
    add(l, "\"o");
    add_digits(l, d->object, 5);
    add(l, "\"");
}

/* Billing knows how it went, tickets when it was sent: each time anew. */
static void
put_rest(struct line *l, const struct sim_drop *d)
{
    if (d->source == BILLING)
        text(l, "status", d->object % 16 ? "success" : "failure");
    if (d->source == TICKETS) {
        key(l, "sentAt");
        add(l, "\"");
        add_clock(l, d->received + simulate_skew_s[TICKETS] * USEC_SECOND - USEC_SECOND / 2, 3);
        add(l, "Z\"");
    }
    if (d->fault == KEY_TWICE)
        text(l, "action", "again");
    if (d->fault == LATIN1)
        add(l, ",\"properties\":{\"city\":\"Forl\xec\"}");
    else
        add(l, ",\"properties\":{\"channel\":\"web\"}");
    add(l, "}");
}

size_t
simulate_write(struct simulate *s, const struct sim_drop *d)
{
    struct line l = { s->line, true };

    if (d->fault == NO_OBJECT) {
        add(&l, "\"");
        add_id(s, &l, d);
        add(&l, "\"");
        return (size_t)(l.p - s->line);
    }
    put_id(s, &l, d);
    put_source(&l, d);
    put_type(&l, d);
    put_time(s, &l, d);
    put_user(s, &l, d);
    put_act(&l, d);
    put_rest(&l, d);
    size_t n = (size_t)(l.p - s->line);
    assert(n < SIMULATE_MOST_LINE);
    return d->fault == CUT_OFF ? n * 2 / 3 : n;
}

/* --- replay ---------------------------------------------------------------------------------- */

/* A byte that is no UTF-8 becomes half a surrogate pair, as Python writes it and `import
 * --replay` reads it. Ours is the only one: everything else is ASCII. */
static void
add_escaped(struct line *l, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\') {
            *l->p++ = '\\';
            *l->p++ = p[i];
        } else if ((unsigned char)p[i] < ' ' || (unsigned char)p[i] > '~') {
            add(l, "\\udc");
            add_hex(l, (unsigned char)p[i], 2);
        } else {
            *l->p++ = p[i];
        }
    }
}

size_t
simulate_replay_line(const struct simulate_line *line, char *ret)
{
    struct line l = { ret, true };

    key(&l, "received");
    add(&l, "\"");
    add_clock(&l, line->received, 3);
    add(&l, "Z\"");
    key(&l, "line");
    add(&l, "\"");
    add_escaped(&l, line->p, line->n);
    add(&l, "\"}");
    return (size_t)(l.p - ret);
}
