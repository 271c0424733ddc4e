/* zone.c - IANA zones read from TZif files (RFC 8536). See time.h.
 *
 * glibc's own functions know one zone per process (TZ) or take its lock; a
 * service with pilots in several zones needs them side by side. */
#include "collaudo/auto.h"
#include "collaudo/time.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_BYTES ((off_t)256 * 1024)
#define MOST_TYPES 256

/* One end of summer time in a POSIX TZ footer: M3.5.0/2, J60 or 59. */
struct rule {
    char kind; /* 'M' month.week.day, 'J' day 1-365 without 29 Feb, 'D' day 0-365 */
    int  month, week, day;
    int  at_s; /* seconds after local midnight; may be negative or beyond 24 h */
};

struct time_zone {
    struct time_zone *next;
    char             *name;
    size_t            n; /* transitions */
    int64_t          *at;
    int32_t          *offset;  /* n + 1: before the first, then after each */
    bool              has_dst; /* the footer: what holds after the last transition */
    int32_t           std_s, dst_s;
    struct rule       begin, end;
};

static pthread_mutex_t   lock = PTHREAD_MUTEX_INITIALIZER;
static struct time_zone *zones; /* guarded by lock; entries are immutable */

/* --- the footer ------------------------------------------------------------ */

static bool
skip_name(const char **p)
{
    if (**p == '<') {
        *p = strchr(*p, '>');
        return *p && (++*p, true);
    }
    const char *from = *p;
    while ((**p >= 'a' && **p <= 'z') || (**p >= 'A' && **p <= 'Z'))
        ++*p;
    return *p - from >= 3;
}

static int
number(const char **p)
{
    int v = 0;

    while (**p >= '0' && **p <= '9' && v < 100000)
        v = v * 10 + (*(*p)++ - '0');
    return v;
}

/* [+-]h[:m[:s]] in seconds */
static int
clock_s(const char **p)
{
    int sign = **p == '-' ? -1 : 1;
    int s;

    if (**p == '-' || **p == '+')
        ++*p;
    s = number(p) * 3600;
    if (**p == ':')
        ++*p, s += number(p) * 60;
    if (**p == ':')
        ++*p, s += number(p);
    return sign * s;
}

static bool
read_rule(const char **p, struct rule *r)
{
    *r = (struct rule){ .kind = 'D', .at_s = 7200 };
    if (**p != ',')
        return false;
    ++*p;
    if (**p == 'M') {
        ++*p;
        r->kind = 'M';
        r->month = number(p);
        if (*(*p)++ != '.')
            return false;
        r->week = number(p);
        if (*(*p)++ != '.')
            return false;
        r->day = number(p);
        if (r->month < 1 || r->month > 12 || r->week < 1 || r->week > 5 || r->day > 6)
            return false;
    } else {
        if (**p == 'J') {
            r->kind = 'J';
            ++*p;
        }
        r->day = number(p);
    }
    if (**p == '/') {
        ++*p;
        r->at_s = clock_s(p);
    }
    return true;
}

static bool
read_footer(struct time_zone *z, const char *p)
{
    if (!skip_name(&p))
        return false;
    z->std_s = -clock_s(&p);
    if (!*p)
        return true;
    if (!skip_name(&p))
        return false;
    z->dst_s = *p && *p != ',' ? -clock_s(&p) : z->std_s + 3600;
    z->has_dst = true;
    return read_rule(&p, &z->begin) && read_rule(&p, &z->end) && !*p;
}

/* Local seconds since 1970 (by the offset in force before it) of the change in `year`. */
static int64_t
rule_local(const struct rule *r, int year)
{
    int32_t day;

    if (r->kind == 'M') {
        int32_t first = time_day(year, r->month, 1);
        int     to = (r->day - time_weekday(first) % 7 + 7) % 7;

        day = first + to + 7 * (r->week - 1);
        int32_t next = r->month == 12 ? time_day(year + 1, 1, 1) : time_day(year, r->month + 1, 1);
        if (day >= next)
            day -= 7;
    } else {
        bool leap = time_day(year, 3, 1) - time_day(year, 2, 1) == 29;

        day = time_day(year, 1, 1) + r->day;
        if (r->kind == 'J')
            day += (leap && r->day >= 60) - 1;
    }
    return (int64_t)day * 86400 + r->at_s;
}

static int32_t
footer_offset(const struct time_zone *z, int64_t sec)
{
    struct time_civil c;

    if (!z->has_dst)
        return z->std_s;
    time_day_civil((int32_t)((sec + z->std_s) / 86400 - ((sec + z->std_s) % 86400 < 0)), &c);
    int64_t begin = rule_local(&z->begin, c.year) - z->std_s;
    int64_t end = rule_local(&z->end, c.year) - z->dst_s;
    bool    dst = begin < end ? sec >= begin && sec < end : sec >= begin || sec < end;
    return dst ? z->dst_s : z->std_s;
}

/* --- the file -------------------------------------------------------------- */

static int64_t
be64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return (int64_t)be64toh(v);
}

static int32_t
be32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
    return (int32_t)be32toh(v);
}

struct header {
    size_t isut, isstd, leap, times, types, chars;
};

static bool
read_header(const uint8_t *p, size_t n, struct header *h)
{
    if (n < 44 || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
        return false;
    size_t *to[] = { &h->isut, &h->isstd, &h->leap, &h->times, &h->types, &h->chars };
    for (int i = 0; i < 6; i++) {
        int32_t v = be32(p + 20 + 4 * i);

        if (v < 0 || v > MOST_BYTES)
            return false;
        *to[i] = (size_t)v;
    }
    return h->types > 0 && h->types <= MOST_TYPES;
}

static size_t
body_len(const struct header *h, size_t time_len)
{
    return h->times * (time_len + 1) + h->types * 6 + h->chars + h->leap * (time_len + 4) +
           h->isstd + h->isut;
}

/* Fills z from the version 2 data: the second header and its 64-bit transitions. */
static bool
read_tzif(struct time_zone *z, const uint8_t *p, size_t n)
{
    struct header h;
    char          footer[128];

    if (!read_header(p, n, &h))
        return false;
    size_t skip = 44 + body_len(&h, 4);
    if (skip > n || !read_header(p + skip, n - skip, &h))
        return false;
    p += skip + 44;
    n -= skip + 44;
    if (body_len(&h, 8) > n)
        return false;

    const uint8_t *index = p + h.times * 8, *type = index + h.times;
    z->n = h.times;
    z->at = calloc(h.times + 1, sizeof *z->at);
    z->offset = calloc(h.times + 1, sizeof *z->offset);
    if (!z->at || !z->offset)
        return false;
    z->offset[0] = be32(type);
    for (size_t i = 0; i < h.times; i++) {
        if (index[i] >= h.types)
            return false;
        z->at[i] = be64(p + 8 * i);
        z->offset[i + 1] = be32(type + 6 * index[i]);
    }

    const uint8_t *foot = p + body_len(&h, 8), *end = p + n;
    if (foot == end || *foot++ != '\n')
        return false;
    const uint8_t *nl = memchr(foot, '\n', (size_t)(end - foot));
    if (!nl || (size_t)(nl - foot) >= sizeof footer)
        return false;
    memcpy(footer, foot, (size_t)(nl - foot));
    footer[nl - foot] = 0;
    if (!*footer) {
        z->std_s = z->offset[z->n];
        return true;
    }
    return read_footer(z, footer);
}

static void
zone_free(struct time_zone *z)
{
    free(z->name);
    free(z->at);
    free(z->offset);
    free(z);
}

AUTO_DEFINE(uint8_t, free)

static bool
slurp(const char *name, uint8_t **ret, size_t *ret_n)
{
    char        path[512];
    const char *dir = getenv("TZDIR");
    struct stat st;
    size_t      got = 0;

    snprintf(path, sizeof path, "%s/%s", dir ? dir : "/usr/share/zoneinfo", name);
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MOST_BYTES)
        return false;
    AUTO(uint8_t) *p = malloc((size_t)st.st_size + 1);
    while (p && got < (size_t)st.st_size) {
        ssize_t r = read(fd, p + got, (size_t)st.st_size - got);

        if (r <= 0)
            return false;
        got += (size_t)r;
    }
    *ret = TAKE(p);
    *ret_n = got;
    return *ret != NULL;
}

/* "Europe/Rome", never "../../etc/passwd". */
static bool
name_is_sound(const char *name)
{
    if (!*name || strlen(name) > 64 || *name == '/' || strstr(name, "..") || strstr(name, "//"))
        return false;
    for (; *name; name++)
        if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
              (*name >= '0' && *name <= '9') || strchr("_+-/", *name)))
            return false;
    return true;
}

static struct time_zone *
load(const char *name)
{
    uint8_t *bytes = NULL;
    size_t   n = 0;

    if (!name_is_sound(name) || !slurp(name, &bytes, &n))
        return NULL;
    struct time_zone *z = calloc(1, sizeof *z);
    if (z && (!(z->name = strdup(name)) || !read_tzif(z, bytes, n))) {
        zone_free(z);
        z = NULL;
    }
    free(bytes);
    return z;
}

bool
time_zone_find(const char *name, const struct time_zone **ret, struct err *e)
{
    struct time_zone *z;

    pthread_mutex_lock(&lock);
    for (z = zones; z && strcmp(z->name, name) != 0; z = z->next)
        ;
    if (!z && (z = load(name))) {
        z->next = zones;
        zones = z;
    }
    pthread_mutex_unlock(&lock);
    if (!z)
        return err_set(e, ERR_INVALID, "%s is not an IANA time zone, such as Europe/Rome", name);
    *ret = z;
    return true;
}

const char *
time_zone_name(const struct time_zone *z)
{
    return z->name;
}

/* --- use -------------------------------------------------------------------- */

static int32_t
offset_at(const struct time_zone *z, int64_t sec)
{
    size_t lo = 0, hi = z->n; /* first transition after sec */

    if (!z->n || sec >= z->at[z->n - 1])
        return footer_offset(z, sec);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (z->at[mid] <= sec)
            lo = mid + 1;
        else
            hi = mid;
    }
    return z->offset[lo];
}

static int64_t
floor_sec(usec_t t)
{
    return t / USEC_SECOND - (t % USEC_SECOND < 0);
}

int32_t
time_local_day(const struct time_zone *z, usec_t t)
{
    int64_t sec = floor_sec(t);

    sec += offset_at(z, sec);
    return (int32_t)(sec / 86400 - (sec % 86400 < 0));
}

int32_t
time_offset(const struct time_zone *z, usec_t t)
{
    return offset_at(z, floor_sec(t));
}

usec_t
time_day_start(const struct time_zone *z, int32_t day)
{
    int64_t lo = (int64_t)day * 86400 - 86400, hi = lo + 2 * 86400;

    /* offsets lie within a day of UTC, and local days only ever grow with time */
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;

        if (time_local_day(z, mid * USEC_SECOND) >= day)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo * USEC_SECOND;
}
