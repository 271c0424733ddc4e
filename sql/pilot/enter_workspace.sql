-- enter_workspace.sql - goes on in a company made a moment ago, in the same transaction: what
-- db_begin() does for one that was there before. No table is read.
-- tag: control
-- $1 int8 workspace
select set_config('app.workspace_id', $1::text, true)
