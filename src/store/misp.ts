import type { TransactionSql } from "postgres";
import type { OrganisationId } from "#core/marking.ts";
import type { MispEventRow, MispReach, MispState } from "#jobs/misp/port.ts";
import type { Instant } from "#core/instant.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { copyRows } from "#store/copy.ts";
import { mispRemarksState } from "#store/misp-remarks.ts";
import {
  attributeRow,
  attributeValues,
  bool,
  eventRow,
  eventValues,
  markingCells,
  objectRow,
  objectValues,
  sightingRow,
} from "#store/misp-rows.ts";
import {
  asksAttributes,
  attributeSql,
  deletedSql,
  eventReach,
  eventSql,
  keySql,
  ofAttributes,
  ofEvents,
  orderSql,
  partReach,
} from "#store/misp-search.ts";

type Row = Record<string, unknown>;

/** MISP's events, objects, attributes and sightings; migration 0005 says what the columns mean. */
export const mispState = (sql: TransactionSql): MispState => {
  const attributeColumns = sql`a.n, a.uuid, a.event, a.object, a.organisation, a.tlp, a.pap, a.grp, a.licence, a.shadow, a.personal, a.type, a.category,
    a.value, a.key0::text as key0, a.key1::text as key1, a.key2::text as key2, a.correlates, a.to_ids, a.changed, a.deleted, a.distribution, a.sharing_group, a.comment, a.first_seen, a.last_seen, a.tags, a.rest, a.data is not null as has_data`;
  const eventsByNumber = async (rows: readonly Row[]): Promise<ReadonlyMap<number, MispEventRow>> => {
    const ns = [...new Set(rows.map((row) => Number(row["event"])))];
    const found = ns.length === 0 ? [] : await sql`select e.* from misp_event e where e.n = any(${ns}::bigint[])`;
    return new Map(found.map((row) => [Number(row["n"]), eventRow(row)]));
  };
  const ownFirst = ({ own }: MispReach) => (own === undefined ? sql`e.sender <> ''` : sql`e.sender <> ${own}`);

  const eventsWhere = (filter: Parameters<MispState["events"]>[0], reach: MispReach) => {
    const within = partReach(sql, reach, "a");
    const attributes = asksAttributes(filter)
      ? sql`e.n in (select a.event from misp_attribute a join misp_event e on e.n = a.event where ${attributeSql(sql, filter)} and ${within})`
      : sql`true`;
    const objects =
      filter.objectName === undefined || asksAttributes(filter)
        ? sql`true`
        : sql`e.n in (select a.event from misp_attribute a join misp_event e on e.n = a.event where ${attributeSql(sql, filter)} and ${within})`;
    return sql`${eventReach(sql, reach)} and ${eventSql(sql, filter, false)} and ${ofEvents(sql, filter, within)} and ${attributes} and ${objects}`;
  };
  const attributesWhere = (filter: Parameters<MispState["events"]>[0], reach: MispReach) =>
    sql`${eventReach(sql, reach)} and ${partReach(sql, reach, "a")} and ${eventSql(sql, filter, false)} and ${attributeSql(sql, filter)} and ${ofAttributes(sql, filter)}`;
  /** Objects that have an attribute which is asked for; with no such question, all that their own columns allow. */
  const objectsWhere = (filter: Parameters<MispState["events"]>[0], reach: MispReach) => {
    const { objectName: name, uuid, changed, ...rest } = filter;
    const asked = asksAttributes(rest) || rest.tags !== undefined || rest.anywhere !== undefined;
    const parts = asked
      ? sql`exists (select from misp_attribute a where a.object = o.n and ${partReach(sql, reach, "a")} and ${attributeSql(sql, rest)} and ${ofAttributes(sql, rest)})`
      : sql`true`;
    const names =
      name === undefined
        ? sql`true`
        : sql`(${name.any.length === 0} or lower(o.name) = any(${[...name.any]})) and not lower(o.name) = any(${[...name.none]})`;
    const uuids = (uuid?.any ?? []).filter(isUuid);
    const ids =
      uuid === undefined ? sql`true` : sql`(o.uuid = any(${uuids}::uuid[]) or e.uuid = any(${uuids}::uuid[]))`;
    return sql`${eventReach(sql, reach)} and ${partReach(sql, reach, "o")} and ${deletedSql(sql, filter.deleted, "o")}
      and ${eventSql(sql, rest, true)} and ${names} and ${ids} and o.changed >= ${changed?.from ?? 0} and o.changed <= ${changed?.to ?? Number.MAX_SAFE_INTEGER} and ${parts}`;
  };

  return {
    event: async (key, reach) => {
      const [row] =
        await sql`select e.* from misp_event e where ${keySql(sql, key, "e")} and ${eventReach(sql, reach)} order by ${ownFirst(reach)}, e.n limit 1`;
      return row && eventRow(row);
    },

    events: async (filter, reach, { order, limit, offset }) =>
      (
        await sql`select e.* from misp_event e where ${eventsWhere(filter, reach)} order by ${orderSql(sql, order, "e")} limit ${limit} offset ${offset}`
      ).map(eventRow),

    countEvents: async (filter, reach) => {
      const [row] = await sql`select count(*) as found from misp_event e where ${eventsWhere(filter, reach)}`;
      return Number(row?.["found"] ?? 0);
    },

    attributeCounts: async (events, reach) => {
      const rows =
        await sql`select a.event, count(*) as found from misp_attribute a join misp_event e on e.n = a.event where a.event = any(${[...events]}::bigint[])
          and not a.deleted and ${partReach(sql, reach, "a")} group by a.event`;
      return new Map(rows.map((row) => [Number(row["event"]), Number(row["found"])]));
    },

    attributes: async (filter, reach, { order, limit, offset }) => {
      const rows = await sql`select ${attributeColumns} from misp_attribute a join misp_event e on e.n = a.event
          where a.n in (select a.n from misp_attribute a join misp_event e on e.n = a.event where ${attributesWhere(filter, reach)} order by ${orderSql(sql, order, "a")} limit ${limit} offset ${offset})
          order by ${orderSql(sql, order, "a")}`;
      const events = await eventsByNumber(rows);
      return rows.flatMap((row) => {
        const event = events.get(Number(row["event"]));
        return event === undefined ? [] : [{ attribute: attributeRow(row), event }];
      });
    },

    countAttributes: async (filter, reach) => {
      const [row] =
        await sql`select count(*) as found from misp_attribute a join misp_event e on e.n = a.event where ${attributesWhere(filter, reach)}`;
      return Number(row?.["found"] ?? 0);
    },

    objects: async (filter, reach, { limit, offset }) =>
      (
        await sql`select o.* from misp_object o join misp_event e on e.n = o.event where ${objectsWhere(filter, reach)} order by o.n limit ${limit} offset ${offset}`
      ).map(objectRow),

    countObjects: async (filter, reach) => {
      const [row] =
        await sql`select count(*) as found from misp_object o join misp_event e on e.n = o.event where ${objectsWhere(filter, reach)}`;
      return Number(row?.["found"] ?? 0);
    },

    attributesOf: async (events, reach, deleted, data) =>
      (
        await sql`select ${attributeColumns}, ${data ? sql`a.data` : sql`null as data`} from misp_attribute a join misp_event e on e.n = a.event
          where a.event = any(${[...events]}::bigint[]) and ${deletedSql(sql, deleted, "a")} and ${partReach(sql, reach, "a")} order by a.n`
      ).map(attributeRow),

    objectsOf: async (events, reach, deleted) =>
      (
        await sql`select o.* from misp_object o join misp_event e on e.n = o.event where o.event = any(${[...events]}::bigint[])
          and ${deletedSql(sql, deleted, "o")} and ${partReach(sql, reach, "o")} order by o.n`
      ).map(objectRow),

    attribute: async (key, reach) => {
      const [row] =
        await sql`select ${attributeColumns}, a.data from misp_attribute a join misp_event e on e.n = a.event
          where ${keySql(sql, key, "a")} and ${eventReach(sql, reach)} and ${partReach(sql, reach, "a")} order by ${ownFirst(reach)}, a.n limit 1`;
      const event = row && (await eventsByNumber([row])).get(Number(row["event"]));
      return row && event && { attribute: attributeRow(row), event };
    },

    object: async (key, reach) => {
      const [row] = await sql`select o.* from misp_object o join misp_event e on e.n = o.event
          where ${keySql(sql, key, "o")} and ${eventReach(sql, reach)} and ${partReach(sql, reach, "o")} order by ${ownFirst(reach)}, o.n limit 1`;
      const event = row && (await eventsByNumber([row])).get(Number(row["event"]));
      return row && event && { object: objectRow(row), event };
    },

    related: async (keys, not, reach, limit) =>
      (
        await sql`select e.* from misp_event e where e.n <> ${not} and ${eventReach(sql, reach)} and e.n in (
            select a.event from misp_attribute a join misp_event e on e.n = a.event
            where (a.key0 = any(${[...keys]}::bigint[]) or a.key1 = any(${[...keys]}::bigint[]) or a.key2 = any(${[...keys]}::bigint[]))
              and a.correlates and not a.deleted and ${partReach(sql, reach, "a")})
          order by e.changed desc, e.n limit ${limit}`
      ).map(eventRow),

    statistics: async (by, reach) => {
      const column = by === "type" ? sql`a.type` : sql`a.category`;
      const rows =
        await sql`select ${column} as name, count(*) as found from misp_attribute a join misp_event e on e.n = a.event
          where not a.deleted and ${eventReach(sql, reach)} and ${partReach(sql, reach, "a")} group by 1 order by 2 desc, 1`;
      return rows.map((row) => ({ name: row["name"] as string, count: Number(row["found"]) }));
    },

    tagsInUse: async (reach, limit) => {
      const rows = await sql`select name, sum(events) as events, sum(attributes) as attributes from (
            select t.name, count(*) as events, 0 as attributes from misp_event e, unnest(e.tags) as t (name) where ${eventReach(sql, reach)} group by 1
            union all
            select t.name, 0, count(*) from misp_attribute a join misp_event e on e.n = a.event, unnest(a.tags) as t (name)
              where not a.deleted and ${eventReach(sql, reach)} and ${partReach(sql, reach, "a")} group by 1) found
          group by name order by name limit ${limit}`;
      return rows.map((row) => ({
        name: row["name"] as string,
        events: Number(row["events"]),
        attributes: Number(row["attributes"]),
      }));
    },

    mine: async (key, sender) => {
      const [row] =
        await sql`select e.* from misp_event e where ${keySql(sql, key, "e")} and e.sender = ${sender ?? ""}`;
      return row && eventRow(row);
    },

    similar: async (event, keys, uuids) =>
      (
        await sql`select uuid, object, type, category, value, deleted from misp_attribute where event = ${event}
          and (key0 = any(${[...keys]}::bigint[]) or uuid = any(${[...uuids]}::uuid[]))
          union all select uuid, n, '', '', '', deleted from misp_object where event = ${event} and uuid = any(${[...uuids]}::uuid[])`
      ).map((row) => ({
        uuid: row["uuid"] as string,
        ...(row["object"] === null ? {} : { object: Number(row["object"]) }),
        type: row["type"] as string,
        category: row["category"] as string,
        value: row["value"] as string,
        deleted: row["deleted"] as boolean,
      })),

    lock: async (uuid, sender) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`misp ${uuid} ${sender ?? ""}`}, 0))`;
    },

    insertEvent: async (event) => {
      const [row] = await sql`insert into misp_event ${sql(eventValues(event))} returning n`;
      return Number(row?.["n"]);
    },

    insertObjects: async (objects) => {
      if (objects.length === 0) return [];
      const ns = await numbers(sql, "misp_object", objects.length);
      await copyRows(
        sql,
        `copy misp_object (n, uuid, event, organisation, tlp, pap, grp, licence, shadow, name, meta_category, changed, deleted, distribution, sharing_group, rest) from stdin`,
        objects.map((object, at) => ({ object, n: ns[at] ?? 0 })),
        ({ object, n }) => [
          ...[String(n), object.uuid, String(object.event), ...markingCells(object.marking), object.shadow ?? null],
          ...[object.name, object.metaCategory, String(object.changed), bool(object.deleted)],
          ...[String(object.distribution), object.sharingGroup ?? null, JSON.stringify(object.rest)],
        ],
      );
      return ns;
    },

    insertAttributes: async (attributes) => {
      if (attributes.length === 0) return [];
      const ns = await numbers(sql, "misp_attribute", attributes.length);
      await copyRows(
        sql,
        `copy misp_attribute (n, uuid, event, object, organisation, tlp, pap, grp, licence, shadow, personal, type, category, value, key0, key1, key2, correlates,
          to_ids, changed, deleted, distribution, sharing_group, comment, first_seen, last_seen, tags, rest, data) from stdin`,
        attributes.map((attribute, at) => ({ attribute, n: ns[at] ?? 0 })),
        ({ attribute: one, n }) => [
          ...[String(n), one.uuid, String(one.event), one.object === undefined ? null : String(one.object)],
          ...[...markingCells(one.marking), one.shadow ?? null, bool(one.personal), one.type, one.category, one.value],
          ...[one.keys[0] ?? "0", one.keys[1] ?? null, one.keys[2] ?? null, bool(one.correlates), bool(one.toIds)],
          ...[String(one.changed), bool(one.deleted), String(one.distribution), one.sharingGroup ?? null, one.comment],
          ...[one.firstSeen ?? null, one.lastSeen ?? null, one.tags, JSON.stringify(one.rest), one.data ?? null],
        ],
      );
      return ns;
    },

    putEvent: async ({ n, ...event }) => {
      await sql`update misp_event set ${sql(eventValues(event))} where n = ${n}`;
    },

    putObject: async ({ n, ...object }) => {
      await sql`update misp_object set ${sql(objectValues(object))} where n = ${n}`;
    },

    putAttribute: async (attribute) => {
      await sql`update misp_attribute set ${sql(attributeValues(attribute))} where n = ${attribute.n}`;
    },

    removeEvent: async (n) => {
      await sql`delete from misp_event where n = ${n}`;
    },
    removeObject: async (n) => {
      await sql`delete from misp_object where n = ${n}`;
    },
    removeAttribute: async (n) => {
      await sql`delete from misp_attribute where n = ${n}`;
    },

    insertSightings: async (sightings) => {
      const ns: number[] = [];
      for (const one of sightings) {
        const [row] = await sql`insert into misp_sighting (uuid, attribute, sender, type, source, at)
          values (${one.uuid}, ${one.attribute}, ${one.sender ?? ""}, ${one.type}, ${one.source}, ${one.at})
          on conflict (attribute, uuid) do update set type = excluded.type returning n`;
        ns.push(Number(row?.["n"]));
      }
      return ns;
    },

    sightings: async (attributes, reach) => {
      const own = reach.own ?? "";
      const all = reach.scope.all;
      const rows =
        await sql`select s.* from misp_sighting s join misp_attribute a on a.n = s.attribute join misp_event e on e.n = a.event
          where s.attribute = any(${[...attributes]}::bigint[]) and (${all} or (${reach.own !== undefined} and (s.sender = ${own} or e.sender = ${own}))) order by s.n`;
      return rows.map(sightingRow);
    },

    removeSighting: async (n, sender) => {
      const rows = await sql`delete from misp_sighting where n = ${n} and sender = ${sender ?? ""} returning n`;
      return rows.length > 0;
    },

    sighted: async (attributes, reach) => {
      const found =
        attributes.length === 0
          ? []
          : await sql`select ${attributeColumns} from misp_attribute a join misp_event e on e.n = a.event
              where a.n = any(${[...attributes]}::bigint[]) and ${eventReach(sql, reach)} and ${partReach(sql, reach, "a")} order by a.n`;
      const events = await eventsByNumber(found);
      const seen =
        await sql`select * from misp_sighting where attribute = any(${[...attributes]}::bigint[]) order by n`;
      const byAttribute = Map.groupBy(seen.map(sightingRow), ({ attribute }) => attribute);
      return found.flatMap((row) => {
        const event = events.get(Number(row["event"]));
        const attribute = attributeRow(row);
        return event === undefined ? [] : [{ attribute, event, sightings: byAttribute.get(attribute.n) ?? [] }];
      });
    },

    sightedOf: async (event) =>
      (
        await sql`select distinct s.attribute from misp_sighting s join misp_attribute a on a.n = s.attribute where a.event = ${event} order by 1`
      ).map((row) => Number(row["attribute"])),

    sightingOf: async (n, sender) => {
      const [row] = await sql`select * from misp_sighting where n = ${n} and sender = ${sender ?? ""}`;
      return row && sightingRow(row);
    },

    movedUnkept: async (after, limit) =>
      (
        await sql`select m.uuid::text as uuid, m.body from move_in_event m where m.feed = 'misp' and m.uuid > ${after}
          and not exists (select from misp_event e where e.uuid = m.uuid and e.sender = '')
          and not exists (select from misp_gone g where g.uuid = m.uuid and g.sender = '') order by m.uuid limit ${limit}`
      ).map((row) => ({ uuid: row["uuid"] as string, body: row["body"] as string })),

    ...mispRemarksState(sql),

    tags: async ({ scope, own }) =>
      (
        await sql`select * from misp_tag where ${scope.all} or sender = '' or sender = ${own ?? ""} order by name, sender`
      ).map((row) => ({
        name: row["name"] as string,
        ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
        colour: row["colour"] as string,
        exportable: row["exportable"] as boolean,
      })),

    putTag: async ({ name, sender, colour, exportable }) => {
      await sql`insert into misp_tag (name, sender, colour, exportable) values (${name}, ${sender ?? ""}, ${colour}, ${exportable})
        on conflict (name, sender) do update set colour = excluded.colour, exportable = excluded.exportable`;
    },

    removeTag: async (name, sender) => {
      const rows = await sql`delete from misp_tag where name = ${name} and sender = ${sender ?? ""} returning name`;
      return rows.length > 0;
    },

    gone: async (sender) =>
      (await sql`select * from misp_gone where sender = ${sender ?? ""} order by at desc, uuid`).map((row) => ({
        uuid: row["uuid"] as string,
        info: row["info"] as string,
        orgc: row["orgc"] as string,
        at: row["at"] as Instant,
      })),

    isGone: async (uuid, sender) =>
      isUuid(uuid) && (await sql`select from misp_gone where uuid = ${uuid} and sender = ${sender ?? ""}`).length > 0,

    putGone: async ({ uuid, info, orgc, at }, sender) => {
      await sql`insert into misp_gone (uuid, sender, info, orgc, at) values (${uuid}, ${sender ?? ""}, ${info}, ${orgc}, ${timeOf(at)}) on conflict do nothing`;
    },

    removeGone: async (uuid, sender) => {
      if (!isUuid(uuid)) return false;
      const rows = await sql`delete from misp_gone where uuid = ${uuid} and sender = ${sender ?? ""} returning uuid`;
      return rows.length > 0;
    },
  };
};

const numbers = async (
  sql: TransactionSql,
  table: "misp_object" | "misp_attribute",
  count: number,
): Promise<readonly number[]> =>
  (await sql`select nextval(pg_get_serial_sequence(${table}, 'n')) as n from generate_series(1, ${count})`).map((row) =>
    Number(row["n"]),
  );
