#!/bin/sh
# sql.sh - check-sql finds each way of breaking the rules of sql/README.md, and lets good SQL be.
# The house is a small one of its own, so that these examples do not change with the schema.
. "$(dirname "$0")/lib.sh"

# Without a scratch server every run of check-sql would start one.
[ -n "${COLLAUDO_TEST_PG:-}" ] || exec "$scripts/scratch-pg" "$here/sql.sh"

check() { "$scripts/check-sql" "$dir"; }

# statement DIR/NAME TAG: the text on stdin becomes a statement file with its head
statement() {
    mkdir -p "$dir/$(dirname "$1")"
    { printf -- '-- %s.sql - an example\n-- tag: %s\n' "${1#*/}" "$2"; cat; } >"$dir/$1.sql"
}

house() {
    example "$1"
    mkdir -p "$dir/schema" "$dir/func" "$dir/kpi"
    cat >"$dir/schema/0001_house.sql" <<'END'
create schema if not exists collaudo;
create table collaudo.workspace (workspace_id bigint primary key, code text not null unique);
comment on table collaudo.workspace is 'control: companies';
create table collaudo.tool (
    workspace_id bigint not null references collaudo.workspace, tool_id bigint not null, code text,
    primary key (workspace_id, tool_id), unique (workspace_id, code));
comment on table collaudo.tool is 'tools';
create table collaudo.event (
    workspace_id bigint not null, tool_id bigint not null, event_id text not null, happened_at timestamptz,
    primary key (workspace_id, tool_id, event_id),
    foreign key (workspace_id, tool_id) references collaudo.tool);
comment on table collaudo.event is 'what happened';
END
    cat >"$dir/schema/0002_rights.sql" <<'END'
do $$ declare t text; begin
    foreach t in array array['tool', 'event'] loop
        execute format('alter table collaudo.%I enable row level security', t);
        execute format('alter table collaudo.%I force row level security', t);
        execute format('create policy own_workspace on collaudo.%I
            using (workspace_id = nullif(current_setting(''app.workspace_id'', true), '''')::bigint)
            with check (workspace_id = nullif(current_setting(''app.workspace_id'', true), '''')::bigint)', t);
    end loop;
end $$;
grant usage on schema collaudo to collaudo_app, collaudo_loader;
grant select, insert, update, delete on all tables in schema collaudo to collaudo_app, collaudo_loader;
END
    cat >"$dir/func/views.sql" <<'END'
create or replace view collaudo.busy_tool with (security_invoker = true) as
select workspace_id, tool_id from collaudo.event group by 1, 2;
comment on view collaudo.busy_tool is 'tools with events';
grant select on collaudo.busy_tool to collaudo_app, collaudo_loader;
create or replace function collaudo.count_up(p_workspace bigint) returns bigint language plpgsql
    set search_path = collaudo, pg_temp as $fn$
begin
    return (select count(*) from event where workspace_id = p_workspace);
end $fn$;
END
}

# --- what is right ------------------------------------------------------------------------------

house "good house"
statement a/find workspace <<'END'
-- $1 int8 workspace, $2 text code,
-- $3 $4 timestamptz from, to
with tool_of as (select tool_id from tool where workspace_id = $1 and code = $2), /* event */
     event as (select 1 as tool) -- a name of its own from here on
select e.event_id, 'from event x' as words, (select count(*) from busy_tool b where $1 = b.workspace_id) as busy
from collaudo.event as e
join tool t on t.workspace_id = $1 and t.tool_id = e.tool_id
join tool_of o on o.tool_id = t.tool_id
cross join event
where (e.workspace_id = $1 and e.happened_at >= $3) and e.happened_at < $4
union all
select event_id, '', 0 from collaudo.event where workspace_id = $1 and event_id = 'now'
END
sed -i "s/event_id = 'now'/event_id = 'known'/" "$dir/a/find.sql"
statement a/insert workspace <<'END'
-- $1 int8 workspace, $2 int8[] tools
insert into tool (workspace_id, tool_id) select $1, t from unnest($2) as t
on conflict (workspace_id, tool_id) do update set code = excluded.code
END
statement a/delete workspace <<'END'
-- $1 int8 workspace, $2 int8 tool
delete from event e using tool t
where e.workspace_id = $1 and t.workspace_id = $1 and t.tool_id = e.tool_id and t.tool_id = $2
END
statement a/call workspace <<'END'
-- $1 int8 workspace
select count_up($1) as n
END
statement a/list fleet <<'END'
select t.workspace_id, t.code, max(e.happened_at) as last
from tool t left join event e on e.workspace_id = t.workspace_id and e.tool_id = t.tool_id
group by 1, 2
END
statement a/copy fleet <<'END'
copy event (workspace_id, tool_id, event_id) from stdin (format binary)
END
statement a/lock fleet <<'END'
lock table event in share mode
END
statement a/update control <<'END'
-- $1 int8 workspace, $2 text code
update workspace set code = $2 where workspace_id = $1;
END
echo "select \$3::date as bucket from tool where workspace_id = \$1 and tool_id = \$2" >"$dir/kpi/one.sql"
passes check

# --- statements --------------------------------------------------------------------------------------

house "bad statements"
while IFS='|' read -r name tag text; do
    echo "$text" | tr '~' '\n' | statement "bad/$name" "$tag"
done <<'END'
unbound|workspace|-- $1 int8 workspace~select code from tool where tool_id = $1
one_of_two|workspace|-- $1 int8 workspace~select e.event_id from event e join tool t on t.workspace_id = e.workspace_id where e.workspace_id = $1
inner|workspace|-- $1 int8 workspace~select (select max(e.event_id) from event e where e.tool_id = t.tool_id) from tool t where t.workspace_id = $1
second_arm|workspace|-- $1 int8 workspace~select code from tool where workspace_id = $1 union all select code from tool
comma_join|workspace|-- $1 int8 workspace~select 1 from tool t, event e where t.workspace_id = $1
a_view|workspace|-- $1 int8 workspace~select $1 as one, tool_id from busy_tool
an_update|workspace|-- $1 int8 workspace~update tool set code = '' where tool_id = $1
a_delete|workspace|-- $1 int8 workspace~delete from collaudo.tool where tool_id = $1
blind_insert|workspace|-- $1 int8 workspace~insert into tool select $1, 2, 'c'
too_wide|control|select code from tool
two_apart|fleet|select t.code from tool t join event e on e.tool_id = t.tool_id
clock|fleet|select code from tool where now() > '2026-01-01'
quoted_clock|fleet|select code from tool where 'today'::date > '2026-01-01'
dice|fleet|select code from tool order by random()
merging|fleet|merge into tool t using event e on t.tool_id = e.tool_id when matched then do nothing
wrong_table|fleet|select 1 from nowhere
wrong_column|fleet|copy tool (workspace_id, nothing) from stdin (format binary)
wrong_type|workspace|-- $1 int8 workspace, $2 date tool~select code from tool where workspace_id = $1 and tool_id = $2
no_type|workspace|-- $1 int8 workspace~select code from tool where workspace_id = $1 and tool_id = $2
odd_type|workspace|-- $1 bigint workspace~select code from tool where workspace_id = $1
no_right|control|select rolpassword from pg_authid
two|fleet|select code from tool; select code from tool
ddl|fleet|create temp table x (a int)
END
printf -- '-- other.sql - x\n-- tag: fleet\nselect 1 as one\n' >"$dir/bad/head.sql"
printf -- '-- untagged.sql - x\nselect 1 as one\n' >"$dir/bad/untagged.sql"
echo 'select code as part from tool where tool_id = $2' >"$dir/kpi/two.sql"
finds "sql/bad/unbound.sql: does not say workspace_id = .n for tool" check
while IFS= read -r said; do also_finds "^sql/$said"; done <<'END'
bad/one_of_two.sql: does not say workspace_id = .n for tool t$
bad/inner.sql: does not say workspace_id = .n for event e$
bad/second_arm.sql: does not say workspace_id = .n for tool$
bad/comma_join.sql: does not say workspace_id = .n for event e$
bad/a_view.sql: does not say workspace_id = .n for busy_tool$
bad/an_update.sql: does not say workspace_id = .n for tool$
bad/a_delete.sql: does not say workspace_id = .n for tool$
bad/blind_insert.sql: inserts into tool without naming workspace_id
bad/too_wide.sql: is tagged control and touches tool
bad/two_apart.sql: does not join tool t by workspace_id
bad/two_apart.sql: does not join event e by workspace_id
bad/clock.sql: asks the clock or the dice: now
bad/quoted_clock.sql: asks the clock: 'today'
bad/dice.sql: asks the clock or the dice: random
bad/merging.sql: does not begin with a statement but with "merge"
bad/wrong_table.sql: .*"nowhere" does not exist
bad/wrong_column.sql: .*"nothing" does not exist
bad/wrong_type.sql: .*operator does not exist
bad/no_type.sql: says no type for .2
bad/odd_type.sql: says no type for .1
bad/no_right.sql: as either role: .*permission denied
bad/two.sql: holds more than one statement
bad/ddl.sql: does not begin with a statement but with "create"
bad/head.sql: does not open with
bad/untagged.sql: has no line
kpi/two.sql: does not say workspace_id = .n for tool$
END
does_not_find '^sql/[^b].*views|ERROR.*statement'

# --- tables ---------------------------------------------------------------------------------------------

house "bad tables"
cat >"$dir/schema/0003_bad.sql" <<'END'
create table collaudo.no_key (workspace_id bigint not null);
create table collaudo.late_key (tool_id bigint, workspace_id bigint, primary key (tool_id, workspace_id));
create table collaudo.no_workspace (tool_id bigint primary key);
create table collaudo.small_workspace (workspace_id int primary key);
create table collaudo.narrow (workspace_id bigint primary key, code text unique);
create table collaudo.loose (workspace_id bigint primary key, tool_id bigint);
create unique index loose_index on collaudo.loose (tool_id);
alter table collaudo.narrow add foreign key (workspace_id) references collaudo.narrow;
alter table collaudo.narrow add constraint crooked foreign key (code) references collaudo.narrow (code);
create table collaudo.forgets (
    workspace_id bigint primary key, tool_id bigint,
    constraint forgets_fk foreign key (workspace_id, tool_id) references collaudo.tool on delete set null);
create table collaudo.nosy (
    workspace_id bigint, tool_id bigint, code text primary key,
    constraint nosy_fk foreign key (workspace_id, tool_id) references collaudo.tool);
comment on table collaudo.nosy is 'control: must not point there';
create unlogged table collaudo.unlogged (workspace_id bigint primary key);
create table collaudo.mute (workspace_id bigint primary key, riddle int, code text, happened_at timestamptz);
create table collaudo.timed (workspace_id bigint primary key, made_at timestamptz default now(),
    constraint timed_check check (made_at < current_timestamp));
comment on table collaudo.timed is 'x';
create table collaudo.open (workspace_id bigint primary key);
alter table collaudo.open enable row level security;
alter table collaudo.open force row level security;
create policy own_workspace on collaudo.open using (true) with check (true);
create policy back_door on collaudo.tool using (true);
grant select on collaudo.tool to public;
create function collaudo.fires() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger fires before insert on collaudo.tool for each row execute function collaudo.fires();
create rule quiet as on delete to collaudo.tool do instead nothing;
create function collaudo.reads(a bigint) returns bigint language sql as 'select count(*) from collaudo.tool where tool_id = a';
create function collaudo.reads_too(a bigint) returns bigint begin atomic select count(*) from collaudo.tool where tool_id = a; end;
create function collaudo.rises() returns int language plpgsql security definer as $$ begin return 1; end $$;
create view collaudo.sees_all as select workspace_id from collaudo.tool;
create materialized view collaudo.kept as select workspace_id from collaudo.tool;
END
echo "create or replace function collaudo.clock(a int) returns timestamptz language plpgsql
set search_path = collaudo as 'begin return clock_timestamp(); end';
select now();" >"$dir/func/clock.sql"
finds "table no_key has no primary key" check
while IFS= read -r said; do also_finds "$said"; done <<'END'
^table late_key: its primary key does not begin with workspace_id
^table no_workspace: workspace_id must be bigint not null
^table no_workspace: its primary key does not begin
^table small_workspace: workspace_id must be bigint
^unique index .*narrow_code_key leaves out workspace_id
^unique index .*loose_index leaves out workspace_id
^foreign key crooked of narrow leaves out workspace_id
^foreign key forgets_fk of forgets sets columns to null
^foreign key nosy_fk of the control table nosy points to business data
^table unlogged is unlogged
^table mute has no comment
^column mute.riddle needs a comment
^column timed.made_at has a default that asks the clock
^constraint timed_check of timed asks the clock
^table loose: row-level security is not enabled and forced
^table open: no policy own_workspace, or one with another condition
^table tool has a second policy, back_door
^everybody has rights on tool
^table tool has a trigger, fires
^table tool has a rule, quiet
^function .*reads\(bigint\) is LANGUAGE sql
^function .*reads_too\(bigint\) is LANGUAGE sql
^function .*rises\(\) is SECURITY DEFINER
^function .*rises\(\) does not fix its search_path
^function .*fires\(\) is a trigger function
^view sees_all lacks security_invoker
^view sees_all has no comment
^materialized view kept
^sql/func/clock.sql: asks the clock or the dice: now
^function clock\(integer\) asks the clock
END
does_not_find '(code|happened_at|workspace_id) needs a comment|table (tool|event) has no|forgets_fk of forgets leaves out|^table (workspace|event): '

house "schema with a mistake"
echo 'create table collaudo.tool (again int);' >"$dir/schema/0003_again.sql"
finds "0003_again.sql cannot be applied" check
finish
