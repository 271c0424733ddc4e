-- list_tools.sql - the tools of a company.
-- tag: workspace
-- $1 int8 workspace
select tool_id, code, name, owner from tool where workspace_id = $1 order by code
