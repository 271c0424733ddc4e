-- list_sources.sql - the sources of a company, with the pilot each belongs to.
-- tag: workspace
-- $1 int8 workspace
select s.source_id, s.pilot_id, s.tool_id, s.code, s.cadence, s.mapping, p.code as pilot,
       t.code as tool
from source s
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
join tool t on t.workspace_id = s.workspace_id and t.tool_id = s.tool_id
where s.workspace_id = $1 and p.workspace_id = $1 and t.workspace_id = $1
order by s.source_id
