-- list_codes.sql - every pilot of the installation, by company and id.
-- tag: control
select c.workspace_id, c.pilot_id, c.code
from pilot_code c
join workspace w on w.workspace_id = c.workspace_id
order by w.code, c.code
