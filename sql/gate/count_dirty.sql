-- count_dirty.sql - days of a pilot that are marked to be counted again, late events apart, and those of them of
-- which a source has no figures so far.
-- tag: workspace
-- $1 int8 workspace  $2 int8 pilot  $3 date from  $4 date to (exclusive: the cut)
select count(distinct d.day) as days,
       count(distinct d.day) filter (where not exists (
           select from source_day c
           where c.workspace_id = $1 and c.source_id = d.source_id and c.day = d.day))
           as new_days
from dirty_day d
join source s on s.workspace_id = $1 and s.source_id = d.source_id
where d.workspace_id = $1 and not d.late and s.pilot_id = $2 and d.day >= $3 and d.day < $4
