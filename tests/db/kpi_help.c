/* kpi_help.c - see kpi_help.h. */
#include "kpi_help.h"

#include "collaudo/zip.h"

#include "sql_gen.h"
#include "t.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char functions_sql[] =
    "create schema if not exists t;"
    "create or replace function t.aid(n bigint) returns uuid language sql as"
    " $$ select lpad(to_hex(n), 32, '0')::uuid $$;"
    "create or replace function t.person(n int, cell text default 'a', role text default 'member',"
    " seat boolean default true, joined date default null, left_on date default null)"
    " returns void language sql as $$"
    " insert into person (workspace_id, pilot_id, person_id, ref, sealed, role, team, cell, seat,"
    " joined, left_on) values (1, 1, n, t.aid(n), '', role, 'team of ' || cell, cell, seat, joined,"
    " left_on);"
    " insert into account select 1, s, t.aid(n), 1, n, 'named' from generate_series(1, 2) s $$;"
    "create sequence if not exists t.event;"
    "create or replace function t.act(n int, at timestamp, action text default 'deal.move',"
    " source int default 1) returns void language sql as $$"
    " insert into event select 1, source, nextval('t.event'), 1, at at time zone tz, at at time "
    "zone"
    " tz, case when n is not null then t.aid(n) end, t.aid(0), 0, 0, action, action"
    " from pilot where pilot_id = 1 $$;"
    "create or replace function t.alive(source int, first date, last date) returns void"
    " language sql as $$ insert into heartbeat"
    " select 1, source, (day + time '12:00') at time zone tz from pilot_day join pilot"
    " using (workspace_id, pilot_id) where working and day between first and last $$;"
    "create or replace function t.roll() returns void language sql as $$"
    " select rollup_days(1, source_id, (select array_agg(day) from ("
    "  select distinct (happened_at at time zone tz)::date as day from event e"
    "  where e.source_id = s.source_id"
    "  union select (hour at time zone tz)::date from heartbeat h where h.source_id = s.source_id"
    "  union select day from source_day d where d.source_id = s.source_id) x))"
    " from source s join pilot using (workspace_id, pilot_id) $$;";

void
help_pilot(struct pg *pg, const char *start, const char *end, const char *tz)
{
    static char made[sizeof pg->name]; /* the functions stay in the database */

    if (strcmp(made, pg->name) != 0)
        pg_sql(pg, "set client_min_messages = warning; %s", functions_sql);
    snprintf(made, sizeof made, "%s", pg->name);
    pg_sql(pg,
           "set client_min_messages = warning; truncate workspace, pilot_code, journal, "
           "import_line, heartbeat, event, intake_day,"
           " dirty_day, usage_day, person_day, source_day restart identity cascade;"
           "insert into workspace (code, name, made_at) values ('w', 'W', '2026-01-01');"
           "insert into tool (workspace_id, code, name) values (1, 'crm', 'CRM');"
           "insert into pilot (workspace_id, code, name, state, tz, start_day, end_day, value_like,"
           " charter, charter_hash, sealed_at, made_at, changed_at) values (1, 'p', 'P', 'sealed',"
           " '%s', '%s', '%s', '{deal.%%}', '{}', sha256(''), '2026-01-01', '2026-01-01',"
           " '2026-01-01');"
           "insert into source (workspace_id, pilot_id, tool_id, code, made_at) values"
           " (1, 1, 1, 'crm', '2026-01-01'), (1, 1, 1, 'billing', '2026-01-01');"
           "insert into pilot_day select 1, 1, d, date_trunc('week', d), extract(isodow from d) < 6"
           " and d not in ('2026-04-06', '2026-05-01') from generate_series('%s'::timestamp, '%s',"
           " '1 day') d",
           tz, start, end, start, end);
}

int32_t
help_day(const char *day)
{
    int32_t d;

    if (!time_parse_day(day, &d))
        abort();
    return d;
}

usec_t
help_time(const char *rfc3339)
{
    usec_t t;

    if (!time_parse(rfc3339, strlen(rfc3339), &t))
        abort();
    return t;
}

struct pilot
help_read_pilot(struct pg *pg)
{
    struct pilot p = { .workspace = 1, .id = 1, .charter.min_group = 5 };
    struct err   e = ERR_INIT;
    char         start[11], end[11], tz[64];
    char        *row = pg_text(pg, "select start_day || ' ' || end_day || ' ' || tz from pilot");

    if (!row || sscanf(row, "%10s %10s %63s", start, end, tz) != 3 ||
        !time_zone_find(tz, &p.zone, &e))
        abort();
    p.start = help_day(start);
    p.end = help_day(end);
    free(row);
    return p;
}

struct kpi_point *
help_compute(struct pg *pg, const char *kpi, const char *as_of, const char *params,
             struct arena *mem, size_t *ret_n)
{
    struct pilot      p = help_read_pilot(pg);
    struct db        *db = pg_app(pg);
    struct err        e = ERR_INIT;
    struct kpi_point *points = NULL;

    if (!kpi_find(kpi) || !db_begin_read(db, p.workspace, &e) ||
        !kpi_compute(db, kpi_find(kpi), &p, help_time(as_of), params, mem, &points, ret_n, &e) ||
        !db_commit(db, &e)) {
        fprintf(stderr, "%s: %s\n", kpi, e.text);
        exit(1);
    }
    return points;
}

const struct kpi_point *
help_point(const struct kpi_point *p, size_t n, const char *subject, const char *part,
           int32_t bucket)
{
    for (size_t i = 0; i < n; i++)
        if (p[i].bucket == bucket && strcmp(p[i].subject, subject) == 0 &&
            strcmp(p[i].part, part) == 0)
            return &p[i];
    return NULL;
}

/* --- files ------------------------------------------------------------------------ */

struct lines {
    help_line *fn;
    void      *to;
    char      *buf;
    size_t     n, cap;
};

static bool
cut_lines(void *to, const void *bytes, size_t n, struct err *e)
{
    struct lines *l = to;
    char         *from, *nl;

    (void)e;
    if (l->n + n > l->cap) {
        l->cap = (l->n + n) * 2;
        if (!(l->buf = realloc(l->buf, l->cap)))
            abort();
    }
    memcpy(l->buf + l->n, bytes, n);
    l->n += n;
    for (from = l->buf; (nl = memchr(from, '\n', l->n - (size_t)(from - l->buf))); from = nl + 1)
        l->fn(l->to, from, (size_t)(nl - from));
    l->n -= (size_t)(from - l->buf);
    memmove(l->buf, from, l->n);
    return true;
}

void
help_gz_lines(const char *path, help_line *fn, void *to)
{
    size_t         n;
    char          *gz = t_file(path, &n);
    struct zip_in *z = zip_in_new((size_t)1 << 30);
    struct lines   l = { .fn = fn, .to = to };
    struct err     e = ERR_INIT;

    if (!zip_in_push(z, gz, n, cut_lines, &l, &e) || !zip_in_end(z, &e) || l.n) {
        fprintf(stderr, "%s: %s\n", path, e.text);
        exit(1);
    }
    zip_in_close(z);
    free(l.buf);
    free(gz);
}

/* --- events ------------------------------------------------------------------------- */

struct hash_id
help_aid(int64_t account)
{
    struct hash_id id = { { 0 } };
    uint64_t       big = htobe64((uint64_t)account);

    memcpy(id.b + 8, &big, 8);
    return id;
}

static void
copy_event(struct db_copy *c, const struct help_event *ev)
{
    struct hash_id aid = help_aid(ev->account), none = help_aid(0);

    db_copy_row(c, 12);
    db_copy_int8(c, 1);
    db_copy_int8(c, ev->source);
    db_copy_text(c, ev->id, strlen(ev->id));
    db_copy_int8(c, 1);
    db_copy_time(c, ev->at);
    db_copy_time(c, ev->at);
    if (ev->account < 0)
        db_copy_null(c);
    else
        db_copy_uuid(c, &aid);
    db_copy_uuid(c, &none);
    db_copy_int2(c, 0);
    db_copy_int2(c, 0);
    db_copy_text(c, ev->action, strlen(ev->action));
    db_copy_text(c, ev->action, strlen(ev->action)); /* as feature */
}

void
help_copy(struct pg *pg, const struct help_event *ev, size_t n)
{
    const struct db_stmt copy = {
        .name = "test/copy",
        .sql = "copy event (workspace_id, source_id, event_id, pilot_id, happened_at, received_at,"
               " aid, hash, type, status, action, feature) from stdin (format binary)",
    };
    struct db      *db = pg_loader(pg);
    struct db_copy *c;
    struct err      e = ERR_INIT;

    if (!db_begin_control(db, &e) || !db_copy_begin(db, &copy, &c, &e))
        abort();
    for (size_t i = 0; i < n; i++)
        copy_event(c, &ev[i]);
    if (!db_copy_end(c, &e) || !db_commit(db, &e)) {
        fprintf(stderr, "copy: %s\n", e.text);
        exit(1);
    }
}
