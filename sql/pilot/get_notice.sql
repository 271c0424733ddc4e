-- get_notice.sql - what the people were told last.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
select version, hash
from notice
where workspace_id = $1 and pilot_id = $2
order by version desc
limit 1
