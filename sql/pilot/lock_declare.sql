-- lock_declare.sql - one declaration or sealing at a time; the rest waits for the end of this
-- transaction. The number is any that is ours alone.
-- tag: control
select pg_advisory_xact_lock(4014711)
