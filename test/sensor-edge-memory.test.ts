// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import type { Fact } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { Recent } from "#detect/recent.ts";
import { packFacts } from "#jobs/batches/facts-pack.ts";
import { DelayLine, waitMs } from "#jobs/edge/delay-line.ts";
import { edgeBehaviours } from "#jobs/edge/edge-behaviours.ts";
import { readRulesAnswer } from "#jobs/edge/rules-answer.ts";
import { sortedOnce } from "#jobs/history/sorted-once.ts";
import type { EdgeShelf } from "#jobs/edge/shelf-port.ts";
import { ValueNumbers } from "#jobs/edge/value-numbers.ts";

test("an answer of rules reads as JSON does, whatever stands in its texts", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom('{"[\\', '"}]}', "title: a\nb: {}\n", "規則"),
  );
  const file = fc.record({ path: text, text });
  const answer = fc.record({
    version: text,
    packs: fc.array(fc.record({ name: text, files: fc.array(file, { maxLength: 4 }) }), { maxLength: 3 }),
    decisions: fc.array(fc.record({ rule: text, runs: fc.boolean(), reason: text }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(answer, fc.constantFrom(undefined, 1, "\t"), (given, indent) => {
      // half of a surrogate pair is no text of any encoding
      const plain = JSON.parse(Buffer.from(JSON.stringify(given)).toString()) as typeof given;
      const read = readRulesAnswer(Buffer.from(JSON.stringify(given, undefined, indent)));
      assert.ok(read.ok);
      const { version, packs, decisions } = read.value;
      const files = packs.map((pack) => ({
        ...pack,
        files: pack.files.map(({ path, text: said }) => ({ path, text: said })),
      }));
      assert.deepEqual(
        JSON.parse(JSON.stringify({ version, packs: files, decisions })),
        JSON.parse(JSON.stringify(plain)),
      );
    }),
    { numRuns: 40 },
  );
});

test("an answer of rules that breaks off anywhere is refused", () => {
  const whole = Buffer.from(
    JSON.stringify({
      version: "1",
      packs: [{ name: "a", files: [{ path: "a.yml", text: "title: {" }] }],
      decisions: [],
    }),
  );
  for (let cut = 0; cut < whole.length; cut++)
    assert.equal(readRulesAnswer(whole.subarray(0, cut)).ok, false, `cut at ${cut}`);
  assert.equal(
    readRulesAnswer(Buffer.from('{"version":"1","packs":[{"name":"a","files":[[0,9]]}],"decisions":[]}')).ok,
    false,
  );
});

test("fingerprints are numbered in the order they came, each once", () => {
  const half = fc.oneof(fc.integer(), fc.integer({ min: -2, max: 2 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 3000 }), fc.boolean(), (given, again) => {
      const numbers = new ValueNumbers();
      // in the memory of those before nothing of them is left
      if (again) for (let n = 0; n < 1500; n++) if (numbers.of(n, -n) < 0) numbers.add(n, -n);
      if (again) numbers.clear();
      const known = new Map<string, number>();
      for (const [low, high] of given) {
        const key = `${low} ${high}`;
        assert.equal(numbers.of(low, high), known.get(key) ?? -1);
        if (!known.has(key)) known.set(key, numbers.add(low, high));
      }
      assert.deepEqual(
        [...known.values()],
        [...known.keys()].map((_, n) => n),
      );
      assert.deepEqual(
        [...numbers.all].map((value) => `${BigInt.asIntN(32, value)} ${BigInt.asIntN(32, value >> 32n)}`),
        [...known.keys()],
      );
    }),
    { numRuns: 30 },
  );
});

test("postings are sorted, each once, as a set of them would be, and nothing is lost of what lies behind", () => {
  const word = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 5n }));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 300 }), (given) => {
      const words = BigUint64Array.from(given);
      const expected = [...new Set(given)].toSorted((a, b) => (a < b ? -1 : 1));
      assert.deepEqual([...sortedOnce(words)], expected);
      // the segment goes on: sorted again with what came then
      assert.deepEqual([...sortedOnce(words)], expected);
    }),
    { numRuns: 100 },
  );
});

const inMemory = (full: () => boolean): EdgeShelf["aside"] => {
  const files = new Map<string, Uint8Array>();
  return {
    append: (name, parts) => {
      if (full()) throw new WaglanError("WGL_SENSOR_DISK", { path: name, code: "ENOSPC" });
      files.set(name, Buffer.concat([files.get(name) ?? new Uint8Array(0), ...parts]));
    },
    take: (name) => {
      const bytes = files.get(name);
      assert.ok(bytes, `nothing was put aside as ${name}`);
      files.delete(name);
      return bytes;
    },
    clear: () => files.clear(),
  };
};

const factAt = (at: number, n: number): Fact => ({
  ...{
    id: hash("sha1", String(n), "base64url").slice(0, 16),
    at: instant(at),
    time: instant(at),
    sensor: "s",
    from: "1/0",
    line: n,
  },
  ...{ event: `flow ${n * 7919}`, measures: { bytesOut: n } },
});

test("what waits for its time is the same whether the shelf takes it or not, and memory holds a little of it", () => {
  const t0 = 1_790_000_000_000;
  const played = (full: (turn: number) => boolean): { readonly told: readonly string[]; readonly held: number } => {
    let turn = 0;
    const line = new DelayLine(
      "s",
      inMemory(() => full(turn)),
    );
    const told: string[] = [];
    let held = 0;
    for (; turn < 40; turn++) {
      const newest = t0 + turn * 5_000;
      const facts = Array.from({ length: 1_500 }, (_, n) => factAt(newest - ((n * 37) % 900), turn * 1_500 + n));
      const body = packFacts({ facts, matched: [] });
      const said = { open: [], listed: [] };
      const at = { newest: instant(newest), received: instant(newest) };
      line.put({ ...{ facts, matched: [], body, from: "1/0", batch: turn, said }, ...at });
      held = Math.max(held, line.held);
      for (const batch of line.due())
        told.push(...batch.facts.map(({ id, event }) => `${id} ${event}`), String(batch.newest));
    }
    assert.ok(line.handed <= t0 + 39 * 5_000 - waitMs + 1_000);
    return { told, held };
  };
  const [always, never, sometimes] = [played(() => false), played(() => true), played((turn) => turn % 3 === 0)];
  assert.ok(always.told.length > 5_000);
  assert.deepEqual(never.told, always.told);
  assert.deepEqual(sometimes.told, always.told);
  assert.ok(always.held * 2 < never.held, `${always.held} of ${never.held} bytes are in memory`);
});

test("inside a department behaviours remember less, within what their settings allow, and are otherwise the same", () => {
  let fewer = 0;
  for (const [n, behaviour] of edgeBehaviours.entries()) {
    const centre = behaviours[n];
    assert.equal(behaviour.id, centre?.id);
    let of = 0;
    for (const [name, setting] of Object.entries(behaviour.settings)) {
      const there = Object.entries(centre?.settings ?? {}).find(([one]) => one === name)?.[1];
      assert.ok(setting.standard >= setting.least && setting.standard <= setting.most, `${behaviour.id} ${name}`);
      if (setting.standard === there?.standard) continue;
      assert.equal(setting.unit, "count");
      of++;
    }
    assert.ok(of <= 1, behaviour.id);
    fewer += of;
  }
  assert.equal(fewer, behaviours.length, "a behaviour has the bounds of a server");
});

test("of ids that were noted lately as many are known again as were asked for, and at most twice as many", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 90 }), (lot, n) => {
      const recent = new Recent(lot);
      for (let at = 0; at < n; at++) recent.note(String(at));
      for (let at = 0; at < n; at++) {
        if (at >= n - lot) assert.ok(recent.has(String(at)), `${at} of ${n}`);
        if (at < n - 2 * lot) assert.ok(!recent.has(String(at)), `${at} of ${n}`);
      }
    }),
    { numRuns: 60 },
  );
});
