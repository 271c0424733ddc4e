-- list_workspaces.sql - every company of the installation.
-- tag: control
select workspace_id, code from workspace order by code
