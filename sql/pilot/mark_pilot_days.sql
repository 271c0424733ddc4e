-- mark_pilot_days.sql - every local day with events of the pilot is to be rolled up again: what
-- counts as a value event, or until when events count, has changed.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 text time zone of the pilot
insert into dirty_day (workspace_id, source_id, day)
select distinct e.workspace_id, e.source_id, (e.happened_at at time zone $3)::date
from event e
where e.workspace_id = $1 and e.pilot_id = $2
order by 2, 3 -- as everybody who marks days: nobody waits in a circle
on conflict (workspace_id, source_id, day) do update set marks = dirty_day.marks + 1, late = false
