import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import { type Instant, instant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import type { Problem } from "#core/result.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { Telling } from "#jobs/move-in/run.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";

export const start = instant(Date.parse("2026-11-21T08:00:00Z"));

const uuidOf = (key: string): string => {
  const hex = createHash("sha256").update(key).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};

/** A database to move into, with what the acts are given. */
export const newHome = async (t: TestContext) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const directory = new DirectoryMemory(state);
  await directory.refresh();
  const problems: Problem[] = [];
  const telling: Telling = { problem: (one) => problems.push(one), reached: () => {} };
  let now: Instant = start;
  return {
    ...{ sql, state, directory, problems, telling },
    at: (time: Instant) => {
      now = time;
    },
    moving: {
      ...{ state, secret: "test", now: () => now, elapsed: () => 0 },
      policy: { ...lenient, now: start },
      collectionId: uuidOf("collection opencti"),
      ids: (kind: string, key: string) => uuidOf(`${kind} ${key}`),
    },
    /**
     * Every row that says something, with the transaction that wrote it last: equal before and after means that nothing was
     * written. `feed_state`, turns and runs are the books of the collector.
     */
    rows: async (): Promise<readonly string[]> => {
      const tables = ["indicator", "claim", "feed_list", "report", "report_row", "stix_object", "move_in_event"];
      const more = [
        "organisation",
        "person",
        "person_role",
        "asset",
        "directory_change",
        "intel_change",
        "report_change",
      ];
      const found: string[] = [];
      for (const table of [...tables, ...more])
        for (const row of await sql`select xmin::text as x, ctid::text as c from ${sql(table)} order by 1, 2`)
          found.push(`${table} ${String(row["x"])} ${String(row["c"])}`);
      return found;
    },
    count: async (table: string): Promise<number> => {
      const [row] = await sql`select count(*)::int as n from ${sql(table)}`;
      return row?.["n"] as number;
    },
  };
};

/** A text as a file that can be read again, in chunks that end in the middle of everything. */
export const fileOf = (text: string | Uint8Array, chunkBytes: number = 1000) =>
  async function* (): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
