-- roster.sql - who counts, and when a pilot was heard: one definition each for all KPIs.

-- A person counts who is a member, manager or champion with a seat, from `joined` to `left_on`
-- (both days included). Vendors, externals, services and test users never do. `cell` is the part
-- of the frozen partition the person is shown in, '' when only in the total.
create or replace view collaudo.eligible_person with (security_invoker = true) as
select workspace_id, pilot_id, person_id, cell,
       coalesce(joined, '-infinity') as joined, coalesce(left_on, 'infinity') as left_on
from collaudo.person
where role in ('member', 'manager', 'champion') and seat;
comment on view collaudo.eligible_person is 'the roster the KPIs divide by; nobody else is counted anywhere';

grant select on collaudo.eligible_person to collaudo_app, collaudo_loader;

-- The local days from p_from up to p_cut (exclusive) on which a source that carries value
-- events was heard, by an event or a heartbeat. A source carries value events when one of its
-- events in that time was one. While no source has had any, all of them are asked: a tool that
-- is alive and unused shows zeros, not silence.
create or replace function collaudo.heard_days(p_workspace bigint, p_pilot bigint, p_from date, p_cut date)
    returns table (day date)
    language plpgsql stable
    set search_path = collaudo, pg_temp
as $fn$
begin
    return query
    with spoke as materialized (
        select d.day, d.covered_hours,
               sum(d.value_events) over (partition by d.source_id) > 0 as carries,
               sum(d.value_events) over () > 0 as some_carry
        from source s
        join source_day d on d.workspace_id = p_workspace and d.source_id = s.source_id
        where s.workspace_id = p_workspace and s.pilot_id = p_pilot
          and d.day >= p_from and d.day < p_cut
    )
    select distinct k.day from spoke k
    where k.covered_hours > 0 and (k.carries or not k.some_carry);
end
$fn$;

revoke all on function collaudo.heard_days(bigint, bigint, date, date) from public;
grant execute on function collaudo.heard_days(bigint, bigint, date, date) to collaudo_app, collaudo_loader;
