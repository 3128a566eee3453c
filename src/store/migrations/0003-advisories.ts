/**
 * Advisories: one row per feed and publisher's id, each source's word for itself; a CVE's rows stand side by side and are
 * joined when read. `body` is the whole statement (feeds/feed.ts, RawAdvisory); the columns beside it are what lists ask.
 */
export const sql = `
create table advisory (
  n bigint generated always as identity primary key, id uuid not null unique,
  feed text not null references feed_state (feed) on delete cascade, key text not null,
  kind text not null check (kind in ('advisory','vulnerability','news')), title text not null, body jsonb not null,
  cves text[] not null, search text not null, bare boolean not null,
  exploited boolean not null, ransomware boolean not null, exploit boolean not null, epss double precision not null, cvss double precision not null,
  updated timestamptz not null, first_seen timestamptz not null, changed timestamptz not null,
  withdrawn boolean not null, gone_at timestamptz, content bytea not null,
  organisation text references organisation (id) on delete cascade, tlp tlp not null, pap pap not null, grp text, licence text not null,
  unique (feed, key));
create index advisory_updated on advisory (updated desc, id desc) where not bare;
create index advisory_changed on advisory (changed, n);
create index advisory_cves on advisory using gin (cves);
create index advisory_record on advisory (key) where kind = 'vulnerability';
create index advisory_pressing on advisory (key) where kind = 'vulnerability' and (exploited or ransomware or exploit or epss >= 0.01 or cvss >= 7);
-- how a statement came to be what it is: which parts of it changed, with the marking it had then
create table advisory_version (
  n bigint generated always as identity primary key, advisory bigint not null references advisory (n) on delete cascade,
  at timestamptz not null, version text, updated timestamptz not null, fields text[] not null, tlp tlp not null);
create index advisory_version_of on advisory_version (advisory, n desc);
-- what whole lists held when they were last read (intel/list-diff.ts)
create table advisory_list (feed text not null references feed_state (feed) on delete cascade, part text not null, items bytea not null, primary key (feed, part));
`;
