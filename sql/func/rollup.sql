-- rollup.sql - counts some local days of one source again, from its events.
--
-- rollup_days() is idempotent: the rows of those days go, and what the events say now comes.
-- Late, erased and newly assigned events need nothing but the day marked dirty. Called by the
-- loader's role, in a transaction of its own or with others (READ COMMITTED).
--
-- A day is a local day of the pilot's time zone, of 23 to 25 hours. The zone is asked once per
-- quarter of an hour, not once per event, which would take most of the time: clocks differ from UTC
-- and change by whole quarters everywhere. Days that lie together become one range of
-- instants, and all ranges go into one scan: an import of 90 days in any order is read once, one
-- day alone touches the pages near it.
--
-- What came for a day of the window after the figures were frozen is in no figure: a final
-- verdict is never rewritten. Such events are stored, and counted as late_events.
create or replace function collaudo.rollup_days(p_workspace bigint, p_source bigint, p_days date[])
    returns void
    language plpgsql
    set search_path = collaudo, pg_temp
as $fn$
declare
    p         record;
    v_days    date[];
    v_quarter int[];  -- quarters of an hour since 1970: of which day, and of its how-many-th hour
    v_day     date[];
    v_hour    int[];
    v_ranges  text;
    v_frozen  timestamptz;
begin
    select array_agg(distinct d order by d) into v_days from unnest(p_days) as d where d is not null;
    if v_days is null then
        return;
    end if;

    -- Two sources of a pilot write the same rows of person_day: they take turns here.
    select l.pilot_id, l.tz, l.value_like, l.end_day, l.late_grace_h into p
    from pilot l
    where l.workspace_id = p_workspace
      and l.pilot_id = (select s.pilot_id from source s
                        where s.workspace_id = p_workspace and s.source_id = p_source)
    for no key update;
    if not found then
        raise foreign_key_violation using message = 'no such source';
    end if;
    v_frozen := frozen_from(p.tz, p.end_day, p.late_grace_h);

    -- Three hours more on both sides: midnight may come twice, or not at all.
    with quarter as (
        select date_part('epoch', t)::bigint / 900 as quarter, (t at time zone p.tz)::date as day
        from generate_series((v_days[1]::timestamp at time zone p.tz) - interval '3 hours',
                             ((v_days[cardinality(v_days)] + 1)::timestamp at time zone p.tz)
                                 + interval '3 hours', interval '15 minutes') as t
    ), wanted as (
        select quarter, day, (quarter - min(quarter) over (partition by day)) / 4 as hour
        from quarter where day = any (v_days)
    ), gap as (
        select *, (quarter - coalesce(lag(quarter) over (order by quarter), 0) > 1)::int as opens
        from wanted
    ), run as (
        select *, case when sum(opens) over () > 16 then 0
                       else sum(opens) over (order by quarter) end as run
        from gap
    ), range as (
        select min(quarter) as first, max(quarter) + 1 as beyond from run group by run
    )
    select array_agg(quarter), array_agg(day), array_agg(hour),
           (select string_agg(format('e.happened_at >= %L and e.happened_at < %L',
                                     to_timestamp(first * 900), to_timestamp(beyond * 900)), ' or ')
            from range)
    into v_quarter, v_day, v_hour, v_ranges
    from wanted;

    delete from usage_day
    where workspace_id = p_workspace and pilot_id = p.pilot_id and source_id = p_source
      and day = any (v_days);
    delete from source_day
    where workspace_id = p_workspace and source_id = p_source and day = any (v_days);

    -- A logon (type 3, auth) is no value event, even where the charter counts every action.
    -- With the instants as constants in its text, the plan fits the days asked for. Nothing to
    -- look for on a day that the zone left out when it crossed the date line.
    execute format($q$
        with quarter as materialized (
            select * from unnest($5, $6, $7) as q (quarter, day, hour)
        ), counted as materialized (
            select q.day, e.aid, e.feature, e.received_at >= $10 and q.day <= $11 as late,
                   count(*) as events,
                   count(*) filter (where e.type <> 3 and e.action like any ($4)) as value_events,
                   bit_or(1::bigint << q.hour) as hours
            from event e
            join quarter q on q.quarter = floor(date_part('epoch', e.happened_at) / 900)::int
            where e.workspace_id = $1 and e.source_id = $2 and (%s)
            group by q.day, e.aid, e.feature, late
        ), used as (
            insert into usage_day (workspace_id, pilot_id, day, source_id, aid, feature, person_id,
                                   kind, events, value_events)
            select $1, $3, c.day, $2, c.aid, c.feature, a.person_id, coalesce(a.kind, 'unknown'),
                   c.events, c.value_events
            from counted c
            left join account a on a.workspace_id = $1 and a.source_id = $2 and a.aid = c.aid
            where c.aid is not null and not c.late
        ), heard as (
            select day, case when late then 0 else events end as events,
                   case when late then 0 else value_events end as value_events,
                   case when late then 0 else hours end as hours,
                   case when late then events else 0 end as late_events
            from counted
            union all
            select q.day, 0, 0, 1::bigint << q.hour, 0
            from heartbeat h
            join quarter q on q.quarter = floor(date_part('epoch', h.hour) / 900)::int
            where h.workspace_id = $1 and h.source_id = $2 and h.hour >= $8 and h.hour <= $9
              and (h.received_at is null or h.received_at < $10 or q.day > $11)
        )
        insert into source_day (workspace_id, source_id, day, events, value_events, covered_hours,
                                late_events)
        select $1, $2, day, sum(events), sum(value_events), bit_count(bit_or(hours)::bit(64)),
               sum(late_events)
        from heard
        group by day
        $q$, coalesce(v_ranges, 'false'))
    using p_workspace, p_source, p.pilot_id, p.value_like, v_quarter, v_day, v_hour,
          to_timestamp(v_quarter[1] * 900.0),
          to_timestamp(v_quarter[cardinality(v_quarter)] * 900.0 + 900), v_frozen, p.end_day;

    -- What goes through a shared or a service account is nobody's own act.
    delete from person_day
    where workspace_id = p_workspace and pilot_id = p.pilot_id and day = any (v_days);
    insert into person_day (workspace_id, pilot_id, day, person_id, events, value_events)
    select p_workspace, p.pilot_id, u.day, u.person_id, sum(u.events), sum(u.value_events)
    from usage_day u
    where u.workspace_id = p_workspace and u.pilot_id = p.pilot_id and u.day = any (v_days)
      and u.person_id is not null and u.kind not in ('service', 'shared')
    group by u.day, u.person_id;

    -- Figures shown before were made of other counts.
    insert into pilot_change (workspace_id, pilot_id, day)
    select p_workspace, p.pilot_id, d from unnest(v_days) as d order by d
    on conflict (workspace_id, pilot_id, day) do update set changes = pilot_change.changes + 1;
end
$fn$;

-- rollup_statistics(): after many days were counted, the planner must know it at once; autovacuum
-- looks a minute later, and plans made for empty tables take seconds instead of milliseconds.
-- Runs with the rights of the tables' owner, who alone may analyze them.
create or replace function collaudo.rollup_statistics()
    returns void
    language plpgsql
    security definer
    set search_path = collaudo, pg_temp
as $fn$
begin
    analyze usage_day;
    analyze person_day;
    analyze source_day;
    analyze intake_day;
    analyze person;
    analyze account;
end
$fn$;

revoke all on function collaudo.rollup_statistics() from public;
grant execute on function collaudo.rollup_statistics() to collaudo_loader;

revoke all on function collaudo.rollup_days(bigint, bigint, date[]) from public;
grant execute on function collaudo.rollup_days(bigint, bigint, date[]) to collaudo_loader;
