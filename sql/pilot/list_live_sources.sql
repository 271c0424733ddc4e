-- list_live_sources.sql - the sources of a pilot, whether a key of theirs is in force, and the
-- event types such keys may send; '' is every type.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 timestamptz now
select s.code, k.key_id is not null as live,
       coalesce(array_to_string(k.types, ' '), '') as types
from source s
left join ingest_key k on k.workspace_id = s.workspace_id and k.source_id = s.source_id
  and k.workspace_id = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $3)
where s.workspace_id = $1 and s.pilot_id = $2
order by s.code, k.key_id
