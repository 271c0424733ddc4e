-- lock_pilot.sql - one rollup per pilot at a time, and before its marks are taken: whoever changes
-- a pilot's accounts takes the pilot first and the marks then, too.
-- tag: workspace
-- $1 int8 workspace, $2 int8 pilot
select pilot_id from pilot where workspace_id = $1 and pilot_id = $2 for no key update
