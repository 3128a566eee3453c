// Takes seconds: laws on many made-up inputs.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Lately } from "#detect/lately.ts";

/** The slow obvious one: a list, the newest last. */
class Plain {
  readonly most: number;
  list: [string, number][] = [];
  forgotten = 0;

  constructor(most: number) {
    this.most = most;
  }

  get = (key: string): number | undefined => this.list.find(([one]) => one === key)?.[1];

  use(key: string): number | undefined {
    const known = this.get(key);
    if (known !== undefined) this.set(key, known);
    return known;
  }

  set(key: string, value: number): void {
    this.delete(key);
    this.list.push([key, value]);
    if (this.list.length <= this.most) return;
    this.list.shift();
    this.forgotten++;
  }

  delete(key: string): boolean {
    const known = this.get(key) !== undefined;
    this.list = this.list.filter(([one]) => one !== key);
    return known;
  }
}

const step = fc.record({
  does: fc.constantFrom("get", "use", "set", "set", "set", "delete", "restart"),
  key: fc.integer({ min: 0, max: 40 }).map(String),
});

test("Lately is a list in the order of last use, and goes on anywhere as if nothing had been", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), fc.array(step, { maxLength: 200 }), (most, steps) => {
      const plain = new Plain(most);
      let lately = new Lately<number>(most);
      for (const [n, { does, key }] of steps.entries()) {
        if (does === "restart") {
          const next = new Lately<number>(most);
          next.restore(JSON.parse(JSON.stringify([...lately])) as [string, number][], lately.forgotten);
          lately = next;
        } else if (does === "set") {
          plain.set(key, n);
          lately.set(key, n);
        } else equal(lately[does](key), plain[does](key));
        deepEqual([...lately], plain.list);
        equal(lately.forgotten, plain.forgotten);
        equal(lately.size, plain.list.length);
      }
    }),
    { numRuns: 400 },
  );
});

test("what is deleted while it is walked through is not met again", () => {
  const lately = new Lately<number>(100);
  for (let n = 0; n < 100; n++) lately.set(`${n}`, n);
  for (const [key, n] of lately) if (n % 3 !== 0) lately.delete(key);
  deepEqual(
    Array.from(lately, ([, n]) => n),
    Array.from({ length: 34 }, (_, n) => n * 3),
  );
});

test("ever new keys take no more room, and each costs what the first ones did", () => {
  const lately = new Lately<number>(20_000);
  const round = (from: number): number => {
    const before = process.cpuUsage();
    for (let n = from; n < from + 200_000; n++) {
      if (lately.use(`key ${n}`) === undefined) lately.add(`key ${n}`, n);
      lately.use(`key ${n - 15_000}`);
    }
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  round(0);
  const early = Math.min(round(200_000), round(400_000));
  const late = Math.min(round(600_000), round(800_000));
  equal(lately.size, 20_000);
  equal(lately.forgotten, 980_000);
  ok(late < 4 * early, `${early} then ${late} µs`);
  equal([...lately].length, 20_000);
});
