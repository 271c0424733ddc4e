-- list_ring.sql - every key that is not revoked, with what the doors must know of it.
-- tag: fleet
select k.key_id as id, k.workspace_id as workspace, k.source_id as source, s.pilot_id as pilot,
       s.code as source_code, p.code as pilot_code, p.tz, p.replay,
       coalesce(array_to_string(k.types, ' '), '') as types, k.hash, k.expires_at as expires,
       k.rate::int8 as rate
from ingest_key k
join source s on s.workspace_id = k.workspace_id and s.source_id = k.source_id
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
where k.revoked_at is null
