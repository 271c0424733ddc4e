/* evaluate.c - a pilot's record from one snapshot of the database. */
#include "eval.h"

#include "sql_gen.h"

#include <string.h>

/* --- the clock ------------------------------------------------------------------------------ */

/* An archived pilot keeps its final verdict, if it lived to have one. */
static bool
is_final(const struct pilot *p, usec_t as_of)
{
    usec_t freeze = time_day_start(p->zone, p->end + 1) + p->charter.late_grace_h * USEC_HOUR;

    return !p->draft && as_of >= freeze;
}

static size_t
weeks_before(const struct pilot *p, int32_t cut, int32_t *mondays)
{
    size_t n = 0;

    for (int32_t m = time_monday(p->start); m < cut; m += 7)
        if (pilot_week_complete(p, m, cut)) {
            if (mondays)
                mondays[n] = m;
            n++;
        }
    return n;
}

static bool
set_weeks(struct gate_eval *v, struct err *e)
{
    const struct pilot *p = v->pilot;
    usec_t              grace = p->charter.late_grace_h * USEC_HOUR;

    v->cut = pilot_cut(p, v->as_of);
    v->weeks_n = weeks_before(p, v->cut, NULL);
    v->settled = weeks_before(p, pilot_cut(p, v->as_of - grace), NULL);
    v->total = weeks_before(p, p->end + 1, NULL);
    v->weeks = arena_new(v->mem, int32_t, v->weeks_n);
    if (!v->weeks)
        return err_set(e, ERR_NOMEM, "no memory for %zu weeks", v->weeks_n);
    weeks_before(p, v->cut, v->weeks);
    return true;
}

/* --- what must be known first ------------------------------------------------------ */

struct count_row {
    int64_t n;
};

static bool
count(const struct gate_eval *v, const struct db_stmt *st, const char *column,
      const struct db_arg *args, int64_t *ret, struct err *e)
{
    const struct db_col cols[] = { { .name = column, .type = DB_INT8 }, DB_COLS_END };
    struct count_row    row = { 0 };

    if (!db_one(v->db, st, args, cols, v->mem, &row, e))
        return false;
    *ret = row.n;
    return true;
}

/* Days whose marks stand: how many, and how many of them have no figures at all yet. */
static bool
count_days(const struct gate_eval *v, struct gate_wait *w, struct err *e)
{
    static const struct db_col cols[] = { DB_COL(struct gate_wait, days, DB_INT8),
                                          DB_COL(struct gate_wait, new_days, DB_INT8),
                                          DB_COLS_END };
    const struct pilot        *p = v->pilot;

    return db_one(
        v->db, &sql_gate_count_dirty,
        DB_ARGS(db_int8(p->workspace), db_int8(p->id), db_date(p->start), db_date(v->cut)), cols,
        v->mem, w, e);
}

bool
gate_waits(const struct gate_wait *w)
{
    return w->stuck || w->events > 0 || w->bytes > 0 || w->days > 0;
}

/* ERR_BUSY with what waits; false always. */
static bool
refuse(const struct gate_wait *w, struct err *e)
{
    if (w->stuck)
        return err_set(e, ERR_BUSY,
                       "no verdict now: what was received cannot be loaded; nothing is lost, the "
                       "log of the service says why");
    if (w->events > 0)
        return err_set(e, ERR_BUSY,
                       "no verdict now: %lld %s (%lld bytes) received but not yet loaded; ask "
                       "again shortly",
                       (long long)w->events, w->events == 1 ? "event is" : "events are",
                       (long long)w->bytes);
    if (w->bytes > 0)
        return err_set(e, ERR_BUSY,
                       "no verdict now: %lld bytes are received but not yet loaded; ask again "
                       "shortly",
                       (long long)w->bytes);
    return err_set(e, ERR_BUSY, "no verdict now: %lld %s must be counted again; ask again shortly",
                   (long long)w->days, w->days == 1 ? "day" : "days");
}

/* Complete weeks in which the tools were heard. */
static bool
hear_weeks(struct gate_eval *v, struct err *e)
{
    const struct kpi_def *def = kpi_find("weekly_active");
    struct kpi_point     *points;
    size_t                n;

    v->weeks_heard = (int64_t)v->weeks_n;
    if (!def)
        return true;
    if (!kpi_once(v->kpis, def, v->as_of, NULL, &points, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (points[i].complete && points[i].no_data && strcmp(points[i].subject, "*") == 0 &&
            !*points[i].part)
            v->weeks_heard--;
    return true;
}

/* --- all of it --------------------------------------------------------------------- */

static bool
judge_all(const struct gate_eval *v, struct gate_record *r, struct err *e)
{
    const struct charter *ch = &v->pilot->charter;

    r->criteria = arena_new(v->mem, struct gate_criterion, ch->criteria_n);
    if (!r->criteria)
        return err_set(e, ERR_NOMEM, "no memory for %zu criteria", ch->criteria_n);
    for (size_t i = 0; i < ch->criteria_n; i++)
        if (!gate_eval_criterion(v, &ch->criteria[i], r, &r->criteria[i], e))
            return false;
    r->criteria_n = ch->criteria_n;
    return true;
}

static bool
fill(struct gate_eval *v, const struct gate_health *h, usec_t now, bool look, struct gate_record *r,
     struct err *e)
{
    const struct pilot *p = v->pilot;

    if (!count_days(v, &r->wait, e))
        return false;
    if (!look && gate_waits(&r->wait))
        return refuse(&r->wait, e);
    return count(v, &sql_gate_count_people, "people",
                 DB_ARGS(db_int8(p->workspace), db_int8(p->id)), &v->people, e) &&
           hear_weeks(v, e) && gate_eval_evidence(v, h, now, r, e) && judge_all(v, r, e);
}

/* Inside an open reading transaction. */
static bool
evaluate(struct kpi_reader *kpis, usec_t as_of, usec_t now, const struct gate_health *h, bool look,
         struct gate_record *ret, struct err *e)
{
    const struct pilot *p = kpis->pilot;
    /* What has not happened yet cannot be judged; a replayed history has happened. */
    usec_t             clock = as_of > now && !p->replay ? now : as_of;
    struct gate_record r = { .pilot = p, .as_of = clock };
    struct gate_eval   v = {
          .db = kpis->db, .pilot = p, .mem = kpis->mem, .kpis = kpis, .as_of = clock
    };

    r.wait = (struct gate_wait){ .events = h->backlog_events,
                                 .bytes = h->backlog_bytes,
                                 .stuck = h->stuck };
    v.final = is_final(p, clock);
    if (!set_weeks(&v, e))
        return err_wrap(e, "pilot %s", p->code);
    r.cut = v.cut;
    r.state = pilot_state_at(p, clock);
    r.final = v.final;
    if (!fill(&v, h, now, look, &r, e))
        return err_wrap(e, "pilot %s", p->code);
    if (!gate_conclude(&r, v.mem, e))
        return false;
    *ret = r;
    return true;
}

bool
gate_evaluate(struct db *db, const struct pilot *p, usec_t as_of, usec_t now,
              const struct gate_health *health, struct arena *mem, struct gate_record *ret,
              struct err *e)
{
    struct kpi_reader kpis = { .db = db, .pilot = p, .mem = mem };

    if (!db_begin_read(db, p->workspace, e))
        return false;
    if (!evaluate(&kpis, as_of, now, health, false, ret, e)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, e);
}

bool
gate_look(struct kpi_reader *kpis, usec_t as_of, usec_t now, const struct gate_health *health,
          struct gate_record *ret, struct err *e)
{
    return evaluate(kpis, as_of, now, health, true, ret, e);
}
