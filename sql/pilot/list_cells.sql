-- list_cells.sql - the people who count, per team and cell: what the partition is made of.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 date first day of the window
-- $4 date last day of the window
select team, cell, count(*) as people, count(*) filter (where role = 'manager') as managers
from person
where workspace_id = $1 and pilot_id = $2 and seat and role in ('member', 'manager', 'champion')
  and (left_on is null or left_on >= $3) and (joined is null or joined <= $4)
group by team, cell
order by team, cell
