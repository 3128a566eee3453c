/**
 * What goes out. `list_version`: what a list held when it was last made, by party class and query, so that the same content
 * keeps its time. `list_members`: which indicators stood in it, sorted 8-byte keys, whole or against a base; the ledger
 * names them, and recall asks them. `recall`: who was told to remove what.
 */
export const sql = `
-- read by "what is not in this snapshot", for lists that are made anew only when something changed
create index intel_change_xid on intel_change (xid, seq);
create table list_version (key text primary key, rows_hash text not null, members text not null, changed timestamptz not null);
create table list_members (
  hash text primary key, base text references list_members (hash), added bytea not null, removed bytea not null, at timestamptz not null);
alter table release_ledger add column members text;
create index release_ledger_party on release_ledger (party, n desc);
create index release_ledger_members on release_ledger (members) where members is not null;
create table saved_list (
  party text not null references organisation (id) on delete cascade, name text not null, query text not null, made timestamptz not null,
  primary key (party, name));
create table recall (indicator uuid not null, party text not null, why text not null, tlp tlp not null, at timestamptz not null, primary key (indicator, party));
create index recall_party on recall (party);

-- who is told over the network, and what waits to be told
create table webhook (
  id uuid primary key, party text not null references organisation (id) on delete cascade, url text not null, events text[] not null, algorithm text not null check (algorithm in ('v1','v1a')),
  secret text not null, challenge text not null, made timestamptz not null, proven timestamptz, disabled timestamptz, why text,
  failing_since timestamptz);
create index webhook_party on webhook (party);
create table webhook_message (
  n bigint generated always as identity primary key, id uuid not null unique, webhook uuid not null references webhook (id) on delete cascade, event text not null, body text not null, objects integer not null,
  created timestamptz not null, next_at timestamptz, attempts integer not null default 0, sent timestamptz, failed timestamptz, problem text);
create index webhook_message_due on webhook_message (next_at) where next_at is not null;
`;
