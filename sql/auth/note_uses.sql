-- note_uses.sql - when keys were used last; one written before by another collector may be newer.
-- tag: fleet
-- $1 int8[] workspaces, $2 text[] key ids, $3 int8[] microseconds since 1970; by workspace and id
update ingest_key k
set last_used_at = greatest(k.last_used_at, timestamptz 'epoch' + w.used * interval '1 microsecond')
from unnest($1::int8[], $2::text[], $3::int8[]) as w (workspace_id, key_id, used)
where k.workspace_id = w.workspace_id and k.key_id = w.key_id
