-- insert_source.sql - a new source of a pilot.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 int8 tool
-- $4 text code
-- $5 text cadence
-- $6 text mapping
-- $7 timestamptz now
insert into source (workspace_id, pilot_id, tool_id, code, cadence, mapping, made_at)
values ($1, $2, $3, $4, $5, $6, $7)
returning source_id
