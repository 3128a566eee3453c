import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { instant, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { BatchThreads } from "#jobs/batches/threads.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { Partitions } from "#jobs/partitions/partitions.ts";
import { PartitionThread } from "#jobs/partitions/thread-host.ts";
import type { Community } from "#jobs/findings/record-hits.ts";
import { RuleMemory } from "#jobs/rules/memory.ts";
import { ruleFolder } from "#wiring/rule-folders.ts";
import { type ActsWorld, openActsWorld } from "./acts-world.ts";
import { eveLine } from "./eve-lines.ts";

export const secret = "00".repeat(32);

/** A server's detectors over time on a database of their own; what a sensor sends is matched at once. */
export interface PartitionWorld extends ActsWorld {
  readonly matching: Matching;
  readonly community: Community;
  readonly rules: RuleMemory;
  /** Another process, as far as the database can tell. */
  readonly process: (holder: string) => Partitions;
  /** Hands lines in, as the sensor does, at the clock's time. */
  readonly deliver: (lines: readonly string[], sensor?: string) => Promise<void>;
  /** Facts of the network in batches of `every`, the clock moved on to each one's end; `each` after every batch. */
  readonly play: (facts: readonly Fact[], every: number, each: (batch: number) => Promise<void>) => Promise<void>;
  /** What was said: hits, in their order. */
  readonly hits: () => Promise<readonly { readonly id: string; readonly time: number; readonly source: string }[]>;
}

export const openPartitionWorld = async (
  t: TestContext,
  files: Readonly<Record<string, string>> = {},
): Promise<PartitionWorld> => {
  const world = await openActsWorld(t);
  const { state, directory, idOf, now } = world.desk;
  const folder = mkdtempSync(join(tmpdir(), "partition-rules-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const rules = new RuleMemory(state, [ruleFolder("site", folder)]);
  await rules.refresh(now());
  const index = buildMatchIndex([], Buffer.alloc(32, 1));
  const threads = new BatchThreads(1, secret, () => index, { rules: () => rules.texts });
  t.after(() => threads.close());
  const community: Community = { shadow: () => false, worth: () => "normal", idOf };
  const matching: Matching = {
    ...{ state, threads, directory, secret: "test", contacted: () => "other", now, community, overTime: true },
  };
  let keys = 0;
  const deliver = async (lines: readonly string[], sensor = "edge"): Promise<void> => {
    const body = gzipSync(lines.map((one) => `${one}\n`).join(""));
    const known = directory.known.directory.sensors.find((one) => one.key === sensor)?.id ?? "";
    const digest = createHash("sha256").update(body).digest("hex");
    const key = `batch-${++keys}`;
    await state.act((tx) =>
      tx.telemetry.accept({ sensor: known, key, digest, format: "suricata-eve", received: now(), body }, 10),
    );
    await matchTelemetry(matching);
  };
  const opened: Partitions[] = [];
  t.after(() => Promise.all(opened.map((one) => one.close())));
  return {
    ...{ ...world, matching, community, rules, deliver },
    process: (holder) => {
      const thread = new PartitionThread(secret, async () => undefined);
      const partitions = new Partitions({ ...{ state, thread, directory, community, rules, holder, now } });
      opened.push(partitions);
      return partitions;
    },
    play: async (facts, every, each) => {
      const slots = Map.groupBy(facts, ({ at }) => Math.floor(at / every));
      let n = 0;
      for (const [slot, some] of [...slots].sort(([a], [b]) => a - b)) {
        world.clock.now = instant((slot + 1) * every);
        await deliver(some.toSorted((a, b) => a.at - b.at).map((fact) => eveLine(fact, ++n)));
        await each(slot);
      }
    },
    hits: async () =>
      (await world.sql`select id, time, sources from hit where noticed is not null order by time, id`).map((row) => ({
        id: row["id"] as string,
        time: row["time"] as number,
        source: (row["sources"] as readonly string[])[0] ?? "",
      })),
  };
};

/** Turns until there is nothing to do. */
export const settle = async (...processes: readonly Partitions[]): Promise<void> => {
  for (let more = true; more; ) {
    more = false;
    for (const one of processes) more = (await one.turn()).more || more;
  }
};

/** Nobody says anything for a while: what waits is handed on. */
export const silence = async (world: PartitionWorld, ...processes: readonly Partitions[]): Promise<void> => {
  world.clock.now = instant(world.clock.now + 20 * minute);
  await settle(...processes);
};

/** The lease of whoever holds it ends, as time would do it. */
export const endLeases = async ({ sql }: PartitionWorld): Promise<void> => {
  await sql`update detect_partition set leased_until = clock_timestamp() - interval '1 s'`;
};
