-- list_sources.sql - the sources of a company, for "did you mean".
-- tag: workspace
-- $1 int8 workspace
select code from source where workspace_id = $1 order by code
