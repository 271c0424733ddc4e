-- 0011_keys.sql - how much a key may send and when it was used; when sources were heard.

alter table collaudo.ingest_key
    add column rate int check (rate between 1 and 1000000),
    add column last_used_at timestamptz;
comment on column collaudo.ingest_key.rate is 'events a second; NULL: what the program allows every key';
comment on column collaudo.ingest_key.last_used_at is 'the last request, to a minute; NULL: none since this is noted';

create table collaudo.source_heard (
    workspace_id bigint      not null,
    source_id    bigint      not null,
    heard_at     timestamptz not null,
    primary key (workspace_id, source_id)
);
comment on table collaudo.source_heard is 'when something of a source came in last: an event, a refused one, a heartbeat; written with what came';

alter table collaudo.source_heard enable row level security;
alter table collaudo.source_heard force row level security;
create policy own_workspace on collaudo.source_heard
    using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::bigint)
    with check (workspace_id = nullif(current_setting('app.workspace_id', true), '')::bigint);
grant select, insert, update, delete on collaudo.source_heard to collaudo_app, collaudo_loader;

do $$
declare
    w bigint;
begin
    for w in select workspace_id from collaudo.workspace order by 1 loop
        perform set_config('app.workspace_id', w::text, true);
        insert into collaudo.source_heard (workspace_id, source_id, heard_at)
        select w, source_id, max(heard_at)
        from (select source_id, received_at as heard_at from collaudo.event where workspace_id = w
              union all
              select source_id, coalesce(received_at, hour) from collaudo.heartbeat where workspace_id = w
              union all
              select source_id, received_at from collaudo.quarantine where workspace_id = w) h
        group by source_id;
    end loop;
    perform set_config('app.workspace_id', '', true);
end
$$;
