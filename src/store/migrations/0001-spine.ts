/**
 * The spine: everything from a feed's list to an answered alert. Ids that leave the program are opaque text or uuid;
 * numbers (`n`) never do. Every row a Viewer can reach carries its Marking (owner, tlp, pap, grp, licence).
 * Volatile counters stay out of indexed rows. Times are timestamptz.
 */
export const sql = `
create domain tlp as text check (value in ('clear','green','amber','amber+strict','red'));
create domain pap as text check (value in ('clear','green','amber','red'));
create domain severity as text check (value in ('info','low','medium','high','critical'));
create domain grade as text check (value ~ '^[A-F][1-6]$');

create table deployment (key text primary key, value jsonb not null);

-- community ------------------------------------------------------------------------------------------------------
create table organisation (
  id text primary key, key text not null unique, kind text not null check (kind in ('member','partner')),
  names jsonb not null, parent text references organisation (id) deferrable initially deferred, sector text,
  languages text[] not null, client_of text[] not null default '{}', shadow boolean not null, zone text not null,
  since timestamptz not null, ended timestamptz);
create table person (
  id text primary key, key text not null unique, name text not null, language text,
  channels jsonb not null default '[]', ended timestamptz);
create table person_role (
  person text not null references person (id) on delete cascade, organisation text not null references organisation (id) on delete cascade,
  role text not null, primary key (person, organisation, role));
create table asset (
  id text primary key, organisation text not null references organisation (id) on delete cascade, kind text not null, value text not null,
  valid_from timestamptz not null, valid_to timestamptz, proof text not null, worth text not null default 'normal',
  check (valid_to is null or valid_to > valid_from));
create index asset_organisation on asset (organisation);
create table sensor (
  id text primary key, key text not null unique, organisation text not null references organisation (id) on delete cascade,
  title text not null, format text not null, networks text[] not null default '{}', ended timestamptz);
create table sensor_heard (sensor text primary key references sensor (id) on delete cascade, at timestamptz not null, events bigint not null default 0, rejected bigint not null default 0);
create table agreement (
  party text primary key, tlp_max tlp not null, pap_max pap not null, anonymise_sources boolean not null, accepts_pii boolean not null,
  purposes text[] not null, valid_from timestamptz not null, valid_to timestamptz);
create table sharing_group (
  id text primary key, key text not null unique, title text not null, members text[] not null, private boolean not null, staff text[] not null);
-- directory changes have their own serialised cursor: an open writer elsewhere in the cluster cannot stall it
create table directory_change (version bigint primary key, at timestamptz not null, change jsonb not null);

-- people who sign in ----------------------------------------------------------------------------------------------
create table account (
  id text primary key, name text not null unique, password text not null, staff boolean not null, roles text[] not null default '{}',
  person text references person (id) on delete cascade, display text not null, language text not null, disabled timestamptz, created timestamptz not null);
create table session (
  token text primary key, id text not null unique, account text not null references account (id) on delete cascade, created timestamptz not null, expires timestamptz not null);
create index session_account on session (account);
create table token (
  id text primary key, prefix text not null, hash text not null unique, kind text not null check (kind in ('sensor','party')),
  organisation text not null references organisation (id) on delete cascade, sensor text references sensor (id) on delete cascade,
  permissions text[] not null, title text not null, made timestamptz not null, until timestamptz, revoked timestamptz);
create table token_used (token text primary key references token (id) on delete cascade, at timestamptz not null);

-- feeds and intel -------------------------------------------------------------------------------------------------
create table feed_state (
  feed text primary key, shadow boolean not null, last_turn timestamptz, last_good timestamptz, next_turn timestamptz,
  state text not null default 'never', reason jsonb, failures integer not null default 0, accepted integer,
  etag text, last_modified text, live_days double precision not null, claims bigint not null default 0, claims_open bigint not null default 0, voice text not null);
-- claims_open: how many its readers outside staff may know of
create table feed_turn (
  n bigint generated always as identity primary key, feed text not null references feed_state (feed) on delete cascade, at timestamptz not null,
  state text not null, reason jsonb, file text not null, bytes bigint not null, rows integer not null, accepted integer not null,
  rejected jsonb not null, added integer not null, changed integer not null, delisted integer not null, took_ms integer not null, archive text);
create index feed_turn_feed on feed_turn (feed, n desc);
create table feed_rejected (
  turn bigint not null references feed_turn (n) on delete cascade, part text not null, row integer not null, problem jsonb not null);
create index feed_rejected_turn on feed_rejected (turn);
-- what a list held when it was last read: 20 bytes a row (16 of id, 4 of content), so that unchanged rows never reach the database again
create table feed_list (feed text not null references feed_state (feed) on delete cascade, part text not null, items bytea not null, primary key (feed, part));

create table indicator (id uuid primary key, n bigint generated always as identity, kind text not null, value text not null, first_seen timestamptz not null);
create table claim (
  indicator uuid not null, feed text not null, first_seen timestamptz not null, last_seen timestamptz not null, live_until timestamptz,
  grade grade not null, labels text[] not null, parts text[] not null, flags text[] not null, tlp tlp not null, pap pap not null,
  licence text not null, gone_at timestamptz,
  -- set by the merge: it brought a delisted claim back; the claim lived before it, and openly
  revived boolean not null default false, was_open boolean not null default false, primary key (indicator, feed));
create table exclusion_list (name text primary key, title text not null, kind text not null, items jsonb not null, at timestamptz not null);
-- one row a batch, never a row an indicator; read by (xid, seq) below the snapshot's xmin, so that no late committer is skipped
create table intel_change (seq bigint generated always as identity primary key, xid xid8 not null default pg_current_xact_id(), at timestamptz not null,
  feed text not null, ids uuid[] not null);

-- telemetry -------------------------------------------------------------------------------------------------------
create table telemetry_batch (
  n bigint generated always as identity primary key, sensor text not null references sensor (id) on delete cascade, key text not null, digest text not null,
  format text, received timestamptz not null, body bytea, bytes integer not null, lines integer, rejected jsonb,
  matched timestamptz, stored timestamptz, attempts integer not null default 0, unique (sensor, key));
create index telemetry_unmatched on telemetry_batch (n) where matched is null;
create index telemetry_unstored on telemetry_batch (n) where stored is null;
create table telemetry_rejected (batch bigint not null references telemetry_batch (n) on delete cascade, line integer not null, problem jsonb not null);
create index telemetry_rejected_batch on telemetry_rejected (batch);

-- incidents -------------------------------------------------------------------------------------------------------
create table incident (
  n bigint generated always as identity primary key, id uuid not null unique, state text not null, problem_type text not null, problem_about text not null,
  severity severity not null, first_seen timestamptz not null, last_seen timestamptz not null, changed timestamptz not null);
create table finding (
  n bigint generated always as identity primary key, id uuid not null unique, organisation text not null references organisation (id) on delete cascade,
  asset text not null, problem_type text not null, problem_about text not null, detector text not null,
  severity severity not null, certainty text not null, grade grade not null, state text not null, shadow text,
  first_seen timestamptz not null, last_seen timestamptz not null, hits bigint not null, incident bigint references incident (n),
  due timestamptz, snoozed_until timestamptz, undeliverable boolean not null default false,
  tlp tlp not null, pap pap not null, grp text, licence text not null, opened timestamptz not null, changed timestamptz not null, closed timestamptz,
  veiled boolean not null default false);
-- its id is keyed by what it is about and keeps it single: a unique key over the values could not hold a long URL
create index finding_organisation on finding (organisation);
create index finding_state on finding (state, n);
create index finding_incident on finding (incident);
create table finding_instance (
  finding bigint not null references finding (n) on delete cascade, key text not null, first_seen timestamptz not null, last_seen timestamptz not null,
  hits bigint not null, primary key (finding, key));
create table finding_source (
  finding bigint not null references finding (n) on delete cascade, feed text not null, grade grade not null, labels text[] not null, tlp tlp not null, pap pap not null default 'clear',
  voice text not null, first_seen timestamptz not null, last_seen timestamptz not null, indicator uuid not null, primary key (finding, feed, indicator));
create index finding_source_indicator on finding_source (indicator);
create table hit (
  id text primary key, finding bigint not null references finding (n) on delete cascade, detector text not null, batch bigint,
  observable_kind text not null, observable_value text not null, indicator_kind text not null, indicator_value text not null,
  sources text[] not null, seen_where text not null, direction text not null, time timestamptz not null, severity severity not null,
  attack text[] not null, source jsonb, destination jsonb, file text not null, line integer not null, evidence text not null);
create index hit_finding on hit (finding, time desc);
create table background (
  organisation text not null references organisation (id) on delete cascade, day date not null, indicator_kind text not null, indicator_value text not null, why text not null, hits bigint not null,
  primary key (organisation, day, indicator_kind, indicator_value, why));
create table finding_history (
  n bigint generated always as identity primary key, finding bigint not null references finding (n) on delete cascade, at timestamptz not null,
  who text, what text not null, detail jsonb not null default '{}', note text);
create index finding_history_finding on finding_history (finding, n);

-- alerts ----------------------------------------------------------------------------------------------------------
create table alert (
  n bigint generated always as identity primary key, id uuid not null unique, ref text not null unique, finding bigint not null references finding (n) on delete cascade,
  version integer not null, at timestamptz not null, due timestamptz, severity severity not null, input jsonb not null, unique (finding, version));
create table alert_recipient (
  alert bigint not null references alert (n) on delete cascade, person text not null references person (id) on delete cascade, channel text not null, message_id text not null unique,
  primary key (alert, person));
create table answer (
  n bigint generated always as identity primary key, finding bigint not null references finding (n) on delete cascade, alert bigint references alert (n),
  person text references person (id) on delete set null, who text not null, answer text not null, note text, at timestamptz not null);
create index answer_finding on answer (finding, n);

-- queue, outbox, evidence: in one transaction with what caused them -------------------------------------------------
create table queue (
  n bigint generated always as identity primary key, kind text not null, key text not null, payload jsonb not null, run_at timestamptz not null,
  attempts integer not null default 0, problem text, unique (kind, key));
create index queue_due on queue (run_at, n);
create table outbox (
  n bigint generated always as identity primary key, message_id text not null unique, mail jsonb not null, created timestamptz not null, next_at timestamptz,
  attempts integer not null default 0, sent timestamptz, failed timestamptz, problem text);
create index outbox_due on outbox (next_at) where next_at is not null;
create table evidence_leaf (
  n bigint generated always as identity primary key, xid xid8 not null default pg_current_xact_id(), at timestamptz not null, kind text not null, subject text not null,
  data jsonb not null, salt bytea not null, hash bytea not null, idx bigint unique);
create index evidence_unsequenced on evidence_leaf (n) where idx is null;
create table evidence_checkpoint (size bigint primary key, root bytea not null, at timestamptz not null, signature text not null);

-- the same viewer doing the same act under the same key does it once
create table idempotency (viewer text not null, key text not null, at timestamptz not null, primary key (viewer, key));

-- share -----------------------------------------------------------------------------------------------------------
create table release_ledger (
  n bigint generated always as identity primary key, party text not null, query text not null, after text not null, up_to text not null,
  objects integer not null, content_hash text not null, at timestamptz not null);
`;
