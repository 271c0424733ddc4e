-- check-sql.sql - what the catalog of a database with our schema must be like: one row of text
-- per fault. Run by check-sql.

\pset tuples_only on
\pset format unaligned

create temp view tables as
select c.oid, c.relname as name, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
       coalesce(obj_description(c.oid, 'pg_class'), '') as comment,
       coalesce(obj_description(c.oid, 'pg_class'), '') not like 'control:%' as business
from pg_class c
where c.relnamespace = 'collaudo'::regnamespace and c.relkind in ('r', 'p');

create temp view columns as
select t.oid, t.name as table_name, t.business, t.comment as table_comment, a.attnum, a.attname as name,
       a.atttypid, a.attnotnull, coalesce(col_description(t.oid, a.attnum), '') as comment
from tables t
join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped;

create temp view workspace_columns as
select oid, attnum from columns where name = 'workspace_id';

-- --- tables and keys -----------------------------------------------------------------------

select 'table ' || name || ' has no primary key' from tables t
where not exists (select from pg_constraint k where k.conrelid = t.oid and k.contype = 'p');

select 'table ' || name || ': workspace_id must be bigint not null' from tables t
where business and not exists (select from columns c
                               where c.oid = t.oid and c.name = 'workspace_id'
                                 and c.atttypid = 'bigint'::regtype and c.attnotnull);

select 'table ' || t.name || ': its primary key does not begin with workspace_id'
from tables t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'p'
where t.business
  and not exists (select from workspace_columns w where w.oid = t.oid and w.attnum = k.conkey[1]);

select 'unique index ' || i.indexrelid::regclass || ' leaves out workspace_id'
from tables t
join pg_index i on i.indrelid = t.oid and (i.indisunique or i.indisexclusion)
where t.business
  and not exists (select from workspace_columns w
                  where w.oid = t.oid and w.attnum = any (i.indkey::int2[]));

select 'table ' || name || ' is unlogged or temporary' from tables where relpersistence <> 'p';

select 'table ' || name || ' has a trigger, ' || g.tgname
from tables t join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal;

select 'table ' || name || ' has a rule, ' || r.rulename
from tables t join pg_rewrite r on r.ev_class = t.oid;

-- --- foreign keys ----------------------------------------------------------------------------

select 'foreign key ' || k.conname || ' of ' || t.name || ' leaves out workspace_id'
from tables t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
where t.business
  and not exists (select from unnest(k.conkey, k.confkey) as p (here, there)
                  join workspace_columns w on w.oid = t.oid and w.attnum = p.here
                  join workspace_columns v on v.oid = k.confrelid and v.attnum = p.there);

select 'foreign key ' || k.conname || ' of the control table ' || t.name || ' points to business data'
from tables t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
join tables u on u.oid = k.confrelid and u.business
where not t.business;

select 'foreign key ' || k.conname || ' of ' || t.name || ' sets columns to null or a default'
from tables t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
where k.confdeltype in ('n', 'd') or k.confupdtype in ('n', 'd');

-- --- rights --------------------------------------------------------------------------------------

select 'table ' || name || ': row-level security is not enabled and forced' from tables
where business and not (relrowsecurity and relforcerowsecurity);

select 'table ' || t.name || ': no policy own_workspace, or one with another condition'
from tables t
where t.business
  and not exists (select from pg_policy p
                  where p.polrelid = t.oid and p.polcmd = '*' and p.polroles = '{0}' and p.polpermissive
                    and pg_get_expr(p.polqual, t.oid) = pg_get_expr(p.polwithcheck, t.oid)
                    and pg_get_expr(p.polqual, t.oid)
                        = '(workspace_id = (NULLIF(current_setting(''app.workspace_id''::text, true),'
                          ' ''''::text))::bigint)');

select 'table ' || t.name || ' has a second policy, ' || p.polname
from tables t join pg_policy p on p.polrelid = t.oid and p.polname <> 'own_workspace';

select 'everybody has rights on ' || c.relname
from pg_class c, aclexplode(c.relacl) a
where c.relnamespace = 'collaudo'::regnamespace and a.grantee = 0;

select 'view ' || relname || ' lacks security_invoker = true: it would see every workspace'
from pg_class
where relnamespace = 'collaudo'::regnamespace and relkind = 'v'
  and not coalesce('security_invoker=true' = any (reloptions), false);

select 'materialized view ' || relname || ': row-level security does not reach it' from pg_class
where relnamespace = 'collaudo'::regnamespace and relkind = 'm';

-- --- functions --------------------------------------------------------------------------------------

select 'function ' || p.oid::regprocedure || ' is LANGUAGE sql, has arguments and reads tables'
from pg_proc p
join pg_language l on l.oid = p.prolang and l.lanname = 'sql'
where p.pronamespace = 'collaudo'::regnamespace and p.pronargs > 0
  and coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) ~* '\m(from|join|into|update)\M';

-- rollup_statistics() only has ANALYZE: it reads no row for anybody.
select 'function ' || p.oid::regprocedure || ' is SECURITY DEFINER: it would see every workspace'
from pg_proc p
where p.pronamespace = 'collaudo'::regnamespace and p.prosecdef
  and (p.proname <> 'rollup_statistics'
       or p.prosrc !~* '^\s*begin(\s+analyze\s+\w+;)+\s+end\s*$');

select 'function ' || p.oid::regprocedure || ' does not fix its search_path'
from pg_proc p
where p.pronamespace = 'collaudo'::regnamespace
  and not exists (select from unnest(p.proconfig) c where c like 'search\_path=%');

select 'function ' || p.oid::regprocedure || ' is a trigger function'
from pg_proc p
where p.pronamespace = 'collaudo'::regnamespace and p.prorettype = 'trigger'::regtype;

-- --- time is a parameter ------------------------------------------------------------------------------

select 'function ' || p.oid::regprocedure || ' asks the clock or the dice'
from pg_proc p
where p.pronamespace = 'collaudo'::regnamespace
  and coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)
      ~* '\m((now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|gen_random_uuid)\s*\(|current_(timestamp|date|time)\M|localtime)';

select 'column ' || c.table_name || '.' || c.name || ' has a default that asks the clock or the dice'
from columns c
join pg_attrdef d on d.adrelid = c.oid and d.adnum = c.attnum
where pg_get_expr(d.adbin, d.adrelid) ~* '\m(now|clock_timestamp|current_\w+|localtime\w*|random|gen_random_uuid)\M';

select 'constraint ' || k.conname || ' of ' || t.name || ' asks the clock'
from tables t
join pg_constraint k on k.conrelid = t.oid and k.contype = 'c'
where pg_get_constraintdef(k.oid) ~* '\m(now|clock_timestamp|current_\w+|localtime\w*)\M';

-- --- written down ---------------------------------------------------------------------------------------

select 'table ' || name || ' has no comment' from tables where comment = '';

select 'view ' || relname || ' has no comment' from pg_class
where relnamespace = 'collaudo'::regnamespace and relkind = 'v'
  and coalesce(obj_description(oid, 'pg_class'), '') = '';

-- A column needs no comment of its own when one of its table's names it, or its name says it.
with said as (
    select oid, table_comment || ' ' || string_agg(comment, ' ') as text from columns
    group by oid, table_comment
)
select 'column ' || table_name || '.' || name || ' needs a comment, or a word in another of its table''s'
from columns join said using (oid)
where comment = ''
  and name !~ '^(code|name|version|day|week|pilot|team)$|_id$|_at$|_day$'
  and text !~ ('\m' || name || '\M');
