-- list_sources.sql - every source there is, with what the loader and the doors must know of it.
-- tag: fleet
select s.workspace_id, s.source_id, s.pilot_id, s.code as source, p.code as pilot, p.tz, p.replay,
       p.min_group
from source s
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
order by s.workspace_id, s.source_id
