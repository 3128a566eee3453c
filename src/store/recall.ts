import type { Fragment, TransactionSql } from "postgres";
import { type Licence, licences, type OrganisationId, type Pap, paps, type Tlp, tlps } from "#core/marking.ts";
import { keysOf } from "#jobs/lists/members.ts";
import type { RecallState, StixStated } from "#jobs/recall/port.ts";
import { mispAttributeKey, mispObjectKey, stixKey } from "#jobs/collect/receipts.ts";
import { valueKey } from "#share/misp-value-keys.ts";
import { isUuid } from "#store/columns.ts";
import { judgedShadow } from "#store/judged-shadow.ts";
import { redate, settle } from "#store/stix-objects.ts";

export const recallState = (sql: TransactionSql): RecallState => ({
  stix: async (indicators) =>
    (
      await sql`with said as (
          select c.indicator, c.feed, p.part from claim c, unnest(c.parts) p (part)
          where c.indicator = any(${indicators.filter(isUuid)}::uuid[]) and c.feed like 'taxii-posts-%')
        select distinct s.indicator, s.feed, o.collection, o.sender, o.id,
          not exists (select from claim x where x.feed = s.feed and x.parts[1] like 'indicator--%' and x.parts @> array[s.part] and x.gone_at is null
            and not exists (select from indicator_verdict v where v.indicator = x.indicator and v.feed in ('', x.feed))) as empty
        from said s join stix_collection k on starts_with(s.feed, 'taxii-posts-' || k.alias)
          join stix_object o on o.collection = k.n and o.id = s.part and o.addressee = ''
          left join organisation g on g.id = o.sender
        where s.feed = 'taxii-posts-' || k.alias || coalesce('-' || g.key, '') order by o.collection, o.id, o.sender, s.indicator`
    ).map((row) => ({
      indicator: row["indicator"] as string,
      feed: row["feed"] as string,
      collection: row["collection"] as number,
      ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
      id: row["id"] as string,
      empty: row["empty"] as boolean,
    })),

  misp: async (indicators) => {
    // an endpoint is a composite there: "192.0.2.1|443"
    const keys = indicators.flatMap(({ id, kind, value }) =>
      [value, ...(kind === "endpoint" ? [value.replace(/:(\d+)$/, "|$1")] : [])].map((text) => ({
        id,
        key: valueKey(text),
      })),
    );
    if (keys.length === 0) return [];
    return (
      await sql`select distinct w.id as indicator, c.feed, a.n, a.object, a.event,
          exists (select from indicator_verdict v where v.indicator = c.indicator and v.feed in ('', c.feed)) as judged
        from unnest(${keys.map(({ id }) => id)}::uuid[], ${keys.map(({ key }) => key)}::bigint[]) as w (id, key)
          join claim c on c.indicator = w.id and (c.feed = 'misp' or c.feed like 'misp-%')
          join misp_event e on e.uuid::text = any(c.parts) left join organisation g on g.id = e.sender
          join misp_attribute a on a.event = e.n and w.key in (a.key0, a.key1, a.key2)
        where c.feed = 'misp' || coalesce('-' || g.key, '') order by a.n`
    ).map((row) => ({
      indicator: row["indicator"] as string,
      feed: row["feed"] as string,
      attribute: Number(row["n"]),
      ...(row["object"] === null ? {} : { object: Number(row["object"]) }),
      event: Number(row["event"]),
      judged: row["judged"] as boolean,
    }));
  },

  hideStix: async (objects) => {
    const hidden: StixStated[] = [];
    for (const one of objects) {
      if (!one.empty) continue;
      // as every writer of the collection does
      await sql`select last from stix_clock where collection = ${one.collection} for update`;
      const rows =
        await sql`update stix_object set shadow = ${judgedShadow} where collection = ${one.collection} and id = ${one.id}
        and sender = ${one.sender ?? ""} and addressee = '' and shadow is null returning id`;
      if (rows.length === 0) continue;
      hidden.push(one);
      await settle(sql, one.collection, [one.id]);
    }
    return hidden;
  },

  showStix: async (objects) => {
    let shown = 0;
    for (const one of objects) {
      if (one.empty) continue;
      const rows =
        await sql`select date_added, id from stix_object where collection = ${one.collection} and id = ${one.id}
        and sender = ${one.sender ?? ""} and addressee = '' and shadow = ${judgedShadow} order by date_added`;
      if (rows.length === 0) continue;
      const [clock] = await sql`select last from stix_clock where collection = ${one.collection} for update`;
      await sql`delete from stix_object where collection = ${one.collection} and id = ${one.id} and addressee <> ''`;
      await sql`update stix_object set shadow = null where collection = ${one.collection} and id = ${one.id}
        and sender = ${one.sender ?? ""} and addressee = '' and shadow = ${judgedShadow}`;
      const last = await redate(sql, one.collection, rows, clock?.["last"] as number);
      await sql`update stix_clock set last = ${last} where collection = ${one.collection}`;
      await settle(sql, one.collection, [one.id]);
      shown++;
    }
    return shown;
  },

  hideMisp: async (attributes, seconds) => {
    const rows =
      await sql`update misp_attribute set deleted = true, judged = true, changed = greatest(changed + 1, ${seconds})
      where n = any(${attributes.map(({ attribute }) => attribute)}::bigint[]) and not deleted returning n`;
    await touch(sql, rows.map(numberOf), seconds);
    return rows.length;
  },

  showMisp: async (attributes, seconds) => {
    const rows =
      await sql`update misp_attribute set deleted = false, judged = false, changed = greatest(changed + 1, ${seconds})
      where n = any(${attributes.map(({ attribute }) => attribute)}::bigint[]) and judged returning n`;
    await touch(sql, rows.map(numberOf), seconds);
    return rows.length;
  },

  indicatorsSentTo: async (party) => {
    const all = [...(await keysSentTo(sql, party, "/lists/"))];
    const found: string[] = [];
    for (let at = 0; at < all.length; at += 10_000) {
      const [from, to] = ["0000-000000000000", "ffff-ffffffffffff"].map((end) =>
        all.slice(at, at + 10_000).map((key) => {
          const hex = key.toString(16).padStart(16, "0");
          return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${end}`;
        }),
      );
      const ids = await sql`select i.id from unnest(${from ?? []}::uuid[], ${to ?? []}::uuid[]) as r (low, high)
        join indicator i on i.id between r.low and r.high`;
      found.push(...ids.map((row) => row["id"] as string));
    }
    return found;
  },

  receivers: async () =>
    (await sql`select distinct party from release_ledger where members is not null order by party`).map(
      (row) => row["party"] as OrganisationId,
    ),

  queriesOf: async (party) =>
    (
      await sql`select distinct query from release_ledger where party = ${party} and members is not null order by query limit 1000`
    ).map((row) => row["query"] as string),

  stixSentTo: async (party) => {
    const keys = await keysSentTo(sql, party, "/taxii2/");
    const found: { collection: number; sender?: OrganisationId; id: string }[] = [];
    if (keys.size === 0) return found;
    const rows = sql`select distinct collection, sender, id from stix_object where addressee = ''`.cursor(5000);
    for await (const some of rows)
      for (const row of some) {
        const [collection, id] = [row["collection"] as number, row["id"] as string];
        const sender = row["sender"] === "" ? undefined : (row["sender"] as OrganisationId);
        if (keys.has(stixKey(collection, sender, id)))
          found.push({ collection, id, ...(sender === undefined ? {} : { sender }) });
      }
    return found;
  },

  eventsSentTo: async (party) => {
    const keys = await keysSentTo(sql, party, "/misp/");
    const found = new Set<number>();
    if (keys.size === 0) return [];
    for await (const some of sql`select n, object, event from misp_attribute`.cursor(5000))
      for (const row of some)
        if (
          keys.has(mispAttributeKey(Number(row["n"]))) ||
          (row["object"] !== null && keys.has(mispObjectKey(Number(row["object"]))))
        )
          found.add(Number(row["event"]));
    return [...found];
  },

  readersOf: async (collection) =>
    (
      await sql`select distinct party from release_ledger where members is not null and starts_with(query, ${`/taxii2/waglan/collections/${collection}/`}) order by party`
    ).map((row) => row["party"] as OrganisationId),

  attributesOf: async (of) =>
    (
      await sql`select a.n, a.object, a.uuid, a.type, a.value, a.tlp, a.personal, a.deleted, e.sender from misp_attribute a
        join misp_event e on e.n = a.event where ${typeof of === "number" ? sql`a.event = ${of}` : "object" in of ? sql`a.object = ${of.object}` : sql`a.n = ${of.attribute}`} order by a.n`
    ).map((row) => ({
      n: Number(row["n"]),
      ...(row["object"] === null ? {} : { object: Number(row["object"]) }),
      ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
      uuid: row["uuid"] as string,
      type: row["type"] as string,
      value: row["value"] as string,
      tlp: row["tlp"] as Tlp,
      personal: row["personal"] as boolean,
      deleted: row["deleted"] as boolean,
    })),

  tightened: async (feed, rows) => {
    const reach = Object.entries(licences).map(([name, { passOn }]) => ({ name, far: passedOn.indexOf(passOn) }));
    const far = (of: Fragment): Fragment => sql`(select far from unnest(${reach.map(({ name }) => name)}::text[],
      ${reach.map((one) => one.far)}::int[]) as l (name, far) where l.name = ${of})`;
    const rank = (list: readonly string[], of: Fragment): Fragment => sql`array_position(${[...list]}::text[], ${of})`;
    return (
      await sql`select c.indicator as id, c.tlp, c.pap, c.licence from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ tlp }) => tlp)}::text[],
          ${rows.map(({ pap }) => pap)}::text[], ${rows.map(({ licence }) => licence)}::text[]) as r (id, tlp, pap, licence)
        join claim c on c.indicator = r.id and c.feed = ${feed}
        where ${rank(tlps, sql`c.tlp::text`)} < ${rank(tlps, sql`r.tlp`)} or ${rank(paps, sql`c.pap::text`)} < ${rank(paps, sql`r.pap`)}
          or ${far(sql`c.licence`)} > ${far(sql`r.licence`)}`
    ).map((row) => ({
      id: row["id"] as string,
      tlp: row["tlp"] as Tlp,
      pap: row["pap"] as Pap,
      licence: row["licence"] as Licence,
    }));
  },
});

/** How far a licence lets a thing go, least first. */
const passedOn: readonly string[] = ["nobody", "community", "anyone"];

/** Everything this party was ever sent, by routes under `path`. */
const keysSentTo = async (sql: TransactionSql, party: OrganisationId, path: string): Promise<ReadonlySet<bigint>> => {
  const keys = new Set<bigint>();
  const rows = sql`select distinct m.hash, m.added, b.added as base from list_members m
    join release_ledger l on l.members = m.hash left join list_members b on b.hash = m.base
    where l.party = ${party} and starts_with(l.query, ${path})`.cursor(20);
  // what a version lacks of its base is in the base's own response, or is looked at in vain: who is told is decided by `receivedBy`
  for await (const some of rows)
    for (const row of some)
      for (const bytes of [row["added"], row["base"]])
        if (bytes !== null) for (const key of keysOf(bytes as Uint8Array)) keys.add(key);
  return keys;
};

const numberOf = (row: Record<string, unknown>): number => Number(row["n"]);

/**
 * Who follows events by their timestamp sees that one of its attributes changed. Not where the attribute is for fewer than its
 * event: the others would see that something happened which is not for them.
 */
const touch = async (sql: TransactionSql, attributes: readonly number[], seconds: number): Promise<void> => {
  if (attributes.length === 0) return;
  await sql`update misp_event e set changed = greatest(e.changed + 1, ${seconds}) from (select distinct a.event from misp_attribute a
      join misp_event e on e.n = a.event where a.n = any(${[...attributes]}::bigint[]) and (a.tlp, a.pap, a.licence) = (e.tlp, e.pap, e.licence)
        and (a.organisation, a.grp, a.shadow) is not distinct from (e.organisation, e.grp, e.shadow)) t where e.n = t.event`;
};
