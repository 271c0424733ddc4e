-- list_days.sql - the days of a pilot's window.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
select day, week, working, why
from pilot_day
where workspace_id = $1 and pilot_id = $2
order by day
