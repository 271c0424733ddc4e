-- mark_change.sql - the charter or the roster of a pilot changed.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
insert into pilot_change (workspace_id, pilot_id, day) values ($1, $2, date '1900-01-01')
on conflict (workspace_id, pilot_id, day) do update set changes = pilot_change.changes + 1
