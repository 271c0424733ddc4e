-- list_sources.sql - the sources of a company.
-- tag: workspace
-- $1 int8 workspace
select source_id from source where workspace_id = $1 order by source_id
