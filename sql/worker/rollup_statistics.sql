-- rollup_statistics.sql - tells the planner how large the rollups are (sql/func/rollup.sql).
-- tag: fleet
select collaudo.rollup_statistics()
