-- get_server.sql - what the server says of itself, for the doctor. Its clock is asked here, and only here.
-- tag: control
select pg_catalog.clock_timestamp() as clock,
       current_setting('server_version_num')::int8 as version,
       current_setting('fsync') as fsync,
       current_setting('full_page_writes') as full_page_writes,
       current_setting('synchronous_commit') as synchronous_commit,
       coalesce((select bool_or(r.rolsuper or r.rolbypassrls) from pg_catalog.pg_roles r
                 where r.rolname = 'collaudo_app'), true) as app_is_free,
       coalesce((select bool_and(r.rolbypassrls and not r.rolsuper) from pg_catalog.pg_roles r
                 where r.rolname = 'collaudo_loader'), false) as loader_is_fit,
       coalesce((select bool_or(r.rolsuper) from pg_catalog.pg_roles r
                 where r.rolname = session_user), false) as login_is_super,
       coalesce((select s.n_dead_tup from pg_catalog.pg_stat_user_tables s
                 where s.schemaname = 'collaudo' and s.relname = 'dirty_day'), 0)::int8 as dead,
       pg_catalog.pg_total_relation_size('collaudo.dirty_day')::int8 as dirty_bytes
