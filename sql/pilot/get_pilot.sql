-- get_pilot.sql - one pilot with its charter.
-- tag: workspace
-- $1 int8 workspace
-- $2 text code
select p.pilot_id, p.code, p.name, w.name as workspace_name, p.state, p.tz, p.start_day, p.end_day,
       p.charter, p.charter_hash, p.sealed_at, p.replay, p.replay_as_of
from pilot p
join workspace w on w.workspace_id = p.workspace_id
where p.workspace_id = $1 and p.code = $2
