-- count_dirty.sql - days that wait to be counted again.
-- tag: fleet
select count(*)::int8 as days from dirty_day
