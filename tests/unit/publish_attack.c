/* publish_attack.c - the attacker on the filter for small groups who subtracts: it knows the
 * roster and who began when, collects what is published day by day, and takes every set from
 * every set it lies in. It must find nothing, and much where the filter is a mere threshold. */
#include "t.h"

#include "filters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct kpi_def *weekly, *cohorts;

#define PEOPLE 30
#define WEEKS 6
#define DAYS (7 * WEEKS)
#define TEAMS 4
#define MOST_KNOWN 3000

struct sim {
    int  people, teams;
    int  team[PEOPLE], joined[PEOPLE], left[PEOPLE], began[PEOPLE]; /* began: DAYS, never */
    bool acted[PEOPLE][DAYS];
};

/* A set of (person, week), and between how many of them were active. */
struct known {
    uint32_t in[WEEKS];
    int      size, lo, hi;
};

struct knowledge {
    struct known k[MOST_KNOWN];
    size_t       n;
};

static uint64_t dice = 88172645463325252u;

static int
roll(int sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (int)((dice >> 11) % (uint64_t)sides);
}

static struct sim
simulate(void)
{
    struct sim s = { .people = 8 + roll(PEOPLE - 7), .teams = 1 + roll(TEAMS) };
    int        usual = roll(100); /* of shelfware, of success, of all between */

    for (int p = 0; p < s.people; p++) {
        int often = roll(4) ? usual : roll(3) * 50, from = roll(3) ? 0 : roll(DAYS);

        s.team[p] = roll(s.teams);
        s.joined[p] = roll(5) ? 0 : roll(DAYS);
        s.left[p] = roll(8) ? DAYS - 1 : s.joined[p] + roll(DAYS - s.joined[p]);
        s.began[p] = DAYS;
        for (int d = s.joined[p]; d <= s.left[p]; d++)
            if (d >= from && roll(300) < often) {
                s.acted[p][d] = true;
                s.began[p] = d < s.began[p] ? d : s.began[p];
            }
    }
    return s;
}

/* Who counts in the week of day t, as known at its end: a working day of it is over. */
static uint32_t
counting(const struct sim *s, int t)
{
    uint32_t in = 0;

    for (int p = 0; p < s->people; p++)
        for (int d = t - t % 7; d <= t && d % 7 < 5; d++)
            if (d >= s->joined[p] && d <= s->left[p])
                in |= 1u << p;
    return in;
}

/* Who was active in days from..to. */
static uint32_t
active(const struct sim *s, int from, int to)
{
    uint32_t in = 0;

    for (int p = 0; p < s->people; p++)
        for (int d = from; d <= to; d++)
            if (s->acted[p][d])
                in |= 1u << p;
    return in;
}

static uint32_t
began_between(const struct sim *s, int from, int to)
{
    uint32_t in = 0;

    for (int p = 0; p < s->people; p++)
        if (s->began[p] >= from && s->began[p] <= to)
            in |= 1u << p;
    return in;
}

static bool
within(const struct known *a, const struct known *b)
{
    for (int w = 0; w < WEEKS; w++)
        if (a->in[w] & ~b->in[w])
            return false;
    return true;
}

/* Adds a fact; true when it is news. */
static bool
learn(struct knowledge *all, struct known k)
{
    k.size = 0;
    for (int w = 0; w < WEEKS; w++)
        k.size += __builtin_popcount(k.in[w]);
    k.lo = k.lo < 0 ? 0 : k.lo;
    k.hi = k.hi > k.size ? k.size : k.hi;
    if (!k.size)
        return false;
    for (size_t i = 0; i < all->n; i++) {
        struct known *old = &all->k[i];

        if (memcmp(old->in, k.in, sizeof k.in) != 0)
            continue;
        bool news = k.lo > old->lo || k.hi < old->hi;
        old->lo = k.lo > old->lo ? k.lo : old->lo;
        old->hi = k.hi < old->hi ? k.hi : old->hi;
        return news;
    }
    if (all->n == MOST_KNOWN)
        return false;
    all->k[all->n++] = k;
    return true;
}

/* Subtracts everything from everything it lies in, until nothing is new. */
static void
subtract(struct knowledge *all)
{
    bool news = true;

    while (news) {
        news = false;
        for (size_t i = 0; i < all->n; i++)
            for (size_t j = 0; j < all->n; j++) {
                struct known a = all->k[i], b = all->k[j];

                if (i == j || !within(&a, &b))
                    continue;
                struct known d = { .lo = b.lo - a.hi, .hi = b.hi - a.lo };
                for (int w = 0; w < WEEKS; w++)
                    d.in[w] = b.in[w] & ~a.in[w];
                news = learn(all, d) || news;
            }
    }
}

static bool
tells(const struct known *k)
{
    return k->size < SMALL && (k->hi == 0 || k->lo == k->size || (k->size < K && k->lo == k->hi));
}

/* Facts that tell on people and do not follow from a large group at 0 or 100 %, nor were
 * known `before`. */
static long
leaks(const struct knowledge *all, const struct knowledge *before)
{
    long n = 0;

    for (size_t i = 0; i < all->n; i++) {
        const struct known *k = &all->k[i];
        bool                open = tells(k);

        for (size_t j = 0; j < all->n && open; j++)
            if (all->k[j].size >= SMALL && within(k, &all->k[j]) &&
                ((k->hi == 0 && all->k[j].hi == 0) ||
                 (k->lo == k->size && all->k[j].lo == all->k[j].size)))
                open = false;
        for (size_t j = 0; before && j < before->n && open; j++)
            if (within(k, &before->k[j]) && tells(&before->k[j]))
                open = false;
        n += open;
    }
    return n;
}

/* What a published point says about the set it counts. */
static void
read_point(struct knowledge *all, const struct kpi_point *p, struct known set)
{
    if (p->band == KPI_HIDDEN)
        return;
    set.lo = p->band == KPI_BAND_LOW ? 0 : (int)p->num;
    set.hi = p->band == KPI_BAND_HIGH ? (int)p->den : (int)p->num;
    learn(all, set);
}

/* One day's weekly_active: the total (team -1) and the teams. Returns leaks of that day. */
static long
attack_day(filter *publish, const struct sim *s, int t)
{
    static const char *const name[] = { "*", "a", "b", "c", "d" };
    static struct knowledge  all;
    struct kpi_point         p[TEAMS + 1];
    uint32_t                 in = counting(s, t), did = in & active(s, t - t % 7, t);
    uint32_t                 of[TEAMS + 1] = { in };

    for (int who = 0; who < s->people; who++)
        of[1 + s->team[who]] |= in & 1u << who;
    for (int i = 0; i <= s->teams; i++)
        p[i] = (struct kpi_point){ .subject = name[i],
                                   .part = "",
                                   .complete = t % 7 == 6,
                                   .num = __builtin_popcount(of[i] & did),
                                   .den = __builtin_popcount(of[i]) };
    publish(weekly, K, p, (size_t)s->teams + 1);
    all.n = 0;
    for (int i = 0; i <= s->teams; i++)
        read_point(&all, &p[i], (struct known){ .in = { [0] = of[i] } });
    subtract(&all);
    return leaks(&all, NULL);
}

/* Retention at the end of week `last`, calendar weeks and who has started. */
static size_t
retention_at(const struct sim *s, int last, struct kpi_point *p)
{
    static char part[WEEKS][24];
    size_t      n = 0;

    for (int t = 0; t <= last; t++) {
        snprintf(part[t], sizeof part[t], "calendar/+%02d", t);
        for (int c = 0; c + t <= last; c++) {
            uint32_t cohort = began_between(s, 7 * c, 7 * c + 6);
            uint32_t in = cohort & counting(s, 7 * (c + t) + 6);
            uint32_t did = in & active(s, 7 * (c + t), 7 * (c + t) + 6);

            p[n++] = (struct kpi_point){ .bucket = 4 + 7 * c,
                                         .subject = "*",
                                         .part = part[t],
                                         .num = __builtin_popcount(did),
                                         .den = __builtin_popcount(in),
                                         .excluded = __builtin_popcount(cohort & ~in),
                                         .complete = true };
        }
    }
    for (int w = 0; w <= last; w++) {
        uint32_t in = counting(s, 7 * w + 6);

        p[n++] = (struct kpi_point){ .bucket = 4 + 7 * w,
                                     .subject = "*",
                                     .part = "started",
                                     .num = __builtin_popcount(in & began_between(s, 0, 7 * w + 6)),
                                     .den = __builtin_popcount(in),
                                     .complete = true };
    }
    return n;
}

/* Who counts in week w and whose state is not given by when they began: they began before it. */
static uint32_t
going_on(const struct sim *s, int w)
{
    return counting(s, 7 * w + 6) & began_between(s, 0, 7 * w - 1);
}

/* Which cohorts are in a point of turn t: those it is the sum of. */
static struct known
set_of(const struct sim *s, const struct kpi_point *pt, int t, int last)
{
    for (unsigned pick = 1; pick < 1u << (last + 1 - t); pick++) {
        struct known set = { .lo = 0 };
        int          den = 0, num = 0;

        for (int c = 0; c + t <= last; c++) {
            uint32_t in = began_between(s, 7 * c, 7 * c + 6) & counting(s, 7 * (c + t) + 6);

            if (!(pick >> c & 1))
                continue;
            set.in[c + t] = t ? in : 0; /* +00 tells nothing */
            den += __builtin_popcount(in);
            num += __builtin_popcount(in & active(s, 7 * (c + t), 7 * (c + t) + 6));
        }
        if (den == pt->den && (pt->band != KPI_EXACT || num == pt->num) &&
            (pick & -pick) == 1u << (pt->bucket - 4) / 7)
            return set;
    }
    return (struct known){ .lo = 0 };
}

static void
learn_totals(const struct sim *s, struct knowledge *all)
{
    for (int w = 0; w < WEEKS; w++) {
        uint32_t     in = going_on(s, w), week = counting(s, 7 * w + 6);
        struct known k = { .lo = __builtin_popcount(in & active(s, 7 * w, 7 * w + 6)) };

        k.hi = k.lo;
        k.in[w] = in;
        if (__builtin_popcount(week) >= SMALL)
            learn(all, k);
    }
}

/* Weekly totals are known, and who began when; what does retention add, week after week? */
static long
attack_retention(filter *publish, const struct sim *s)
{
    static struct knowledge before, all;
    struct kpi_point        p[WEEKS * WEEKS + WEEKS];

    before.n = all.n = 0;
    learn_totals(s, &before);
    subtract(&before);
    learn_totals(s, &all);
    for (int last = 0; last < WEEKS; last++) {
        size_t n = publish(cohorts, K, p, retention_at(s, last, p));

        for (size_t i = 0; i < n; i++)
            if (strncmp(p[i].part, "calendar/+", 10) == 0 && p[i].band != KPI_HIDDEN)
                read_point(&all, &p[i],
                           set_of(s, &p[i], (int)strtol(p[i].part + 10, NULL, 10), last));
    }
    subtract(&all);
    return leaks(&all, &before);
}

/* In how many of `sims` pilots is somebody found out? */
static int
attack(filter *publish, int sims, bool retention)
{
    int found = 0;

    dice = 88172645463325252u;
    for (int i = 0; i < sims; i++) {
        struct sim s = simulate();
        long       n = retention ? attack_retention(publish, &s) : 0;

        for (int t = 0; t < DAYS && !retention; t++)
            n += attack_day(publish, &s, t);
        found += n > 0;
    }
    return found;
}

static void
test_who_subtracts_learns_nothing(void)
{
    CHECK_I(attack(kpi_publish, 2000, false), 0);
    CHECK_I(attack(kpi_publish, 2000, true), 0);
    CHECK(attack(threshold_only, 100, false) > 10);
    CHECK(attack(threshold_only, 100, true) > 10);
}

/* What is published is worth something: teams and cohorts are not simply all hidden. */
static void
test_much_is_shown(void)
{
    long shown = 0, all = 0;

    dice = 1;
    for (int i = 0; i < 200; i++) {
        struct sim       s = simulate();
        struct kpi_point p[WEEKS * WEEKS + WEEKS];
        size_t           n = kpi_publish(cohorts, K, p, retention_at(&s, WEEKS - 1, p));

        for (size_t j = 0; j < n; j++) {
            shown += p[j].band == KPI_EXACT && p[j].den > 0;
            all++;
        }
    }
    CHECK(all > 1000);
    CHECK(shown * 10 > all);
}

int
main(void)
{
    weekly = kpi_find("weekly_active");
    cohorts = kpi_find("retention");
    T_RUN(test_who_subtracts_learns_nothing);
    T_RUN(test_much_is_shown);
    return t_end();
}
