-- update_pilot.sql - another charter for a draft.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 text name
-- $4 text time zone
-- $5 date first day
-- $6 date last day
-- $7 int8 hours of grace for late events
-- $8 int8 smallest group shown
-- $9 text[] value events as LIKE patterns
-- $10 text canonical charter
-- $11 bytea its SHA-256
-- $12 timestamptz now
update pilot
set name = $3, tz = $4, start_day = $5, end_day = $6, late_grace_h = $7, min_group = $8,
    value_like = $9, charter = $10, charter_hash = $11, changed_at = $12
where workspace_id = $1 and pilot_id = $2 and state = 'draft'
