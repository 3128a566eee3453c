/**
 * Reports: what third parties state about assets, one row per feed, asset, type and about, however often it is said. The
 * marking is the source's; `instances` are its newest rows, as evidence, and keep the order of their fields (json, not jsonb).
 */
export const sql = `
create table report (
  id uuid primary key, feed text not null references feed_state (feed) on delete cascade,
  asset_kind text not null, asset_value text not null, also jsonb not null default '[]', type text not null, about text not null,
  severity severity not null, grade grade not null, labels text[] not null, first_seen timestamptz not null, last_seen timestamptz not null,
  count bigint not null, ends timestamptz not null, instances json not null,
  tlp tlp not null, pap pap not null, grp text, licence text not null,
  -- set when its life ended while its source was heard: findings that only it kept are over
  over timestamptz);
create index report_problem on report (left(asset_value, 200), type, about);
create index report_ends on report (ends) where over is null;
create index report_feed on report (feed);
-- every value by which an owner finds it: its addresses and networks, its names
create table report_place (report uuid not null references report (id) on delete cascade, key text not null, net inet, host text, primary key (report, key));
create index report_place_net on report_place using gist (net inet_ops) where net is not null;
create index report_place_host on report_place (reverse(host) text_pattern_ops) where host is not null;
-- digests of the rows that were counted, so that a body that comes again counts nothing twice
create table report_row (feed text not null references feed_state (feed) on delete cascade, digest uuid not null, until timestamptz not null, primary key (feed, digest));
create index report_row_until on report_row (until);
-- one row a batch: which reports were said again, and how often; read as intel_change is
create table report_change (seq bigint generated always as identity primary key, xid xid8 not null default pg_current_xact_id(), at timestamptz not null,
  feed text not null, ids uuid[] not null, fresh integer[] not null);
`;
