-- get_intake.sql - did the sources of a pilot deliver anything, at all and on one day, and how
-- many of their events came too late to count.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 date the cut: the first day that is not counted
select exists (select from source s
               join intake_day i on i.workspace_id = $1 and i.source_id = s.source_id
               where s.workspace_id = $1 and s.pilot_id = $2
                 and i.loaded + i.duplicates + i.quarantined > 0) as received,
       exists (select from source s
               join intake_day i on i.workspace_id = $1 and i.source_id = s.source_id and i.day = $3
               where s.workspace_id = $1 and s.pilot_id = $2
                 and i.loaded + i.duplicates + i.quarantined > 0) as today,
       (select coalesce(sum(d.late_events), 0)::int8
        from source s
        join source_day d on d.workspace_id = $1 and d.source_id = s.source_id
        where s.workspace_id = $1 and s.pilot_id = $2) as late
