-- count_people.sql - the most people one week of a pilot can count.
-- tag: workspace
-- $1 int8 workspace  $2 int8 pilot
select count(*) as people
from eligible_person
where workspace_id = $1 and pilot_id = $2
