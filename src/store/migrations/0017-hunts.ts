/**
 * Hunts that people ask for, with their purpose and what they found; which hits were found backwards; and of which
 * indicators the past was hunted already, as long as the same is said of them.
 */
export const sql = `
alter table hit add column hunted timestamptz;
create table hunted_indicator (indicator uuid primary key references indicator (id) on delete cascade, said text not null);
create table hunt (
  id uuid primary key, organisation text references organisation (id) on delete cascade, tlp tlp not null default 'amber+strict', grp text, shadow text,
  who text not null, purpose text not null, wanted jsonb not null, pattern text, since timestamptz not null, until timestamptz not null, at timestamptz not null,
  state text not null check (state in ('waiting','running','done','cancelled','failed')), ended timestamptz, problem jsonb,
  to_read bigint, read bigint not null default 0, found bigint not null default 0, cut boolean not null default false, place jsonb);
create index hunt_open on hunt (at) where state in ('waiting','running');
create index hunt_at on hunt (at desc, id desc);
create table hunt_result (
  hunt uuid not null references hunt (id) on delete cascade, nth bigint not null, organisation text not null, at timestamptz not null, result jsonb not null,
  primary key (hunt, nth));
`;
