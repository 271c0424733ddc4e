-- get_event_hash.sql - what an event said, as far as a comparison needs it.
-- tag: workspace
-- $1 int8 workspace, $2 int8 source, $3 text event id
select hash from event where workspace_id = $1 and source_id = $2 and event_id = $3
