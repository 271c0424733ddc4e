-- list_keys.sql - keys with where they belong, for people.
-- tag: fleet
-- $1 int8 workspace, 0 for all
select k.key_id as id, w.code as workspace, s.code as source, p.code as pilot,
       coalesce(array_to_string(k.types, ' '), '') as types, k.made_at as made,
       k.expires_at as expires, k.revoked_at as revoked, k.last_used_at as used,
       k.rate::int8 as rate
from ingest_key k
join workspace w on w.workspace_id = k.workspace_id
join source s on s.workspace_id = k.workspace_id and s.source_id = k.source_id
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
where $1 = 0 or k.workspace_id = $1
order by w.code, s.code, k.made_at, k.key_id
