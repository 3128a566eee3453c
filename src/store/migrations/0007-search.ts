/** What search reads: filled from the change feed behind the merges' backs, so that no merge waits for an index. */
export const sql = `
-- what is said of values: labels, sources, kinds; few, each with the words a person may look for
create table search_term (no integer generated always as identity primary key, term text not null unique, words text[] not null);
create index search_term_words on search_term using gin (words);
-- one row an indicator. terms, newest and until are of all its claims, hidden ones too: they only narrow down, and a
-- row is shown for a claim that its reader may see
create table search_value (
  id uuid primary key, kind text not null, value text not null,
  host text collate "C",      -- the name in it from the right, "example.bad.www."
  net inet,                   -- the address or network in it
  near integer[] not null,    -- keys that look-alike names share (intel/search-keys.ts)
  terms integer[] not null, newest timestamptz not null, until timestamptz not null);
create index search_value_host on search_value (host, id) where host is not null;
create index search_value_net on search_value (net, id) where net is not null;
create index search_value_near on search_value using gin (near) with (gin_pending_list_limit = 16384);
create index search_value_terms on search_value using gin (terms) with (gin_pending_list_limit = 16384);
create index search_value_newest on search_value (newest);
-- parts of values: with pg_trgm, which is a trusted extension since PostgreSQL 13; where the role or the server does not let
-- us have it, parts of values are found by reading, more slowly, and "waglan doctor" says so
do $$ begin
  create extension if not exists pg_trgm;
exception when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
  raise notice 'pg_trgm cannot be made here';
end $$;
do $$ begin
  create index search_value_part on search_value using gin (value gin_trgm_ops) with (gin_pending_list_limit = 16384);
exception when undefined_object then
  raise notice 'parts of values have no index here';
end $$;
-- names that people gave to the same thing: ATT&CK, MISP galaxies
create table threat_name (
  source text not null, id text not null, kind text not null, name text not null, url text, gone boolean not null default false, primary key (source, id));
create table threat_alias (
  source text not null, id text not null, alias text not null, folded text not null,
  primary key (source, id, folded), foreign key (source, id) references threat_name (source, id) on delete cascade);
create index threat_alias_folded on threat_alias (folded);
`;
