import type { Sql, TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { HuntCausesState } from "#jobs/hunt/cause-port.ts";
import type { PatternProgress } from "#jobs/hunt/pattern-port.ts";
import type { HuntProgress, HuntResult, HuntsState, HuntViews } from "#jobs/hunt/port.ts";
import type { HuntState } from "#jobs/hunt/state.ts";
import type { HuntedByRule, RuledProgress } from "#jobs/hunt/rule-port.ts";
import type { RecordPlace } from "#jobs/hunt/past.ts";
import { isUuid, readProblem, timeOf } from "#store/columns.ts";
import { scopeSql } from "#store/scope-sql.ts";
import { storable, storableText } from "#store/storable.ts";

/** All of a hunt but what it looks for. */
const standing =
  "id, organisation, shadow, who, purpose, pattern, ruled, patterned, since, until, at, state, ended, problem, to_read, read, found, cut, place";

export const huntsState = (sql: TransactionSql): Omit<HuntsState, keyof HuntCausesState> => ({
  newestBatch: async () => {
    const [row] = await sql`select coalesce(max(n), 0) as n from telemetry_batch`;
    return Number(row?.["n"]);
  },

  keptTo: async (batch) => {
    const [row] =
      await sql`select exists (select from telemetry_batch where stored is null and n <= ${batch}) as waits`;
    return row?.["waits"] === false;
  },

  batchKeys: async (batches) =>
    new Map(
      (
        await sql`select n, key from telemetry_batch where n = any(${batches.filter(Number.isSafeInteger)}::bigint[])`
      ).map((row) => [Number(row["n"]), row["key"] as string]),
    ),

  foundBackwards: async (hits, at) => {
    await sql`update hit set hunted = ${timeOf(at)} where id = any(${hits as string[]}) and hunted is null`;
  },

  huntedAs: async (indicators) =>
    new Map(
      (
        await sql`select indicator, said from hunted_indicator where indicator = any(${indicators as string[]}::uuid[])`
      ).map((row) => [row["indicator"] as string, row["said"] as string]),
    ),

  keepHuntedAs: async (said) => {
    const gone = [...said].filter(([, words]) => words === undefined).map(([id]) => id);
    if (gone.length > 0) await sql`delete from hunted_indicator where indicator = any(${gone}::uuid[])`;
    const kept = [...said].flatMap(([id, words]) => (words === undefined ? [] : [[id, words] as const]));
    if (kept.length > 0)
      await sql`insert into hunted_indicator (indicator, said)
        select id, said from unnest(${kept.map(([id]) => id)}::uuid[], ${kept.map(([, words]) => words)}::text[]) as t (id, said)
        where exists (select from indicator i where i.id = t.id)
        on conflict (indicator) do update set said = excluded.said`;
  },

  stopReading: async () => {
    await sql`delete from deployment where key = 'reader:hunt'`;
  },

  ask: async (hunt) => {
    await sql`insert into hunt (id, organisation, shadow, who, purpose, wanted, pattern, rule, patterned, since, until, at, state)
      values (${hunt.id}, ${hunt.organisation ?? null}, ${hunt.ofStaff ? "staff" : null}, ${storableText(hunt.who)}, ${storableText(hunt.purpose)},
        ${sql.json(storable(hunt.values) as never)}, ${hunt.pattern === undefined ? null : storableText(hunt.pattern)}, ${hunt.rule === undefined ? null : sql.json(storable(hunt.rule) as never)}, ${hunt.patterned === undefined ? null : sql.json(hunt.patterned as never)}, ${timeOf(hunt.from)}, ${timeOf(hunt.to)}, ${timeOf(hunt.at)}, 'waiting')`;
  },

  next: async (underway) => {
    const [row] =
      await sql`select ${sql.unsafe(standing)}, rule, case when id = ${underway ?? null}::uuid then '[]' else wanted end as wanted
        from hunt where state in ('waiting', 'running') and asked_at = 'server' order by at, id limit 1 for update skip locked`;
    return row && huntOf(row);
  },

  standing: async (id) => {
    const [row] =
      await sql`select ${sql.unsafe(standing)}, null::jsonb as rule, '[]'::jsonb as wanted from hunt where id = ${id} for update`;
    return row && huntOf(row);
  },

  hunt: async (id, scope) => {
    if (!isUuid(id)) return undefined;
    const [row] =
      await sql`select h.* from hunt h where h.id = ${id} and ${scope === undefined ? sql`true` : scopeSql(sql, scope, "h")} for update`;
    return row && huntOf(row);
  },

  save: async (hunt) => {
    await sql`update hunt set state = ${hunt.state}, ended = ${hunt.ended === undefined ? null : timeOf(hunt.ended)},
      problem = ${hunt.problem === undefined ? null : sql.json(storable(hunt.problem) as never)}, to_read = ${hunt.toRead ?? null}, read = ${hunt.read},
      found = ${hunt.found}, cut = ${hunt.cut}, ruled = ${hunt.ruled === undefined ? null : sql.json(storable(hunt.ruled) as never)}, patterned = ${hunt.patterned === undefined ? null : sql.json(hunt.patterned as never)}, place = ${hunt.place === undefined ? null : sql.json(hunt.place as never)} where id = ${hunt.id}`;
  },

  addResults: async (id, from, results) => {
    if (results.length === 0) return;
    const rows = results.map(({ organisation, time, ...result }, at) => ({
      ...{ hunt: id, nth: from + at, organisation, at: timeOf(time) },
      result: sql.json(storable(result) as never),
    }));
    await sql`insert into hunt_result ${sql(rows as never)} on conflict (hunt, nth) do nothing`;
  },
});

export const huntViews = (sql: Sql): HuntViews => ({
  hunts: async (scope, before, limit) => {
    if (before !== undefined && !isUuid(before.id)) return [];
    const behind = before === undefined ? sql`true` : sql`(h.at, h.id) < (${timeOf(before.at)}, ${before.id}::uuid)`;
    const rows =
      await sql`select h.* from hunt h where ${scopeSql(sql, scope, "h")} and ${behind} order by h.at desc, h.id desc limit ${limit}`;
    return rows.map(huntOf);
  },

  hunt: async (scope, id) => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql`select h.* from hunt h where h.id = ${id} and ${scopeSql(sql, scope, "h")}`;
    return row && huntOf(row);
  },

  huntResults: async (scope, id, after, limit) => {
    if (!isUuid(id)) return [];
    const rows = await sql`select r.* from hunt_result r join hunt h on h.id = r.hunt
      where r.hunt = ${id} and r.nth > ${after} and ${scopeSql(sql, scope, "h")} and (${scope.all} or r.organisation = any(${[...scope.own]}))
      order by r.nth limit ${limit}`;
    return rows.map((row) => ({
      ...(row["result"] as Omit<HuntResult, "organisation" | "time">),
      ...{ nth: Number(row["nth"]), organisation: row["organisation"] as OrganisationId, time: row["at"] as Instant },
    }));
  },
});

export const huntOf = (row: Record<string, unknown>): HuntProgress => ({
  id: row["id"] as string,
  ...(row["organisation"] === null ? {} : { organisation: row["organisation"] as OrganisationId }),
  ofStaff: row["shadow"] !== null,
  who: row["who"] as string,
  purpose: row["purpose"] as string,
  values: row["wanted"] as readonly Observable[],
  ...(row["pattern"] === null ? {} : { pattern: row["pattern"] as string }),
  ...(row["rule"] === null ? {} : { rule: row["rule"] as HuntedByRule }),
  ...(row["ruled"] === null ? {} : { ruled: row["ruled"] as RuledProgress }),
  ...(row["patterned"] === null ? {} : { patterned: row["patterned"] as PatternProgress }),
  from: row["since"] as Instant,
  to: row["until"] as Instant,
  at: row["at"] as Instant,
  state: row["state"] as HuntState,
  ...(row["ended"] === null ? {} : { ended: row["ended"] as Instant }),
  ...(row["problem"] === null ? {} : { problem: readProblem(row["problem"]) }),
  ...(row["to_read"] === null ? {} : { toRead: Number(row["to_read"]) }),
  read: Number(row["read"]),
  found: Number(row["found"]),
  cut: row["cut"] as boolean,
  ...(row["place"] === null ? {} : { place: row["place"] as RecordPlace }),
});
