-- insert_days.sql - the days of a pilot's window; why is '' on a working day.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 date[] day
-- $4 date[] its Monday
-- $5 text[] why it is no working day
insert into pilot_day (workspace_id, pilot_id, day, week, working, why)
select $1, $2, n.day, n.week, n.why = '', n.why
from unnest($3::date[], $4::date[], $5::text[]) as n(day, week, why)
