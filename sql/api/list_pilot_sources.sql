-- list_pilot_sources.sql - the sources of a pilot by name.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
select code as source from source where workspace_id = $1 and pilot_id = $2 order by code
