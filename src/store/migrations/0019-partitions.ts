/**
 * Detectors over time. The facts of a batch wait in `batch_facts` until a checkpoint of their organisation's partition is
 * past them; `taken` is the order in which its holder read them, so that a restart reads them in the same one. A partition
 * is held by one process at a time: `fence` rises with every holder, and who has an older one can commit nothing.
 */
export const sql = `
create table detect_partition (
  organisation text primary key references organisation (id) on delete cascade,
  holder text, leased_until timestamptz, fence bigint not null default 0,
  taken bigint not null default 0, checkpointed bigint not null default 0, checkpoint bytea, checkpoint_at timestamptz, checkpoint_ms integer,
  struck timestamptz not null, through timestamptz, version text not null default '', counts jsonb not null default '{}', problem jsonb);
alter table detect_partition alter column checkpoint set storage external;
create table batch_facts (
  batch bigint primary key references telemetry_batch (n) on delete cascade, organisation text not null references organisation (id) on delete cascade,
  sensor text not null, received timestamptz not null, newest timestamptz not null, facts integer not null, body bytea not null,
  said jsonb not null, taken bigint);
alter table batch_facts alter column body set storage external;
create index batch_facts_fresh on batch_facts (organisation, batch) where taken is null;
create index batch_facts_taken on batch_facts (organisation, taken) where taken is not null;
create table sensor_clock (
  sensor text primary key references sensor (id) on delete cascade, at timestamptz not null, behind_ms bigint not null, corrected_ms bigint not null,
  facts bigint not null, late bigint not null, future bigint not null, alone boolean not null);
`;
