import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { InTime, type SavedInTime } from "#detect/in-time.ts";
import { Waiting } from "#detect/waiting.ts";

const fact = (sensor: string, at: number, id: string): Fact => ({
  id,
  at: instant(at),
  time: instant(at),
  sensor,
  from: `${sensor}.log`,
  line: 1,
  event: "flow",
  measures: {},
});

const order = (facts: readonly Fact[]): readonly Fact[] =>
  [...new Map(facts.map((one) => [one.id, one])).values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));

const delivered = fc
  .array(
    fc.record({
      sensor: fc.constantFrom("a", "b"),
      at: fc.integer({ min: 0, max: 500 }),
      jitter: fc.integer({ min: 0, max: 20 }),
      again: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    }),
    { maxLength: 80 },
  )
  .map((made) =>
    made
      .flatMap(({ sensor, at, jitter, again }, i) => {
        const one = fact(sensor, at, `f${i}`);
        return [{ one, came: at + jitter }, ...(again === undefined ? [] : [{ one, came: at + again }])];
      })
      .sort((a, b) => a.came - b.came)
      .map(({ one }) => one),
  );

test("facts are handed on in their order, each once, whatever order they came in", () => {
  fc.assert(
    fc.property(delivered, fc.constantFrom(20, Number.POSITIVE_INFINITY), (facts, tolerance) => {
      const inTime = new InTime(tolerance, 1000);
      const handed: Fact[] = [];
      for (const one of facts) {
        inTime.put(one, instant(1));
        handed.push(...[...inTime.due(instant(2))].flat());
      }
      handed.push(...[...inTime.end()].flat());
      deepEqual(handed, order(facts));
      equal(inTime.counts.late, 0);
      equal(inTime.counts.twice, facts.length - handed.length);
      equal(inTime.counts.waiting, 0);
    }),
    { numRuns: 500 },
  );
});

test("a clock that runs ahead makes nobody late; a sensor that fell silent is not waited for", () => {
  const inTime = new InTime(10, 60_000);
  inTime.put(fact("ahead", 86_400_000, "x"), instant(1000));
  inTime.put(fact("right", 1000, "a"), instant(1000));
  inTime.put(fact("right", 2000, "b"), instant(2000));
  deepEqual(
    [...inTime.due(instant(2000))].flat().map(({ id }) => id),
    ["a"],
  );
  inTime.put(fact("ahead", 86_401_000, "y"), instant(90_000));
  deepEqual(
    [...inTime.due(instant(90_000))].flat().map(({ id }) => id),
    ["b", "x"],
  );
  // when nobody is heard of any more, nothing is left waiting
  deepEqual(
    [...inTime.due(instant(900_000))].flat().map(({ id }) => id),
    ["y"],
  );
  equal(inTime.counts.late, 0);
});
test("corrected times bring nothing twice, and a restart anywhere changes nothing", () => {
  fc.assert(
    fc.property(delivered, fc.array(fc.nat(80), { maxLength: 5 }), fc.boolean(), (facts, restarts, corrected) => {
      let inTime = new InTime(20, 1000);
      const handed: Fact[] = [];
      for (const [n, one] of facts.entries()) {
        if (restarts.includes(n)) {
          const saved = JSON.parse(JSON.stringify(inTime.save())) as SavedInTime;
          inTime = new InTime(20, 1000);
          inTime.restore(saved);
        }
        inTime.putAll([one], one.sensor, instant(1), one.at, corrected);
        handed.push(...[...inTime.due(instant(2))].flat());
      }
      handed.push(...[...inTime.end()].flat());
      deepEqual(handed, order(facts));
      deepEqual(inTime.counts, { late: 0, twice: facts.length - handed.length, waiting: 0 });
    }),
    { numRuns: 300 },
  );
  // the same record, whose sensor's clock was set right in between
  const inTime = new InTime(10, 60_000);
  const heard = instant(1);
  inTime.putAll([fact("a", 100, "x"), fact("a", 200, "y")], "a", heard, 200, false);
  inTime.putAll([fact("a", 300, "z")], "a", heard, 300, false);
  deepEqual(
    [...inTime.due(heard)].flat().map(({ id }) => id),
    ["x", "y"],
  );
  inTime.putAll([fact("a", 250, "x")], "a", heard, 310, true);
  deepEqual(
    [...inTime.due(heard)].flat().map(({ id }) => id),
    ["z"],
  );
  equal(inTime.counts.twice, 1);
});

test("many batches wait and are taken in order, whatever their size", () => {
  const random = (
    (state: number) => () =>
      (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
  )(5);
  const waiting = new Waiting();
  const all: Fact[] = [];
  const taken: Fact[] = [];
  for (let batch = 0; batch < 300; batch++) {
    for (let n = 0; n < random() * 40; n++) {
      const one = fact("a", Math.floor(batch * 10 + random() * 400), `${Math.floor(random() * 1e9)}`);
      all.push(one);
      waiting.add(one);
    }
    if (batch % 3 === 0) taken.push(...waiting.take(batch * 10 - 1));
    equal(waiting.size, all.length - taken.length);
    if (batch % 50 === 0) equal(waiting.all().length, waiting.size);
  }
  taken.push(...waiting.take(Number.POSITIVE_INFINITY));
  deepEqual(taken, order(all));
});
