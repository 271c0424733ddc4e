-- mark_dirty.sql - days whose events changed. Never "do nothing": the rollup deletes marks before
-- it counts, and a mark it is about to delete must make us wait for it and mark anew.
-- tag: fleet
-- $1 int8[] workspaces, $2 int8[] sources, $3 date[] days; sorted
-- $4 int8[] how many of what marks the day came in time, before the figures were frozen
insert into dirty_day (workspace_id, source_id, day, late)
select w.workspace_id, w.source_id, w.day, w.in_time = 0
from unnest($1::int8[], $2::int8[], $3::date[], $4::int8[]) as w (workspace_id, source_id, day, in_time)
on conflict (workspace_id, source_id, day)
    do update set marks = dirty_day.marks + 1, late = dirty_day.late and excluded.late
