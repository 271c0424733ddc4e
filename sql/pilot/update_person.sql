-- update_person.sql - one person of the roster as declared now.
-- tag: workspace
-- $1 int8 workspace
-- $2 int8 pilot
-- $3 int8 person
-- $4 bytea sealed identifiers
-- $5 text role
-- $6 text team
-- $7 text cell
-- $8 text seniority
-- $9 bool seat
-- $10 date joined
-- $11 date last day
update person
set sealed = $4, role = $5, team = $6, cell = $7, seniority = $8, seat = $9, joined = $10,
    left_on = $11
where workspace_id = $1 and pilot_id = $2 and person_id = $3
