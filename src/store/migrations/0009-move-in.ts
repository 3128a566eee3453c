/**
 * Moving in from another system. `move_in_run`: one row a source and place (a file, an address) each time it was taken in;
 * of one that never ended, `rows` were taken, and `digest` is over their texts, so that the same file goes on where it
 * stopped and another one begins anew. `move_in_event`: MISP events as they came, whole: what of them is no indicator
 * (sightings, objects, sharing groups, ids of attributes) is lost to nobody. Only staff reads either.
 */
export const sql = `
create table move_in_run (
  n bigint generated always as identity primary key, source text not null, place text not null, began timestamptz not null,
  touched timestamptz not null, ended timestamptz, rows bigint not null default 0, digest text not null default '',
  counts jsonb not null default '{}', problems jsonb not null default '[]', refused bigint not null default 0);
create index move_in_run_open on move_in_run (source, place, n desc) where ended is null;
create table move_in_event (
  feed text not null, uuid uuid not null, stamp bigint not null, digest text not null, tlp tlp not null, at timestamptz not null, body text not null,
  primary key (feed, uuid));
`;
