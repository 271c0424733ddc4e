-- 0010_fence.sql - who went on with a journal, and from where.
--
-- A directory that was copied, a machine that was cloned, a disk that two hosts share: two
-- instances with one journal. The newest one goes on; here the older one finds out from which
-- position on its records are its own alone.
create table collaudo.journal_epoch (
    journal_id uuid        not null references collaudo.journal,
    epoch      bigint      not null,
    begins     bigint      not null check (begins >= 0),
    taken_at   timestamptz not null,
    primary key (journal_id, epoch)
);
comment on table collaudo.journal_epoch is 'control: every start of a service on a journal';
comment on column collaudo.journal_epoch.epoch is 'microseconds since 1970 of its start, or one more than the one before';
comment on column collaudo.journal_epoch.begins is 'where the journal ended then: what is written before is common, what comes after is of this epoch';
comment on column collaudo.journal.epoch is 'the newest; a loader with an older one loads no more under this name';

grant select, insert on collaudo.journal_epoch to collaudo_app, collaudo_loader;
