/* when.c - times as vendors write them become RFC 3339 in UTC. See mapping_int.h.
 *
 * The first format whose shape fits decides; if what it says is no real instant, there is none.
 * Wall time in a zone is read so: where the clock goes forward a time that does not exist, and
 * where it goes back a time that exists twice, are both read with the smaller offset (winter
 * time). In Rome 02:30 of 29 March 2026 is 03:30 summer time, 02:30 of 25 October the second. */
#include "mapping_int.h"

#include <stdio.h>
#include <string.h>

#define SECONDS_1900 INT64_C(-2208988800)   /* 1900-01-01 */
#define SECONDS_10000 INT64_C(253402300800) /* 10000-01-01 */
#define SECOND_NS INT64_C(1000000000)
#define DAY_S 86400

/* clang-format off */
const char *const mapping_when_names[WHEN_COUNT] = {
    [WHEN_RFC3339] = "rfc3339",   [WHEN_EPOCH_S] = "epoch_s",   [WHEN_EPOCH_MS] = "epoch_ms",
    [WHEN_EPOCH_US] = "epoch_us", [WHEN_EPOCH_NS] = "epoch_ns",
    [WHEN_YYYYMMDDHHMMSS] = "yyyymmddhhmmss", [WHEN_DD_MM_YYYY] = "dd/mm/yyyy",
};
/* clang-format on */

/* What was written, before it is an instant. */
struct wall {
    int     year, month, day, hour, minute, second;
    int64_t ns;
    bool    has_offset;
    int     offset_s;
};

struct instant {
    int64_t s, ns; /* ns: 0..999999999 */
};

enum fit { NO_FIT, FITS, FITS_BADLY };

struct text {
    const char *at, *end;
};

static bool
is_digit(const struct text *t)
{
    return t->at < t->end && *t->at >= '0' && *t->at <= '9';
}

/* `least` to `most` digits. */
static bool
number(struct text *t, int least, int most, int *ret)
{
    int v = 0, n = 0;

    for (; n < most && is_digit(t); n++)
        v = v * 10 + (*t->at++ - '0');
    *ret = v;
    return n >= least;
}

static bool
one_of(struct text *t, const char *any)
{
    if (t->at == t->end || !*t->at || !strchr(any, *t->at))
        return false;
    t->at++;
    return true;
}

/* Digits after the point, at least one; what is finer than nanoseconds is cut. */
static bool
fraction(struct text *t, int64_t *ret_ns)
{
    int64_t scale = SECOND_NS / 10;

    *ret_ns = 0;
    if (!is_digit(t))
        return false;
    for (; is_digit(t); t->at++, scale /= 10)
        *ret_ns += (*t->at - '0') * scale;
    return true;
}

/* --- from what was written to an instant ---------------------------------------------- */

static bool
is_real(const struct wall *w)
{
    struct time_civil c;

    if (w->year < 1900 || w->month < 1 || w->month > 12 || w->day < 1 || w->day > 31)
        return false;
    time_day_civil(time_day(w->year, w->month, w->day), &c);
    return c.day == w->day && w->hour < 24 && w->minute < 60 && w->second < 61;
}

static int
offset_at(const struct time_zone *zone, int64_t s)
{
    return time_offset(zone, s * USEC_SECOND);
}

/* Seconds since 1970 of a wall clock that shows `local`. */
static int64_t
from_local(const struct time_zone *zone, int64_t local)
{
    int  before = offset_at(zone, local - DAY_S), after = offset_at(zone, local + DAY_S);
    bool fits_before = offset_at(zone, local - before) == before;
    bool fits_after = offset_at(zone, local - after) == after;

    if (fits_before != fits_after)
        return local - (fits_before ? before : after);
    return local - (before < after ? before : after);
}

static enum fit
to_instant(const struct wall *w, const struct time_zone *zone, struct instant *ret)
{
    if (!is_real(w))
        return FITS_BADLY;
    bool    leap = w->second == 60;
    int64_t s = (int64_t)time_day(w->year, w->month, w->day) * DAY_S + w->hour * 3600 +
                w->minute * 60 + w->second - leap;

    s = w->has_offset || !zone ? s - w->offset_s : from_local(zone, s);
    if (leap && ((s % DAY_S) + DAY_S) % DAY_S != DAY_S - 1)
        return FITS_BADLY; /* leap seconds end a day of UTC */
    *ret = (struct instant){ s, leap ? SECOND_NS - 1 : w->ns };
    return FITS;
}

/* --- the formats -------------------------------------------------------------------------- */

/* [-]digits[.digits] in units of 1/per_s seconds. */
static enum fit
epoch(struct text t, int64_t per_s, bool may_have_point, struct instant *ret)
{
    bool     minus = one_of(&t, "-");
    __int128 v = 0;
    int64_t  ns = 0;

    if (!is_digit(&t))
        return NO_FIT;
    for (int n = 0; is_digit(&t); n++, t.at++) {
        if (n == 25)
            return FITS_BADLY;
        v = v * 10 + (*t.at - '0');
    }
    if (may_have_point && one_of(&t, ".") && !fraction(&t, &ns))
        return NO_FIT;
    if (t.at != t.end)
        return NO_FIT;
    v = v * (SECOND_NS / per_s) + ns;
    v = minus ? -v : v;
    __int128 s = v / SECOND_NS - (v % SECOND_NS < 0);
    if (s < SECONDS_1900 || s >= SECONDS_10000)
        return FITS_BADLY;
    *ret = (struct instant){ (int64_t)s, (int64_t)(v - s * SECOND_NS) };
    return FITS;
}

/* Z, +01:00, +0100; nothing at all. */
static bool
offset(struct text *t, struct wall *w)
{
    int h, m;

    if (t->at == t->end)
        return true;
    w->has_offset = true;
    if (one_of(t, "Zz"))
        return true;
    int sign = *t->at == '-' ? -1 : 1;
    if (!one_of(t, "+-") || !number(t, 2, 2, &h))
        return false;
    one_of(t, ":");
    if (!number(t, 2, 2, &m) || h > 23 || m > 59)
        return false;
    w->offset_s = sign * (h * 3600 + m * 60);
    return true;
}

static enum fit
rfc3339(struct text t, const struct time_zone *zone, struct instant *ret)
{
    struct wall w = { 0 };

    if (!number(&t, 4, 4, &w.year) || !one_of(&t, "-") || !number(&t, 2, 2, &w.month) ||
        !one_of(&t, "-") || !number(&t, 2, 2, &w.day) || !one_of(&t, "Tt ") ||
        !number(&t, 2, 2, &w.hour) || !one_of(&t, ":") || !number(&t, 2, 2, &w.minute))
        return NO_FIT;
    if (one_of(&t, ":")) {
        if (!number(&t, 2, 2, &w.second) || (one_of(&t, ".,") && !fraction(&t, &w.ns)))
            return NO_FIT;
    }
    return offset(&t, &w) && t.at == t.end ? to_instant(&w, zone, ret) : NO_FIT;
}

static enum fit
packed(struct text t, const struct time_zone *zone, struct instant *ret)
{
    struct wall w = { 0 };

    if (!number(&t, 4, 4, &w.year) || !number(&t, 2, 2, &w.month) || !number(&t, 2, 2, &w.day) ||
        !number(&t, 2, 2, &w.hour) || !number(&t, 2, 2, &w.minute) || !number(&t, 2, 2, &w.second))
        return NO_FIT;
    if (one_of(&t, ".") && !fraction(&t, &w.ns))
        return NO_FIT;
    return t.at == t.end ? to_instant(&w, zone, ret) : NO_FIT;
}

static enum fit
day_first(struct text t, const struct time_zone *zone, struct instant *ret)
{
    struct wall w = { 0 };

    if (!number(&t, 1, 2, &w.day) || !one_of(&t, "/.-") || !number(&t, 1, 2, &w.month) ||
        !one_of(&t, "/.-") || !number(&t, 4, 4, &w.year))
        return NO_FIT;
    if (one_of(&t, " Tt")) {
        if (!number(&t, 1, 2, &w.hour) || !one_of(&t, ":.") || !number(&t, 2, 2, &w.minute) ||
            (one_of(&t, ":.") && !number(&t, 2, 2, &w.second)))
            return NO_FIT;
    }
    return t.at == t.end ? to_instant(&w, zone, ret) : NO_FIT;
}

static enum fit
read_as(enum when_format f, struct text t, const struct time_zone *zone, struct instant *ret)
{
    switch (f) {
    case WHEN_RFC3339:
        return rfc3339(t, zone, ret);
    case WHEN_EPOCH_S:
        return epoch(t, 1, true, ret);
    case WHEN_EPOCH_MS:
        return epoch(t, 1000, false, ret);
    case WHEN_EPOCH_US:
        return epoch(t, 1000000, false, ret);
    case WHEN_EPOCH_NS:
        return epoch(t, SECOND_NS, false, ret);
    case WHEN_YYYYMMDDHHMMSS:
        return packed(t, zone, ret);
    case WHEN_DD_MM_YYYY:
        return day_first(t, zone, ret);
    case WHEN_COUNT:
        break;
    }
    return NO_FIT;
}

static void
write_out(const struct instant *at, char ret[WHEN_LEN])
{
    int32_t           day = (int32_t)(at->s / DAY_S - (at->s % DAY_S < 0));
    unsigned          s = (unsigned)(at->s - (int64_t)day * DAY_S);
    struct time_civil c;

    time_day_civil(day, &c);
    int   n = snprintf(ret, WHEN_LEN, "%04d-%02u-%02uT%02u:%02u:%02u.%09u", c.year,
                       (unsigned)c.month % 100, (unsigned)c.day % 100, s / 3600 % 100, s / 60 % 60,
                       s % 60, (unsigned)at->ns % 1000000000u);
    char *end = ret + n;
    for (int cut = 0; cut < 6 && end[-1] == '0'; cut++)
        end--;
    *end++ = 'Z';
    *end = 0;
}

bool
mapping_when(const char *text, size_t n, const struct formats *formats,
             const struct time_zone *zone, char ret[WHEN_LEN])
{
    struct text    t = { text, text + n };
    struct instant at;

    while (t.at < t.end && (unsigned char)*t.at <= ' ')
        t.at++;
    while (t.end > t.at && (unsigned char)t.end[-1] <= ' ')
        t.end--;
    for (size_t i = 0; i < formats->n; i++) {
        enum fit fit = read_as(formats->list[i], t, zone, &at);

        if (fit == FITS && at.s >= SECONDS_1900 && at.s < SECONDS_10000) {
            write_out(&at, ret);
            return true;
        }
        if (fit != NO_FIT)
            return false;
    }
    return false;
}
