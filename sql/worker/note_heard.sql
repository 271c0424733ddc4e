-- note_heard.sql - when something of these sources came in last.
-- tag: fleet
-- $1 int8[] workspaces, $2 int8[] sources, $3 int8[] microseconds since 1970; source by source
insert into source_heard (workspace_id, source_id, heard_at)
select w.workspace_id, w.source_id, timestamptz 'epoch' + w.heard * interval '1 microsecond'
from unnest($1::int8[], $2::int8[], $3::int8[]) as w (workspace_id, source_id, heard)
order by 1, 2
on conflict (workspace_id, source_id) do update
set heard_at = greatest(source_heard.heard_at, excluded.heard_at)
