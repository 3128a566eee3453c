import { gzipSync } from "node:zlib";
import { hour, type Instant, instant, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { networks } from "#detect/networks.ts";
import { buildMatchIndex } from "#intel/match-index.ts";
import { FactsOfBatch } from "#jobs/batches/facts.ts";
import { packCheckpoint, unpackCheckpoint } from "#jobs/partitions/checkpoint.ts";
import { openFacts, packFacts } from "#jobs/batches/facts-pack.ts";
import { noPlans } from "#jobs/lists/live-plans.ts";
import { PartitionState, type SavedPartition } from "#jobs/partitions/state.ts";
import { matchBatch } from "#jobs/batches/read.ts";
import { formats } from "#telemetry/index.ts";
import { aMonth, benignDay } from "../test/benign-month.ts";
import { nowhere } from "../test/behaviour-world.ts";
import { eveLine, ofNetwork } from "../test/eve-lines.ts";
import { figure } from "./figure.ts";

// What detectors over time cost a server: gathering facts in the reading pass, running them, saving what they know.
// `npm run bench -- partitions`

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const timed = <T>(work: () => T): { readonly value: T; readonly seconds: number } => {
  const start = cpu();
  const value = work();
  return { value, seconds: cpu() - start };
};

// --- gathering -----------------------------------------------------------------------------------------------------
const month = { ...aMonth, people: 100 };
const days = [0, 1].map((day) => ofNetwork(benignDay(month, day)));
const lines = days.flat().map((fact, n) => eveLine(fact, n));
const body = Buffer.from(`${lines.join("\n")}\n`);
const format = formats.find(({ id }) => id === "suricata-eve");
if (!format) throw new Error("no EVE");
const own = networks();
const hash = (value: string): string => value;
const index = buildMatchIndex([], Buffer.alloc(32, 1));
const reading = { body, format, own, hash, received: instant(month.start + 48 * hour) };
const gather = (): FactsOfBatch => new FactsOfBatch(behaviours, own, format, hash);
// a warm start, then parsing alone (facts of no behaviour) beside facts of all
matchBatch(reading, index, undefined, gather());
const plain = timed(() => matchBatch(reading, index, undefined, new FactsOfBatch([], own, format, hash)));
const gathered = timed(() => matchBatch(reading, index, undefined, gather()));
const facts = gathered.value.facts;
if (!facts) throw new Error("no facts");
figure("partitions: a line read without facts", (plain.seconds * 1e6) / lines.length, "µs of CPU", "");
figure(
  "partitions: what facts add to a line",
  ((gathered.seconds - plain.seconds) * 1e6) / lines.length,
  "µs of CPU",
  "",
);
figure("partitions: share of lines that are facts", (facts.facts * 100) / lines.length, "%", "");
figure("partitions: bytes a fact, packed", facts.body.length / facts.facts, "bytes", "");
figure("partitions: bytes a line, gzip of the line itself", gzipSync(body).length / lines.length, "bytes", "");

// --- running -------------------------------------------------------------------------------------------------------
const world = { behaviours, around: nowhere, plans: noPlans, hidden: () => false };
const batchesOf = (some: readonly Fact[], every = 5 * minute) =>
  [...Map.groupBy(some, ({ at }) => Math.floor(at / every))].map(([slot, part], n) => ({
    ...{
      batch: n,
      sensor: "edge",
      received: instant((slot + 1) * every),
      newest: part.at(-1)?.at as Instant,
      said: { open: [], listed: [] },
    },
    body: packFacts({ facts: part, matched: [] }),
    facts: part.length,
  }));
const batches = batchesOf(
  [0, 1, 2, 3, 4]
    .flatMap((day) => benignDay(month, day))
    .map((fact, n) => ({ ...fact, id: `fact${String(n).padStart(12, "0")}` })),
);
const state = new PartitionState(world);
const ran = timed(() => {
  for (const { body: packed, ...batch } of batches) {
    const read = openFacts(packed, { sensor: "edge", from: String(batch.batch) });
    if (read.ok) state.takePacked({ ...batch, key: "edge", body: packed, opened: read.value });
  }
});
figure(
  "partitions: facts through all behaviours",
  batches.reduce((sum, one) => sum + one.facts, 0) / ran.seconds,
  "facts/CPU-s",
  "",
);

// --- 10,000 hosts --------------------------------------------------------------------------------------------------
const wide = new PartitionState(world);
const hosts = 10_000;
let n = 0;
for (let round = 0; round < 40; round++) {
  const some: Fact[] = [];
  for (let host = 0; host < hosts; host++)
    for (let place = 0; place < 3; place++) {
      const time = instant(month.start + round * 3 * minute + host * 13);
      some.push({
        ...{
          id: `wide${String(n++).padStart(12, "0")}`,
          at: time,
          time,
          sensor: "edge",
          from: "1",
          line: host,
          event: "flow",
        },
        source: { address: `10.${host >> 8}.${host & 255}.10`, port: 50_000 },
        destination: { address: `198.51.${(host * 7 + place * 31) & 255}.${(host + place) & 255}`, port: 443 },
        measures: { bytesOut: 20_000 + ((host * 31 + round * 7919) % 50_000), bytesIn: 900 },
      });
    }
  const newest = some.at(-1)?.at as Instant;
  wide.take({
    batch: round,
    sensor: "edge",
    received: newest,
    newest,
    facts: some,
    matched: [],
    said: { open: [], listed: [] },
  });
}
const saved = timed(() => packCheckpoint(wide.save()));
const began = performance.now();
packCheckpoint(wide.save());
figure("partitions: checkpoint of 10,000 hosts", saved.value.length / 1e6, "MB", "");
figure("partitions: to write it", performance.now() - began, "ms", "");
const restored = timed(() => new PartitionState(world).restore(unpackCheckpoint(saved.value) as SavedPartition));
figure("partitions: to read it", restored.seconds * 1000, "ms of CPU", "");
