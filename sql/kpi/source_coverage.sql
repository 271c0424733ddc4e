-- title.it: Copertura delle sorgenti
-- title.en: Coverage of the sources
-- question: Were the tools heard whenever they should have been, so that a zero means zero?
-- unit: periods
-- better: higher
-- min_den: 1
-- needs: any
-- caveat: A covered hour or day says that something came, not that everything came.
-- version: 1
-- window: week
--
-- formula: periods with at least one event or heartbeat / expected periods. A source of cadence
--   `hourly` is expected every hour of the local day (23 or 25 of them when the clocks change),
--   one of cadence `workday` on every working day of the pilot, one of cadence `none` never.
--   Part '' is all sources together, `source:<code>` one.
-- edge: What is heard on a free day neither helps nor harms a source of cadence `workday`.
-- edge: A silent source has a figure, 0 of 5: here silence is what is measured, so "no data" is
--   never set. A source of cadence `none`, and a week without working days, have the figure 0
--   of 0, which has no value.
with midnight as materialized ( -- where it comes twice, the first
    select d.day, case when ((m.at - interval '1 hour') at time zone l.tz)::date = d.day
                       then m.at - interval '1 hour' else m.at end as at
    from (select $3::date + i as day from generate_series(0, $4::date - $3::date) as i) d
    join pilot l on l.workspace_id = $1 and l.pilot_id = $2
    cross join lateral (select d.day::timestamp at time zone l.tz as at) m
), day as materialized ( -- with its Monday; 1 January 1900 was one
    select d.day, d.day - (d.day - date '1900-01-01') % 7 as week,
           coalesce(p.working, false) as working,
           ceil(date_part('epoch', n.at - d.at) / 3600)::int as hours
    from midnight d
    join midnight n on n.day = d.day + 1
    left join pilot_day p on p.workspace_id = $1 and p.pilot_id = $2 and p.day = d.day
), expected as materialized (
    select 'source:' || s.code as part, d.week,
           case s.cadence when 'hourly' then d.hours when 'workday' then d.working::int else 0 end as den,
           case s.cadence when 'hourly' then least(coalesce(h.covered_hours, 0), d.hours)
                          when 'workday' then (d.working and coalesce(h.covered_hours, 0) > 0)::int
                          else 0 end as num
    from source s
    cross join day d
    left join source_day h on h.workspace_id = $1 and h.source_id = s.source_id and h.day = d.day
    where s.workspace_id = $1 and s.pilot_id = $2
)
select w.week as bucket, '*' as subject, p.part,
       coalesce(sum(x.num), 0)::int8 as num, coalesce(sum(x.den), 0)::int8 as den,
       0::int8 as excluded, false as no_data
from (select distinct week from day) w
cross join (select '' as part
            union all
            select 'source:' || code from source where workspace_id = $1 and pilot_id = $2) p
left join expected x on x.week = w.week and p.part in ('', x.part)
group by w.week, p.part
order by p.part collate "C", w.week
