-- update_tool.sql - a tool's new name or owner.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 tool
-- $3 text name
-- $4 text owner
update tool set name = $3, owner = $4 where workspace_id = $1 and tool_id = $2
