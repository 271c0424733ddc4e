-- lock_journal.sql - how far the journal is loaded; nobody else loads it until we commit.
-- tag: control
-- $1 uuid journal
select position from journal where journal_id = $1 for update
