-- 0004_rollup.sql - keeps the rollup of one day cheap while events stream in.
--
-- A BRIN index does not know pages written since the last vacuum and returns them all: up to a
-- fifth of the table, whatever day is asked for. Summarised as they fill, they are skipped.
alter index collaudo.event_time set (autosummarize = on);
