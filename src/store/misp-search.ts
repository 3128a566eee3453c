import type { Fragment, TransactionSql } from "postgres";
import type { MispKey, MispReach } from "#jobs/misp/port.ts";
import type { MispFilter, MispOrder, Span, Terms } from "#share/misp-filter.ts";
import { valueKey } from "#share/misp-value-keys.ts";
import { isUuid } from "#store/columns.ts";
import { scopeSql } from "#store/scope-sql.ts";

/** `MispReach` on a row of events (alias e). */
export const eventReach = (sql: TransactionSql, reach: MispReach): Fragment =>
  sql`(${scopeSql(sql, reach.scope, "e")} and ${bounds(sql, reach, "e")})`;

/** The same of an object or attribute whose event is `e`. */
export const partReach = (sql: TransactionSql, reach: MispReach, alias: "a" | "o" | "r"): Fragment => {
  const personal =
    alias === "a" && reach.bounds && !reach.bounds.personal ? sql`(not a.personal or ${ours(sql, reach)})` : sql`true`;
  return sql`(${scopeSql(sql, reach.scope, alias)} and ${bounds(sql, reach, alias)} and ${personal})`;
};

const ours = (sql: TransactionSql, { own }: MispReach): Fragment =>
  own === undefined ? sql`false` : sql`e.sender = ${own}`;

const bounds = (sql: TransactionSql, reach: MispReach, alias: string): Fragment => {
  if (reach.bounds === undefined) return sql`true`;
  const t = sql(alias);
  const { tlps, paps, licences } = reach.bounds;
  return sql`(${ours(sql, reach)} or (${t}.tlp = any(${[...tlps]}) and ${t}.pap = any(${[...paps]}) and ${t}.licence = any(${[...licences]})))`;
};

/** A row by our number or its UUID. */
export const keySql = (sql: TransactionSql, key: MispKey, alias: string): Fragment => {
  const t = sql(alias);
  if ("n" in key) return sql`${t}.n = ${key.n}`;
  return isUuid(key.uuid) ? sql`${t}.uuid = ${key.uuid}` : sql`false`;
};

/** What a filter says of events alone. */
export const eventSql = (sql: TransactionSql, filter: MispFilter, tagsOfEvent: boolean): Fragment => {
  const e = sql`e`;
  return all(sql, [
    ...(filter.eventId
      ? [
          both(sql, filter.eventId, (ids) => {
            const ns = ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
            return sql`(e.n = any(${ns}::bigint[]) or e.uuid = any(${ids.filter(isUuid)}::uuid[]))`;
          }),
        ]
      : []),
    ...(filter.eventInfo ? [words(sql, sql`e.info`, filter.eventInfo, true)] : []),
    ...(filter.org
      ? [both(sql, filter.org, (names) => sql`(${like(sql, sql`e.orgc`, names)} or e.orgc_uuid = any(${[...names]}))`)]
      : []),
    ...(filter.eventTags ? [tagged(sql, filter.eventTags, sql`e.tags`)] : []),
    ...(tagsOfEvent && filter.tags ? [eventTagged(sql, filter.tags)] : []),
    ...(filter.from === undefined ? [] : [sql`e.date >= ${filter.from}`]),
    ...(filter.to === undefined ? [] : [sql`e.date <= ${filter.to}`]),
    ...span(sql, sql`e.changed`, filter.eventChanged),
    ...span(sql, sql`e.published_at`, filter.publishedAt),
    ...(filter.published === undefined ? [] : [sql`e.published = ${filter.published}`]),
    ...(filter.threat ? [words(sql, sql`e.threat::text`, filter.threat)] : []),
    ...(filter.analysis ? [words(sql, sql`e.analysis::text`, filter.analysis)] : []),
    ...(filter.sharingGroup ? [words(sql, sql`coalesce(${e}.sharing_group, '')`, filter.sharingGroup)] : []),
  ]);
};

/** Does it ask for anything that only attributes have? */
export const asksAttributes = (filter: MispFilter): boolean =>
  (
    ["value", "type", "category", "comment", "objectRelation", "changed", "firstSeen", "lastSeen", "toIds"] as const
  ).some((key) => filter[key] !== undefined) || filter.withAttributes === true;

/** What a filter says of attributes (alias a, event e). */
export const attributeSql = (sql: TransactionSql, filter: MispFilter): Fragment =>
  all(sql, [
    deletedSql(sql, filter.deleted, "a"),
    ...(filter.value ? [both(sql, filter.value, (values) => valueSql(sql, values))] : []),
    ...(filter.type ? [words(sql, sql`a.type`, filter.type)] : []),
    ...(filter.category ? [words(sql, sql`a.category`, filter.category)] : []),
    ...(filter.comment ? [words(sql, sql`a.comment`, filter.comment)] : []),
    ...(filter.objectRelation
      ? [words(sql, sql`coalesce(a.rest::json ->> 'object_relation', '')`, filter.objectRelation)]
      : []),
    ...(filter.objectName
      ? [sql`exists (select from misp_object o where o.n = a.object and ${words(sql, sql`o.name`, filter.objectName)})`]
      : []),
    ...span(sql, sql`a.changed`, filter.changed),
    ...seen(sql, sql`a.first_seen`, filter.firstSeen),
    ...seen(sql, sql`a.last_seen`, filter.lastSeen),
    ...(filter.toIds === undefined ? [] : [sql`a.to_ids = ${filter.toIds}`]),
  ]);

/** What only a search of attributes asks: their own UUIDs and tags, and words anywhere. */
export const ofAttributes = (sql: TransactionSql, filter: MispFilter): Fragment =>
  all(sql, [
    ...(filter.uuid
      ? [
          both(sql, filter.uuid, (uuids) => {
            const some = uuids.filter(isUuid);
            return sql`(a.uuid = any(${some}::uuid[]) or e.uuid = any(${some}::uuid[])
              or a.object in (select n from misp_object where uuid = any(${some}::uuid[])))`;
          }),
        ]
      : []),
    ...(filter.tags ? [tagged(sql, filter.tags, sql`(a.tags || e.tags)`)] : []),
    ...(filter.distribution ? [words(sql, sql`a.distribution::text`, filter.distribution)] : []),
    ...(filter.anywhere
      ? [
          both(
            sql,
            filter.anywhere,
            (some) =>
              sql`(${like(sql, sql`a.value`, some)} or ${like(sql, sql`a.comment`, some)} or ${like(sql, sql`e.info`, some)} or ${tagLike(sql, sql`(a.tags || e.tags)`, some)})`,
          ),
        ]
      : []),
  ]);

/** What only a search of events asks, `within` being what of their attributes the asker may know. */
export const ofEvents = (sql: TransactionSql, filter: MispFilter, within: Fragment): Fragment =>
  all(sql, [
    ...(filter.uuid
      ? [
          both(sql, filter.uuid, (uuids) => {
            const some = uuids.filter(isUuid);
            return sql`(e.uuid = any(${some}::uuid[]) or exists (select from misp_attribute a where a.event = e.n and not a.deleted and a.uuid = any(${some}::uuid[]) and ${within}))`;
          }),
        ]
      : []),
    ...(filter.distribution ? [words(sql, sql`e.distribution::text`, filter.distribution)] : []),
    ...(filter.tags
      ? [
          both(
            sql,
            filter.tags,
            (some) =>
              sql`(${tagLike(sql, sql`e.tags`, some)} or exists (select from misp_attribute a where a.event = e.n and not a.deleted and ${tagLike(sql, sql`a.tags`, some)} and ${within}))`,
          ),
        ]
      : []),
    ...(filter.anywhere
      ? [
          both(
            sql,
            filter.anywhere,
            (some) =>
              sql`(${like(sql, sql`e.info`, some)} or ${like(sql, sql`e.orgc`, some)} or ${tagLike(sql, sql`e.tags`, some)}
                or exists (select from misp_attribute a where a.event = e.n and not a.deleted and (${like(sql, sql`a.value`, some)} or ${like(sql, sql`a.comment`, some)}) and ${within}))`,
          ),
        ]
      : []),
  ]);

export const deletedSql = (sql: TransactionSql, deleted: MispFilter["deleted"], alias: "a" | "o" | "r"): Fragment => {
  const t = sql(alias);
  return deleted === "both" ? sql`true` : deleted === "only" ? sql`${t}.deleted` : sql`not ${t}.deleted`;
};

/** Names and numbers break ties, so that pages never repeat or skip a row. */
export const orderSql = (sql: TransactionSql, order: readonly MispOrder[], of: "a" | "e"): Fragment => {
  const columns = {
    "Event.id": sql`e.n`,
    "Event.timestamp": sql`e.changed`,
    "Event.date": sql`e.date`,
    "Event.info": sql`e.info`,
    "Event.publish_timestamp": sql`e.published_at`,
    "Event.threat_level_id": sql`e.threat`,
    "Event.analysis": sql`e.analysis`,
    "Attribute.id": sql`a.n`,
    "Attribute.timestamp": sql`a.changed`,
    "Attribute.type": sql`a.type`,
    "Attribute.category": sql`a.category`,
    "Attribute.value": sql`a.value`,
    "Attribute.event_id": sql`a.event`,
  } as const satisfies Record<MispOrder["by"], Fragment>;
  const usable = order.filter(({ by }) => of === "a" || by.startsWith("Event."));
  const parts = usable.map(({ by, down }) => (down ? sql`${columns[by]} desc` : sql`${columns[by]} asc`));
  return [...parts, sql`${sql(of)}.n`].reduce((a, b) => sql`${a}, ${b}`);
};

const all = (sql: TransactionSql, parts: readonly Fragment[]): Fragment =>
  parts.length === 0 ? sql`true` : parts.reduce((a, b) => sql`${a} and ${b}`);

/** Alternatives, all of them, none of them, each asked of `one`. */
const both = (
  sql: TransactionSql,
  { any, all: every, none }: Terms,
  one: (some: readonly string[]) => Fragment,
): Fragment =>
  all(sql, [
    ...(any.length === 0 ? [] : [one(any)]),
    ...every.map((word) => one([word])),
    ...(none.length === 0 ? [] : [sql`not ${one(none)}`]),
  ]);

const words = (sql: TransactionSql, column: Fragment, terms: Terms, inside = false): Fragment =>
  both(sql, terms, (some) =>
    like(sql, column, inside ? some.map((one) => (one.includes("%") ? one : `%${one}%`)) : some),
  );

const like = (sql: TransactionSql, column: Fragment, some: readonly string[]): Fragment => {
  const patterns = some.filter((one) => one.includes("%")).map(escaped);
  const exact = some.filter((one) => !one.includes("%"));
  if (patterns.length === 0) return sql`(lower(${column}) = any(${exact}))`;
  return sql`(lower(${column}) = any(${exact}) or lower(${column}) like any(${patterns}))`;
};

/** "_" and "\" mean themselves in MISP. */
const escaped = (pattern: string): string => pattern.replace(/[\\_]/g, "\\$&");

const tagLike = (sql: TransactionSql, tags: Fragment, some: readonly string[]): Fragment =>
  sql`exists (select from unnest(${tags}) as tag (name) where ${like(sql, sql`tag.name`, some)})`;

const tagged = (sql: TransactionSql, terms: Terms, tags: Fragment): Fragment =>
  both(sql, terms, (some) => tagLike(sql, tags, some));

const eventTagged = (sql: TransactionSql, terms: Terms): Fragment => tagged(sql, terms, sql`e.tags`);

const valueSql = (sql: TransactionSql, values: readonly string[]): Fragment => {
  const patterns = values.filter((one) => one.includes("%")).map(escaped);
  const keys = values.filter((one) => !one.includes("%")).map(valueKey);
  const exact = sql`(a.key0 = any(${keys}::bigint[]) or a.key1 = any(${keys}::bigint[]) or a.key2 = any(${keys}::bigint[]))`;
  if (patterns.length === 0) return exact;
  return sql`(${exact} or lower(a.value) like any(${patterns}))`;
};

const span = (sql: TransactionSql, column: Fragment, asked: Span | undefined): readonly Fragment[] => [
  ...(asked?.from === undefined ? [] : [sql`${column} >= ${asked.from}`]),
  ...(asked?.to === undefined ? [] : [sql`${column} <= ${asked.to}`]),
];

/** ISO 8601 as it came; the reader has made it so. */
const seen = (sql: TransactionSql, column: Fragment, asked: Span | undefined): readonly Fragment[] =>
  span(sql, sql`extract(epoch from ${column}::timestamptz)`, asked);
