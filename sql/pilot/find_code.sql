-- find_code.sql - where a pilot lives, by its id.
-- tag: control
-- $1 text code
select workspace_id, pilot_id from pilot_code where code = $1
