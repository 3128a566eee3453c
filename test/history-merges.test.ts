import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Merging, Merges } from "#jobs/history/merges.ts";

/** An engine that makes a part of each group, and joins all of them into one when it may. */
class Parts implements Merging {
  count = 0;
  joins = true;
  most = 0;
  readonly told: boolean[] = [];

  parts = async (): Promise<number> => this.count;
  merge = async (joins: boolean): Promise<void> => {
    this.told.push(joins);
    this.joins = joins;
    if (joins) this.count = Math.min(this.count, 1);
  };

  /** What it was told is gone: it was started again. */
  restart(): void {
    this.joins = true;
  }

  group(): void {
    this.count = this.joins ? 1 : this.count + 1;
    this.most = Math.max(this.most, this.count);
  }
}

const run = async (groups: readonly boolean[], parts = new Parts()): Promise<Parts> => {
  const merges = new Merges(parts);
  for (const much of groups) {
    if (much) parts.group();
    await merges.after(much);
  }
  return parts;
};

test("where little comes the engine is told nothing", async () => {
  deepEqual((await run(Array.from({ length: 50 }, () => false))).told, []);
});

test("while much comes parts wait, and are joined when less came three times", async () => {
  const twenty = Array.from({ length: 20 }, () => true);
  const parts = await run([...twenty, false, false, true, false, false, false, false]);
  equal(parts.joins, true);
  equal(parts.most, 21);
  deepEqual(parts.told, [...Array.from({ length: 25 }, () => false), true], "joined once, and said once");
});

test("an engine that was started again is told again", async () => {
  const parts = new Parts();
  const merges = new Merges(parts);
  await merges.after(true);
  parts.restart();
  await merges.after(true);
  equal(parts.joins, false);
});

test("too many parts are joined whatever comes, until few are left", async () => {
  const parts = new Parts();
  parts.merge = async (joins) => void (parts.joins = joins);
  const merges = new Merges(parts);
  for (const [now, joins] of [
    [300, false],
    [301, true],
    [250, true],
    [101, true],
    [100, false],
    [300, false],
    [301, true],
  ] as const) {
    parts.count = now;
    await merges.after(true);
    equal(parts.joins, joins, `${now} parts`);
  }
});

test("however it comes, parts stay bounded, and nothing waits once little comes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 2000 }), async (groups) => {
      const parts = await run(groups);
      equal(parts.most <= 302, true, `${parts.most} parts`);
      if (groups.slice(-3).every((much) => !much)) equal(parts.joins, true);
    }),
    { numRuns: 50 },
  );
});
