-- has_events.sql - has anything come in for this pilot?
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
select exists (select from event where workspace_id = $1 and pilot_id = $2) as yes
