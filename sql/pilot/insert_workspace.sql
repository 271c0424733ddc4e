-- insert_workspace.sql - a new company.
-- tag: control
-- $1 text code
-- $2 text name
-- $3 timestamptz now
insert into workspace (code, name, made_at) values ($1, $2, $3) returning workspace_id
