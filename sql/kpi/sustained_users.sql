-- title.it: Persone che usano lo strumento con continuità
-- title.en: People who keep using the tool
-- question: How many people were active in most of their last weeks, after the novelty had worn off?
-- unit: people
-- better: higher
-- min_den: 3
-- needs: usage audit
-- caveat: Counts weeks with at least one value event; it does not say how deep the use is, and pilot teams are usually keener than the company.
-- version: 1
-- window: pilot
--
-- formula: people active in at least min_active (6) of their last `weeks` (8) eligible complete
--   weeks / people who can be assessed. With fewer eligible weeks e the mark scales:
--   active x weeks >= min_active x e, which is ceil(min_active x e / weeks).
-- edge: An eligible week of a person is complete (all seven days in the window and over), holds
--   a working day between joining and leaving, and is not without data. Complete weeks within
--   the first 14 days of the window are onboarding and not used.
-- edge: A person with fewer than 6 eligible weeks cannot be assessed and is excluded. Who left
--   is assessed on the weeks up to leaving.
-- edge: Part `best`: how many can reach the mark at the end of the window at most, if everybody
--   is active in every eligible week that is not over; part `worst`: how many must reach it, if
--   nobody is. Work done in the running week is not credited to `worst` until the week is over.
-- edge: The bucket is the last complete week, or the first week while none is complete. No data:
--   there are weeks to judge and no source was heard in any of them.
with pilot_end as materialized (
    select end_day,
           coalesce(($6::jsonb ->> 'weeks')::int8, 8) as n,
           coalesce(($6::jsonb ->> 'min_active')::int8, 6) as m,
           6 as fewest
    from pilot where workspace_id = $1 and pilot_id = $2
), day as materialized ( -- with its Monday; 1 January 1900 was one
    select d.day, d.day - (d.day - date '1900-01-01') % 7 as week,
           coalesce(p.working, false) as working, h.day is not null as heard
    from (select $3::date + i as day
          from pilot_end, generate_series(0, end_day - $3::date) as i) d
    left join pilot_day p on p.workspace_id = $1 and p.pilot_id = $2 and p.day = d.day
    left join heard_days($1, $2, $3, $4) h on h.day = d.day
), week as materialized ( -- complete, after onboarding
    select week, bool_or(heard) as heard, week + 7 <= $4::date as over
    from day
    group by week
    having count(*) = 7 and week + 6 > $3::date + 13
), mine as materialized ( -- the eligible weeks of people with the same dates, latest first
    select r.joined, r.left_on, w.week, w.over,
           row_number() over (partition by r.joined, r.left_on, w.over order by w.week desc) as nth,
           row_number() over (partition by r.joined, r.left_on order by w.week desc) as nth_at_end
    from (select distinct joined, left_on from eligible_person
          where workspace_id = $1 and pilot_id = $2) r
    join week w on (w.heard or not w.over)
               and exists (select from day d where d.week = w.week and d.working
                                               and d.day between r.joined and r.left_on)
), weeks as materialized ( -- how many of them, in all and among the last n; now and at the end
    select joined, left_on,
           count(*) filter (where over) as now_all,
           count(*) filter (where over and nth <= n) as now_last,
           count(*) as end_all,
           count(*) filter (where nth_at_end <= n) as end_last,
           count(*) filter (where nth_at_end <= n and not over) as ahead
    from mine, pilot_end
    group by joined, left_on
), active as materialized (
    select one.person_id,
           count(*) filter (where w.nth <= n) as now_active,
           count(*) filter (where w.nth_at_end <= n) as end_active
    from (select distinct e.person_id, e.joined, e.left_on,
                          u.day - (u.day - date '1900-01-01') % 7 as week
          from person_day u
          join eligible_person e on e.workspace_id = $1 and e.pilot_id = $2
                                and e.person_id = u.person_id
                                and u.day between e.joined and e.left_on
          where u.workspace_id = $1 and u.pilot_id = $2 and u.day >= $3 and u.day < $4
            and u.value_events > 0) one
    join mine w on w.joined = one.joined and w.left_on = one.left_on and w.week = one.week and w.over
    cross join pilot_end
    group by one.person_id
), person as materialized (
    select e.cell, e.joined < $4::date as here_now,
           coalesce(w.now_all, 0) >= fewest as now_known,
           coalesce(a.now_active, 0) * n >= m * w.now_last as now_met,
           coalesce(w.end_all, 0) >= fewest as end_known,
           (coalesce(a.end_active, 0) + w.ahead) * n >= m * w.end_last as best_met,
           coalesce(a.end_active, 0) * n >= m * w.end_last as worst_met
    from pilot_end
    join eligible_person e on e.workspace_id = $1 and e.pilot_id = $2
                          and e.joined <= end_day and e.left_on >= $3
    left join weeks w on w.joined = e.joined and w.left_on = e.left_on
    left join active a on a.person_id = e.person_id
), judged as (
    select cell, '' as part, here_now as here, now_known as known, now_met as met from person
    union all
    select cell, 'best', true, end_known, best_met from person
    union all
    select cell, 'worst', true, end_known, worst_met from person
), subject as (
    select '*' as subject
    union
    select cell from eligible_person where workspace_id = $1 and pilot_id = $2 and cell <> ''
)
select coalesce((select max(w.week) from (select week from day where day < $4::date
                                          group by week having count(*) = 7) w),
                $3::date - ($3::date - date '1900-01-01') % 7) as bucket,
       s.subject, t.part,
       count(*) filter (where j.here and j.known and j.met) as num,
       count(*) filter (where j.here and j.known) as den,
       count(*) filter (where j.here and not j.known) as excluded,
       coalesce((select not bool_or(w.heard) from week w where w.over), false) as no_data
from subject s
cross join (values (''), ('best'), ('worst')) as t (part)
left join judged j on j.part = t.part and s.subject in ('*', j.cell)
group by s.subject, t.part
order by t.part, s.subject collate "C"
