-- list_watch.sql - keys and last deliveries of the sources of running pilots.
-- tag: fleet
-- $1 date today, $2 timestamptz now
select w.code as workspace, s.code as source, s.cadence,
       (select count(*)::int8 from ingest_key k
        where k.workspace_id = s.workspace_id and k.source_id = s.source_id and k.revoked_at is null
          and (k.expires_at is null or k.expires_at > $2)) as live,
       (select count(*)::int8 from ingest_key k
        where k.workspace_id = s.workspace_id and k.source_id = s.source_id and k.revoked_at is null
          and k.expires_at <= $2) as expired,
       (select count(*)::int8 from ingest_key k
        where k.workspace_id = s.workspace_id and k.source_id = s.source_id and k.revoked_at is null
          and k.expires_at > $2 and k.expires_at <= $2 + interval '7 days') as expiring,
       ($1 - greatest((select max(i.day) from intake_day i
                       where i.workspace_id = s.workspace_id and i.source_id = s.source_id),
                      (select max(h.hour)::date from heartbeat h
                       where h.workspace_id = s.workspace_id and h.source_id = s.source_id)))::int8 as silent,
       ($1 - greatest(s.made_at::date, p.start_day))::int8 as expected
from source s
join pilot p on p.workspace_id = s.workspace_id and p.pilot_id = s.pilot_id
join workspace w on w.workspace_id = s.workspace_id
where p.state = 'sealed' and not p.replay and $1 between p.start_day and p.end_day
order by w.code, s.code
