/**
 * Sensors inside organisations. `knowledge`: what parties under the same terms may have, as of a place in the change feed;
 * `knowledge_row` says from which version until which (excluded) a value was in it, so that what changed between any two is the
 * exact difference. `knowledge_cursor`: which version an answer brought its sensor to. `sensor_parcel`: what a sensor sent, as
 * it was taken in; `sensor_state`: how it last
 * said it is, and what it was last given; `epoch` names a run of parcel numbers. `sensor_ask`: hunts handed to sensors, and how far each is.
 */
export const sql = `
create table knowledge (
  class text primary key, version bigint not null, sum numeric not null, held bigint not null, place jsonb, about text not null, made timestamptz not null);
create table knowledge_row (
  class text not null references knowledge (class) on delete cascade, indicator uuid not null, kind text not null, value text not null, until timestamptz,
  mark bigint not null, since bigint not null, gone bigint);
create unique index knowledge_row_held on knowledge_row (class, indicator) where gone is null;
create index knowledge_row_since on knowledge_row (class, since);
create index knowledge_row_gone on knowledge_row (class, gone) where gone is not null;
create index knowledge_row_until on knowledge_row (class, until) where gone is null and until is not null;
create table knowledge_cursor (
  cursor text primary key, class text not null references knowledge (class) on delete cascade, version bigint not null, place text not null, at timestamptz not null);
create index knowledge_cursor_at on knowledge_cursor (at);

create table sensor_parcel (
  n bigint primary key, id text not null unique, sensor text not null references sensor (id) on delete cascade, organisation text not null references organisation (id) on delete cascade,
  number bigint, made timestamptz, received timestamptz not null, bytes integer not null, counts jsonb not null, refused jsonb not null, hits integer not null,
  whole boolean not null, body bytea);
create index sensor_parcel_of on sensor_parcel (sensor, received desc, id desc);
create index sensor_parcel_organisation on sensor_parcel (organisation);
create index sensor_parcel_received on sensor_parcel (received);
create table sensor_state (
  sensor text primary key references sensor (id) on delete cascade, at timestamptz, state jsonb, cursor text, pulled timestamptz,
  epoch text not null default '', parcels bigint not null default 0, newest bigint not null default 0);
create table sensor_day (
  sensor text not null references sensor (id) on delete cascade, day date not null, lines bigint not null default 0, rejected bigint not null default 0,
  late bigint not null default 0, forgotten bigint not null default 0, lost bigint not null default 0, parcels bigint not null default 0, lies bigint not null default 0,
  reasons jsonb not null default '{}', primary key (sensor, day));

alter table hunt add column asked_at text not null default 'server' check (asked_at in ('server','sensors')), add column ask_tlp tlp;
create table sensor_ask (
  hunt uuid not null references hunt (id) on delete cascade, sensor text not null references sensor (id) on delete cascade, given timestamptz, page integer not null default 0,
  answered timestamptz, count bigint not null default 0, first timestamptz, last timestamptz, days jsonb not null default '[]', done boolean not null default false, problem jsonb,
  primary key (hunt, sensor));
create index sensor_ask_open on sensor_ask (sensor) where not done;
`;
