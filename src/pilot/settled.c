/* settled.c - what the clock has settled: figures that people have seen do not change behind them.
 *
 * Once late_grace is over the verdict is final, and the roster it was reached with stands. Before
 * that, whoever joined or left may be told a week late, and not later. */
#include "declare_int.h"

#define REACH_DAYS 7

void
declare_refuse_final(struct declare_job *j, const char *kind, const cJSON *at, const char *what)
{
    usec_t since = pilot_frozen_from(&j->is);
    char   day[TIME_DAY_LEN];

    if (since < j->is.sealed_at) /* history, sealed when it was over already */
        since = j->is.sealed_at;
    time_day_name(time_local_day(j->is.zone, since), day);
    declare_refuse(j, ERR_CONFLICT, kind, at,
                   "%s: the verdict of pilot %s is final since %s; the roster stands%s", what,
                   j->is.code, day, j->is.replay ? " (aliases may be added)" : "");
}

void
declare_check_reach(struct declare_job *j, const struct decl_person *p, const char *key,
                    int32_t first)
{
    int32_t least = time_local_day(j->is.zone, j->now) - REACH_DAYS;
    char    from[TIME_DAY_LEN], reach[TIME_DAY_LEN];

    if (first < j->is.start)
        first = j->is.start;
    if (first >= least)
        return;
    time_day_name(first, from);
    time_day_name(least, reach);
    declare_refuse(j, ERR_CONFLICT, "person", p->at.node,
                   "%s.%s would change figures from %s on, which are counted and shown already: a "
                   "roster is corrected %d days back at most, from %s on",
                   conf_path(p->at.node, j->mem), key, from, REACH_DAYS, reach);
}
