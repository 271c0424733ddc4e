-- update_workspace.sql - a company's new name.
-- tag: control
-- $1 int8 workspace
-- $2 text name
update workspace set name = $2 where workspace_id = $1
