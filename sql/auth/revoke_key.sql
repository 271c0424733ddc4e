-- revoke_key.sql - a key that is not in force any more, from the first time on.
-- tag: fleet
-- $1 text key id
-- $2 timestamptz now
update ingest_key set revoked_at = coalesce(revoked_at, $2) where key_id = $1
