-- trace_event.sql - one event's way through the house; a row for each source that used its id.
-- tag: workspace
-- $1 int8 workspace, $2 int8[] sources, $3 text[] the event's id as each of them stores it
-- A value event counts for a person as in sql/func/rollup.sql and eligible_person.
select e.source_id, e.event_id, s.code as source, p.code as pilot, e.happened_at as happened,
       e.received_at as received, e.type, e.status, e.action, e.feature, e.aid as account,
       e.aid is not null as has_account, coalesce(a.kind, 'unknown') as account_kind,
       a.person_id is not null as assigned, x.late,
       e.type <> 3 and e.action like any (p.value_like) as value_event,
       exists (select from eligible_person y
               where y.workspace_id = $1 and y.pilot_id = p.pilot_id and y.person_id = a.person_id
                 and a.kind not in ('service', 'shared') and d.day between y.joined and y.left_on) as eligible,
       d.day,
       exists (select from dirty_day w
               where w.workspace_id = $1 and w.source_id = e.source_id and w.day = d.day) as day_waits,
       d.day between p.start_day and p.end_day as in_window,
       (e.received_at at time zone p.tz)::date between p.start_day and p.end_day as received_in_window
from unnest($2::int8[], $3::text[]) as w (source_id, event_id)
join event e on e.workspace_id = $1 and e.source_id = w.source_id and e.event_id = w.event_id
join source s on s.workspace_id = $1 and s.source_id = e.source_id
join pilot p on p.workspace_id = $1 and p.pilot_id = s.pilot_id
cross join lateral (select (e.happened_at at time zone p.tz)::date as day) d
cross join lateral (select e.received_at >= collaudo.frozen_from(p.tz, p.end_day, p.late_grace_h)
                           and d.day <= p.end_day as late) x
left join account a on a.workspace_id = $1 and a.source_id = e.source_id and a.aid = e.aid
order by e.source_id, e.event_id
