-- 0003_cells.sql - the partition of the roster that figures may be split by, and mappings.

alter table collaudo.person add column cell text not null default '';
comment on column collaudo.person.cell is 'part of the roster whose figures may be shown: frozen at sealing, each with at least k people; before sealing the team; empty: only in the total';

alter table collaudo.source add column mapping text not null default '';
comment on column collaudo.source.mapping is 'name of the mapping that reads this source; empty: its events are canonical already';
