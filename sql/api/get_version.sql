-- get_version.sql - grows whenever something changes that figures up to a cut are made of.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 date the cut: days before it are shown
select coalesce(sum(changes), 0)::int8 as version
from pilot_change
where workspace_id = $1 and pilot_id = $2 and day < $3
