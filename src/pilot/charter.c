/* charter.c - the charter back from its canonical bytes. See charter.h. */
#include "collaudo/charter.h"

#include "collaudo/json.h"

#include <string.h>

struct reader {
    struct arena *mem;
    struct err   *e;
};

static bool
damaged(const struct reader *r, const char *what)
{
    return err_set(r->e, ERR_INVALID, "this is no charter of ours: %s", what);
}

static int64_t
number(const cJSON *o, const char *name, int64_t otherwise)
{
    int64_t v;

    return json_int(o, name, &v) ? v : otherwise;
}

static const char *
text(const cJSON *o, const char *name)
{
    const char *s = json_text(o, name);

    return s ? s : "";
}

static size_t
count(const cJSON *array)
{
    size_t       n = 0;
    const cJSON *c;

    if (cJSON_IsArray(array))
        cJSON_ArrayForEach (c, array)
            n++;
    return n;
}

static bool
texts(const struct reader *r, const cJSON *array, const char *const **ret, size_t *ret_n)
{
    const char **v = arena_new(r->mem, const char *, count(array));
    const cJSON *c;
    size_t       n = 0;

    if (!v)
        return err_set(r->e, ERR_NOMEM, "no memory for a charter");
    if (count(array))
        cJSON_ArrayForEach (c, array) {
            if (!cJSON_IsString(c))
                return damaged(r, "a list of texts holds something else");
            v[n++] = c->valuestring;
        }
    *ret = v;
    *ret_n = n;
    return true;
}

static struct charter_mark
mark(const cJSON *o)
{
    struct charter_mark m = { .side = CHARTER_AT_LEAST };

    m.given = json_int(o, "ge_e4", &m.e4);
    if (!m.given && json_int(o, "le_e4", &m.e4))
        m = (struct charter_mark){ .given = true, .side = CHARTER_AT_MOST, .e4 = m.e4 };
    return m;
}

static bool
criterion(const struct reader *r, const cJSON *o, struct charter_criterion *c)
{
    const cJSON *params = json_get(o, "params"), *sustain = json_get(o, "sustain");
    size_t       n;

    *c = (struct charter_criterion){
        .id = text(o, "id"),
        .kpi = text(o, "kpi"),
        .params = "{}",
        .weeks = number(params, "weeks", 0),
        .target = mark(json_get(o, "target")),
        .floor = mark(json_get(o, "floor")),
        .must = cJSON_IsTrue(json_get(o, "must")),
        .observe = strcmp(text(o, "mode"), "observe") == 0,
        .weight = number(o, "weight", 1),
        .min_n = number(o, "min_n", 0),
        .min_weeks = number(o, "min_weeks", 0),
        .min_records = number(o, "min_records", 0),
        .sustain_pass = number(sustain, "pass", 0),
        .sustain_of = number(sustain, "of", 0),
        .owner = text(o, "owner"),
    };
    if (!*c->id || !*c->kpi || !c->target.given)
        return damaged(r, "a criterion without id, kpi or target");
    if (!c->floor.given) {
        c->floor = c->target;
        c->floor.given = false;
    }
    return !params || json_canonical(r->mem, params, &c->params, &n, r->e);
}

static bool
criteria(const struct reader *r, const cJSON *array, struct charter *ret)
{
    const cJSON *o;

    ret->criteria = arena_new(r->mem, struct charter_criterion, count(array));
    if (!ret->criteria)
        return err_set(r->e, ERR_NOMEM, "no memory for a charter");
    if (count(array))
        cJSON_ArrayForEach (o, array)
            if (!criterion(r, o, &ret->criteria[ret->criteria_n++]))
                return false;
    return true;
}

bool
charter_read(const char *canonical, struct arena *mem, struct charter *ret, struct err *e)
{
    const struct reader r = { mem, e };
    const cJSON        *doc, *score, *population, *privacy;

    if (!json_parse(mem, canonical, strlen(canonical), &doc, e))
        return err_wrap(e, "this is no charter of ours");
    if (number(doc, "charter", 0) != 1)
        return damaged(&r, "its version is not 1");
    score = json_get(doc, "score");
    population = json_get(doc, "population");
    privacy = json_get(doc, "privacy");
    struct charter c = {
        .go_e4 = number(score, "go_e4", 0),
        .conditional_e4 = number(score, "conditional_e4", 0),
        .min_coverage_e4 = number(score, "min_coverage_e4", 0),
        .company_seats = number(population, "company_seats", 0),
        .price_cents_month = number(population, "price_eur_seat_month_cents", 0),
        .late_grace_h = number(doc, "late_grace_h", 0),
        .min_group = number(privacy, "min_group", 0),
        .agreement_ref = text(privacy, "agreement_ref"),
        .notice_ref = text(privacy, "notice_ref"),
        .raw_retention_days = number(privacy, "raw_retention_days", 0),
    };
    if (!c.go_e4 || !c.min_group)
        return damaged(&r, "score or privacy is missing");
    if (!criteria(&r, json_get(doc, "criteria"), &c) ||
        !texts(&r, json_get(doc, "value_events"), &c.value_events, &c.value_events_n) ||
        !texts(&r, json_get(doc, "features"), &c.features, &c.features_n))
        return false;
    *ret = c;
    return true;
}
