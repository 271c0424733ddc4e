-- insert_code.sql - takes a pilot id for the whole installation.
-- tag: control
-- $1 text code
-- $2 int8 workspace
-- $3 int8 pilot
insert into pilot_code (code, workspace_id, pilot_id) values ($1, $2, $3)
