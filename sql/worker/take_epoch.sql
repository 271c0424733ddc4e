-- take_epoch.sql - from now on $2 goes on with the journal.
-- tag: control
-- $1 uuid journal, $2 int8 epoch
update journal set epoch = $2 where journal_id = $1 and epoch < $2
