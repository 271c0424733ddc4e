-- add_intake.sql - adds a batch to what was delivered on each day.
-- tag: fleet
-- $1 int8[] workspaces, $2 int8[] sources, $3 date[] days, $4 int8[] reasons,
-- $5 $6 $7 $8 int8[] loaded, duplicates, quarantined, reread; sorted by the first four
insert into intake_day (workspace_id, source_id, day, reason, loaded, duplicates, quarantined, reread)
select w.workspace_id, w.source_id, w.day, w.reason::smallint, w.loaded, w.duplicates,
       w.quarantined, w.reread
from unnest($1::int8[], $2::int8[], $3::date[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
            $8::int8[])
     as w (workspace_id, source_id, day, reason, loaded, duplicates, quarantined, reread)
on conflict (workspace_id, source_id, day, reason) do update
set loaded = intake_day.loaded + excluded.loaded,
    duplicates = intake_day.duplicates + excluded.duplicates,
    quarantined = intake_day.quarantined + excluded.quarantined,
    reread = intake_day.reread + excluded.reread
