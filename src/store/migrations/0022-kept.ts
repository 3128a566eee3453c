/**
 * What sets a hunt off beside a change of intel, each until it was worked off; how long what is kept is kept, by organisation;
 * legal holds; and how much there was when it was last counted.
 */
export const sql = `
create table hunt_cause (
  n bigint generated always as identity primary key, kind text not null check (kind in ('exclusion','feed','asset','rule','agreement','organisation')),
  subject text not null, payload jsonb not null default '{}', at timestamptz not null, who text not null,
  state text not null default 'waiting' check (state in ('waiting','running','done','cancelled','failed')), begun timestamptz, ended timestamptz, problem jsonb,
  read bigint not null default 0, found bigint not null default 0, opened bigint not null default 0, place jsonb, turned timestamptz);
create unique index hunt_cause_waits on hunt_cause (kind, subject) where state = 'waiting';
create index hunt_cause_open on hunt_cause (n) where state in ('waiting','running');
create table keep_limit (
  organisation text not null references organisation (id) on delete cascade, what text not null check (what in ('record','observation','hit')),
  days integer check (days > 0), bytes bigint check (bytes > 0), who text not null, reason text not null, at timestamptz not null,
  primary key (organisation, what), check (days is not null or bytes is not null));
create table legal_hold (
  id uuid primary key, organisation text not null references organisation (id) on delete cascade, since timestamptz not null, until timestamptz,
  who text not null, reason text not null, at timestamptz not null, ended timestamptz, ended_by text, ended_reason text);
create table kept_count (
  organisation text not null, what text not null, since timestamptz, until timestamptz, records bigint not null, bytes bigint not null, at timestamptz not null,
  primary key (organisation, what));
alter table hit add column forgotten timestamptz;
create index hit_time on hit (time) where forgotten is null;
`;
