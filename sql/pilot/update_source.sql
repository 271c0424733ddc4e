-- update_source.sql - a source's new tool, cadence or mapping.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 source
-- $3 int8 tool
-- $4 text cadence
-- $5 text mapping
update source set tool_id = $3, cadence = $4, mapping = $5
where workspace_id = $1 and source_id = $2
