-- 0008_correction.sql - what a wrong clock was corrected by is kept beside the time.
alter table collaudo.event add column correction bigint;
comment on column collaudo.event.correction is 'microseconds added to the time as its sender wrote it, to get happened_at; NULL: none. As long as happened_at since 1970: its sender wrote no time';
