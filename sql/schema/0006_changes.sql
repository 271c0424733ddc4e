-- 0006_changes.sql - what has changed since figures were last shown.
--
-- Pages and figures are kept in memory as long as nothing below their cut has changed. One
-- counter per pilot and day, so that the events of today, which are not shown before midnight,
-- throw nothing away.
create table collaudo.pilot_change (
    workspace_id bigint not null,
    pilot_id     bigint not null,
    day          date   not null,
    changes      bigint not null default 1,
    primary key (workspace_id, pilot_id, day),
    foreign key (workspace_id, pilot_id) references collaudo.pilot
);
comment on table collaudo.pilot_change is 'how often what is shown of a day may have changed; day 1900-01-01: the charter or the roster';
comment on column collaudo.pilot_change.changes is 'times the day was counted again, or a batch was delivered on it; only ever grows';

alter table collaudo.pilot_change enable row level security;
alter table collaudo.pilot_change force row level security;
create policy own_workspace on collaudo.pilot_change
    using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::bigint)
    with check (workspace_id = nullif(current_setting('app.workspace_id', true), '')::bigint);
grant select, insert, update, delete on collaudo.pilot_change to collaudo_app, collaudo_loader;
