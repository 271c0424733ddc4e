-- read_journal.sql - how far the journal is loaded, and who goes on with it.
-- tag: control
-- $1 uuid journal
select position, epoch from journal where journal_id = $1
