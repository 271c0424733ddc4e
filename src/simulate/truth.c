/* truth.c - what a perfect observer would have counted, from the plan alone, by the definitions
 * of docs/kpis.md. */
#include "simulate_int.h"

#include <string.h>

/* --- weeks --------------------------------------------------------------------------- */

bool
simulate_week(const struct simulate *s, int i, struct simulate_week *ret)
{
    int32_t              monday = time_monday(s->o.start) + 7 * i;
    int32_t              end = s->o.start + s->o.days - 1;
    struct simulate_week w = { .monday = monday,
                               .first = monday < s->o.start ? s->o.start : monday,
                               .last = monday + 6 > end ? end : monday + 6 };

    if (monday > end)
        return false;
    w.complete = w.last - w.first == 6;
    w.onboarding = w.last <= s->o.start + 13;
    for (int32_t d = w.first; d <= w.last; d++)
        w.works = w.works || s->works[d - s->o.start];
    *ret = w;
    return true;
}

/* A day on which the person was expected to work lies in the week. */
static bool
eligible(const struct simulate *s, const struct sim_person *p, const struct simulate_week *w)
{
    for (int32_t d = w->first; d <= w->last; d++)
        if (d >= p->joined && d <= p->left && s->works[d - s->o.start])
            return true;
    return false;
}

static bool
on_roster(const struct sim_person *p, const struct simulate_week *w)
{
    return sim_has_seat(p) && p->joined <= w->last && p->left >= w->first;
}

static bool
active_on(const struct simulate *s, const struct sim_person *p, int32_t day)
{
    int32_t at = day - s->o.start;

    return p->days[at / 64] >> at % 64 & 1;
}

static bool
active_in(const struct simulate *s, const struct sim_person *p, const struct simulate_week *w)
{
    for (int32_t d = w->first; d <= w->last; d++)
        if (active_on(s, p, d))
            return true;
    return false;
}

/* --- figures ------------------------------------------------------------------------------ */

static void
put_week(const struct simulate *s, const struct simulate_week *w, struct str *out)
{
    int64_t num = 0, den = 0, excluded = 0;
    char    name[TIME_WEEK_LEN];

    for (size_t i = 0; i < s->persons; i++) {
        const struct sim_person *p = &s->person[i];
        bool                     counts = on_roster(p, w) && eligible(s, p, w);

        den += counts;
        num += counts && active_in(s, p, w);
        excluded += on_roster(p, w) && !counts;
    }
    time_week_name(w->monday, name);
    str_addf(out, "\"%s\":{\"num\":%lld,\"den\":%lld,\"excluded\":%lld,\"complete\":%s}", name,
             (long long)num, (long long)den, (long long)excluded, w->complete ? "true" : "false");
}

static void
put_weeks(const struct simulate *s, struct str *out)
{
    struct simulate_week w;

    str_add(out, ",\n\"weekly_active\":{");
    for (int i = 0; simulate_week(s, i, &w); i++) {
        str_add(out, i ? ",\n  " : "\n  ");
        put_week(s, &w, out);
    }
    str_add(out, "}");
}

/* Active in enough of the last eligible weeks? -1: too few of them to say. */
static int
sustained(const struct simulate *s, const struct sim_person *p)
{
    int                  known = 0, asked = 0, active = 0, weeks = 0;
    struct simulate_week w;

    while (simulate_week(s, weeks, &w))
        weeks++;
    while (weeks-- > 0) {
        (void)simulate_week(s, weeks, &w);
        if (!w.complete || w.onboarding || !eligible(s, p, &w))
            continue;
        known++;
        if (asked == s->sustained_weeks)
            continue;
        asked++;
        active += active_in(s, p, &w);
    }
    if (known < 6)
        return -1;
    /* the mark scales with the weeks there are: ceil(m x e / n) */
    return active >= (s->sustained_active * asked + s->sustained_weeks - 1) / s->sustained_weeks;
}

static void
put_sustained(const struct simulate *s, struct str *out)
{
    int64_t num = 0, den = 0, excluded = 0;
    bool    first = true;

    str_add(out, ",\n\"sustained\":[");
    for (size_t i = 0; i < s->persons; i++) {
        if (!sim_has_seat(&s->person[i]))
            continue;
        int yes = sustained(s, &s->person[i]);
        den += yes >= 0;
        num += yes > 0;
        excluded += yes < 0;
        if (yes > 0)
            str_addf(out, "%s\"%s\"", first ? "" : ",", s->person[i].id);
        first = first && yes <= 0;
    }
    str_addf(out,
             "],\n\"sustained_users\":{\"num\":%lld,\"den\":%lld,\"excluded\":%lld,\"weeks\":%d,"
             "\"min_active\":%d}",
             (long long)num, (long long)den, (long long)excluded, s->sustained_weeks,
             s->sustained_active);
}

static void
put_days(const struct simulate *s, struct str *out)
{
    char name[TIME_DAY_LEN];

    str_add(out, ",\n\"daily_active_seats\":{");
    for (int32_t d = 0; d < s->o.days; d++) {
        int64_t n = 0;

        for (size_t i = 0; i < s->persons; i++)
            n += active_on(s, &s->person[i], s->o.start + d);
        time_day_name(s->o.start + d, name);
        str_addf(out, "%s\"%s\":%lld", d ? "," : "", name, (long long)n);
    }
    str_add(out, "}");
}

/* --- deliveries ------------------------------------------------------------------------------ */

static void
put_count(const struct sim_count *c, struct str *out)
{
    static const char *const kind[ROLES] = { [CHAMPION] = "people",
                                             [EXTERNAL] = "external",
                                             [SERVICE] = "programs",
                                             [SHARED] = "shared",
                                             [STRANGER] = "strangers" };
    int64_t                  refused = 0, events[ROLES] = { 0 };
    bool                     first = true;

    for (int i = SOUND + 1; i < REASONS; i++)
        refused += c->reason[i];
    for (int r = 0; r < ROLES; r++)
        events[kind[r] ? r : CHAMPION] += c->events[r];
    str_addf(out,
             "{\"received\":%lld,\"loaded\":%lld,\"duplicates\":%lld,\"quarantined\":%lld,"
             "\"reasons\":{",
             (long long)c->received, (long long)c->loaded, (long long)c->duplicates,
             (long long)refused);
    for (int i = SOUND + 1; i < REASONS; i++) {
        if (!c->reason[i])
            continue;
        str_addf(out, "%s\"%s\":%lld", first ? "" : ",", simulate_reasons[i],
                 (long long)c->reason[i]);
        first = false;
    }
    str_addf(out,
             "},\"late\":%lld,\"double_clicks\":%lld,\"after_leaving\":%lld,\"value_events\":%lld,"
             "\"events_by\":{",
             (long long)c->late, (long long)c->twice, (long long)c->gone,
             (long long)c->value_events);
    for (int r = 0; r < ROLES; r++)
        if (kind[r])
            str_addf(out, "%s\"%s\":%lld", r ? "," : "", kind[r], (long long)events[r]);
    str_add(out, "}}");
}

static void
put_sources(const struct simulate *s, struct str *out)
{
    struct sim_count sum = { 0 };

    str_add(out, ",\n\"sources\":{");
    for (int k = 0; k < SIMULATE_SOURCES; k++) {
        const struct sim_count *c = &s->count[k];

        str_addf(out, "%s\"%s\":", k ? ",\n  " : "\n  ", simulate_source_names[k]);
        put_count(c, out);
        sum.received += c->received;
        sum.loaded += c->loaded;
        sum.duplicates += c->duplicates;
        sum.late += c->late;
        sum.twice += c->twice;
        sum.gone += c->gone;
        sum.value_events += c->value_events;
        for (int i = 0; i < REASONS; i++)
            sum.reason[i] += c->reason[i];
        for (int r = 0; r < ROLES; r++)
            sum.events[r] += c->events[r];
    }
    str_add(out, "},\n\"totals\":");
    put_count(&sum, out);
}

/* --- people ------------------------------------------------------------------------------------
 */

enum figure { EVENTS, VALUE_EVENTS, FEATURES };

static int64_t
figure(const struct sim_person *p, enum figure what)
{
    return what == EVENTS         ? p->events
           : what == VALUE_EVENTS ? p->value_events
                                  : __builtin_popcount(p->used);
}

/* Those on the roster who have any. */
static void
put_by_user(const struct simulate *s, const char *name, enum figure what, struct str *out)
{
    bool first = true;

    str_addf(out, ",\n\"%s\":{", name);
    for (size_t i = 0; i < s->persons; i++) {
        const struct sim_person *p = &s->person[i];

        if (!sim_has_seat(p) || !figure(p, what))
            continue;
        str_addf(out, "%s\"%s\":%lld", first ? "" : ",", p->id, (long long)figure(p, what));
        first = false;
    }
    str_add(out, "}");
}

static void
put_curves(const struct simulate *s, struct str *out)
{
    str_add(out, ",\n\"curves\":{");
    for (int c = 0; c < CURVES; c++) {
        bool first = true;

        str_addf(out, "%s\"%s\":[", c ? "," : "", simulate_curve_names[c]);
        for (size_t i = 0; i < s->persons; i++) {
            if (!sim_has_seat(&s->person[i]) || s->person[i].curve != c)
                continue;
            str_addf(out, "%s\"%s\"", first ? "" : ",", s->person[i].id);
            first = false;
        }
        str_add(out, "]");
    }
    str_add(out, "}");
}

void
simulate_truth(const struct simulate *s, struct str *out)
{
    char from[TIME_DAY_LEN], to[TIME_DAY_LEN];

    time_day_name(s->o.start, from);
    time_day_name(s->o.start + s->o.days - 1, to);
    str_addf(out,
             "{\"pilot\":\"%s\",\"profile\":\"%s\",\"seed\":%lld,\"people\":%d,\"start\":\"%s\","
             "\"end\":\"%s\",\"tz\":\"%s\"",
             s->o.pilot, s->o.profile, (long long)s->o.seed, (int)s->o.people, from, to,
             time_zone_name(s->o.zone));
    put_sources(s, out);
    put_weeks(s, out);
    put_sustained(s, out);
    put_days(s, out);
    put_by_user(s, "events_by_user", EVENTS, out);
    put_by_user(s, "value_events_by_user", VALUE_EVENTS, out);
    put_by_user(s, "features_by_user", FEATURES, out);
    put_curves(s, out);
    str_add(out, "}\n");
}
