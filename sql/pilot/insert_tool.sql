-- insert_tool.sql - a new tool of the stack.
-- tag: workspace
-- $1 int8 workspace
-- $2 text code
-- $3 text name
-- $4 text owner
insert into tool (workspace_id, code, name, owner) values ($1, $2, $3, $4) returning tool_id
