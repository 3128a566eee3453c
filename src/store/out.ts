import type { Sql, TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import { type Licence, type OrganisationId, type Pap, type Tlp, tlps } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import { bytesOf, holdsKey, keysOf } from "#jobs/lists/members.ts";
import {
  type ListedClaim,
  type ListViews,
  type OutState,
  pausedWhy,
  type Webhook,
  type WebhookEvent,
  type WebhookMessage,
} from "#jobs/lists/out-port.ts";
import { isUuid, readGrade, timeOf } from "#store/columns.ts";
import { liveSql, trustSql } from "#store/intel.ts";
import { storableText } from "#store/storable.ts";

/** Rows of a read that are in memory at once. */
const atOnce = 5000;

export const listViews = (sql: Sql): ListViews => ({
  listMoment: async (now) => {
    const [row] = await sql`select pg_current_snapshot()::text as seen, ${feedsStand(sql, now)} as feeds`;
    return `${String(row?.["seen"])} ${String(row?.["feeds"])}`;
  },

  sameMoment: async (moment, now) => {
    const [seen = "", feeds = ""] = moment.split(" ", 2);
    const [row] = await sql`select ${feedsStand(sql, now)} as feeds, exists (select from intel_change
      where xid >= pg_snapshot_xmin(${seen}::pg_snapshot) and not pg_visible_in_snapshot(xid, ${seen}::pg_snapshot))
      or exists (select from deployment where key = 'pruned:intel_change' and (value->>'xid')::xid8 >= pg_snapshot_xmin(${seen}::pg_snapshot)) as changed`;
    return row?.["feeds"] === feeds && row["changed"] === false;
  },

  listClaims: async (kinds, now, each, from) => {
    await sql.begin("read only", async (tx) => {
      const rows =
        tx`${claimsSql(tx)} where i.kind = any(${[...kinds]}) and ${listableSql(tx, now)} and ${from === undefined ? tx`true` : tx`(i.kind collate "C", i.value collate "C") > (${from.kind}, ${from.value})`}
        order by i.kind collate "C", i.value collate "C", c.feed`.cursor(atOnce);
      for await (const batch of rows) if (!(await each(batch.map(claimRow)))) break;
    });
  },
});

/** Claims with what lists and sensors are told of them; `where` follows. */
export const claimsSql = (sql: TransactionSql) =>
  sql`select i.id, i.n, i.kind, i.value, c.feed, c.labels, c.tlp, c.pap, c.licence, c.grade, c.first_seen, c.last_seen, c.live_until, f.last_good, ${trustSql(sql)} as trust
    from indicator i join claim c on c.indicator = i.id join feed_state f using (feed)`;

/** May stand in a list: alive, unflagged, of a feed that speaks and is out of shadow. */
const listableSql = (sql: TransactionSql, now: Instant) =>
  sql`(c.flags = '{}' and f.voice = 'alert' and not f.shadow and ${liveSql(sql, now)})`;

/**
 * Which feeds speak at all: out of shadow, with their voice, and not silent for longer than their lists live; and what each is
 * worth by its record, which weighs in every score.
 */
const feedsStand = (sql: Sql, now: Instant) =>
  sql`(select md5(coalesce(string_agg(f.feed || ' ' || f.shadow || ' ' || f.voice || ' ' || f.live_days || ' '
    || coalesce(f.last_good + make_interval(secs => f.live_days * 86400) > ${timeOf(now)}, false) || ' ' || coalesce(s.trust::text, ''), ',' order by f.feed), ''))
    from feed_state f left join feed_scorecard s using (feed))`;

export const claimRow = (row: Record<string, unknown>): ListedClaim => ({
  id: row["id"] as string,
  n: row["n"] as number,
  kind: row["kind"] as ObservableKind,
  value: row["value"] as string,
  feed: row["feed"] as string,
  labels: row["labels"] as string[],
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  licence: row["licence"] as Licence,
  grade: readGrade(row["grade"]),
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
  ...(row["trust"] === null ? {} : { trust: row["trust"] as number }),
  ...(row["live_until"] === null
    ? row["last_good"] === null
      ? {}
      : { listedAt: row["last_good"] as Instant }
    : { liveUntil: row["live_until"] as Instant }),
});

export const outState = (sql: TransactionSql): OutState => ({
  version: async (key) => {
    const [row] = await sql`select rows_hash, members, changed from list_version where key = ${key}`;
    return (
      row && {
        rowsHash: row["rows_hash"] as string,
        members: row["members"] as string,
        changed: row["changed"] as Instant,
      }
    );
  },

  putVersion: async (key, { rowsHash, members, changed }) => {
    await sql`insert into list_version (key, rows_hash, members, changed) values (${key}, ${rowsHash}, ${members}, ${timeOf(changed)})
      on conflict (key) do update set rows_hash = excluded.rows_hash, members = excluded.members, changed = excluded.changed`;
  },

  baseOf: async (members) => {
    const [row] =
      await sql`select b.hash, b.added from list_members m join list_members b on b.hash = coalesce(m.base, m.hash) where m.hash = ${members}`;
    return row && { hash: row["hash"] as string, keys: keysOf(row["added"] as Uint8Array) };
  },

  putMembers: async ({ hash, base, added, removed }, now) => {
    await sql`insert into list_members (hash, base, added, removed, at)
      values (${hash}, ${base === hash ? null : (base ?? null)}, ${bytesOf(added)}, ${bytesOf(removed)}, ${timeOf(now)}) on conflict (hash) do nothing`;
  },

  receivedBy: async (keys, until, path = "") => {
    if (keys.length === 0) return [];
    const found = new Map<string, { party: string; key: bigint; queries: Set<string>; sent: Instant }>();
    let base: { hash: string; keys: BigUint64Array } | undefined;
    const wanted = [...new Set(keys)];
    // a base and its versions behind it: one whole set in memory at a time, and never a read for each set
    const sets = sql`with sent as (select distinct members as hash from release_ledger
          where members is not null and at < ${timeOf(until)} and starts_with(query, ${path}))
      select m.hash, m.base, m.added, m.removed from list_members m where m.hash in (select hash from sent
        union select o.base from list_members o join sent using (hash) where o.base is not null)
      order by coalesce(m.base, m.hash), m.base nulls first`.cursor(20);
    const held = new Map<string, readonly bigint[]>();
    for await (const some of sets)
      for (const set of some) {
        const hash = set["hash"] as string;
        const of = set["base"] as string | null;
        const [added, removed] = [keysOf(set["added"] as Uint8Array), keysOf(set["removed"] as Uint8Array)];
        if (of === null) base = { hash, keys: added };
        const whole = base === undefined || of === null || base.hash !== of ? added : base.keys;
        const stood = wanted.filter(
          (key) => holdsKey(added, key) || (of !== null && holdsKey(whole, key) && !holdsKey(removed, key)),
        );
        if (stood.length > 0) held.set(hash, stood);
      }
    const sent = await sql`select members, party, query, max(at) as sent from release_ledger
      where members = any(${[...held.keys()]}) and at < ${timeOf(until)} and starts_with(query, ${path}) group by members, party, query`;
    for (const row of sent)
      for (const key of held.get(row["members"] as string) ?? []) {
        const [party, at] = [row["party"] as string, row["sent"] as Instant];
        const one = found.get(`${party} ${key}`) ?? { party, key, queries: new Set<string>(), sent: at };
        one.queries.add(row["query"] as string);
        if (at > one.sent) one.sent = at;
        found.set(`${party} ${key}`, one);
      }
    return [...found.values()]
      .sort((a, b) => (a.party < b.party ? -1 : a.party > b.party ? 1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ queries, ...one }) => ({ ...one, queries: [...queries].sort() }));
  },

  savedLists: async (party) =>
    (await sql`select party, name, query, made from saved_list where party = ${party} order by name`).map((row) => ({
      party: row["party"] as OrganisationId,
      name: row["name"] as string,
      query: row["query"] as string,
      made: row["made"] as Instant,
    })),

  saveList: async ({ party, name, query, made }) =>
    (
      await sql`insert into saved_list (party, name, query, made) values (${party}, ${name}, ${query}, ${timeOf(made)}) on conflict do nothing returning name`
    ).length > 0,

  dropList: async (party, name) =>
    (await sql`delete from saved_list where party = ${party} and name = ${name} returning name`).length > 0,

  recall: async ({ indicator, party, why, tlp, sent }, now) =>
    (
      await sql`insert into recall (indicator, party, why, tlp, at) values (${indicator}, ${party}, ${storableText(why)}, ${tlp}, ${timeOf(now)})
        on conflict (indicator, party) do update set why = excluded.why, tlp = excluded.tlp, at = excluded.at where recall.at <= ${timeOf(sent)} returning party`
    ).length > 0,

  recalledFrom: async (party, kinds) =>
    (
      await sql`select r.indicator, i.kind, i.value, r.at, r.tlp, coalesce((select min(c.first_seen) from claim c join feed_state f using (feed)
          where c.indicator = r.indicator and not f.shadow
            and array_position(${[...tlps]}::text[], c.tlp::text) <= array_position(${[...tlps]}::text[], r.tlp::text)), r.at) as first_seen
        from recall r join indicator i on i.id = r.indicator
        where r.party = ${party} and i.kind = any(${[...kinds]}) order by i.kind collate "C", i.value collate "C"`
    ).map((row) => ({
      id: row["indicator"] as string,
      kind: row["kind"] as ObservableKind,
      value: row["value"] as string,
      firstSeen: row["first_seen"] as Instant,
      at: row["at"] as Instant,
      tlp: row["tlp"] as Tlp,
    })),

  claimsOf: async (ids, now) =>
    (
      await sql`${claimsSql(sql)} where i.id = any(${ids.filter(isUuid)}::uuid[]) and ${listableSql(sql, now)} order by i.id, c.feed`
    ).map(claimRow),

  saidOf: async (ids) =>
    (
      await sql`select c.indicator, c.feed, c.tlp, c.pap, c.licence, f.shadow from claim c join feed_state f using (feed)
        where c.indicator = any(${ids.filter(isUuid)}::uuid[]) order by c.indicator, c.feed`
    ).map((row) => ({
      id: row["indicator"] as string,
      feed: row["feed"] as string,
      tlp: row["tlp"] as Tlp,
      pap: row["pap"] as Pap,
      licence: row["licence"] as Licence,
      shadow: row["shadow"] as boolean,
    })),

  observables: async (ids) =>
    (
      await sql`select i.id, i.kind, i.value, (${[...tlps]}::text[])[coalesce((select max(array_position(${[...tlps]}::text[], c.tlp::text)) from claim c where c.indicator = i.id), 1)] as tlp
        from indicator i where i.id = any(${ids.filter(isUuid)}::uuid[]) order by i.kind collate "C", i.value collate "C"`
    ).map((row) => ({
      id: row["id"] as string,
      kind: row["kind"] as ObservableKind,
      value: row["value"] as string,
      tlp: row["tlp"] as Tlp,
    })),

  ledger: async (party, before, limit) =>
    (
      await sql`select n, party, query, objects, content_hash, at from release_ledger where party = ${party} and ${before === undefined ? sql`true` : sql`n < ${before}`}
        order by n desc limit ${limit}`
    ).map((row) => ({
      n: row["n"] as number,
      party: row["party"] as string,
      query: row["query"] as string,
      count: row["objects"] as number,
      contentHash: row["content_hash"] as string,
      at: row["at"] as Instant,
    })),

  sentSince: async (since) =>
    new Map(
      (
        await sql`select party, count(*)::int as responses, sum(objects)::bigint as objects, max(at) as last from release_ledger where at >= ${timeOf(since)} group by party`
      ).map((row) => [
        row["party"] as string,
        {
          responses: row["responses"] as number,
          objects: Number(row["objects"]),
          last: row["last"] as Instant,
        },
      ]),
    ),

  webhooks: async (party) =>
    (
      await sql`select * from webhook where ${party === undefined ? sql`true` : sql`party = ${party}`} order by made, id`
    ).map(webhookRow),

  putWebhook: async ({ id, party, url, events, algorithm, secret, challenge, made }) => {
    await sql`insert into webhook (id, party, url, events, algorithm, secret, challenge, made)
      values (${id}, ${party}, ${storableText(url)}, ${[...events]}, ${algorithm}, ${secret}, ${challenge}, ${timeOf(made)})`;
  },

  dropWebhook: async (party, id) => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql`delete from webhook where party = ${party} and id = ${id} returning *`;
    return row && webhookRow(row);
  },

  postMessage: async ({ id, webhook, event, body, objects }, now) => {
    await sql`insert into webhook_message (id, webhook, event, body, objects, created, next_at)
      values (${id}, ${webhook}, ${event}, ${body}, ${objects}, ${timeOf(now)}, ${timeOf(now)}) on conflict (id) do nothing`;
  },

  dueMessages: async (now, limit) =>
    (
      await sql`select m.n, m.id as message, m.event, m.body, m.objects, m.attempts, w.* from webhook_message m join webhook w on w.id = m.webhook
        where m.next_at <= ${timeOf(now)} and w.disabled is null order by m.next_at, m.n limit ${limit} for update of m skip locked`
    ).map((row) => ({
      n: row["n"] as number,
      id: row["message"] as string,
      event: row["event"] as WebhookMessage["event"],
      body: row["body"] as string,
      objects: row["objects"] as number,
      attempts: row["attempts"] as number,
      webhook: webhookRow(row),
    })),

  messageSent: async ({ n, webhook }, at, proven) => {
    await sql`update webhook_message set sent = ${timeOf(at)}, next_at = null, attempts = attempts + 1, problem = null where n = ${n}`;
    await sql`update webhook set failing_since = null, proven = case when ${proven} then coalesce(proven, ${timeOf(at)}) else proven end where id = ${webhook.id}`;
  },

  messageFailed: async ({ n, webhook }, at, next, problem) => {
    const text = storableText(problem);
    await sql`update webhook_message set attempts = attempts + 1, problem = ${text}, next_at = ${next === undefined ? null : timeOf(next)},
      failed = ${next === undefined ? timeOf(at) : null} where n = ${n}`;
    await sql`update webhook set failing_since = coalesce(failing_since, ${timeOf(at)}), why = ${text} where id = ${webhook.id}`;
  },

  disableWebhook: async (id, at, why) => {
    await sql`update webhook set disabled = ${timeOf(at)}, why = ${storableText(why)} where id = ${id}`;
    await sql`update webhook_message set next_at = null, failed = ${timeOf(at)} where webhook = ${id} and next_at is not null`;
  },

  pauseWebhook: async (id, at) => {
    await sql`update webhook set disabled = ${timeOf(at)}, why = ${pausedWhy} where id = ${id}`;
  },

  resumeWebhook: async (id) => {
    await sql`update webhook set disabled = null, why = null, failing_since = null where id = ${id}`;
  },

  deliveries: async (webhook, limit) =>
    (
      await sql`select id, event, objects, attempts, created, next_at, sent, failed, problem from webhook_message where webhook = ${webhook} order by n desc limit ${limit}`
    ).map((row) => ({
      id: row["id"] as string,
      event: row["event"] as WebhookMessage["event"],
      objects: row["objects"] as number,
      attempts: row["attempts"] as number,
      at: row["created"] as Instant,
      ...(row["sent"] === null ? {} : { sent: row["sent"] as Instant }),
      ...(row["failed"] === null ? {} : { failed: row["failed"] as Instant }),
      ...(row["next_at"] === null ? {} : { next: row["next_at"] as Instant }),
      ...(row["problem"] === null ? {} : { problem: row["problem"] as string }),
    })),

  waitingOf: async (party) =>
    new Map(
      (
        await sql`select m.webhook, count(*)::int as waiting from webhook_message m join webhook w on w.id = m.webhook
          where w.party = ${party} and m.next_at is not null group by m.webhook`
      ).map((row) => [row["webhook"] as string, row["waiting"] as number]),
    ),

  collectionReads: async (path, since) =>
    (
      await sql`select split_part(substr(query, ${path.length + 1}::int), '/', 1) as collection, party, count(*)::int as reads, sum(objects)::bigint as objects, max(at) as last
        from release_ledger where at >= ${timeOf(since)} and starts_with(query, ${path}) group by 1, 2 order by last desc, party`
    ).map((row) => ({
      collection: row["collection"] as string,
      party: row["party"] as string,
      reads: row["reads"] as number,
      objects: Number(row["objects"]),
      last: row["last"] as Instant,
    })),
});

const webhookRow = (row: Record<string, unknown>): Webhook => ({
  id: row["id"] as string,
  party: row["party"] as OrganisationId,
  url: row["url"] as string,
  events: row["events"] as WebhookEvent[],
  algorithm: row["algorithm"] as Webhook["algorithm"],
  secret: row["secret"] as string,
  challenge: row["challenge"] as string,
  made: row["made"] as Instant,
  ...(row["proven"] === null ? {} : { proven: row["proven"] as Instant }),
  ...(row["disabled"] === null ? {} : { disabled: row["disabled"] as Instant }),
  ...(row["why"] === null ? {} : { why: row["why"] as string }),
  ...(row["failing_since"] === null ? {} : { failingSince: row["failing_since"] as Instant }),
});
