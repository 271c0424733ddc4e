-- find_takeover.sql - who took the journal from the one with epoch $2, and where it ended then.
-- tag: control
-- $1 uuid journal, $2 int8 epoch
select epoch, begins, taken_at from journal_epoch
where journal_id = $1 and epoch > $2
order by epoch limit 1
