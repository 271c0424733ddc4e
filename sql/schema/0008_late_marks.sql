-- 0008_late_marks.sql - a day that only late events marked changes no figure.
--
-- A frozen pilot's verdict need not wait for such a day: what came is stored and told
-- (source_day.late_events), and counted nowhere.
alter table collaudo.dirty_day add column late boolean not null default false;
comment on column collaudo.dirty_day.late is 'only events that came after the figures were frozen marked this day: no figure changes';
