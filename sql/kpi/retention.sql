-- title.it: Ritorno dopo il primo uso
-- title.en: Return after first use
-- question: Of the people who began in the same week, how many still come back after N weeks?
-- unit: people
-- better: higher
-- min_den: 5
-- needs: usage audit
-- caveat: Calendar and personal weeks give different figures for the same people; never compare one with the other. People who never began are not in it.
-- version: 1
-- window: cohort
--
-- formula: cohort = the people whose first value event lies in the same ISO week. Part
--   `calendar/+N`: members active in the Nth ISO week after it / members. Part `personal/+N`:
--   members active on the days first+7N to first+7N+6 / members, first being the member's own
--   first day. Part `started`: people who have begun by the end of that week / people who count
--   in it, the same people as in weekly_active.
-- edge: Only what is over is counted: calendar weeks that are complete, and of a cohort only
--   the members whose personal week N is complete (the point is complete when all are).
-- edge: A member without a working day in that week between joining and leaving, or in a week
--   without data, leaves both numbers and is counted as excluded; num of +00 may then be
--   smaller than the cohort, which is always den + excluded of a complete point.
-- edge: A window that opens in mid-week has a first cohort too, without a `calendar/+00`.
with day as materialized ( -- with its Monday; 1 January 1900 was one
    select d.day, d.day - (d.day - date '1900-01-01') % 7 as week,
           coalesce(p.working, false) as working, h.day is not null as heard,
           count(*) filter (where p.working) over (order by d.day) as work_so_far,
           count(h.day) over (order by d.day) as heard_so_far
    from (select $3::date + i as day from generate_series(0, $4::date - $3::date - 1) as i) d
    left join pilot_day p on p.workspace_id = $1 and p.pilot_id = $2 and p.day = d.day
    left join heard_days($1, $2, $3, $4) h on h.day = d.day
), week as materialized (
    select week, min(day) as first, max(day) as last, bool_or(heard) as heard,
           count(*) = 7 as complete
    from day group by week
), beginner as materialized ( -- everybody who counts and has begun, with all their active days
    select e.person_id, e.joined, e.left_on, min(u.day) as began,
           min(u.day) - (min(u.day) - date '1900-01-01') % 7 as cohort, array_agg(u.day) as days
    from person_day u
    join eligible_person e on e.workspace_id = $1 and e.pilot_id = $2
                          and e.person_id = u.person_id
                          and u.day between e.joined and e.left_on
    where u.workspace_id = $1 and u.pilot_id = $2 and u.day >= $3 and u.day < $4
      and u.value_events > 0
    group by e.person_id, e.joined, e.left_on
), member as materialized ( -- people who began on the same day and have the same dates
    select began, cohort, joined, left_on, count(*) as people
    from beginner
    group by began, cohort, joined, left_on
), counts as materialized ( -- in which weeks do people with those dates count?
    select r.joined, r.left_on, w.week,
           w.heard and exists (select from day d where d.week = w.week and d.working
                                                   and d.day between r.joined and r.left_on) as counts
    from (select distinct joined, left_on from eligible_person
          where workspace_id = $1 and pilot_id = $2) r
    join week w on r.joined <= w.last and r.left_on >= w.first
), by_week as materialized (
    select one.cohort, one.week, count(*) as people
    from (select distinct b.person_id, b.cohort, b.joined, b.left_on,
                          d.day - (d.day - date '1900-01-01') % 7 as week
          from beginner b cross join unnest(b.days) as d (day)) one
    join counts c on c.joined = one.joined and c.left_on = one.left_on and c.week = one.week
                 and c.counts
    group by one.cohort, one.week
), calendar as (
    select w.week as bucket, (v.week - w.week) / 7 as n, v.heard,
           coalesce(sum(m.people) filter (where c.counts), 0) as den,
           coalesce(sum(m.people) filter (where c.counts is not true), 0) as excluded
    from week w
    join week v on v.week >= w.week and v.complete
    left join member m on m.cohort = w.week
    left join counts c on c.joined = m.joined and c.left_on = m.left_on and c.week = v.week
    group by w.week, v.week, v.heard
), turn as materialized ( -- the personal weeks that are over
    select m.*, n.n,
           -- a working day and a heard day in first+7N .. first+7N+6, at most to left_on
           z.work_so_far > coalesce(a.work_so_far, 0)
               and y.heard_so_far > coalesce(a.heard_so_far, 0) as counts
    from member m
    cross join lateral generate_series(0, ($4::date - m.began - 7) / 7) as n (n)
    left join day a on a.day = m.began + 7 * n.n - 1
    left join day y on y.day = m.began + 7 * n.n + 6
    left join day z on z.day = least(m.began + 7 * n.n + 6, m.left_on)
    where $4::date - m.began >= 7
), by_turn as materialized (
    select one.cohort, one.n, count(*) as people
    from (select distinct b.person_id, b.cohort, b.began, b.joined, b.left_on,
                          (d.day - b.began) / 7 as n
          from beginner b cross join unnest(b.days) as d (day)) one
    join turn t on t.began = one.began and t.joined = one.joined and t.left_on = one.left_on
               and t.n = one.n and t.counts
    group by one.cohort, one.n
), personal as (
    select w.week as bucket, n.n,
           exists (select from day d where d.heard and d.day between w.first + 7 * n.n
                                                                 and w.week + 7 * n.n + 12) as heard,
           coalesce(sum(t.people) filter (where t.counts), 0) as den,
           coalesce(sum(t.people) filter (where t.counts is not true), 0) as excluded
    from week w
    cross join lateral generate_series(0, ($4::date - w.first - 7) / 7) as n (n)
    left join turn t on t.cohort = w.week and t.n = n.n
    where $4::date - w.first >= 7
    group by w.week, w.first, n.n
), crowd as materialized (
    select e.joined, e.left_on, b.began, count(*) as people
    from eligible_person e
    left join beginner b on b.person_id = e.person_id
    where e.workspace_id = $1 and e.pilot_id = $2
    group by e.joined, e.left_on, b.began
), started as (
    select w.week as bucket, w.heard,
           coalesce(sum(p.people) filter (where c.counts and p.began <= w.last), 0) as num,
           coalesce(sum(p.people) filter (where c.counts), 0) as den,
           coalesce(sum(p.people) filter (where not c.counts), 0) as excluded
    from week w
    left join counts c on c.week = w.week
    left join crowd p on p.joined = c.joined and p.left_on = c.left_on
    group by w.week, w.heard
), point as (
    select c.bucket, 'calendar/+' || lpad(c.n::text, 2, '0') as part,
           coalesce(b.people, 0) as num, c.den, c.excluded, c.heard
    from calendar c
    left join by_week b on b.cohort = c.bucket and b.week = c.bucket + 7 * c.n
    union all
    select p.bucket, 'personal/+' || lpad(p.n::text, 2, '0'), coalesce(b.people, 0),
           p.den, p.excluded, p.heard
    from personal p
    left join by_turn b on b.cohort = p.bucket and b.n = p.n
    union all
    select bucket, 'started', num, den, excluded, heard
    from started
)
select bucket, '*' as subject, part, num::int8 as num, den::int8 as den,
       excluded::int8 as excluded, not heard as no_data
from point
order by part collate "C", bucket
