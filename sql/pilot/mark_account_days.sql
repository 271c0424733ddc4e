-- mark_account_days.sql - every local day on which these accounts have events is to be rolled
-- up again.
-- tag: workspace
-- $1 int8 workspace
-- $2 text time zone of the pilot
-- $3 int8[] source
-- $4 uuid[] aid
insert into dirty_day (workspace_id, source_id, day)
select distinct e.workspace_id, e.source_id, (e.happened_at at time zone $2)::date
from unnest($3::int8[], $4::uuid[]) as a(source_id, aid)
join event e on e.source_id = a.source_id and e.aid = a.aid
where e.workspace_id = $1
order by 2, 3 -- as everybody who marks days: nobody waits in a circle
on conflict (workspace_id, source_id, day) do update set marks = dirty_day.marks + 1, late = false
