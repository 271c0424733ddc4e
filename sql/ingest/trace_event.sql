-- trace_event.sql - one event's way through the house, by its id; a row for each source that used it.
-- tag: workspace
-- $1 int8 workspace, $2 text event id
select e.source_id, s.code as source, p.code as pilot, e.happened_at as happened,
       e.received_at as received, e.type, e.status, e.action, e.feature, e.aid as account,
       e.aid is not null as has_account, coalesce(a.kind, 'unknown') as account_kind,
       a.person_id is not null as assigned,
       e.aid is not null and e.action like any (p.value_like) as counts, d.day,
       exists (select from dirty_day w
               where w.workspace_id = $1 and w.source_id = e.source_id and w.day = d.day) as day_waits,
       d.day between p.start_day and p.end_day as in_window
from event e
join source s on s.workspace_id = $1 and s.source_id = e.source_id
join pilot p on p.workspace_id = $1 and p.pilot_id = s.pilot_id
cross join lateral (select (e.happened_at at time zone p.tz)::date as day) d
left join account a on a.workspace_id = $1 and a.source_id = e.source_id and a.aid = e.aid
where e.workspace_id = $1
  and e.source_id in (select source_id from source where workspace_id = $1)
  and e.event_id = $2
order by e.source_id
