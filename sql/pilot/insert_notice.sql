-- insert_notice.sql - a new version of what the people are told.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 int8 version
-- $4 jsonb body
-- $5 bytea SHA-256 of the canonical body
-- $6 timestamptz now
insert into notice (workspace_id, pilot_id, version, body, hash, made_at)
values ($1, $2, $3, $4, $5, $6)
