-- move_journal.sql - the batch is in: from $2 to $3.
-- tag: control
-- $1 uuid journal, $2 int8 from, $3 int8 to, $4 timestamptz now
update journal set position = $3, moved_at = $4 where journal_id = $1 and position = $2
