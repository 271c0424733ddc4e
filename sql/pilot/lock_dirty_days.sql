-- lock_dirty_days.sql - from here to the end of the transaction no day is marked or unmarked by
-- anybody else. Whoever loads events marks their day in the same transaction, so after this
-- lock every loaded event is visible; whoever rolls a day up unmarks it in the same
-- transaction, so none is finished with the accounts as they were.
-- tag: fleet
lock table dirty_day in share row exclusive mode
