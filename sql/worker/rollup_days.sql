-- rollup_days.sql - counts days of a source again (sql/func/rollup.sql).
-- tag: workspace
-- $1 int8 workspace, $2 int8 source, $3 date[] days
select collaudo.rollup_days($1, $2, $3)
