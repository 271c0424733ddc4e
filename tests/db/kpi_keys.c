/* kpi_keys.c - KPIs against keys made by others: a real log of 13 weeks and two invented
 * pilots (tests/data/logs, tests/data/pilots). */
#include "t.h"

#include "kpi_help.h"

#include "collaudo/json.h"
#include "collaudo/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql_gen.h"

static struct pg pg;

/* --- reading --------------------------------------------------------------------- */

#define MOST_EVENTS 140000
#define MOST_PEOPLE 1000

struct log {
    struct help_event *ev;
    size_t             n, refused, repeated;
    char              *name[MOST_PEOPLE]; /* of account i, folded */
    size_t             names;
    struct arena       mem;
};

static void
log_init(struct log *l)
{
    *l = (struct log){ .ev = calloc(MOST_EVENTS, sizeof *l->ev) };
    arena_init(&l->mem, 64 << 20);
}

static void
log_free(struct log *l)
{
    for (size_t i = 0; i < l->names; i++)
        free(l->name[i]);
    free(l->ev);
    arena_free(&l->mem);
}

static int64_t
account_of(struct log *l, const char *user)
{
    const char *folded = str_fold(&l->mem, user, strlen(user));

    for (size_t i = 0; i < l->names; i++)
        if (strcmp(l->name[i], folded) == 0)
            return (int64_t)i;
    if (l->names == MOST_PEOPLE)
        abort();
    l->name[l->names] = strdup(folded);
    return (int64_t)l->names++;
}

static int64_t
source_of(const char *code)
{
    return !code || strcmp(code, "crm") == 0 ? 1 : strcmp(code, "billing") == 0 ? 2 : 3;
}

/* Takes one canonical line; false: it would be refused. */
static bool
take(struct log *l, const char *line, size_t n, usec_t received)
{
    struct help_event *ev = &l->ev[l->n];
    struct err         e = ERR_INIT;
    const cJSON       *doc;

    if (l->n == MOST_EVENTS)
        abort();
    if (!json_parse(&l->mem, line, n, &doc, &e))
        return false;
    const char *id = json_text(doc, "id"), *time = json_text(doc, "time");
    const char *user = json_text(doc, "user"), *action = json_text(doc, "action");
    if (!id || !time || !user || !action || !*action || !time_parse(time, strlen(time), &ev->at) ||
        (received && ev->at > received + 5 * USEC_MINUTE))
        return false;
    snprintf(ev->id, sizeof ev->id, "%s", id);
    snprintf(ev->action, sizeof ev->action, "%s", action);
    ev->source = source_of(json_text(doc, "source"));
    ev->account = account_of(l, user);
    l->n++;
    return true;
}

static void
take_line(void *to, const char *line, size_t n)
{
    struct log *l = to;

    CHECK(take(l, line, n, 0));
    arena_reset(&l->mem);
}

/* {"received": ..., "line": ...}; what was said before with the same id is a repetition. */
static void
take_delivery(void *to, const char *line, size_t n)
{
    struct log  *l = to;
    struct err   e = ERR_INIT;
    const cJSON *doc;

    if (!json_parse(&l->mem, line, n, &doc, &e)) {
        l->refused++; /* the tool's line is no UTF-8 */
        arena_reset(&l->mem);
        return;
    }
    const char *said = json_text(doc, "line"), *received = json_text(doc, "received");
    if (!take(l, said, strlen(said), help_time(received))) {
        l->refused++;
    } else {
        struct help_event *ev = &l->ev[l->n - 1];

        for (size_t i = 0; i + 1 < l->n; i++)
            if (l->ev[i].source == ev->source && strcmp(l->ev[i].id, ev->id) == 0) {
                l->n--;
                l->repeated++;
                break;
            }
    }
    arena_reset(&l->mem);
}

static const cJSON *
key_file(const char *path, struct arena *mem)
{
    size_t       n;
    char        *text = t_file(path, &n);
    const cJSON *doc = NULL;
    struct err   e = ERR_INIT;

    CHECK(json_parse(mem, text, n, &doc, &e));
    free(text);
    return doc;
}

static int64_t
number(const cJSON *o, const char *name)
{
    int64_t v = 0;

    json_int(o, name, &v); /* what is not listed is 0 */
    return v;
}

static const char *
week_name(int32_t monday)
{
    static char text[TIME_WEEK_LEN];

    time_week_name(monday, text);
    return text;
}

static const char *
day_name(int32_t day)
{
    static char text[TIME_DAY_LEN];

    time_day_name(day, text);
    return text;
}

/* --- the real log ------------------------------------------------------------------- */

#define UCI_START "2016-02-29"
#define UCI_WEEKS 13
#define UCI_OVER "2016-06-10T00:00:00Z"

static struct log   uci;
static struct arena uci_mem;
static const cJSON *uci_key;

static void
test_uci_loads(void)
{
    log_init(&uci);
    arena_init(&uci_mem, 16 << 20);
    uci_key = key_file("tests/data/logs/uci498_13w.key.json", &uci_mem);
    help_pilot(&pg, UCI_START, "2016-05-29", "Europe/Rome");
    help_gz_lines("tests/data/logs/uci498_13w.ndjson.gz", take_line, &uci);
    CHECK_I(uci.n, number(json_get(uci_key, "totals"), "events"));
    CHECK_I(uci.names, number(json_get(uci_key, "totals"), "users"));
    help_copy(&pg, uci.ev, uci.n);
    pg_sql(&pg,
           "analyze event; update pilot set value_like = '{%%}';"
           "select t.person(i) from generate_series(0, %zu) i; select t.roll()",
           uci.names - 1);
}

static void
test_uci_days(void)
{
    int32_t from = help_day(UCI_START);

    for (int32_t d = from; d < from + 7 * UCI_WEEKS; d++) {
        const cJSON *day = json_get(json_get(uci_key, "daily"), day_name(d));

        t_row = day_name(d);
        CHECK_I(pg_int(&pg, "select count(*) from person_day where day = '%s' and value_events > 0",
                       day_name(d)),
                number(day, "users"));
        CHECK_I(pg_int(&pg, "select events from source_day where day = '%s'", day_name(d)),
                number(day, "events"));
    }
}

static void
test_uci_weeks(void)
{
    struct arena      mem;
    size_t            n;
    struct kpi_point *p;

    arena_init(&mem, 1 << 22);
    p = help_compute(&pg, "weekly_active", UCI_OVER, NULL, &mem, &n);
    CHECK_I(n, 2 * UCI_WEEKS); /* '*' and one team */
    for (size_t i = 0; i < n; i++) {
        t_row = week_name(p[i].bucket);
        CHECK_I(p[i].num, number(json_get(json_get(uci_key, "weekly"), t_row), "users"));
        CHECK_I(p[i].den, 741);
        CHECK_I(p[i].excluded, 0);
        CHECK(p[i].complete && !p[i].no_data);
    }
    arena_free(&mem);
}

static void
test_uci_cohorts(void)
{
    struct arena      mem;
    size_t            n, seen = 0;
    struct kpi_point *p;

    arena_init(&mem, 1 << 22);
    p = help_compute(&pg, "retention", UCI_OVER, NULL, &mem, &n);
    for (size_t i = 0; i < n; i++) {
        const cJSON *cohort = json_get(json_get(uci_key, "cohorts"), week_name(p[i].bucket));
        char         at[8];

        if (strncmp(p[i].part, "calendar/+", 10) != 0)
            continue;
        t_row = p[i].part;
        snprintf(at, sizeof at, "/%ld", strtol(p[i].part + 10, NULL, 10));
        const cJSON *active = json_at(json_get(cohort, "active"), at);
        if (CHECK(active))
            CHECK_I(p[i].num, active->valueint);
        CHECK_I(p[i].den, number(cohort, "size"));
        CHECK(p[i].complete);
        seen++;
    }
    CHECK_I(seen, UCI_WEEKS * (UCI_WEEKS + 1) / 2);
    arena_free(&mem);
}

static void
check_retention(const char *kind, const char *key)
{
    struct arena      mem;
    size_t            n;
    struct kpi_point *p;

    arena_init(&mem, 1 << 22);
    p = help_compute(&pg, "retention", UCI_OVER, NULL, &mem, &n);
    for (int week = 0; week < UCI_WEEKS; week++) {
        const cJSON *want;
        char         part[32], at[8];
        int64_t      num = 0, den = 0;

        snprintf(part, sizeof part, "%s/+%02d", kind, week);
        snprintf(at, sizeof at, "%d", week);
        t_row = part;
        want = json_get(json_get(uci_key, key), at);
        for (size_t i = 0; i < n; i++)
            if (strcmp(p[i].part, part) == 0) {
                num += p[i].num;
                den += p[i].den;
            }
        CHECK_I(num, number(want, "retained"));
        CHECK_I(den, number(want, "eligible"));
        CHECK(den > 0);
    }
    arena_free(&mem);
}

static void
test_uci_retention(void)
{
    check_retention("calendar", "retention_week_calendar");
    check_retention("personal", "retention_week_personal");
}

/* Counted here from the log itself: users active in at least m of the last n weeks; the first
 * two of the thirteen are onboarding. */
static int64_t
sustained_by_hand(int m, int n)
{
    struct pilot p = help_read_pilot(&pg);
    static bool  seen[MOST_PEOPLE][UCI_WEEKS];
    int64_t      sum = 0;

    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < uci.n; i++)
        seen[uci.ev[i].account][(time_local_day(p.zone, uci.ev[i].at) - p.start) / 7] = true;
    for (size_t u = 0; u < uci.names; u++) {
        int weeks = 0;

        for (int w = UCI_WEEKS - n; w < UCI_WEEKS; w++)
            weeks += seen[u][w];
        sum += weeks >= m;
    }
    return sum;
}

static void
check_sustained(const char *params, const char *part, int64_t num, int64_t den)
{
    struct arena            mem;
    size_t                  n;
    const struct kpi_point *p, *pt;

    arena_init(&mem, 1 << 20);
    p = help_compute(&pg, "sustained_users", UCI_OVER, params, &mem, &n);
    pt = help_point(p, n, "*", part, p[0].bucket);
    if (CHECK(pt)) {
        CHECK_I(pt->num, num);
        CHECK_I(pt->den, den);
        CHECK_I(pt->excluded, 0);
        CHECK(pt->complete && !pt->no_data);
    }
    arena_free(&mem);
}

static void
test_uci_sustained(void)
{
    check_sustained("{\"min_active\":6,\"weeks\":8}", "", sustained_by_hand(6, 8), 741);
    check_sustained("{\"min_active\":7,\"weeks\":10}", "", sustained_by_hand(7, 10), 741);
    check_sustained(NULL, "", sustained_by_hand(6, 8), 741);
    check_sustained(NULL, "best", sustained_by_hand(6, 8), 741);
    check_sustained(NULL, "worst", sustained_by_hand(6, 8), 741);
    CHECK(sustained_by_hand(6, 8) > 50);
}

static void
test_uci_is_published(void)
{
    struct arena            mem;
    size_t                  n, m;
    struct kpi_point       *p;
    const struct kpi_point *pt;

    arena_init(&mem, 1 << 22);
    p = help_compute(&pg, "retention", UCI_OVER, NULL, &mem, &n);
    m = kpi_publish(kpi_find("retention"), 5, p, n);
    pt = help_point(p, m, "*", "calendar/+01", help_day(UCI_START));
    CHECK(pt && pt->band == KPI_EXACT && pt->den == 131); /* every cohort is large */
    CHECK(m > 90 && m < n); /* personal weeks that are not over for all are gone */
    p = help_compute(&pg, "weekly_active", UCI_OVER, NULL, &mem, &n);
    CHECK_I(kpi_publish(kpi_find("weekly_active"), 5, p, n), n);
    for (size_t i = 0; i < n; i++)
        CHECK_I(p[i].band, KPI_EXACT);
    arena_free(&mem);
}

static void
test_uci_without_services(void)
{
    const cJSON            *want = json_get(uci_key, "without_service_accounts");
    struct arena            mem;
    size_t                  n;
    struct kpi_point       *p;
    const struct kpi_point *pt;

    for (size_t u = 0; u < uci.names; u++)
        if (strcmp(uci.name[u], "user 44") == 0 || strcmp(uci.name[u], "user 908") == 0)
            pg_sql(&pg, "update person set role = 'service' where person_id = %zu", u);
    arena_init(&mem, 1 << 22);
    p = help_compute(&pg, "weekly_active", UCI_OVER, NULL, &mem, &n);
    for (int i = 0; i < UCI_WEEKS; i++) {
        int32_t monday = help_day(UCI_START) + 7 * i;

        t_row = week_name(monday);
        pt = help_point(p, n, "*", "", monday);
        if (CHECK(pt)) {
            CHECK_I(pt->num, number(json_get(want, "weekly_users"), week_name(monday)));
            CHECK_I(pt->den, number(want, "users"));
        }
    }
    arena_free(&mem);
    log_free(&uci);
    arena_free(&uci_mem);
}

/* --- the invented pilots, from what their tools deliver --------------------------------- */

struct invented {
    const char *name;
    size_t      loaded, repeated, refused;
    int64_t     sustained;
};

static void
load_roster(struct log *l, const char *path, struct arena *mem)
{
    const cJSON *roster = key_file(path, mem), *who;

    cJSON_ArrayForEach (who, roster) {
        const char *role = json_text(who, "role"), *team = json_text(who, "team");
        int64_t     n = account_of(l, json_text(who, "id"));

        if (strcmp(role, "bot") == 0)
            role = "service";
        else if (strcmp(role, "senior") == 0 || strcmp(role, "junior") == 0)
            role = "member";
        pg_sql(&pg, "select t.person(%d, '%s', '%s', %s)", (int)n, team ? team : "", role,
               cJSON_IsTrue(json_get(who, "seat")) ? "true" : "false");
    }
    pg_sql(&pg, "insert into account select 1, 3, aid, pilot_id, person_id, kind from account"
                " where source_id = 1");
}

static void
load_invented(const struct invented *v, struct log *l, struct arena *mem)
{
    char path[100];

    help_pilot(&pg, "2026-03-02", "2026-05-30", "Europe/Rome");
    pg_sql(&pg, "update pilot set value_like = '{%%}';"
                "insert into source (workspace_id, pilot_id, tool_id, code, made_at) values"
                " (1, 1, 1, 'tickets', '2026-01-01')");
    snprintf(path, sizeof path, "tests/data/pilots/%s/deliveries.ndjson.gz", v->name);
    help_gz_lines(path, take_delivery, l);
    CHECK_I(l->n, v->loaded);
    CHECK_I(l->repeated, v->repeated);
    CHECK_I(l->refused, v->refused);
    help_copy(&pg, l->ev, l->n);
    snprintf(path, sizeof path, "tests/data/pilots/%s/roster.json", v->name);
    load_roster(l, path, mem);
    pg_sql(&pg, "select t.roll()");
}

static void
check_weeks(const cJSON *truth)
{
    const cJSON      *want = json_get(truth, "weekly_active_seats");
    struct arena      mem;
    size_t            n;
    struct kpi_point *p;

    arena_init(&mem, 1 << 20);
    p = help_compute(&pg, "weekly_active", "2026-06-03T12:00:00Z", NULL, &mem, &n);
    CHECK_I(n, 4 * 13);
    for (size_t i = 0; i < 13; i++) {
        t_row = week_name(p[i].bucket);
        CHECK_S(p[i].subject, "*");
        CHECK_I(p[i].num, number(want, week_name(p[i].bucket)));
        CHECK_I(p[i].den, 20);
        CHECK_I(p[i].complete, i < 12); /* it ends on a Saturday */
    }
    arena_free(&mem);
}

static void
check_days(const cJSON *truth)
{
    int32_t from = help_day("2026-03-02");

    for (int32_t d = from; d < from + 90; d++) {
        t_row = day_name(d);
        CHECK_I(pg_int(&pg,
                       "select count(*) from person_day d join eligible_person using"
                       " (workspace_id, pilot_id, person_id) where day = '%s'"
                       " and value_events > 0",
                       day_name(d)),
                number(json_get(truth, "daily_active_seats"), day_name(d)));
    }
}

static void
check_features(const struct log *l, const cJSON *truth)
{
    const cJSON *want;

    cJSON_ArrayForEach (want, json_get(truth, "features_by_user")) {
        int64_t n = -1;

        t_row = want->string;
        for (size_t i = 0; i < l->names; i++)
            if (strcmp(l->name[i], want->string) == 0)
                n = (int64_t)i;
        CHECK_I(pg_int(&pg, "select count(distinct feature) from usage_day where person_id = %d",
                       (int)n),
                want->valueint);
    }
    t_row = NULL;
}

static void
check_ever_and_sustained(const cJSON *truth, int64_t sustained)
{
    struct arena            mem;
    size_t                  n;
    const struct kpi_point *p, *pt;

    arena_init(&mem, 1 << 20);
    p = help_compute(&pg, "retention", "2026-06-03T12:00:00Z", NULL, &mem, &n);
    pt = help_point(p, n, "*", "started", help_day("2026-05-25"));
    if (CHECK(pt)) {
        CHECK_I(pt->num, number(truth, "ever_active"));
        CHECK_I(pt->den, number(truth, "seats"));
    }
    p = help_compute(&pg, "sustained_users", "2026-06-03T12:00:00Z",
                     "{\"min_active\":6,\"weeks\":8}", &mem, &n);
    pt = help_point(p, n, "*", "", help_day("2026-05-18"));
    if (CHECK(pt)) {
        CHECK_I(pt->num, sustained);
        CHECK_I(pt->den, 20);
        CHECK(pt->complete);
    }
    arena_free(&mem);
}

static void
check_invented(const struct invented *v)
{
    struct log   l;
    struct arena mem;
    char         path[100];
    const cJSON *truth;

    log_init(&l);
    arena_init(&mem, 1 << 22);
    load_invented(v, &l, &mem);
    snprintf(path, sizeof path, "tests/data/pilots/%s/truth.json", v->name);
    truth = key_file(path, &mem);
    check_weeks(truth);
    check_days(truth);
    check_features(&l, truth);
    check_ever_and_sustained(truth, v->sustained);
    arena_free(&mem);
    log_free(&l);
}

static void
test_healthy(void)
{
    check_invented(&(struct invented){ "healthy", 6840, 203, 13, 15 });
}

static void
test_shelfware(void)
{
    check_invented(&(struct invented){ "shelfware", 3908, 62, 1, 4 });
}

int
main(void)
{
    pg = pg_fresh();
    T_RUN(test_uci_loads);
    T_RUN(test_uci_days);
    T_RUN(test_uci_weeks);
    T_RUN(test_uci_cohorts);
    T_RUN(test_uci_retention);
    T_RUN(test_uci_sustained);
    T_RUN(test_uci_is_published);
    T_RUN(test_uci_without_services);
    T_RUN(test_healthy);
    T_RUN(test_shelfware);
    pg_drop(&pg);
    return t_end();
}
