-- reason.sql - the name of a reason of quarantine: the table EVENT_DROPS of event.h again, for
-- figures that are named by it; a test compares the two.
create or replace function collaudo.reason_name(p_reason smallint)
    returns text
    language plpgsql immutable
    set search_path = pg_catalog, pg_temp
as $fn$
begin
    return coalesce((array['not_json', 'not_object', 'bad_unicode', 'duplicate_key', 'too_deep',
                            'event_too_large', 'missing_id', 'missing_time', 'missing_user', 'missing_action',
                            'bad_time', 'time_in_future', 'source_mismatch', 'unknown_type', 'type_not_allowed',
                            'no_rule', 'id_conflict', 'bad_signature', 'store_refused'])[p_reason], p_reason::text);
end
$fn$;

revoke all on function collaudo.reason_name(smallint) from public;
grant execute on function collaudo.reason_name(smallint) to collaudo_app, collaudo_loader;
