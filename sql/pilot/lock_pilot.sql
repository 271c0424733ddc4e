-- lock_pilot.sql - no rollup of this pilot from here to the end of the transaction. A rollup takes
-- the pilot first, then its marks, then reads accounts; so do we, and no day is finished with the
-- accounts as they were. What is loaded meanwhile marks its own days, which wait for us.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
select pilot_id from pilot where workspace_id = $1 and pilot_id = $2 for no key update
