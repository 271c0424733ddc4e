-- list_sources.sql - the sources of a pilot, who owns them, and when they were last heard.
-- tag: workspace
-- $1 int8 workspace  $2 int8 pilot  $3 date from  $4 date to (exclusive: the cut)
select s.code, t.name as tool, t.owner, s.cadence <> 'none' as judged,
       (select max(d.day) from source_day d
        where d.workspace_id = $1 and d.source_id = s.source_id and d.covered_hours > 0
          and d.day >= $3 and d.day < $4) as last_day
from source s
join tool t on t.workspace_id = $1 and t.tool_id = s.tool_id
where s.workspace_id = $1 and s.pilot_id = $2
order by s.code collate "C"
