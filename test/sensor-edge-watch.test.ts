// Takes seconds: hours of a department, again and again
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { instant, minute } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import { Edge } from "#jobs/edge/edge.ts";
import type { EdgeWorld } from "#jobs/edge/edge-world.ts";
import type { ParcelContent } from "#jobs/sensors/parcel.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import { openShelf } from "#segments/shelf.ts";
import { emptyFolder, fingerprint, secret, t0 } from "./sensor-edge-world.ts";

interface Bench {
  readonly world: EdgeWorld;
  readonly log: SegmentLog;
  readonly tick: (ms: number) => void;
}
const clockAt = { now: t0 as number };

const worldIn = (folder: string): Bench => {
  const log = new SegmentLog(join(folder, "log"), fingerprint(), instant(clockAt.now));
  const world: EdgeWorld = {
    ...{ sensor: "htd-edge-1", identity: { secret, epoch: "00112233" }, log, shelf: openShelf(folder) },
    past: new SegmentPast(log, fingerprint()),
    limits: { historyBytes: 1e9, historyDays: 30, waitingBytes: 1e9, sentDays: 30 },
    ...{ networks: ["192.0.2.0/24"], program: "0.0.0", now: () => instant(clockAt.now), memory: () => 0 },
    trouble: (problem) => assert.fail(problem.message),
  };
  return { world, log, tick: (ms) => (clockAt.now += ms) };
};

const line = (at: number, host: number, to: number): string =>
  `${JSON.stringify({
    ...{ timestamp: new Date(at).toISOString().replace("Z", "+0000"), event_type: "flow", proto: "TCP" },
    ...{ src_ip: `192.0.2.${host}`, src_port: 40_000 + to, dest_ip: `203.0.113.${to}`, dest_port: 445 },
    flow: { bytes_toserver: 60, bytes_toclient: 0, start: new Date(at).toISOString().replace("Z", "+0000") },
  })}\n`;

/** Ten minutes of one host that tries its neighbours, and others that do not; one batch every ten seconds. */
const batches: readonly string[] = Array.from({ length: 60 }, (_, n) =>
  Array.from({ length: 20 }, (_one, m) => {
    const at = t0 + n * 10_000 + m * 400 - (m % 5 === 0 ? 45_000 : 0);
    return line(at, n % 3 === 0 ? 14 : 20 + m, (n * 20 + m) % 250);
  }).join(""),
);
const behavioursOf = (log: SegmentLog): readonly string[] =>
  [...log.entries(undefined)]
    .flatMap(({ entry }) => ("out" in entry ? entry.out : []))
    .flatMap((said: ParcelContent) =>
      "behaviour" in said
        ? [
            JSON.stringify([
              said.behaviour.behaviour,
              said.behaviour.time,
              said.behaviour.entities,
              said.behaviour.evidence.map(({ text }) => text),
            ]),
          ]
        : [],
    );

const played = async (restarts: ReadonlySet<number>, killed: boolean): Promise<readonly string[]> => {
  clockAt.now = t0;
  const folder = emptyFolder();
  let bench = worldIn(folder);
  let edge = await Edge.open(bench.world);
  for (const [n, body] of batches.entries()) {
    clockAt.now = t0 + n * 10_000 + 9_000;
    edge.take({ body: Buffer.from(body), format: "suricata-eve", received: instant(clockAt.now) });
    if (!restarts.has(n)) continue;
    if (killed) bench.log.close();
    else edge.close();
    bench = worldIn(folder);
    edge = await Edge.open(bench.world);
  }
  clockAt.now += 30 * minute;
  edge.turn(false);
  const told = behavioursOf(bench.log);
  bench.log.close();
  return told;
};

test("what is noticed over time is the same, each once, whenever the sensor is restarted or killed", async () => {
  const expected = await played(new Set(), false);
  assert.ok(expected.length > 0, "nothing was noticed");
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(59), { maxLength: 4 }), fc.boolean(), async (restarts, killed) => {
      assert.deepEqual(await played(new Set(restarts), killed), expected);
    }),
    { numRuns: 5 },
  );
});

test("a full disk takes nothing and loses nothing: the same batch is taken when there is room", async () => {
  clockAt.now = t0;
  const bench = worldIn(emptyFolder());
  let full = false;
  const append: SegmentLog["append"] = (entry, rows, facts) => {
    if (full) throw new WaglanError("WGL_SENSOR_DISK", { path: "log", code: "ENOSPC" });
    return bench.log.append(entry, rows, facts);
  };
  const log = new Proxy(bench.log, {
    get: (target, name) => {
      if (name === "append") return append;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
  const edge = await Edge.open({ ...bench.world, log });
  const batch = { body: Buffer.from(batches[0] ?? ""), format: "suricata-eve", received: t0 };
  full = true;
  assert.throws(() => edge.take(batch), { code: "WGL_SENSOR_DISK" });
  assert.equal(edge.state.counts.lines, 0);
  full = false;
  edge.take(batch);
  assert.equal(edge.state.counts.lines, 20);
  assert.equal([...bench.log.entries(undefined)].filter(({ entry }) => entry.kind === "batch").length, 1);
  bench.log.close();
});
