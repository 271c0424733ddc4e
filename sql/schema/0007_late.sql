-- 0007_late.sql - what comes in after a pilot's figures are frozen is kept and told, not counted.
--
-- The verdict is final from late_grace_h after the last day on. Until now a later event for a
-- day of the window was counted all the same, and the final verdict followed it.
alter table collaudo.source_day add column late_events bigint not null default 0;
comment on column collaudo.source_day.late_events is 'events of this day of the window that came after the figures were frozen: stored, in no figure';

alter table collaudo.heartbeat add column received_at timestamptz;
comment on column collaudo.heartbeat.received_at is 'when it was said first; NULL: before this was noted, in time';
