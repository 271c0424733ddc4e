-- insert_epoch.sql - what is written under this epoch begins at $3.
-- tag: control
-- $1 uuid journal, $2 int8 epoch, $3 int8 position, $4 timestamptz now
insert into journal_epoch (journal_id, epoch, begins, taken_at) values ($1, $2, $3, $4)
on conflict (journal_id, epoch) do nothing
