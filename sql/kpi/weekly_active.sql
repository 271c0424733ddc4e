-- title.it: Persone attive nella settimana
-- title.en: People active in the week
-- question: How many of the people who could work with the tool this week did so?
-- unit: people
-- better: higher
-- min_den: 3
-- needs: usage audit
-- caveat: One value event is enough: it says that somebody worked with the tool, not how much or how well, and nothing about one person.
-- version: 1
-- window: week
--
-- formula: people with at least one value event in the ISO week / people of the roster who
--   count in that week. A person counts who is a member, manager or champion with a seat and
--   for whom at least one working day of the week lies between joining and leaving.
-- edge: A week with one holiday counts; a week of company closure, or one before somebody
--   joined, leaves both numbers and is counted as excluded.
-- edge: An event on a Sunday at 23:59 local time belongs to the week that ends there; work on a
--   free day counts for its week.
-- edge: A week in which no source that carries value events was heard is "no data": nobody
--   counts, everybody is excluded.
-- edge: The running week, cut at the last midnight, is returned and marked incomplete.
with day as materialized ( -- with its Monday; 1 January 1900 was one
    select d.day, d.day - (d.day - date '1900-01-01') % 7 as week,
           coalesce(p.working, false) as working, h.day is not null as heard
    from (select $3::date + i as day from generate_series(0, $4::date - $3::date - 1) as i) d
    left join pilot_day p on p.workspace_id = $1 and p.pilot_id = $2 and p.day = d.day
    left join heard_days($1, $2, $3, $4) h on h.day = d.day
), week as materialized (
    select week, min(day) as first, max(day) as last, bool_or(heard) as heard
    from day group by week
), crowd as materialized ( -- people of one cell with the same dates count in the same weeks
    select cell, joined, left_on, count(*) as people
    from eligible_person
    where workspace_id = $1 and pilot_id = $2
    group by cell, joined, left_on
), there as materialized (
    select w.week, c.*,
           w.heard and exists (select from day d where d.week = w.week and d.working
                                                   and d.day between c.joined and c.left_on) as counts
    from week w join crowd c on c.joined <= w.last and c.left_on >= w.first
), active as materialized (
    select one.week, e.cell, e.joined, e.left_on, count(*) as people
    from (select u.person_id, u.day - (u.day - date '1900-01-01') % 7 as week
          from person_day u
          join eligible_person e on e.workspace_id = $1 and e.pilot_id = $2
                                and e.person_id = u.person_id
                                and u.day between e.joined and e.left_on
          where u.workspace_id = $1 and u.pilot_id = $2 and u.day >= $3 and u.day < $4
            and u.value_events > 0
          group by 1, 2) one
    join eligible_person e on e.workspace_id = $1 and e.pilot_id = $2 and e.person_id = one.person_id
    group by one.week, e.cell, e.joined, e.left_on
), subject as (
    select '*' as subject union select cell from crowd where cell <> ''
)
select w.week as bucket, s.subject, '' as part,
       coalesce(sum(a.people) filter (where t.counts), 0)::int8 as num,
       coalesce(sum(t.people) filter (where t.counts), 0)::int8 as den,
       coalesce(sum(t.people) filter (where not t.counts), 0)::int8 as excluded,
       not w.heard as no_data
from week w
cross join subject s
left join there t on t.week = w.week and s.subject in ('*', t.cell)
left join active a on a.week = t.week and a.cell = t.cell and a.joined = t.joined
                  and a.left_on = t.left_on
group by w.week, w.heard, s.subject
order by s.subject collate "C", w.week
