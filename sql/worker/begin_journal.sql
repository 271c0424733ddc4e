-- begin_journal.sql - a journal that is new here begins at 0.
-- tag: control
-- $1 uuid journal, $2 timestamptz now
insert into journal (journal_id, position, moved_at) values ($1, 0, $2)
on conflict (journal_id) do nothing
