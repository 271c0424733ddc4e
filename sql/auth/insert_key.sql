-- insert_key.sql - a new key of a source.
-- tag: workspace
-- $1 int8 workspace
-- $2 text key id
-- $3 int8 source
-- $4 bytea SHA-256 of the secret
-- $5 text[] event types, none for all
-- $6 timestamptz now
-- $7 timestamptz expiry, or NULL
-- $8 int8 events a second, or NULL
insert into ingest_key (workspace_id, key_id, source_id, hash, types, made_at, expires_at, rate)
values ($1, $2, $3, $4, $5, $6, $7, $8)
