import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import { beacon } from "#detect/beacon/behaviour.ts";
import { regularity, sameness } from "#detect/beacon/regularity.ts";
import type { Fact } from "#detect/behaviour.ts";
import { falsePerThousand, made, nowhere, told } from "./behaviour-world.ts";
import { randomOf } from "./benign-month.ts";

const start = Date.UTC(2026, 5, 8, 1);

interface Calling {
  readonly count: number;
  readonly periodMs: number;
  readonly jitter?: number;
  readonly skips?: number;
  readonly source?: string;
  readonly seed?: number;
}

/** A program that calls 203.0.113.99, as flows that end a little later. */
const calling = ({ count, periodMs, jitter = 0, skips = 0, source = "10.1.0.5", seed = 1 }: Calling): Fact[] => {
  const random = randomOf(seed);
  let at = start;
  return Array.from({ length: count }, (_, n) => {
    at += periodMs * (1 + jitter * (2 * random() - 1)) * (random() < skips ? 3 + Math.floor(random() * 4) : 1);
    return made(
      {
        time: instant(at),
        at: instant(at + 400),
        source: { address: source, port: 50_000 + n },
        destination: { address: "203.0.113.99", port: 443 },
        measures: { bytesOut: 300 + Math.round(40 * random()) },
      },
      n,
    );
  });
};

test("a timer is called a beacon with jitter to half its pause and with sleeps in between", () => {
  for (const jitter of [0, 0.1, 0.3, 0.5])
    for (const skips of [0, 0.15])
      for (const periodMs of [10_000, 60_000, 900_000]) {
        const hits = told(beacon, calling({ count: 400, periodMs, jitter, skips, seed: 3 }));
        equal(hits.length, 1, `jitter ${jitter}, skips ${skips}, every ${periodMs} ms`);
        deepEqual(
          hits[0]?.entities.map(({ value }) => value),
          ["10.1.0.5", "203.0.113.99"],
        );
      }
});

test("it is said within the hour, at the end of the record that showed it", () => {
  const facts = calling({ count: 400, periodMs: 60_000, jitter: 0.2 });
  const [hit] = told(beacon, facts);
  ok(hit && hit.time - start < 3_600_000);
  ok(facts.some(({ at }) => at === hit.time));
});

test("what three of ours call, and what is known to be harmless, is ranked down", () => {
  const one = calling({ count: 100, periodMs: 60_000 });
  const all = ["10.1.0.5", "10.1.0.6", "10.1.0.7", "10.1.0.8"]
    .flatMap((source, i) => calling({ count: 100, periodMs: 60_000, source, seed: i + 1 }))
    .sort((a, b) => a.at - b.at)
    .map((fact, n) => ({ ...fact, id: `all-${String(n).padStart(5, "0")}` }));
  equal(told(beacon, all).length, 0);
  equal(told(beacon, one, { around: { ...nowhere, harmless: () => true } }).length, 0);
  equal(told(beacon, all, { wished: { score: 0.2 } }).length, 4);
});

test("people who browse at random are none", () => {
  const random = randomOf(5);
  let at = start;
  const facts = Array.from({ length: 3000 }, (_, n) => {
    at += -Math.log(1 - random()) * 60_000;
    return made(
      {
        time: instant(at),
        source: { address: "10.1.0.5" },
        destination: { address: "203.0.113.99", port: 443 },
        measures: { bytesOut: Math.round(200 + 5000 * random()) },
      },
      n,
    );
  });
  equal(told(beacon, facts).length, 0);
});

test("another process goes on from the checkpoint", () => {
  const facts = calling({ count: 300, periodMs: 30_000, jitter: 0.3 });
  deepEqual(told(beacon, facts, { killed: 7 }), told(beacon, facts));
});

test("the benign month: one false finding per 1,000 host-days at most", (t) => {
  const { rate, hits } = falsePerThousand(beacon);
  t.diagnostic(
    `${rate.toFixed(2)} per 1,000 host-days: ${hits.map(({ entities }) => entities.map(({ value }) => value).join(" → ")).join("; ")}`,
  );
  ok(rate <= 1, JSON.stringify(hits, undefined, 1));
});

interface Vector {
  readonly Label: string;
  readonly Ts: readonly number[];
  readonly Bytes: readonly number[];
  readonly Score: number;
}

const vectors = new URL("../../shared/corpora/detection/behaviour/rita-beacon-vectors.json.gz", import.meta.url);

/** Share of pairs in which the malicious one is ranked above the harmless one; ties are half. */
const area = (scored: readonly { readonly bad: boolean; readonly score: number }[]): number => {
  const bad = scored.filter((one) => one.bad);
  const good = scored.filter((one) => !one.bad);
  let above = 0;
  for (const b of bad) for (const g of good) above += b.score > g.score ? 1 : b.score === g.score ? 0.5 : 0;
  return above / (bad.length * good.length);
};

test("RITA's vectors are told apart at least as well as RITA tells them", {
  skip: existsSync(vectors) ? false : "the corpus is not here",
}, (t) => {
  const all = JSON.parse(gunzipSync(readFileSync(vectors)).toString()) as Vector[];
  const judged = all.filter(({ Label }) => Label === "beacon" || Label === "benign");
  const ours = judged.map(({ Label, Ts, Bytes }) => {
    const times = [...new Set(Ts)].sort((a, b) => a - b).map((seconds) => seconds * 1000);
    const even = regularity(times.slice(-256))?.score ?? 0;
    const size = sameness(Bytes.slice(-256));
    return { bad: Label === "beacon", score: size ? 0.7 * even + 0.3 * size.score : even };
  });
  const ritas = judged.map(({ Label, Score }) => ({ bad: Label === "beacon", score: Score }));
  const least = Math.min(...ours.filter(({ bad }) => bad).map(({ score }) => score));
  const most = Math.max(...ours.filter(({ bad }) => !bad).map(({ score }) => score));
  t.diagnostic(
    `area ${area(ours).toFixed(4)} (RITA ${area(ritas).toFixed(4)}); least beacon ${least.toFixed(2)}, most benign ${most.toFixed(2)}`,
  );
  ok(area(ours) >= area(ritas));
  ok(least > beacon.settings.score.standard && most < beacon.settings.score.standard);
});

test("regularity() and sameness() are as their sorted values say", () => {
  const quantile = (sorted: readonly number[], share: number): number => {
    const at = (sorted.length - 1) * share;
    const below = sorted[Math.floor(at)] ?? 0;
    return below + ((sorted[Math.ceil(at)] ?? 0) - below) * (at - Math.floor(at));
  };
  const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);
  const spread = (values: readonly number[], median: number): number =>
    quantile(sorted(values.map((value) => Math.abs(value - median))), 0.5) / median;
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(20), fc.nat(100_000)), { maxLength: 300 }), (pauses) => {
      const times = [...pauses].reduce((all, pause) => [...all, (all.at(-1) ?? 0) + pause], [0]);
      const usual = quantile(sorted(pauses), 0.5);
      const steady = sorted(pauses).filter((pause) => pause <= 1.8 * usual);
      const silent =
        pauses.length < 3 || usual <= 0 || pauses.length - steady.length > pauses.length / 3 || steady.length < 3;
      const period = quantile(steady, 0.5);
      const got = regularity(times);
      equal(got === undefined, silent);
      if (got) deepEqual([got.periodMs, got.jitter], [period, spread(steady, period)]);
      const middle = quantile(sorted(pauses), 0.5);
      const size = sameness([...pauses, -1, -1]);
      equal(size === undefined, pauses.length < 4 || middle === 0);
      if (size) deepEqual(size, { usual: middle, score: Math.max(0, 1 - 2 * spread(pauses, middle)) });
    }),
    { numRuns: 300 },
  );
});
