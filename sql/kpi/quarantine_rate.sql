-- title.it: Eventi in quarantena
-- title.en: Events in quarantine
-- question: How much of what the tools send cannot be counted, and why?
-- unit: events
-- better: lower
-- min_den: 1
-- needs: any
-- caveat: What stands in quarantine is kept and can be taken in later; until then every other figure is too low by it.
-- version: 1
-- window: week
--
-- formula: events put into quarantine / events received = loaded + repeated + quarantined. Part ''
--   is all sources together, `source:<code>` one of them, `source:<code>/<reason>` one reason of
--   one source, as `source:crm/missing_id`.
-- edge: Weeks are those of the local day of receipt, not of the event's own time.
-- edge: A reason has a part when it occurred at least once in the window; the parts of a
--   source's reasons add up to the part of the source.
-- edge: What is taken in later from quarantine stays counted on the day it came. Lines of a file
--   imported again change nothing.
-- edge: No data: the source delivered nothing and was not heard in that week.
with day as materialized ( -- with its Monday; 1 January 1900 was one
    select d.day, d.day - (d.day - date '1900-01-01') % 7 as week
    from (select $3::date + i as day from generate_series(0, $4::date - $3::date - 1) as i) d
), sender as materialized (
    select source_id, 'source:' || code as part from source where workspace_id = $1 and pilot_id = $2
), came as materialized (
    select s.part, d.week, i.reason, sum(i.quarantined) as num,
           sum(i.loaded + i.duplicates + i.quarantined) as den, sum(i.reread) as excluded
    from sender s
    join intake_day i on i.workspace_id = $1 and i.source_id = s.source_id
                     and i.day >= $3 and i.day < $4
    join day d on d.day = i.day
    group by s.part, d.week, i.reason
), heard as materialized (
    select s.part, d.week
    from sender s
    join source_day h on h.workspace_id = $1 and h.source_id = s.source_id and h.covered_hours > 0
                     and h.day >= $3 and h.day < $4
    join day d on d.day = h.day
    group by s.part, d.week
), part as (
    select '' as part, null as sender, null::smallint as reason
    union all
    select part, part, null from sender
    union all
    select part || '/' || collaudo.reason_name(reason), part, reason from came group by part, reason having sum(num) > 0
)
select w.week as bucket, '*' as subject, p.part,
       coalesce(sum(c.num) filter (where p.reason is null or c.reason = p.reason), 0)::int8 as num,
       coalesce(sum(c.den), 0)::int8 as den,
       0::int8 as excluded,
       coalesce(sum(c.den + c.excluded), 0) = 0
           and not exists (select from heard h
                           where h.week = w.week and (p.sender is null or h.part = p.sender)) as no_data
from (select distinct week from day) w
cross join part p
left join came c on c.week = w.week and (p.sender is null or c.part = p.sender)
group by w.week, p.part, p.sender
order by p.part collate "C", w.week
