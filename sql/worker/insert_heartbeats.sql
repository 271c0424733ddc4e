-- insert_heartbeats.sql - hours in which sources were alive; gives back those that are new.
-- tag: fleet
-- $1 int8[] workspaces, $2 int8[] sources, $3 $4 int8[] hours and when they were said, as
-- microseconds since 1970
insert into heartbeat (workspace_id, source_id, hour, received_at)
select w.workspace_id, w.source_id,
       timestamptz 'epoch' + (w.hour / 3600000000) * interval '1 hour',
       timestamptz 'epoch' + w.received * interval '1 microsecond'
from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as w (workspace_id, source_id, hour, received)
order by 1, 2, 3, 4
on conflict do nothing
returning workspace_id, source_id, hour, received_at as received
