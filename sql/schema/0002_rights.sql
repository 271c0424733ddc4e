-- 0002_rights.sql - row-level security, and who may do what.
--
-- Two roles do the work, none of them a superuser: collaudo_app sees one workspace at a time
-- (app.workspace_id); collaudo_loader crosses workspaces, because a journal record carries its
-- workspace and because COPY is refused under row-level security. Both are made before this
-- file runs (store/migrate.c), since only a superuser may make a role that bypasses it.

do $$
declare
    t text;
begin
    foreach t in array array['tool', 'pilot', 'notice', 'pilot_day', 'source', 'ingest_key', 'person',
                             'account', 'event', 'heartbeat', 'quarantine', 'import_line',
                             'intake_day', 'dirty_day', 'usage_day', 'person_day', 'source_day']
    loop
        execute format('alter table collaudo.%I enable row level security', t);
        execute format('alter table collaudo.%I force row level security', t);
        execute format($p$create policy own_workspace on collaudo.%I
            using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::bigint)
            with check (workspace_id = nullif(current_setting('app.workspace_id', true), '')::bigint)$p$, t);
    end loop;
end
$$;

grant usage on schema collaudo to collaudo_app, collaudo_loader;
grant select, insert, update, delete on all tables in schema collaudo to collaudo_app, collaudo_loader;
grant usage on all sequences in schema collaudo to collaudo_app, collaudo_loader;
