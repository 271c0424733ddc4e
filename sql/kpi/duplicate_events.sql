-- title.it: Eventi ricevuti due volte
-- title.en: Events received twice
-- question: How much of what the tools send is a repetition of what they sent before?
-- unit: events
-- better: lower
-- min_den: 1
-- needs: any
-- caveat: A repetition with the same id is harmless, it is not counted twice; a high share says that the sender does not get or not read our answers. The same act under two ids is not seen here.
-- version: 1
-- window: week
--
-- formula: events whose (source, id) was known already, with the same content / events received
--   = loaded + repeated + quarantined. Part '' is all sources together, `source:<code>` one.
-- edge: Weeks are those of the local day of receipt, not of the event's own time.
-- edge: The same id with another content is a conflict, not a repetition: it stands in
--   quarantine_rate. Lines of a file imported again change nothing.
-- edge: No data: the source delivered nothing and was not heard in that week.
with day as materialized ( -- with its Monday; 1 January 1900 was one
    select d.day, d.day - (d.day - date '1900-01-01') % 7 as week
    from (select $3::date + i as day from generate_series(0, $4::date - $3::date - 1) as i) d
), sender as materialized (
    select source_id, 'source:' || code as part from source where workspace_id = $1 and pilot_id = $2
), came as materialized (
    select s.part, d.week, sum(i.duplicates) as num, sum(i.loaded + i.duplicates + i.quarantined) as den,
           sum(i.reread) as excluded
    from sender s
    join intake_day i on i.workspace_id = $1 and i.source_id = s.source_id
                     and i.day >= $3 and i.day < $4
    join day d on d.day = i.day
    group by s.part, d.week
), heard as materialized (
    select s.part, d.week
    from sender s
    join source_day h on h.workspace_id = $1 and h.source_id = s.source_id and h.covered_hours > 0
                     and h.day >= $3 and h.day < $4
    join day d on d.day = h.day
    group by s.part, d.week
)
select w.week as bucket, '*' as subject, p.part,
       coalesce(sum(c.num), 0)::int8 as num, coalesce(sum(c.den), 0)::int8 as den,
       0::int8 as excluded,
       coalesce(sum(c.den + c.excluded), 0) = 0
           and not exists (select from heard h where h.week = w.week and p.part in ('', h.part)) as no_data
from (select distinct week from day) w
cross join (select '' as part union all select part from sender) p
left join came c on c.week = w.week and p.part in ('', c.part)
group by w.week, p.part
order by p.part collate "C", w.week
