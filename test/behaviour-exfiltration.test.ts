import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { day, hour, instant, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { exfiltration } from "#detect/exfiltration/behaviour.ts";
import { falsePerThousand, made, monthOf, told } from "./behaviour-world.ts";
import { aMonth } from "./benign-month.ts";

const gigabyte = 1_000_000_000;

interface Sending {
  readonly from: number;
  readonly forMs: number;
  readonly bytes: number;
  readonly source?: string;
  readonly destination?: string;
  readonly everyMs?: number;
}

/** A transfer in parts that end one after the other. */
const sending = (
  { from, forMs, bytes, source = "10.20.1.22", destination = "198.18.5.5", everyMs = 2 * minute }: Sending,
  name = "leak",
): Fact[] => {
  const parts = Math.round(forMs / everyMs);
  return Array.from({ length: parts }, (_, n) => ({
    ...made(
      {
        time: instant(from + n * everyMs),
        at: instant(from + (n + 1) * everyMs),
        source: { address: source, port: 50_000 },
        destination: { address: destination, port: 443 },
        measures: { bytesOut: bytes / parts, bytesIn: bytes / parts / 500, durationMs: everyMs },
      },
      n,
    ),
    id: `${name}-${String(n).padStart(6, "0")}`,
  }));
};

/** Two streams of facts in one order. */
const merged = (a: readonly Fact[], b: readonly Fact[]): Fact[] =>
  [...a, ...b].sort((x, y) => x.at - y.at || (x.id < y.id ? -1 : 1));

const tenDays = [...monthOf({ ...aMonth, people: 15, days: 12 })];
const leakBegins = aMonth.start + 9 * day + 2 * hour;

test("the leak of 400 GB is called within its first hour, whether it takes a day or two", () => {
  for (const forMs of [12 * hour, day, 47 * hour]) {
    const leak = sending({ from: leakBegins, forMs, bytes: 400 * gigabyte });
    const hits = told(exfiltration, merged(tenDays, leak)).filter(
      ({ entities }) => entities[1]?.value === "198.18.5.5",
    );
    equal(hits.length, 1);
    const [hit] = hits;
    ok(hit && hit.time - leakBegins <= hour, `${((hit?.time ?? 0) - leakBegins) / minute} minutes`);
    deepEqual(hit.problem, { type: "data-leak", about: "" });
    equal(hit.because[0]?.says, "exfiltration.new-hour");
  }
});

test("the backups of the benign month, their first nights too, are never called", (t) => {
  const { rate, hits } = falsePerThousand(exfiltration);
  t.diagnostic(
    `${rate.toFixed(2)} per 1,000 host-days: ${hits.map((hit) => JSON.stringify([hit.entities, hit.because])).join("; ")}`,
  );
  equal(hits.filter(({ entities }) => entities.some(({ value }) => value.includes("backup"))).length, 0);
  ok(rate <= 1);
});

test("a little each day to a new place is called before the month is over", () => {
  const drip = Array.from({ length: 20 }, (_, n) =>
    sending({ from: aMonth.start + (3 + n) * day, forMs: hour, bytes: 4 * gigabyte }, `drip${n}`),
  ).flat();
  const [hit, ...others] = told(exfiltration, drip.concat());
  // without the day in which the network is learnt, the drip itself would be what is usual
  equal(hit, undefined);
  equal(others.length, 0);
  const learned = merged(tenDays, drip);
  const hits = told(exfiltration, learned).filter(({ entities }) => entities[1]?.value === "198.18.5.5");
  equal(hits[0]?.because[0]?.says, "exfiltration.drip");
  ok(hits[0] && hits[0].time < aMonth.start + 10 * day);
});

test("a place everybody knew is called when one sends many times what was usual at this hour", () => {
  const usual = Array.from({ length: 20 }, (_, n) =>
    sending({ from: aMonth.start + n * day, forMs: hour, bytes: 2 * gigabyte * (1 + (n % 3) / 10) }, `daily${n}`),
  ).flat();
  const burst = sending({ from: aMonth.start + 20 * day, forMs: hour, bytes: 60 * gigabyte }, "burst");
  equal(told(exfiltration, usual).length, 0);
  const [hit] = told(exfiltration, merged(usual, burst));
  equal(hit?.because[0]?.says, "exfiltration.unusual");
  ok(hit && hit.time >= aMonth.start + 20 * day && hit.time <= aMonth.start + 20 * day + hour);
});

test("with nothing to compare, only what goes on for half a day is called", () => {
  const leak = sending({ from: aMonth.start, forMs: day, bytes: 400 * gigabyte });
  const [hit] = told(exfiltration, leak);
  equal(hit?.because[0]?.says, "exfiltration.long");
  equal(told(exfiltration, sending({ from: aMonth.start, forMs: 6 * hour, bytes: 400 * gigabyte })).length, 0);
  const [at] = told(exfiltration, leak, { wished: { learnHours: 0 } });
  ok(at && at.time - aMonth.start <= hour);
});

test("another process goes on from the checkpoint", () => {
  const leak = merged(
    tenDays.slice(0, 4000),
    sending({ from: aMonth.start + 2 * day, forMs: day, bytes: 400 * gigabyte }),
  );
  deepEqual(told(exfiltration, leak, { killed: 501 }), told(exfiltration, leak));
});
