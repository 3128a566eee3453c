// Takes seconds: laws on many made-up inputs.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type Instant, instant } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { packFacts } from "#jobs/batches/facts-pack.ts";
import type { PartitionResult, PartitionTask } from "#jobs/partitions/messages.ts";
import { PartitionThread } from "#jobs/partitions/thread-host.ts";

const start = Date.UTC(2026, 10, 18);
const organisation = "harbour";

/** A thread of detectors, and how often it asked for the tables of countries. */
const openThread = (t: TestContext) => {
  let asked = 0;
  const thread = new PartitionThread("00".repeat(32), () => {
    asked++;
    return Promise.resolve(undefined);
  });
  t.after(() => thread.close());
  return { ask: (task: PartitionTask): Promise<PartitionResult> => thread.ask(task), asked: () => asked };
};

const opened = (checkpoint?: Uint8Array): PartitionTask => ({
  ...{ kind: "open", organisation, networks: [] },
  ...(checkpoint ? { checkpoint } : {}),
});

const take = (batch: number, facts: readonly Fact[], newest: number): PartitionTask => ({
  ...{ kind: "take", organisation },
  rows: [
    {
      ...{ batch, sensor: "1", key: "gate", received: (newest + 1000) as Instant, newest: newest as Instant },
      ...{ body: packFacts({ facts, matched: [] }), said: { open: [], listed: [] } },
    },
  ],
});

const fact = (n: number, over: Partial<Fact>): Fact => ({
  ...{ id: `fact-${n}`, at: instant(start + n * 1000), time: instant(start + n * 1000), sensor: "gate", from: "1" },
  ...{ line: n + 1, event: "x", measures: {}, ...over },
});
const signsIn: Partial<Fact> = {
  ...{ source: { address: "198.51.100.7" }, session: { account: "chan", outcome: "success" } },
};

const cases: readonly (readonly [what: string, facts: readonly Fact[], waits: boolean])[] = [
  ["a sign-in that is held as it came", [fact(200, signsIn)], true],
  // others came four minutes before: they are due, and the batch is unpacked
  ["a sign-in that waits unpacked", [fact(0, {}), fact(240, {}), fact(239, signsIn)], true],
  ["no sign-in", [fact(200, {})], false],
];

for (const [what, facts, waits] of cases)
  test(`taken up again, ${what}: countries are there before anything is looked at`, async (t) => {
    const before = openThread(t);
    await before.ask(opened());
    await before.ask(take(1, facts, Math.max(...facts.map(({ at }) => at))));
    // what is older than two minutes before this is due
    await before.ask(take(2, [fact(241, {})], start + 241_000));
    const saved = await before.ask({ kind: "save", organisation });
    ok(saved.kind === "saved");
    equal(before.asked(), waits ? 1 : 0);
    const after = openThread(t);
    const says = await after.ask(opened(saved.body));
    equal(after.asked(), waits ? 1 : 0);
    ok(says.kind === "says");
    deepEqual(says.says.problem, undefined);
  });
