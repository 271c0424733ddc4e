-- mark_changes.sql - something was delivered to these sources on these days.
-- tag: fleet
-- $1 int8[] workspaces, $2 int8[] sources, $3 date[] days
insert into pilot_change (workspace_id, pilot_id, day)
select distinct s.workspace_id, s.pilot_id, w.day
from unnest($1::int8[], $2::int8[], $3::date[]) as w (workspace_id, source_id, day)
join source s on s.workspace_id = w.workspace_id and s.source_id = w.source_id
order by 1, 2, 3
on conflict (workspace_id, pilot_id, day) do update set changes = pilot_change.changes + 1
