-- delete_days.sql - makes room for the days of another window or calendar.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
delete from pilot_day where workspace_id = $1 and pilot_id = $2
