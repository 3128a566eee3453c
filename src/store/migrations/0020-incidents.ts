/**
 * From hits to potential incidents (ADR 0015): risk and its factors; stories by entities and time, the whole for staff and
 * each organisation's own part; who mutes whom; silences; what was shown of ATT&CK; hits of detectors that may not speak;
 * verdicts on steps of a because-chain; records of detectors.
 */
export const sql = `
alter table finding add column said severity, add column worth text not null default 'normal', add column risk integer not null default 0,
  add column part bigint references incident (n), add column muted_by bigint references finding (n) on delete set null,
  add column verdict text check (verdict in ('true', 'false', 'benign', 'duplicate'));
update finding set said = severity, risk = round(case severity when 'info' then 5 when 'low' then 20 when 'medium' then 45 when 'high' then 75 else 100 end
  * case certainty when 'unknown' then 0.25 when 'possible' then 0.5 when 'likely' then 0.8 else 1 end * 0.8);
alter table finding alter column said set not null;
create index finding_part on finding (part);
create index finding_muted on finding (muted_by) where muted_by is not null;

-- organisation: whose own part it is; null: the whole, for staff. anchor: the finding it is named by
alter table incident add column organisation text references organisation (id) on delete cascade, add column anchor uuid, add column anchor_at timestamptz,
  add column risk integer not null default 0;
update incident i set anchor = a.id, anchor_at = a.first_seen
  from (select distinct on (incident) incident, id, first_seen from finding where incident is not null order by incident, first_seen, id) a where a.incident = i.n;
update incident set anchor = id, anchor_at = first_seen where anchor is null;
alter table incident alter column anchor set not null, alter column anchor_at set not null;
-- ids by which an incident was called before it was found to be another
create table incident_alias (id uuid primary key, incident bigint not null references incident (n) on delete cascade);
create index incident_alias_incident on incident_alias (incident);
-- what ties findings to it, with the time over which it does
create table incident_tie (key uuid not null, incident bigint not null references incident (n) on delete cascade, first_seen timestamptz not null, last_seen timestamptz not null,
  primary key (key, incident));
create index incident_tie_incident on incident_tie (incident);
-- of an organisation's own part: what other organisations may have met too; for counting them, and for nothing else
create table incident_shared (key uuid not null, incident bigint not null references incident (n) on delete cascade, first_seen timestamptz not null, last_seen timestamptz not null,
  primary key (key, incident));
create index incident_shared_incident on incident_shared (incident);
create table finding_entity (finding bigint not null references finding (n) on delete cascade, kind text not null, key uuid not null, value text not null,
  first_seen timestamptz not null, last_seen timestamptz not null, hits bigint not null, primary key (finding, kind, key));
create index finding_entity_key on finding_entity (key);
create table finding_attack (finding bigint not null references finding (n) on delete cascade, name text not null, first_seen timestamptz not null, last_seen timestamptz not null,
  hits bigint not null, primary key (finding, name));
create index finding_attack_name on finding_attack (name, last_seen);

-- steps of a because-chain that a person took back, with who and why
alter table hit add column refuted jsonb;
alter table finding_source add column refuted jsonb;

create table silence (n bigint generated always as identity primary key, id uuid not null unique, matcher jsonb not null, reason text not null, who text not null,
  at timestamptz not null, until timestamptz not null, ended timestamptz, ended_by text, ended_reason text);
create index silence_in_force on silence (until) where ended is null;
-- volatile, so beside it
create table silence_effect (silence bigint primary key references silence (n) on delete cascade, findings bigint not null, hits bigint not null);
alter table finding add column silence bigint references silence (n);
create index finding_silence on finding (silence) where silence is not null;

-- hits of detectors whose record does not allow them to speak: evidence that adds risk
create table quiet_hit (id text primary key, organisation text not null references organisation (id) on delete cascade, feed text not null, tlp tlp not null, asset text not null,
  detector text not null, severity severity not null, time timestamptz not null, attack text[] not null, noticed jsonb, file text not null, line integer not null, evidence text not null,
  batch bigint, at timestamptz not null);
create index quiet_hit_feed on quiet_hit (feed, time);
create index quiet_hit_time on quiet_hit (time);
create table quiet_hit_entity (key uuid not null, hit text not null references quiet_hit (id) on delete cascade, time timestamptz not null, primary key (key, hit));
create index quiet_hit_entity_hit on quiet_hit_entity (hit);

alter table feed_scorecard add column benign integer not null default 0, add column duplicates integer not null default 0;
create table detector_record (feed text primary key references feed_state (feed) on delete cascade, at timestamptz not null, host_days double precision not null,
  findings integer not null, agreed integer not null, refuted integer not null, benign integer not null);

-- what stood before: its assets tie it, and each organisation has its own part
insert into finding_entity (finding, kind, key, value, first_seen, last_seen, hits)
  select n, 'host', left(encode(sha256(convert_to('entity ' || organisation || ' thing ' || asset, 'UTF8')), 'hex'), 32)::uuid, asset, first_seen, last_seen, hits from finding;
insert into incident (id, state, problem_type, problem_about, severity, first_seen, last_seen, changed, organisation, anchor, anchor_at)
  select gen_random_uuid(), 'suspected', a.problem_type, a.problem_about, a.severity, g.first_seen, g.last_seen, g.changed, g.organisation, a.id, a.first_seen
  from (select incident, organisation, min(first_seen) as first_seen, max(last_seen) as last_seen, max(changed) as changed from finding
      where incident is not null and not veiled group by 1, 2) g
    join lateral (select * from finding f where f.incident = g.incident and f.organisation = g.organisation and not f.veiled order by f.first_seen, f.id limit 1) a on true;
update finding f set part = p.n from incident p join finding a on a.id = p.anchor where p.organisation is not null
  and a.incident = f.incident and a.organisation = f.organisation and not f.veiled;
insert into incident_tie (key, incident, first_seen, last_seen)
  select e.key, s.incident, min(e.first_seen), max(e.last_seen) from finding f join finding_entity e on e.finding = f.n
    cross join lateral (values (f.incident), (f.part)) s (incident) where s.incident is not null group by 1, 2;
`;
