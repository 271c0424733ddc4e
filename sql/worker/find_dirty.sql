-- find_dirty.sql - the next source with dirty days, in order.
-- tag: fleet
-- $1 int8 workspace, $2 int8 source: behind this one
select d.workspace_id, d.source_id, coalesce(s.pilot_id, 0) as pilot_id
from dirty_day d
left join source s on s.workspace_id = d.workspace_id and s.source_id = d.source_id
where (d.workspace_id, d.source_id) > ($1, $2)
order by d.workspace_id, d.source_id
limit 1
