-- insert_lines.sql - notes imported lines; gives back those that were not known.
-- tag: workspace
-- $1 int8 workspace, $2 int8 source, $3 uuid[] digests, sorted
insert into import_line (workspace_id, source_id, line)
select $1, $2, w.line from unnest($3::uuid[]) as w (line)
on conflict do nothing
returning line
