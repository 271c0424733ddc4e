-- list_quarantine.sql - what is in quarantine, the newest first, still sealed.
-- tag: workspace
-- $1 int8 workspace, $2 int8 most
select q.source_id, s.code as source, p.code as pilot, q.received_at as received, q.reason,
       q.pointer, q.quarantine_id as id, q.sealed
from quarantine q
join source s on s.workspace_id = $1 and s.source_id = q.source_id
join pilot p on p.workspace_id = $1 and p.pilot_id = s.pilot_id
where q.workspace_id = $1
order by q.received_at desc, q.quarantine_id
limit $2
