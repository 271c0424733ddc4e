-- get_source.sql - may a key be made for this source?
-- tag: workspace
-- $1 int8 workspace
-- $2 text source
-- $3 timestamptz now
select s.source_id, p.code as pilot, p.tz, p.state = 'archived' as archived,
       exists (select from notice n where n.workspace_id = $1 and n.pilot_id = s.pilot_id) as notice,
       (select count(*) from ingest_key k
        where k.workspace_id = $1 and k.source_id = s.source_id and k.revoked_at is null
          and (k.expires_at is null or k.expires_at > $3)) as live,
       (select coalesce(string_agg(k.key_id, ' and ' order by k.made_at, k.key_id), '') from ingest_key k
        where k.workspace_id = $1 and k.source_id = s.source_id and k.revoked_at is null
          and (k.expires_at is null or k.expires_at > $3)) as live_ids
from source s
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
where s.workspace_id = $1 and p.workspace_id = $1 and s.code = $2
