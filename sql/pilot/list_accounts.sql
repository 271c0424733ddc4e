-- list_accounts.sql - accounts that belong to somebody, and these, whoever they belong to.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 uuid[] aid
select source_id, aid, coalesce(person_id, 0) as person_id, kind
from account
where workspace_id = $1 and pilot_id = $2 and (person_id is not null or aid = any($3::uuid[]))
order by source_id, aid
