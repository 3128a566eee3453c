/** What feeds need to be cared for: how their bodies come in, and how they do. */
export const sql = `
-- how bodies come in: where a walk goes on; refused rows with their own text, in the order they are paged; mail that was read
alter table feed_state add column cursor jsonb;
alter table feed_rejected add column n bigint generated always as identity, add column text text, add column frame jsonb;
create unique index feed_rejected_n on feed_rejected (n);
create table intake_seen (feed text not null, digest text not null, at timestamptz not null, primary key (feed, digest));
create index intake_seen_at on intake_seen (at);
-- a sighting finds the claims of its statement; lists of other feeds have no such part and cost nothing here
create index claim_statement on claim using gin (parts) where parts[1] like 'indicator--%';
-- how feeds do: what a list usually looks like (feeds/profile.ts)
alter table feed_state add column profile jsonb;
-- what people judged false: a value (feed '') or what one source says of it; few, and asked for with every read of claims
create table indicator_verdict (
  indicator uuid not null, feed text not null default '', who text not null, reason text not null, at timestamptz not null, primary key (indicator, feed));
-- taken back by its author, which is more than no longer listed
alter table claim add column withdrawn boolean not null default false;
-- why a source speaks for a finding no more; and the state the finding had while it stood
alter table finding_source add column retracted text check (retracted in ('false', 'withdrawn', 'excluded'));
alter table finding add column stood text;
-- until when claims that ended by themselves were counted and told
alter table feed_state add column expired_to timestamptz;
alter table feed_turn add column expired integer not null default 0;
create index claim_ends on claim (feed, live_until) where gone_at is null and live_until is not null;
-- exclusions kept here: a list, or values that people put aside, each with its reason and perhaps its end
alter table exclusion_list add column kinds text[] not null default '{}', add column entries integer not null default 0,
  add column who text not null default '', add column reason text not null default '', add column until timestamptz;
-- changes with every change of them: what tells processes to build anew
create table exclusion_mark (one boolean primary key default true check (one), version bigint not null);
insert into exclusion_mark (version) values (0);
-- how sources do against each other, counted now and then (intel/scorecard.ts)
create table feed_scorecard (
  feed text primary key references feed_state (feed) on delete cascade, at timestamptz not null, live bigint not null, alone bigint not null, lead_hours double precision,
  right_cases integer not null, wrong_cases integer not null, confirmed integer not null, disputed integer not null, false_findings integer not null, verdicts integer not null, trust double precision);
create table feed_overlap (feed text not null references feed_state (feed) on delete cascade, other text not null references feed_state (feed) on delete cascade,
  shared bigint not null, lead_hours double precision, primary key (feed, other));
`;
