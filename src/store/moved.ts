import type { Sql } from "postgres";
import { clusterName } from "#store/snapshot.ts";

/**
 * A database restored elsewhere brings positions of a change feed whose transaction ids mean nothing here. They are
 * dropped, and every asset is joined again with what is listed, so that nothing that stood between the last join and the
 * backup is missed.
 *
 * @returns true when the database was moved
 */
export const noteMove = async (sql: Sql): Promise<boolean> => {
  const here = await clusterName(sql);
  const moved: unknown = await sql.begin(async (tx) => {
    const [row] = await tx`select value from deployment where key = 'cluster' for update`;
    if (row?.["value"] === here) return false;
    if (row) {
      await tx`delete from intel_change`;
      await tx`delete from report_change`;
      await tx`delete from deployment where key like 'reader:%' or key like 'pruned:%'`;
      await tx`insert into queue (kind, key, payload, run_at)
        select 'join-asset', id, jsonb_build_object('kind', kind, 'value', value), now() from asset
        where kind in ('network', 'domain', 'email-domain') and (valid_to is null or valid_to > now())
        on conflict (kind, key) do nothing`;
    }
    await tx`insert into deployment (key, value) values ('cluster', ${tx.json(here)}) on conflict (key) do update set value = excluded.value`;
    return row !== undefined;
  });
  return moved === true;
};
