-- begin_journal.sql - a journal that is new here begins at $2.
-- tag: control
-- $1 uuid journal, $2 int8 position, $3 int8 epoch, $4 timestamptz now
insert into journal (journal_id, position, epoch, moved_at) values ($1, $2, $3, $4)
on conflict (journal_id) do nothing
