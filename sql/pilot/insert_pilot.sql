-- insert_pilot.sql - a new pilot, as a draft.
-- tag: workspace
-- $1 int8 workspace
-- $2 text code
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
insert into pilot (workspace_id, code, name, tz, start_day, end_day, late_grace_h, min_group,
                   value_like, charter, charter_hash, made_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
returning pilot_id
