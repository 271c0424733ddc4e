-- put_accounts.sql - accounts with the person they belong to, 0 for nobody; one that was seen
-- before changes hands.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 int8[] source
-- $4 uuid[] aid
-- $5 int8[] person
-- $6 text[] kind
insert into account (workspace_id, source_id, aid, pilot_id, person_id, kind)
select $1, n.source_id, n.aid, $2, nullif(n.person_id, 0), n.kind
from unnest($3::int8[], $4::uuid[], $5::int8[], $6::text[]) as n(source_id, aid, person_id, kind)
on conflict (workspace_id, source_id, aid)
do update set person_id = excluded.person_id, kind = excluded.kind
