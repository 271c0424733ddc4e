-- lock_source.sql - keys of one source are made one after the other.
-- tag: workspace
-- $1 int8 workspace
-- $2 text source
select source_id from source where workspace_id = $1 and code = $2 for no key update
