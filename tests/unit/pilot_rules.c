/* pilot_rules.c - the two rules of pilot.h that KPIs need, for tests that do not link the
 * module pilot. Weak: where it is linked, its own win. */
#include "collaudo/pilot.h"

__attribute__((weak)) int32_t
pilot_cut(const struct pilot *p, usec_t as_of)
{
    int32_t today = time_local_day(p->zone, as_of);

    return today > p->end ? p->end + 1 : today;
}

__attribute__((weak)) bool
pilot_week_complete(const struct pilot *p, int32_t monday, int32_t cut)
{
    return monday >= p->start && monday + 6 <= p->end && monday + 7 <= cut;
}
