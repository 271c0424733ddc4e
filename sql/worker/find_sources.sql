-- find_sources.sql - what the loader must know of the sources of a batch; they stay while it lasts.
-- tag: fleet
-- $1 int8[] workspaces, $2 int8[] sources, pair by pair
select s.workspace_id, s.source_id, s.pilot_id, p.tz, p.end_day,
       frozen_from(p.tz, p.end_day, p.late_grace_h) as frozen_from
from unnest($1::int8[], $2::int8[]) as w (workspace_id, source_id)
join source s on s.workspace_id = w.workspace_id and s.source_id = w.source_id
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
for key share of s
