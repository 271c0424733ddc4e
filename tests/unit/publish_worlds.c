/* publish_worlds.c - the attacker on the filter for small groups who knows the filter itself: for
 * every combination of group sizes it publishes every possible week and asks what all weeks
 * with the same publication have in common. It must find nothing, and much where the filter
 * is a mere threshold, or the textbook's second cell. */
#include "t.h"

#include "filters.h"

#include <stdlib.h>
#include <string.h>

static const struct kpi_def *weekly;

#define MOST_CELLS 4
#define MOST_WORLDS 200000

struct world {
    uint64_t seen; /* hash of what is published */
    int      n[MOST_CELLS];
};

static struct world worlds[MOST_WORLDS];

static uint64_t
hash_points(const struct kpi_point *p, size_t n)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < n; i++) {
        h = (h ^ (uint64_t)p[i].band) * 1099511628211u;
        h = (h ^ (uint64_t)p[i].num) * 1099511628211u;
        h = (h ^ (uint64_t)p[i].den) * 1099511628211u;
        h = (h ^ (uint64_t)(p[i].excluded + 1)) * 1099511628211u;
    }
    return h;
}

static int
by_seen(const void *a, const void *b)
{
    const struct world *p = a, *q = b;

    return (p->seen > q->seen) - (p->seen < q->seen);
}

/* Do all worlds w[0..n) agree on somebody? Agreement on 10 people or more is what an exact
 * large group at 0 or 100 % says; below that it is a leak, and so is any number of fewer than k. */
static bool
agree(const struct world *w, size_t n, const int *den, int cells)
{
    int none = 0, all = 0;

    for (int c = 0; c < cells; c++) {
        bool same = true;

        for (size_t i = 1; i < n && same; i++)
            same = w[i].n[c] == w[0].n[c];
        if (!same || !den[c])
            continue;
        none += w[0].n[c] == 0 ? den[c] : 0;
        all += w[0].n[c] == den[c] ? den[c] : 0;
        if (den[c] < K && w[0].n[c] != 0 && w[0].n[c] != den[c])
            return true;
    }
    return (none && none < SMALL) || (all && all < SMALL);
}

/* Publishes every week that groups of these sizes can have; the last cell may have no point of
 * its own (people in no team). Returns how many publications tell on somebody. */
static long
attack_sizes(filter *publish, const int *den, int cells, bool last_is_rest, bool complete)
{
    static const char *const name[] = { "a", "b", "c", "d" };
    int                      n[MOST_CELLS] = { 0 }, total = 0, at;
    size_t                   count = 0, end;
    long                     leaks = 0;

    for (int c = 0; c < cells; c++)
        total += den[c];
    do {
        struct kpi_point p[MOST_CELLS + 1] = {
            { .subject = "*", .part = "", .den = total, .complete = complete }
        };
        size_t points = 1;

        for (int c = 0; c < cells; c++) {
            p[0].num += n[c];
            if (c < cells - last_is_rest)
                p[points++] = (struct kpi_point){
                    .subject = name[c], .part = "", .num = n[c], .den = den[c], .complete = complete
                };
        }
        points = publish(weekly, K, p, points);
        if (count == MOST_WORLDS)
            abort();
        worlds[count].seen = hash_points(p, points);
        memcpy(worlds[count++].n, n, sizeof n);
        for (at = 0; at < cells && n[at] == den[at]; at++)
            n[at] = 0;
        if (at < cells)
            n[at]++;
    } while (at < cells);
    qsort(worlds, count, sizeof *worlds, by_seen);
    for (size_t i = 0; i < count; i = end) {
        for (end = i + 1; end < count && worlds[end].seen == worlds[i].seen;)
            end++;
        leaks += agree(worlds + i, end - i, den, cells);
    }
    return leaks;
}

static long
attack_all_sizes(filter *publish, bool complete)
{
    long leaks = 0;
    int  d[MOST_CELLS];

    for (d[0] = 1; d[0] <= 12; d[0]++) /* two and three groups of every size */
        for (d[1] = d[0]; d[1] <= 12; d[1]++) {
            leaks += attack_sizes(publish, d, 2, false, complete);
            for (d[2] = d[1]; d[2] <= 12; d[2]++) {
                leaks += attack_sizes(publish, d, 3, false, complete);
                leaks += attack_sizes(publish, d, 3, true, complete);
            }
        }
    static const int some[] = { 2, 4, 5, 6, 8, 11 }; /* four of some */
    for (int a = 0; a < 6; a++)
        for (int b = a; b < 6; b++)
            for (int c = b; c < 6; c++)
                for (int e = c; e < 6; e++)
                    leaks += attack_sizes(publish, (int[]){ some[a], some[b], some[c], some[e] }, 4,
                                          false, complete);
    return leaks;
}

static void
test_who_knows_the_filter_learns_nothing(void)
{
    CHECK_I(attack_all_sizes(kpi_publish, true), 0);
    CHECK_I(attack_all_sizes(kpi_publish, false), 0);
    CHECK(attack_all_sizes(threshold_only, true) > 1000);
    CHECK(attack_all_sizes(second_cell, true) > 100);
}

/* --- three parts at once ---------------------------------------------------------------- */

/* Of each group: how many are sure to reach the mark (worst), are there now, can reach it
 * (best); who is counted in one is counted in the next. */
static const char *const part[] = { "worst", "", "best" };

static uint64_t
publish_parts(filter *publish, const int *den, int cells, int n[MOST_CELLS][3])
{
    static const char *const name[] = { "a", "b", "c", "d" };
    struct kpi_point         p[3 * (MOST_CELLS + 1)];
    size_t                   points = 0;

    for (int t = 0; t < 3; t++) {
        struct kpi_point *total = &p[points++];

        *total = (struct kpi_point){ .subject = "*", .part = part[t], .complete = true };
        for (int c = 0; c < cells; c++) {
            total->num += n[c][t];
            total->den += den[c];
            p[points++] = (struct kpi_point){
                .subject = name[c], .part = part[t], .num = n[c][t], .den = den[c], .complete = true
            };
        }
    }
    return hash_points(p, publish(kpi_find("sustained_users"), K, p, points));
}

/* The next n[0] <= n[1] <= n[2] <= den; false after the last. */
static bool
next_parts(int n[3], int den)
{
    for (int t = 2; t >= 0; t--)
        if (n[t] < den) {
            int v = n[t] + 1;

            for (; t < 3; t++)
                n[t] = v;
            return true;
        }
    n[0] = n[1] = n[2] = 0;
    return false;
}

/* Each part is asked alone, in the light of all three publications. */
static long
attack_parts(filter *publish, const int *den, int cells)
{
    static struct parts {
        uint64_t seen;
        int      n[MOST_CELLS][3];
    } all[MOST_WORLDS];
    static struct world one[MOST_WORLDS];
    int                 n[MOST_CELLS][3] = { 0 }, at;
    size_t              count = 0, end;
    long                leaks = 0;

    do {
        if (count == MOST_WORLDS)
            abort();
        all[count].seen = publish_parts(publish, den, cells, n);
        memcpy(all[count++].n, n, sizeof n);
        for (at = 0; at < cells && !next_parts(n[at], den[at]);)
            at++;
    } while (at < cells);
    for (int t = 0; t < 3; t++) {
        for (size_t i = 0; i < count; i++) {
            one[i].seen = all[i].seen;
            for (int c = 0; c < cells; c++)
                one[i].n[c] = all[i].n[c][t];
        }
        qsort(one, count, sizeof *one, by_seen);
        for (size_t i = 0; i < count; i = end) {
            for (end = i + 1; end < count && one[end].seen == one[i].seen;)
                end++;
            leaks += agree(one + i, end - i, den, cells);
        }
    }
    return leaks;
}

static void
test_parts_together(void)
{
    static const int size[] = { 2, 4, 5, 6, 8, 10, 11 };
    long             naive = 0;

    for (int a = 0; a < 7; a++)
        for (int b = a; b < 7; b++) {
            CHECK_I(attack_parts(kpi_publish, (int[]){ size[a], size[b] }, 2), 0);
            naive += attack_parts(threshold_only, (int[]){ size[a], size[b] }, 2);
        }
    CHECK_I(attack_parts(kpi_publish, (int[]){ 5, 5, 5 }, 3), 0);
    CHECK_I(attack_parts(kpi_publish, (int[]){ 3, 5, 6 }, 3), 0);
    CHECK(naive > 100);
}

int
main(void)
{
    weekly = kpi_find("weekly_active");
    T_RUN(test_who_knows_the_filter_learns_nothing);
    T_RUN(test_parts_together);
    return t_end();
}
