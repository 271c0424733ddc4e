-- delete_people.sql - people taken out of the roster of a draft; their accounts belong to nobody
-- by then.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 int8[] people
delete from person where workspace_id = $1 and pilot_id = $2 and person_id = any($3::int8[])
