/**
 * STIX objects as they came, in collections. `date_added` is in whole microseconds since 1970 and strictly increasing in a
 * collection in the order of commits: the row of `stix_clock` is locked from before the first date is given until the
 * commit, so no reader ever sees a date without all earlier ones.
 *
 * A sender's objects are a lane of their own ('' is the community's own lane): what one party sent and another may not see
 * must not change what the other is told. Of the rows of one id:
 *   alone    it is the only one
 *   mixed    they differ in sender or marking, so that "the latest" depends on who asks
 *   latest   for rows that are not mixed: the version in force, of the highest specification version
 * `awaits`: marking definitions it names and nobody has sent; until they come the row is red, and `tlp_known` is what the
 * others say. `parts`: properties with a stricter marking of their own, {"description": "red"}.
 */
export const sql = `
create table stix_collection (
  n integer generated always as identity unique, id uuid primary key default gen_random_uuid(), alias text not null unique,
  title text not null, description text, readers text[] not null, writers text[] not null, media_types text[] not null,
  tlp tlp not null, pap pap not null, licence text not null, purpose text not null, made timestamptz not null default now());
create table stix_clock (collection integer primary key references stix_collection (n) on delete cascade, last bigint not null);
create table stix_object (
  collection integer not null, date_added bigint not null, id text collate "C" not null, type text collate "C" not null,
  spec text collate "C" not null, version text collate "C" not null, written text not null,
  sender text not null, organisation text, tlp tlp not null, tlp_known text, pap pap not null, grp text, licence text not null, shadow text,
  personal boolean not null, revoked boolean not null, latest boolean not null, mixed boolean not null, alone boolean not null,
  awaits text[], parts text, bytes integer not null, body text not null,
  primary key (collection, date_added));
create unique index stix_object_version on stix_object (collection, id, version, spec, sender);
create index stix_object_type on stix_object (collection, type, date_added);
create index stix_object_awaits on stix_object (collection) where awaits is not null;
create table stix_status (id uuid primary key, party text not null, at timestamptz not null, resource text not null);
create index stix_status_at on stix_status (at);
do $$ begin
  alter table stix_object alter column body set compression lz4;
  alter table stix_status alter column resource set compression lz4;
exception when others then null; -- a server built without lz4 packs with its own
end $$;
insert into stix_collection (alias, title, description, readers, writers, media_types, tlp, pap, licence, purpose)
  values ('intel', 'Shared intelligence', 'What the community shares', '{members,partners}', '{members,partners}',
    '{application/stix+json;version=2.1,application/stix+json;version=2.0}', 'amber', 'clear', 'own', 'detection');
insert into stix_clock select n, 0 from stix_collection;
`;
