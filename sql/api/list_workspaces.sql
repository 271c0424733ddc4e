-- list_workspaces.sql - every company of the installation.
-- tag: control
select workspace_id, code, name from workspace order by code
