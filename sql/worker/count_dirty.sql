-- count_dirty.sql - is any day of any source still to be counted?
-- tag: fleet
select exists (select from dirty_day) as dirty
