import assert from "node:assert/strict";
import { test } from "node:test";
import { after, instant } from "#core/instant.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { MatchMemory, type SnapshotFile } from "#jobs/batches/match-memory.ts";
import { streamLive } from "#store/intel.ts";
import { stateOf } from "#store/state.ts";
import { caughtUp, testDatabase } from "./cluster.ts";

const now = instant(Date.parse("2026-11-21T08:00:00Z"));
const secret = Buffer.alloc(32, 7);
const row = (name: string): ClaimRow => {
  const observable = { kind: "domain", value: `${name}.example` } as const;
  return {
    ...{ id: indicatorId("s", observable), observable, parts: [""], seenAt: now, liveUntil: after(now, 86_400_000) },
    ...{ grade: { source: "B", statement: 2 }, labels: [], flags: [], tlp: "clear", pap: "clear", licence: "MIT" },
  };
};

test("MatchMemory: a snapshot and what changed since is the index built anew; a snapshot of another database is not used", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const merge = (...names: string[]): Promise<number> => state.act((tx) => tx.intel.merge("list", names.map(row), now));
  await state.act((tx) => tx.intel.feed({ id: "list", liveDays: 30, voice: "alert" }, false));
  await merge("one", "two", "kept");

  let saved: Uint8Array | undefined;
  let streams = 0;
  const memory = (about: string): MatchMemory => {
    const file: SnapshotFile = {
      about,
      read: async () => saved,
      write: async (bytes) => {
        saved = Uint8Array.from(bytes);
      },
    };
    const stream: ConstructorParameters<typeof MatchMemory>[1] = (at, each) => {
      streams++;
      return streamLive(sql, at, each);
    };
    return new MatchMemory(state, stream, secret, buildExclusions([]), file);
  };
  const holds = (of: MatchMemory): boolean[] =>
    ["one", "two", "three", "kept"].map(
      (name) => of.index.lookup({ kind: "domain", value: `${name}.example` }, 0).length > 0,
    );

  const first = memory("here");
  await caughtUp(sql);
  await first.refresh(now);
  await first.save();
  assert.deepEqual([holds(first), streams], [[true, true, false, true], 1]);

  await merge("three");
  await state.act((tx) => tx.intel.delist("list", "", [row("two").id], now));
  const restored = memory("here");
  await caughtUp(sql);
  await restored.refresh(now);
  assert.deepEqual([holds(restored), streams], [[true, false, true, true], 1], "not streamed again");
  const anew = memory("elsewhere");
  await caughtUp(sql);
  await anew.refresh(now);
  assert.deepEqual([holds(anew), streams], [holds(restored), 2]);
});
