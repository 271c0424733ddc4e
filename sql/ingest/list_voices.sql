-- list_voices.sql - every source: how often it is expected, when it was heard, who looks after it.
-- tag: fleet
-- $1 timestamptz now
select s.workspace_id, s.source_id, s.pilot_id, s.code, s.cadence, t.owner, p.tz,
       p.state = 'sealed' and not p.replay and d.today between p.start_day and p.end_day as expected,
       p.start_day, s.made_at, h.heard_at,
       (select w.day from pilot_day w
        where w.workspace_id = s.workspace_id and w.pilot_id = s.pilot_id and w.working and w.day < d.today
        order by w.day desc limit 1) as workday
from source s
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
join tool t on t.workspace_id = s.workspace_id and t.tool_id = s.tool_id
cross join lateral (select ($1::timestamptz at time zone p.tz)::date as today) d
left join source_heard h on h.workspace_id = s.workspace_id and h.source_id = s.source_id
order by s.workspace_id, s.code collate "C"
