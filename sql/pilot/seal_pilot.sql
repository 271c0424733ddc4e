-- seal_pilot.sql - from now on the charter only changes by amendment.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 timestamptz now
-- $4 timestamptz the clock history is replayed from, or NULL
update pilot
set state = 'sealed', sealed_at = $3, changed_at = $3, replay = $4 is not null, replay_as_of = $4
where workspace_id = $1 and pilot_id = $2 and state = 'draft'
