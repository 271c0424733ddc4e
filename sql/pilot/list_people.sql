-- list_people.sql - the roster of a pilot, by pseudonym.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
select person_id, ref, sealed, role, team, cell, seniority, seat, joined, left_on
from person
where workspace_id = $1 and pilot_id = $2
order by person_id
