-- count_roster.sql - people of a pilot who count, and the cells they are shown in.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
select count(*) as people, count(distinct nullif(cell, '')) as cells
from eligible_person
where workspace_id = $1 and pilot_id = $2
