import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { hour, instant, type Instant, minute } from "#core/instant.ts";
import type { Fact, Said } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { type Facts, openFacts, packFacts, unpackFacts } from "#jobs/batches/facts-pack.ts";
import { noPlans } from "#jobs/lists/live-plans.ts";
import type { SpokenHit } from "#jobs/partitions/lane.ts";
import { PartitionState, partitionVersion, readableVersions, type SavedPartition } from "#jobs/partitions/state.ts";
import { nowhere } from "./behaviour-world.ts";
import { checkpoint1, factsBody1 } from "./partition-version-1.ts";
import { checkpoint2, factsBody2 } from "./partition-version-2.ts";
import { beaconing, knocking, leaking, tunnelling } from "./trouble.ts";

const start = Date.UTC(2026, 10, 18);
const cut = start + 30.25 * hour;

const facts: readonly Fact[] = [
  ...beaconing(start + 30 * hour),
  ...leaking(start + 30 * hour).slice(0, 30),
  ...knocking(start + 30 * hour + 5 * minute).slice(0, 60),
  ...tunnelling(start + 29.9 * hour).slice(0, 200),
].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
const before = facts.filter(({ at }) => at < cut);
const after = facts.filter(({ at }) => at >= cut);

const opened = (): PartitionState =>
  new PartitionState({ behaviours, around: nowhere, plans: noPlans, hidden: () => false });

const take = (state: PartitionState, batch: number, some: readonly Fact[], received: number): readonly SpokenHit[] =>
  state.take({
    ...{ batch, sensor: "edge", received: instant(received), newest: some.at(-1)?.at as Instant, matched: [] },
    ...{ said: { open: [], listed: [] }, facts: some.map((fact, n) => ({ ...fact, from: `${batch}`, line: n + 1 })) },
  });

/** As JSON; fingerprints of names have no order. */
const plain = (saved: SavedPartition): SavedPartition =>
  JSON.parse(JSON.stringify(saved), (name, value: unknown) =>
    name === "seen" && Array.isArray(value) && value.every(Number.isInteger) ? value.toSorted() : value,
  ) as SavedPartition;

const rest = (state: PartitionState): readonly SpokenHit[] => [
  ...take(state, 2, after, (after.at(-1)?.at ?? 0) + 1000),
  ...state.tick(instant((after.at(-1)?.at ?? 0) + hour)),
];

test("a checkpoint of an older version is gone on from as if it were this version's", () => {
  const straight = opened();
  take(straight, 1, before, cut);
  const older = [checkpoint1, checkpoint2].map(
    (text) => JSON.parse(zstdDecompressSync(Buffer.from(text, "base64")).toString()) as SavedPartition,
  );
  for (const saved of older) {
    const state = opened();
    state.restore(saved);
    const now = plain(straight.save());
    for (const name of ["beacon", "dns-tunnel", "exfiltration", "port-scan"])
      ok(JSON.stringify(now.lanes[0]?.[1].watchers[name]).includes("10.20."), name);
    deepEqual(plain(state.save()), now);
  }
  const wanted = rest(straight);
  equal(wanted.length, 1);
  for (const saved of older) {
    const state = opened();
    state.restore(saved);
    deepEqual(rest(state), wanted);
  }
  for (const version of ["1", "2", partitionVersion]) ok(readableVersions.has(version));
});

const said: Said = { id: "r", title: "A rule", severity: "high", tactics: ["impact"], attack: ["T1486"] };
const fact = (n: number, over: Partial<Fact>): Fact => ({
  ...{ id: `fact-${String(n).padStart(11, "0")}`, at: instant(start + n * 1000 + 5), time: instant(start + n * 1000) },
  ...{ sensor: "gate", from: "9", line: n * 3 + 1, event: "flow", measures: {}, ...over },
});
const packed: Facts = {
  facts: [
    fact(0, {
      ...{ source: { address: "192.0.2.1", port: 5 }, destination: { address: "198.51.100.2" } },
      ...{ measures: { bytesOut: 7, bytesIn: 9 }, name: "www.parks.example" },
    }),
    fact(1, { host: "ws-1", session: { account: "chan", outcome: "failure" } }),
    fact(2, { source: { address: "192.0.2.1" }, http: { method: "GET", path: "/" }, said: [said] }),
    fact(3, { http: {}, event: "http" }),
    fact(4, { dns: { query: "a.parks.example", type: "A", rcode: "NOERROR" } }),
    fact(5, { process: { image: "a.exe" }, file: { act: "create", path: "b" } }),
  ],
  matched: [{ rule: "r", time: instant(start), id: "x", line: 3, fields: { User: "chan" }, host: "ws-1" }],
};

test("facts that an older version packed are read, and opened", () => {
  for (const text of [factsBody1, factsBody2]) {
    const body = Buffer.from(text, "base64");
    const got = unpackFacts(body, { sensor: "gate", from: "9" });
    ok(got.ok);
    deepEqual(JSON.parse(JSON.stringify(got.value)), JSON.parse(JSON.stringify(packed)));
    const opened = openFacts(body, { sensor: "gate", from: "9" });
    ok(opened.ok);
    const { times, sessions, matched } = opened.value;
    deepEqual([[...times], sessions, matched], [packed.facts.map(({ at }) => at), true, packed.matched]);
  }
});

test("what facts have at their edges survives packing; a body cut short is a problem", () => {
  const odd: readonly Fact[] = [
    ...packed.facts,
    // far from its neighbours, large, fractional, alone at one end
    fact(6, { at: instant(0), time: instant(0), measures: { bytesOut: Number.MAX_SAFE_INTEGER, bytesIn: 0 } }),
    fact(7, { at: instant(253_402_300_799_999), measures: { bytesOut: 0.5 } }),
    fact(8, { destination: { address: "2001:db8::1", port: 65_535 }, line: 2 ** 31 }),
    fact(9, { dns: { query: "\ud800 ünï" }, host: "", name: "" }),
    fact(10, { dns: { query: "", rcode: "NXDOMAIN" }, session: {} }),
  ];
  const body = packFacts({ facts: odd, matched: [] });
  const got = unpackFacts(body, { sensor: "gate", from: "9" });
  ok(got.ok);
  deepEqual(
    got.value.facts.map((one) => ({ ...one })),
    odd,
  );
  const empty = unpackFacts(packFacts({ facts: [], matched: [] }), { sensor: "", from: "" });
  deepEqual(empty.ok && empty.value, { facts: [], matched: [] });
  for (const wrong of [body.slice(0, 40), new Uint8Array([0, 17]), new Uint8Array()])
    equal(unpackFacts(wrong, { sensor: "", from: "" }).ok, false);
});
