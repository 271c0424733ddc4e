-- take_dirty.sql - takes marks off days, which are then counted in the same transaction. A mark
-- that somebody is setting right now is left for the next time.
-- tag: workspace
-- $1 int8 workspace, $2 int8 source, $3 int8 most
delete from dirty_day
where workspace_id = $1 and source_id = $2
  and day in (select day from dirty_day
              where workspace_id = $1 and source_id = $2
              order by day limit $3 for update skip locked)
returning day
