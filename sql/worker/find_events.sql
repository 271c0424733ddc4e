-- find_events.sql - which of these events are stored, with the hash of what is stored.
-- tag: workspace
-- $1 int8 workspace, $2 int8 source, $3 text[] event ids
-- One look into the key per id, whatever the planner thinks of the size of the list.
select w.i, e.hash
from unnest($3::text[]) with ordinality as w (id, i)
cross join lateral (select o.hash from event o
                    where o.workspace_id = $1 and o.source_id = $2 and o.event_id = w.id
                    limit 1) e
