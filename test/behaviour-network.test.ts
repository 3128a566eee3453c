import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { day, hour, instant, minute } from "#core/instant.ts";
import type { Behaviour, Fact } from "#detect/behaviour.ts";
import { dnsTunnel } from "#detect/dns-tunnel/behaviour.ts";
import { portScan } from "#detect/port-scan/behaviour.ts";
import { falsePerThousand, made, nowhere, told } from "./behaviour-world.ts";
import { aMonth, randomOf, servers } from "./benign-month.ts";

const start = Date.UTC(2026, 5, 8, 1);
const base32 = "abcdefghijklmnopqrstuvwxyz234567";

const says = (behaviour: Behaviour, facts: readonly Fact[]): string[] =>
  told(behaviour, facts).map(({ because }) => because.map((one) => one.says).join("+"));

const asking = (count: number, stepMs: number, name: (n: number) => string, type = "A"): Fact[] =>
  Array.from({ length: count }, (_, n) =>
    made(
      {
        time: instant(start + n * stepMs),
        event: "dns",
        source: { address: "10.1.0.5", port: 50_000 },
        destination: { address: "10.1.0.1", port: 53 },
        dns: { query: name(n), type, rcode: "NOERROR" },
      },
      n,
    ),
  );

const encoded = (seed: number, length: number): ((n: number) => string) => {
  const random = randomOf(seed);
  return () =>
    `${Array.from({ length }, () => base32[Math.floor(random() * 32)])
      .join("")
      .replace(/(.{60})(?=.)/g, "$1.")}.t.tunnel.example`;
};

test("data in names is called: fast as iodine, with TXT answers as dnscat2, and a little each minute", () => {
  deepEqual(says(dnsTunnel, asking(400, 500, encoded(1, 100))), ["dns-tunnel.names+dns-tunnel.data"]);
  deepEqual(says(dnsTunnel, asking(100, 5000, encoded(2, 40), "TXT")), [
    "dns-tunnel.names+dns-tunnel.data+dns-tunnel.types",
  ]);
  deepEqual(says(dnsTunnel, asking(1400, minute, encoded(3, 30))).length, 1);
  const [hit] = told(dnsTunnel, asking(400, 500, encoded(1, 100)));
  ok(hit && hit.time - start < 2 * minute);
  deepEqual(
    hit.entities.map(({ value }) => value),
    ["10.1.0.5", "tunnel.example"],
  );
});

test("many short names, few long ones, and names asked again are no tunnel", () => {
  deepEqual(
    says(
      dnsTunnel,
      asking(2000, 1000, (n) => `www${n}.shop.example`),
    ),
    [],
  );
  deepEqual(says(dnsTunnel, asking(100, 1000, encoded(4, 60))), []);
  const again = encoded(5, 60)(0);
  deepEqual(
    says(
      dnsTunnel,
      asking(5000, 500, () => again),
    ),
    [],
  );
  deepEqual(
    says(
      dnsTunnel,
      asking(5000, 500, (n) => `${n}.2.0.192.in-addr.arpa`),
    ),
    [],
  );
});

test("a known service is ranked down", () => {
  const [hit] = told(dnsTunnel, asking(400, 500, encoded(1, 100)), { around: { ...nowhere, harmless: () => true } });
  equal(hit?.severity, "low");
});

const knocking = (
  count: number,
  stepMs: number,
  to: (n: number) => { address: string; port: number },
  from = start,
  source = "10.1.0.5",
): Fact[] =>
  Array.from({ length: count }, (_, n) => ({
    ...made(
      {
        time: instant(from + n * stepMs),
        source: { address: source, port: 50_000 },
        destination: to(n),
        measures: { bytesOut: 60, bytesIn: n % 9 === 0 ? 120 : 0 },
      },
      n,
    ),
    id: `knock-${from}-${String(n).padStart(6, "0")}`,
  }));

test("one of ours that knocks at many machines or many ports is called; strangers from outside are the weather", () => {
  const sweep = (n: number) => ({ address: `10.1.${Math.floor(n / 250)}.${n % 250}`, port: 445 });
  deepEqual(says(portScan, knocking(300, 1000, sweep)), ["port-scan.machines"]);
  deepEqual(
    says(
      portScan,
      knocking(300, 1000, (n) => ({ address: "10.1.0.9", port: n + 1 })),
    ),
    ["port-scan.ports"],
  );
  deepEqual(says(portScan, knocking(300, 4 * minute, sweep)), ["port-scan.slowly"]);
  deepEqual(says(portScan, knocking(300, 1000, sweep, start, "203.0.113.7")), []);
  // a busy server that answers
  const answered = knocking(300, 1000, sweep).map((fact) => ({ ...fact, measures: { bytesOut: 900, bytesIn: 9000 } }));
  deepEqual(says(portScan, answered), []);
});

test("who scans every week is ranked down from the second time on, and it is said why", () => {
  const sweep = (n: number) => ({ address: `10.1.0.${n % 250}`, port: 445 });
  const weeks = [0, 1, 2].flatMap((week) => knocking(300, 1000, sweep, start + week * 7 * day + week * hour));
  deepEqual(
    told(portScan, weeks).map(({ severity }) => severity),
    ["medium", "info", "info"],
  );
});

test("another process goes on from the checkpoint", () => {
  const tunnel = asking(400, 500, encoded(1, 100));
  deepEqual(told(dnsTunnel, tunnel, { killed: 31 }), told(dnsTunnel, tunnel));
  const sweep = knocking(300, 1000, (n) => ({ address: `10.1.0.${n % 250}`, port: 445 }));
  deepEqual(told(portScan, sweep, { killed: 31 }), told(portScan, sweep));
});

test("the benign month: dns-tunnel says nothing false", (t) => {
  const { rate, hits } = falsePerThousand(dnsTunnel);
  t.diagnostic(`${rate.toFixed(2)} per 1,000 host-days`);
  deepEqual(hits, []);
});

test("the benign month: port-scan names the office's own scanner alone, once with weight", (t) => {
  const { hits } = falsePerThousand(portScan, aMonth);
  const weighty = hits.filter(({ severity }) => severity !== "info");
  t.diagnostic(`${hits.length} hits, ${weighty.length} with weight`);
  ok(hits.every(({ entities }) => entities[0]?.value === servers.scanner));
  equal(weighty.length, 1);
});
