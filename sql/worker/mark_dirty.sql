-- mark_dirty.sql - days whose events changed. Never "do nothing": the rollup deletes marks before
-- it counts, and a mark it is about to delete must make us wait for it and mark anew.
-- tag: fleet
-- $1 int8[] workspaces, $2 int8[] sources, $3 date[] days; sorted
insert into dirty_day (workspace_id, source_id, day)
select w.workspace_id, w.source_id, w.day
from unnest($1::int8[], $2::int8[], $3::date[]) as w (workspace_id, source_id, day)
on conflict (workspace_id, source_id, day) do update set marks = dirty_day.marks + 1
