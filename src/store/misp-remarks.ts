import type { TransactionSql } from "postgres";
import type { MispReach, MispState } from "#jobs/misp/port.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { eventRow, objectRow, remarkRow, remarkValues } from "#store/misp-rows.ts";
import { deletedSql, eventReach, keySql, partReach } from "#store/misp-search.ts";

type MispRemarksState = Pick<
  MispState,
  "dispute" | "undispute" | "insertRemark" | "putRemark" | "removeRemark" | "remark" | "remarks" | "referring"
>;

/** What is said about events beside their attributes; migration 0013 says what the columns mean. */
export const mispRemarksState = (sql: TransactionSql): MispRemarksState => {
  /**
   * A proposal is for whoever it is made to, and a remark is its author's own, whatever agreements say; shadow
   * is nobody's but staff's, and a group is its members'.
   */
  const reachOf = (reach: MispReach) => {
    const own = reach.own ?? "";
    const within = sql`r.shadow is null and (r.grp is null or r.grp = any(${[...reach.scope.groups]}))`;
    const mine =
      reach.own === undefined
        ? sql`false`
        : sql`(${within} and (r.sender = ${own} or (r.kind = 'ShadowAttribute' and e.sender = ${own})))`;
    return sql`${eventReach(sql, reach)} and (${mine} or ${partReach(sql, reach, "r")})`;
  };

  return {
    dispute: async (disputes, at) => {
      for (const { indicator, sender, attribute } of disputes)
        await sql`insert into indicator_dispute (indicator, sender, attribute, at) values (${indicator}, ${sender}, ${attribute}, ${timeOf(at)}) on conflict do nothing`;
    },

    undispute: async (disputes) => {
      for (const { indicator, sender, attribute } of disputes)
        await sql`delete from indicator_dispute where indicator = ${indicator} and sender = ${sender} and attribute = ${attribute}`;
    },

    insertRemark: async (remark) => {
      const [row] = await sql`insert into misp_remark ${sql(remarkValues(remark))} returning n`;
      return Number(row?.["n"]);
    },

    putRemark: async ({ n, ...remark }) => {
      await sql`update misp_remark set ${sql(remarkValues(remark))} where n = ${n}`;
    },

    removeRemark: async (n) => {
      await sql`delete from misp_remark where n = ${n}`;
    },

    remark: async (kinds, key, reach) => {
      const [row] = await sql`select r.* from misp_remark r join misp_event e on e.n = r.event
        where ${keySql(sql, key, "r")} and r.kind = any(${[...kinds]}) and ${reachOf(reach)} order by r.deleted, r.n limit 1`;
      if (row === undefined) return undefined;
      const remark = remarkRow(row);
      const [event] = await sql`select e.* from misp_event e where e.n = ${remark.event}`;
      return event && { remark, event: eventRow(event) };
    },

    remarks: async (kinds, events, reach, deleted, limit) => {
      if (events?.length === 0) return [];
      const of = events === undefined ? sql`true` : sql`r.event = any(${[...events]}::bigint[])`;
      const rows = await sql`select r.* from misp_remark r join misp_event e on e.n = r.event
        where ${of} and r.kind = any(${[...kinds]}) and ${deletedSql(sql, deleted, "r")} and ${reachOf(reach)} order by r.n desc limit ${limit}`;
      return rows.map(remarkRow).toReversed();
    },

    referring: async (reference, reach) => {
      if (!isUuid(reference)) return undefined;
      const [row] = await sql`select o.* from misp_object o join misp_event e on e.n = o.event
        where o.rest like '%"ObjectReference":[{%' and misp_references(o.rest) @> array[${reference.toLowerCase()}]
          and ${eventReach(sql, reach)} and ${partReach(sql, reach, "o")} order by e.sender <> ${reach.own ?? ""}, o.n limit 1`;
      if (row === undefined) return undefined;
      const object = objectRow(row);
      const [event] = await sql`select e.* from misp_event e where e.n = ${object.event}`;
      return event && { object, event: eventRow(event) };
    },
  };
};
