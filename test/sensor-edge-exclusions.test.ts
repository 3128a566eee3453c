// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Observable } from "#core/observable.ts";
import type { Warninglist } from "#feeds/warninglist.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { EdgeExclusions, HashedKeys } from "#jobs/edge/edge-exclusions.ts";
import { EdgeIndex } from "#jobs/edge/edge-index.ts";
import { EdgeKnowledge } from "#jobs/edge/learning.ts";
import { listsFor, writeLists } from "#jobs/sensors/exclusions.ts";
import { printKnowledgeLine } from "#jobs/sensors/wire.ts";
import { memberTerms } from "#community/agreement.ts";
import type { Recipient } from "#community/recipient.ts";
import { instant } from "#core/instant.ts";
import { Edge } from "#jobs/edge/edge.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import { openShelf } from "#segments/shelf.ts";
import { idOf, now, o } from "./incident-world.ts";
import { emptyFolder, fingerprint, secret, t0 } from "./sensor-edge-world.ts";

const list = (id: string, type: Warninglist["type"], values: readonly string[], kinds: readonly Observable["kind"][]) =>
  ({ ...{ id, type, values, version: 1, name: `why ${id}` }, kinds: new Set(kinds) }) satisfies Warninglist;
const host = ["domain", "endpoint", "url"] as const;
const address = ["ipv4", "ipv6", "cidr", "endpoint"] as const;
const lists: readonly Warninglist[] = [
  list("public-dns", "cidr", ["198.51.100.0/28", "2001:db8:53::/48"], address),
  list("vpn-ipv4", "cidr", ["198.51.100.128/25"], address),
  list("tranco", "hostname", ["popular.example", "hosted.example"], host),
  list("banks", "hostname", ["bank.example", ".pay.example"], host),
  list("odd", "regex", ["/^upd\\d+\\.vendor\\.example$/i", "/(?<=x)y/"], ["domain"]),
  list("part", "substring", ["-cdn-edge"], ["domain"]),
  list("sinkholes", "cidr", ["203.0.113.0/24"], address),
  list("value domain:shop.example", "string", ["shop.example"], ["domain"]),
];
const asked: readonly Observable[] = [
  ...["198.51.100.3", "198.51.100.200", "203.0.113.4", "10.1.2.3", "8.8.8.8", "192.0.2.7"].map(
    (value) => ({ kind: "ipv4", value }) as const,
  ),
  ...["198.51.100.128/26", "198.51.100.0/29"].map((value) => ({ kind: "cidr", value }) as const),
  ...["popular.example", "a.popular.example", "bank.example", "www.bank.example", "x.pay.example", "pay.example"].map(
    (value) => ({ kind: "domain", value }) as const,
  ),
  ...["upd7.vendor.example", "updx.vendor.example", "a-cdn-edge.b.example", "shop.example", "a.shop.example"].map(
    (value) => ({ kind: "domain", value }) as const,
  ),
  { kind: "url", value: "http://bank.example/" },
  { kind: "url", value: "http://bank.example/login" },
];

const member: Recipient = {
  ...{ kind: "organisation", party: o("harbour"), clientOf: [], groups: [] },
  agreement: memberTerms(o("harbour"), instant(0)),
};
const allow = ["192.0.2.0/24", "198.51.100.0/24"];

/** A sensor that is given lists over the wire, answer after answer. */
const learner = () => {
  const shelf = openShelf(emptyFolder());
  const open = () => {
    const exclusions = new EdgeExclusions(Buffer.from(secret, "hex"));
    return { exclusions, knowledge: new EdgeKnowledge(shelf, new EdgeIndex(Buffer.from(secret, "hex")), exclusions) };
  };
  let { exclusions, knowledge } = open();
  let has: Readonly<Record<string, string>> = {};
  let asks = 0;
  return {
    /** @returns lines that were sent of lists, and their text */
    learn: async (inForce: readonly Warninglist[], full = false, to: Recipient = member) => {
      const given = listsFor({ exclusionLists: () => ({ lists: inForce, allow }), idOf }, to, now);
      let text = "";
      const write = (more: string) => ((text += more), Promise.resolve());
      const whole = full || asks === 0;
      const lines = await writeLists({ write }, given, whole ? {} : has);
      has = given.digests;
      const cursor = String(++asks);
      const head = { ...({ version: 1, cursor, full: whole } as const), policy: { hash: secret } };
      const body = [
        printKnowledgeLine({ head: { ...head, sensor: { key: "k", format: "zeek", networks: [] } } }),
        text,
        printKnowledgeLine({ add: { kind: "ipv4", value: `198.51.100.${asks}` } }),
        printKnowledgeLine({ end: { cursor, lines: lines + 3 } }),
      ].join("");
      shelf.streams.put(knowledge.incoming, Buffer.from(body));
      const learned = await knowledge.learn(now, () => false);
      assert.ok(learned.ok, JSON.stringify(learned));
      assert.equal(learned.value.refusedCount, 0);
      return { lines, text };
    },
    restart: async () => {
      ({ exclusions, knowledge } = open());
      assert.equal(await knowledge.load(), undefined);
    },
    harmless: () => asked.map((one) => exclusions.harmless(one)),
  };
};

const atCentre = (inForce: readonly Warninglist[]): readonly boolean[] => {
  const here = buildExclusions(inForce, { allow });
  return asked.map((one) => here.excluded(one) !== undefined);
};

test("a sensor holds harmless what the centre does: given whole, by differences, and read again after a restart", async () => {
  const sensor = learner();
  assert.ok(
    sensor.harmless().every((one) => !one),
    "before anything was said",
  );
  await fc.assert(
    fc.asyncProperty(fc.subarray([...lists]), fc.boolean(), fc.boolean(), async (some, full, restart) => {
      await sensor.learn(some, full);
      if (restart) await sensor.restart();
      assert.deepEqual(sensor.harmless(), atCentre(some));
    }),
    { numRuns: 25 },
  );
  const marks = atCentre(lists);
  assert.ok(marks.includes(true) && marks.includes(false));
});

test("a list that did not change is not sent again; of whoever put one up, and why, nothing leaves", async () => {
  const sensor = learner();
  const first = await sensor.learn(lists);
  for (const word of ["why", "public-dns", "tranco", "value domain"]) assert.ok(!first.text.includes(word), word);
  assert.equal((await sensor.learn(lists)).lines, 0);
  const changed = lists.map((one) => (one.id === "banks" ? { ...one, values: ["other-bank.example"] } : one));
  assert.deepEqual((await sensor.learn(changed)).lines, 2);
  assert.deepEqual(sensor.harmless(), atCentre(changed));
  assert.deepEqual((await sensor.learn(changed.slice(1))).lines, 1);
  assert.deepEqual(sensor.harmless(), atCentre(changed.slice(1)));
});

test("an organisation whose terms do not reach so far is given no list, and one it had is taken back", async () => {
  const sensor = learner();
  await sensor.learn(lists);
  const { agreement, ...narrow } = member;
  const green = { ...narrow, ...(agreement === undefined ? {} : { agreement: { ...agreement, tlpMax: "green" } }) };
  const { text } = await sensor.learn(lists, false, green as Recipient);
  assert.ok(!text.includes('"list"') && text.includes('"unlist"'));
  assert.ok(sensor.harmless().every((one) => !one));
});

test("a table of fingerprints holds what a map holds", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 2000 }), fc.array(fc.string()), (put, other) => {
      const keys = new HashedKeys(fingerprint());
      for (const one of put) keys.set(one);
      const map = new Set(put);
      for (const one of [...put, ...other]) assert.equal(keys.has(one), map.has(one));
    }),
    { numRuns: 30 },
  );
});

/** Hours of one host that calls home, as a sensor tells what it noticed of them, with these lists known. */
const noticedWith = async (
  inForce: readonly Warninglist[],
): Promise<readonly { certainty: string; score: number }[]> => {
  const folder = emptyFolder();
  const clock = { now: t0 as number };
  const shelf = openShelf(folder);
  const log = new SegmentLog(join(folder, "log"), fingerprint(), t0);
  const edge = await Edge.open({
    ...{ sensor: "htd-edge-1", identity: { secret, epoch: "00112233" }, log, shelf, program: "0.0.0" },
    ...{ past: new SegmentPast(log, fingerprint()), networks: ["192.0.2.0/24"], memory: () => 0 },
    limits: { historyBytes: 1e9, historyDays: 30, waitingBytes: 1e9, sentDays: 30 },
    ...{ now: () => instant(clock.now), trouble: (wrong) => assert.fail(wrong.message) },
  });
  const given = listsFor({ exclusionLists: () => ({ lists: inForce, allow }), idOf }, member, now);
  let text = "";
  const write = (more: string) => ((text += more), Promise.resolve());
  const lines = await writeLists({ write }, given, {});
  const head = {
    ...({ version: 1, cursor: "1", full: true } as const),
    ...{ policy: { hash: secret }, sensor: { key: "k", format: "suricata-eve", networks: [] } },
  };
  const end = { cursor: "1", lines: lines + 2 };
  shelf.streams.put("incoming", Buffer.from(printKnowledgeLine({ head }) + text + printKnowledgeLine({ end })));
  assert.equal(await edge.learn(), undefined);
  for (let hour = 0; hour < 26; hour++) {
    const body = Array.from({ length: 60 }, (_, n) => {
      const at = new Date(t0 + (hour * 60 + n) * 60_000).toISOString().replace("Z", "+0000");
      return `${JSON.stringify({
        ...{ timestamp: at, event_type: "flow", proto: "TCP", src_ip: "192.0.2.14", src_port: 40_000 + n },
        ...{ dest_ip: "198.51.100.3", dest_port: 443, flow: { bytes_toserver: 420, bytes_toclient: 200, start: at } },
      })}\n`;
    }).join("");
    clock.now = t0 + (hour + 1) * 3_600_000;
    edge.take({ body: Buffer.from(body), format: "suricata-eve", received: instant(clock.now) });
    edge.turn();
  }
  clock.now += 7_200_000;
  edge.turn();
  const noticed = [...log.entries(undefined)].flatMap(({ entry }) => ("out" in entry ? entry.out : []));
  log.close();
  return noticed.flatMap((said) =>
    "behaviour" in said && said.behaviour.behaviour === "beacon"
      ? [{ certainty: said.behaviour.certainty, score: said.behaviour.score }]
      : [],
  );
};

test("what detectors over time notice of harmless ends is ranked down at the sensor as at the centre", async () => {
  const [without, withIt] = [await noticedWith([]), await noticedWith(lists)] as const;
  assert.ok(without.length > 0, "a beacon that nobody noticed");
  const best = (some: typeof without): number => Math.max(0, ...some.map(({ score }) => score));
  assert.ok(best(withIt) < best(without), JSON.stringify([without, withIt]));
});
