/* gate_outlook.c - what is still to come: secured or out of reach before the end. */
#include "t.h"

#include "collaudo/gate.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* clang-format off */
#define GE(x)   { .given = true, .side = CHARTER_AT_LEAST, .e4 = (x) }
#define LE(x)   { .given = true, .side = CHARTER_AT_MOST, .e4 = (x) }
#define NO_DATA { 0, 0, 0, true }
#define W(n, d) { 0, (n), (d), false }
/* clang-format on */

struct outlook_row {
    const char              *name;
    struct charter_criterion c;
    bool                     weekly;
    struct gate_week         week[6];
    size_t                   n;
    struct gate_future       next;
    unsigned                 flags;
};

/* clang-format off */
static const struct outlook_row outlook_rows[] = {
    { "two empty weeks of four, target 0.5: just possible", { .target = GE(5000) }, true,
      { W(0, 10), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = 10 }, 0 },
    { "target 0.51: not any more", { .target = GE(5100) }, true,
      { W(0, 10), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = 10 }, GATE_IMPOSSIBLE },
    { "a larger roster could still", { .target = GE(5100) }, true,
      { W(0, 10), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = 11 }, 0 },
    { "not settled is not lost", { .target = GE(5100) }, true,
      { W(0, 10), W(0, 10) }, 2, { .settled = 1, .total = 4, .room = 10 }, 0 },
    { "two full weeks of four, target 0.5: whatever comes", { .target = GE(5000) }, true,
      { W(10, 10), W(10, 10) }, 2, { .settled = 2, .total = 4, .room = 10 }, GATE_SECURED },
    { "target 0.51: not yet", { .target = GE(5100) }, true,
      { W(10, 10), W(10, 10) }, 2, { .settled = 2, .total = 4, .room = 10 }, 0 },
    { "only the last two will count: all open", { .target = GE(5100), .weeks = 2 }, true,
      { W(0, 10), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = 10 }, 0 },
    { "the last three: one is known", { .target = GE(7000), .weeks = 3 }, true,
      { W(10, 10), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = 10 }, GATE_IMPOSSIBLE },
    { "le: already too many", { .target = LE(2000) }, true,
      { W(9, 10) }, 1, { .settled = 1, .total = 4, .room = 10 }, GATE_IMPOSSIBLE },
    { "le: exactly bearable", { .target = LE(2000) }, true,
      { W(8, 10) }, 1, { .settled = 1, .total = 4, .room = 10 }, 0 },
    { "le: can only rise to the mark", { .target = LE(7500) }, true,
      { W(0, 10) }, 1, { .settled = 1, .total = 4, .room = 10 }, GATE_SECURED },
    { "nobody knows how large a week may be", { .target = GE(5100) }, true,
      { W(0, 10), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = -1 }, 0 },
    { "all over, met", { .target = GE(5000) }, true,
      { W(5, 10) }, 1, { .settled = 1, .total = 1, .room = 10 }, GATE_SECURED },
    { "all over, missed", { .target = GE(5000) }, true,
      { W(4, 10) }, 1, { .settled = 1, .total = 1, .room = 10 }, GATE_IMPOSSIBLE },
    { "all over, nothing counted", { .target = GE(5000) }, true,
      { NO_DATA }, 1, { .settled = 1, .total = 1, .room = 10 }, 0 },
    { "3 of 4: two lost", { .target = GE(5000), .sustain_pass = 3, .sustain_of = 4 }, true,
      { W(0, 10), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = -1 }, GATE_IMPOSSIBLE },
    { "3 of 4: one lost", { .target = GE(5000), .sustain_pass = 3, .sustain_of = 4 }, true,
      { W(0, 10), W(9, 10) }, 2, { .settled = 2, .total = 4, .room = -1 }, 0 },
    { "3 of 4: three won", { .target = GE(5000), .sustain_pass = 3, .sustain_of = 4 }, true,
      { W(9, 10), W(9, 10), W(5, 10) }, 3, { .settled = 3, .total = 4, .room = -1 }, GATE_SECURED },
    { "3 of 4: won weeks that will not count", { .target = GE(5000), .sustain_pass = 3, .sustain_of = 4 }, true,
      { W(9, 10), W(9, 10), W(5, 10) }, 3, { .settled = 3, .total = 6, .room = -1 }, 0 },
    { "3 of 4: a silent week proves nothing", { .target = GE(5000), .sustain_pass = 3, .sustain_of = 4 }, true,
      { NO_DATA, W(0, 10) }, 2, { .settled = 2, .total = 4, .room = -1 }, 0 },
    { "3 of 4: nor does a week of too few people", { .target = GE(5000), .min_n = 5, .sustain_pass = 3, .sustain_of = 4 }, true,
      { W(0, 4), W(0, 10) }, 2, { .settled = 2, .total = 4, .room = -1 }, 0 },
    { "its own extremes: too few at best", { .target = GE(7000), .min_n = 5 }, false, { W(0, 4) }, 1,
      { .bounded = true, .high = { 0, 4 }, .low = { 0, 5 } }, 0 },
    { "its own extremes: too few at worst", { .target = GE(7000), .min_n = 5 }, false, { W(0, 4) }, 1,
      { .bounded = true, .high = { 0, 5 }, .low = { 0, 4 } }, 0 },
    { "its own extremes: cannot", { .target = GE(7000) }, false, { W(4, 20) }, 1,
      { .bounded = true, .high = { 13, 20 }, .low = { 2, 20 } }, GATE_IMPOSSIBLE },
    { "its own extremes: can, exactly", { .target = GE(7000) }, false, { W(4, 20) }, 1,
      { .bounded = true, .high = { 14, 20 }, .low = { 2, 20 } }, 0 },
    { "its own extremes: must", { .target = GE(7000) }, false, { W(4, 20) }, 1,
      { .bounded = true, .high = { 20, 20 }, .low = { 14, 20 } }, GATE_SECURED },
    { "its own extremes, le: cannot", { .target = LE(1000) }, false, { W(4, 20) }, 1,
      { .bounded = true, .high = { 20, 20 }, .low = { 3, 20 } }, GATE_IMPOSSIBLE },
    { "its own extremes, le: must", { .target = LE(1000) }, false, { W(4, 20) }, 1,
      { .bounded = true, .high = { 2, 20 }, .low = { 0, 20 } }, GATE_SECURED },
    { "its own extremes: nobody to count", { .target = GE(7000) }, false, { W(0, 0) }, 1,
      { .bounded = true, .high = { 0, 0 }, .low = { 0, 0 } }, 0 },
    { "its own extremes: too few at the end", { .target = GE(7000), .min_n = 5 }, false, { W(0, 4) }, 1,
      { .bounded = true, .high = { 0, 4 }, .low = { 0, 4 } }, 0 },
    { "its own extremes: just enough at the end", { .target = GE(7000), .min_n = 4 }, false, { W(0, 4) }, 1,
      { .bounded = true, .high = { 0, 4 }, .low = { 0, 4 } }, GATE_IMPOSSIBLE },
    { "all over, too few", { .target = GE(5000), .min_n = 11 }, true,
      { W(0, 10) }, 1, { .settled = 1, .total = 1, .room = 10 }, 0 },
    { "cohorts: 10 more may join, cannot", { .target = GE(7000) }, false, { W(1, 6), W(0, 4) }, 2,
      { .room = 10 }, GATE_IMPOSSIBLE },
    { "cohorts: 25 more may join, can", { .target = GE(7000) }, false, { W(1, 6), W(0, 4) }, 2,
      { .room = 25 }, 0 },
    { "cohorts: all have joined and come back", { .target = GE(7000) }, false, { W(6, 6), W(1, 4) }, 2,
      { .room = 0 }, GATE_SECURED },
    { "no target", { .weight = 1 }, false, { W(0, 10) }, 1, { .room = 0 }, 0 },
    { "damaged", { .target = GE(7000) }, false, { W(-1, 10) }, 1, { .room = 0 }, 0 },
    { "more settled weeks than weeks", { .target = GE(7000) }, true, { W(0, 10) }, 1,
      { .settled = 2, .total = 2, .room = 0 }, 0 },
};
/* clang-format on */

static void
test_outlook(void)
{
    for (size_t i = 0; i < COUNT(outlook_rows); i++) {
        const struct outlook_row *r = &outlook_rows[i];
        struct gate_figures       f = { .weekly = r->weekly, .week = r->week, .n = r->n };

        t_row = r->name;
        CHECK_I(gate_outlook(&r->c, &f, &r->next), r->flags);
        f.unknown_kpi = true;
        CHECK_I(gate_outlook(&r->c, &f, &r->next), 0);
    }
    t_row = NULL;
}

int
main(void)
{
    T_RUN(test_outlook);
    return t_end();
}
