/**
 * What organisations run, and what of it has a known weakness (ADR 0017).
 *
 * A component is a product on an asset, from-to; unchanged ones stay the same row from one version of their inventory to the
 * next. What advisories name stands beside them (`advisory_affects`), and both sides are looked up by the same keys. What
 * changes on either side leaves work: `product_news` a weakness of which something else is said, `component_due` a
 * component to be compared (weakness '': with all), `match_due` a weakness of an asset whose finding may have to change.
 */
export const sql = `
create table inventory (
  n bigint generated always as identity primary key, id uuid not null unique,
  organisation text not null references organisation (id) on delete cascade, name text not null, ended timestamptz,
  tlp tlp not null default 'amber+strict', pap pap not null default 'clear', grp text, licence text not null default 'own', shadow text,
  unique (organisation, name));
create table inventory_version (
  n bigint generated always as identity primary key, inventory bigint not null references inventory (n) on delete cascade,
  valid_from timestamptz not null, valid_to timestamptz, who text not null, file text not null, format text not null, bytes bigint not null, digest bytea not null,
  items integer not null, added integer not null, removed integer not null, repeated integer not null, rejected integer not null,
  problem_count integer not null, problems jsonb not null);
create index inventory_version_of on inventory_version (inventory, n desc);
create table component (
  n bigint generated always as identity primary key, inventory bigint not null references inventory (n) on delete cascade,
  organisation text not null references organisation (id) on delete cascade, digest bytea not null, product bytea not null,
  asset text not null, exposed boolean not null, worth text, vendor text not null, name text not null, version text not null,
  cpes text[] not null, purl text, at text not null, valid_from timestamptz not null, valid_to timestamptz);
create unique index component_live on component (inventory, digest) where valid_to is null;
create index component_asset on component (organisation, asset) where valid_to is null;
create index component_over on component (valid_to) where valid_to is not null;
create table component_key (key bigint not null, component bigint not null references component (n) on delete cascade, primary key (key, component));
create index component_key_of on component_key (component);
create table advisory_affects (advisory bigint primary key references advisory (n) on delete cascade, digest bytea not null, affects text not null);
create table advisory_key (key bigint not null, advisory bigint not null references advisory (n) on delete cascade, primary key (key, advisory));
create index advisory_key_of on advisory_key (advisory);
-- advisories that name no CVE are weaknesses by their own ids
create index advisory_nameless on advisory (key) where cardinality(cves) = 0;
create table product_news (n bigint generated always as identity primary key, weakness text not null);
create table component_due (component bigint not null references component (n) on delete cascade, weakness text not null, product bytea not null, primary key (component, weakness));
create index component_due_product on component_due (product, component);
create table product_match (
  component bigint not null references component (n) on delete cascade, weakness text not null,
  organisation text not null references organisation (id) on delete cascade, asset text not null, product text not null,
  rank integer not null, priority text not null, certainty text not null, exposed boolean not null, exploited boolean not null, epss double precision not null, cvss double precision not null,
  leans boolean not null, body jsonb not null, since timestamptz not null,
  tlp tlp not null default 'amber+strict', pap pap not null default 'clear', grp text, licence text not null default 'own', shadow text,
  primary key (component, weakness));
create index product_match_weakness on product_match (weakness, organisation);
create index product_match_asset on product_match (organisation, asset, weakness);
create index product_match_rank on product_match (organisation, rank, product);
create table match_due (
  organisation text not null references organisation (id) on delete cascade, asset text not null, weakness text not null, component bigint not null,
  primary key (organisation, asset, weakness));
-- findings as they stand on matches: what was said last, and how grave they were when they were told; and those that wait to be told together
create table product_finding (finding uuid primary key, organisation text not null references organisation (id) on delete cascade, said text not null, severity severity, at timestamptz);
create table product_untold (finding uuid primary key, organisation text not null references organisation (id) on delete cascade, at timestamptz not null);
create table product_digest (finding uuid primary key, organisation text not null references organisation (id) on delete cascade, findings uuid[] not null, body jsonb not null);
`;
