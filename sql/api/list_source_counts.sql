-- list_source_counts.sql - what came in per source since the beginning, and its reasons.
-- tag: workspace
-- $1 int8 workspace
select s.code as source, p.code as pilot, s.cadence, t.owner, i.reason, coalesce(i.loaded, 0)::int8 as loaded,
       coalesce(i.duplicates, 0)::int8 as duplicates, coalesce(i.quarantined, 0)::int8 as quarantined,
       coalesce(i.reread, 0)::int8 as reread,
       (select max(d.day) from source_day d
         where d.workspace_id = $1 and d.source_id = s.source_id and d.events > 0) as last_day,
       (select coalesce(sum(d.late_events), 0)::int8 from source_day d
         where d.workspace_id = $1 and d.source_id = s.source_id) as late
from source s
join pilot p on p.workspace_id = $1 and p.pilot_id = s.pilot_id
join tool t on t.workspace_id = $1 and t.tool_id = s.tool_id
left join (select source_id, reason, sum(loaded) as loaded, sum(duplicates) as duplicates,
                  sum(quarantined) as quarantined, sum(reread) as reread
             from intake_day where workspace_id = $1
            group by source_id, reason) i on i.source_id = s.source_id
where s.workspace_id = $1
order by s.code, i.reason
