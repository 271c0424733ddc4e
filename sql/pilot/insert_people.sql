-- insert_people.sql - new people, all at once; '' stands for no day.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 uuid[] ref
-- $4 text[] sealed identifiers, hex
-- $5 text[] role
-- $6 text[] team
-- $7 text[] cell
-- $8 text[] seniority
-- $9 int8[] seat, 0 or 1
-- $10 text[] joined
-- $11 text[] last day
insert into person (workspace_id, pilot_id, ref, sealed, role, team, cell, seniority, seat, joined,
                    left_on)
select $1, $2, n.ref, decode(n.sealed, 'hex'), n.role, n.team, n.cell, n.seniority, n.seat = 1,
       nullif(n.joined, '')::date, nullif(n.left_on, '')::date
from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int8[],
            $10::text[], $11::text[])
     as n(ref, sealed, role, team, cell, seniority, seat, joined, left_on)
returning person_id, ref
