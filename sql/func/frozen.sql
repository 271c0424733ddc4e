-- frozen.sql - the instant from which on a pilot's figures stay as they are.
--
-- late_grace_h hours after the first instant of the day behind the window, as the gate reckons
-- it (pilot_frozen_from() in pilot.h). Where midnight comes twice, the first one; where clocks leave it out,
-- PostgreSQL takes the instant of the change, which is when the day begins.
create or replace function collaudo.frozen_from(p_tz text, p_end_day date, p_late_grace_h int)
    returns timestamptz
    language plpgsql stable
    set search_path = pg_catalog, pg_temp
as $fn$
declare
    v_at timestamptz := (p_end_day + 1)::timestamp at time zone p_tz;
begin
    if ((v_at - interval '1 hour') at time zone p_tz)::date = p_end_day + 1 then
        v_at := v_at - interval '1 hour';
    end if;
    return v_at + make_interval(hours => p_late_grace_h);
end
$fn$;

revoke all on function collaudo.frozen_from(text, date, int) from public;
grant execute on function collaudo.frozen_from(text, date, int) to collaudo_app, collaudo_loader;
