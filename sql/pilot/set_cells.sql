-- set_cells.sql - freezes the partition: the cell of each team; people who do not count, and
-- teams that are not listed, are in no cell.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 text[] team
-- $4 text[] cell
update person p
set cell = coalesce((select c.cell from unnest($3::text[], $4::text[]) as c(team, cell)
                     where c.team = p.team and p.role in ('member', 'manager', 'champion')), '')
where p.workspace_id = $1 and p.pilot_id = $2
