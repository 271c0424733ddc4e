-- check_counts.sql - sources whose stored rows are not as many as were counted when they were loaded.
-- tag: fleet
select s.workspace_id, s.source_id, i.loaded, e.events, i.quarantined, q.refused
from source s
cross join lateral (select coalesce(sum(d.loaded), 0)::int8 as loaded,
                           coalesce(sum(d.quarantined), 0)::int8 as quarantined
                    from intake_day d
                    where d.workspace_id = s.workspace_id and d.source_id = s.source_id) i
cross join lateral (select count(*) as events from event v
                    where v.workspace_id = s.workspace_id and v.source_id = s.source_id) e
cross join lateral (select count(*) as refused from quarantine v
                    where v.workspace_id = s.workspace_id and v.source_id = s.source_id) q
where i.loaded <> e.events or i.quarantined <> q.refused
order by s.workspace_id, s.source_id
limit 1
