-- find_workspace.sql - a company by its code.
-- tag: control
-- $1 text code
select workspace_id, name from workspace where code = $1
