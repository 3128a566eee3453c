import type { TransactionSql } from "postgres";
import type { ChangeCursor } from "#intel/ports.ts";
import type { PruneState } from "#jobs/prune-port.ts";
import { timeOf } from "#store/columns.ts";
import { keptState } from "#store/kept.ts";

/** The row of `deployment` that says up to where a change feed was let go: {"xid": "812", "seq": 44}. */
const floorKey = (log: string): string => `pruned:${log}`;

/**
 * Was something let go of that comes after `since`? Absent, it is the beginning. Whoever hears it reads everything anew.
 */
export const isLost = async (
  sql: TransactionSql,
  log: "intel_change" | "report_change",
  since: ChangeCursor | undefined,
): Promise<boolean> => {
  const [row] = await sql`select value from deployment where key = ${floorKey(log)}`;
  const floor = row?.["value"] as ChangeCursor | undefined;
  if (floor === undefined) return false;
  const [at, last] = [BigInt(since?.xid ?? "0"), BigInt(floor.xid)];
  return at < last || (at === last && (since?.seq ?? 0) < floor.seq);
};

export const pruneState = (sql: TransactionSql): PruneState => ({
  ...keptState(sql),

  changes: async (log, readers, before, limit) => {
    if (log === "directory_change") {
      // the newest stays: versions are counted on from it
      const went = await sql`delete from directory_change where version in (select version from directory_change
        where at < ${timeOf(before)} and version < (select max(version) from directory_change) order by version limit ${limit})`;
      return went.count;
    }
    const table = sql(log);
    // the places are locked: a reader that is at work has the place of before, which is the safe one
    const places = await sql`select coalesce(value->'from', value) as at from deployment
      where key = any(${readers.map((name) => `reader:${name}`)}) for update`;
    if (places.length < readers.length) return 0;
    if (log === "intel_change")
      places.push(
        ...(await sql`select coalesce(value->'from', value) as at from deployment where key = 'reader:hunt' for update`),
      );
    const cursors = places.map((row) => row["at"] as ChangeCursor);
    const behind = cursors
      .map(({ xid, seq }) => sql`(xid, seq) <= (${xid}::xid8, ${seq}::bigint)`)
      .reduce((a, b) => sql`${a} and ${b}`, sql`true`);
    const went = await sql`with old as (select xid, seq from ${table} where at < ${timeOf(before)} and ${behind}
        and xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid, seq limit ${limit}),
      gone as (delete from ${table} t using old where t.xid = old.xid and t.seq = old.seq returning t.xid, t.seq)
      select xid::text as xid, seq from gone order by gone.xid desc, seq desc`;
    const [last] = went;
    if (last !== undefined)
      await sql`insert into deployment (key, value) values (${floorKey(log)}, ${sql.json({ xid: last["xid"] as string, seq: last["seq"] as number })})
        on conflict (key) do update set value = excluded.value
        where ((deployment.value->>'xid')::xid8, (deployment.value->>'seq')::bigint) < ((excluded.value->>'xid')::xid8, (excluded.value->>'seq')::bigint)`;
    return went.length;
  },

  members: async (before, limit) => {
    const went =
      await sql`delete from list_members where hash in (select m.hash from list_members m where m.at < ${timeOf(before)}
        and not exists (select from release_ledger l where l.members = m.hash and l.at >= ${timeOf(before)})
        and not exists (select from list_version v where v.members = m.hash)
        and not exists (select from list_members o where o.base = m.hash) limit ${limit})`;
    return went.count;
  },

  keys: async (before, limit) => {
    const went =
      await sql`delete from idempotency where ctid in (select ctid from idempotency where at < ${timeOf(before)} limit ${limit})`;
    return went.count;
  },

  messages: async (before, limit) => {
    const went = await sql`delete from webhook_message where n in (select n from webhook_message
      where next_at is null and coalesce(sent, failed) < ${timeOf(before)} limit ${limit})`;
    return went.count;
  },
});
