import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { InTime } from "#detect/in-time.ts";

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
        handed.push(...inTime.due(instant(2)));
      }
      handed.push(...inTime.end());
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
    inTime.due(instant(2000)).map(({ id }) => id),
    ["a"],
  );
  inTime.put(fact("ahead", 86_401_000, "y"), instant(90_000));
  deepEqual(
    inTime.due(instant(90_000)).map(({ id }) => id),
    ["b", "x"],
  );
  // when nobody is heard of any more, nothing is left waiting
  deepEqual(
    inTime.due(instant(900_000)).map(({ id }) => id),
    ["y"],
  );
  equal(inTime.counts.late, 0);
});
